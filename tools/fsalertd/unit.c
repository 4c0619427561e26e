// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starting the units of rules.
 *
 * A unit that is still being started when it is to be started again is started
 * once more afterwards: it may have looked at the state before that changed.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "daemon.h"
#include "message_id.h"
#include "../fsalert/text.h"

#define SYSTEMD_NAME	"org.freedesktop.systemd1"
#define SYSTEMD_PATH	"/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER	SYSTEMD_NAME ".Manager"

/**
 * struct job - a unit that is being started
 * @next: the next one
 * @d: the daemon
 * @unit: its name
 * @path: the job at systemd; NULL: there was no answer yet
 * @again: it is to be started once more
 */
struct job {
	struct job *next;
	struct daemon *d;
	char *unit;
	char *path;
	bool again;
};

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

static void free_job(struct job *job)
{
	struct job **at = &job->d->jobs;

	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
	free(job->unit);
	free(job->path);
	free(job);
}

void unit_free(struct daemon *d)
{
	d->bus = sd_bus_flush_close_unref(d->bus);
	while (d->jobs)
		free_job(d->jobs);
}

static void complain(const char *unit, const char *why)
{
	journal_say(LOG_WARNING, MESSAGE_ID_UNIT, "%s can't be started: %s",
		    unit, why);
}

static struct job *job_of_unit(struct daemon *d, const char *unit)
{
	struct job *job;

	for (job = d->jobs; job; job = job->next) {
		if (!strcmp(job->unit, unit))
			return job;
	}
	return NULL;
}

static struct job *job_of_path(struct daemon *d, const char *path)
{
	struct job *job;

	for (job = d->jobs; job; job = job->next) {
		if (job->path && !strcmp(job->path, path))
			return job;
	}
	return NULL;
}

static void start(struct job *job);

static int on_removed(sd_bus_message *m, void *data, sd_bus_error *error)
{
	const char *path, *unit, *result;
	struct daemon *d = data;
	struct job *job;
	uint32_t id;

	(void)error;
	if (sd_bus_message_read(m, "uoss", &id, &path, &unit, &result) < 0)
		return 0;
	job = job_of_path(d, path);
	if (!job)
		return 0;
	if (strcmp(result, "done"))
		journal_say(LOG_WARNING, MESSAGE_ID_UNIT, "%s: %s", unit,
			    result);
	if (job->again)
		start(job);
	else
		free_job(job);
	return 0;
}

static int on_started(sd_bus_message *m, void *data, sd_bus_error *error)
{
	const sd_bus_error *refusal = sd_bus_message_get_error(m);
	struct job *job = data;
	const char *path;

	(void)error;
	if (!refusal && sd_bus_message_read(m, "o", &path) >= 0) {
		job->path = strdup(path);
		if (job->path)
			return 0;
	}
	if (refusal && sd_bus_error_has_name(refusal,
					     SD_BUS_ERROR_ACCESS_DENIED))
		complain(job->unit, "access denied: is polkitd installed?");
	else
		complain(job->unit, refusal && refusal->message ?
			 refusal->message : "no answer");
	free_job(job);
	return 0;
}

static int connect_bus(struct daemon *d)
{
	int err;

	if (d->bus && sd_bus_is_open(d->bus) > 0)
		return 0;
	unit_free(d);
	err = sd_bus_open_system(&d->bus);
	if (err >= 0)
		err = sd_bus_attach_event(d->bus, d->event, 0);
	if (err >= 0)
		err = sd_bus_match_signal_async(d->bus, NULL, SYSTEMD_NAME,
						SYSTEMD_PATH, SYSTEMD_MANAGER,
						"JobRemoved", on_removed, NULL,
						d);
	/* Without a subscriber systemd sends no signals. */
	if (err >= 0)
		err = sd_bus_call_method_async(d->bus, NULL, SYSTEMD_NAME,
					       SYSTEMD_PATH, SYSTEMD_MANAGER,
					       "Subscribe", NULL, NULL, NULL);
	if (err < 0)
		unit_free(d);
	return err < 0 ? err : 0;
}

static void start(struct job *job)
{
	int err;

	free(job->path);
	job->path = NULL;
	job->again = false;
	err = sd_bus_call_method_async(job->d->bus, NULL, SYSTEMD_NAME,
				       SYSTEMD_PATH, SYSTEMD_MANAGER,
				       "StartUnit", on_started, job, "ss",
				       job->unit, "replace");
	if (err < 0) {
		complain(job->unit, strerror(-err));
		free_job(job);
	}
}

/* Takes over @unit. */
static void start_unit(struct daemon *d, char *unit)
{
	int err = connect_bus(d);
	struct job *job;

	if (err) {
		complain(unit, strerror(-err));
		free(unit);
		return;
	}
	job = job_of_unit(d, unit);
	if (job) {
		job->again = true;
		free(unit);
		return;
	}
	job = calloc(1, sizeof(*job));
	if (!job) {
		free(unit);
		return;
	}
	*job = (struct job){ .next = d->jobs, .d = d, .unit = unit };
	d->jobs = job;
	start(job);
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

/* systemd refuses a whole file for a single noncharacter. */
static size_t plain_systemd(const char *s)
{
	size_t len = text_plain_terminal(s);

	return len > 1 && is_noncharacter(s, len) ? 0 : len;
}

/* As EnvironmentFile= reads it. */
static void put_variable(FILE *out, const char *name, const char *value)
{
	char *escaped = text_escape(value, plain_systemd);
	const char *s;

	fprintf(out, "FSALERT_%s=\"", name);
	for (s = escaped; *s; s++) {
		if (strchr("\\\"$`", *s))
			fputc('\\', out);
		fputc(*s, out);
	}
	fputs("\"\n", out);
	free(escaped);
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

	put_variable(out, "TEXT", r->text);
	put_variable(out, "STATE", states[r->what]);
	put_variable(out, "CONDITION", fsalert_name(a->type));
	put_variable(out, "MOUNT", r->pool->mount);
	put_variable(out, "FSTYPE", r->pool->fstype);
	put_variable(out, "SOURCE", r->pool->source);
	put_number(out, "PRIORITY", r->priority);
	put_number(out, "ALL_CLEAR", r->all_clear);
	put_number(out, "LEVEL_NR", a->nr);
	put_number(out, "COUNT", a->count);
	put_number(out, "FLAPS", a->flaps);
	put_number(out, "AVAIL", a->facts.avail);
	put_number(out, "TOTAL", a->facts.total);
	put_number(out, "FRSIZE", a->facts.frsize);
}

/**
 * unit_file - path of the variables for units
 * @d: the daemon
 * @instance: of the units
 *
 * systemd looks for the file with glob(3), which drops the backslashes of %i.
 * Return: the path, to be freed; NULL: no memory.
 */
char *unit_file(const struct daemon *d, const char *instance)
{
	char *path = NULL, *to, *from;

	if (asprintf(&path, "%s/%s.env", d->run, instance) < 0)
		return NULL;
	for (to = from = path + strlen(d->run); *from; from++) {
		if (*from != '\\')
			*to++ = *from;
	}
	*to = '\0';
	return path;
}

/* What was reported last about a file system, for the units about it. */
static void write_report(struct daemon *d, const struct report *r,
			 const char *instance)
{
	char *text = NULL, *path = unit_file(d, instance);
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int err = -ENOMEM;

	if (out)
		unit_put_report(out, r);
	if (out && !fclose(out) && path)
		err = file_replace(path, text, len);
	if (err)
		journal_say(LOG_WARNING, MESSAGE_ID_UNIT, "%s: %s",
			    path ?: d->run, strerror(-err));
	free(path);
	free(text);
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

/**
 * unit_report - start the units of the rules about a file system
 * @d: the daemon
 * @r: the report
 */
void unit_report(struct daemon *d, const struct report *r)
{
	const struct wanted *w = &r->pool->wanted;
	char *instance = unit_instance(r->pool->mount), *unit;
	bool written = false;
	char **units;
	size_t i;

	for (i = 0; instance && i < w->nr; i++) {
		units = w->rules[i]->lists[RULE_UNIT];
		if (!units || !*units || !(w->rules[i]->on & cause_of(r)))
			continue;
		if (!written)
			write_report(d, r, instance);
		written = true;
		for (; *units; units++) {
			unit = expand(*units, instance);
			if (unit)
				start_unit(d, unit);
		}
	}
	free(instance);
}
