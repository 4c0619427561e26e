// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A watch: from a netlink message, and what events make of it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "attributes.h"
#include "entry.h"

/**
 * struct message - what a message about a watch says
 * @entry: the watch; its strings lie in the message, its levels nowhere
 * @change: what became of it, enum fs_event_nl_change
 */
struct message {
	struct fsevents_entry entry;
	uint64_t change;
};

#define MEMBER(m)	offsetof(struct message, m)

static const struct fsev_field entry_fields[] = {
	[FS_NL_ENTRY_A_ID]		= { FSEV_U32, MEMBER(entry.id) },
	[FS_NL_ENTRY_A_MOUNT]		= { FSEV_STRING, MEMBER(entry.mount) },
	[FS_NL_ENTRY_A_EVENTS]		= { FSEV_U32, MEMBER(entry.events) },
	[FS_NL_ENTRY_A_GENERATION]	= { FSEV_UINT, MEMBER(entry.generation) },
	[FS_NL_ENTRY_A_SEQ]		= { FSEV_UINT, MEMBER(entry.seq) },
	[FS_NL_ENTRY_A_CHANGE]		= { FSEV_U32, MEMBER(change) },
	[FS_NL_ENTRY_A_TYPES]		= { FSEV_U32, MEMBER(entry.types) },
	[FS_NL_ENTRY_A_DEV_MAJOR]	= { FSEV_U32, MEMBER(entry.dev_major) },
	[FS_NL_ENTRY_A_DEV_MINOR]	= { FSEV_U32, MEMBER(entry.dev_minor) },
	[FS_NL_ENTRY_A_FSTYPE]		= { FSEV_STRING, MEMBER(entry.fstype) },
	[FS_NL_ENTRY_A_SOURCE]		= { FSEV_STRING, MEMBER(entry.source) },
	[FS_NL_ENTRY_A_FSID]		= { FSEV_UINT, MEMBER(entry.fsid) },
	[FS_NL_ENTRY_A_UUID]		= { FSEV_UUID, MEMBER(entry.uuid) },
	[FS_NL_ENTRY_A_LASTING]		= { FSEV_U32, MEMBER(entry.lasting) },
	[FS_NL_ENTRY_A_AVAIL]		= { FSEV_UINT, MEMBER(entry.avail) },
	[FS_NL_ENTRY_A_TOTAL]		= { FSEV_UINT, MEMBER(entry.total) },
	[FS_NL_ENTRY_A_FRSIZE]		= { FSEV_U32, MEMBER(entry.frsize) },
	[FS_NL_ENTRY_A_INODES_FREE]	= { FSEV_UINT, MEMBER(entry.inodes_free) },
	[FS_NL_ENTRY_A_INODES]		= { FSEV_UINT, MEMBER(entry.inodes) },
	[FS_NL_ENTRY_A_ELSEWHERE]	= { FSEV_FLAG, MEMBER(entry.elsewhere) },
};

static const struct fsev_table entry_table = {
	entry_fields, ARRAY_SIZE(entry_fields)
};

#undef MEMBER
#define MEMBER(m)	offsetof(struct fsevents_level, m)

static const struct fsev_field level_fields[] = {
	[FS_NL_LEVEL_A_KIND]		= { FSEV_U32, MEMBER(kind) },
	[FS_NL_LEVEL_A_TRIGGER]		= { FSEV_UINT, MEMBER(trigger) },
	[FS_NL_LEVEL_A_UNIT]		= { FSEV_U32, MEMBER(unit) },
	[FS_NL_LEVEL_A_REARM]		= { FSEV_UINT, MEMBER(rearm) },
	[FS_NL_LEVEL_A_STATE]		= { FSEV_U32, MEMBER(state) },
	[FS_NL_LEVEL_A_REARM_UNIT]	= { FSEV_U32, MEMBER(rearm_unit) },
	[FS_NL_LEVEL_A_NR]		= { FSEV_U32, MEMBER(nr) },
};

static const struct fsev_table level_table = {
	level_fields, ARRAY_SIZE(level_fields)
};

/**
 * fsevents_entry_has - did a watch come with an attribute?
 * @entry: the watch
 * @attr: the attribute
 *
 * Context: Any thread.
 */
bool fsevents_entry_has(const struct fsevents_entry *entry,
			enum fs_event_nl_entry_attr attr)
{
	return entry->has & (1ULL << attr);
}

/**
 * fsevents_entry_level - a level of a watch
 * @entry: the watch
 * @kind: enum fs_event_nl_kind
 * @nr: its position among those of its kind, from 1
 *
 * Context: One thread at a time for each view.
 * Return: the level; NULL: there is none.
 */
const struct fsevents_level *
fsevents_entry_level(const struct fsevents_entry *entry, uint64_t kind,
		     uint64_t nr)
{
	size_t i;

	for (i = 0; i < entry->nr_levels; i++) {
		if (entry->levels[i].kind == kind && entry->levels[i].nr == nr)
			return &entry->levels[i];
	}
	return NULL;
}

static size_t string_size(const char *s)
{
	return s ? strlen(s) + 1 : 0;
}

static const char *string_put(char **to, const char *s)
{
	char *at = *to;

	if (!s)
		return NULL;
	*to = stpcpy(at, s) + 1;
	return at;
}

/* @entry, but for its levels, for which there is room. */
static struct fsev_watch *watch_new(const struct fsevents_entry *entry)
{
	size_t levels = entry->nr_levels * sizeof(struct fsevents_level);
	struct fsev_watch *watch;
	char *strings;

	watch = calloc(1, sizeof(*watch) + levels + string_size(entry->mount) +
		       string_size(entry->fstype) + string_size(entry->source));
	if (!watch)
		return NULL;
	watch->entry = *entry;
	watch->entry.levels = watch->levels;
	strings = (char *)watch->levels + levels;
	watch->entry.mount = string_put(&strings, entry->mount);
	watch->entry.fstype = string_put(&strings, entry->fstype);
	watch->entry.source = string_put(&strings, entry->source);
	return watch;
}

/**
 * fsev_watch_new - a watch
 * @entry: to be copied
 *
 * Return: the watch, or NULL: no memory.
 */
struct fsev_watch *fsev_watch_new(const struct fsevents_entry *entry)
{
	struct fsev_watch *watch = watch_new(entry);
	size_t i;

	for (i = 0; watch && i < entry->nr_levels; i++)
		watch->levels[i] = entry->levels[i];
	return watch;
}

static void level_decode(struct fsevents_level *level, const struct nlattr *nest)
{
	const struct nlattr *attr;
	uint64_t has = 0;

	mnl_attr_for_each_nested(attr, nest)
		has |= fsev_take(level, &level_table, attr);
	/* What is left out is as the trigger is. */
	if (!(has & (1ULL << FS_NL_LEVEL_A_REARM)))
		level->rearm = level->trigger;
	if (!(has & (1ULL << FS_NL_LEVEL_A_REARM_UNIT)))
		level->rearm_unit = level->unit;
}

/**
 * fsev_watch_decode - take a watch out of a message
 * @nlh: a message of the family, of any command
 * @change: what became of the watch, enum fs_event_nl_change
 *
 * Return: the watch, or NULL and errno: EBADMSG, there is none; ENOMEM.
 */
struct fsev_watch *fsev_watch_decode(const struct nlmsghdr *nlh,
				     uint64_t *change)
{
	struct message message = {};
	struct fsev_watch *watch;
	const struct nlattr *attr;
	size_t i = 0;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		message.entry.has |= fsev_take(&message, &entry_table, attr);
		if (mnl_attr_get_type(attr) == FS_NL_ENTRY_A_LEVEL)
			message.entry.nr_levels++;
	}
	if (!fsevents_entry_has(&message.entry, FS_NL_ENTRY_A_ID)) {
		errno = EBADMSG;
		return NULL;
	}
	watch = watch_new(&message.entry);
	if (!watch)
		return NULL;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == FS_NL_ENTRY_A_LEVEL)
			level_decode(&watch->levels[i++], attr);
	}
	*change = message.change;
	return watch;
}

/* The kind of levels that an event is about; negative: it is about none. */
static int kind_of(const struct fsevents_event *ev)
{
	switch (ev->event_id) {
	case FS_THR_LRBELOW:
	case FS_THR_URBELOW:
	case FS_THR_BELOW:
	case FS_THR_LRABOVE:
	case FS_THR_URABOVE:
	case FS_THR_ABOVE:
		return FS_NL_KIND_SPACE;
	case FS_INO_BELOW:
	case FS_INO_ABOVE:
		return FS_NL_KIND_INODES;
	default:
		return -1;
	}
}

static uint64_t state_after(const struct fsevents_event *ev)
{
	switch (ev->event_id) {
	case FS_THR_LRBELOW:
	case FS_THR_URBELOW:
	case FS_THR_BELOW:
	case FS_INO_BELOW:
		return FS_NL_STATE_BELOW;
	default:
		return FS_NL_STATE_ABOVE;
	}
}

static void cross(struct fsev_watch *watch, uint64_t kind,
		  const struct fsevents_event *ev)
{
	size_t i;

	for (i = 0; i < watch->entry.nr_levels; i++) {
		if (watch->levels[i].kind == kind &&
		    watch->levels[i].nr == ev->level_nr)
			watch->levels[i].state = state_after(ev);
	}
	if (kind == FS_NL_KIND_SPACE) {
		watch->entry.avail = ev->avail;
		watch->entry.total = ev->total;
		watch->entry.frsize = ev->frsize;
	} else {
		watch->entry.inodes_free = ev->avail;
		watch->entry.inodes = ev->total;
	}
}

/**
 * fsev_watch_has_level - is an event about a level that a watch has?
 * @watch: the watch
 * @ev: the event
 *
 * Return: false: it is about another one; true: it is, or is about none.
 */
bool fsev_watch_has_level(const struct fsev_watch *watch,
			  const struct fsevents_event *ev)
{
	int kind = kind_of(ev);

	return kind < 0 ||
	       fsevents_entry_level(&watch->entry, kind, ev->level_nr);
}

/* Does an event begin a condition, which FS_INFO_CLEARED ends? */
static bool is_condition(uint64_t id)
{
	return id == FS_WARN_ENOSPC || id == FS_WARN_ENOSPC_META ||
	       id == FS_ERR_REMOUNT_RO || id == FS_ERR_SHUTDOWN;
}

/**
 * fsev_watch_apply - what an event makes of a watch
 * @watch: the watch
 * @ev: the event, newer than @watch
 */
void fsev_watch_apply(struct fsev_watch *watch, const struct fsevents_event *ev)
{
	int kind = kind_of(ev);

	watch->entry.seq = ev->seq;
	if (kind >= 0)
		cross(watch, kind, ev);
	else if (is_condition(ev->event_id))
		watch->entry.lasting |= 1ULL << ev->event_id;
	else if (ev->event_id == FS_INFO_CLEARED && is_condition(ev->of))
		watch->entry.lasting &= ~(1ULL << ev->of);
}

static bool string_differs(const char *a, const char *b)
{
	return strcmp(a ?: "", b ?: "");
}

/**
 * fsev_watch_differs - are two watches different ones, or in different states?
 * @a: the one
 * @b: the other
 *
 * Figures that passed no level make no difference.
 */
bool fsev_watch_differs(const struct fsevents_entry *a,
			const struct fsevents_entry *b)
{
	return a->events != b->events || a->types != b->types ||
	       a->lasting != b->lasting || a->elsewhere != b->elsewhere ||
	       string_differs(a->mount, b->mount) ||
	       a->nr_levels != b->nr_levels ||
	       memcmp(a->levels, b->levels,
		      a->nr_levels * sizeof(struct fsevents_level));
}
