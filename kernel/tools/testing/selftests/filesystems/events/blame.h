/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who is told as the cause: a child does something to a file system, and what
 * was told of it has to be exactly that.
 */
#ifndef BLAME_H
#define BLAME_H

#include "watched.h"

/*
 * Runs @fn in a child, which returns 0 or an errno. It has to fail with ENOSPC,
 * and to be told once: @event, with that errno and the child as the cause.
 * "" when all of that is so, else what came instead. Good until the next call.
 */
const char *fse_blamed(struct fse_watched *w, unsigned int event,
		       int (*fn)(void *arg), void *arg);
/* The same, for what nobody can be told as the cause of. */
const char *fse_unexplained(struct fse_watched *w, unsigned int event,
			    int (*fn)(void *arg), void *arg);
/* The same, where it has to return @error, and nothing is told. */
const char *fse_unblamed(struct fse_watched *w, int error,
			 int (*fn)(void *arg), void *arg);

/*
 * Fills a file system to the brim, with a file "brim": not a byte more can be
 * written to it. 0 or a negative errno.
 */
int fse_brim(const struct fse_fs *fs);
/* Makes room for so many blocks after that. 0 or a negative errno. */
int fse_room(const struct fse_fs *fs, __u64 blocks);

#endif /* BLAME_H */
