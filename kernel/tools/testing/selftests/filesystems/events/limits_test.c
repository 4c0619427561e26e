// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many watches and open files an ordinary user may have, even with user
 * namespaces of its own; other users are not affected.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "children.h"
#include "command.h"
#include "control.h"
#include "filesystem.h"
#include "harness.h"
#include "process.h"
#include "stream.h"
#include "tracing.h"

/* Per user, and per user namespace. */
#define MAX	128
#define MAX_NS	1024
#define WATCH	FSE_DIR "/watch"
#define L	FSE_MNT "/limits"
#define REFUSED	"refused errno=122 at="

FIXTURE(limits)
{
	struct fse_fs fs;
	int turn[2];
	pid_t pid;
};

FIXTURE_SETUP(limits)
{
	char path[64];
	int i;

	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fs_make(&self->fs, "tmpfs", "limits", 8, ""));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				self->turn));
	for (i = 0; i < MAX + 2; i++) {
		snprintf(path, sizeof(path), L "/%d", i);
		ASSERT_EQ(0, mkdir(path, 0755));
		ASSERT_EQ(0, mount(path, path, NULL, MS_BIND, NULL));
	}
}

FIXTURE_TEARDOWN(limits)
{
	char path[64];
	int i;

	fse_kill(self->pid);
	fse_config("\n");
	close(self->turn[0]);
	for (i = 0; i < MAX + 2; i++) {
		snprintf(path, sizeof(path), L "/%d", i);
		umount2(path, MNT_DETACH);
	}
	fse_fs_remove(&self->fs);
}

static bool your_turn(int fd)
{
	char c = 0;

	return write(fd, &c, 1) == 1 && read(fd, &c, 1) == 1;
}

static bool becomes(uid_t uid)
{
	return !setgroups(0, NULL) && !setresgid(uid, uid, uid) &&
	       !setresuid(uid, uid, uid) && !prctl(PR_SET_DUMPABLE, 1);
}

/* Adds private watches of the mounts @from to @to - 1 in one write. */
static int asks(int fd, int from, int to)
{
	char text[8192] = "", *end = text;

	for (; from < to; from++)
		end += sprintf(end, L "/%d T 1;", from);
	return fse_ask(fd, "%s", text);
}

/* Position of the refusal in the text of asks(); -1: not refused. */
static int refused_at(int fd)
{
	const char *line = fse_stream_line(fd);

	return strncmp(line, REFUSED, strlen(REFUSED)) ? -1 :
	       atoi(line + strlen(REFUSED));
}

static int has_all(int fd)
{
	if (asks(fd, 0, MAX))
		return 1;
	/* The write fails as a whole, and the refusal names the watch. */
	if (asks(fd, MAX, MAX + 1) != -EDQUOT || refused_at(fd))
		return 2;
	if (asks(fd, 0, MAX + 1) != -EDQUOT ||
	    refused_at(fd) != strlen(L) * MAX + strlen("/ T 1;") * MAX +
			      10 + 90 * 2 + (MAX - 100) * 3)
		return 3;
	/* Existing watches may be changed and replaced. */
	if (fse_ask(fd, L "/0 T 2") ||
	    fse_ask(fd, "!" L "/0;" L "/%d T 1", MAX) ||
	    asks(fd, 0, 1) != -EDQUOT || refused_at(fd))
		return 4;
	return 0;
}

struct user {
	uid_t uid;
	int turn;
};

static int is_full(void *arg)
{
	const struct user *user = arg;
	int fd, other, err;

	if (!becomes(user->uid))
		return 100;
	fd = fse_private_open(0);
	other = fse_private_open(0);
	if (fd < 0 || other < 0)
		return 101;
	err = has_all(fd);
	if (err)
		return err;
	/* The limit covers all open files of the user. */
	if (asks(other, 0, 1) != -EDQUOT)
		return 5;
	if (user->turn >= 0 && !your_turn(user->turn))
		return 6;
	/* A removal makes room for another. */
	if (fse_ask(fd, "!" L "/5") || asks(other, 0, 1))
		return 7;
	close(fd);
	return asks(other, 1, MAX) ? 8 : 0;
}

TEST_F(limits, private_watches_of_a_user)
{
	struct user user = { FSE_USER, self->turn[1] };
	struct user other = { FSE_USER + 1, -1 };
	char c;
	int fd;

	self->pid = fse_start(is_full, &user);
	close(self->turn[1]);
	ASSERT_EQ(1, read(self->turn[0], &c, 1));
	EXPECT_EQ(MAX, fse_stat("watches"));
	/* Neither another user nor the administrator is affected. */
	EXPECT_EQ(0, fse_child(is_full, &other));
	fd = fse_private_open(0);
	EXPECT_EQ(0, asks(fd, 0, MAX + 2));
	close(fd);
	EXPECT_EQ(1, write(self->turn[0], &c, 1));
	EXPECT_EQ(0, fse_wait(self->pid));
	self->pid = 0;
	EXPECT_EQ(0, fse_stat("watches"));
	/* All are released. */
	user.turn = -1;
	EXPECT_EQ(0, fse_child(is_full, &user));
}

/* Writes to a descriptor that an administrator opened. */
static int writes_to_another(void *arg)
{
	return becomes(FSE_USER) && !asks(*(int *)arg, 0, MAX + 2) ? 0 : 1;
}

TEST_F(limits, the_opener_is_counted)
{
	int fd = fse_private_open(0);

	EXPECT_EQ(0, fse_child(writes_to_another, &fd));
	EXPECT_EQ(MAX + 2, fse_stat("watches"));
	close(fd);
	close(self->turn[1]);
}

static int has_some(void *arg)
{
	int turn = *(int *)arg, fd;

	if (!becomes(FSE_USER))
		return 100;
	fd = fse_private_open(0);
	return !asks(fd, 0, 100) && your_turn(turn) ? 0 : 1;
}

static bool enters_another(void)
{
	return !unshare(CLONE_NEWUSER) &&
	       !fse_put("/proc/self/setgroups", "deny") &&
	       !fse_put("/proc/self/uid_map", "0 0 1");
}

static int has_the_rest(void *arg)
{
	int fd = fse_private_open(0), below;

	(void)arg;
	if (asks(fd, 0, MAX - 100) || asks(fd, MAX, MAX + 1) != -EDQUOT)
		return 1;
	/* A nested namespace doesn't raise the limit. */
	if (!enters_another())
		return 2;
	below = fse_private_open(0);
	if (below < 0 || asks(below, 0, 1) != -EDQUOT)
		return 3;
	if (fse_ask(fd, "!" L "/0") || asks(below, 0, 1))
		return 4;
	return asks(below, 1, 2) == -EDQUOT ? 0 : 5;
}

TEST_F(limits, user_namespaces_count_for_their_owner)
{
	char c;

	self->pid = fse_start(has_some, &self->turn[1]);
	close(self->turn[1]);
	ASSERT_EQ(1, read(self->turn[0], &c, 1));
	EXPECT_EQ(0, fse_guest(has_the_rest, NULL));
	/* They were released when the namespace ended. */
	EXPECT_EQ(0, fse_guest(has_the_rest, NULL));
	EXPECT_EQ(1, write(self->turn[0], &c, 1));
	EXPECT_EQ(0, fse_wait(self->pid));
	self->pid = 0;
}

/* The shortest time that a sample lets a file system rest, us; 0: there is none. */
static __u64 rests(const char *path)
{
	struct fse_sample samples[64];
	unsigned int i, nr;
	struct stat st;
	__u64 us = 0;

	if (stat(path, &st))
		return 0;
	nr = fse_traced_samples(major(st.st_dev), minor(st.st_dev), samples,
				ARRAY_SIZE(samples));
	for (i = 0; i < nr && i < ARRAY_SIZE(samples); i++) {
		if (!us || samples[i].next_us < us)
			us = samples[i].next_us;
	}
	return us;
}

static bool rests_long(void *path)
{
	return rests(path) > 1000000;
}

static bool rests_little(void *path)
{
	__u64 us = rests(path);

	return us && us <= 1000000;
}

/* Watches one file system, then as many as it may, and two of them once more. */
static int watches_more_and_more(void *arg)
{
	int turn = *(int *)arg, fd;

	if (!becomes(FSE_USER))
		return 100;
	fd = fse_private_open(0);
	if (asks(fd, 0, 1) || !your_turn(turn))
		return 1;
	if (asks(fd, 1, MAX) || !your_turn(turn))
		return 2;
	return !asks(fd, MAX - 2, MAX) && your_turn(turn) ? 0 : 3;
}

/*
 * A user with more than 100 file systems has each sampled every other second. What
 * the administrator watches as well is sampled as before.
 */
TEST_F(limits, a_user_shares_samples_among_its_file_systems)
{
	char path[64], c;
	int i;

	for (i = 0; i < MAX; i++) {
		snprintf(path, sizeof(path), L "/%d", i);
		ASSERT_EQ(0, mount("none", path, "tmpfs", 0, "size=1m"));
	}
	if (!fse_trace_start())
		SKIP(return, "no tracefs at /sys/kernel/tracing");
	ASSERT_EQ(0, fse_config(L "/%d T 1", MAX - 1));
	self->pid = fse_start(watches_more_and_more, &self->turn[1]);
	close(self->turn[1]);
	ASSERT_EQ(1, read(self->turn[0], &c, 1));
	EXPECT_TRUE(fse_until(rests_little, L "/0"));
	ASSERT_EQ(1, write(self->turn[0], &c, 1));
	ASSERT_EQ(1, read(self->turn[0], &c, 1));
	ASSERT_EQ(0, fse_trace_clear());
	/* From a change on the time at rest is the shortest again. */
	ASSERT_EQ(0, fse_sh("for i in %d %d; do echo x >" L "/$i/f; done",
			    MAX - 2, MAX - 1));
	ASSERT_EQ(1, write(self->turn[0], &c, 1));
	ASSERT_EQ(1, read(self->turn[0], &c, 1));
	snprintf(path, sizeof(path), L "/%d", MAX - 2);
	EXPECT_TRUE(fse_until(rests_long, path));
	snprintf(path, sizeof(path), L "/%d", MAX - 1);
	EXPECT_TRUE(fse_until(rests_little, path));
	fse_trace_stop();
	EXPECT_EQ(1, write(self->turn[0], &c, 1));
	EXPECT_EQ(0, fse_wait(self->pid));
	self->pid = 0;
	for (i = 0; i < MAX; i++) {
		snprintf(path, sizeof(path), L "/%d", i);
		umount(path);
	}
}

#define MOVING	32

/*
 * Lets the space of many file systems of a guest cross levels without end; it is
 * near one of them all the time.
 */
static int moves_many(void *arg)
{
	char path[64];
	int turn = *(int *)arg, i, fd;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", FSE_DIR, "fstrace", 0, NULL))
		return 1;
	for (i = 0; i < MOVING; i++) {
		snprintf(path, sizeof(path), L "/%d", i);
		if (mount("none", path, "tmpfs", 0, "size=1m") ||
		    fse_config("%s T 50%%", path))
			return 2;
	}
	if (!your_turn(turn))
		return 3;
	for (i = 0;; i = (i + 1) % (2 * MOVING)) {
		snprintf(path, sizeof(path), L "/%d/f", i % MOVING);
		if (i >= MOVING && unlink(path))
			return 4;
		if (i >= MOVING)
			continue;
		fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
		if (fd < 0 || fallocate(fd, 0, 0, 768 * 1024))
			return 5;
		close(fd);
	}
}

static bool sampled(void *samples)
{
	return fse_stat("samples") >= *(__u64 *)samples;
}

/* Near levels as well: root in a user namespace is no administrator. */
TEST_F(limits, file_systems_of_a_user_that_move_share_samples)
{
	__u64 begin, samples;
	char c;

	self->pid = fse_start_guest(moves_many, &self->turn[1]);
	close(self->turn[1]);
	ASSERT_EQ(1, read(self->turn[0], &c, 1));
	ASSERT_EQ(1, write(self->turn[0], &c, 1));
	/* Each had one when it was watched. */
	samples = fse_stat("samples") + 2 * MOVING;
	EXPECT_TRUE(fse_until(sampled, &samples));
	begin = fse_now();
	samples = fse_stat("samples") + 200;
	EXPECT_TRUE(fse_until(sampled, &samples));
	EXPECT_LE(1800, fse_now() - begin);
}

/* Opens a file until that fails; returns the number. */
static int opens(const char *path, int flags, int nr, int *fd)
{
	int i;

	for (i = 0; i < nr; i++) {
		fd[i] = open(path, flags | O_CLOEXEC);
		if (fd[i] < 0)
			break;
	}
	return i;
}

static int opens_all(void *arg)
{
	const struct user *user = arg;
	int fd[MAX + 1];

	if (!becomes(user->uid))
		return 100;
	if (opens(WATCH, O_RDWR, MAX + 1, fd) != MAX || errno != EMFILE)
		return 1;
	if (user->turn >= 0 && !your_turn(user->turn))
		return 2;
	close(fd[7]);
	return opens(WATCH, O_RDWR, 2, fd) == 1 && errno == EMFILE ? 0 : 3;
}

/* Files of `events` count as well. */
static int opens_both(void *arg)
{
	int fd[MAX + 1], more[2];

	(void)arg;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", FSE_DIR, "fstrace", 0, NULL))
		return 1;
	if (opens(FSE_EVENTS, O_RDONLY, MAX / 2, fd) != MAX / 2 ||
	    opens(WATCH, O_RDWR, MAX, fd) != MAX / 2 || errno != EMFILE)
		return 2;
	if (opens(FSE_EVENTS, O_RDONLY, 1, more) || errno != EMFILE)
		return 3;
	/* Other files don't count. */
	return opens(FSE_DIR "/config", O_RDWR, 1, more) == 1 ? 0 : 4;
}

TEST_F(limits, open_files_of_a_user)
{
	struct user user = { FSE_USER, self->turn[1] };
	struct user other = { FSE_USER + 1, -1 };
	int fd[MAX + 2], i;
	char c;

	self->pid = fse_start(opens_all, &user);
	close(self->turn[1]);
	ASSERT_EQ(1, read(self->turn[0], &c, 1));
	EXPECT_EQ(0, fse_child(opens_all, &other));
	EXPECT_EQ(MAX + 2, opens(WATCH, O_RDWR, MAX + 2, fd));
	for (i = 0; i < MAX + 2; i++)
		close(fd[i]);
	EXPECT_EQ(1, write(self->turn[0], &c, 1));
	EXPECT_EQ(0, fse_wait(self->pid));
	self->pid = 0;
	EXPECT_EQ(0, fse_guest(opens_both, NULL));
}

#define OWN L "/own"

/* Mounts a file system for each watch. */
static bool mounts_own(int from, int to)
{
	char path[64];

	for (; from < to; from++) {
		snprintf(path, sizeof(path), OWN "/%d", from);
		if (mkdir(path, 0755) ||
		    mount("tmpfs", path, "tmpfs", 0, "size=1m"))
			return false;
	}
	return true;
}

static int watches(int from, int to)
{
	char text[8192] = "", *end = text;

	for (; from < to; from++)
		end += sprintf(end, OWN "/%d G;", from);
	return fse_config("%s", text);
}

static int watches_globally(void *arg)
{
	static struct fse_listener c;

	(void)arg;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", FSE_DIR, "fstrace", 0, NULL) ||
	    mount("tmpfs", OWN, "tmpfs", 0, "size=1m") ||
	    !mounts_own(0, MAX + 2))
		return 1;
	if (watches(0, MAX + 1) != -EDQUOT || fse_watches() ||
	    strcmp(fse_last_word(), OWN "/128"))
		return 2;
	if (watches(0, MAX) || watches(MAX, MAX + 1) != -EDQUOT ||
	    fse_watches() != MAX)
		return 3;
	if (fse_listen_to(&c, NULL) ||
	    fse_set_generic(&c, OWN "/128", NULL) != -EDQUOT)
		return 4;
	/*
	 * A watch is replaced, another changed, and a third goes with its
	 * mount.
	 */
	if (fse_config("!" OWN "/0;" OWN "/128 G") ||
	    fse_config(OWN "/1 T 5"))
		return 5;
	if (umount(OWN "/2") || watches(MAX + 1, MAX + 2) ||
	    watches(0, 1) != -EDQUOT)
		return 6;
	/* Private watches have a limit of their own. */
	return fse_ask(fse_private_open(0), OWN "/1 T 5") ? 7 : 0;
}

TEST_F(limits, global_watches_of_a_user)
{
	ASSERT_EQ(0, mkdir(OWN, 0755));
	EXPECT_EQ(0, fse_guest(watches_globally, NULL));
	close(self->turn[1]);
}

/* Mounts of a watch. */
#define MAX_MOUNTS	64

static int watches_through(void *arg)
{
	char text[8192] = "", *end = text;
	int i;

	(void)arg;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", FSE_DIR, "fstrace", 0, NULL) ||
	    mount("tmpfs", OWN, "tmpfs", 0, "size=1m") || mkdir(OWN "/a", 0755))
		return 1;
	for (i = 0; i <= MAX_MOUNTS; i++) {
		char path[64];

		snprintf(path, sizeof(path), OWN "/%d", i);
		if (mkdir(path, 0755) || mount(OWN "/a", path, NULL, MS_BIND, NULL))
			return 2;
		end += sprintf(end, OWN "/%d G;", i);
	}
	if (fse_config("%s", text) != -EDQUOT || fse_watches() ||
	    strcmp(fse_last_word(), OWN "/64"))
		return 3;
	*strrchr(text, 'G') = '\0';
	*strstr(text, OWN "/64") = '\0';
	if (fse_config("%s", text) || fse_watches() != 1)
		return 4;
	if (fse_config(OWN "/64 G") != -EDQUOT || fse_config(OWN "/5 G"))
		return 5;
	/* A mount that goes makes room. */
	if (umount(OWN "/3") || fse_config(OWN "/64 G"))
		return 6;
	return 0;
}

TEST_F(limits, mounts_of_a_watch)
{
	ASSERT_EQ(0, mkdir(OWN, 0755));
	EXPECT_EQ(0, fse_guest(watches_through, NULL));
	close(self->turn[1]);
}

static int opens_no_more(void *arg)
{
	int fd[1];

	(void)arg;
	if (!becomes(FSE_USER - 1))
		return 100;
	return opens(WATCH, O_RDWR, 1, fd) || errno != EMFILE ? 101 : 0;
}

#define SPACE (CLONE_NEWUSER | CLONE_NEWNS)

/* A child for each uid; all keep their files open until the last is done. */
static int opens_with_many(void *arg)
{
	struct user user[MAX_NS / MAX];
	pid_t pid[MAX_NS / MAX];
	int i, fd[1], turn[2], err;
	char c;

	(void)arg;
	for (i = 0; i < MAX_NS / MAX; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, turn))
			return 1;
		user[i].uid = 1 + i;
		user[i].turn = turn[1];
		pid[i] = fse_start(opens_all, &user[i]);
		close(turn[1]);
		if (pid[i] < 0 || read(turn[0], &c, 1) != 1)
			return 2 + i;
	}
	/* Before this process loses the permission to kill the others. */
	err = fse_child(opens_no_more, NULL);
	while (i--)
		fse_kill(pid[i]);
	return err ?: opens(WATCH, O_RDWR, 1, fd) != 1;
}

static int opens_one(void *arg)
{
	int fd[1];

	(void)arg;
	return opens(WATCH, O_RDWR, 1, fd) == 1 ? 0 : 1;
}

/* Container managers make such namespaces, owned by root. */
TEST_F(limits, a_user_namespace_with_many_users)
{
	struct user user = { FSE_USER, -1 };
	pid_t other;

	self->pid = fse_space(SPACE);
	ASSERT_GT(self->pid, 0);
	other = fse_space(SPACE);
	ASSERT_GT(other, 0);
	EXPECT_EQ(0, fse_within(self->pid, SPACE, opens_with_many, NULL));
	EXPECT_EQ(0, fse_within(other, SPACE, opens_one, NULL));
	EXPECT_EQ(0, fse_child(opens_all, &user));
	fse_kill(other);
	close(self->turn[1]);
}

TEST_HARNESS_MAIN
