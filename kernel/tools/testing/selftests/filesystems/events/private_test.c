// SPDX-License-Identifier: GPL-2.0-only
/*
 * Private watches: those requested through `watch` belong to the open file,
 * live as long as it does, and need no privilege beyond statfs(2).
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "harness.h"
#include "process.h"
#include "stream.h"
#include "watched.h"

/* Mount point of another file system. */
#define OTHER	FSE_MNT "/other"
/* Root directory of a chrooted process. */
#define CELL	FSE_MNT "/cell"
/* A mount point below a directory that only root may search. */
#define LOCKED	FSE_MNT "/locked"

/* Limit of an unprivileged user. */
#define QUOTA	128

FIXTURE(private)
{
	struct fse_watched w;
	__u64 total;
	int fd;
};

FIXTURE_SETUP(private)
{
	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 8, "", "-o nr_inodes=1000"));
	self->total = fse_total(&self->w.fs);
	self->fd = fse_private_open(0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(private)
{
	close(self->fd);
	fse_end(&self->w);
}

/* The errno of the next line, which must be a refusal. */
static int refusal(int fd)
{
	const char *line = fse_stream_line(fd);

	return strncmp(line, "refused ", 8) ? 0 :
					      (int)fse_number(line, "errno");
}

static bool watches_are(void *nr)
{
	return fse_stat("watches") == *(unsigned int *)nr;
}

static bool become(unsigned int nr)
{
	return fse_until(watches_are, &nr);
}

TEST_F(private, has_levels_and_names_of_its_own)
{
	const char *line;

	ASSERT_EQ(0, fse_watch(&self->w, "T 10%%"));
	ASSERT_EQ(0, fse_ask(self->fd, "%s T 70%% 60%% I 990",
			     self->w.fs.mount));
	EXPECT_EQ(1, fse_watches());
	ASSERT_EQ(0, fse_leave(&self->w, self->total / 2));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("thr_lrbelow", fse_field(line, "event"));
	EXPECT_EQ(1, fse_number(line, "seq"));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("thr_urbelow", fse_field(line, "event"));
	EXPECT_EQ(2, fse_number(line, "seq"));
	ASSERT_EQ(0, fse_files(&self->w.fs, 0, 20));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("ino_below", fse_field(line, "event"));
	/* The events of the global watch are separate. */
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_config("!%s", self->w.fs.mount));
	ASSERT_EQ(0, fse_leave(&self->w, self->total * 8 / 10));
	EXPECT_STREQ("thr_urabove",
		     fse_field(fse_stream_line(self->fd), "event"));
	EXPECT_STREQ("thr_lrabove",
		     fse_field(fse_stream_line(self->fd), "event"));
}

/* Events of `config` watches never appear here, nor the other way round. */
TEST_F(private, has_only_what_it_asked_for)
{
	int events = fse_stream_open(0);
	struct stat st;

	ASSERT_LE(0, events);
	ASSERT_EQ(0, stat(FSE_WATCH, &st));
	EXPECT_EQ(0666, st.st_mode & 07777);
	ASSERT_EQ(0, fse_watch(&self->w, "T 60%%"));
	ASSERT_EQ(0, fse_leave(&self->w, self->total / 2));
	ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_STREQ("thr_lrbelow",
		     fse_field(fse_stream_line(events), "event"));
	/* Before the first request there is neither an event nor EOF. */
	EXPECT_EQ(0, fse_stream_poll(self->fd, 0));
	ASSERT_EQ(0, fse_ask(self->fd, "%s T 55%%", self->w.fs.mount));
	EXPECT_STREQ("thr_lrbelow",
		     fse_field(fse_stream_line(self->fd), "event"));
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_leave(&self->w, self->total * 7 / 10));
	EXPECT_STREQ("thr_lrabove",
		     fse_field(fse_stream_line(self->fd), "event"));
	/* From the global watch, which was removed while below. */
	EXPECT_STREQ("cleared", fse_field(fse_stream_line(events), "event"));
	EXPECT_TRUE(fse_stream_quiet(events));
	close(events);
}

/* A refusal is read before any event and is not in error_log. */
TEST_F(private, reports_what_is_wrong)
{
	const char *mount = self->w.fs.mount;
	const char *line;

	ASSERT_EQ(0, fse_put(FSE_DIR "/error_log", "\n"));
	EXPECT_EQ(0, fse_stream_poll(self->fd, 0));
	EXPECT_EQ(-EINVAL, fse_ask(self->fd, "/etc G"));
	EXPECT_EQ(POLLIN, fse_stream_poll(self->fd, 0) & (POLLIN | POLLHUP));
	EXPECT_STREQ("refused errno=22 at=0 why=not\\040a\\040mount\\040point",
		     fse_stream_line(self->fd));

	ASSERT_EQ(0, fse_ask(self->fd, "%s T 70%%", mount));
	ASSERT_EQ(0, fse_leave(&self->w, self->total / 2));
	ASSERT_EQ(POLLIN, fse_stream_poll(self->fd, FSE_SOON) & POLLIN);
	EXPECT_EQ(-EINVAL, fse_ask(self->fd, "%s X", mount));
	EXPECT_EQ(-ERANGE, fse_ask(self->fd, "%s I 5 6", mount));
	line = fse_stream_line(self->fd);
	EXPECT_EQ(EINVAL, fse_number(line, "errno"));
	EXPECT_EQ(strlen(mount) + 1, fse_number(line, "at"));
	line = fse_stream_line(self->fd);
	EXPECT_EQ(ERANGE, fse_number(line, "errno"));
	EXPECT_EQ(strlen(mount) + 5, fse_number(line, "at"));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("thr_lrbelow", fse_field(line, "event"));
	EXPECT_EQ(1, fse_number(line, "seq"));
	EXPECT_STREQ("", fse_read("error_log"));
}

/* The file keeps only the last few refusals. */
TEST_F(private, forgets_old_refusals)
{
	unsigned int i;

	for (i = 0; i < 10; i++)
		EXPECT_EQ(-EINVAL, fse_ask(self->fd, "%*sx", i, ""));
	for (i = 2; i < 10; i++)
		EXPECT_EQ(i, fse_number(fse_stream_line(self->fd), "at"));
	EXPECT_EQ(0, fse_stream_poll(self->fd, 0));
}

TEST_F(private, can_be_changed_and_cleared)
{
	const char *mount = self->w.fs.mount;

	ASSERT_EQ(0, fse_ask(self->fd, "%s T 70%%", mount));
	ASSERT_EQ(0, fse_ask(self->fd, "%s T 20%%", mount));
	EXPECT_EQ(1, fse_stat("watches"));
	ASSERT_EQ(0, fse_leave(&self->w, self->total / 2));
	EXPECT_TRUE(fse_stream_quiet(self->fd));
	EXPECT_EQ(-ENOENT, fse_ask(self->fd, "!%s I", mount));
	EXPECT_EQ(ENOENT, refusal(self->fd));
	EXPECT_EQ(0, fse_ask(self->fd, "!%s T", mount));
	EXPECT_TRUE(become(0));
	ASSERT_EQ(0, fse_ask(self->fd, "%s T 70%%", mount));
	EXPECT_STREQ("thr_lrbelow",
		     fse_field(fse_stream_line(self->fd), "event"));
	ASSERT_EQ(0, fse_ask(self->fd, "\n"));
	EXPECT_TRUE(become(0));
	EXPECT_STREQ("cleared",
		     fse_field(fse_stream_line(self->fd), "event"));
	/* EOF is not permanent: a new request works. */
	ASSERT_EQ(0, fse_watch(&self->w, "T 60%%"));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_TRUE(fse_stream_quiet(self->fd));
}

/* Writing to config removes no private watch. */
TEST_F(private, is_independent_of_config)
{
	int other = fse_private_open(0);

	ASSERT_LE(0, other);
	ASSERT_EQ(0, fse_ask(self->fd, "%s T 70%%", self->w.fs.mount));
	ASSERT_EQ(0, fse_config("\n"));
	EXPECT_EQ(-ENOENT, fse_config("!%s", self->w.fs.mount));
	EXPECT_EQ(-ENOENT, fse_ask(other, "!%s", self->w.fs.mount));
	EXPECT_EQ(ENOENT, refusal(other));
	ASSERT_EQ(0, fse_leave(&self->w, self->total / 2));
	EXPECT_STREQ("thr_lrbelow",
		     fse_field(fse_stream_line(self->fd), "event"));
	EXPECT_TRUE(fse_stream_quiet(other));
	close(other);
}

static int waits_to_be_killed(void *arg)
{
	char c;

	/* The child has inherited the descriptor, and reports it. */
	return write(*(int *)arg, "", 1) == 1 && !read(*(int *)arg, &c, 1);
}

TEST_F(private, goes_with_the_last_descriptor_even_if_killed)
{
	int copy, turn[2];
	pid_t pid;
	char c;

	ASSERT_EQ(0, fse_ask(self->fd, "%s T 70%%", self->w.fs.mount));
	copy = dup(self->fd);
	close(self->fd);
	EXPECT_EQ(1, fse_stat("watches"));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, turn));
	pid = fse_start(waits_to_be_killed, &turn[1]);
	ASSERT_EQ(1, read(turn[0], &c, 1));
	close(copy);
	EXPECT_EQ(1, fse_stat("watches"));
	kill(pid, SIGKILL);
	fse_wait(pid);
	EXPECT_TRUE(become(0));
	close(turn[0]);
	close(turn[1]);
	self->fd = fse_private_open(0);
}

static int send_fd(int sock, int fd)
{
	char data = 0, control[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov = { .iov_base = &data, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(sock, &msg, 0) == 1 ? 0 : -errno;
}

TEST_F(private, lives_on_in_a_message)
{
	int pair[2];

	ASSERT_EQ(0, fse_ask(self->fd, "%s T 70%%", self->w.fs.mount));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	ASSERT_EQ(0, send_fd(pair[0], self->fd));
	close(self->fd);
	EXPECT_EQ(1, fse_stat("watches"));
	close(pair[0]);
	close(pair[1]);
	EXPECT_TRUE(become(0));
	self->fd = fse_private_open(0);
}

TEST_F(private, ends_with_its_file_system)
{
	char buf[FSE_LINE];
	const char *line;

	ASSERT_EQ(0, fse_ask(self->fd, "%s T 10%%", self->w.fs.mount));
	ASSERT_EQ(0, umount(self->w.fs.mount));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("unmount", fse_field(line, "event"));
	EXPECT_EQ(0, fse_number(line, "errno"));
	EXPECT_EQ(1, fse_number(line, "last"));
	EXPECT_EQ(POLLIN | POLLHUP, fse_stream_poll(self->fd, FSE_SOON));
	EXPECT_EQ(0, read(self->fd, buf, sizeof(buf)));
	EXPECT_EQ(0, fse_stat("watches"));
	/* The refusal is read, then EOF again. */
	EXPECT_EQ(-EINVAL, fse_ask(self->fd, "/etc G"));
	EXPECT_EQ(EINVAL, refusal(self->fd));
	EXPECT_EQ(POLLIN | POLLHUP, fse_stream_poll(self->fd, 0));
}

static bool mount_also(const char *from, const char *to)
{
	return !mkdir(to, 0700) && !mount(from, to, NULL, MS_BIND, NULL);
}

/* The file system stays mounted elsewhere. */
TEST_F(private, ends_with_its_mount)
{
	const char *line;

	ASSERT_TRUE(mount_also(self->w.fs.mount, OTHER));
	ASSERT_EQ(0, fse_ask(self->fd, OTHER " T 70%%"));
	ASSERT_EQ(0, umount(OTHER));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("unmount", fse_field(line, "event"));
	EXPECT_STREQ(OTHER, fse_field(line, "mount"));
	EXPECT_EQ(EXDEV, fse_number(line, "errno"));
	EXPECT_EQ(1, fse_number(line, "last"));
	EXPECT_EQ(POLLIN | POLLHUP, fse_stream_poll(self->fd, 0));
	EXPECT_EQ(0, fse_stat("watches"));
	rmdir(OTHER);
}

/* Each named mount has a watch of its own; a write may name both. */
TEST_F(private, is_about_the_mount_that_it_names)
{
	const char *line;

	ASSERT_TRUE(mount_also(self->w.fs.mount, OTHER));
	ASSERT_EQ(0, fse_ask(self->fd, "%s T 70%%\n" OTHER " T 60%%",
			     self->w.fs.mount));
	EXPECT_EQ(2, fse_stat("watches"));
	ASSERT_EQ(0, fse_leave(&self->w, self->total * 65 / 100));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("thr_lrbelow", fse_field(line, "event"));
	EXPECT_STREQ(self->w.fs.mount, fse_field(line, "mount"));
	ASSERT_EQ(0, fse_leave(&self->w, self->total / 2));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("thr_lrbelow", fse_field(line, "event"));
	EXPECT_STREQ(OTHER, fse_field(line, "mount"));
	ASSERT_EQ(0, umount(OTHER));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ(OTHER, fse_field(line, "mount"));
	EXPECT_EQ(EXDEV, fse_number(line, "errno"));
	/* The other watch is still there. */
	EXPECT_EQ(0, fse_stream_poll(self->fd, 0));
	ASSERT_EQ(0, fse_leave(&self->w, self->total * 9 / 10));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("thr_lrabove", fse_field(line, "event"));
	EXPECT_STREQ(self->w.fs.mount, fse_field(line, "mount"));
	rmdir(OTHER);
}

/* A detached mount in use stays, and so does the watch. */
TEST_F(private, ends_with_the_last_user_of_its_mount)
{
	int dir = open(self->w.fs.mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *line;

	ASSERT_LE(0, dir);
	ASSERT_EQ(0, fse_ask(self->fd, "%s T 10%%", self->w.fs.mount));
	ASSERT_EQ(0, umount2(self->w.fs.mount, MNT_DETACH));
	EXPECT_TRUE(fse_stream_quiet(self->fd));
	EXPECT_EQ(1, fse_stat("watches"));
	close(dir);
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("unmount", fse_field(line, "event"));
	EXPECT_EQ(0, fse_number(line, "errno"));
	EXPECT_EQ(POLLIN | POLLHUP, fse_stream_poll(self->fd, FSE_SOON));
}

/* The watch is not visible to others. */
TEST_F(private, is_not_listed)
{
	int other = fse_stream_open(0);

	ASSERT_LE(0, other);
	ASSERT_EQ(0, fse_ask(self->fd, "%s T 70%%", self->w.fs.mount));
	EXPECT_EQ(0, fse_watches());
	ASSERT_EQ(0, fse_leave(&self->w, self->total / 2));
	EXPECT_STREQ("thr_lrbelow",
		     fse_field(fse_stream_line(self->fd), "event"));
	EXPECT_EQ(0, fse_stream_poll(other, 0));
	close(other);
}

/* After EOF a new request starts a watch; the numbers continue. */
TEST_F(private, begins_again)
{
	const char *line;

	ASSERT_EQ(0, mkdir(OTHER, 0700));
	ASSERT_EQ(0, mount("other", OTHER, "tmpfs", 0, "size=1M"));
	ASSERT_EQ(0, fse_ask(self->fd, OTHER " T 10%%"));
	ASSERT_EQ(0, umount(OTHER));
	EXPECT_EQ(1, fse_number(fse_stream_line(self->fd), "seq"));
	EXPECT_EQ(POLLIN | POLLHUP, fse_stream_poll(self->fd, 0));
	ASSERT_EQ(0, fse_ask(self->fd, "%s T 70%%", self->w.fs.mount));
	EXPECT_EQ(0, fse_stream_poll(self->fd, 0));
	ASSERT_EQ(0, fse_leave(&self->w, self->total / 2));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("thr_lrbelow", fse_field(line, "event"));
	EXPECT_EQ(2, fse_number(line, "seq"));
	rmdir(OTHER);
}

/* EOF comes with the last watch, after another was removed by request. */
TEST_F(private, ends_with_the_last_of_them)
{
	ASSERT_EQ(0, mkdir(OTHER, 0700));
	ASSERT_EQ(0, mount("other", OTHER, "tmpfs", 0, "size=1M"));
	ASSERT_EQ(0, fse_ask(self->fd, "%s T 10%%\n" OTHER " T 10%%",
			     self->w.fs.mount));
	ASSERT_EQ(0, umount(OTHER));
	EXPECT_STREQ(OTHER, fse_field(fse_stream_line(self->fd), "mount"));
	EXPECT_EQ(0, fse_stream_poll(self->fd, 0));
	ASSERT_EQ(0, fse_ask(self->fd, "!%s", self->w.fs.mount));
	EXPECT_TRUE(become(0));
	EXPECT_EQ(0, fse_stream_poll(self->fd, 0));
	rmdir(OTHER);
}

TEST_F(private, needs_both_ways)
{
	int fd = open(FSE_WATCH, O_WRONLY | O_CLOEXEC);
	char c;

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EBADF, fse_ask(fd, "%s T 1", self->w.fs.mount));
	close(fd);
	fd = open(FSE_WATCH, O_RDONLY | O_CLOEXEC);
	EXPECT_EQ(-EBADF, fse_ask(fd, "%s T 1", self->w.fs.mount));
	EXPECT_EQ(-1, read(fd, &c, 1));
	EXPECT_EQ(EBADF, errno);
	close(fd);
	EXPECT_EQ(0, fse_stat("watches"));
}

static bool lock_up(void)
{
	return !mkdir(LOCKED, 0700) && !mkdir(LOCKED "/in", 0777) &&
	       !mount("in", LOCKED "/in", "tmpfs", 0, "size=1M");
}

static bool unlock(void)
{
	return !umount(LOCKED "/in") && !rmdir(LOCKED "/in") && !rmdir(LOCKED);
}

static bool is_nobody(void)
{
	return !setgroups(0, NULL) &&
	       !setresgid(FSE_NOBODY, FSE_NOBODY, FSE_NOBODY) &&
	       !setresuid(FSE_NOBODY, FSE_NOBODY, FSE_NOBODY);
}

static int without_privilege(void *arg)
{
	struct fse_watched *w = arg;
	int fd;

	if (!is_nobody())
		return 1;
	fd = fse_private_open(0);
	if (fd < 0)
		return 2;
	if (fse_ask(fd, "%s G", w->fs.mount) != -EPERM ||
	    fse_ask(fd, "%s T 5 G:enospc", w->fs.mount) != -EPERM)
		return 3;
	if (fse_ask(fd, LOCKED "/in T 5") != -EACCES)
		return 4;
	if (refusal(fd) != EPERM || refusal(fd) != EPERM ||
	    refusal(fd) != EACCES)
		return 8;
	if (fse_ask(fd, "%s T 70%% I 5", w->fs.mount))
		return 5;
	if (fse_leave(w, fse_total(&w->fs) / 2))
		return 6;
	return strcmp(fse_field(fse_stream_line(fd), "event"),
		      "thr_lrbelow") ? 7 : 0;
}

TEST_F(private, takes_no_privilege_for_levels)
{
	ASSERT_EQ(0, chmod(self->w.fs.mount, 01777));
	ASSERT_TRUE(lock_up());
	EXPECT_EQ(0, fse_child(without_privilege, &self->w));
	EXPECT_TRUE(unlock());
}

/* A descriptor of an unprivileged task, as the output of a privileged one. */
struct lent {
	struct fse_watched *w;
	int sock;
};

static int lends(void *arg)
{
	struct lent *l = arg;
	int fd;

	if (!is_nobody())
		return 1;
	fd = fse_private_open(0);
	return fd < 0 || send_fd(l->sock, fd) ? 2 : 0;
}

static int receive_fd(int sock)
{
	char data, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { .iov_base = &data, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	int fd = -1;

	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&msg))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

TEST_F(private, has_only_the_rights_of_its_opener)
{
	struct lent l = { .w = &self->w };
	int fd, pair[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	l.sock = pair[1];
	ASSERT_EQ(0, fse_child(lends, &l));
	fd = receive_fd(pair[0]);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(lock_up());
	EXPECT_EQ(-EACCES, fse_ask(fd, LOCKED "/in T 5"));
	EXPECT_EQ(-EPERM, fse_ask(fd, "%s G", self->w.fs.mount));
	EXPECT_EQ(0, fse_ask(fd, "%s T 5", self->w.fs.mount));
	EXPECT_TRUE(unlock());
	close(fd);
	close(pair[0]);
	close(pair[1]);
}

/* Chroot of the opener: the path that we name has no mount there. */
static int lends_from_a_cell(void *arg)
{
	struct lent *l = arg;
	int dir = open(FSE_DIR, O_DIRECTORY | O_CLOEXEC), fd;

	if (dir < 0 || chroot(CELL) || chdir("/"))
		return 1;
	fd = openat(dir, "watch", O_RDWR | O_CLOEXEC);
	return fd < 0 || send_fd(l->sock, fd) ? 2 : 0;
}

TEST_F(private, means_the_mount_that_its_opener_means)
{
	struct lent l = { .w = &self->w };
	int fd, pair[2];

	ASSERT_EQ(0, mkdir(CELL, 0700));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	l.sock = pair[1];
	ASSERT_EQ(0, fse_child(lends_from_a_cell, &l));
	fd = receive_fd(pair[0]);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENOENT, fse_ask(fd, "%s T 5", self->w.fs.mount));
	EXPECT_EQ(ENOENT, refusal(fd));
	ASSERT_EQ(0, fse_sh("mkdir -p %s%s", CELL, self->w.fs.mount));
	EXPECT_EQ(-EPERM, fse_ask(fd, "%s T 5", self->w.fs.mount));
	EXPECT_EQ(EPERM, refusal(fd));
	EXPECT_EQ(0, fse_stat("watches"));
	close(fd);
	close(pair[0]);
	close(pair[1]);
	fse_sh("rm -r " CELL);
}

/* Uses the whole limit and lends another descriptor. */
static int lends_one_too_many(void *arg)
{
	struct lent *l = arg;
	int i, fd;
	char c;

	if (!is_nobody())
		return 1;
	for (i = 0; i < QUOTA; i++) {
		fd = fse_private_open(0);
		if (fd < 0 || fse_ask(fd, "%s T 5", l->w->fs.mount))
			return 2;
		if (i + 1 == QUOTA && send_fd(l->sock, fd))
			return 3;
	}
	return read(l->sock, &c, 1) == 1 ? 0 : 4;
}

TEST_F(private, counts_for_its_opener)
{
	struct lent l = { .w = &self->w };
	int fd, pair[2];
	pid_t pid;

	ASSERT_EQ(0, mkdir(OTHER, 0755));
	ASSERT_EQ(0, mount("other", OTHER, "tmpfs", 0, "size=1M"));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	l.sock = pair[1];
	pid = fse_start(lends_one_too_many, &l);
	fd = receive_fd(pair[0]);
	ASSERT_LE(0, fd);
	/* Root writes, but the limit of the opener applies. */
	EXPECT_EQ(0, fse_ask(fd, "%s T 6", self->w.fs.mount));
	EXPECT_EQ(-EDQUOT, fse_ask(fd, OTHER " T 5"));
	ASSERT_EQ(1, write(pair[0], "", 1));
	EXPECT_EQ(0, fse_wait(pid));
	EXPECT_TRUE(become(1));
	EXPECT_EQ(0, fse_ask(fd, OTHER " T 5"));
	close(fd);
	close(pair[0]);
	close(pair[1]);
	umount(OTHER);
	rmdir(OTHER);
}

/* Fills, frees and requests for a while, as fast as it can. */
static int keeps_it_busy(void *arg)
{
	struct fse_watched *w = arg;
	__u64 total = fse_total(&w->fs), until;
	int fd;

	if (!is_nobody())
		return 1;
	fd = fse_private_open(0);
	if (fd < 0 || fse_ask(fd, "%s T 50%%", w->fs.mount))
		return 2;
	for (until = fse_now() + 3000; fse_now() < until;) {
		if (fse_leave(w, total / 4) || fse_leave(w, total * 3 / 4))
			return 3;
		if (fse_ask(fd, "%s T 50%%", w->fs.mount))
			return 4;
	}
	return 0;
}

TEST_F(private, learns_no_more_than_twice_a_second)
{
	__u64 samples = fse_stat("samples"), ms = fse_now();

	ASSERT_EQ(0, chmod(self->w.fs.mount, 01777));
	ASSERT_EQ(0, fse_child(keeps_it_busy, &self->w));
	samples = fse_stat("samples") - samples;
	ms = fse_now() - ms;
	EXPECT_LE(2, samples);
	EXPECT_GE(ms / 500 + 1, samples);
}

TEST_HARNESS_MAIN
