// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every alarm ends: a reported condition is cleared when it is over, when its
 * level or event is no longer watched, and when the watch is removed.
 */
#include <string.h>

#include "control.h"
#include "harness.h"
#include "joined.h"
#include "module.h"
#include "watched.h"

FIXTURE(cleared)
{
	struct fse_watched w;
};

FIXTURE_SETUP(cleared)
{
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 64, "", "-o nr_inodes=1000"));
	self->w.l.ends = true;
}

FIXTURE_TEARDOWN(cleared)
{
	fse_end(&self->w);
}

/* The next event must clear @of. */
static bool ends(struct fse_watched *w, unsigned int of)
{
	return fse_event(w) == FS_INFO_CLEARED && w->ev.of == of &&
	       w->ev.pid == 0;
}

/* Regression: listeners kept the alarm open for ever. */
TEST_F(cleared, a_level_that_is_replaced_while_below)
{
	ASSERT_EQ(0, fse_leave(&self->w, 8000));
	ASSERT_EQ(0, fse_watch(&self->w, "T 9000"));
	ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	ASSERT_EQ(0, fse_watch(&self->w, "T 5000"));
	ASSERT_TRUE(ends(&self->w, FS_THR_LRBELOW));
	EXPECT_EQ(9000, self->w.ev.level);
	EXPECT_EQ(1, self->w.ev.level_nr);
	EXPECT_EQ(0, fse_event_now(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(cleared, a_level_that_is_kept_is_not_over)
{
	ASSERT_EQ(0, fse_leave(&self->w, 8000));
	ASSERT_EQ(0, fse_watch(&self->w, "T 9000 8500"));
	ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	ASSERT_EQ(FS_THR_URBELOW, fse_event(&self->w));
	/* The second level becomes the first and stays below. */
	ASSERT_EQ(0, fse_watch(&self->w, "T 8500 100"));
	ASSERT_TRUE(ends(&self->w, FS_THR_LRBELOW));
	EXPECT_EQ(9000, self->w.ev.level);
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 8600));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	EXPECT_EQ(8500, self->w.ev.level);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(cleared, a_type_that_is_removed)
{
	ASSERT_EQ(0, fse_leave(&self->w, 8000));
	ASSERT_EQ(0, fse_watch(&self->w, "G:io_error T 9000 I 2000"));
	ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	ASSERT_EQ(FS_INO_BELOW, fse_event(&self->w));
	ASSERT_EQ(0, fse_config("!%s I", self->w.fs.mount));
	ASSERT_TRUE(ends(&self->w, FS_INO_BELOW));
	ASSERT_EQ(0, fse_config("!%s T", self->w.fs.mount));
	ASSERT_TRUE(ends(&self->w, FS_THR_LRBELOW));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(cleared, a_watch_that_is_removed)
{
	ASSERT_EQ(0, fse_leave(&self->w, 8000));
	ASSERT_EQ(0, fse_watch(&self->w, "T 20000 9000 100"));
	ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	ASSERT_EQ(FS_THR_URBELOW, fse_event(&self->w));
	ASSERT_EQ(0, fse_config("!%s", self->w.fs.mount));
	ASSERT_TRUE(ends(&self->w, FS_THR_LRBELOW));
	ASSERT_TRUE(ends(&self->w, FS_THR_URBELOW));
	/* No further event is pending. */
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* A rising level sends its "above" event and no "cleared". */
TEST_F(cleared, above_is_an_end_of_its_own)
{
	ASSERT_EQ(0, fse_leave(&self->w, 8000));
	ASSERT_EQ(0, fse_watch(&self->w, "T 9000"));
	ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 9001));
	ASSERT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	ASSERT_EQ(0, fse_watch(&self->w, "T 5000"));
	EXPECT_EQ(0, fse_event_now(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(cleared, enospc_is_over_when_space_is_freed)
{
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ASSERT_EQ(0, fse_fill(&self->w.fs, "other", 1));
	ASSERT_EQ(0, fse_fill_up(&self->w));
	ASSERT_EQ(FS_WARN_ENOSPC, fse_event(&self->w));
	/* While the condition lasts, it is not reported again. */
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_free(&self->w.fs, "file"));
	ASSERT_TRUE(ends(&self->w, FS_WARN_ENOSPC));
	EXPECT_EQ(0, fse_event_now(&self->w));
	/* A new occurrence is reported again. */
	ASSERT_EQ(0, fse_fill_up(&self->w));
	ASSERT_EQ(FS_WARN_ENOSPC, fse_event(&self->w));
	ASSERT_EQ(0, fse_watch(&self->w, "G:io_error"));
	ASSERT_TRUE(ends(&self->w, FS_WARN_ENOSPC));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(cleared, enospc_meta_is_over_when_inodes_are_freed)
{
	ASSERT_EQ(0, fse_watch(&self->w, "G:enospc_meta"));
	/* The last file fails, which a kernel with hooks reports. */
	fse_files(&self->w.fs, 0, 1000);
	ASSERT_EQ(FS_WARN_ENOSPC_META, fse_event(&self->w));
	ASSERT_EQ(0, fse_files_remove(&self->w.fs, 0, 500));
	ASSERT_TRUE(ends(&self->w, FS_WARN_ENOSPC_META));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* File systems that stop accepting writes, and perhaps go on later. */
FIXTURE(stopped)
{
	struct fse_watched w;
};

FIXTURE_SETUP(stopped)
{
	memset(self, 0, sizeof(*self));
}

FIXTURE_TEARDOWN(stopped)
{
	fse_joined_end(&self->w);
}

/* The first sectors of the FAT lose the chain of a file. */
#define BREAK_FAT							\
	"head -c 20000 /dev/zero >%s/file && umount %s && "		\
	"dd if=/dev/zero of=%s bs=1 seek=518 count=200 conv=notrunc "	\
	"2>/dev/null && mount -t vfat %s %s"

/* vfat goes on after a remount. */
TEST_F(stopped, remount_ro_is_over_after_a_remount)
{
	const struct fse_fs *fs = &self->w.fs;
	unsigned int i;

	ASSERT_EQ(0, fse_begin(&self->w, "vfat", 16, "-F 16 -s 1 -R 1", ""));
	self->w.l.ends = true;
	ASSERT_EQ(0, fse_sh(BREAK_FAT, fs->mount, fs->mount, fs->dev, fs->dev,
			    fs->mount));
	ASSERT_EQ(0, fse_watch(&self->w, "G:remount_ro"));
	for (i = 0; i < 2; i++) {
		ASSERT_NE(0, fse_sh("cat %s/file >/dev/null 2>&1", fs->mount));
		/* There vfat gives no hint, and a sample may be a minute away. */
		if (built_in())
			ASSERT_TRUE(fse_sampled("%s", self->w.request));
		ASSERT_EQ(FS_ERR_REMOUNT_RO, fse_event(&self->w));
		/* It lasts. */
		EXPECT_EQ(0, fse_event_now(&self->w));
		ASSERT_EQ(0, fse_sh("mount -o remount,rw %s", fs->mount));
		ASSERT_TRUE(ends(&self->w, FS_ERR_REMOUNT_RO));
		EXPECT_EQ(0, fse_event_now(&self->w));
	}
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* ext4 accepts writes again only after umount(2): a remount ends nothing. */
TEST_F(stopped, remount_ro_of_ext4_lasts_until_it_is_not_watched)
{
	ASSERT_EQ(0, fse_begin(&self->w, "ext4", 16, "",
			       "-o errors=remount-ro"));
	self->w.l.ends = true;
	ASSERT_EQ(0, fse_watch(&self->w, "G:remount_ro"));
	ASSERT_EQ(0, fse_raise(&self->w));
	ASSERT_EQ(FS_ERR_REMOUNT_RO, fse_event(&self->w));
	fse_sh("mount -o remount,rw %s 2>/dev/null", self->w.fs.mount);
	EXPECT_NE(0, fse_sh("touch %s/new 2>/dev/null", self->w.fs.mount));
	EXPECT_EQ(0, fse_event_now(&self->w));
	fse_sh("mount -o remount,ro %s 2>/dev/null", self->w.fs.mount);
	fse_sh("mount -o remount,rw %s 2>/dev/null", self->w.fs.mount);
	EXPECT_NE(0, fse_sh("touch %s/new 2>/dev/null", self->w.fs.mount));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_watch(&self->w, "G:io_error"));
	ASSERT_TRUE(ends(&self->w, FS_ERR_REMOUNT_RO));
	/* It is reported to a watch that asks again, and over with that. */
	ASSERT_EQ(0, fse_watch(&self->w, "G:remount_ro"));
	ASSERT_EQ(FS_ERR_REMOUNT_RO, fse_event(&self->w));
	ASSERT_EQ(0, fse_config("!%s", self->w.fs.mount));
	ASSERT_TRUE(ends(&self->w, FS_ERR_REMOUNT_RO));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/*
 * After a shutdown each file system of the kernel needs a new mount; fs_event_testfs
 * works again without.
 */
TEST_F(stopped, shutdown_is_over_when_the_file_system_works)
{
	const unsigned int down = 1U << FS_ERR_REMOUNT_RO | 1U << FS_ERR_SHUTDOWN;
	unsigned int i;

	if (!fse_joined_there())
		SKIP(return, "no module " FSE_TESTFS);
	ASSERT_EQ(0, fse_joined_begin(&self->w, down, FSE_LOCAL));
	self->w.l.ends = true;
	/* ->failed is asked from the next join on. */
	ASSERT_EQ(0, fse_tell(&self->w.fs, "leave"));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "fail 0"));
	ASSERT_EQ(0, fse_tell(&self->w.fs, "join"));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, fse_tell(&self->w.fs, "fail %u", down));
		/* It does not report by itself, so two samples have to see it. */
		ASSERT_TRUE(fse_sampled("%s", self->w.request));
		ASSERT_EQ(FS_ERR_REMOUNT_RO, fse_event(&self->w));
		ASSERT_EQ(FS_ERR_SHUTDOWN, fse_event(&self->w));
		EXPECT_EQ(0, fse_event_now(&self->w));
		/* Samples go on without a request. */
		ASSERT_EQ(0, fse_tell(&self->w.fs, "fail 0"));
		ASSERT_TRUE(ends(&self->w, FS_ERR_REMOUNT_RO));
		ASSERT_TRUE(ends(&self->w, FS_ERR_SHUTDOWN));
		EXPECT_EQ(0, fse_event_now(&self->w));
	}
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_HARNESS_MAIN
