// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsalert-poll: lines, as the kernel's `watch` gives them.
 *
 * Lines of events wait in a ring. When it is full the oldest line is dropped, and
 * the reader gets the number of dropped lines; a line that was begun is always
 * finished. A reply to a request goes out before the events in the ring. No
 * request is begun before the reply to the previous one was written, so one
 * reply is all there ever is.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "escape.h"
#include "internal.h"

/* Room for the fields behind the values, their names and the newline. */
#define TAIL_MAX	384

struct output output = { .fd = STDOUT_FILENO };

void text_add(struct text *t, const char *format, ...)
{
	size_t room = sizeof(t->buf) - t->len;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(t->buf + t->len, room, format, args);
	va_end(args);
	if (len > 0)
		t->len += (size_t)len < room ? (size_t)len : room - 1;
}

/**
 * text_add_value - add a field whose value is anything
 * @t: the line
 * @name: name of the field
 * @value: its value; cut where @after bytes would not fit behind
 * @after: room for what follows
 */
void text_add_value(struct text *t, const char *name, const char *value,
		    size_t after)
{
	size_t room;
	bool cut;

	text_add(t, " %s=", name);
	room = sizeof(t->buf) - t->len;
	if (room > after)
		t->len += fse_escape(t->buf + t->len, room - after, value,
				     FSE_ESCAPE_VALUE, &cut);
}

/* Bytes of a value as it is shown. */
static size_t value_size(const char *value)
{
	size_t len = strlen(value), size = 0, put, n;
	char buf[FSE_ESCAPE_SIZE];

	while (len) {
		n = fse_escape_next(buf, &put, value, len, FSE_ESCAPE_VALUE);
		size += put;
		value += n;
		len -= n;
	}
	return size;
}

static void add_uuid(struct text *t, const u8 *uuid)
{
	unsigned int i;

	text_add(t, " uuid=");
	for (i = 0; i < 16; i++)
		text_add(t, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ?
			 "-" : "", uuid[i]);
}

/* Which file system; its source leaves half of the line to the path. */
static void add_file_system(struct text *t, const struct watch *w)
{
	size_t others = strlen(" fstype= source=") + value_size(w->fstype) +
			value_size(w->source);

	if (others > LINE_MAX_SIZE / 2)
		others = LINE_MAX_SIZE / 2;
	text_add(t, " dev=%u:%u", major(w->dev), minor(w->dev));
	text_add_value(t, "mount", w->mount, TAIL_MAX + others);
	text_add_value(t, "fstype", w->fstype, TAIL_MAX);
	text_add_value(t, "source", w->source, TAIL_MAX);
}

/* Fields keep their order; further ones are only appended. */
static void add_record(struct text *t, const struct watch *w,
		       const struct record *r, u64 seq)
{
	text_add(t, "seq=%llu time=%llu.%06llu event=%s",
		 (unsigned long long)seq,
		 (unsigned long long)(r->time_ns / NS_PER_S),
		 (unsigned long long)(r->time_ns % NS_PER_S / 1000),
		 fse_event_name(r->id));
	add_file_system(t, w);
	if (r->level_nr) {
		text_add(t, " avail=%llu level=%llu level_nr=%u total=%llu",
			 (unsigned long long)r->gauge.avail,
			 (unsigned long long)r->trigger, r->level_nr,
			 (unsigned long long)r->gauge.total);
		if (r->gauge.frsize)
			text_add(t, " frsize=%u", r->gauge.frsize);
	}
	if (r->has_error)
		text_add(t, " errno=%u", r->error);
	if (r->ino)
		text_add(t, " ino=%llu", (unsigned long long)r->ino);
	text_add(t, " pid=0 count=%u entry=%u fsid=%016llx", r->count, w->id,
		 (unsigned long long)w->fsid);
	if (w->has_uuid)
		add_uuid(t, w->uuid);
	if (r->last)
		text_add(t, " last=1");
	if (r->of)
		text_add(t, " of=%s", fse_event_name(r->of));
	text_add(t, "\n");
}

/**
 * output_event - queue the line of an event
 * @o: where to
 * @w: the watch that it belongs to
 * @r: the event
 */
void output_event(struct output *o, const struct watch *w,
		  const struct record *r)
{
	char **place = &o->queue[o->end % OUTPUT_EVENTS];
	struct text t = { .len = 0 };

	if (o->end - o->first == OUTPUT_EVENTS) {
		o->first++;
		o->lost++;
	}
	free(*place);
	add_record(&t, w, r, ++o->end);
	/* Without memory it counts as lost when its turn comes. */
	*place = strndup(t.buf, t.len);
}

/* The next event in the queue that is not lost. */
static char *next_event(struct output *o)
{
	while (o->first != o->end && !o->queue[o->first % OUTPUT_EVENTS]) {
		o->first++;
		o->lost++;
	}
	return o->first == o->end ? NULL : o->queue[o->first % OUTPUT_EVENTS];
}

/* Takes the next line. Return: there is one. */
static bool next_line(struct output *o)
{
	char *event = next_event(o);

	o->line.len = 0;
	o->done = 0;
	if (o->reply.len) {
		memcpy(o->line.buf, o->reply.buf, o->reply.len);
		o->line.len = o->reply.len;
		o->reply.len = 0;
	} else if (o->lost) {
		text_add(&o->line, "lost=%llu\n", (unsigned long long)o->lost);
		o->lost = 0;
	} else if (event) {
		o->line.len = strlen(event);
		memcpy(o->line.buf, event, o->line.len);
		free(event);
		o->queue[o->first++ % OUTPUT_EVENTS] = NULL;
	}
	return o->line.len;
}

/* Is there a line, or the rest of one, to be written? */
bool output_pending(const struct output *o)
{
	return o->done != o->line.len || o->reply.len || o->lost ||
	       o->first != o->end;
}

/**
 * output_write - write what the reader takes now
 * @o: the output
 *
 * Return: 0; a negative errno when there can't be a reader any more.
 */
int output_write(struct output *o)
{
	ssize_t n;

	while (o->done != o->line.len || next_line(o)) {
		n = write(o->fd, o->line.buf + o->done, o->line.len - o->done);
		if (n >= 0)
			o->done += n;
		else if (errno == EAGAIN)
			return 0;
		else if (errno != EINTR)
			return -errno;
	}
	return 0;
}

/* Forget what waits. */
void output_drop(struct output *o)
{
	while (o->first != o->end) {
		free(o->queue[o->first % OUTPUT_EVENTS]);
		o->queue[o->first++ % OUTPUT_EVENTS] = NULL;
	}
	o->reply.len = 0;
	o->lost = 0;
}
