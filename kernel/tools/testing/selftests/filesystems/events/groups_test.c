// SPDX-License-Identifier: GPL-2.0-only
/*
 * Multicast groups of a network namespace get events only of watches whose
 * makers have CAP_SYS_ADMIN over it. Others can read the text streams.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "children.h"
#include "command.h"
#include "control.h"
#include "harness.h"
#include "lifetime.h"
#include "process.h"
#include "stream.h"

/* A guest mounts over this path, which the host has as well. */
#define THEIRS	"/srv"
#define SOURCE	"/dev/sda1"

FIXTURE(groups)
{
	struct fse_fs fence;
	struct fse_fs fs;
	struct fse_listener l;
	struct fse_listener n;
	struct fse_listener c;
	struct fse_event ev;
	struct fse_facts facts;
	pid_t space;
	int fd;
};

FIXTURE_SETUP(groups)
{
	ASSERT_EQ(0, fse_config("\n"));
	mkdir(THEIRS, 0755);
	ASSERT_EQ(0, fse_fence_make(&self->fence));
	ASSERT_EQ(0, fse_fs_make(&self->fs, "tmpfs", "outer", 8, ""));
	self->fd = open(FSE_EVENTS, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, fse_listen(&self->l));
	ASSERT_EQ(0, fse_listen_to(&self->n, FS_EVENT_MCGRP_CONFIG));
	ASSERT_EQ(0, fse_listen_to(&self->c, NULL));
}

FIXTURE_TEARDOWN(groups)
{
	fse_kill(self->space);
	fse_config("\n");
	fse_unlisten(&self->c);
	fse_unlisten(&self->n);
	fse_unlisten(&self->l);
	close(self->fd);
	fse_fs_remove(&self->fs);
	fse_fs_remove(&self->fence);
}

/* Messages of a mount that reached the host's groups so far; -1: unknown. */
static int heard(struct fse_listener *l, const struct fse_fs *fence,
		 struct fse_listener *n, const char *mount)
{
	static struct fse_facts facts;
	int nr = fse_fence(l, fence, mount);

	while (nr >= 0 && fse_change(n, &facts, 0) == 1)
		nr += !strcmp(facts.mount, mount);
	return nr;
}

#define HEARD(_mount) heard(&self->l, &self->fence, &self->n, _mount)

/* Is this the next line? Skips the ends of conditions. */
static bool reads(int fd, const char *event, const char *mount)
{
	const char *line;

	do
		line = fse_stream_line(fd);
	while (!strcmp(fse_field(line, "event"), "cleared"));
	return !strcmp(fse_field(line, "event"), event) &&
	       !strcmp(fse_field(line, "mount"), mount);
}

static bool mounts_its_own(void)
{
	return !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount(SOURCE, THEIRS, "tmpfs", 0, "size=1m") &&
	       !mount("none", FSE_DIR, "fstrace", 0, NULL);
}

/* Causes all events and changes that a watch can have. */
static int deceives(void *arg)
{
	static struct fse_facts facts;
	struct fse_listener c;
	int fd;

	(void)arg;
	if (!mounts_its_own())
		return 1;
	fd = open(FSE_EVENTS, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 2;
	if (fse_config(THEIRS " T 100%%") ||
	    !reads(fd, "thr_lrbelow", THEIRS))
		return 3;
	if (fse_config("!" THEIRS))
		return 4;
	/* Also with netlink commands. */
	if (fse_listen_to(&c, NULL) || fse_set_generic(&c, THEIRS, &facts))
		return 5;
	if (fse_get_id(&c, facts.id, &facts) || strcmp(facts.mount, THEIRS) ||
	    !fse_has_fact(&facts, FS_NL_ENTRY_A_ELSEWHERE))
		return 6;
	if (fse_config(THEIRS " T 100%%") || !reads(fd, "thr_lrbelow", THEIRS))
		return 7;
	if (umount(THEIRS) || !reads(fd, "unmount", THEIRS))
		return 8;
	return 0;
}

/*
 * Regression: any user could make a user namespace and send the host's group
 * events of a full /srv on /dev/sda1.
 */
TEST_F(groups, a_guest_in_the_hosts_network_sends_nothing)
{
	EXPECT_EQ(0, fse_guest(deceives, NULL));
	EXPECT_EQ(0, HEARD(THEIRS));
	/* Root of a user namespace is a guest, whichever user it is outside. */
	EXPECT_EQ(0, fse_container(0, deceives, NULL));
	EXPECT_EQ(0, HEARD(THEIRS));
}

static int rules_its_network(void *arg)
{
	struct fse_listener l;
	struct fse_event ev;

	(void)arg;
	if (unshare(CLONE_NEWNET) || !mounts_its_own() || fse_listen(&l))
		return 1;
	if (fse_config(THEIRS " T 100%%"))
		return 2;
	return fse_next_of(&l, THEIRS, &ev, FSE_SOON) == FS_THR_LRBELOW ? 0 : 3;
}

TEST_F(groups, a_guest_sends_in_a_network_of_its_own)
{
	EXPECT_EQ(0, fse_guest(rules_its_network, NULL));
	EXPECT_EQ(0, HEARD(THEIRS));
}

/* Mounts a file system and opens files, which the host then uses. */
struct opened {
	int turn[2];
	int fd;
};

static int opens(void *arg)
{
	struct opened *o = arg;
	int fd[2];
	char c;

	if (!mounts_its_own())
		return 1;
	fd[0] = open(FSE_DIR "/config", O_RDWR | O_CLOEXEC);
	fd[1] = open(FSE_EVENTS, O_RDONLY | O_CLOEXEC);
	if (fd[0] < 0 || fd[1] < 0 ||
	    write(o->turn[1], fd, sizeof(fd)) != sizeof(fd))
		return 2;
	return read(o->turn[1], &c, 1) == 1 ? 0 : 3;
}

static int writes_to(void *arg)
{
	static const char request[] = THEIRS " T 100%";
	struct opened *o = arg;

	return write(o->fd, request, strlen(request)) < 0 ? errno : 0;
}

/* Duplicates a descriptor of another process. */
static int taken_from(pid_t pid, int fd)
{
	int pidfd = syscall(SYS_pidfd_open, pid, 0);
	int copy = syscall(SYS_pidfd_getfd, pidfd, fd, 0);

	close(pidfd);
	return copy;
}

/*
 * Opener and writer both need CAP_SYS_ADMIN over the network namespace: a guest
 * must not send to the host's groups through the host, nor through its files.
 */
TEST_F(groups, opener_and_writer_both)
{
	const int guest = CLONE_NEWUSER | CLONE_NEWNS;
	struct opened o;
	char path[64];
	int fd[2], events;
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				o.turn));
	pid = fse_start_guest(opens, &o);
	close(o.turn[1]);
	ASSERT_EQ(sizeof(fd), read(o.turn[0], fd, sizeof(fd)));
	events = taken_from(pid, fd[1]);
	ASSERT_LE(0, events);

	/*
	 * Opened by the guest, written by the host in the guest's mount
	 * namespace.
	 */
	o.fd = taken_from(pid, fd[0]);
	ASSERT_LE(0, o.fd);
	EXPECT_EQ(0, fse_within(pid, CLONE_NEWNS, writes_to, &o));
	EXPECT_TRUE(reads(events, "thr_lrbelow", THEIRS));
	EXPECT_EQ(0, HEARD(THEIRS));
	ASSERT_EQ(1, write(o.fd, "\n", 1));
	close(o.fd);

	/* Opened by the host, written by the guest. */
	snprintf(path, sizeof(path), "/proc/%d/root" FSE_DIR "/config", pid);
	o.fd = open(path, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, o.fd);
	EXPECT_EQ(0, fse_within(pid, guest, writes_to, &o));
	EXPECT_TRUE(reads(events, "thr_lrbelow", THEIRS));
	EXPECT_EQ(0, HEARD(THEIRS));
	ASSERT_EQ(1, write(o.fd, "\n", 1));

	/* Opened and written by the host. */
	EXPECT_EQ(0, fse_within(pid, CLONE_NEWNS, writes_to, &o));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->l, THEIRS, &self->ev,
					      FSE_SOON));
	close(o.fd);
	close(events);
	EXPECT_EQ(1, write(o.turn[0], "", 1));
	EXPECT_EQ(0, fse_wait(pid));
	close(o.turn[0]);
}

static int request(void *text)
{
	return -fse_config("%s", (const char *)text);
}

/* Watches from a network namespace that ends afterwards. */
static bool watch_from_one_that_goes(pid_t *space, const char *text)
{
	bool done;

	*space = fse_space(CLONE_NEWNET);
	done = *space > 0 &&
	       !fse_within(*space, CLONE_NEWNET, request, (void *)text);
	fse_kill(*space);
	*space = 0;
	return done && fse_wait_networks();
}

TEST_F(groups, a_watch_stays_when_its_network_goes)
{
	char text[256];

	snprintf(text, sizeof(text), "%s G T 100%%", self->fs.mount);
	ASSERT_TRUE(watch_from_one_that_goes(&self->space, text));
	EXPECT_EQ(1, fse_stat("watches"));
	EXPECT_NE(NULL, fse_listed(self->fs.mount));
	EXPECT_TRUE(reads(self->fd, "thr_lrbelow", self->fs.mount));
	ASSERT_EQ(1, fse_dump_find(&self->c, self->fs.mount, &self->facts,
				   NULL));
	EXPECT_TRUE(fse_has_fact(&self->facts, FS_NL_ENTRY_A_ELSEWHERE));
	/* It can be changed, and still reports events. */
	ASSERT_EQ(0, fse_set_generic(&self->c, self->fs.mount, NULL));
	ASSERT_EQ(0, fse_config("!%s T;%s T 100%%", self->fs.mount,
				self->fs.mount));
	EXPECT_TRUE(reads(self->fd, "thr_lrbelow", self->fs.mount));
	ASSERT_EQ(0, umount(self->fs.mount));
	EXPECT_TRUE(reads(self->fd, "unmount", self->fs.mount));
	EXPECT_EQ(0, fse_stat("watches"));
	EXPECT_EQ(0, HEARD(self->fs.mount));
}

/* Crosses the watch's level continuously. */
static void flaps(void *mount)
{
	/* Fails if it is not watched, so it adds no watch. */
	fse_config("!%s T;%s T 100%%", (char *)mount, (char *)mount);
}

/* Deliveries and changes race with the end of the namespace. */
TEST_F(groups, a_network_goes_while_its_watches_send)
{
	unsigned int round, rounds = fse_rounds(30);
	char text[256];
	pid_t pid;

	snprintf(text, sizeof(text), "%s G T 100%%", self->fs.mount);
	pid = fse_repeat(flaps, self->fs.mount);
	ASSERT_LT(0, pid);
	for (round = 0; round < rounds; round++) {
		ASSERT_TRUE(watch_from_one_that_goes(&self->space, text));
		ASSERT_EQ(0, fse_config("!%s", self->fs.mount));
	}
	fse_kill(pid);
	ASSERT_EQ(0, fse_config("%s G", self->fs.mount));
	EXPECT_EQ(1, fse_stat("watches"));
}

TEST_HARNESS_MAIN
