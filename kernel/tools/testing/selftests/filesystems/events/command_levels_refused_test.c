// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink commands refused because of their levels. Nothing changes.
 */
#include <errno.h>

#include "command_refusal.h"
#include "harness.h"

FIXTURE(refused_levels)
{
	struct fse_refusals r;
};

FIXTURE_SETUP(refused_levels)
{
	ASSERT_EQ(0, fse_refusals_begin(&self->r));
}

FIXTURE_TEARDOWN(refused_levels)
{
	EXPECT_EQ(0, fse_refusals_end(&self->r));
}

/* A level with one more attribute, which is at fault. */
static void level_with(struct nlmsghdr *nlh, __u32 kind, unsigned int type,
		       __u32 value)
{
	struct nlattr *nest = fse_put_level(nlh, kind, 1, 0);

	fse_here(nlh);
	mnl_attr_put_u32(nlh, type, value);
	fse_end_level(nlh, nest);
}

static void level_without_kind(struct nlmsghdr *nlh)
{
	struct nlattr *nest;

	fse_put_watched(nlh);
	nest = mnl_attr_nest_start(nlh, FS_NL_ENTRY_A_LEVEL);
	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_TRIGGER, 1);
	mnl_attr_nest_end(nlh, nest);
}

static void level_without_trigger(struct nlmsghdr *nlh)
{
	struct nlattr *nest;

	fse_put_watched(nlh);
	nest = mnl_attr_nest_start(nlh, FS_NL_ENTRY_A_LEVEL);
	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_KIND, FS_NL_KIND_SPACE);
	mnl_attr_nest_end(nlh, nest);
}

static void level_no_nest(struct nlmsghdr *nlh)
{
	fse_put_watched(nlh);
	fse_here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_LEVEL, 1);
}

static void kind_unknown(struct nlmsghdr *nlh)
{
	struct nlattr *nest;

	fse_put_watched(nlh);
	nest = mnl_attr_nest_start(nlh, FS_NL_ENTRY_A_LEVEL);
	fse_here(nlh);
	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_KIND, FS_NL_KIND_MAX + 1);
	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_TRIGGER, 1);
	mnl_attr_nest_end(nlh, nest);
}

static void unit_unknown(struct nlmsghdr *nlh)
{
	fse_put_watched(nlh);
	level_with(nlh, FS_NL_KIND_SPACE, FS_NL_LEVEL_A_UNIT,
		   FS_NL_UNIT_MAX + 1);
}

static void level_state(struct nlmsghdr *nlh)
{
	fse_put_watched(nlh);
	level_with(nlh, FS_NL_KIND_SPACE, FS_NL_LEVEL_A_STATE,
		   FS_NL_STATE_BELOW);
}

static void level_nr(struct nlmsghdr *nlh)
{
	fse_put_watched(nlh);
	level_with(nlh, FS_NL_KIND_INODES, FS_NL_LEVEL_A_NR, 1);
}

static void unit_of_no_rearm(struct nlmsghdr *nlh)
{
	fse_put_watched(nlh);
	level_with(nlh, FS_NL_KIND_SPACE, FS_NL_LEVEL_A_REARM_UNIT,
		   FS_NL_UNIT_MIB);
}

static void rearm_below(struct nlmsghdr *nlh)
{
	struct nlattr *nest;

	fse_put_watched(nlh);
	fse_here(nlh);
	nest = fse_put_level(nlh, FS_NL_KIND_SPACE, 2, 0);
	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_REARM, 1);
	fse_end_level(nlh, nest);
}

static void in_nest(struct nlmsghdr *nlh, __u32 kind, __u64 trigger, __u32 unit)
{
	fse_put_watched(nlh);
	/* Skips the headers of the nest and of the kind. */
	fse_at = nlh->nlmsg_len + 4 + 8;
	fse_put_good_level(nlh, kind, trigger, unit);
}

static void over_100_percent(struct nlmsghdr *nlh)
{
	in_nest(nlh, FS_NL_KIND_INODES, 101, FS_NL_UNIT_PERCENT);
}

static void rearm_over_100_percent(struct nlmsghdr *nlh)
{
	struct nlattr *nest;

	fse_put_watched(nlh);
	nest = fse_put_level(nlh, FS_NL_KIND_SPACE, 5, FS_NL_UNIT_PERCENT);
	fse_here(nlh);
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
	fse_put_watched(nlh);
	fse_put_good_level(nlh, FS_NL_KIND_SPACE, 5, 0);
	fse_put_good_level(nlh, FS_NL_KIND_INODES, 7, 0);
	fse_here(nlh);
	fse_put_good_level(nlh, FS_NL_KIND_SPACE, 6, 0);
}

static void too_many_levels(struct nlmsghdr *nlh)
{
	unsigned int i;

	fse_put_watched(nlh);
	for (i = 0; i < 64; i++)
		fse_put_good_level(nlh, FS_NL_KIND_INODES, 100 - i, 0);
	fse_put_good_level(nlh, FS_NL_KIND_SPACE, 1, 0);
	fse_here(nlh);
	fse_put_good_level(nlh, FS_NL_KIND_INODES, 1, 0);
}

static void without_size(struct nlmsghdr *nlh)
{
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, "/proc");
	fse_here(nlh);
	fse_put_good_level(nlh, FS_NL_KIND_SPACE, 1, 0);
	fse_put_good_level(nlh, FS_NL_KIND_INODES, 1, 0);
}

#define SET FS_NL_C_ENTRY_SET

static const struct fse_bad_command cases[] = {
	{ "no size", SET, without_size, EOPNOTSUPP,
	  "the file system does not tell its size", 0 },
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
};

TEST_F(refused_levels, each_with_its_reason_and_its_attribute)
{
	EXPECT_EQ(0, fse_not_refused(&self->r, cases, ARRAY_SIZE(cases)));
}

TEST_HARNESS_MAIN
