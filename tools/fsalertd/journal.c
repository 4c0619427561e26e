// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages for the journal, or lines on standard error where there is no journal.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <sys/uio.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "daemon.h"
#include "message_id.h"

#define JOURNAL_SOCKET	"/run/systemd/journal/socket"
#define NSEC_PER_USEC	1000

/* How long the journal may take to have what was sent to it. */
#define ARRIVES_US	1000000

__printf(2, 3)
static void add(struct message *m, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		return;
	if (m->nr == MESSAGE_FIELDS)
		free(text);
	else
		m->fields[m->nr++] = text;
}

/**
 * journal_send - write a message
 * @m: the message, with its text first
 */
void journal_send(const struct message *m)
{
	struct iovec iov[MESSAGE_FIELDS];
	unsigned int i;

	for (i = 0; i < m->nr; i++) {
		iov[i].iov_base = m->fields[i];
		iov[i].iov_len = strlen(m->fields[i]);
	}
	/* sd_journal_sendv() succeeds although there is no journal. */
	if (access(JOURNAL_SOCKET, W_OK) || sd_journal_sendv(iov, m->nr) < 0)
		fprintf(stderr, "fsalertd: %s\n",
			m->nr ? strchr(m->fields[0], '=') + 1 : "");
}

/* Entries of the journal that have all fields of @m, since the system started. */
static int match(sd_journal *j, const struct message *m)
{
	char boot[] = "_BOOT_ID=0123456789abcdef0123456789abcdef";
	sd_id128_t id;
	unsigned int i;
	int err = sd_id128_get_boot(&id);

	if (err < 0)
		return err;
	sd_id128_to_string(id, strchr(boot, '=') + 1);
	err = sd_journal_add_match(j, boot, 0);
	for (i = 0; i < m->nr && err >= 0; i++)
		err = sd_journal_add_match(j, m->fields[i], 0);
	return err;
}

/**
 * journal_has - is a message in the journal?
 * @m: the message
 *
 * What was sent a moment ago is waited for. Return: false also when the journal
 * can't be read.
 */
bool journal_has(const struct message *m)
{
	uint64_t end = now_ms() + ARRIVES_US / 1000, now;
	sd_journal *j;
	bool has = false;

	if (access(JOURNAL_SOCKET, W_OK) ||
	    sd_journal_open(&j, SD_JOURNAL_LOCAL_ONLY) < 0)
		return false;
	if (match(j, m) >= 0) {
		do {
			sd_journal_seek_head(j);
			has = sd_journal_next(j) > 0;
			now = now_ms();
		} while (!has && now < end &&
			 sd_journal_wait(j, (end - now) * 1000) >= 0);
	}
	sd_journal_close(j);
	return has;
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

static void add_facts(struct message *f, const struct alarm *a)
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
 * journal_compose - what the journal is to have of a report
 * @m: the message, empty
 * @r: the report
 */
void journal_compose(struct message *m, const struct report *r)
{
	static const char * const states[] = {
		[ALARM_RAISED] = "raised",
		[ALARM_AGAIN] = "again",
		[ALARM_OVER] = "over",
		[ALARM_ENDED] = "ended",
	};

	add(m, "MESSAGE=%s", r->text);
	add(m, "MESSAGE_ID=%s", id_of(r));
	add(m, "PRIORITY=%d", r->priority);
	add(m, "SYSLOG_IDENTIFIER=fsalertd");
	add(m, "FSALERT_REPORT=%ju", r->pool->d->reports);
	add(m, "FSALERT_STATE=%s", states[r->what]);
	add(m, "FSALERT_CONDITION=%s", fsalert_name(r->alarm->type));
	add(m, "FSALERT_ALL_CLEAR=%d", r->all_clear);
	add(m, "FSALERT_MOUNT=%s", r->pool->mount);
	add(m, "FSALERT_FSTYPE=%s", r->pool->fstype);
	add(m, "FSALERT_SOURCE=%s", r->pool->source);
	add(m, "FSALERT_DEV=%s", r->pool->key);
	add_facts(m, r->alarm);
}

/**
 * journal_say - write a message about the daemon itself
 * @priority: as in syslog(3)
 * @id: MESSAGE_ID_*
 * @format: as in printf(3)
 */
void journal_say(int priority, const char *id, const char *format, ...)
{
	struct message m = { .nr = 0 };
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		return;
	add(&m, "MESSAGE=%s", text);
	add(&m, "MESSAGE_ID=%s", id);
	add(&m, "PRIORITY=%d", priority);
	add(&m, "SYSLOG_IDENTIFIER=fsalertd");
	journal_send(&m);
	free(text);
	while (m.nr)
		free(m.fields[--m.nr]);
}
