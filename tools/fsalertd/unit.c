// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starting the units of rules.
 *
 * Units read a report from a file. The next report about the file system is written
 * when all units have ended that were started for the one before; so each of them
 * reads its own.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "daemon.h"
#include "message_id.h"
#include "queue.h"
#include "../fsalert/text.h"

#define SYSTEMD_NAME	"org.freedesktop.systemd1"
#define SYSTEMD_PATH	"/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER	SYSTEMD_NAME ".Manager"
#define SYSTEMD_JOB	SYSTEMD_NAME ".Job"
#define LOCAL_NAME	"org.freedesktop.DBus.Local"
#define LOCAL_PATH	"/org/freedesktop/DBus/Local"
#define PROPERTIES	"org.freedesktop.DBus.Properties"

/* While systemd can't be asked: for five minutes. */
#define AGAIN_US	5000000
#define TRIES_MAX	60

#define NSEC_PER_USEC	1000

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || strchr(":_.", c);
}

/**
 * unit_instance - a path as systemd has it in names of units
 * @path: an absolute path
 *
 * Return: as `systemd-escape --path`, to be freed; NULL: no memory.
 */
char *unit_instance(const char *path)
{
	char *instance = malloc(4 * strlen(path) + 2), *to = instance;

	if (!instance)
		return NULL;
	path += strspn(path, "/");
	if (!*path)
		*to++ = '-';
	for (; *path; path++) {
		bool first = to == instance;

		if (*path == '/') {
			path += strspn(path, "/") - 1;
			if (path[1])
				*to++ = '-';
		} else if (is_plain(*path) && !(first && *path == '.')) {
			*to++ = *path;
		} else {
			to += sprintf(to, "\\x%02x", (unsigned char)*path);
		}
	}
	*to = '\0';
	return instance;
}

/* --- the bus --------------------------------------------------------------- */

void unit_free(struct daemon *d)
{
	d->bus = sd_bus_flush_close_unref(d->bus);
	d->bus_timer = sd_event_source_unref(d->bus_timer);
	queue_free_all(d);
}

static void complain(const char *unit, const char *why)
{
	journal_say(LOG_WARNING, MESSAGE_ID_UNIT, "%s can't be started: %s",
		    unit, why);
}

static int on_again(sd_event_source *timer, uint64_t usec, void *data)
{
	struct daemon *d = data;

	(void)timer;
	(void)usec;
	d->bus_waits = false;
	d->bus_tries++;
	unit_go_on(d);
	return 0;
}

/* Return: systemd is asked again soon; false: that was done often enough. */
static bool try_again(struct daemon *d, const char *why)
{
	int err;

	if (!d->bus_tries) {
		d->bus_tries = 1;
		journal_say(LOG_WARNING, MESSAGE_ID_UNIT,
			    "units can't be started now: %s; fsalertd tries again for 5 minutes",
			    why);
	}
	if (d->bus_tries > TRIES_MAX)
		return false;
	if (d->bus_waits)
		return true;
	d->bus_timer = sd_event_source_unref(d->bus_timer);
	err = sd_event_add_time_relative(d->event, &d->bus_timer,
					 CLOCK_BOOTTIME, AGAIN_US, 0, on_again,
					 d);
	d->bus_waits = err >= 0;
	return d->bus_waits;
}

/* Did the bus or systemd go, rather than refuse? */
static bool is_away(struct daemon *d, const sd_bus_error *error)
{
	static const char * const names[] = {
		SD_BUS_ERROR_DISCONNECTED, SD_BUS_ERROR_NAME_HAS_NO_OWNER,
		SD_BUS_ERROR_NO_REPLY, SD_BUS_ERROR_SERVICE_UNKNOWN,
	};
	size_t i;

	if (sd_bus_is_open(d->bus) <= 0)
		return true;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (sd_bus_error_has_name(error, names[i]))
			return true;
	}
	return false;
}

/* Return: the job stays, as systemd may answer later. */
static bool keep_job(struct job *job, const sd_bus_error *error)
{
	if (!is_away(job->d, error) ||
	    !try_again(job->d, error->message ?: "no answer"))
		return false;
	job->slot = sd_bus_slot_unref(job->slot);
	return true;
}

/* The connection ended: what was asked is asked again. */
static int on_lost(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct daemon *d = data;

	(void)m;
	(void)error;
	if (d->queues && !d->stopping)
		try_again(d, "the connection to the bus ended");
	return 0;
}

/* Of all jobs that may be at systemd the first one with that unit or path. */
static struct job *find_job(struct daemon *d, const char *unit,
			    const char *path)
{
	struct queue *q;
	struct job *job;

	for (q = d->queues; q; q = q->next) {
		for (job = q->list ? q->list->jobs : NULL; job;
		     job = job->next) {
			if (job->slot && unit && !strcmp(job->unit, unit))
				return job;
			if (job->path && path && !strcmp(job->path, path))
				return job;
		}
	}
	return NULL;
}

static int on_removed(sd_bus_message *m, void *data, sd_bus_error *error)
{
	const char *path, *unit, *result;
	struct daemon *d = data;
	struct job *job;
	uint32_t id;

	(void)error;
	if (sd_bus_message_read(m, "uoss", &id, &path, &unit, &result) < 0)
		return 0;
	job = find_job(d, NULL, path);
	if (!job)
		return 0;
	if (strcmp(result, "done"))
		journal_say(LOG_WARNING, MESSAGE_ID_UNIT, "%s: %s", unit,
			    result);
	queue_end_job(job);
	unit_go_on(d);
	return 0;
}

static int on_started(sd_bus_message *m, void *data, sd_bus_error *error)
{
	const sd_bus_error *refusal = sd_bus_message_get_error(m);
	struct job *job = data;
	struct daemon *d = job->d;
	const char *path;

	(void)error;
	if (!refusal && sd_bus_message_read(m, "o", &path) >= 0) {
		d->bus_tries = 0;
		job->path = strdup(path);
		d->changed = true;
		if (job->path)
			return 0;
	}
	if (refusal && keep_job(job, refusal))
		return 0;
	if (refusal && sd_bus_error_has_name(refusal,
					     SD_BUS_ERROR_ACCESS_DENIED))
		complain(job->unit, "access denied: is polkitd installed?");
	else
		complain(job->unit, refusal && refusal->message ?
			 refusal->message : "no answer");
	queue_end_job(job);
	unit_go_on(d);
	return 0;
}

/* The daemon before this one had started it. */
static int on_looked(sd_bus_message *m, void *data, sd_bus_error *error)
{
	const sd_bus_error *refusal = sd_bus_message_get_error(m);
	struct job *job = data;
	struct daemon *d = job->d;

	(void)error;
	if (!refusal)
		d->bus_tries = 0;
	if (refusal && !keep_job(job, refusal)) {
		queue_end_job(job);
		unit_go_on(d);
	}
	return 0;
}

/* What was asked through a connection that ended is asked again. */
static void close_bus(struct daemon *d)
{
	struct queue *q;
	struct job *job;

	d->bus = sd_bus_flush_close_unref(d->bus);
	for (q = d->queues; q; q = q->next) {
		for (job = q->list ? q->list->jobs : NULL; job; job = job->next)
			job->slot = sd_bus_slot_unref(job->slot);
	}
}

static int connect_bus(struct daemon *d)
{
	int err;

	if (d->bus && sd_bus_is_open(d->bus) > 0)
		return 0;
	close_bus(d);
	err = sd_bus_open_system(&d->bus);
	if (err >= 0)
		err = sd_bus_attach_event(d->bus, d->event, 0);
	if (err >= 0)
		err = sd_bus_match_signal_async(d->bus, NULL, SYSTEMD_NAME,
						SYSTEMD_PATH, SYSTEMD_MANAGER,
						"JobRemoved", on_removed, NULL,
						d);
	if (err >= 0)
		err = sd_bus_match_signal_async(d->bus, NULL, LOCAL_NAME,
						LOCAL_PATH, LOCAL_NAME,
						"Disconnected", on_lost, NULL,
						d);
	/* Without a subscriber systemd sends no signals. */
	if (err >= 0)
		err = sd_bus_call_method_async(d->bus, NULL, SYSTEMD_NAME,
					       SYSTEMD_PATH, SYSTEMD_MANAGER,
					       "Subscribe", NULL, NULL, NULL);
	if (err < 0)
		close_bus(d);
	return err < 0 ? err : 0;
}

/* Return: a negative errno: systemd can't be asked. */
static int ask(struct job *job)
{
	if (job->path)
		return sd_bus_call_method_async(job->d->bus, &job->slot,
						SYSTEMD_NAME, job->path,
						PROPERTIES, "Get", on_looked,
						job, "ss", SYSTEMD_JOB,
						"State");
	return sd_bus_call_method_async(job->d->bus, &job->slot, SYSTEMD_NAME,
					SYSTEMD_PATH, SYSTEMD_MANAGER,
					"StartUnit", on_started, job, "ss",
					job->unit, "replace");
}

/* --- one report after the other -------------------------------------------- */

static void write_variables(struct daemon *d, const struct queue *q)
{
	const char *text = q->list->variables;
	char *path = NULL;
	int err = -ENOMEM;

	if (text && asprintf(&path, "%s/%s", d->run, q->file) > 0)
		err = file_replace(path, text, strlen(text));
	if (err)
		journal_say(LOG_WARNING, MESSAGE_ID_UNIT, "%s/%s: %s", d->run,
			    q->file, strerror(-err));
	if (q->list->left_out)
		journal_say(LOG_WARNING, MESSAGE_ID_UNIT,
			    "%s: too many reports while units were running, units got no word of %ju of them",
			    q->file, q->list->left_out);
	free(path);
}

/* A unit that is being started for another file system comes later. */
static void start_units(struct daemon *d, struct notice *n)
{
	struct job *job, *next;
	int err;

	for (job = n->jobs; job; job = next) {
		next = job->next;
		if (job->slot || find_job(d, job->unit, NULL))
			continue;
		err = ask(job);
		if (err < 0) {
			complain(job->unit, strerror(-err));
			queue_end_job(job);
		}
	}
}

/* There is no systemd: no report waits for it any more. */
static void give_up(struct daemon *d, int err)
{
	struct queue *q;
	struct job *job;

	for (q = d->queues; q; q = q->next) {
		while (q->list) {
			for (job = q->list->jobs; job; job = job->next)
				complain(job->unit, strerror(-err));
			queue_next(q);
		}
	}
	d->bus_tries = 0;
	d->changed = true;
}

/* The reports whose units have all ended. */
static void drop_done(struct daemon *d)
{
	struct queue *q;

	for (q = d->queues; q; q = q->next) {
		while (q->list && q->list->written && !q->list->jobs)
			queue_next(q);
	}
	queue_free_empty(d);
}

/**
 * unit_go_on - start the units that can be started now
 * @d: the daemon
 */
void unit_go_on(struct daemon *d)
{
	struct queue *q;
	int err;

	d->units_due = false;
	drop_done(d);
	/* The next daemon starts them. */
	if (!d->queues || d->stopping)
		return;
	err = connect_bus(d);
	if (err) {
		if (!try_again(d, strerror(-err)))
			give_up(d, err);
		queue_free_empty(d);
		return;
	}
	for (q = d->queues; q; q = q->next) {
		while (q->list) {
			if (!q->list->written)
				write_variables(d, q);
			q->list->written = true;
			start_units(d, q->list);
			if (q->list->jobs)
				break;
			queue_next(q);
		}
	}
	queue_free_empty(d);
}

/* --- facts for units ------------------------------------------------------- */

/* A code point that is never a character: @s is valid UTF-8 of @len bytes. */
static bool is_noncharacter(const char *s, size_t len)
{
	uint32_t c = (unsigned char)s[0] & (0x7f >> len);
	size_t i;

	for (i = 1; i < len; i++)
		c = c << 6 | (s[i] & 0x3f);
	return (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
}

/*
 * Bytes of the next character, if systemd takes it in a value, else 0. systemd takes
 * control characters. It refuses a whole file for a byte that is not UTF-8, and for
 * a noncharacter.
 */
static size_t plain_value(const char *s)
{
	size_t len = *s == '\\' ? 1 : text_plain_utf8(s);

	return len > 1 && is_noncharacter(s, len) ? 0 : len;
}

/* The same, where a backslash begins an escape. */
static size_t plain_escaped(const char *s)
{
	return *s == '\\' ? 0 : plain_value(s);
}

static bool is_plain_value(const char *s)
{
	size_t len;

	for (; *s; s += len) {
		len = plain_value(s);
		if (!len)
			return false;
	}
	return true;
}

/* As EnvironmentFile= reads it: between quotes other backslashes stay. */
static void put_variable(FILE *out, const char *name, const char *value,
			 text_plain_fn plain)
{
	char *text = text_escape(value, plain);
	const char *s;

	fprintf(out, "FSALERT_%s=\"", name);
	for (s = text; *s; s++) {
		if (strchr("\\\"$`", *s))
			fputc('\\', out);
		fputc(*s, out);
	}
	fputs("\"\n", out);
	free(text);
}

/* Names as they are, or all escaped if systemd does not take one of them. */
static void put_names(FILE *out, const struct pool *p)
{
	bool escaped = !is_plain_value(p->mount) ||
		       !is_plain_value(p->source) || !is_plain_value(p->fstype);
	text_plain_fn plain = escaped ? plain_escaped : plain_value;

	put_variable(out, "MOUNT", p->mount, plain);
	put_variable(out, "FSTYPE", p->fstype, plain);
	put_variable(out, "SOURCE", p->source, plain);
	fprintf(out, "FSALERT_ESCAPED=%d\n", escaped);
}

static void put_number(FILE *out, const char *name, uint64_t value)
{
	fprintf(out, "FSALERT_%s=%ju\n", name, value);
}

/**
 * unit_put_report - write the variables for units
 * @out: where they go
 * @r: the report
 */
void unit_put_report(FILE *out, const struct report *r)
{
	static const char * const states[] = {
		[ALARM_RAISED] = "raised",
		[ALARM_AGAIN] = "again",
		[ALARM_OVER] = "over",
		[ALARM_ENDED] = "ended",
	};
	const struct alarm *a = r->alarm;

	/* Its names are escaped already. */
	put_variable(out, "TEXT", r->text, plain_value);
	put_variable(out, "STATE", states[r->what], plain_value);
	put_variable(out, "CONDITION", fsalert_name(a->type), plain_value);
	put_names(out, r->pool);
	put_number(out, "TIME", a->facts.time_ns / NSEC_PER_USEC);
	put_number(out, "PRIORITY", r->priority);
	put_number(out, "ALL_CLEAR", r->all_clear);
	put_number(out, "LEVEL_NR", a->nr);
	put_number(out, "COUNT", a->count);
	put_number(out, "HELD", a->held);
	put_number(out, "FLAPS", a->flaps);
	put_number(out, "AVAIL", a->facts.avail);
	put_number(out, "TOTAL", a->facts.total);
	put_number(out, "LEVEL", a->facts.level);
	put_number(out, "FRSIZE", a->facts.frsize);
	put_number(out, "ERRNO", a->facts.error);
	put_number(out, "PID", a->facts.pid);
}

static char *variables_of(const struct report *r)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	unit_put_report(out, r);
	return fclose(out) ? NULL : text;
}

/**
 * unit_file - name of the file with the variables for units
 * @instance: of the units
 *
 * systemd looks for the file with glob(3), which drops the backslashes of %i.
 * Return: the name, to be freed; NULL: no memory.
 */
char *unit_file(const char *instance)
{
	char *name = NULL, *to, *from;

	if (asprintf(&name, "%s.env", instance) < 0)
		return NULL;
	for (to = from = name; *from; from++) {
		if (*from != '\\')
			*to++ = *from;
	}
	*to = '\0';
	return name;
}

/* "%i" is the instance. NULL: no memory. */
static char *expand(const char *unit, const char *instance)
{
	char *text = NULL;
	const char *at;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	while ((at = strstr(unit, "%i"))) {
		fprintf(out, "%.*s%s", (int)(at - unit), unit, instance);
		unit = at + 2;
	}
	fputs(unit, out);
	return fclose(out) ? NULL : text;
}

static uint32_t cause_of(const struct report *r)
{
	if (r->what == ALARM_ENDED || (r->what == ALARM_OVER && r->all_clear))
		return ON_CLEAR;
	return r->what == ALARM_OVER ? 0 : 1U << r->alarm->type;
}

/* Return: the report in the queue; NULL: no unit is to be started. */
static struct notice *queue_report(struct daemon *d, const struct report *r,
				   const char *instance, const char *file)
{
	const struct wanted *w = &r->pool->wanted;
	struct notice *n = NULL;
	struct queue *q;
	char **units, *unit;
	size_t i;

	for (i = 0; i < w->nr; i++) {
		units = w->rules[i]->lists[RULE_UNIT];
		if (!units || !*units || !(w->rules[i]->on & cause_of(r)))
			continue;
		if (!n) {
			q = queue_get(d, file);
			n = q ? queue_add(q) : NULL;
		}
		for (; n && *units; units++) {
			unit = expand(*units, instance);
			if (unit)
				queue_add_unit(d, n, unit);
			free(unit);
		}
	}
	return n;
}

/**
 * unit_report - have the units of the rules about a file system started
 * @d: the daemon
 * @r: the report
 *
 * That is done by unit_go_on().
 */
void unit_report(struct daemon *d, const struct report *r)
{
	char *instance = unit_instance(r->pool->mount);
	char *file = instance ? unit_file(instance) : NULL;
	struct notice *n;

	n = file ? queue_report(d, r, instance, file) : NULL;
	if (n) {
		n->variables = variables_of(r);
		d->units_due = true;
	}
	free(file);
	free(instance);
}
