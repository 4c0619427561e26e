// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsalert-poll: look up the mount that a path names. This may wait for a server,
 * so it runs in jobs. The mount is held open only while that takes.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

static const char *path_why(int err)
{
	switch (err) {
	case ENOENT:
		return "no such path";
	case ENOTDIR:
		return "part of the path is not a directory";
	case EACCES:
		return "path can not be searched";
	case ELOOP:
		return "too many symbolic links";
	case ENAMETOOLONG:
		return "path too long";
	default:
		return "path can not be looked up";
	}
}

static u64 unique_id(int fd)
{
	struct statx sx;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		  STATX_MNT_ID_UNIQUE, &sx) ||
	    !(sx.stx_mask & STATX_MNT_ID_UNIQUE))
		return 0;
	return sx.stx_mnt_id;
}

/**
 * place_look_up - find the mount that a path is the root of
 * @place: set to what mount it is
 * @path: the path
 * @why: set to a few words for people when it fails
 *
 * An automount point is not triggered.
 *
 * Return: a file descriptor with O_PATH, or a negative errno.
 */
int place_look_up(struct place *place, const char *path, const char **why)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	struct statx sx;
	int err = 0;

	place->wd = -1;
	if (fd < 0) {
		err = -errno;
		*why = path_why(-err);
		return err;
	}
	memset(&sx, 0, sizeof(sx));
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID,
		  &sx)) {
		err = -errno;
		*why = path_why(-err);
	} else if (!(sx.stx_attributes & STATX_ATTR_MOUNT_ROOT)) {
		err = -EINVAL;
		*why = "not a mount point";
	}
	place->mount_id = sx.stx_mnt_id;
	place->major = sx.stx_dev_major;
	place->unique_id = unique_id(fd);
	if (err)
		close(fd);
	return err ? err : fd;
}
