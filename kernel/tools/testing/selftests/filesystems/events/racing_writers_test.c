// SPDX-License-Identifier: GPL-2.0-only
/*
 * Racing writers, one file system on a block device: there is one watch, and
 * umount(2) shuts down the super block before it returns.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include "control.h"
#include "filesystem.h"
#include "harness.h"
#include "process.h"

#define E "/mnt/ext"
#define T "/mnt/tmp"

FIXTURE(racing_writers)
{
	struct fse_fs ext;
	struct fse_fs tmp;
	/* Shared memory of the children. */
	atomic_int *stop;
};

FIXTURE_SETUP(racing_writers)
{
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fs_make(&self->ext, "ext4", "ext", 16, ""));
	ASSERT_EQ(0, fse_fs_make(&self->tmp, "tmpfs", "tmp", 8, ""));
	self->stop = mmap(NULL, sizeof(*self->stop), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->stop);
}

FIXTURE_TEARDOWN(racing_writers)
{
	fse_config("\n");
	fse_fs_remove(&self->ext);
	fse_fs_remove(&self->tmp);
	munmap(self->stop, sizeof(*self->stop));
}

/* Returns 0 if the device is free, as must be true at once. */
static int device_free(const struct fse_fs *fs)
{
	int fd = open(fs->dev, O_RDWR | O_EXCL | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int make(unsigned int who, void *arg)
{
	const char *text = arg;

	return fse_config(text, 100 + who, 100 + who) ? 1 : 0;
}

/*
 * Regression: two racing requests made two watches in every fourth or fifth
 * try. The list lost one, which pinned the super block: umount(2) succeeded and
 * the file system stayed alive.
 */
TEST_F_TIMEOUT(racing_writers, make_one_watch, 120)
{
	struct fse_fs *fs = &self->ext;
	unsigned int try;

	for (try = 0; try < 60; try++) {
		ASSERT_EQ(0, fse_race(2, make, E " T %u"));
		ASSERT_EQ(1, fse_watches()) {
			TH_LOG("try %u: %s", try, fse_read("config"));
		}
		ASSERT_EQ(1, fse_stat("watches"));
		if (try % 20) {
			ASSERT_EQ(0, fse_config("!" E));
			continue;
		}
		ASSERT_EQ(0, umount(fs->mount));
		ASSERT_EQ(0, device_free(fs));
		ASSERT_EQ(0, fse_watches());
		ASSERT_EQ(0, mount(fs->dev, fs->mount, "ext4", 0, NULL));
	}
}

TEST_F_TIMEOUT(racing_writers, make_one_watch_each_of_several, 120)
{
	unsigned int try;

	for (try = 0; try < 25; try++) {
		ASSERT_EQ(0, fse_race(8, make, E " T %u;" T " T %u"));
		ASSERT_EQ(2, fse_watches()) {
			TH_LOG("try %u: %s", try, fse_read("config"));
		}
		ASSERT_EQ(2, fse_stat("watches"));
		ASSERT_EQ(0, fse_config("\n"));
	}
	ASSERT_EQ(0, umount(self->ext.mount));
	ASSERT_EQ(0, device_free(&self->ext));
}

struct end {
	struct fse_fs *fs;
	atomic_int *stop;
};

static int write_or_end(unsigned int who, void *arg)
{
	static const char * const writes[] = {
		E " G T 5;" T " I 7", "!" E, E " T 9;!" T, "\n",
	};
	const struct end *end = arg;
	unsigned int i;
	int err = 0;

	if (!who) {
		do
			err = umount(end->fs->mount) ? errno : 0;
		while (err == EBUSY);
		if (!err && device_free(end->fs))
			err = 255;
		*end->stop = 1;
		return err;
	}
	for (i = who; !*end->stop; i++) {
		err = fse_config("%s", writes[i % ARRAY_SIZE(writes)]);
		/* No watch to remove, or E is not mounted any more. */
		if (err && err != -ENOENT && err != -EINVAL)
			return 254;
	}
	return 0;
}

/* umount(2) may return EBUSY during a write, but not succeed early. */
TEST_F_TIMEOUT(racing_writers, umount_shuts_down_before_it_returns, 120)
{
	struct end end = { &self->ext, self->stop };
	struct fse_fs *fs = &self->ext;
	unsigned int try;

	for (try = 0; try < 12; try++) {
		*self->stop = 0;
		ASSERT_EQ(0, fse_race(4, write_or_end, &end)) {
			TH_LOG("try %u", try);
		}
		EXPECT_EQ(NULL, fse_listed(fs->mount));
		ASSERT_EQ(0, mount(fs->dev, fs->mount, "ext4", 0, NULL));
	}
	/* Watches still work. */
	EXPECT_EQ(0, fse_config("\n"));
	EXPECT_EQ(0, fse_config(E " G"));
	EXPECT_EQ(1, fse_stat("watches"));
}

TEST_HARNESS_MAIN
