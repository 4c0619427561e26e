// SPDX-License-Identifier: GPL-2.0-only
/*
 * A disk that is pulled out, below various file systems.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "control.h"
#include "harness.h"
#include "process.h"
#include "watched.h"

enum {
	RO = 1U << FS_ERR_REMOUNT_RO,
	DOWN = 1U << FS_ERR_SHUTDOWN,
};

#define MOUNT	FSE_MNT "/pulled"
#define PROBES	"/sys/kernel/debug/kprobes/enabled"

FIXTURE(dead_disk)
{
	struct fse_watched w;
};

/**
 * @mkfs: mkfs command; the device is appended
 * @reported: events that must be reported
 * @may: events that may be reported besides
 */
FIXTURE_VARIANT(dead_disk)
{
	const char *type;
	const char *mkfs;
	unsigned int mib;
	unsigned int reported;
	unsigned int may;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(dead_disk, vfat) {
	"vfat", "mkfs.vfat", 16, DOWN, 0
};

FIXTURE_VARIANT_ADD(dead_disk, exfat) {
	"exfat", "mkfs.exfat", 16, DOWN, RO
};

FIXTURE_VARIANT_ADD(dead_disk, ntfs3) {
	"ntfs3", "mkntfs -q -Q -F", 16, DOWN, RO
};

FIXTURE_VARIANT_ADD(dead_disk, ext3) {
	"ext3", "mke2fs -t ext3 -q -F", 16, DOWN | RO, 0
};

FIXTURE_VARIANT_ADD(dead_disk, ext4) {
	"ext4", "mkfs.ext4 -q -F", 16, DOWN | RO, 0
};

FIXTURE_VARIANT_ADD(dead_disk, ext4_no_journal) {
	"ext4", "mkfs.ext4 -q -F -O ^has_journal", 16, DOWN | RO, 0
};

FIXTURE_VARIANT_ADD(dead_disk, xfs) {
	"xfs", "mkfs.xfs -q -f", 320, DOWN | RO, 0
};

/*
 * btrfs may have other devices: only a failed commit shows the failure. Since
 * Linux 7.0 it shuts down when it has none.
 */
FIXTURE_VARIANT_ADD(dead_disk, btrfs) {
	"btrfs", "mkfs.btrfs -q -f", 128, RO, DOWN
};

FIXTURE_VARIANT_ADD(dead_disk, squashfs) {
	"squashfs", "cp /tmp/pulled.img", 16, DOWN, 0
};

/* clang-format on */

/* The disk of scsi_debug, as a shell word. */
#define DISK								\
	"$(ls /sys/bus/pseudo/drivers/scsi_debug/adapter*/host*/target*/*/block)"

#define MODULES								\
	"modprobe -q sd_mod && modprobe -q %s && "			\
	"modprobe -q scsi_debug dev_size_mb=%u"

#define IMAGE								\
	"mksquashfs /etc /tmp/pulled.img -noappend -quiet -no-progress >/dev/null"

#define MAKE								\
	"mkdir -p " MOUNT " && %s /dev/" DISK " >/dev/null 2>&1 && "	\
	"mount -t %s /dev/" DISK " " MOUNT

FIXTURE_SETUP(dead_disk)
{
	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, fse_config("\n"));
	if (fse_sh(MODULES, variant->type, variant->mib))
		SKIP(return, "no such file system, or no scsi_debug");
	snprintf(self->w.fs.mount, sizeof(self->w.fs.mount), MOUNT);
	if (!strcmp(variant->type, "squashfs"))
		ASSERT_EQ(0, fse_sh(IMAGE));
	ASSERT_EQ(0, fse_sh(MAKE, variant->mkfs, variant->type));
	ASSERT_EQ(0, fse_listen(&self->w.l));
}

FIXTURE_TEARDOWN(dead_disk)
{
	fse_put(PROBES, "1");
	fse_config("\n");
	if (!self->w.fs.mount[0])
		return;
	fse_unlisten(&self->w.l);
	umount2(MOUNT, MNT_DETACH);
	rmdir(MOUNT);
	unlink("/tmp/pulled.img");
	fse_sh("rmmod scsi_debug");
}

static int pull(void)
{
	return fse_sh("echo 1 > /sys/block/" DISK "/device/delete");
}

/* With dirty data, so that writeback errors occur as well. */
TEST_F(dead_disk, is_reported_once)
{
	unsigned int seen;

	ASSERT_EQ(0, fse_watch(&self->w, "G:remount_ro,shutdown"));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	fse_sh("dd if=/dev/zero of=" MOUNT "/file bs=64K count=16 2>/dev/null");
	ASSERT_EQ(0, pull());
	fse_sh("sync -f " MOUNT " 2>/dev/null; touch " MOUNT "/more 2>/dev/null");
	seen = fse_facts(&self->w, variant->reported);
	EXPECT_EQ(variant->reported, seen & ~variant->may);
	/* A watch that is made later also gets the event. */
	ASSERT_EQ(0, fse_config("\n"));
	if (!fse_watch(&self->w, "G:shutdown"))
		EXPECT_EQ(DOWN & variant->reported,
			  fse_facts(&self->w, DOWN & variant->reported) &
			  ~variant->may);
}

/* Without the probe's hint the next sample detects it. */
TEST_F(dead_disk, is_seen_by_samples)
{
	if (access(PROBES, W_OK) || !(variant->reported & DOWN))
		SKIP(return, "no kprobes to switch off, or not to be seen");
	ASSERT_EQ(0, fse_watch(&self->w, "G:shutdown"));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	ASSERT_EQ(0, fse_put(PROBES, "0"));
	ASSERT_EQ(0, pull());
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	EXPECT_EQ(DOWN, fse_facts(&self->w, DOWN));
}

TEST_HARNESS_MAIN
