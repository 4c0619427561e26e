// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Events: their names and numbers, their facts, and how they come out of a
 * netlink message.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/fs_event.h>
#include <linux/genetlink.h>

#include "array.h"
#include "event.h"

/* Events of the kernel, by their numbers. */
static const struct {
	const char *name;
	enum fsalert_type type;
} events[] = {
	[FS_WARN_ENOSPC]	= { "enospc", FSALERT_ENOSPC },
	[FS_WARN_ENOSPC_META]	= { "enospc_meta", FSALERT_ENOSPC_META },
	[FS_THR_LRBELOW]	= { "thr_lrbelow", FSALERT_BELOW },
	[FS_THR_LRABOVE]	= { "thr_lrabove", FSALERT_ABOVE },
	[FS_THR_URBELOW]	= { "thr_urbelow", FSALERT_BELOW },
	[FS_THR_URABOVE]	= { "thr_urabove", FSALERT_ABOVE },
	[FS_ERR_REMOUNT_RO]	= { "remount_ro", FSALERT_REMOUNT_RO },
	[FS_ERR_CORRUPTED]	= { "corrupted", FSALERT_CORRUPTED },
	[FS_THR_BELOW]		= { "thr_below", FSALERT_BELOW },
	[FS_THR_ABOVE]		= { "thr_above", FSALERT_ABOVE },
	[FS_INO_BELOW]		= { "ino_below", FSALERT_INO_BELOW },
	[FS_INO_ABOVE]		= { "ino_above", FSALERT_INO_ABOVE },
	[FS_INFO_UNMOUNT]	= { "unmount", FSALERT_UNMOUNT },
	[FS_ERR_IO]		= { "io_error", FSALERT_IO_ERROR },
	[FS_ERR_SHUTDOWN]	= { "shutdown", FSALERT_SHUTDOWN },
	[FS_INFO_CLEARED]	= { "cleared", FSALERT_CLEARED },
};

static const struct {
	const char *name;
	enum fsalert_severity severity;
} types[] = {
	[FSALERT_UNKNOWN]	= { NULL, FSALERT_INFO },
	[FSALERT_ENOSPC]	= { "enospc", FSALERT_ERROR },
	[FSALERT_ENOSPC_META]	= { "enospc_meta", FSALERT_ERROR },
	[FSALERT_BELOW]		= { "below", FSALERT_WARNING },
	[FSALERT_ABOVE]		= { "above", FSALERT_INFO },
	[FSALERT_INO_BELOW]	= { "ino_below", FSALERT_WARNING },
	[FSALERT_INO_ABOVE]	= { "ino_above", FSALERT_INFO },
	[FSALERT_REMOUNT_RO]	= { "remount_ro", FSALERT_ERROR },
	[FSALERT_CORRUPTED]	= { "corrupted", FSALERT_ERROR },
	[FSALERT_IO_ERROR]	= { "io_error", FSALERT_ERROR },
	[FSALERT_SHUTDOWN]	= { "shutdown", FSALERT_ERROR },
	[FSALERT_CLEARED]	= { "cleared", FSALERT_INFO },
	[FSALERT_UNMOUNT]	= { "unmount", FSALERT_INFO },
	[FSALERT_OWN]		= { "own", FSALERT_INFO },
	[FSALERT_LOST]		= { "lost", FSALERT_WARNING },
	[FSALERT_GONE]		= { "gone", FSALERT_ERROR },
	[FSALERT_BACK]		= { "back", FSALERT_INFO },
	[FSALERT_ADDED]		= { "added", FSALERT_INFO },
	[FSALERT_CHANGED]	= { "changed", FSALERT_INFO },
	[FSALERT_REMOVED]	= { "removed", FSALERT_INFO },
};

enum fsalert_type fsa_type_of_id(uint32_t id)
{
	if (id >= FS_EVENT_PRIVATE)
		return FSALERT_OWN;
	return id < ARRAY_SIZE(events) ? events[id].type : FSALERT_UNKNOWN;
}

const char *fsa_name_of_id(uint32_t id)
{
	return id < ARRAY_SIZE(events) ? events[id].name : NULL;
}

uint32_t fsa_id_of_name(const char *name)
{
	uint32_t id;

	for (id = 0; id < ARRAY_SIZE(events); id++) {
		if (events[id].name && !strcmp(events[id].name, name))
			return id;
	}
	return FS_EVENT_NONE;
}

const char *fsalert_name(enum fsalert_type type)
{
	return type < ARRAY_SIZE(types) ? types[type].name : NULL;
}

enum fsalert_type fsalert_type_of(const char *name)
{
	size_t type;

	for (type = 0; type < ARRAY_SIZE(types); type++) {
		if (types[type].name && !strcmp(types[type].name, name))
			return type;
	}
	return fsa_type_of_id(fsa_id_of_name(name));
}

enum fsalert_severity fsalert_severity_of(enum fsalert_type type)
{
	return type < ARRAY_SIZE(types) ? types[type].severity : FSALERT_INFO;
}

/**
 * fsa_event_init - begin an event
 * @ev: the event
 * @type: what happened
 */
void fsa_event_init(struct fsalert_event *ev, enum fsalert_type type)
{
	memset(ev, 0, sizeof(*ev));
	ev->type = type;
	fsa_event_set_text(ev, FSALERT_KEY_NAME, fsalert_name(type));
}

void fsa_event_set(struct fsalert_event *ev, enum fsalert_key key,
		   uint64_t value)
{
	ev->has |= BIT64(key);
	ev->number[key] = value;
}

void fsa_event_set_text(struct fsalert_event *ev, enum fsalert_key key,
			const char *text)
{
	ev->text[key] = text;
}

/**
 * fsa_event_set_id - say what happened by its number in the kernel's family
 * @ev: the event
 * @id: the number
 */
void fsa_event_set_id(struct fsalert_event *ev, uint32_t id)
{
	ev->type = fsa_type_of_id(id);
	ev->id = id;
	fsa_event_set(ev, FSALERT_KEY_ID, id);
	fsa_event_set_text(ev, FSALERT_KEY_NAME,
			   fsa_name_of_id(id) ?: fsalert_name(ev->type));
}

/**
 * fsa_event_set_of - say what is over by its number in the kernel's family
 * @ev: the event
 * @id: the number
 */
void fsa_event_set_of(struct fsalert_event *ev, uint32_t id)
{
	ev->of = id;
	fsa_event_set(ev, FSALERT_KEY_OF, fsa_type_of_id(id));
	fsa_event_set_text(ev, FSALERT_KEY_OF, fsa_name_of_id(id));
}

void fsa_event_set_uuid(struct fsalert_event *ev, const uint8_t *uuid)
{
	char *to = ev->uuid;
	size_t i;

	for (i = 0; i < FSA_UUID_LEN; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		to += sprintf(to, "%02x", uuid[i]);
	}
	fsa_event_set_text(ev, FSALERT_KEY_UUID, ev->uuid);
}

enum form {
	FORM_NONE,
	FORM_U32,
	FORM_U64,
	FORM_STRING,
};

static const struct {
	enum form form;
	enum fsalert_key key;
} attributes[] = {
	[FS_NL_A_DEV_MAJOR]	= { FORM_U32, FSALERT_KEY_DEV_MAJOR },
	[FS_NL_A_DEV_MINOR]	= { FORM_U32, FSALERT_KEY_DEV_MINOR },
	[FS_NL_A_CAUSED_PID]	= { FORM_U32, FSALERT_KEY_PID },
	[FS_NL_A_DATA]		= { FORM_U64, FSALERT_KEY_AVAIL },
	[FS_NL_A_SEQ]		= { FORM_U64, FSALERT_KEY_SEQ },
	[FS_NL_A_TIME]		= { FORM_U64, FSALERT_KEY_TIME },
	[FS_NL_A_COUNT]		= { FORM_U32, FSALERT_KEY_COUNT },
	[FS_NL_A_ERRNO]		= { FORM_U32, FSALERT_KEY_ERRNO },
	[FS_NL_A_INO]		= { FORM_U64, FSALERT_KEY_INO },
	[FS_NL_A_LEVEL]		= { FORM_U64, FSALERT_KEY_LEVEL },
	[FS_NL_A_TOTAL]		= { FORM_U64, FSALERT_KEY_TOTAL },
	[FS_NL_A_FRSIZE]	= { FORM_U32, FSALERT_KEY_FRSIZE },
	[FS_NL_A_MOUNT]		= { FORM_STRING, FSALERT_KEY_MOUNT },
	[FS_NL_A_FSTYPE]	= { FORM_STRING, FSALERT_KEY_FSTYPE },
	[FS_NL_A_SOURCE]	= { FORM_STRING, FSALERT_KEY_SOURCE },
	[FS_NL_A_FSID]		= { FORM_U64, FSALERT_KEY_FSID },
	[FS_NL_A_LEVEL_NR]	= { FORM_U32, FSALERT_KEY_LEVEL_NR },
	[FS_NL_A_ENTRY_ID]	= { FORM_U32, FSALERT_KEY_ENTRY },
};

/*
 * The kernel may be newer than this: an attribute that is not known, or of
 * another size, is left out.
 */
static void take(struct fsalert_event *ev, const struct nlattr *attr)
{
	size_t len = mnl_attr_get_payload_len(attr);
	uint16_t nr = mnl_attr_get_type(attr);

	if (nr == FS_NL_A_UUID && len == FSA_UUID_LEN)
		fsa_event_set_uuid(ev, mnl_attr_get_payload(attr));
	if (nr == FS_NL_A_LAST)
		fsa_event_set(ev, FSALERT_KEY_LAST, 1);
	if (nr == FS_NL_A_OF && len == sizeof(uint32_t))
		fsa_event_set_of(ev, mnl_attr_get_u32(attr));
	if (nr >= ARRAY_SIZE(attributes))
		return;
	switch (attributes[nr].form) {
	case FORM_U32:
		if (len == sizeof(uint32_t))
			fsa_event_set(ev, attributes[nr].key,
				      mnl_attr_get_u32(attr));
		break;
	case FORM_U64:
		if (len == sizeof(uint64_t))
			fsa_event_set(ev, attributes[nr].key,
				      mnl_attr_get_u64(attr));
		break;
	case FORM_STRING:
		if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
			fsa_event_set_text(ev, attributes[nr].key,
					   mnl_attr_get_str(attr));
		break;
	case FORM_NONE:
		break;
	}
}

/**
 * fsa_event_decode - take an event out of a message
 * @ev: the event; its texts lie in the message
 * @nlh: a message of the family, of any command
 *
 * Return: false: it is no event.
 */
bool fsa_event_decode(struct fsalert_event *ev, const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	bool is_event = false;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*genl) ||
	    genl->cmd != FS_NL_C_EVENT)
		return false;
	fsa_event_init(ev, FSALERT_UNKNOWN);
	mnl_attr_for_each(attr, nlh, sizeof(*genl)) {
		if (mnl_attr_get_type(attr) == FS_NL_A_EVENT_ID &&
		    mnl_attr_get_payload_len(attr) == sizeof(uint32_t)) {
			fsa_event_set_id(ev, mnl_attr_get_u32(attr));
			is_event = true;
		}
		take(ev, attr);
	}
	if (ev->type == FSALERT_OWN) {
		ev->payload = mnl_nlmsg_get_payload_offset(nlh, sizeof(*genl));
		ev->payload_len = mnl_nlmsg_get_payload_len(nlh) -
				  MNL_ALIGN(sizeof(*genl));
	}
	return is_event;
}

enum fsalert_type fsalert_type(const struct fsalert_event *ev)
{
	return ev->type;
}

enum fsalert_severity fsalert_severity(const struct fsalert_event *ev)
{
	return fsalert_severity_of(ev->type);
}

int fsalert_is_error(const struct fsalert_event *ev)
{
	return fsalert_severity(ev) == FSALERT_ERROR;
}

int fsalert_u64(const struct fsalert_event *ev, enum fsalert_key key,
		uint64_t *value)
{
	if (key >= FSA_KEYS || !fsa_has(ev, key))
		return -ENODATA;
	*value = fsa_number(ev, key);
	return 0;
}

const char *fsalert_str(const struct fsalert_event *ev, enum fsalert_key key)
{
	return key < FSA_KEYS ? ev->text[key] : NULL;
}

const void *fsalert_payload(const struct fsalert_event *ev, size_t *len)
{
	*len = ev->payload_len;
	return ev->payload;
}
