// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs that go offline and online while a file system accounts for its space:
 * levels are still reported at once.
 */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "children.h"
#include "control.h"
#include "harness.h"
#include "joined.h"
#include "lifetime.h"
#include "process.h"

static const char online[] = "/sys/devices/system/cpu/cpu1/online";

FIXTURE(hotplug)
{
	struct fse_watched w;
	__u64 level;
};

FIXTURE_SETUP(hotplug)
{
	memset(self, 0, sizeof(*self));
	if (access(online, W_OK))
		SKIP(return, "no processor that can be taken away");
	if (!fse_joined_there())
		SKIP(return, "no module " FSE_TESTFS);
	ASSERT_EQ(0, fse_joined_begin(&self->w, FSE_CAP_SPACE, FSE_LOCAL));
	self->level = fse_watch_far(&self->w);
	ASSERT_NE(0, self->level);
}

FIXTURE_TEARDOWN(hotplug)
{
	fse_put(online, "1");
	fse_joined_end(&self->w);
}

struct request {
	struct fse_fs *fs;
	unsigned int blocks;
};

/* A child bound to CPU 1. */
static int take_on_second(void *arg)
{
	struct request *r = arg;

	return fse_run_on(1) || fse_tell(r->fs, "alloc %u", r->blocks);
}

TEST_F(hotplug, processors_come_and_go)
{
	int i;

	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, fse_put(online, i % 2 ? "1" : "0"));
		/*
		 * In these rounds the budget is distributed anew for the CPUs
		 * online.
		 */
		if (i < 2)
			ASSERT_TRUE(fse_sampled("%s", self->w.request));
		ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc %u", FSE_FAR));
		EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
		ASSERT_EQ(0, fse_tell(&self->w.fs, "free %u", FSE_FAR));
		EXPECT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	}
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/*
 * The budget went to the other CPUs while CPU 1 was offline. Neither half alone
 * would use up the share of CPU 0.
 */
TEST_F(hotplug, a_cpu_that_comes_gets_a_share)
{
	struct request half = { &self->w.fs, FSE_FAR / 2 };
	__u64 kicks;
	int i;

	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, fse_put(online, "0"));
		ASSERT_TRUE(fse_sampled("%s", self->w.request));
		ASSERT_EQ(0, fse_put(online, "1"));
		kicks = fse_stat("kicks");
		ASSERT_EQ(0, fse_child(take_on_second, &half));
		EXPECT_LT(kicks, fse_stat("kicks"));
		ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc %u", FSE_FAR / 2));
		ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
		EXPECT_EQ(self->level, self->w.ev.data);
		ASSERT_EQ(0, fse_tell(&self->w.fs, "free %u", FSE_FAR));
		ASSERT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	}
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Blocks allocated on a CPU count after it went offline. */
TEST_F(hotplug, blocks_taken_on_a_cpu_that_went_count)
{
	struct request half = { &self->w.fs, FSE_FAR / 2 - 1 };
	int i;

	for (i = 0; i < 5; i++) {
		ASSERT_TRUE(fse_sampled("%s", self->w.request));
		ASSERT_EQ(0, fse_child(take_on_second, &half));
		ASSERT_EQ(0, fse_put(online, "0"));
		ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc %u",
				      FSE_FAR / 2 + 1));
		ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
		EXPECT_EQ(self->level, self->w.ev.data);
		ASSERT_EQ(0, fse_put(online, "1"));
		ASSERT_EQ(0, fse_tell(&self->w.fs, "free %u", FSE_FAR));
		ASSERT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	}
	EXPECT_EQ(0, fse_left(&self->w.l));
}

static void come_and_go(void *arg)
{
	(void)arg;
	fse_put(online, "0");
	fse_put(online, "1");
}

/*
 * Eight writers cross the level on CPUs that go offline. Events alternate, and
 * the last one matches the final state.
 */
TEST_F(hotplug, many_writers_meanwhile)
{
	struct fse_mover m = { &self->w.fs, 500, FSE_FAR / 6, true };
	unsigned int last = FS_THR_LRABOVE;
	int i, rounds = fse_rounds(4);
	pid_t pid;

	for (i = 0; i < rounds; i++) {
		pid = fse_repeat(come_and_go, NULL);
		ASSERT_LT(0, pid);
		EXPECT_EQ(0, fse_race(8, fse_move, &m));
		/* Leave the space alternately below and above the level. */
		EXPECT_EQ(0, fse_tell(&self->w.fs, "%s %u",
				      i % 2 ? "free" : "alloc", FSE_FAR));
		while (fse_next_of(&self->w.l, self->w.fs.mount, &self->w.ev,
				   FSE_QUIET) > 0) {
			EXPECT_NE(last, self->w.ev.id);
			last = self->w.ev.id;
		}
		fse_kill(pid);
		ASSERT_EQ(last, i % 2 ? FS_THR_LRABOVE : FS_THR_LRBELOW);
	}
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_HARNESS_MAIN
