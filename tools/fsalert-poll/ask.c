// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsalert-poll: levels, and what else asking a file system shows.
 *
 * interval.c decides when each watched mount is asked. Since the program holds
 * no mount open, the path may lead to another mount by then. So an answer counts
 * only if the mount ID is right. Another mount may get the same ID, except for the
 * unique IDs of Linux 6.8; so before that the file system has to be the same as
 * well, or the mount table unchanged. Other users who mount all the time must not
 * keep levels from being seen.
 *
 * An error, or an answer of no blocks at all, changes no state and leads to no
 * event.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

#define XFS_MIN_NS	(100 * NS_PER_MS)
/* The shortest interval without privilege, as in the kernel. */
#define SLOW_NS		(500 * NS_PER_MS)
/* When to try again after too many jobs. */
#define RETRY_NS	NS_PER_S
/* The same after an answer that may be that of another mount. */
#define UNCERTAIN_NS	(100 * NS_PER_MS)

/**
 * struct ask - a question that may wait
 * @job: in a thread
 * @id: the watch that asks
 * @mount_id: its mount
 * @unique_id: the same
 * @health: of its file system
 * @errors: is to be asked for
 * @figures: the answer
 * @path: of its mount
 */
struct ask {
	struct job job;
	u32 id;
	int mount_id;
	u64 unique_id;
	struct health health;
	bool errors;
	struct figures figures;
	char path[];
};

/* The figures of what is open, and whether that is the mount. */
static void ask_open(int fd, int mount_id, u64 unique_id,
		     const struct health *h, struct figures *f)
{
	unsigned int mask = unique_id ? STATX_MNT_ID_UNIQUE : STATX_MNT_ID;
	u64 id = unique_id ? unique_id : (u64)mount_id;
	struct statx sx;

	if (!statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, mask, &sx))
		f->elsewhere = sx.stx_mnt_id != id;
	else
		f->shut = h->is_xfs && errno == EIO;
	/* It may be a server's. */
	if (f->elsewhere)
		return;
	if (fstatfs(fd, &f->st))
		f->err = -errno;
}

static void ask_begin(struct figures *f)
{
	memset(f, 0, sizeof(*f));
	f->begun_ns = now_ns();
	/* On a busy machine the thread may have to wait for a CPU. */
	f->cost_ns = cpu_ns();
}

/* @fd: the mount, or -1 and errno says why */
static void ask(int fd, int mount_id, u64 unique_id, const struct health *h,
		bool errors, struct figures *f)
{
	if (fd >= 0) {
		ask_open(fd, mount_id, unique_id, h, f);
		close(fd);
	} else {
		f->err = -errno;
	}
	health_ask(h, errors, f);
	f->took_ns = now_ns() - f->begun_ns;
	f->cost_ns = cpu_ns() - f->cost_ns;
}

/* Ask soon, or when it is due anyway. */
void ask_soon(struct watch *w, u64 delay_ns)
{
	u64 due_ns = now_ns() + delay_ns;

	if (due_ns < w->due_ns)
		w->due_ns = due_ns;
}

/* --- the answer ----------------------------------------------------------- */

struct gauges {
	struct fse_gauge space;
	struct fse_gauge inodes;
	/* by which it is full */
	struct fse_gauge data;
	struct fse_gauge meta;
};

/*
 * btrfs says that nothing is available while it can't get more space for
 * metadata, however much there is for data.
 */
static void gauges_btrfs(struct watch *w, const struct statfs *st,
			 struct gauges *g)
{
	g->meta.total = st->f_blocks;
	g->meta.avail = st->f_bavail ? st->f_blocks : 0;
	if (st->f_bavail)
		w->not_data = st->f_bfree > st->f_bavail ?
			      st->f_bfree - st->f_bavail : 0;
	else if (w->not_data)
		g->data.avail = st->f_bfree > w->not_data ?
				st->f_bfree - w->not_data : 0;
}

static void gauges_take(struct watch *w, const struct statfs *st,
			struct gauges *g)
{
	g->space.avail = st->f_bavail;
	g->space.total = st->f_blocks;
	g->space.frsize = st->f_frsize ? st->f_frsize : st->f_bsize;
	g->inodes.avail = st->f_ffree;
	g->inodes.total = st->f_files;
	g->inodes.frsize = 0;
	g->data = g->space;
	g->meta = g->inodes;
	if (!strcmp(w->fstype, "btrfs"))
		gauges_btrfs(w, st, g);
}

/* No space left: is it so now, or over? */
static void run_full(struct watch *w, unsigned int id,
		     const struct fse_gauge *g, u64 begun_ns)
{
	bool reported = w->reported & BIT(id), full = reported;

	/* While the event is off, enabling it later must report it. */
	if (!(w->events & BIT(id)))
		return;
	if (fse_full_step(&full, g))
		watch_fails(w, id, ENOSPC);
	else if (reported && !full && w->reported_ns[error_slot(id)] < begun_ns)
		watch_clear(w, BIT(id));
}

/* Does the watch have anything that asking could find? */
static bool asking_shows(const struct watch *w)
{
	return w->types & (FSE_TYPE_T | FSE_TYPE_I) ||
	       (w->events | w->reported) & (FULL_EVENTS | LASTING) ||
	       (w->events & ERRORS && !w->marked && w->health.is_ext4);
}

static u64 in_bytes(u64 blocks, u32 frsize)
{
	if (frsize && blocks > U64_MAX / frsize)
		return U64_MAX;
	return blocks * frsize;
}

static u64 nearest(const struct fse_distance *d)
{
	return d->down < d->up ? d->down : d->up;
}

/* How far the nearest switches are. */
static void distances(const struct watch *w, const struct gauges *g,
		      bool may_fill, struct fse_interval_point *p)
{
	struct fse_distance space = FSE_DISTANCE_NONE;
	struct fse_distance inodes = FSE_DISTANCE_NONE;
	u32 full = w->reported | (may_fill ? w->events : 0);

	if (w->set[SPACE])
		fse_levels_distance(w->set[SPACE]->level, w->set[SPACE]->nr,
				    &g->space, &space);
	if (w->set[INODES])
		fse_levels_distance(w->set[INODES]->level, w->set[INODES]->nr,
				    &g->inodes, &inodes);
	if (full & BIT(FS_WARN_ENOSPC))
		fse_full_distance(w->reported & BIT(FS_WARN_ENOSPC), &g->space,
				  &space);
	if (full & BIT(FS_WARN_ENOSPC_META))
		fse_full_distance(w->reported & BIT(FS_WARN_ENOSPC_META),
				  &g->inodes, &inodes);
	p->space_dist = in_bytes(nearest(&space), g->space.frsize);
	p->inode_dist = nearest(&inodes);
}

static void schedule(struct watch *w, const struct figures *f,
		     const struct gauges *g, bool may_fill, u64 now)
{
	const struct fse_interval_rules rules = {
		.remote = w->remote,
		.min_ns = !privileged ? SLOW_NS :
			  w->health.is_xfs ? XFS_MIN_NS : 0,
		.nr_file_systems = nr_watches,
		.per_second = privileged ? FSE_INTERVAL_ADMIN_PER_S :
					   FSE_INTERVAL_USER_PER_S,
	};
	struct fse_interval_point p = {
		.time_ns = now,
		.cost_ns = w->remote ? 0 : f->cost_ns,
		.wait_ns = w->remote ? f->took_ns : 0,
		.written = f->written,
		.avail = in_bytes(g->space.avail, g->space.frsize),
		.inodes = g->inodes.avail,
	};
	u64 delay_ns;

	distances(w, g, may_fill, &p);
	delay_ns = fse_interval_step(&w->interval, &rules, &p);
	w->due_ns = asking_shows(w) ? now + health_delay(w, delay_ns, now) :
				      NEVER;
}

/**
 * ask_take - take in what a file system said
 * @w: the watch that asked
 * @f: the answer
 * @now: monotonic time
 */
void ask_take(struct watch *w, const struct figures *f, u64 now)
{
	bool may_fill = !(f->st.f_flags & ST_RDONLY);
	bool blind = f->elsewhere || f->err;
	struct gauges g;

	if (blind && !w->blind)
		mounts_distrust();
	w->blind = blind;
	if (blind || (!f->st.f_blocks && !f->st.f_files)) {
		w->due_ns = now + (w->remote ? FSE_INTERVAL_REMOTE_REST_NS :
					       FSE_INTERVAL_REST_MIN_NS);
		return;
	}
	gauges_take(w, &f->st, &g);
	/*
	 * An old table does not show that an administrator made it read-only. So
	 * failures are not seen while the table changes all the time.
	 */
	if (!f->old_table)
		health_take(w, f, now);
	watch_run(w, SPACE, &g.space);
	watch_run(w, INODES, &g.inodes);
	if (may_fill) {
		run_full(w, FS_WARN_ENOSPC, &g.data, f->begun_ns);
		run_full(w, FS_WARN_ENOSPC_META, &g.meta, f->begun_ns);
	}
	schedule(w, f, &g, may_fill, now);
}

/* --- the question --------------------------------------------------------- */

static void ask_work(struct job *job)
{
	struct ask *a = (struct ask *)job;

	ask_begin(&a->figures);
	ask(open(a->path, O_PATH | O_NOFOLLOW | O_CLOEXEC), a->mount_id,
	    a->unique_id, &a->health, a->errors, &a->figures);
}

static u64 fsid_of(const struct statfs *st)
{
	return (u32)st->f_fsid.__val[0] | (u64)(u32)st->f_fsid.__val[1] << 32;
}

/* Is an answer that of the mount? */
static bool is_certain(const struct watch *w, const struct figures *f)
{
	return !f->old_table || w->unique_id ||
	       (w->fsid && w->fsid == fsid_of(&f->st));
}

/* May a watch be asked now? Without IDs an answer needs the table. */
bool ask_may(const struct watch *w)
{
	return !w->asking && !w->gone_ns &&
	       (mounts_fresh() || w->unique_id || w->fsid);
}

static void ask_done(struct job *job)
{
	struct ask *a = (struct ask *)job;
	struct watch *w = watch_by_id(a->id);

	if (w) {
		w->asking = false;
		a->figures.old_table = mounts_changed();
		if (w->moved_ns > a->figures.begun_ns)
			w->due_ns = 0;
		else if (!is_certain(w, &a->figures))
			w->due_ns = now_ns() + FSE_INTERVAL_REMOTE_MIN_NS;
		else if (!w->gone_ns)
			ask_take(w, &a->figures, now_ns());
	}
	free(a);
}

/* Asks in a thread, which may have to wait. */
static void ask_apart(struct watch *w, u64 now)
{
	size_t size = strlen(w->mount) + 1;
	struct ask *a = calloc(1, sizeof(*a) + size);

	w->due_ns = now + RETRY_NS;
	if (!a)
		return;
	a->job.work = ask_work;
	a->job.done = ask_done;
	a->id = w->id;
	a->mount_id = w->mount_id;
	a->unique_id = w->unique_id;
	a->health = w->health;
	a->errors = health_wanted(w);
	memcpy(a->path, w->mount, size);
	w->asking = !job_start(&a->job);
	if (!w->asking)
		free(a);
}

/*
 * Opens a path unless a file system has to be asked for a part of it: what is
 * mounted over the mount, or over a directory on the way, may have a server that
 * doesn't answer. Linux before 5.12 can't do that.
 */
static int open_cached(const char *path)
{
	const struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_CACHED,
	};

	return syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

/* Return: false: it has to be asked apart. */
static bool ask_here(struct watch *w, u64 now)
{
	struct figures f;
	int fd;

	ask_begin(&f);
	fd = open_cached(w->mount);
	if (fd < 0)
		return false;
	ask(fd, w->mount_id, w->unique_id, &w->health, health_wanted(w), &f);
	f.old_table = mounts_changed();
	if (!is_certain(w, &f))
		w->due_ns = now + UNCERTAIN_NS;
	else
		ask_take(w, &f, f.begun_ns + f.took_ns);
	return true;
}

/**
 * ask_due - ask for all watches that are due
 * @now: monotonic time
 */
void ask_due(u64 now)
{
	struct watch *w;

	for (w = watches; w; w = w->next) {
		if (w->due_ns > now || !ask_may(w))
			continue;
		if (w->remote || !ask_here(w, now))
			ask_apart(w, now);
	}
}
