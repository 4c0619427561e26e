// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: the file `events`: the stream of all that a program may
 * see, or of its private watches.
 *
 * A reader's copy to user space is done under his read_lock alone.
 *
 * Context: process context; may sleep.
 */
#include <linux/fs_struct.h>
#include <linux/nsproxy.h>
#include <linux/pid_namespace.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "internal.h"
#include "line.h"
#include "stream.h"

static bool fse_stream_ready(struct fse_stream *s)
{
	bool ready;

	spin_lock(&s->lock);
	ready = s->lost || s->end != s->first || s->over;
	spin_unlock(&s->lock);
	return ready;
}

/* Nothing comes any more. */
static bool fse_stream_over(struct fse_stream *s)
{
	bool over;

	spin_lock(&s->lock);
	over = s->over && s->end == s->first && !s->lost;
	spin_unlock(&s->lock);
	return over;
}

/**
 * struct fse_text - what is read next: a line, or how many were lost
 * @line: the line, or NULL
 * @nr: its number in the queue
 * @lost: how many were lost, or 0
 * @piece: the text, put together
 * @len: bytes of each piece
 * @buf: a number
 */
struct fse_text {
	struct fse_line *line;
	u64 nr;
	u64 lost;
	const char *piece[3];
	size_t len[3];
	char buf[32];
};

/* Writes the number of the process in, as the reader sees it. */
static int fse_print_pid(const struct fse_stream *s,
			 const struct fse_line *line, char *buf, size_t size)
{
	return scnprintf(buf, size, "%d", pid_nr_ns(line->pid, s->pid_ns));
}

/* Finds out what comes next. Return: there is something. */
static bool fse_text_get(struct fse_stream *s, struct fse_text *t)
{
	struct fse_line *line;

	memset(t, 0, sizeof(*t));
	spin_lock(&s->lock);
	/* What was begun goes on. */
	t->lost = s->bytes ? s->telling_lost : s->lost;
	t->nr = s->first;
	if (!t->lost && s->end != s->first) {
		t->line = *fse_stream_slot(s, s->first);
		refcount_inc(&t->line->refs);
	}
	spin_unlock(&s->lock);
	s->telling_lost = t->lost;
	t->piece[0] = t->buf;
	line = t->line;
	if (t->lost) {
		t->len[0] = scnprintf(t->buf, sizeof(t->buf), "lost=%llu\n",
				      t->lost);
	} else if (line) {
		t->piece[0] = line->text;
		t->len[0] = line->pid_at;
		t->piece[1] = t->buf;
		t->len[1] = fse_print_pid(s, line, t->buf, sizeof(t->buf));
		t->piece[2] = line->text + line->pid_at;
		t->len[2] = line->len - line->pid_at;
	}
	return t->lost || line;
}

/* All of it was read. A line may have been dropped meanwhile. */
static void fse_text_pass(struct fse_stream *s, const struct fse_text *t)
{
	s->bytes = 0;
	spin_lock(&s->lock);
	if (t->lost)
		s->lost -= t->lost;
	else if (s->first == t->nr)
		s->first++;
	else
		/* It was counted as lost, but it was read. */
		s->lost--;
	spin_unlock(&s->lock);
}

/* Copies @n bytes of it, from byte @at on. */
static int fse_text_copy(const struct fse_text *t, size_t at, size_t n,
			 struct iov_iter *to)
{
	size_t part;
	int i;

	for (i = 0; i < ARRAY_SIZE(t->piece) && n; i++) {
		if (at >= t->len[i]) {
			at -= t->len[i];
			continue;
		}
		part = min(n, t->len[i] - at);
		if (copy_to_iter(t->piece[i] + at, part, to) != part)
			return -EFAULT;
		n -= part;
		at = 0;
	}
	return 0;
}

/*
 * Reads what comes next. Shells read a byte at a time, so as not to take what
 * follows the line; any other buffer that is too small is an error.
 *
 * Return: bytes; 0: there is nothing; or a negative errno.
 */
static ssize_t fse_read_next(struct fse_stream *s, struct iov_iter *to)
{
	struct fse_text t;
	size_t len, n;
	int err;

	if (!fse_text_get(s, &t))
		return 0;
	len = t.len[0] + t.len[1] + t.len[2];
	n = iov_iter_count(to) == 1 ? 1 : len - s->bytes;
	err = iov_iter_count(to) < n ? -EINVAL :
				       fse_text_copy(&t, s->bytes, n, to);
	if (!err) {
		s->bytes += n;
		if (s->bytes == len)
			fse_text_pass(s, &t);
	}
	fse_line_put(t.line);
	return err ?: n;
}

/* What was read before can't be put back any more. */
static void fse_stream_settle(struct fse_stream *s)
{
	struct fse_line *line;

	spin_lock(&s->lock);
	while (s->kept != s->first) {
		line = *fse_stream_slot(s, s->kept++);
		spin_unlock(&s->lock);
		fse_line_put(line);
		spin_lock(&s->lock);
	}
	spin_unlock(&s->lock);
}

static ssize_t fse_stream_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct fse_stream *s = iocb->ki_filp->private_data;
	ssize_t done = 0, len;

	if (!iov_iter_count(to))
		return 0;
	while (!done && !fse_stream_over(s)) {
		if (!fse_stream_ready(s)) {
			if (READ_ONCE(s->follows))
				return 0;
			if (iocb->ki_filp->f_flags & O_NONBLOCK ||
			    iocb->ki_flags & IOCB_NOWAIT)
				return -EAGAIN;
			if (wait_event_interruptible(s->wait,
						     fse_stream_ready(s)))
				return -ERESTARTSYS;
		}
		if (mutex_lock_interruptible(&s->read_lock))
			return -ERESTARTSYS;
		fse_stream_settle(s);
		/* Nothing is left when another one read it. */
		while ((len = fse_read_next(s, to)) > 0)
			done += len;
		mutex_unlock(&s->read_lock);
		if (len < 0 && !done)
			return len;
	}
	return done;
}

static __poll_t fse_stream_poll(struct file *file, poll_table *wait)
{
	struct fse_stream *s = file->private_data;
	__poll_t ready = EPOLLOUT | EPOLLWRNORM;

	poll_wait(file, &s->wait, wait);
	if (fse_stream_ready(s))
		ready |= EPOLLIN | EPOLLRDNORM;
	if (fse_stream_over(s))
		ready |= EPOLLHUP;
	return ready;
}

static ssize_t fse_stream_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct fse_stream *s = iocb->ki_filp->private_data;
	ssize_t ret;

	if (!(iocb->ki_filp->f_mode & FMODE_READ))
		return -EBADF;
	ret = fse_requests_write(iocb, from, s);
	if (ret > 0)
		fse_stream_make_private(s);
	return ret;
}

/* --- opening and closing -------------------------------------------------- */

static int fse_stream_open(struct inode *inode, struct file *file)
{
	struct fse_stream *s = kvzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);

	if (!s)
		return -ENOMEM;
	kref_init(&s->ref);
	INIT_LIST_HEAD(&s->node);
	s->owner = fse_instance_owner(inode);
	get_fs_root(current->fs, &s->root);
	s->mnt_ns = current->nsproxy->mnt_ns;
	s->pid_ns = get_pid_ns(task_active_pid_ns(current));
	xa_init(&s->sees);
	mutex_init(&s->read_lock);
	mutex_init(&s->tell_lock);
	spin_lock_init(&s->lock);
	init_waitqueue_head(&s->wait);
	s->dentry = file->f_path.dentry;
	file->private_data = s;
	/* As stream_open() has it, but for seeks. */
	file->f_mode &= ~(FMODE_PREAD | FMODE_PWRITE | FMODE_ATOMIC_POS);
	file->f_mode |= FMODE_STREAM;
	if (file->f_mode & FMODE_READ)
		fse_streams_add(s);
	return 0;
}

static int fse_stream_release(struct inode *inode, struct file *file)
{
	struct fse_stream *s = file->private_data;

	fse_streams_remove(s);
	fse_stream_clear(s);
	/* One that ended by itself may still be telling so. */
	mutex_lock(&s->tell_lock);
	spin_lock(&s->lock);
	s->closed = true;
	spin_unlock(&s->lock);
	mutex_unlock(&s->tell_lock);
	for (; s->kept != s->end; s->kept++)
		fse_line_put(*fse_stream_slot(s, s->kept));
	xa_destroy(&s->sees);
	put_pid_ns(s->pid_ns);
	path_put(&s->root);
	fse_stream_put(s);
	return 0;
}

/* Puts @len bytes back that were read last; whole lines. */
static int fse_stream_put_back(struct fse_stream *s, loff_t len)
{
	const struct fse_line *line;
	char pid[16];
	u64 nr;

	spin_lock(&s->lock);
	for (nr = s->first; len > 0 && nr != s->kept; nr--) {
		line = *fse_stream_slot(s, nr - 1);
		len -= line->len + fse_print_pid(s, line, pid, sizeof(pid));
	}
	if (!len)
		s->first = nr;
	spin_unlock(&s->lock);
	return len ? -ESPIPE : 0;
}

/*
 * The stream has no positions, but programs that take it for a file work:
 *
 * tail(1) -f reads to the end of a file, then waits for it to change. So who
 * seeks to the end is told of an end where others wait, and with each line the
 * file's time of modification and its size move, which mean nothing else.
 *
 * bash(1) and head(1) read more than they need and put back the rest.
 */
static loff_t fse_stream_seek(struct file *file, loff_t offset, int whence)
{
	struct fse_stream *s = file->private_data;

	if (!offset && whence == SEEK_END)
		WRITE_ONCE(s->follows, true);
	else if (offset < 0 && whence == SEEK_CUR)
		return fse_stream_put_back(s, -offset);
	else if (offset || whence > SEEK_END)
		return -ESPIPE;
	return 0;
}

const struct file_operations fse_events_fops = {
	.owner		= THIS_MODULE,
	.open		= fse_stream_open,
	.read_iter	= fse_stream_read,
	.write_iter	= fse_stream_write,
	.llseek		= fse_stream_seek,
	.poll		= fse_stream_poll,
	.release	= fse_stream_release,
};
