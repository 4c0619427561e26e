// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: private watches.
 *
 * The first good write makes a stream private: from then on it tells what its
 * own watches find, and nothing else. These have numbers of their own, end with
 * the open file, and end it: when the super block of the last one is gone there
 * is nothing more to read.
 *
 * Lifetime: a stream is held by its open file, and by each private watch of it,
 * which may be telling its last, inside umount(2), when the file is closed.
 *
 * Context: process context; may sleep.
 */
#include <linux/poll.h>
#include <linux/slab.h>

#include "internal.h"
#include "line.h"
#include "stream.h"

static void fse_stream_release_ref(struct kref *ref)
{
	kvfree(container_of(ref, struct fse_stream, ref));
}

/* A watch will be private to @s. */
void fse_stream_get(struct fse_stream *s)
{
	kref_get(&s->ref);
}

/* Context: Process context. */
void fse_stream_put(struct fse_stream *s)
{
	kref_put(&s->ref, fse_stream_release_ref);
}

/* A private watch is published. */
void fse_stream_join(struct fse_stream *s)
{
	spin_lock(&s->lock);
	s->watches++;
	s->over = false;
	spin_unlock(&s->lock);
}

/* A private watch has told its last; @gone: its super block is. */
void fse_stream_leave(struct fse_stream *s, bool gone)
{
	spin_lock(&s->lock);
	s->watches--;
	s->over = gone && !s->watches;
	gone = s->over;
	spin_unlock(&s->lock);
	if (gone)
		wake_up_interruptible_poll(&s->wait, EPOLLIN | EPOLLHUP);
}

static bool fse_of_stream(const struct fse_watch *watch, void *stream)
{
	return watch->stream == stream;
}

/**
 * fse_stream_clear - end all private watches of a stream
 * @s: the stream
 *
 * Context: Process context without fse_mutex.
 */
void fse_stream_clear(struct fse_stream *s)
{
	fse_watches_end(fse_of_stream, s, FSE_END_SILENT);
}

/**
 * fse_stream_send - tell an event of a private watch
 * @s: whose watch that is
 * @record: the event
 *
 * Context: Process context.
 * Return: 0 or -ENOMEM.
 */
int fse_stream_send(struct fse_stream *s, const struct fse_record *record)
{
	struct fse_line *line;
	u64 seq;

	/* Deliveries of two watches may come at once. */
	mutex_lock(&s->tell_lock);
	seq = s->seq + 1;
	line = fse_line_alloc(record, seq, true);
	if (line) {
		s->seq = seq;
		if (fse_stream_queue(s, line))
			fse_count(s->owner, FSE_STAT_LOST, 1);
	}
	mutex_unlock(&s->tell_lock);
	fse_line_put(line);
	return line ? 0 : -ENOMEM;
}

/* A line is lost for want of memory: the reader is told so, and sees a gap. */
void fse_stream_lose(struct fse_stream *s)
{
	mutex_lock(&s->tell_lock);
	s->seq++;
	if (fse_stream_queue(s, NULL))
		fse_count(s->owner, FSE_STAT_LOST, 1);
	mutex_unlock(&s->tell_lock);
}

/* What a stream has queued of global watches is dropped. */
static void fse_stream_purge(struct fse_stream *s)
{
	struct fse_line *line;
	u64 nr, kept;

	mutex_lock(&s->read_lock);
	spin_lock(&s->lock);
	kept = s->kept;
	for (nr = s->kept; nr != s->end; nr++) {
		line = *fse_stream_slot(s, nr);
		if (line->private)
			*fse_stream_slot(s, kept++) = line;
		else
			fse_line_put(line);
	}
	s->first = s->kept;
	s->end = kept;
	s->lost = 0;
	spin_unlock(&s->lock);
	mutex_unlock(&s->read_lock);
}

/**
 * fse_stream_make_private - a first good write was made
 * @s: the stream; it may be private already
 *
 * Context: Process context.
 */
void fse_stream_make_private(struct fse_stream *s)
{
	fse_streams_remove(s);
	if (!xchg(&s->private, true))
		fse_stream_purge(s);
}
