// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trace events show each step of an event.
 */
#include <stdio.h>
#include <sys/mount.h>

#include "control.h"
#include "harness.h"
#include "tracing.h"
#include "watched.h"

FIXTURE(trace)
{
	struct fse_watched w;
};

FIXTURE_SETUP(trace)
{
	ASSERT_EQ(0, fse_begin(&self->w, "ext4", 16, "", ""));
	if (!fse_trace_start())
		SKIP(return, "no tracefs at /sys/kernel/tracing");
}

FIXTURE_TEARDOWN(trace)
{
	fse_trace_stop();
	fse_end(&self->w);
}

TEST_F(trace, follows_a_watch_and_its_events)
{
	__u64 level = fse_avail(&self->w.fs) - 100;
	char watch[64], facts[128];

	ASSERT_EQ(0, fse_watch(&self->w, "G T %llu", level));
	ASSERT_EQ(0, fse_fill(&self->w.fs, "file", 200));
	ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	snprintf(watch, sizeof(watch), "dev=%u:%u watch=%u", self->w.ev.major,
		 self->w.ev.minor, self->w.ev.entry);

	snprintf(facts, sizeof(facts), "%s types=G,T", watch);
	EXPECT_TRUE(fse_traced("fs_event_watch_add", facts));
	snprintf(facts, sizeof(facts), "%s event=thr_lrbelow", watch);
	EXPECT_TRUE(fse_traced("fs_event_notify", facts));
	EXPECT_TRUE(fse_traced("fs_event_send", facts));
	snprintf(facts, sizeof(facts), "dev=%u:%u avail=%llu", self->w.ev.major,
		 self->w.ev.minor, self->w.ev.data);
	EXPECT_TRUE(fse_traced("fs_event_sample", facts));

	ASSERT_EQ(0, fse_raise(&self->w));
	ASSERT_EQ(0, fse_raise(&self->w));
	ASSERT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	snprintf(facts, sizeof(facts), "%s event=corrupted error=117", watch);
	EXPECT_TRUE(fse_traced("fs_event_notify", facts));

	ASSERT_EQ(0, fse_watch(&self->w, "I 1"));
	snprintf(facts, sizeof(facts), "%s types=G,T,I", watch);
	EXPECT_TRUE(fse_traced("fs_event_watch_change", facts));
	ASSERT_EQ(0, umount(self->w.fs.mount));
	EXPECT_TRUE(fse_traced("fs_event_watch_gone", facts));
	snprintf(facts, sizeof(facts), "%s event=unmount count=1", watch);
	EXPECT_TRUE(fse_traced("fs_event_send", facts));
}

/*
 * Events without a listener are dropped; events over the rate are added to the
 * count of a pending event, one by one or several at a time.
 */
/* Raises two errors; a busy machine may take longer than a message waits. */
static bool coalesces(void *arg)
{
	struct fse_watched *w = arg;

	return !fse_raise(w) && !fse_raise(w) &&
	       fse_traced("fs_event_coalesce", "event=corrupted count=");
}

TEST_F(trace, follows_what_is_not_sent)
{
	ASSERT_EQ(0, fse_watch(&self->w, "G:corrupted"));
	fse_unlisten(&self->w.l);
	EXPECT_TRUE(fse_until(coalesces, &self->w));
	ASSERT_EQ(0, fse_config("\n"));
	EXPECT_TRUE(fse_traced("fs_event_drop", "event=corrupted count="));
}

TEST_HARNESS_MAIN
