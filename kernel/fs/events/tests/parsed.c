// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parses netlink messages for tests.
 */
#include <linux/align.h>
#include <linux/bits.h>
#include <linux/skbuff.h>
#include <linux/string.h>

#include "parsed.h"

static_assert((int)FS_NL_ENTRY_A_MAX <= (int)FS_NL_A_MAX);
static_assert((int)FS_NL_LEVEL_A_MAX <= (int)FS_NL_A_MAX);

struct sk_buff *fse_test_room(struct kunit *test, size_t size)
{
	struct sk_buff *skb = alloc_skb(size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, skb_tailroom(skb) - size);
	KUNIT_ASSERT_EQ(test, skb_tailroom(skb), size);
	return skb;
}

/* Rejects types that nla_parse() would skip, and duplicates. */
static void list_all(struct fse_parsed *p, const struct nlattr *head, int len,
		     unsigned int max, u32 any)
{
	const struct nlattr *attr;
	unsigned int type;
	int rest;

	nla_for_each_attr(attr, head, len, rest) {
		type = nla_type(attr);
		KUNIT_ASSERT_LE(p->test, type, max);
		if (any & BIT(type)) {
			p->nr_any++;
			continue;
		}
		KUNIT_EXPECT_FALSE_MSG(p->test, p->left & BIT(type),
				       "attribute %u twice", type);
		p->left |= BIT(type);
	}
	KUNIT_EXPECT_EQ(p->test, rest, 0);
}

int fse_parse(struct fse_parsed *p, struct kunit *test, const void *data,
	      int len, unsigned int max, u32 any)
{
	struct netlink_ext_ack extack = {};
	int err;

	memset(p, 0, sizeof(*p));
	p->test = test;
	list_all(p, data, len, max, any);
	err = __nla_parse(p->tb, max, data, len, NULL, NL_VALIDATE_TRAILING,
			  &extack);
	KUNIT_EXPECT_EQ_MSG(test, err, 0, "%s", extack._msg ?: "");
	return err;
}

const struct nlattr *fse_expect(struct fse_parsed *p, unsigned int type,
				unsigned int len)
{
	const struct nlattr *attr = p->tb[type];

	KUNIT_EXPECT_NOT_NULL_MSG(p->test, attr, "attribute %u", type);
	if (!attr)
		return NULL;
	p->left &= ~BIT(type);
	KUNIT_EXPECT_EQ_MSG(p->test, attr->nla_type, type, "attribute %u",
			    type);
	KUNIT_EXPECT_EQ_MSG(p->test, nla_len(attr), len, "attribute %u", type);
	return nla_len(attr) == len ? attr : NULL;
}

void fse_expect_u32(struct fse_parsed *p, unsigned int type, u32 value)
{
	const struct nlattr *attr = fse_expect(p, type, 4);

	if (attr)
		KUNIT_EXPECT_EQ_MSG(p->test, nla_get_u32(attr), value,
				    "attribute %u", type);
}

void fse_expect_u64(struct fse_parsed *p, unsigned int type, u64 value)
{
	const struct nlattr *attr = fse_expect(p, type, 8);

	if (!attr)
		return;
	p->nr_u64++;
	KUNIT_EXPECT_EQ_MSG(p->test, nla_get_u64(attr), value, "attribute %u",
			    type);
	if (!IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS))
		KUNIT_EXPECT_TRUE_MSG(p->test,
				      IS_ALIGNED((unsigned long)nla_data(attr),
						 8), "attribute %u", type);
}

void fse_expect_uint(struct fse_parsed *p, unsigned int type, u64 value)
{
	const struct nlattr *attr;

	if (value <= U32_MAX) {
		fse_expect_u32(p, type, value);
		return;
	}
	attr = fse_expect(p, type, 8);
	if (attr)
		KUNIT_EXPECT_EQ_MSG(p->test, nla_get_u64(attr), value,
				    "attribute %u", type);
}

void fse_expect_string(struct fse_parsed *p, unsigned int type,
		       const char *value)
{
	const struct nlattr *attr = fse_expect(p, type, strlen(value) + 1);

	/* Compares including the NUL. */
	if (attr)
		KUNIT_EXPECT_MEMEQ(p->test, nla_data(attr), value,
				   strlen(value) + 1);
}
