/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small file systems to watch, fill and break.
 */
#ifndef FILESYSTEM_H
#define FILESYSTEM_H

#include <linux/types.h>
#include <kselftest.h>

/* The file system of test_modules/, controlled by tests. */
#define FSE_TESTFS	"fs_event_testfs"
/* Of the same module. */
#define FSE_CLUSTER	"fs_event_cluster"

/* Tests mount at FSE_MNT/NAME; in the VM it is a tmpfs. */
#define FSE_MNT		"/mnt"

/**
 * struct fse_fs - a mounted file system
 * @type: as mount(8) takes it
 * @mount: where it is mounted
 * @image: file behind it, "" for tmpfs
 * @dev: block device, "" for tmpfs
 */
struct fse_fs {
	char type[24];
	char mount[128];
	char image[128];
	char dev[32];
};

/*
 * Makes a file system of @mib MiB (at least what its type needs: ext2 to ext4,
 * vfat, exfat, ntfs3, udf and tmpfs 16, f2fs 64, btrfs 128, xfs 300), on a loop device over a
 * sparse file, and mounts it at FSE_MNT/@name with @options ("" or "-o ...",
 * tmpfs: size is set already). 0, or -1 with a message on stderr.
 */
int fse_fs_make(struct fse_fs *fs, const char *type, const char *name,
		unsigned int mib, const char *options);
/* The same with options for mkfs, ignored for tmpfs. */
int fse_fs_make_as(struct fse_fs *fs, const char *type, const char *name,
		   unsigned int mib, const char *mkfs, const char *options);
/* Makes only a loop device over a file of @mib MiB. 0 or -1. */
int fse_fs_none(struct fse_fs *fs, const char *name, unsigned int mib);
/* Unmounts (if still mounted) and removes it. */
void fse_fs_remove(struct fse_fs *fs);

/* Current f_bavail, f_blocks, f_frsize, f_ffree, f_files. */
__u64 fse_avail(const struct fse_fs *fs);
__u64 fse_total(const struct fse_fs *fs);
__u64 fse_frsize(const struct fse_fs *fs);
__u64 fse_inodes_free(const struct fse_fs *fs);
__u64 fse_inodes_total(const struct fse_fs *fs);

/*
 * Writes a file @name of @blocks blocks of f_frsize; they are allocated (sync)
 * on return. 0 or a negative errno.
 */
int fse_fill(const struct fse_fs *fs, const char *name, __u64 blocks);
/*
 * Allocates a file @name without writing it, which is faster, until about
 * @avail blocks are available: 0 or -errno.
 */
int fse_reserve_to(const struct fse_fs *fs, const char *name, __u64 avail);
/* Fills until no more than @avail blocks are available: 0 or -errno. */
int fse_fill_to(const struct fse_fs *fs, const char *name, __u64 avail);
/* Cuts @blocks blocks off the end of a file: 0 or -errno. */
int fse_shrink(const struct fse_fs *fs, const char *name, __u64 blocks);
/* Removes a file; its blocks are free on return (sync). */
int fse_free(const struct fse_fs *fs, const char *name);

/*
 * Sends a command to an FSE_TESTFS; test_modules/fs_event_testfs.c lists them.
 * 0 or a negative errno.
 */
int __printf(2, 3) fse_tell(const struct fse_fs *fs, const char *fmt, ...);

/* Freezes or thaws the file system like fsfreeze(8). 0 or a negative errno. */
int fse_freeze(const struct fse_fs *fs);
int fse_thaw(const struct fse_fs *fs);

/* Creates or removes the empty files @from to @to - 1: 0 or -errno. */
int fse_files(const struct fse_fs *fs, unsigned int from, unsigned int to);
int fse_files_remove(const struct fse_fs *fs, unsigned int from,
		     unsigned int to);

#endif /* FILESYSTEM_H */
