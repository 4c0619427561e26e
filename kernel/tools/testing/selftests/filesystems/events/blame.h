/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cause of an error: a child does something to a file system, and the
 * events reported for it must be exactly the expected ones.
 */
#ifndef BLAME_H
#define BLAME_H

#include "watched.h"

/*
 * Runs @fn in a child; @fn returns 0 or an errno. It must fail with ENOSPC and
 * cause exactly one event, @event with that errno and the child's pid. Returns
 * "" on success, else a description of what came instead, valid until the next
 * call. Replaces the watch of w->request, which must still be there.
 */
const char *fse_blamed(struct fse_watched *w, unsigned int event,
		       int (*fn)(void *arg), void *arg);
/* The same, for an event without a pid. */
const char *fse_unexplained(struct fse_watched *w, unsigned int event,
			    int (*fn)(void *arg), void *arg);
/* The same, where @fn must return @error and no event comes. */
const char *fse_unblamed(struct fse_watched *w, int error,
			 int (*fn)(void *arg), void *arg);

/*
 * Fills a file system with a file "brim" until not a byte more can be written.
 * Returns 0 or a negative errno.
 */
int fse_brim(const struct fse_fs *fs);
/* Frees @blocks blocks of a full file system. 0 or a negative errno. */
int fse_room(const struct fse_fs *fs, __u64 blocks);

#endif /* BLAME_H */
