// SPDX-License-Identifier: GPL-2.0-only
/*
 * The socket on which the kernel tells events.
 *
 * When the module is unloaded the kernel takes the socket out of the group
 * without a word, and whoever waits for events would wait for ever. So there
 * is another socket that hears of families that come and go; on the same one
 * that news would be lost with everything else when the queue is full.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "receive.h"

/* Holds tens of thousands of events; takes no memory until they are there. */
#define QUEUE_BYTES	(16 << 20)

/* The longest message has two strings of PATH_MAX and few bytes more. */
#define MESSAGE_BYTES	(64 << 10)

struct receiver {
	struct mnl_socket *events;
	struct mnl_socket *control;
	uint16_t family;
	union {
		struct nlmsghdr head;	/* buf is aligned for it */
		char buf[MESSAGE_BYTES];
	};
};

/* A family and a group of it, by name and then by number. */
struct address {
	const char *family_name;
	const char *group_name;
	uint16_t family;
	uint32_t group;
};

struct reading {
	const struct receiver *receiver;
	receiver_fn fn;
	void *data;
	int result;
};

/* The attribute, if it is number @nr and of that type. */
static const struct nlattr *valid(const struct nlattr *attr, uint16_t nr,
				  enum mnl_attr_data_type type)
{
	if (mnl_attr_get_type(attr) != nr || mnl_attr_validate(attr, type) < 0)
		return NULL;
	return attr;
}

static void find_group(const struct nlattr *group, struct address *address)
{
	const struct nlattr *attr;
	const char *name = "";
	uint32_t id = 0;

	mnl_attr_for_each_nested(attr, group) {
		if (valid(attr, CTRL_ATTR_MCAST_GRP_NAME, MNL_TYPE_NUL_STRING))
			name = mnl_attr_get_str(attr);
		if (valid(attr, CTRL_ATTR_MCAST_GRP_ID, MNL_TYPE_U32))
			id = mnl_attr_get_u32(attr);
	}
	if (!strcmp(name, address->group_name))
		address->group = id;
}

static int on_family(const struct nlmsghdr *nlh, void *data)
{
	struct address *address = data;
	const struct nlattr *attr, *group;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (valid(attr, CTRL_ATTR_FAMILY_ID, MNL_TYPE_U16))
			address->family = mnl_attr_get_u16(attr);
		if (!valid(attr, CTRL_ATTR_MCAST_GROUPS, MNL_TYPE_NESTED))
			continue;
		mnl_attr_for_each_nested(group, attr)
			find_group(group, address);
	}
	return MNL_CB_OK;
}

/* Ask the generic netlink controller for the numbers of an address. */
static int resolve(struct receiver *r, struct mnl_socket *nl,
		   struct address *address)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(r->buf);
	struct genlmsghdr *genl;
	ssize_t len;

	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nlh->nlmsg_seq = 1;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = CTRL_CMD_GETFAMILY;
	genl->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, address->family_name);

	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	len = mnl_socket_recvfrom(nl, r->buf, sizeof(r->buf));
	if (len < 0 || mnl_cb_run(r->buf, len, 1, mnl_socket_get_portid(nl),
				  on_family, address) < 0)
		return -errno;
	return address->family && address->group ? 0 : -EPROTONOSUPPORT;
}

/* Open a socket in the group of an address. */
static int join(struct receiver *r, struct mnl_socket **nl,
		struct address *address)
{
	int err;

	*nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!*nl || mnl_socket_bind(*nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	err = resolve(r, *nl, address);
	if (err)
		return err;
	if (mnl_socket_setsockopt(*nl, NETLINK_ADD_MEMBERSHIP,
				  &address->group, sizeof(address->group)) < 0)
		return -errno;
	return 0;
}

/* The controller's group first: no going is missed. */
static int join_both(struct receiver *r)
{
	struct address control = {
		.family_name = "nlctrl",
		.group_name = "notify",
	};
	struct address events = {
		.family_name = FS_EVENT_FAMILY_NAME,
		.group_name = FS_EVENT_MCGRP_EVENT,
	};
	int bytes = QUEUE_BYTES;
	int err, fd;

	err = join(r, &r->control, &control);
	if (!err)
		err = join(r, &r->events, &events);
	if (err)
		return err;
	r->family = events.family;
	/* Beyond the system's limit if it may be, else as far as that. */
	fd = mnl_socket_get_fd(r->events);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
		       sizeof(bytes)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	return 0;
}

/**
 * receiver_open - listen for events
 * @receiver: the new receiver
 *
 * Return: 0 or a negative errno: ENOENT, the kernel has no such family; EPERM,
 * no right to listen.
 */
int receiver_open(struct receiver **receiver)
{
	struct receiver *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	err = join_both(r);
	if (err) {
		receiver_close(r);
		return err;
	}
	*receiver = r;
	return 0;
}

/**
 * receiver_close - stop listening
 * @r: the receiver
 */
void receiver_close(struct receiver *r)
{
	if (r->events)
		mnl_socket_close(r->events);
	if (r->control)
		mnl_socket_close(r->control);
	free(r);
}

static bool is_end(const struct receiver *r, const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	struct address gone = { .group_name = "" };

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*genl) ||
	    genl->cmd != CTRL_CMD_DELFAMILY)
		return false;
	on_family(nlh, &gone);
	return gone.family == r->family;
}

static int on_message(const struct nlmsghdr *nlh, void *data)
{
	struct reading *reading = data;
	struct fsevent ev;

	if (nlh->nlmsg_type == reading->receiver->family) {
		if (fsevent_decode(&ev, nlh))
			reading->result = reading->fn(&ev, reading->data);
	} else if (nlh->nlmsg_type == GENL_ID_CTRL) {
		if (is_end(reading->receiver, nlh))
			reading->result = -ENODEV;
	}
	return reading->result ? MNL_CB_STOP : MNL_CB_OK;
}

/**
 * receiver_read - wait for a message and hand on what it tells
 * @r: the receiver
 * @timeout_ms: how long; negative: as long as it takes
 * @fn: called for each event
 * @data: passed to it
 *
 * Return: 0; what @fn returned, if not 0; or a negative errno: ETIMEDOUT;
 * ENOBUFS, events were lost, those that are still queued follow; ENODEV, the
 * family is gone, and there will be no more events.
 */
int receiver_read(struct receiver *r, int timeout_ms, receiver_fn fn,
		  void *data)
{
	struct reading reading = { .receiver = r, .fn = fn, .data = data };
	struct pollfd ready[] = {
		{ .fd = mnl_socket_get_fd(r->events), .events = POLLIN },
		{ .fd = mnl_socket_get_fd(r->control), .events = POLLIN },
	};
	int nr = poll(ready, 2, timeout_ms);
	ssize_t len;

	if (nr <= 0)
		return nr ? -errno : -ETIMEDOUT;
	/* What happened before the family went comes first. */
	len = mnl_socket_recvfrom(ready[0].revents ? r->events : r->control,
				  r->buf, sizeof(r->buf));
	if (len < 0 || mnl_cb_run(r->buf, len, 0, 0, on_message, &reading) < 0)
		return -errno;
	return reading.result;
}
