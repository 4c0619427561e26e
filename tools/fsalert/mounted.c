// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was mounted, as the mount table has it: a module sees /dev/dm-0, where the
 * administrator mounted /dev/mapper/vg-root.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/sysmacros.h>

#include <libmount.h>

#include "mounted.h"

#define MOUNTINFO	"/proc/self/mountinfo"

static struct libmnt_table *table;
static int fd = -1;

/* Reads the table when it has changed since. */
static void refresh(void)
{
	struct pollfd pfd = { .events = POLLPRI };
	struct libmnt_table *fresh;

	if (fd < 0)
		fd = open(MOUNTINFO, O_RDONLY | O_CLOEXEC);
	pfd.fd = fd;
	if (table && !(poll(&pfd, 1, 0) > 0 && pfd.revents & (POLLPRI | POLLERR)))
		return;
	fresh = mnt_new_table_from_file(MOUNTINFO);
	if (!fresh)
		return;
	mnt_unref_table(table);
	table = fresh;
}

static const char *find(const char *mount, dev_t dev, const char *source)
{
	struct libmnt_fs *fs = NULL;
	const char *shown = NULL;

	refresh();
	if (table && mount)
		fs = mnt_table_find_target(table, mount, MNT_ITER_BACKWARD);
	if (fs && mnt_fs_get_devno(fs) == dev)
		shown = mnt_fs_get_source(fs);
	return shown ?: source;
}

/**
 * mounted_dev_of_event - device number of an event's file system
 * @ev: the event
 *
 * Return: the number, as the mount table has it; 0: the event is of no file system.
 */
dev_t mounted_dev_of_event(const struct fsalert_event *ev)
{
	uint64_t major = 0, minor = 0;

	fsalert_u64(ev, FSALERT_KEY_DEV_MAJOR, &major);
	fsalert_u64(ev, FSALERT_KEY_DEV_MINOR, &minor);
	return makedev(major, minor);
}

/**
 * mounted_of_event - what was mounted, of an event's file system
 * @ev: the event
 *
 * Return: a text that is good until the next call; NULL: it is not known.
 */
const char *mounted_of_event(const struct fsalert_event *ev)
{
	return find(fsalert_str(ev, FSALERT_KEY_MOUNT),
		    mounted_dev_of_event(ev),
		    fsalert_str(ev, FSALERT_KEY_SOURCE));
}

/**
 * mounted_of_entry - what was mounted, of a watch's file system
 * @entry: the watch
 *
 * Return: as mounted_of_event().
 */
const char *mounted_of_entry(const struct fsalert_entry *entry)
{
	uint64_t major = 0, minor = 0;

	fsalert_entry_u64(entry, FSALERT_KEY_DEV_MAJOR, &major);
	fsalert_entry_u64(entry, FSALERT_KEY_DEV_MINOR, &minor);
	return find(fsalert_entry_str(entry, FSALERT_KEY_MOUNT),
		    makedev(major, minor),
		    fsalert_entry_str(entry, FSALERT_KEY_SOURCE));
}

/**
 * mounted_dev - device number of the file system at a mount point
 * @mount: the mount point
 * @dev: the number, as the mount table has it
 */
bool mounted_dev(const char *mount, dev_t *dev)
{
	struct libmnt_fs *fs;

	refresh();
	fs = table ? mnt_table_find_target(table, mount, MNT_ITER_BACKWARD) :
		NULL;
	if (fs)
		*dev = mnt_fs_get_devno(fs);
	return fs;
}
