// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: the text streams.
 *
 * Each open `events` or `watch` has a queue of its own, a ring of records that
 * is allocated whole when the file is opened, and charged to the task that
 * opens it. A delivery copies a record into each ring that is to have it; it
 * allocates nothing, so it can't fail. A reader that is too slow loses the
 * oldest records, and learns how many.
 *
 * read(2) takes a record out of the ring under the spinlock, makes its line in
 * the buffer of the stream, and copies that to user memory, with nothing but
 * the stream's read_lock held: user memory may be a mapping of a FUSE file. A
 * line that does not fit is continued by the next read(2); it is out of the
 * ring by then, so a full ring does not take its rest.
 *
 * reach.c says which readers of `events` see a watch.
 *
 * Context: process context; may sleep, but for fse_stream_send(), which never
 * does.
 */
#include <linux/fs.h>
#include <linux/math64.h>
#include <linux/memcontrol.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/seq_buf.h>
#include <linux/slab.h>
#include <linux/time64.h>
#include <linux/uio.h>

#include "escape.h"
#include "grammar.h"
#include "internal.h"
#include "stream.h"

static void fse_record_get(const struct fse_record *r)
{
	get_pid(r->pid);
	fse_identity_get(r->identity);
	fse_string_get(r->mount);
}

static void fse_record_put(const struct fse_record *r)
{
	put_pid(r->pid);
	fse_identity_put(r->identity);
	fse_string_put(r->mount);
}

static struct fse_record *fse_slot(struct fse_stream *s, u64 nr)
{
	return &s->ring[nr % FSE_STREAM_RECORDS];
}

/* --- text ----------------------------------------------------------------- */

/* Room for the fields behind the values, their names and the newline. */
#define FSE_TAIL_MAX	384

/* Bytes of a value as it is shown. */
static size_t fse_value_size(const char *value)
{
	char buf[FSE_ESCAPE_SIZE];
	size_t len = strlen(value), size = 0, put, n;

	while (len) {
		n = fse_escape_next(buf, &put, value, len, FSE_ESCAPE_VALUE);
		size += put;
		value += n;
		len -= n;
	}
	return size;
}

/* Puts a field; its value is cut where @after bytes would not fit behind. */
static void fse_put_value(struct seq_buf *s, const char *name,
			  const char *value, size_t after)
{
	size_t size;
	char *buf;
	bool cut;

	seq_buf_printf(s, " %s=", name);
	size = seq_buf_get_buf(s, &buf);
	if (size > after)
		seq_buf_commit(s, fse_escape(buf, size - after, value,
					     FSE_ESCAPE_VALUE, &cut));
}

static void fse_put_level(struct seq_buf *s, const struct fse_record *r)
{
	seq_buf_printf(s, " avail=%llu level=%llu level_nr=%u total=%llu",
		       r->avail, r->trigger, r->level_nr, r->total);
	if (r->frsize)
		seq_buf_printf(s, " frsize=%u", r->frsize);
}

static void fse_put_error(struct seq_buf *s, const struct fse_record *r)
{
	if (r->has_error)
		seq_buf_printf(s, " errno=%u", r->error);
	if (r->ino)
		seq_buf_printf(s, " ino=%llu", r->ino);
}

/* Fields keep their order; further ones are only appended. */
static void fse_put_record(struct seq_buf *s, const struct fse_record *r,
			   u64 seq, struct pid_namespace *pid_ns)
{
	const struct fse_identity *fs = r->identity;
	/* A source leaves at least half of the line to the path. */
	size_t others = min(strlen(" fstype= source=") +
			    fse_value_size(fs->fstype) +
			    fse_value_size(fs->source),
			    FSE_LINE_MAX / 2UL);
	u32 ns;
	u64 sec = div_u64_rem(r->time_ns, NSEC_PER_SEC, &ns);

	seq_buf_printf(s, "seq=%llu time=%llu.%06lu event=%s dev=%u:%u", seq,
		       sec, ns / NSEC_PER_USEC, fse_event_name(r->id),
		       MAJOR(fs->dev), MINOR(fs->dev));
	fse_put_value(s, "mount", r->mount->s, FSE_TAIL_MAX + others);
	fse_put_value(s, "fstype", fs->fstype, FSE_TAIL_MAX);
	fse_put_value(s, "source", fs->source, FSE_TAIL_MAX);
	if (r->is_level)
		fse_put_level(s, r);
	else
		fse_put_error(s, r);
	seq_buf_printf(s, " pid=%d count=%u entry=%u fsid=%016llx",
		       pid_nr_ns(r->pid, pid_ns), r->count, r->entry,
		       fs->fsid);
	if (!uuid_is_null(&fs->uuid))
		seq_buf_printf(s, " uuid=%pU", &fs->uuid);
	if (r->last)
		seq_buf_puts(s, " last=1");
	if (r->of)
		seq_buf_printf(s, " of=%s", fse_event_name(r->of));
}

static void fse_put_refusal(struct seq_buf *s, const struct fse_refusal *r)
{
	seq_buf_printf(s, "refused errno=%d at=%u", r->err, r->at);
	fse_put_value(s, "why", r->why, 1);
}

/* --- reading -------------------------------------------------------------- */

/**
 * struct fse_taken - what was taken out of a stream, to be read
 * @lost: so many events were lost; 0: it is something else
 * @seq: number of the event in @record; 0: it is something else
 * @record: the event, with its references
 * @refusal: a refused write, otherwise
 */
struct fse_taken {
	u64 lost;
	u64 seq;
	struct fse_record record;
	struct fse_refusal refusal;
};

/* Takes out what comes next. Return: there was something. */
static bool fse_take(struct fse_stream *s, struct fse_taken *t)
{
	bool some = true;

	t->lost = 0;
	t->seq = 0;
	spin_lock(&s->lock);
	if (s->nr_read != s->nr_refused) {
		t->refusal = s->refusal[s->nr_read++ % FSE_STREAM_REFUSALS];
	} else if (s->lost) {
		swap(t->lost, s->lost);
	} else if (s->first != s->end) {
		t->record = *fse_slot(s, s->first++);
		t->seq = s->first;
	} else {
		some = false;
	}
	spin_unlock(&s->lock);
	return some;
}

/* Makes the next line. Return: there is one. The caller holds read_lock. */
static bool fse_next_line(struct fse_stream *s)
{
	struct fse_taken t;
	struct seq_buf text;

	if (!fse_take(s, &t))
		return false;
	seq_buf_init(&text, s->text, sizeof(s->text));
	if (t.lost) {
		seq_buf_printf(&text, "lost=%llu", t.lost);
	} else if (t.seq) {
		fse_put_record(&text, &t.record, t.seq, s->pid_ns);
		fse_record_put(&t.record);
	} else {
		fse_put_refusal(&text, &t.refusal);
	}
	seq_buf_putc(&text, '\n');
	WARN_ON_ONCE(seq_buf_has_overflowed(&text));
	s->len = seq_buf_used(&text);
	WRITE_ONCE(s->left, s->len);
	return true;
}

/* Nothing comes any more, until another watch is made. */
static bool fse_stream_over(struct fse_stream *s)
{
	bool over;

	spin_lock(&s->lock);
	over = s->over && s->end == s->first && !s->lost &&
	       s->nr_read == s->nr_refused && !READ_ONCE(s->left);
	spin_unlock(&s->lock);
	return over;
}

static bool fse_stream_ready(struct fse_stream *s)
{
	bool ready;

	spin_lock(&s->lock);
	ready = s->over || s->end != s->first || s->lost ||
		s->nr_read != s->nr_refused || READ_ONCE(s->left);
	spin_unlock(&s->lock);
	return ready;
}

/*
 * Copies whole lines, as many as fit, or the part of one that does. The caller
 * holds read_lock. Return: bytes; 0: there is nothing; or -EFAULT.
 */
static ssize_t fse_copy_lines(struct fse_stream *s, struct iov_iter *to)
{
	size_t done = 0, n, copied;

	while (s->left || fse_next_line(s)) {
		n = min(s->left, iov_iter_count(to));
		if (n < s->left && done)
			break;
		copied = copy_to_iter(s->text + s->len - s->left, n, to);
		WRITE_ONCE(s->left, s->left - copied);
		done += copied;
		if (copied < n)
			return done ?: -EFAULT;
		if (s->left)
			break;
	}
	return done;
}

/**
 * fse_stream_read - read(2)
 * @s: the stream
 * @iocb: how
 * @to: where to
 *
 * Return: bytes; 0: the end; or a negative errno.
 */
ssize_t fse_stream_read(struct fse_stream *s, struct kiocb *iocb,
			struct iov_iter *to)
{
	bool wait = !(iocb->ki_filp->f_flags & O_NONBLOCK) &&
		    !(iocb->ki_flags & IOCB_NOWAIT);
	ssize_t done = 0;

	if (!iov_iter_count(to))
		return 0;
	/* Another reader may be faster. */
	while (!done && !fse_stream_over(s)) {
		if (!wait && !fse_stream_ready(s))
			return -EAGAIN;
		if (wait_event_interruptible(s->wait, fse_stream_ready(s)) ||
		    mutex_lock_interruptible(&s->read_lock))
			return -ERESTARTSYS;
		done = fse_copy_lines(s, to);
		mutex_unlock(&s->read_lock);
	}
	return done;
}

__poll_t fse_stream_poll(struct fse_stream *s, struct file *file,
			 poll_table *wait)
{
	__poll_t ready = 0;

	poll_wait(file, &s->wait, wait);
	if (fse_stream_ready(s))
		ready |= EPOLLIN | EPOLLRDNORM;
	if (fse_stream_over(s))
		ready |= EPOLLHUP;
	return ready;
}

/* --- what comes in -------------------------------------------------------- */

/**
 * fse_stream_send - let a stream have an event
 * @s: the stream
 * @record: the event; the stream takes references of its own
 *
 * Context: Any that may take spinlocks which readers take; under RCU, or with
 * a reference to @s.
 * Return: 0, or -ESRCH: the file was closed.
 */
int fse_stream_send(struct fse_stream *s, const struct fse_record *record)
{
	struct fse_record oldest;
	bool lost, closed;

	fse_record_get(record);
	spin_lock(&s->lock);
	closed = s->closed;
	lost = !closed && s->end - s->first == FSE_STREAM_RECORDS;
	if (lost) {
		oldest = *fse_slot(s, s->first++);
		s->lost++;
		fse_count(s->owner, FSE_STAT_LOST, 1);
	}
	if (!closed)
		*fse_slot(s, s->end++) = *record;
	spin_unlock(&s->lock);
	if (lost)
		fse_record_put(&oldest);
	if (closed) {
		fse_record_put(record);
		return -ESRCH;
	}
	wake_up_interruptible_poll(&s->wait, EPOLLIN | EPOLLRDNORM);
	return 0;
}

/**
 * fse_stream_refuse - a write to `watch` was refused
 * @s: the stream
 * @error: why
 *
 * The reader learns of it before any event. Of more than a few that it did not
 * read the oldest go.
 */
void fse_stream_refuse(struct fse_stream *s, const struct fse_error *error)
{
	const struct fse_refusal refusal = {
		.err = -error->err,
		.at = error->word.off,
		.why = error->why,
	};

	spin_lock(&s->lock);
	if (s->nr_refused - s->nr_read == FSE_STREAM_REFUSALS)
		s->nr_read++;
	s->refusal[s->nr_refused++ % FSE_STREAM_REFUSALS] = refusal;
	spin_unlock(&s->lock);
	wake_up_interruptible_poll(&s->wait, EPOLLIN | EPOLLRDNORM);
}

/* A private watch is published. */
void fse_stream_join(struct fse_stream *s)
{
	spin_lock(&s->lock);
	s->watches++;
	s->over = false;
	spin_unlock(&s->lock);
}

/* A private watch has sent its last event; @ended: it ended by itself. */
void fse_stream_leave(struct fse_stream *s, bool ended)
{
	bool over;

	spin_lock(&s->lock);
	s->watches--;
	over = ended && !s->watches;
	s->over = over;
	spin_unlock(&s->lock);
	if (over)
		wake_up_interruptible_poll(&s->wait, EPOLLIN | EPOLLHUP);
}

/* --- coming and going ----------------------------------------------------- */

/**
 * fse_stream_alloc - for a file that is opened
 * @owner: whose instance of fstrace it is
 *
 * Return: the stream, or NULL when there is no memory.
 */
struct fse_stream *fse_stream_alloc(struct fse_owner *owner)
{
	struct fse_stream *s = kvzalloc_obj(*s, GFP_KERNEL_ACCOUNT);

	if (!s)
		return NULL;
	kref_init(&s->ref);
	INIT_LIST_HEAD(&s->node);
	s->owner = owner;
	s->pid_ns = get_pid_ns(task_active_pid_ns(current));
	mutex_init(&s->write_lock);
	xa_init_flags(&s->watches_by_id, XA_FLAGS_ACCOUNT);
	mutex_init(&s->read_lock);
	spin_lock_init(&s->lock);
	init_waitqueue_head(&s->wait);
	return s;
}

/* A watch will be private to @s. */
void fse_stream_get(struct fse_stream *s)
{
	kref_get(&s->ref);
}

static void fse_stream_free(struct kref *ref)
{
	struct fse_stream *s = container_of(ref, struct fse_stream, ref);

	xa_destroy(&s->watches_by_id);
	mem_cgroup_put(s->memcg);
	kvfree_rcu(s, rcu);
}

/* Context: Any. */
void fse_stream_put(struct fse_stream *s)
{
	kref_put(&s->ref, fse_stream_free);
}

/**
 * fse_stream_close - the open file is gone
 * @s: the stream; private watches of it may still be sending their last
 */
void fse_stream_close(struct fse_stream *s)
{
	spin_lock(&s->lock);
	s->closed = true;
	spin_unlock(&s->lock);
	while (s->first != s->end)
		fse_record_put(fse_slot(s, s->first++));
	put_pid_ns(s->pid_ns);
	fse_stream_put(s);
}
