// SPDX-License-Identifier: GPL-2.0-only
/*
 * Disks that fail below a file system: written data is lost, and the file
 * system reacts.
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

/* Makes every access to the disk fail, then accesses it. */
static int break_disk(struct fse_disk *d)
{
	if (fse_disk_target(d, "error", "") ||
	    !fse_fill(&d->fs, "after", 100))
		return -1;
	/* The first write runs into an aborted journal. */
	fse_sh("touch %s/trip 2>/dev/null; sync -f %s 2>/dev/null",
	       d->fs.mount, d->fs.mount);
	return 0;
}

/*
 * The watch has no levels, so the next sample is due in a minute. The file
 * system's failure must trigger one earlier.
 */
TEST_F(bad_disk, read_only_alone_is_reported_soon)
{
	ASSERT_EQ(0, fse_config("%s G:remount_ro", FSE_DISK_MOUNT));
	/*
	 * Cache the bitmaps, so that creating "after" does not read from the
	 * broken disk.
	 */
	ASSERT_EQ(0, fse_fill(&self->disk.fs, "before", 10));
	ASSERT_TRUE(fse_sampled("%s G:remount_ro", FSE_DISK_MOUNT));
	fse_hear_from(&self->heard);
	ASSERT_EQ(0, break_disk(&self->disk));
	fse_hear(&self->heard, &self->l, FSE_DISK_MOUNT, RO, 0);
	EXPECT_EQ(RO, self->heard.seen);
	/* A kernel with hooks reports the cause. */
	EXPECT_EQ(built_in() ? EIO : EROFS,
		  self->heard.error[FS_ERR_REMOUNT_RO]);
}

/*
 * The disk is a file on a full file system. The file system above has free
 * blocks, and finds at writeback that it can't store them.
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
	unsigned int below;	/* MiB available for the image */
	unsigned int mib;	/* MiB that the disk claims to have */
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

	/*
	 * A source that another watch enabled and released must not disable
	 * this one.
	 */
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
	/* A kworker wrote it back, so no process is to blame. */
	EXPECT_EQ(0, self->ev.pid);
	EXPECT_LT(100, fse_avail(&self->fs));
}

TEST_HARNESS_MAIN
