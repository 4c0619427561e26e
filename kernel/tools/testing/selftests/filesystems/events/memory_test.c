// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that readers of the text streams and private watches take: it is
 * charged to the memory cgroup of the task that opened the file, and is bounded
 * there, however much happens.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "harness.h"
#include "process.h"
#include "stream.h"
#include "watched.h"

#define CGROUPS		FSE_MNT "/cgroups"
#define CGROUP		CGROUPS "/readers"
#define MIB		1048576
#define LIMIT		(32 * MIB)
/* Number of open files, and of levels per watch. */
#define READERS		100
#define LEVELS		64
/* Maximum number of turns of all levels; some are coalesced. */
#define ROUNDS		200
/* How often private watches of an ordinary user are run, and some more, ms. */
#define PAUSE		600
/* Minimum size of an open file: a queue of 1,024 records. */
#define QUEUE		(64 << 10)
/* Minimum size of a level. */
#define LEVEL		64
/* Allowance for unrelated changes on the machine. */
#define NOISE		(24 << 20)
/* A path whose escaped form is several KiB long. */
#define NAME		"a                                                  b"
#define DEPTH		24

FIXTURE(memory)
{
	struct fse_watched w;
	/* mount point, deep in directories */
	char path[PATH_MAX];
	char request[2 * PATH_MAX];
	int turn[2];
	int fd;
	pid_t pid;
};

/**
 * @user: the reader is an ordinary user, without a right to open `events`
 * @slow: number of its files that fill up within a test
 * @few: MiB that are not enough for the files that it may open
 */
FIXTURE_VARIANT(memory)
{
	bool user;
	unsigned int slow;
	unsigned int few;
};

FIXTURE_VARIANT_ADD(memory, root)
{
	.slow = READERS,
	.few = 32,
};

/*
 * This user may open 128 files. The more watches it has, the more rarely the kernel
 * runs them.
 */
FIXTURE_VARIANT_ADD(memory, user)
{
	.user = true,
	.slow = 8,
	.few = 6,
};

static unsigned long long number(const char *path, const char *key)
{
	char line[128];
	unsigned long long value = 0;
	FILE *f = fopen(path, "re");

	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, key, strlen(key))) {
			value = strtoull(line + strlen(key), NULL, 10);
			break;
		}
	}
	if (f)
		fclose(f);
	return value;
}

static long long charged(void)
{
	return number(CGROUP "/memory.current", "");
}

/* Memory that all processes and the kernel use. */
static long long taken(void)
{
	return -1024 * (long long)number("/proc/meminfo", "MemFree:");
}

static void write_path(char *path, char *request)
{
	unsigned int i;
	const char *c;

	path += sprintf(path, FSE_MNT);
	request += sprintf(request, FSE_MNT);
	for (i = 0; i < DEPTH; i++) {
		path += sprintf(path, "/" NAME);
		request += sprintf(request, "/");
		for (c = NAME; *c; c++)
			request += sprintf(request, *c == ' ' ? "\\040" : "%c",
					   *c);
	}
	request += sprintf(request, " T");
	for (i = 0; i < LEVELS; i++)
		request += sprintf(request, " %u", 1000 - i);
}

FIXTURE_SETUP(memory)
{
	memset(self, 0, sizeof(*self));
	self->fd = -1;
	mkdir(CGROUPS, 0700);
	if (mount("none", CGROUPS, "cgroup2", 0, NULL))
		SKIP(return, "no cgroup2");
	if (fse_put(CGROUPS "/cgroup.subtree_control", "+memory"))
		SKIP(return, "no memory cgroups");
	if (fse_sh("modprobe -q " FSE_TESTFS))
		SKIP(return, "no module " FSE_TESTFS);
	ASSERT_EQ(0, mkdir(CGROUP, 0700));
	ASSERT_EQ(0, fse_put(CGROUP "/memory.max", "32M"));
	ASSERT_EQ(0, fse_begin(&self->w, FSE_TESTFS, 64, "",
			       "-o cap=1656,flags=1"));
	write_path(self->path, self->request);
	ASSERT_EQ(0, fse_sh("mkdir -p '%s'", self->path));
	ASSERT_EQ(0, mount(self->w.fs.mount, self->path, NULL, MS_BIND, NULL));
	self->fd = fse_stream_open(0);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				self->turn));
}

FIXTURE_TEARDOWN(memory)
{
	if (self->pid) {
		kill(self->pid, SIGKILL);
		fse_wait(self->pid);
	}
	fse_config("\n");
	close(self->fd);
	if (self->path[0]) {
		umount(self->path);
		fse_sh("rm -r " FSE_MNT "/a*");
		fse_end(&self->w);
	}
	rmdir(CGROUP);
	umount(CGROUPS);
	rmdir(CGROUPS);
	fse_sh("modprobe -qr " FSE_TESTFS);
}

static bool my_turn(int turn)
{
	char c;

	return write(turn, "", 1) == 1 && read(turn, &c, 1) == 1;
}

/*
 * Joins the cgroup, raises the limit of open files, and perhaps is a user from
 * then on.
 */
static bool confined(bool user)
{
	struct rlimit files = { .rlim_cur = 8192, .rlim_max = 8192 };

	return !fse_put(CGROUP "/cgroup.procs", "0") &&
	       !setrlimit(RLIMIT_NOFILE, &files) &&
	       !(user && fse_user_enter());
}

/* Has many private watches of levels that flap, and never reads. */
static int does_not_read(const char *request, int turn, bool user,
			 unsigned int nr)
{
	unsigned int i;
	int fd;

	if (!confined(user) || !my_turn(turn))
		return 1;
	for (i = 0; i < nr; i++) {
		fd = fse_private_open(0);
		if (fd < 0 || fse_ask(fd, "%s", request))
			return 2;
	}
	if (!my_turn(turn))
		return 3;
	pause();
	return 4;
}

static int go_on(int turn)
{
	char c;

	return write(turn, "", 1) == 1 && read(turn, &c, 1) == 1 ? 0 : -EIO;
}

/*
 * Regression: each open file took up to a thousand lines of up to 8 KiB,
 * allocated by a kernel thread and so charged to no cgroup.
 */
TEST_F(memory, of_many_readers_is_that_of_their_cgroup)
{
	__u64 lost = fse_stat("lost") + variant->slow * LEVELS;
	long long before, outside, inside;
	unsigned int i, n;
	char c;

	self->pid = fork();
	ASSERT_LE(0, self->pid);
	if (!self->pid)
		_exit(does_not_read(self->request, self->turn[1],
				    variant->user, variant->slow));
	ASSERT_EQ(1, read(self->turn[0], &c, 1));
	before = charged();
	outside = taken() - before;
	ASSERT_EQ(0, go_on(self->turn[0]));
	EXPECT_LE(variant->slow * QUEUE, charged() - before);

	ASSERT_EQ(0, fse_watch(&self->w, "%s",
			       strchr(self->request, 'T')));
	/* Until the queues are full and have lost records. */
	for (i = 0; fse_stat("lost") < lost && i < ROUNDS; i++) {
		if (variant->user)
			usleep(PAUSE * 1000);
		ASSERT_EQ(0, fse_tell(&self->w.fs,
				      i % 2 ? "free %llu" : "alloc %llu",
				      fse_total(&self->w.fs) - 10));
		/* An active reader misses nothing meanwhile. */
		for (n = 0; n < LEVELS; n++)
			ASSERT_EQ(i * LEVELS + n + 1,
				  fse_number(fse_stream_line(self->fd),
					     "seq"));
	}
	EXPECT_LE(lost, fse_stat("lost"));
	inside = charged();
	outside = taken() - inside - outside;
	TH_LOG("%lld KiB inside, %lld KiB outside", (inside - before) >> 10,
	       outside >> 10);
	EXPECT_GE(LIMIT, inside);
	EXPECT_GE(NOISE, outside);
	EXPECT_EQ(0, number(CGROUP "/memory.events", "oom_kill"));
}

/* Opens files until memory runs out or it is killed. */
static int opens_many(int turn, bool user, unsigned int bytes)
{
	int i, fd;

	if (!confined(user) || !my_turn(turn))
		return 1;
	for (i = 0; i < bytes / QUEUE; i++) {
		fd = i % 2 || user ? fse_private_open(0) : fse_stream_open(0);
		if (fd < 0)
			return fd == -ENOMEM ? 0 : 2;
	}
	return 3;
}

TEST_F(memory, that_runs_out_is_the_readers_trouble)
{
	unsigned int n;
	char limit[16];
	int status;
	char c;

	snprintf(limit, sizeof(limit), "%uM", variant->few);
	ASSERT_EQ(0, fse_put(CGROUP "/memory.max", limit));
	self->pid = fork();
	ASSERT_LE(0, self->pid);
	if (!self->pid)
		_exit(opens_many(self->turn[1], variant->user,
				 variant->few * MIB));
	ASSERT_EQ(1, read(self->turn[0], &c, 1));
	ASSERT_EQ(1, write(self->turn[0], "", 1));
	ASSERT_EQ(self->pid, waitpid(self->pid, &status, 0));
	self->pid = 0;
	EXPECT_TRUE(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL :
					  !WEXITSTATUS(status));
	/* Tasks outside the cgroup are not affected. */
	ASSERT_EQ(0, fse_watch(&self->w, "%s", strchr(self->request, 'T')));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "alloc %llu",
			      fse_total(&self->w.fs) - 10));
	for (n = 0; n < LEVELS; n++)
		EXPECT_EQ(n + 1,
			  fse_number(fse_stream_line(self->fd), "seq"));
}

/* Opens files inside the cgroup, requests watches outside. */
static int asks_from_outside(const char *request, bool user)
{
	int i, fd[READERS];
	long long before;

	if (!confined(user))
		return 1;
	for (i = 0; i < READERS; i++) {
		fd[i] = fse_private_open(0);
		if (fd[i] < 0)
			return 2;
	}
	/* A task of a user may not move itself, and not read of the cgroup. */
	if ((user && fse_user_leave()) ||
	    fse_put(CGROUPS "/cgroup.procs", "0"))
		return 3;
	before = charged();
	if (user && fse_user_enter())
		return 4;
	for (i = 0; i < READERS; i++) {
		if (fse_ask(fd[i], "%s", request))
			return 5;
	}
	if (user && fse_user_leave())
		return 6;
	return charged() - before >= READERS * LEVELS * LEVEL ? 0 : 7;
}

TEST_F(memory, of_a_watch_is_charged_to_its_opener)
{
	self->pid = fork();
	ASSERT_LE(0, self->pid);
	if (!self->pid)
		_exit(asks_from_outside(self->request, variant->user));
	EXPECT_EQ(0, fse_wait(self->pid));
	self->pid = 0;
}

TEST_HARNESS_MAIN
