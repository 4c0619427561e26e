/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files of fstrace, as the tests write and read them.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include <kselftest.h>

#define FSE_DIR		"/sys/fs/events"

/* Between the path of a tmpfs and what is watched there, in config. */
#define FSE_TMPFS_NAME	"tmpfs"
#define FSE_TMPFS	" " FSE_TMPFS_NAME " " FSE_TMPFS_NAME " "

/* CLOCK_MONOTONIC, ms. */
__u64 fse_now(void);

/*
 * Calls @cond with @arg until it says true, for FSE_SOON at most; polls every
 * few milliseconds. What it said last.
 */
bool fse_until(bool (*cond)(void *arg), void *arg);

/* Writes to config, in one write(2). 0 or a negative errno. */
int __printf(1, 2) fse_config(const char *fmt, ...);
int fse_config_raw(const void *text, size_t len);

/* A whole file of fstrace (name) or of any place (absolute path); NUL-ended.
 * The buffer is static and good until the next call.
 */
char *fse_read(const char *name);

/* Is there a line in config that begins with @mount and a blank? The line. */
const char *fse_listed(const char *mount);
/* Number of lines in config. */
unsigned int fse_watches(void);

/* The newest entry of error_log, with its caret line. */
const char *fse_last_error(void);
/* Its request from where the caret stands to the end of the line. */
const char *fse_last_rest(void);
/* The word of the newest entry that the caret stands under. */
const char *fse_last_word(void);

/* A counter of stats; ULLONG_MAX when it isn't there. */
__u64 fse_stat(const char *key);

/*
 * Is nothing pending? Every occurrence was sent, merged into one that was, or
 * had nobody to go to.
 */
bool fse_at_rest(void);
/* Waits for that, for FSE_SOON at most. */
bool fse_rest(void);
/*
 * The same, after @nr occurrences were counted as notified: errors are counted
 * when a worker hands them to the watches.
 */
bool fse_rest_at(__u64 nr);

/*
 * Has the watched file system sampled: writes a request that changes nothing
 * again and again, until a sample that began after this call was dealt with,
 * and what came of it was told.
 */
bool __printf(1, 2) fse_sampled(const char *fmt, ...);

/* system(3) with a format; the exit status, -1 when it was killed. */
int __printf(1, 2) fse_sh(const char *fmt, ...);

#endif /* CONTROL_H */
