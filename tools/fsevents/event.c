// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a netlink message to an event.
 *
 * The kernel may be newer than this: attributes and event ids that are not
 * known here are no error, and a known attribute of another size than ours is
 * taken for one that did not come.
 */
#include <stddef.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "array.h"
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
};

#define MEMBER(m)	offsetof(struct fsevent, m)

/* Where an attribute goes. All numbers are kept in 64 bits. */
static const struct field {
	enum mnl_attr_data_type type;
	size_t offset;
} fields[] = {
	[FS_NL_A_EVENT_ID]	= { MNL_TYPE_U32, MEMBER(event_id) },
	[FS_NL_A_DEV_MAJOR]	= { MNL_TYPE_U32, MEMBER(dev_major) },
	[FS_NL_A_DEV_MINOR]	= { MNL_TYPE_U32, MEMBER(dev_minor) },
	[FS_NL_A_CAUSED_PID]	= { MNL_TYPE_U32, MEMBER(pid) },
	[FS_NL_A_DATA]		= { MNL_TYPE_U64, MEMBER(avail) },
	[FS_NL_A_SEQ]		= { MNL_TYPE_U64, MEMBER(seq) },
	[FS_NL_A_TIME]		= { MNL_TYPE_U64, MEMBER(time_ns) },
	[FS_NL_A_COUNT]		= { MNL_TYPE_U32, MEMBER(count) },
	[FS_NL_A_ERRNO]		= { MNL_TYPE_U32, MEMBER(error) },
	[FS_NL_A_INO]		= { MNL_TYPE_U64, MEMBER(ino) },
	[FS_NL_A_LEVEL]		= { MNL_TYPE_U64, MEMBER(level) },
	[FS_NL_A_TOTAL]		= { MNL_TYPE_U64, MEMBER(total) },
	[FS_NL_A_FRSIZE]	= { MNL_TYPE_U32, MEMBER(frsize) },
	[FS_NL_A_MOUNT]		= { MNL_TYPE_NUL_STRING, MEMBER(mount) },
	[FS_NL_A_FSTYPE]	= { MNL_TYPE_NUL_STRING, MEMBER(fstype) },
	[FS_NL_A_SOURCE]	= { MNL_TYPE_NUL_STRING, MEMBER(source) },
	[FS_NL_A_FSID]		= { MNL_TYPE_U64, MEMBER(fsid) },
	[FS_NL_A_UUID]		= { MNL_TYPE_BINARY, MEMBER(uuid) },
	[FS_NL_A_LEVEL_NR]	= { MNL_TYPE_U32, MEMBER(level_nr) },
	[FS_NL_A_ENTRY_ID]	= { MNL_TYPE_U32, MEMBER(entry) },
};

/**
 * fsevent_has - did an event come with an attribute?
 * @ev: the event
 * @attr: the attribute
 */
bool fsevent_has(const struct fsevent *ev, enum fs_event_nl_attr attr)
{
	return ev->has & (1ULL << attr);
}

/**
 * fsevent_name - name of an event
 * @id: enum fs_event_type
 *
 * Return: the name in requests and streams, or NULL when the id is not known.
 */
const char *fsevent_name(uint64_t id)
{
	return id < ARRAY_SIZE(events) ? events[id].name : NULL;
}

/**
 * fsevent_is_generic - is an event one of those that the type G is for?
 * @id: enum fs_event_type
 */
bool fsevent_is_generic(uint64_t id)
{
	return id < ARRAY_SIZE(events) && events[id].generic;
}

static bool fits(const struct nlattr *attr, enum mnl_attr_data_type type)
{
	if (type == MNL_TYPE_BINARY)
		return mnl_attr_get_payload_len(attr) == FSEVENT_UUID_LEN;
	return mnl_attr_validate(attr, type) == 0;
}

static void take(struct fsevent *ev, const struct nlattr *attr)
{
	uint16_t nr = mnl_attr_get_type(attr);
	const struct field *f = nr < ARRAY_SIZE(fields) ? &fields[nr] : NULL;
	void *to;

	if (!f || !f->type || !fits(attr, f->type))
		return;
	to = (char *)ev + f->offset;
	switch (f->type) {
	case MNL_TYPE_U32:
		*(uint64_t *)to = mnl_attr_get_u32(attr);
		break;
	case MNL_TYPE_U64:
		*(uint64_t *)to = mnl_attr_get_u64(attr);
		break;
	case MNL_TYPE_NUL_STRING:
		*(const char **)to = mnl_attr_get_str(attr);
		break;
	default:
		memcpy(to, mnl_attr_get_payload(attr), FSEVENT_UUID_LEN);
	}
	ev->has |= 1ULL << nr;
}

/**
 * fsevent_decode - take an event out of a message
 * @ev: the event; its strings lie in the message
 * @nlh: a message of the family, of any command
 *
 * Return: false when it is no event.
 */
bool fsevent_decode(struct fsevent *ev, const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;

	memset(ev, 0, sizeof(*ev));
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*genl) ||
	    genl->cmd != FS_NL_C_EVENT)
		return false;
	mnl_attr_for_each(attr, nlh, sizeof(*genl))
		take(ev, attr);
	return fsevent_has(ev, FS_NL_A_EVENT_ID);
}

/**
 * fsevent_gap - how many events were lost before this one?
 * @gap: what came before
 * @ev: an event
 *
 * Numbers have no gaps. One that is not larger than the one before comes from
 * numbering that started anew.
 */
uint64_t fsevent_gap(struct fsevent_gap *gap, const struct fsevent *ev)
{
	uint64_t lost = 0;

	if (!fsevent_has(ev, FS_NL_A_SEQ))
		return 0;
	if (gap->started && ev->seq > gap->last)
		lost = ev->seq - gap->last - 1;
	gap->started = true;
	gap->last = ev->seq;
	return lost;
}
