// SPDX-License-Identifier: GPL-2.0-only
/*
 * No space for data or metadata: detected by sampling, and in a kernel with
 * hooks by the failed call.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "harness.h"
#include "module.h"
#include "watched.h"

/* Writes @size at a time until that fails. */
static int pour(struct fse_watched *w, const char *size)
{
	return fse_sh("dd if=/dev/zero bs=%s 2>/dev/null >>%s/file; test $? = 1",
		      size, w->fs.mount);
}

/*
 * Fills a file system, with small writes at the end: XFS refuses a large write
 * that it can't store completely.
 */
static int fill_up(struct fse_watched *w)
{
	return pour(w, "1M") || pour(w, "4k") ? -1 : 0;
}

FIXTURE(space)
{
	struct fse_watched w;
};

FIXTURE_VARIANT(space)
{
	const char *type;
	unsigned int mib;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(space, tmpfs) { .type = "tmpfs", .mib = 16 };
FIXTURE_VARIANT_ADD(space, ext4) { .type = "ext4", .mib = 16 };
FIXTURE_VARIANT_ADD(space, xfs) { .type = "xfs", .mib = 300 };
FIXTURE_VARIANT_ADD(space, btrfs) { .type = "btrfs", .mib = 128 };
/* clang-format on */

FIXTURE_SETUP(space)
{
	__u64 kib;

	ASSERT_EQ(0, fse_begin(&self->w, variant->type, variant->mib, "", ""));
	/* Reserving most of the space is faster than writing it. */
	kib = fse_avail(&self->w.fs) * fse_frsize(&self->w.fs) / 1024;
	ASSERT_EQ(0, fse_sh("fallocate -l %lluK %s/ballast", kib - 8192,
			    self->w.fs.mount));
}

FIXTURE_TEARDOWN(space)
{
	fse_end(&self->w);
}

static bool some_is_free(void *arg)
{
	const struct fse_fs *fs = arg;

	return fse_avail(fs) > 64;
}

/*
 * The free blocks after ENOSPC differ: none on tmpfs, a few on XFS and btrfs.
 * Regression: each failed call sent an event.
 */
TEST_F(space, enospc_comes_when_full_once)
{
	if (built_in())
		SKIP(return, "the failed call reports it");
	ASSERT_EQ(0, fse_watch(&self->w, "G:enospc"));
	EXPECT_EQ(0, fse_event_now(&self->w));
	for (int i = 0; i < 2; i++) {
		int id = 0;

		/*
		 * btrfs may need a commit to find freed blocks; XFS may have
		 * returned preallocated blocks before a slow machine sampled.
		 */
		for (int k = 0; k < 10 && !id; k++) {
			ASSERT_EQ(0, fill_up(&self->w));
			id = fse_event_now(&self->w);
			ASSERT_LE(0, id);
		}
		ASSERT_EQ(FS_WARN_ENOSPC, id);
		EXPECT_EQ(ENOSPC, self->w.ev.error);
		EXPECT_EQ(1, self->w.ev.count);
		EXPECT_EQ(0, self->w.ev.pid);
		/*
		 * Shortly before, XFS allocates and frees preallocated blocks.
		 */
		for (int k = 0; k < 3 && fse_event_now(&self->w); k++)
			ASSERT_STREQ("xfs", variant->type);
		ASSERT_EQ(0, fill_up(&self->w));
		ASSERT_EQ(0, fill_up(&self->w));
		EXPECT_EQ(0, fse_event_now(&self->w));

		ASSERT_EQ(0, fse_free(&self->w.fs, "file"));
		/* XFS frees most of it later, which must be visible. */
		ASSERT_TRUE(fse_until(some_is_free, &self->w.fs));
		EXPECT_EQ(0, fse_event_now(&self->w));
	}
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Each with the calling process, and no more than occurred. */
TEST_F(space, enospc_comes_with_each_call_that_fails)
{
	unsigned int calls = 0, reported = 0;

	if (!built_in())
		SKIP(return, "sampling finds it");
	ASSERT_EQ(0, fse_watch(&self->w, "G:enospc"));
	EXPECT_EQ(0, fse_event_now(&self->w));
	for (int i = 0; i < 2; i++) {
		for (int k = 0; k < 3; k++, calls++) {
			ASSERT_EQ(0, fse_fill_up(&self->w));
			while (reported <= calls) {
				ASSERT_EQ(FS_WARN_ENOSPC, fse_event(&self->w));
				EXPECT_EQ(ENOSPC, self->w.ev.error);
				EXPECT_EQ(getpid(), self->w.ev.pid);
				reported += self->w.ev.count;
			}
		}
		ASSERT_EQ(0, fse_free(&self->w.fs, "file"));
		EXPECT_EQ(0, fse_event_now(&self->w));
	}
	EXPECT_EQ(calls, reported);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

FIXTURE(exact_space)
{
	struct fse_watched w;
};

FIXTURE_SETUP(exact_space)
{
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 16, "",
			       "-o nr_inodes=1001"));
}

FIXTURE_TEARDOWN(exact_space)
{
	fse_end(&self->w);
}

TEST_F(exact_space, enospc_is_64_blocks_and_ends_above_128)
{
	ASSERT_EQ(0, fse_watch(&self->w, "G:enospc"));
	ASSERT_EQ(0, fse_leave(&self->w, 65));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 64));
	EXPECT_EQ(fse_full(FS_WARN_ENOSPC), fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 128));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 0));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 129));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 64));
	EXPECT_EQ(fse_full(FS_WARN_ENOSPC), fse_event_now(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(exact_space, enospc_meta_is_no_inode_and_ends_above_128)
{
	ASSERT_EQ(0, fse_watch(&self->w, "G:enospc_meta"));
	ASSERT_EQ(0, fse_files(&self->w.fs, 0, 999));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_files(&self->w.fs, 999, 1000));
	EXPECT_EQ(fse_full(FS_WARN_ENOSPC_META), fse_event_now(&self->w));
	if (!built_in())
		EXPECT_EQ(ENOSPC, self->w.ev.error);
	ASSERT_EQ(0, fse_files_remove(&self->w.fs, 0, 128));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_files(&self->w.fs, 0, 128));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_files_remove(&self->w.fs, 0, 129));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_files(&self->w.fs, 0, 129));
	EXPECT_EQ(fse_full(FS_WARN_ENOSPC_META), fse_event_now(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(exact_space, names_choose)
{
	ASSERT_EQ(0, fse_watch(&self->w, "G:enospc_meta"));
	ASSERT_EQ(0, fse_leave(&self->w, 0));
	EXPECT_EQ(0, fse_event_now(&self->w));
	/* It was full before the event was enabled, so that is not reported. */
	ASSERT_EQ(0, fse_watch(&self->w, "G:enospc"));
	EXPECT_EQ(fse_full(FS_WARN_ENOSPC), fse_event_now(&self->w));
	/* "file" has an inode. */
	ASSERT_EQ(0, fse_files(&self->w.fs, 0, 999));
	EXPECT_EQ(0, fse_inodes_free(&self->w.fs));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_watch(&self->w, "G:corrupted,io_error"));
	EXPECT_EQ(0, fse_event_now(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Like a level in a repeated request. */
TEST_F(exact_space, names_written_again_repeat_nothing)
{
	ASSERT_EQ(0, fse_leave(&self->w, 0));
	ASSERT_EQ(0, fse_watch(&self->w, "G:enospc"));
	EXPECT_EQ(fse_full(FS_WARN_ENOSPC), fse_event_now(&self->w));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_watch(&self->w, "G:enospc,corrupted"));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_watch(&self->w, "G:corrupted"));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	EXPECT_EQ(fse_full(FS_WARN_ENOSPC), fse_event_now(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* The whole file system has 64 blocks. */
TEST(a_tiny_file_system_is_not_full_while_empty)
{
	struct fse_watched w;

	ASSERT_EQ(0, fse_begin(&w, "tmpfs", 1, "", "-o size=128K"));
	ASSERT_EQ(32, fse_avail(&w.fs));
	ASSERT_EQ(0, fse_watch(&w, "G:enospc,enospc_meta"));
	EXPECT_EQ(0, fse_event_now(&w));
	ASSERT_EQ(0, fse_leave(&w, 0));
	EXPECT_EQ(fse_full(FS_WARN_ENOSPC), fse_event_now(&w));
	EXPECT_EQ(0, fse_left(&w.l));
	fse_end(&w);
}

/* Root may still write then. */
TEST(enospc_does_not_wait_for_what_only_root_may_use)
{
	struct fse_watched w;

	ASSERT_EQ(0, fse_begin(&w, "ext4", 16, "-m 20", ""));
	ASSERT_EQ(0, fse_watch(&w, "G:enospc"));
	ASSERT_EQ(0, fse_fill_to(&w.fs, "file", 0));
	EXPECT_EQ(fse_full(FS_WARN_ENOSPC), fse_event_now(&w));
	EXPECT_EQ(0, fse_fill(&w.fs, "file", 100));
	EXPECT_EQ(0, fse_left(&w.l));
	fse_end(&w);
}

TEST(enospc_meta_comes_when_ext4_has_no_inodes)
{
	struct fse_watched w;
	__u64 free;

	ASSERT_EQ(0, fse_begin(&w, "ext4", 16, "-N 512", ""));
	free = fse_inodes_free(&w.fs);
	ASSERT_EQ(0, fse_watch(&w, "G"));
	ASSERT_EQ(0, fse_files(&w.fs, 0, free));
	EXPECT_EQ(-ENOSPC, fse_files(&w.fs, free, free + 1));
	EXPECT_EQ(FS_WARN_ENOSPC_META, fse_event_now(&w));
	EXPECT_EQ(0, fse_event_now(&w));
	EXPECT_EQ(0, fse_left(&w.l));
	fse_end(&w);
}

/* Allocates "file" with that length, without writing. */
static int allocate(struct fse_watched *w, __u64 kib)
{
	return fse_sh("fallocate -l %lluK %s/file", kib, w->fs.mount);
}

/* A million blocks: 0.1 % of them are more than 128. */
TEST(enospc_comes_again_after_more_than_a_thousandth)
{
	struct fse_watched w;
	__u64 avail;

	ASSERT_EQ(0, fse_begin(&w, "ext4", 1024, "-b 1024 -m 0", ""));
	avail = fse_avail(&w.fs);
	ASSERT_GT(avail, 900000);
	ASSERT_EQ(0, fse_watch(&w, "G:enospc"));
	ASSERT_EQ(0, allocate(&w, avail - 60));
	EXPECT_EQ(fse_full(FS_WARN_ENOSPC), fse_event_now(&w));
	ASSERT_EQ(0, fse_shrink(&w.fs, "file", 800));
	EXPECT_EQ(0, fse_event_now(&w));
	ASSERT_EQ(0, allocate(&w, avail - 60));
	EXPECT_EQ(0, fse_event_now(&w));
	ASSERT_EQ(0, fse_shrink(&w.fs, "file", 1200));
	EXPECT_EQ(0, fse_event_now(&w));
	ASSERT_EQ(0, allocate(&w, avail - 60));
	EXPECT_EQ(fse_full(FS_WARN_ENOSPC), fse_event_now(&w));
	EXPECT_EQ(0, fse_left(&w.l));
	fse_end(&w);
}

TEST_HARNESS_MAIN
