/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libfsevents - what happens to file systems, as the kernel tells it over the
 * generic netlink family fs_event.
 *
 * There are two ways to listen. A listener hands on events, and says when some
 * were lost. A view keeps, besides, all watches with the states of their
 * levels: what was lost is made good by asking the kernel how things are now.
 *
 * Functions that can fail return a negative errno. All space is in blocks of
 * frsize bytes, all numbers are kept in 64 bits. Objects are not locked: one
 * thread at a time may use each of them.
 */
#ifndef FSEVENTS_H
#define FSEVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/fs_event.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FSEVENTS_UUID_LEN	16

/**
 * struct fsevents_event - an event
 * @has: which attributes it came with, bits of 1 << enum fs_event_nl_attr;
 *	a member whose attribute did not come is 0 or NULL
 * @event_id: what happened, enum fs_event_type
 * @dev_major: device number of the file system, as stat(2) has it
 * @dev_minor: the same
 * @pid: the process that caused it; 0: none, or not known
 * @avail: levels: blocks available (inodes free) now
 * @seq: number of the message in its network namespace
 * @time_ns: CLOCK_REALTIME of the first occurrence
 * @count: occurrences that it stands for
 * @error: errno of the first occurrence, positive
 * @ino: inode number
 * @level: levels: the trigger, in blocks (inodes)
 * @total: levels: size of the file system, in blocks (inodes)
 * @frsize: levels of space: bytes a block
 * @fsid: f_fsid of statfs(2), val[0] in the low half
 * @level_nr: levels: position of the level among those of its kind, from 1
 * @entry: number of the watch
 * @of: FS_INFO_CLEARED: the event that is over
 * @last: FS_INFO_UNMOUNT: the watch ended with this
 * @mount: path of the mount that the watch was made through
 * @fstype: type of the file system
 * @source: its device or other source
 * @uuid: of the file system
 *
 * Strings are good until the function that was given the event returns.
 */
struct fsevents_event {
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
	uint64_t of;
	bool last;
	const char *mount;
	const char *fstype;
	const char *source;
	uint8_t uuid[FSEVENTS_UUID_LEN];
};

bool fsevents_event_has(const struct fsevents_event *ev,
			enum fs_event_nl_attr attr);
const char *fsevents_event_name(uint64_t id);
bool fsevents_event_is_generic(uint64_t id);

/*
 * Listeners.
 */

struct fsevents_listener;

/**
 * typedef fsevents_event_fn - is told of an event
 * @ev: the event
 * @data: what fsevents_listener_read() was given
 *
 * Return: 0; anything else ends the reading and is returned by it. A negative
 * errno of its own would be taken for one of the library's.
 */
typedef int (*fsevents_event_fn)(const struct fsevents_event *ev, void *data);

int fsevents_listener_open(struct fsevents_listener **listener,
			   size_t queue_bytes);
void fsevents_listener_close(struct fsevents_listener *l);
int fsevents_listener_fd(const struct fsevents_listener *l);
int fsevents_listener_read(struct fsevents_listener *l, int timeout_ms,
			   fsevents_event_fn fn, void *data);

/**
 * struct fsevents_gap - follows the numbers of events
 * @last: number of the newest event
 * @started: is there one?
 */
struct fsevents_gap {
	uint64_t last;
	bool started;
};

uint64_t fsevents_gap(struct fsevents_gap *gap,
		      const struct fsevents_event *ev);

/*
 * Views.
 */

/**
 * struct fsevents_level - a level of a watch
 * @kind: enum fs_event_nl_kind
 * @nr: its position among those of its kind, from 1
 * @trigger: it is crossed when no more than this is available
 * @unit: of the trigger, enum fs_event_nl_unit
 * @rearm: it is free again when more than this is available
 * @rearm_unit: of the re-arm
 * @state: enum fs_event_nl_state
 */
struct fsevents_level {
	uint64_t kind;
	uint64_t nr;
	uint64_t trigger;
	uint64_t unit;
	uint64_t rearm;
	uint64_t rearm_unit;
	uint64_t state;
};

/**
 * struct fsevents_entry - a watch
 * @has: which attributes it came with, bits of 1 << enum
 *	fs_event_nl_entry_attr
 * @id: its number, &fsevents_event.entry of its events
 * @events: the generic events that it tells, bits of 1 << id
 * @types: what it tells of, enum fs_event_nl_types
 * @lasting: failures that were told and last, bits of 1 << id. A failure that
 *	ended is told by no event: its bit goes with the next resync.
 * @seq: number of the last event that this is the state after
 * @generation: changes of watches up to this
 * @dev_major: device number of the file system, as stat(2) has it
 * @dev_minor: the same
 * @fsid: f_fsid of statfs(2), val[0] in the low half
 * @avail: blocks available, the last figure known
 * @total: blocks of the file system
 * @frsize: bytes a block
 * @inodes_free: free inodes, the last figure known
 * @inodes: inodes of the file system
 * @elsewhere: its events go to another network namespace or to none: what is
 *	said here was so when the view was opened, or last resynced
 * @mount: path of the mount, from here
 * @fstype: type of the file system
 * @source: its device or other source
 * @uuid: of the file system
 * @nr_levels: how many levels
 * @levels: the levels
 */
struct fsevents_entry {
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
	uint8_t uuid[FSEVENTS_UUID_LEN];
	size_t nr_levels;
	const struct fsevents_level *levels;
};

bool fsevents_entry_has(const struct fsevents_entry *entry,
			enum fs_event_nl_entry_attr attr);
const struct fsevents_level *
fsevents_entry_level(const struct fsevents_entry *entry, uint64_t kind,
		     uint64_t nr);

/**
 * enum fsevents_news_type - what a view tells
 * @FSEVENTS_EVENT: an event
 * @FSEVENTS_LOST: events were lost
 * @FSEVENTS_RESYNCED: the view has been read anew; what differs from the one
 *	before follows, an FSEVENTS_ENTRY each
 * @FSEVENTS_ENTRY: a watch was made, changed or removed; or was found to be
 *	another, in another state
 */
enum fsevents_news_type {
	FSEVENTS_EVENT,
	FSEVENTS_LOST,
	FSEVENTS_RESYNCED,
	FSEVENTS_ENTRY,
};

/**
 * struct fsevents_news - what a view tells
 * @type: of what
 * @resync: FSEVENTS_ENTRY: found by reading the view anew. FSEVENTS_EVENT: came
 *	after that, and is older: the view has been taking it into account
 * @event: FSEVENTS_EVENT: the event
 * @lost: FSEVENTS_LOST: how many; 0: not known yet
 * @seq: FSEVENTS_LOST: number of the event before which they were lost, or 0;
 *	FSEVENTS_RESYNCED: number of the last event before the view was read
 * @before: FSEVENTS_ENTRY: the watch as it was; NULL: there was none
 * @entry: FSEVENTS_ENTRY: the watch as it is; NULL: there is none.
 *	FSEVENTS_EVENT: the watch as it is after the event; NULL: there is none,
 *	or the view doesn't show it
 */
struct fsevents_news {
	enum fsevents_news_type type;
	bool resync;
	const struct fsevents_event *event;
	uint64_t lost;
	uint64_t seq;
	const struct fsevents_entry *before;
	const struct fsevents_entry *entry;
};

/**
 * typedef fsevents_news_fn - is told what is new
 * @news: it; what it points to is good until the function returns
 * @data: what fsevents_view_open() was given
 *
 * It may look at the view, but not read or close it.
 *
 * Return: as fsevents_event_fn().
 */
typedef int (*fsevents_news_fn)(const struct fsevents_news *news, void *data);

struct fsevents_view;

int fsevents_view_open(struct fsevents_view **view, size_t queue_bytes,
		       fsevents_news_fn fn, void *data);
void fsevents_view_close(struct fsevents_view *view);
int fsevents_view_fd(const struct fsevents_view *view);
int fsevents_view_read(struct fsevents_view *view, int timeout_ms);
int fsevents_view_resync(struct fsevents_view *view);
const struct fsevents_entry *fsevents_view_find(const struct fsevents_view *view,
						uint64_t id);
const struct fsevents_entry *fsevents_view_next(const struct fsevents_view *view,
						const struct fsevents_entry *entry);

#ifdef __cplusplus
}
#endif

#endif /* FSEVENTS_H */
