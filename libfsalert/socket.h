/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Generic netlink sockets: families and groups by name, messages, and requests.
 */
#ifndef FSALERT_SOCKET_H
#define FSALERT_SOCKET_H

#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

/* Any message of the family: two strings of PATH_MAX, 128 levels and more. */
#define FSA_MESSAGE_BYTES	(64 << 10)

#define FSA_GROUPS_MAX		2

/**
 * struct fsa_address - a family and groups of it, by name and then by number
 * @name: of the family
 * @groups: names of groups, up to a NULL
 * @family: number of the family; 0: not found
 * @group_ids: numbers of the groups, as @groups
 */
struct fsa_address {
	const char *name;
	const char *groups[FSA_GROUPS_MAX + 1];
	uint16_t family;
	uint32_t group_ids[FSA_GROUPS_MAX];
};

/**
 * union fsa_message - a message, and room for any
 * @head: how it begins
 * @buf: the same, and the rest
 */
union fsa_message {
	struct nlmsghdr head;
	char buf[FSA_MESSAGE_BYTES];
};

/**
 * struct fsa_asker - a socket for requests
 * @fd: the socket
 * @seq: number of the last request
 * @message: the request, and then what the kernel answers
 */
struct fsa_asker {
	int fd;
	uint32_t seq;
	union fsa_message message;
};

int fsa_socket_open(int flags);
int fsa_socket_join(int fd, const struct fsa_address *address);
int fsa_socket_receive(int fd, union fsa_message *message, size_t *len);

struct nlmsghdr *fsa_ask_begin(struct fsa_asker *asker, uint16_t family,
			       uint8_t cmd, uint16_t flags);
int fsa_ask(struct fsa_asker *asker, mnl_cb_t fn, void *data);

int fsa_resolve(struct fsa_asker *asker, struct fsa_address *address);
void fsa_address_take(struct fsa_address *address, const struct nlmsghdr *nlh);

#endif /* FSALERT_SOCKET_H */
