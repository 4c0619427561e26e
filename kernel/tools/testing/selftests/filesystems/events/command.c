// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink commands and their replies.
 */
#include <errno.h>
#include <string.h>
#include <linux/genetlink.h>

#include "command.h"
#include "control.h"

static char buffer[FSE_MESSAGE];
/* The part of a dump that was read but not decoded yet. */
static char dump[FSE_MESSAGE];
static const struct nlmsghdr *dump_next;
static int dump_left;

static __u64 get_uint(const struct nlattr *attr)
{
	return mnl_attr_get_payload_len(attr) == sizeof(__u64) ?
	       mnl_attr_get_u64(attr) : mnl_attr_get_u32(attr);
}

static int decode_level_attr(const struct nlattr *attr, void *data)
{
	unsigned int type = mnl_attr_get_type(attr);
	struct fse_level_facts *level = data;

	if (type > FS_NL_LEVEL_A_MAX || level->has & (1U << type))
		return MNL_CB_ERROR;
	level->has |= 1U << type;
	switch (type) {
	case FS_NL_LEVEL_A_KIND:
		level->kind = mnl_attr_get_u32(attr);
		break;
	case FS_NL_LEVEL_A_TRIGGER:
		level->trigger = get_uint(attr);
		break;
	case FS_NL_LEVEL_A_UNIT:
		level->unit = mnl_attr_get_u32(attr);
		break;
	case FS_NL_LEVEL_A_REARM:
		level->rearm = get_uint(attr);
		break;
	case FS_NL_LEVEL_A_STATE:
		level->state = mnl_attr_get_u32(attr);
		break;
	case FS_NL_LEVEL_A_REARM_UNIT:
		level->rearm_unit = mnl_attr_get_u32(attr);
		break;
	case FS_NL_LEVEL_A_NR:
		level->nr = mnl_attr_get_u32(attr);
		break;
	}
	return MNL_CB_OK;
}

static int decode_string(char *to, size_t size, const struct nlattr *attr)
{
	if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0 ||
	    mnl_attr_get_payload_len(attr) > size)
		return MNL_CB_ERROR;
	memcpy(to, mnl_attr_get_str(attr), mnl_attr_get_payload_len(attr));
	return MNL_CB_OK;
}

static int decode_level(struct fse_facts *facts, const struct nlattr *nest)
{
	if (facts->nr_level == FSE_LEVELS)
		return MNL_CB_ERROR;
	return mnl_attr_parse_nested(nest, decode_level_attr,
				     &facts->level[facts->nr_level++]);
}

static int decode_attr(const struct nlattr *attr, void *data)
{
	unsigned int type = mnl_attr_get_type(attr);
	struct fse_facts *facts = data;

	/* Only levels may be repeated. */
	if (type > FS_NL_ENTRY_A_MAX ||
	    (fse_has_fact(facts, type) && type != FS_NL_ENTRY_A_LEVEL))
		return MNL_CB_ERROR;
	facts->has |= 1U << type;
	switch (type) {
	case FS_NL_ENTRY_A_ID:
		facts->id = mnl_attr_get_u32(attr);
		break;
	case FS_NL_ENTRY_A_MOUNT:
		return decode_string(facts->mount, sizeof(facts->mount), attr);
	case FS_NL_ENTRY_A_EVENTS:
		facts->events = mnl_attr_get_u32(attr);
		break;
	case FS_NL_ENTRY_A_LEVEL:
		return decode_level(facts, attr);
	case FS_NL_ENTRY_A_GENERATION:
		facts->generation = get_uint(attr);
		break;
	case FS_NL_ENTRY_A_SEQ:
		facts->seq = get_uint(attr);
		break;
	case FS_NL_ENTRY_A_CHANGE:
		facts->change = mnl_attr_get_u32(attr);
		break;
	case FS_NL_ENTRY_A_TYPES:
		facts->types = mnl_attr_get_u32(attr);
		break;
	case FS_NL_ENTRY_A_DEV_MAJOR:
		facts->major = mnl_attr_get_u32(attr);
		break;
	case FS_NL_ENTRY_A_DEV_MINOR:
		facts->minor = mnl_attr_get_u32(attr);
		break;
	case FS_NL_ENTRY_A_FSTYPE:
		return decode_string(facts->fstype, sizeof(facts->fstype), attr);
	case FS_NL_ENTRY_A_SOURCE:
		return decode_string(facts->source, sizeof(facts->source), attr);
	case FS_NL_ENTRY_A_FSID:
		facts->fsid = get_uint(attr);
		break;
	case FS_NL_ENTRY_A_UUID:
		if (mnl_attr_get_payload_len(attr) != sizeof(facts->uuid))
			return MNL_CB_ERROR;
		memcpy(facts->uuid, mnl_attr_get_payload(attr),
		       sizeof(facts->uuid));
		break;
	case FS_NL_ENTRY_A_LASTING:
		facts->lasting = mnl_attr_get_u32(attr);
		break;
	case FS_NL_ENTRY_A_AVAIL:
		facts->avail = get_uint(attr);
		break;
	case FS_NL_ENTRY_A_TOTAL:
		facts->total = get_uint(attr);
		break;
	case FS_NL_ENTRY_A_FRSIZE:
		facts->frsize = mnl_attr_get_u32(attr);
		break;
	case FS_NL_ENTRY_A_INODES_FREE:
		facts->inodes_free = get_uint(attr);
		break;
	case FS_NL_ENTRY_A_INODES:
		facts->inodes = get_uint(attr);
		break;
	}
	return MNL_CB_OK;
}

static int decode(const struct fse_listener *l, const struct nlmsghdr *nlh,
		  unsigned int cmd, struct fse_facts *facts)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_type != l->family || genl->cmd != cmd ||
	    genl->version != FS_EVENT_FAMILY_VERSION)
		return -EBADMSG;
	if (!facts)
		return 1;
	memset(facts, 0, sizeof(*facts));
	facts->flags = nlh->nlmsg_flags;
	return mnl_attr_parse(nlh, sizeof(*genl), decode_attr, facts) < 0 ?
	       -EBADMSG : 1;
}

static int decode_answer_attr(const struct nlattr *attr, void *data)
{
	struct fse_answer *a = data;

	switch (mnl_attr_get_type(attr)) {
	case NLMSGERR_ATTR_MSG:
		return decode_string(a->why, sizeof(a->why), attr);
	case NLMSGERR_ATTR_OFFS:
		a->offset = mnl_attr_get_u32(attr);
		break;
	case NLMSGERR_ATTR_MISS_TYPE:
		a->missing = mnl_attr_get_u32(attr);
		break;
	}
	return MNL_CB_OK;
}

/* NETLINK_CAP_ACK: acknowledgments don't include the request. */
static int decode_answer(const struct nlmsghdr *nlh, struct fse_answer *a)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);

	a->err = e->error;
	a->seq = nlh->nlmsg_seq;
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_parse(nlh, sizeof(*e), decode_answer_attr, a);
	return a->err;
}

struct nlmsghdr *fse_command(const struct fse_listener *l, unsigned int cmd)
{
	struct nlmsghdr *nlh;
	struct genlmsghdr *genl;

	memset(buffer, 0, sizeof(buffer));
	nlh = mnl_nlmsg_put_header(buffer);
	nlh->nlmsg_type = l->family;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = 1;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = FS_EVENT_FAMILY_VERSION;
	return nlh;
}

struct nlattr *fse_put_level(struct nlmsghdr *nlh, __u32 kind, __u64 trigger,
			     __u32 unit)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, FS_NL_ENTRY_A_LEVEL);

	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_KIND, kind);
	mnl_attr_put_u64(nlh, FS_NL_LEVEL_A_TRIGGER, trigger);
	if (unit)
		mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_UNIT, unit);
	return nest;
}

void fse_end_level(struct nlmsghdr *nlh, struct nlattr *nest)
{
	mnl_attr_nest_end(nlh, nest);
}

int fse_command_send(struct fse_listener *l, struct nlmsghdr *nlh)
{
	int on = 1;

	mnl_socket_setsockopt(l->nl, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(l->nl, NETLINK_CAP_ACK, &on, sizeof(on));
	return mnl_socket_sendto(l->nl, nlh, nlh->nlmsg_len) < 0 ? -errno : 0;
}

/* Reads until the acknowledgment; @take gets the messages before it. */
static int answer(struct fse_listener *l, struct fse_answer *a,
		  int (*take)(const struct fse_listener *l,
			      const struct nlmsghdr *nlh, void *arg),
		  void *arg)
{
	static char buf[FSE_MESSAGE];
	const struct nlmsghdr *nlh;
	int len, err;

	memset(a, 0, sizeof(*a));
	for (;;) {
		if (fse_readable(l, FSE_SOON) <= 0)
			return a->err = -ETIMEDOUT;
		len = mnl_socket_recvfrom(l->nl, buf, sizeof(buf));
		if (len < 0)
			return a->err = -errno;
		for (nlh = (void *)buf; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			if (nlh->nlmsg_type == NLMSG_ERROR)
				return decode_answer(nlh, a);
			err = take(l, nlh, arg);
			if (err < 0)
				return a->err = err;
		}
	}
}

/* Decoding target of a reply. */
struct reply {
	unsigned int cmd;
	struct fse_facts *facts;
	__u64 *number;
	__u32 *has;
};

static int take_facts(const struct fse_listener *l, const struct nlmsghdr *nlh,
		      void *arg)
{
	const struct reply *r = arg;

	return decode(l, nlh, r->cmd, r->facts);
}

static int decode_number(const struct nlattr *attr, void *data)
{
	unsigned int type = mnl_attr_get_type(attr);
	const struct reply *r = data;

	if (type > FS_NL_STATS_A_MAX || *r->has & (1U << type))
		return MNL_CB_ERROR;
	*r->has |= 1U << type;
	r->number[type] = get_uint(attr);
	return MNL_CB_OK;
}

static int take_numbers(const struct fse_listener *l,
			const struct nlmsghdr *nlh, void *arg)
{
	struct reply *r = arg;

	*r->has = 0;
	if (decode(l, nlh, r->cmd, NULL) < 0 ||
	    mnl_attr_parse(nlh, sizeof(struct genlmsghdr), decode_number,
			   r) < 0)
		return -EBADMSG;
	return 1;
}

static unsigned int command_of(const struct nlmsghdr *nlh)
{
	return ((struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->cmd;
}

int fse_run(struct fse_listener *l, struct nlmsghdr *nlh,
	    struct fse_answer *a, struct fse_facts *facts)
{
	struct reply r = { .cmd = command_of(nlh), .facts = facts };
	struct fse_answer own;
	int err = fse_command_send(l, nlh);

	if (facts)
		memset(facts, 0, sizeof(*facts));
	return err ?: answer(l, a ?: &own, take_facts, &r);
}

int fse_run_numbers(struct fse_listener *l, struct nlmsghdr *nlh,
		    struct fse_answer *a, __u64 *number, __u32 *has)
{
	struct reply r = {
		.cmd = command_of(nlh),
		.number = number,
		.has = has,
	};
	struct fse_answer own;
	int err = fse_command_send(l, nlh);

	return err ?: answer(l, a ?: &own, take_numbers, &r);
}

static int pass_over(const struct fse_listener *l, const struct nlmsghdr *nlh,
		     void *arg)
{
	(void)l;
	(void)nlh;
	(void)arg;
	return 1;
}

int fse_answered(struct fse_listener *l, struct fse_answer *a)
{
	return answer(l, a, pass_over, NULL);
}

int fse_dump_start(struct fse_listener *l)
{
	struct nlmsghdr *nlh = fse_command(l, FS_NL_C_ENTRY_GET);

	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	dump_left = 0;
	return fse_command_send(l, nlh);
}

int fse_dump_next(struct fse_listener *l, struct fse_answer *a,
		  struct fse_facts *facts)
{
	const struct nlmsghdr *nlh;
	int err;

	if (!mnl_nlmsg_ok(dump_next, dump_left)) {
		if (fse_readable(l, FSE_SOON) <= 0)
			return -ETIMEDOUT;
		dump_left = mnl_socket_recvfrom(l->nl, dump, sizeof(dump));
		if (dump_left < 0)
			return -errno;
		dump_next = (void *)dump;
		if (!mnl_nlmsg_ok(dump_next, dump_left))
			return -EBADMSG;
	}
	nlh = dump_next;
	dump_next = mnl_nlmsg_next(nlh, &dump_left);
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		a->interrupted = true;
	if (nlh->nlmsg_type == NLMSG_DONE)
		return *(int *)mnl_nlmsg_get_payload(nlh);
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		err = decode_answer(nlh, a);
		return err ?: -EBADMSG;
	}
	if (!(nlh->nlmsg_flags & NLM_F_MULTI))
		return -EBADMSG;
	return decode(l, nlh, FS_NL_C_ENTRY_GET, facts);
}

int fse_dump_find(struct fse_listener *l, const char *mount,
		  struct fse_facts *found, unsigned int *nr)
{
	static struct fse_facts facts;
	struct fse_answer a = {};
	unsigned int all = 0;
	int n, err, times = 0;

	err = fse_dump_start(l);
	if (err)
		return err;
	while ((n = fse_dump_next(l, &a, &facts)) > 0) {
		all++;
		if (!mount || strcmp(facts.mount, mount))
			continue;
		times++;
		if (found)
			*found = facts;
	}
	if (nr)
		*nr = all;
	return n ?: times;
}

int fse_get(struct fse_listener *l, const char *mount, struct fse_facts *facts)
{
	struct nlmsghdr *nlh = fse_command(l, FS_NL_C_ENTRY_GET);

	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, mount);
	return fse_run(l, nlh, NULL, facts);
}

int fse_get_id(struct fse_listener *l, __u32 id, struct fse_facts *facts)
{
	struct nlmsghdr *nlh = fse_command(l, FS_NL_C_ENTRY_GET);

	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_ID, id);
	return fse_run(l, nlh, NULL, facts);
}

int fse_del(struct fse_listener *l, const char *mount)
{
	struct nlmsghdr *nlh = fse_command(l, FS_NL_C_ENTRY_DEL);

	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, mount);
	return fse_run(l, nlh, NULL, NULL);
}

int fse_del_id(struct fse_listener *l, __u32 id)
{
	struct nlmsghdr *nlh = fse_command(l, FS_NL_C_ENTRY_DEL);

	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_ID, id);
	return fse_run(l, nlh, NULL, NULL);
}

int fse_set_generic(struct fse_listener *l, const char *mount,
		    struct fse_facts *facts)
{
	struct nlmsghdr *nlh = fse_command(l, FS_NL_C_ENTRY_SET);

	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, mount);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_EVENTS, FSE_GENERIC);
	return fse_run(l, nlh, NULL, facts);
}

int fse_change(struct fse_listener *l, struct fse_facts *facts, int timeout)
{
	static char buf[FSE_MESSAGE];
	int len = fse_readable(l, timeout);

	if (len <= 0)
		return len;
	len = mnl_socket_recvfrom(l->nl, buf, sizeof(buf));
	if (len < 0)
		return -errno;
	if (!mnl_nlmsg_ok((struct nlmsghdr *)buf, len))
		return -EBADMSG;
	return decode(l, (struct nlmsghdr *)buf, FS_NL_C_ENTRY_NTF, facts);
}
