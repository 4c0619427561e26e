// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsalert-poll: look up the mount that a path names. This may wait for a server,
 * so it runs in jobs. The mount is held open only while that takes.
 */
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../remote.h"
#include "internal.h"

/* How long a request waits for a mark; for each further one half as long. */
#define PATIENCE_NS	NS_PER_S
#define PATIENCE_MIN_NS	(20 * NS_PER_MS)

/* Since Linux 6.9, which headers may be older than. */
struct uuid_answer {
	u8 len;
	u8 uuid[16];
};

#define GET_UUID	_IOR(0x15, 0, struct uuid_answer)

static const char *path_why(int err)
{
	switch (err) {
	case ENOENT:
		return "no such path";
	case ENOTDIR:
		return "part of the path is not a directory";
	case EACCES:
		return "path can not be searched";
	case ELOOP:
		return "too many symbolic links";
	case ENAMETOOLONG:
		return "path too long";
	default:
		return "path can not be looked up";
	}
}

static u64 unique_id(int fd)
{
	struct statx sx;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		  STATX_MNT_ID_UNIQUE, &sx) ||
	    !(sx.stx_mask & STATX_MNT_ID_UNIQUE))
		return 0;
	return sx.stx_mnt_id;
}

/**
 * place_look_up - find the mount that a path is the root of
 * @place: set to what mount it is
 * @path: the path
 * @why: set to a few words for people when it fails
 *
 * An automount point is not triggered.
 *
 * Return: a file descriptor with O_PATH, or a negative errno.
 */
int place_look_up(struct place *place, const char *path, const char **why)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	struct statx sx;
	int err = 0;

	place->wd = -1;
	if (fd < 0) {
		err = -errno;
		*why = path_why(-err);
		return err;
	}
	memset(&sx, 0, sizeof(sx));
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID,
		  &sx)) {
		err = -errno;
		*why = path_why(-err);
	} else if (!(sx.stx_attributes & STATX_ATTR_MOUNT_ROOT)) {
		err = -EINVAL;
		*why = "not a mount point";
	}
	place->mount_id = sx.stx_mnt_id;
	place->major = sx.stx_dev_major;
	place->unique_id = unique_id(fd);
	if (err)
		close(fd);
	return err ? err : fd;
}

static void get_uuid(struct place *place, const char *name)
{
	struct uuid_answer answer = { .len = 0 };
	int fd = open(name, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return;
	if (!ioctl(fd, GET_UUID, &answer) && answer.len == 16) {
		memcpy(place->uuid, answer.uuid, 16);
		place->has_uuid = true;
	}
	close(fd);
}

static void mark(struct place *place, int fd, bool errors)
{
	char name[32];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	get_uuid(place, name);
	/* IN_UNMOUNT alone is refused; this event is rare. */
	if (inotify_fd >= 0)
		place->wd = inotify_add_watch(inotify_fd, name,
					      IN_DELETE_SELF);
	if (errors && fanotify_fd >= 0)
		place->marked = !fanotify_mark(fanotify_fd, FAN_MARK_ADD |
					       FAN_MARK_FILESYSTEM,
					       FAN_FS_ERROR, AT_FDCWD, name);
}

/* --- where a server may have to open the root directory ------------------- */

enum { ASKED, ANSWERED, LATE };

/**
 * struct mark_job - a mark in a thread of its own
 * @job: in a thread
 * @users: the request, and the job; the last one frees this
 * @state: ANSWERED: @place is the request's; LATE: the request went on without it
 * @answered: ANSWERED was set
 * @fd: the mount
 * @errors: let the kernel report errors as well
 * @place: what was found
 */
struct mark_job {
	struct job job;
	atomic_uint users;
	atomic_int state;
	sem_t answered;
	int fd;
	bool errors;
	struct place place;
};

static void mark_put(struct mark_job *m)
{
	if (atomic_fetch_sub(&m->users, 1) > 1)
		return;
	sem_destroy(&m->answered);
	free(m);
}

static void mark_work(struct job *job)
{
	struct mark_job *m = (struct mark_job *)job;
	int asked = ASKED;

	mark(&m->place, m->fd, m->errors);
	close(m->fd);
	if (atomic_compare_exchange_strong(&m->state, &asked, ANSWERED))
		sem_post(&m->answered);
}

static void mark_done(struct job *job)
{
	struct mark_job *m = (struct mark_job *)job;

	if (m->state == LATE)
		watch_drop_wd(m->place.wd);
	mark_put(m);
}

/* Return: NULL: there is no memory, or too many servers don't answer. */
static struct mark_job *mark_start(const struct place *place, int fd,
				   bool errors)
{
	struct mark_job *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->job.optional = true;
	m->job.work = mark_work;
	m->job.done = mark_done;
	m->users = 2;
	sem_init(&m->answered, 0, 0);
	m->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	m->errors = errors;
	m->place = *place;
	if (m->fd >= 0 && !job_start(&m->job))
		return m;
	if (m->fd >= 0)
		close(m->fd);
	m->users = 1;
	mark_put(m);
	return NULL;
}

/* Return: it is answered within that time; otherwise it is late from now on. */
static bool mark_wait(struct mark_job *m, u64 wait_ns)
{
	u64 end_ns = now_ns() + wait_ns;
	const struct timespec end = {
		.tv_sec = end_ns / NS_PER_S,
		.tv_nsec = end_ns % NS_PER_S,
	};
	int asked = ASKED;

	while (sem_clockwait(&m->answered, CLOCK_MONOTONIC, &end)) {
		if (errno != EINTR)
			return !atomic_compare_exchange_strong(&m->state,
							       &asked, LATE);
	}
	return true;
}

static void mark_apart(struct place *place, int fd, bool errors)
{
	/* There is one transaction at a time. */
	static u64 patience_ns = PATIENCE_NS;
	struct mark_job *m = mark_start(place, fd, errors);

	if (!m)
		return;
	if (mark_wait(m, patience_ns)) {
		*place = m->place;
		patience_ns = PATIENCE_NS;
	} else if (patience_ns > PATIENCE_MIN_NS) {
		patience_ns /= 2;
	}
	mark_put(m);
}

/**
 * place_mark - let the kernel report what it can by itself
 * @place: the descriptor for inotify and the UUID are put here
 * @fd: the mount
 * @errors: let it report errors as well
 *
 * Marks keep neither the mount nor the file system busy. The mark of fanotify
 * stays until the file system or the program ends. After a failure the events of
 * this kind are missing, but for errors of ext4: @place->marked is not set then.
 * Marks may be used up, and of btrfs only the top can be marked.
 *
 * A server that has just given its figures may not answer about its root directory.
 * Its file system is watched without marks and UUID then.
 */
void place_mark(struct place *place, int fd, bool errors)
{
	if (remotes_waits(&place->st, place->major))
		mark_apart(place, fd, errors);
	else
		mark(place, fd, errors);
}
