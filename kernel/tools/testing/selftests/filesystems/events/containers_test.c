// SPDX-License-Identifier: GPL-2.0-only
/*
 * User namespaces: what a container may watch, and which readers see it.
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

#include "control.h"
#include "filesystem.h"
#include "fuse.h"
#include "harness.h"
#include "process.h"
#include "stream.h"

/* The host's tmpfs, with mount points for a container. */
#define H "/mnt/h"
#define OWN H "/own"
#define EV H "/ev"
#define OVER OWN "/over"
#define LAYERS \
	"userxattr,lowerdir=" OWN "/l,upperdir=" OWN "/u,workdir=" OWN "/w"
#define SERVED H "/served"
#define HOST H FSE_TMPFS "(G)\n"

FIXTURE(containers)
{
	struct fse_fs fs;
	/* Socket pair between host and container, to take turns. */
	int turn[2];
	/* The running container. */
	pid_t pid;
};

FIXTURE_SETUP(containers)
{
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fs_make(&self->fs, "tmpfs", "h", 8, ""));
	ASSERT_EQ(0, mkdir(OWN, 0755));
	ASSERT_EQ(0, mkdir(EV, 0755));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				self->turn));
	ASSERT_EQ(0, fse_config(H " G"));
}

FIXTURE_TEARDOWN(containers)
{
	/* A failed test may have left it unmounted. */
	if (access(FSE_DIR "/config", F_OK))
		mount("none", FSE_DIR, "fstrace", 0, NULL);
	fse_config("\n");
	close(self->turn[0]);
	fse_fs_remove(&self->fs);
}

/* Starts a container and waits until it gives the turn. */
static pid_t start(int turn[2], int (*fn)(void *arg))
{
	pid_t pid = fse_start_container(FSE_NOBODY, fn, turn);
	char c;

	/* Close our copy, so that read(2) returns 0 when the container ends. */
	close(turn[1]);
	return read(turn[0], &c, 1) == 1 ? pid : -1;
}

/* Gives the turn to the other side and waits to get it back. */
static bool your_turn(int fd)
{
	char c = 0;

	return write(fd, &c, 1) == 1 && read(fd, &c, 1) == 1;
}

/* A mount namespace may outlive its last process for a moment. */
static bool only_the_hosts_watch(void *arg)
{
	(void)arg;
	return fse_stat("watches") == 1;
}

/* Mounts a tmpfs and an fstrace instance of the container. */
static bool set_up(void)
{
	return !mount("tmpfs", OWN, "tmpfs", 0, "size=1M") &&
	       !mount("none", EV, "fstrace", 0, NULL);
}

static int watches_its_own(void *arg)
{
	int *turn = arg;

	close(turn[0]);
	if (!set_up() || strcmp(fse_read(EV "/config"), ""))
		return 1;
	if (fse_put(EV "/config", OWN " G T 5") ||
	    strcmp(fse_read(EV "/config"), OWN FSE_TMPFS "(G,T 5)\n"))
		return 2;
	if (fse_put(EV "/config", OWN " X") != -EINVAL)
		return 3;
	if (!strstr(fse_read(EV "/stats"), "watches 1\n"))
		return 4;

	/* Let the host look and change watches. */
	if (!your_turn(turn[1]))
		return 5;

	if (strcmp(fse_read(EV "/config"), OWN FSE_TMPFS "(G,T 5)\n"))
		return 6;
	/* A blank write removes the container's watches only. */
	if (fse_put(EV "/config", "\n") || strcmp(fse_read(EV "/config"), ""))
		return 7;
	if (!strstr(fse_read(EV "/stats"), "watches 0\n"))
		return 8;
	return fse_put(EV "/config", OWN " I 7") ? 9 : 0;
}

TEST_F(containers, a_container_watches_its_own_file_systems)
{
	char path[64];

	fse_put(FSE_DIR "/error_log", "\n");
	self->pid = start(self->turn, watches_its_own);
	ASSERT_LT(0, self->pid);

	/*
	 * The host counts and logs all watches, and lists those within reach.
	 */
	EXPECT_EQ(2, fse_stat("watches"));
	EXPECT_STREQ("X", fse_last_word());
	EXPECT_STREQ(HOST, fse_read("config"));
	/* The container's config shows only the container's watches. */
	snprintf(path, sizeof(path), "/proc/%d/root" EV "/config", self->pid);
	EXPECT_EQ(0, access(path, R_OK));
	EXPECT_STREQ("", fse_read(path));
	EXPECT_EQ(1, write(self->turn[0], "", 1));
	EXPECT_EQ(0, fse_wait(self->pid));

	/* The container's mounts and watches go with it. */
	EXPECT_TRUE(fse_until(only_the_hosts_watch, NULL));
	EXPECT_STREQ(HOST, fse_read("config"));
}

/* Is the next event @event of @mount? */
static bool hears(int fd, const char *event, const char *mount)
{
	const char *line = fse_stream_line(fd);

	return !strcmp(fse_field(line, "event"), event) &&
	       !strcmp(fse_field(line, "mount"), mount);
}

/* Gets a level event, and the end, of a mount of its own. */
static bool watches_mount(int fd, const char *mount)
{
	char request[128];

	snprintf(request, sizeof(request), "%s T 100%%", mount);
	return !fse_put(EV "/config", request) &&
	       hears(fd, "thr_lrbelow", mount) && !umount(mount) &&
	       hears(fd, "unmount", mount);
}

static int watches_each_type(void *arg)
{
	struct fse_fuse fuse;
	int fd;

	(void)arg;
	if (!set_up() || mkdir(OWN "/l", 0755) || mkdir(OWN "/u", 0755) ||
	    mkdir(OWN "/w", 0755) || mkdir(OVER, 0755))
		return 1;
	if (mount("over", OVER, "overlay", 0, LAYERS))
		return 2;
	if (fse_fuse_make(&fuse, SERVED + strlen(FSE_MNT "/")))
		return 3;
	fd = open(EV "/events", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 4;
	if (!watches_mount(fd, OVER))
		return 5;
	if (!watches_mount(fd, SERVED))
		return 6;
	if (!watches_mount(fd, OWN))
		return 7;
	return 0;
}

/* The types that a user namespace may mount. */
TEST_F(containers, a_container_watches_file_systems_of_each_type)
{
	ASSERT_EQ(0, mkdir(SERVED, 0755));
	/* The mode that udev sets. */
	ASSERT_EQ(0, fse_sh("modprobe -q fuse; chmod 666 /dev/fuse"));
	EXPECT_EQ(0, fse_container(FSE_NOBODY, watches_each_type, NULL));
	EXPECT_TRUE(fse_until(only_the_hosts_watch, NULL));
	EXPECT_STREQ(HOST, fse_read("config"));
}

static int sees_nothing(void *arg)
{
	(void)arg;
	if (!set_up() || strcmp(fse_read(EV "/config"), ""))
		return 1;
	/* Sees neither watches nor refused requests of other containers. */
	if (strcmp(fse_read(EV "/error_log"), ""))
		return 2;
	if (!strstr(fse_read(EV "/stats"), "watches 0\n"))
		return 3;
	return 0;
}

TEST_F(containers, one_container_sees_nothing_of_another)
{
	self->pid = start(self->turn, watches_its_own);
	ASSERT_LT(0, self->pid);
	EXPECT_EQ(0, fse_container(FSE_NOBODY, sees_nothing, NULL));
	EXPECT_EQ(0, fse_container(0, sees_nothing, NULL));
	EXPECT_EQ(1, write(self->turn[0], "", 1));
	EXPECT_EQ(0, fse_wait(self->pid));
}

/* In the container's mount namespace, the host's instance shows all. */
static int looks_inside(void *arg)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", *(pid_t *)arg);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNS))
		return 1;
	if (strcmp(fse_read("config"), OWN FSE_TMPFS "(G,T 5)\n"))
		return 2;
	/*
	 * Each user namespace has a watch of its own and edits only that. Those
	 * of the administrator are listed first.
	 */
	if (fse_config(OWN " T 9:10") ||
	    strcmp(fse_read("config"), OWN FSE_TMPFS "(T 9:10)\n"
		   OWN FSE_TMPFS "(G,T 5)\n"))
		return 3;
	if (strcmp(fse_read(EV "/config"), OWN FSE_TMPFS "(G,T 5)\n"))
		return 4;
	/* The host may also write to a container's file. */
	return fse_put(EV "/config", "!" OWN ";" OWN " G T 5") ? 5 : 0;
}

TEST_F(containers, the_host_sees_into_a_container)
{
	self->pid = start(self->turn, watches_its_own);
	ASSERT_LT(0, self->pid);
	EXPECT_EQ(0, fse_child(looks_inside, &self->pid));
	EXPECT_EQ(3, fse_stat("watches"));
	EXPECT_EQ(1, write(self->turn[0], "", 1));
	EXPECT_EQ(0, fse_wait(self->pid));
	EXPECT_TRUE(fse_until(only_the_hosts_watch, NULL));
}

/* Runs in a container within the container. */
static int is_watched_by_both(void *arg)
{
	int *turn = arg;

	close(turn[0]);
	if (!set_up() || fse_put(EV "/config", OWN " G"))
		return 1;
	return your_turn(turn[1]) && !umount(OWN) ? 0 : 2;
}

/* Its instance shows watches of a nested container below its root. */
static int sees_below(void *arg)
{
	int dir, fd, turn[2];
	char path[64];
	pid_t pid;
	char c;

	(void)arg;
	if (!set_up() ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, turn))
		return 1;
	dir = open(EV, O_DIRECTORY | O_CLOEXEC);
	pid = fse_start_container(0, is_watched_by_both, turn);
	close(turn[1]);
	if (dir < 0 || read(turn[0], &c, 1) != 1)
		return 2;
	if (strcmp(fse_read(EV "/config"), ""))
		return 3;
	snprintf(path, sizeof(path), "/proc/%d/root", pid);
	if (chroot(path) || chdir("/"))
		return 4;
	fd = openat(dir, "events", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || write(turn[0], "", 1) != 1)
		return 5;
	if (!hears(fd, "unmount", OWN))
		return 6;
	return fse_wait(pid);
}

TEST_F(containers, a_container_sees_into_one_below)
{
	EXPECT_EQ(0, fse_container(FSE_NOBODY, sees_below, NULL));
	EXPECT_TRUE(fse_until(only_the_hosts_watch, NULL));
}

static int is_left_alone(void *arg)
{
	int *turn = arg;

	close(turn[0]);
	if (!set_up() || fse_put(EV "/config", OWN " G") ||
	    !your_turn(turn[1]))
		return 1;
	if (strcmp(fse_read(EV "/config"), OWN FSE_TMPFS "(G)\n"))
		return 2;
	return strstr(fse_read(EV "/stats"), "watches 1\n") ? 0 : 3;
}

/* removal_test.c covers removal by ID. */
TEST_F(containers, the_host_clears_what_is_its_own)
{
	self->pid = start(self->turn, is_left_alone);
	ASSERT_LT(0, self->pid);
	EXPECT_EQ(2, fse_stat("watches"));
	EXPECT_EQ(0, fse_config("\n"));
	EXPECT_EQ(1, fse_stat("watches"));
	EXPECT_EQ(1, write(self->turn[0], "", 1));
	EXPECT_EQ(0, fse_wait(self->pid));
}

static int mounts_first(void *arg)
{
	int *turn = arg;

	close(turn[0]);
	if (mount("none", EV, "fstrace", 0, NULL))
		return 1;
	return your_turn(turn[1]) ? 0 : 2;
}

TEST_F(containers, the_first_mount_does_not_block_others)
{
	/* Leave the container's instance as the only one. */
	ASSERT_EQ(0, umount(FSE_DIR));
	self->pid = start(self->turn, mounts_first);
	EXPECT_LT(0, self->pid);
	ASSERT_EQ(0, mount("none", FSE_DIR, "fstrace", 0, NULL));
	EXPECT_STREQ(HOST, fse_read("config"));
	EXPECT_EQ(0, fse_config(H " T 5"));
	EXPECT_EQ(1, write(self->turn[0], "", 1));
	EXPECT_EQ(0, fse_wait(self->pid));
}

/* Files belong to the container's root; unmapped IDs are refused. */
static int has_options(void *arg)
{
	struct stat st;

	(void)arg;
	if (mount("none", EV, "fstrace", 0, NULL) ||
	    stat(EV "/error_log", &st) || st.st_uid || st.st_gid)
		return 1;
	if (umount(EV) || !mount("none", EV, "fstrace", 0, "uid=1") ||
	    errno != EINVAL || !mount("none", EV, "fstrace", 0, "gid=1") ||
	    errno != EINVAL)
		return 2;
	return mount("none", EV, "fstrace", 0, "uid=0,gid=0") ? 3 : 0;
}

TEST_F(containers, options_are_in_the_containers_ids)
{
	EXPECT_EQ(0, fse_container(FSE_NOBODY, has_options, NULL));
}

TEST_HARNESS_MAIN
