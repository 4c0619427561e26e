/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads the text streams: `events`, and `watch` with its private watches.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <linux/types.h>

#define FSE_EVENTS	FSE_DIR "/events"
#define FSE_WATCH	FSE_DIR "/watch"
/* Size of a reader's queue, in events. */
#define FSE_BEHIND	1024
/* Longer than any line. */
#define FSE_LINE	8193

/* Opens `events` with O_RDONLY and @flags. A descriptor or -errno. */
int fse_stream_open(int flags);
/* Opens `watch` with O_RDWR and @flags. A descriptor or -errno. */
int fse_private_open(int flags);

/* Waits up to @timeout ms. Returns revents of poll(2), or 0. */
short fse_stream_poll(int fd, int timeout);

/*
 * The next line without its newline; "" at EOF or if none comes. Static, valid
 * until the next call.
 */
const char *fse_stream_line(int fd);

/* Does nothing come within FSE_QUIET? */
bool fse_stream_quiet(int fd);

/* The raw value of a field, or "" if missing. Static. */
const char *fse_field(const char *line, const char *name);
/* The same as a number; ULLONG_MAX if it is none. */
__u64 fse_number(const char *line, const char *name);
/* The names of the fields in order, each followed by a blank. Static. */
const char *fse_fields(const char *line);

/* Writes a request to `watch` in one write(2). 0 or a negative errno. */
int __printf(2, 3) fse_ask(int fd, const char *fmt, ...);

#endif /* STREAM_H */
