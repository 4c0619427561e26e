// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that need a block unexpectedly, on file systems that copy on write or
 * share blocks: each failure is reported once, as data.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/fs.h>

#include "blame.h"
#include "control.h"
#include "harness.h"
#include "module.h"

#define FILES		16
/* Length of a file whose last block is partial. */
#define LENGTH		(15 << 10)
#define NEXT		(16 << 10)

static int open_nth(const char *mount, const char *what, int n, int flags)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s%d", mount, what, n);
	return open(path, flags | O_CLOEXEC, 0600);
}

/* The rest of the last block has to be zeroed. */
static int set_lengths(const char *mount, off_t length)
{
	char path[160];
	int i;

	for (i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s/long%d", mount, i);
		if (truncate(path, length))
			return errno;
	}
	return 0;
}

static int cut(void *mount)
{
	return set_lengths(mount, LENGTH - 100);
}

static int stretch(void *mount)
{
	return set_lengths(mount, LENGTH + 10000);
}

static int stretch_open(void *mount)
{
	int i;

	for (i = 0; i < FILES; i++)
		if (ftruncate(open_nth(mount, "long", i, O_WRONLY),
			      LENGTH + 10000))
			return errno;
	return 0;
}

/*
 * btrfs can't share inline extents: a clone that does not start at the
 * beginning of the file copies them.
 */
static int clone(void *mount)
{
	struct file_clone_range range = { .dest_offset = NEXT };
	int i;

	range.src_fd = open_nth(mount, "short", 0, O_RDONLY);
	for (i = 0; i < FILES; i++)
		if (ioctl(open_nth(mount, "long", i, O_WRONLY), FICLONERANGE,
			  &range))
			return errno;
	return 0;
}

/* Tries to clone, then writes; only the failed write is reported. */
static int copy(void *mount)
{
	loff_t from = 0, to = NEXT;
	int i, fd = open_nth(mount, "short", 0, O_RDONLY);

	for (i = 0; i < FILES; i++, from = 0, to = NEXT)
		if (copy_file_range(fd, &from, open_nth(mount, "long", i,
							O_WRONLY), &to,
				    100, 0) < 0)
			return errno;
	return 0;
}

static int make_files(const struct fse_fs *fs)
{
	static char data[LENGTH];
	int i, fd, shared, err = 0;

	memset(data, 'x', sizeof(data));
	for (i = 0; i < FILES && !err; i++) {
		fd = open_nth(fs->mount, "long", i, O_RDWR | O_CREAT);
		if (fd < 0 || write(fd, data, LENGTH) != LENGTH || fsync(fd))
			err = -errno;
		/* xfs overwrites unshared blocks in place. */
		if (!strcmp(fs->type, "xfs")) {
			shared = open_nth(fs->mount, "shares", i,
					  O_RDWR | O_CREAT);
			if (ioctl(shared, FICLONE, fd))
				err = -errno;
			close(shared);
		}
		close(fd);
	}
	fd = open_nth(fs->mount, "short", 0, O_RDWR | O_CREAT);
	if (fd < 0 || write(fd, data, 100) != 100 || fsync(fd))
		err = -errno;
	close(fd);
	return err;
}

FIXTURE(sharing)
{
	struct fse_watched w;
};

FIXTURE_VARIANT(sharing)
{
	const char *type;
	unsigned int mib;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(sharing, xfs) { .type = "xfs", .mib = 300 };
FIXTURE_VARIANT_ADD(sharing, btrfs) { .type = "btrfs", .mib = 128 };
/* clang-format on */

FIXTURE_SETUP(sharing)
{
	if (!built_in())
		SKIP(return, "a module does not see calls fail");
	ASSERT_EQ(0, fse_begin(&self->w, variant->type, variant->mib, "", ""));
	ASSERT_EQ(0, make_files(&self->w.fs));
	ASSERT_EQ(0, fse_brim(&self->w.fs));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
}

FIXTURE_TEARDOWN(sharing)
{
	fse_end(&self->w);
}

TEST_F(sharing, truncate_is_reported_once)
{
	EXPECT_STREQ("", fse_blamed(&self->w, FS_WARN_ENOSPC, stretch,
				    self->w.fs.mount));
	EXPECT_STREQ("", fse_blamed(&self->w, FS_WARN_ENOSPC, stretch_open,
				    self->w.fs.mount));
	/* btrfs does not write the truncated block. */
	if (!strcmp(variant->type, "xfs"))
		EXPECT_STREQ("", fse_blamed(&self->w, FS_WARN_ENOSPC, cut,
					    self->w.fs.mount));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(sharing, clone_and_what_copies_instead_are_reported_once)
{
	if (strcmp(variant->type, "btrfs"))
		SKIP(return, "a clone needs no block here");
	EXPECT_STREQ("", fse_blamed(&self->w, FS_WARN_ENOSPC, clone,
				    self->w.fs.mount));
	EXPECT_STREQ("", fse_blamed(&self->w, FS_WARN_ENOSPC, copy,
				    self->w.fs.mount));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_HARNESS_MAIN
