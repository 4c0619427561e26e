/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Common helpers of tests of a watch's lifetime.
 */
#ifndef LIFETIME_H
#define LIFETIME_H

#include <stdbool.h>

#include "event.h"
#include "filesystem.h"

/* Makes the file system that fse_fence() needs. 0 or -1. */
int fse_fence_make(struct fse_fs *fence);

/*
 * Triggers an event on @fence and reads up to it. Returns the number of
 * messages before it, of @mount (NULL: of any); -1 if the fence failed.
 */
int fse_fence(struct fse_listener *l, const struct fse_fs *fence,
	      const char *mount);

/*
 * The next message must be FS_INFO_UNMOUNT of @mount. Returns its errno, or -1
 * if another or no message came.
 */
int fse_next_unmount(struct fse_listener *l, const char *mount);

/* Waits until stats counts @nr watches. */
bool fse_wait_watches(unsigned int nr);

/* Opens a block device exclusively, like mkfs. 0 or -errno. */
int fse_exclusive(const char *dev);

/* umount(2), repeated while it fails with EBUSY. 0 or -errno. */
int fse_umount(const char *mount);

/*
 * Number of rounds of a race: @nr finds the known bugs within seconds;
 * FSE_ROUNDS in the environment multiplies it. Debug kernels, which are much
 * slower but find more per round, run a third.
 */
unsigned int fse_rounds(unsigned int nr);

#endif /* LIFETIME_H */
