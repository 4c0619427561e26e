/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What can go wrong with a file system, and how it is found out. Each of these
 * brings a trouble about on a file system that was just made and is watched,
 * and says in @begin of what is heard when there began to be something to tell
 * of. 0 when it could be done.
 */
#ifndef TROUBLE_H
#define TROUBLE_H

#include "disk.h"
#include "heard.h"

/* --- of any file system ------------------------------------------------------ */

/* Data can't be written back, while all else works. */
int fse_data_is_lost(struct fse_disk *d, struct fse_heard *h);
/* Every access to the disk fails. */
int fse_disk_fails(struct fse_disk *d, struct fse_heard *h);
int fse_full_of_data(struct fse_disk *d, struct fse_heard *h);
int fse_full_of_files(struct fse_disk *d, struct fse_heard *h);
/* Watched from when there is room for data, and for nothing else. */
int fse_full_of_metadata(struct fse_disk *d, struct fse_heard *h);
/* What is damaged is found by who does @what, a command, in the file system. */
int fse_found(struct fse_disk *d, struct fse_heard *h,
	      int (*damage)(struct fse_disk *d), const char *what);

/*
 * The ioctl of ext4, xfs and f2fs; and what ext4 has besides: with what is in
 * memory written to its log before, and frozen meanwhile.
 */
int fse_shut_down(struct fse_disk *d, struct fse_heard *h);
int fse_shut_down_logged(struct fse_disk *d, struct fse_heard *h);
int fse_shut_down_frozen(struct fse_disk *d, struct fse_heard *h);

/* --- ext4 -------------------------------------------------------------------- */

int fse_aborted(struct fse_disk *d, struct fse_heard *h);
int fse_an_error_is_found(struct fse_disk *d, struct fse_heard *h);

/* --- xfs --------------------------------------------------------------------- */

int fse_xfs_metadata_unreadable(struct fse_disk *d, struct fse_heard *h);
/* Returns when an I/O error was heard of, or after FSE_SOON. */
int fse_xfs_metadata_unwritable(struct fse_disk *d, struct fse_heard *h);

/* --- f2fs -------------------------------------------------------------------- */

int fse_f2fs_summaries_corrupted(struct fse_disk *d, struct fse_heard *h);
int fse_f2fs_metadata_unreadable(struct fse_disk *d, struct fse_heard *h);

#endif /* TROUBLE_H */
