// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Generic netlink sockets: families and groups by name, and requests.
 *
 * Each request has a socket of its own: answers do not stand in line behind
 * events, none is lost when events are too many, and what is left of an answer
 * that nobody wants to the end goes with the socket.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/genetlink.h>

#include "attributes.h"
#include "fsevents.h"
#include "socket.h"

/* Of all requests: their sockets tell them apart. */
#define SEQUENCE	1

/**
 * fsev_query_new - begin a request
 * @family: number of the family
 * @cmd: the command
 * @flags: NLM_F_DUMP; NLM_F_ACK where it is no dump
 *
 * Return: the request, for fsev_query_run(), or NULL: no memory.
 */
struct fsev_query *fsev_query_new(uint16_t family, uint8_t cmd, uint16_t flags)
{
	struct fsev_query *q = malloc(sizeof(*q));
	struct genlmsghdr *genl;

	if (!q)
		return NULL;
	mnl_nlmsg_put_header(q->buf);
	q->head.nlmsg_type = family;
	q->head.nlmsg_flags = NLM_F_REQUEST | flags;
	q->head.nlmsg_seq = SEQUENCE;
	genl = mnl_nlmsg_put_extra_header(&q->head, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = FS_EVENT_FAMILY_VERSION;
	return q;
}

/* The end of an answer begins with an errno: a dump may fail on its way. */
static int on_end(const struct nlmsghdr *nlh, void *data)
{
	const int *error = mnl_nlmsg_get_payload(nlh);

	(void)data;
	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(*error) && *error < 0) {
		errno = -*error;
		return MNL_CB_ERROR;
	}
	return MNL_CB_STOP;
}

static int answers(struct fsev_query *q, struct mnl_socket *nl, mnl_cb_t fn,
		   void *data)
{
	mnl_cb_t control[NLMSG_DONE + 1] = {
		[NLMSG_ERROR] = on_end,
		[NLMSG_DONE] = on_end,
	};
	unsigned int portid = mnl_socket_get_portid(nl);
	int more = MNL_CB_OK;
	ssize_t len;

	while (more > MNL_CB_STOP) {
		len = mnl_socket_recvfrom(nl, q->buf, sizeof(q->buf));
		if (len < 0 && errno == EINTR)
			continue;
		more = len < 0 ? MNL_CB_ERROR :
			mnl_cb_run2(q->buf, len, SEQUENCE, portid, fn, data,
				    control, ARRAY_SIZE(control));
	}
	return more < MNL_CB_STOP ? -errno : 0;
}

/**
 * fsev_query_run - have a request answered
 * @q: the request, freed on return; NULL: -ENOMEM
 * @fn: called for each message of the answer
 * @data: its last argument
 *
 * Return: 0 or a negative errno; -EINTR: what is dumped changed meanwhile.
 */
int fsev_query_run(struct fsev_query *q, mnl_cb_t fn, void *data)
{
	struct mnl_socket *nl;
	int err;

	if (!q)
		return -ENOMEM;
	nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(nl, &q->head, q->head.nlmsg_len) < 0)
		err = -errno;
	else
		err = answers(q, nl, fn, data);
	if (nl)
		mnl_socket_close(nl);
	free(q);
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

static void take_group(struct fsev_address *address, const struct nlattr *group)
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
 * fsev_address_take - take the numbers of a family out of a message
 * @address: where to
 * @nlh: a message of the generic netlink controller
 */
void fsev_address_take(struct fsev_address *address, const struct nlmsghdr *nlh)
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
	fsev_address_take(data, nlh);
	return MNL_CB_OK;
}

/**
 * fsev_resolve - ask the generic netlink controller for the numbers of names
 * @address: the names
 *
 * Return: 0 or a negative errno: ENOENT, there is no such family;
 * EPROTONOSUPPORT, it lacks a group.
 */
int fsev_resolve(struct fsev_address *address)
{
	struct fsev_query *q = fsev_query_new(GENL_ID_CTRL, CTRL_CMD_GETFAMILY,
					      NLM_F_ACK);
	size_t i;
	int err;

	if (q)
		mnl_attr_put_strz(&q->head, CTRL_ATTR_FAMILY_NAME,
				  address->name);
	err = fsev_query_run(q, on_family, address);
	for (i = 0; !err && address->groups[i]; i++) {
		if (!address->group_ids[i])
			err = -EPROTONOSUPPORT;
	}
	return err;
}

/**
 * fsev_join - open a socket in the groups of an address
 * @nl: the new socket, which does not block; also when it fails, unless NULL
 * @address: the groups, with their numbers
 *
 * Return: 0 or a negative errno: EPERM, no right to listen.
 */
int fsev_join(struct mnl_socket **nl, const struct fsev_address *address)
{
	size_t i;

	*nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!*nl || mnl_socket_bind(*nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	for (i = 0; address->groups[i]; i++) {
		uint32_t id = address->group_ids[i];

		if (mnl_socket_setsockopt(*nl, NETLINK_ADD_MEMBERSHIP, &id,
					  sizeof(id)) < 0)
			return -errno;
	}
	return 0;
}
