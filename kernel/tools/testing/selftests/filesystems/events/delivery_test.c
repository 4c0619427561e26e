// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delivery of messages to listeners: sequence numbers, network namespaces, and
 * messages without a listener.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <libmnl/libmnl.h>

#include "children.h"
#include "control.h"
#include "harness.h"
#include "process.h"
#include "watched.h"

#define LEVELS_MAX	64

FIXTURE(delivery)
{
	struct fse_watched w;
};

FIXTURE_SETUP(delivery)
{
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 64, "", ""));
}

FIXTURE_TEARDOWN(delivery)
{
	fse_end(&self->w);
}

/*
 * Triggers 64 messages by setting that many crossed levels; @salt makes them
 * differ from earlier ones.
 */
static int burst(struct fse_watched *w, unsigned int salt)
{
	char levels[768], *p = levels;
	unsigned int i;

	for (i = 0; i < LEVELS_MAX; i++)
		p += sprintf(p, " %u", 100000 * salt + 20000 - i);
	return fse_watch(w, "T%s", levels);
}

TEST_F(delivery, numbers_have_no_gap_and_all_see_the_same)
{
	struct fse_listener second;
	struct fse_event ev;
	__u64 seq;
	int i;

	ASSERT_EQ(0, fse_listen(&second));
	ASSERT_EQ(0, burst(&self->w, 0));
	ASSERT_NE(0, fse_event(&self->w));
	seq = self->w.ev.seq;
	for (i = 1; i < LEVELS_MAX; i++) {
		ASSERT_NE(0, fse_event(&self->w));
		ASSERT_EQ(seq + i, self->w.ev.seq);
	}
	for (i = 0; i < LEVELS_MAX; i++) {
		ASSERT_LT(0, fse_next(&second, &ev, FSE_SOON));
		ASSERT_EQ(seq + i, ev.seq);
		ASSERT_EQ(i + 1, ev.level_nr);
	}
	/* A later listener sees only later messages. */
	fse_unlisten(&second);
	ASSERT_EQ(0, fse_listen(&second));
	ASSERT_EQ(0, fse_watch(&self->w, "T 1T"));
	/* The ends of replaced levels have numbers, too. */
	ASSERT_LT(0, fse_next_of(&second, NULL, &ev, FSE_SOON));
	EXPECT_EQ(seq + 2 * LEVELS_MAX, ev.seq);
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(seq + 2 * LEVELS_MAX, self->w.ev.seq);
	EXPECT_EQ(0, fse_left(&self->w.l));
	EXPECT_EQ(0, fse_left(&second));
	fse_unlisten(&second);
}

/*
 * Regression: a crossing without a listener was lost together with the next
 * one. It takes no number, but the level's state advances.
 */
TEST_F(delivery, without_a_listener_states_go_on)
{
	__u64 seq, unheard = fse_stat("no_listener");

	ASSERT_EQ(0, fse_watch(&self->w, "T 10000 9000"));
	ASSERT_EQ(0, fse_leave(&self->w, 9500));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	seq = self->w.ev.seq;

	fse_unlisten(&self->w.l);
	ASSERT_EQ(0, fse_leave(&self->w, 8500));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	EXPECT_EQ(unheard + 1, fse_stat("no_listener"));

	ASSERT_EQ(0, fse_listen(&self->w.l));
	ASSERT_EQ(0, fse_leave(&self->w, 9500));
	EXPECT_EQ(FS_THR_URABOVE, fse_event(&self->w));
	EXPECT_EQ(seq + 1, self->w.ev.seq);
	EXPECT_EQ(1, self->w.ev.count);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/*
 * Reads the @got messages left in a slow listener's queue, up to a later
 * crossing of an inode level. Returns the number of missing messages before it,
 * or -1.
 */
static __s64 missing(struct fse_watched *w, struct fse_listener *slow,
		     unsigned int salt, unsigned int *got)
{
	__u64 last = 0, gap = 0, gaps = 0;
	struct fse_event ev;

	*got = 0;
	while (fse_next(slow, &ev, 0) > 0) {
		gaps += last && ev.seq != last + 1;
		last = ev.seq;
		++*got;
	}
	/* Types that the request does not name stay. */
	if (!last || gaps || slow->lost != 1 ||
	    fse_watch(w, "I %u", 1000000 + salt) ||
	    fse_next(slow, &ev, FSE_SOON) != 1)
		return -1;
	gap = ev.seq - last - 1;
	if (ev.id == FS_INFO_CLEARED && fse_next(slow, &ev, FSE_SOON) != 1)
		return -1;
	return slow->lost == 1 && ev.id == FS_INO_BELOW ? gap : -1;
}

/*
 * A listener can count messages lost to overrun: ENOBUFS, and a gap in the
 * numbers, also if it is the only listener.
 */
TEST_F(delivery, an_overrun_is_seen_by_its_gap)
{
	struct fse_listener slow;
	struct fse_event ev;
	int tiny = 1, i;
	unsigned int got;
	__s64 lost;
	__u64 seq;

	ASSERT_EQ(0, fse_listen(&slow));
	ASSERT_EQ(0, setsockopt(mnl_socket_get_fd(slow.nl), SOL_SOCKET,
				SO_RCVBUF, &tiny, sizeof(tiny)));
	ASSERT_EQ(0, burst(&self->w, 0));
	for (i = 0; i < LEVELS_MAX; i++)
		ASSERT_NE(0, fse_event(&self->w));
	ASSERT_TRUE(fse_rest());
	seq = self->w.ev.seq;
	EXPECT_LT(0, missing(&self->w, &slow, 1, &got));
	EXPECT_LT(0, got);
	EXPECT_EQ(FS_INO_BELOW, fse_event(&self->w));
	EXPECT_EQ(seq + 1, self->w.ev.seq);

	fse_unlisten(&self->w.l);
	slow.lost = 0;
	/* Ends the previous levels and crosses as many. */
	ASSERT_EQ(0, burst(&self->w, 1));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	lost = missing(&self->w, &slow, 2, &got);
	EXPECT_EQ(2 * LEVELS_MAX, got + lost);
	EXPECT_EQ(0, fse_next(&slow, &ev, 0));
	fse_unlisten(&slow);
}

TEST(counters_add_up)
{
	__u64 notified, coalesced, sent, unheard, failed;
	struct fse_watched w;
	unsigned int i;

	ASSERT_EQ(0, fse_begin(&w, "ext4", 16, "", ""));
	ASSERT_EQ(0, fse_watch(&w, "G"));
	notified = fse_stat("notified");
	coalesced = fse_stat("coalesced");
	sent = fse_stat("sent");
	unheard = fse_stat("no_listener");
	failed = fse_stat("send_failed");

	for (i = 0; i < 50; i++)
		ASSERT_EQ(0, fse_raise(&w));
	notified += 50;
	ASSERT_TRUE(fse_rest_at(notified));
	EXPECT_EQ(notified, fse_stat("notified"));
	coalesced = fse_stat("coalesced") - coalesced;
	sent = fse_stat("sent") - sent;
	EXPECT_EQ(50, sent + coalesced);
	EXPECT_LT(0, sent);
	EXPECT_LT(0, coalesced);

	fse_unlisten(&w.l);
	for (i = 0; i < 50; i++)
		ASSERT_EQ(0, fse_raise(&w));
	notified += 50;
	ASSERT_TRUE(fse_rest_at(notified));
	EXPECT_EQ(notified, fse_stat("notified"));
	EXPECT_LT(unheard, fse_stat("no_listener"));
	EXPECT_EQ(failed, fse_stat("send_failed"));
	fse_end(&w);
	EXPECT_TRUE(fse_at_rest());
}

/* Joins the group as another user. */
static int listen_as(void *arg)
{
	int (*become)(void) = arg;
	struct fse_listener l;

	return become() ? 255 : -fse_listen(&l);
}

static int without_privilege(void)
{
	return setresuid(FSE_NOBODY, FSE_NOBODY, FSE_NOBODY);
}

static int in_user_ns(void)
{
	return unshare(CLONE_NEWUSER);
}

static int in_own_net_ns(void)
{
	return unshare(CLONE_NEWUSER | CLONE_NEWNET);
}

/* Regression: any user could join. */
TEST_F(delivery, only_an_administrator_of_the_namespace_may_listen)
{
	EXPECT_EQ(EPERM, fse_child(listen_as, without_privilege));
	EXPECT_EQ(EPERM, fse_child(listen_as, in_user_ns));
	EXPECT_EQ(0, fse_child(listen_as, in_own_net_ns));
}

/* Regression: only the initial network namespace had the family. */
FIXTURE(net_namespace)
{
	/* in the initial namespace and in the other */
	struct fse_watched w;
	struct fse_fs fs;
	struct fse_listener l;
	struct fse_event ev;
	int first;
	int other;
};

static int net_ns(void)
{
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

FIXTURE_SETUP(net_namespace)
{
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 64, "", ""));
	ASSERT_EQ(0, fse_fs_make(&self->fs, "tmpfs", "other", 64, ""));
	ASSERT_EQ(0, fse_watch(&self->w, "T 10000"));
	self->first = net_ns();
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->other = net_ns();
	ASSERT_EQ(0, fse_listen(&self->l));
	ASSERT_EQ(0, fse_config("%s T 10000", self->fs.mount));
	ASSERT_EQ(0, setns(self->first, CLONE_NEWNET));
}

FIXTURE_TEARDOWN(net_namespace)
{
	fse_end(&self->w);
	fse_fs_remove(&self->fs);
	fse_unlisten(&self->l);
	close(self->first);
	close(self->other);
}

TEST_F(net_namespace, gets_only_events_of_watches_made_there)
{
	__u64 seq;

	ASSERT_EQ(0, fse_leave(&self->w, 9000));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	seq = self->w.ev.seq;
	ASSERT_EQ(0, fse_fill_to(&self->fs, "file", 9000));
	ASSERT_EQ(1, fse_next(&self->l, &self->ev, FSE_SOON));
	EXPECT_EQ(FS_THR_LRBELOW, self->ev.id);
	EXPECT_STREQ(self->fs.mount, self->ev.mount);
	EXPECT_EQ(1, self->ev.seq);

	/*
	 * Events go to the maker's namespace, whichever task changes the watch.
	 */
	ASSERT_EQ(0, fse_config("%s T 9999", self->fs.mount));
	ASSERT_EQ(FS_THR_LRBELOW,
		  fse_next_of(&self->l, NULL, &self->ev, FSE_SOON));
	EXPECT_EQ(9999, self->ev.level);
	/* After the end of the previous level. */
	EXPECT_EQ(3, self->ev.seq);

	ASSERT_EQ(0, fse_watch(&self->w, "T 9998"));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(seq + 2, self->w.ev.seq);
	EXPECT_EQ(0, fse_left(&self->w.l));
	EXPECT_EQ(0, fse_left(&self->l));
}

/* A listener in another namespace makes no difference. */
TEST_F(net_namespace, without_a_listener_there_no_number_is_spent)
{
	__u64 unheard = fse_stat("no_listener");

	ASSERT_EQ(0, fse_config("%s T 20000", self->fs.mount));
	ASSERT_EQ(1, fse_next(&self->l, &self->ev, FSE_SOON));
	EXPECT_EQ(1, self->ev.seq);
	fse_unlisten(&self->l);
	ASSERT_TRUE(fse_sampled("%s T 20001", self->fs.mount));
	/* A level ended and another was crossed. */
	EXPECT_EQ(unheard + 2, fse_stat("no_listener"));
	ASSERT_EQ(0, setns(self->other, CLONE_NEWNET));
	ASSERT_EQ(0, fse_listen(&self->l));
	ASSERT_EQ(0, setns(self->first, CLONE_NEWNET));
	ASSERT_EQ(0, fse_config("%s T 20002", self->fs.mount));
	ASSERT_EQ(FS_THR_LRBELOW,
		  fse_next_of(&self->l, NULL, &self->ev, FSE_SOON));
	EXPECT_EQ(20002, self->ev.level);
	EXPECT_EQ(3, self->ev.seq);
}

/* The watches stay, without listeners; groups_test.c has more cases. */
TEST_F(net_namespace, goes_and_leaves_its_watches)
{
	/* Leave events pending. */
	ASSERT_EQ(0, fse_config("%s T 9999 9998 9997", self->fs.mount));
	ASSERT_EQ(0, fse_fill_to(&self->fs, "file", 9000));
	fse_unlisten(&self->l);
	close(self->other);
	EXPECT_TRUE(fse_wait_networks());
	EXPECT_NE(NULL, fse_listed(self->fs.mount));
	EXPECT_TRUE(fse_rest());
	EXPECT_EQ(0, fse_next(&self->w.l, &self->ev, 0));
	/* The file system can be watched from here now. */
	ASSERT_EQ(0, fse_config("!%s;%s T 9999", self->fs.mount,
				self->fs.mount));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->w.l, self->fs.mount,
					      &self->w.ev, FSE_SOON));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

static void raise_error(void *w)
{
	fse_raise(w);
}

/*
 * Errors arrive continuously, so an event is pending when the last listener's
 * namespace ends.
 */
TEST(a_network_namespace_goes_with_messages_pending)
{
	struct fse_watched w;
	struct fse_listener there;
	int first, other;
	pid_t pid;

	ASSERT_EQ(0, fse_begin(&w, "ext4", 16, "", ""));
	/*
	 * Before the unshare(2): the child must not keep the namespace alive.
	 */
	pid = fse_repeat(raise_error, &w);
	ASSERT_LT(0, pid);
	first = net_ns();
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	other = net_ns();
	ASSERT_EQ(0, fse_listen(&there));
	ASSERT_EQ(0, fse_watch(&w, "G:corrupted"));
	ASSERT_EQ(0, setns(first, CLONE_NEWNET));
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_next_of(&there, NULL, &w.ev,
						FSE_SOON));
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_next_of(&there, NULL, &w.ev,
						FSE_SOON));
	close(other);
	fse_unlisten(&there);
	EXPECT_TRUE(fse_wait_networks());
	fse_kill(pid);
	EXPECT_TRUE(fse_rest());
	/* No old event came here; new ones do. */
	EXPECT_EQ(0, fse_next(&w.l, &w.ev, 0));
	ASSERT_EQ(0, fse_config("!%s", w.fs.mount));
	ASSERT_EQ(0, fse_watch(&w, "G:corrupted"));
	ASSERT_EQ(0, fse_raise(&w));
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&w));
	EXPECT_EQ(1, w.ev.count);
	fse_end(&w);
	close(first);
}

TEST_HARNESS_MAIN
