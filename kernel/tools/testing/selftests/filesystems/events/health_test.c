// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does a file system still accept writes? Detecting that reads no disk, works
 * on any file system, and an administrator's remount is no failure.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "control.h"
#include "disk.h"
#include "harness.h"
#include "joined.h"
#include "module.h"
#include "process.h"
#include "tracing.h"

enum {
	RO = 1U << FS_ERR_REMOUNT_RO,
	DOWN = 1U << FS_ERR_SHUTDOWN,
	BAD = 1U << FS_ERR_CORRUPTED,
};

/* The events tested here; other tests cover the rest. */
#define HEALTH "G:remount_ro,shutdown"

static bool writes(const struct fse_watched *w)
{
	return !fse_sh("touch %s/control 2>/dev/null", w->fs.mount);
}

static int remount_as(const struct fse_watched *w, const char *options)
{
	return fse_sh("mount -o %s,remount %s", options, w->fs.mount);
}

/* All ext types share a driver, so the mount type makes no difference. */
FIXTURE(ext)
{
	struct fse_watched w;
};

FIXTURE_VARIANT(ext)
{
	const char *type;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(ext, ext2) { .type = "ext2" };
FIXTURE_VARIANT_ADD(ext, ext3) { .type = "ext3" };
FIXTURE_VARIANT_ADD(ext, ext4) { .type = "ext4" };
/* clang-format on */

FIXTURE_SETUP(ext)
{
	ASSERT_EQ(0, fse_begin(&self->w, variant->type, 16, "",
			       "-o errors=remount-ro"));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
}

FIXTURE_TEARDOWN(ext)
{
	fse_end(&self->w);
}

TEST_F(ext, stops_writing_after_an_error)
{
	ASSERT_EQ(0, fse_raise(&self->w));
	EXPECT_EQ(BAD | RO, fse_facts(&self->w, BAD | RO));
	EXPECT_FALSE(writes(&self->w));
}

TEST_F(ext, shuts_down_on_request)
{
	ASSERT_EQ(0, fse_sh("xfs_io -x -c shutdown %s", self->w.fs.mount));
	EXPECT_EQ(RO | DOWN, fse_facts(&self->w, RO | DOWN));
}

/* An administrator's remount shortly after an error is no failure. */
TEST(administrator_remounts_after_an_error)
{
	struct fse_watched w;
	unsigned int i;

	ASSERT_EQ(0, fse_begin(&w, "ext4", 16, "", "-o errors=continue"));
	ASSERT_EQ(0, fse_watch(&w, HEALTH));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, fse_raise(&w));
		EXPECT_EQ(0, remount_as(&w, "ro"));
		EXPECT_EQ(0, fse_facts(&w, 0));
		EXPECT_EQ(0, remount_as(&w, "rw"));
		EXPECT_TRUE(writes(&w));
		EXPECT_EQ(0, fse_facts(&w, 0));
	}
	fse_end(&w);
}

/*
 * File systems that turn themselves read-only and set the super block's flag.
 */
FIXTURE(by_itself)
{
	struct fse_watched w;
};

/**
 * @hint: a probe triggers a sample when it happens
 * @mkfs: options for mkfs
 * @prepare: shell, in the mount of a new file system: creates a file
 * @damage: shell, $dev is the unmounted device: damages the file
 * @stumble: shell, in the mount: accesses the damaged file
 */
FIXTURE_VARIANT(by_itself)
{
	const char *type;
	bool hint;
	const char *mkfs;
	const char *options;
	const char *prepare;
	const char *damage;
	const char *stumble;
};

#define PIECES								\
	"for f in file other file; do head -c 4096 /dev/zero >> $f; sync -f .; done"
#define EXFAT_FAT "fat=$(od -An -tu4 -j80 -N4 $dev); "
#define ZERO "dd if=/dev/zero of=$dev bs=1 conv=notrunc 2>/dev/null "

/* Sectors and clusters have 512 bytes: the FAT starts at the second. */
FIXTURE_VARIANT_ADD(by_itself, vfat)
{
	.type = "vfat",
	.hint = true,
	.mkfs = "-F 16 -s 1 -R 1",
	.options = "",
	.prepare = "head -c 20000 /dev/zero > file",
	.damage = ZERO "seek=518 count=200",
	.stumble = "cat file >/dev/null 2>&1",
};

/* A file in two fragments, so that the FAT has its chain. */
FIXTURE_VARIANT_ADD(by_itself, exfat)
{
	.type = "exfat",
	.hint = true,
	.mkfs = "-c 4K",
	.options = "",
	.prepare = PIECES,
	.damage = EXFAT_FAT ZERO "seek=$((fat * 512 + 24)) count=200",
	.stumble = "cat file >/dev/null 2>&1",
};

/* An out-of-tree type that the subsystem doesn't know. */
FIXTURE_VARIANT_ADD(by_itself, unknown)
{
	.type = FSE_TESTFS,
	.mkfs = "",
	.options = "-o flags=1",
	.prepare = "",
	.damage = "",
	.stumble = "echo readonly > control",
};

#define DAMAGED								\
	"(cd %s && { %s; }) && umount %s && "				\
	"dev=%s && { %s; } && mount -t %s %s %s"

FIXTURE_SETUP(by_itself)
{
	bool ours = !strcmp(variant->type, FSE_TESTFS);
	const struct fse_fs *fs = &self->w.fs;

	memset(self, 0, sizeof(*self));
	if (ours && !fse_joined_there())
		SKIP(return, "no module " FSE_TESTFS);
	if (!strcmp(variant->type, "exfat") && fse_sh("modprobe -q exfat"))
		SKIP(return, "no exfat in this kernel");
	ASSERT_EQ(0, fse_begin(&self->w, variant->type, 16, variant->mkfs,
			       variant->options));
	if (!ours)
		ASSERT_EQ(0, fse_sh(DAMAGED, fs->mount, variant->prepare, fs->mount,
				    fs->dev, variant->damage, variant->type,
				    fs->dev, fs->mount));
	ASSERT_EQ(0, fse_watch(&self->w, HEALTH));
}

FIXTURE_TEARDOWN(by_itself)
{
	if (!self->w.fs.mount[0])
		return;
	fse_end(&self->w);
	if (!strcmp(variant->type, FSE_TESTFS))
		fse_joined_end(&self->w);
}

static void stumble(const struct fse_watched *w, const char *how)
{
	fse_sh("cd %s && { %s; }; true", w->fs.mount, how);
}

/* An idle file system is sampled within a minute; this samples it now. */
static unsigned int reported(struct fse_watched *w, bool hint)
{
	if (!hint || built_in())
		fse_sampled("%s", w->request);
	return fse_facts(w, RO);
}

/* No error comes first. Reported once, and again after it was writable. */
TEST_F(by_itself, turns_read_only)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		EXPECT_TRUE(writes(&self->w));
		stumble(&self->w, variant->stumble);
		EXPECT_EQ(RO, reported(&self->w, variant->hint));
		EXPECT_FALSE(writes(&self->w));
		ASSERT_EQ(0, remount_as(&self->w, "rw"));
		EXPECT_EQ(0, fse_facts(&self->w, 0));
	}
}

/* An administrator's remount is no event and hides none. */
TEST_F(by_itself, and_the_administrator_remounts)
{
	ASSERT_EQ(0, remount_as(&self->w, "ro"));
	EXPECT_EQ(0, fse_facts(&self->w, 0));
	ASSERT_EQ(0, remount_as(&self->w, "rw"));
	stumble(&self->w, variant->stumble);
	/* Remount before a sample detects it. */
	ASSERT_EQ(0, remount_as(&self->w, "ro"));
	EXPECT_EQ(RO, reported(&self->w, variant->hint));
	ASSERT_EQ(0, remount_as(&self->w, "rw"));
	EXPECT_EQ(0, fse_facts(&self->w, 0));
}

/* A failed remount doesn't count. */
TEST_F(by_itself, after_a_remount_that_failed)
{
	char path[160];
	int fd;

	if (!strcmp(variant->type, FSE_TESTFS))
		snprintf(path, sizeof(path), "%s/control", self->w.fs.mount);
	else
		snprintf(path, sizeof(path), "%s/open", self->w.fs.mount);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ASSERT_LE(0, fd);
	EXPECT_NE(0, remount_as(&self->w, "ro"));
	EXPECT_EQ(0, fse_facts(&self->w, 0));
	stumble(&self->w, variant->stumble);
	EXPECT_EQ(RO, reported(&self->w, variant->hint));
	close(fd);
}

/* A watch reports only changes after it enables the event. */
TEST_F(by_itself, was_read_only_before)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T 1 G:io_error"));
	ASSERT_EQ(0, remount_as(&self->w, "ro"));
	ASSERT_EQ(0, fse_watch(&self->w, HEALTH));
	EXPECT_EQ(0, fse_facts(&self->w, 0));
	ASSERT_EQ(0, remount_as(&self->w, "rw"));
	stumble(&self->w, variant->stumble);
	EXPECT_EQ(RO, reported(&self->w, variant->hint));
}

/*
 * An idle, failing disk: checking the state of ext4 must not read it. An
 * unreadable inode table block would be an error, and maybe a panic.
 */
FIXTURE(no_journal)
{
	struct fse_disk disk;
	struct fse_listener l;
	struct fse_event ev;
};

FIXTURE_VARIANT(no_journal)
{
	const char *types;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(no_journal, levels) { .types = "T 1" };
FIXTURE_VARIANT_ADD(no_journal, everything) { .types = "T 1 G" };
/* clang-format on */

#define MKFS_NO_JOURNAL							\
	"mkfs.ext4 -q -F -O ^has_journal -E nodiscard,lazy_itable_init=0"
#define LAZY_NO_JOURNAL							\
	"-o noinit_itable,no_prefetch_block_bitmaps,errors=continue"

FIXTURE_SETUP(no_journal)
{
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_disk_make(&self->disk, "ext4",
				   MKFS_NO_JOURNAL, 40, LAZY_NO_JOURNAL));
	ASSERT_EQ(0, fse_listen(&self->l));
	ASSERT_EQ(0, fse_sh("sync -f " FSE_DISK_MOUNT));
	ASSERT_EQ(0, fse_config(FSE_DISK_MOUNT " %s", variant->types));
}

FIXTURE_TEARDOWN(no_journal)
{
	fse_config("\n");
	fse_unlisten(&self->l);
	fse_disk_remove(&self->disk);
}

static unsigned int errors_of(const char *mount)
{
	char path[80];
	struct stat st;

	if (stat(mount, &st))
		return -1;
	snprintf(path, sizeof(path), "/sys/fs/ext4/dm-%u/errors_count",
		 minor(st.st_dev));
	return atoi(fse_read(path));
}

TEST_F(no_journal, is_not_read_by_samples)
{
	unsigned int i;

	ASSERT_TRUE(fse_sampled(FSE_DISK_MOUNT " %s", variant->types));
	ASSERT_EQ(0, fse_disk_target(&self->disk, "error", ""));
	ASSERT_EQ(0, fse_put("/proc/sys/vm/drop_caches", "3"));
	for (i = 0; i < 3; i++)
		ASSERT_TRUE(fse_sampled(FSE_DISK_MOUNT " %s", variant->types));
	EXPECT_EQ(0, fse_next_of(&self->l, FSE_DISK_MOUNT, &self->ev, 0));
	EXPECT_EQ(0, errors_of(FSE_DISK_MOUNT));
	/* This reads the inode, and so would count. */
	EXPECT_NE(0, fse_sh("ls " FSE_DISK_MOUNT "/lost+found 2>/dev/null"));
	EXPECT_NE(0, errors_of(FSE_DISK_MOUNT));
}

/* Number of calls of the probed function. */
static unsigned long calls(void)
{
	unsigned long nr = 0;
	char *line = strstr(fse_read(FSE_TRACEFS "/kprobe_profile"), "asked");

	if (line)
		sscanf(line, "asked %lu", &nr);
	return nr;
}

/* No check runs while no watch has the event enabled. */
TEST(no_check_without_a_watch)
{
	struct fse_watched w;
	unsigned int i;

	if (built_in() || access(FSE_TRACEFS "/kprobe_events", W_OK))
		SKIP(return, "ext4 reports by itself, or no kprobe events");
	ASSERT_EQ(0, fse_begin(&w, "ext4", 16, "", ""));
	ASSERT_EQ(0, fse_put(FSE_TRACEFS "/kprobe_events",
			     "p:fse/asked ext4_setattr"));
	fse_trace_names(false);
	EXPECT_EQ(0, fse_put(FSE_TRACEFS "/events/fse/asked/enable", "1"));
	EXPECT_EQ(0, fse_watch(&w, "T 1 I 1 G:enospc,corrupted,io_error"));
	for (i = 0; i < 3; i++)
		EXPECT_TRUE(fse_sampled("%s", w.request));
	EXPECT_EQ(0, calls());
	EXPECT_EQ(0, fse_watch(&w, "G:shutdown"));
	EXPECT_TRUE(fse_sampled("%s", w.request));
	EXPECT_LT(0, calls());
	EXPECT_EQ(0, fse_put(FSE_TRACEFS "/events/fse/asked/enable", "0"));
	fse_trace_names(true);
	EXPECT_EQ(0, fse_put(FSE_TRACEFS "/kprobe_events", "-:fse/asked"));
	fse_end(&w);
}

TEST_HARNESS_MAIN
