// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text stream: what a line holds, that nothing can forge one, that every
 * reader has a position of his own and learns what he lost, and that programs
 * which know nothing of it can read it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "control.h"
#include "harness.h"
#include "process.h"
#include "stream.h"
#include "watched.h"

#define LEVEL_FIELDS	"seq time event dev mount fstype source avail level "	\
			"level_nr total frsize pid count entry fsid uuid "
/* A reader may be so many lines behind. */
#define BEHIND		1024
/* Levels of a watch, and so lines that one change brings. */
#define LEVELS		64

FIXTURE(stream)
{
	struct fse_watched w;
	int fd;
};

FIXTURE_SETUP(stream)
{
	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 8, "", ""));
	self->fd = fse_stream_open(0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(stream)
{
	close(self->fd);
	fse_end(&self->w);
}

/* Half full: the first of two levels is crossed. */
static const char *cross(struct fse_watched *w, int fd)
{
	__u64 total = fse_total(&w->fs);

	if (fse_watch(w, "T 60%% 20%%") || fse_leave(w, total / 2))
		return "";
	return fse_stream_line(fd);
}

TEST_F(stream, a_line_tells_what_the_message_does)
{
	const char *line = cross(&self->w, self->fd);
	struct fse_event *ev = &self->w.ev;
	char text[64];

	ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_STREQ(LEVEL_FIELDS, fse_fields(line));
	EXPECT_EQ(ev->seq, fse_number(line, "seq"));
	snprintf(text, sizeof(text), "%llu.%06llu", ev->time / 1000000000,
		 ev->time % 1000000000 / 1000);
	EXPECT_STREQ(text, fse_field(line, "time"));
	EXPECT_STREQ("thr_lrbelow", fse_field(line, "event"));
	snprintf(text, sizeof(text), "%u:%u", ev->major, ev->minor);
	EXPECT_STREQ(text, fse_field(line, "dev"));
	EXPECT_STREQ(self->w.fs.mount, fse_field(line, "mount"));
	EXPECT_STREQ("tmpfs", fse_field(line, "fstype"));
	EXPECT_STREQ(ev->source, fse_field(line, "source"));
	EXPECT_EQ(ev->data, fse_number(line, "avail"));
	EXPECT_EQ(ev->level, fse_number(line, "level"));
	EXPECT_EQ(1, fse_number(line, "level_nr"));
	EXPECT_EQ(ev->total, fse_number(line, "total"));
	EXPECT_EQ(ev->frsize, fse_number(line, "frsize"));
	EXPECT_EQ(0, fse_number(line, "pid"));
	EXPECT_EQ(1, fse_number(line, "count"));
	EXPECT_EQ(ev->entry, fse_number(line, "entry"));
	EXPECT_EQ(ev->fsid, strtoull(fse_field(line, "fsid"), NULL, 16));
}

TEST_F(stream, the_end_of_a_watch_is_told)
{
	const char *line;

	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ASSERT_EQ(0, umount(self->w.fs.mount));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("unmount", fse_field(line, "event"));
	EXPECT_STREQ(self->w.fs.mount, fse_field(line, "mount"));
	EXPECT_EQ(0, fse_number(line, "errno"));
	EXPECT_STREQ("", fse_field(line, "avail"));
}

/* The trap: a mount point that looks like the end of a line and another one. */
TEST_F(stream, no_name_can_forge_a_field_or_a_line)
{
	static const char dir[] =
		FSE_MNT "/a b\nseq=1\tevent=corrupted#\"\\ \177\303\244";
	static const char shown[] = FSE_MNT
		"/a\\040b\\012seq\\0751\\011event\\075corrupted\\043\\042\\134"
		"\\040\\177\\303\\244";
	const char *line;

	ASSERT_EQ(0, mkdir(dir, 0700));
	ASSERT_EQ(0, mount("a source=b", dir, "tmpfs", 0, "size=1M"));
	EXPECT_EQ(0, fse_config(FSE_MNT
		"/a\\040b\\012seq=1\\011event=corrupted#\"\\134\\040\177\303\244 G"));
	ASSERT_EQ(0, umount(dir));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("seq time event dev mount fstype source errno pid count entry fsid uuid ",
		     fse_fields(line));
	EXPECT_STREQ("unmount", fse_field(line, "event"));
	EXPECT_STREQ(shown, fse_field(line, "mount"));
	EXPECT_TRUE(fse_stream_quiet(self->fd));
	rmdir(dir);
}

TEST_F(stream, every_reader_has_his_own_position)
{
	int late, fd[100];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fd); i++) {
		fd[i] = fse_stream_open(0);
		ASSERT_LE(0, fd[i]);
	}
	EXPECT_STREQ("thr_lrbelow",
		     fse_field(cross(&self->w, self->fd), "event"));
	late = fse_stream_open(0);
	ASSERT_LE(0, late);
	ASSERT_EQ(0, fse_leave(&self->w, fse_total(&self->w.fs) - 10));
	EXPECT_STREQ("thr_lrabove",
		     fse_field(fse_stream_line(late), "event"));
	for (i = 0; i < ARRAY_SIZE(fd); i++) {
		EXPECT_STREQ("thr_lrbelow",
			     fse_field(fse_stream_line(fd[i]), "event"));
		EXPECT_STREQ("thr_lrabove",
			     fse_field(fse_stream_line(fd[i]), "event"));
		close(fd[i]);
	}
	close(late);
}

TEST_F(stream, reading_waits_or_does_not)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int ep = epoll_create1(EPOLL_CLOEXEC);
	int fd = fse_stream_open(O_NONBLOCK);
	char buf[FSE_LINE];
	fd_set set;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	EXPECT_EQ(-1, read(fd, buf, sizeof(buf)));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(0, fse_stream_poll(fd, 0));
	EXPECT_EQ(0, epoll_wait(ep, &ev, 1, 0));
	EXPECT_STRNE("", cross(&self->w, self->fd));
	EXPECT_EQ(POLLIN, fse_stream_poll(fd, FSE_SOON) & (POLLIN | POLLHUP));
	EXPECT_EQ(1, epoll_wait(ep, &ev, 1, 0));
	FD_ZERO(&set);
	FD_SET(fd, &set);
	EXPECT_EQ(1, select(fd + 1, &set, NULL, NULL, NULL));
	/* A line is not split; it stays for who asks properly. */
	EXPECT_EQ(-1, read(fd, buf, 20));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_LT(20, read(fd, buf, sizeof(buf)));
	EXPECT_EQ(-1, read(fd, buf, sizeof(buf)));
	EXPECT_EQ(EAGAIN, errno);
	close(fd);
	close(ep);
}

/* A reader elsewhere, who takes turns with the test. */
struct elsewhere {
	int turn[2];
	const char *root;
};

/* Opens the stream, and is told of nothing while it is not his turn. */
static int reads_elsewhere(void *arg)
{
	struct elsewhere *e = arg;
	int dir = open(FSE_DIR, O_DIRECTORY | O_CLOEXEC), fd;
	char c;

	if (e->root ? chroot(e->root) || chdir("/") :
		      unshare(CLONE_NEWNS) ||
		      mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return 1;
	fd = openat(dir, "events", O_RDWR);
	if (fd < 0)
		return 2;
	if (write(e->turn[1], "", 1) != 1 || read(e->turn[1], &c, 1) != 1)
		return 3;
	return fse_stream_poll(fd, 0) ? 4 : 0;
}

static void tell_elsewhere(struct __test_metadata *_metadata,
			   struct fse_watched *w, int fd, const char *root)
{
	struct elsewhere e = { .root = root };
	pid_t pid;
	char c;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				e.turn));
	pid = fse_start(reads_elsewhere, &e);
	ASSERT_EQ(1, read(e.turn[0], &c, 1));
	EXPECT_STREQ("thr_lrbelow", fse_field(cross(w, fd), "event"));
	EXPECT_EQ(1, write(e.turn[0], "", 1));
	EXPECT_EQ(0, fse_wait(pid));
	close(e.turn[0]);
	close(e.turn[1]);
}

TEST_F(stream, one_is_told_of_what_he_can_reach)
{
	ASSERT_EQ(0, mkdir(FSE_MNT "/cell", 0700));
	tell_elsewhere(_metadata, &self->w, self->fd, FSE_MNT "/cell");
	rmdir(FSE_MNT "/cell");
}

TEST_F(stream, other_mount_namespaces_are_none_of_ones_business)
{
	tell_elsewhere(_metadata, &self->w, self->fd, NULL);
}

static bool at_end(void *arg)
{
	return fse_stat("lost") == *(__u64 *)arg;
}

/*
 * The file system of test_modules/ moves as far as one likes at once: each
 * time all levels turn.
 */
TEST_F(stream, who_falls_behind_learns_how_much_he_lost)
{
	const unsigned int rounds = 2 * BEHIND / LEVELS;
	char request[1024], text[80];
	__u64 before = fse_stat("lost"), lost = 0;
	struct fse_watched w;
	unsigned int i, n = 0;
	int slow;

	if (fse_sh("modprobe -q " FSE_TESTFS))
		SKIP(return, "no module " FSE_TESTFS);
	n = sprintf(request, "T");
	for (i = 0; i < LEVELS; i++)
		n += sprintf(request + n, " %u", 1000 - i);
	ASSERT_EQ(0, fse_begin(&w, FSE_TESTFS, 64, "", "-o cap=1656,flags=1"));
	slow = fse_stream_open(0);
	ASSERT_LE(0, slow);
	ASSERT_EQ(0, fse_watch(&w, "%s", request));
	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, fse_tell(&w.fs, i % 2 ? "free %llu" : "alloc %llu",
				      fse_total(&w.fs) - 10));
		for (n = 0; n < LEVELS; n++)
			EXPECT_STRNE("", fse_stream_line(self->fd));
	}
	lost = rounds * LEVELS - BEHIND;
	before += lost;
	EXPECT_TRUE(fse_until(at_end, &before));
	sprintf(text, "lost=%llu", lost);
	EXPECT_STREQ(text, fse_stream_line(slow));
	for (n = 0; n < BEHIND; n++)
		EXPECT_STRNE("", fse_stream_line(slow));
	EXPECT_TRUE(fse_stream_quiet(slow));
	close(slow);
	fse_end(&w);
	fse_sh("modprobe -qr " FSE_TESTFS);
}

/* Has the process group opened the stream? By any of its processes. */
static bool has_opened(void *arg)
{
	return !fse_sh("for p in $(pgrep -g %d); do ls -l /proc/$p/fd; done 2>&1 | grep -q '%s$'",
		       *(pid_t *)arg, FSE_EVENTS);
}

/* The first line that a program prints, which reads the stream. Static. */
static const char *first_line(struct fse_watched *w, const char *program)
{
	static char line[FSE_LINE];
	struct pollfd p = { .events = POLLIN };
	int end[2], len = 0;
	pid_t pid;

	line[0] = '\0';
	if (pipe2(end, O_CLOEXEC))
		return line;
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		dup2(end[1], STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", program, NULL);
		_exit(127);
	}
	close(end[1]);
	p.fd = end[0];
	if (fse_until(has_opened, &pid) && !fse_watch(w, "G") &&
	    !umount(w->fs.mount) && poll(&p, 1, FSE_SOON) > 0)
		len = read(end[0], line, sizeof(line) - 1);
	line[len > 0 ? len : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(end[0]);
	return line;
}

FIXTURE(programs)
{
	struct fse_watched w;
};

FIXTURE_VARIANT(programs)
{
	const char *command;
};

FIXTURE_VARIANT_ADD(programs, cat)
{
	.command = "cat " FSE_EVENTS,
};

FIXTURE_VARIANT_ADD(programs, head)
{
	.command = "head -n 1 " FSE_EVENTS,
};

FIXTURE_VARIANT_ADD(programs, tail)
{
	.command = "tail -f " FSE_EVENTS,
};

FIXTURE_VARIANT_ADD(programs, sh)
{
	.command = "sh -c 'while read -r l; do echo \"$l\"; done <" FSE_EVENTS "'",
};

FIXTURE_VARIANT_ADD(programs, bash)
{
	.command = "bash -c 'while read -r l; do echo \"$l\"; done <" FSE_EVENTS "'",
};

FIXTURE_SETUP(programs)
{
	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 8, "", ""));
}

FIXTURE_TEARDOWN(programs)
{
	fse_end(&self->w);
}

TEST_F(programs, can_read_it)
{
	const char *line = first_line(&self->w, variant->command);

	EXPECT_STREQ("unmount", fse_field(line, "event"));
	EXPECT_STREQ(self->w.fs.mount, fse_field(line, "mount"));
}

TEST_HARNESS_MAIN
