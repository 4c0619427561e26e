// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small file systems to watch, fill and break.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <linux/fs.h>

#include "control.h"
#include "filesystem.h"
#include "process.h"

/* Directory of the images, which tests don't unmount. */
#define IMAGE_DIR	"/tmp"

static const char *mkfs_command(const char *type)
{
	if (!strcmp(type, "ext4"))
		return "mkfs.ext4 -q -F -E lazy_itable_init=1,nodiscard";
	if (!strcmp(type, "ext3"))
		return "mke2fs -t ext3 -q -F -E lazy_itable_init=1,nodiscard";
	if (!strcmp(type, "ext2"))
		return "mke2fs -t ext2 -q -F -E lazy_itable_init=1,nodiscard";
	if (!strcmp(type, "xfs"))
		return "mkfs.xfs -q -f -K";
	if (!strcmp(type, "btrfs"))
		return "mkfs.btrfs -q -f -K";
	if (!strcmp(type, "f2fs"))
		return "mkfs.f2fs -q -f -t 0";
	if (!strcmp(type, "vfat"))
		/* It warns about missing code pages in the VM. */
		return "mkfs.vfat 2>/dev/null";
	if (!strcmp(type, "exfat"))
		return "mkfs.exfat";
	if (!strcmp(type, "ntfs3"))
		return "mkntfs -q -Q -F 2>/dev/null";
	if (!strcmp(type, "udf"))
		return "mkudffs -b 512";
	return NULL;
}

static int attach_loop(struct fse_fs *fs)
{
	FILE *p;
	char cmd[256];

	snprintf(cmd, sizeof(cmd), "losetup -f --show %s", fs->image);
	p = popen(cmd, "r");
	if (!p)
		return -1;
	if (!fgets(fs->dev, sizeof(fs->dev), p))
		fs->dev[0] = '\0';
	fs->dev[strcspn(fs->dev, "\n")] = '\0';
	return pclose(p) || !fs->dev[0] ? -1 : 0;
}

static void name_image(struct fse_fs *fs, const char *name)
{
	snprintf(fs->image, sizeof(fs->image), IMAGE_DIR "/%s.img", name);
}

int fse_fs_none(struct fse_fs *fs, const char *name, unsigned int mib)
{
	memset(fs, 0, sizeof(*fs));
	name_image(fs, name);
	return fse_sh("truncate -s %uM %s", mib, fs->image) ||
	       attach_loop(fs) ? -1 : 0;
}

static int make_on_loop(struct fse_fs *fs, unsigned int mib,
			const char *mkfs_options)
{
	const char *mkfs = mkfs_command(fs->type);

	if (!mkfs) {
		fprintf(stderr, "no such file system type: %s\n", fs->type);
		return -1;
	}
	return fse_sh("truncate -s %uM %s", mib, fs->image) ||
	       fse_sh("%s %s %s >/dev/null", mkfs, mkfs_options, fs->image) ||
	       attach_loop(fs) ? -1 : 0;
}

int fse_fs_make(struct fse_fs *fs, const char *type, const char *name,
		unsigned int mib, const char *options)
{
	return fse_fs_make_as(fs, type, name, mib, "", options);
}

int fse_fs_make_as(struct fse_fs *fs, const char *type, const char *name,
		   unsigned int mib, const char *mkfs, const char *options)
{
	int err;

	memset(fs, 0, sizeof(*fs));
	snprintf(fs->type, sizeof(fs->type), "%s", type);
	snprintf(fs->mount, sizeof(fs->mount), FSE_MNT "/%s", name);
	if (mkdir(fs->mount, 0755) && errno != EEXIST) {
		perror(fs->mount);
		return -1;
	}
	/* An aborted test may have left it mounted. */
	while (!umount2(fs->mount, MNT_DETACH))
		;
	if (!strcmp(type, "tmpfs"))
		return fse_sh("mount -t tmpfs -o size=%uM %s tmpfs %s", mib,
			      options, fs->mount) ? -1 : 0;
	if (!strcmp(type, FSE_TESTFS) || !strcmp(type, FSE_CLUSTER))
		return fse_sh("mount -t %s -o size=%llu %s none %s", type,
			      (1ULL * mib << 20) / getpagesize(), options,
			      fs->mount) ? -1 : 0;
	name_image(fs, name);
	err = make_on_loop(fs, mib, mkfs);
	if (!err)
		err = fse_sh("mount -t %s %s %s %s", type, options, fs->dev,
			     fs->mount) ? -1 : 0;
	if (err)
		fse_fs_remove(fs);
	return err;
}

void fse_fs_remove(struct fse_fs *fs)
{
	/* A test may have left it busy or mounted several times. */
	while (!umount2(fs->mount, MNT_DETACH))
		;
	if (fs->dev[0])
		fse_sh("losetup -d %s", fs->dev);
	if (fs->image[0])
		unlink(fs->image);
	rmdir(fs->mount);
	memset(fs, 0, sizeof(*fs));
}

static struct statvfs space(const struct fse_fs *fs)
{
	struct statvfs st = {};

	if (statvfs(fs->mount, &st))
		perror(fs->mount);
	return st;
}

__u64 fse_avail(const struct fse_fs *fs)
{
	return space(fs).f_bavail;
}

__u64 fse_total(const struct fse_fs *fs)
{
	return space(fs).f_blocks;
}

__u64 fse_frsize(const struct fse_fs *fs)
{
	return space(fs).f_frsize;
}

__u64 fse_inodes_free(const struct fse_fs *fs)
{
	return space(fs).f_ffree;
}

__u64 fse_inodes_total(const struct fse_fs *fs)
{
	return space(fs).f_files;
}

int fse_fill(const struct fse_fs *fs, const char *name, __u64 blocks)
{
	__u64 left = blocks * fse_frsize(fs);
	static char buf[1 << 20];
	char path[PATH_MAX];
	int fd, err = 0;

	if (!buf[0])
		memset(buf, 'x', sizeof(buf));
	snprintf(path, sizeof(path), "%s/%s", fs->mount, name);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	while (left && !err) {
		ssize_t n = write(fd, buf, left < sizeof(buf) ? left :
				  sizeof(buf));

		if (n < 0)
			err = -errno;
		else
			left -= n;
	}
	/* btrfs updates its counters at commit. */
	if (syncfs(fd) && !err)
		err = -errno;
	close(fd);
	return err;
}

int fse_fill_to(const struct fse_fs *fs, const char *name, __u64 avail)
{
	__u64 now;

	/* Metadata takes space as well, so approach in steps. */
	while ((now = fse_avail(fs)) > avail) {
		int err = fse_fill(fs, name, now - avail);

		if (err)
			return err;
	}
	return 0;
}

int fse_reserve_to(const struct fse_fs *fs, const char *name, __u64 avail)
{
	__u64 bytes = 0, now, most = ~0ULL;
	char path[PATH_MAX];
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s/%s", fs->mount, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	/*
	 * By halves: a request beyond the free space would be an event. btrfs
	 * updates its counters at commit.
	 */
	while (!err && (now = fse_avail(fs)) > avail && now < most) {
		__u64 some = ((now - avail) / 2 + 1) * fse_frsize(fs);

		if (fallocate(fd, 0, bytes, some) || syncfs(fd))
			err = -errno;
		bytes += some;
		most = now;
	}
	close(fd);
	return err;
}

int fse_shrink(const struct fse_fs *fs, const char *name, __u64 blocks)
{
	__u64 bytes = blocks * fse_frsize(fs);
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", fs->mount, name);
	if (stat(path, &st))
		return -errno;
	if ((__u64)st.st_size < bytes)
		return -EINVAL;
	return truncate(path, st.st_size - bytes) ? -errno : 0;
}

int fse_free(const struct fse_fs *fs, const char *name)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", fs->mount, name);
	if (unlink(path))
		return -errno;
	fd = open(fs->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	syncfs(fd);
	close(fd);
	return 0;
}

static int freeze(const struct fse_fs *fs, unsigned long how)
{
	int fd = open(fs->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = ioctl(fd, how, 0) ? -errno : 0;

	close(fd);
	return err;
}

int fse_freeze(const struct fse_fs *fs)
{
	return freeze(fs, FIFREEZE);
}

int fse_thaw(const struct fse_fs *fs)
{
	return freeze(fs, FITHAW);
}

int fse_tell(const struct fse_fs *fs, const char *fmt, ...)
{
	char path[160], line[128];
	va_list ap;

	snprintf(path, sizeof(path), "%s/control", fs->mount);
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	return fse_put(path, line);
}

int fse_files(const struct fse_fs *fs, unsigned int from, unsigned int to)
{
	char path[PATH_MAX];
	int fd;

	for (; from < to; from++) {
		snprintf(path, sizeof(path), "%s/%u", fs->mount, from);
		fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
		if (fd < 0)
			return -errno;
		close(fd);
	}
	return 0;
}

int fse_files_remove(const struct fse_fs *fs, unsigned int from,
		     unsigned int to)
{
	char path[PATH_MAX];

	for (; from < to; from++) {
		snprintf(path, sizeof(path), "%s/%u", fs->mount, from);
		if (unlink(path))
			return -errno;
	}
	return 0;
}
