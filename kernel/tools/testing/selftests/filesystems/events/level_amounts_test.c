// SPDX-License-Identifier: GPL-2.0-only
/*
 * Amounts of levels: blocks, bytes and percent, and the effect of resizing.
 */
#include <errno.h>
#include <string.h>

#include "control.h"
#include "harness.h"
#include "watched.h"

/* With two block sizes. */
FIXTURE(level_units)
{
	struct fse_watched w;
};

FIXTURE_VARIANT(level_units)
{
	const char *type;
	const char *mkfs;
	unsigned int frsize;
	unsigned int blocks;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(level_units, tmpfs) {
	.type = "tmpfs", .mkfs = "", .frsize = 4096, .blocks = 17000,
};

FIXTURE_VARIANT_ADD(level_units, ext4) {
	.type = "ext4", .mkfs = "-b 1024", .frsize = 1024, .blocks = 69000,
};

/* clang-format on */

FIXTURE_SETUP(level_units)
{
	ASSERT_EQ(0, fse_begin(&self->w, variant->type, 64, variant->mkfs,
			       ""));
	ASSERT_EQ(variant->frsize, fse_frsize(&self->w.fs));
}

FIXTURE_TEARDOWN(level_units)
{
	fse_end(&self->w);
}

/* Each is more than the available space, so it fires at once. */
TEST_F(level_units, are_reported_in_blocks)
{
	unsigned int kib = variant->frsize / 1024;
	__u64 total = fse_total(&self->w.fs);
	const __u64 blocks[] = {
		(1ull << 30) / kib,
		(1ull << 20) / kib,
		(100ull << 10) / kib,
		70000 / kib,
		variant->blocks,
		total,
		total * 99 / 100,
	};

	ASSERT_EQ(0, fse_watch(&self->w, "T 1T 1G 100M 70000K %u 100%% 99%%",
			       variant->blocks));
	/* Blocks reserved for root are not available. */
	for (unsigned int i = 0; i < ARRAY_SIZE(blocks); i++) {
		if (fse_avail(&self->w.fs) > blocks[i])
			break;
		ASSERT_NE(0, fse_event(&self->w));
		EXPECT_EQ(i + 1, self->w.ev.level_nr);
		EXPECT_EQ(blocks[i], self->w.ev.level);
		EXPECT_EQ(total, self->w.ev.total);
		EXPECT_EQ(variant->frsize, self->w.ev.frsize);
	}
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* tmpfs allocates exact blocks and can be resized. */
FIXTURE(level_amounts)
{
	struct fse_watched w;
};

FIXTURE_SETUP(level_amounts)
{
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 64, "", ""));
	ASSERT_EQ(16384, fse_total(&self->w.fs));
}

FIXTURE_TEARDOWN(level_amounts)
{
	fse_end(&self->w);
}

static int resize(struct fse_watched *w, unsigned int blocks)
{
	return fse_sh("mount -o remount,size=%uK %s", blocks * 4,
		      w->fs.mount);
}

/* 10001 blocks are more than 40001 KiB, 10000 are not. */
TEST_F(level_amounts, bytes_cross_at_the_last_whole_block)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T 40001K:50001K"));
	ASSERT_EQ(0, fse_leave(&self->w, 10001));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 10000));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));
	EXPECT_EQ(10000, self->w.ev.level);
	ASSERT_EQ(0, fse_leave(&self->w, 12500));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 12501));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event_now(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* 33 % of 16384 is 5406.72. */
TEST_F(level_amounts, percent_cross_at_the_last_whole_block)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T 33%%:50%%"));
	ASSERT_EQ(0, fse_leave(&self->w, 5407));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 5406));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));
	EXPECT_EQ(5406, self->w.ev.level);
	ASSERT_EQ(0, fse_leave(&self->w, 8192));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 8193));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event_now(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(level_amounts, percent_follow_the_total)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T 50%%"));
	ASSERT_EQ(0, fse_leave(&self->w, 14384));
	EXPECT_EQ(0, fse_event_now(&self->w));
	/*
	 * 6192 of 8192: below half of the old size, above half of the new one.
	 */
	ASSERT_EQ(0, resize(&self->w, 8192));
	ASSERT_EQ(6192, fse_avail(&self->w.fs));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 4096));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));
	EXPECT_EQ(4096, self->w.ev.level);
	EXPECT_EQ(8192, self->w.ev.total);
	/* Growing raises the available space. */
	ASSERT_EQ(0, resize(&self->w, 10000));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event_now(&self->w));
	EXPECT_EQ(5904, self->w.ev.data);
	EXPECT_EQ(5000, self->w.ev.level);
	EXPECT_EQ(10000, self->w.ev.total);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Without any allocation, the change of size is found. */
TEST_F(level_amounts, shrinking_crosses_blocks_and_bytes)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T 6000 20M"));
	ASSERT_EQ(0, fse_fill(&self->w.fs, "file", 2000));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, resize(&self->w, 7000));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(6000, self->w.ev.level);
	EXPECT_EQ(5000, self->w.ev.data);
	EXPECT_EQ(FS_THR_URBELOW, fse_event(&self->w));
	EXPECT_EQ(5120, self->w.ev.level);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* 50 % and 6000 change places as the total shrinks. */
TEST_F(level_amounts, order_matters_only_when_set)
{
	ASSERT_EQ(-ERANGE, fse_watch(&self->w, "T 6000 50%%"));
	EXPECT_STREQ("50%", fse_last_word());
	ASSERT_EQ(0, fse_watch(&self->w, "T 50%% 6000"));
	ASSERT_EQ(0, fse_fill(&self->w.fs, "file", 4700));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, resize(&self->w, 10240));
	ASSERT_EQ(5540, fse_avail(&self->w.fs));
	EXPECT_EQ(FS_THR_URBELOW, fse_event_now(&self->w));
	EXPECT_EQ(6000, self->w.ev.level);
	ASSERT_EQ(0, fse_leave(&self->w, 5000));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));
	EXPECT_EQ(5120, self->w.ev.level);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Otherwise the level would turn with each sample. */
TEST_F(level_amounts, a_rearm_that_sank_below_its_trigger_is_the_trigger)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T 6000:50%%"));
	ASSERT_EQ(0, fse_fill(&self->w.fs, "file", 3000));
	EXPECT_EQ(0, fse_event_now(&self->w));
	/* 5192 are left: above the re-arm level now, below the trigger. */
	ASSERT_EQ(0, resize(&self->w, 8192));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 6000));
	/* Wait: a request would be refused now. */
	EXPECT_EQ(0, fse_next(&self->w.l, &self->w.ev, FSE_QUIET));
	ASSERT_EQ(0, fse_leave(&self->w, 6001));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/*
 * Regression: such a file system accepted levels that could never fire, since
 * it has no total and no available space.
 */
TEST_F(level_amounts, without_a_size_there_are_no_levels)
{
	ASSERT_EQ(0, fse_sh("mount -t tmpfs -o size=0 none %s",
			    self->w.fs.mount));
	EXPECT_EQ(-EOPNOTSUPP, fse_watch(&self->w, "T 1000"));
	EXPECT_STREQ("T", fse_last_word());
	EXPECT_EQ(-EOPNOTSUPP, fse_watch(&self->w, "G T 50%%"));
	EXPECT_EQ(0, fse_watches());
	EXPECT_EQ(0, fse_watch(&self->w, "G"));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_HARNESS_MAIN
