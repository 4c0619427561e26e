// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module can be unloaded with watches, listeners and floods of errors, and
 * loaded again.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "control.h"
#include "event.h"
#include "filesystem.h"
#include "harness.h"
#include "lifetime.h"
#include "module.h"

FIXTURE(unload)
{
	struct fse_fs ext4;
	struct fse_fs tmpfs;
	char trigger[128];
	pid_t storm[2];
};

FIXTURE_SETUP(unload)
{
	if (!fse_module_loaded())
		SKIP(return, "fs_events is not a module");
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fs_make(&self->ext4, "ext4", "unload", 16, ""));
	ASSERT_EQ(0, fse_fs_make(&self->tmpfs, "tmpfs", "unload2", 8, ""));
	snprintf(self->trigger, sizeof(self->trigger),
		 "/sys/fs/ext4/%s/trigger_fs_error",
		 self->ext4.dev + strlen("/dev/"));
}

/* Restores the state for the tests that follow. */
FIXTURE_TEARDOWN(unload)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(self->storm); i++)
		fse_kill(self->storm[i]);
	fse_fs_remove(&self->tmpfs);
	fse_fs_remove(&self->ext4);
	EXPECT_EQ(0, fse_module_load());
	EXPECT_EQ(0, fse_fstrace_mount());
	fse_config("\n");
}

/* Reloads the module. 0 or -1. */
static int load(void)
{
	return fse_module_load() || fse_fstrace_mount() ? -1 : 0;
}

/* Unmounts fstrace first. 0 or a negative errno. */
static int unload(void)
{
	return fse_fstrace_umount() ?: fse_module_unload();
}

static int watch_both(const struct fse_fs *one, const struct fse_fs *two)
{
	return fse_config("%s G T 100%% 1; %s G T 100%% 1", one->mount,
			  two->mount);
}

static bool refused(int err)
{
	return err == -EBUSY || err == -EAGAIN;
}

TEST_F(unload, refused_while_fstrace_is_mounted)
{
	EXPECT_TRUE(refused(fse_module_unload()));
	/* A refused unload doesn't stop it halfway. */
	EXPECT_EQ(0, fse_config("%s G", self->ext4.mount));
	EXPECT_EQ(1, fse_watches());
	EXPECT_EQ(0, unload());
	EXPECT_FALSE(fse_module_loaded());
}

TEST_F(unload, refused_while_a_file_is_open)
{
	static const char * const names[] = {
		"config", "events", "error_log", "stats",
	};
	char path[64];
	unsigned int i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), FSE_DIR "/%s", names[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		ASSERT_GE(fd, 0);
		ASSERT_EQ(0, umount2(FSE_DIR, MNT_DETACH));
		EXPECT_TRUE(refused(fse_module_unload()));
		close(fd);
		ASSERT_EQ(0, fse_fstrace_mount());
	}
	EXPECT_EQ(0, unload());
}

TEST_F(unload, watches_and_listeners_do_not_hold_it)
{
	struct fse_listener before, after;
	struct fse_event ev;

	ASSERT_EQ(0, fse_listen(&before));
	ASSERT_EQ(0, watch_both(&self->ext4, &self->tmpfs));
	ASSERT_EQ(FS_THR_LRBELOW, fse_next_of(&before, NULL, &ev, FSE_SOON));
	ASSERT_EQ(FS_THR_LRBELOW, fse_next_of(&before, NULL, &ev, FSE_SOON));
	ASSERT_EQ(0, unload());
	/* The reported levels end; nothing else comes. */
	before.ends = true;
	EXPECT_EQ(FS_INFO_CLEARED, fse_next_of(&before, NULL, &ev, 0));
	EXPECT_EQ(FS_INFO_CLEARED, fse_next_of(&before, NULL, &ev, 0));
	EXPECT_EQ(0, fse_next(&before, &ev, 0));
	EXPECT_NE(0, access(FSE_DIR, F_OK));
	ASSERT_EQ(0, umount2(self->ext4.mount, 0));
	EXPECT_EQ(0, fse_exclusive(self->ext4.dev));
	ASSERT_EQ(0, mount(self->ext4.dev, self->ext4.mount, "ext4", 0, NULL));

	ASSERT_EQ(0, load());
	EXPECT_EQ(0, fse_watches());
	EXPECT_EQ(0, fse_stat("watches"));
	ASSERT_EQ(0, fse_listen(&after));
	ASSERT_EQ(0, watch_both(&self->ext4, &self->tmpfs));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&after, NULL, &ev, FSE_SOON));
	EXPECT_EQ(1, ev.seq);
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&after, NULL, &ev, FSE_SOON));
	ASSERT_EQ(0, umount2(self->ext4.mount, 0));
	EXPECT_EQ(FS_INFO_UNMOUNT, fse_next_of(&after, self->ext4.mount, &ev,
					       FSE_SOON));
	fse_unlisten(&after);
	fse_unlisten(&before);
}

/* A real error, detected by ext4. */
static void trigger_error(void *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	/* At most a thousand per second, to let other tasks run. */
	usleep(fd < 0 || write(fd, "storm", 5) != 5 ? 5000 : 1000);
	close(fd);
}

static void fill_and_free(void *mount)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/file", (char *)mount);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	usleep(fd < 0 || fallocate(fd, 0, 0, 1 << 20) ? 5000 : 1000);
	close(fd);
	unlink(path);
}

TEST_F_TIMEOUT(unload, storms_do_not_hold_it, 600)
{
	struct fse_listener l;
	struct fse_event ev;
	unsigned int i;
	int id;

	self->storm[0] = fse_repeat(trigger_error, self->trigger);
	ASSERT_GT(self->storm[0], 0);
	self->storm[1] = fse_repeat(fill_and_free, self->tmpfs.mount);
	ASSERT_GT(self->storm[1], 0);
	for (i = 0; i < fse_rounds(20); i++) {
		ASSERT_EQ(0, load());
		ASSERT_EQ(0, fse_listen(&l));
		ASSERT_EQ(0, watch_both(&self->ext4, &self->tmpfs));
		/* While the flood is at its peak. */
		do {
			id = fse_next_of(&l, self->ext4.mount, &ev, FSE_SOON);
		} while (id == FS_THR_LRBELOW);
		ASSERT_EQ(FS_ERR_CORRUPTED, id);
		usleep(i % 10 * 1000);
		ASSERT_EQ(0, unload());
		fse_unlisten(&l);
	}
}

static int watch(void *mount)
{
	return -fse_config("%s G T 100%%", (char *)mount);
}

TEST_F_TIMEOUT(unload, network_namespaces_going_at_the_same_time, 600)
{
	unsigned int i;
	pid_t space;

	for (i = 0; i < fse_rounds(5); i++) {
		ASSERT_EQ(0, load());
		space = fse_space(CLONE_NEWNET);
		ASSERT_GT(space, 0);
		ASSERT_EQ(0, fse_within(space, CLONE_NEWNET, watch,
					self->tmpfs.mount));
		fse_kill(space);
		usleep(i % 10 * 2000);
		ASSERT_EQ(0, unload());
	}
}

TEST_HARNESS_MAIN
