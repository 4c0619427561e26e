// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: the text stream `events`.
 *
 * Each open file has a queue of its own, so nobody who reads slowly holds up
 * anybody else, and what one may not see is no reason for him to lose what he
 * may. A queue holds references to lines that all readers share. When it is
 * full the oldest line is dropped and counted, and the count is what is read
 * next.
 *
 * What a reader sees are the watches that he could read in `config`, too: those
 * that were reachable from his root when he opened the file, and of those made
 * since then, at that time. It is kept by number, since when a watch ends there
 * is no mount left to look at.
 *
 * Locks: fse_streams_lock protects the list of streams and what each of them
 * sees. It is taken under fse_mutex, and by deliveries under the lock of a
 * network namespace. Under it the queue's spin lock, which a reader takes, too.
 *
 * Context: process context; may sleep.
 */
#include <linux/fsnotify.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "internal.h"
#include "line.h"
#include "reach.h"
#include "stream.h"

static LIST_HEAD(fse_streams);
static DEFINE_MUTEX(fse_streams_lock);

/* --- who sees what -------------------------------------------------------- */

static void fse_stream_look(struct fse_stream *s,
			    const struct fse_watch *watch)
{
	void *entry = xa_mk_value(1);

	lockdep_assert_held(&fse_streams_lock);
	if (!fse_owner_sees(s->owner, watch) ||
	    !fse_watch_reach(watch, &s->root, s->mnt_ns))
		entry = NULL;
	/* Without memory he misses this watch, and learns that he does. */
	if (xa_err(xa_store(&s->sees, watch->id, entry, GFP_KERNEL)) &&
	    fse_stream_queue(s, NULL))
		fse_count(watch->owner, FSE_STAT_LOST, 1);
}

/**
 * fse_streams_add - tell a stream what it may see from now on
 * @s: the stream, just opened
 *
 * Context: Process context.
 */
void fse_streams_add(struct fse_stream *s)
{
	struct fse_watch *watch;

	fse_lock();
	mutex_lock(&fse_streams_lock);
	list_for_each_entry(watch, &fse_watches, node) {
		if (!watch->stream)
			fse_stream_look(s, watch);
	}
	list_add_tail(&s->node, &fse_streams);
	mutex_unlock(&fse_streams_lock);
	fse_unlock();
}

/**
 * fse_streams_remove - tell a stream nothing any more
 * @s: the stream; it may have been removed already
 *
 * Context: Process context.
 */
void fse_streams_remove(struct fse_stream *s)
{
	mutex_lock(&fse_streams_lock);
	list_del_init(&s->node);
	mutex_unlock(&fse_streams_lock);
}

/**
 * fse_streams_look - a watch was made, or tied to another mount
 * @watch: the watch
 *
 * Context: fse_mutex is held.
 */
void fse_streams_look(const struct fse_watch *watch)
{
	struct fse_stream *s;

	fse_assert_locked();
	mutex_lock(&fse_streams_lock);
	list_for_each_entry(s, &fse_streams, node)
		fse_stream_look(s, watch);
	mutex_unlock(&fse_streams_lock);
}

/**
 * fse_streams_forget - a watch has told its last
 * @watch: the watch
 *
 * Context: Process context.
 */
void fse_streams_forget(const struct fse_watch *watch)
{
	struct fse_stream *s;

	mutex_lock(&fse_streams_lock);
	list_for_each_entry(s, &fse_streams, node)
		xa_erase(&s->sees, watch->id);
	mutex_unlock(&fse_streams_lock);
}

/**
 * fse_streams_wanted - does anybody read what a watch tells?
 * @watch: the watch
 *
 * Context: Process context.
 */
bool fse_streams_wanted(const struct fse_watch *watch)
{
	bool wanted = false;
	struct fse_stream *s;

	mutex_lock(&fse_streams_lock);
	list_for_each_entry(s, &fse_streams, node) {
		wanted = xa_load(&s->sees, watch->id);
		if (wanted)
			break;
	}
	mutex_unlock(&fse_streams_lock);
	return wanted;
}

/* --- queues --------------------------------------------------------------- */

/* The file has changed, for who follows it as one that grows. */
static void fse_stream_changed(struct fse_stream *s)
{
	struct inode *inode = d_inode(s->dentry);

	spin_lock(&inode->i_lock);
	i_size_write(inode, i_size_read(inode) + FSE_LINE_MAX);
	inode_set_mtime_to_ts(inode, inode_set_ctime_current(inode));
	spin_unlock(&inode->i_lock);
	fsnotify_dentry(s->dentry, FS_MODIFY);
}

/**
 * fse_stream_queue - append a line
 * @s: the stream
 * @line: the line; NULL: it is missing
 *
 * Context: Process context, with fse_streams_lock or the tell_lock of @s held.
 * Return: a line was lost.
 */
bool fse_stream_queue(struct fse_stream *s, struct fse_line *line)
{
	struct fse_line *oldest = NULL;
	bool lost;

	if (line)
		refcount_inc(&line->refs);
	spin_lock(&s->lock);
	lost = !line;
	if (s->closed) {
		spin_unlock(&s->lock);
		fse_line_put(line);
		return false;
	}
	if (line && s->end - s->kept == FSE_STREAM_LINES) {
		oldest = *fse_stream_slot(s, s->kept);
		lost = s->kept == s->first;
		s->first += lost;
		s->kept++;
	}
	s->lost += lost;
	if (line) {
		*fse_stream_slot(s, s->end) = line;
		s->end++;
	}
	spin_unlock(&s->lock);
	if (READ_ONCE(s->follows))
		fse_stream_changed(s);
	wake_up_interruptible_poll(&s->wait, EPOLLIN | EPOLLRDNORM);
	fse_line_put(oldest);
	return lost;
}

/* @line: as for fse_stream_queue(). Return: 0, or -ESRCH when nobody reads. */
static int fse_streams_queue(const struct fse_watch *watch,
			     struct fse_line *line)
{
	struct fse_stream *s;
	int err = -ESRCH;

	mutex_lock(&fse_streams_lock);
	list_for_each_entry(s, &fse_streams, node) {
		if (!xa_load(&s->sees, watch->id))
			continue;
		if (fse_stream_queue(s, line))
			fse_count(watch->owner, FSE_STAT_LOST, 1);
		err = 0;
	}
	mutex_unlock(&fse_streams_lock);
	return err;
}

/**
 * fse_streams_send - tell an event to all who see its watch
 * @watch: the watch
 * @record: the event
 * @seq: its number
 *
 * Context: Process context.
 * Return: 0, or -ESRCH when nobody reads. Who misses it for want of memory is
 * told so.
 */
int fse_streams_send(const struct fse_watch *watch,
		     const struct fse_record *record, u64 seq)
{
	struct fse_line *line;
	int err;

	if (!fse_streams_wanted(watch))
		return -ESRCH;
	line = fse_line_alloc(record, seq, false);
	err = fse_streams_queue(watch, line);
	fse_line_put(line);
	return err;
}

/**
 * fse_streams_lose - an event is lost for want of memory
 * @watch: of this watch
 *
 * Context: Process context.
 */
void fse_streams_lose(const struct fse_watch *watch)
{
	fse_streams_queue(watch, NULL);
}
