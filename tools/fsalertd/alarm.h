/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Alarms of a file system: which conditions are on, and what is reported.
 */
#ifndef FSALERTD_ALARM_H
#define FSALERTD_ALARM_H

#include <stdbool.h>
#include <stdint.h>

#include <fsalert.h>

/**
 * struct alarm_facts - facts of an event, as far as it has them
 * @time_ns: when it happened first, since 1970
 * @avail: blocks available, or inodes free
 * @total: blocks (inodes) of the file system
 * @frsize: size of a block; 0: inodes
 * @level: the level, in blocks (inodes)
 * @error: errno
 * @pid: the process that caused it
 */
struct alarm_facts {
	uint64_t time_ns;
	uint64_t avail;
	uint64_t total;
	uint64_t frsize;
	uint64_t level;
	uint64_t error;
	uint64_t pid;
};

/**
 * struct alarm - a condition that is on, or was a moment ago
 * @next: the next one of the file system
 * @type: what is raised: FSALERT_BELOW, FSALERT_ENOSPC and so on
 * @nr: number of the level; 0: no level
 * @since_ms: when it was raised
 * @over_ms: when it ended; 0: it is on
 * @reported_ms: when it was reported last
 * @count: occurrences since it was raised
 * @held: those of @count that were not reported
 * @flaps: how often it ended and came back without a report
 * @inherited: whether it is still on has to be found out: events were missed
 * @facts: of its last event
 */
struct alarm {
	struct alarm *next;
	enum fsalert_type type;
	unsigned int nr;
	uint64_t since_ms;
	uint64_t over_ms;
	uint64_t reported_ms;
	uint64_t count;
	uint64_t held;
	uint64_t flaps;
	bool inherited;
	struct alarm_facts facts;
};

/**
 * enum alarm_report - what is reported
 * @ALARM_RAISED: a condition came
 * @ALARM_AGAIN: it occurred again, and was held back for some time
 * @ALARM_OVER: it is over
 * @ALARM_ENDED: its file system was unmounted, or is not watched any more
 */
enum alarm_report {
	ALARM_RAISED,
	ALARM_AGAIN,
	ALARM_OVER,
	ALARM_ENDED,
};

/**
 * struct alarms - the alarms of a file system
 * @list: them
 * @settle_ms: how long a condition has to be over before that is reported
 * @asked_ns: when the watch was set, and what was on was verified, since 1970;
 *	ALARM_NEVER: not known
 * @repeat_ms: how long further occurrences of an error are held back; what happens,
 *	rather than lasts, is over when it did not happen for that long
 * @report: called for each report; the alarm is freed after ALARM_OVER and
 *	ALARM_ENDED
 * @data: its first argument
 */
struct alarms {
	struct alarm *list;
	uint64_t settle_ms;
	uint64_t asked_ns;
	uint64_t repeat_ms;
	void (*report)(void *data, const struct alarm *alarm,
		       enum alarm_report what);
	void *data;
};

#define ALARM_NEVER	UINT64_MAX

/* How long the source takes to look whether a level is crossed when it is set. */
#define ALARM_LOOK_NS	1000000000ULL

/* How long conditions have to be reported again after events were missed. */
#define ALARM_GRACE_MS	10000

int alarm_raise(struct alarms *a, enum fsalert_type type, unsigned int nr,
		const struct alarm_facts *facts, uint64_t count,
		uint64_t now_ms);
void alarm_over(struct alarms *a, enum fsalert_type type, unsigned int nr,
		const struct alarm_facts *facts, uint64_t now_ms);
void alarm_inherit(struct alarms *a, uint64_t now_ms);
uint64_t alarm_tick(struct alarms *a, uint64_t now_ms);
void alarm_found_over(struct alarm *one, uint64_t now_ms);
void alarm_end(struct alarms *a);
void alarm_free(struct alarms *a);
bool alarm_is_last(const struct alarms *a, const struct alarm *one);
bool alarm_lasts(enum fsalert_type type);
struct alarm *alarm_add(struct alarms *a, enum fsalert_type type,
			unsigned int nr);

#endif /* FSALERTD_ALARM_H */
