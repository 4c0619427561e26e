// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsalert-poll: look up the mount that a path names. This may wait for a server,
 * so it runs in jobs. The mount is held open only while that takes.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

/* Since Linux 6.9, which headers may be older than. */
struct uuid_answer {
	u8 len;
	u8 uuid[16];
};

#define GET_UUID	_IOR(0x15, 0, struct uuid_answer)

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
	place->unique_id = unique_id(fd);
	if (err)
		close(fd);
	return err ? err : fd;
}

static void get_uuid(struct place *place, const char *name)
{
	struct uuid_answer answer = { .len = 0 };
	int fd = open(name, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return;
	if (!ioctl(fd, GET_UUID, &answer) && answer.len == 16) {
		memcpy(place->uuid, answer.uuid, 16);
		place->has_uuid = true;
	}
	close(fd);
}

/**
 * place_mark - let the kernel report what it can by itself
 * @place: the descriptor for inotify and the UUID are put here
 * @fd: the mount
 * @errors: let it report errors as well
 *
 * Marks keep neither the mount nor the file system busy. The mark of fanotify
 * stays until the file system or the program ends. After a failure the events of
 * this kind are missing, but for errors of ext4: @place->marked is not set then.
 * Marks may be used up, and of btrfs only the top can be marked.
 */
void place_mark(struct place *place, int fd, bool errors)
{
	char name[32];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	get_uuid(place, name);
	/* IN_UNMOUNT alone is refused; this event is rare. */
	if (inotify_fd >= 0)
		place->wd = inotify_add_watch(inotify_fd, name,
					      IN_DELETE_SELF);
	if (errors && fanotify_fd >= 0)
		place->marked = !fanotify_mark(fanotify_fd, FAN_MARK_ADD |
					       FAN_MARK_FILESYSTEM,
					       FAN_FS_ERROR, AT_FDCWD, name);
}
