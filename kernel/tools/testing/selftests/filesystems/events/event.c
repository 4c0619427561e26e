// SPDX-License-Identifier: GPL-2.0-only
/*
 * Listening to file system events over generic netlink.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "control.h"
#include "event.h"

/* 0 for attributes without a fixed size. */
static const unsigned int attr_size[FS_NL_A_MAX + 1] = {
	[FS_NL_A_EVENT_ID]	= 4,
	[FS_NL_A_DEV_MAJOR]	= 4,
	[FS_NL_A_DEV_MINOR]	= 4,
	[FS_NL_A_CAUSED_PID]	= 4,
	[FS_NL_A_DATA]		= 8,
	[FS_NL_A_SEQ]		= 8,
	[FS_NL_A_TIME]		= 8,
	[FS_NL_A_COUNT]		= 4,
	[FS_NL_A_ERRNO]		= 4,
	[FS_NL_A_INO]		= 8,
	[FS_NL_A_LEVEL]		= 8,
	[FS_NL_A_TOTAL]		= 8,
	[FS_NL_A_FRSIZE]	= 4,
	[FS_NL_A_FSID]		= 8,
	[FS_NL_A_UUID]		= 16,
	[FS_NL_A_LEVEL_NR]	= 4,
	[FS_NL_A_ENTRY_ID]	= 4,
};

static int copy_string(char *to, size_t size, const struct nlattr *attr)
{
	if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0 ||
	    mnl_attr_get_payload_len(attr) > size)
		return MNL_CB_ERROR;
	memcpy(to, mnl_attr_get_str(attr), mnl_attr_get_payload_len(attr));
	return MNL_CB_OK;
}

static int decode_attr(const struct nlattr *attr, void *data)
{
	unsigned int type = mnl_attr_get_type(attr);
	struct fse_event *ev = data;

	if (type == FS_NL_A_PAD)
		return MNL_CB_OK;
	if (type == FS_NL_A_PRIVATE)
		return copy_string(ev->text, sizeof(ev->text), attr);
	/* Attributes must be known, unique and of the right size. */
	if (type > FS_NL_A_MAX || fse_has(ev, type) ||
	    (attr_size[type] &&
	     mnl_attr_get_payload_len(attr) != attr_size[type]))
		return MNL_CB_ERROR;
	ev->has |= 1U << type;

	switch (type) {
	case FS_NL_A_EVENT_ID:
		ev->id = mnl_attr_get_u32(attr);
		break;
	case FS_NL_A_DEV_MAJOR:
		ev->major = mnl_attr_get_u32(attr);
		break;
	case FS_NL_A_DEV_MINOR:
		ev->minor = mnl_attr_get_u32(attr);
		break;
	case FS_NL_A_CAUSED_PID:
		ev->pid = mnl_attr_get_u32(attr);
		break;
	case FS_NL_A_DATA:
		ev->data = mnl_attr_get_u64(attr);
		break;
	case FS_NL_A_SEQ:
		ev->seq = mnl_attr_get_u64(attr);
		break;
	case FS_NL_A_TIME:
		ev->time = mnl_attr_get_u64(attr);
		break;
	case FS_NL_A_COUNT:
		ev->count = mnl_attr_get_u32(attr);
		break;
	case FS_NL_A_ERRNO:
		ev->error = mnl_attr_get_u32(attr);
		break;
	case FS_NL_A_INO:
		ev->ino = mnl_attr_get_u64(attr);
		break;
	case FS_NL_A_LEVEL:
		ev->level = mnl_attr_get_u64(attr);
		break;
	case FS_NL_A_TOTAL:
		ev->total = mnl_attr_get_u64(attr);
		break;
	case FS_NL_A_FRSIZE:
		ev->frsize = mnl_attr_get_u32(attr);
		break;
	case FS_NL_A_MOUNT:
		return copy_string(ev->mount, sizeof(ev->mount), attr);
	case FS_NL_A_FSTYPE:
		return copy_string(ev->fstype, sizeof(ev->fstype), attr);
	case FS_NL_A_SOURCE:
		return copy_string(ev->source, sizeof(ev->source), attr);
	case FS_NL_A_FSID:
		ev->fsid = mnl_attr_get_u64(attr);
		break;
	case FS_NL_A_UUID:
		memcpy(ev->uuid, mnl_attr_get_payload(attr), sizeof(ev->uuid));
		break;
	case FS_NL_A_LEVEL_NR:
		ev->level_nr = mnl_attr_get_u32(attr);
		break;
	case FS_NL_A_ENTRY_ID:
		ev->entry = mnl_attr_get_u32(attr);
		break;
	case FS_NL_A_LAST:
		break;
	case FS_NL_A_OF:
		ev->of = mnl_attr_get_u32(attr);
		break;
	default:
		return MNL_CB_ERROR;
	}
	return MNL_CB_OK;
}

/* The family, from the controller's answer. */
struct family {
	__u16 id;
	const char *name;
	__u32 group;
};

static int group_attr(const struct nlattr *nest, void *data)
{
	struct family *f = data;
	const struct nlattr *attr;
	const char *name = "";
	__u32 id = 0;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID)
			id = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME)
			name = mnl_attr_get_str(attr);
	}
	if (f->name && !strcmp(name, f->name))
		f->group = id;
	return MNL_CB_OK;
}

static int family_attr(const struct nlattr *attr, void *data)
{
	struct family *f = data;

	if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
		f->id = mnl_attr_get_u16(attr);
	if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS)
		return mnl_attr_parse_nested(attr, group_attr, f);
	return MNL_CB_OK;
}

static int family_message(const struct nlmsghdr *nlh, void *data)
{
	return mnl_attr_parse(nlh, sizeof(struct genlmsghdr), family_attr,
			      data);
}

static int find_family(struct mnl_socket *nl, struct family *f)
{
	char buf[8192];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;
	int len;

	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = CTRL_CMD_GETFAMILY;
	genl->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, FS_EVENT_FAMILY_NAME);
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	len = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	if (len < 0 || mnl_cb_run(buf, len, 0, 0, family_message, f) < 0)
		return -errno;
	return f->id && (f->group || !f->name) ? 0 : -ENOENT;
}

int fse_listen_to(struct fse_listener *l, const char *group)
{
	struct family f = { .name = group };
	int size = 8 << 20;
	int err;

	memset(l, 0, sizeof(*l));
	l->nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!l->nl)
		return -errno;
	err = mnl_socket_bind(l->nl, 0, MNL_SOCKET_AUTOPID) < 0 ? -errno : 0;
	if (!err)
		err = find_family(l->nl, &f);
	setsockopt(mnl_socket_get_fd(l->nl), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		   sizeof(size));
	if (!err && group &&
	    mnl_socket_setsockopt(l->nl, NETLINK_ADD_MEMBERSHIP, &f.group,
				  sizeof(f.group)) < 0)
		err = -errno;
	if (err)
		fse_unlisten(l);
	l->family = f.id;
	return err;
}

int fse_listen(struct fse_listener *l)
{
	return fse_listen_to(l, FS_EVENT_MCGRP_EVENT);
}

void fse_unlisten(struct fse_listener *l)
{
	if (l->nl)
		mnl_socket_close(l->nl);
	l->nl = NULL;
}

static int decode(const struct fse_listener *l, const struct nlmsghdr *nlh,
		  struct fse_event *ev)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const __u32 private = 1U << FS_NL_A_EVENT_ID | 1U << FS_NL_A_SEQ |
		1U << FS_NL_A_TIME | 1U << FS_NL_A_COUNT;
	const __u32 watched = private | 1U << FS_NL_A_DEV_MAJOR |
		1U << FS_NL_A_DEV_MINOR | 1U << FS_NL_A_CAUSED_PID |
		1U << FS_NL_A_MOUNT | 1U << FS_NL_A_FSTYPE |
		1U << FS_NL_A_SOURCE | 1U << FS_NL_A_FSID |
		1U << FS_NL_A_ENTRY_ID;
	__u32 all;

	memset(ev, 0, sizeof(*ev));
	if (nlh->nlmsg_type != l->family || genl->cmd != FS_NL_C_EVENT ||
	    genl->version != FS_EVENT_FAMILY_VERSION)
		return -EBADMSG;
	if (mnl_attr_parse(nlh, sizeof(*genl), decode_attr, ev) < 0)
		return -EBADMSG;
	all = ev->id < FS_EVENT_PRIVATE ? watched : private;
	return (ev->has & all) == all && ev->count ? 1 : -EBADMSG;
}

int fse_readable(const struct fse_listener *l, int timeout)
{
	__u64 deadline = fse_now() + timeout;

	for (;;) {
		struct pollfd pfd = {
			.fd = mnl_socket_get_fd(l->nl),
			.events = POLLIN,
		};
		__u64 now = fse_now();
		int n = poll(&pfd, 1, now < deadline ? deadline - now : 0);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			return 1;
		if (fse_now() >= deadline)
			return 0;
	}
}

int fse_next(struct fse_listener *l, struct fse_event *ev, int timeout)
{
	/* Holds a path, a source and the other attributes. */
	char buf[4 * PATH_MAX];
	int len = fse_readable(l, timeout);

	if (len <= 0)
		return len;
	len = mnl_socket_recvfrom(l->nl, buf, sizeof(buf));
	if (len < 0 && errno == ENOBUFS) {
		l->lost++;
		return fse_next(l, ev, timeout);
	}
	if (len < 0)
		return -errno;
	if (!mnl_nlmsg_ok((struct nlmsghdr *)buf, len))
		return -EBADMSG;
	return decode(l, (struct nlmsghdr *)buf, ev);
}

int fse_next_of(struct fse_listener *l, const char *mount,
		struct fse_event *ev, int timeout)
{
	__u64 deadline = fse_now() + timeout;

	for (;;) {
		__u64 now = fse_now();
		int n = fse_next(l, ev, now < deadline ? deadline - now : 0);

		if (n <= 0)
			return n;
		if (ev->id == FS_INFO_CLEARED && !l->ends)
			continue;
		if (!mount || !strcmp(ev->mount, mount))
			return ev->id;
	}
}

int fse_left(struct fse_listener *l)
{
	struct fse_event ev;
	int n = fse_config("\n");

	return n ? n : fse_next_of(l, NULL, &ev, 0);
}
