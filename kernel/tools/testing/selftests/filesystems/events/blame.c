// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is told as the cause: a child does something to a file system, and what
 * was told of it has to be exactly that.
 *
 * How often something was told is read from stats: a hook has counted before
 * the system call returns, so there is no waiting for what must not come.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "blame.h"
#include "control.h"
#include "process.h"

#define BRIM		"brim"

static char report[200];

struct deed {
	pid_t pid;
	int error;
	__u64 times;
};

static struct deed watch_do(int (*fn)(void *arg), void *arg)
{
	__u64 before = fse_stat("notified");
	struct deed d;

	d.pid = fse_start(fn, arg);
	d.error = fse_wait(d.pid);
	d.times = fse_stat("notified") - before;
	return d;
}

/* What was told, apart from what is expected of it. */
static const char *describe(struct fse_watched *w, const struct deed *d)
{
	int len;

	len = snprintf(report, sizeof(report), "ended with %d, told %llu times",
		       d->error, d->times);
	while (d->times && fse_rest() &&
	       fse_next_of(&w->l, w->fs.mount, &w->ev, 0) > 0)
		len += snprintf(report + len, sizeof(report) - len,
				": event %u errno %u pid %u (child %d) count %u",
				w->ev.id, w->ev.error, w->ev.pid, d->pid,
				w->ev.count);
	return report;
}

static const char *told_once(struct fse_watched *w, unsigned int event,
			     bool blamed, int (*fn)(void *arg), void *arg)
{
	struct deed d = watch_do(fn, arg);

	if (d.error != ENOSPC || d.times != 1)
		return describe(w, &d);
	if (fse_event(w) == (int)event && w->ev.error == ENOSPC &&
	    w->ev.count == 1 && w->ev.pid == (blamed ? (__u32)d.pid : 0))
		return "";
	snprintf(report, sizeof(report),
		 "event %u errno %u pid %u (child %d) count %u", w->ev.id,
		 w->ev.error, w->ev.pid, d.pid, w->ev.count);
	return report;
}

const char *fse_blamed(struct fse_watched *w, unsigned int event,
		       int (*fn)(void *arg), void *arg)
{
	return told_once(w, event, true, fn, arg);
}

const char *fse_unexplained(struct fse_watched *w, unsigned int event,
			    int (*fn)(void *arg), void *arg)
{
	return told_once(w, event, false, fn, arg);
}

const char *fse_unblamed(struct fse_watched *w, int error,
			 int (*fn)(void *arg), void *arg)
{
	struct deed d = watch_do(fn, arg);

	return d.error == error && !d.times ? "" : describe(w, &d);
}

/* Appends to it until that fails, @size bytes at a time. */
static int pour(int fd, size_t size)
{
	static char buf[1 << 16];
	ssize_t n;

	do {
		n = write(fd, buf, size);
	} while (n > 0);
	return errno == ENOSPC ? 0 : -errno;
}

int fse_brim(const struct fse_fs *fs)
{
	__u64 avail = fse_avail(fs) * fse_frsize(fs);
	char path[160];
	int fd, err, i;

	snprintf(path, sizeof(path), "%s/" BRIM, fs->mount);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	/* Most of it need not be written. */
	if (avail > 2 << 20 && !fallocate(fd, 0, 0, avail - (2 << 20)))
		lseek(fd, 0, SEEK_END);
	/* Some find a little more once they have written what there is. */
	for (i = 0, err = 0; i < 3 && !err; i++) {
		err = pour(fd, 1 << 16) ?: pour(fd, 1 << 12) ?: pour(fd, 1);
		if (!err && syncfs(fd))
			err = -errno;
	}
	close(fd);
	return err;
}

int fse_room(const struct fse_fs *fs, __u64 blocks)
{
	int fd, err = fse_shrink(fs, BRIM, blocks);

	if (err)
		return err;
	/* What was freed can be had after a commit. */
	fd = open(fs->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || syncfs(fd))
		err = -errno;
	close(fd);
	return err;
}
