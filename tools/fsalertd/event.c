// SPDX-License-Identifier: GPL-2.0-only
/*
 * From events to alarms.
 */
#include <string.h>
#include <syslog.h>

#include "daemon.h"
#include "message_id.h"

static uint64_t number(const struct fsalert_event *ev, enum fsalert_key key)
{
	uint64_t value = 0;

	fsalert_u64(ev, key, &value);
	return value;
}

static struct pool *pool_of(struct daemon *d, const struct fsalert_event *ev)
{
	const char *mount = fsalert_str(ev, FSALERT_KEY_MOUNT);
	uint64_t major, minor;
	struct pool *p;
	char key[64];

	if (!fsalert_u64(ev, FSALERT_KEY_DEV_MAJOR, &major) &&
	    !fsalert_u64(ev, FSALERT_KEY_DEV_MINOR, &minor)) {
		snprintf(key, sizeof(key), "%ju:%ju", major,
			 minor);
		p = pool_find(d, key);
		if (p)
			return p;
	}
	/*
	 * Data sets of a pool have devices of their own. Any other file system with this
	 * mount that has another device is mounted over the one of the event.
	 */
	for (p = mount ? d->pools : NULL; p; p = p->next) {
		if (!strncmp(p->key, "zfs:", 4) && !strcmp(p->mount, mount))
			return p;
	}
	return NULL;
}

static void take_facts(struct alarm_facts *facts,
		       const struct fsalert_event *ev)
{
	facts->time_ns = number(ev, FSALERT_KEY_TIME);
	facts->avail = number(ev, FSALERT_KEY_AVAIL);
	facts->total = number(ev, FSALERT_KEY_TOTAL);
	facts->frsize = number(ev, FSALERT_KEY_FRSIZE);
	facts->level = number(ev, FSALERT_KEY_LEVEL);
	facts->error = number(ev, FSALERT_KEY_ERRNO);
	facts->pid = number(ev, FSALERT_KEY_PID);
}

static void missed(struct source *s)
{
	watches_missed(s->d, s);
	watches_later(s->d, TABLE_DELAY_US);
}

/* Events about the source itself. */
static void take_notice(struct source *s, const struct fsalert_event *ev)
{
	uint64_t count = number(ev, FSALERT_KEY_COUNT);
	struct daemon *d = s->d;
	struct pool *p;

	switch (fsalert_type(ev)) {
	case FSALERT_LOST:
		d->lost += count ?: 1;
		/* They are no gap between the numbers as well: see take_seq(). */
		if (s->first)
			s->seq += count;
		journal_say(LOG_WARNING, MESSAGE_ID_LOST,
			    "%ju events were lost", count);
		missed(s);
		break;
	case FSALERT_GONE:
		s->gone = true;
		d->outdated = true;
		journal_say(LOG_WARNING, MESSAGE_ID_SOURCE,
			    "the source of events is gone");
		break;
	case FSALERT_BACK:
		s->gone = false;
		d->outdated = true;
		journal_say(LOG_NOTICE, MESSAGE_ID_SOURCE,
			    "the source of events is back");
		missed(s);
		break;
	case FSALERT_REMOVED:
		for (p = d->pools; p; p = p->next) {
			if (source_of(d, p) == s)
				pool_set_text(&p->asked, NULL);
		}
		watches_later(d, TABLE_DELAY_US);
		break;
	default:
		break;
	}
}

static void take_alarm(struct pool *p, const struct fsalert_event *ev)
{
	unsigned int nr = number(ev, FSALERT_KEY_LEVEL_NR);
	enum fsalert_type type = fsalert_type(ev);
	struct alarm_facts facts;

	/* From a watch that was removed, or was granted late. */
	if (!p->request && !p->wanted.watch)
		return;
	take_facts(&facts, ev);
	switch (type) {
	case FSALERT_ABOVE:
		alarm_over(&p->alarms, FSALERT_BELOW, nr, &facts, now_ms());
		break;
	case FSALERT_INO_ABOVE:
		alarm_over(&p->alarms, FSALERT_INO_BELOW, nr, &facts,
			   now_ms());
		break;
	case FSALERT_CLEARED:
		/* A watch that is not there any more ended, not the condition. */
		if (!p->request)
			break;
		alarm_over(&p->alarms, number(ev, FSALERT_KEY_OF), nr, NULL,
			   now_ms());
		break;
	case FSALERT_BELOW:
	case FSALERT_INO_BELOW:
		alarm_raise(&p->alarms, type, nr, &facts,
			    number(ev, FSALERT_KEY_COUNT) ?: 1, now_ms());
		break;
	default:
		alarm_raise(&p->alarms, type, 0, &facts,
			    number(ev, FSALERT_KEY_COUNT) ?: 1, now_ms());
	}
}

static void take_unmount(struct pool *p, const struct fsalert_event *ev)
{
	/* It may be mounted elsewhere: the table will tell. */
	if (number(ev, FSALERT_KEY_LAST)) {
		pool_set_text(&p->asked, NULL);
		pool_set_text(&p->request, NULL);
	}
	/*
	 * The file system went. Another one, or the same without its errors, may
	 * be there under its number before the table is read.
	 */
	if (number(ev, FSALERT_KEY_LAST) && !number(ev, FSALERT_KEY_ERRNO)) {
		p->present = false;
		alarm_end(&p->alarms);
	}
	watches_later(p->d, TABLE_DELAY_US);
}

/*
 * The source numbers its events. Those that the daemon before this one had read,
 * and did not act on before it was killed, are lost.
 */
static void take_seq(struct source *s, const struct fsalert_event *ev)
{
	uint64_t seq;

	if (fsalert_u64(ev, FSALERT_KEY_SEQ, &seq))
		return;
	if (s->first && seq > s->seq + 1) {
		s->d->lost += seq - s->seq - 1;
		journal_say(LOG_WARNING, MESSAGE_ID_LOST,
			    "%ju events were lost when the daemon was killed",
			    seq - s->seq - 1);
	}
	s->first = false;
	s->seq = seq;
	s->d->changed = true;
}

/**
 * event_take - take in an event
 * @s: its source
 * @ev: the event
 */
void event_take(struct source *s, const struct fsalert_event *ev)
{
	enum fsalert_type type = fsalert_type(ev);
	struct pool *p;

	take_seq(s, ev);
	if (type == FSALERT_UNKNOWN || type >= FSALERT_OWN) {
		take_notice(s, ev);
		return;
	}
	p = pool_of(s->d, ev);
	if (!p)
		return;
	p->events[type] += number(ev, FSALERT_KEY_COUNT) ?: 1;
	if (type == FSALERT_UNMOUNT)
		take_unmount(p, ev);
	else
		take_alarm(p, ev);
}
