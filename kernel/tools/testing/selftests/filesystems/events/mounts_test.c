// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watches and mounts: one watch per super block, tied to the mounts that
 * requests name. Each test has a mount namespace of its own.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "children.h"
#include "control.h"
#include "event.h"
#include "filesystem.h"
#include "harness.h"
#include "lifetime.h"
#include "process.h"
#include "stream.h"

#define TWO	FSE_MNT "/two"
#define THREE	FSE_MNT "/three"

FIXTURE(mounts)
{
	struct fse_fs fence;
	struct fse_fs one;
	struct fse_listener l;
	struct fse_event ev;
	__u64 level;
};

FIXTURE_SETUP(mounts)
{
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_own_mounts());
	ASSERT_EQ(0, fse_fence_make(&self->fence));
	ASSERT_EQ(0, fse_fs_make(&self->one, "tmpfs", "one", 8, ""));
	mkdir(TWO, 0755);
	mkdir(THREE, 0755);
	self->level = fse_avail(&self->one) - 100;
	ASSERT_EQ(0, fse_listen(&self->l));
}

FIXTURE_TEARDOWN(mounts)
{
	fse_config("\n");
	while (!umount2(THREE, MNT_DETACH))
		;
	while (!umount2(TWO, MNT_DETACH))
		;
	rmdir(THREE);
	rmdir(TWO);
	fse_fs_remove(&self->one);
	fse_fs_remove(&self->fence);
	fse_unlisten(&self->l);
}

static int bind(const char *from, const char *to)
{
	return mount(from, to, NULL, MS_BIND, NULL);
}

/* Fills past the level through any path to the file system. */
static int cross(int dir)
{
	int fd = openat(dir, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	int err;

	if (fd < 0)
		return -1;
	err = fallocate(fd, 0, 0, 1 << 20);
	close(fd);
	return err;
}

static int cross_at(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = dir < 0 ? -1 : cross(dir);

	close(dir);
	return err;
}

TEST_F(mounts, bind_mounts_share_one_watch)
{
	const char *line;

	ASSERT_EQ(0, fse_config("%s T %llu", self->one.mount, self->level));
	ASSERT_EQ(0, bind(self->one.mount, TWO));
	ASSERT_EQ(0, fse_config(TWO " G:corrupted"));
	EXPECT_EQ(1, fse_watches());
	/* It is listed by the first mount that a request named. */
	line = fse_listed(self->one.mount);
	ASSERT_NE(NULL, line);
	/* Types set through the other mount are kept. */
	EXPECT_NE(NULL, strstr(line, "(G:corrupted,T "));
	EXPECT_EQ(0, fse_config("!%s", self->one.mount));
	EXPECT_EQ(0, fse_watches());
}

#define WRITERS	3

/* A user without privilege sets levels through one mount again and again. */
static void rewrite(void *mount)
{
	unsigned int i;
	int fd;

	if (fse_user_enter())
		_exit(1);
	fd = fse_private_open(0);
	for (i = 0; fd >= 0 && !fse_ask(fd, "%s T %u", (char *)mount, 1 + i % 2);
	     i++)
		;
	_exit(1);
}

/*
 * Regression: while requests took effect, whatever watch they were about, no global
 * watch of that file system ended with its mount.
 */
TEST_F(mounts, requests_about_other_watches_delay_no_end)
{
	pid_t pid[WRITERS];
	unsigned int i, late = 0;

	ASSERT_EQ(0, bind(self->one.mount, TWO));
	ASSERT_EQ(0, bind(self->one.mount, THREE));
	for (i = 0; i < WRITERS; i++) {
		pid[i] = fse_repeat(rewrite, THREE);
		ASSERT_LT(0, pid[i]);
	}
	for (i = 0; i < fse_rounds(50); i++) {
		ASSERT_EQ(0, fse_config(TWO " T 1"));
		ASSERT_EQ(0, umount2(TWO, 0));
		/* It is sent before umount(2) returns. */
		late += fse_next(&self->l, &self->ev, 0) <= 0;
		if (late)
			break;
		EXPECT_EQ(FS_INFO_UNMOUNT, self->ev.id);
		ASSERT_EQ(0, bind(self->one.mount, TWO));
	}
	EXPECT_EQ(0, late);
	for (i = 0; i < WRITERS; i++)
		fse_kill(pid[i]);
}

/* The next event must be the end of mount @of. Did the watch end with it? */
static int next_end(struct fse_listener *l, const char *of, int error)
{
	struct fse_event ev;

	if (fse_next_of(l, NULL, &ev, FSE_SOON) != FS_INFO_UNMOUNT ||
	    strcmp(ev.mount, of) || ev.error != error)
		return -1;
	return fse_has(&ev, FS_NL_A_LAST);
}

/*
 * For example, / and /home on one btrfs. Regression: the second request moved
 * the watch, and unmounting /home ended it.
 */
TEST_F(mounts, a_watch_keeps_every_mount_that_it_was_set_through)
{
	ASSERT_EQ(0, fse_config("%s T %llu", self->one.mount, self->level));
	ASSERT_EQ(0, bind(self->one.mount, TWO));
	ASSERT_EQ(0, bind(self->one.mount, THREE));
	ASSERT_EQ(0, fse_config(TWO " T %llu;" THREE " T %llu", self->level,
				self->level));
	EXPECT_EQ(1, fse_watches());
	EXPECT_NE(NULL, fse_listed(self->one.mount));

	ASSERT_EQ(0, umount2(TWO, 0));
	EXPECT_EQ(0, next_end(&self->l, TWO, EXDEV));
	EXPECT_NE(NULL, fse_listed(self->one.mount));
	ASSERT_EQ(0, umount2(self->one.mount, 0));
	EXPECT_EQ(0, next_end(&self->l, self->one.mount, EXDEV));
	EXPECT_NE(NULL, fse_listed(THREE));
	ASSERT_EQ(0, cross_at(THREE));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->l, NULL, &self->ev,
					      FSE_SOON));
	EXPECT_STREQ(THREE, self->ev.mount);

	ASSERT_EQ(0, umount2(THREE, 0));
	EXPECT_EQ(1, next_end(&self->l, THREE, 0));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
}

/* The last tied mount goes while the super block stays. */
TEST_F(mounts, a_watch_ends_with_the_last_of_its_mounts)
{
	ASSERT_EQ(0, bind(self->one.mount, TWO));
	ASSERT_EQ(0, bind(self->one.mount, THREE));
	ASSERT_EQ(0, fse_config(TWO " G;" THREE " G"));
	ASSERT_EQ(0, umount2(TWO, 0));
	EXPECT_EQ(0, next_end(&self->l, TWO, EXDEV));
	ASSERT_EQ(0, umount2(THREE, 0));
	EXPECT_EQ(1, next_end(&self->l, THREE, EXDEV));
	EXPECT_EQ(0, fse_watches());
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
}

TEST_F(mounts, asking_back_and_forth_ties_to_each_mount_once)
{
	unsigned int i;

	ASSERT_EQ(0, bind(self->one.mount, TWO));
	for (i = 0; i < 50; i++) {
		ASSERT_EQ(0, fse_config("%s G", self->one.mount));
		ASSERT_EQ(0, fse_config(TWO " G;%s G;" TWO " G",
					self->one.mount));
	}
	EXPECT_EQ(1, fse_watches());
	ASSERT_EQ(0, umount2(self->one.mount, 0));
	EXPECT_EQ(0, next_end(&self->l, self->one.mount, EXDEV));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	ASSERT_EQ(0, umount2(TWO, 0));
	EXPECT_EQ(1, next_end(&self->l, TWO, 0));
}

/* A request removed in the same write ties to no mount. */
TEST_F(mounts, a_removal_takes_back_what_came_before_it)
{
	ASSERT_EQ(0, bind(self->one.mount, TWO));
	ASSERT_EQ(0, fse_config(TWO " G;!%s;%s G", self->one.mount,
				self->one.mount));
	EXPECT_EQ(1, fse_watches());
	ASSERT_EQ(0, umount2(TWO, 0));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	ASSERT_EQ(0, umount2(self->one.mount, 0));
	EXPECT_EQ(1, next_end(&self->l, self->one.mount, 0));
}

/*
 * Regression: the watch ended with the first mount to be unmounted, without an
 * event.
 */
TEST_F(mounts, umount_of_one_mount_of_several_is_reported)
{
	ASSERT_EQ(0, fse_config("%s T %llu", self->one.mount, self->level));
	ASSERT_EQ(0, bind(self->one.mount, TWO));
	ASSERT_EQ(0, umount2(self->one.mount, 0));
	EXPECT_EQ(0, fse_watches());
	EXPECT_EQ(0, fse_stat("watches"));
	EXPECT_EQ(EXDEV, fse_next_unmount(&self->l, self->one.mount));

	/* No event comes for the other mount. */
	ASSERT_EQ(0, cross_at(TWO));
	ASSERT_EQ(0, umount2(TWO, 0));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
}

/* The end of the old watch comes before events of the next. */
TEST_F(mounts, watch_after_its_mount_went_is_a_new_one)
{
	const char *line;
	__u32 entry;

	ASSERT_EQ(0, fse_config("%s T %llu", self->one.mount, self->level));
	ASSERT_EQ(0, cross_at(self->one.mount));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->l, NULL, &self->ev,
					      FSE_SOON));
	entry = self->ev.entry;
	ASSERT_EQ(0, bind(self->one.mount, TWO));
	ASSERT_EQ(0, umount2(self->one.mount, 0));
	EXPECT_EQ(-ENOENT, fse_config("!" TWO));

	ASSERT_EQ(0, fse_config(TWO " T 100%%"));
	EXPECT_EQ(EXDEV, fse_next_unmount(&self->l, self->one.mount));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->l, NULL, &self->ev,
					      FSE_SOON));
	EXPECT_STREQ(TWO, self->ev.mount);
	EXPECT_NE(entry, self->ev.entry);
	line = fse_listed(TWO);
	ASSERT_NE(NULL, line);
	EXPECT_NE(NULL, strstr(line, "(T 100%)"));
	EXPECT_EQ(1, fse_stat("watches"));
}

TEST_F(mounts, umount_of_the_last_mount_is_reported)
{
	ASSERT_EQ(0, fse_config("%s G T %llu", self->one.mount, self->level));
	ASSERT_EQ(0, umount2(self->one.mount, 0));
	EXPECT_EQ(0, fse_next_unmount(&self->l, self->one.mount));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	EXPECT_EQ(0, fse_stat("watches"));
}

/*
 * Propagated umounts follow the mount that umount(2) names, which therefore
 * sees other mounts when it goes.
 */
TEST_F(mounts, umount_that_propagates_says_that_the_file_system_went)
{
	pid_t pid;

	fse_fs_remove(&self->one);
	ASSERT_EQ(0, mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL));
	pid = fse_space(CLONE_NEWNS);
	ASSERT_GT(pid, 0);
	ASSERT_EQ(0, fse_fs_make(&self->one, "tmpfs", "one", 8, ""));
	ASSERT_EQ(0, fse_config("%s G", self->one.mount));
	ASSERT_EQ(0, umount2(self->one.mount, 0));
	EXPECT_EQ(0, fse_next_unmount(&self->l, self->one.mount));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	fse_kill(pid);
}

TEST_F(mounts, removal_by_request_sends_nothing)
{
	ASSERT_EQ(0, fse_config("%s G T 10", self->one.mount));
	ASSERT_EQ(0, fse_config("!%s T", self->one.mount));
	ASSERT_EQ(0, fse_config("!%s G", self->one.mount));
	EXPECT_EQ(0, fse_stat("watches"));
	ASSERT_EQ(0, fse_config("%s G T 10", self->one.mount));
	ASSERT_EQ(0, fse_config("!%s", self->one.mount));
	EXPECT_EQ(0, fse_stat("watches"));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	ASSERT_EQ(0, umount2(self->one.mount, 0));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
}

TEST_F(mounts, blank_write_sends_nothing)
{
	ASSERT_EQ(0, fse_config("%s G T 10", self->one.mount));
	ASSERT_EQ(0, fse_config("\n\t"));
	EXPECT_EQ(0, fse_stat("watches"));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	ASSERT_EQ(0, umount2(self->one.mount, 0));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
}

/*
 * Regression: events continued after the watch had left the list, as long as
 * the detached mount was in use.
 */
TEST_F(mounts, detached_mount_stays_listed_until_its_last_user_goes)
{
	int dir = open(self->one.mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ASSERT_GE(dir, 0);
	ASSERT_EQ(0, fse_config("%s T %llu", self->one.mount, self->level));
	ASSERT_EQ(0, umount2(self->one.mount, MNT_DETACH));
	EXPECT_NE(NULL, fse_listed(self->one.mount));
	ASSERT_EQ(0, cross(dir));
	EXPECT_EQ(1, fse_next(&self->l, &self->ev, FSE_SOON));
	EXPECT_EQ(FS_THR_LRBELOW, self->ev.id);
	EXPECT_STREQ(self->one.mount, self->ev.mount);
	EXPECT_NE(NULL, fse_listed(self->one.mount));

	close(dir);
	EXPECT_EQ(NULL, fse_listed(self->one.mount));
	EXPECT_EQ(0, fse_next_unmount(&self->l, self->one.mount));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
}

TEST_F(mounts, detached_mount_can_be_unwatched)
{
	int dir = open(self->one.mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ASSERT_GE(dir, 0);
	ASSERT_EQ(0, fse_config("%s T %llu", self->one.mount, self->level));
	ASSERT_EQ(0, umount2(self->one.mount, MNT_DETACH));
	/* The mount has no path any more except through an open file. */
	EXPECT_EQ(-EINVAL, fse_config("!%s", self->one.mount));
	EXPECT_EQ(0, fse_config("!/proc/%d/fd/%d", getpid(), dir));
	EXPECT_EQ(0, fse_watches());
	close(dir);
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
}

TEST_F(mounts, detached_mount_of_one_mounted_elsewhere_ends_with_exdev)
{
	int dir = open(self->one.mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ASSERT_GE(dir, 0);
	ASSERT_EQ(0, bind(self->one.mount, TWO));
	ASSERT_EQ(0, fse_config("%s G", self->one.mount));
	ASSERT_EQ(0, umount2(self->one.mount, MNT_DETACH));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	close(dir);
	EXPECT_EQ(EXDEV, fse_next_unmount(&self->l, self->one.mount));
}

TEST_F(mounts, moved_mount_keeps_its_watch)
{
	ASSERT_EQ(0, fse_config("%s T %llu", self->one.mount, self->level));
	ASSERT_EQ(0, mount(self->one.mount, TWO, NULL, MS_MOVE, NULL));
	EXPECT_EQ(1, fse_watches());
	EXPECT_NE(NULL, fse_listed(TWO));
	ASSERT_EQ(0, cross_at(TWO));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->l, NULL, &self->ev,
					      FSE_SOON));
	EXPECT_STREQ(TWO, self->ev.mount);
	ASSERT_EQ(0, umount2(TWO, 0));
	EXPECT_EQ(0, fse_next_unmount(&self->l, TWO));
}

/* The file that cross() made. */
static int cross_back(const char *dir)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/file", dir);
	return unlink(path);
}

TEST_F(mounts, moved_mount_is_reported_by_its_new_place_in_every_stream)
{
	int events = fse_stream_open(0), fd = fse_private_open(0), dir;

	ASSERT_LE(0, events);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fse_config("%s T %llu", self->one.mount, self->level));
	ASSERT_EQ(0, fse_ask(fd, "%s T %llu", self->one.mount, self->level));
	ASSERT_EQ(0, mount(self->one.mount, TWO, NULL, MS_MOVE, NULL));
	ASSERT_EQ(0, cross_at(TWO));
	EXPECT_STREQ(TWO, fse_field(fse_stream_line(events), "mount"));
	EXPECT_STREQ(TWO, fse_field(fse_stream_line(fd), "mount"));

	ASSERT_EQ(0, mount(TWO, THREE, NULL, MS_MOVE, NULL));
	ASSERT_EQ(0, cross_back(THREE));
	EXPECT_STREQ(THREE, fse_field(fse_stream_line(events), "mount"));
	EXPECT_STREQ(THREE, fse_field(fse_stream_line(fd), "mount"));

	/* Nothing leads there any more: as it was known last. */
	dir = open(THREE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ASSERT_LE(0, dir);
	ASSERT_EQ(0, umount2(THREE, MNT_DETACH));
	EXPECT_NE(NULL, fse_listed(THREE));
	ASSERT_EQ(0, cross(dir));
	EXPECT_STREQ(THREE, fse_field(fse_stream_line(events), "mount"));
	EXPECT_STREQ(THREE, fse_field(fse_stream_line(fd), "mount"));
	close(dir);
	EXPECT_STREQ(THREE, fse_field(fse_stream_line(events), "mount"));
	EXPECT_STREQ(THREE, fse_field(fse_stream_line(fd), "mount"));
	close(fd);
	close(events);
}

TEST_F(mounts, moved_mount_that_goes_is_reported_by_its_new_place)
{
	ASSERT_EQ(0, bind(self->one.mount, THREE));
	ASSERT_EQ(0, fse_config("%s T %llu;" THREE " T %llu", self->one.mount,
				self->level, self->level));
	ASSERT_EQ(0, mount(self->one.mount, TWO, NULL, MS_MOVE, NULL));
	ASSERT_EQ(0, cross_at(TWO));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->l, TWO, &self->ev,
					      FSE_SOON));
	ASSERT_EQ(0, umount2(TWO, 0));
	EXPECT_EQ(0, next_end(&self->l, TWO, EXDEV));
	ASSERT_EQ(0, cross_back(THREE));
	EXPECT_EQ(FS_THR_LRABOVE, fse_next_of(&self->l, THREE, &self->ev,
					      FSE_SOON));
}

/* It watches /one in a directory that it takes for the root. */
static int watches_from_a_cell(void *fd)
{
	static const char request[] = "/one G:corrupted T 50%";

	return chroot(FSE_MNT) || chdir("/") ||
	       write(*(int *)fd, request, strlen(request)) < 0;
}

TEST_F(mounts, moved_mount_is_reported_as_its_maker_sees_it)
{
	int fd = open(FSE_DIR "/config", O_WRONLY | O_CLOEXEC);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fse_child(watches_from_a_cell, &fd));
	close(fd);
	ASSERT_EQ(0, mount(self->one.mount, TWO, NULL, MS_MOVE, NULL));
	ASSERT_EQ(0, fse_sh("fallocate -l 5M " TWO "/file"));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->l, NULL, &self->ev,
					      FSE_SOON));
	EXPECT_STREQ("/two", self->ev.mount);
	/* Out of its sight. */
	ASSERT_EQ(0, mkdir("/tmp/three", 0755));
	ASSERT_EQ(0, mount(TWO, "/tmp/three", NULL, MS_MOVE, NULL));
	ASSERT_EQ(0, cross_back("/tmp/three"));
	EXPECT_EQ(FS_THR_LRABOVE, fse_next_of(&self->l, NULL, &self->ev,
					      FSE_SOON));
	EXPECT_STREQ("/two", self->ev.mount);
	ASSERT_EQ(0, umount2("/tmp/three", 0));
	rmdir("/tmp/three");
}

/* The upper mount has a super block of its own. */
TEST_F(mounts, mount_on_top_is_another_file_system)
{
	struct stat below, above;

	ASSERT_EQ(0, stat(self->one.mount, &below));
	ASSERT_EQ(0, fse_config("%s G", self->one.mount));
	ASSERT_EQ(0, mount("top", self->one.mount, "tmpfs", 0, NULL));
	ASSERT_EQ(0, stat(self->one.mount, &above));
	ASSERT_EQ(0, fse_config("%s T 1", self->one.mount));
	EXPECT_EQ(2, fse_watches());

	ASSERT_EQ(0, umount2(self->one.mount, 0));
	EXPECT_EQ(1, fse_next(&self->l, &self->ev, FSE_SOON));
	EXPECT_EQ(FS_INFO_UNMOUNT, self->ev.id);
	EXPECT_EQ(minor(above.st_dev), self->ev.minor);
	EXPECT_EQ(1, fse_watches());
	ASSERT_EQ(0, umount2(self->one.mount, 0));
	EXPECT_EQ(1, fse_next(&self->l, &self->ev, FSE_SOON));
	EXPECT_EQ(minor(below.st_dev), self->ev.minor);
	EXPECT_EQ(0, self->ev.error);
}

/*
 * Regression: unmounting fstrace ended all watches and waited for their users.
 * fstrace may be mounted any number of times.
 */
TEST_F(mounts, unmounting_fstrace_changes_no_watch)
{
	int fd = open(FSE_DIR "/config", O_RDONLY | O_CLOEXEC);
	char byte;

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, fse_config("%s T %llu", self->one.mount, self->level));
	ASSERT_EQ(1, read(fd, &byte, 1));
	/* While a reader is active. */
	ASSERT_EQ(0, umount2(FSE_DIR, MNT_DETACH));
	ASSERT_EQ(0, cross_at(self->one.mount));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->l, NULL, &self->ev,
					      FSE_SOON));
	close(fd);
	ASSERT_EQ(0, mount("none", FSE_DIR, "fstrace", 0, NULL));
	EXPECT_NE(NULL, fse_listed(self->one.mount));
	ASSERT_EQ(0, mount("none", FSE_DIR, "fstrace", 0, NULL));
	EXPECT_NE(NULL, fse_listed(self->one.mount));
	ASSERT_EQ(0, umount2(FSE_DIR, 0));
	EXPECT_NE(NULL, fse_listed(self->one.mount));
	ASSERT_EQ(0, umount2(self->one.mount, 0));
	EXPECT_EQ(0, fse_next_unmount(&self->l, self->one.mount));
}

TEST_HARNESS_MAIN
