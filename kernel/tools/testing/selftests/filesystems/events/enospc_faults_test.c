// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stores to a mapped file when no block is free: each SIGBUS is reported once,
 * with the process.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "blame.h"
#include "control.h"
#include "harness.h"
#include "module.h"

/* Length of the sparse file; far more than the free space. */
#define LENGTH		(8 << 20)
#define ROOM		(200 << 10)

static sigjmp_buf missed;

static void on_sigbus(int sig)
{
	(void)sig;
	siglongjmp(missed, 1);
}

static char *map_file(const char *mount)
{
	char path[160];
	char *map;
	int fd;

	snprintf(path, sizeof(path), "%s/mapped", mount);
	fd = open(path, O_RDWR | O_CLOEXEC);
	map = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return map == MAP_FAILED ? NULL : map;
}

/* Stores to page after page. SIGBUS can only mean ENOSPC here. */
static int store_on(void *mount)
{
	const int no_space = ENOSPC;
	size_t page = getpagesize(), i;
	char *map = map_file(mount);

	if (!map)
		return errno;
	if (sigsetjmp(missed, 1))
		return no_space;
	signal(SIGBUS, on_sigbus);
	for (i = 0; i < LENGTH; i += page)
		map[i] = 1;
	return 0;
}

/* Makes the kernel store there for a system call, which returns EFAULT. */
static int have_stored(void *mount)
{
	size_t page = getpagesize(), i;
	char *map = map_file(mount);
	int p[2], err = 0;

	if (!map || pipe(p))
		return errno;
	for (i = 0; i < LENGTH && !err; i += page) {
		if (write(p[1], "x", 1) != 1)
			err = EPIPE;
		else if (read(p[0], map + i, 1) != 1)
			err = errno == EFAULT ? ENOSPC : errno;
	}
	return err;
}

FIXTURE(faults)
{
	struct fse_watched w;
};

FIXTURE_VARIANT(faults)
{
	const char *type;
	unsigned int mib;
	const char *mkfs;
	const char *options;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(faults, tmpfs) { "tmpfs", 8, "", "" };
FIXTURE_VARIANT_ADD(faults, ext4) { "ext4", 16, "-m 0", "" };
/* Each option takes another path through ext4. */
FIXTURE_VARIANT_ADD(faults, ext4_now) { "ext4", 16, "-m 0", "-o nodelalloc" };
FIXTURE_VARIANT_ADD(faults, ext4_data) { "ext4", 16, "-m 0", "-o data=journal" };
FIXTURE_VARIANT_ADD(faults, xfs) { "xfs", 300, "", "" };
FIXTURE_VARIANT_ADD(faults, btrfs) { "btrfs", 128, "", "" };
FIXTURE_VARIANT_ADD(faults, f2fs) { "f2fs", 64, "", "" };
/* clang-format on */

FIXTURE_SETUP(faults)
{
	if (!built_in())
		SKIP(return, "a module does not see calls fail");
	ASSERT_EQ(0, fse_begin(&self->w, variant->type, variant->mib,
			       variant->mkfs, variant->options));
	ASSERT_EQ(0, fse_sh("truncate -s %u %s/mapped", LENGTH,
			    self->w.fs.mount));
	ASSERT_EQ(0, fse_brim(&self->w.fs));
	ASSERT_EQ(0, fse_room(&self->w.fs, ROOM / fse_frsize(&self->w.fs)));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
}

FIXTURE_TEARDOWN(faults)
{
	fse_end(&self->w);
}

TEST_F(faults, a_failed_store_is_reported_once)
{
	EXPECT_STREQ("", fse_blamed(&self->w, FS_WARN_ENOSPC, store_on,
				    self->w.fs.mount));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(faults, a_failed_store_by_the_kernel_is_reported_once)
{
	EXPECT_STREQ("", fse_blamed(&self->w, FS_WARN_ENOSPC, have_stored,
				    self->w.fs.mount));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_HARNESS_MAIN
