// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: requests and watches as attributes of netlink messages.
 *
 * Context: process context; commands.c calls without locks, or says which.
 */
#include <linux/string.h>

#include "grammar.h"
#include "netlink.h"
#include "netlink_gen.h"

static const char fse_suffixes[] = {
	[FS_NL_UNIT_BLOCKS]	= 0,
	[FS_NL_UNIT_KIB]	= 'K',
	[FS_NL_UNIT_MIB]	= 'M',
	[FS_NL_UNIT_GIB]	= 'G',
	[FS_NL_UNIT_TIB]	= 'T',
	[FS_NL_UNIT_PERCENT]	= '%',
};

/* Types, sets and levels have the same numbers in messages and here. */
static_assert(FS_NL_TYPES_GENERIC == FSE_TYPE_G);
static_assert(FS_NL_TYPES_SPACE == FSE_TYPE_T);
static_assert(FS_NL_TYPES_INODES == FSE_TYPE_I);
static_assert((int)FS_NL_KIND_SPACE == (int)FSE_SPACE);
static_assert((int)FS_NL_KIND_INODES == (int)FSE_INODES);
/* One bit per level in struct fse_entry. */
static_assert(FSE_MAX_LEVELS == BITS_PER_LONG_LONG);

/*
 * From attributes to a request, as the grammar makes it of text. The policy has
 * checked types and lengths before; here is what it can't say. A span of the
 * request is an attribute, counted from the first, for refusals to point at.
 */

/* Where an attribute stands in its message. */
static struct fse_span fse_attr_span(const struct nlmsghdr *nlh,
				     const struct nlattr *attr)
{
	return (struct fse_span) {
		.off = (const u8 *)attr -
		       (const u8 *)nlmsg_attrdata(nlh, GENL_HDRLEN),
		.len = attr->nla_len,
	};
}

static int fse_bad(struct netlink_ext_ack *extack, const struct nlattr *attr,
		   int err, const char *why)
{
	NL_SET_BAD_ATTR(extack, attr);
	NL_SET_ERR_MSG_FMT(extack, "%s", why);
	return err;
}

static int fse_amount_get(const struct nlattr *attr, const struct nlattr *unit,
			  bool inodes, struct fse_amount *a,
			  struct netlink_ext_ack *extack)
{
	const char *why;
	int err;

	a->value = nla_get_uint(attr);
	a->suffix = fse_suffixes[unit ? nla_get_u32(unit) :
					FS_NL_UNIT_BLOCKS];
	err = fse_amount_check(a, inodes, &why);
	return err ? fse_bad(extack, attr, err, why) : 0;
}

static int fse_level_get(struct nlattr **tb, bool inodes,
			 struct fse_level_spec *level,
			 struct netlink_ext_ack *extack)
{
	struct nlattr *trigger = tb[FS_NL_LEVEL_A_TRIGGER];
	struct nlattr *unit = tb[FS_NL_LEVEL_A_UNIT];
	struct nlattr *rearm = tb[FS_NL_LEVEL_A_REARM];
	struct nlattr *rearm_unit = tb[FS_NL_LEVEL_A_REARM_UNIT];
	int err;

	err = fse_amount_get(trigger, unit, inodes, &level->trigger, extack);
	if (err)
		return err;
	level->has_rearm = rearm;
	level->rearm = level->trigger;
	if (rearm)
		return fse_amount_get(rearm, rearm_unit ?: unit, inodes,
				      &level->rearm, extack);
	if (rearm_unit)
		return fse_bad(extack, rearm_unit, -EINVAL,
			       "unit of a re-arm that is not there");
	return 0;
}

static int fse_level_add(const struct nlmsghdr *nlh, struct nlattr *nest,
			 struct fse_request *req,
			 struct netlink_ext_ack *extack)
{
	struct nlattr *tb[FS_NL_LEVEL_A_MAX + 1];
	struct fse_level_spec *level;
	unsigned int type, *nr;
	bool inodes;
	int err;

	err = nla_parse_nested(tb, FS_NL_LEVEL_A_MAX, nest,
			       fs_event_level_nl_policy, extack);
	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(extack, nest, tb, FS_NL_LEVEL_A_KIND) ||
	    NL_REQ_ATTR_CHECK(extack, nest, tb, FS_NL_LEVEL_A_TRIGGER)) {
		NL_SET_ERR_MSG(extack, "a level needs KIND and TRIGGER");
		return -EINVAL;
	}
	if (tb[FS_NL_LEVEL_A_STATE])
		return fse_bad(extack, tb[FS_NL_LEVEL_A_STATE], -EINVAL,
			       "the state of a level can not be set");
	if (tb[FS_NL_LEVEL_A_NR])
		return fse_bad(extack, tb[FS_NL_LEVEL_A_NR], -EINVAL,
			       "levels are numbered by their order");
	inodes = nla_get_u32(tb[FS_NL_LEVEL_A_KIND]) == FS_NL_KIND_INODES;
	type = inodes ? 2 : 1;
	nr = inodes ? &req->nr_inodes : &req->nr_space;
	if (*nr == FSE_MAX_LEVELS)
		return fse_bad(extack, nest, -E2BIG, "more than 64 levels");
	level = inodes ? &req->inodes[*nr] : &req->space[*nr];
	level->word = fse_attr_span(nlh, nest);
	err = fse_level_get(tb, inodes, level, extack);
	if (err)
		return err;
	/* What is wrong with all levels is shown at the first. */
	if (!(*nr)++)
		req->type[type] = level->word;
	req->types |= 1U << type;
	return 0;
}

static int fse_events_get(const struct nlmsghdr *nlh, struct nlattr *attr,
			  struct fse_request *req,
			  struct netlink_ext_ack *extack)
{
	req->events = nla_get_u32(attr);
	if (!req->events)
		return fse_bad(extack, attr, -EINVAL, "no event at all");
	if (req->events & ~FSE_GENERIC_EVENTS)
		return fse_bad(extack, attr, -EINVAL,
			       "not only generic events");
	req->types |= FSE_TYPE_G;
	req->type[0] = fse_attr_span(nlh, attr);
	return 0;
}

static int fse_path_get(const struct nlmsghdr *nlh, struct nlattr *attr,
			struct fse_request *req,
			struct netlink_ext_ack *extack)
{
	const char *path = nla_data(attr);

	if (path[0] != '/')
		return fse_bad(extack, attr, -EINVAL,
			       "expected a path that starts with /");
	strscpy(req->path, path, sizeof(req->path));
	req->mount = fse_attr_span(nlh, attr);
	return 0;
}

/**
 * fse_attrs_set - read ENTRY_SET
 * @nlh: the message
 * @attrs: its attributes
 * @req: zero; set to the request
 * @extack: what is wrong with it
 *
 * Return: 0 or a negative errno.
 */
int fse_attrs_set(const struct nlmsghdr *nlh, struct nlattr **attrs,
		  struct fse_request *req, struct netlink_ext_ack *extack)
{
	struct nlattr *attr;
	int left, err;

	req->op = FSE_OP_SET;
	if (NL_REQ_ATTR_CHECK(extack, NULL, attrs, FS_NL_ENTRY_A_MOUNT)) {
		NL_SET_ERR_MSG(extack, "needs MOUNT");
		return -EINVAL;
	}
	err = fse_path_get(nlh, attrs[FS_NL_ENTRY_A_MOUNT], req, extack);
	if (!err && attrs[FS_NL_ENTRY_A_EVENTS])
		err = fse_events_get(nlh, attrs[FS_NL_ENTRY_A_EVENTS], req,
				     extack);
	if (err)
		return err;
	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, left) {
		if (nla_type(attr) != FS_NL_ENTRY_A_LEVEL)
			continue;
		err = fse_level_add(nlh, attr, req, extack);
		if (err)
			return err;
	}
	if (!req->types) {
		NL_SET_ERR_MSG(extack, "needs EVENTS, LEVEL or both");
		return -EINVAL;
	}
	return 0;
}

/* A command that is about one watch names it by ID or by MOUNT. */
int fse_attrs_which(struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	struct nlattr *mount = attrs[FS_NL_ENTRY_A_MOUNT];

	if (!attrs[FS_NL_ENTRY_A_ID] == !mount) {
		if (mount)
			NL_SET_BAD_ATTR(extack, mount);
		NL_SET_ERR_MSG(extack, "needs either ID or MOUNT");
		return -EINVAL;
	}
	return 0;
}

/**
 * fse_attrs_del - read ENTRY_DEL
 * @nlh: the message
 * @attrs: its attributes
 * @req: zero; set to the request, without a path if there is an id
 * @extack: what is wrong with it
 *
 * Return: 0 or a negative errno.
 */
int fse_attrs_del(const struct nlmsghdr *nlh, struct nlattr **attrs,
		  struct fse_request *req, struct netlink_ext_ack *extack)
{
	struct nlattr *types = attrs[FS_NL_ENTRY_A_TYPES];
	unsigned int i;
	int err;

	err = fse_attrs_which(attrs, extack);
	if (err)
		return err;
	req->op = FSE_OP_REMOVE;
	if (types) {
		req->op = FSE_OP_REMOVE_TYPES;
		req->types = nla_get_u32(types);
		if (!req->types)
			return fse_bad(extack, types, -EINVAL,
				       "no type at all");
		for (i = 0; i < FSE_TYPE_NR; i++)
			req->type[i] = fse_attr_span(nlh, types);
	}
	if (attrs[FS_NL_ENTRY_A_MOUNT])
		return fse_path_get(nlh, attrs[FS_NL_ENTRY_A_MOUNT], req,
				    extack);
	req->by_id = true;
	req->id = nla_get_u32(attrs[FS_NL_ENTRY_A_ID]);
	req->mount = fse_attr_span(nlh, attrs[FS_NL_ENTRY_A_ID]);
	return 0;
}

/**
 * fse_attrs_none - refuse attributes of a command that takes none
 * @nlh: the message
 * @extack: what is wrong with it
 *
 * Generic netlink checks attributes only where there is a policy.
 *
 * Return: 0 or -EINVAL.
 */
int fse_attrs_none(const struct nlmsghdr *nlh, struct netlink_ext_ack *extack)
{
	if (nlmsg_attrlen(nlh, GENL_HDRLEN) <= 0)
		return 0;
	if (nlmsg_attrlen(nlh, GENL_HDRLEN) >= NLA_HDRLEN)
		NL_SET_BAD_ATTR(extack, nlmsg_attrdata(nlh, GENL_HDRLEN));
	NL_SET_ERR_MSG(extack, "takes no attributes");
	return -EINVAL;
}

/*
 * A watch as messages show it. Each has SEQ, the number of the last event in the
 * network namespace that the watch's events go to, so that a client that lost
 * some is exact again: the state in the message and then the events with higher
 * numbers, in their order, make the true state. For:
 *
 *  - The state of a level is that of its last report, or of the start if there was
 *    no report. It is set under the lock of its super block's state, before the
 *    message gets its number; that is done when it is sent, under the lock of the
 *    namespace. The same goes for a failure that lasts.
 *  - Here the number is read first, under that lock, and the state after it. So
 *    what was reported with that number or a lower one is in the state.
 *  - deliver_lock is held, so no delivery of the watch is under way meanwhile:
 *    what fails for want of memory is put back, and counts as not reported. And
 *    no request exchanges its levels.
 *  - A turn that was not reported yet is not in the state. It may be reported
 *    later; or the level turns back before, which cancels both, and then no
 *    message may have shown the first.
 *  - Levels that were replaced report what they have left before the new ones are
 *    shown: so the events after a new state are about its levels.
 */

static u32 fse_unit(char suffix)
{
	u32 unit = 0;

	while (fse_suffixes[unit] != suffix)
		unit++;
	return unit;
}

static unsigned int fse_nr_levels(const struct fse_watch *watch)
{
	const struct fse_level_set *space = watch->set[FSE_SPACE];
	const struct fse_level_set *inodes = watch->set[FSE_INODES];

	return (space ? space->nr : 0) + (inodes ? inodes->nr : 0);
}

/**
 * fse_entry_size - bytes of the attributes of a watch
 * @entry: the watch
 *
 * Context: deliver_lock is held.
 * Return: as many as fse_entry_put() puts at most, also when figures that are
 * not known now become known.
 */
size_t fse_entry_size(const struct fse_entry *entry)
{
	const struct fse_identity *fs = entry->watch->identity;
	const size_t number = nla_total_size(sizeof(u32));
	const size_t uint = nla_total_size(sizeof(u64));

	/* id, change, dev (2), types, events, lasting, frsize */
	return number * 8 +
	       /* generation, seq, fsid, figures */
	       uint * 7 +
	       nla_total_size(strlen(entry->mount) + 1) +
	       nla_total_size(strlen(fs->fstype) + 1) +
	       nla_total_size(strlen(fs->source) + 1) +
	       nla_total_size(sizeof(fs->uuid)) +
	       nla_total_size(0) +	/* elsewhere */
	       FSE_LEVEL_SIZE * fse_nr_levels(entry->watch);
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
				const struct fse_entry *entry, u32 kind)
{
	const struct fse_level_set *set = entry->watch->set[kind];
	unsigned int i;

	for (i = 0; set && i < set->nr; i++) {
		if (fse_put_entry_level(skb, &set->level[i], kind, i + 1,
					set->note[i].slot.reported_below))
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
	       fse_put_entry_levels(skb, entry, FSE_SPACE) ||
	       fse_put_entry_levels(skb, entry, FSE_INODES) ||
	       nla_put_u32(skb, FS_NL_ENTRY_A_LASTING, watch->reported);
}

static int fse_put_where(struct sk_buff *skb, const struct fse_entry *entry)
{
	const struct fse_identity *fs = entry->watch->identity;

	return nla_put_string(skb, FS_NL_ENTRY_A_MOUNT, entry->mount) ||
	       nla_put_u32(skb, FS_NL_ENTRY_A_DEV_MAJOR, MAJOR(fs->dev)) ||
	       nla_put_u32(skb, FS_NL_ENTRY_A_DEV_MINOR, MINOR(fs->dev)) ||
	       nla_put_string(skb, FS_NL_ENTRY_A_FSTYPE, fs->fstype) ||
	       nla_put_string(skb, FS_NL_ENTRY_A_SOURCE, fs->source) ||
	       nla_put_uint(skb, FS_NL_ENTRY_A_FSID, fs->fsid) ||
	       (!uuid_is_null(&fs->uuid) &&
		nla_put(skb, FS_NL_ENTRY_A_UUID, sizeof(fs->uuid),
			&fs->uuid)) ||
	       (entry->elsewhere &&
		nla_put_flag(skb, FS_NL_ENTRY_A_ELSEWHERE));
}

/* What is not known, or not for the reader, is left out. */
static int fse_put_figures(struct sk_buff *skb, const struct fse_entry *entry)
{
	const struct fse_gauge *space = &entry->watch->asker->space;
	const struct fse_gauge *inodes = &entry->watch->asker->inodes;

	if (!entry->figures)
		return 0;
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
 * @entry: the watch
 *
 * Context: Process context; deliver_lock is held.
 * Return: 0, or -EMSGSIZE when there is no room.
 */
int fse_entry_put(struct sk_buff *skb, const struct fse_entry *entry)
{
	struct fse_watch *watch = entry->watch;
	bool full;

	lockdep_assert_held(&watch->deliver_lock);
	mutex_lock(&watch->es->lock);
	full = nla_put_u32(skb, FS_NL_ENTRY_A_ID, watch->id) ||
		nla_put_uint(skb, FS_NL_ENTRY_A_GENERATION,
			     entry->numbers.generation) ||
		nla_put_uint(skb, FS_NL_ENTRY_A_SEQ, entry->numbers.seq) ||
		(entry->is_change &&
		 nla_put_u32(skb, FS_NL_ENTRY_A_CHANGE, entry->change)) ||
		fse_put_where(skb, entry) ||
		fse_put_what(skb, entry) ||
		fse_put_figures(skb, entry);
	mutex_unlock(&watch->es->lock);
	return full ? -EMSGSIZE : 0;
}
