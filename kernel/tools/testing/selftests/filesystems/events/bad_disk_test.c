// SPDX-License-Identifier: GPL-2.0-only
/*
 * Disks that fail below a file system: written data that is lost, and what
 * the file system makes of it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "control.h"
#include "disk.h"
#include "harness.h"
#include "heard.h"
#include "module.h"

enum {
	RO = 1U << FS_ERR_REMOUNT_RO,
};

FIXTURE(bad_disk)
{
	struct fse_disk disk;
	struct fse_listener l;
	struct fse_heard heard;
};

FIXTURE_VARIANT(bad_disk)
{
	const char *type;
	const char *mkfs;
};

FIXTURE_VARIANT_ADD(bad_disk, ext4)
{
	.type = "ext4",
	.mkfs = "mkfs.ext4 -q -F -E nodiscard -e remount-ro",
};

FIXTURE_VARIANT_ADD(bad_disk, xfs)
{
	.type = "xfs",
	.mkfs = "mkfs.xfs -q -f -K",
};

FIXTURE_VARIANT_ADD(bad_disk, btrfs)
{
	.type = "btrfs",
	.mkfs = "mkfs.btrfs -q -f -K",
};

FIXTURE_SETUP(bad_disk)
{
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_disk_make(&self->disk, variant->type, variant->mkfs,
				   320, ""));
	ASSERT_EQ(0, fse_listen(&self->l));
}

FIXTURE_TEARDOWN(bad_disk)
{
	fse_config("\n");
	fse_unlisten(&self->l);
	fse_disk_remove(&self->disk);
}

/* From now on every access fails, and somebody tries. */
static int break_disk(struct fse_disk *d)
{
	if (fse_disk_target(d, "error", "") ||
	    !fse_fill(&d->fs, "after", 100))
		return -1;
	/* The first that has to write trips over an aborted journal. */
	fse_sh("touch %s/trip 2>/dev/null; sync -f %s 2>/dev/null",
	       d->fs.mount, d->fs.mount);
	return 0;
}

/*
 * Nothing but this is watched, so that no sample is due for a minute: what the
 * file system does when it fails must lead to one.
 */
TEST_F(bad_disk, read_only_is_told_soon_to_who_asks_for_that_alone)
{
	ASSERT_EQ(0, fse_config("%s G:remount_ro", FSE_DISK_MOUNT));
	/* Where to make a file is known then: that it can't be read is no harm. */
	ASSERT_EQ(0, fse_fill(&self->disk.fs, "before", 10));
	ASSERT_TRUE(fse_sampled("%s G:remount_ro", FSE_DISK_MOUNT));
	fse_hear_from(&self->heard);
	ASSERT_EQ(0, break_disk(&self->disk));
	fse_hear(&self->heard, &self->l, FSE_DISK_MOUNT, RO, 0);
	EXPECT_EQ(RO, self->heard.seen);
	/* A kernel with hooks knows why. */
	EXPECT_EQ(built_in() ? EIO : EROFS,
		  self->heard.error[FS_ERR_REMOUNT_RO]);
}

/*
 * The disk is a file on a file system that is full itself: the file system
 * above has space, and finds at writeback that there is none.
 */
FIXTURE(thin_disk)
{
	struct fse_fs below;
	struct fse_fs fs;
	struct fse_listener l;
	struct fse_event ev;
};

FIXTURE_VARIANT(thin_disk)
{
	const char *mkfs;
	unsigned int below;	/* MiB that there are */
	unsigned int mib;	/* and that it is taken for */
};

FIXTURE_VARIANT_ADD(thin_disk, ext4)
{
	.mkfs = "mkfs.ext4 -q -F -E nodiscard",
	.below = 12,
	.mib = 40,
};

FIXTURE_VARIANT_ADD(thin_disk, xfs)
{
	.mkfs = "mkfs.xfs -q -f -K",
	.below = 100,
	.mib = 320,
};

FIXTURE_VARIANT_ADD(thin_disk, btrfs)
{
	.mkfs = "mkfs.btrfs -q -f -K -m single",
	.below = 40,
	.mib = 320,
};

#define THIN	FSE_MNT "/thin"

FIXTURE_SETUP(thin_disk)
{
	const char *below = self->below.mount;

	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fs_make(&self->below, "tmpfs", "below",
				 variant->below, ""));
	ASSERT_EQ(0, fse_sh("truncate -s %uM %s/image && %s %s/image >/dev/null",
			    variant->mib, below, variant->mkfs, below));
	snprintf(self->fs.mount, sizeof(self->fs.mount), THIN);
	ASSERT_EQ(0, fse_sh("mkdir -p " THIN " && mount -o loop %s/image " THIN,
			    below));
	ASSERT_EQ(0, fse_listen(&self->l));
}

FIXTURE_TEARDOWN(thin_disk)
{
	fse_config("\n");
	fse_unlisten(&self->l);
	fse_sh("umount -d " THIN " && rmdir " THIN);
	fse_fs_remove(&self->below);
}

static bool probes_are_off(void *arg)
{
	(void)arg;
	return !strstr(fse_read("/sys/kernel/debug/kprobes/list"),
		       "ext4_force_shutdown");
}

TEST_F(thin_disk, writeback_finds_no_space)
{
	int id;

	/* What another had on, and lets go of, is another source. */
	ASSERT_EQ(0, fse_config(THIN " G:enospc;%s G:shutdown",
				self->below.mount));
	ASSERT_EQ(0, fse_config("!%s", self->below.mount));
	EXPECT_TRUE(fse_until(probes_are_off, NULL));
	EXPECT_NE(0, fse_fill(&self->fs, "file",
			      fse_avail(&self->fs) * 3 / 4));
	id = fse_next_of(&self->l, THIN, &self->ev, FSE_SOON);
	EXPECT_EQ(FS_WARN_ENOSPC, id);
	EXPECT_EQ(ENOSPC, self->ev.error);
	EXPECT_NE(0, self->ev.ino);
	/* It was a worker that found out. */
	EXPECT_EQ(0, self->ev.pid);
	EXPECT_LT(100, fse_avail(&self->fs));
}

TEST_HARNESS_MAIN
