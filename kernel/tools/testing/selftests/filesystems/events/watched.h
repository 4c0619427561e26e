/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file system, its watch, and a listener: the start of most tests.
 */
#ifndef WATCHED_H
#define WATCHED_H

#include "event.h"
#include "filesystem.h"

/**
 * struct fse_watched - a file system under test
 * @fs: the file system
 * @l: the listener
 * @ev: its last event
 * @request: last request of fse_watch()
 */
struct fse_watched {
	struct fse_fs fs;
	struct fse_listener l;
	struct fse_event ev;
	char request[1024];
};

/*
 * Starts without watches: makes a file system like fse_fs_make_as(), and
 * listens. 0, or -1 with a message on stderr.
 */
int fse_begin(struct fse_watched *w, const char *type, unsigned int mib,
	      const char *mkfs, const char *options);
/* Cleans up. */
void fse_end(struct fse_watched *w);

/* Watches the file system: "G", "T 1000 500", ... 0 or a negative errno. */
int __printf(2, 3) fse_watch(struct fse_watched *w, const char *fmt, ...);

/* The next event of the file system, which must come: its ID, or 0. */
int fse_event(struct fse_watched *w);
/*
 * The pending event, or the event of a sample taken now: its ID, or 0 if none.
 * The last request of fse_watch() must still be in effect.
 */
int fse_event_now(struct fse_watched *w);

/*
 * The events of the file system as a bit mask by ID: waits for all of
 * @expected, then for two more samples. Bit 0: an event came twice. The last
 * request of fse_watch() must still be in effect.
 */
unsigned int fse_facts(struct fse_watched *w, unsigned int expected);

/*
 * Changes the size of "file" in one step, until exactly @avail blocks are
 * available. 0 or a negative errno; -ERANGE: the result differs.
 */
int fse_leave(struct fse_watched *w, __u64 avail);

/*
 * Like fse_leave(), then waits until a level has turned, whether its event is
 * sent or not. Writes no request, which would send it.
 */
int fse_turn(struct fse_watched *w, __u64 avail);

/*
 * Extends "file" until the file system is full, with a single write(2) that
 * fails with ENOSPC. 0 or a negative errno.
 */
int fse_fill_up(struct fse_watched *w);

/*
 * The event of a full file system without further allocations: @id where
 * sampling detects it, 0 where the failed call reports it.
 */
unsigned int fse_full(unsigned int id);

/*
 * Makes ext4 report an error, EUCLEAN, caused by the calling process. 0 or a
 * negative errno.
 */
int fse_raise(const struct fse_watched *w);

#endif /* WATCHED_H */
