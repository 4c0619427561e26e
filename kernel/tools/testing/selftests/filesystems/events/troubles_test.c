// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each failure on each file system that can have it: which events come and
 * which don't. Prints a line per event for the table of tests/troubles.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "damage.h"
#include "harness.h"
#include "module.h"
#include "trouble.h"

enum {
	FULL = 1U << FS_WARN_ENOSPC,
	META = 1U << FS_WARN_ENOSPC_META,
	RO = 1U << FS_ERR_REMOUNT_RO,
	BAD = 1U << FS_ERR_CORRUPTED,
	IO = 1U << FS_ERR_IO,
	DOWN = 1U << FS_ERR_SHUTDOWN,
};

/* Time to listen for events that must not come. */
#define REST	500

#define MKFS_EXT4	"mkfs.ext4 -q -F -E nodiscard"
#define MKFS_XFS	"mkfs.xfs -q -f -K"
#define MKFS_BTRFS	"mkfs.btrfs -q -f -K"
#define MKFS_F2FS	"mkfs.f2fs -q -f -t 0"

static struct fse_heard heard;
static atomic_bool over;

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
	int (*happens)(struct fse_disk *d, struct fse_heard *h);
	unsigned int reported;		/* must come */
	unsigned int may;		/* may also come */
	/* In a kernel with hooks: */
	int why;			/* its errno of remount_ro */
	int bad;			/* errno of corrupted, if not EUCLEAN */
	unsigned int knows;		/* events that have an inode */
	unsigned int once;		/* events that occur exactly once */
	bool hooked;			/* reported only there */
	bool unmounts;			/* the file system is gone afterwards */
	/* If the failure needs an action: */
	int (*damage)(struct fse_disk *d);
	const char *found;		/* command that finds the damage */
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
	"data can't be written", "ext4", MKFS_EXT4, 40, "", fse_data_is_lost,
	IO, .may = 0
};

FIXTURE_VARIANT_ADD(trouble, xfs_data_lost) {
	"data can't be written", "xfs", MKFS_XFS, 320, "", fse_data_is_lost, IO,
	.may = 0
};

FIXTURE_VARIANT_ADD(trouble, btrfs_data_lost) {
	"data can't be written", "btrfs", MKFS_BTRFS, 320, "", fse_data_is_lost,
	IO, .may = 0
};

FIXTURE_VARIANT_ADD(trouble, ext4_disk_fails) {
	"disk fails", "ext4", MKFS_EXT4, 40, "-o errors=remount-ro",
	fse_disk_fails, IO | RO, 0, .why = EIO
};

FIXTURE_VARIANT_ADD(trouble, ext4_disk_fails_go_on) {
	"disk fails, errors=continue", "ext4", MKFS_EXT4, 40,
	"-o errors=continue", fse_disk_fails, IO, RO, .why = EIO
};

FIXTURE_VARIANT_ADD(trouble, xfs_disk_fails) {
	"disk fails", "xfs", MKFS_XFS, 320, "", fse_disk_fails, IO | RO | DOWN,
	0, .why = EIO
};

FIXTURE_VARIANT_ADD(trouble, btrfs_disk_fails) {
	"disk fails", "btrfs", MKFS_BTRFS, 320, "", fse_disk_fails, IO | RO, 0,
	.why = EIO
};

FIXTURE_VARIANT_ADD(trouble, ext4_unmounted) {
	"disk fails, unmounted", "ext4", MKFS_EXT4, 40, "",
	fse_disk_fails_unmounted, IO, RO | DOWN, .unmounts = true
};

FIXTURE_VARIANT_ADD(trouble, xfs_unmounted) {
	"disk fails, unmounted", "xfs", MKFS_XFS, 320, "",
	fse_disk_fails_unmounted, IO, RO | DOWN, .why = EIO, .unmounts = true
};

FIXTURE_VARIANT_ADD(trouble, btrfs_unmounted) {
	"disk fails, unmounted", "btrfs", MKFS_BTRFS, 320, "",
	fse_disk_fails_unmounted, IO, RO, .why = EIO, .unmounts = true
};

FIXTURE_VARIANT_ADD(trouble, ext4_shut_down) {
	"shutdown(ioctl)", "ext4", MKFS_EXT4, 40, "", fse_shut_down, RO | DOWN,
	0, .why = ESHUTDOWN
};

FIXTURE_VARIANT_ADD(trouble, ext4_shut_down_logged) {
	"shutdown(ioctl), logged", "ext4", MKFS_EXT4, 40, "",
	fse_shut_down_logged, RO | DOWN, 0, .why = ESHUTDOWN
};

FIXTURE_VARIANT_ADD(trouble, ext4_shut_down_frozen) {
	"shutdown(ioctl), frozen", "ext4", MKFS_EXT4, 40, "",
	fse_shut_down_frozen, RO | DOWN, 0, .why = ESHUTDOWN
};

FIXTURE_VARIANT_ADD(trouble, xfs_shut_down) {
	"shutdown(ioctl)", "xfs", MKFS_XFS, 320, "", fse_shut_down, RO | DOWN, 0,
	.why = ESHUTDOWN
};

FIXTURE_VARIANT_ADD(trouble, btrfs_shut_down) {
	"shutdown(ioctl)", "btrfs", MKFS_BTRFS, 320, "", fse_shut_down_btrfs,
	RO | DOWN, 0, .why = ESHUTDOWN
};

FIXTURE_VARIANT_ADD(trouble, ext4_aborted) {
	"abort (mount option)", "ext4", MKFS_EXT4, 40, "", fse_aborted,
	RO | DOWN, 0, .why = ESHUTDOWN
};

FIXTURE_VARIANT_ADD(trouble, ext4_error_ro) {
	"error, errors=remount-ro", "ext4", MKFS_EXT4, 40,
	"-o errors=remount-ro", fse_an_error_is_found, BAD | RO, 0,
	.why = EUCLEAN
};

FIXTURE_VARIANT_ADD(trouble, ext4_error) {
	"error, errors=continue", "ext4", MKFS_EXT4, 40,
	"-o errors=continue", fse_an_error_is_found, BAD, .may = 0
};

FIXTURE_VARIANT_ADD(trouble, ext4_inode) {
	"inode corrupted", "ext4", MKFS_EXT4 " -O ^metadata_csum", 40, "",
	NULL, BAD, 0, .knows = BAD,
	.damage = fse_damage_ext4_inode, .found = "cat dir/file"
};

FIXTURE_VARIANT_ADD(trouble, xfs_directory) {
	"directory corrupted", "xfs", MKFS_XFS, 320, "",
	NULL, BAD, 0, .knows = BAD,
	.damage = fse_damage_xfs_directory, .found = "ls dir/"
};

/* Found while the inode is read: xfs reports no inode yet. */
FIXTURE_VARIANT_ADD(trouble, xfs_inode) {
	"inode corrupted", "xfs", MKFS_XFS, 320, "", NULL,
	BAD, .may = 0,
	.damage = fse_damage_xfs_inode, .found = "cat dir/file"
};

FIXTURE_VARIANT_ADD(trouble, xfs_quota) {
	"quota corrupted", "xfs", MKFS_XFS, 320, "-o uquota", NULL,
	BAD, .may = 0, .hooked = true,
	.damage = fse_damage_xfs_quota, .found = ": >file; chown 1000 file"
};

/*
 * Detected while freeing, when the transaction can't be cancelled: XFS shuts
 * itself down.
 */
FIXTURE_VARIANT_ADD(trouble, xfs_free_space) {
	"free space corrupted", "xfs", MKFS_XFS, 320, "",
	NULL, BAD | RO | DOWN, 0, .why = EUCLEAN,
	.damage = fse_damage_xfs_free_space, .found = "rm file; sync -f ."
};

FIXTURE_VARIANT_ADD(trouble, xfs_unreadable) {
	"metadata can't be read", "xfs", MKFS_XFS, 320, "",
	fse_xfs_metadata_unreadable, IO, 0, .once = IO, .hooked = true
};

FIXTURE_VARIANT_ADD(trouble, xfs_unwritable) {
	"metadata can't be written", "xfs", MKFS_XFS, 320, "",
	fse_xfs_metadata_unwritable, IO, 0, .hooked = true
};

FIXTURE_VARIANT_ADD(trouble, btrfs_data) {
	"data corrupted", "btrfs", MKFS_BTRFS, 320, "", NULL,
	BAD, 0, .bad = EBADMSG, .knows = BAD, .hooked = true,
	.damage = fse_damage_btrfs_data, .found = "cat file"
};

FIXTURE_VARIANT_ADD(trouble, btrfs_data_scrubbed) {
	"data corrupted, scrubbed", "btrfs", MKFS_BTRFS, 320, "",
	NULL, BAD, 0, .bad = EBADMSG, .once = BAD,
	.hooked = true,
	.damage = fse_damage_btrfs_data, .found = "btrfs scrub start -B ."
};

FIXTURE_VARIANT_ADD(trouble, btrfs_data_balanced) {
	"data corrupted, balanced", "btrfs", MKFS_BTRFS, 320, "",
	NULL, BAD, 0, .bad = EBADMSG, .hooked = true,
	.damage = fse_damage_btrfs_data, .found = "btrfs balance start -d ."
};

FIXTURE_VARIANT_ADD(trouble, btrfs_leaf) {
	"tree block corrupted", "btrfs", MKFS_BTRFS " -m single", 320, "",
	NULL, BAD, 0, .hooked = true,
	.damage = fse_damage_btrfs_leaf, .found = "ls -l"
};

FIXTURE_VARIANT_ADD(trouble, btrfs_leaf_scrubbed) {
	"tree block corrupted, scrubbed", "btrfs", MKFS_BTRFS " -m single",
	320, "", NULL, BAD, 0, .bad = EBADMSG, .once = BAD,
	.hooked = true,
	.damage = fse_damage_btrfs_leaf, .found = "btrfs scrub start -B ."
};

FIXTURE_VARIANT_ADD(trouble, f2fs_data_lost) {
	"data can't be written", "f2fs", MKFS_F2FS, 100, "", fse_data_is_lost, IO,
	0, .hooked = true
};

FIXTURE_VARIANT_ADD(trouble, f2fs_disk_fails) {
	"disk fails", "f2fs", MKFS_F2FS, 100, "", fse_disk_fails, IO | RO, 0,
	.why = EIO, .hooked = true
};

FIXTURE_VARIANT_ADD(trouble, f2fs_shut_down) {
	"shutdown(ioctl)", "f2fs", MKFS_F2FS, 100, "", fse_shut_down, RO | DOWN, 0,
	.why = ESHUTDOWN, .hooked = true
};

FIXTURE_VARIANT_ADD(trouble, f2fs_inode) {
	"inode corrupted", "f2fs", MKFS_F2FS, 100, "", NULL,
	BAD, 0, .hooked = true,
	.damage = fse_damage_f2fs_inode, .found = "cat file"
};

FIXTURE_VARIANT_ADD(trouble, f2fs_summaries) {
	"segment summaries corrupted", "f2fs", MKFS_F2FS, 100, "",
	fse_f2fs_summaries_corrupted, BAD | RO, 0, .why = EUCLEAN,
	.once = BAD, .hooked = true
};

FIXTURE_VARIANT_ADD(trouble, f2fs_unreadable) {
	"metadata can't be read", "f2fs", MKFS_F2FS, 100, "",
	fse_f2fs_metadata_unreadable, IO | RO, 0, .why = EIO, .hooked = true
};

FIXTURE_VARIANT_ADD(trouble, ext4_full) {
	"full of data", "ext4", MKFS_EXT4, 40, "", fse_full_of_data, FULL, .may = 0
};

FIXTURE_VARIANT_ADD(trouble, xfs_full) {
	"full of data", "xfs", MKFS_XFS, 320, "", fse_full_of_data, FULL, .may = META
};

FIXTURE_VARIANT_ADD(trouble, btrfs_full) {
	"full of data", "btrfs", MKFS_BTRFS, 320, "", fse_full_of_data, FULL, .may = META
};

FIXTURE_VARIANT_ADD(trouble, btrfs_metadata) {
	"full of metadata", "btrfs", MKFS_BTRFS " -m single", 160, "",
	fse_full_of_metadata, META, .may = 0
};

FIXTURE_VARIANT_ADD(trouble, ext4_files) {
	"full of files", "ext4", MKFS_EXT4 " -N 512", 40, "", fse_full_of_files,
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

/* The expected errno of an event. */
static int expected(unsigned int id, int why, int bad)
{
	if (built_in() && why && 1U << id == RO)
		return why;
	if (built_in() && bad && 1U << id == BAD)
		return bad;
	return events[id].error;
}

/* Listens during the failure. */
static void *listener(void *l)
{
	while (!atomic_load(&over))
		fse_hear(&heard, l, FSE_DISK_MOUNT, 0, 50);
	return NULL;
}

TEST_F(trouble, is_reported)
{
	const unsigned int lasts = RO | DOWN;
	const struct fse_heard *h = &heard;
	pthread_t thread;
	unsigned int id;
	int err;

	fse_hear_from(&heard);
	ASSERT_EQ(0, pthread_create(&thread, NULL, listener, &self->l));
	if (variant->happens)
		err = variant->happens(&self->disk, &heard);
	else
		err = fse_found(&self->disk, &heard, variant->damage,
				variant->found);
	atomic_store(&over, true);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	if (err == -ENOTTY)
		SKIP(return, "this kernel's file system can't do that");
	ASSERT_EQ(0, err);
	fse_hear(&heard, &self->l, FSE_DISK_MOUNT, variant->reported, REST);
	for (id = 0; id < ARRAY_SIZE(events); id++) {
		if (!events[id].name || !(h->seen & 1U << id))
			continue;
		printf("# reported: %s | %s | %s | %s | %s | %u | %llu\n",
		       variant->type, variant->what, events[id].name,
		       strerrorname_np(h->error[id]) ?: "-",
		       h->ino[id] ? "yes" : "-", h->count[id], h->after[id]);
		EXPECT_EQ(expected(id, variant->why, variant->bad),
			  h->error[id]);
		if (built_in() && variant->knows & 1U << id)
			EXPECT_NE(0, h->ino[id]);
		if ((lasts | variant->once) & 1U << id)
			EXPECT_EQ(1, h->count[id]);
	}
	fflush(stdout);
	EXPECT_EQ(variant->reported, h->seen & variant->reported);
	EXPECT_EQ(0, h->seen & ~(variant->reported | variant->may |
				 1U << FS_INFO_UNMOUNT));
	if (variant->unmounts)
		EXPECT_TRUE(h->seen & 1U << FS_INFO_UNMOUNT);
	if (!built_in() || variant->unmounts)
		return;
	/* A new watch gets lasting failures. */
	fse_hear_from(&heard);
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_config("%s G", FSE_DISK_MOUNT));
	fse_hear(&heard, &self->l, FSE_DISK_MOUNT, variant->reported & lasts, REST);
	EXPECT_EQ(variant->reported & lasts, h->seen & lasts & ~variant->may);
}

TEST_HARNESS_MAIN
