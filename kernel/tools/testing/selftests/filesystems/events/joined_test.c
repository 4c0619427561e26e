// SPDX-License-Identifier: GPL-2.0-only
/*
 * File systems that register: they account for their space, so that levels are
 * reported at once, and they report events themselves.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "children.h"
#include "control.h"
#include "harness.h"
#include "joined.h"
#include "lifetime.h"
#include "process.h"

FIXTURE(joined)
{
	struct fse_watched w;
	__u64 total;
};

FIXTURE_SETUP(joined)
{
	memset(self, 0, sizeof(*self));
	if (!fse_joined_there())
		SKIP(return, "no module " FSE_TESTFS);
}

FIXTURE_TEARDOWN(joined)
{
	fse_joined_end(&self->w);
}

struct calls {
	__u64 avail;
	__u64 statfs;
	__u64 query;
};

static struct calls calls(const struct fse_watched *w)
{
	struct calls c = {};
	char path[160];

	snprintf(path, sizeof(path), "%s/control", w->fs.mount);
	if (sscanf(fse_read(path), "avail %llu statfs %llu query %llu",
		   &c.avail, &c.statfs, &c.query) != 3)
		perror(path);
	return c;
}

/* No sample ran for two seconds. */
static bool undisturbed(void *arg)
{
	__u64 samples = fse_stat("samples");

	(void)arg;
	poll(NULL, 0, 2000);
	return fse_stat("samples") == samples;
}

/* In both directions; the overshoot is at most one request. */
TEST_F(joined, a_level_is_reported_at_once)
{
	__u64 level, avail, kicks = fse_stat("kicks"), i;

	ASSERT_EQ(0, fse_joined_begin(&self->w, FSE_CAP_SPACE, FSE_LOCAL));
	avail = fse_avail(&self->w.fs);
	level = avail - FSE_FAR;
	ASSERT_EQ(0, fse_watch(&self->w, "T %llu:%llu", level,
			       level + FSE_FAR / 2));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	for (i = 0; i < 10; i++)
		ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc %u", FSE_FAR / 10));
	ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(level, self->w.ev.level);
	EXPECT_EQ(level, self->w.ev.data);
	EXPECT_EQ(1, self->w.ev.count);

	/* Freeing space triggers the sample. */
	ASSERT_TRUE(fse_until(undisturbed, NULL));
	kicks = fse_stat("kicks");
	ASSERT_EQ(0, fse_tell(&self->w.fs, "free %u", FSE_FAR / 2));
	EXPECT_LT(kicks, fse_stat("kicks"));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "free 1"));
	ASSERT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	EXPECT_EQ(level + FSE_FAR / 2 + 1, self->w.ev.data);
	EXPECT_LT(kicks, fse_stat("kicks"));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Without accounting only a sample finds the crossing; nothing kicks it. */
TEST_F(joined, a_file_system_that_does_not_account_is_sampled)
{
	__u64 kicks = fse_stat("kicks");

	ASSERT_EQ(0, fse_joined_begin(&self->w, 0, FSE_LOCAL));
	ASSERT_NE(0, fse_watch_far(&self->w));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc %u", FSE_FAR));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(kicks, fse_stat("kicks"));
}

/* Without FSE_LOCAL a file system without a device is sampled every 30 s. */
TEST_F(joined, a_local_file_system_is_sampled_often)
{
	ASSERT_EQ(0, fse_joined_begin(&self->w, 0, FSE_LOCAL));
	ASSERT_EQ(0, fse_watch(&self->w, "T %llu",
			       fse_avail(&self->w.fs) - 1000));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc 1000"));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
}

/* A remote file system that accounts is kicked as well. */
TEST_F(joined, a_remote_file_system_accounts_too)
{
	ASSERT_EQ(0, fse_joined_begin(&self->w, FSE_CAP_SPACE, 0));
	ASSERT_NE(0, fse_watch_far(&self->w));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc %u", FSE_FAR));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
}

/* Close to a level the last block is reported without further activity. */
TEST_F(joined, the_last_block_is_seen)
{
	__u64 level;
	int i;

	ASSERT_EQ(0, fse_joined_begin(&self->w, FSE_CAP_SPACE, FSE_LOCAL));
	level = fse_watch_far(&self->w);
	ASSERT_NE(0, level);
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc %u", FSE_FAR - 1));
		/* Wait for a sample that finds one block left. */
		ASSERT_TRUE(fse_sampled("%s", self->w.request));
		ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc 1"));
		ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
		EXPECT_EQ(level, self->w.ev.data);
		ASSERT_EQ(0, fse_tell(&self->w.fs, "free %u", FSE_FAR));
		ASSERT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	}
}

/*
 * Eight writers cross the level again and again. Events alternate, and the last
 * one matches the final state without any later activity.
 */
TEST_F(joined, many_writers)
{
	struct fse_mover m = { &self->w.fs, 500, FSE_FAR / 6, false };
	unsigned int last = FS_THR_LRABOVE, facts = 0;
	int i, rounds = fse_rounds(4);
	__u64 level;

	ASSERT_EQ(0, fse_joined_begin(&self->w, FSE_CAP_SPACE, FSE_LOCAL));
	level = fse_watch_far(&self->w);
	ASSERT_NE(0, level);
	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, fse_race(8, fse_move, &m));
		/* Leave the space alternately below and above the level. */
		ASSERT_EQ(0, fse_tell(&self->w.fs, "%s %u",
				      i % 2 ? "free" : "alloc", FSE_FAR));
		while (fse_next_of(&self->w.l, self->w.fs.mount, &self->w.ev,
				   FSE_QUIET) > 0) {
			ASSERT_NE(last, self->w.ev.id);
			last = self->w.ev.id;
			facts++;
		}
		EXPECT_EQ(last, i % 2 ? FS_THR_LRABOVE : FS_THR_LRBELOW);
	}
	EXPECT_LE(rounds, facts);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Sampling uses ->query while space moves and ->statfs occasionally. */
TEST_F(joined, the_cheaper_question_is_asked)
{
	struct calls before, after;
	__u64 level;
	int i;

	ASSERT_EQ(0, fse_joined_begin(&self->w, FSE_CAP_SPACE, FSE_LOCAL));
	level = fse_watch_far(&self->w);
	ASSERT_NE(0, level);
	before = calls(&self->w);
	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc %u", FSE_FAR));
		ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
		/* ->query supplies all figures. */
		EXPECT_EQ(level, self->w.ev.data);
		EXPECT_EQ(fse_total(&self->w.fs), self->w.ev.total);
		EXPECT_EQ(fse_frsize(&self->w.fs), self->w.ev.frsize);
		ASSERT_EQ(0, fse_tell(&self->w.fs, "free %u", FSE_FAR));
		ASSERT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	}
	after = calls(&self->w);
	EXPECT_LE(before.query + 10, after.query);

	/* After unregistering, ->query is not called. */
	ASSERT_EQ(0, fse_tell(&self->w.fs, "leave"));
	before = calls(&self->w);
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	after = calls(&self->w);
	EXPECT_EQ(before.query, after.query);
	EXPECT_LT(before.statfs, after.statfs);
}

TEST_F(joined, joining_has_its_rules)
{
	ASSERT_EQ(0, fse_joined_begin(&self->w, FSE_CAP_SPACE, FSE_LOCAL));
	EXPECT_EQ(-EEXIST, fse_tell(&self->w.fs, "join"));
	EXPECT_EQ(0, fse_tell(&self->w.fs, "leave"));
	EXPECT_EQ(0, fse_tell(&self->w.fs, "leave"));
	EXPECT_EQ(0, fse_tell(&self->w.fs, "join"));
	EXPECT_EQ(0, fse_tell(&self->w.fs, "leave"));
	ASSERT_EQ(0, fse_watch(&self->w, "T 1"));
	EXPECT_EQ(-EBUSY, fse_tell(&self->w.fs, "join"));
	/* Has no effect. */
	EXPECT_EQ(0, fse_tell(&self->w.fs, "alloc 1"));
	ASSERT_EQ(0, umount(self->w.fs.mount));
	EXPECT_EQ(FS_INFO_UNMOUNT, fse_event(&self->w));

	errno = 0;
	EXPECT_EQ(-1, mount("none", self->w.fs.mount, FSE_TESTFS, 0,
			    "cap=0x2000"));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, mount("none", self->w.fs.mount, FSE_TESTFS, 0,
			    "flags=2"));
	EXPECT_EQ(EINVAL, errno);
}

/* Sampling doesn't report an event that the file system reports itself. */
TEST_F(joined, own_events_are_reported_once)
{
	__u64 avail;

	ASSERT_EQ(0, fse_joined_begin(&self->w, 1U << FS_WARN_ENOSPC, FSE_LOCAL));
	avail = fse_avail(&self->w.fs);
	ASSERT_EQ(0, fse_watch(&self->w, "G T 1"));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc %llu", avail));
	/* A sample has found it full. */
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(0, fse_next_of(&self->w.l, self->w.fs.mount, &self->w.ev, 0));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "notify %u %d 1 process",
			      FS_WARN_ENOSPC, -ENOSPC));
	EXPECT_EQ(FS_WARN_ENOSPC, fse_event(&self->w));
	EXPECT_EQ(getpid(), self->w.ev.pid);
	EXPECT_EQ(ENOSPC, self->w.ev.error);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/*
 * The file system turns itself read-only; whether that is reported depends on
 * its capabilities.
 */
static void turn_read_only(struct __test_metadata *_metadata,
			   struct fse_watched *w, unsigned int cap)
{
	ASSERT_EQ(0, fse_joined_begin(w, cap, FSE_LOCAL));
	ASSERT_EQ(0, fse_watch(w, "G"));
	ASSERT_TRUE(fse_sampled("%s", w->request));
	ASSERT_EQ(0, fse_tell(&w->fs, "readonly"));
	ASSERT_TRUE(fse_sampled("%s", w->request));
}

TEST_F(joined, its_own_state_is_not_looked_at)
{
	turn_read_only(_metadata, &self->w, 1U << FS_ERR_REMOUNT_RO);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(joined, the_state_of_others_is)
{
	turn_read_only(_metadata, &self->w, 0);
	EXPECT_EQ(FS_ERR_REMOUNT_RO, fse_event(&self->w));
}

/* The file system reports it to existing watches, the core to later ones. */
TEST_F(joined, a_failure_that_lasts_is_reported_once)
{
	const unsigned int down = 1U << FS_ERR_SHUTDOWN;

	ASSERT_EQ(0, fse_joined_begin(&self->w, down, FSE_LOCAL));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "leave"));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "fail 0"));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "join"));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	/* Bits that it may not set, REMOUNT_RO and IO, are ignored. */
	ASSERT_EQ(0, fse_tell(&self->w.fs, "fail %u", down | 1U << FS_ERR_IO));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "notify %u %d 1 process",
			      FS_ERR_SHUTDOWN, EIO));
	EXPECT_EQ(FS_ERR_SHUTDOWN, fse_event(&self->w));
	EXPECT_EQ(EIO, self->w.ev.error);
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	EXPECT_EQ(0, fse_left(&self->w.l));

	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	EXPECT_EQ(FS_ERR_SHUTDOWN, fse_event(&self->w));
	EXPECT_EQ(ESHUTDOWN, self->w.ev.error);
	EXPECT_EQ(0, self->w.ev.pid);

	/* The failure ends and returns. */
	ASSERT_EQ(0, fse_tell(&self->w.fs, "fail 0"));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "fail %u", down));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	EXPECT_EQ(FS_ERR_SHUTDOWN, fse_event(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(joined, without_reports_it_is_sampled)
{
	ASSERT_EQ(0, fse_joined_begin(&self->w, 0, FSE_LOCAL));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc %llu",
			      fse_avail(&self->w.fs)));
	self->w.ev.pid = 0;
	EXPECT_EQ(fse_full(FS_WARN_ENOSPC), fse_event_now(&self->w));
	EXPECT_EQ(0, self->w.ev.pid);
}

static void watch_and_leave(void *arg)
{
	struct fse_watched *w = arg;

	fse_config("%s T %llu", w->fs.mount, w->fs.mount[0] * 1000ULL);
	fse_config("!%s", w->fs.mount);
}

/* Space moves while the watch is added and removed. */
TEST_F(joined, accounting_races_with_watches)
{
	struct fse_mover m = { &self->w.fs, fse_rounds(1000), 1000,
			       false };
	struct calls before;
	pid_t pid;

	ASSERT_EQ(0, fse_joined_begin(&self->w, FSE_CAP_SPACE, FSE_LOCAL));
	before = calls(&self->w);
	pid = fse_repeat(watch_and_leave, &self->w);
	ASSERT_LT(0, pid);
	EXPECT_EQ(0, fse_race(4, fse_move, &m));
	fse_kill(pid);
	EXPECT_EQ(before.avail, calls(&self->w).avail);
	EXPECT_LE(0, fse_left(&self->w.l));
}

TEST_HARNESS_MAIN
