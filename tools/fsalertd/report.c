// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports: a sentence about a condition, for all that report it further.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "daemon.h"
#include "../fsalert/text.h"

uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

/* Since 1970, as events have it. */
uint64_t real_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void put_escaped(FILE *out, const char *s)
{
	char *escaped = text_escape(s, text_plain_terminal);

	fputs(escaped, out);
	free(escaped);
}

static void put_amounts(FILE *out, const struct alarm *a)
{
	const struct alarm_facts *f = &a->facts;
	char avail[TEXT_SIZE_LEN], total[TEXT_SIZE_LEN], level[TEXT_SIZE_LEN];

	if (f->frsize) {
		text_size(avail, f->avail, f->frsize);
		text_size(total, f->total, f->frsize);
		text_size(level, f->level, f->frsize);
	} else {
		snprintf(avail, sizeof(avail), "%ju", f->avail);
		snprintf(total, sizeof(total), "%ju", f->total);
		snprintf(level, sizeof(level), "%ju", f->level);
	}
	fprintf(out, "%s of %s", avail, total);
	if (f->total)
		fprintf(out, ", %.1f %%", 100.0 * f->avail / f->total);
	fprintf(out, " (level %u: %s)", a->nr, level);
}

static const char *what_is_on(enum fsalert_type type)
{
	switch (type) {
	case FSALERT_ENOSPC:
		return "no space left for data";
	case FSALERT_ENOSPC_META:
		return "no space left for metadata: inodes, names, attributes";
	case FSALERT_REMOUNT_RO:
		return "stopped accepting writes after an error";
	case FSALERT_CORRUPTED:
		return "corruption was found";
	case FSALERT_IO_ERROR:
		return "I/O error";
	case FSALERT_SHUTDOWN:
		return "the file system shut itself down";
	case FSALERT_BELOW:
		return "little available space";
	case FSALERT_INO_BELOW:
		return "few free inodes";
	default:
		return "an error";
	}
}

static void put_raised(FILE *out, const struct alarm *a)
{
	if (a->type == FSALERT_BELOW || a->type == FSALERT_INO_BELOW) {
		fputs(a->type == FSALERT_BELOW ? "available space fell to " :
		      "free inodes fell to ", out);
		put_amounts(out, a);
		return;
	}
	fputs(what_is_on(a->type), out);
	if (a->facts.error)
		fprintf(out, ", %s",
			strerrorname_np(a->facts.error) ?: "unknown errno");
	if (a->facts.pid)
		fprintf(out, ", pid %ju", a->facts.pid);
}

static void put_over(FILE *out, const struct report *r)
{
	const struct alarm *a = r->alarm;
	bool level = a->type == FSALERT_BELOW || a->type == FSALERT_INO_BELOW;
	uint64_t s = a->over_ms > a->since_ms ?
		(a->over_ms - a->since_ms) / 1000 : 0;

	if (level && !a->inherited && a->facts.avail > a->facts.level) {
		fputs(a->type == FSALERT_BELOW ? "available space rose to " :
		      "free inodes rose to ", out);
		put_amounts(out, a);
	} else {
		fputs(what_is_on(a->type), out);
		if (level)
			fprintf(out, " (level %u)", a->nr);
		fputs(alarm_lasts(a->type) ? ": over" :
		      ": did not occur again, over", out);
	}
	fprintf(out, " after %ju s", s);
	if (a->flaps)
		fprintf(out, ", it came back %ju time%s", a->flaps,
			a->flaps == 1 ? "" : "s");
	if (a->held && !level)
		fprintf(out, ", %ju more occurrences", a->held);
	if (r->all_clear)
		fputs("; all clear", out);
}

static void put_text(FILE *out, const struct report *r)
{
	const struct pool *p = r->pool;

	put_escaped(out, p->mount);
	fputs(" (", out);
	put_escaped(out, p->fstype);
	fputc(' ', out);
	put_escaped(out, p->source);
	fputs("): ", out);
	switch (r->what) {
	case ALARM_RAISED:
		put_raised(out, r->alarm);
		break;
	case ALARM_AGAIN:
		put_raised(out, r->alarm);
		fprintf(out, ", %ju more occurrences",
			r->alarm->held);
		break;
	case ALARM_OVER:
		put_over(out, r);
		break;
	case ALARM_ENDED:
		fprintf(out, "%s; it had: %s",
			p->present ? "no longer watched" : "unmounted",
			what_is_on(r->alarm->type));
		break;
	}
}

static int priority_of(const struct report *r)
{
	if (r->what == ALARM_OVER || r->what == ALARM_ENDED)
		return LOG_NOTICE;
	switch (r->alarm->type) {
	case FSALERT_BELOW:
	case FSALERT_INO_BELOW:
		return LOG_WARNING;
	case FSALERT_ENOSPC:
	case FSALERT_ENOSPC_META:
	case FSALERT_IO_ERROR:
		return LOG_ERR;
	default:
		return LOG_CRIT;
	}
}

/**
 * report_alarm - report what became of a condition
 * @data: the file system
 * @alarm: the condition
 * @what: what became of it
 */
void report_alarm(void *data, const struct alarm *alarm,
		  enum alarm_report what)
{
	struct pool *p = data;
	struct report r = { .pool = p, .alarm = alarm, .what = what };
	size_t len;
	FILE *out;

	r.all_clear = what == ALARM_OVER && alarm_is_last(&p->alarms, alarm);
	r.priority = priority_of(&r);
	p->d->reports++;
	p->d->changed = true;
	p->d->outdated = true;
	out = open_memstream(&r.text, &len);
	if (!out)
		return;
	put_text(out, &r);
	if (!fclose(out)) {
		outbox_report(p->d, &r);
		unit_report(p->d, &r);
	}
	free(r.text);
}
