/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads and writes the files of fstrace.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include <kselftest.h>

#define FSE_DIR		"/sys/fs/events"

/* What config shows of a tmpfs between its path and its types. */
#define FSE_TMPFS_NAME	"tmpfs"
#define FSE_TMPFS	" " FSE_TMPFS_NAME " " FSE_TMPFS_NAME " "

/* CLOCK_MONOTONIC, ms. */
__u64 fse_now(void);

/*
 * Polls @cond every few milliseconds until it returns true, for FSE_SOON at
 * most. Returns its last value.
 */
bool fse_until(bool (*cond)(void *arg), void *arg);

/* Writes to config in one write(2). 0 or a negative errno. */
int __printf(1, 2) fse_config(const char *fmt, ...);
int fse_config_raw(const void *text, size_t len);

/*
 * Reads a file of fstrace (name) or any file (absolute path), NUL-ended. The
 * buffer is static and valid until the next call.
 */
char *fse_read(const char *name);

/* The line of config that begins with @mount and a blank, or NULL. */
const char *fse_listed(const char *mount);
/* Number of lines in config. */
unsigned int fse_watches(void);

/* The newest entry of error_log, with its caret line. */
const char *fse_last_error(void);
/* Its request, from the position of the caret to the end. */
const char *fse_last_rest(void);
/* The word at the caret in the newest entry. */
const char *fse_last_word(void);

/* A counter of stats; ULLONG_MAX if it doesn't exist. */
__u64 fse_stat(const char *key);

/*
 * Is no event pending? Each occurrence was sent, coalesced or had no listener.
 */
bool fse_at_rest(void);
/* Waits for fse_at_rest(), for FSE_SOON at most. */
bool fse_rest(void);
/*
 * Like fse_rest(), but first waits until @nr occurrences were notified: errors
 * count when a worker passes them to the watches.
 */
bool fse_rest_at(__u64 nr);

/*
 * Forces a sample of the watched file system: repeats a request that changes
 * nothing until a sample that began after this call was processed and its
 * events were sent.
 */
bool __printf(1, 2) fse_sampled(const char *fmt, ...);

/* system(3) with a format. Returns the exit status, -1 if it was killed. */
int __printf(1, 2) fse_sh(const char *fmt, ...);

#endif /* CONTROL_H */
