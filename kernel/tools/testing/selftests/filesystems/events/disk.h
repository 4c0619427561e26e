/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A disk that can be made to fail: device mapper over an image.
 */
#ifndef DISK_H
#define DISK_H

#include "filesystem.h"

#define FSE_DISK	"/dev/mapper/fse"
#define FSE_DISK_MOUNT	FSE_MNT "/disk"

/**
 * struct fse_disk - the disk, and what is on it
 * @options: words for mount(8)
 * @image: the backing image
 * @fs: the file system; usable like any other
 */
struct fse_disk {
	const char *options;
	struct fse_fs image;
	struct fse_fs fs;
};

/*
 * Makes a disk of @mib MiB and, with the command @mkfs, a file system of @type
 * on it, mounted with @options at FSE_DISK_MOUNT. 0 or -1.
 */
int fse_disk_make(struct fse_disk *d, const char *type, const char *mkfs,
		  unsigned int mib, const char *options);
/* Unmounts and removes everything. */
void fse_disk_remove(struct fse_disk *d);

/* Unmounts, runs the command @between and mounts again: 0 or -1. */
int fse_disk_remount(const struct fse_disk *d, const char *between);

/*
 * Switches the disk to a device mapper target: "error" fails every access,
 * "linear" works. The table has the target, the device, and further arguments
 * if any: "flakey", "0 0 60 1 error_writes". Returns 0 on success.
 */
int fse_disk_target(const struct fse_disk *d, const char *target,
		    const char *arguments);

/*
 * Limits the disk to the sectors that the command @sectors prints (first,
 * number); all other access fails. Returns 0 on success.
 */
int fse_disk_only(const struct fse_disk *d, const char *sectors);

#endif /* DISK_H */
