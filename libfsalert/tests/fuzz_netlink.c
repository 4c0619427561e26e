// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzzing: netlink messages, as scripts/fuzz runs it.
 *
 * The first byte is the command; with its high bit the rest is the message as it
 * is, otherwise pairs of a number and a length, each followed by so many bytes,
 * become well-formed attributes. Lengths from 200 begin a nested attribute.
 *
 * Each message is decoded once more up to the end of its first attribute: where
 * that is too short, memory ends.
 */
#include <stdlib.h>

#include <libmnl/libmnl.h>
#include <linux/fs_event.h>
#include <linux/genetlink.h>

#include "entry.h"
#include "fuzz.h"
#include "socket.h"

#define SIZE_MAX_BYTES	16384
#define RAW		0x80
#define NESTED		200

static void put_attributes(struct nlmsghdr *nlh, const uint8_t *data,
			   size_t size)
{
	struct nlattr *nest = NULL;

	while (size >= 2) {
		uint16_t nr = data[0];
		size_t len = data[1];

		data += 2;
		size -= 2;
		if (len >= NESTED) {
			if (nest)
				mnl_attr_nest_end(nlh, nest);
			nest = mnl_attr_nest_start(nlh, nr);
			continue;
		}
		len = len < size ? len : size;
		if (!mnl_attr_put_check(nlh, SIZE_MAX_BYTES, nr, len, data))
			break;
		data += len;
		size -= len;
	}
	if (nest)
		mnl_attr_nest_end(nlh, nest);
}

static struct nlmsghdr *message(const uint8_t *data, size_t size)
{
	static char buf[SIZE_MAX_BYTES + MNL_ATTR_HDRLEN];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	genl->cmd = *data & ~RAW;
	if (*data & RAW) {
		size = size - 1 < SIZE_MAX_BYTES / 2 ? size - 1 :
		       SIZE_MAX_BYTES / 2;
		memcpy(mnl_nlmsg_get_payload_tail(nlh), data + 1, size);
		nlh->nlmsg_len += size;
	} else {
		put_attributes(nlh, data + 1, size - 1);
	}
	return nlh;
}

static void fuzz_watch(struct fsa_watch *watch, const struct fsalert_event *ev)
{
	const struct fsalert_entry *entry = &watch->entry;
	uint64_t value;
	const char *text;
	size_t i;
	int key;

	if (ev)
		fsa_watch_apply(watch, ev);
	for (key = 0; key < FSA_KEYS + 2; key++) {
		if (!fsalert_entry_u64(entry, key, &value))
			fuzz_sum += value;
		text = fsalert_entry_str(entry, key);
		fuzz_sum += text ? strlen(text) : 0;
		for (i = 0; i <= entry->nr_levels; i++) {
			if (!fsalert_level_u64(entry, i, key, &value))
				fuzz_sum += value;
			text = fsalert_level_str(entry, i, key);
			fuzz_sum += text ? strlen(text) : 0;
		}
	}
}

size_t fuzz_sum;

/* The first @len bytes of a message, in as much memory: none beyond is read. */
static void fuzz_message(const struct nlmsghdr *whole, size_t len)
{
	struct fsa_address address = { .name = "x", .groups = { "a", "config" } };
	struct nlmsghdr *nlh = malloc(len);
	struct fsalert_event ev;
	struct fsa_watch *watch;
	uint64_t change;
	bool is_event;

	if (!nlh)
		return;
	memcpy(nlh, whole, len);
	nlh->nlmsg_len = len;
	is_event = fsa_event_decode(&ev, nlh);
	if (is_event)
		fuzz_read(&ev);
	watch = fsa_watch_decode(nlh, &change);
	if (watch)
		fuzz_watch(watch, is_event ? &ev : NULL);
	free(watch);
	fsa_address_take(&address, nlh);
	free(nlh);
}

int fuzz_one(const uint8_t *data, size_t size)
{
	const struct nlmsghdr *nlh;
	const struct nlattr *attr;

	if (!size)
		return 0;
	nlh = message(data, size);
	fuzz_message(nlh, nlh->nlmsg_len);
	attr = mnl_nlmsg_get_payload_offset(nlh, sizeof(struct genlmsghdr));
	if (mnl_attr_ok(attr, (const char *)mnl_nlmsg_get_payload_tail(nlh) -
			      (const char *)attr))
		fuzz_message(nlh, (const char *)mnl_attr_next(attr) -
				  (const char *)nlh);
	return 0;
}
