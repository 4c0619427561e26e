/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events to format.
 */
#ifndef FSEVENTS_SAMPLE_H
#define FSEVENTS_SAMPLE_H

#include "event.h"

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
static inline struct fsevent sample(uint64_t id)
{
	return (struct fsevent) {
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
static inline struct fsevent sample_space(uint64_t id)
{
	struct fsevent ev = sample(id);

	ev.has |= SAMPLE_LEVEL | BIT(FS_NL_A_FRSIZE);
	ev.avail = 698112;
	ev.level = 710000;
	ev.level_nr = 1;
	ev.total = 2621440;
	ev.frsize = 4096;
	return ev;
}

/* One about an error. */
static inline struct fsevent sample_error(uint64_t id, unsigned int error)
{
	struct fsevent ev = sample(id);

	ev.has |= BIT(FS_NL_A_ERRNO);
	ev.error = error;
	return ev;
}

#endif /* FSEVENTS_SAMPLE_H */
