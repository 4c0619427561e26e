// SPDX-License-Identifier: GPL-2.0-only
/*
 * Facts of an event. Their names and forms are stable: see fsalert(1).
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "facts.h"
#include "mounted.h"

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_USEC	1000ULL

const char *severity_name(enum fsalert_severity severity)
{
	switch (severity) {
	case FSALERT_ERROR:
		return "error";
	case FSALERT_WARNING:
		return "warning";
	default:
		return "info";
	}
}

static struct fact *add(struct facts *facts, const char *name,
			enum fact_kind kind)
{
	struct fact *fact = &facts->list[facts->nr++];

	fact->name = name;
	fact->kind = kind;
	fact->text = fact->room;
	return fact;
}

static void add_text(struct facts *facts, const char *name, const char *text)
{
	if (text)
		add(facts, name, FACT_TEXT)->text = text;
}

/* Seconds with six digits behind the point: as lines of the kernel have it. */
static void add_time(struct facts *facts, const struct fsalert_event *ev)
{
	uint64_t ns;

	if (!fsalert_u64(ev, FSALERT_KEY_TIME, &ns)) {
		struct fact *fact = add(facts, "time", FACT_NUMBER);

		snprintf(fact->room, sizeof(fact->room), "%ju.%06u",
			 (uintmax_t)(ns / NSEC_PER_SEC),
			 (unsigned int)(ns % NSEC_PER_SEC / NSEC_PER_USEC));
	}
}

static void add_dev(struct facts *facts, const struct fsalert_event *ev)
{
	uint64_t major, minor;

	if (!fsalert_u64(ev, FSALERT_KEY_DEV_MAJOR, &major) &&
	    !fsalert_u64(ev, FSALERT_KEY_DEV_MINOR, &minor)) {
		struct fact *fact = add(facts, "dev", FACT_TEXT);

		snprintf(fact->room, sizeof(fact->room), "%u:%u",
			 (unsigned int)major, (unsigned int)minor);
	}
}

static void add_number(struct facts *facts, const char *name,
		       const struct fsalert_event *ev, enum fsalert_key key)
{
	uint64_t value;

	if (!fsalert_u64(ev, key, &value)) {
		struct fact *fact = add(facts, name, FACT_NUMBER);

		snprintf(fact->room, sizeof(fact->room), "%ju",
			 (uintmax_t)value);
	}
}

static void add_flag(struct facts *facts, const char *name,
		     const struct fsalert_event *ev, enum fsalert_key key)
{
	uint64_t value;

	if (!fsalert_u64(ev, key, &value) && value)
		add(facts, name, FACT_TRUE)->text = "1";
}

static void add_errno(struct facts *facts, const struct fsalert_event *ev)
{
	uint64_t error;

	add_number(facts, "errno", ev, FSALERT_KEY_ERRNO);
	if (!fsalert_u64(ev, FSALERT_KEY_ERRNO, &error) && error)
		add_text(facts, "errno_name", strerrorname_np(error));
}

/* 64 bits that are no number to reckon with. */
static void add_fsid(struct facts *facts, const struct fsalert_event *ev)
{
	uint64_t fsid;

	if (!fsalert_u64(ev, FSALERT_KEY_FSID, &fsid)) {
		struct fact *fact = add(facts, "fsid", FACT_TEXT);

		snprintf(fact->room, sizeof(fact->room), "%016jx",
			 (uintmax_t)fsid);
	}
}

/**
 * facts_of - the facts of an event
 * @facts: them; their texts are good as long as the event
 * @ev: the event
 */
void facts_of(struct facts *facts, const struct fsalert_event *ev)
{
	static const struct {
		const char *name;
		enum fsalert_key key;
	} numbers[] = {
		{ "avail", FSALERT_KEY_AVAIL },
		{ "level", FSALERT_KEY_LEVEL },
		{ "level_nr", FSALERT_KEY_LEVEL_NR },
		{ "total", FSALERT_KEY_TOTAL },
		{ "frsize", FSALERT_KEY_FRSIZE },
		{ "ino", FSALERT_KEY_INO },
		{ "pid", FSALERT_KEY_PID },
		{ "count", FSALERT_KEY_COUNT },
		{ "entry", FSALERT_KEY_ENTRY },
	};
	size_t i;

	facts->nr = 0;
	add_text(facts, "event", fsalert_str(ev, FSALERT_KEY_NAME));
	add_text(facts, "kind", fsalert_name(fsalert_type(ev)));
	add_text(facts, "severity", severity_name(fsalert_severity(ev)));
	add_number(facts, "seq", ev, FSALERT_KEY_SEQ);
	add_time(facts, ev);
	add_dev(facts, ev);
	add_text(facts, "mount", fsalert_str(ev, FSALERT_KEY_MOUNT));
	add_text(facts, "fstype", fsalert_str(ev, FSALERT_KEY_FSTYPE));
	add_text(facts, "source", mounted_of_event(ev));
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		add_number(facts, numbers[i].name, ev, numbers[i].key);
	add_errno(facts, ev);
	add_fsid(facts, ev);
	add_text(facts, "uuid", fsalert_str(ev, FSALERT_KEY_UUID));
	add_text(facts, "of", fsalert_str(ev, FSALERT_KEY_OF));
	add_flag(facts, "last", ev, FSALERT_KEY_LAST);
	add_flag(facts, "resync", ev, FSALERT_KEY_RESYNC);
	add_text(facts, "request", fsalert_str(ev, FSALERT_KEY_REQUEST));
}

/**
 * facts_find - the text of a fact
 * @facts: the facts
 * @name: its name
 * @len: how long that is
 *
 * Return: the text; NULL: there is no such fact.
 */
const char *facts_find(const struct facts *facts, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < facts->nr; i++) {
		if (strlen(facts->list[i].name) == len &&
		    !strncmp(facts->list[i].name, name, len))
			return facts->list[i].text;
	}
	return NULL;
}

/**
 * facts_has - is there a fact of that name?
 * @name: the name
 * @len: how long that is
 */
bool facts_has(const char *name, size_t len)
{
	static const char * const names[] = {
		"event", "kind", "severity", "seq", "time", "dev", "mount",
		"fstype", "source", "avail", "level", "level_nr", "total",
		"frsize", "ino", "pid", "count", "entry", "errno",
		"errno_name", "fsid", "uuid", "of", "last", "resync",
		"request",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strlen(names[i]) == len && !strncmp(names[i], name, len))
			return true;
	}
	return false;
}
