// SPDX-License-Identifier: GPL-2.0-only
/*
 * Failures of file systems that can be seen without a watch, by the signs that
 * fsalert-poll knows as well (health.c there):
 *
 *   the flag	The super block is read-only and no mount of it is: mount(8) makes
 *		both read-only, so the file system did that itself.
 *   ext4	Since Linux 6.15 its options say emergency_ro or shutdown. Linux
 *		6.12 to 6.14 show nothing but an error that is younger than the
 *		boot; those before set the flag.
 *   xfs	stat(2) of its root fails with EIO once it has shut down.
 *   the disk	It is no longer in sysfs.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "array.h"
#include "failures.h"
#include "figures.h"
#include "lines.h"

#define BLOCK_DEVICES	"/sys/dev/block"
#define PATIENCE_MS	2000
/* A remount makes the super block read-only a moment before the mount. */
#define AGAIN_NS	50000000L

/* --- files ---------------------------------------------------------------- */

static unsigned long long read_number(const char *disk, const char *name)
{
	unsigned long long value = 0;
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/fs/ext4/%.255s/%s", disk, name);
	file = fopen(path, "re");
	if (file && fscanf(file, "%llu", &value) != 1)
		value = 0;
	if (file)
		fclose(file);
	return value;
}

/* Is there such a line among the options of an ext4? */
static bool has_option(const char *disk, const char *option)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/fs/ext4/%.255s/options", disk);
	return lines_have(path, option, true);
}

/* The kernel's name of a disk, as "dm-0" for /dev/mapper/vg-root. */
static bool disk_name(dev_t dev, char *name, size_t size)
{
	char path[64], link[PATH_MAX];
	ssize_t len;

	snprintf(path, sizeof(path), BLOCK_DEVICES "/%u:%u", major(dev),
		 minor(dev));
	len = readlink(path, link, sizeof(link) - 1);
	if (len <= 0)
		return false;
	link[len] = '\0';
	snprintf(name, size, "%s", basename(link));
	return true;
}

static bool is_ext4(struct libmnt_fs *mount)
{
	return !strncmp(mnt_fs_get_fstype(mount) ?: "", "ext", 3);
}

/* Other file systems without a number of a disk may be read-only by nature. */
static bool has_disk(struct libmnt_fs *mount)
{
	const char *fstype = mnt_fs_get_fstype(mount) ?: "";

	return major(mnt_fs_get_devno(mount)) || !strcmp(fstype, "btrfs") ||
	       !strcmp(fstype, "bcachefs");
}

/* --- signs ---------------------------------------------------------------- */

static bool is_set(const char *options, const char *name)
{
	return options && !mnt_optstr_get_option(options, name, NULL, NULL);
}

/* Is a super block read-only, and no mount of it? */
static bool are_read_only(struct libmnt_table *mounts, dev_t dev)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	bool super = false, mount = false;
	struct libmnt_fs *fs;

	while (iter && !mnt_table_next_fs(mounts, iter, &fs)) {
		if (mnt_fs_get_devno(fs) != dev)
			continue;
		super |= is_set(mnt_fs_get_fs_options(fs), "ro");
		mount |= is_set(mnt_fs_get_vfs_options(fs), "ro");
	}
	mnt_free_iter(iter);
	return super && !mount;
}

/* The mount table a moment later, which is waited for once for all file systems. */
static struct libmnt_table *read_later(struct failures *f)
{
	const struct timespec again = { .tv_nsec = AGAIN_NS };

	if (!f->later) {
		nanosleep(&again, NULL);
		f->later = mnt_new_table_from_file("/proc/self/mountinfo");
	}
	return f->later;
}

/* The options of @mount alone rule it out for most, without a walk of the table. */
static bool turned_read_only(struct failures *f, struct libmnt_fs *mount)
{
	dev_t dev = mnt_fs_get_devno(mount);

	return is_set(mnt_fs_get_fs_options(mount), "ro") &&
	       !is_set(mnt_fs_get_vfs_options(mount), "ro") &&
	       are_read_only(f->mounts, dev) && read_later(f) &&
	       are_read_only(f->later, dev);
}

static time_t boot_time(void)
{
	struct timespec now, up;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	return now.tv_sec - up.tv_sec;
}

/* Does this kernel stop the writes of ext4 without any sign of it? */
static bool hides_ext4(void)
{
	unsigned int major, minor;
	struct utsname name;

	return !uname(&name) &&
	       sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
	       major == 6 && minor >= 12 && minor < 15;
}

static unsigned int look_at_ext4(struct libmnt_fs *mount)
{
	char disk[NAME_MAX + 1];

	if (!disk_name(mnt_fs_get_devno(mount), disk, sizeof(disk)))
		return 0;
	if (has_option(disk, "shutdown"))
		return FAILURE_SHUTDOWN;
	if (has_option(disk, "emergency_ro"))
		return FAILURE_READ_ONLY;
	if (hides_ext4() && has_option(disk, "errors=remount-ro") &&
	    has_option(disk, "rw") && read_number(disk, "errors_count") &&
	    (time_t)read_number(disk, "last_error_time") >= boot_time())
		return FAILURE_READ_ONLY;
	return 0;
}

static int ask_root(const char *path, void *answer)
{
	return stat(path, answer) ? -errno : 0;
}

static bool is_shut_down(struct libmnt_fs *mount)
{
	struct stat st;

	return figures_ask(ask_root, mnt_fs_get_target(mount), &st, sizeof(st),
			   PATIENCE_MS) == -EIO;
}

static bool is_disk_gone(dev_t dev)
{
	char path[64];

	snprintf(path, sizeof(path), BLOCK_DEVICES "/%u:%u", major(dev),
		 minor(dev));
	return major(dev) && !access(BLOCK_DEVICES, F_OK) &&
	       access(path, F_OK) && errno == ENOENT;
}

/**
 * failures_look - look for signs of a failure
 * @f: the mount table, for all file systems
 * @mount: a mount of the file system
 * @answers: no server is waited for
 *
 * Nothing is written, and no disk is read. Return: bits of enum failure.
 */
unsigned int failures_look(struct failures *f, struct libmnt_fs *mount,
			   bool answers)
{
	dev_t dev = mnt_fs_get_devno(mount);
	unsigned int failures = 0;

	if (!has_disk(mount))
		return 0;
	if (turned_read_only(f, mount))
		failures |= FAILURE_READ_ONLY;
	if (is_ext4(mount))
		failures |= look_at_ext4(mount);
	if (!strcmp(mnt_fs_get_fstype(mount), "xfs") && answers &&
	    is_shut_down(mount))
		failures |= FAILURE_SHUTDOWN;
	if (is_disk_gone(dev))
		failures |= FAILURE_DISK;
	return failures;
}

/**
 * failures_ext4_errors - how many errors did ext4 count?
 * @mount: a mount of a file system
 *
 * It counts them until e2fsck(8) found the file system clean.
 */
unsigned long long failures_ext4_errors(struct libmnt_fs *mount)
{
	char disk[NAME_MAX + 1];

	if (!is_ext4(mount) ||
	    !disk_name(mnt_fs_get_devno(mount), disk, sizeof(disk)))
		return 0;
	return read_number(disk, "errors_count");
}
