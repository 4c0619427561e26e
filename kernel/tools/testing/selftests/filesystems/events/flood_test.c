// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events beyond the limit of ten messages a second per slot: none is lost.
 */
#include <errno.h>
#include <grp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include "children.h"
#include "command.h"
#include "control.h"
#include "harness.h"
#include "process.h"
#include "watched.h"

/* Messages of one slot allowed within @ms milliseconds. */
#define ALLOWED(ms)	((ms) / 100 + 2)

FIXTURE(flood)
{
	struct fse_watched w;
};

FIXTURE_SETUP(flood)
{
	ASSERT_EQ(0, fse_begin(&self->w, "ext4", 16, "", ""));
	ASSERT_EQ(0, fse_watch(&self->w, "G:corrupted,enospc"));
}

FIXTURE_TEARDOWN(flood)
{
	fse_end(&self->w);
}

TEST_F(flood, is_reported_ten_times_a_second_and_counted)
{
	__u64 begin = fse_now(), reported = 0, last = 0;
	__u64 notified = fse_stat("notified");
	unsigned int raised = 0, messages = 0;

	while (raised < 100 || fse_now() < begin + 1000) {
		ASSERT_EQ(0, fse_raise(&self->w));
		raised++;
	}
	ASSERT_TRUE(fse_rest_at(notified + raised));
	begin = fse_now() - begin;

	while (fse_next(&self->w.l, &self->w.ev, 0) > 0) {
		EXPECT_EQ(FS_ERR_CORRUPTED, self->w.ev.id);
		EXPECT_EQ(EUCLEAN, self->w.ev.error);
		EXPECT_LT(last, self->w.ev.time);
		last = self->w.ev.time;
		reported += self->w.ev.count;
		messages++;
	}
	EXPECT_EQ(raised, reported);
	EXPECT_LE(messages, ALLOWED(begin));
	EXPECT_GT(messages, 1);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* What a process that reads watches has done so far, in shared memory. */
struct reading {
	atomic_uint reads;
	const char *mount;
};

/* A child without privilege reads the watch once more. */
static void read_watch(void *arg)
{
	static struct fse_listener c;
	struct reading *r = arg;
	struct fse_facts facts;

	if (!c.nl && (setgroups(0, NULL) ||
		      setresgid(FSE_NOBODY, FSE_NOBODY, FSE_NOBODY) ||
		      setresuid(FSE_NOBODY, FSE_NOBODY, FSE_NOBODY) ||
		      fse_listen_to(&c, NULL)))
		_exit(1);
	if (fse_get(&c, r->mount, &facts))
		_exit(1);
	atomic_fetch_add(&r->reads, 1);
}

static bool has_read(void *reading)
{
	return atomic_load(&((struct reading *)reading)->reads);
}

/* Regression: each read of a watch sent what waited. */
TEST_F(flood, readers_of_the_watch_do_not_raise_the_rate)
{
	struct reading *r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int messages = 0, reads;
	__u64 begin;
	pid_t pid;

	ASSERT_NE(MAP_FAILED, r);
	r->mount = self->w.fs.mount;
	pid = fse_repeat(read_watch, r);
	ASSERT_LT(0, pid);
	EXPECT_TRUE(fse_until(has_read, r));
	reads = atomic_load(&r->reads);
	begin = fse_now();
	while (fse_now() < begin + 2000)
		ASSERT_EQ(0, fse_raise(&self->w));
	begin = fse_now() - begin;
	while (fse_next(&self->w.l, &self->w.ev, 0) > 0)
		messages++;
	EXPECT_LE(messages, ALLOWED(begin));
	EXPECT_LT(reads + 20, atomic_load(&r->reads));
	fse_kill(pid);
	munmap(r, sizeof(*r));
}

static int raise_once(void *w)
{
	return fse_raise(w) ? 1 : 0;
}

/* A coalesced message has the details of the first occurrence. */
TEST_F(flood, the_first_occurrence_is_reported)
{
	unsigned int reported;
	pid_t pid;

	ASSERT_EQ(0, fse_raise(&self->w));
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	EXPECT_EQ(getpid(), self->w.ev.pid);
	EXPECT_EQ(1, self->w.ev.count);

	/* Within 100 ms, or they would be two messages. */
	pid = fse_start(raise_once, &self->w);
	ASSERT_EQ(0, fse_wait(pid));
	ASSERT_EQ(0, fse_raise(&self->w));
	ASSERT_EQ(0, fse_raise(&self->w));
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	EXPECT_EQ(pid, self->w.ev.pid);
	for (reported = self->w.ev.count; reported < 3; reported += self->w.ev.count)
		ASSERT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	EXPECT_EQ(3, reported);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

static void raise_error(void *w)
{
	fse_raise(w);
}

/* Levels and ENOSPC are delivered during a flood of errors. */
TEST_F(flood, hides_no_other_event)
{
	__u64 level = fse_avail(&self->w.fs) - 1000;
	bool below = false, full = false;
	__u64 deadline;
	pid_t pid;

	ASSERT_EQ(0, fse_watch(&self->w, "T %llu", level));
	pid = fse_repeat(raise_error, &self->w);
	ASSERT_LT(0, pid);
	/* The flood has begun. */
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	EXPECT_EQ(0, fse_fill_up(&self->w));
	deadline = fse_now() + FSE_SOON;
	while (!(below && full) && fse_now() < deadline) {
		switch (fse_event(&self->w)) {
		case FS_THR_LRBELOW:
			EXPECT_FALSE(below);
			EXPECT_EQ(1, self->w.ev.count);
			below = true;
			break;
		case FS_WARN_ENOSPC:
			EXPECT_FALSE(full);
			EXPECT_EQ(1, self->w.ev.count);
			full = true;
			break;
		case FS_ERR_CORRUPTED:
			break;
		default:
			EXPECT_TRUE(false);
			break;
		}
	}
	fse_kill(pid);
	EXPECT_TRUE(below);
	EXPECT_TRUE(full);
}

struct turning {
	const struct fse_watched *w;
	__u64 notified;
};

/* Like fse_sampled(), but does not wait for delivery. */
static bool turned(void *arg)
{
	const struct turning *t = arg;

	if (fse_stat("notified") > t->notified)
		return true;
	fse_config("%s", t->w->request);
	return false;
}

/* Later events wait behind those held back by the limit. */
TEST_F(flood, the_limit_does_not_reorder)
{
	struct turning t = { .w = &self->w };

	ASSERT_EQ(0, fse_watch(&self->w, "G:corrupted,enospc"));
	ASSERT_EQ(0, fse_fill_to(&self->w.fs, "file", 200));
	ASSERT_EQ(0, fse_raise(&self->w));
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	ASSERT_EQ(0, fse_raise(&self->w));
	t.notified = fse_stat("notified");
	ASSERT_EQ(0, fse_fill_up(&self->w));
	ASSERT_TRUE(fse_until(turned, &t));
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	EXPECT_EQ(FS_WARN_ENOSPC, fse_event(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

static int by_size(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/*
 * Each message waits 100 ms from the previous one, within a tick. A slow
 * machine adds to that, so the fastest quarter decides.
 */
TEST_F(flood, waits_for_a_tenth_of_a_second)
{
	struct timespec ts;
	int late[20], i;
	pid_t pid;

	pid = fse_repeat(raise_error, &self->w);
	ASSERT_LT(0, pid);
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	for (i = 0; i < ARRAY_SIZE(late); i++) {
		ASSERT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
		clock_gettime(CLOCK_REALTIME, &ts);
		late[i] = ts.tv_sec * 1000ull + ts.tv_nsec / 1000000 -
			  self->w.ev.time / 1000000;
	}
	fse_kill(pid);
	qsort(late, ARRAY_SIZE(late), sizeof(late[0]), by_size);
	EXPECT_LE(70, late[ARRAY_SIZE(late) / 4]);
	EXPECT_GE(130, late[ARRAY_SIZE(late) / 4]);
}

FIXTURE(hovering)
{
	struct fse_watched w;
};

FIXTURE_VARIANT(hovering)
{
	bool below;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(hovering, ends_below) { .below = true };
FIXTURE_VARIANT_ADD(hovering, ends_above) { .below = false };
/* clang-format on */

FIXTURE_SETUP(hovering)
{
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 64, "", ""));
}

FIXTURE_TEARDOWN(hovering)
{
	fse_end(&self->w);
}

static bool sampled_since(void *arg)
{
	return fse_stat("samples") >= *(__u64 *)arg + 2;
}

/* Moves to the other side of the level and waits for a sample. */
static int cross(struct fse_watched *w, bool below)
{
	int err = fse_leave(w, below ? 9950 : 10050);
	__u64 samples = fse_stat("samples");

	if (err)
		return err;
	/* The first sample counted may have started before. */
	return fse_until(sampled_since, &samples) ? 0 : -ETIMEDOUT;
}

/*
 * Regression: space around a level sent over a thousand messages a second. Now
 * pairs are counted: events alternate, each message reports a state different
 * from the last, and the final one is true.
 */
TEST_F(hovering, below_and_above_alternate_and_the_last_is_true)
{
	unsigned int turns = 0, reported = 0, messages = 0;
	__u64 begin;
	bool below = false;

	ASSERT_EQ(0, fse_watch(&self->w, "T 10000"));
	begin = fse_now();
	ASSERT_EQ(0, cross(&self->w, true));
	for (turns = 1; turns < 40 || fse_now() < begin + 1000; turns++)
		ASSERT_EQ(0, cross(&self->w, turns % 2 == 0));
	/* An even number of turns ends above. */
	if ((turns % 2 == 1) != variant->below) {
		ASSERT_EQ(0, cross(&self->w, variant->below));
		turns++;
	}
	ASSERT_TRUE(fse_rest());
	begin = fse_now() - begin;

	while (fse_next(&self->w.l, &self->w.ev, 0) > 0) {
		EXPECT_EQ(below ? FS_THR_LRABOVE : FS_THR_LRBELOW,
			  self->w.ev.id);
		/* One turn, or one turn and some pairs. */
		EXPECT_EQ(1, self->w.ev.count % 2);
		below = !below;
		EXPECT_EQ(below, self->w.ev.data <= 10000);
		reported += self->w.ev.count;
		messages++;
	}
	EXPECT_EQ(variant->below, below);
	EXPECT_LE(messages, ALLOWED(begin));
	EXPECT_GT(messages, 1);
	/* Pairs after the last message wait for the next. */
	EXPECT_LE(reported, turns);
	EXPECT_EQ(0, (turns - reported) % 2);

	ASSERT_EQ(0, fse_leave(&self->w, below ? 10050 : 9950));
	ASSERT_EQ(below ? FS_THR_LRABOVE : FS_THR_LRBELOW,
		  fse_event(&self->w));
	EXPECT_EQ(turns + 1, reported + self->w.ev.count);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* A level that was reported within the last 100 ms and has turned again. */
FIXTURE(pending)
{
	struct fse_watched w;
};

FIXTURE_SETUP(pending)
{
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 64, "", ""));
	ASSERT_EQ(0, fse_watch(&self->w, "T 10000"));
}

FIXTURE_TEARDOWN(pending)
{
	fse_end(&self->w);
}

static int turn(struct fse_watched *w, __u64 avail)
{
	struct turning t = { .w = w, .notified = fse_stat("notified") };

	return fse_leave(w, avail) ?:
	       fse_until(turned, &t) ? 0 : -ETIMEDOUT;
}

/* A file system's last events are not held back by the limit. */
TEST_F(pending, is_reported_before_the_unmount)
{
	ASSERT_EQ(0, turn(&self->w, 9950));
	ASSERT_EQ(0, turn(&self->w, 10050));
	ASSERT_EQ(0, umount(self->w.fs.mount));
	ASSERT_EQ(1, fse_next(&self->w.l, &self->w.ev, 0));
	EXPECT_EQ(FS_THR_LRBELOW, self->w.ev.id);
	ASSERT_EQ(1, fse_next(&self->w.l, &self->w.ev, 0));
	EXPECT_EQ(FS_THR_LRABOVE, self->w.ev.id);
	ASSERT_EQ(1, fse_next(&self->w.l, &self->w.ev, 0));
	EXPECT_EQ(FS_INFO_UNMOUNT, self->w.ev.id);
	EXPECT_TRUE(fse_at_rest());
}

TEST_F(pending, is_reported_when_the_level_is_replaced)
{
	ASSERT_EQ(0, turn(&self->w, 9950));
	ASSERT_EQ(0, turn(&self->w, 10050));
	ASSERT_EQ(0, fse_watch(&self->w, "T 9000"));
	ASSERT_EQ(1, fse_next(&self->w.l, &self->w.ev, 0));
	EXPECT_EQ(FS_THR_LRBELOW, self->w.ev.id);
	ASSERT_EQ(1, fse_next(&self->w.l, &self->w.ev, 0));
	EXPECT_EQ(FS_THR_LRABOVE, self->w.ev.id);
	EXPECT_EQ(10000, self->w.ev.level);
	EXPECT_EQ(0, fse_left(&self->w.l));
	EXPECT_TRUE(fse_at_rest());
}

/* It keeps waiting as the same level: neither lost nor duplicated. */
TEST_F(pending, is_reported_once_when_the_level_is_written_again)
{
	ASSERT_EQ(0, turn(&self->w, 9950));
	ASSERT_EQ(0, turn(&self->w, 10050));
	ASSERT_EQ(0, fse_watch(&self->w, "T 10000 9000"));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	EXPECT_EQ(1, self->w.ev.count);
	EXPECT_EQ(0, fse_left(&self->w.l));
	EXPECT_TRUE(fse_rest());
}

TEST_HARNESS_MAIN
