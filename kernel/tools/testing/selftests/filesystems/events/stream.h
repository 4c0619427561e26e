/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading the text streams: `events`, and `watch` with its private watches.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <linux/types.h>

#define FSE_EVENTS	FSE_DIR "/events"
#define FSE_WATCH	FSE_DIR "/watch"
/* Events that a reader may be behind. */
#define FSE_BEHIND	1024
/* Longer than any line. */
#define FSE_LINE	8193

/* Opens `events`, O_RDONLY and what else @flags says. A descriptor or -errno. */
int fse_stream_open(int flags);
/* Opens `watch`, O_RDWR and what else @flags says. A descriptor or -errno. */
int fse_private_open(int flags);

/* Is it readable within @timeout ms? What poll(2) says, 0: not at all. */
short fse_stream_poll(int fd, int timeout);

/*
 * The next line, without its newline, which must come; "" at the end of the
 * file or when none comes. Static, and good until the next call.
 */
const char *fse_stream_line(int fd);

/* Nothing comes within FSE_QUIET. */
bool fse_stream_quiet(int fd);

/* The value of a field of a line, as it stands there; "" without one. Static. */
const char *fse_field(const char *line, const char *name);
/* It as a number; ULLONG_MAX when it is none. */
__u64 fse_number(const char *line, const char *name);
/* The names of the fields in their order, each followed by a blank. Static. */
const char *fse_fields(const char *line);

/* Writes a request to a `watch`, in one write(2). 0 or a negative errno. */
int __printf(2, 3) fse_ask(int fd, const char *fmt, ...);

#endif /* STREAM_H */
