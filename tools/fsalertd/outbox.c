// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports on their way to the journal.
 *
 * A report is made when the state of an alarm changes. It is saved with that state
 * before it is sent: a daemon that is killed in between leaves it to the next one,
 * which looks into the journal first. So a report is neither missed nor made twice,
 * but for one on standard error.
 */
#include <stdlib.h>

#include "daemon.h"

static void message_free(struct message *m)
{
	while (m->nr)
		free(m->fields[--m->nr]);
	free(m);
}

/**
 * outbox_new - a message, behind the others
 * @d: the daemon
 *
 * Return: the message, empty; NULL: no memory.
 */
struct message *outbox_new(struct daemon *d)
{
	struct message *m = calloc(1, sizeof(*m)), **end = &d->outbox;

	while (m && *end)
		end = &(*end)->next;
	*end = m ?: *end;
	return m;
}

/**
 * outbox_report - have a report sent to the journal
 * @d: the daemon
 * @r: the report
 *
 * That is done by outbox_send().
 */
void outbox_report(struct daemon *d, const struct report *r)
{
	struct message *m = outbox_new(d);

	if (m)
		journal_compose(m, r);
}

/**
 * outbox_send - send what is there, with all states of alarms as they are now
 * @d: the daemon
 */
void outbox_send(struct daemon *d)
{
	struct message *m;

	if (!d->outbox)
		return;
	state_save(d, false);
	while ((m = d->outbox)) {
		if (!m->tried || !journal_has(m))
			journal_send(m);
		d->outbox = m->next;
		message_free(m);
	}
	d->changed = true;
}

/* Without sending it. */
void outbox_free(struct daemon *d)
{
	struct message *m;

	while ((m = d->outbox)) {
		d->outbox = m->next;
		message_free(m);
	}
}
