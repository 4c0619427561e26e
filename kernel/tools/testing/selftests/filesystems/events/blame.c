// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cause of an error: a child does something to a file system, and the
 * events reported for it must be exactly the expected ones.
 *
 * An error reaches the watches shortly after the system call returns. Removing
 * a watch delivers all its pending events, so a test can prove that no event
 * came without waiting for one.
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
};

/*
 * Runs @fn in a child, then delivers the file system's pending events. The watch
 * that is there after this has sent nothing yet: no limit delays its first event.
 */
static struct deed watch_do(struct fse_watched *w, int (*fn)(void *arg),
			    void *arg)
{
	struct deed d;

	d.pid = fse_start(fn, arg);
	d.error = fse_wait(d.pid);
	if (fse_config("!%s", w->fs.mount) || fse_config("%s", w->request))
		d.error = -1;
	return d;
}

/* The next event that has been delivered: its id, or 0. */
static int event(struct fse_watched *w)
{
	return fse_next_of(&w->l, w->fs.mount, &w->ev, 0);
}

/* The child's exit code and its events: @got first, then all that follow. */
static const char *describe(struct fse_watched *w, const struct deed *d,
			    int got)
{
	int len;

	len = snprintf(report, sizeof(report), "ended with %d", d->error);
	for (; got > 0; got = event(w)) {
		if (len >= (int)sizeof(report))
			continue;
		len += snprintf(report + len, sizeof(report) - len,
				": event %u errno %u pid %u (child %d) count %u",
				w->ev.id, w->ev.error, w->ev.pid, d->pid,
				w->ev.count);
	}
	return report;
}

static const char *reported_once(struct fse_watched *w, unsigned int id,
				 bool blamed, int (*fn)(void *arg), void *arg)
{
	struct deed d = watch_do(w, fn, arg);
	int got = event(w);

	if (d.error != ENOSPC || got != (int)id || w->ev.error != ENOSPC ||
	    w->ev.count != 1 || w->ev.pid != (blamed ? (__u32)d.pid : 0))
		return describe(w, &d, got);
	got = event(w);
	return got ? describe(w, &d, got) : "";
}

const char *fse_blamed(struct fse_watched *w, unsigned int event,
		       int (*fn)(void *arg), void *arg)
{
	return reported_once(w, event, true, fn, arg);
}

const char *fse_unexplained(struct fse_watched *w, unsigned int event,
			    int (*fn)(void *arg), void *arg)
{
	return reported_once(w, event, false, fn, arg);
}

const char *fse_unblamed(struct fse_watched *w, int error,
			 int (*fn)(void *arg), void *arg)
{
	struct deed d = watch_do(w, fn, arg);
	int got = event(w);

	return d.error == error && !got ? "" : describe(w, &d, got);
}

/* Appends @size bytes at a time until a write fails. */
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
	/* Reserving most of the space is faster than writing it. */
	if (avail > 2 << 20 && !fallocate(fd, 0, 0, avail - (2 << 20)))
		lseek(fd, 0, SEEK_END);
	/* Some file systems find a little more space after writeback. */
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
	/* A commit makes freed space available. */
	fd = open(fs->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || syncfs(fd))
		err = -errno;
	close(fd);
	return err;
}
