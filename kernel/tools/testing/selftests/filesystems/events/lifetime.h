/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What tests of the lifetime of watches have in common.
 */
#ifndef LIFETIME_H
#define LIFETIME_H

#include <stdbool.h>

#include "event.h"
#include "filesystem.h"

/* Makes the file system that fse_fence() needs. 0 or -1. */
int fse_fence_make(struct fse_fs *fence);

/*
 * Provokes an event on @fence and reads up to it. How many messages there
 * were before, of @mount (of any mount: NULL); -1: the fence did not work.
 */
int fse_fence(struct fse_listener *l, const struct fse_fs *fence,
	      const char *mount);

/*
 * The next message, which has to be FS_INFO_UNMOUNT of @mount: its errno;
 * -1: something else came, or nothing.
 */
int fse_next_unmount(struct fse_listener *l, const char *mount);

/* Waits until stats counts @nr watches. */
bool fse_wait_watches(unsigned int nr);

/* Opens a block device as mkfs does, for itself alone. 0 or -errno. */
int fse_exclusive(const char *dev);

/* umount(2), again while it is EBUSY. 0 or -errno. */
int fse_umount(const char *mount);

/*
 * How often to provoke a race: @nr is what comes across the known ones in a
 * few seconds; FSE_ROUNDS in the environment multiplies it, to look for more. A
 * third where each takes many times as long: kernels that check themselves find
 * more in a round.
 */
unsigned int fse_rounds(unsigned int nr);

#endif /* LIFETIME_H */
