// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frozen file systems (fsfreeze(8)) are not sampled until they are thawed;
 * missed crossings are reported then.
 */
#include <errno.h>
#include <unistd.h>

#include "control.h"
#include "harness.h"
#include "watched.h"

/*
 * A thawed file system is sampled within a second; the rest is for slow
 * machines.
 */
#define CAUGHT_UP	(1000 + 500)

FIXTURE(frozen)
{
	struct fse_watched w;
	__u64 avail;
};

FIXTURE_VARIANT(frozen)
{
	const char *type;
	unsigned int mib;
	const char *options;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(frozen, ext4) { .type = "ext4", .mib = 32 };
/* No blocks beyond the end of a file, which come and go. */
FIXTURE_VARIANT_ADD(frozen, xfs) { "xfs", 300, "-o allocsize=4096" };
FIXTURE_VARIANT_ADD(frozen, btrfs) { .type = "btrfs", .mib = 256 };
/* clang-format on */

FIXTURE_SETUP(frozen)
{
	ASSERT_EQ(0, fse_begin(&self->w, variant->type, variant->mib, "",
			       variant->options ?: ""));
	self->avail = fse_avail(&self->w.fs);
}

FIXTURE_TEARDOWN(frozen)
{
	/* A failed test may have left it frozen. */
	fse_thaw(&self->w.fs);
	fse_end(&self->w);
}

static bool sampled_since(void *samples)
{
	return fse_stat("samples") > *(__u64 *)samples;
}

/*
 * Neither a request nor an event of its own causes a sample: a level crossed
 * when set is reported after the thaw.
 */
TEST_F(frozen, is_left_alone_and_caught_up_with)
{
	__u64 samples = fse_stat("samples"), thawed;
	unsigned int i;

	ASSERT_EQ(0, fse_watch(&self->w, "T 1"));
	ASSERT_TRUE(fse_until(sampled_since, &samples));
	ASSERT_EQ(0, fse_freeze(&self->w.fs));
	/* A pending sample has been counted by now. */
	ASSERT_EQ(0, fse_next(&self->w.l, &self->w.ev, 100));
	samples = fse_stat("samples");
	ASSERT_EQ(0, fse_watch(&self->w, "T %llu %llu 1", self->avail + 1000,
			       self->avail + 500));
	EXPECT_EQ(0, fse_next(&self->w.l, &self->w.ev, FSE_QUIET));
	EXPECT_EQ(samples, fse_stat("samples"));

	thawed = fse_now();
	ASSERT_EQ(0, fse_thaw(&self->w.fs));
	for (i = 1; i <= 2; i++) {
		ASSERT_LT(0, fse_event(&self->w));
		EXPECT_EQ(i, self->w.ev.level_nr);
		EXPECT_EQ(1, self->w.ev.count);
	}
	EXPECT_GE(CAUGHT_UP, fse_now() - thawed);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/*
 * Levels are crossed right before the freeze and right after the thaw, with no
 * time for a sample. Each is reported once, before or after. Transactions of XFS
 * take blocks and give them back: the levels end 100 blocks higher.
 */
TEST_F(frozen, levels_crossed_around_it_are_reported_once)
{
	__u64 first = self->avail - 2000, second = self->avail - 4000;
	__u64 thawed;

	ASSERT_EQ(0, fse_watch(&self->w, "T %llu:%llu %llu:%llu", first,
			       first + 100, second, second + 100));
	ASSERT_EQ(0, fse_fill(&self->w.fs, "file", 3000));
	ASSERT_EQ(0, fse_freeze(&self->w.fs));
	fse_next(&self->w.l, &self->w.ev, FSE_QUIET);
	ASSERT_TRUE(fse_rest());
	thawed = fse_now();
	ASSERT_EQ(0, fse_thaw(&self->w.fs));
	if (!self->w.ev.id)
		EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(FS_THR_LRBELOW, self->w.ev.id);
	EXPECT_EQ(first, self->w.ev.level);
	EXPECT_GE(CAUGHT_UP, fse_now() - thawed);

	ASSERT_EQ(0, fse_freeze(&self->w.fs));
	ASSERT_EQ(0, fse_thaw(&self->w.fs));
	ASSERT_EQ(0, fse_fill(&self->w.fs, "file", 2500));
	thawed = fse_now();
	EXPECT_EQ(FS_THR_URBELOW, fse_event(&self->w));
	EXPECT_GE(CAUGHT_UP, fse_now() - thawed);
	ASSERT_EQ(0, fse_free(&self->w.fs, "file"));
	EXPECT_EQ(FS_THR_URABOVE, fse_event(&self->w));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(frozen, can_be_unwatched_and_watched)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T 1"));
	ASSERT_EQ(0, fse_freeze(&self->w.fs));
	EXPECT_EQ(0, fse_config("!%s", self->w.fs.mount));
	EXPECT_EQ(0, fse_watches());
	EXPECT_EQ(0, fse_watch(&self->w, "T %llu", self->avail + 1000));
	EXPECT_EQ(0, fse_next(&self->w.l, &self->w.ev, FSE_QUIET));
	ASSERT_EQ(0, fse_thaw(&self->w.fs));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_HARNESS_MAIN
