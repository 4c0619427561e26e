// SPDX-License-Identifier: GPL-2.0-only
/*
 * umount(2) of a watched file system works as usual: it is neither refused nor
 * deferred, and when it returns the super block is shut down and all events
 * have been sent.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "children.h"
#include "control.h"
#include "event.h"
#include "filesystem.h"
#include "harness.h"
#include "lifetime.h"

/*
 * Most tests don't watch G: switching its sources on and off takes more time
 * than everything else.
 */
struct setting {
	struct fse_fs fence;
	struct fse_fs fs;
	struct fse_listener l;
	pid_t racer;
};

static int set_up(struct setting *s, const char *type, unsigned int mib)
{
	return fse_config("\n") ?: fse_fence_make(&s->fence) ?:
	       fse_fs_make(&s->fs, type, "umount", mib, "") ?:
	       fse_listen(&s->l);
}

static void tear_down(struct setting *s)
{
	fse_kill(s->racer);
	fse_config("\n");
	fse_fs_remove(&s->fs);
	fse_fs_remove(&s->fence);
	fse_unlisten(&s->l);
}

/* On each type with a block device. */
FIXTURE(umount)
{
	struct setting s;
};

FIXTURE_VARIANT(umount)
{
	const char *type;
	unsigned int mib;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(umount, ext4) { .type = "ext4", .mib = 16 };
FIXTURE_VARIANT_ADD(umount, xfs) { .type = "xfs", .mib = 300 };
FIXTURE_VARIANT_ADD(umount, btrfs) { .type = "btrfs", .mib = 128 };
/* clang-format on */

FIXTURE_SETUP(umount)
{
	ASSERT_EQ(0, set_up(&self->s, variant->type, variant->mib));
}

FIXTURE_TEARDOWN(umount)
{
	tear_down(&self->s);
}

/* Independent of the type, so on one of them. */
FIXTURE(ext4)
{
	struct setting s;
};

FIXTURE_SETUP(ext4)
{
	ASSERT_EQ(0, set_up(&self->s, "ext4", 16));
}

FIXTURE_TEARDOWN(ext4)
{
	tear_down(&self->s);
}

static int mount_again(const struct fse_fs *fs)
{
	return mount(fs->dev, fs->mount, fs->type, 0, NULL) ? -errno : 0;
}

/*
 * After umount(2): reads up to FS_INFO_UNMOUNT, which must have been sent
 * already and be last.
 */
static int ended(struct fse_listener *l)
{
	struct fse_event ev;
	int n;

	do {
		n = fse_next(l, &ev, 0);
		if (n <= 0)
			return -1;
	} while (ev.id != FS_INFO_UNMOUNT || ev.error);
	return fse_next(l, &ev, 0);
}

TEST_F_TIMEOUT(umount, device_is_free_at_once, 600)
{
	unsigned int i;

	for (i = 0; i < fse_rounds(10); i++) {
		/* Two events to send, and more samples to take. */
		ASSERT_EQ(0, fse_config("%s %sT 100%% 99%% 1",
					self->s.fs.mount, i % 5 ? "" : "G "));
		/* Vary the time: before or after the first sample. */
		usleep(i % 5 * 1000);
		ASSERT_EQ(0, umount2(self->s.fs.mount, 0));
		ASSERT_EQ(0, fse_exclusive(self->s.fs.dev));
		ASSERT_EQ(0, ended(&self->s.l));
		ASSERT_EQ(0, mount_again(&self->s.fs));
	}
	EXPECT_EQ(0, fse_fence(&self->s.l, &self->s.fence, NULL));
	EXPECT_EQ(0, fse_stat("watches"));
}

static void watch_and_unwatch(void *mount)
{
	fse_config("%s T 100%%", (char *)mount);
	fse_config("%s T 1", (char *)mount);
	fse_config("!%s", (char *)mount);
	fse_config("%s T 100%%", (char *)mount);
	fse_config("\n");
	fse_config("%s I 1", (char *)mount);
	/* Let other tasks run. */
	usleep(1000);
}

/*
 * Regression: two concurrent requests made two watches of a file system; the
 * lost one pinned the super block, so umount(2) returned while the file system
 * stayed alive.
 */
TEST_F_TIMEOUT(umount, device_is_free_at_once_beside_writers, 600)
{
	unsigned int i;
	pid_t other;

	self->s.racer = fse_repeat(watch_and_unwatch, self->s.fs.mount);
	ASSERT_GT(self->s.racer, 0);
	other = fse_repeat(watch_and_unwatch, self->s.fs.mount);
	ASSERT_GT(other, 0);
	for (i = 0; i < fse_rounds(50); i++) {
		usleep(i % 5 * 500);
		/* A write that holds the path makes it busy. */
		ASSERT_EQ(0, fse_umount(self->s.fs.mount));
		ASSERT_EQ(0, fse_exclusive(self->s.fs.dev));
		ASSERT_EQ(0, mount_again(&self->s.fs));
	}
	fse_kill(other);
	fse_kill(self->s.racer);
	self->s.racer = 0;
	/*
	 * Writers that are killed leave the state of their last complete write.
	 */
	ASSERT_EQ(0, fse_config("\n"));
	EXPECT_EQ(0, fse_stat("watches"));
	ASSERT_EQ(0, umount2(self->s.fs.mount, 0));
	EXPECT_EQ(0, fse_exclusive(self->s.fs.dev));
}

static void fill_and_free(void *mount)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/file", (char *)mount);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return;
	usleep(fallocate(fd, 0, 0, 1 << 20) ? 1000 : 300);
	close(fd);
	unlink(path);
}

TEST_F_TIMEOUT(ext4, nothing_is_reported_after_it, 600)
{
	__u64 level = fse_avail(&self->s.fs) - 100;
	unsigned int i;

	self->s.racer = fse_repeat(fill_and_free, self->s.fs.mount);
	ASSERT_GT(self->s.racer, 0);
	for (i = 0; i < fse_rounds(10); i++) {
		ASSERT_EQ(0, fse_config("%s T %llu", self->s.fs.mount, level));
		usleep(i % 10 * 10000);
		ASSERT_EQ(0, fse_umount(self->s.fs.mount));
		ASSERT_EQ(0, ended(&self->s.l));
		ASSERT_EQ(0, fse_exclusive(self->s.fs.dev));
		ASSERT_EQ(0, mount_again(&self->s.fs));
	}
	EXPECT_EQ(0, fse_fence(&self->s.l, &self->s.fence, NULL));
}

TEST_F_TIMEOUT(ext4, detached_mount_goes_with_its_last_user, 600)
{
	unsigned int i;
	int dir;

	for (i = 0; i < fse_rounds(10); i++) {
		ASSERT_EQ(0, fse_config("%s T 100%% 99%%", self->s.fs.mount));
		dir = open(self->s.fs.mount, O_RDONLY | O_CLOEXEC);
		ASSERT_GE(dir, 0);
		ASSERT_EQ(0, umount2(self->s.fs.mount, MNT_DETACH));
		ASSERT_NE(NULL, fse_listed(self->s.fs.mount));
		ASSERT_EQ(-EBUSY, fse_exclusive(self->s.fs.dev));
		usleep(i % 5 * 1000);
		close(dir);
		ASSERT_EQ(0, fse_exclusive(self->s.fs.dev));
		ASSERT_EQ(0, ended(&self->s.l));
		ASSERT_EQ(0, mount_again(&self->s.fs));
	}
}

/* A frozen file system outlives its mount with or without a watch. */
TEST_F(ext4, frozen_file_system_outlives_its_mount)
{
	ASSERT_EQ(0, fse_config("%s G T 1", self->s.fs.mount));
	ASSERT_EQ(0, fse_freeze(&self->s.fs));
	ASSERT_EQ(0, umount2(self->s.fs.mount, 0));
	EXPECT_EQ(EXDEV, fse_next_unmount(&self->s.l, self->s.fs.mount));
	EXPECT_EQ(-EBUSY, fse_exclusive(self->s.fs.dev));

	ASSERT_EQ(0, mount_again(&self->s.fs));
	ASSERT_EQ(0, fse_thaw(&self->s.fs));
	ASSERT_EQ(0, fse_config("%s G", self->s.fs.mount));
	ASSERT_EQ(0, umount2(self->s.fs.mount, 0));
	EXPECT_EQ(0, fse_exclusive(self->s.fs.dev));
	EXPECT_EQ(0, ended(&self->s.l));
}

TEST_F_TIMEOUT(ext4, freezing_and_remounting_while_sampled, 600)
{
	__u64 level = fse_avail(&self->s.fs) - 100;
	unsigned int i;

	ASSERT_EQ(0, fse_config("%s T %llu", self->s.fs.mount, level));
	self->s.racer = fse_repeat(fill_and_free, self->s.fs.mount);
	ASSERT_GT(self->s.racer, 0);
	for (i = 0; i < fse_rounds(5); i++) {
		ASSERT_EQ(0, fse_freeze(&self->s.fs));
		usleep(1000);
		ASSERT_EQ(0, fse_thaw(&self->s.fs));
		/* Fails while the racer has a file open for writing. */
		mount(NULL, self->s.fs.mount, NULL, MS_REMOUNT | MS_RDONLY,
		      NULL);
		ASSERT_EQ(0, mount(NULL, self->s.fs.mount, NULL, MS_REMOUNT,
				   NULL));
	}
	fse_kill(self->s.racer);
	self->s.racer = 0;
	EXPECT_NE(NULL, fse_listed(self->s.fs.mount));
	ASSERT_EQ(0, umount2(self->s.fs.mount, 0));
	EXPECT_EQ(0, fse_exclusive(self->s.fs.dev));
	EXPECT_EQ(0, ended(&self->s.l));
}

TEST_HARNESS_MAIN
