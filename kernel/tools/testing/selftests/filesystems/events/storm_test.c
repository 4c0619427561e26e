// SPDX-License-Identifier: GPL-2.0-only
/*
 * fs_event_notify_err() from each context at full speed, and private events of
 * a file system.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "children.h"
#include "control.h"
#include "harness.h"
#include "process.h"
#include "watched.h"

enum {
	ALL = 1U << FS_WARN_ENOSPC | 1U << FS_WARN_ENOSPC_META |
	      1U << FS_ERR_REMOUNT_RO | 1U << FS_ERR_CORRUPTED |
	      1U << FS_ERR_IO | 1U << FS_ERR_SHUTDOWN,
};

/* Inode number of the control file. */
#define CONTROL	2

FIXTURE(storm)
{
	struct fse_watched w;
};

FIXTURE_SETUP(storm)
{
	char options[32];

	memset(self, 0, sizeof(*self));
	if (fse_sh("modprobe -q " FSE_TESTFS))
		SKIP(return, "no module " FSE_TESTFS);
	snprintf(options, sizeof(options), "-o cap=%u,flags=1", ALL);
	ASSERT_EQ(0, fse_begin(&self->w, FSE_TESTFS, 1024, "", options));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
}

FIXTURE_TEARDOWN(storm)
{
	if (self->w.l.nl)
		fse_end(&self->w);
	fse_sh("modprobe -qr " FSE_TESTFS);
}

TEST_F(storm, each_event_from_each_context)
{
	static const char * const contexts[] = {
		"process", "softirq", "hardirq",
	};
	static const unsigned int ids[] = {
		FS_WARN_ENOSPC, FS_WARN_ENOSPC_META, FS_ERR_REMOUNT_RO,
		FS_ERR_CORRUPTED, FS_ERR_IO, FS_ERR_SHUTDOWN,
	};
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(contexts); i++) {
		for (k = 0; k < ARRAY_SIZE(ids); k++) {
			ASSERT_EQ(0, fse_tell(&self->w.fs, "notify %u %d 1 %s",
					      ids[k], k % 2 ? EIO : -EIO,
					      contexts[i]));
			ASSERT_EQ(ids[k], fse_event(&self->w));
			EXPECT_EQ(EIO, self->w.ev.error);
			EXPECT_EQ(1, self->w.ev.count);
			EXPECT_EQ(CONTROL, self->w.ev.ino);
			/* An interrupted task is not the cause. */
			EXPECT_EQ(i ? 0 : getpid(), self->w.ev.pid);
		}
	}
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* The file system decides when an episode begins. */
TEST_F(storm, what_it_reports_twice_is_sent_twice)
{
	unsigned int reported = 0;

	ASSERT_EQ(0, fse_tell(&self->w.fs, "notify %u %d 3 process",
			      FS_ERR_SHUTDOWN, ESHUTDOWN));
	while (reported < 3) {
		ASSERT_EQ(FS_ERR_SHUTDOWN, fse_event(&self->w));
		reported += self->w.ev.count;
	}
	EXPECT_EQ(3, reported);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

struct part {
	struct fse_fs *fs;
	const char *context[2];
	unsigned int times;
};

static int rage(unsigned int who, void *arg)
{
	const struct part *p = arg;
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(who % sysconf(_SC_NPROCESSORS_ONLN), &cpu);
	if (sched_setaffinity(0, sizeof(cpu), &cpu))
		return 1;
	return fse_tell(p->fs, "notify %u %d %u %s", FS_ERR_IO, EIO, p->times,
			p->context[who]) ? 2 : 0;
}

/*
 * From two CPUs at once. The counts of the messages add up to the number of
 * occurrences, at most ten messages a second are sent, and nothing is left
 * pending.
 */
static void weather(struct __test_metadata *_metadata, struct fse_watched *w,
		    const struct part *p)
{
	__u64 notified = fse_stat("notified"), coalesced = fse_stat("coalesced");
	__u64 sent = fse_stat("sent"), reported = 0, begin = fse_now(), took;
	__u64 all = 2ULL * p->times;
	unsigned int messages = 0;

	ASSERT_EQ(0, fse_race(2, rage, (void *)p));
	ASSERT_TRUE(fse_rest_at(notified + all));
	took = fse_now() - begin;
	while (fse_next(&w->l, &w->ev, 0) > 0) {
		EXPECT_EQ(FS_ERR_IO, w->ev.id);
		reported += w->ev.count;
		messages++;
	}
	EXPECT_EQ(all, reported);
	EXPECT_EQ(0, w->l.lost);
	EXPECT_LE(messages, took / 100 + 2);
	EXPECT_EQ(notified + all, fse_stat("notified"));
	EXPECT_EQ(sent + messages, fse_stat("sent"));
	EXPECT_EQ(coalesced + all - messages, fse_stat("coalesced"));
}

TEST_F(storm, a_million_adds_up)
{
	struct part p = { &self->w.fs, { "process", "process" }, 500000 };

	weather(_metadata, &self->w, &p);
}

TEST_F(storm, of_interrupts_adds_up)
{
	struct part p = { &self->w.fs, { "softirq", "hardirq" }, 50000 };

	weather(_metadata, &self->w, &p);
	p.context[0] = "process";
	weather(_metadata, &self->w, &p);
}

/* Other events during the storm are sent at once, with their own details. */
TEST_F(storm, the_single_event_of_another_is_unharmed)
{
	struct part p = { &self->w.fs, { "process", "process" }, 200000 };
	struct fse_event ev;
	struct fse_fs other;
	unsigned int i;
	pid_t pid;

	ASSERT_EQ(0, fse_fs_make(&other, FSE_TESTFS, "other", 1024, ""));
	ASSERT_EQ(0, fse_config("%s G", other.mount));
	pid = fork();
	if (!pid)
		_exit(fse_race(2, rage, &p));
	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, fse_tell(&other, "notify %u %d 1 process",
				      FS_ERR_CORRUPTED, EUCLEAN));
		ASSERT_EQ(FS_ERR_CORRUPTED, fse_next_of(&self->w.l,
							other.mount, &ev,
							FSE_SOON));
		EXPECT_EQ(1, ev.count);
		EXPECT_EQ(EUCLEAN, ev.error);
		EXPECT_EQ(getpid(), ev.pid);
	}
	EXPECT_EQ(0, fse_wait(pid));
	fse_fs_remove(&other);
	EXPECT_TRUE(fse_rest());
}

/* --- private events ------------------------------------------------------- */

#define PRIVATE	(FS_EVENT_PRIVATE + 7)

/* nla_total_size() of a string. */
static unsigned int room(const char *text)
{
	return (4 + strlen(text) + 1 + 3) & ~3U;
}

TEST_F(storm, private_events)
{
	static const char text[] = "what-only-it-knows";
	__u64 seq, unheard = fse_stat("no_listener");
	struct fse_event ev;

	ASSERT_EQ(0, fse_tell(&self->w.fs, "send %u %u %s", PRIVATE, room(text),
			      text));
	ASSERT_EQ(1, fse_next(&self->w.l, &ev, FSE_SOON));
	EXPECT_EQ(PRIVATE, ev.id);
	EXPECT_EQ(1, ev.count);
	EXPECT_STREQ(text, ev.text);
	EXPECT_NE(0, ev.time);
	seq = ev.seq;
	/* They share the sequence numbers. */
	ASSERT_EQ(0, fse_tell(&self->w.fs, "notify %u 5 1 process", FS_ERR_IO));
	ASSERT_EQ(FS_ERR_IO, fse_event(&self->w));
	EXPECT_EQ(seq + 1, self->w.ev.seq);
	ASSERT_EQ(0, fse_tell(&self->w.fs, "send %u 0", FS_EVENT_PRIVATE));
	ASSERT_EQ(1, fse_next(&self->w.l, &ev, FSE_SOON));
	EXPECT_EQ(FS_EVENT_PRIVATE, ev.id);
	EXPECT_EQ(seq + 2, ev.seq);
	EXPECT_STREQ("", ev.text);

	/* A refused event takes no number. */
	EXPECT_EQ(-EINVAL, fse_tell(&self->w.fs, "send %u 0",
				    FS_EVENT_PRIVATE - 1));
	EXPECT_EQ(-ENODATA, fse_tell(&self->w.fs, "send %u 0 %d", PRIVATE,
				     -ENODATA));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "send %u 0", PRIVATE));
	ASSERT_EQ(1, fse_next(&self->w.l, &ev, FSE_SOON));
	EXPECT_EQ(seq + 3, ev.seq);
	EXPECT_EQ(0, fse_left(&self->w.l));

	fse_unlisten(&self->w.l);
	EXPECT_EQ(-ESRCH, fse_tell(&self->w.fs, "send %u 0", PRIVATE));
	EXPECT_EQ(unheard + 1, fse_stat("no_listener"));
	ASSERT_EQ(0, fse_listen(&self->w.l));
}

static int hears_nothing(void *arg)
{
	struct fse_watched *w = arg;
	struct fse_listener l;
	struct fse_event ev;

	if (unshare(CLONE_NEWNET) || fse_listen(&l))
		return 1;
	if (fse_tell(&w->fs, "send %u 0", PRIVATE))
		return 2;
	return fse_next(&l, &ev, 0) ? 3 : 0;
}

/* They belong to no watch: the initial network namespace gets them. */
TEST_F(storm, private_events_stay_at_home)
{
	struct fse_event ev;
	__u64 seq;

	ASSERT_EQ(0, fse_tell(&self->w.fs, "send %u 0", PRIVATE));
	ASSERT_EQ(1, fse_next(&self->w.l, &ev, FSE_SOON));
	seq = ev.seq;
	ASSERT_EQ(0, fse_child(hears_nothing, &self->w));
	ASSERT_EQ(1, fse_next(&self->w.l, &ev, FSE_SOON));
	EXPECT_EQ(PRIVATE, ev.id);
	EXPECT_EQ(seq + 1, ev.seq);
}

TEST_HARNESS_MAIN
