// SPDX-License-Identifier: GPL-2.0-only
/*
 * Levels of free inodes.
 */
#include <errno.h>

#include "control.h"
#include "harness.h"
#include "watched.h"

FIXTURE(inodes)
{
	struct fse_watched w;
	__u64 free;
	__u64 total;
};

FIXTURE_VARIANT(inodes)
{
	const char *type;
	unsigned int mib;
	const char *mkfs;
	const char *options;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(inodes, tmpfs) {
	.type = "tmpfs", .mib = 16, .mkfs = "", .options = "-o nr_inodes=1000",
};

FIXTURE_VARIANT_ADD(inodes, ext4) {
	.type = "ext4", .mib = 16, .mkfs = "-N 1000", .options = "",
};

FIXTURE_VARIANT_ADD(inodes, xfs) {
	.type = "xfs", .mib = 300, .mkfs = "", .options = "",
};

/* clang-format on */

FIXTURE_SETUP(inodes)
{
	ASSERT_EQ(0, fse_begin(&self->w, variant->type, variant->mib,
			       variant->mkfs, variant->options));
	self->free = fse_inodes_free(&self->w.fs);
	self->total = fse_inodes_total(&self->w.fs);
	ASSERT_GT(self->free, 500);
}

FIXTURE_TEARDOWN(inodes)
{
	fse_end(&self->w);
}

TEST_F(inodes, fall_and_rise_in_order)
{
	__u64 first = self->free - 100, second = self->free - 200;
	__u64 third = self->free - 250;

	ASSERT_EQ(0, fse_watch(&self->w, "I %llu %llu %llu", first, second,
			       third));
	ASSERT_EQ(0, fse_files(&self->w.fs, 0, 300));
	EXPECT_EQ(FS_INO_BELOW, fse_event(&self->w));
	EXPECT_EQ(1, self->w.ev.level_nr);
	EXPECT_EQ(first, self->w.ev.level);
	EXPECT_LE(self->w.ev.data, first);
	EXPECT_GE(self->w.ev.data, self->free - 300);
	EXPECT_FALSE(fse_has(&self->w.ev, FS_NL_A_FRSIZE));
	EXPECT_EQ(FS_INO_BELOW, fse_event(&self->w));
	EXPECT_EQ(2, self->w.ev.level_nr);
	EXPECT_EQ(second, self->w.ev.level);
	EXPECT_EQ(FS_INO_BELOW, fse_event(&self->w));
	EXPECT_EQ(3, self->w.ev.level_nr);
	EXPECT_EQ(third, self->w.ev.level);

	ASSERT_EQ(0, fse_files_remove(&self->w.fs, 0, 300));
	EXPECT_EQ(FS_INO_ABOVE, fse_event(&self->w));
	EXPECT_EQ(3, self->w.ev.level_nr);
	EXPECT_EQ(FS_INO_ABOVE, fse_event(&self->w));
	EXPECT_EQ(2, self->w.ev.level_nr);
	EXPECT_EQ(FS_INO_ABOVE, fse_event(&self->w));
	EXPECT_EQ(1, self->w.ev.level_nr);
	EXPECT_GT(self->w.ev.data, first);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Levels of inodes and of space are independent. */
TEST_F(inodes, and_space_are_apart)
{
	__u64 avail = fse_avail(&self->w.fs);

	ASSERT_EQ(0, fse_watch(&self->w, "I %llu T %llu", self->free - 100,
			       avail - 1000));
	ASSERT_EQ(0, fse_fill(&self->w.fs, "file", 1500));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));
	EXPECT_EQ(fse_total(&self->w.fs), self->w.ev.total);
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_files(&self->w.fs, 0, 200));
	EXPECT_EQ(FS_INO_BELOW, fse_event_now(&self->w));
	EXPECT_EQ(1, self->w.ev.level_nr);
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_free(&self->w.fs, "file"));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event_now(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* On tmpfs only the test takes inodes, so counts are exact. */
FIXTURE(inode_levels)
{
	struct fse_watched w;
};

FIXTURE_SETUP(inode_levels)
{
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 16, "",
			       "-o nr_inodes=1001"));
	/* The root directory has an inode. */
	ASSERT_EQ(1000, fse_inodes_free(&self->w.fs));
	ASSERT_EQ(1001, fse_inodes_total(&self->w.fs));
}

FIXTURE_TEARDOWN(inode_levels)
{
	fse_end(&self->w);
}

TEST_F(inode_levels, turn_at_trigger_and_rearm)
{
	ASSERT_EQ(0, fse_watch(&self->w, "I 900:950"));
	ASSERT_EQ(0, fse_files(&self->w.fs, 0, 99));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_files(&self->w.fs, 99, 100));
	EXPECT_EQ(FS_INO_BELOW, fse_event_now(&self->w));
	EXPECT_EQ(900, self->w.ev.data);
	EXPECT_EQ(1001, self->w.ev.total);
	ASSERT_EQ(0, fse_files_remove(&self->w.fs, 0, 50));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_files_remove(&self->w.fs, 50, 51));
	EXPECT_EQ(FS_INO_ABOVE, fse_event_now(&self->w));
	EXPECT_EQ(951, self->w.ev.data);
	EXPECT_EQ(900, self->w.ev.level);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(inode_levels, percent_follow_the_total)
{
	ASSERT_EQ(0, fse_watch(&self->w, "I 90%%"));
	ASSERT_EQ(0, fse_files(&self->w.fs, 0, 99));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_sh("mount -o remount,nr_inodes=501 %s",
			    self->w.fs.mount));
	EXPECT_EQ(FS_INO_BELOW, fse_event_now(&self->w));
	EXPECT_EQ(450, self->w.ev.level);
	EXPECT_EQ(401, self->w.ev.data);
	EXPECT_EQ(501, self->w.ev.total);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(inode_levels, crossed_when_set_fires_at_once)
{
	ASSERT_EQ(0, fse_watch(&self->w, "I 1000"));
	EXPECT_EQ(FS_INO_BELOW, fse_event(&self->w));
	EXPECT_EQ(1000, self->w.ev.data);
	EXPECT_EQ(0, fse_event_now(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* btrfs has no inode count, tmpfs may have none. */
TEST(inodes_that_are_not_counted_have_no_levels)
{
	struct fse_watched w;

	ASSERT_EQ(0, fse_begin(&w, "btrfs", 128, "", ""));
	EXPECT_EQ(-EOPNOTSUPP, fse_watch(&w, "I 1000"));
	EXPECT_STREQ("I", fse_last_word());
	EXPECT_EQ(-EOPNOTSUPP, fse_watch(&w, "T 1000 I 10%%"));
	EXPECT_EQ(0, fse_watches());
	fse_end(&w);

	ASSERT_EQ(0, fse_begin(&w, "tmpfs", 16, "", "-o nr_inodes=0"));
	EXPECT_EQ(-EOPNOTSUPP, fse_watch(&w, "I 1000"));
	EXPECT_EQ(0, fse_watch(&w, "T 1000"));
	EXPECT_EQ(0, fse_left(&w.l));
	fse_end(&w);
}

TEST_HARNESS_MAIN
