// SPDX-License-Identifier: GPL-2.0-only
/*
 * Read-only file systems: all their space is always used.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "control.h"
#include "event.h"
#include "harness.h"
#include "lifetime.h"
#include "refusal.h"
#include "watched.h"

#define IMAGE	"/tmp/squashfs.img"
#define MOUNT	FSE_MNT "/squashfs"

FIXTURE(squashfs)
{
	struct fse_fs fence;
	struct fse_listener l;
	struct fse_event ev;
};

FIXTURE_SETUP(squashfs)
{
	ASSERT_EQ(0, fse_config("\n"));
	if (fse_sh("command -v mksquashfs >/dev/null"))
		SKIP(return, "no mksquashfs");
	ASSERT_EQ(0, fse_sh("mksquashfs /etc %s -noappend -quiet -no-progress >/dev/null",
			    IMAGE));
	mkdir(MOUNT, 0755);
	ASSERT_EQ(0, fse_sh("mount -t squashfs -o loop %s %s", IMAGE, MOUNT));
	ASSERT_EQ(0, fse_fence_make(&self->fence));
	ASSERT_EQ(0, fse_listen(&self->l));
}

FIXTURE_TEARDOWN(squashfs)
{
	fse_config("\n");
	fse_sh("umount -d %s 2>/dev/null; rmdir %s; rm -f %s", MOUNT, MOUNT,
	       IMAGE);
	fse_fs_remove(&self->fence);
	fse_unlisten(&self->l);
}

TEST_F(squashfs, refuses_levels)
{
	const struct fse_bad bad[] = {
		{ MOUNT " T 10%", EOPNOTSUPP, "T 10%", "written" },
		{ MOUNT " G T 0", EOPNOTSUPP, "T 0", "written" },
		{ MOUNT " I 10", EOPNOTSUPP, "I 10", "written" },
	};

	EXPECT_STREQ("", fse_refused_all(bad, ARRAY_SIZE(bad)));
}

/* It has no free block and no free inode, which is no failure. */
TEST_F(squashfs, is_not_reported_as_full)
{
	ASSERT_EQ(0, fse_config("%s G", MOUNT));
	EXPECT_NE(NULL, fse_listed(MOUNT));
	ASSERT_TRUE(fse_sampled("%s G", MOUNT));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	ASSERT_EQ(0, fse_sh("umount -d %s", MOUNT));
	EXPECT_EQ(0, fse_next_unmount(&self->l, MOUNT));
}

/* A file system that may be remounted writable has levels, but is not full. */
TEST(read_only_for_now)
{
	struct fse_watched w;
	__u64 level;

	ASSERT_EQ(0, fse_begin(&w, "ext4", 16, "-m 0", ""));
	level = fse_avail(&w.fs) / 2;
	ASSERT_EQ(0, fse_fill_to(&w.fs, "file", 10));
	ASSERT_EQ(0, mount(NULL, w.fs.mount, NULL, MS_REMOUNT | MS_RDONLY,
			   NULL));
	ASSERT_EQ(0, fse_watch(&w, "G T %llu", level));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&w));
	EXPECT_EQ(0, fse_event_now(&w));
	ASSERT_EQ(0, mount(NULL, w.fs.mount, NULL, MS_REMOUNT, NULL));
	EXPECT_EQ(fse_full(FS_WARN_ENOSPC), fse_event_now(&w));
	ASSERT_EQ(0, fse_free(&w.fs, "file"));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event_now(&w));
	EXPECT_EQ(0, fse_left(&w.l));
	fse_end(&w);
}

TEST_HARNESS_MAIN
