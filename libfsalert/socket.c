// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Generic netlink sockets: families and groups by name, messages, and requests.
 *
 * Requests have a socket of their own, so that answers need not wait for events,
 * and none is lost when the queue of events overruns. A handle opens it once:
 * requests go to the network namespace of the opener, and a process without free
 * descriptors can still ask.
 *
 * Messages of other processes are dropped: with CAP_NET_ADMIN any process can
 * send to these sockets.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/fs_event.h>
#include <linux/genetlink.h>

#include "array.h"
#include "handle.h"
#include "socket.h"

/**
 * fsa_socket_open - a socket of generic netlink
 * @flags: SOCK_NONBLOCK or 0
 *
 * Return: a descriptor or a negative errno.
 */
int fsa_socket_open(int flags)
{
	const struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int fd = fsa_high(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags,
				 NETLINK_GENERIC));
	int err;

	if (fd < 0)
		return fd == -EPROTONOSUPPORT || fd == -EAFNOSUPPORT ?
			-ENOENT : fd;
	if (!bind(fd, (const struct sockaddr *)&any, sizeof(any)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/**
 * fsa_socket_join - join the groups of an address
 * @fd: the socket
 * @address: the groups, with their numbers
 *
 * Return: 0 or a negative errno: EPERM, no right to listen.
 */
int fsa_socket_join(int fd, const struct fsa_address *address)
{
	size_t i;

	for (i = 0; address->groups[i]; i++) {
		uint32_t id = address->group_ids[i];

		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &id,
			       sizeof(id)) < 0)
			return -errno;
	}
	return 0;
}

/**
 * fsa_socket_receive - receive what the kernel has sent
 * @fd: the socket
 * @message: where it goes
 * @len: how many bytes
 *
 * Return: 1: a datagram; 0: there is none; a negative errno: -ENOBUFS: some were
 * lost, -EINTR.
 */
int fsa_socket_receive(int fd, union fsa_message *message, size_t *len)
{
	struct sockaddr_nl from = {};
	struct iovec iov = { message->buf, sizeof(message->buf) };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t got;

	do {
		msg.msg_namelen = sizeof(from);
		got = recvmsg(fd, &msg, 0);
	} while (got >= 0 && (msg.msg_namelen != sizeof(from) || from.nl_pid));
	if (got < 0)
		return errno == EAGAIN ? 0 : -errno;
	/* What was cut is lost. */
	if (msg.msg_flags & MSG_TRUNC)
		return -ENOBUFS;
	*len = got;
	return 1;
}

/**
 * fsa_ask_begin - begin a request
 * @asker: the socket
 * @family: number of the family
 * @cmd: the command
 * @flags: NLM_F_DUMP; NLM_F_ACK where it is no dump
 *
 * Return: the request, to which attributes can be added, for fsa_ask().
 */
struct nlmsghdr *fsa_ask_begin(struct fsa_asker *asker, uint16_t family,
			       uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = &asker->message.head;
	struct genlmsghdr *genl;

	/* Padding goes out as well. */
	memset(&asker->message, 0, MNL_SOCKET_BUFFER_SIZE);
	mnl_nlmsg_put_header(nlh);
	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++asker->seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = FS_EVENT_FAMILY_VERSION;
	return nlh;
}

/* An acknowledgment, an error, or the end of a dump, which may fail late. */
static int error_in(const struct nlmsghdr *nlh)
{
	const int *error = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*error))
		return 0;
	return *error < 0 ? *error : 0;
}

/* A datagram of an answer. Return: true: the answer is over. */
static bool take_answer(const struct fsa_asker *asker, int len, mnl_cb_t fn,
			void *data, int *err)
{
	const struct nlmsghdr *nlh = &asker->message.head;

	for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len)) {
		/* The rest of another answer. */
		if (nlh->nlmsg_seq != asker->seq)
			continue;
		if (!*err && nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			*err = -EINTR;
		if (nlh->nlmsg_type == NLMSG_ERROR ||
		    nlh->nlmsg_type == NLMSG_DONE) {
			*err = *err ?: error_in(nlh);
			return true;
		}
		if (!*err && nlh->nlmsg_type >= NLMSG_MIN_TYPE &&
		    mnl_nlmsg_get_payload_len(nlh) >= sizeof(struct genlmsghdr) &&
		    fn(nlh, data) < MNL_CB_STOP)
			*err = -errno;
	}
	return false;
}

/**
 * fsa_ask - have a request answered
 * @asker: the socket, with the request
 * @fn: called for each message of the answer
 * @data: its last argument
 *
 * Return: 0 or a negative errno; -EINTR: what is dumped changed meanwhile.
 */
int fsa_ask(struct fsa_asker *asker, mnl_cb_t fn, void *data)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	const struct nlmsghdr *nlh = &asker->message.head;
	int err = 0, some;
	size_t len;

	if (sendto(asker->fd, nlh, nlh->nlmsg_len, 0,
		   (const struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return -errno;
	do {
		some = fsa_socket_receive(asker->fd, &asker->message, &len);
		if (some < 0 && some != -EINTR)
			return some;
	} while (some <= 0 || !take_answer(asker, len, fn, data, &err));
	return err;
}

/* The attribute, if it is number @nr and of that type. */
static const struct nlattr *valid(const struct nlattr *attr, uint16_t nr,
				  enum mnl_attr_data_type type)
{
	if (mnl_attr_get_type(attr) != nr || mnl_attr_validate(attr, type) < 0)
		return NULL;
	return attr;
}

static void take_group(struct fsa_address *address, const struct nlattr *group)
{
	const struct nlattr *attr;
	const char *name = "";
	uint32_t id = 0;
	size_t i;

	mnl_attr_for_each_nested(attr, group) {
		if (valid(attr, CTRL_ATTR_MCAST_GRP_NAME, MNL_TYPE_NUL_STRING))
			name = mnl_attr_get_str(attr);
		if (valid(attr, CTRL_ATTR_MCAST_GRP_ID, MNL_TYPE_U32))
			id = mnl_attr_get_u32(attr);
	}
	for (i = 0; address->groups[i]; i++) {
		if (!strcmp(name, address->groups[i]))
			address->group_ids[i] = id;
	}
}

/**
 * fsa_address_take - take the numbers of a family out of a message
 * @address: where to
 * @nlh: a message of the generic netlink controller
 */
void fsa_address_take(struct fsa_address *address, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr, *group;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (valid(attr, CTRL_ATTR_FAMILY_ID, MNL_TYPE_U16))
			address->family = mnl_attr_get_u16(attr);
		if (!valid(attr, CTRL_ATTR_MCAST_GROUPS, MNL_TYPE_NESTED))
			continue;
		mnl_attr_for_each_nested(group, attr)
			take_group(address, group);
	}
}

static int on_family(const struct nlmsghdr *nlh, void *data)
{
	fsa_address_take(data, nlh);
	return MNL_CB_OK;
}

/**
 * fsa_resolve - ask the generic netlink controller for the numbers of names
 * @asker: the socket
 * @address: the names
 *
 * Return: 0 or a negative errno: ENOENT, there is no such family;
 * EPROTONOSUPPORT, it lacks a group.
 */
int fsa_resolve(struct fsa_asker *asker, struct fsa_address *address)
{
	struct nlmsghdr *nlh = fsa_ask_begin(asker, GENL_ID_CTRL,
					     CTRL_CMD_GETFAMILY, NLM_F_ACK);
	size_t i;
	int err;

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, address->name);
	err = fsa_ask(asker, on_family, address);
	for (i = 0; !err && address->groups[i]; i++) {
		if (!address->group_ids[i])
			err = -EPROTONOSUPPORT;
	}
	return err;
}
