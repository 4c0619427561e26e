// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages whose allocation fails: those that can wait are sent later, once,
 * with the right count. Others leave a gap in the numbers, which listeners
 * detect. The text streams need no allocation per event.
 */
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "control.h"
#include "harness.h"
#include "nomem.h"
#include "stream.h"
#include "watched.h"

/* Where an event becomes a message, and where all that a watch has is sent. */
#define NETLINK		"fse_netlink_send"
#define DELIVERY	"fse_deliver_now"

/* In blocks; the file system has 8 MiB. */
#define LEVEL		1500
#define BELOW		1000
#define ABOVE		1800

FIXTURE(nomem_delivery)
{
	struct fse_watched w;
	int fd;
	__u64 seq;
	__u64 failed;
};

FIXTURE_SETUP(nomem_delivery)
{
	self->fd = -1;
	if (!fse_nomem_begin())
		SKIP(return, FSE_NO_FAULTS);
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 8, "", ""));
	self->fd = fse_stream_open(O_NONBLOCK);
	ASSERT_LE(0, self->fd);
	/* Two events that are sent, for the sequence number. */
	ASSERT_EQ(0, fse_watch(&self->w, "T 1T"));
	ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	ASSERT_EQ(1, fse_number(fse_stream_line(self->fd), "seq"));
	self->w.l.ends = true;
	ASSERT_EQ(0, fse_watch(&self->w, "T %u", LEVEL));
	ASSERT_EQ(FS_INFO_CLEARED, fse_event(&self->w));
	self->w.l.ends = false;
	self->seq = self->w.ev.seq;
	ASSERT_EQ(2, fse_number(fse_stream_line(self->fd), "seq"));
	ASSERT_TRUE(fse_rest());
	self->failed = fse_stat("send_failed");
}

FIXTURE_TEARDOWN(nomem_delivery)
{
	fse_nomem_end();
	if (self->fd >= 0)
		close(self->fd);
	fse_end(&self->w);
}

/* A message that is put back is sent once memory is available, and once. */
TEST_F(nomem_delivery, is_put_back_and_sent_later)
{
	const char *line;

	ASSERT_EQ(0, fse_nomem_within(NETLINK));
	ASSERT_EQ(0, fse_turn(&self->w, BELOW));
	ASSERT_TRUE(fse_nomem_wait(3));
	EXPECT_EQ(0, fse_next(&self->w.l, &self->w.ev, 0));
	EXPECT_EQ(0, fse_stream_poll(self->fd, 0));
	EXPECT_FALSE(fse_at_rest());
	fse_nomem_over();
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(self->seq + 1, self->w.ev.seq);
	EXPECT_EQ(1, self->w.ev.count);
	EXPECT_EQ(LEVEL, self->w.ev.level);
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("thr_lrbelow", fse_field(line, "event"));
	EXPECT_EQ(3, fse_number(line, "seq"));
	EXPECT_TRUE(fse_rest());
	EXPECT_EQ(0, fse_stream_poll(self->fd, 0));
	EXPECT_EQ(0, fse_left(&self->w.l));
	EXPECT_EQ(self->failed, fse_stat("send_failed"));
}

/* A level that turns back meanwhile is not reported; its next turn is. */
TEST_F(nomem_delivery, turns_back_while_it_waits)
{
	ASSERT_EQ(0, fse_nomem_within(NETLINK));
	ASSERT_EQ(0, fse_turn(&self->w, BELOW));
	ASSERT_TRUE(fse_nomem_wait(2));
	ASSERT_EQ(0, fse_turn(&self->w, ABOVE));
	fse_nomem_over();
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, BELOW));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(3, self->w.ev.count);
	EXPECT_EQ(self->seq + 1, self->w.ev.seq);
	EXPECT_TRUE(fse_rest());
	EXPECT_EQ(0, fse_left(&self->w.l));
	EXPECT_EQ(self->failed, fse_stat("send_failed"));
}

/* Errors during the wait are added to the pending event's count. */
TEST(errors_come_while_another_waits)
{
	struct fse_watched w;
	unsigned int i, count = 0;
	__u64 coalesced;

	if (!fse_nomem_begin())
		SKIP(return, FSE_NO_FAULTS);
	ASSERT_EQ(0, fse_begin(&w, "ext4", 16, "", ""));
	ASSERT_EQ(0, fse_watch(&w, "G:corrupted"));
	ASSERT_TRUE(fse_rest());
	coalesced = fse_stat("coalesced");
	ASSERT_EQ(0, fse_nomem_within(NETLINK));
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, fse_raise(&w));
		ASSERT_TRUE(fse_nomem_wait(1));
	}
	EXPECT_EQ(0, fse_next(&w.l, &w.ev, 0));
	fse_nomem_over();
	while (count < 5) {
		ASSERT_EQ(FS_ERR_CORRUPTED, fse_event(&w));
		if (!count)
			EXPECT_EQ(getpid(), w.ev.pid);
		count += w.ev.count;
	}
	EXPECT_EQ(5, count);
	EXPECT_TRUE(fse_rest());
	/* All errors went into one message. */
	EXPECT_EQ(5, w.ev.count);
	EXPECT_EQ(coalesced + 4, fse_stat("coalesced"));
	EXPECT_EQ(0, fse_left(&w.l));
	fse_nomem_end();
	fse_end(&w);
}

/* A private watch sends no netlink message, so nothing can fail. */

TEST_F(nomem_delivery, a_private_line_comes_without)
{
	int fd = fse_private_open(O_NONBLOCK);
	const char *line;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_ask(fd, "%s T %u", self->w.fs.mount, LEVEL));
	ASSERT_EQ(0, fse_nomem_within(DELIVERY));
	ASSERT_EQ(0, fse_leave(&self->w, BELOW));
	line = fse_stream_line(fd);
	EXPECT_STREQ("thr_lrbelow", fse_field(line, "event"));
	EXPECT_EQ(1, fse_number(line, "seq"));
	fse_nomem_over();
	EXPECT_TRUE(fse_rest());
	EXPECT_EQ(self->failed, fse_stat("send_failed"));
	close(fd);
}

/* --- events that can't wait ----------------------------------------------- */

/* Each lost message leaves a gap before this event and is counted at once. */
#define LOST(_nr) do {							\
	unsigned int nr = (_nr);					\
									\
	EXPECT_EQ(self->failed + nr, fse_stat("send_failed"));		\
	EXPECT_EQ(1, self->w.l.lost);					\
	EXPECT_EQ(self->seq + nr + 1, self->w.ev.seq);			\
} while (0)

/* Last events of a watch, in umount(2). */
TEST_F(nomem_delivery, is_lost_in_umount)
{
	struct fse_fs other;

	ASSERT_EQ(0, fse_fs_make(&other, "tmpfs", "other", 8, ""));
	ASSERT_EQ(0, fse_nomem_within(NETLINK));
	ASSERT_EQ(0, fse_turn(&self->w, BELOW));
	ASSERT_EQ(0, umount2(self->w.fs.mount, 0));
	fse_nomem_over();
	EXPECT_TRUE(fse_rest());
	/* The socket only has ENOBUFS. */
	EXPECT_EQ(1, fse_readable(&self->w.l, 0));
	EXPECT_EQ(0, fse_next(&self->w.l, &self->w.ev, 0));
	/* Text streams have the turn and the unmount. */
	EXPECT_STREQ("thr_lrbelow",
		     fse_field(fse_stream_line(self->fd), "event"));
	EXPECT_STREQ("unmount",
		     fse_field(fse_stream_line(self->fd), "event"));
	ASSERT_EQ(0, fse_config("%s T 1T", other.mount));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->w.l, NULL, &self->w.ev,
					      FSE_SOON));
	LOST(2);
	EXPECT_EQ(5, fse_number(fse_stream_line(self->fd), "seq"));
	fse_fs_remove(&other);
}

/* A crossing that was not reported goes with its level, and leaves no gap. */
TEST_F(nomem_delivery, goes_with_its_level)
{
	ASSERT_EQ(0, fse_nomem_within(NETLINK));
	ASSERT_EQ(0, fse_turn(&self->w, BELOW));
	ASSERT_TRUE(fse_nomem_wait(1));
	ASSERT_EQ(0, fse_watch(&self->w, "T 500"));
	fse_nomem_over();
	EXPECT_TRUE(fse_rest());
	EXPECT_EQ(0, fse_stream_poll(self->fd, 0));
	ASSERT_EQ(0, fse_watch(&self->w, "T 1T"));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(self->seq + 1, self->w.ev.seq);
	EXPECT_EQ(self->failed, fse_stat("send_failed"));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_HARNESS_MAIN
