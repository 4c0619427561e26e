// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages of a watch: the values of all attributes, including those of levels;
 * no further attributes; and enough room.
 */
#include <linux/bits.h>
#include <linux/kdev_t.h>
#include <linux/skbuff.h>
#include <linux/uuid.h>

#include "../netlink.h"
#include "parsed.h"
#include "tests.h"

/* The largest 32-bit number; the next larger takes 64 bits. */
#define MOST32	0xffffffffULL
#define MORE32	0x100000000ULL
#define FSID	0x8899aabbccddeeffULL
#define ID	0xf1f2f3f4U
#define DEV_MAJOR	0x7a5U
#define DEV_MINOR	0x6b4c3U
/* With its NUL, the length is not a multiple of four. */
#define PLACE	"/srv/abc"
#define FSTYPE	"fuse.abc"
#define SOURCE	"/dev/mapper/a bc"
/* Distinct bits in each half and at the borders. */
#define BELOW_SPACE	0x8000000200000001ULL
#define BELOW_INODES	0x0000000500000002ULL

struct entry_case {
	const char *name;
	unsigned int types;
	unsigned int nr_space;
	unsigned int nr_inodes;
	struct fse_gauge space;
	struct fse_gauge inodes;
	struct fse_numbers numbers;
	u64 fsid;
	bool uuid;
	bool elsewhere;
	bool is_change;
};

static const struct entry_case cases[] = {
	{ "errors, figures not known", FSE_TYPE_G },
	{ "figures of space alone", FSE_TYPE_G, .space = { 0, 1, 512 },
	  .numbers = { MOST32, MORE32 } },
	{ "figures of inodes alone", FSE_TYPE_G, .inodes = { MOST32, MORE32 },
	  .numbers = { MORE32, MOST32 } },
	{ "two levels each", FSE_TYPE_T | FSE_TYPE_I, 2, 2, .fsid = MOST32,
	  .space = { MORE32, U64_MAX, U32_MAX }, .inodes = { 7, 8 },
	  .is_change = true },
	{ "as many levels as can be", FSE_TYPE_G | FSE_TYPE_T | FSE_TYPE_I,
	  FSE_MAX_LEVELS, FSE_MAX_LEVELS, { MOST32, MORE32, 1 }, { 0, 9 },
	  { 3, 4 }, FSID, true, true, true },
};

KUNIT_ARRAY_PARAM_DESC(entry_param, cases, name);

const void *fse_test_entry_next(struct kunit *test, const void *prev,
				char *desc)
{
	return entry_param_gen_params(test, prev, desc);
}

struct known {
	struct fse_sb es;
	struct fse_asker asker;
	struct fse_watch watch;
	struct fse_identity identity;
	struct fse_entry entry;
};

/* Alternating units; every third level has a re-arm in another unit. */
static const struct {
	char suffix;
	u32 unit;
} units[] = {
	{ 0, FS_NL_UNIT_BLOCKS }, { 'K', FS_NL_UNIT_KIB },
	{ 'M', FS_NL_UNIT_MIB }, { 'G', FS_NL_UNIT_GIB },
	{ 'T', FS_NL_UNIT_TIB }, { '%', FS_NL_UNIT_PERCENT },
};

static void make_level(struct fse_level *level, unsigned int i)
{
	level->trigger.value = MOST32 + i % 2;
	level->trigger.suffix = units[i % ARRAY_SIZE(units)].suffix;
	level->has_rearm = i % 3 == 1;
	level->rearm.value = MORE32 - i % 2;
	level->rearm.suffix = units[(i + 1) % ARRAY_SIZE(units)].suffix;
}

static struct fse_level_set *make_set(struct kunit *test, unsigned int nr,
				      u64 below)
{
	struct fse_level_set *set;
	unsigned int i;

	if (!nr)
		return NULL;
	set = kunit_kzalloc(test, struct_size(set, note, nr), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, set);
	set->nr = nr;
	set->level = kunit_kcalloc(test, nr, sizeof(*set->level), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, set->level);
	for (i = 0; i < nr; i++) {
		make_level(&set->level[i], i);
		set->note[i].slot.reported_below = below & BIT_ULL(i);
		/* It turned afterwards, which was not reported yet. */
		set->note[i].slot.below = !(below & BIT_ULL(i));
	}
	return set;
}

static struct known *make_known(struct kunit *test, const struct entry_case *t)
{
	struct known *k = kunit_kzalloc(test, sizeof(*k), GFP_KERNEL);
	struct fse_watch *watch;

	KUNIT_ASSERT_NOT_NULL(test, k);
	mutex_init(&k->es.lock);
	k->asker.space = t->space;
	k->asker.inodes = t->inodes;
	watch = &k->watch;
	watch->es = &k->es;
	watch->asker = &k->asker;
	watch->id = ID;
	watch->identity = &k->identity;
	k->identity.dev = MKDEV(DEV_MAJOR, DEV_MINOR);
	k->identity.fsid = t->fsid;
	k->identity.fstype = FSTYPE;
	k->identity.source = SOURCE;
	watch->types = t->types;
	watch->events = BIT(FS_ERR_IO);
	watch->reported = BIT(FS_ERR_SHUTDOWN);
	if (t->uuid)
		generate_random_uuid(k->identity.uuid.b);
	watch->set[FSE_SPACE] = make_set(test, t->nr_space, BELOW_SPACE);
	watch->set[FSE_INODES] = make_set(test, t->nr_inodes, BELOW_INODES);
	mutex_init(&watch->deliver_lock);
	k->entry.watch = watch;
	k->entry.mount = PLACE;
	k->entry.numbers = t->numbers;
	k->entry.figures = true;
	k->entry.elsewhere = t->elsewhere;
	k->entry.is_change = t->is_change;
	k->entry.change = FS_NL_CHANGE_REMOVED;
	return k;
}

static void expect_level(struct kunit *test, const struct nlattr *nest,
			 u32 kind, unsigned int i, u64 below)
{
	const struct fse_level *level;
	struct fse_level made = {};
	struct fse_parsed p;

	if (fse_parse(&p, test, nla_data(nest), nla_len(nest),
		      FS_NL_LEVEL_A_MAX, 0))
		return;
	make_level(&made, i);
	level = &made;
	fse_expect_u32(&p, FS_NL_LEVEL_A_KIND, kind);
	fse_expect_u32(&p, FS_NL_LEVEL_A_NR, i + 1);
	fse_expect_uint(&p, FS_NL_LEVEL_A_TRIGGER, level->trigger.value);
	fse_expect_u32(&p, FS_NL_LEVEL_A_UNIT,
		       units[i % ARRAY_SIZE(units)].unit);
	fse_expect_u32(&p, FS_NL_LEVEL_A_STATE, below & BIT_ULL(i) ?
		       FS_NL_STATE_BELOW : FS_NL_STATE_ABOVE);
	if (level->has_rearm) {
		fse_expect_uint(&p, FS_NL_LEVEL_A_REARM, level->rearm.value);
		fse_expect_u32(&p, FS_NL_LEVEL_A_REARM_UNIT,
			       units[(i + 1) % ARRAY_SIZE(units)].unit);
	}
	KUNIT_EXPECT_EQ_MSG(test, p.left, 0, "attributes too many");
}

/* In order: space, then inodes. */
static void expect_levels(struct kunit *test, const struct sk_buff *skb,
			  const struct entry_case *t)
{
	const struct nlattr *attr;
	unsigned int i = 0;
	int rest;

	nla_for_each_attr(attr, (struct nlattr *)skb->data, skb->len, rest) {
		if (nla_type(attr) != FS_NL_ENTRY_A_LEVEL)
			continue;
		if (i < t->nr_space)
			expect_level(test, attr, FS_NL_KIND_SPACE, i,
				     BELOW_SPACE);
		else
			expect_level(test, attr, FS_NL_KIND_INODES,
				     i - t->nr_space, BELOW_INODES);
		i++;
	}
	KUNIT_EXPECT_EQ(test, i, t->nr_space + t->nr_inodes);
}

static void expect_figures(struct fse_parsed *p, const struct entry_case *t)
{
	if (t->space.total) {
		fse_expect_uint(p, FS_NL_ENTRY_A_AVAIL, t->space.avail);
		fse_expect_uint(p, FS_NL_ENTRY_A_TOTAL, t->space.total);
		fse_expect_u32(p, FS_NL_ENTRY_A_FRSIZE, t->space.frsize);
	}
	if (t->inodes.total) {
		fse_expect_uint(p, FS_NL_ENTRY_A_INODES_FREE, t->inodes.avail);
		fse_expect_uint(p, FS_NL_ENTRY_A_INODES, t->inodes.total);
	}
}

static void expect_all(struct fse_parsed *p, const struct known *k,
		       const struct entry_case *t)
{
	const struct nlattr *uuid;

	fse_expect_u32(p, FS_NL_ENTRY_A_ID, ID);
	fse_expect_uint(p, FS_NL_ENTRY_A_GENERATION, t->numbers.generation);
	fse_expect_uint(p, FS_NL_ENTRY_A_SEQ, t->numbers.seq);
	fse_expect_string(p, FS_NL_ENTRY_A_MOUNT, PLACE);
	fse_expect_u32(p, FS_NL_ENTRY_A_DEV_MAJOR, DEV_MAJOR);
	fse_expect_u32(p, FS_NL_ENTRY_A_DEV_MINOR, DEV_MINOR);
	fse_expect_string(p, FS_NL_ENTRY_A_FSTYPE, FSTYPE);
	fse_expect_string(p, FS_NL_ENTRY_A_SOURCE, SOURCE);
	fse_expect_uint(p, FS_NL_ENTRY_A_FSID, t->fsid);
	fse_expect_u32(p, FS_NL_ENTRY_A_TYPES, t->types);
	fse_expect_u32(p, FS_NL_ENTRY_A_LASTING, BIT(FS_ERR_SHUTDOWN));
	if (t->types & FSE_TYPE_G)
		fse_expect_u32(p, FS_NL_ENTRY_A_EVENTS, BIT(FS_ERR_IO));
	expect_figures(p, t);
	if (t->elsewhere)
		fse_expect(p, FS_NL_ENTRY_A_ELSEWHERE, 0);
	if (t->is_change)
		fse_expect_u32(p, FS_NL_ENTRY_A_CHANGE, FS_NL_CHANGE_REMOVED);
	if (t->uuid) {
		uuid = fse_expect(p, FS_NL_ENTRY_A_UUID, 16);
		if (uuid)
			KUNIT_EXPECT_MEMEQ(p->test, nla_data(uuid),
					   &k->identity.uuid, 16);
	}
}

static int put(struct sk_buff *skb, struct known *k)
{
	int err;

	mutex_lock(&k->watch.deliver_lock);
	err = fse_entry_put(skb, &k->entry);
	mutex_unlock(&k->watch.deliver_lock);
	return err;
}

void fse_test_entry_layout(struct kunit *test)
{
	const struct entry_case *t = test->param_value;
	struct known *k = make_known(test, t);
	size_t size = fse_entry_size(&k->entry);
	struct fse_parsed p;
	struct sk_buff *skb;
	int err;

	skb = fse_test_room(test, size);
	err = put(skb, k);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_LE(test, skb->len, size);
	if (!err && !fse_parse(&p, test, skb->data, skb->len,
			       FS_NL_ENTRY_A_MAX, BIT(FS_NL_ENTRY_A_LEVEL))) {
		expect_all(&p, k, t);
		expect_levels(test, skb, t);
		KUNIT_EXPECT_EQ_MSG(test, p.left, 0, "attributes too many");
	}
	kfree_skb(skb);
}

/* With any smaller buffer it fails and writes nothing beyond. */
void fse_test_entry_no_room(struct kunit *test)
{
	struct known *k = make_known(test, test->param_value);
	size_t size, room;
	struct sk_buff *skb;

	skb = fse_test_room(test, fse_entry_size(&k->entry));
	KUNIT_ASSERT_EQ(test, 0, put(skb, k));
	size = skb->len;
	kfree_skb(skb);
	for (room = 0; room < size; room += 4) {
		skb = fse_test_room(test, room);
		KUNIT_EXPECT_EQ_MSG(test, -EMSGSIZE, put(skb, k), "%zu of %zu bytes", room, size);
		kfree_skb(skb);
	}
}
