// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: from the attributes of a command to a request, as the
 * grammar makes it of text.
 *
 * The types and lengths of attributes were checked by the policy that is made
 * from the specification; here is what that can't say. A piece of the request
 * is an attribute, counted from the first one, so that whatever is wrong with
 * it later can be shown.
 *
 * Context: process context; nothing is changed but the request.
 */
#include <linux/string.h>

#include "names.h"
#include "netlink.h"
#include "netlink_gen.h"

/* Where an attribute stands in its message. */
static struct fse_span fse_attr_span(const struct nlmsghdr *nlh,
				     const struct nlattr *attr)
{
	return (struct fse_span) {
		.off = (const u8 *)attr -
		       (const u8 *)nlmsg_attrdata(nlh, GENL_HDRLEN),
		.len = attr->nla_len,
	};
}

static int fse_bad(struct netlink_ext_ack *extack, const struct nlattr *attr,
		   int err, const char *why)
{
	NL_SET_BAD_ATTR(extack, attr);
	NL_SET_ERR_MSG_FMT(extack, "%s", why);
	return err;
}

static int fse_amount_get(const struct nlattr *attr, const struct nlattr *unit,
			  bool inodes, struct fse_amount *a,
			  struct netlink_ext_ack *extack)
{
	const char *why;
	int err;

	a->value = nla_get_uint(attr);
	a->suffix = fse_unit_suffix(unit ? nla_get_u32(unit) :
					   FS_NL_UNIT_BLOCKS);
	err = fse_amount_check(a, inodes, &why);
	return err ? fse_bad(extack, attr, err, why) : 0;
}

static int fse_level_get(struct nlattr **tb, bool inodes,
			 struct fse_level_spec *level,
			 struct netlink_ext_ack *extack)
{
	struct nlattr *trigger = tb[FS_NL_LEVEL_A_TRIGGER];
	struct nlattr *unit = tb[FS_NL_LEVEL_A_UNIT];
	struct nlattr *rearm = tb[FS_NL_LEVEL_A_REARM];
	struct nlattr *rearm_unit = tb[FS_NL_LEVEL_A_REARM_UNIT];
	int err;

	err = fse_amount_get(trigger, unit, inodes, &level->trigger, extack);
	if (err)
		return err;
	level->has_rearm = rearm;
	level->rearm = level->trigger;
	if (rearm)
		return fse_amount_get(rearm, rearm_unit ?: unit, inodes,
				      &level->rearm, extack);
	if (rearm_unit)
		return fse_bad(extack, rearm_unit, -EINVAL,
			       "unit of a re-arm that is not there");
	return 0;
}

static int fse_level_add(const struct nlmsghdr *nlh, struct nlattr *nest,
			 struct fse_request *req,
			 struct netlink_ext_ack *extack)
{
	struct nlattr *tb[FS_NL_LEVEL_A_MAX + 1];
	struct fse_level_spec *level;
	unsigned int type, *nr;
	bool inodes;
	int err;

	err = nla_parse_nested(tb, FS_NL_LEVEL_A_MAX, nest,
			       fs_event_level_nl_policy, extack);
	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(extack, nest, tb, FS_NL_LEVEL_A_KIND) ||
	    NL_REQ_ATTR_CHECK(extack, nest, tb, FS_NL_LEVEL_A_TRIGGER)) {
		NL_SET_ERR_MSG(extack, "a level needs KIND and TRIGGER");
		return -EINVAL;
	}
	if (tb[FS_NL_LEVEL_A_STATE])
		return fse_bad(extack, tb[FS_NL_LEVEL_A_STATE], -EINVAL,
			       "the state of a level can not be set");
	if (tb[FS_NL_LEVEL_A_NR])
		return fse_bad(extack, tb[FS_NL_LEVEL_A_NR], -EINVAL,
			       "levels are numbered by their order");
	inodes = nla_get_u32(tb[FS_NL_LEVEL_A_KIND]) == FS_NL_KIND_INODES;
	type = inodes ? 2 : 1;
	nr = inodes ? &req->nr_inodes : &req->nr_space;
	if (*nr == FSE_MAX_LEVELS)
		return fse_bad(extack, nest, -E2BIG, "more than 64 levels");
	level = inodes ? &req->inodes[*nr] : &req->space[*nr];
	level->word = fse_attr_span(nlh, nest);
	err = fse_level_get(tb, inodes, level, extack);
	if (err)
		return err;
	/* What is wrong with all of them is shown at the first. */
	if (!(*nr)++)
		req->type[type] = level->word;
	req->types |= 1U << type;
	return 0;
}

static int fse_events_get(const struct nlmsghdr *nlh, struct nlattr *attr,
			  struct fse_request *req,
			  struct netlink_ext_ack *extack)
{
	req->events = nla_get_u32(attr);
	if (!req->events)
		return fse_bad(extack, attr, -EINVAL, "no event at all");
	if (req->events & ~fse_generic_events())
		return fse_bad(extack, attr, -EINVAL,
			       "not only generic events");
	req->types |= FSE_TYPE_G;
	req->type[0] = fse_attr_span(nlh, attr);
	return 0;
}

static int fse_path_get(const struct nlmsghdr *nlh, struct nlattr *attr,
			struct fse_request *req,
			struct netlink_ext_ack *extack)
{
	const char *path = nla_data(attr);

	if (path[0] != '/')
		return fse_bad(extack, attr, -EINVAL,
			       "expected a path that starts with /");
	strscpy(req->path, path, sizeof(req->path));
	req->mount = fse_attr_span(nlh, attr);
	return 0;
}

/**
 * fse_attrs_set - what a command to set a watch says
 * @nlh: the message
 * @attrs: its attributes
 * @req: zero; set to the request
 * @extack: what is wrong with it
 *
 * Return: 0 or a negative errno.
 */
int fse_attrs_set(const struct nlmsghdr *nlh, struct nlattr **attrs,
		  struct fse_request *req, struct netlink_ext_ack *extack)
{
	struct nlattr *attr;
	int left, err;

	req->op = FSE_OP_SET;
	if (NL_REQ_ATTR_CHECK(extack, NULL, attrs, FS_NL_ENTRY_A_MOUNT)) {
		NL_SET_ERR_MSG(extack, "needs MOUNT");
		return -EINVAL;
	}
	err = fse_path_get(nlh, attrs[FS_NL_ENTRY_A_MOUNT], req, extack);
	if (!err && attrs[FS_NL_ENTRY_A_EVENTS])
		err = fse_events_get(nlh, attrs[FS_NL_ENTRY_A_EVENTS], req,
				     extack);
	if (err)
		return err;
	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, left) {
		if (nla_type(attr) != FS_NL_ENTRY_A_LEVEL)
			continue;
		err = fse_level_add(nlh, attr, req, extack);
		if (err)
			return err;
	}
	if (!req->types) {
		NL_SET_ERR_MSG(extack, "needs EVENTS, LEVEL or both");
		return -EINVAL;
	}
	return 0;
}

/**
 * fse_attrs_which - does a command name one watch?
 * @attrs: its attributes
 * @extack: what is wrong with it
 *
 * Return: 0 or -EINVAL.
 */
int fse_attrs_which(struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	struct nlattr *mount = attrs[FS_NL_ENTRY_A_MOUNT];

	if (!attrs[FS_NL_ENTRY_A_ID] == !mount) {
		if (mount)
			NL_SET_BAD_ATTR(extack, mount);
		NL_SET_ERR_MSG(extack, "needs either ID or MOUNT");
		return -EINVAL;
	}
	return 0;
}

/**
 * fse_attrs_del - what a command to remove a watch says
 * @nlh: the message
 * @attrs: its attributes
 * @req: zero; set to the request, without a path if there is an id
 * @extack: what is wrong with it
 *
 * Return: 0 or a negative errno.
 */
int fse_attrs_del(const struct nlmsghdr *nlh, struct nlattr **attrs,
		  struct fse_request *req, struct netlink_ext_ack *extack)
{
	struct nlattr *types = attrs[FS_NL_ENTRY_A_TYPES];
	unsigned int i;
	int err;

	err = fse_attrs_which(attrs, extack);
	if (err)
		return err;
	req->op = FSE_OP_REMOVE;
	if (types) {
		req->op = FSE_OP_REMOVE_TYPES;
		req->types = nla_get_u32(types);
		if (!req->types)
			return fse_bad(extack, types, -EINVAL,
				       "no type at all");
		for (i = 0; i < FSE_TYPE_NR; i++)
			req->type[i] = fse_attr_span(nlh, types);
	}
	if (attrs[FS_NL_ENTRY_A_MOUNT])
		return fse_path_get(nlh, attrs[FS_NL_ENTRY_A_MOUNT], req,
				    extack);
	req->mount = fse_attr_span(nlh, attrs[FS_NL_ENTRY_A_ID]);
	return 0;
}

/**
 * fse_attrs_none - does a command that takes no attributes have none?
 * @nlh: the message
 * @extack: what is wrong with it
 *
 * Where there is no policy nobody else looks.
 *
 * Return: 0 or -EINVAL.
 */
int fse_attrs_none(const struct nlmsghdr *nlh, struct netlink_ext_ack *extack)
{
	if (nlmsg_attrlen(nlh, GENL_HDRLEN) <= 0)
		return 0;
	NL_SET_BAD_ATTR(extack, nlmsg_attrdata(nlh, GENL_HDRLEN));
	NL_SET_ERR_MSG(extack, "takes no attributes");
	return -EINVAL;
}
