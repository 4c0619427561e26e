/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: what belongs to a user namespace: counters, and the log
 * of refused requests.
 */
#ifndef _FS_EVENTS_OWNER_H
#define _FS_EVENTS_OWNER_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>

#include "caret.h"

struct fse_error;
struct fse_watch;
struct user_namespace;

/* Counters, in the order in which `stats` shows them: see fse_stats. */
enum fse_stat {
	FSE_STAT_WATCHES,
	FSE_STAT_NOTIFIED,
	FSE_STAT_COALESCED,
	FSE_STAT_SENT,
	FSE_STAT_NO_LISTENER,
	FSE_STAT_SEND_FAILED,
	FSE_STAT_LOST,
	FSE_STAT_SAMPLES,
	FSE_STAT_SAMPLE_FAILED,
	FSE_STAT_KICKS,
	FSE_STAT_STUCK,
	FSE_STAT_REFUSED,
	FSE_STAT_NR,
};

/**
 * struct fse_stat_name - what a counter is called
 * @key: in `stats`
 * @attr: by netlink, enum fs_event_nl_stats_attr
 */
struct fse_stat_name {
	const char *key;
	u16 attr;
};

extern const struct fse_stat_name fse_stats[FSE_STAT_NR];

#define FSE_LOG_ENTRIES		8

struct fse_log_entry {
	u64 time_ns;
	char text[FSE_CARET_SIZE];
};

/**
 * struct fse_owner - what belongs to a user namespace
 * @node: found by @user_ns
 * @refs: one each fstrace mount and each watch
 * @user_ns: the namespace
 * @stats: counters; those of the initial namespace count everything
 * @log_lock: protects the log
 * @log: the last refused requests, a ring
 * @log_nr: refusals so far
 */
struct fse_owner {
	struct hlist_node node;
	refcount_t refs;
	struct user_namespace *user_ns;
	atomic64_t stats[FSE_STAT_NR];
	/* protects the log */
	struct mutex log_lock;
	struct fse_log_entry *log;
	unsigned int log_nr;
};

extern struct fse_owner fse_init_owner;
int fse_owner_init(void);
void fse_owner_exit(void);
struct fse_owner *fse_owner_find(struct user_namespace *user_ns);
struct fse_owner *fse_owner_get(struct fse_owner *owner);
void fse_owner_put(struct fse_owner *owner);
bool fse_owner_sees(const struct fse_owner *owner,
		    const struct fse_watch *watch);
void fse_count(struct fse_owner *owner, enum fse_stat stat, s64 nr);
void fse_log_refusal(struct fse_owner *owner, const char *text, size_t len,
		     const struct fse_error *error);
void fse_log_clear(struct fse_owner *owner);

#endif /* _FS_EVENTS_OWNER_H */
