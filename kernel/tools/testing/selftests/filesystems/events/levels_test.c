// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events of levels when available space falls and rises.
 */
#include "control.h"
#include "harness.h"
#include "watched.h"

/* On each file system type, as figures depend on it. */
FIXTURE(levels)
{
	struct fse_watched w;
	__u64 avail;
};

FIXTURE_VARIANT(levels)
{
	const char *type;
	unsigned int mib;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(levels, tmpfs) { .type = "tmpfs", .mib = 64 };
FIXTURE_VARIANT_ADD(levels, ext4) { .type = "ext4", .mib = 64 };
FIXTURE_VARIANT_ADD(levels, xfs) { .type = "xfs", .mib = 300 };
FIXTURE_VARIANT_ADD(levels, btrfs) { .type = "btrfs", .mib = 256 };
FIXTURE_VARIANT_ADD(levels, vfat) { .type = "vfat", .mib = 64 };
/* clang-format on */

FIXTURE_SETUP(levels)
{
	ASSERT_EQ(0, fse_begin(&self->w, variant->type, variant->mib, "", ""));
	self->avail = fse_avail(&self->w.fs);
}

FIXTURE_TEARDOWN(levels)
{
	fse_end(&self->w);
}

/*
 * Regression: an allocation past both levels reported only the second, and
 * freeing it reported only one of the two.
 */
TEST_F(levels, two_at_once_in_order)
{
	__u64 first = self->avail - 2000, second = self->avail - 4000;

	ASSERT_EQ(0, fse_watch(&self->w, "T %llu %llu", first, second));
	ASSERT_EQ(0, fse_fill(&self->w.fs, "file", 6000));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(first, self->w.ev.level);
	EXPECT_EQ(1, self->w.ev.level_nr);
	EXPECT_LE(self->w.ev.data, first);
	EXPECT_EQ(FS_THR_URBELOW, fse_event(&self->w));
	EXPECT_EQ(second, self->w.ev.level);
	EXPECT_EQ(2, self->w.ev.level_nr);
	EXPECT_EQ(fse_total(&self->w.fs), self->w.ev.total);
	EXPECT_EQ(fse_frsize(&self->w.fs), self->w.ev.frsize);

	ASSERT_EQ(0, fse_free(&self->w.fs, "file"));
	EXPECT_EQ(FS_THR_URABOVE, fse_event(&self->w));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	EXPECT_GT(self->w.ev.data, first);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(levels, reported_each_time_both_ways)
{
	__u64 level = self->avail - 3000;

	ASSERT_EQ(0, fse_watch(&self->w, "T %llu", level));
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, fse_fill(&self->w.fs, "file", 5000));
		ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
		EXPECT_EQ(level, self->w.ev.level);
		EXPECT_EQ(1, self->w.ev.level_nr);
		EXPECT_LE(self->w.ev.data, level);

		ASSERT_EQ(0, fse_free(&self->w.fs, "file"));
		ASSERT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
		EXPECT_EQ(level, self->w.ev.level);
		EXPECT_GT(self->w.ev.data, level);
	}
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Regression: such a level stayed silent until the next allocation. */
TEST_F(levels, crossed_when_set_fires_at_once)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T %llu %llu 1", self->avail + 1000,
			       self->avail));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(self->avail + 1000, self->w.ev.level);
	EXPECT_EQ(self->avail, self->w.ev.data);
	EXPECT_EQ(FS_THR_URBELOW, fse_event(&self->w));
	EXPECT_EQ(self->avail, self->w.ev.level);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_HARNESS_MAIN
