/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Damages file systems on their disks. Each function creates the object to be
 * damaged, unmounts, damages it, and mounts again. Returns 0 or -1.
 */
#ifndef DAMAGE_H
#define DAMAGE_H

#include "disk.h"

/* Overwrites the inode of dir/file. Needs ext4 without metadata_csum. */
int fse_damage_ext4_inode(struct fse_disk *d);
/* Damages the block of the directory dir. */
int fse_damage_xfs_directory(struct fse_disk *d);
/* Damages the inode of dir/file. */
int fse_damage_xfs_inode(struct fse_disk *d);
/* Damages the quota of user 1000. Needs quota accounting. */
int fse_damage_xfs_quota(struct fse_disk *d);
/* Damages the free space tree; removing "file" uses it. */
int fse_damage_xfs_free_space(struct fse_disk *d);
/* Damages the first data block of "file". */
int fse_damage_btrfs_data(struct fse_disk *d);
/*
 * Damages a leaf of the file tree that mounting and opening the root directory
 * don't need. Needs single metadata.
 */
int fse_damage_btrfs_leaf(struct fse_disk *d);
/* Damages the inode of "file". */
int fse_damage_f2fs_inode(struct fse_disk *d);
/* Damages the segment summaries. */
int fse_damage_f2fs_summaries(struct fse_disk *d);

#endif /* DAMAGE_H */
