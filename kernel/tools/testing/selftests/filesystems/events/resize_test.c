// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resizing and remounting a watched file system: levels follow the size,
 * nothing else changes.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "control.h"
#include "harness.h"
#include "watched.h"

FIXTURE(resize)
{
	struct fse_watched w;
};

FIXTURE_VARIANT(resize)
{
	const char *type;
	unsigned int mib;
	/* Command that grows the file system to the size of its device. */
	const char *grow;
	/* Options for a remount that differ from the current ones. */
	const char *options;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(resize, tmpfs) {
	.type = "tmpfs", .mib = 32,
	.grow = "mount -o remount,size=64M %s",
	.options = "mode=700,huge=never",
};

FIXTURE_VARIANT_ADD(resize, ext4) {
	.type = "ext4", .mib = 32,
	.grow = "resize2fs $(findmnt -no SOURCE %s) >/dev/null 2>&1",
	.options = "noatime,commit=7,errors=continue",
};

FIXTURE_VARIANT_ADD(resize, xfs) {
	.type = "xfs", .mib = 300,
	.grow = "xfs_growfs %s >/dev/null",
	.options = "noatime,inode32",
};

FIXTURE_VARIANT_ADD(resize, btrfs) {
	.type = "btrfs", .mib = 256,
	.grow = "btrfs filesystem resize max %s >/dev/null",
	.options = "noatime,commit=7,thread_pool=2",
};

/* clang-format on */

FIXTURE_SETUP(resize)
{
	ASSERT_EQ(0, fse_begin(&self->w, variant->type, variant->mib, "", ""));
}

FIXTURE_TEARDOWN(resize)
{
	fse_end(&self->w);
}

/* Doubles the size of the mounted file system. */
static int grow(const struct fse_fs *fs, unsigned int mib, const char *command)
{
	char text[256];

	if (fs->image[0] && fse_sh("truncate -s %uM %s && losetup -c %s",
				   2 * mib, fs->image, fs->dev))
		return -1;
	snprintf(text, sizeof(text), command, fs->mount);
	return fse_sh("%s", text);
}

/*
 * Without allocations or requests: the new size alone moves the available space
 * past the percent level.
 */
TEST_F(resize, growing_rises_past_percent)
{
	__u64 total = fse_total(&self->w.fs);
	unsigned int percent;

	ASSERT_EQ(0, fse_fill(&self->w.fs, "file", total / 8));
	/* A little above the current space; twice the size has more. */
	percent = fse_avail(&self->w.fs) * 100 / total + 2;
	ASSERT_EQ(0, fse_watch(&self->w, "T %u%% 1", percent));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(total * percent / 100, self->w.ev.level);
	EXPECT_EQ(0, fse_event_now(&self->w));

	ASSERT_EQ(0, grow(&self->w.fs, variant->mib, variant->grow));
	ASSERT_LT(total * 3 / 2, fse_total(&self->w.fs));
	total = fse_total(&self->w.fs);
	ASSERT_LT(total * percent / 100, fse_avail(&self->w.fs));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	EXPECT_EQ(1, self->w.ev.count);
	/* XFS may have been sampled while it grew. */
	EXPECT_EQ(self->w.ev.total * percent / 100, self->w.ev.level);
	EXPECT_LT(self->w.ev.level, self->w.ev.data);

	/* Now the new size counts. */
	ASSERT_EQ(0, fse_fill_to(&self->w.fs, "file",
				 total * percent / 100 - 100));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(total, self->w.ev.total);
	EXPECT_EQ(total * percent / 100, self->w.ev.level);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

static int mount_with(const struct fse_fs *fs, const char *options)
{
	return fse_sh("mount -o remount,%s %s", options, fs->mount);
}

/*
 * One level is crossed and another is not, before and after: remounting
 * causes no event, loses no state, and sampling continues. (XFS frees its
 * reserve when it becomes read-only, which is an ordinary crossing.)
 */
TEST_F(resize, other_options_change_nothing)
{
	__u64 avail = fse_avail(&self->w.fs);
	char line[512];

	ASSERT_EQ(0, fse_watch(&self->w, "G T %llu %llu", avail - 1000,
			       avail - 4000));
	ASSERT_EQ(0, fse_fill(&self->w.fs, "file", 2000));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	snprintf(line, sizeof(line), "%s", fse_listed(self->w.fs.mount) ?: "");

	ASSERT_EQ(0, mount_with(&self->w.fs, variant->options));
	EXPECT_EQ(0, fse_event_now(&self->w));
	EXPECT_STREQ(line, fse_listed(self->w.fs.mount) ?: "");

	ASSERT_EQ(0, fse_fill(&self->w.fs, "file", 3000));
	EXPECT_EQ(FS_THR_URBELOW, fse_event(&self->w));
	ASSERT_EQ(0, fse_free(&self->w.fs, "file"));
	EXPECT_EQ(FS_THR_URABOVE, fse_event(&self->w));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	EXPECT_EQ(1, self->w.ev.count);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/*
 * The sampler skips a file system that a remount holds, and has to return. A
 * request triggers a sample together with the remount.
 */
TEST_F(resize, remounting_meets_samples_and_hides_no_level)
{
	unsigned int i;

	for (i = 0; i < 5; i++) {
		__u64 level = fse_avail(&self->w.fs) - 3000;

		ASSERT_EQ(0, fse_watch(&self->w, "T %llu", level));
		ASSERT_EQ(0, mount(NULL, self->w.fs.mount, NULL,
				   MS_REMOUNT | MS_RDONLY, NULL));
		ASSERT_EQ(0, mount(NULL, self->w.fs.mount, NULL, MS_REMOUNT,
				   NULL));
		ASSERT_EQ(0, fse_fill(&self->w.fs, "file", 5000));
		ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
		ASSERT_EQ(0, fse_free(&self->w.fs, "file"));
		ASSERT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	}
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* ext4 and xfs can't shrink while mounted; level_amounts_test covers tmpfs. */
TEST(shrinking_btrfs_falls_below_blocks_and_not_percent)
{
	struct fse_watched w;
	__u64 total, level;

	ASSERT_EQ(0, fse_begin(&w, "btrfs", 512, "", ""));
	total = fse_total(&w.fs);
	level = fse_avail(&w.fs) - 10000;
	/* 50 % is less than what is left of half the size. */
	ASSERT_EQ(0, fse_watch(&w, "T %llu 50%%", level));
	EXPECT_EQ(0, fse_event_now(&w));
	ASSERT_EQ(0, fse_sh("btrfs filesystem resize 256M %s >/dev/null",
			    w.fs.mount));
	ASSERT_EQ(total / 2, fse_total(&w.fs));
	ASSERT_LT(total / 4, fse_avail(&w.fs));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&w));
	EXPECT_EQ(level, w.ev.level);
	EXPECT_EQ(total / 2, w.ev.total);
	EXPECT_EQ(0, fse_event_now(&w));
	EXPECT_EQ(0, fse_left(&w.l));
	fse_end(&w);
}

static bool more_failed(void *arg)
{
	return fse_stat("sample_failed") > *(__u64 *)arg;
}

/* A tmpfs without limits has no figures: its levels keep their state. */
TEST(without_a_size_any_more_states_stay)
{
	__u64 failed = fse_stat("sample_failed");
	struct fse_watched w;

	ASSERT_EQ(0, fse_begin(&w, "tmpfs", 32, "", ""));
	ASSERT_EQ(0, fse_watch(&w, "G T 50%% 1000 I 10%%"));
	ASSERT_EQ(0, fse_fill_to(&w.fs, "file", 2000));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&w));
	ASSERT_EQ(0, fse_sh("mount -o remount,size=0,nr_inodes=0 %s",
			    w.fs.mount));
	ASSERT_EQ(0, fse_total(&w.fs));
	EXPECT_TRUE(fse_until(more_failed, &failed));
	EXPECT_EQ(0, fse_next(&w.l, &w.ev, FSE_QUIET));
	EXPECT_NE(NULL, strstr(fse_listed(w.fs.mount) ?: "",
			       "(G,T 50% 1000,I 10%)"));
	EXPECT_EQ(0, fse_left(&w.l));
	fse_end(&w);
}

TEST_HARNESS_MAIN
