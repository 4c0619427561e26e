// SPDX-License-Identifier: GPL-2.0-only
/*
 * File systems that stop working: which events come, each once.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "command.h"
#include "control.h"
#include "harness.h"
#include "module.h"
#include "watched.h"

/* Writes and syncs. Returns success. */
static bool writes(struct fse_watched *w)
{
	return !fse_fill(&w->fs, "probe", 1);
}

static bool says_rw(const struct fse_watched *w)
{
	return !fse_sh("grep -q ' %s .* rw' /proc/mounts", w->fs.mount);
}

enum {
	RO = 1U << FS_ERR_REMOUNT_RO,
	DOWN = 1U << FS_ERR_SHUTDOWN,
	BAD = 1U << FS_ERR_CORRUPTED,
};

FIXTURE(failures)
{
	struct fse_watched w;
};

FIXTURE_SETUP(failures)
{
}

FIXTURE_TEARDOWN(failures)
{
	fse_end(&self->w);
}

/*
 * Regression: services ran on a read-only disk for days while the mount table
 * said rw. The event must not depend on the mount table.
 */
TEST_F(failures, ext4_stops_writing_while_the_mount_table_says_rw)
{
	ASSERT_EQ(0, fse_begin(&self->w, "ext4", 16, "",
			       "-o errors=remount-ro"));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ASSERT_EQ(0, fse_raise(&self->w));
	EXPECT_EQ(BAD | RO, fse_facts(&self->w, BAD | RO));
	EXPECT_TRUE(says_rw(&self->w));
	EXPECT_FALSE(writes(&self->w));
}

/* The same without a journal, and with only this event enabled. */
TEST_F(failures, ext4_without_a_journal)
{
	ASSERT_EQ(0, fse_begin(&self->w, "ext4", 16, "-O ^has_journal",
			       "-o errors=remount-ro"));
	ASSERT_EQ(0, fse_watch(&self->w, "G:remount_ro"));
	ASSERT_EQ(0, fse_raise(&self->w));
	EXPECT_EQ(RO, fse_facts(&self->w, RO));
	/* A kernel with hooks reports the cause. */
	EXPECT_EQ(built_in() ? EUCLEAN : EROFS, self->w.ev.error);
	EXPECT_TRUE(says_rw(&self->w));
}

TEST_F(failures, ext4_that_goes_on_after_errors_is_not_read_only)
{
	ASSERT_EQ(0, fse_begin(&self->w, "ext4", 16, "", "-o errors=continue"));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ASSERT_EQ(0, fse_raise(&self->w));
	EXPECT_EQ(BAD, fse_facts(&self->w, BAD));
	EXPECT_TRUE(writes(&self->w));
}

TEST_F(failures, ext4_shut_down_on_request)
{
	ASSERT_EQ(0, fse_begin(&self->w, "ext4", 16, "", ""));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ASSERT_EQ(0, fse_sh("xfs_io -x -c shutdown %s", self->w.fs.mount));
	EXPECT_EQ(RO | DOWN, fse_facts(&self->w, RO | DOWN));
}

/* A later watch gets it as well, and after recovery a new failure. */
TEST_F(failures, a_failure_that_lasts_is_reported_to_each_watch)
{
	ASSERT_EQ(0, fse_begin(&self->w, "ext4", 16, "",
			       "-o errors=remount-ro"));
	ASSERT_EQ(0, fse_watch(&self->w, "G:remount_ro"));
	ASSERT_EQ(0, fse_raise(&self->w));
	EXPECT_EQ(RO, fse_facts(&self->w, RO));
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_watch(&self->w, "G:remount_ro"));
	EXPECT_EQ(RO, fse_facts(&self->w, RO));

	ASSERT_EQ(0, umount(self->w.fs.mount));
	EXPECT_EQ(FS_INFO_UNMOUNT, fse_event(&self->w));
	ASSERT_EQ(0, fse_sh("e2fsck -fy %s >/dev/null 2>&1 || [ $? -lt 4 ]",
			    self->w.fs.dev));
	ASSERT_EQ(0, mount(self->w.fs.dev, self->w.fs.mount, "ext4", 0,
			   "errors=remount-ro"));
	ASSERT_EQ(0, fse_watch(&self->w, "G:remount_ro"));
	EXPECT_TRUE(writes(&self->w));
	EXPECT_EQ(0, fse_facts(&self->w, 0));
	ASSERT_EQ(0, fse_raise(&self->w));
	EXPECT_EQ(RO, fse_facts(&self->w, RO));
}

FIXTURE(any_type)
{
	struct fse_watched w;
};

FIXTURE_VARIANT(any_type)
{
	const char *type;
	unsigned int mib;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(any_type, tmpfs) { .type = "tmpfs", .mib = 8 };
FIXTURE_VARIANT_ADD(any_type, ext4) { .type = "ext4", .mib = 16 };
FIXTURE_VARIANT_ADD(any_type, xfs) { .type = "xfs", .mib = 300 };
FIXTURE_VARIANT_ADD(any_type, btrfs) { .type = "btrfs", .mib = 128 };
/* clang-format on */

FIXTURE_SETUP(any_type)
{
	ASSERT_EQ(0, fse_begin(&self->w, variant->type, variant->mib, "",
			       ""));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
}

FIXTURE_TEARDOWN(any_type)
{
	fse_end(&self->w);
}

TEST_F(any_type, an_administrators_remount_is_no_failure)
{
	ASSERT_EQ(0, fse_sh("mount -o remount,ro %s", self->w.fs.mount));
	EXPECT_EQ(0, fse_facts(&self->w, 0));
	ASSERT_EQ(0, fse_sh("mount -o remount,rw %s", self->w.fs.mount));
	EXPECT_EQ(0, fse_facts(&self->w, 0));
}

/* The UUID given to mkfs. */
static bool has_uuid(const struct fse_watched *w, const __u8 *uuid)
{
	char hex[33];
	int i;

	for (i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", uuid[i]);
	return !fse_sh("[ $(blkid -o value -s UUID %s | tr -d -) = %s ]",
		       w->fs.dev, hex);
}

/* FS_NL_C_GET shows the failure until it is over. */
TEST_F(failures, a_failure_that_lasts_is_shown_by_netlink)
{
	struct fse_listener c;
	struct fse_facts facts;

	ASSERT_EQ(0, fse_begin(&self->w, "ext4", 16, "",
			       "-o errors=remount-ro"));
	ASSERT_EQ(0, fse_listen_to(&c, NULL));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ASSERT_EQ(0, fse_get(&c, self->w.fs.mount, &facts));
	EXPECT_TRUE(has_uuid(&self->w, facts.uuid));
	EXPECT_EQ(0, facts.lasting);

	ASSERT_EQ(0, fse_raise(&self->w));
	EXPECT_EQ(RO | BAD, fse_facts(&self->w, RO | BAD));
	ASSERT_EQ(0, fse_get(&c, self->w.fs.mount, &facts));
	EXPECT_EQ(RO, facts.lasting);
	fse_unlisten(&c);
}

TEST_F(failures, xfs_shuts_down_once)
{
	ASSERT_EQ(0, fse_begin(&self->w, "xfs", 300, "", ""));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ASSERT_EQ(0, fse_sh("xfs_io -x -c shutdown %s", self->w.fs.mount));
	EXPECT_EQ(RO | DOWN, fse_facts(&self->w, RO | DOWN));
	EXPECT_TRUE(says_rw(&self->w));
	EXPECT_FALSE(writes(&self->w));
}

/*
 * Without levels the next sample may be a minute away: a hint must trigger it.
 */
TEST_F(failures, xfs_shutdown_alone_is_reported_soon)
{
	ASSERT_EQ(0, fse_begin(&self->w, "xfs", 300, "", ""));
	ASSERT_EQ(0, fse_watch(&self->w, "G:shutdown"));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_sh("xfs_io -x -c shutdown %s", self->w.fs.mount));
	EXPECT_EQ(FS_ERR_SHUTDOWN, fse_event(&self->w));
}

TEST_F(failures, ext4_shutdown_alone_is_reported_soon)
{
	ASSERT_EQ(0, fse_begin(&self->w, "ext4", 16, "", ""));
	ASSERT_EQ(0, fse_watch(&self->w, "G:shutdown"));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_sh("xfs_io -x -c shutdown %s", self->w.fs.mount));
	EXPECT_EQ(FS_ERR_SHUTDOWN, fse_event(&self->w));
}

/* Unused sources are off: the kernel lists none of their probes. */
static bool probes_are(void *arg)
{
	bool on = strstr(fse_read("/sys/kernel/debug/kprobes/list"),
			 "ext4_force_shutdown");

	return on == *(bool *)arg;
}

TEST_F(failures, probes_are_there_only_while_needed)
{
	bool on = true, off = false;

	if (built_in() || access("/sys/kernel/debug/kprobes/list", R_OK))
		SKIP(return, "no need of kprobes, or none in this kernel");
	ASSERT_EQ(0, fse_begin(&self->w, "ext4", 16, "", ""));
	EXPECT_TRUE(fse_until(probes_are, &off));
	ASSERT_EQ(0, fse_watch(&self->w, "T 5 G:io_error"));
	EXPECT_TRUE(probes_are(&off));
	ASSERT_EQ(0, fse_watch(&self->w, "G:shutdown"));
	EXPECT_TRUE(probes_are(&on));
	ASSERT_EQ(-EINVAL, fse_watch(&self->w, "G:shutdown,nothing"));
	EXPECT_TRUE(probes_are(&on));
	ASSERT_EQ(0, fse_watch(&self->w, "G:enospc"));
	EXPECT_TRUE(fse_until(probes_are, &off));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	EXPECT_TRUE(probes_are(&on));
	ASSERT_EQ(0, umount(self->w.fs.mount));
	EXPECT_TRUE(fse_until(probes_are, &off));
}

static bool probed(const char *function)
{
	return strstr(fse_read("/sys/kernel/debug/kprobes/list"), function);
}

/* A probe attaches to a module that is loaded later and doesn't pin it. */
TEST_F(failures, probes_come_and_go_with_their_module)
{
	if (built_in() || access("/sys/kernel/debug/kprobes/list", R_OK) ||
	    fse_sh("modprobe xfs && rmmod xfs 2>/dev/null"))
		SKIP(return, "no kprobes, or xfs can not be unloaded");
	ASSERT_EQ(0, fse_begin(&self->w, "ext4", 16, "", ""));
	ASSERT_EQ(0, fse_watch(&self->w, "G:shutdown"));
	EXPECT_FALSE(probed("xfs_do_force_shutdown"));
	ASSERT_EQ(0, fse_sh("modprobe xfs"));
	EXPECT_TRUE(probed("xfs_do_force_shutdown"));
	EXPECT_EQ(0, fse_sh("rmmod xfs"));
	EXPECT_FALSE(probed("xfs_do_force_shutdown"));
	EXPECT_TRUE(probed("ext4_force_shutdown"));
}

TEST_HARNESS_MAIN
