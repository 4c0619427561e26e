// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Watches: decoded from netlink messages, changed by events, read by getters.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/fs_event.h>
#include <linux/genetlink.h>

#include "attributes.h"
#include "entry.h"

/**
 * struct message - what a message about a watch says
 * @entry: the watch; its strings lie in the message, its levels nowhere
 * @change: what became of it, enum fs_event_nl_change
 */
struct message {
	struct fsalert_entry entry;
	uint64_t change;
};

#define MEMBER(m)	offsetof(struct message, m)

static const struct fsa_field entry_fields[] = {
	[FS_NL_ENTRY_A_ID]		= { FSA_U32, MEMBER(entry.id) },
	[FS_NL_ENTRY_A_MOUNT]		= { FSA_STRING, MEMBER(entry.mount) },
	[FS_NL_ENTRY_A_EVENTS]		= { FSA_U32, MEMBER(entry.events) },
	[FS_NL_ENTRY_A_GENERATION]	= { FSA_UINT, MEMBER(entry.generation) },
	[FS_NL_ENTRY_A_SEQ]		= { FSA_UINT, MEMBER(entry.seq) },
	[FS_NL_ENTRY_A_CHANGE]		= { FSA_U32, MEMBER(change) },
	[FS_NL_ENTRY_A_TYPES]		= { FSA_U32, MEMBER(entry.types) },
	[FS_NL_ENTRY_A_DEV_MAJOR]	= { FSA_U32, MEMBER(entry.dev_major) },
	[FS_NL_ENTRY_A_DEV_MINOR]	= { FSA_U32, MEMBER(entry.dev_minor) },
	[FS_NL_ENTRY_A_FSTYPE]		= { FSA_STRING, MEMBER(entry.fstype) },
	[FS_NL_ENTRY_A_SOURCE]		= { FSA_STRING, MEMBER(entry.source) },
	[FS_NL_ENTRY_A_FSID]		= { FSA_UINT, MEMBER(entry.fsid) },
	[FS_NL_ENTRY_A_UUID]		= { FSA_UUID, MEMBER(entry.uuid) },
	[FS_NL_ENTRY_A_LASTING]		= { FSA_U32, MEMBER(entry.lasting) },
	[FS_NL_ENTRY_A_AVAIL]		= { FSA_UINT, MEMBER(entry.avail) },
	[FS_NL_ENTRY_A_TOTAL]		= { FSA_UINT, MEMBER(entry.total) },
	[FS_NL_ENTRY_A_FRSIZE]		= { FSA_U32, MEMBER(entry.frsize) },
	[FS_NL_ENTRY_A_INODES_FREE]	= { FSA_UINT, MEMBER(entry.inodes_free) },
	[FS_NL_ENTRY_A_INODES]		= { FSA_UINT, MEMBER(entry.inodes) },
	[FS_NL_ENTRY_A_ELSEWHERE]	= { FSA_FLAG, MEMBER(entry.elsewhere) },
};

static const struct fsa_table entry_table = {
	entry_fields, ARRAY_SIZE(entry_fields)
};

#undef MEMBER
#define MEMBER(m)	offsetof(struct fsa_level, m)

static const struct fsa_field level_fields[] = {
	[FS_NL_LEVEL_A_KIND]		= { FSA_U32, MEMBER(kind) },
	[FS_NL_LEVEL_A_TRIGGER]		= { FSA_UINT, MEMBER(trigger) },
	[FS_NL_LEVEL_A_UNIT]		= { FSA_U32, MEMBER(unit) },
	[FS_NL_LEVEL_A_REARM]		= { FSA_UINT, MEMBER(rearm) },
	[FS_NL_LEVEL_A_STATE]		= { FSA_U32, MEMBER(state) },
	[FS_NL_LEVEL_A_REARM_UNIT]	= { FSA_U32, MEMBER(rearm_unit) },
	[FS_NL_LEVEL_A_NR]		= { FSA_U32, MEMBER(nr) },
};

static const struct fsa_table level_table = {
	level_fields, ARRAY_SIZE(level_fields)
};

/**
 * fsa_entry_level - a level of a watch
 * @entry: the watch
 * @kind: enum fs_event_nl_kind
 * @nr: its position among those of its kind, from 1
 *
 * Return: the level; NULL: there is none.
 */
const struct fsa_level *fsa_entry_level(const struct fsalert_entry *entry,
					uint64_t kind, uint64_t nr)
{
	size_t i;

	for (i = 0; i < entry->nr_levels; i++) {
		if (entry->levels[i].kind == kind && entry->levels[i].nr == nr)
			return &entry->levels[i];
	}
	return NULL;
}

/* --- texts ---------------------------------------------------------------- */

/* Room for the names of all events, and the letters of types. */
#define REQUEST_MAX	128

static const uint32_t generic[] = {
	FS_WARN_ENOSPC, FS_WARN_ENOSPC_META, FS_ERR_REMOUNT_RO,
	FS_ERR_CORRUPTED, FS_ERR_IO, FS_ERR_SHUTDOWN,
};

static const char *suffix(uint64_t unit)
{
	static const char * const suffixes[] = {
		[FS_NL_UNIT_KIB] = "K", [FS_NL_UNIT_MIB] = "M",
		[FS_NL_UNIT_GIB] = "G", [FS_NL_UNIT_TIB] = "T",
		[FS_NL_UNIT_PERCENT] = "%",
	};

	return unit < ARRAY_SIZE(suffixes) && suffixes[unit] ?
		suffixes[unit] : "";
}

static void level_write(struct fsa_level *level)
{
	int len = snprintf(level->text, sizeof(level->text), "%ju%s",
			   (uintmax_t)level->trigger, suffix(level->unit));

	if (level->rearm != level->trigger ||
	    level->rearm_unit != level->unit)
		snprintf(level->text + len, sizeof(level->text) - len,
			 ":%ju%s", (uintmax_t)level->rearm,
			 suffix(level->rearm_unit));
}

/* "G", or "G:" and the names of those that are on. */
static char *events_write(char *to, uint64_t events)
{
	uint64_t all = 0;
	char mark = ':';
	size_t i;

	for (i = 0; i < ARRAY_SIZE(generic); i++)
		all |= BIT64(generic[i]);
	*to++ = 'G';
	if ((events & all) == all)
		return to;
	for (i = 0; i < ARRAY_SIZE(generic); i++) {
		if (!(events & BIT64(generic[i])))
			continue;
		*to++ = mark;
		to = stpcpy(to, fsa_name_of_id(generic[i]));
		mark = ',';
	}
	return to;
}

static char *levels_write(char *to, const struct fsa_watch *watch,
			  uint64_t kind, const char *letter)
{
	size_t i;

	for (i = 0; i < watch->entry.nr_levels; i++) {
		if (watch->levels[i].kind != kind)
			continue;
		to = stpcpy(to, letter);
		*to++ = ' ';
		to = stpcpy(to, watch->levels[i].text);
		letter = "";
	}
	return to;
}

/* What is watched, as in a request: there is room for it in the watch. */
static void request_write(struct fsa_watch *watch)
{
	char *start = (char *)watch->entry.request, *to = start;
	size_t i;

	for (i = 0; i < watch->entry.nr_levels; i++)
		level_write(&watch->levels[i]);
	if (watch->entry.types & FS_NL_TYPES_GENERIC)
		to = events_write(to, watch->entry.events);
	to = levels_write(to, watch, FS_NL_KIND_SPACE, " T");
	to = levels_write(to, watch, FS_NL_KIND_INODES, " I");
	*to = '\0';
	if (*start == ' ')
		memmove(start, start + 1, to - start);
}

/* --- making and taking apart ---------------------------------------------- */

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
static struct fsa_watch *watch_new(const struct fsalert_entry *entry)
{
	size_t levels = entry->nr_levels * sizeof(struct fsa_level);
	struct fsa_watch *watch;
	char *strings;

	watch = calloc(1, sizeof(*watch) + levels + string_size(entry->mount) +
		       string_size(entry->fstype) + string_size(entry->source) +
		       REQUEST_MAX + entry->nr_levels * (FSA_LEVEL_TEXT + 3));
	if (!watch)
		return NULL;
	watch->entry = *entry;
	watch->entry.levels = watch->levels;
	strings = (char *)watch->levels + levels;
	watch->entry.mount = string_put(&strings, entry->mount);
	watch->entry.fstype = string_put(&strings, entry->fstype);
	watch->entry.source = string_put(&strings, entry->source);
	watch->entry.request = strings;
	return watch;
}

/**
 * fsa_watch_new - a watch
 * @entry: to be copied
 *
 * Return: the watch, or NULL: no memory.
 */
struct fsa_watch *fsa_watch_new(const struct fsalert_entry *entry)
{
	struct fsa_watch *watch = watch_new(entry);
	size_t i;

	if (!watch)
		return NULL;
	for (i = 0; i < entry->nr_levels; i++)
		watch->levels[i] = entry->levels[i];
	request_write(watch);
	return watch;
}

static void level_decode(struct fsa_level *level, const struct nlattr *nest)
{
	const struct nlattr *attr;
	uint64_t has = 0;

	mnl_attr_for_each_nested(attr, nest)
		has |= fsa_take(level, &level_table, attr);
	/* What is left out is as the trigger is. */
	if (!(has & (1ULL << FS_NL_LEVEL_A_REARM)))
		level->rearm = level->trigger;
	if (!(has & (1ULL << FS_NL_LEVEL_A_REARM_UNIT)))
		level->rearm_unit = level->unit;
}

/**
 * fsa_watch_decode - take a watch out of a message
 * @nlh: a message of the family, of any command
 * @change: what became of the watch, enum fs_event_nl_change
 *
 * Return: the watch, or NULL and errno: EBADMSG, there is none; ENOMEM.
 */
struct fsa_watch *fsa_watch_decode(const struct nlmsghdr *nlh,
				   uint64_t *change)
{
	struct message message = {};
	struct fsa_watch *watch;
	const struct nlattr *attr;
	size_t i = 0;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		message.entry.has |= fsa_take(&message, &entry_table, attr);
		if (mnl_attr_get_type(attr) == FS_NL_ENTRY_A_LEVEL)
			message.entry.nr_levels++;
	}
	if (!(message.entry.has & BIT64(FS_NL_ENTRY_A_ID))) {
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
	request_write(watch);
	*change = message.change;
	return watch;
}

/* The kind of levels that an event is about; negative: it is about none. */
static int kind_of(const struct fsalert_event *ev)
{
	/* A cleared level has the state of a level that space rose above. */
	switch (ev->id == FS_INFO_CLEARED ? ev->of : ev->id) {
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

static uint64_t state_after(const struct fsalert_event *ev)
{
	switch (ev->id) {
	case FS_THR_LRBELOW:
	case FS_THR_URBELOW:
	case FS_THR_BELOW:
	case FS_INO_BELOW:
		return FS_NL_STATE_BELOW;
	default:
		return FS_NL_STATE_ABOVE;
	}
}

static void cross(struct fsa_watch *watch, uint64_t kind,
		  const struct fsalert_event *ev)
{
	uint64_t nr = fsa_number(ev, FSALERT_KEY_LEVEL_NR);
	size_t i;

	for (i = 0; i < watch->entry.nr_levels; i++) {
		if (watch->levels[i].kind == kind && watch->levels[i].nr == nr)
			watch->levels[i].state = state_after(ev);
	}
	if (!fsa_has(ev, FSALERT_KEY_AVAIL))
		return;
	if (kind == FS_NL_KIND_SPACE) {
		watch->entry.avail = fsa_number(ev, FSALERT_KEY_AVAIL);
		watch->entry.total = fsa_number(ev, FSALERT_KEY_TOTAL);
		watch->entry.frsize = fsa_number(ev, FSALERT_KEY_FRSIZE);
		watch->entry.has |= BIT64(FS_NL_ENTRY_A_AVAIL) |
				    BIT64(FS_NL_ENTRY_A_TOTAL) |
				    BIT64(FS_NL_ENTRY_A_FRSIZE);
	} else {
		watch->entry.inodes_free = fsa_number(ev, FSALERT_KEY_AVAIL);
		watch->entry.inodes = fsa_number(ev, FSALERT_KEY_TOTAL);
		watch->entry.has |= BIT64(FS_NL_ENTRY_A_INODES_FREE) |
				    BIT64(FS_NL_ENTRY_A_INODES);
	}
}

/**
 * fsa_watch_has_level - is an event about a level that a watch has?
 * @watch: the watch
 * @ev: the event
 *
 * Return: false: it is about another one; true: it is, or is about none.
 */
bool fsa_watch_has_level(const struct fsa_watch *watch,
			 const struct fsalert_event *ev)
{
	int kind = kind_of(ev);

	return kind < 0 || ev->id == FS_INFO_CLEARED ||
	       fsa_entry_level(&watch->entry, kind,
			       fsa_number(ev, FSALERT_KEY_LEVEL_NR));
}

/* Does an event begin a condition, which FS_INFO_CLEARED ends? */
static bool is_condition(uint64_t id)
{
	return id == FS_WARN_ENOSPC || id == FS_WARN_ENOSPC_META ||
	       id == FS_ERR_REMOUNT_RO || id == FS_ERR_SHUTDOWN;
}

/**
 * fsa_event_is_state - does an event say what state a watch is in?
 * @ev: the event
 */
bool fsa_event_is_state(const struct fsalert_event *ev)
{
	return kind_of(ev) >= 0 || is_condition(ev->id) ||
	       ev->id == FS_INFO_CLEARED;
}

/**
 * fsa_watch_apply - what an event makes of a watch
 * @watch: the watch
 * @ev: the event, newer than @watch
 */
void fsa_watch_apply(struct fsa_watch *watch, const struct fsalert_event *ev)
{
	int kind = kind_of(ev);

	watch->entry.seq = fsa_number(ev, FSALERT_KEY_SEQ);
	if (kind >= 0)
		cross(watch, kind, ev);
	else if (is_condition(ev->id))
		watch->entry.lasting |= 1ULL << ev->id;
	else if (ev->id == FS_INFO_CLEARED && is_condition(ev->of))
		watch->entry.lasting &= ~(1ULL << ev->of);
}

/* As the kernel does it. */
static uint64_t resolve(const struct fsalert_entry *entry, uint64_t kind,
			uint64_t value, uint64_t unit)
{
	uint64_t total = kind == FS_NL_KIND_INODES ? entry->inodes :
		entry->total;
	unsigned int shift;

	if (unit == FS_NL_UNIT_PERCENT) {
		value = value < 100 ? value : 100;
		return total / 100 * value + total % 100 * value / 100;
	}
	if (unit < FS_NL_UNIT_KIB || unit > FS_NL_UNIT_TIB)
		return value;
	shift = 10 * (unit - FS_NL_UNIT_KIB + 1);
	if (value > UINT64_MAX >> shift)
		return UINT64_MAX;
	return entry->frsize ? (value << shift) / entry->frsize :
		value << shift;
}

static bool string_differs(const char *a, const char *b)
{
	return strcmp(a ?: "", b ?: "");
}

/**
 * fsa_watch_is_other - do two entries of a watch report different things?
 * @a: the one
 * @b: the other
 *
 * States and figures make no difference.
 */
bool fsa_watch_is_other(const struct fsalert_entry *a,
			const struct fsalert_entry *b)
{
	return a->elsewhere != b->elsewhere ||
	       string_differs(a->mount, b->mount) ||
	       string_differs(a->request, b->request);
}

/**
 * fsa_level_blocks - a trigger in blocks, or inodes
 * @entry: the watch
 * @level: the level
 */
uint64_t fsa_level_blocks(const struct fsalert_entry *entry,
			  const struct fsa_level *level)
{
	return resolve(entry, level->kind, level->trigger, level->unit);
}

/*
 * Blocks of it depend on figures that the kernel does not show to this program: a
 * percentage on the total, bytes on the size of a block.
 */
static bool is_part_of_unknown(const struct fsalert_entry *entry,
			       const struct fsa_level *level, uint64_t unit)
{
	return unit != FS_NL_UNIT_BLOCKS &&
	       !(level->kind == FS_NL_KIND_INODES ? entry->inodes : entry->total);
}

/* --- getters -------------------------------------------------------------- */

/* From bits of the kernel's numbers to bits of types. */
static uint64_t types_of(uint64_t ids)
{
	uint64_t types = 0;
	uint32_t id;

	for (id = 0; id < 64; id++) {
		if (ids & BIT64(id))
			types |= BIT64(fsa_type_of_id(id));
	}
	return types & ~BIT64(FSALERT_UNKNOWN);
}

static const struct {
	uint16_t attr;
	size_t offset;
} numbers[] = {
#define NUMBER(attr, member)	{ attr, offsetof(struct fsalert_entry, member) }
	[FSALERT_KEY_ENTRY]	= NUMBER(FS_NL_ENTRY_A_ID, id),
	[FSALERT_KEY_DEV_MAJOR]	= NUMBER(FS_NL_ENTRY_A_DEV_MAJOR, dev_major),
	[FSALERT_KEY_DEV_MINOR]	= NUMBER(FS_NL_ENTRY_A_DEV_MINOR, dev_minor),
	[FSALERT_KEY_FSID]	= NUMBER(FS_NL_ENTRY_A_FSID, fsid),
	[FSALERT_KEY_AVAIL]	= NUMBER(FS_NL_ENTRY_A_AVAIL, avail),
	[FSALERT_KEY_TOTAL]	= NUMBER(FS_NL_ENTRY_A_TOTAL, total),
	[FSALERT_KEY_FRSIZE]	= NUMBER(FS_NL_ENTRY_A_FRSIZE, frsize),
	[FSALERT_KEY_INODES_FREE] = NUMBER(FS_NL_ENTRY_A_INODES_FREE,
					   inodes_free),
	[FSALERT_KEY_INODES]	= NUMBER(FS_NL_ENTRY_A_INODES, inodes),
};

int fsalert_entry_u64(const struct fsalert_entry *entry, enum fsalert_key key,
		      uint64_t *value)
{
	switch (key) {
	case FSALERT_KEY_EVENTS:
		*value = types_of(entry->events);
		return 0;
	case FSALERT_KEY_LASTING:
		*value = types_of(entry->lasting);
		return 0;
	case FSALERT_KEY_ELSEWHERE:
		*value = entry->elsewhere;
		return 0;
	default:
		break;
	}
	if (key >= ARRAY_SIZE(numbers) || !numbers[key].attr ||
	    !(entry->has & BIT64(numbers[key].attr)))
		return -ENODATA;
	*value = *(const uint64_t *)((const char *)entry + numbers[key].offset);
	return 0;
}

const char *fsalert_entry_str(const struct fsalert_entry *entry,
			      enum fsalert_key key)
{
	switch (key) {
	case FSALERT_KEY_MOUNT:
		return entry->mount;
	case FSALERT_KEY_FSTYPE:
		return entry->fstype;
	case FSALERT_KEY_SOURCE:
		return entry->source;
	case FSALERT_KEY_REQUEST:
		return entry->request;
	default:
		return NULL;
	}
}

int fsalert_level_u64(const struct fsalert_entry *entry, size_t index,
		      enum fsalert_key key, uint64_t *value)
{
	const struct fsa_level *level = entry->levels + index;

	if (index >= entry->nr_levels)
		return -ENOENT;
	switch (key) {
	case FSALERT_KEY_KIND:
		*value = level->kind == FS_NL_KIND_INODES ? FSALERT_INO_BELOW :
			FSALERT_BELOW;
		return 0;
	case FSALERT_KEY_LEVEL_NR:
		*value = level->nr;
		return 0;
	case FSALERT_KEY_LEVEL:
		if (is_part_of_unknown(entry, level, level->unit))
			return -ENODATA;
		*value = fsa_level_blocks(entry, level);
		return 0;
	case FSALERT_KEY_REARM:
		if (is_part_of_unknown(entry, level, level->rearm_unit))
			return -ENODATA;
		*value = resolve(entry, level->kind, level->rearm,
				 level->rearm_unit);
		return 0;
	case FSALERT_KEY_IS_BELOW:
		*value = level->state == FS_NL_STATE_BELOW;
		return 0;
	default:
		return -ENODATA;
	}
}

const char *fsalert_level_str(const struct fsalert_entry *entry, size_t index,
			      enum fsalert_key key)
{
	if (index >= entry->nr_levels || key != FSALERT_KEY_TEXT)
		return NULL;
	return entry->levels[index].text;
}
