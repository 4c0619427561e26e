// SPDX-License-Identifier: GPL-2.0-only
/*
 * Usage: netlink MOUNT BLOCKS. Watches a file system for errors and for one level of
 * available space, over generic netlink, and shows its events until it is
 * unmounted.
 *
 * Build: cc netlink.c -lmnl -o netlink. libfsalert does much of this for you,
 * and knows what to do when events were lost.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/fs_event.h>
#include <linux/genetlink.h>

struct family {
	uint16_t id;
	uint32_t group;		/* of events */
};

static char buf[65536];

static struct nlmsghdr *begin(uint16_t family, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = 1;
	return nlh;
}

/*
 * Puts the next datagram of the kernel, whose port is 0, into buf: a process with
 * CAP_NET_ADMIN may send to this socket as well. Return: its length, or -1.
 */
static int receive(struct mnl_socket *nl)
{
	struct sockaddr_nl from;
	socklen_t size;
	int len;

	do {
		size = sizeof(from);
		len = recvfrom(mnl_socket_get_fd(nl), buf, sizeof(buf), 0,
			       (struct sockaddr *)&from, &size);
	} while (len >= 0 && from.nl_pid);
	return len;
}

/* Sends what is in buf and hands the answers to @fn. */
static void ask(struct mnl_socket *nl, mnl_cb_t fn, void *data)
{
	int len = mnl_socket_sendto(nl, buf, ((struct nlmsghdr *)buf)->nlmsg_len);

	do {
		if (len >= 0)
			len = receive(nl);
		if (len >= 0)
			len = mnl_cb_run(buf, len, 0, 0, fn, data);
		if (len < 0)
			err(1, "request");
	} while (len > MNL_CB_STOP);
}

static int on_family(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr, *group, *part;
	struct family *family = data;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			family->id = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		mnl_attr_for_each_nested(group, attr) {
			const char *name = "";
			uint32_t id = 0;

			mnl_attr_for_each_nested(part, group) {
				if (mnl_attr_get_type(part) ==
				    CTRL_ATTR_MCAST_GRP_NAME)
					name = mnl_attr_get_str(part);
				else
					id = mnl_attr_get_u32(part);
			}
			if (!strcmp(name, FS_EVENT_MCGRP_EVENT))
				family->group = id;
		}
	}
	return MNL_CB_OK;
}

static int on_entry(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == FS_NL_ENTRY_A_ID)
			*(uint32_t *)data = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

/* Errors, and a level. Return: the number of the watch. */
static uint32_t watch(struct mnl_socket *nl, uint16_t family, const char *mount,
		      uint64_t blocks)
{
	struct nlmsghdr *nlh = begin(family, FS_NL_C_ENTRY_SET, NLM_F_ACK);
	struct nlattr *level;
	uint32_t id = 0;

	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, mount);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_EVENTS,
			 1 << FS_ERR_IO | 1 << FS_ERR_CORRUPTED);
	level = mnl_attr_nest_start(nlh, FS_NL_ENTRY_A_LEVEL);
	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_KIND, FS_NL_KIND_SPACE);
	mnl_attr_put_u64(nlh, FS_NL_LEVEL_A_TRIGGER, blocks);
	mnl_attr_nest_end(nlh, level);
	ask(nl, on_entry, &id);
	return id;
}

/* Return: false at the end of that watch. */
static bool show(uint32_t id)
{
	const struct nlattr *attr;
	uint32_t entry = 0, event = 0;
	uint64_t seq = 0, avail = 0;

	mnl_attr_for_each(attr, (struct nlmsghdr *)buf,
			  sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case FS_NL_A_ENTRY_ID:
			entry = mnl_attr_get_u32(attr);
			break;
		case FS_NL_A_EVENT_ID:
			event = mnl_attr_get_u32(attr);
			break;
		case FS_NL_A_SEQ:
			seq = mnl_attr_get_u64(attr);
			break;
		case FS_NL_A_DATA:
			avail = mnl_attr_get_u64(attr);
			break;
		}
	}
	if (entry != id)
		return true;
	printf("seq %ju event %u available %ju\n", seq, event, avail);
	fflush(stdout);
	return event != FS_INFO_UNMOUNT;
}

int main(int argc, char **argv)
{
	struct mnl_socket *requests, *events;
	struct family family = {};
	struct nlmsghdr *nlh;
	uint32_t id;
	int fd;

	if (argc != 3)
		errx(2, "usage: netlink MOUNT BLOCKS");
	/* Messages must not go there: started without standard files. */
	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	close(fd);
	requests = mnl_socket_open(NETLINK_GENERIC);
	events = mnl_socket_open(NETLINK_GENERIC);
	if (!requests || mnl_socket_bind(requests, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    !events || mnl_socket_bind(events, 0, MNL_SOCKET_AUTOPID) < 0)
		err(1, "socket");

	nlh = begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, FS_EVENT_FAMILY_NAME);
	ask(requests, on_family, &family);

	/* First listen, then watch: nothing is missed. */
	if (mnl_socket_setsockopt(events, NETLINK_ADD_MEMBERSHIP,
				  &family.group, sizeof(family.group)) < 0)
		err(1, "joining the group");
	id = watch(requests, family.id, argv[1], strtoull(argv[2], NULL, 10));
	printf("watching, entry %u\n", id);
	fflush(stdout);

	do {
		/* ENOBUFS: some were lost. FS_NL_C_ENTRY_GET says how things are. */
		while (receive(events) < 0) {
			if (errno != ENOBUFS && errno != EINTR)
				err(1, "receiving");
		}
	} while (show(id));
	return 0;
}
