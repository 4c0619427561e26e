// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink commands that are refused: errno, message, and attribute at fault.
 * Nothing changes.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/genetlink.h>

#include "command_refusal.h"
#include "harness.h"

FIXTURE(refused)
{
	struct fse_refusals r;
};

FIXTURE_SETUP(refused)
{
	ASSERT_EQ(0, fse_refusals_begin(&self->r));
}

FIXTURE_TEARDOWN(refused)
{
	EXPECT_EQ(0, fse_refusals_end(&self->r));
}

static void nothing(struct nlmsghdr *nlh)
{
	(void)nlh;
}

static void no_types(struct nlmsghdr *nlh)
{
	fse_put_watched(nlh);
}

static void no_mount(struct nlmsghdr *nlh)
{
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_EVENTS, FSE_GENERIC);
}

static void no_events(struct nlmsghdr *nlh)
{
	fse_put_watched(nlh);
	fse_here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_EVENTS, 0);
}

static void events_of_levels(struct nlmsghdr *nlh)
{
	fse_put_watched(nlh);
	fse_here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_EVENTS,
			 FSE_GENERIC | 1U << FS_THR_LRBELOW);
}

static void events_unknown(struct nlmsghdr *nlh)
{
	fse_put_watched(nlh);
	fse_here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_EVENTS, 1U << 17);
}

static void relative(struct nlmsghdr *nlh)
{
	fse_here(nlh);
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, "mnt/watched");
	no_mount(nlh);
}

static void relative_only(struct nlmsghdr *nlh)
{
	fse_here(nlh);
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, "");
}

static void missing_path(struct nlmsghdr *nlh)
{
	fse_here(nlh);
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, "/no/such/path");
	if (((struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->cmd ==
	    FS_NL_C_ENTRY_SET)
		no_mount(nlh);
}

static void no_mount_point(struct nlmsghdr *nlh)
{
	fse_here(nlh);
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, "/usr");
	if (((struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->cmd ==
	    FS_NL_C_ENTRY_SET)
		no_mount(nlh);
}

static void not_terminated(struct nlmsghdr *nlh)
{
	fse_here(nlh);
	mnl_attr_put(nlh, FS_NL_ENTRY_A_MOUNT, 4, "/mnt");
	no_mount(nlh);
}

static void too_long(struct nlmsghdr *nlh)
{
	char path[PATH_MAX + 1];

	memset(path, '/', sizeof(path));
	path[PATH_MAX] = '\0';
	fse_here(nlh);
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, path);
	no_mount(nlh);
}

static void short_number(struct nlmsghdr *nlh)
{
	fse_here(nlh);
	mnl_attr_put_u16(nlh, FS_NL_ENTRY_A_ID, 1);
}

static void long_number(struct nlmsghdr *nlh)
{
	fse_here(nlh);
	mnl_attr_put_u64(nlh, FS_NL_ENTRY_A_ID, 1);
}

static void unknown_attr(struct nlmsghdr *nlh)
{
	fse_put_watched(nlh);
	fse_here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_MAX + 1, 1);
}

static void attr_of_replies(struct nlmsghdr *nlh)
{
	fse_put_watched(nlh);
	fse_here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_LASTING, 0);
}

static void attr_between(struct nlmsghdr *nlh)
{
	fse_put_watched(nlh);
	fse_here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_ID, 1);
	no_mount(nlh);
}

static void trailing(struct nlmsghdr *nlh)
{
	fse_put_watched(nlh);
	nlh->nlmsg_len += 2;
}

static void both(struct nlmsghdr *nlh)
{
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_ID, 1);
	fse_here(nlh);
	fse_put_watched(nlh);
}

static void no_such_id(struct nlmsghdr *nlh)
{
	fse_here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_ID, 0x7fffffff);
}

static void id_zero(struct nlmsghdr *nlh)
{
	fse_here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_ID, 0);
}

static void not_watched(struct nlmsghdr *nlh)
{
	fse_here(nlh);
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, "/");
}

static void no_type(struct nlmsghdr *nlh)
{
	fse_put_watched(nlh);
	fse_here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_TYPES, 0);
}

static void type_unknown(struct nlmsghdr *nlh)
{
	fse_put_watched(nlh);
	fse_here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_TYPES, 8);
}

static void reserved(struct nlmsghdr *nlh)
{
	((struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->reserved = 1;
	fse_put_watched(nlh);
}

static void with_flags(struct nlmsghdr *nlh)
{
	nlh->nlmsg_flags |= NLM_F_CREATE;
	fse_put_watched(nlh);
}

static void attr_of_none(struct nlmsghdr *nlh)
{
	fse_here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_STATS_A_SENT, 1);
}

static void bytes_of_none(struct nlmsghdr *nlh)
{
	nlh->nlmsg_len += 1;
}

#define GET FS_NL_C_ENTRY_GET
#define SET FS_NL_C_ENTRY_SET
#define DEL FS_NL_C_ENTRY_DEL
#define STATS FS_NL_C_STATS_GET
#define EITHER "needs either ID or MOUNT"
#define ABSOLUTE "expected a path that starts with /"

static const struct fse_bad_command cases[] = {
	{ "nothing", SET, nothing, EINVAL, "needs MOUNT", FS_NL_ENTRY_A_MOUNT },
	{ "no mount", SET, no_mount, EINVAL, "needs MOUNT",
	  FS_NL_ENTRY_A_MOUNT },
	{ "no types", SET, no_types, EINVAL, "needs EVENTS, LEVEL or both", 0 },
	{ "no events", SET, no_events, EINVAL, "no event at all", 0 },
	{ "events of levels", SET, events_of_levels, EINVAL,
	  "not only generic events", 0 },
	{ "unknown events", SET, events_unknown, EINVAL, "reserved bit set", 0 },
	{ "relative path", SET, relative, EINVAL, ABSOLUTE, 0 },
	{ "no path", DEL, relative_only, EINVAL, ABSOLUTE, 0 },
	{ "missing path", SET, missing_path, ENOENT, "no such path", 0 },
	{ "missing path", DEL, missing_path, ENOENT, "no such path", 0 },
	{ "missing path", GET, missing_path, ENOENT, "no such path", 0 },
	{ "no mount point", SET, no_mount_point, EINVAL, "not a mount point", 0 },
	{ "no mount point", DEL, no_mount_point, EINVAL, "not a mount point", 0 },
	{ "no mount point", GET, no_mount_point, EINVAL, "not a mount point", 0 },
	{ "path without an end", SET, not_terminated, EINVAL, "failed policy", 0 },
	{ "path too long", SET, too_long, EINVAL, "failed policy", 0 },
	{ "short number", GET, short_number, EINVAL, "", 0 },
	{ "long number", GET, long_number, EINVAL, "", 0 },
	{ "short number", DEL, short_number, EINVAL, "", 0 },
	{ "unknown attribute", SET, unknown_attr, EINVAL, "nknown attribute", 0 },
	{ "unknown attribute", GET, unknown_attr, EINVAL, "nknown attribute", 0 },
	{ "unknown attribute", DEL, unknown_attr, EINVAL, "nknown attribute", 0 },
	{ "attribute of replies", SET, attr_of_replies, EINVAL,
	  "nknown attribute", 0 },
	{ "attribute of another command", SET, attr_between, EINVAL,
	  "Unsupported attribute", 0 },
	{ "trailing bytes", SET, trailing, EINVAL, "", 0 },
	{ "neither", GET, nothing, EINVAL, EITHER, 0 },
	{ "neither", DEL, nothing, EINVAL, EITHER, 0 },
	{ "both", GET, both, EINVAL, EITHER, 0 },
	{ "both", DEL, both, EINVAL, EITHER, 0 },
	{ "no such id", GET, no_such_id, ENOENT, "no such watch", 0 },
	{ "no such id", DEL, no_such_id, ENOENT, "no such watch", 0 },
	{ "id 0", GET, id_zero, ENOENT, "no such watch", 0 },
	{ "id 0", DEL, id_zero, ENOENT, "no such watch", 0 },
	{ "not watched", GET, not_watched, ENOENT, "not watched", 0 },
	{ "not watched", DEL, not_watched, ENOENT, "not watched", 0 },
	{ "no type", DEL, no_type, EINVAL, "no type at all", 0 },
	{ "unknown type", DEL, type_unknown, EINVAL, "reserved bit set", 0 },
	{ "reserved", GET, reserved, EINVAL, "reserved field is not 0", 0 },
	{ "flags", GET, with_flags, EINVAL, "nlmsg_flags", 0 },
	/* Newer kernels refuse these themselves, in other words. */
	{ "attribute of statistics", STATS, attr_of_none, EINVAL, "attribute",
	  0 },
	{ "bytes after statistics", STATS, bytes_of_none, EINVAL, "attribute",
	  0 },
};

TEST_F(refused, each_with_its_reason_and_its_attribute)
{
	EXPECT_EQ(0, fse_not_refused(&self->r, cases, ARRAY_SIZE(cases)));
}

/* Removing a type that the watch does not have fails. */
TEST_F(refused, type_that_is_not_watched)
{
	struct fse_answer a;
	struct nlmsghdr *nlh;

	ASSERT_EQ(0, fse_config("!%s T", FSE_WATCHED));
	nlh = fse_command(&self->r.c, DEL);
	fse_put_watched(nlh);
	fse_here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_TYPES,
			 FS_NL_TYPES_GENERIC | FS_NL_TYPES_SPACE);
	EXPECT_EQ(-ENOENT, fse_run(&self->r.c, nlh, &a, NULL));
	EXPECT_STREQ("this type is not watched", a.why);
	EXPECT_EQ(fse_at, a.offset);
	EXPECT_STREQ(FSE_WATCHED FSE_TMPFS "(G,I 5)\n", fse_read("config"));
	ASSERT_EQ(0, fse_config("%s", FSE_REQUEST));
}

TEST_F(refused, attributes_of_a_dump)
{
	struct fse_answer a;
	struct nlmsghdr *nlh = fse_command(&self->r.c, GET);

	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	fse_here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_ID, 1);
	EXPECT_EQ(-EINVAL, fse_run(&self->r.c, nlh, &a, NULL));
	EXPECT_NE(NULL, strstr(a.why, "attribute"));
	EXPECT_EQ(fse_at, a.offset);
}

TEST_F(refused, attributes_of_replies_only)
{
	struct nlmsghdr *nlh = fse_command(&self->r.c, FS_NL_C_EVENT);

	EXPECT_EQ(-EOPNOTSUPP, fse_run(&self->r.c, nlh, NULL, NULL));
	nlh = fse_command(&self->r.c, FS_NL_C_ENTRY_NTF);
	EXPECT_EQ(-EOPNOTSUPP, fse_run(&self->r.c, nlh, NULL, NULL));
}

/* error_log has refused writes, not refused netlink commands. */
TEST_F(refused, not_in_the_log_of_writes)
{
	struct nlmsghdr *nlh = fse_command(&self->r.c, SET);

	ASSERT_EQ(0, fse_sh("echo >" FSE_DIR "/error_log"));
	missing_path(nlh);
	EXPECT_EQ(-ENOENT, fse_run(&self->r.c, nlh, NULL, NULL));
	EXPECT_STREQ("", fse_read("error_log"));
}

TEST_HARNESS_MAIN
