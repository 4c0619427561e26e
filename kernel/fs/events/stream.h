/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: the text stream `events`, and who reads it.
 */
#ifndef _FS_EVENTS_STREAM_H
#define _FS_EVENTS_STREAM_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/path.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/xarray.h>

struct fse_record;
struct fse_line;
struct fse_owner;
struct fse_watch;
struct pid_namespace;

/* Lines that a reader may be behind. */
#define FSE_STREAM_LINES	1024

/**
 * struct fse_stream - an open `events`
 * @ref: see private.c
 * @node: in fse_streams, unless it is private
 * @owner: whose watches it is about
 * @root: root directory of whoever opened it
 * @mnt_ns: his mount namespace, to compare only
 * @pid_ns: pids are told as seen from there
 * @sees: watches that he sees, by id; under fse_streams_lock
 * @private: it tells of its own watches only
 * @seq: private: number of the last line; under @tell_lock
 * @watches: private: how many watches it has; under @lock
 * @over: private: the last one ended with its super block; under @lock
 * @closed: there is no open file any more; under @lock
 * @follows: its reader wants to see an end
 * @dentry: the file; as long as it is not @closed
 * @tell_lock: private: one line at a time; outside of @lock
 * @read_lock: one reader at a time
 * @lock: the queue
 * @wait: readers wait here
 * @lost: lines that were dropped and not told yet
 * @kept: number of the oldest line in @line; those before @first were read
 *	last and may be put back
 * @first: number of the oldest one that was not read
 * @end: number of the next one to come
 * @line: the queue, a ring
 * @bytes: bytes of the next line that were read already; under @read_lock
 * @telling_lost: that line tells how many were lost: so many
 */
struct fse_stream {
	struct kref ref;
	struct list_head node;
	struct fse_owner *owner;
	struct path root;
	const void *mnt_ns;
	struct pid_namespace *pid_ns;
	struct xarray sees;
	bool private;
	u64 seq;
	unsigned int watches;
	bool over;
	bool closed;
	bool follows;
	struct dentry *dentry;
	/* one line at a time */
	struct mutex tell_lock;
	/* one reader at a time */
	struct mutex read_lock;
	/* the queue */
	spinlock_t lock;
	wait_queue_head_t wait;
	u64 lost;
	u64 kept;
	u64 first;
	u64 end;
	size_t bytes;
	u64 telling_lost;
	struct fse_line *line[FSE_STREAM_LINES];
};

static inline struct fse_line **fse_stream_slot(struct fse_stream *s, u64 nr)
{
	return &s->line[nr % FSE_STREAM_LINES];
}

/* stream.c */
void fse_streams_add(struct fse_stream *s);
void fse_streams_remove(struct fse_stream *s);
void fse_streams_look(const struct fse_watch *watch);
void fse_streams_forget(const struct fse_watch *watch);
bool fse_streams_wanted(const struct fse_watch *watch);
int fse_streams_send(const struct fse_watch *watch,
		     const struct fse_record *record, u64 seq);
void fse_streams_lose(const struct fse_watch *watch);
bool fse_stream_queue(struct fse_stream *s, struct fse_line *line);

/* private.c */
void fse_stream_get(struct fse_stream *s);
void fse_stream_put(struct fse_stream *s);
void fse_stream_join(struct fse_stream *s);
void fse_stream_leave(struct fse_stream *s, bool gone);
void fse_stream_clear(struct fse_stream *s);
int fse_stream_send(struct fse_stream *s, const struct fse_record *record);
void fse_stream_lose(struct fse_stream *s);
void fse_stream_make_private(struct fse_stream *s);

#endif /* _FS_EVENTS_STREAM_H */
