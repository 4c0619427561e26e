// SPDX-License-Identifier: GPL-2.0-only
/*
 * umount(2) racing with other ends of a watch: when both are done, the super
 * block is shut down and the watch has ended once.
 *
 * All tests have the same number of rounds; FSE_ROUNDS=25 in the environment
 * makes it 500.
 */
#include <errno.h>
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
#include "module.h"
#include "process.h"

#define ROUNDS	20
#define TWO	FSE_MNT "/two"

FIXTURE(racing_umount)
{
	struct fse_fs fence;
	struct fse_fs fs;
	struct fse_listener l;
	pid_t racer;
};

FIXTURE_SETUP(racing_umount)
{
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fence_make(&self->fence));
	ASSERT_EQ(0, fse_fs_make(&self->fs, "ext4", "one", 16, ""));
	mkdir(TWO, 0755);
	ASSERT_EQ(0, fse_listen(&self->l));
}

FIXTURE_TEARDOWN(racing_umount)
{
	fse_kill(self->racer);
	while (!umount2(TWO, MNT_DETACH))
		;
	rmdir(TWO);
	fse_fs_remove(&self->fs);
	EXPECT_EQ(0, fse_module_load());
	EXPECT_EQ(0, fse_fstrace_mount());
	fse_config("\n");
	fse_fs_remove(&self->fence);
	fse_unlisten(&self->l);
}

/* With events to send and samples to take; without G, which is slow to set. */
static int watch(const char *mount)
{
	return fse_config("%s T 100%% 99%% 1", mount);
}

/* The device must be free at once. 0 or a negative errno. */
static int umount_and_look(const struct fse_fs *fs)
{
	/* A write that holds the path makes it busy. */
	return fse_umount(fs->mount) ?: fse_exclusive(fs->dev);
}

static int mount_again(const struct fse_fs *fs)
{
	return mount(fs->dev, fs->mount, fs->type, 0, NULL) ? -errno : 0;
}

/* Number of unmount events so far; -1 if another event followed. */
static int unmounts(struct fse_listener *l)
{
	struct fse_event ev;
	int n = 0, after = 0;

	while (fse_next(l, &ev, 0) > 0) {
		after += n;
		n += ev.id == FS_INFO_UNMOUNT;
	}
	return after ? -1 : n;
}

static void write_config(void *text)
{
	fse_config("%s", (char *)text);
}

/* Removing the watch must not leave work that umount(2) misses. */
TEST_F_TIMEOUT(racing_umount, blank_write, 600)
{
	unsigned int i;

	self->racer = fse_repeat(write_config, "\n");
	ASSERT_GT(self->racer, 0);
	for (i = 0; i < fse_rounds(ROUNDS); i++) {
		ASSERT_EQ(0, watch(self->fs.mount));
		usleep(i % 5 * 500);
		/* A blank write holds no path. */
		ASSERT_EQ(0, umount2(self->fs.mount, 0));
		ASSERT_EQ(0, fse_exclusive(self->fs.dev));
		ASSERT_EQ(0, mount_again(&self->fs));
	}
	fse_kill(self->racer);
	self->racer = 0;
	EXPECT_EQ(0, fse_stat("watches"));
}

TEST_F_TIMEOUT(racing_umount, unset_of_one, 600)
{
	char text[256];
	unsigned int i;

	snprintf(text, sizeof(text), "!%s", self->fs.mount);
	/* This watch must stay. */
	ASSERT_EQ(0, fse_config("%s T 1", self->fence.mount));
	self->racer = fse_repeat(write_config, text);
	ASSERT_GT(self->racer, 0);
	for (i = 0; i < fse_rounds(ROUNDS); i++) {
		ASSERT_EQ(0, watch(self->fs.mount));
		usleep(i % 5 * 500);
		ASSERT_EQ(0, umount_and_look(&self->fs));
		ASSERT_EQ(0, mount_again(&self->fs));
	}
	fse_kill(self->racer);
	self->racer = 0;
	EXPECT_NE(NULL, fse_listed(self->fence.mount));
}

/* The two mounts of a file system; the watch is tied to the first. */
static int umount_or_detach(unsigned int who, void *arg)
{
	const struct fse_fs *fs = arg;

	if (who)
		return umount2(TWO, MNT_DETACH) ? errno : 0;
	return -fse_umount(fs->mount);
}

/* The last umount shuts down the super block, whichever it is. */
TEST_F_TIMEOUT(racing_umount, detach_of_the_mount_that_it_is_tied_to, 600)
{
	unsigned int i;

	for (i = 0; i < fse_rounds(ROUNDS); i++) {
		ASSERT_EQ(0, mount(self->fs.mount, TWO, NULL, MS_BIND, NULL));
		ASSERT_EQ(0, watch(TWO));
		ASSERT_EQ(0, fse_race(2, umount_or_detach, &self->fs));
		ASSERT_EQ(0, fse_exclusive(self->fs.dev));
		ASSERT_EQ(1, unmounts(&self->l));
		ASSERT_EQ(0, mount_again(&self->fs));
	}
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	EXPECT_EQ(0, fse_stat("watches"));
}

static int watch_within(void *mount)
{
	return -watch(mount);
}

/*
 * A watch being removed, off the lists but with a last message to send, must
 * not outlive the network namespace.
 */
TEST_F_TIMEOUT(racing_umount, death_of_the_network_namespace, 600)
{
	unsigned int i;

	for (i = 0; i < fse_rounds(ROUNDS); i++) {
		self->racer = fse_space(CLONE_NEWNET);
		ASSERT_GT(self->racer, 0);
		ASSERT_EQ(0, fse_within(self->racer, CLONE_NEWNET,
					watch_within, self->fs.mount));
		fse_kill(self->racer);
		self->racer = 0;
		/* Vary how far the teardown has got. */
		usleep(i % 20 * 2000);
		ASSERT_EQ(0, umount2(self->fs.mount, 0));
		ASSERT_EQ(0, fse_exclusive(self->fs.dev));
		ASSERT_EQ(0, mount_again(&self->fs));
	}
	EXPECT_TRUE(fse_wait_watches(0));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
}

static int umount_or_unload(unsigned int who, void *arg)
{
	if (who)
		return -fse_module_unload();
	return -umount_and_look(arg);
}

TEST_F_TIMEOUT(racing_umount, exit_of_the_module, 600)
{
	unsigned int i;

	if (!fse_module_loaded())
		SKIP(return, "fs_events is not a module");
	for (i = 0; i < fse_rounds(ROUNDS); i++) {
		ASSERT_EQ(0, fse_module_load());
		ASSERT_EQ(0, fse_fstrace_mount());
		ASSERT_EQ(0, watch(self->fs.mount));
		ASSERT_EQ(0, fse_fstrace_umount());
		ASSERT_EQ(0, fse_race(2, umount_or_unload, &self->fs));
		ASSERT_FALSE(fse_module_loaded());
		ASSERT_EQ(0, mount_again(&self->fs));
	}
}

TEST_HARNESS_MAIN
