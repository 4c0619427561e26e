// SPDX-License-Identifier: GPL-2.0-only
/*
 * JSON, one object per line, each with a "type".
 *
 * Text in JSON is UTF-8, a path need not be: a byte that is not part of a
 * character is escaped as in requests, and so is the backslash, so that this can
 * be undone.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "commands.h"
#include "facts.h"
#include "mounted.h"
#include "show.h"
#include "text.h"

static struct json_object *checked(struct json_object *json)
{
	if (!json)
		err(STATUS_FAILED, NULL);
	return json;
}

static void add(struct json_object *to, const char *key,
		struct json_object *value)
{
	if (json_object_object_add(to, key, checked(value)))
		err(STATUS_FAILED, NULL);
}

static struct json_object *new_text(const char *s)
{
	char *escaped = text_escape(s, text_plain_utf8);
	struct json_object *json = checked(json_object_new_string(escaped));

	free(escaped);
	return json;
}

struct json_object *json_new(const char *type)
{
	struct json_object *json = checked(json_object_new_object());

	json_add_text(json, "type", type);
	return json;
}

void json_add_text(struct json_object *to, const char *key, const char *text)
{
	if (text)
		add(to, key, new_text(text));
}

void json_add_number(struct json_object *to, const char *key, uint64_t value)
{
	add(to, key, json_object_new_uint64(value));
}

void json_add_flag(struct json_object *to, const char *key, bool value)
{
	add(to, key, json_object_new_boolean(value));
}

struct json_object *json_add_list(struct json_object *to, const char *key)
{
	struct json_object *list = checked(json_object_new_array());

	add(to, key, list);
	return list;
}

void json_append_text(struct json_object *list, const char *text)
{
	if (json_object_array_add(list, new_text(text)))
		err(STATUS_FAILED, NULL);
}

void json_write(FILE *out, struct json_object *json)
{
	fprintf(out, "%s\n",
		json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN |
					       JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
}

static void add_fact(struct json_object *to, const struct fact *fact)
{
	switch (fact->kind) {
	case FACT_TEXT:
		json_add_text(to, fact->name, fact->text);
		break;
	case FACT_NUMBER:
		/* A time is a fraction: with just these digits. */
		if (strchr(fact->text, '.'))
			add(to, fact->name,
			    json_object_new_double_s(strtod(fact->text, NULL),
						     fact->text));
		else
			json_add_number(to, fact->name,
					strtoull(fact->text, NULL, 10));
		break;
	case FACT_TRUE:
		json_add_flag(to, fact->name, true);
		break;
	}
}

/**
 * json_event - write an event
 * @out: where to
 * @ev: the event
 */
void json_event(FILE *out, const struct fsalert_event *ev)
{
	struct json_object *json = json_new("event");
	struct facts facts;
	size_t i;

	facts_of(&facts, ev);
	for (i = 0; i < facts.nr; i++)
		add_fact(json, &facts.list[i]);
	json_write(out, json);
}

static void add_types(struct json_object *to, const char *key, uint64_t types)
{
	struct json_object *list = json_add_list(to, key);
	unsigned int type;

	for (type = 0; type < 64; type++) {
		if (types >> type & 1 && fsalert_name(type))
			json_append_text(list, fsalert_name(type));
	}
}

static void add_level(struct json_object *list,
		      const struct fsalert_entry *entry, size_t i, uint64_t kind)
{
	struct json_object *level = checked(json_object_new_object());
	uint64_t value;

	json_add_text(level, "kind",
		      kind == FSALERT_INO_BELOW ? "inodes" : "space");
	json_add_text(level, "text",
		      fsalert_level_str(entry, i, FSALERT_KEY_TEXT));
	if (!fsalert_level_u64(entry, i, FSALERT_KEY_LEVEL_NR, &value))
		json_add_number(level, "level_nr", value);
	if (!fsalert_level_u64(entry, i, FSALERT_KEY_LEVEL, &value))
		json_add_number(level, "level", value);
	if (!fsalert_level_u64(entry, i, FSALERT_KEY_REARM, &value))
		json_add_number(level, "rearm", value);
	if (!fsalert_level_u64(entry, i, FSALERT_KEY_IS_BELOW, &value))
		json_add_flag(level, "below", value);
	if (json_object_array_add(list, level))
		err(STATUS_FAILED, NULL);
}

static void add_number(struct json_object *to, const char *key,
		       const struct fsalert_entry *entry, enum fsalert_key which)
{
	uint64_t value;

	if (!fsalert_entry_u64(entry, which, &value))
		json_add_number(to, key, value);
}

/**
 * json_add_watch - add what is known of a watch
 * @to: the object
 * @entry: the watch
 */
void json_add_watch(struct json_object *to, const struct fsalert_entry *entry)
{
	uint64_t major = 0, minor = 0, types = 0, kind;
	struct json_object *levels;
	char dev[48];
	size_t i;

	add_number(to, "entry", entry, FSALERT_KEY_ENTRY);
	fsalert_entry_u64(entry, FSALERT_KEY_DEV_MAJOR, &major);
	fsalert_entry_u64(entry, FSALERT_KEY_DEV_MINOR, &minor);
	snprintf(dev, sizeof(dev), "%u:%u", (unsigned int)major,
		 (unsigned int)minor);
	json_add_text(to, "dev", dev);
	json_add_text(to, "mount", fsalert_entry_str(entry, FSALERT_KEY_MOUNT));
	json_add_text(to, "fstype",
		      fsalert_entry_str(entry, FSALERT_KEY_FSTYPE));
	json_add_text(to, "source",
		      mounted_of_entry(entry));
	json_add_text(to, "request",
		      fsalert_entry_str(entry, FSALERT_KEY_REQUEST));
	fsalert_entry_u64(entry, FSALERT_KEY_EVENTS, &types);
	add_types(to, "events", types);
	levels = json_add_list(to, "levels");
	for (i = 0; !fsalert_level_u64(entry, i, FSALERT_KEY_KIND, &kind); i++)
		add_level(levels, entry, i, kind);
	types = 0;
	fsalert_entry_u64(entry, FSALERT_KEY_LASTING, &types);
	add_types(to, "lasting", types);
	add_number(to, "avail", entry, FSALERT_KEY_AVAIL);
	add_number(to, "total", entry, FSALERT_KEY_TOTAL);
	add_number(to, "frsize", entry, FSALERT_KEY_FRSIZE);
	add_number(to, "inodes_free", entry, FSALERT_KEY_INODES_FREE);
	add_number(to, "inodes", entry, FSALERT_KEY_INODES);
}
