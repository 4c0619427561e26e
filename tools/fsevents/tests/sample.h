/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events and watches to format.
 */
#ifndef FSEVENTS_SAMPLE_H
#define FSEVENTS_SAMPLE_H

#include <fsevents.h>

#define BIT(attr)	(1ULL << (attr))

#define SAMPLE_ALWAYS	(BIT(FS_NL_A_EVENT_ID) | BIT(FS_NL_A_DEV_MAJOR) | \
			 BIT(FS_NL_A_DEV_MINOR) | BIT(FS_NL_A_CAUSED_PID) | \
			 BIT(FS_NL_A_SEQ) | BIT(FS_NL_A_TIME) | \
			 BIT(FS_NL_A_COUNT) | BIT(FS_NL_A_MOUNT) | \
			 BIT(FS_NL_A_FSTYPE) | BIT(FS_NL_A_SOURCE) | \
			 BIT(FS_NL_A_FSID) | BIT(FS_NL_A_ENTRY_ID))

#define SAMPLE_LEVEL	(BIT(FS_NL_A_DATA) | BIT(FS_NL_A_LEVEL) | \
			 BIT(FS_NL_A_TOTAL) | BIT(FS_NL_A_LEVEL_NR))

/* What all events have. */
static inline struct fsevents_event sample(uint64_t id)
{
	return (struct fsevents_event) {
		.has = SAMPLE_ALWAYS,
		.event_id = id,
		.dev_major = 7,
		.dev_minor = 0,
		.seq = 7,
		.time_ns = 1795341127104332000,
		.count = 1,
		.mount = "/srv",
		.fstype = "ext4",
		.source = "/dev/loop0",
		.fsid = 0xbeef,
		.entry = 3,
	};
}

/* One about the available space. */
static inline struct fsevents_event sample_space(uint64_t id)
{
	struct fsevents_event ev = sample(id);

	ev.has |= SAMPLE_LEVEL | BIT(FS_NL_A_FRSIZE);
	ev.avail = 698112;
	ev.level = 710000;
	ev.level_nr = 1;
	ev.total = 2621440;
	ev.frsize = 4096;
	return ev;
}

/* One about an error. */
static inline struct fsevents_event sample_error(uint64_t id, unsigned int error)
{
	struct fsevents_event ev = sample(id);

	ev.has |= BIT(FS_NL_A_ERRNO);
	ev.error = error;
	return ev;
}

/* A watch with two levels of space, the second crossed, and one of inodes. */
static inline struct fsevents_entry sample_entry(struct fsevents_level levels[3])
{
	levels[0] = (struct fsevents_level){
		.kind = FS_NL_KIND_SPACE, .nr = 1, .state = FS_NL_STATE_ABOVE,
	};
	levels[1] = (struct fsevents_level){
		.kind = FS_NL_KIND_SPACE, .nr = 2, .state = FS_NL_STATE_BELOW,
	};
	levels[2] = (struct fsevents_level){
		.kind = FS_NL_KIND_INODES, .nr = 1, .state = FS_NL_STATE_BELOW,
	};
	return (struct fsevents_entry){
		.has = BIT(FS_NL_ENTRY_A_AVAIL) | BIT(FS_NL_ENTRY_A_TOTAL) |
		       BIT(FS_NL_ENTRY_A_FRSIZE),
		.id = 3,
		.dev_major = 7,
		.mount = "/srv",
		.fstype = "ext4",
		.source = "/dev/loop0",
		.avail = 698112,
		.total = 2621440,
		.frsize = 4096,
		.inodes_free = 12,
		.inodes = 65536,
		.nr_levels = 3,
		.levels = levels,
	};
}

#endif /* FSEVENTS_SAMPLE_H */
