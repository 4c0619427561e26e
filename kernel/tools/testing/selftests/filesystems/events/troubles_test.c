// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each trouble on each file system that can have it: what is told, and what is
 * not. A line for each event says what came, for the table that tests/troubles
 * makes of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "control.h"
#include "damage.h"
#include "disk.h"
#include "harness.h"
#include "heard.h"
#include "module.h"
#include "process.h"

enum {
	FULL = 1U << FS_WARN_ENOSPC,
	META = 1U << FS_WARN_ENOSPC_META,
	RO = 1U << FS_ERR_REMOUNT_RO,
	BAD = 1U << FS_ERR_CORRUPTED,
	IO = 1U << FS_ERR_IO,
	DOWN = 1U << FS_ERR_SHUTDOWN,
};

/* How long is listened for what must not come. */
#define REST	500

#define MKFS_EXT4	"mkfs.ext4 -q -F -E nodiscard"
#define MKFS_XFS	"mkfs.xfs -q -f -K"
#define MKFS_BTRFS	"mkfs.btrfs -q -f -K"
#define MKFS_F2FS	"mkfs.f2fs -q -f -t 0"

/* Writes data, which is on its way to the disk only later. */
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

/* From when on it is that something is to be told, for the table. */
static struct fse_heard heard;
static atomic_bool over;

static void begins(void)
{
	heard.begin = fse_now();
}

/* --- troubles: what brings them about; 0 when it could be done -------------- */

/* Reading still works, and so do writes of the log: only what is flushed fails. */
static int data_is_lost(struct fse_disk *d)
{
	/* More than a file system keeps beside the inode. */
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
	/* Over blocks that are there: no log is needed to find them. */
	begins();
	err = sync_file_range(fd, 0, sizeof(data), SYNC_FILE_RANGE_WRITE |
			      SYNC_FILE_RANGE_WAIT_AFTER);
	close(fd);
	return fse_disk_target(d, "linear", "0") || !err ? -1 : 0;
}

static int disk_fails(struct fse_disk *d)
{
	write_data(&d->fs, "before", 64);
	sync_all(&d->fs);
	if (fse_disk_target(d, "error", ""))
		return -1;
	begins();
	write_data(&d->fs, "after", 512);
	sync_all(&d->fs);
	/* Some find out that they can't write with the next change only. */
	fse_sh("touch %s/change 2>/dev/null; sync -f %s 2>/dev/null; true",
	       d->fs.mount, d->fs.mount);
	return 0;
}

static int shut_down(struct fse_disk *d)
{
	begins();
	return fse_sh("xfs_io -x -c shutdown %s", d->fs.mount);
}

/* What an administrator can ask for; ext4 calls it ESHUTDOWN. */
static int aborted(struct fse_disk *d)
{
	begins();
	fse_sh("mount -o remount,abort %s 2>/dev/null; touch %s/change 2>/dev/null; true",
	       d->fs.mount, d->fs.mount);
	return 0;
}

static int an_error_is_found(struct fse_disk *d)
{
	char path[64];
	struct stat st;

	if (stat(d->fs.mount, &st))
		return -1;
	snprintf(path, sizeof(path), "/sys/fs/ext4/dm-%u/trigger_fs_error",
		 minor(st.st_dev));
	begins();
	return fse_put(path, "on demand");
}

static int full_of_data(struct fse_disk *d)
{
	fse_sh("dd if=/dev/zero of=%s/fill bs=1M 2>/dev/null; true",
	       d->fs.mount);
	begins();
	fse_sh("dd if=/dev/zero of=%s/more bs=4K 2>/dev/null; true",
	       d->fs.mount);
	sync_all(&d->fs);
	return 0;
}

static int full_of_files(struct fse_disk *d)
{
	int err = fse_files(&d->fs, 0, 100000);

	begins();
	return err == -ENOSPC ? 0 : -1;
}

/* What is damaged is found by who does @what in the file system. */
static int found(struct fse_disk *d, int (*damage)(struct fse_disk *d),
		 const char *what)
{
	if (damage(d) || fse_config("%s G", d->fs.mount))
		return -1;
	begins();
	fse_sh("cd %s && { %s; } >/dev/null 2>&1; true", d->fs.mount, what);
	return 0;
}

static int ext4_inode_corrupted(struct fse_disk *d)
{
	return found(d, fse_damage_ext4_inode, "cat dir/file");
}

static int xfs_directory_corrupted(struct fse_disk *d)
{
	return found(d, fse_damage_xfs_directory, "ls dir/");
}

/*
 * It is found out when space is given back, and too late to go back on that:
 * xfs shuts itself down.
 */
static int xfs_free_space_corrupted(struct fse_disk *d)
{
	return found(d, fse_damage_xfs_free_space, "rm file; sync -f .");
}

static int btrfs_data_corrupted(struct fse_disk *d)
{
	return found(d, fse_damage_btrfs_data, "cat file");
}

static int btrfs_leaf_corrupted(struct fse_disk *d)
{
	return found(d, fse_damage_btrfs_leaf, "ls -l");
}

static int f2fs_inode_corrupted(struct fse_disk *d)
{
	return found(d, fse_damage_f2fs_inode, "cat file");
}

/* --- the matrix ------------------------------------------------------------- */

FIXTURE(trouble)
{
	struct fse_disk disk;
	struct fse_listener l;
};

FIXTURE_VARIANT(trouble)
{
	const char *what;
	const char *type;
	const char *mkfs;
	unsigned int mib;
	const char *options;
	int (*happens)(struct fse_disk *d);
	unsigned int told;		/* has to come */
	unsigned int may;		/* may come as well */
	/* In a kernel with hooks: */
	int why;			/* errno of remount_ro */
	int bad;			/* errno of corrupted, if not EUCLEAN */
	unsigned int knows;		/* of what the inode is known */
	bool hooked;			/* told only there */
};

FIXTURE_SETUP(trouble)
{
	if (variant->hooked && !built_in())
		SKIP(return, "no hooks in this kernel");
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_disk_make(&self->disk, variant->type, variant->mkfs,
				   variant->mib, variant->options));
	ASSERT_EQ(0, fse_listen(&self->l));
	ASSERT_EQ(0, fse_config("%s G", self->disk.fs.mount));
	ASSERT_TRUE(fse_sampled("%s G", self->disk.fs.mount));
}

FIXTURE_TEARDOWN(trouble)
{
	if (!self->disk.fs.mount[0])
		return;
	fse_config("\n");
	fse_unlisten(&self->l);
	fse_disk_remove(&self->disk);
}

/* clang-format off */
FIXTURE_VARIANT_ADD(trouble, ext4_data_lost) {
	"data can't be written", "ext4", MKFS_EXT4, 40, "", data_is_lost,
	IO, .may = 0
};

FIXTURE_VARIANT_ADD(trouble, xfs_data_lost) {
	"data can't be written", "xfs", MKFS_XFS, 320, "", data_is_lost, IO,
	.may = 0
};

FIXTURE_VARIANT_ADD(trouble, btrfs_data_lost) {
	"data can't be written", "btrfs", MKFS_BTRFS, 320, "", data_is_lost,
	IO, .may = 0
};

FIXTURE_VARIANT_ADD(trouble, ext4_disk_fails) {
	"disk fails", "ext4", MKFS_EXT4, 40, "-o errors=remount-ro",
	disk_fails, IO | RO, 0, .why = EIO
};

FIXTURE_VARIANT_ADD(trouble, ext4_disk_fails_go_on) {
	"disk fails, errors=continue", "ext4", MKFS_EXT4, 40,
	"-o errors=continue", disk_fails, IO, RO, .why = EIO
};

FIXTURE_VARIANT_ADD(trouble, xfs_disk_fails) {
	"disk fails", "xfs", MKFS_XFS, 320, "", disk_fails, IO | RO | DOWN,
	0, .why = EIO
};

FIXTURE_VARIANT_ADD(trouble, btrfs_disk_fails) {
	"disk fails", "btrfs", MKFS_BTRFS, 320, "", disk_fails, IO | RO, 0,
	.why = EIO
};

FIXTURE_VARIANT_ADD(trouble, ext4_shut_down) {
	"shutdown(ioctl)", "ext4", MKFS_EXT4, 40, "", shut_down, RO | DOWN,
	0, .why = ESHUTDOWN
};

FIXTURE_VARIANT_ADD(trouble, xfs_shut_down) {
	"shutdown(ioctl)", "xfs", MKFS_XFS, 320, "", shut_down, RO | DOWN, 0,
	.why = ESHUTDOWN
};

FIXTURE_VARIANT_ADD(trouble, ext4_aborted) {
	"abort (mount option)", "ext4", MKFS_EXT4, 40, "", aborted,
	RO | DOWN, 0, .why = ESHUTDOWN
};

FIXTURE_VARIANT_ADD(trouble, ext4_error_ro) {
	"error, errors=remount-ro", "ext4", MKFS_EXT4, 40,
	"-o errors=remount-ro", an_error_is_found, BAD | RO, 0,
	.why = EUCLEAN
};

FIXTURE_VARIANT_ADD(trouble, ext4_error) {
	"error, errors=continue", "ext4", MKFS_EXT4, 40,
	"-o errors=continue", an_error_is_found, BAD, .may = 0
};

FIXTURE_VARIANT_ADD(trouble, ext4_inode) {
	"inode corrupted", "ext4", MKFS_EXT4 " -O ^metadata_csum", 40, "",
	ext4_inode_corrupted, BAD, 0, .knows = BAD
};

FIXTURE_VARIANT_ADD(trouble, xfs_directory) {
	"directory corrupted", "xfs", MKFS_XFS, 320, "",
	xfs_directory_corrupted, BAD, 0, .knows = BAD
};

FIXTURE_VARIANT_ADD(trouble, xfs_free_space) {
	"free space corrupted", "xfs", MKFS_XFS, 320, "",
	xfs_free_space_corrupted, BAD | RO | DOWN, 0, .why = EUCLEAN
};

FIXTURE_VARIANT_ADD(trouble, btrfs_data) {
	"data corrupted", "btrfs", MKFS_BTRFS, 320, "", btrfs_data_corrupted,
	BAD, 0, .bad = EBADMSG, .knows = BAD, .hooked = true
};

FIXTURE_VARIANT_ADD(trouble, btrfs_leaf) {
	"tree block corrupted", "btrfs", MKFS_BTRFS " -m single", 320, "",
	btrfs_leaf_corrupted, BAD, 0, .hooked = true
};

FIXTURE_VARIANT_ADD(trouble, f2fs_data_lost) {
	"data can't be written", "f2fs", MKFS_F2FS, 100, "", data_is_lost, IO,
	0, .hooked = true
};

FIXTURE_VARIANT_ADD(trouble, f2fs_disk_fails) {
	"disk fails", "f2fs", MKFS_F2FS, 100, "", disk_fails, IO | RO, 0,
	.why = EIO, .hooked = true
};

FIXTURE_VARIANT_ADD(trouble, f2fs_shut_down) {
	"shutdown(ioctl)", "f2fs", MKFS_F2FS, 100, "", shut_down, RO | DOWN, 0,
	.why = ESHUTDOWN, .hooked = true
};

FIXTURE_VARIANT_ADD(trouble, f2fs_inode) {
	"inode corrupted", "f2fs", MKFS_F2FS, 100, "", f2fs_inode_corrupted,
	BAD, 0, .hooked = true
};

FIXTURE_VARIANT_ADD(trouble, ext4_full) {
	"full of data", "ext4", MKFS_EXT4, 40, "", full_of_data, FULL, .may = 0
};

FIXTURE_VARIANT_ADD(trouble, xfs_full) {
	"full of data", "xfs", MKFS_XFS, 320, "", full_of_data, FULL, .may = META
};

FIXTURE_VARIANT_ADD(trouble, btrfs_full) {
	"full of data", "btrfs", MKFS_BTRFS, 320, "", full_of_data, FULL, .may = 0
};

FIXTURE_VARIANT_ADD(trouble, ext4_files) {
	"full of files", "ext4", MKFS_EXT4 " -N 512", 40, "", full_of_files,
	META, .may = 0
};

/* clang-format on */

static const struct {
	const char *name;
	unsigned int error;
} events[] = {
	[FS_WARN_ENOSPC]	= { "enospc", ENOSPC },
	[FS_WARN_ENOSPC_META]	= { "enospc_meta", ENOSPC },
	[FS_ERR_REMOUNT_RO]	= { "remount_ro", EROFS },
	[FS_ERR_CORRUPTED]	= { "corrupted", EUCLEAN },
	[FS_ERR_IO]		= { "io_error", EIO },
	[FS_ERR_SHUTDOWN]	= { "shutdown", ESHUTDOWN },
};

/* The errno that an event has to come with. */
static int expected(unsigned int id, int why, int bad)
{
	if (built_in() && why && 1U << id == RO)
		return why;
	if (built_in() && bad && 1U << id == BAD)
		return bad;
	return events[id].error;
}

/* While it happens. */
static void *listener(void *l)
{
	while (!atomic_load(&over))
		fse_hear(&heard, l, FSE_DISK_MOUNT, 0, 50);
	return NULL;
}

TEST_F(trouble, is_told)
{
	const unsigned int once = RO | DOWN;
	const struct fse_heard *h = &heard;
	pthread_t thread;
	unsigned int id;
	int err;

	fse_hear_from(&heard);
	ASSERT_EQ(0, pthread_create(&thread, NULL, listener, &self->l));
	err = variant->happens(&self->disk);
	atomic_store(&over, true);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	ASSERT_EQ(0, err);
	fse_hear(&heard, &self->l, FSE_DISK_MOUNT, variant->told, REST);
	for (id = 0; id < ARRAY_SIZE(events); id++) {
		if (!events[id].name || !(h->seen & 1U << id))
			continue;
		printf("# told: %s | %s | %s | %s | %s | %u | %llu\n",
		       variant->type, variant->what, events[id].name,
		       strerrorname_np(h->error[id]) ?: "-",
		       h->ino[id] ? "yes" : "-", h->count[id], h->after[id]);
		EXPECT_EQ(expected(id, variant->why, variant->bad),
			  h->error[id]);
		if (built_in() && variant->knows & 1U << id)
			EXPECT_NE(0, h->ino[id]);
		if (once & 1U << id)
			EXPECT_EQ(1, h->count[id]);
	}
	fflush(stdout);
	EXPECT_EQ(variant->told, h->seen & variant->told);
	EXPECT_EQ(0, h->seen & ~(variant->told | variant->may |
				 1U << FS_INFO_UNMOUNT));
}

TEST_HARNESS_MAIN
