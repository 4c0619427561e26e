// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/fs_event.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <uapi/linux/fs_event_netlink.h>

/* Common nested types */
const struct nla_policy fs_event_level_nl_policy[FS_NL_LEVEL_A_NR + 1] = {
	[FS_NL_LEVEL_A_KIND] = NLA_POLICY_MAX(NLA_U32, 1),
	[FS_NL_LEVEL_A_TRIGGER] = { .type = NLA_UINT, },
	[FS_NL_LEVEL_A_UNIT] = NLA_POLICY_MAX(NLA_U32, 5),
	[FS_NL_LEVEL_A_REARM] = { .type = NLA_UINT, },
	[FS_NL_LEVEL_A_STATE] = NLA_POLICY_MAX(NLA_U32, 1),
	[FS_NL_LEVEL_A_REARM_UNIT] = NLA_POLICY_MAX(NLA_U32, 5),
	[FS_NL_LEVEL_A_NR] = { .type = NLA_U32, },
};

/* FS_NL_C_ENTRY_GET - do */
static const struct nla_policy fs_event_entry_get_nl_policy[FS_NL_ENTRY_A_MOUNT + 1] = {
	[FS_NL_ENTRY_A_ID] = { .type = NLA_U32, },
	[FS_NL_ENTRY_A_MOUNT] = { .type = NLA_NUL_STRING, .len = 4095, },
};

/* FS_NL_C_ENTRY_SET - do */
static const struct nla_policy fs_event_entry_set_nl_policy[FS_NL_ENTRY_A_LEVEL + 1] = {
	[FS_NL_ENTRY_A_MOUNT] = { .type = NLA_NUL_STRING, .len = 4095, },
	[FS_NL_ENTRY_A_EVENTS] = NLA_POLICY_MASK(NLA_U32, 0x1ffff),
	[FS_NL_ENTRY_A_LEVEL] = NLA_POLICY_NESTED(fs_event_level_nl_policy),
};

/* FS_NL_C_ENTRY_DEL - do */
static const struct nla_policy fs_event_entry_del_nl_policy[FS_NL_ENTRY_A_TYPES + 1] = {
	[FS_NL_ENTRY_A_ID] = { .type = NLA_U32, },
	[FS_NL_ENTRY_A_MOUNT] = { .type = NLA_NUL_STRING, .len = 4095, },
	[FS_NL_ENTRY_A_TYPES] = NLA_POLICY_MASK(NLA_U32, 0x7),
};

/* Ops table for fs_event */
const struct genl_split_ops fs_event_nl_ops[5] = {
	{
		.cmd		= FS_NL_C_ENTRY_GET,
		.doit		= fs_event_nl_entry_get_doit,
		.policy		= fs_event_entry_get_nl_policy,
		.maxattr	= FS_NL_ENTRY_A_MOUNT,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd	= FS_NL_C_ENTRY_GET,
		.start	= fs_event_nl_entry_get_start,
		.dumpit	= fs_event_nl_entry_get_dumpit,
		.done	= fs_event_nl_entry_get_done,
		.flags	= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= FS_NL_C_ENTRY_SET,
		.doit		= fs_event_nl_entry_set_doit,
		.policy		= fs_event_entry_set_nl_policy,
		.maxattr	= FS_NL_ENTRY_A_LEVEL,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= FS_NL_C_ENTRY_DEL,
		.doit		= fs_event_nl_entry_del_doit,
		.policy		= fs_event_entry_del_nl_policy,
		.maxattr	= FS_NL_ENTRY_A_TYPES,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd	= FS_NL_C_STATS_GET,
		.doit	= fs_event_nl_stats_get_doit,
		.flags	= GENL_CMD_CAP_DO,
	},
};

static const struct genl_multicast_group fs_event_nl_mcgrps[] = {
	[FS_EVENT_NLGRP_FS_EVENT_MC_GRP] = { "fs_event_mc_grp", },
	[FS_EVENT_NLGRP_CONFIG] = { "config", },
};
