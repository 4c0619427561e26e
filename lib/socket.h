/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Generic netlink sockets: families and groups by name, and requests.
 */
#ifndef FSEVENTS_SOCKET_H
#define FSEVENTS_SOCKET_H

#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

/* Any message of the family: two strings of PATH_MAX, 128 levels and more. */
#define FSEV_MESSAGE_BYTES	(64 << 10)

#define FSEV_GROUPS_MAX		2

/**
 * struct fsev_address - a family and groups of it, by name and then by number
 * @name: of the family
 * @groups: names of groups, up to a NULL
 * @family: number of the family; 0: not found
 * @group_ids: numbers of the groups, as @groups
 */
struct fsev_address {
	const char *name;
	const char *groups[FSEV_GROUPS_MAX + 1];
	uint16_t family;
	uint32_t group_ids[FSEV_GROUPS_MAX];
};

/**
 * struct fsev_query - a request, and room for what the kernel says to it
 * @head: the message, to which attributes can be added
 * @buf: the same
 */
struct fsev_query {
	union {
		struct nlmsghdr head;
		char buf[FSEV_MESSAGE_BYTES];
	};
};

struct fsev_query *fsev_query_new(uint16_t family, uint8_t cmd, uint16_t flags);
int fsev_query_run(struct fsev_query *q, mnl_cb_t fn, void *data);

int fsev_resolve(struct fsev_address *address);
void fsev_address_take(struct fsev_address *address, const struct nlmsghdr *nlh);
int fsev_join(struct mnl_socket **nl, const struct fsev_address *address);

#endif /* FSEVENTS_SOCKET_H */
