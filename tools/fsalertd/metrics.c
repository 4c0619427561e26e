// SPDX-License-Identifier: GPL-2.0-only
/*
 * Figures for Prometheus, as node_exporter's textfile collector reads them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "daemon.h"
#include "message_id.h"
#include "../fsalert/text.h"

static void head(FILE *out, const char *name, const char *type,
		 const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_label(FILE *out, const char *name, const char *value)
{
	char *escaped = text_escape(value, text_plain_utf8);
	const char *s;

	fprintf(out, "%s=\"", name);
	for (s = escaped; *s; s++) {
		if (*s == '\n') {
			fputs("\\n", out);
			continue;
		}
		if (*s == '"' || *s == '\\')
			fputc('\\', out);
		fputc(*s, out);
	}
	fputc('"', out);
	free(escaped);
}

static void put_labels(FILE *out, const char *name, const struct pool *p)
{
	fprintf(out, "%s{", name);
	put_label(out, "mountpoint", p->mount);
	put_label(out, ",device", p->source);
	put_label(out, ",fstype", p->fstype);
}

static uintmax_t is_raised(const struct alarm *a)
{
	(void)a;
	return 1;
}

static uintmax_t occurrences(const struct alarm *a)
{
	return a->count;
}

static void put_alarms(FILE *out, const struct daemon *d, const char *name,
		       const char *help, uintmax_t (*value)(const struct alarm *a))
{
	const struct alarm *a;
	const struct pool *p;

	head(out, name, "gauge", help);
	for (p = d->pools; p; p = p->next) {
		for (a = p->alarms.list; a; a = a->next) {
			put_labels(out, name, p);
			put_label(out, ",condition", fsalert_name(a->type));
			fprintf(out, ",level=\"%u\"} %ju\n", a->nr, value(a));
		}
	}
}

static bool is_watched(const struct pool *p)
{
	const struct source *s = p->class == MOUNT_REMOTE ? &p->d->remote :
							    &p->d->local;

	return p->request && !s->gone;
}

static void put_watches(FILE *out, const struct daemon *d)
{
	const struct pool *p;

	head(out, "fsalert_watched", "gauge",
	     "Is a file system watched that should be?");
	for (p = d->pools; p; p = p->next) {
		if (!p->wanted.watch)
			continue;
		put_labels(out, "fsalert_watched", p);
		fprintf(out, "} %d\n", is_watched(p));
	}
}

static void put_events(FILE *out, const struct daemon *d)
{
	const struct pool *p;
	size_t i;

	head(out, "fsalert_events_total", "counter", "Events of file systems");
	for (p = d->pools; p; p = p->next) {
		for (i = 1; i < KINDS; i++) {
			if (!p->events[i])
				continue;
			put_labels(out, "fsalert_events_total", p);
			put_label(out, ",event", fsalert_name(i));
			fprintf(out, "} %ju\n", p->events[i]);
		}
	}
}

static void put_all(FILE *out, const struct daemon *d)
{
	enum fsalert_from from = d->local.h ? fsalert_source(d->local.h) :
		FSALERT_ANY;

	head(out, "fsalert_heartbeat_timestamp_seconds", "gauge",
	     "When this was written");
	fprintf(out, "fsalert_heartbeat_timestamp_seconds %jd\n",
		(intmax_t)time(NULL));
	head(out, "fsalert_source_is_kernel", "gauge",
	     "Do the events come from the kernel, or from fsalert-poll?");
	fprintf(out, "fsalert_source_is_kernel %d\n", from == FSALERT_KERNEL);
	head(out, "fsalert_reports_total", "counter", "Reports made");
	fprintf(out, "fsalert_reports_total %ju\n", d->reports);
	head(out, "fsalert_lost_events_total", "counter", "Events lost");
	fprintf(out, "fsalert_lost_events_total %ju\n", d->lost);
	put_watches(out, d);
	put_alarms(out, d, "fsalert_alarm",
		   "A condition that was reported and is not over", is_raised);
	put_alarms(out, d, "fsalert_alarm_occurrences",
		   "How often the condition occurred since it was raised",
		   occurrences);
	put_events(out, d);
}

/* Figures that stay as they are would tell of alarms for ever. */
static void remove_other(struct daemon *d)
{
	const char *path = d->config->metrics;

	if (d->metrics && strcmp(d->metrics, path)) {
		unlink(d->metrics);
		pool_set_text(&d->metrics, NULL);
		d->changed = true;
	}
	if (*path && !d->metrics) {
		pool_set_text(&d->metrics, path);
		d->changed = true;
	}
}

/**
 * metrics_write - write the file
 * @d: the daemon
 *
 * If the configuration has another one now, that of before is removed, also after
 * a restart.
 */
void metrics_write(struct daemon *d)
{
	static int last_error;
	char *text = NULL;
	size_t len;
	FILE *out;
	int err = -ENOMEM;

	d->outdated = false;
	remove_other(d);
	if (!*d->config->metrics)
		return;
	out = open_memstream(&text, &len);
	if (out) {
		put_all(out, d);
		if (!fclose(out))
			err = file_replace(d->config->metrics, text, len);
		free(text);
	}
	if (err && err != last_error)
		journal_say(LOG_WARNING, MESSAGE_ID_CONFIG, "%s: %s",
			    d->config->metrics, strerror(-err));
	last_error = err;
}
