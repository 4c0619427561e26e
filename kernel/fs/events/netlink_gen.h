/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/fs_event.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_FS_EVENT_GEN_H
#define _LINUX_FS_EVENT_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/fs_event_netlink.h>

/* Common nested types */
extern const struct nla_policy fs_event_level_nl_policy[FS_NL_LEVEL_A_NR + 1];

/* Ops table for fs_event */
extern const struct genl_split_ops fs_event_nl_ops[5];

int fs_event_nl_entry_get_start(struct netlink_callback *cb);
int fs_event_nl_entry_get_done(struct netlink_callback *cb);

int fs_event_nl_entry_get_doit(struct sk_buff *skb, struct genl_info *info);
int fs_event_nl_entry_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int fs_event_nl_entry_set_doit(struct sk_buff *skb, struct genl_info *info);
int fs_event_nl_entry_del_doit(struct sk_buff *skb, struct genl_info *info);
int fs_event_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	FS_EVENT_NLGRP_FS_EVENT_MC_GRP,
	FS_EVENT_NLGRP_CONFIG,
};

#endif /* _LINUX_FS_EVENT_GEN_H */
