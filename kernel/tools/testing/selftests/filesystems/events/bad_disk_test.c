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
#include "harness.h"
#include "watched.h"

enum {
	RO = 1U << FS_ERR_REMOUNT_RO,
	DOWN = 1U << FS_ERR_SHUTDOWN,
	IO = 1U << FS_ERR_IO,
};

#define DISK	"/dev/mapper/bad"
#define MOUNT	FSE_MNT "/bad"

/* What was told: a bit for each event id, its first errno, how often. */
struct heard {
	unsigned int seen;
	unsigned int error[FS_ERR_SHUTDOWN + 1];
	unsigned int times[FS_ERR_SHUTDOWN + 1];
};

FIXTURE(bad_disk)
{
	struct fse_fs image;
	struct fse_fs fs;
	struct fse_listener l;
	struct heard heard;
};

FIXTURE_VARIANT(bad_disk)
{
	const char *type;
	const char *mkfs;
	/* What has to come when every write fails. */
	unsigned int events;
};

FIXTURE_VARIANT_ADD(bad_disk, ext4)
{
	.type = "ext4",
	.mkfs = "mkfs.ext4 -q -F -E nodiscard -e remount-ro",
	.events = IO | RO,
};

FIXTURE_VARIANT_ADD(bad_disk, xfs)
{
	.type = "xfs",
	.mkfs = "mkfs.xfs -q -f -K",
	.events = IO | RO | DOWN,
};

FIXTURE_VARIANT_ADD(bad_disk, btrfs)
{
	.type = "btrfs",
	.mkfs = "mkfs.btrfs -q -f -K",
	.events = IO | RO,
};

static int map_disk(const struct fse_fs *image, const char *action,
		    const char *target)
{
	return fse_sh("dmsetup %s bad --table \"0 $(blockdev --getsz %s) %s\"",
		      action, image->dev, target);
}

/* The file system lies on a dm device over the loop device of an image. */
FIXTURE_SETUP(bad_disk)
{
	char target[64];

	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fs_make(&self->image, "ext4", "image", 320, ""));
	ASSERT_EQ(0, umount(self->image.mount));
	fse_sh("modprobe -q dm-mod");
	snprintf(target, sizeof(target), "linear %s 0", self->image.dev);
	ASSERT_EQ(0, map_disk(&self->image, "create", target));
	ASSERT_EQ(0, fse_sh("dmsetup mknodes bad"));
	ASSERT_EQ(0, fse_sh("%s %s >/dev/null", variant->mkfs, DISK));
	snprintf(self->fs.type, sizeof(self->fs.type), "%s", variant->type);
	snprintf(self->fs.mount, sizeof(self->fs.mount), "%s", MOUNT);
	ASSERT_EQ(0, fse_sh("mkdir -p %s && mount %s %s", MOUNT, DISK, MOUNT));
	ASSERT_EQ(0, fse_listen(&self->l));
}

FIXTURE_TEARDOWN(bad_disk)
{
	fse_config("\n");
	fse_unlisten(&self->l);
	umount(MOUNT);
	rmdir(MOUNT);
	fse_sh("dmsetup remove --retry bad");
	fse_fs_remove(&self->image);
}

/* From now on every access fails. */
static int break_disk(const struct fse_fs *image)
{
	return fse_sh("dmsetup suspend --noflush --nolockfs bad") ||
	       map_disk(image, "load", "error") || fse_sh("dmsetup resume bad");
}

/* Reads messages until all of @events came, and on until @ms are over. */
static void listen_for(struct fse_listener *l, struct heard *h,
		       unsigned int events, unsigned int ms)
{
	__u64 deadline = fse_now() + FSE_SOON;
	__u64 end = fse_now() + ms;
	struct fse_event ev;

	while (fse_now() < end ||
	       ((h->seen & events) != events && fse_now() < deadline)) {
		int id = fse_next_of(l, MOUNT, &ev, 100);

		if (id <= 0 || id > FS_ERR_SHUTDOWN)
			continue;
		if (!(h->seen & 1U << id))
			h->error[id] = ev.error;
		h->seen |= 1U << id;
		h->times[id]++;
	}
}

TEST_F(bad_disk, every_access_fails)
{
	ASSERT_EQ(0, fse_config("%s G", MOUNT));
	ASSERT_EQ(0, fse_fill(&self->fs, "before", 10));
	ASSERT_EQ(0, break_disk(&self->image));
	EXPECT_NE(0, fse_fill(&self->fs, "after", 100));
	sync();
	/* The first that has to write trips over an aborted journal. */
	fse_sh("touch %s/trip 2>/dev/null; sync -f %s 2>/dev/null", MOUNT,
	       MOUNT);
	listen_for(&self->l, &self->heard, variant->events, 2000);
	EXPECT_EQ(variant->events, self->heard.seen & variant->events);
	EXPECT_EQ(EIO, self->heard.error[FS_ERR_IO]);
	EXPECT_EQ(1, self->heard.times[FS_ERR_REMOUNT_RO]);
	EXPECT_GE(1, self->heard.times[FS_ERR_SHUTDOWN]);
}

/*
 * Nothing but this is watched, so that no sample is due for a minute: what the
 * file system does when it fails must lead to one.
 */
TEST_F(bad_disk, read_only_is_told_soon_to_who_asks_for_that_alone)
{
	ASSERT_EQ(0, fse_config("%s G:remount_ro", MOUNT));
	/* Where to make a file is known then: that it can't be read is no harm. */
	ASSERT_EQ(0, fse_fill(&self->fs, "before", 10));
	ASSERT_TRUE(fse_sampled("%s G:remount_ro", MOUNT));
	ASSERT_EQ(0, break_disk(&self->image));
	EXPECT_NE(0, fse_fill(&self->fs, "after", 100));
	fse_sh("touch %s/trip 2>/dev/null; sync -f %s 2>/dev/null", MOUNT,
	       MOUNT);
	listen_for(&self->l, &self->heard, RO, 0);
	EXPECT_EQ(RO, self->heard.seen);
	EXPECT_EQ(EROFS, self->heard.error[FS_ERR_REMOUNT_RO]);
}

static bool probes_are_off(void *arg)
{
	(void)arg;
	return !strstr(fse_read("/sys/kernel/debug/kprobes/list"),
		       "ext4_force_shutdown");
}

/*
 * The disk is a file on a file system that is full itself: the file system
 * above has space, and finds at writeback that there is none.
 */
TEST(writeback_finds_no_space)
{
	struct fse_fs small, image;
	struct fse_listener l;
	struct fse_event ev;
	int id;

	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fs_make(&small, "tmpfs", "small", 12, ""));
	memset(&image, 0, sizeof(image));
	ASSERT_EQ(0, fse_sh("truncate -s 40M %s/image && mkfs.ext4 -q -F -E nodiscard %s/image",
			    small.mount, small.mount));
	ASSERT_EQ(0, fse_sh("mkdir -p %s && mount -o loop %s/image %s", MOUNT,
			    small.mount, MOUNT));
	snprintf(image.mount, sizeof(image.mount), "%s", MOUNT);
	ASSERT_EQ(0, fse_listen(&l));
	/* What another had on, and lets go of, is another source. */
	ASSERT_EQ(0, fse_config("%s G:enospc;%s G:shutdown", MOUNT,
				small.mount));
	ASSERT_EQ(0, fse_config("!%s", small.mount));
	EXPECT_TRUE(fse_until(probes_are_off, NULL));
	EXPECT_NE(0, fse_fill(&image, "file", fse_avail(&image) * 3 / 4));
	id = fse_next_of(&l, MOUNT, &ev, FSE_SOON);
	EXPECT_EQ(FS_WARN_ENOSPC, id);
	EXPECT_EQ(ENOSPC, ev.error);
	EXPECT_NE(0, ev.ino);
	/* It was a worker that found out. */
	EXPECT_EQ(0, ev.pid);
	EXPECT_LT(100, fse_avail(&image));
	fse_unlisten(&l);
	fse_config("\n");
	fse_sh("umount -d %s && rmdir %s", MOUNT, MOUNT);
	fse_fs_remove(&small);
}

TEST_HARNESS_MAIN
