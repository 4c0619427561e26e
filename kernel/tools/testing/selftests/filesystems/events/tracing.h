/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The trace events of fs_event, in a trace of their own.
 */
#ifndef TRACING_H
#define TRACING_H

#include <stdbool.h>
#include <linux/types.h>

#define FSE_TRACE	"/sys/kernel/tracing/instances/fs_event"

/**
 * struct fse_sample - a sample, as traced
 * @us: when, CLOCK_MONOTONIC
 * @next_us: how much later the next one is due, unless it is asked for
 * @avail: blocks available
 */
struct fse_sample {
	__u64 us;
	__u64 next_us;
	__u64 avail;
};

/* Begins a trace. False: there is no tracefs. */
bool fse_trace_start(void);
void fse_trace_stop(void);
/* Forgets what was traced so far. 0 or a negative errno. */
int fse_trace_clear(void);

/* Is there a line of @event with all of @facts in it? */
bool fse_traced(const char *event, const char *facts);

/*
 * The samples of the file system whose st_dev is @major:@minor, in order. Their
 * number; no more than @max are filled in.
 */
unsigned int fse_traced_samples(__u32 major, __u32 minor,
				struct fse_sample *samples, unsigned int max);

#endif /* TRACING_H */
