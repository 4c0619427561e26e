/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: the text streams, one each open file.
 */
#ifndef _FS_EVENTS_STREAM_H
#define _FS_EVENTS_STREAM_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/path.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "record.h"

struct fse_error;
struct fse_owner;
struct fse_user;
struct iov_iter;
struct kiocb;
struct mem_cgroup;
struct pid_namespace;

/* Events that a reader may be behind. */
#define FSE_STREAM_RECORDS	1024
/* Refusals that it may be behind. */
#define FSE_STREAM_REFUSALS	8
/* The longest line, its newline included. */
#define FSE_LINE_MAX		8192

/**
 * struct fse_refusal - a refused write to `watch`
 * @err: positive errno
 * @at: byte offset of the word at fault
 * @why: the reason, in a few words; constant
 */
struct fse_refusal {
	int err;
	unsigned int at;
	const char *why;
};

/**
 * struct fse_stream - what an open `events` or `watch` has to read
 * @ref: one of the open file, one each private watch
 * @rcu: `events`: deliveries find it under RCU
 * @node: `events`: in @viewpoint->streams
 * @viewpoint: `events`: what it sees; NULL: it is a `watch`
 * @owner: whose instance of fstrace it is; while it is not @closed
 * @user: what the opener is counted by, or NULL; a reference
 * @pid_ns: processes are numbered as seen from there
 * @root: `watch`: root directory of the opener; a reference
 * @memcg: `watch`: memory cgroup of the opener; a reference
 * @write_lock: `watch`: one request takes effect at a time
 * @watches_by_id: `watch`: private watches
 * @last_id: `watch`: entry id of the last one made; under @write_lock
 * @read_lock: one reader at a time; held while user memory is written
 * @len: bytes of @text; under @read_lock
 * @left: how many of them were not read yet; changed under @read_lock
 * @lock: protects what follows, but for @text
 * @wait: readers wait here
 * @closed: the open file is gone
 * @watches: `watch`: private watches there are
 * @over: `watch`: the last of them ended by itself
 * @lost: events that were lost since the reader last learned of it
 * @first: number of the oldest event in @ring, from 0
 * @end: number of the next event to come
 * @nr_refused: `watch`: writes refused so far
 * @nr_read: of these, those that were read or dropped
 * @refusal: the last ones, a ring
 * @text: the line that is being read
 * @ring: events that were not read yet
 */
struct fse_stream {
	struct kref ref;
	struct rcu_head rcu;
	struct list_head node;
	struct fse_viewpoint *viewpoint;
	struct fse_owner *owner;
	struct fse_user *user;
	struct pid_namespace *pid_ns;
	struct path root;
	struct mem_cgroup *memcg;

	/* one request takes effect at a time */
	struct mutex write_lock;
	struct xarray watches_by_id;
	u32 last_id;

	/* one reader at a time */
	struct mutex read_lock;
	size_t len;
	size_t left;

	/* the queue */
	spinlock_t lock;
	wait_queue_head_t wait;
	bool closed;
	unsigned int watches;
	bool over;
	u64 lost;
	u64 first;
	u64 end;
	unsigned int nr_refused;
	unsigned int nr_read;
	struct fse_refusal refusal[FSE_STREAM_REFUSALS];

	char text[FSE_LINE_MAX];
	struct fse_record ring[FSE_STREAM_RECORDS];
};

/**
 * struct fse_viewpoint - what readers of `events` with the same root see
 * @node: in the list of all, while there are readers
 * @rcu: deliveries find it under RCU
 * @refs: one of its readers, one each audience that it is in
 * @owner: whose instance of fstrace it is; a reference, while there are readers
 * @root: their root directory; likewise
 * @mnt_ns: number of their mount namespace
 * @streams: the readers; read under RCU
 */
struct fse_viewpoint {
	struct list_head node;
	struct rcu_head rcu;
	refcount_t refs;
	struct fse_owner *owner;
	struct path root;
	u32 mnt_ns;
	struct list_head streams;
};

/*
 * A watch is seen from root directories that its mount lies under, so from no
 * more than its path has parts. It remembers as many as this; readers with a
 * further root miss its events.
 */
#define FSE_AUDIENCE_MAX	8

/**
 * struct fse_audience - from where a watch is seen
 * @by: viewpoints; references, read under RCU
 */
struct fse_audience {
	struct fse_viewpoint __rcu *by[FSE_AUDIENCE_MAX];
};

/* an open file */
struct fse_stream *fse_stream_alloc(struct fse_owner *owner);
void fse_stream_get(struct fse_stream *s);
void fse_stream_put(struct fse_stream *s);
void fse_stream_close(struct fse_stream *s);
ssize_t fse_stream_read(struct fse_stream *s, struct kiocb *iocb,
			struct iov_iter *to);
__poll_t fse_stream_poll(struct fse_stream *s, struct file *file,
			 poll_table *wait);
int fse_stream_send(struct fse_stream *s, const struct fse_record *record);
void fse_stream_refuse(struct fse_stream *s, const struct fse_error *error);
void fse_stream_join(struct fse_stream *s);
void fse_stream_leave(struct fse_stream *s, bool ended);

/* reach.c: which readers of `events` see a watch */
void fse_audience_clear(struct fse_audience *a);
int fse_audience_send(struct fse_audience *a, const struct fse_record *record);

#endif /* _FS_EVENTS_STREAM_H */
