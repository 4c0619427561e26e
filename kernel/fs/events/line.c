// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: a line of the text stream.
 *
 * The order of fields is fixed; further ones are only appended. Whatever a
 * value holds, it can forge neither a field nor a line: bytes that could are
 * escaped.
 *
 * Context: process context; may sleep.
 */
#include <linux/math64.h>
#include <linux/pid.h>
#include <linux/seq_buf.h>
#include <linux/slab.h>
#include <linux/time64.h>

#include "internal.h"
#include "line.h"
#include "names.h"

/* The number of a process, whoever reads it. */
#define FSE_PID_DIGITS	10
/* What three values may take at most, so that the line is not too long. */
#define FSE_VALUE_MAX	2000

/* Puts a value; one that is too long ends with "...". */
static void fse_put_value(struct seq_buf *s, const char *value)
{
	size_t begin = s->len;
	unsigned char c;

	while ((c = *value++)) {
		if (s->len - begin > FSE_VALUE_MAX) {
			seq_buf_puts(s, "...");
			return;
		}
		if (c <= 0x20 || c >= 0x7f || strchr("=\\\"#", c))
			seq_buf_printf(s, "\\%03o", c);
		else
			seq_buf_putc(s, c);
	}
}

static void fse_put_name(struct seq_buf *s, const char *name,
			 const char *value)
{
	seq_buf_printf(s, " %s=", name);
	fse_put_value(s, value);
}

static void fse_put_time(struct seq_buf *s, u64 time_ns)
{
	u32 ns;
	u64 sec = div_u64_rem(time_ns, NSEC_PER_SEC, &ns);

	seq_buf_printf(s, " time=%llu.%06lu", sec, ns / NSEC_PER_USEC);
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

/* All that comes before the number of the process. */
static void fse_put_head(struct seq_buf *s, const struct fse_record *r,
			 u64 seq)
{
	const struct fse_identity *fs = r->identity;

	seq_buf_printf(s, "seq=%llu", seq);
	fse_put_time(s, r->time_ns);
	seq_buf_printf(s, " event=%s dev=%u:%u", fse_event_name(r->id),
		       MAJOR(fs->dev), MINOR(fs->dev));
	fse_put_name(s, "mount", r->mount->s);
	fse_put_name(s, "fstype", fs->fstype);
	fse_put_name(s, "source", fs->source);
	if (r->is_level)
		fse_put_level(s, r);
	else
		fse_put_error(s, r);
	seq_buf_puts(s, " pid=");
}

static void fse_put_tail(struct seq_buf *s, const struct fse_record *r)
{
	const struct fse_identity *fs = r->identity;

	seq_buf_printf(s, " count=%u entry=%u fsid=%016llx", r->count,
		       r->entry, fs->fsid);
	if (!uuid_is_null(&fs->uuid))
		seq_buf_printf(s, " uuid=%pU", &fs->uuid);
	seq_buf_putc(s, '\n');
}

/**
 * fse_line_alloc - an event as a line
 * @r: the event
 * @seq: its number
 * @private: of a private watch
 *
 * Return: the line, or NULL when there is no memory.
 */
struct fse_line *fse_line_alloc(const struct fse_record *r, u64 seq,
				bool private)
{
	struct fse_line *line = NULL;
	struct seq_buf s;
	size_t pid_at;
	char *buf;

	buf = kmalloc(FSE_LINE_MAX, GFP_KERNEL);
	if (!buf)
		return NULL;
	seq_buf_init(&s, buf, FSE_LINE_MAX - FSE_PID_DIGITS);
	fse_put_head(&s, r, seq);
	pid_at = s.len;
	fse_put_tail(&s, r);
	if (!WARN_ON_ONCE(seq_buf_has_overflowed(&s)))
		line = kmalloc(struct_size(line, text, s.len),
			       GFP_KERNEL_ACCOUNT);
	if (line) {
		refcount_set(&line->refs, 1);
		line->pid = get_pid(r->pid);
		line->pid_at = pid_at;
		line->len = s.len;
		line->private = private;
		memcpy(line->text, buf, s.len);
	}
	kfree(buf);
	return line;
}

/**
 * fse_line_put - drop a reference
 * @line: the line, or NULL
 *
 * Context: Any.
 */
void fse_line_put(struct fse_line *line)
{
	if (!line || !refcount_dec_and_test(&line->refs))
		return;
	put_pid(line->pid);
	kfree(line);
}
