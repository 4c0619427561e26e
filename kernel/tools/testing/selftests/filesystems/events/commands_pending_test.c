// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink commands of an unprivileged user that hang in a file system whose
 * server never answers: they don't slow down others, a socket has one at a
 * time, and their memory is charged to the sender.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "control.h"
#include "harness.h"
#include "process.h"
#include "watched.h"

#define SILENT		FSE_MNT "/silent"
#define SENDERS		20
#define COMMANDS	9000
/* Takes the best of several measurements: the machine is shared. */
#define TRIES		5
/*
 * How many times as long commands may take beside others that hang. With the fault
 * it was 31 times as long. A busy machine delays some measurements, but hardly each
 * of them by as much as this.
 */
#define SLOWER		10
/*
 * A family of another module without dependencies. It has to come and go, which
 * takes the locks of generic netlink for writing, so it can't be built in.
 */
#define FAMILY		"psample"
/* A user and a group that own nothing. */
#define USER		1000
#define GROUP		54321
#define CGROUPS		"/tmp/cgroups"
#define CGROUP		CGROUPS "/senders"
#define BUSY		"not answered yet"

FIXTURE(pending)
{
	struct fse_watched w;
	struct fse_listener c;
	struct fse_answer a;
	int server;
};

/* A FUSE mount whose server doesn't even answer FUSE_INIT. */
static int mount_silent(void)
{
	char options[64];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	mkdir(SILENT, 0755);
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd);
	if (!mount("server", SILENT, "fuse", 0, options))
		return fd;
	close(fd);
	return -errno;
}

FIXTURE_SETUP(pending)
{
	if (access("/dev/fuse", F_OK))
		SKIP(return, "no FUSE");
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 8, "", ""));
	ASSERT_EQ(0, fse_listen_to(&self->c, NULL));
	self->server = mount_silent();
	ASSERT_LE(0, self->server);
}

/* Ends the server: commands that hang return with an error. */
static void end_server(void)
{
	umount2(SILENT, MNT_FORCE);
}

FIXTURE_TEARDOWN(pending)
{
	end_server();
	close(self->server);
	umount2(SILENT, MNT_DETACH);
	rmdir(SILENT);
	fse_unlisten(&self->c);
	fse_end(&self->w);
}

/* A command that hangs, with its path @attrs times; the last counts. */
static struct nlmsghdr *get_silent(struct fse_listener *c, unsigned int attrs)
{
	struct nlmsghdr *nlh = fse_command(c, FS_NL_C_ENTRY_GET);
	char path[PATH_MAX];

	memset(path, '/', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	while (attrs--)
		mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, path);
	/* Lookups of the same name would wait for each other. */
	snprintf(path, sizeof(path), SILENT "/%d", getpid());
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, path);
	return nlh;
}

/*
 * Sends a datagram of a command that hangs and thousands of others. These are refused,
 * for which a debug kernel needs a millisecond each: there all senders together send
 * thousands, so that all hang within FSE_SOON on a busy machine too.
 */
static int send_thousands(struct fse_listener *c)
{
	static char all[COMMANDS * 20 + FSE_MESSAGE];
	unsigned int nr = fse_slow() ? COMMANDS / 32 : COMMANDS;
	struct nlmsghdr *nlh = get_silent(c, 0);
	size_t len = NLMSG_ALIGN(nlh->nlmsg_len);
	unsigned int i;

	memcpy(all, nlh, nlh->nlmsg_len);
	nlh = fse_command(c, FS_NL_C_STATS_GET);
	for (i = 0; i < nr; i++) {
		memcpy(all + len, nlh, nlh->nlmsg_len);
		len += NLMSG_ALIGN(nlh->nlmsg_len);
	}
	return mnl_socket_sendto(c->nl, all, len) < 0 ? -errno : 0;
}

/* Sends one command of maximum length. */
static int send_long(struct fse_listener *c)
{
	return fse_command_send(c, get_silent(c, 15));
}

static int become_user(void)
{
	if (setgroups(0, NULL) || setresgid(GROUP, GROUP, GROUP) ||
	    setresuid(USER, USER, USER))
		return -errno;
	return prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/**
 * struct senders - processes, each with a socket of its own
 * @pid: their pids
 * @send: sends commands; 0 or a negative errno
 * @cgroup: cgroup.procs of the cgroup to join, or NULL
 * @ready: pipe; each child writes a byte: 0 or its error
 * @go: pipe; closing it starts the children
 */
struct senders {
	pid_t pid[SENDERS];
	int (*send)(struct fse_listener *c);
	const char *cgroup;
	int ready[2];
	int go[2];
};

static int run_sender(void *arg)
{
	struct senders *s = arg;
	struct fse_listener c;
	char byte;

	close(s->go[1]);
	byte = (s->cgroup && fse_put(s->cgroup, "0")) || become_user() ||
	       fse_listen_to(&c, NULL);
	if (write(s->ready[1], &byte, 1) != 1 || byte ||
	    read(s->go[0], &byte, 1))
		return 1;
	return s->send(&c) ? 2 : 0;
}

/* Starts them; 0 or a negative errno. */
static int start_senders(struct senders *s)
{
	unsigned int i;
	char byte;

	if (pipe2(s->ready, O_CLOEXEC) || pipe2(s->go, O_CLOEXEC))
		return -errno;
	for (i = 0; i < SENDERS; i++)
		s->pid[i] = fse_start(run_sender, s);
	for (i = 0; i < SENDERS; i++)
		if (read(s->ready[0], &byte, 1) != 1 || byte)
			return -EIO;
	return 0;
}

/* Does the task sleep in FUSE? */
static bool hangs(void *pid)
{
	return !fse_sh("grep -qs fuse /proc/%d/wchan /proc/%d/stack",
		       *(pid_t *)pid, *(pid_t *)pid);
}

/* Starts sending and waits until all senders hang. */
static bool let_hang(struct senders *s)
{
	unsigned int i;

	close(s->go[1]);
	for (i = 0; i < SENDERS; i++)
		if (!fse_until(hangs, &s->pid[i]))
			return false;
	return true;
}

/* Releases the senders and returns the first non-zero status. */
static int end_senders(struct senders *s)
{
	unsigned int i;
	int status = 0;

	end_server();
	for (i = 0; i < SENDERS; i++)
		status = fse_wait(s->pid[i]) ?: status;
	close(s->ready[0]);
	close(s->ready[1]);
	close(s->go[0]);
	return status;
}

/* Best time of 50 commands in microseconds; 0: an error. */
static __u64 time_commands(struct fse_listener *c)
{
	__u64 number[FS_NL_STATS_A_MAX + 1], best = -1ULL, us;
	struct timespec begin, end;
	unsigned int i, n;
	__u32 has;

	for (i = 0; i < TRIES; i++) {
		clock_gettime(CLOCK_MONOTONIC, &begin);
		for (n = 0; n < 50; n++)
			if (fse_run_numbers(c,
					    fse_command(c, FS_NL_C_STATS_GET),
					    NULL, number, &has))
				return 0;
		clock_gettime(CLOCK_MONOTONIC, &end);
		us = (end.tv_sec - begin.tv_sec) * 1000000 +
		     (end.tv_nsec - begin.tv_nsec) / 1000;
		if (us < best)
			best = us;
	}
	return best;
}

static int come_and_go(void *arg)
{
	(void)arg;
	return fse_sh("modprobe " FAMILY " && rmmod " FAMILY);
}

static bool ended(void *pid)
{
	return waitpid(*(pid_t *)pid, NULL, WNOHANG) == *(pid_t *)pid;
}

/* Best time in milliseconds to load and unload the other family's module. */
static __u64 time_family(void)
{
	__u64 best = -1ULL, begin;
	unsigned int i;
	pid_t pid;

	for (i = 0; i < TRIES; i++) {
		begin = fse_now();
		pid = fse_start(come_and_go, NULL);
		if (!fse_until(ended, &pid))
			return FSE_SOON;
		if (fse_now() - begin < best)
			best = fse_now() - begin;
	}
	return best;
}

TEST_F(pending, cost_others_nothing)
{
	struct senders s = { .send = send_thousands };
	__u64 alone, beside, family_alone, family_beside, begun;

	if (fse_sh("modprobe -qn " FAMILY))
		SKIP(return, "no module " FAMILY);
	ASSERT_EQ(0, start_senders(&s));
	alone = time_commands(&self->c);
	family_alone = time_family();
	begun = fse_now();
	ASSERT_TRUE(let_hang(&s));
	TH_LOG("%u senders hang after %llu ms", SENDERS, fse_now() - begun);
	beside = time_commands(&self->c);
	family_beside = time_family();
	TH_LOG("50 commands: %llu us alone, %llu us beside; family: %llu ms alone, %llu ms beside",
	       alone, beside, family_alone, family_beside);
	EXPECT_LT(0, alone);
	EXPECT_LT(0, beside);
	EXPECT_LT(beside, alone * SLOWER);
	EXPECT_LT(family_beside,
		  family_alone + 1000 * fse_factor("FSE_SLOW"));
	EXPECT_EQ(0, end_senders(&s));
}

/* Kernel memory charged to the cgroup, in bytes. */
static __u64 charged(void)
{
	const char *found = strstr(fse_read(CGROUP "/memory.stat"), "\nkernel ");

	return found ? strtoull(found + 8, NULL, 10) : 0;
}

static bool has_charged(void *least)
{
	return charged() >= *(__u64 *)least;
}

TEST_F(pending, are_charged_to_the_sender)
{
	struct senders s = {
		.send = send_long,
		.cgroup = CGROUP "/cgroup.procs",
	};
	__u64 least;

	mkdir(CGROUPS, 0755);
	ASSERT_EQ(0, mount("none", CGROUPS, "cgroup2", 0, NULL));
	if (fse_put(CGROUPS "/cgroup.subtree_control", "+memory") ||
	    (mkdir(CGROUP, 0755) && errno != EEXIST))
		SKIP(return, "no memory control groups");
	ASSERT_EQ(0, start_senders(&s));
	/* Counts only the messages: other memory may be freed meanwhile. */
	least = charged() + SENDERS * 15 * PATH_MAX;
	ASSERT_TRUE(let_hang(&s));
	EXPECT_TRUE(fse_until(has_charged, &least))
		TH_LOG("%llu bytes, not %llu", charged(), least);
	EXPECT_EQ(0, end_senders(&s));
	EXPECT_EQ(0, rmdir(CGROUP));
	EXPECT_EQ(0, umount2(CGROUPS, 0));
	rmdir(CGROUPS);
}

static int send_silent(void *c)
{
	return fse_command_send(c, get_silent(c, 0));
}

static int stats(struct fse_listener *c, struct fse_answer *a)
{
	__u64 number[FS_NL_STATS_A_MAX + 1];
	__u32 has;

	return fse_run_numbers(c, fse_command(c, FS_NL_C_STATS_GET), a, number,
			       &has);
}

/* A process that sends a command that hangs, using our socket. */
static pid_t hang(struct fse_listener *c)
{
	pid_t pid = fse_start(send_silent, c);

	if (!fse_until(hangs, &pid))
		return -1;
	return pid;
}

TEST_F(pending, others_are_refused_until_it_is_answered)
{
	pid_t pid = hang(&self->c);

	ASSERT_LT(0, pid);
	EXPECT_EQ(-EBUSY, stats(&self->c, &self->a));
	EXPECT_NE(NULL, strstr(self->a.why, BUSY)) TH_LOG("%s", self->a.why);
	EXPECT_EQ(-EBUSY, fse_set_generic(&self->c, self->w.fs.mount, NULL));
	/* A dump is exempt. */
	EXPECT_EQ(0, fse_dump_find(&self->c, NULL, NULL, NULL));
	EXPECT_EQ(0, fse_watches());
	end_server();
	EXPECT_EQ(-ENOTCONN, fse_answered(&self->c, &self->a));
	EXPECT_EQ(0, stats(&self->c, NULL));
	EXPECT_EQ(0, fse_wait(pid));
}

TEST_F(pending, end_with_a_sender_that_is_killed)
{
	pid_t pid = hang(&self->c);

	ASSERT_LT(0, pid);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	EXPECT_GT(0, fse_answered(&self->c, &self->a));
	EXPECT_EQ(0, stats(&self->c, NULL));
}

/* A dump continues as its messages are read. */
TEST_F(pending, a_dump_under_way_does_not_count)
{
	static char buf[FSE_MESSAGE];
	const struct nlmsghdr *nlh = (void *)buf;
	int err = -ETIMEDOUT;

	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ASSERT_EQ(0, fse_dump_start(&self->c));
	ASSERT_EQ(0, fse_command_send(&self->c,
				      fse_command(&self->c,
						  FS_NL_C_STATS_GET)));
	while (err == -ETIMEDOUT && fse_readable(&self->c, FSE_SOON) == 1) {
		ASSERT_LT(0, mnl_socket_recvfrom(self->c.nl, buf, sizeof(buf)));
		if (nlh->nlmsg_type == NLMSG_ERROR)
			err = ((struct nlmsgerr *)mnl_nlmsg_get_payload(nlh))->error;
	}
	EXPECT_EQ(0, err);
}

TEST_HARNESS_MAIN
