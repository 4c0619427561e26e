/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events: what both kinds of handles fill in, and the getters read.
 */
#ifndef FSALERT_EVENT_H
#define FSALERT_EVENT_H

#include <stdbool.h>

#include <linux/netlink.h>

#include "fsalert.h"

#define FSA_KEYS	(FSALERT_KEY_TEXT + 1)
#define FSA_UUID_LEN	16
#define FSA_UUID_TEXT	(2 * FSA_UUID_LEN + 5)

#define BIT64(nr)	(1ULL << (nr))

/**
 * struct fsalert_event - an event
 * @type: what happened
 * @id: its number in the kernel's family, 0: not known
 * @of: FSALERT_CLEARED: number of what is over, 0: not known
 * @has: which numbers and texts it has, bits of 1 << enum fsalert_key
 * @number: by key
 * @text: by key; lies in the line or the message that the event came in
 * @payload: attributes of a file system's own
 * @payload_len: bytes of these
 * @uuid: room for the text of FSALERT_KEY_UUID
 */
struct fsalert_event {
	enum fsalert_type type;
	uint32_t id;
	uint32_t of;
	uint64_t has;
	uint64_t number[FSA_KEYS];
	const char *text[FSA_KEYS];
	const void *payload;
	size_t payload_len;
	char uuid[FSA_UUID_TEXT];
};

void fsa_event_init(struct fsalert_event *ev, enum fsalert_type type);
void fsa_event_set_id(struct fsalert_event *ev, uint32_t id);
void fsa_event_set_of(struct fsalert_event *ev, uint32_t id);
void fsa_event_set(struct fsalert_event *ev, enum fsalert_key key,
		   uint64_t value);
void fsa_event_set_text(struct fsalert_event *ev, enum fsalert_key key,
			const char *text);
void fsa_event_set_uuid(struct fsalert_event *ev, const uint8_t *uuid);

bool fsa_event_decode(struct fsalert_event *ev, const struct nlmsghdr *nlh);

enum fsalert_type fsa_type_of_id(uint32_t id);
const char *fsa_name_of_id(uint32_t id);
uint32_t fsa_id_of_name(const char *name);

static inline bool fsa_has(const struct fsalert_event *ev, enum fsalert_key key)
{
	return ev->has & BIT64(key);
}

/* 0 when there is none. */
static inline uint64_t fsa_number(const struct fsalert_event *ev,
				  enum fsalert_key key)
{
	return ev->number[key];
}

#endif /* FSALERT_EVENT_H */
