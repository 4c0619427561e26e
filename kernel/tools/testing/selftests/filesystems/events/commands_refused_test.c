// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink commands that are refused: with what errno, what is said about it, and
 * which attribute it is said about. Nothing changes.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/genetlink.h>

#include "command.h"
#include "control.h"
#include "harness.h"
#include "watched.h"

#define WATCHED FSE_MNT "/watched"
#define REQUEST WATCHED " G T 10% I 5"
#define LISTED WATCHED FSE_TMPFS "(G,T 10%,I 5)\n"

FIXTURE(refused)
{
	struct fse_watched w;
	struct fse_listener c;
	struct fse_answer a;
};

FIXTURE_SETUP(refused)
{
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 8, "", ""));
	ASSERT_EQ(0, fse_listen_to(&self->c, NULL));
	ASSERT_STREQ(WATCHED, self->w.fs.mount);
	ASSERT_EQ(0, fse_config("%s", REQUEST));
}

FIXTURE_TEARDOWN(refused)
{
	EXPECT_STREQ(LISTED, fse_read("config"));
	fse_unlisten(&self->c);
	fse_end(&self->w);
}

/* What the attribute at fault begins at; set while a command is put together. */
static unsigned int at;

static void here(const struct nlmsghdr *nlh)
{
	at = nlh->nlmsg_len;
}

static void mount_attr(struct nlmsghdr *nlh)
{
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, WATCHED);
}

static void level(struct nlmsghdr *nlh, __u32 kind, __u64 trigger, __u32 unit)
{
	fse_end_level(nlh, fse_put_level(nlh, kind, trigger, unit));
}

/* With one more attribute in it, which is at fault. */
static void level_with(struct nlmsghdr *nlh, __u32 kind, unsigned int type,
		       __u32 value)
{
	struct nlattr *nest = fse_put_level(nlh, kind, 1, 0);

	here(nlh);
	mnl_attr_put_u32(nlh, type, value);
	fse_end_level(nlh, nest);
}

static void nothing(struct nlmsghdr *nlh)
{
	(void)nlh;
}

static void no_types(struct nlmsghdr *nlh)
{
	mount_attr(nlh);
}

static void no_mount(struct nlmsghdr *nlh)
{
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_EVENTS, FSE_GENERIC);
}

static void no_events(struct nlmsghdr *nlh)
{
	mount_attr(nlh);
	here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_EVENTS, 0);
}

static void events_of_levels(struct nlmsghdr *nlh)
{
	mount_attr(nlh);
	here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_EVENTS,
			 FSE_GENERIC | 1U << FS_THR_LRBELOW);
}

static void events_unknown(struct nlmsghdr *nlh)
{
	mount_attr(nlh);
	here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_EVENTS, 1U << 16);
}

static void relative(struct nlmsghdr *nlh)
{
	here(nlh);
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, "mnt/watched");
	no_mount(nlh);
}

static void relative_only(struct nlmsghdr *nlh)
{
	here(nlh);
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, "");
}

static void missing_path(struct nlmsghdr *nlh)
{
	here(nlh);
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, "/no/such/path");
	if (((struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->cmd ==
	    FS_NL_C_ENTRY_SET)
		no_mount(nlh);
}

static void no_mount_point(struct nlmsghdr *nlh)
{
	here(nlh);
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, "/usr");
	if (((struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->cmd ==
	    FS_NL_C_ENTRY_SET)
		no_mount(nlh);
}

static void without_size(struct nlmsghdr *nlh)
{
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, "/proc");
	here(nlh);
	level(nlh, FS_NL_KIND_SPACE, 1, 0);
	level(nlh, FS_NL_KIND_INODES, 1, 0);
}

static void not_terminated(struct nlmsghdr *nlh)
{
	here(nlh);
	mnl_attr_put(nlh, FS_NL_ENTRY_A_MOUNT, 4, "/mnt");
	no_mount(nlh);
}

static void too_long(struct nlmsghdr *nlh)
{
	char path[PATH_MAX + 1];

	memset(path, '/', sizeof(path));
	path[PATH_MAX] = '\0';
	here(nlh);
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, path);
	no_mount(nlh);
}

static void level_without_kind(struct nlmsghdr *nlh)
{
	struct nlattr *nest;

	mount_attr(nlh);
	nest = mnl_attr_nest_start(nlh, FS_NL_ENTRY_A_LEVEL);
	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_TRIGGER, 1);
	mnl_attr_nest_end(nlh, nest);
}

static void level_without_trigger(struct nlmsghdr *nlh)
{
	struct nlattr *nest;

	mount_attr(nlh);
	nest = mnl_attr_nest_start(nlh, FS_NL_ENTRY_A_LEVEL);
	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_KIND, FS_NL_KIND_SPACE);
	mnl_attr_nest_end(nlh, nest);
}

static void level_no_nest(struct nlmsghdr *nlh)
{
	mount_attr(nlh);
	here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_LEVEL, 1);
}

static void kind_unknown(struct nlmsghdr *nlh)
{
	struct nlattr *nest;

	mount_attr(nlh);
	nest = mnl_attr_nest_start(nlh, FS_NL_ENTRY_A_LEVEL);
	here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_KIND, FS_NL_KIND_MAX + 1);
	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_TRIGGER, 1);
	mnl_attr_nest_end(nlh, nest);
}

static void unit_unknown(struct nlmsghdr *nlh)
{
	mount_attr(nlh);
	level_with(nlh, FS_NL_KIND_SPACE, FS_NL_LEVEL_A_UNIT,
		   FS_NL_UNIT_MAX + 1);
}

static void level_state(struct nlmsghdr *nlh)
{
	mount_attr(nlh);
	level_with(nlh, FS_NL_KIND_SPACE, FS_NL_LEVEL_A_STATE,
		   FS_NL_STATE_BELOW);
}

static void level_nr(struct nlmsghdr *nlh)
{
	mount_attr(nlh);
	level_with(nlh, FS_NL_KIND_INODES, FS_NL_LEVEL_A_NR, 1);
}

static void unit_of_no_rearm(struct nlmsghdr *nlh)
{
	mount_attr(nlh);
	level_with(nlh, FS_NL_KIND_SPACE, FS_NL_LEVEL_A_REARM_UNIT,
		   FS_NL_UNIT_MIB);
}

static void rearm_below(struct nlmsghdr *nlh)
{
	struct nlattr *nest;

	mount_attr(nlh);
	here(nlh);
	nest = fse_put_level(nlh, FS_NL_KIND_SPACE, 2, 0);
	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_REARM, 1);
	fse_end_level(nlh, nest);
}

static void in_nest(struct nlmsghdr *nlh, __u32 kind, __u64 trigger, __u32 unit)
{
	mount_attr(nlh);
	/* Behind the nest's header and the kind. */
	at = nlh->nlmsg_len + 4 + 8;
	level(nlh, kind, trigger, unit);
}

static void over_100_percent(struct nlmsghdr *nlh)
{
	in_nest(nlh, FS_NL_KIND_INODES, 101, FS_NL_UNIT_PERCENT);
}

static void rearm_over_100_percent(struct nlmsghdr *nlh)
{
	struct nlattr *nest;

	mount_attr(nlh);
	nest = fse_put_level(nlh, FS_NL_KIND_SPACE, 5, FS_NL_UNIT_PERCENT);
	here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_REARM, 101);
	fse_end_level(nlh, nest);
}

static void too_many_bytes(struct nlmsghdr *nlh)
{
	in_nest(nlh, FS_NL_KIND_SPACE, 1ull << 54, FS_NL_UNIT_KIB);
}

static void bytes_of_inodes(struct nlmsghdr *nlh)
{
	in_nest(nlh, FS_NL_KIND_INODES, 1, FS_NL_UNIT_KIB);
}

static void wrong_order(struct nlmsghdr *nlh)
{
	mount_attr(nlh);
	level(nlh, FS_NL_KIND_SPACE, 5, 0);
	level(nlh, FS_NL_KIND_INODES, 7, 0);
	here(nlh);
	level(nlh, FS_NL_KIND_SPACE, 6, 0);
}

static void too_many_levels(struct nlmsghdr *nlh)
{
	unsigned int i;

	mount_attr(nlh);
	for (i = 0; i < 64; i++)
		level(nlh, FS_NL_KIND_INODES, 100 - i, 0);
	level(nlh, FS_NL_KIND_SPACE, 1, 0);
	here(nlh);
	level(nlh, FS_NL_KIND_INODES, 1, 0);
}

static void short_number(struct nlmsghdr *nlh)
{
	here(nlh);
	mnl_attr_put_u16(nlh, FS_NL_ENTRY_A_ID, 1);
}

static void long_number(struct nlmsghdr *nlh)
{
	here(nlh);
	mnl_attr_put_u64(nlh, FS_NL_ENTRY_A_ID, 1);
}

static void unknown_attr(struct nlmsghdr *nlh)
{
	mount_attr(nlh);
	here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_MAX + 1, 1);
}

static void attr_of_replies(struct nlmsghdr *nlh)
{
	mount_attr(nlh);
	here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_LASTING, 0);
}

static void attr_between(struct nlmsghdr *nlh)
{
	mount_attr(nlh);
	here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_ID, 1);
	no_mount(nlh);
}

static void trailing(struct nlmsghdr *nlh)
{
	mount_attr(nlh);
	nlh->nlmsg_len += 2;
}

static void both(struct nlmsghdr *nlh)
{
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_ID, 1);
	here(nlh);
	mount_attr(nlh);
}

static void no_such_id(struct nlmsghdr *nlh)
{
	here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_ID, 0x7fffffff);
}

static void id_zero(struct nlmsghdr *nlh)
{
	here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_ID, 0);
}

static void not_watched(struct nlmsghdr *nlh)
{
	here(nlh);
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, "/");
}

static void no_type(struct nlmsghdr *nlh)
{
	mount_attr(nlh);
	here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_TYPES, 0);
}

static void type_unknown(struct nlmsghdr *nlh)
{
	mount_attr(nlh);
	here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_TYPES, 8);
}

static void reserved(struct nlmsghdr *nlh)
{
	((struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->reserved = 1;
	mount_attr(nlh);
}

static void with_flags(struct nlmsghdr *nlh)
{
	nlh->nlmsg_flags |= NLM_F_CREATE;
	mount_attr(nlh);
}

static void attr_of_none(struct nlmsghdr *nlh)
{
	here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_STATS_A_SENT, 1);
}

static void bytes_of_none(struct nlmsghdr *nlh)
{
	here(nlh);
	nlh->nlmsg_len += 1;
}

#define GET FS_NL_C_ENTRY_GET
#define SET FS_NL_C_ENTRY_SET
#define DEL FS_NL_C_ENTRY_DEL
#define STATS FS_NL_C_STATS_GET
#define EITHER "needs either ID or MOUNT"
#define ABSOLUTE "expected a path that starts with /"

static const struct {
	const char *name;
	unsigned int cmd;
	void (*build)(struct nlmsghdr *nlh);
	int err;
	const char *why;
	unsigned int missing;
} cases[] = {
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
	{ "no size", SET, without_size, EOPNOTSUPP,
	  "the file system does not tell its size", 0 },
	{ "path without an end", SET, not_terminated, EINVAL, "failed policy", 0 },
	{ "path too long", SET, too_long, EINVAL, "failed policy", 0 },
	{ "level without kind", SET, level_without_kind, EINVAL,
	  "a level needs KIND and TRIGGER", FS_NL_LEVEL_A_KIND },
	{ "level without trigger", SET, level_without_trigger, EINVAL,
	  "a level needs KIND and TRIGGER", FS_NL_LEVEL_A_TRIGGER },
	{ "level that is a number", SET, level_no_nest, EINVAL, "NLA_F_NESTED", 0 },
	{ "unknown kind", SET, kind_unknown, ERANGE, "", 0 },
	{ "unknown unit", SET, unit_unknown, ERANGE, "", 0 },
	{ "state of a level", SET, level_state, EINVAL,
	  "the state of a level can not be set", 0 },
	{ "number of a level", SET, level_nr, EINVAL,
	  "levels are numbered by their order", 0 },
	{ "unit of no re-arm", SET, unit_of_no_rearm, EINVAL,
	  "unit of a re-arm that is not there", 0 },
	{ "re-arm below", SET, rearm_below, ERANGE,
	  "re-arm smaller than its level", 0 },
	{ "percent", SET, over_100_percent, ERANGE, "more than 100 percent", 0 },
	{ "percent of re-arm", SET, rearm_over_100_percent, ERANGE,
	  "more than 100 percent", 0 },
	{ "bytes", SET, too_many_bytes, ERANGE, "too many bytes", 0 },
	{ "bytes of inodes", SET, bytes_of_inodes, EINVAL,
	  "expected a number of inodes or a percentage", 0 },
	{ "order", SET, wrong_order, ERANGE, "", 0 },
	{ "65 levels", SET, too_many_levels, E2BIG, "more than 64 levels", 0 },
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
	{ "attribute of statistics", STATS, attr_of_none, EINVAL,
	  "takes no attributes", 0 },
	{ "bytes after statistics", STATS, bytes_of_none, EINVAL,
	  "takes no attributes", 0 },
};

TEST_F(refused, each_with_its_reason_and_its_attribute)
{
	struct fse_answer *a = &self->a;
	struct nlmsghdr *nlh;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		nlh = fse_command(&self->c, cases[i].cmd);
		at = 0;
		cases[i].build(nlh);
		fse_run(&self->c, nlh, a, NULL);
		EXPECT_EQ(-cases[i].err, a->err);
		/* Of the kernel's own a part. */
		EXPECT_NE(NULL, strstr(a->why, cases[i].why));
		EXPECT_EQ(at, a->offset);
		EXPECT_EQ(cases[i].missing, a->missing);
		if (a->err != -cases[i].err || a->offset != at ||
		    !strstr(a->why, cases[i].why) ||
		    a->missing != cases[i].missing)
			TH_LOG("%s: %d, \"%s\" at %u, missing %u",
			       cases[i].name, a->err, a->why, a->offset,
			       a->missing);
	}
}

/* A watch has no such type; one that it has would be removed. */
TEST_F(refused, type_that_is_not_watched)
{
	struct nlmsghdr *nlh;

	ASSERT_EQ(0, fse_config("!%s T", WATCHED));
	nlh = fse_command(&self->c, DEL);
	mount_attr(nlh);
	here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_TYPES,
			 FS_NL_TYPES_GENERIC | FS_NL_TYPES_SPACE);
	EXPECT_EQ(-ENOENT, fse_run(&self->c, nlh, &self->a, NULL));
	EXPECT_STREQ("this type is not watched", self->a.why);
	EXPECT_EQ(at, self->a.offset);
	EXPECT_STREQ(WATCHED FSE_TMPFS "(G,I 5)\n", fse_read("config"));
	ASSERT_EQ(0, fse_config("%s", REQUEST));
}

TEST_F(refused, attributes_of_a_dump)
{
	struct nlmsghdr *nlh = fse_command(&self->c, GET);

	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_ID, 1);
	EXPECT_EQ(-EINVAL, fse_run(&self->c, nlh, &self->a, NULL));
	EXPECT_STREQ("takes no attributes", self->a.why);
	EXPECT_EQ(at, self->a.offset);
}

TEST_F(refused, what_can_only_be_told)
{
	struct nlmsghdr *nlh = fse_command(&self->c, FS_NL_C_EVENT);

	EXPECT_EQ(-EOPNOTSUPP, fse_run(&self->c, nlh, NULL, NULL));
	nlh = fse_command(&self->c, FS_NL_C_ENTRY_NTF);
	EXPECT_EQ(-EOPNOTSUPP, fse_run(&self->c, nlh, NULL, NULL));
}

/* What is refused by netlink is not in the log of what was written. */
TEST_F(refused, not_in_the_log_of_writes)
{
	struct nlmsghdr *nlh = fse_command(&self->c, SET);

	ASSERT_EQ(0, fse_sh("echo >" FSE_DIR "/error_log"));
	missing_path(nlh);
	EXPECT_EQ(-ENOENT, fse_run(&self->c, nlh, NULL, NULL));
	EXPECT_STREQ("", fse_read("error_log"));
}

TEST_HARNESS_MAIN
