// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsalert-poll: the mount table.
 *
 * poll(2) reports a change of the table, and then all of it is read again. Until
 * that is done no path can be trusted, so no file system is asked and no answer
 * is taken in. On a machine that mounts all the time, reading the table takes a
 * tenth of the time at most.
 *
 * poll(2) does not report changes of a file system's own flags: see health.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <libmount/libmount.h>

#include "../remote.h"
#include "internal.h"

#define MOUNTINFO	"/proc/self/mountinfo"
/* How long not to read again: a multiple of the time it took, and a limit. */
#define PAUSE_FACTOR	9
#define PAUSE_MAX_NS	(500 * NS_PER_MS)
/* The same when it could not be read. */
#define PAUSE_FAILED_NS	(100 * NS_PER_MS)
/* How long to wait for inotify after a mount disappeared from the table. */
#define GONE_WAIT_NS	NS_PER_S

int mounts_fd = -1;

static struct libmnt_table *table;
static struct mount *mounts;
static size_t nr_mounts;
static bool stale = true;
static bool failed;
static u64 not_before_ns;

static int compare_ids(const void *a, const void *b)
{
	const struct mount *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* The mount with an ID, or NULL. */
const struct mount *mount_find(int id)
{
	const struct mount key = { .id = id };

	return mounts ? bsearch(&key, mounts, nr_mounts, sizeof(*mounts),
				compare_ids) : NULL;
}

/* Is a mount of this device in the table? */
bool mounts_have(dev_t dev)
{
	size_t i;

	for (i = 0; i < nr_mounts; i++) {
		if (mounts[i].dev == dev)
			return true;
	}
	return false;
}

static void take_line(struct mount *m, struct libmnt_fs *fs)
{
	const char *fstype = mnt_fs_get_fstype(fs);
	const char *source = mnt_fs_get_source(fs);
	const char *target = mnt_fs_get_target(fs);
	const char *options = mnt_fs_get_vfs_options(fs);

	m->id = mnt_fs_get_id(fs);
	m->parent = mnt_fs_get_parent_id(fs);
	m->dev = mnt_fs_get_devno(fs);
	m->target = target ? target : "";
	m->fstype = fstype ? fstype : "";
	m->source = source ? source : "none";
	m->read_only = options &&
		       !mnt_optstr_get_option(options, "ro", NULL, NULL);
}

/* A server that answers at once must not be asked at each change. */
static u64 ask_soonest(const struct watch *w)
{
	return w->remote ? FSE_INTERVAL_REMOTE_MIN_NS : 0;
}

/*
 * An administrator makes a file system read-only through one of its mounts, which
 * turns read-only as well. Watches of its other mounts learn of that here.
 */
static void note_remounts(const struct mount *m, size_t nr)
{
	const struct mount *before;
	struct watch *w;
	size_t i;

	for (i = 0; i < nr; i++) {
		before = m[i].read_only ? mount_find(m[i].id) : NULL;
		if (!before || before->read_only || before->dev != m[i].dev)
			continue;
		for (w = watches; w; w = w->next) {
			if (w->dev != m[i].dev || !health_wanted(w))
				continue;
			w->health.remounted_ns = now_ns();
			/* Perhaps only the mount did: then a failure is one. */
			ask_soon(w, ask_soonest(w));
		}
	}
}

/* Replaces the table. Return: 0 or -ENOMEM. */
static int take_table(struct libmnt_table *t)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct mount *m = calloc(mnt_table_get_nents(t) + 1, sizeof(*m));
	struct remotes remotes = { .nr = 0 };
	struct libmnt_fs *fs;
	size_t nr = 0;

	if (!iter || !m || remotes_read(&remotes, t)) {
		mnt_free_iter(iter);
		free(m);
		return -ENOMEM;
	}
	while (!mnt_table_next_fs(t, iter, &fs)) {
		take_line(&m[nr], fs);
		m[nr].remote = remotes_have(&remotes, m[nr].id);
		nr++;
	}
	mnt_free_iter(iter);
	remotes_free(&remotes);
	qsort(m, nr, sizeof(*m), compare_ids);
	note_remounts(m, nr);
	free(mounts);
	mounts = m;
	nr_mounts = nr;
	mnt_unref_table(table);
	table = t;
	return 0;
}

/**
 * mounts_read - read the table
 * @file: in the form of /proc/PID/mountinfo
 *
 * Return: 0, or a negative errno: the table stays as it was.
 */
int mounts_read(FILE *file)
{
	struct libmnt_table *t = mnt_new_table();
	int err = t ? mnt_table_parse_stream(t, file, MOUNTINFO) : -ENOMEM;

	err = err ? err : take_table(t);
	if (err)
		mnt_unref_table(t);
	return err;
}

/* Return: 0 or a negative errno. */
int mounts_init(void)
{
	mounts_fd = open(MOUNTINFO, O_RDONLY | O_CLOEXEC);
	if (mounts_fd < 0)
		return -errno;
	mounts_refresh(now_ns());
	return mounts ? 0 : -ENOMEM;
}

/* Has the table changed since this was asked last? Then it is stale. */
bool mounts_changed(void)
{
	struct pollfd p = { .fd = mounts_fd, .events = POLLPRI };

	if (poll(&p, 1, 0) > 0 && p.revents & (POLLPRI | POLLERR))
		stale = true;
	return stale;
}

bool mounts_fresh(void)
{
	return !stale;
}

/* It could not be read, so it may stay stale for long. */
bool mounts_failed(void)
{
	return stale && failed;
}

/* A path led to another mount than the table says. */
void mounts_distrust(void)
{
	stale = true;
}

/* When to call mounts_refresh() next. */
u64 mounts_due(void)
{
	const struct watch *w;
	u64 due = NEVER;

	if (stale)
		return not_before_ns;
	for (w = watches; w; w = w->next) {
		if (w->gone_ns && w->gone_ns + GONE_WAIT_NS < due)
			due = w->gone_ns + GONE_WAIT_NS;
	}
	return due;
}

/*
 * The mount of a watch is no longer in the table. inotify reports whether the
 * file system was shut down as well, which takes as long as writing back its
 * data. Without such a report only the end of the mount is certain.
 */
static void watch_gone(struct watch *w, u64 now)
{
	if (!w->gone_ns)
		w->gone_ns = now;
	if (w->wd < 0 || now >= w->gone_ns + GONE_WAIT_NS ||
	    mounts_have(w->dev))
		watch_end(w, EXDEV);
}

/* Compare a watch with the line of its mount. */
static void watch_compare(struct watch *w, const struct mount *m, u64 now)
{
	char *target;

	w->read_only = m->read_only;
	w->remote = m->remote;
	if (w->blind)
		ask_soon(w, ask_soonest(w));
	if (!strcmp(w->mount, m->target))
		return;
	target = strdup(m->target);
	if (!target)
		return;
	free(w->mount);
	w->mount = target;
	w->moved_ns = now;
	ask_soon(w, 0);
}

/* Reads the table if it is stale and may be read again. Return: it was read. */
static bool read_anew(u64 now)
{
	u64 pause;
	FILE *file;

	if (!stale || now < not_before_ns)
		return false;
	/* A change from here on is reported again. */
	stale = false;
	file = fopen(MOUNTINFO, "re");
	failed = !file || mounts_read(file);
	stale = failed;
	if (file)
		fclose(file);
	pause = (now_ns() - now) * PAUSE_FACTOR;
	if (pause > PAUSE_MAX_NS)
		pause = PAUSE_MAX_NS;
	if (failed && pause < PAUSE_FAILED_NS)
		pause = PAUSE_FAILED_NS;
	not_before_ns = now + pause;
	return !failed;
}

/**
 * mounts_refresh - read the table if it is stale, and look what became of mounts
 * @now: monotonic time
 */
void mounts_refresh(u64 now)
{
	struct watch *w, *next;
	const struct mount *m;
	bool anew = read_anew(now);

	for (w = watches; w && !stale; w = next) {
		next = w->next;
		m = mount_find(w->mount_id);
		if (!m || m->dev != w->dev || w->gone_ns)
			watch_gone(w, now);
		else if (anew)
			watch_compare(w, m, now);
	}
}
