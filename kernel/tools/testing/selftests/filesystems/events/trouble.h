/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Failures of file systems, and how they are detected. Each function causes a
 * failure on a new, watched file system, and sets @begin of @h to the time when
 * it became detectable. Returns 0 on success.
 */
#ifndef TROUBLE_H
#define TROUBLE_H

#include "disk.h"
#include "heard.h"

/* --- any file system ------------------------------------------------------ */

/* Data writeback fails, everything else works. */
int fse_data_is_lost(struct fse_disk *d, struct fse_heard *h);
/* Every access to the disk fails. */
int fse_disk_fails(struct fse_disk *d, struct fse_heard *h);
/* The same, while only umount(2) writes anything. */
int fse_disk_fails_unmounted(struct fse_disk *d, struct fse_heard *h);
int fse_full_of_data(struct fse_disk *d, struct fse_heard *h);
int fse_full_of_files(struct fse_disk *d, struct fse_heard *h);
/* Watched when there is room for data only. */
int fse_full_of_metadata(struct fse_disk *d, struct fse_heard *h);
/* The command @what, run in the file system, finds the damage. */
int fse_found(struct fse_disk *d, struct fse_heard *h,
	      int (*damage)(struct fse_disk *d), const char *what);

/*
 * The ioctl of ext4, XFS and f2fs; and variants of ext4: with cached data
 * written to its journal first, and while frozen.
 */
int fse_shut_down(struct fse_disk *d, struct fse_heard *h);
int fse_shut_down_logged(struct fse_disk *d, struct fse_heard *h);
int fse_shut_down_frozen(struct fse_disk *d, struct fse_heard *h);
/* -ENOTTY: this kernel's btrfs has no such ioctl. */
int fse_shut_down_btrfs(struct fse_disk *d, struct fse_heard *h);

/* --- ext4 ----------------------------------------------------------------- */

int fse_aborted(struct fse_disk *d, struct fse_heard *h);
int fse_an_error_is_found(struct fse_disk *d, struct fse_heard *h);

/* --- xfs ------------------------------------------------------------------ */

int fse_xfs_metadata_unreadable(struct fse_disk *d, struct fse_heard *h);
/* Returns when an I/O error was reported, or after FSE_SOON. */
int fse_xfs_metadata_unwritable(struct fse_disk *d, struct fse_heard *h);

/* --- f2fs ----------------------------------------------------------------- */

int fse_f2fs_summaries_corrupted(struct fse_disk *d, struct fse_heard *h);
int fse_f2fs_metadata_unreadable(struct fse_disk *d, struct fse_heard *h);

#endif /* TROUBLE_H */
