/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A disk that can be broken: a device of the device mapper over an image.
 */
#ifndef DISK_H
#define DISK_H

#include "filesystem.h"

#define FSE_DISK	"/dev/mapper/fse"
#define FSE_DISK_MOUNT	FSE_MNT "/disk"

/**
 * struct fse_disk - the disk, and what is on it
 * @options: words for mount(8)
 * @image: what lies below
 * @fs: the file system; to be used as any other
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
/* Unmounts and removes all of it. */
void fse_disk_remove(struct fse_disk *d);

/* Unmounts, runs the command @between and mounts again: 0 or -1. */
int fse_disk_remount(const struct fse_disk *d, const char *between);

/*
 * From now on the disk is what a target of the device mapper makes of it:
 * "error": every access fails; "linear": it works. After the target's name
 * comes the device, and the rest of its table, if there is one: "flakey",
 * "0 0 60 1 error_writes". 0 or not.
 */
int fse_disk_target(const struct fse_disk *d, const char *target,
		    const char *arguments);

/*
 * From now on the disk works only where the command @sectors says, with the
 * first sector and how many there are: every other access fails. 0 or not.
 */
int fse_disk_only(const struct fse_disk *d, const char *sectors);

#endif /* DISK_H */
