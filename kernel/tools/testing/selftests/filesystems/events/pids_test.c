// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pid of an event: the text stream shows it in the reader's pid namespace,
 * netlink in that of the watch's maker; 0 if it has none there.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "harness.h"
#include "process.h"
#include "stream.h"
#include "watched.h"

FIXTURE(pids)
{
	struct fse_watched w;
	int fd;
	int turn[2];
};

FIXTURE_SETUP(pids)
{
	ASSERT_EQ(0, fse_begin(&self->w, "ext4", 16, "",
			       "-o errors=continue"));
	ASSERT_EQ(0, fse_watch(&self->w, "G:corrupted"));
	self->fd = fse_stream_open(0);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				self->turn));
}

FIXTURE_TEARDOWN(pids)
{
	close(self->turn[0]);
	close(self->turn[1]);
	close(self->fd);
	fse_end(&self->w);
}

/* The first process of a pid namespace: raises an error, then reads one. */
static int first(const struct fse_watched *w, int turn)
{
	const char *line;
	char c;
	int fd = fse_stream_open(0);

	if (fd < 0 || fse_raise(w))
		return 1;
	line = fse_stream_line(fd);
	if (strcmp(fse_field(line, "event"), "corrupted") ||
	    fse_number(line, "pid") != 1)
		return 2;
	if (write(turn, "", 1) != 1)
		return 3;
	line = fse_stream_line(fd);
	if (strcmp(fse_field(line, "event"), "corrupted") ||
	    fse_number(line, "pid") != 0)
		return 4;
	return read(turn, &c, 1) == 1 ? 0 : 5;
}

TEST_F(pids, as_the_reader_sees_them)
{
	const char *line;
	pid_t pid;
	char c;

	ASSERT_EQ(0, unshare(CLONE_NEWPID));
	pid = fork();
	if (!pid)
		_exit(first(&self->w, self->turn[1]));
	ASSERT_LT(0, pid);
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("corrupted", fse_field(line, "event"));
	EXPECT_EQ(pid, fse_number(line, "pid"));
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	EXPECT_EQ(pid, self->w.ev.pid);

	ASSERT_EQ(1, read(self->turn[0], &c, 1));
	ASSERT_EQ(0, fse_raise(&self->w));
	line = fse_stream_line(self->fd);
	EXPECT_EQ(getpid(), fse_number(line, "pid"));
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	EXPECT_EQ(getpid(), self->w.ev.pid);
	ASSERT_EQ(1, write(self->turn[0], "", 1));
	EXPECT_EQ(0, fse_wait(pid));
}

TEST_HARNESS_MAIN
