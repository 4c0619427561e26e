// SPDX-License-Identifier: GPL-2.0-only
/*
 * A disk that can be made to fail: device mapper over an image.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "control.h"
#include "disk.h"

#define NAME	"fse"

static int map(const struct fse_disk *d, const char *action,
	       const char *target, const char *arguments)
{
	const char *dev = strcmp(target, "error") ? d->image.dev : "";

	return fse_sh("dmsetup %s " NAME " --table \"0 $(blockdev --getsz %s) %s %s %s\"",
		      action, d->image.dev, target, dev, arguments);
}

int fse_disk_make(struct fse_disk *d, const char *type, const char *mkfs,
		  unsigned int mib, const char *options)
{
	memset(d, 0, sizeof(*d));
	if (fse_fs_none(&d->image, "image", mib))
		return -1;
	fse_sh("modprobe -qa dm-mod dm-flakey");
	d->options = options;
	snprintf(d->fs.type, sizeof(d->fs.type), "%s", type);
	snprintf(d->fs.mount, sizeof(d->fs.mount), FSE_DISK_MOUNT);
	return map(d, "create", "linear", "0") ||
	       fse_sh("dmsetup mknodes " NAME) ||
	       fse_sh("%s " FSE_DISK " >/dev/null", mkfs) ||
	       fse_sh("mkdir -p %s && mount -t %s %s " FSE_DISK " %s",
		      d->fs.mount, type, options, d->fs.mount) ? -1 : 0;
}

void fse_disk_remove(struct fse_disk *d)
{
	if (d->fs.mount[0]) {
		umount(d->fs.mount);
		rmdir(d->fs.mount);
		fse_sh("dmsetup remove --retry " NAME);
	}
	fse_fs_remove(&d->image);
}

int fse_disk_remount(const struct fse_disk *d, const char *between)
{
	return umount(d->fs.mount) || fse_sh("%s", between) ||
	       fse_sh("mount -t %s %s " FSE_DISK " %s", d->fs.type,
		      d->options, d->fs.mount) ? -1 : 0;
}

int fse_disk_target(const struct fse_disk *d, const char *target,
		    const char *arguments)
{
	return fse_sh("dmsetup suspend --noflush --nolockfs " NAME) ||
	       map(d, "load", target, arguments) ||
	       fse_sh("dmsetup resume " NAME);
}

/*
 * A table of three lines: total sectors, first readable sector, their number.
 */
#define ONLY								\
	"set -- $(blockdev --getsz %s) $(%s) && [ $# -eq 3 ] && "	\
	"printf '%%s\\n' \"0 $2 error\" \"$2 $3 linear %s $2\" "	\
	"\"$(($2 + $3)) $(($1 - $2 - $3)) error\" | dmsetup load " NAME

int fse_disk_only(const struct fse_disk *d, const char *sectors)
{
	/* Before the switch, since @sectors may read the disk. */
	return fse_sh(ONLY, d->image.dev, sectors, d->image.dev) ||
	       fse_sh("dmsetup suspend --noflush --nolockfs " NAME) ||
	       fse_sh("dmsetup resume " NAME);
}
