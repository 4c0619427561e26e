// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suspend to RAM and resume: watches continue.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "children.h"
#include "control.h"
#include "fuse.h"
#include "harness.h"
#include "process.h"
#include "watched.h"

#define RTC	"/sys/class/rtc/rtc0/"
/*
 * Suspends until the RTC alarm. If suspending takes longer than the alarm, it
 * fails with EBUSY: then the alarm is set later. 0 or a negative errno.
 */
static int sleep_and_wake(void)
{
	unsigned int seconds;
	char alarm[16];
	int err = -EBUSY;

	for (seconds = 6; err == -EBUSY && seconds < 60; seconds *= 2) {
		snprintf(alarm, sizeof(alarm), "+%u", seconds);
		err = fse_put(RTC "wakealarm", "0") ?:
		      fse_put(RTC "wakealarm", alarm) ?:
		      fse_put("/sys/power/state", "mem");
	}
	return err;
}

FIXTURE(suspend)
{
	struct fse_watched w;
	struct fse_fuse fuse;
	pid_t busy;
};

FIXTURE_VARIANT(suspend)
{
	const char *type;
	unsigned int mib;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(suspend, tmpfs) { .type = "tmpfs", .mib = 64 };
FIXTURE_VARIANT_ADD(suspend, ext4) { .type = "ext4", .mib = 64 };
/* clang-format on */

FIXTURE_SETUP(suspend)
{
	memset(self, 0, sizeof(*self));
	if (!strstr(fse_read("/sys/power/state"), "mem") ||
	    fse_put(RTC "device/power/wakeup", "enabled"))
		SKIP(return, "nothing to sleep with, or to wake up by");
	ASSERT_EQ(0, fse_begin(&self->w, variant->type, variant->mib, "", ""));
}

FIXTURE_TEARDOWN(suspend)
{
	fse_kill(self->busy);
	if (self->fuse.control)
		fse_fuse_remove(&self->fuse);
	if (self->w.l.nl)
		fse_end(&self->w);
}

/* Crossings before and after the suspend are each reported once. */
TEST_F(suspend, levels_go_on)
{
	__u64 avail = fse_avail(&self->w.fs);
	__u64 level = avail - 1000;

	ASSERT_EQ(0, fse_watch(&self->w, "G T %llu", level));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	ASSERT_EQ(0, fse_fill(&self->w.fs, "file", 1100));
	ASSERT_EQ(0, sleep_and_wake());
	ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(1, self->w.ev.count);
	ASSERT_EQ(0, fse_free(&self->w.fs, "file"));
	ASSERT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	ASSERT_EQ(0, sleep_and_wake());
	ASSERT_EQ(0, fse_fill(&self->w.fs, "file", 1100));
	ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

static void fill_and_free(void *arg)
{
	const struct fse_watched *w = arg;

	if (!fse_fill(&w->fs, "moving", 1100))
		fse_free(&w->fs, "moving");
}

/*
 * Suspends during samples and messages, and with a call to a dead server: the
 * call must not prevent it.
 */
TEST_F(suspend, amid_samples_and_beside_a_server_that_hangs)
{
	__u64 level = fse_avail(&self->w.fs) - 1000;
	unsigned int last = FS_THR_LRABOVE;
	int err = fse_fuse_make(&self->fuse, "fuse");

	if (err == -ENODEV)
		SKIP(return, "no FUSE");
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, fse_fuse_hang(&self->fuse));
	ASSERT_EQ(0, fse_watch(&self->w, "T %llu", level));
	self->busy = fse_repeat(fill_and_free, &self->w);
	ASSERT_LT(0, self->busy);
	ASSERT_NE(0, fse_event(&self->w));
	ASSERT_EQ(0, sleep_and_wake());
	fse_kill(self->busy);
	self->busy = 0;
	/* It is free now, and stays so. */
	fse_free(&self->w.fs, "moving");
	while (fse_next_of(&self->w.l, self->w.fs.mount, &self->w.ev,
			   FSE_QUIET) > 0)
		last = self->w.ev.id;
	EXPECT_EQ(FS_THR_LRABOVE, last);
	ASSERT_EQ(0, fse_fill(&self->w.fs, "file", 1100));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	fse_fuse_kill(&self->fuse);
	EXPECT_LE(0, fse_left(&self->w.l));
}

TEST_HARNESS_MAIN
