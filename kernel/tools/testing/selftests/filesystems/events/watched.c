// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file system, its watch, and a listener: the start of most tests.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "module.h"
#include "watched.h"

int fse_begin(struct fse_watched *w, const char *type, unsigned int mib,
	      const char *mkfs, const char *options)
{
	int err;

	memset(w, 0, sizeof(*w));
	err = fse_config("\n");
	if (err) {
		fprintf(stderr, "config: %s\n", strerror(-err));
		return -1;
	}
	if (fse_fs_make_as(&w->fs, type, "watched", mib, mkfs, options))
		return -1;
	err = fse_listen(&w->l);
	if (err) {
		fprintf(stderr, "listening: %s\n", strerror(-err));
		fse_fs_remove(&w->fs);
		return -1;
	}
	return 0;
}

void fse_end(struct fse_watched *w)
{
	fse_config("\n");
	fse_fs_remove(&w->fs);
	fse_unlisten(&w->l);
}

int fse_watch(struct fse_watched *w, const char *fmt, ...)
{
	va_list ap;
	int n;

	n = snprintf(w->request, sizeof(w->request), "%s ", w->fs.mount);
	va_start(ap, fmt);
	vsnprintf(w->request + n, sizeof(w->request) - n, fmt, ap);
	va_end(ap);
	return fse_config("%s", w->request);
}

int fse_event(struct fse_watched *w)
{
	return fse_next_of(&w->l, w->fs.mount, &w->ev, FSE_SOON);
}

int fse_event_now(struct fse_watched *w)
{
	if (!fse_sampled("%s", w->request))
		return -ETIMEDOUT;
	return fse_next_of(&w->l, w->fs.mount, &w->ev, 0);
}

unsigned int fse_facts(struct fse_watched *w, unsigned int expected)
{
	__u64 deadline = fse_now() + FSE_SOON;
	unsigned int seen = 0, left;

	while ((seen & expected) != expected && fse_now() < deadline) {
		int id = fse_next_of(&w->l, w->fs.mount, &w->ev, 100);

		if (id > 0)
			seen |= 1U << id;
	}
	/* It has to come without a request, which would trigger a sample. */
	if ((seen & expected) != expected)
		return seen;
	for (left = 0; left < 2; left++) {
		fse_sampled("%s", w->request);
		while (fse_next_of(&w->l, w->fs.mount, &w->ev, 0) > 0)
			seen |= seen & 1U << w->ev.id ? 1U : 1U << w->ev.id;
	}
	return seen;
}

int fse_leave(struct fse_watched *w, __u64 avail)
{
	__u64 now = fse_avail(&w->fs);
	int err;

	if (now < avail)
		err = fse_shrink(&w->fs, "file", avail - now);
	else
		err = fse_fill(&w->fs, "file", now - avail);
	if (err)
		return err;
	return fse_avail(&w->fs) == avail ? 0 : -ERANGE;
}

static bool notified(void *until)
{
	return fse_stat("notified") >= *(__u64 *)until;
}

int fse_turn(struct fse_watched *w, __u64 avail)
{
	__u64 until = fse_stat("notified") + 1;
	int err = fse_leave(w, avail);

	if (err)
		return err;
	return fse_until(notified, &until) ? 0 : -ETIMEDOUT;
}

int fse_fill_up(struct fse_watched *w)
{
	int err = fse_fill(&w->fs, "file", fse_total(&w->fs));

	return err == -ENOSPC ? 0 : err ?: -ERANGE;
}

unsigned int fse_full(unsigned int id)
{
	return built_in() ? 0 : id;
}

int fse_raise(const struct fse_watched *w)
{
	char path[128];
	int fd, err = 0;

	/* /dev/NAME */
	snprintf(path, sizeof(path), "/sys/fs/ext4/%s/trigger_fs_error",
		 w->fs.dev + strlen("/dev/"));
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, "on demand", 9) != 9)
		err = -errno;
	close(fd);
	return err;
}
