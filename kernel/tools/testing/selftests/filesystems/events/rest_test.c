// SPDX-License-Identifier: GPL-2.0-only
/*
 * An idle file system's watch does not access the disk, whatever the type and
 * even with cold caches: it must not wake a sleeping disk. With FSE_ROUNDS=8 in
 * the environment the test takes five minutes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "event.h"
#include "filesystem.h"
#include "harness.h"
#include "process.h"

/**
 * struct kind - a file system
 * @type: type for mount(8)
 * @name: name of its mount
 * @mib: size in MiB
 * @mkfs: options for mkfs
 * @options: options for mount(8)
 */
struct kind {
	const char *type;
	const char *name;
	unsigned int mib;
	const char *mkfs;
	const char *options;
};

/* clang-format off */
static const struct kind kinds[] = {
	{ "ext3", "ext3", 16, "", "-o noinit_itable" },
	{ "ext4", "ext4", 16, "", "-o noinit_itable" },
	{ "ext4", "ext4-no-journal", 16, "-O ^has_journal",
	  "-o noinit_itable,no_prefetch_block_bitmaps" },
	{ "xfs", "xfs", 300, "", "" },
	{ "btrfs", "btrfs", 128, "", "" },
	{ "vfat", "vfat", 16, "", "" },
	{ "exfat", "exfat", 16, "", "" },
	{ "ntfs3", "ntfs3", 16, "", "" },
	{ "udf", "udf", 16, "", "" },
	{ "f2fs", "f2fs", 64, "", "" },
};

/* clang-format on */

#define NR	ARRAY_SIZE(kinds)

/* Some types are sampled every second then; udf, which is full, every 30 s. */
#define WATCH	"T 1 G:enospc_meta,remount_ro,shutdown"
/* For types that count inodes. */
#define INODES	"I 1"
#define PERIOD	40000

FIXTURE(rest)
{
	struct fse_fs fs[NR];
	struct fse_listener l;
	struct fse_event ev;
};

FIXTURE_SETUP(rest)
{
	unsigned int i;

	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_listen(&self->l));
	for (i = 0; i < NR; i++) {
		struct fse_fs *fs = &self->fs[i];

		if (fse_sh("modprobe -q %s || grep -qw %s /proc/filesystems",
			   kinds[i].type, kinds[i].type))
			continue;
		ASSERT_EQ(0, fse_fs_make_as(fs, kinds[i].type, kinds[i].name,
					    kinds[i].mib, kinds[i].mkfs,
					    kinds[i].options));
		/*
		 * udf searches for free space only when it has none recorded.
		 */
		if (!strcmp(kinds[i].type, "udf"))
			fse_sh("dd if=/dev/zero of=%s/file bs=64K 2>/dev/null",
			       fs->mount);
		else
			ASSERT_EQ(0, fse_fill(fs, "file", 16));
		ASSERT_EQ(0, fse_sh("sync -f %s", fs->mount));
	}
}

FIXTURE_TEARDOWN(rest)
{
	unsigned int i;

	fse_config("\n");
	fse_unlisten(&self->l);
	for (i = 0; i < NR; i++) {
		if (self->fs[i].mount[0])
			fse_fs_remove(&self->fs[i]);
	}
}

/* Completed reads and writes of a disk. */
struct usage {
	unsigned long reads;
	unsigned long writes;
};

static struct usage usage(const struct fse_fs *fs)
{
	struct usage u = {};
	char path[64];

	snprintf(path, sizeof(path), "/sys/block/%s/stat",
		 fs->dev + strlen("/dev/"));
	if (sscanf(fse_read(path), "%lu %*u %*u %*u %lu", &u.reads,
		   &u.writes) != 2)
		memset(&u, 0, sizeof(u));
	return u;
}

struct goal {
	__u64 samples;
	__u64 time;
};

static bool reached(void *arg)
{
	const struct goal *goal = arg;

	return fse_stat("samples") >= goal->samples && fse_now() >= goal->time;
}

TEST_F(rest, no_disk_is_used)
{
	struct usage before[NR] = {}, now;
	struct goal goal;
	unsigned int i;

	for (i = 0; i < NR; i++) {
		struct fse_fs *fs = &self->fs[i];

		if (!fs->mount[0])
			continue;
		ASSERT_EQ(0, fse_config("%s " WATCH, fs->mount));
		if (fse_inodes_total(fs))
			ASSERT_EQ(0, fse_config("%s " INODES, fs->mount));
	}
	for (i = 0; i < NR; i++) {
		if (self->fs[i].mount[0])
			ASSERT_TRUE(fse_sampled("%s " WATCH,
						self->fs[i].mount));
	}
	ASSERT_EQ(0, fse_sh("sync"));
	/* First, so that blocks read again are cached. */
	for (i = 0; i < NR; i++) {
		struct fse_fs *fs = &self->fs[i];

		if (!fs->mount[0])
			continue;
		/* xfs covers its log for 90 s after a change otherwise. */
		if (!strcmp(fs->type, "xfs"))
			ASSERT_EQ(0, fse_freeze(fs) ?: fse_thaw(fs));
		before[i] = usage(fs);
	}
	ASSERT_EQ(0, fse_put("/proc/sys/vm/drop_caches", "3"));
	goal.samples = fse_stat("samples") + NR;
	goal.time = fse_now() + PERIOD * fse_factor("FSE_ROUNDS");
	while (!reached(&goal) && fse_now() < goal.time + FSE_SOON)
		fse_next(&self->l, &self->ev, 100);
	EXPECT_TRUE(reached(&goal));
	TH_LOG("%llu samples", fse_stat("samples") - goal.samples + NR);
	for (i = 0; i < NR; i++) {
		if (!self->fs[i].mount[0])
			continue;
		now = usage(&self->fs[i]);
		TH_LOG("%s: %lu reads, %lu writes", kinds[i].name,
		       now.reads - before[i].reads,
		       now.writes - before[i].writes);
		EXPECT_EQ(before[i].reads, now.reads);
		EXPECT_EQ(before[i].writes, now.writes);
	}
	/* Dropping caches would count. */
	ASSERT_EQ(0, fse_put("/proc/sys/vm/drop_caches", "3"));
	for (i = 0; i < NR; i++) {
		if (!self->fs[i].mount[0])
			continue;
		fse_sh("cat %s/file >/dev/null", self->fs[i].mount);
		EXPECT_LT(before[i].reads, usage(&self->fs[i]).reads)
			TH_LOG("%s", kinds[i].name);
	}
}

TEST_HARNESS_MAIN
