// SPDX-License-Identifier: GPL-2.0-only
/*
 * Failures of file systems, and how they are detected.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/f2fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "control.h"
#include "damage.h"
#include "process.h"
#include "trouble.h"

/* Writes data that reaches the disk only later. */
static void write_data(const struct fse_fs *fs, const char *name,
		       unsigned int kib)
{
	fse_sh("dd if=/dev/zero of=%s/%s bs=1K count=%u 2>/dev/null; true",
	       fs->mount, name, kib);
}

static void sync_all(const struct fse_fs *fs)
{
	fse_sh("sync -f %s 2>/dev/null; true", fs->mount);
}

/* Reads and journal writes still work: only data writeback fails. */
int fse_data_is_lost(struct fse_disk *d, struct fse_heard *h)
{
	/* More than a file system stores inline. */
	static char data[65536];
	char path[160];
	int fd, err;

	snprintf(path, sizeof(path), "%s/data", d->fs.mount);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, sizeof(data)) != sizeof(data) ||
	    fsync(fd) || pwrite(fd, data, sizeof(data), 0) != sizeof(data))
		return -1;
	if (fse_disk_target(d, "flakey", "0 0 60 1 error_writes"))
		return -1;
	/* Overwrites existing blocks, so that no journal entry is needed. */
	h->begin = fse_now();
	err = sync_file_range(fd, 0, sizeof(data), SYNC_FILE_RANGE_WRITE |
			      SYNC_FILE_RANGE_WAIT_AFTER);
	close(fd);
	return fse_disk_target(d, "linear", "0") || !err ? -1 : 0;
}

int fse_disk_fails(struct fse_disk *d, struct fse_heard *h)
{
	write_data(&d->fs, "before", 64);
	sync_all(&d->fs);
	if (fse_disk_target(d, "error", ""))
		return -1;
	h->begin = fse_now();
	write_data(&d->fs, "after", 512);
	sync_all(&d->fs);
	/* Some file systems detect a write error only with the next change. */
	fse_sh("touch %s/change 2>/dev/null; sync -f %s 2>/dev/null; true",
	       d->fs.mount, d->fs.mount);
	return 0;
}

int fse_disk_fails_unmounted(struct fse_disk *d, struct fse_heard *h)
{
	write_data(&d->fs, "before", 64);
	sync_all(&d->fs);
	write_data(&d->fs, "after", 512);
	if (fse_disk_target(d, "error", ""))
		return -1;
	h->begin = fse_now();
	return umount(d->fs.mount);
}

int fse_shut_down(struct fse_disk *d, struct fse_heard *h)
{
	h->begin = fse_now();
	return fse_sh("xfs_io -x -c shutdown %s", d->fs.mount);
}

int fse_shut_down_logged(struct fse_disk *d, struct fse_heard *h)
{
	h->begin = fse_now();
	return fse_sh("xfs_io -x -c 'shutdown -f' %s", d->fs.mount);
}

/* Calls an ioctl of the file system with argument @how. */
static int request(const struct fse_disk *d, unsigned long request, __u32 how)
{
	int fd = open(d->fs.mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = ioctl(fd, request, &how);

	close(fd);
	return err;
}

int fse_shut_down_frozen(struct fse_disk *d, struct fse_heard *h)
{
	h->begin = fse_now();
	/* ext4 uses the same number. */
	return request(d, F2FS_IOC_SHUTDOWN, 0);
}

int fse_shut_down_btrfs(struct fse_disk *d, struct fse_heard *h)
{
	h->begin = fse_now();
	return request(d, F2FS_IOC_SHUTDOWN, F2FS_GOING_DOWN_NOSYNC) ?
	       -errno : 0;
}

/* An abort requested by an administrator; ext4 reports ESHUTDOWN. */
int fse_aborted(struct fse_disk *d, struct fse_heard *h)
{
	h->begin = fse_now();
	fse_sh("mount -o remount,abort %s 2>/dev/null; touch %s/change 2>/dev/null; true",
	       d->fs.mount, d->fs.mount);
	return 0;
}

int fse_an_error_is_found(struct fse_disk *d, struct fse_heard *h)
{
	char path[64];
	struct stat st;

	if (stat(d->fs.mount, &st))
		return -1;
	snprintf(path, sizeof(path), "/sys/fs/ext4/dm-%u/trigger_fs_error",
		 minor(st.st_dev));
	h->begin = fse_now();
	return fse_put(path, "on demand");
}

int fse_full_of_data(struct fse_disk *d, struct fse_heard *h)
{
	int err = fse_reserve_to(&d->fs, "most", 4096);

	if (err)
		return err;
	fse_sh("dd if=/dev/zero of=%s/fill bs=1M 2>/dev/null; true",
	       d->fs.mount);
	h->begin = fse_now();
	fse_sh("dd if=/dev/zero of=%s/more bs=4K 2>/dev/null; true",
	       d->fs.mount);
	sync_all(&d->fs);
	return 0;
}

int fse_full_of_files(struct fse_disk *d, struct fse_heard *h)
{
	int err = fse_files(&d->fs, 0, 100000);

	h->begin = fse_now();
	return err == -ENOSPC ? 0 : -1;
}

/*
 * Allocates all space to data first and frees some, so that there is room for
 * data only.
 */
int fse_full_of_metadata(struct fse_disk *d, struct fse_heard *h)
{
	static const char value[3800];
	__u64 bytes = 0, some = 64 << 20;
	int fd, file, err = 0, i;
	char path[160];

	if (fse_config("\n"))
		return -1;
	snprintf(path, sizeof(path), "%s/data", d->fs.mount);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	while (some >= 4096) {
		if (fallocate(fd, 0, bytes, some))
			some /= 2;
		else
			bytes += some;
	}
	if (ftruncate(fd, bytes - (20 << 20)) || syncfs(fd) ||
	    fse_config("%s G", d->fs.mount) ||
	    !fse_sampled("%s G", d->fs.mount))
		err = -1;
	close(fd);
	h->begin = fse_now();
	for (i = 0; !err && i < 100000; i++) {
		snprintf(path, sizeof(path), "%s/%d", d->fs.mount, i);
		file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (file < 0 ||
		    fsetxattr(file, "user.value", value, sizeof(value), 0))
			err = errno;
		close(file);
	}
	sync_all(&d->fs);
	return err == ENOSPC ? 0 : -1;
}

int fse_found(struct fse_disk *d, struct fse_heard *h,
	      int (*damage)(struct fse_disk *d), const char *what)
{
	if (damage(d) || fse_config("%s G", d->fs.mount))
		return -1;
	h->begin = fse_now();
	fse_sh("cd %s && { %s; } >/dev/null 2>&1; true", d->fs.mount, what);
	return 0;
}

/* Garbage collection finds it; request that, as it is rare otherwise. */
int fse_f2fs_summaries_corrupted(struct fse_disk *d, struct fse_heard *h)
{
	if (fse_damage_f2fs_summaries(d) || fse_config("%s G", d->fs.mount))
		return -1;
	h->begin = fse_now();
	return request(d, F2FS_IOC_GARBAGE_COLLECT, 1) ? 0 : -1;
}

/* Reads a directory that is not cached. */
int fse_xfs_metadata_unreadable(struct fse_disk *d, struct fse_heard *h)
{
	if (fse_sh("mkdir %s/dir", d->fs.mount) ||
	    fse_disk_remount(d, "true") || fse_config("%s G", d->fs.mount) ||
	    fse_disk_target(d, "flakey", "0 0 60 1 error_reads"))
		return -1;
	h->begin = fse_now();
	return fse_sh("ls %s/dir 2>/dev/null", d->fs.mount) ? 0 : -1;
}

/*
 * Reads inline data whose block is not cached. f2fs gives up only after a
 * hundred failed reads.
 */
int fse_f2fs_metadata_unreadable(struct fse_disk *d, struct fse_heard *h)
{
	char path[160], c;
	bool fails = true;
	int i, fd;

	if (fse_sh("echo x >%s/file && sync -f %s", d->fs.mount,
		   d->fs.mount) || fse_put("/proc/sys/vm/drop_caches", "1"))
		return -1;
	snprintf(path, sizeof(path), "%s/file", d->fs.mount);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fse_disk_target(d, "flakey", "0 0 60 1 error_reads"))
		fails = false;
	h->begin = fse_now();
	for (i = 0; fails && i < 110; i++)
		fails = pread(fd, &c, 1, 0) < 0 && errno == EIO;
	close(fd);
	return fails ? 0 : -1;
}

static bool has_io_error(void *arg)
{
	const struct fse_heard *h = arg;

	return h->count[FS_ERR_IO] > 0;
}

/* Location of the XFS log. */
#define XFS_LOG								\
	"set -- $(xfs_db -r -c sb -c 'p logstart logblocks' " FSE_DISK " | " \
	"sed 's/.* //'); xfs_db -r -c \"convert fsblock $1 daddr\" " FSE_DISK \
	" | sed 's/.*(\\([0-9]*\\))/\\1/'; echo $(($2 * 8))"

#define XFS_PERIOD	"/proc/sys/fs/xfs/xfssyncd_centisecs"

/*
 * Only the log can be written: the change is safe, but writing it back fails.
 * XFS retries once per period.
 */
int fse_xfs_metadata_unwritable(struct fse_disk *d, struct fse_heard *h)
{
	unsigned int period = atoi(fse_read(XFS_PERIOD));
	bool done = false;

	if (fse_put(XFS_PERIOD, "100"))
		return -1;
	/* Sets the period, and caches the metadata that the change needs. */
	if (!fse_disk_remount(d, "true") && !fse_config("%s G", d->fs.mount) &&
	    !fse_sh("touch %s/file && sync -f %s", d->fs.mount, d->fs.mount) &&
	    !fse_disk_only(d, XFS_LOG)) {
		h->begin = fse_now();
		done = !fse_sh("chmod 600 %s/file && sync -f %s", d->fs.mount,
			       d->fs.mount);
		fse_until(has_io_error, h);
	}
	fse_sh("echo %u >" XFS_PERIOD, period);
	return done ? 0 : -1;
}
