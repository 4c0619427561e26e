// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watches and namespaces: to which mount a watch is tied, and that it ends
 * completely with its mount namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "children.h"
#include "control.h"
#include "event.h"
#include "filesystem.h"
#include "harness.h"
#include "lifetime.h"
#include "process.h"
#include "stream.h"

#define INNER	FSE_MNT "/inner"
#define SECOND	FSE_MNT "/second"

FIXTURE(namespaces)
{
	struct fse_fs fence;
	struct fse_fs fs;
	struct fse_listener l;
	struct fse_event ev;
	pid_t space;
};

FIXTURE_SETUP(namespaces)
{
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fence_make(&self->fence));
	ASSERT_EQ(0, fse_fs_make(&self->fs, "tmpfs", "outer", 8, ""));
	mkdir(INNER, 0755);
	ASSERT_EQ(0, fse_listen(&self->l));
}

FIXTURE_TEARDOWN(namespaces)
{
	fse_kill(self->space);
	fse_config("\n");
	rmdir(INNER);
	fse_fs_remove(&self->fs);
	fse_fs_remove(&self->fence);
	fse_unlisten(&self->l);
}

/* Run inside a namespace; all return 0 or a positive errno. */
static int request(void *text)
{
	return -fse_config("%s", (const char *)text);
}

static int mount_inner(void *request)
{
	if (mount("inner", INNER, "tmpfs", 0, "size=1m"))
		return errno;
	return -fse_config("%s", (const char *)request);
}

/* The same in a new user namespace, which has to mount fstrace, too. */
static int mount_both(void *request)
{
	if (mount("none", FSE_DIR, "fstrace", 0, NULL))
		return errno;
	return mount_inner(request);
}

static int listed(void *mount)
{
	return !!fse_listed(mount);
}

TEST_F(namespaces, clone_of_a_mount_shares_the_watch)
{
	char text[256];

	ASSERT_EQ(0, fse_config("%s G", self->fs.mount));
	self->space = fse_space(CLONE_NEWNS);
	ASSERT_GT(self->space, 0);
	snprintf(text, sizeof(text), "%s T 1", self->fs.mount);
	ASSERT_EQ(0, fse_within(self->space, CLONE_NEWNS, request, text));
	EXPECT_EQ(1, fse_stat("watches"));
	/* It is tied to both mounts. */
	EXPECT_EQ(1, fse_watches());
	EXPECT_EQ(1, fse_within(self->space, CLONE_NEWNS, listed,
				self->fs.mount));

	fse_kill(self->space);
	self->space = 0;
	EXPECT_EQ(EXDEV, fse_next_unmount(&self->l, self->fs.mount));
	EXPECT_EQ(1, fse_stat("watches"));
	EXPECT_NE(NULL, fse_listed(self->fs.mount));
}

/* Stays in a directory until it is killed. */
static void stays(void *dir)
{
	if (!chdir(dir))
		pause();
}

static bool leads_to_inner(void *link)
{
	char to[64] = "";

	return readlink(link, to, sizeof(to) - 1) > 0 && !strcmp(to, INNER);
}

/*
 * Regression: a task whose exit took a mount along had no root directory any more,
 * and looked from there whether readers see the watch.
 */
TEST_F(namespaces, the_mount_goes_with_a_task)
{
	char in[64];
	pid_t pid;
	int fd;

	ASSERT_EQ(0, mount(self->fs.mount, INNER, NULL, MS_BIND, NULL));
	ASSERT_EQ(0, fse_config("%s G;" INNER " G", self->fs.mount));
	fd = fse_stream_open(0);
	ASSERT_LE(0, fd);
	pid = fse_repeat(stays, INNER);
	ASSERT_LT(0, pid);
	snprintf(in, sizeof(in), "/proc/%d/cwd", pid);
	ASSERT_TRUE(fse_until(leads_to_inner, in));
	ASSERT_EQ(0, umount2(INNER, MNT_DETACH));
	fse_kill(pid);
	EXPECT_EQ(EXDEV, fse_next_unmount(&self->l, INNER));
	EXPECT_STREQ("unmount", fse_field(fse_stream_line(fd), "event"));
	/* Its reader still sees it. */
	EXPECT_NE(NULL, fse_listed(self->fs.mount));
	ASSERT_EQ(0, umount2(self->fs.mount, 0));
	EXPECT_STREQ("unmount", fse_field(fse_stream_line(fd), "event"));
	close(fd);
}

/*
 * Regression: a worker that was to find out which readers see a watch without its
 * first mount found no mount at all, and took the readers off before the last event.
 */
TEST_F(namespaces, last_mount_goes_right_after_another)
{
	unsigned int i;
	int fd;

	mkdir(SECOND, 0755);
	for (i = 0; i < fse_rounds(40); i++) {
		ASSERT_EQ(0, mount("inner", INNER, "tmpfs", 0, "size=1m"));
		ASSERT_EQ(0, mount(INNER, SECOND, NULL, MS_BIND, NULL));
		ASSERT_EQ(0, fse_config(INNER " G;" SECOND " G"));
		fd = fse_stream_open(0);
		ASSERT_LE(0, fd);
		EXPECT_EQ(0, umount2(INNER, 0));
		EXPECT_EQ(0, umount2(SECOND, 0));
		ASSERT_STREQ("unmount", fse_field(fse_stream_line(fd), "event"));
		ASSERT_STREQ("unmount", fse_field(fse_stream_line(fd), "event"))
			TH_LOG("round %u", i);
		close(fd);
	}
	rmdir(SECOND);
}

TEST_F(namespaces, watch_tied_elsewhere_is_tied_here_as_well)
{
	char text[256];

	self->space = fse_space(CLONE_NEWNS);
	ASSERT_GT(self->space, 0);
	snprintf(text, sizeof(text), "%s T 1", self->fs.mount);
	ASSERT_EQ(0, fse_within(self->space, CLONE_NEWNS, request, text));
	ASSERT_EQ(0, fse_config("%s G", self->fs.mount));
	EXPECT_NE(NULL, strstr(fse_listed(self->fs.mount) ?: "", "(G,T 1)"));

	fse_kill(self->space);
	self->space = 0;
	EXPECT_EQ(EXDEV, fse_next_unmount(&self->l, self->fs.mount));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	EXPECT_NE(NULL, fse_listed(self->fs.mount));
}

/* A service with private mounts can watch the host's like this. */
TEST_F(namespaces, path_through_init_ties_to_the_tree_of_the_host)
{
	char text[256];

	self->space = fse_space(CLONE_NEWNS);
	ASSERT_GT(self->space, 0);
	snprintf(text, sizeof(text), "/proc/1/root%s T 1", self->fs.mount);
	ASSERT_EQ(0, fse_within(self->space, CLONE_NEWNS, request, text));
	EXPECT_NE(NULL, fse_listed(self->fs.mount));
	EXPECT_EQ(0, fse_within(self->space, CLONE_NEWNS, listed,
				self->fs.mount));

	fse_kill(self->space);
	self->space = 0;
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	EXPECT_NE(NULL, fse_listed(self->fs.mount));
	ASSERT_EQ(0, umount2(self->fs.mount, 0));
	EXPECT_EQ(FS_INFO_UNMOUNT,
		  fse_next_of(&self->l, NULL, &self->ev, FSE_SOON));
	EXPECT_EQ(0, self->ev.error);
}

TEST_F(namespaces, file_system_goes_with_its_mount_namespace)
{
	self->space = fse_space(CLONE_NEWNS);
	ASSERT_GT(self->space, 0);
	ASSERT_EQ(0, fse_within(self->space, CLONE_NEWNS, mount_inner,
				INNER " G T 1"));
	EXPECT_EQ(1, fse_stat("watches"));
	fse_kill(self->space);
	self->space = 0;
	EXPECT_EQ(0, fse_next_unmount(&self->l, INNER));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	EXPECT_EQ(0, fse_stat("watches"));
}

TEST_F(namespaces, user_and_mount_namespace_go_with_their_watches)
{
	const int flags = CLONE_NEWUSER | CLONE_NEWNS;
	char text[256];

	self->space = fse_space(flags);
	ASSERT_GT(self->space, 0);
	ASSERT_EQ(0, fse_within(self->space, flags, mount_both,
				INNER " G T 1"));
	EXPECT_EQ(1, fse_within(self->space, flags, listed, INNER));
	snprintf(text, sizeof(text), "%s G", self->fs.mount);
	/* It may not watch the host's file systems. */
	EXPECT_EQ(EPERM, fse_within(self->space, flags, request, text));
	EXPECT_EQ(1, fse_stat("watches"));

	fse_kill(self->space);
	self->space = 0;
	EXPECT_TRUE(fse_wait_watches(0));
	/* It may not send to the host's group: see groups_test.c. */
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
}

/* A watch for each user namespace. */
TEST_F(namespaces, host_and_user_namespace_watch_the_same_file_system)
{
	const int flags = CLONE_NEWUSER | CLONE_NEWNS;

	self->space = fse_space(flags);
	ASSERT_GT(self->space, 0);
	ASSERT_EQ(0, fse_within(self->space, flags, mount_both,
				INNER " G T 1"));
	ASSERT_EQ(0, fse_config("/proc/%d/root" INNER " T 100%%",
				self->space));
	EXPECT_EQ(2, fse_stat("watches"));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->l, NULL, &self->ev,
					      FSE_SOON));
	/* Its requests don't affect our watch. */
	EXPECT_EQ(0, fse_within(self->space, flags, request, "\n"));
	EXPECT_EQ(1, fse_stat("watches"));
	ASSERT_EQ(0, fse_within(self->space, flags, request, INNER " G"));
	EXPECT_EQ(2, fse_stat("watches"));

	fse_kill(self->space);
	self->space = 0;
	EXPECT_EQ(FS_INFO_UNMOUNT, fse_next_of(&self->l, NULL, &self->ev,
					       FSE_SOON));
	EXPECT_EQ(0, self->ev.error);
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	EXPECT_EQ(0, fse_stat("watches"));
}

/* A listener inside whose socket keeps the messages. */
static int listen_within(void *mount)
{
	struct fse_listener l;
	struct fse_event ev;
	int id;

	if (fse_listen(&l) || fse_config("%s T 100%%", (char *)mount))
		return 126;
	id = fse_next_of(&l, mount, &ev, FSE_SOON);
	fse_unlisten(&l);
	return id < 0 ? 125 : id;
}

TEST_F(namespaces, events_go_to_the_network_namespace_of_the_maker)
{
	self->space = fse_space(CLONE_NEWNET);
	ASSERT_GT(self->space, 0);
	EXPECT_EQ(FS_THR_LRBELOW, fse_within(self->space, CLONE_NEWNET,
					     listen_within, self->fs.mount));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	/* After we replace the watch, none of its messages come here either. */
	ASSERT_EQ(0, fse_config("!%s;%s T 100%%", self->fs.mount,
				self->fs.mount));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->l, self->fs.mount,
					      &self->ev, FSE_SOON));
}

TEST_HARNESS_MAIN
