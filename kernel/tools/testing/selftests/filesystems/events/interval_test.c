// SPDX-License-Identifier: GPL-2.0-only
/*
 * How often file systems are asked: as often as a level needs it, and no more.
 */
#include <unistd.h>

#include "children.h"
#include "control.h"
#include "harness.h"
#include "module.h"
#include "watched.h"

FIXTURE(pace)
{
	struct fse_watched w;
	pid_t busy;
};

FIXTURE_SETUP(pace)
{
}

FIXTURE_TEARDOWN(pace)
{
	fse_kill(self->busy);
	fse_end(&self->w);
}

/* A sample that is under way when what needed it goes may still be counted. */
static bool at_rest(void *arg)
{
	__u64 *samples = arg, before = *samples;

	usleep(50000);
	*samples = fse_stat("samples");
	return *samples == before;
}

/* Errors come by themselves: who asks for them alone costs nothing. */
TEST_F(pace, nobody_is_asked_when_nothing_depends_on_it)
{
	__u64 samples = 0;

	ASSERT_EQ(0, fse_begin(&self->w, "ext4", 16, "", ""));
	ASSERT_EQ(0, fse_watch(&self->w, "T 1 I 1 G:corrupted,io_error"));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	ASSERT_EQ(0, fse_config("!%s T I", self->w.fs.mount));
	EXPECT_TRUE(fse_until(at_rest, &samples));
	EXPECT_EQ(0, fse_next(&self->w.l, &self->w.ev, FSE_QUIET));
	EXPECT_EQ(samples, fse_stat("samples"));
	/* And from now on something does. */
	ASSERT_EQ(0, fse_watch(&self->w, "T %llu", fse_total(&self->w.fs)));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
}

/* At rest once a second near a level; two more: the first, and the write's. */
TEST_F(pace, once_a_second_at_rest)
{
	__u64 samples, begin, seconds;

	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 16, "", ""));
	ASSERT_EQ(0, fse_watch(&self->w, "T 1"));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	begin = fse_now();
	samples = fse_stat("samples");
	EXPECT_EQ(0, fse_next(&self->w.l, &self->w.ev, 6000));
	samples = fse_stat("samples") - samples;
	seconds = (fse_now() - begin) / 1000;
	EXPECT_LE(seconds - 3, samples);
	EXPECT_GE(seconds + 2, samples);
}

static void fill_and_free(void *arg)
{
	const struct fse_watched *w = arg;

	fse_sh("fallocate -l 20M %s/moving && rm -f %s/moving", w->fs.mount,
	       w->fs.mount);
}

/*
 * Its statfs makes it work, so at most ten times a second whatever moves. Where
 * it accounts for its space, that is when there is reason to as well.
 */
TEST_F(pace, xfs_ten_times_a_second)
{
	__u64 samples, begin, kicks;

	if (built_in())
		SKIP(return, "xfs tells its space without it");
	ASSERT_EQ(0, fse_begin(&self->w, "xfs", 300, "", ""));
	ASSERT_EQ(0, fse_watch(&self->w, "T %llu",
			       fse_avail(&self->w.fs) - 1000));
	self->busy = fse_repeat(fill_and_free, &self->w);
	ASSERT_LT(0, self->busy);
	/* It is under way. */
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	begin = fse_now();
	kicks = fse_stat("kicks");
	samples = fse_stat("samples");
	while (fse_now() < begin + FSE_SOON &&
	       fse_stat("samples") < samples + 10)
		fse_next(&self->w.l, &self->w.ev, 100);
	samples = fse_stat("samples") - samples;
	kicks = fse_stat("kicks") - kicks;
	EXPECT_LE(10, samples);
	EXPECT_GE((fse_now() - begin) / 100 + 2 + kicks, samples);
}

TEST_HARNESS_MAIN
