/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: netlink, as far as its files share it.
 */
#ifndef _FS_EVENTS_NETLINK_H
#define _FS_EVENTS_NETLINK_H

#include <net/genetlink.h>

#include "internal.h"

extern struct genl_family fse_family;

/**
 * struct fse_entry - a watch as messages show it
 * @watch: the watch
 * @mount: its mount, as the reader sees it
 * @numbers: of its network namespace, read before the state of the watch
 * @figures: the reader may have the figures of the file system
 * @elsewhere: its events go to another network namespace than the reader's
 * @is_change: the message has @change
 * @change: what became of it
 */
struct fse_entry {
	struct fse_watch *watch;
	const char *mount;
	struct fse_numbers numbers;
	bool figures;
	bool elsewhere;
	bool is_change;
	enum fs_event_nl_change change;
};

/* attributes.c */

/* A level: kind, nr, trigger, unit, state, re-arm and its unit. */
#define FSE_LEVEL_SIZE	(nla_total_size(0) + nla_total_size(sizeof(u32)) * 5 + \
			 nla_total_size(sizeof(u64)) * 2)

/* No watch takes more: a path, a type, a source, what has a fixed size. */
#define FSE_ENTRY_MAX	(PATH_MAX + 2 * PAGE_SIZE + 1024 + \
			 FSE_LEVEL_SIZE * FSE_MAX_LEVELS * FSE_SET_NR)

size_t fse_entry_size(const struct fse_entry *entry);
int fse_entry_put(struct sk_buff *skb, const struct fse_entry *entry);
int fse_attrs_set(const struct nlmsghdr *nlh, struct nlattr **attrs,
		  struct fse_request *req, struct netlink_ext_ack *extack);
int fse_attrs_del(const struct nlmsghdr *nlh, struct nlattr **attrs,
		  struct fse_request *req, struct netlink_ext_ack *extack);
int fse_attrs_which(struct nlattr **attrs, struct netlink_ext_ack *extack);
int fse_attrs_none(const struct nlmsghdr *nlh, struct netlink_ext_ack *extack);

/* netlink.c */
void fse_netlink_change(struct fse_net *fn, struct fse_entry *entry);

#endif /* _FS_EVENTS_NETLINK_H */
