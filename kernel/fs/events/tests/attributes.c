// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands: valid messages and the resulting request; invalid messages and the
 * attribute at fault. Policies are checked first, like in the kernel.
 */
#include <linux/bits.h>
#include <linux/skbuff.h>
#include <linux/string.h>

#include "../netlink.h"
#include "../netlink_gen.h"
#include "tests.h"

/* An attribute nested in the current level. */
#define IN	0x100U
#define PIECES	8
#define NOWHERE	PIECES

#define MOUNT(path)	{ FS_NL_ENTRY_A_MOUNT, 0, path }
#define ID(nr)		{ FS_NL_ENTRY_A_ID, nr }
#define EVENTS(bits)	{ FS_NL_ENTRY_A_EVENTS, bits }
#define TYPES(bits)	{ FS_NL_ENTRY_A_TYPES, bits }
#define LEVEL		{ FS_NL_ENTRY_A_LEVEL }
#define KIND(kind)	{ IN | FS_NL_LEVEL_A_KIND, FS_NL_KIND_##kind }
#define TRIGGER(value)	{ IN | FS_NL_LEVEL_A_TRIGGER, value }
#define UNIT(unit)	{ IN | FS_NL_LEVEL_A_UNIT, FS_NL_UNIT_##unit }
#define REARM(value)	{ IN | FS_NL_LEVEL_A_REARM, value }
#define REARM_UNIT(unit) { IN | FS_NL_LEVEL_A_REARM_UNIT, FS_NL_UNIT_##unit }
#define STATE(state)	{ IN | FS_NL_LEVEL_A_STATE, FS_NL_STATE_##state }
#define LEVEL_NR(nr)	{ IN | FS_NL_LEVEL_A_NR, nr }

struct piece {
	unsigned int type;
	u64 value;
	const char *text;
};

/* A message and the positions of its attributes. */
struct command {
	struct sk_buff *skb;
	struct nlmsghdr *nlh;
	const struct nlattr *at[PIECES];
	struct nlattr *attrs[FS_NL_ENTRY_A_MAX + 1];
	struct fse_request req;
	struct netlink_ext_ack extack;
};

static int put_piece(struct sk_buff *skb, const struct piece *p)
{
	unsigned int type = p->type & ~IN;

	if (p->text)
		return nla_put_string(skb, type, p->text);
	if (p->type == (IN | FS_NL_LEVEL_A_TRIGGER) ||
	    p->type == (IN | FS_NL_LEVEL_A_REARM))
		return nla_put_uint(skb, type, p->value);
	return nla_put_u32(skb, type, p->value);
}

static struct command *command_alloc(struct kunit *test)
{
	struct command *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, c->skb);
	c->nlh = nlmsg_put(c->skb, 0, 0, NLMSG_MIN_TYPE, GENL_HDRLEN, 0);
	KUNIT_ASSERT_NOT_NULL(test, c->nlh);
	return c;
}

static void put_pieces(struct kunit *test, struct command *c,
		       const struct piece *piece, unsigned int max)
{
	struct nlattr *nest = NULL;
	unsigned int i;

	for (i = 0; i < max && piece[i].type; i++) {
		if (nest && !(piece[i].type & IN)) {
			nla_nest_end(c->skb, nest);
			nest = NULL;
		}
		c->at[i] = (struct nlattr *)skb_tail_pointer(c->skb);
		if (piece[i].type == FS_NL_ENTRY_A_LEVEL)
			nest = nla_nest_start(c->skb, FS_NL_ENTRY_A_LEVEL);
		else
			KUNIT_ASSERT_EQ(test, 0, put_piece(c->skb, &piece[i]));
	}
	if (nest)
		nla_nest_end(c->skb, nest);
	nlmsg_end(c->skb, c->nlh);
}

/* Runs the policy check, then our operation, like genetlink. */
static int run(struct kunit *test, struct command *c, u8 cmd)
{
	const struct genl_split_ops *op = NULL;
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(fs_event_nl_ops); i++) {
		if (fs_event_nl_ops[i].cmd == cmd && fs_event_nl_ops[i].doit)
			op = &fs_event_nl_ops[i];
	}
	KUNIT_ASSERT_NOT_NULL(test, op);
	err = nlmsg_parse(c->nlh, GENL_HDRLEN, c->attrs, op->maxattr,
			  op->policy, &c->extack);
	if (err)
		return err;
	if (cmd == FS_NL_C_ENTRY_SET)
		return fse_attrs_set(c->nlh, c->attrs, &c->req, &c->extack);
	return fse_attrs_del(c->nlh, c->attrs, &c->req, &c->extack);
}

struct taken {
	const char *name;
	u8 cmd;
	struct piece piece[PIECES];
	struct fse_wanted wanted;
	bool has_rearm;
	/* index of the mount attribute, and of each type; 0: none */
	unsigned int mount;
	unsigned int type[FSE_TYPE_NR];
};

static const struct taken takens[] = {
	{ "events", FS_NL_C_ENTRY_SET,
	  { EVENTS(BIT(FS_ERR_IO)), MOUNT("/srv") },
	  { FSE_OP_SET, FSE_TYPE_G, BIT(FS_ERR_IO) }, .mount = 1 },
	{ "levels of space", FS_NL_C_ENTRY_SET,
	  { MOUNT("/"), LEVEL, KIND(SPACE), TRIGGER(U64_MAX), LEVEL,
	    KIND(SPACE), TRIGGER(7) },
	  { FSE_OP_SET, FSE_TYPE_T, 0, 2, 0, { U64_MAX }, { U64_MAX } },
	  .type = { 0, 1 } },
	{ "level of inodes", FS_NL_C_ENTRY_SET,
	  { MOUNT("/"), EVENTS(BIT(FS_WARN_ENOSPC)), LEVEL, KIND(INODES),
	    TRIGGER(5), UNIT(PERCENT), REARM(100) },
	  { FSE_OP_SET, FSE_TYPE_G | FSE_TYPE_I, BIT(FS_WARN_ENOSPC), 0, 1,
	    { 5, '%' }, { 100, '%' } },
	  .has_rearm = true, .type = { 1, 0, 2 } },
	{ "another unit of the re-arm", FS_NL_C_ENTRY_SET,
	  { MOUNT("/"), LEVEL, KIND(SPACE), TRIGGER(3), UNIT(GIB), REARM(5),
	    REARM_UNIT(BLOCKS) },
	  { FSE_OP_SET, FSE_TYPE_T, 0, 1, 0, { 3, 'G' }, { 5 } },
	  .has_rearm = true, .type = { 0, 1 } },
	{ "most TiB", FS_NL_C_ENTRY_SET,
	  { MOUNT("/"), LEVEL, KIND(SPACE), TRIGGER(16777215), UNIT(TIB) },
	  { FSE_OP_SET, FSE_TYPE_T, 0, 1, 0, { 16777215, 'T' },
	    { 16777215, 'T' } }, .type = { 0, 1 } },
	{ "remove by path", FS_NL_C_ENTRY_DEL, { MOUNT("/srv") },
	  { FSE_OP_REMOVE } },
	{ "remove types by number", FS_NL_C_ENTRY_DEL,
	  { TYPES(FSE_TYPE_T | FSE_TYPE_I), ID(7) },
	  { FSE_OP_REMOVE_TYPES, FSE_TYPE_T | FSE_TYPE_I, .id = 7 }, .mount = 1 },
};

KUNIT_ARRAY_PARAM_DESC(taken_param, takens, name);

const void *fse_test_taken_next(struct kunit *test, const void *prev,
				char *desc)
{
	return taken_param_gen_params(test, prev, desc);
}

/* Compares with the attribute of that index. */
static void expect_span(struct kunit *test, const struct command *c,
			const struct fse_span *span, unsigned int nr)
{
	KUNIT_EXPECT_EQ(test, span->off,
			(const u8 *)c->at[nr] - (const u8 *)c->at[0]);
	KUNIT_EXPECT_EQ(test, span->len, c->at[nr]->nla_len);
}

void fse_test_commands_accept(struct kunit *test)
{
	const struct taken *t = test->param_value;
	struct command *c = command_alloc(test);
	const struct fse_request *req = &c->req;
	const struct fse_level_spec *level;
	unsigned int i;

	put_pieces(test, c, t->piece, PIECES);
	KUNIT_EXPECT_EQ_MSG(test, 0, run(test, c, t->cmd), "%s",
			    c->extack._msg ?: "");
	level = fse_expect_request(test, req, &t->wanted);
	if (level)
		KUNIT_EXPECT_EQ(test, level->has_rearm, t->has_rearm);
	KUNIT_EXPECT_STREQ(test, req->path, t->piece[t->mount].text ?: "");
	expect_span(test, c, &req->mount, t->mount);
	for (i = 0; i < FSE_TYPE_NR; i++) {
		if (t->type[i])
			expect_span(test, c, &req->type[i], t->type[i]);
	}
	nlmsg_free(c->skb);
}

struct turned_down {
	const char *name;
	u8 cmd;
	struct piece piece[PIECES];
	/* index of the attribute at fault */
	unsigned int bad;
	int err;
};

static const struct turned_down turned_downs[] = {
	{ "no mount", FS_NL_C_ENTRY_SET, { EVENTS(BIT(FS_ERR_IO)) }, NOWHERE },
	{ "nothing to watch", FS_NL_C_ENTRY_SET, { MOUNT("/") }, NOWHERE },
	{ "no path", FS_NL_C_ENTRY_SET,
	  { EVENTS(BIT(FS_ERR_IO)), MOUNT("srv") }, 1 },
	{ "no event", FS_NL_C_ENTRY_SET, { MOUNT("/"), EVENTS(0) }, 1 },
	{ "no generic event", FS_NL_C_ENTRY_SET,
	  { MOUNT("/"), EVENTS(BIT(FS_ERR_IO) | BIT(FS_THR_BELOW)) }, 1 },
	{ "no kind", FS_NL_C_ENTRY_SET,
	  { MOUNT("/"), LEVEL, TRIGGER(1) }, NOWHERE },
	{ "no trigger", FS_NL_C_ENTRY_SET,
	  { MOUNT("/"), LEVEL, KIND(SPACE) }, NOWHERE },
	{ "a state", FS_NL_C_ENTRY_SET,
	  { MOUNT("/"), LEVEL, KIND(SPACE), TRIGGER(1), STATE(BELOW) }, 4 },
	{ "a number of a level", FS_NL_C_ENTRY_SET,
	  { MOUNT("/"), LEVEL, KIND(SPACE), TRIGGER(1), LEVEL_NR(1) }, 4 },
	{ "unit of no re-arm", FS_NL_C_ENTRY_SET,
	  { MOUNT("/"), LEVEL, KIND(SPACE), TRIGGER(1), REARM_UNIT(KIB) }, 4 },
	{ "inodes in bytes", FS_NL_C_ENTRY_SET,
	  { MOUNT("/"), LEVEL, KIND(INODES), TRIGGER(1), UNIT(KIB) }, 3 },
	{ "inodes until there are so many bytes", FS_NL_C_ENTRY_SET,
	  { MOUNT("/"), LEVEL, KIND(INODES), TRIGGER(1), REARM(2),
	    REARM_UNIT(MIB) }, 4 },
	{ "too many TiB", FS_NL_C_ENTRY_SET,
	  { MOUNT("/"), LEVEL, KIND(SPACE), TRIGGER(16777216), UNIT(TIB) },
	  3, -ERANGE },
	{ "more than all", FS_NL_C_ENTRY_SET,
	  { MOUNT("/"), LEVEL, KIND(SPACE), TRIGGER(1), UNIT(PERCENT),
	    REARM(101) }, 5, -ERANGE },
	{ "remove nothing", FS_NL_C_ENTRY_DEL, { TYPES(FSE_TYPE_G) }, NOWHERE },
	{ "remove one twice", FS_NL_C_ENTRY_DEL, { ID(1), MOUNT("/") }, 1 },
	{ "remove no type", FS_NL_C_ENTRY_DEL, { ID(1), TYPES(0) }, 1 },
	{ "remove from no path", FS_NL_C_ENTRY_DEL, { MOUNT("") }, 0 },
};

KUNIT_ARRAY_PARAM_DESC(turned_down_param, turned_downs, name);

const void *fse_test_turned_down_next(struct kunit *test, const void *prev,
				      char *desc)
{
	return turned_down_param_gen_params(test, prev, desc);
}

void fse_test_commands_refuse(struct kunit *test)
{
	const struct turned_down *t = test->param_value;
	struct command *c = command_alloc(test);

	put_pieces(test, c, t->piece, PIECES);
	KUNIT_EXPECT_EQ(test, t->err ?: -EINVAL, run(test, c, t->cmd));
	KUNIT_EXPECT_PTR_EQ(test, c->extack.bad_attr,
			    t->bad == NOWHERE ? NULL : c->at[t->bad]);
	KUNIT_EXPECT_NOT_NULL(test, c->extack._msg);
	nlmsg_free(c->skb);
}

/* The maximum number of levels of each kind, and one more. */
void fse_test_commands_limits(struct kunit *test)
{
	static const struct piece mount[] = { MOUNT("/") };
	static const struct piece levels[] = {
		LEVEL, KIND(SPACE), TRIGGER(1), LEVEL, KIND(INODES), TRIGGER(1),
	};
	struct command *c = command_alloc(test);
	unsigned int i;

	put_pieces(test, c, mount, ARRAY_SIZE(mount));
	for (i = 0; i < FSE_MAX_LEVELS; i++)
		put_pieces(test, c, levels, ARRAY_SIZE(levels));
	KUNIT_EXPECT_EQ(test, 0, run(test, c, FS_NL_C_ENTRY_SET));
	KUNIT_EXPECT_EQ(test, c->req.nr_space, FSE_MAX_LEVELS);
	KUNIT_EXPECT_EQ(test, c->req.nr_inodes, FSE_MAX_LEVELS);
	put_pieces(test, c, levels, 3);
	memset(&c->req, 0, sizeof(c->req));
	KUNIT_EXPECT_EQ(test, -E2BIG, run(test, c, FS_NL_C_ENTRY_SET));
	KUNIT_EXPECT_PTR_EQ(test, c->extack.bad_attr, c->at[0]);
	nlmsg_free(c->skb);
}

/* Without a policy even an empty attribute is refused. */
void fse_test_commands_none(struct kunit *test)
{
	struct command *c = command_alloc(test);

	nlmsg_end(c->skb, c->nlh);
	KUNIT_EXPECT_EQ(test, 0, fse_attrs_none(c->nlh, &c->extack));
	KUNIT_ASSERT_EQ(test, 0, nla_put_flag(c->skb, FS_NL_ENTRY_A_ELSEWHERE));
	nlmsg_end(c->skb, c->nlh);
	KUNIT_EXPECT_EQ(test, -EINVAL, fse_attrs_none(c->nlh, &c->extack));
	KUNIT_EXPECT_NOT_NULL(test, c->extack.bad_attr);
	nlmsg_free(c->skb);
}
