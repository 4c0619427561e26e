// SPDX-License-Identifier: GPL-2.0-only
/*
 * Levels: what is told when available space or free inodes fall and rise.
 */
#include <kselftest_harness.h>

#include "control.h"
#include "event.h"
#include "filesystem.h"

FIXTURE(levels)
{
	struct fse_fs fs;
	struct fse_listener l;
	struct fse_event ev;
	__u64 avail;
};

FIXTURE_VARIANT(levels)
{
	const char *type;
	unsigned int mib;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(levels, tmpfs) { .type = "tmpfs", .mib = 64 };
FIXTURE_VARIANT_ADD(levels, ext4) { .type = "ext4", .mib = 64 };
FIXTURE_VARIANT_ADD(levels, xfs) { .type = "xfs", .mib = 300 };
FIXTURE_VARIANT_ADD(levels, btrfs) { .type = "btrfs", .mib = 256 };
/* clang-format on */

FIXTURE_SETUP(levels)
{
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fs_make(&self->fs, variant->type, "levels",
				 variant->mib, ""));
	ASSERT_EQ(0, fse_listen(&self->l));
	self->avail = fse_avail(&self->fs);
}

FIXTURE_TEARDOWN(levels)
{
	fse_config("\n");
	fse_fs_remove(&self->fs);
	fse_unlisten(&self->l);
}

/* B6: one allocation past both levels tells both, and so does freeing it. */
TEST_F(levels, two_at_once_in_order)
{
	__u64 first = self->avail - 2000, second = self->avail - 4000;

	ASSERT_EQ(0, fse_config("%s T %llu %llu", self->fs.mount, first,
				second));
	ASSERT_EQ(0, fse_fill(&self->fs, "file", 6000));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->l, self->fs.mount,
					      &self->ev, FSE_SOON));
	EXPECT_EQ(first, self->ev.level);
	EXPECT_EQ(1, self->ev.level_nr);
	EXPECT_LE(self->ev.data, first);
	EXPECT_EQ(FS_THR_URBELOW, fse_next_of(&self->l, self->fs.mount,
					      &self->ev, FSE_SOON));
	EXPECT_EQ(second, self->ev.level);
	EXPECT_EQ(2, self->ev.level_nr);
	EXPECT_EQ(fse_total(&self->fs), self->ev.total);
	EXPECT_EQ(fse_frsize(&self->fs), self->ev.frsize);

	ASSERT_EQ(0, fse_free(&self->fs, "file"));
	EXPECT_EQ(FS_THR_URABOVE, fse_next_of(&self->l, self->fs.mount,
					      &self->ev, FSE_SOON));
	EXPECT_EQ(FS_THR_LRABOVE, fse_next_of(&self->l, self->fs.mount,
					      &self->ev, FSE_SOON));
	EXPECT_GT(self->ev.data, first);
	EXPECT_EQ(0, fse_next(&self->l, &self->ev, FSE_QUIET));
}

TEST_HARNESS_MAIN
