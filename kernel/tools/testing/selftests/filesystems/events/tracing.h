/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The trace events of fs_event, in a trace instance of their own.
 */
#ifndef TRACING_H
#define TRACING_H

#include <stdbool.h>
#include <linux/types.h>

#define FSE_TRACEFS	"/sys/kernel/tracing"
#define FSE_TRACE	FSE_TRACEFS "/instances/fs_event"

/**
 * struct fse_sample - a sample, as traced
 * @us: time, CLOCK_MONOTONIC
 * @next_us: time until the next sample, unless one is requested earlier
 * @avail: blocks available
 */
struct fse_sample {
	__u64 us;
	__u64 next_us;
	__u64 avail;
};

/* Starts a trace. Returns false without tracefs. */
bool fse_trace_start(void);
void fse_trace_stop(void);
/* Clears the trace. 0 or a negative errno. */
int fse_trace_clear(void);

/*
 * Are the names of tasks recorded with trace events that are enabled from now on?
 * That patches code which runs at each switch of tasks.
 */
void fse_trace_names(bool on);

/* Is there a line of @event that contains all of @facts? */
bool fse_traced(const char *event, const char *facts);

/*
 * The samples of the file system with st_dev @major:@minor, in order. Returns
 * their number; fills in @max at most.
 */
unsigned int fse_traced_samples(__u32 major, __u32 minor,
				struct fse_sample *samples, unsigned int max);

#endif /* TRACING_H */
