// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states of alarms. Time is an argument, and reports go to a function.
 *
 * A condition is reported when it comes, and when it has been over for the
 * settling time. One that comes back before that (flapping) is reported neither
 * as over nor as new: it is counted, and the count is in the next report.
 *
 * Further occurrences of an error (nagging) are counted. If there were some, the
 * count is reported when the repeat time has passed since the last report. If there
 * were none, corruption and I/O errors are over: nothing else tells their end.
 *
 * An event may have been lost with a daemon that was killed. A level that is over has
 * been crossed before, so its end reports the crossing if no report of it was made.
 */
#include <errno.h>
#include <stdlib.h>

#include "alarm.h"

static struct alarm *find(struct alarms *a, enum fsalert_type type,
			  unsigned int nr)
{
	struct alarm *one;

	for (one = a->list; one; one = one->next) {
		if (one->type == type && one->nr == nr)
			return one;
	}
	return NULL;
}

/**
 * alarm_add - add an alarm without a report
 * @a: the alarms
 * @type: what is raised
 * @nr: number of the level
 *
 * Return: the alarm, behind the others; NULL: no memory.
 */
struct alarm *alarm_add(struct alarms *a, enum fsalert_type type,
			unsigned int nr)
{
	struct alarm *one = calloc(1, sizeof(*one)), **end = &a->list;

	if (!one)
		return NULL;
	one->type = type;
	one->nr = nr;
	while (*end)
		end = &(*end)->next;
	*end = one;
	return one;
}

static void report(struct alarms *a, struct alarm *one, enum alarm_report what,
		   uint64_t now_ms)
{
	one->reported_ms = now_ms;
	a->report(a->data, one, what);
	one->held = 0;
}

static bool is_level(const struct alarm *one)
{
	return one->type == FSALERT_BELOW || one->type == FSALERT_INO_BELOW;
}

/* Does a condition last, rather than happen? */
bool alarm_lasts(enum fsalert_type type)
{
	return type != FSALERT_CORRUPTED && type != FSALERT_IO_ERROR;
}

/* It came again before its end was reported. */
static void occurred(struct alarm *one, uint64_t count)
{
	one->count += count;
	one->held += count;
	if (one->over_ms) {
		one->over_ms = 0;
		one->flaps++;
	}
}

/*
 * What was on when the watch was set is nothing that happened again. The source looks
 * for that within ALARM_LOOK_NS. A level that was crossed later had been free in
 * between; so had, by then, a level that was found to be over.
 */
static bool still_on(const struct alarms *a, const struct alarm *one,
		     const struct alarm_facts *facts)
{
	if (!is_level(one) || a->asked_ns == ALARM_NEVER)
		return one->inherited && alarm_lasts(one->type);
	return facts->time_ns <= a->asked_ns +
				 (one->inherited ? ALARM_LOOK_NS : 0);
}

/**
 * alarm_raise - a condition came, or occurred again
 * @a: the alarms
 * @type: what is raised
 * @nr: number of the level; 0: no level
 * @facts: of the event
 * @count: how many occurrences the event stands for
 * @now_ms: monotonic time
 *
 * Return: 0 or -ENOMEM.
 */
int alarm_raise(struct alarms *a, enum fsalert_type type, unsigned int nr,
		const struct alarm_facts *facts, uint64_t count,
		uint64_t now_ms)
{
	struct alarm *one = find(a, type, nr);
	bool known = one;

	if (!one)
		one = alarm_add(a, type, nr);
	if (!one)
		return -ENOMEM;
	one->facts = *facts;
	if (!known) {
		one->since_ms = now_ms;
		one->count = count;
		report(a, one, ALARM_RAISED, now_ms);
		return 0;
	}
	if (still_on(a, one, facts))
		one->over_ms = 0;
	else
		occurred(one, count);
	one->inherited = false;
	return 0;
}

/**
 * alarm_over - a condition is over, for now
 * @a: the alarms
 * @type: what was raised
 * @nr: number of the level; 0: no level
 * @facts: of a level, whose end it is; NULL: there are none
 * @now_ms: monotonic time
 */
void alarm_over(struct alarms *a, enum fsalert_type type, unsigned int nr,
		const struct alarm_facts *facts, uint64_t now_ms)
{
	struct alarm *one = find(a, type, nr);

	/* The watch ended, not the condition: see alarm_inherit(). */
	if (one && one->inherited)
		return;
	/* Facts are those of an amount that rose: it had fallen. */
	if (facts && (!one || one->over_ms)) {
		if (alarm_raise(a, type, nr, facts, 1, now_ms))
			return;
		one = find(a, type, nr);
	}
	if (!one)
		return;
	if (facts)
		one->facts = *facts;
	if (!one->over_ms)
		one->over_ms = now_ms;
}

/**
 * alarm_inherit - the watch was set again: what is on is not known
 * @a: the alarms
 * @now_ms: monotonic time
 *
 * Levels that are still crossed are raised by the new watch within
 * ALARM_GRACE_MS, or they are over. Until then the end of a condition tells that
 * the old watch ended. The caller sets @a->asked_ns.
 */
void alarm_inherit(struct alarms *a, uint64_t now_ms)
{
	struct alarm *one;

	a->asked_ns = ALARM_NEVER;
	for (one = a->list; one; one = one->next) {
		if (one->over_ms && !one->inherited)
			continue;
		one->inherited = true;
		if (is_level(one))
			one->over_ms = now_ms + ALARM_GRACE_MS;
	}
}

static uint64_t due_ms(const struct alarms *a, const struct alarm *one)
{
	if (one->over_ms)
		return one->over_ms + a->settle_ms;
	if ((one->held && !is_level(one)) || !alarm_lasts(one->type))
		return one->reported_ms + a->repeat_ms;
	return ALARM_NEVER;
}

/**
 * alarm_tick - report what is due
 * @a: the alarms
 * @now_ms: monotonic time
 *
 * Return: when to call this again at the latest; ALARM_NEVER: no need to.
 */
uint64_t alarm_tick(struct alarms *a, uint64_t now_ms)
{
	struct alarm **at = &a->list, *one;
	uint64_t due, first = ALARM_NEVER;

	while ((one = *at)) {
		due = due_ms(a, one);
		if (due <= now_ms && !one->held && !alarm_lasts(one->type))
			one->over_ms = now_ms;
		if (due <= now_ms && one->over_ms) {
			report(a, one, ALARM_OVER, now_ms);
			*at = one->next;
			free(one);
			continue;
		}
		if (due <= now_ms) {
			report(a, one, ALARM_AGAIN, now_ms);
			due = due_ms(a, one);
		}
		first = due < first ? due : first;
		at = &one->next;
	}
	return first;
}

/**
 * alarm_end - the file system is gone: report the end of all its alarms
 * @a: the alarms
 */
void alarm_end(struct alarms *a)
{
	struct alarm *one;

	while ((one = a->list)) {
		report(a, one, ALARM_ENDED, 0);
		a->list = one->next;
		free(one);
	}
}

/**
 * alarm_found_over - a condition that was inherited turned out to be over
 * @one: the alarm
 * @now_ms: monotonic time
 */
void alarm_found_over(struct alarm *one, uint64_t now_ms)
{
	one->inherited = false;
	one->over_ms = now_ms;
}

/* Without a report. */
void alarm_free(struct alarms *a)
{
	struct alarm *one;

	while ((one = a->list)) {
		a->list = one->next;
		free(one);
	}
}

/**
 * alarm_is_last - is this the only condition that was not reported as over?
 * @a: the alarms
 * @one: the condition
 */
bool alarm_is_last(const struct alarms *a, const struct alarm *one)
{
	return a->list == one && !one->next;
}
