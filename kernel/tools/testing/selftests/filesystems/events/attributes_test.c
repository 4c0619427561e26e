// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of messages: each message carries those of its event and no
 * others.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <unistd.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "control.h"
#include "harness.h"
#include "module.h"
#include "watched.h"

#define BIT(nr)		(1U << (nr))

/* In every message. */
#define ALL	(BIT(FS_NL_A_EVENT_ID) | BIT(FS_NL_A_DEV_MAJOR) |	\
		 BIT(FS_NL_A_DEV_MINOR) | BIT(FS_NL_A_CAUSED_PID) |	\
		 BIT(FS_NL_A_SEQ) | BIT(FS_NL_A_TIME) |			\
		 BIT(FS_NL_A_COUNT) | BIT(FS_NL_A_MOUNT) |		\
		 BIT(FS_NL_A_FSTYPE) | BIT(FS_NL_A_SOURCE) |		\
		 BIT(FS_NL_A_FSID) | BIT(FS_NL_A_ENTRY_ID))
/* In messages of levels, of inodes and of space. */
#define INODES	(BIT(FS_NL_A_DATA) | BIT(FS_NL_A_LEVEL) |		\
		 BIT(FS_NL_A_TOTAL) | BIT(FS_NL_A_LEVEL_NR))
#define SPACE	(INODES | BIT(FS_NL_A_FRSIZE))

static __u64 real_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

FIXTURE(attributes)
{
	struct fse_watched w;
};

FIXTURE_VARIANT(attributes)
{
	const char *type;
	unsigned int mib;
	bool inodes;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(attributes, tmpfs) {
	.type = "tmpfs", .mib = 16, .inodes = true,
};

FIXTURE_VARIANT_ADD(attributes, ext4) {
	.type = "ext4", .mib = 16, .inodes = true,
};

FIXTURE_VARIANT_ADD(attributes, xfs) {
	.type = "xfs", .mib = 300, .inodes = true,
};

FIXTURE_VARIANT_ADD(attributes, btrfs) {
	.type = "btrfs", .mib = 128, .inodes = false,
};

/* clang-format on */

FIXTURE_SETUP(attributes)
{
	ASSERT_EQ(0, fse_begin(&self->w, variant->type, variant->mib, "", ""));
}

FIXTURE_TEARDOWN(attributes)
{
	fse_end(&self->w);
}

/* "MAJOR:MINOR" of a mount in mountinfo. */
static bool mountinfo_dev(const char *mount, unsigned int *major,
			  unsigned int *minor)
{
	char *line = fse_read("/proc/self/mountinfo");
	char root[256], at[256];

	for (line = strtok(line, "\n"); line; line = strtok(NULL, "\n")) {
		if (sscanf(line, "%*u %*u %u:%u %255s %255s", major, minor,
			   root, at) == 4 && !strcmp(at, mount))
			return true;
	}
	return false;
}

/* The UUID on a device, as blkid prints it; "" when there is none. */
static void blkid_uuid(const char *dev, char uuid[37])
{
	char cmd[128];
	FILE *p;

	uuid[0] = '\0';
	snprintf(cmd, sizeof(cmd), "blkid -p -s UUID -o value %s", dev);
	p = popen(cmd, "r");
	if (!p)
		return;
	if (!fgets(uuid, 37, p))
		uuid[0] = '\0';
	pclose(p);
}

static void print_uuid(const __u8 *b, char uuid[37])
{
	unsigned int i;

	for (i = 0; i < 16; i++)
		uuid += sprintf(uuid, "%s%02x", i == 4 || i == 6 || i == 8 ||
				i == 10 ? "-" : "", b[i]);
}

TEST_F(attributes, say_which_file_system)
{
	const struct fse_event *ev = &self->w.ev;
	char expected[37], uuid[37];
	unsigned int major, minor;
	struct statfs st;
	__u64 before = real_ns();
	__u32 fsid[2];

	/* This level is crossed when it is set. */
	ASSERT_EQ(0, fse_watch(&self->w, "T 1T"));
	ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));

	ASSERT_TRUE(mountinfo_dev(self->w.fs.mount, &major, &minor));
	EXPECT_EQ(major, ev->major);
	EXPECT_EQ(minor, ev->minor);
	EXPECT_STREQ(self->w.fs.mount, ev->mount);
	EXPECT_STREQ(variant->type, ev->fstype);
	EXPECT_STREQ(self->w.fs.dev[0] ? self->w.fs.dev : "tmpfs", ev->source);

	ASSERT_EQ(0, statfs(self->w.fs.mount, &st));
	memcpy(fsid, &st.f_fsid, sizeof(fsid));
	EXPECT_EQ(fsid[0] | (__u64)fsid[1] << 32, ev->fsid);
	EXPECT_NE(0, ev->fsid);

	ASSERT_TRUE(fse_has(ev, FS_NL_A_UUID));
	if (self->w.fs.dev[0]) {
		blkid_uuid(self->w.fs.dev, expected);
		print_uuid(ev->uuid, uuid);
		EXPECT_STREQ(expected, uuid);
	}

	EXPECT_LE(before, ev->time);
	EXPECT_GE(real_ns(), ev->time);
	EXPECT_NE(0, ev->entry);
	EXPECT_NE(0, ev->seq);
	EXPECT_EQ(1, ev->count);
	EXPECT_EQ(0, ev->pid);
}

TEST_F(attributes, are_where_they_belong)
{
	const __u32 all = ALL | BIT(FS_NL_A_UUID);
	const struct fse_event *ev = &self->w.ev;
	__u32 entry;

	ASSERT_EQ(0, fse_watch(&self->w, "T 1T"));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(all | SPACE, ev->has);
	EXPECT_EQ(fse_avail(&self->w.fs), ev->data);
	EXPECT_EQ(fse_total(&self->w.fs), ev->total);
	EXPECT_EQ(fse_frsize(&self->w.fs), ev->frsize);
	EXPECT_EQ((1ull << 40) / fse_frsize(&self->w.fs), ev->level);
	EXPECT_EQ(1, ev->level_nr);
	entry = ev->entry;

	if (variant->inodes) {
		ASSERT_EQ(0, fse_watch(&self->w, "I 100%%"));
		EXPECT_EQ(FS_INO_BELOW, fse_event(&self->w));
		EXPECT_EQ(all | INODES, ev->has);
		EXPECT_EQ(fse_inodes_free(&self->w.fs), ev->data);
		EXPECT_EQ(fse_inodes_total(&self->w.fs), ev->total);
		EXPECT_EQ(ev->total, ev->level);
		EXPECT_EQ(entry, ev->entry);
	}

	ASSERT_EQ(0, umount(self->w.fs.mount));
	EXPECT_EQ(FS_INFO_UNMOUNT, fse_event(&self->w));
	EXPECT_EQ(all | BIT(FS_NL_A_ERRNO) | BIT(FS_NL_A_LAST), ev->has);
	EXPECT_EQ(0, ev->error);
	EXPECT_EQ(0, ev->pid);
	EXPECT_EQ(1, ev->count);
	EXPECT_EQ(entry, ev->entry);
}

/* errors_test covers errors with an inode. */
TEST(errors_have_an_errno)
{
	struct fse_watched w;

	ASSERT_EQ(0, fse_begin(&w, "ext4", 16, "", ""));
	ASSERT_EQ(0, fse_watch(&w, "G"));
	ASSERT_EQ(0, fse_raise(&w));
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&w));
	EXPECT_EQ(ALL | BIT(FS_NL_A_UUID) | BIT(FS_NL_A_ERRNO), w.ev.has);
	ASSERT_EQ(0, fse_fill_up(&w));
	EXPECT_EQ(FS_WARN_ENOSPC, fse_event(&w));
	/* A built-in subsystem reports the failed write(2) with its inode. */
	EXPECT_EQ(ALL | BIT(FS_NL_A_UUID) | BIT(FS_NL_A_ERRNO) |
		  (built_in() ? BIT(FS_NL_A_INO) : 0), w.ev.has);
	EXPECT_EQ(ENOSPC, w.ev.error);
	fse_end(&w);
}

/* ramfs has no UUID, and its f_fsid is 0. */
TEST(uuid_is_left_out_where_there_is_none)
{
	struct fse_watched w;

	ASSERT_EQ(0, fse_begin(&w, "tmpfs", 1, "", ""));
	ASSERT_EQ(0, fse_sh("mount -t ramfs none %s", w.fs.mount));
	ASSERT_EQ(0, fse_watch(&w, "G"));
	ASSERT_EQ(0, umount(w.fs.mount));
	EXPECT_EQ(FS_INFO_UNMOUNT, fse_event(&w));
	EXPECT_EQ(ALL | BIT(FS_NL_A_ERRNO) | BIT(FS_NL_A_LAST), w.ev.has);
	EXPECT_STREQ("ramfs", w.ev.fstype);
	fse_end(&w);
}

/* Counts only bytes that belong to an attribute. */
static int add_size(const struct nlattr *attr, void *data)
{
	unsigned int *size = data;

	if (mnl_attr_get_type(attr) != FS_NL_A_PAD)
		*size += MNL_ALIGN(mnl_attr_get_len(attr));
	return MNL_CB_OK;
}

/*
 * Regression: messages were larger than their attributes. 64-bit attributes may
 * need padding on machines that have to align them.
 */
TEST(attributes_fill_the_message)
{
	unsigned int size = MNL_NLMSG_HDRLEN + sizeof(struct genlmsghdr);
	struct nlmsghdr *nlh;
	struct fse_watched w;
	char buf[8192];
	int len;

	ASSERT_EQ(0, fse_begin(&w, "tmpfs", 16, "", ""));
	ASSERT_EQ(0, fse_watch(&w, "T 1T"));
	len = mnl_socket_recvfrom(w.l.nl, buf, sizeof(buf));
	nlh = (struct nlmsghdr *)buf;
	ASSERT_TRUE(mnl_nlmsg_ok(nlh, len));
	EXPECT_EQ(nlh->nlmsg_len, len);
	EXPECT_EQ(w.l.family, nlh->nlmsg_type);
	EXPECT_EQ(0, nlh->nlmsg_pid);
	EXPECT_LT(0, mnl_attr_parse(nlh, sizeof(struct genlmsghdr), add_size,
				    &size));
#if defined(__x86_64__) || defined(__aarch64__)
	EXPECT_EQ(len, size);
#else
	EXPECT_LE(len - size, 6 * MNL_ATTR_HDRLEN);
#endif
	fse_end(&w);
}

TEST_HARNESS_MAIN
