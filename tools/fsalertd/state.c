// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the daemon knows, in a file in memory: the next one goes on with it.
 * Times are those of CLOCK_BOOTTIME, and the file ends with the boot as well.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <json-c/json.h>

#include "daemon.h"
#include "message_id.h"
#include "queue.h"

#define STATE_FILE	"state.json"
#define STATE_VERSION	1

static void put(struct json_object *o, const char *name, uint64_t value)
{
	if (value)
		json_object_object_add(o, name, json_object_new_uint64(value));
}

static void put_text(struct json_object *o, const char *name, const char *text)
{
	if (text)
		json_object_object_add(o, name, json_object_new_string(text));
}

static uint64_t get(struct json_object *o, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(o, name, &value) ?
		json_object_get_uint64(value) : 0;
}

static const char *get_text(struct json_object *o, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(o, name, &value) ?
		json_object_get_string(value) : NULL;
}

/* The numbers of an alarm, by their names in the file. */
static const struct {
	const char *name;
	size_t at;
} numbers[] = {
	{ "since", offsetof(struct alarm, since_ms) },
	{ "over", offsetof(struct alarm, over_ms) },
	{ "reported", offsetof(struct alarm, reported_ms) },
	{ "count", offsetof(struct alarm, count) },
	{ "held", offsetof(struct alarm, held) },
	{ "flaps", offsetof(struct alarm, flaps) },
	{ "time", offsetof(struct alarm, facts.time_ns) },
	{ "avail", offsetof(struct alarm, facts.avail) },
	{ "total", offsetof(struct alarm, facts.total) },
	{ "frsize", offsetof(struct alarm, facts.frsize) },
	{ "level", offsetof(struct alarm, facts.level) },
	{ "errno", offsetof(struct alarm, facts.error) },
	{ "pid", offsetof(struct alarm, facts.pid) },
};

#define NUMBERS	(sizeof(numbers) / sizeof(*numbers))

static struct json_object *save_alarm(const struct alarm *a)
{
	struct json_object *o = json_object_new_object();
	size_t i;

	put_text(o, "type", fsalert_name(a->type));
	put(o, "nr", a->nr);
	put(o, "inherited", a->inherited);
	for (i = 0; i < NUMBERS; i++)
		put(o, numbers[i].name,
		    *(const uint64_t *)((const char *)a + numbers[i].at));
	return o;
}

static struct json_object *save_pool(const struct pool *p)
{
	struct json_object *o = json_object_new_object();
	struct json_object *alarms = json_object_new_array();
	struct json_object *events = json_object_new_object();
	const struct alarm *a;
	size_t i;

	put_text(o, "key", p->key);
	put_text(o, "mount", p->mount);
	put_text(o, "source", p->source);
	put_text(o, "fstype", p->fstype);
	put_text(o, "asked", p->asked);
	put_text(o, "request", p->request);
	put(o, "class", p->class);
	put(o, "may_hang", p->may_hang);
	if (p->alarms.asked_ns != ALARM_NEVER)
		put(o, "asked_ns", p->alarms.asked_ns);
	for (a = p->alarms.list; a; a = a->next)
		json_object_array_add(alarms, save_alarm(a));
	json_object_object_add(o, "alarms", alarms);
	for (i = 1; i < KINDS; i++)
		put(events, fsalert_name(i), p->events[i]);
	json_object_object_add(o, "events", events);
	return o;
}

static struct json_object *save_notice(const struct notice *n)
{
	struct json_object *o = json_object_new_object();
	struct json_object *jobs = json_object_new_array();
	const struct job *job;

	put_text(o, "variables", n->variables);
	put(o, "left_out", n->left_out);
	for (job = n->jobs; job; job = job->next) {
		struct json_object *one = json_object_new_object();

		put_text(one, "unit", job->unit);
		put_text(one, "path", job->path);
		json_object_array_add(jobs, one);
	}
	json_object_object_add(o, "jobs", jobs);
	return o;
}

static struct json_object *save_outbox(const struct daemon *d)
{
	struct json_object *list = json_object_new_array(), *fields;
	const struct message *m;
	unsigned int i;

	for (m = d->outbox; m; m = m->next) {
		fields = json_object_new_array();
		for (i = 0; i < m->nr; i++)
			json_object_array_add(fields,
					      json_object_new_string(m->fields[i]));
		json_object_array_add(list, fields);
	}
	return list;
}

/* File by file, each with its reports. */
static struct json_object *save_queues(const struct daemon *d)
{
	struct json_object *o = json_object_new_object();
	const struct queue *q;
	const struct notice *n;

	for (q = d->queues; q; q = q->next) {
		struct json_object *list = json_object_new_array();

		for (n = q->list; n; n = n->next)
			json_object_array_add(list, save_notice(n));
		json_object_object_add(o, q->file, list);
	}
	return o;
}

/**
 * state_save - write the file
 * @d: the daemon
 * @clean: everything that was read from the source is in it
 */
void state_save(struct daemon *d, bool clean)
{
	struct json_object *o = json_object_new_object();
	struct json_object *pools = json_object_new_array();
	static int last_error;
	const struct pool *p;
	const char *text;
	char *path;
	int err;

	put(o, "version", STATE_VERSION);
	put(o, "clean", clean);
	put(o, "seq", d->local.seq);
	put(o, "lost", d->lost);
	put(o, "reports", d->reports);
	put_text(o, "metrics", d->metrics);
	for (p = d->pools; p; p = p->next) {
		if (p->request || p->alarms.list)
			json_object_array_add(pools, save_pool(p));
	}
	json_object_object_add(o, "pools", pools);
	json_object_object_add(o, "outbox", save_outbox(d));
	json_object_object_add(o, "queues", save_queues(d));
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	err = -ENOMEM;
	if (text && asprintf(&path, "%s/" STATE_FILE, d->run) > 0) {
		err = file_replace(path, text, strlen(text));
		free(path);
	}
	json_object_put(o);
	if (err && err != last_error)
		journal_say(LOG_WARNING, MESSAGE_ID_CONFIG,
			    "%s/" STATE_FILE ": %s", d->run, strerror(-err));
	last_error = err;
	d->changed = false;
}

static void load_alarm(struct pool *p, struct json_object *o)
{
	const char *name = get_text(o, "type");
	enum fsalert_type type = name ? fsalert_type_of(name) : FSALERT_UNKNOWN;
	struct alarm *a;
	size_t i;

	if (!(1ULL << type & ON_ALARMS))
		return;
	a = alarm_add(&p->alarms, type, get(o, "nr"));
	if (!a)
		return;
	a->inherited = get(o, "inherited");
	for (i = 0; i < NUMBERS; i++)
		*(uint64_t *)((char *)a + numbers[i].at) =
			get(o, numbers[i].name);
}

static void load_pool(struct daemon *d, struct json_object *o)
{
	const char *key = get_text(o, "key");
	struct json_object *list;
	struct pool *p;
	size_t i;

	p = key && !pool_find(d, key) ? pool_add(d, key) : NULL;
	if (!p)
		return;
	p->class = get(o, "class");
	p->may_hang = get(o, "may_hang");
	p->alarms.asked_ns = get(o, "asked_ns") ?: ALARM_NEVER;
	if (pool_set_text(&p->mount, get_text(o, "mount") ?: "") ||
	    pool_set_text(&p->source, get_text(o, "source") ?: "") ||
	    pool_set_text(&p->fstype, get_text(o, "fstype") ?: "") ||
	    pool_set_text(&p->asked, get_text(o, "asked")) ||
	    pool_set_text(&p->request, get_text(o, "request")))
		return;
	if (json_object_object_get_ex(o, "alarms", &list) &&
	    json_object_is_type(list, json_type_array)) {
		for (i = 0; i < json_object_array_length(list); i++)
			load_alarm(p, json_object_array_get_idx(list, i));
	}
	if (json_object_object_get_ex(o, "events", &list)) {
		for (i = 1; i < KINDS; i++)
			p->events[i] = get(list, fsalert_name(i));
	}
}

static void load_message(struct daemon *d, struct json_object *fields)
{
	struct message *m = outbox_new(d);
	struct json_object *field;
	const char *text;

	if (!m)
		return;
	m->tried = true;
	while (m->nr < MESSAGE_FIELDS) {
		field = json_object_array_get_idx(fields, m->nr);
		text = field ? json_object_get_string(field) : NULL;
		if (!text || !strchr(text, '='))
			break;
		m->fields[m->nr] = strdup(text);
		if (!m->fields[m->nr])
			break;
		m->nr++;
	}
}

static void load_outbox(struct daemon *d, struct json_object *list)
{
	struct json_object *fields;
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++) {
		fields = json_object_array_get_idx(list, i);
		if (json_object_is_type(fields, json_type_array))
			load_message(d, fields);
	}
}

static void load_notice(struct daemon *d, struct queue *q,
			struct json_object *o)
{
	struct notice *n = queue_add(q);
	struct json_object *list;
	const char *unit;
	struct job *job;
	size_t i;

	if (!n)
		return;
	pool_set_text(&n->variables, get_text(o, "variables"));
	n->left_out = get(o, "left_out");
	if (!json_object_object_get_ex(o, "jobs", &list) ||
	    !json_object_is_type(list, json_type_array))
		return;
	for (i = 0; i < json_object_array_length(list); i++) {
		o = json_object_array_get_idx(list, i);
		unit = get_text(o, "unit");
		job = unit ? queue_add_unit(d, n, unit) : NULL;
		if (job)
			pool_set_text(&job->path, get_text(o, "path"));
	}
}

static void load_queues(struct daemon *d, struct json_object *o)
{
	struct queue *q;
	size_t i;

	json_object_object_foreach(o, file, list) {
		q = json_object_is_type(list, json_type_array) ?
			queue_get(d, file) : NULL;
		for (i = 0; q && i < json_object_array_length(list); i++)
			load_notice(d, q, json_object_array_get_idx(list, i));
	}
}

/**
 * state_load - go on where the daemon before this one ended
 * @d: the daemon
 */
void state_load(struct daemon *d)
{
	struct json_object *o = NULL, *pools, *outbox, *queues;
	char *path;
	size_t i;

	if (asprintf(&path, "%s/" STATE_FILE, d->run) > 0) {
		o = json_object_from_file(path);
		free(path);
	}
	if (o && get(o, "version") == STATE_VERSION) {
		d->clean = get(o, "clean");
		d->local.seq = get(o, "seq");
		d->lost = get(o, "lost");
		d->reports = get(o, "reports");
		pool_set_text(&d->metrics, get_text(o, "metrics"));
		if (json_object_object_get_ex(o, "pools", &pools) &&
		    json_object_is_type(pools, json_type_array)) {
			for (i = 0; i < json_object_array_length(pools); i++)
				load_pool(d, json_object_array_get_idx(pools, i));
		}
		if (json_object_object_get_ex(o, "outbox", &outbox) &&
		    json_object_is_type(outbox, json_type_array))
			load_outbox(d, outbox);
		if (json_object_object_get_ex(o, "queues", &queues) &&
		    json_object_is_type(queues, json_type_object))
			load_queues(d, queues);
	}
	json_object_put(o);
}
