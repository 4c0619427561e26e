/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Watches: from netlink messages, and sets of them.
 */
#ifndef FSALERT_ENTRY_H
#define FSALERT_ENTRY_H

#include <stdint.h>

#include <linux/netlink.h>

#include "event.h"

/* Two numbers of 64 bits, each with its unit, and a colon. */
#define FSA_LEVEL_TEXT	48

/**
 * struct fsa_level - a level of a watch
 * @kind: enum fs_event_nl_kind
 * @nr: its position among those of its kind, from 1
 * @trigger: it is crossed when no more than this is available
 * @unit: of the trigger, enum fs_event_nl_unit
 * @rearm: it is free again when more than this is available
 * @rearm_unit: of the re-arm
 * @state: enum fs_event_nl_state
 * @text: as it is written in a request
 */
struct fsa_level {
	uint64_t kind;
	uint64_t nr;
	uint64_t trigger;
	uint64_t unit;
	uint64_t rearm;
	uint64_t rearm_unit;
	uint64_t state;
	char text[FSA_LEVEL_TEXT];
};

/**
 * struct fsalert_entry - a watch
 * @has: which attributes it came with, bits of 1 << enum
 *	fs_event_nl_entry_attr
 * @id: its number
 * @events: the generic events that are on, bits of 1 << id
 * @types: what it reports, enum fs_event_nl_types
 * @lasting: failures that were reported and last, bits of 1 << id
 * @seq: number of the last event that this is the state after
 * @generation: changes of watches up to this
 * @dev_major: device number of the file system
 * @dev_minor: the same
 * @fsid: f_fsid of statfs(2)
 * @avail: blocks available, the last figure known
 * @total: blocks of the file system
 * @frsize: bytes a block
 * @inodes_free: free inodes, the last figure known
 * @inodes: inodes of the file system
 * @elsewhere: its events go to another network namespace or to none
 * @mount: path of the mount, from here
 * @fstype: type of the file system
 * @source: its device or other source
 * @request: what is watched, as in a request
 * @uuid: of the file system
 * @nr_levels: how many levels
 * @levels: the levels
 */
struct fsalert_entry {
	uint64_t has;
	uint64_t id;
	uint64_t events;
	uint64_t types;
	uint64_t lasting;
	uint64_t seq;
	uint64_t generation;
	uint64_t dev_major;
	uint64_t dev_minor;
	uint64_t fsid;
	uint64_t avail;
	uint64_t total;
	uint64_t frsize;
	uint64_t inodes_free;
	uint64_t inodes;
	bool elsewhere;
	const char *mount;
	const char *fstype;
	const char *source;
	const char *request;
	uint8_t uuid[FSA_UUID_LEN];
	size_t nr_levels;
	const struct fsa_level *levels;
};

const struct fsa_level *fsa_entry_level(const struct fsalert_entry *entry,
					uint64_t kind, uint64_t nr);

/**
 * struct fsa_watch - a watch
 * @entry: what is shown of it; its strings follow the levels
 * @levels: its levels
 *
 * One piece of memory, to be given to free().
 */
struct fsa_watch {
	struct fsalert_entry entry;
	struct fsa_level levels[];
};

struct fsa_watch *fsa_watch_new(const struct fsalert_entry *entry);
struct fsa_watch *fsa_watch_decode(const struct nlmsghdr *nlh,
				   uint64_t *change);
void fsa_watch_apply(struct fsa_watch *watch,
		     const struct fsalert_event *ev);
bool fsa_event_is_state(const struct fsalert_event *ev);
bool fsa_watch_has_level(const struct fsa_watch *watch,
			 const struct fsalert_event *ev);
bool fsa_watch_is_other(const struct fsalert_entry *a,
			const struct fsalert_entry *b);
uint64_t fsa_level_blocks(const struct fsalert_entry *entry,
			  const struct fsa_level *level);

/**
 * struct fsa_set - watches, by their ids
 * @list: them, ids rising
 * @nr: how many
 * @room: for how many there is room
 */
struct fsa_set {
	struct fsa_watch **list;
	size_t nr;
	size_t room;
};

size_t fsa_set_at(const struct fsa_set *set, uint64_t id);
struct fsa_watch *fsa_set_find(const struct fsa_set *set, uint64_t id);
int fsa_set_put(struct fsa_set *set, struct fsa_watch *watch,
		struct fsa_watch **before);
struct fsa_watch *fsa_set_take(struct fsa_set *set, uint64_t id);
void fsa_set_clear(struct fsa_set *set);

#endif /* FSALERT_ENTRY_H */
