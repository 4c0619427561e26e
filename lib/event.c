// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Events: from a netlink message, their names and their numbers.
 */
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "attributes.h"
#include "event.h"

static const struct {
	const char *name;
	bool generic;
} events[] = {
	[FS_WARN_ENOSPC]	= { "enospc", true },
	[FS_WARN_ENOSPC_META]	= { "enospc_meta", true },
	[FS_THR_LRBELOW]	= { "thr_lrbelow", false },
	[FS_THR_LRABOVE]	= { "thr_lrabove", false },
	[FS_THR_URBELOW]	= { "thr_urbelow", false },
	[FS_THR_URABOVE]	= { "thr_urabove", false },
	[FS_ERR_REMOUNT_RO]	= { "remount_ro", true },
	[FS_ERR_CORRUPTED]	= { "corrupted", true },
	[FS_THR_BELOW]		= { "thr_below", false },
	[FS_THR_ABOVE]		= { "thr_above", false },
	[FS_INO_BELOW]		= { "ino_below", false },
	[FS_INO_ABOVE]		= { "ino_above", false },
	[FS_INFO_UNMOUNT]	= { "unmount", false },
	[FS_ERR_IO]		= { "io_error", true },
	[FS_ERR_SHUTDOWN]	= { "shutdown", true },
	[FS_INFO_CLEARED]	= { "cleared", false },
};

#define MEMBER(m)	offsetof(struct fsevents_event, m)

static const struct fsev_field fields[] = {
	[FS_NL_A_EVENT_ID]	= { FSEV_U32, MEMBER(event_id) },
	[FS_NL_A_DEV_MAJOR]	= { FSEV_U32, MEMBER(dev_major) },
	[FS_NL_A_DEV_MINOR]	= { FSEV_U32, MEMBER(dev_minor) },
	[FS_NL_A_CAUSED_PID]	= { FSEV_U32, MEMBER(pid) },
	[FS_NL_A_DATA]		= { FSEV_U64, MEMBER(avail) },
	[FS_NL_A_SEQ]		= { FSEV_U64, MEMBER(seq) },
	[FS_NL_A_TIME]		= { FSEV_U64, MEMBER(time_ns) },
	[FS_NL_A_COUNT]		= { FSEV_U32, MEMBER(count) },
	[FS_NL_A_ERRNO]		= { FSEV_U32, MEMBER(error) },
	[FS_NL_A_INO]		= { FSEV_U64, MEMBER(ino) },
	[FS_NL_A_LEVEL]		= { FSEV_U64, MEMBER(level) },
	[FS_NL_A_TOTAL]		= { FSEV_U64, MEMBER(total) },
	[FS_NL_A_FRSIZE]	= { FSEV_U32, MEMBER(frsize) },
	[FS_NL_A_MOUNT]		= { FSEV_STRING, MEMBER(mount) },
	[FS_NL_A_FSTYPE]	= { FSEV_STRING, MEMBER(fstype) },
	[FS_NL_A_SOURCE]	= { FSEV_STRING, MEMBER(source) },
	[FS_NL_A_FSID]		= { FSEV_U64, MEMBER(fsid) },
	[FS_NL_A_UUID]		= { FSEV_UUID, MEMBER(uuid) },
	[FS_NL_A_LEVEL_NR]	= { FSEV_U32, MEMBER(level_nr) },
	[FS_NL_A_ENTRY_ID]	= { FSEV_U32, MEMBER(entry) },
	[FS_NL_A_LAST]		= { FSEV_FLAG, MEMBER(last) },
	[FS_NL_A_OF]		= { FSEV_U32, MEMBER(of) },
};

static const struct fsev_table table = { fields, ARRAY_SIZE(fields) };

/**
 * fsevents_event_has - did an event come with an attribute?
 * @ev: the event
 * @attr: the attribute
 *
 * Context: Any thread.
 */
bool fsevents_event_has(const struct fsevents_event *ev,
			enum fs_event_nl_attr attr)
{
	return ev->has & (1ULL << attr);
}

/**
 * fsevents_event_name - name of an event
 * @id: enum fs_event_type
 *
 * Context: Any thread.
 * Return: the name in requests and streams, or NULL when the id is not known.
 */
const char *fsevents_event_name(uint64_t id)
{
	return id < ARRAY_SIZE(events) ? events[id].name : NULL;
}

/**
 * fsevents_event_is_generic - is an event one of those that the type G is for?
 * @id: enum fs_event_type
 *
 * Context: Any thread.
 */
bool fsevents_event_is_generic(uint64_t id)
{
	return id < ARRAY_SIZE(events) && events[id].generic;
}

/**
 * fsev_event_decode - take an event out of a message
 * @ev: the event; its strings lie in the message
 * @nlh: a message of the family, of any command
 *
 * Return: false when it is no event.
 */
bool fsev_event_decode(struct fsevents_event *ev, const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;

	memset(ev, 0, sizeof(*ev));
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*genl) ||
	    genl->cmd != FS_NL_C_EVENT)
		return false;
	mnl_attr_for_each(attr, nlh, sizeof(*genl))
		ev->has |= fsev_take(ev, &table, attr);
	return fsevents_event_has(ev, FS_NL_A_EVENT_ID);
}

/**
 * fsevents_gap - how many events were lost before this one?
 * @gap: what came before
 * @ev: an event
 *
 * Numbers have no gaps. One that is not larger than the one before comes from
 * numbering that started anew.
 *
 * Context: One thread at a time for each @gap.
 * Return: the number of events between @ev and the one before it.
 */
uint64_t fsevents_gap(struct fsevents_gap *gap, const struct fsevents_event *ev)
{
	uint64_t lost = 0;

	if (!fsevents_event_has(ev, FS_NL_A_SEQ))
		return 0;
	if (gap->started && ev->seq > gap->last)
		lost = ev->seq - gap->last - 1;
	gap->started = true;
	gap->last = ev->seq;
	return lost;
}
