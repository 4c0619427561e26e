// SPDX-License-Identifier: GPL-2.0-only
/*
 * File systems that join: they account for their space, so that levels are
 * told at once, and tell events by themselves.
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

/* Nothing was asked for two seconds. */
static bool undisturbed(void *arg)
{
	__u64 samples = fse_stat("samples");

	(void)arg;
	poll(NULL, 0, 2000);
	return fse_stat("samples") == samples;
}

/* Both ways, and how far it went over is what one request takes. */
TEST_F(joined, a_level_is_told_at_once)
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

	/* It is the one who gives back that asks. */
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

/* Without the budget a sample finds the crossing, which nothing kicks. */
TEST_F(joined, a_file_system_that_does_not_account_is_sampled)
{
	__u64 kicks = fse_stat("kicks");

	ASSERT_EQ(0, fse_joined_begin(&self->w, 0, FSE_LOCAL));
	ASSERT_NE(0, fse_watch_far(&self->w));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc %u", FSE_FAR));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(kicks, fse_stat("kicks"));
}

/* Without a device it would be taken for one that is asked every 30 s. */
TEST_F(joined, a_local_one_is_asked_often)
{
	ASSERT_EQ(0, fse_joined_begin(&self->w, 0, FSE_LOCAL));
	ASSERT_EQ(0, fse_watch(&self->w, "T %llu",
			       fse_avail(&self->w.fs) - 1000));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc 1000"));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
}

/* One that asks a server is kicked as well. */
TEST_F(joined, a_remote_one_accounts_too)
{
	ASSERT_EQ(0, fse_joined_begin(&self->w, FSE_CAP_SPACE, 0));
	ASSERT_NE(0, fse_watch_far(&self->w));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc %u", FSE_FAR));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
}

/* Near a level the last block is seen, though nobody takes another one. */
TEST_F(joined, the_last_block_is_seen)
{
	__u64 level;
	int i;

	ASSERT_EQ(0, fse_joined_begin(&self->w, FSE_CAP_SPACE, FSE_LOCAL));
	level = fse_watch_far(&self->w);
	ASSERT_NE(0, level);
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc %u", FSE_FAR - 1));
		/* Until a sample has seen it, and finds one block left. */
		ASSERT_TRUE(fse_sampled("%s", self->w.request));
		ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc 1"));
		ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
		EXPECT_EQ(level, self->w.ev.data);
		ASSERT_EQ(0, fse_tell(&self->w.fs, "free %u", FSE_FAR));
		ASSERT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	}
}

/*
 * Eight at once cross the level again and again, up and down. Below and above
 * alternate, and the last that is told is how it stands, though none of the
 * writers does anything after that.
 */
TEST_F(joined, many_writers)
{
	struct fse_mover m = { &self->w.fs, 500, FSE_FAR / 6, false };
	unsigned int last = FS_THR_LRABOVE, told = 0;
	int i, rounds = fse_rounds(4);
	__u64 level;

	ASSERT_EQ(0, fse_joined_begin(&self->w, FSE_CAP_SPACE, FSE_LOCAL));
	level = fse_watch_far(&self->w);
	ASSERT_NE(0, level);
	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, fse_race(8, fse_move, &m));
		/* Now it is left on the one side, then on the other. */
		ASSERT_EQ(0, fse_tell(&self->w.fs, "%s %u",
				      i % 2 ? "free" : "alloc", FSE_FAR));
		while (fse_next_of(&self->w.l, self->w.fs.mount, &self->w.ev,
				   FSE_QUIET) > 0) {
			ASSERT_NE(last, self->w.ev.id);
			last = self->w.ev.id;
			told++;
		}
		EXPECT_EQ(last, i % 2 ? FS_THR_LRABOVE : FS_THR_LRBELOW);
	}
	EXPECT_LE(rounds, told);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* ->query is asked while space moves; ->statfs now and then. */
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
		/* Its figures are the whole answer. */
		EXPECT_EQ(level, self->w.ev.data);
		EXPECT_EQ(fse_total(&self->w.fs), self->w.ev.total);
		EXPECT_EQ(fse_frsize(&self->w.fs), self->w.ev.frsize);
		ASSERT_EQ(0, fse_tell(&self->w.fs, "free %u", FSE_FAR));
		ASSERT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	}
	after = calls(&self->w);
	EXPECT_LE(before.query + 10, after.query);

	/* One that left is not asked that way. */
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
	/* Nothing comes of it, and nothing bad. */
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

/* What a file system tells by itself nobody else tells. */
TEST_F(joined, own_events_are_told_once)
{
	__u64 avail;

	ASSERT_EQ(0, fse_joined_begin(&self->w, 1U << FS_WARN_ENOSPC, FSE_LOCAL));
	avail = fse_avail(&self->w.fs);
	ASSERT_EQ(0, fse_watch(&self->w, "G T 1"));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc %llu", avail));
	/* Sampling has seen that it is full. */
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

/* Read-only by itself: so it looks, and it alone knows better. */
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

/* To who was there by the file system itself, to who comes later by us. */
TEST_F(joined, a_failure_that_lasts_is_told_once)
{
	const unsigned int down = 1U << FS_ERR_SHUTDOWN;

	ASSERT_EQ(0, fse_joined_begin(&self->w, down, FSE_LOCAL));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "leave"));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "fail 0"));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "join"));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	/* What it may not say, that it is read-only or had an error, counts not. */
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

	/* It ends, and comes again. */
	ASSERT_EQ(0, fse_tell(&self->w.fs, "fail 0"));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "fail %u", down));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	EXPECT_EQ(FS_ERR_SHUTDOWN, fse_event(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(joined, who_tells_nothing_is_looked_at)
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

/* Space moves while the watch that counts it comes and goes. */
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
