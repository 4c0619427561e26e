// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: the trace events, of which this file has the bodies.
 *
 * Context: as where they are called.
 */
#define CREATE_TRACE_POINTS
#include <trace/events/fs_event.h>
