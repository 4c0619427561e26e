/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file system, the watch of it, and a listener: what most tests begin with.
 */
#ifndef WATCHED_H
#define WATCHED_H

#include "event.h"
#include "filesystem.h"

/**
 * struct fse_watched - a file system under test
 * @fs: it
 * @l: the listener
 * @ev: the last event of it
 * @request: what fse_watch() wrote last
 */
struct fse_watched {
	struct fse_fs fs;
	struct fse_listener l;
	struct fse_event ev;
	char request[1024];
};

/*
 * From no watch at all: makes a file system, as fse_fs_make_as() does, and
 * listens. 0, or -1 with a message on stderr.
 */
int fse_begin(struct fse_watched *w, const char *type, unsigned int mib,
	      const char *mkfs, const char *options);
/* Back to nothing. */
void fse_end(struct fse_watched *w);

/* Watches the file system: "G", "T 1000 500", ... 0 or a negative errno. */
int __printf(2, 3) fse_watch(struct fse_watched *w, const char *fmt, ...);

/* The next event of the file system, which must come: its id, or 0. */
int fse_event(struct fse_watched *w);
/*
 * The event that was told already or that a sample taken now leads to: its
 * id, or 0: none. Needs what fse_watch() wrote last to be still watched.
 */
int fse_event_now(struct fse_watched *w);

/*
 * What is reported of the file system, a bit for each event id: waits for all
 * of @expected, then for two samples more. Bit 0: an event came twice. Needs
 * what fse_watch() wrote last to be still watched.
 */
unsigned int fse_told(struct fse_watched *w, unsigned int expected);

/*
 * Makes the file "file" longer or shorter, at one stroke, until exactly
 * @avail blocks are available. 0 or a negative errno; -ERANGE: another number
 * came of it.
 */
int fse_leave(struct fse_watched *w, __u64 avail);

/*
 * As fse_leave(), and waits until a level has turned for it, whether that is told
 * or not. Writes no request: that would have it told.
 */
int fse_turn(struct fse_watched *w, __u64 avail);

/*
 * Makes the file "file" longer until the file system gives no more: a single
 * write(2) that fails with ENOSPC. 0 or a negative errno.
 */
int fse_fill_up(struct fse_watched *w);

/*
 * What a file system that is full leads to while nobody asks it for more: @id
 * where sampling finds it, 0 where the call that fails is told.
 */
unsigned int fse_full(unsigned int id);

/*
 * Has ext4 find an error, EUCLEAN, in the name of the calling process. 0 or a
 * negative errno.
 */
int fse_raise(const struct fse_watched *w);

#endif /* WATCHED_H */
