// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events and watches as JSON, one object a line.
 *
 * Keys are those of the text stream of events. Text in JSON is UTF-8, a path
 * need not be: a byte that is not part of a character is escaped as in
 * requests, and so is the backslash, so that this can be undone.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "format.h"
#include "text.h"

static struct json_object *checked(struct json_object *json)
{
	if (!json)
		err(EXIT_FAILURE, NULL);
	return json;
}

static struct json_object *text(const char *s)
{
	char *escaped = text_escape(s, text_plain_utf8);
	struct json_object *json = checked(json_object_new_string(escaped));

	free(escaped);
	return json;
}

static void add(struct json_object *to, const char *key,
		struct json_object *value)
{
	if (json_object_object_add(to, key, value))
		err(EXIT_FAILURE, NULL);
}

static void add_text(struct json_object *to, const char *key, const char *s)
{
	if (s)
		add(to, key, text(s));
}

static void add_number(struct json_object *to, const char *key, uint64_t value)
{
	add(to, key, checked(json_object_new_uint64(value)));
}

static struct json_object *new_list(struct json_object *to, const char *key)
{
	struct json_object *list = checked(json_object_new_array());

	add(to, key, list);
	return list;
}

static void append(struct json_object *list, const char *s)
{
	if (json_object_array_add(list, text(s)))
		err(EXIT_FAILURE, NULL);
}

/* A number whose attribute came with the event. */
static void add_attr(struct json_object *to, const char *key,
		     const struct fsevents_event *ev, enum fs_event_nl_attr attr,
		     uint64_t value)
{
	if (fsevents_event_has(ev, attr))
		add_number(to, key, value);
}

static void add_what(struct json_object *to, const struct fsevents_event *ev)
{
	const char *name = fsevents_event_name(ev->event_id);

	/* A name that is not known is null. */
	add(to, "event", name ? text(name) : NULL);
	add_number(to, "event_id", ev->event_id);
}

static void add_dev(struct json_object *to, uint64_t major, uint64_t minor)
{
	char dev[48];

	snprintf(dev, sizeof(dev), "%ju:%ju", major, minor);
	add_text(to, "dev", dev);
}

static void add_level(struct json_object *to, const struct fsevents_event *ev)
{
	add_attr(to, "avail", ev, FS_NL_A_DATA, ev->avail);
	add_attr(to, "level", ev, FS_NL_A_LEVEL, ev->level);
	add_attr(to, "level_nr", ev, FS_NL_A_LEVEL_NR, ev->level_nr);
	add_attr(to, "total", ev, FS_NL_A_TOTAL, ev->total);
	add_attr(to, "frsize", ev, FS_NL_A_FRSIZE, ev->frsize);
}

static void add_end(struct json_object *to, const struct fsevents_event *ev)
{
	const char *of = fsevents_event_name(ev->of);

	if (fsevents_event_has(ev, FS_NL_A_OF) && of)
		add_text(to, "of", of);
	if (fsevents_event_has(ev, FS_NL_A_LAST))
		add(to, "last", checked(json_object_new_boolean(true)));
}

static void add_error(struct json_object *to, const struct fsevents_event *ev)
{
	add_attr(to, "errno", ev, FS_NL_A_ERRNO, ev->error);
	if (ev->error)
		add_text(to, "errno_name", strerrorname_np(ev->error));
	add_attr(to, "ino", ev, FS_NL_A_INO, ev->ino);
}

static void add_ids(struct json_object *to, const struct fsevents_event *ev)
{
	char hex[2 * FSEVENTS_UUID_LEN + 5], *end = hex;
	size_t i;

	if (fsevents_event_has(ev, FS_NL_A_FSID)) {
		snprintf(hex, sizeof(hex), "%016jx", ev->fsid);
		add_text(to, "fsid", hex);
	}
	if (!fsevents_event_has(ev, FS_NL_A_UUID))
		return;
	for (i = 0; i < FSEVENTS_UUID_LEN; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*end++ = '-';
		end += sprintf(end, "%02x", ev->uuid[i]);
	}
	add_text(to, "uuid", hex);
}

static void put(FILE *out, struct json_object *json)
{
	fprintf(out, "%s\n",
		json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN |
					       JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
}

/**
 * json_event - write an event as an object
 * @out: where to
 * @ev: the event
 * @lost: events that were lost before it
 */
void json_event(FILE *out, const struct fsevents_event *ev, uint64_t lost)
{
	struct json_object *json = checked(json_object_new_object());

	if (lost)
		add_number(json, "lost", lost);
	add_attr(json, "seq", ev, FS_NL_A_SEQ, ev->seq);
	add_attr(json, "time", ev, FS_NL_A_TIME, ev->time_ns);
	add_what(json, ev);
	if (fsevents_event_has(ev, FS_NL_A_DEV_MAJOR))
		add_dev(json, ev->dev_major, ev->dev_minor);
	add_text(json, "mount", ev->mount);
	add_text(json, "fstype", ev->fstype);
	add_text(json, "source", ev->source);
	add_level(json, ev);
	add_end(json, ev);
	add_attr(json, "pid", ev, FS_NL_A_CAUSED_PID, ev->pid);
	add_attr(json, "count", ev, FS_NL_A_COUNT, ev->count);
	add_attr(json, "entry", ev, FS_NL_A_ENTRY_ID, ev->entry);
	add_error(json, ev);
	add_ids(json, ev);
	put(out, json);
}

/* All levels of a kind; none: not watched for that. */
static void add_states(struct json_object *to, const char *key,
		       const struct fsevents_entry *entry, uint64_t kind)
{
	struct json_object *list = NULL, *state;
	const struct fsevents_level *level;
	size_t i;

	for (i = 0; i < entry->nr_levels; i++) {
		level = &entry->levels[i];
		if (level->kind != kind)
			continue;
		list = list ?: new_list(to, key);
		state = checked(json_object_new_object());
		add_number(state, "level_nr", level->nr);
		add(state, "below",
		    checked(json_object_new_boolean(level->state ==
						    FS_NL_STATE_BELOW)));
		if (json_object_array_add(list, state))
			err(EXIT_FAILURE, NULL);
	}
}

static void add_lasting(struct json_object *to, uint64_t lasting)
{
	struct json_object *list = new_list(to, "lasting");
	unsigned int id;

	for (id = FS_EVENT_NONE; id <= FS_INFO_CLEARED; id++) {
		if (lasting & 1ULL << id)
			append(list, fsevents_event_name(id));
	}
}

static void add_figure(struct json_object *to, const char *key,
		       const struct fsevents_entry *entry,
		       enum fs_event_nl_entry_attr attr, uint64_t value)
{
	if (fsevents_entry_has(entry, attr))
		add_number(to, key, value);
}

static void add_entry(struct json_object *to, const struct fsevents_entry *entry)
{
	add_number(to, "entry", entry->id);
	add_dev(to, entry->dev_major, entry->dev_minor);
	add_text(to, "mount", entry->mount);
	add_text(to, "fstype", entry->fstype);
	add_text(to, "source", entry->source);
}

static void add_state(struct json_object *to, const struct fsevents_entry *entry)
{
	add_states(to, "space", entry, FS_NL_KIND_SPACE);
	add_states(to, "inodes", entry, FS_NL_KIND_INODES);
	add_lasting(to, entry->lasting);
	add_figure(to, "avail", entry, FS_NL_ENTRY_A_AVAIL, entry->avail);
	add_figure(to, "total", entry, FS_NL_ENTRY_A_TOTAL, entry->total);
	add_figure(to, "frsize", entry, FS_NL_ENTRY_A_FRSIZE, entry->frsize);
	add_figure(to, "inodes_free", entry, FS_NL_ENTRY_A_INODES_FREE,
		   entry->inodes_free);
	add_figure(to, "inodes_total", entry, FS_NL_ENTRY_A_INODES,
		   entry->inodes);
}

/**
 * json_resync - write what differs after events were lost as objects
 * @out: where to
 * @news: FSEVENTS_RESYNCED or FSEVENTS_ENTRY
 */
void json_resync(FILE *out, const struct fsevents_news *news)
{
	struct json_object *json = checked(json_object_new_object());

	if (news->type == FSEVENTS_RESYNCED) {
		add_number(json, "resync", news->seq);
	} else if (!news->entry) {
		add_text(json, "state", "gone");
		add_entry(json, news->before);
	} else {
		add_text(json, "state", news->before ? "changed" : "new");
		add_entry(json, news->entry);
		add_state(json, news->entry);
	}
	put(out, json);
}

/* "G" stands for every generic event, "G:name" starts a list of them. */
static struct json_object *add_generic(struct json_object *to,
				       const char *names)
{
	struct json_object *list = new_list(to, "events");
	unsigned int id;

	if (*names == ':') {
		append(list, names + 1);
		return list;
	}
	for (id = FS_EVENT_NONE; id <= FS_INFO_CLEARED; id++) {
		if (fsevents_event_is_generic(id))
			append(list, fsevents_event_name(id));
	}
	return list;
}

static void add_levels(struct json_object *to, const char *key, char *levels)
{
	struct json_object *list = new_list(to, key);
	char *level;

	while ((level = strsep(&levels, " "))) {
		if (*level)
			append(list, level);
	}
}

/* The comma parts types, and the names of events after "G:" as well. */
static void add_types(struct json_object *to, char *types)
{
	struct json_object *events = NULL;
	char *word;

	while ((word = strsep(&types, ","))) {
		if (*word == 'G')
			events = add_generic(to, word + 1);
		else if (*word == 'T')
			add_levels(to, "space", word + 1);
		else if (*word == 'I')
			add_levels(to, "inodes", word + 1);
		else if (events)
			append(events, word);
	}
}

/**
 * json_watch - write a watch as an object
 * @out: where to
 * @watch: the watch
 */
void json_watch(FILE *out, const struct watch *watch)
{
	struct json_object *json = checked(json_object_new_object());
	char *types = strdup(watch->types);

	if (!types)
		err(EXIT_FAILURE, NULL);
	add_text(json, "mount", watch->mount);
	add_text(json, "fstype", watch->fstype);
	add_text(json, "source", watch->source);
	add_types(json, types);
	free(types);
	put(out, json);
}
