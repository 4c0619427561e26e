// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports in the journal, or on standard error where there is no journal.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <sys/uio.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "daemon.h"
#include "message_id.h"

#define JOURNAL_SOCKET	"/run/systemd/journal/socket"
#define FIELDS_MAX	24
#define NSEC_PER_USEC	1000

/**
 * struct fields - fields of an entry
 * @iov: them
 * @nr: how many there are
 */
struct fields {
	struct iovec iov[FIELDS_MAX];
	int nr;
};

__printf(2, 3)
static void add(struct fields *f, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0 || f->nr == FIELDS_MAX)
		return;
	f->iov[f->nr].iov_base = text;
	f->iov[f->nr++].iov_len = len;
}

/* sd_journal_sendv() succeeds although there is no journal. */
static void send_fields(struct fields *f, const char *text)
{
	int i;

	if (access(JOURNAL_SOCKET, W_OK) || sd_journal_sendv(f->iov, f->nr) < 0)
		fprintf(stderr, "fsalertd: %s\n", text);
	for (i = 0; i < f->nr; i++)
		free(f->iov[i].iov_base);
}

static const char *id_of(const struct report *r)
{
	if (r->what == ALARM_AGAIN)
		return MESSAGE_ID_AGAIN;
	if (r->what == ALARM_ENDED)
		return MESSAGE_ID_ENDED;
	if (r->what == ALARM_OVER)
		return r->all_clear ? MESSAGE_ID_ALL_CLEAR : MESSAGE_ID_OVER;
	switch (r->alarm->type) {
	case FSALERT_BELOW:
		return MESSAGE_ID_SPACE;
	case FSALERT_INO_BELOW:
		return MESSAGE_ID_INODES;
	case FSALERT_ENOSPC:
	case FSALERT_ENOSPC_META:
		return MESSAGE_ID_FULL;
	default:
		return MESSAGE_ID_ERROR;
	}
}

static void add_facts(struct fields *f, const struct alarm *a)
{
	if (a->facts.time_ns)
		add(f, "FSALERT_TIME=%ju", a->facts.time_ns / NSEC_PER_USEC);
	if (a->nr)
		add(f, "FSALERT_LEVEL_NR=%u", a->nr);
	if (a->facts.total) {
		add(f, "FSALERT_AVAIL=%ju", a->facts.avail);
		add(f, "FSALERT_TOTAL=%ju", a->facts.total);
		add(f, "FSALERT_LEVEL=%ju", a->facts.level);
	}
	if (a->facts.frsize)
		add(f, "FSALERT_FRSIZE=%ju", a->facts.frsize);
	if (a->facts.error)
		add(f, "FSALERT_ERRNO=%ju", a->facts.error);
	if (a->facts.pid)
		add(f, "FSALERT_PID=%ju", a->facts.pid);
	add(f, "FSALERT_COUNT=%ju", a->count);
	add(f, "FSALERT_HELD=%ju", a->held);
	add(f, "FSALERT_FLAPS=%ju", a->flaps);
}

/**
 * journal_report - write a report
 * @r: the report
 */
void journal_report(const struct report *r)
{
	static const char * const states[] = {
		[ALARM_RAISED] = "raised",
		[ALARM_AGAIN] = "again",
		[ALARM_OVER] = "over",
		[ALARM_ENDED] = "ended",
	};
	struct fields f = { .nr = 0 };

	add(&f, "MESSAGE=%s", r->text);
	add(&f, "MESSAGE_ID=%s", id_of(r));
	add(&f, "PRIORITY=%d", r->priority);
	add(&f, "SYSLOG_IDENTIFIER=fsalertd");
	add(&f, "FSALERT_STATE=%s", states[r->what]);
	add(&f, "FSALERT_CONDITION=%s", fsalert_name(r->alarm->type));
	add(&f, "FSALERT_ALL_CLEAR=%d", r->all_clear);
	add(&f, "FSALERT_MOUNT=%s", r->pool->mount);
	add(&f, "FSALERT_FSTYPE=%s", r->pool->fstype);
	add(&f, "FSALERT_SOURCE=%s", r->pool->source);
	add(&f, "FSALERT_DEV=%s", r->pool->key);
	add_facts(&f, r->alarm);
	send_fields(&f, r->text);
}

/**
 * journal_say - write a message about the daemon itself
 * @priority: as in syslog(3)
 * @id: MESSAGE_ID_*
 * @format: as in printf(3)
 */
void journal_say(int priority, const char *id, const char *format, ...)
{
	struct fields f = { .nr = 0 };
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		return;
	add(&f, "MESSAGE=%s", text);
	add(&f, "MESSAGE_ID=%s", id);
	add(&f, "PRIORITY=%d", priority);
	add(&f, "SYSLOG_IDENTIFIER=fsalertd");
	send_fields(&f, text);
	free(text);
}
