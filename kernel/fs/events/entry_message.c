// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: what is told of a watch by netlink.
 *
 * Every such message has the number of the last event, SEQ, in the network
 * namespace that the watch's events go to, so that whoever lost some is exact
 * again: the state in the message, and then the events with higher numbers, in
 * their order, make the true state. For:
 *
 *  - The state of a level is the one that it was told to have last, or to have
 *    from the start. It is set under the lock of its super block's state, before
 *    the message gets its number; that is done when it is sent, under the lock of
 *    the namespace. So it is for a failure that lasts.
 *  - Here the number is read first, under that lock, and the state after it. So
 *    what was told with that number or a lower one is in the state.
 *  - No delivery of the watch is under way meanwhile: what fails for want of
 *    memory is put back, and has not been told then.
 *  - What has turned since, and was not told, is not in the state. Perhaps it is
 *    told by a message to come; perhaps it turns back before, which cancels both
 *    and is told by none: then nobody must have seen it here.
 *  - Levels that are replaced tell what they still have to say before fse_mutex
 *    is dropped: so the events after a new state are about its levels.
 *
 * Sizes are exact: types and levels only change under fse_mutex, and what else
 * does was copied by fse_entry_read().
 *
 * Context: process context; fse_mutex is held. Nothing is changed but the
 * message.
 */
#include <linux/string.h>

#include "netlink.h"

static const char fse_suffixes[] = {
	[FS_NL_UNIT_BLOCKS]	= 0,
	[FS_NL_UNIT_KIB]	= 'K',
	[FS_NL_UNIT_MIB]	= 'M',
	[FS_NL_UNIT_GIB]	= 'G',
	[FS_NL_UNIT_TIB]	= 'T',
	[FS_NL_UNIT_PERCENT]	= '%',
};

/* Requests and replies name types by their bits, as we do. */
static_assert(FS_NL_TYPES_GENERIC == FSE_TYPE_G);
static_assert(FS_NL_TYPES_SPACE == FSE_TYPE_T);
static_assert(FS_NL_TYPES_INODES == FSE_TYPE_I);
/* A bit a level in struct fse_entry. */
static_assert(FSE_MAX_LEVELS == BITS_PER_LONG_LONG);

/**
 * fse_unit_suffix - what stands for a unit in text
 * @unit: enum fs_event_nl_unit
 */
char fse_unit_suffix(u32 unit)
{
	return fse_suffixes[unit];
}

static u32 fse_unit(char suffix)
{
	u32 unit = 0;

	while (fse_suffixes[unit] != suffix)
		unit++;
	return unit;
}

static u64 fse_told_below(const struct fse_level_set *set)
{
	u64 below = 0;
	unsigned int i;

	for (i = 0; set && i < set->nr; i++)
		below |= (u64)set->note[i].slot.told_below << i;
	return below;
}

/**
 * fse_entry_read - read the state of a watch
 * @entry: has its watch, and the numbers that were read before
 *
 * Context: deliver_lock of the watch is held.
 */
void fse_entry_read(struct fse_entry *entry)
{
	const struct fse_watch *watch = entry->watch;
	struct fse_sb *es = watch->es;

	fse_assert_locked();
	lockdep_assert_held(&watch->deliver_lock);
	mutex_lock(&es->lock);
	entry->lasting = watch->told;
	entry->space = es->space;
	entry->inodes = es->inodes;
	entry->below[FSE_SPACE] = fse_told_below(watch->set[FSE_SPACE]);
	entry->below[FSE_INODES] = fse_told_below(watch->set[FSE_INODES]);
	mutex_unlock(&es->lock);
}

/* As nla_put_uint() does it. */
size_t fse_uint_size(u64 value)
{
	return nla_total_size(value == (u32)value ? sizeof(u32) : sizeof(u64));
}

static size_t fse_string_size(const char *s)
{
	return nla_total_size(strlen(s) + 1);
}

static size_t fse_levels_size(const struct fse_level_set *set)
{
	const size_t number = nla_total_size(sizeof(u32));
	const struct fse_level *level;
	size_t size = 0;
	unsigned int i;

	for (i = 0; set && i < set->nr; i++) {
		level = &set->level[i];
		/* nest, kind, nr, unit, state */
		size += nla_total_size(0) + number * 4 +
			fse_uint_size(level->trigger.value);
		if (level->has_rearm)
			size += number + fse_uint_size(level->rearm.value);
	}
	return size;
}

static size_t fse_figures_size(const struct fse_entry *entry)
{
	size_t size = 0;

	if (entry->space.total)
		size += fse_uint_size(entry->space.avail) +
			fse_uint_size(entry->space.total) +
			nla_total_size(sizeof(u32));
	if (entry->inodes.total)
		size += fse_uint_size(entry->inodes.avail) +
			fse_uint_size(entry->inodes.total);
	return size;
}

/**
 * fse_entry_size - bytes of the attributes of a watch
 * @entry: the watch, read
 *
 * Return: what fse_entry_put() puts, exactly.
 */
size_t fse_entry_size(const struct fse_entry *entry)
{
	const struct fse_watch *watch = entry->watch;
	const size_t number = nla_total_size(sizeof(u32));
	size_t size;

	size = number * 5 +		/* id, types, dev, lasting */
	       fse_string_size(entry->mount) +
	       fse_string_size(watch->identity->fstype) +
	       fse_string_size(watch->identity->source) +
	       fse_levels_size(watch->set[FSE_SPACE]) +
	       fse_levels_size(watch->set[FSE_INODES]) +
	       fse_uint_size(entry->numbers.generation) +
	       fse_uint_size(entry->numbers.seq) +
	       fse_uint_size(watch->identity->fsid) +
	       fse_figures_size(entry);
	if (watch->types & FSE_TYPE_G)
		size += number;
	if (!uuid_is_null(&watch->identity->uuid))
		size += nla_total_size(sizeof(watch->identity->uuid));
	if (entry->elsewhere)
		size += nla_total_size(0);
	if (entry->is_change)
		size += number;
	return size;
}

static int fse_put_entry_level(struct sk_buff *skb,
			       const struct fse_level *level, u32 kind,
			       u32 nr, bool below)
{
	struct nlattr *nest = nla_nest_start(skb, FS_NL_ENTRY_A_LEVEL);

	if (!nest ||
	    nla_put_u32(skb, FS_NL_LEVEL_A_KIND, kind) ||
	    nla_put_u32(skb, FS_NL_LEVEL_A_NR, nr) ||
	    nla_put_uint(skb, FS_NL_LEVEL_A_TRIGGER, level->trigger.value) ||
	    nla_put_u32(skb, FS_NL_LEVEL_A_UNIT,
			fse_unit(level->trigger.suffix)) ||
	    nla_put_u32(skb, FS_NL_LEVEL_A_STATE,
			below ? FS_NL_STATE_BELOW : FS_NL_STATE_ABOVE))
		return -EMSGSIZE;
	if (level->has_rearm &&
	    (nla_put_uint(skb, FS_NL_LEVEL_A_REARM, level->rearm.value) ||
	     nla_put_u32(skb, FS_NL_LEVEL_A_REARM_UNIT,
			 fse_unit(level->rearm.suffix))))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fse_put_entry_levels(struct sk_buff *skb,
				const struct fse_level_set *set, u32 kind,
				u64 below)
{
	unsigned int i;

	for (i = 0; set && i < set->nr; i++) {
		if (fse_put_entry_level(skb, &set->level[i], kind, i + 1,
					below & BIT_ULL(i)))
			return -EMSGSIZE;
	}
	return 0;
}

static int fse_put_what(struct sk_buff *skb, const struct fse_entry *entry)
{
	const struct fse_watch *watch = entry->watch;

	return nla_put_u32(skb, FS_NL_ENTRY_A_TYPES, watch->types) ||
	       ((watch->types & FSE_TYPE_G) &&
		nla_put_u32(skb, FS_NL_ENTRY_A_EVENTS, watch->events)) ||
	       fse_put_entry_levels(skb, watch->set[FSE_SPACE],
				    FS_NL_KIND_SPACE,
				    entry->below[FSE_SPACE]) ||
	       fse_put_entry_levels(skb, watch->set[FSE_INODES],
				    FS_NL_KIND_INODES,
				    entry->below[FSE_INODES]) ||
	       nla_put_u32(skb, FS_NL_ENTRY_A_LASTING, entry->lasting);
}

static int fse_put_where(struct sk_buff *skb, const struct fse_entry *entry)
{
	const struct fse_watch *watch = entry->watch;

	return nla_put_string(skb, FS_NL_ENTRY_A_MOUNT, entry->mount) ||
	       nla_put_u32(skb, FS_NL_ENTRY_A_DEV_MAJOR, MAJOR(watch->dev)) ||
	       nla_put_u32(skb, FS_NL_ENTRY_A_DEV_MINOR, MINOR(watch->dev)) ||
	       nla_put_string(skb, FS_NL_ENTRY_A_FSTYPE, watch->identity->fstype) ||
	       nla_put_string(skb, FS_NL_ENTRY_A_SOURCE, watch->identity->source) ||
	       nla_put_uint(skb, FS_NL_ENTRY_A_FSID, watch->identity->fsid) ||
	       (!uuid_is_null(&watch->identity->uuid) &&
		nla_put(skb, FS_NL_ENTRY_A_UUID, sizeof(watch->identity->uuid),
			&watch->identity->uuid)) ||
	       (entry->elsewhere &&
		nla_put_flag(skb, FS_NL_ENTRY_A_ELSEWHERE));
}

/* What is not known is left out. */
static int fse_put_figures(struct sk_buff *skb, const struct fse_entry *entry)
{
	const struct fse_gauge *space = &entry->space;
	const struct fse_gauge *inodes = &entry->inodes;

	if (space->total &&
	    (nla_put_uint(skb, FS_NL_ENTRY_A_AVAIL, space->avail) ||
	     nla_put_uint(skb, FS_NL_ENTRY_A_TOTAL, space->total) ||
	     nla_put_u32(skb, FS_NL_ENTRY_A_FRSIZE, space->frsize)))
		return -EMSGSIZE;
	if (inodes->total &&
	    (nla_put_uint(skb, FS_NL_ENTRY_A_INODES_FREE, inodes->avail) ||
	     nla_put_uint(skb, FS_NL_ENTRY_A_INODES, inodes->total)))
		return -EMSGSIZE;
	return 0;
}

/**
 * fse_entry_put - put the attributes of a watch
 * @skb: room for fse_entry_size() bytes
 * @entry: the watch, read
 *
 * Return: 0, or -EMSGSIZE when there is no room.
 */
int fse_entry_put(struct sk_buff *skb, const struct fse_entry *entry)
{
	bool full = nla_put_u32(skb, FS_NL_ENTRY_A_ID, entry->watch->id) ||
		nla_put_uint(skb, FS_NL_ENTRY_A_GENERATION,
			     entry->numbers.generation) ||
		nla_put_uint(skb, FS_NL_ENTRY_A_SEQ, entry->numbers.seq) ||
		(entry->is_change &&
		 nla_put_u32(skb, FS_NL_ENTRY_A_CHANGE, entry->change)) ||
		fse_put_where(skb, entry) ||
		fse_put_what(skb, entry) ||
		fse_put_figures(skb, entry);

	return full ? -EMSGSIZE : 0;
}
