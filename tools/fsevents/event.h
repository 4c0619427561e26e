/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One event of a file system, as the generic netlink family fs_event tells it.
 */
#ifndef FSEVENTS_EVENT_H
#define FSEVENTS_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/fs_event.h>
#include <linux/netlink.h>

#define FSEVENT_UUID_LEN	16

/**
 * struct fsevent - an event
 * @has: which attributes it came with, bits of 1 << enum fs_event_nl_attr;
 *	a member whose attribute did not come is 0 or NULL
 *
 * The other members are named as enum fs_event_nl_attr has them. Strings
 * belong to the message that the event was decoded from.
 */
struct fsevent {
	uint64_t has;
	uint64_t event_id;
	uint64_t dev_major;
	uint64_t dev_minor;
	uint64_t pid;
	uint64_t avail;
	uint64_t seq;
	uint64_t time_ns;
	uint64_t count;
	uint64_t error;
	uint64_t ino;
	uint64_t level;
	uint64_t total;
	uint64_t frsize;
	uint64_t fsid;
	uint64_t level_nr;
	uint64_t entry;
	const char *mount;
	const char *fstype;
	const char *source;
	uint8_t uuid[FSEVENT_UUID_LEN];
};

/**
 * struct fsevent_gap - follows the numbers of events
 * @last: number of the newest event
 * @started: is there one?
 */
struct fsevent_gap {
	uint64_t last;
	bool started;
};

bool fsevent_has(const struct fsevent *ev, enum fs_event_nl_attr attr);
const char *fsevent_name(uint64_t id);
bool fsevent_is_generic(uint64_t id);
bool fsevent_decode(struct fsevent *ev, const struct nlmsghdr *nlh);
uint64_t fsevent_gap(struct fsevent_gap *gap, const struct fsevent *ev);

#endif /* FSEVENTS_EVENT_H */
