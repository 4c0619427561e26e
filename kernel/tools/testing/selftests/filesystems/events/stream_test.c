// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text stream `events`: the fields of a line; names can't forge or split
 * lines; each reader has a position of its own and gets the number of lost
 * events; ordinary programs can read it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
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
			"level_nr total frsize pid count entry fsid "
#define ERROR_FIELDS	"seq time event dev mount fstype source errno pid "	\
			"count entry fsid uuid "
/* Levels of a watch, and so lines per change. */
#define LEVELS		64
/* Maximum length of a line, including its newline. */
#define LONGEST		8192

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

/* Fills half: the first of two levels is crossed. */
static const char *cross(struct fse_watched *w, int fd)
{
	__u64 total = fse_total(&w->fs);

	if (fse_watch(w, "T 60%% 20%%") || fse_leave(w, total / 2))
		return "";
	return fse_stream_line(fd);
}

TEST_F(stream, a_line_has_what_the_message_has)
{
	const char *line = cross(&self->w, self->fd);
	struct fse_event *ev = &self->w.ev;
	char text[64];

	ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_STREQ(LEVEL_FIELDS "uuid ", fse_fields(line));
	EXPECT_EQ(1, fse_number(line, "seq"));
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

TEST_F(stream, the_end_of_a_watch_is_reported)
{
	const char *line;

	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ASSERT_EQ(0, umount(self->w.fs.mount));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("unmount", fse_field(line, "event"));
	EXPECT_STREQ(self->w.fs.mount, fse_field(line, "mount"));
	EXPECT_EQ(0, fse_number(line, "errno"));
	EXPECT_EQ(1, fse_number(line, "last"));
	EXPECT_STREQ(ERROR_FIELDS "last ", fse_fields(line));
}

/* The file mode allows some to read, and even root can't write. */
TEST_F(stream, cannot_be_written)
{
	int fd = open(FSE_EVENTS, O_RDWR | O_CLOEXEC);
	struct stat st;

	ASSERT_EQ(0, stat(FSE_EVENTS, &st));
	EXPECT_EQ(0440, st.st_mode & 07777);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EINVAL, fse_ask(fd, "%s T 5", self->w.fs.mount));
	EXPECT_EQ(0, fse_stat("watches"));
	/* A failed write has no effect. */
	EXPECT_STREQ("thr_lrbelow", fse_field(cross(&self->w, fd), "event"));
	close(fd);
}

/* Regression: a mount point with a newline could forge a line. */
TEST_F(stream, no_name_can_forge_a_field_or_a_line)
{
	static const char dir[] = FSE_MNT
		"/a b\nseq=1\tevent=corrupted#\"\\ \177\303\244\303\302\233";
	/*
	 * Valid UTF-8 stays; invalid bytes and control characters are escaped.
	 */
	static const char shown[] = FSE_MNT
		"/a\\040b\\012seq\\0751\\011event\\075corrupted\\043\\042\\134"
		"\\040\\177\303\244\\303\\302\\233";
	const char *line;

	ASSERT_EQ(0, mkdir(dir, 0700));
	ASSERT_EQ(0, mount("a source=b", dir, "tmpfs", 0, "size=1M"));
	EXPECT_EQ(0, fse_config(FSE_MNT
		"/a\\040b\\012seq=1\\011event=corrupted#\"\\134\\040\177\303\244\303\302\233 G"));
	ASSERT_EQ(0, umount(dir));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ(ERROR_FIELDS "last ", fse_fields(line));
	EXPECT_STREQ("unmount", fse_field(line, "event"));
	EXPECT_STREQ(shown, fse_field(line, "mount"));
	EXPECT_TRUE(fse_stream_quiet(self->fd));
	rmdir(dir);
}

/* Nested directories with blanks in their names. */
#define DEPTH	30
#define BLANKS	80

/* Escapes take four characters each: the path gets too long. */
TEST_F(stream, a_path_that_is_too_long_is_cut)
{
	char path[PATH_MAX] = FSE_MNT, shown[4 * PATH_MAX] = FSE_MNT;
	size_t len = strlen(path), n = len, i;
	const char *line, *mount_value;

	for (i = 0; i < DEPTH * (BLANKS + 1); i++) {
		path[len++] = i % (BLANKS + 1) ? ' ' : '/';
		n += sprintf(shown + n, "%s",
			     i % (BLANKS + 1) ? "\\040" : "/");
		if (i % (BLANKS + 1) == BLANKS)
			ASSERT_EQ(0, mkdir(path, 0700));
	}
	ASSERT_EQ(0, mount(FSE_TMPFS_NAME, path, "tmpfs", 0, "size=1M"));
	sprintf(shown + n, " G");
	ASSERT_EQ(0, fse_config_raw(shown, n + 2));
	ASSERT_EQ(0, umount(path));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ(ERROR_FIELDS "last ", fse_fields(line));
	EXPECT_GE(LONGEST, strlen(line) + 1);
	EXPECT_LT(LONGEST - 512, strlen(line) + 1);
	EXPECT_STREQ(FSE_TMPFS_NAME, fse_field(line, "source"));
	mount_value = fse_field(line, "mount");
	n = strlen(mount_value);
	/* It is cut, with a mark that no complete value ends with. */
	EXPECT_EQ('\\', mount_value[n - 1]);
	EXPECT_EQ(0, strncmp(mount_value, shown, n - 1));
	for (i = 0; i < DEPTH; i++) {
		rmdir(path);
		*strrchr(path, '/') = '\0';
	}
}

TEST_F(stream, every_reader_has_its_own_position)
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
	EXPECT_LT(20, read(fd, buf, sizeof(buf)));
	EXPECT_EQ(-1, read(fd, buf, sizeof(buf)));
	EXPECT_EQ(EAGAIN, errno);
	close(fd);
	close(ep);
}

/* Three lines; a read returns whole lines if they fit. */
TEST_F(stream, a_read_may_have_any_size)
{
	char buf[4 * FSE_LINE], whole[4 * FSE_LINE];
	int fd[2] = { fse_stream_open(O_NONBLOCK), fse_stream_open(O_NONBLOCK) };
	size_t first, second, done;
	ssize_t n;

	ASSERT_LE(0, fd[0]);
	ASSERT_LE(0, fd[1]);
	ASSERT_EQ(0, fse_watch(&self->w, "T 70%% 60%% 20%%"));
	ASSERT_EQ(0, fse_leave(&self->w, 10));
	for (n = 0; n < 3; n++)
		ASSERT_STRNE("", fse_stream_line(self->fd));
	n = read(fd[0], whole, sizeof(whole) - 1);
	ASSERT_LT(0, n);
	whole[n] = '\0';
	first = strcspn(whole, "\n") + 1;
	second = strcspn(whole + first, "\n") + 1;

	/* An empty read, then less than a line, in pieces. */
	EXPECT_EQ(0, read(fd[1], buf, 0));
	EXPECT_EQ(1, read(fd[1], buf, 1));
	EXPECT_EQ(20, read(fd[1], buf + 1, 20));
	EXPECT_EQ(POLLIN, fse_stream_poll(fd[1], 0) & (POLLIN | POLLHUP));
	/*
	 * The rest of the line without a part of the second, then all of that.
	 */
	EXPECT_EQ(first - 21, read(fd[1], buf + 21, first - 21 + second - 1));
	EXPECT_EQ(second, read(fd[1], buf + first, second));
	done = first + second;
	while ((n = read(fd[1], buf + done, 100)) > 0)
		done += n;
	EXPECT_EQ(EAGAIN, errno);
	buf[done] = '\0';
	EXPECT_STREQ(whole, buf);
	/* The stream has no position. */
	EXPECT_EQ(-1, lseek(fd[1], 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pread(fd[1], buf, 100, 0));
	close(fd[0]);
	close(fd[1]);
}

/* A reader in another context, which takes turns with the test. */
struct elsewhere {
	int turn[2];
	const char *root;
};

/* Opens the stream, and reads only when it has the turn. */
static int reads_elsewhere(void *arg)
{
	struct elsewhere *e = arg;
	int dir = open(FSE_DIR, O_DIRECTORY | O_CLOEXEC), fd;
	char c;

	if (e->root ? chroot(e->root) || chdir("/") :
		      unshare(CLONE_NEWNS) ||
		      mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return 1;
	fd = openat(dir, "events", O_RDONLY);
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

TEST_F(stream, has_what_its_reader_can_reach)
{
	ASSERT_EQ(0, mkdir(FSE_MNT "/cell", 0700));
	tell_elsewhere(_metadata, &self->w, self->fd, FSE_MNT "/cell");
	rmdir(FSE_MNT "/cell");
}

TEST_F(stream, has_nothing_of_other_mount_namespaces)
{
	tell_elsewhere(_metadata, &self->w, self->fd, NULL);
}

/*
 * Nested directories, from each of which a reader may see a mount: as many as a
 * watch caches, including the test's root.
 */
#define ROOTS		7
#define NEST		FSE_MNT "/1/2/3/4/5/6/7"

/* Opens the stream with FSE_MNT as root, then with the directories in it. */
static int reads_from_each_root(void *arg)
{
	static const char * const in[ROOTS] = {
		FSE_MNT, "1", "2", "3", "4", "5", "6"
	};
	int dir = open(FSE_DIR, O_DIRECTORY | O_CLOEXEC), fd[ROOTS];
	int turn = *(int *)arg, i;
	char c;

	for (i = 0; i < ROOTS; i++) {
		/* The watch is added after half of the streams were opened. */
		if (i == ROOTS / 2 &&
		    (write(turn, "", 1) != 1 || read(turn, &c, 1) != 1))
			return 1;
		if (chroot(in[i]) || chdir("/"))
			return 2;
		fd[i] = openat(dir, "events", O_RDONLY | O_CLOEXEC);
		if (fd[i] < 0)
			return 3;
	}
	if (write(turn, "", 1) != 1 || read(turn, &c, 1) != 1)
		return 4;
	/* It has ended, which each reader gets. */
	for (i = 0; i < ROOTS; i++) {
		if (strcmp(fse_field(fse_stream_line(fd[i]), "event"),
			   "unmount"))
			return 10 + i;
	}
	return 0;
}

TEST_F(stream, is_seen_from_all_roots_above_a_mount)
{
	int turn[2];
	pid_t pid;
	char c;

	ASSERT_EQ(0, fse_sh("mkdir -p " NEST));
	ASSERT_EQ(0, mount(FSE_TMPFS_NAME, NEST, "tmpfs", 0, "size=1M"));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, turn));
	pid = fse_start(reads_from_each_root, &turn[1]);
	ASSERT_EQ(1, read(turn[0], &c, 1));
	ASSERT_EQ(0, fse_config(NEST " G"));
	ASSERT_EQ(1, write(turn[0], "", 1));
	ASSERT_EQ(1, read(turn[0], &c, 1));
	ASSERT_EQ(0, umount(NEST));
	ASSERT_EQ(1, write(turn[0], "", 1));
	EXPECT_EQ(0, fse_wait(pid));
	close(turn[0]);
	close(turn[1]);
	fse_sh("rm -r " FSE_MNT "/1");
}

static bool losses_are(void *arg)
{
	return fse_stat("lost") == *(__u64 *)arg;
}

/*
 * The file system of test_modules/ changes its figures at once: each change
 * turns all levels.
 */
FIXTURE(behind)
{
	struct fse_watched w;
	bool there;
	int fd;
	int slow;
	unsigned int rounds;
};

FIXTURE_VARIANT(behind)
{
	bool private;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(behind, events) { .private = false };
/* Private watches of an ordinary user. */
FIXTURE_VARIANT_ADD(behind, watch) { .private = true };
/* clang-format on */

/* A private watch of an ordinary user: a descriptor, or a negative errno. */
static int watch_as_user(const struct fse_fs *fs, const char *request)
{
	int fd = fse_user_enter() ?: fse_private_open(0), err;

	err = fd < 0 ? fd : fse_ask(fd, "%s %s", fs->mount, request);
	return fse_user_leave() ?: err ?: fd;
}

FIXTURE_SETUP(behind)
{
	char request[1024];
	unsigned int i, n;

	memset(self, 0, sizeof(*self));
	self->there = !fse_sh("modprobe -q " FSE_TESTFS);
	if (!self->there)
		SKIP(return, "no module " FSE_TESTFS);
	n = sprintf(request, "T");
	for (i = 0; i < LEVELS; i++)
		n += sprintf(request + n, " %u", 1000 - i);
	ASSERT_EQ(0, fse_begin(&self->w, FSE_TESTFS, 64, "",
			       "-o cap=1656,flags=1"));
	if (variant->private) {
		self->fd = watch_as_user(&self->w.fs, request);
		self->slow = watch_as_user(&self->w.fs, request);
	} else {
		self->fd = fse_stream_open(0);
		self->slow = fse_stream_open(0);
		ASSERT_EQ(0, fse_watch(&self->w, "%s", request));
	}
	ASSERT_LE(0, self->fd);
	ASSERT_LE(0, self->slow);
}

FIXTURE_TEARDOWN(behind)
{
	if (!self->there)
		return;
	close(self->fd);
	close(self->slow);
	fse_end(&self->w);
	fse_sh("modprobe -qr " FSE_TESTFS);
}

/* Turns all levels; an active reader's lines show that delivery is done. */
static bool turn_all(struct _test_data_behind *self)
{
	unsigned int n;

	if (fse_tell(&self->w.fs, self->rounds++ % 2 ? "free %llu" :
						       "alloc %llu",
		     fse_total(&self->w.fs) - 10))
		return false;
	for (n = 0; n < LEVELS && *fse_stream_line(self->fd);)
		n++;
	return n == LEVELS;
}

TEST_F(behind, a_slow_reader_learns_how_much_it_lost)
{
	__u64 lost, before = fse_stat("lost");
	char text[80];
	unsigned int n;

	while (self->rounds < 2 * FSE_BEHIND / LEVELS)
		ASSERT_TRUE(turn_all(self));
	lost = self->rounds * LEVELS - FSE_BEHIND;
	before += lost;
	EXPECT_TRUE(fse_until(losses_are, &before));
	sprintf(text, "lost=%llu", lost);
	EXPECT_STREQ(text, fse_stream_line(self->slow));
	for (n = 0; n < FSE_BEHIND; n++)
		EXPECT_EQ(lost + n + 1,
			  fse_number(fse_stream_line(self->slow), "seq"));
	EXPECT_TRUE(fse_stream_quiet(self->slow));
}

/*
 * Regression: a line had the head of one event and the tail of another if its
 * place in the queue was reused during the read.
 */
TEST_F(behind, a_line_once_begun_is_finished)
{
	char line[FSE_LINE] = "", text[80];
	unsigned int n;
	__u64 lost;

	ASSERT_TRUE(turn_all(self));
	for (n = 0; n < 60; n++)
		ASSERT_EQ(1, read(self->slow, line + n, 1));
	while (self->rounds * LEVELS < 1700)
		ASSERT_TRUE(turn_all(self));
	while (n < sizeof(line) - 1 && read(self->slow, line + n, 1) == 1 &&
	       line[n] != '\n')
		n++;
	line[n] = '\0';
	TH_LOG("%s", line);
	EXPECT_STREQ(LEVEL_FIELDS, fse_fields(line));
	EXPECT_STREQ("thr_lrbelow", fse_field(line, "event"));
	EXPECT_EQ(1, fse_number(line, "level_nr"));
	EXPECT_EQ(1000, fse_number(line, "level"));
	lost = self->rounds * LEVELS - 1 - FSE_BEHIND;
	sprintf(text, "lost=%llu", lost);
	EXPECT_STREQ(text, fse_stream_line(self->slow));
	EXPECT_EQ(lost + 2, fse_number(fse_stream_line(self->slow), "seq"));
}

/* Has any process of the group opened the stream? */
static bool has_opened(void *arg)
{
	return !fse_sh("for p in $(pgrep -g %d); do ls -l /proc/$p/fd; done 2>&1 | grep -q '%s$'",
		       *(pid_t *)arg, FSE_EVENTS);
}

/* The first line that a program prints on a terminal. Static. */
static const char *first_line(struct fse_watched *w, const char *program)
{
	static char line[FSE_LINE];
	struct pollfd p = { .events = POLLIN };
	int end[2], n, len = 0;
	pid_t pid;

	memset(line, 0, sizeof(line));
	/* tail(1) writes to a pipe only in blocks of 4 KiB. */
	if (openpty(&end[0], &end[1], NULL, NULL, NULL))
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
	    !umount(w->fs.mount)) {
		while (!strchr(line, '\n') && poll(&p, 1, FSE_SOON) > 0 &&
		       (n = read(end[0], line + len,
				 sizeof(line) - 1 - len)) > 0)
			len += n;
	}
	line[strcspn(line, "\r\n")] = '\0';
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
	.command = "tail -n +1 -f " FSE_EVENTS,
};

FIXTURE_VARIANT_ADD(programs, dd)
{
	.command = "dd bs=1 status=none if=" FSE_EVENTS,
};

FIXTURE_VARIANT_ADD(programs, python)
{
	.command = "python3 -u -c 'for line in open(\"" FSE_EVENTS
		   "\"): print(line, end=\"\")'",
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
	const char *line;

	if (!strncmp(variant->command, "python3", 7) &&
	    fse_sh("command -v python3 >/dev/null"))
		SKIP(return, "no python3 here");
	line = first_line(&self->w, variant->command);
	EXPECT_STREQ("unmount", fse_field(line, "event"));
	EXPECT_STREQ(self->w.fs.mount, fse_field(line, "mount"));
}

TEST_HARNESS_MAIN
