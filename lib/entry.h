/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Watches: from netlink messages, and sets of them.
 */
#ifndef FSEVENTS_ENTRY_H
#define FSEVENTS_ENTRY_H

#include <linux/netlink.h>

#include "fsevents.h"

/**
 * struct fsev_watch - a watch
 * @entry: what is shown of it; its strings follow the levels
 * @levels: &fsevents_entry.levels
 *
 * One piece of memory, to be given to free().
 */
struct fsev_watch {
	struct fsevents_entry entry;
	struct fsevents_level levels[];
};

struct fsev_watch *fsev_watch_new(const struct fsevents_entry *entry);
struct fsev_watch *fsev_watch_decode(const struct nlmsghdr *nlh,
				     uint64_t *change);
void fsev_watch_apply(struct fsev_watch *watch,
		      const struct fsevents_event *ev);
bool fsev_watch_has_level(const struct fsev_watch *watch,
			  const struct fsevents_event *ev);
bool fsev_watch_differs(const struct fsevents_entry *a,
			const struct fsevents_entry *b);

/**
 * struct fsev_set - watches, by their ids
 * @list: them, ids rising
 * @nr: how many
 * @room: for how many there is room
 */
struct fsev_set {
	struct fsev_watch **list;
	size_t nr;
	size_t room;
};

size_t fsev_set_at(const struct fsev_set *set, uint64_t id);
struct fsev_watch *fsev_set_find(const struct fsev_set *set, uint64_t id);
int fsev_set_put(struct fsev_set *set, struct fsev_watch *watch,
		 struct fsev_watch **before);
struct fsev_watch *fsev_set_take(struct fsev_set *set, uint64_t id);
void fsev_set_clear(struct fsev_set *set);

#endif /* FSEVENTS_ENTRY_H */
