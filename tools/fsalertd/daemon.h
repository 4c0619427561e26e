/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of the daemon, and what they share.
 */
#ifndef FSALERTD_DAEMON_H
#define FSALERTD_DAEMON_H

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include <fsalert.h>

#include "alarm.h"
#include "config.h"
#include "mounts.h"
#include "rule.h"

/* The table is read again a moment later: many mounts may change at once. */
#define TABLE_DELAY_US	100000

/* How long not to read it again: a multiple of the CPU time it took, and a limit. */
#define TABLE_PAUSE_FACTOR	9
#define TABLE_PAUSE_MAX_US	15000000

#define RUN_FOLDER	"/run/fsalert"
#define KINDS		(FSALERT_OWN + 1)

struct daemon;
struct libmnt_monitor;
struct queue;
struct question;
struct statvfs;

/**
 * struct source - where events come from
 * @d: the daemon
 * @h: the handle; NULL: it is not open
 * @io: wakes the daemon when there are events; off while @pause is on
 * @pause: ends a pause after reading failed
 * @pause_us: how long the last pause was; 0: reading did not fail last
 * @tried_ms: for remote file systems: when it was opened last, monotonic; 0: never
 * @adopted: the watches are those of the daemon before this one
 * @first: the next event is the first one since the watches were adopted
 * @seq: number of the last event
 */
struct source {
	struct daemon *d;
	struct fsalert *h;
	sd_event_source *io;
	sd_event_source *pause;
	uint64_t pause_us;
	uint64_t tried_ms;
	bool adopted;
	bool first;
	bool gone;
	uint64_t seq;
};

/**
 * struct pool - a file system, whatever it is mounted as
 * @next: the next one
 * @d: the daemon
 * @key: names it, see struct mount
 * @mount: the mount by which it is watched
 * @source: its device, or what it has instead
 * @fstype: its type
 * @class: its kind
 * @may_hang: may asking it wait for a server?
 * @question: to it, and not answered yet; NULL: none
 * @present: is it in the mount table?
 * @wanted: what the rules want
 * @asked: what was requested last; NULL: nothing
 * @request: what of it was granted; NULL: it is not watched
 * @unsure: there may be a watch that the daemon does not know of
 * @again: set the watch again from scratch: what it reported may have been lost
 * @why: why it can't be watched; NULL: it is, or is not wanted
 * @late: it could not be watched, and others are set before it
 * @alarms: its alarms
 * @events: how many events of each type came
 */
struct pool {
	struct pool *next;
	struct daemon *d;
	char *key;
	char *mount;
	char *source;
	char *fstype;
	enum mount_class class;
	bool may_hang;
	struct question *question;
	bool present;
	struct wanted wanted;
	char *asked;
	char *request;
	bool unsure;
	bool again;
	char *why;
	bool late;
	struct alarms alarms;
	uint64_t events[KINDS];
};

/**
 * struct daemon - the daemon
 * @folder: of the configuration
 * @run: folder of the files that the daemon writes
 * @config: the configuration
 * @pools: all file systems that it knows
 * @last_pool: the last one of them; NULL: there is none
 * @pool_tree: them, by their keys: see tsearch(3)
 * @local: source of events of local file systems
 * @source_error: why @local has no source, or another than the configuration wants;
 *	0: it has that
 * @remote: of those that may have to wait for a server
 * @event: the loop
 * @bus: to systemd; NULL: not connected
 * @bus_timer: when to try again
 * @bus_waits: is that timer on?
 * @bus_tries: how often systemd could not be asked; 0: it answers
 * @outbox: reports for the journal
 * @queues: reports for units
 * @stopping: the next daemon starts the units
 * @monitor: of the mount table
 * @table_timer: when the mount table is to be read again
 * @table_pause_us: not before that, CLOCK_BOOTTIME
 * @alarm_timer: when an alarm is due
 * @lost: events lost
 * @reports: reports made
 * @metrics: file that has the figures for Prometheus; NULL: none
 * @changed: there is something to be saved
 * @units_due: reports for units came that unit_go_on() has not seen
 * @outdated: the figures for Prometheus are to be written, and not only in time
 * @clean: did the daemon before this one save everything?
 */
struct daemon {
	const char *folder;
	const char *run;
	struct config *config;
	struct pool *pools;
	struct pool *last_pool;
	void *pool_tree;
	struct source local;
	int source_error;
	struct source remote;
	sd_event *event;
	sd_bus *bus;
	sd_event_source *bus_timer;
	bool bus_waits;
	unsigned int bus_tries;
	struct message *outbox;
	struct queue *queues;
	bool stopping;
	struct libmnt_monitor *monitor;
	sd_event_source *table_timer;
	uint64_t table_pause_us;
	sd_event_source *alarm_timer;
	uint64_t lost;
	uint64_t reports;
	char *metrics;
	bool changed;
	bool units_due;
	bool outdated;
	bool clean;
};

/**
 * struct report - something to be reported about a file system
 * @pool: the file system
 * @alarm: the condition
 * @what: what became of it
 * @all_clear: it was the last one
 * @priority: as in syslog(3)
 * @text: a sentence
 */
struct report {
	const struct pool *pool;
	const struct alarm *alarm;
	enum alarm_report what;
	bool all_clear;
	int priority;
	char *text;
};

/* Fields of a message, at most. */
#define MESSAGE_FIELDS	32

/**
 * struct message - a message for the journal
 * @next: the next one
 * @tried: the daemon before this one may have sent it
 * @nr: how many fields it has
 * @fields: NAME=VALUE each, the text first
 */
struct message {
	struct message *next;
	bool tried;
	unsigned int nr;
	char *fields[MESSAGE_FIELDS];
};

uint64_t now_ms(void);
uint64_t real_ns(void);

/* pool.c */
struct pool *pool_add(struct daemon *d, const char *key);
struct pool *pool_find(struct daemon *d, const char *key);
void pool_end_missing(struct daemon *d);
void pool_free_all(struct daemon *d);
int pool_set_text(char **text, const char *value);
void pool_configure(struct daemon *d);

/* watches.c */
int watches_match(struct daemon *d);
void watches_later(struct daemon *d, uint64_t delay_us);
void watches_pause(struct daemon *d, uint64_t took_us);
int watches_update(struct daemon *d);
void watches_missed(struct daemon *d, const struct source *s);
void watches_verify(struct daemon *d);
bool watches_is_over(const struct pool *p, const struct alarm *a,
		     const struct statvfs *st);

/* source.c */
void source_open(struct daemon *d);
void source_upgrade(struct daemon *d);
struct source *source_of(struct daemon *d, const struct pool *pool);
void source_read(struct source *s);
void source_close(struct daemon *d);

/* event.c */
void event_take(struct source *s, const struct fsalert_event *ev);

/* report.c */
void report_alarm(void *data, const struct alarm *alarm,
		  enum alarm_report what);

/* journal.c */
void journal_compose(struct message *m, const struct report *r);
void journal_send(const struct message *m);
bool journal_has(const struct message *m);
__printf(3, 4)
void journal_say(int priority, const char *id, const char *format, ...);

/* outbox.c */
struct message *outbox_new(struct daemon *d);
void outbox_report(struct daemon *d, const struct report *r);
void outbox_send(struct daemon *d);
void outbox_free(struct daemon *d);

/* unit.c */
void unit_report(struct daemon *d, const struct report *r);
void unit_go_on(struct daemon *d);
void unit_free(struct daemon *d);
char *unit_instance(const char *path);
char *unit_file(const char *instance);
void unit_put_report(FILE *out, const struct report *r);

/* metrics.c */
void metrics_write(struct daemon *d);

/* state.c */
void state_save(struct daemon *d, bool clean);
void state_load(struct daemon *d);

/* file.c */
int file_replace(const char *path, const char *text, size_t len);

#endif /* FSALERTD_DAEMON_H */
