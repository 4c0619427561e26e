// SPDX-License-Identifier: GPL-2.0-only
/*
 * Removing watches: by path, by entry ID, or all; and permissions.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "children.h"
#include "command.h"
#include "control.h"
#include "filesystem.h"
#include "harness.h"
#include "lifetime.h"
#include "process.h"
#include "stream.h"

#define R	FSE_MNT "/r"
/* A guest mounts over this path. */
#define THEIRS	"/srv"
#define WATCHED	R FSE_TMPFS "(G)\n"

FIXTURE(removal)
{
	struct fse_fs fs;
	struct fse_listener c;
	struct fse_facts facts;
	int turn[2];
	pid_t pid;
};

FIXTURE_SETUP(removal)
{
	ASSERT_EQ(0, fse_config("\n"));
	mkdir(THEIRS, 0755);
	ASSERT_EQ(0, fse_fs_make(&self->fs, "tmpfs", "r", 8, ""));
	ASSERT_EQ(0, fse_listen_to(&self->c, NULL));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				self->turn));
	ASSERT_EQ(0, fse_config(R " G"));
	ASSERT_EQ(0, fse_get(&self->c, R, &self->facts));
}

FIXTURE_TEARDOWN(removal)
{
	fse_kill(self->pid);
	fse_config("\n");
	fse_unlisten(&self->c);
	close(self->turn[0]);
	fse_fs_remove(&self->fs);
}

/* Gives the turn to the other side and waits to get it back. */
static bool your_turn(int fd)
{
	char c = 0;

	return write(fd, &c, 1) == 1 && read(fd, &c, 1) == 1;
}

/* Sends an id to the other side. */
static bool tells_id(int fd, __u32 id)
{
	return write(fd, &id, sizeof(id)) == sizeof(id);
}

static __u32 id_from_turn(int fd)
{
	__u32 id = 0;

	return read(fd, &id, sizeof(id)) == sizeof(id) ? id : 0;
}

TEST_F(removal, by_id)
{
	EXPECT_EQ(0, fse_config("!#%u", self->facts.id));
	EXPECT_EQ(0, fse_watches());
	EXPECT_EQ(-ENOENT, fse_config("!#%u", self->facts.id));
	EXPECT_NE(NULL, strstr(fse_last_error(), "no such watch"));
}

TEST_F(removal, an_id_that_is_none)
{
	char word[32];

	EXPECT_EQ(-ENOENT, fse_config("!#0"));
	EXPECT_STREQ("#0", fse_last_rest());
	EXPECT_EQ(-ENOENT, fse_config("!#4294967295"));
	EXPECT_EQ(-ENOENT, fse_config("!#4294967296"));
	EXPECT_STREQ("#4294967296", fse_last_rest());
	EXPECT_EQ(-EINVAL, fse_config("!#"));
	EXPECT_EQ(-EINVAL, fse_config("!#%ux", self->facts.id));
	EXPECT_EQ(-EINVAL, fse_config("!# %u", self->facts.id));
	EXPECT_EQ(-EINVAL, fse_config("#%u", self->facts.id));
	EXPECT_EQ(-EINVAL, fse_config("!#%u G", self->facts.id));
	EXPECT_STREQ("G", fse_last_rest());
	/* A request before it in the same write doesn't make an ID valid. */
	snprintf(word, sizeof(word), "#%u", self->facts.id);
	EXPECT_EQ(-ENOENT, fse_config("!" R ";!%s", word));
	EXPECT_STREQ(word, fse_last_rest());
	EXPECT_EQ(-ENOENT, fse_config("!%s;" R " G;!%s", word, word));
	EXPECT_STREQ(WATCHED, fse_read("config"));
}

/* In order, mixed with requests by path. */
TEST_F(removal, by_id_in_a_transaction)
{
	EXPECT_EQ(0, fse_config("!#%u;" R " T 5", self->facts.id));
	EXPECT_STREQ(R FSE_TMPFS "(T 5)\n", fse_read("config"));
	ASSERT_EQ(0, fse_get(&self->c, R, &self->facts));
	EXPECT_EQ(0, fse_config(R " G;!#%u", self->facts.id));
	EXPECT_EQ(0, fse_watches());
}

TEST_F(removal, ids_are_not_used_again)
{
	__u32 id = self->facts.id;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, fse_config("!" R ";" R " G"));
		ASSERT_EQ(0, fse_get(&self->c, R, &self->facts));
		EXPECT_LT(id, self->facts.id);
		EXPECT_EQ(-ENOENT, fse_config("!#%u", id));
		id = self->facts.id;
	}
}

/* The mount is detached and in use. */
TEST_F(removal, by_id_where_no_path_leads)
{
	int fd = open(R, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, umount2(R, MNT_DETACH));
	EXPECT_EQ(-EINVAL, fse_config("!" R));
	EXPECT_EQ(1, fse_stat("watches"));
	EXPECT_EQ(0, fse_config("!#%u", self->facts.id));
	EXPECT_EQ(0, fse_stat("watches"));
	close(fd);
}

/* Another one is mounted on top of it, and is what the path leads to. */
TEST_F(removal, by_id_of_a_mount_that_is_covered)
{
	ASSERT_EQ(0, mount("top", R, "tmpfs", 0, NULL));
	EXPECT_EQ(-ENOENT, fse_config("!" R));
	EXPECT_STREQ(WATCHED, fse_read("config"));
	EXPECT_EQ(0, fse_config("!#%u", self->facts.id));
	EXPECT_EQ(0, fse_stat("watches"));
	ASSERT_EQ(0, umount2(R, 0));
}

static int watches_and_waits(void *arg)
{
	static struct fse_facts facts;
	int turn = ((int *)arg)[1];
	struct fse_listener c;
	__u32 hosts;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("theirs", THEIRS, "tmpfs", 0, "size=1m") ||
	    mount("none", FSE_DIR, "fstrace", 0, NULL) ||
	    fse_config(THEIRS " G") || fse_listen_to(&c, NULL) ||
	    fse_get(&c, THEIRS, &facts) || !tells_id(turn, facts.id))
		return 1;
	hosts = id_from_turn(turn);
	/* The host's blank write removed no watch of ours. */
	if (fse_watches() != 1)
		return 2;
	/* The host's watches are not visible here. */
	if (!hosts || fse_config("!#%u", hosts) != -ENOENT ||
	    fse_del_id(&c, hosts) != -ENOENT ||
	    fse_config("!" R) != -EPERM || fse_del(&c, R) != -EPERM)
		return 3;
	/* A blank write removes our watches and no others. */
	if (fse_config("\n") || fse_watches() || fse_config(THEIRS " T 5") ||
	    fse_get(&c, THEIRS, &facts) || !tells_id(turn, facts.id))
		return 4;
	/* The host removes it by ID. */
	if (!id_from_turn(turn) || fse_watches())
		return 5;
	return 0;
}

TEST_F(removal, the_host_and_a_guest)
{
	__u32 id;

	self->pid = fse_start_guest(watches_and_waits, self->turn);
	/* Close our copy, so that read(2) returns 0 when the guest ends. */
	close(self->turn[1]);
	id = id_from_turn(self->turn[0]);
	ASSERT_NE(0, id);
	EXPECT_EQ(2, fse_stat("watches"));
	ASSERT_EQ(0, fse_config("\n"));
	EXPECT_EQ(1, fse_stat("watches"));
	ASSERT_EQ(0, fse_config(R " G"));
	ASSERT_EQ(0, fse_get(&self->c, R, &self->facts));
	ASSERT_TRUE(tells_id(self->turn[0], self->facts.id));

	/* No path of ours leads there. */
	id = id_from_turn(self->turn[0]);
	ASSERT_NE(0, id);
	EXPECT_STREQ(WATCHED, fse_read("config"));
	EXPECT_EQ(0, fse_config("!#%u", id));
	EXPECT_EQ(1, fse_stat("watches"));
	EXPECT_EQ(-ENOENT, fse_del_id(&self->c, id));
	ASSERT_TRUE(tells_id(self->turn[0], 1));
	EXPECT_EQ(0, fse_wait(self->pid));
	self->pid = 0;
}

static int watches_once(void *arg)
{
	int turn = ((int *)arg)[1];

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("theirs", THEIRS, "tmpfs", 0, "size=1m") ||
	    mount("none", FSE_DIR, "fstrace", 0, NULL) ||
	    fse_config(THEIRS " G"))
		return 1;
	return your_turn(turn) ? 0 : 2;
}

/* The guest's mount point, seen from here. */
static void guests(char *path, size_t size, pid_t pid)
{
	snprintf(path, size, "/proc/%d/root" THEIRS, pid);
}

TEST_F(removal, by_netlink_as_well)
{
	char path[64], c;
	__u32 id;

	self->pid = fse_start_guest(watches_once, self->turn);
	/* Close our copy, so that read(2) returns 0 when the guest ends. */
	close(self->turn[1]);
	ASSERT_EQ(1, read(self->turn[0], &c, 1));
	guests(path, sizeof(path), self->pid);
	/* A path means our watch of that file system, not the guest's. */
	EXPECT_EQ(-ENOENT, fse_del(&self->c, path));
	ASSERT_EQ(0, fse_set_generic(&self->c, path, &self->facts));
	id = self->facts.id;
	EXPECT_EQ(3, fse_stat("watches"));
	EXPECT_EQ(0, fse_del(&self->c, path));
	EXPECT_EQ(2, fse_stat("watches"));
	EXPECT_EQ(-ENOENT, fse_del_id(&self->c, id));
	EXPECT_EQ(1, write(self->turn[0], &c, 1));
	EXPECT_EQ(0, fse_wait(self->pid));
	self->pid = 0;
}

/* Without privileges, in the initial user namespace. */
static int tries(void *arg)
{
	__u32 id = *(__u32 *)arg;
	struct fse_listener c;

	if (fse_become_user() || fse_listen_to(&c, NULL))
		return 1;
	return fse_del_id(&c, id) == -EPERM && fse_del(&c, R) == -EPERM &&
	       fse_set_generic(&c, R, NULL) == -EPERM ? 0 : 2;
}

TEST_F(removal, a_user_removes_nothing)
{
	EXPECT_EQ(0, fse_child(tries, &self->facts.id));
	EXPECT_STREQ(WATCHED, fse_read("config"));
}

/* A path to the directory of a descriptor. */
static const char *path_of(int fd)
{
	static char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

struct hosts {
	/* The guest's mount */
	int fd;
	/* The host's watch there */
	__u32 id;
};

static int tries_outside(void *arg)
{
	const struct hosts *hosts = arg;
	const char *path = path_of(hosts->fd);
	struct fse_listener c;

	if (fse_become_user() || fse_listen_to(&c, NULL))
		return 1;
	return fse_set_generic(&c, path, NULL) == -EPERM &&
	       fse_del(&c, path) == -EPERM &&
	       fse_del_id(&c, hosts->id) == -EPERM ? 0 : 2;
}

/* The host has no watch there. */
static int watches_outside(void *arg)
{
	static struct fse_facts facts;
	const struct hosts *hosts = arg;
	const char *path = path_of(hosts->fd);
	struct fse_listener c;

	if (fse_become_user() || fse_listen_to(&c, NULL))
		return 1;
	if (fse_set_generic(&c, path, &facts) ||
	    fse_set_generic(&c, path, &facts) || fse_del(&c, path))
		return 2;
	if (fse_set_generic(&c, path, &facts) || fse_del_id(&c, facts.id))
		return 3;
	return fse_set_generic(&c, path, &facts);
}

/*
 * A user has all rights over their user namespaces and the mounts in them, from
 * outside as well, but not over the host's watches there.
 */
TEST_F(removal, the_owner_of_a_namespace_from_outside)
{
	struct hosts hosts;
	char path[64], c;

	self->pid = fse_start_guest(watches_once, self->turn);
	/* Close our copy, so that read(2) returns 0 when the guest ends. */
	close(self->turn[1]);
	ASSERT_EQ(1, read(self->turn[0], &c, 1));
	guests(path, sizeof(path), self->pid);
	hosts.fd = open(path, O_RDONLY | O_DIRECTORY);
	ASSERT_LE(0, hosts.fd);
	ASSERT_EQ(0, fse_set_generic(&self->c, path, &self->facts));
	hosts.id = self->facts.id;
	EXPECT_EQ(0, fse_child(tries_outside, &hosts));
	EXPECT_EQ(3, fse_stat("watches"));
	EXPECT_EQ(0, fse_config("!#%u", hosts.id));
	EXPECT_EQ(0, fse_child(watches_outside, &hosts));
	EXPECT_EQ(3, fse_stat("watches"));
	EXPECT_EQ(0, fse_del(&self->c, path));
	close(hosts.fd);
	EXPECT_EQ(1, write(self->turn[0], &c, 1));
	EXPECT_EQ(0, fse_wait(self->pid));
	self->pid = 0;
}

/* The files of the host's instance belong to this user. */
static int writes_to_the_hosts(void *arg)
{
	int turn = ((int *)arg)[1];
	__u32 id;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("theirs", THEIRS, "tmpfs", 0, "size=1m") ||
	    !tells_id(turn, 1))
		return 1;
	id = id_from_turn(turn);
	if (fse_config(THEIRS " T 5") != -EPERM ||
	    fse_config("!" THEIRS) != -EPERM ||
	    fse_config("!#%u", id) != -EPERM || fse_config("\n") != -EPERM)
		return 2;
	if (!tells_id(turn, 1) || !id_from_turn(turn))
		return 3;
	/* It may remove its own watch. */
	if (fse_config(THEIRS " G") || fse_config(THEIRS " T 5") ||
	    fse_config("!" THEIRS))
		return 4;
	return 0;
}

TEST_F(removal, a_guest_with_the_hosts_files)
{
	char path[64];

	self->pid = fse_start_container(0, writes_to_the_hosts, self->turn);
	/* Close our copy, so that read(2) returns 0 when the guest ends. */
	close(self->turn[1]);
	ASSERT_NE(0, id_from_turn(self->turn[0]));
	guests(path, sizeof(path), self->pid);
	ASSERT_EQ(0, fse_set_generic(&self->c, path, &self->facts));
	ASSERT_TRUE(tells_id(self->turn[0], self->facts.id));
	ASSERT_NE(0, id_from_turn(self->turn[0]));
	EXPECT_EQ(2, fse_stat("watches"));
	EXPECT_EQ(0, fse_config("!#%u", self->facts.id));
	ASSERT_TRUE(tells_id(self->turn[0], 1));
	EXPECT_EQ(0, fse_wait(self->pid));
	self->pid = 0;
	EXPECT_STREQ(WATCHED, fse_read("config"));
}

TEST_F(removal, private_ids_belong_to_their_file)
{
	int a = fse_private_open(0), b = fse_private_open(0), i;

	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	ASSERT_EQ(0, fse_ask(a, R " T 100%%"));
	EXPECT_EQ(1, fse_number(fse_stream_line(a), "entry"));
	ASSERT_EQ(0, fse_ask(b, R " T 5"));
	EXPECT_EQ(3, fse_stat("watches"));
	/* Neither the host's watch nor that of another file. */
	EXPECT_EQ(-ENOENT, fse_ask(a, "!#2"));
	EXPECT_EQ(-ENOENT, fse_config("!#%u", self->facts.id + 1));
	EXPECT_EQ(0, fse_ask(a, "!#1"));
	EXPECT_EQ(2, fse_stat("watches"));
	EXPECT_EQ(-ENOENT, fse_ask(a, "!#1"));
	/* Skip both refusals and the end of the reported level. */
	for (i = 0; i < 2; i++)
		EXPECT_STREQ("refused errno=2 at=1 why=no\\040such\\040watch",
			     fse_stream_line(a));
	EXPECT_STREQ("cleared", fse_field(fse_stream_line(a), "event"));
	ASSERT_EQ(0, fse_ask(a, R " T 100%%"));
	EXPECT_EQ(2, fse_number(fse_stream_line(a), "entry"));
	EXPECT_EQ(0, fse_ask(b, "!#1"));
	EXPECT_EQ(2, fse_stat("watches"));
	close(a);
	close(b);
	EXPECT_STREQ(WATCHED, fse_read("config"));
}

TEST_HARNESS_MAIN
