/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File systems with something wrong on their disk. Each of these makes what is
 * to be damaged, unmounts the file system, damages it and mounts it again: 0,
 * or -1.
 */
#ifndef DAMAGE_H
#define DAMAGE_H

#include "disk.h"

/* The inode of dir/file is full of nonsense. Takes one without metadata_csum. */
int fse_damage_ext4_inode(struct fse_disk *d);
/* The block of the directory dir. */
int fse_damage_xfs_directory(struct fse_disk *d);
/* The inode of dir/file. */
int fse_damage_xfs_inode(struct fse_disk *d);
/* What says how much user 1000 has. Takes one that counts it. */
int fse_damage_xfs_quota(struct fse_disk *d);
/* What says which space is free; "file" is there to be removed. */
int fse_damage_xfs_free_space(struct fse_disk *d);
/* The first block of the data of "file". */
int fse_damage_btrfs_data(struct fse_disk *d);
/*
 * A leaf of the tree of files that is not needed to mount it or to open its root
 * directory. Takes one with single metadata.
 */
int fse_damage_btrfs_leaf(struct fse_disk *d);
/* The inode of "file". */
int fse_damage_f2fs_inode(struct fse_disk *d);
/* What says of which files the blocks of all segments are. */
int fse_damage_f2fs_summaries(struct fse_disk *d);

#endif /* DAMAGE_H */
