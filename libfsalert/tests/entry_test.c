// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Watches: from netlink messages, and what events make of them.
 */
#include <errno.h>

#include <libmnl/libmnl.h>
#include <linux/fs_event.h>
#include <linux/genetlink.h>

#include "entry.h"
#include "test.h"

static struct nlmsghdr *message_new(void)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(calloc(1, 8192));

	mnl_nlmsg_put_extra_header(nlh, sizeof(struct genlmsghdr));
	return nlh;
}

/* Frees the message: nothing of the watch may lie in it. */
static struct fsa_watch *decode(struct nlmsghdr *nlh, uint64_t *change)
{
	struct fsa_watch *watch;

	nlh = realloc(nlh, nlh->nlmsg_len);
	watch = fsa_watch_decode(nlh, change);
	free(nlh);
	return watch;
}

static void put_level(struct nlmsghdr *nlh, uint32_t kind, uint32_t nr,
		      uint32_t state)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, FS_NL_ENTRY_A_LEVEL);

	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_KIND, kind);
	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_NR, nr);
	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_TRIGGER, 1000 - nr);
	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_UNIT, FS_NL_UNIT_MIB);
	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_STATE, state);
	if (nr > 1) {
		mnl_attr_put_u64(nlh, FS_NL_LEVEL_A_REARM, 1ULL << 40);
		mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_REARM_UNIT,
				 FS_NL_UNIT_BLOCKS);
	}
	mnl_attr_nest_end(nlh, nest);
}

static const uint8_t uuid[FSA_UUID_LEN] = { 1, 2, 3, 4, [15] = 0xff };

/* A uint has 32 bits when these are enough, and 64 when not. */
static struct nlmsghdr *message_all(void)
{
	struct nlmsghdr *nlh = message_new();

	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_ID, 3);
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, "/srv");
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_EVENTS, 1 << FS_ERR_IO);
	put_level(nlh, FS_NL_KIND_SPACE, 1, FS_NL_STATE_ABOVE);
	put_level(nlh, FS_NL_KIND_SPACE, 2, FS_NL_STATE_BELOW);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_GENERATION, 9);
	mnl_attr_put_u64(nlh, FS_NL_ENTRY_A_SEQ, 1ULL << 33);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_CHANGE, FS_NL_CHANGE_CHANGED);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_TYPES, FS_NL_TYPES_SPACE);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_DEV_MAJOR, 7);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_DEV_MINOR, 1);
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_FSTYPE, "ext4");
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_SOURCE, "/dev/loop1");
	mnl_attr_put_u64(nlh, FS_NL_ENTRY_A_FSID, 0x0123456789abcdef);
	mnl_attr_put(nlh, FS_NL_ENTRY_A_UUID, sizeof(uuid), uuid);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_LASTING, 1 << FS_ERR_SHUTDOWN);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_AVAIL, 100);
	mnl_attr_put_u64(nlh, FS_NL_ENTRY_A_TOTAL, 1ULL << 40);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_FRSIZE, 4096);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_INODES_FREE, 11);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_INODES, 12);
	put_level(nlh, FS_NL_KIND_INODES, 1, FS_NL_STATE_BELOW);
	mnl_attr_put(nlh, FS_NL_ENTRY_A_ELSEWHERE, 0, NULL);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_MAX + 1, 1);
	return nlh;
}

TEST(test_all)
{
	uint64_t change;
	struct fsa_watch *watch = decode(message_all(), &change);
	const struct fsalert_entry *e = &watch->entry;
	const struct fsa_level *level;

	assert_int_equal(change, FS_NL_CHANGE_CHANGED);
	assert_int_equal(e->has, ((1ULL << (FS_NL_ENTRY_A_MAX + 1)) - 1) &
			 ~(1ULL << 0 | 1ULL << FS_NL_ENTRY_A_LEVEL));
	assert_int_equal(e->id, 3);
	assert_string_equal(e->mount, "/srv");
	assert_int_equal(e->events, 1 << FS_ERR_IO);
	assert_int_equal(e->generation, 9);
	assert_int_equal(e->seq, 1ULL << 33);
	assert_int_equal(e->types, FS_NL_TYPES_SPACE);
	assert_int_equal(e->dev_major, 7);
	assert_int_equal(e->dev_minor, 1);
	assert_string_equal(e->fstype, "ext4");
	assert_string_equal(e->source, "/dev/loop1");
	assert_int_equal(e->fsid, 0x0123456789abcdef);
	assert_memory_equal(e->uuid, uuid, sizeof(uuid));
	assert_int_equal(e->lasting, 1 << FS_ERR_SHUTDOWN);
	assert_int_equal(e->avail, 100);
	assert_int_equal(e->total, 1ULL << 40);
	assert_int_equal(e->frsize, 4096);
	assert_int_equal(e->inodes_free, 11);
	assert_int_equal(e->inodes, 12);
	assert_true(e->elsewhere);

	assert_int_equal(e->nr_levels, 3);
	level = fsa_entry_level(e, FS_NL_KIND_SPACE, 1);
	assert_int_equal(level->trigger, 999);
	assert_int_equal(level->unit, FS_NL_UNIT_MIB);
	assert_int_equal(level->rearm, 999);
	assert_int_equal(level->rearm_unit, FS_NL_UNIT_MIB);
	assert_int_equal(level->state, FS_NL_STATE_ABOVE);
	level = fsa_entry_level(e, FS_NL_KIND_SPACE, 2);
	assert_int_equal(level->rearm, 1ULL << 40);
	assert_int_equal(level->rearm_unit, FS_NL_UNIT_BLOCKS);
	assert_int_equal(level->state, FS_NL_STATE_BELOW);
	assert_null(fsa_entry_level(e, FS_NL_KIND_SPACE, 3));
	assert_non_null(fsa_entry_level(e, FS_NL_KIND_INODES, 1));
	assert_null(fsa_entry_level(e, FS_NL_KIND_INODES, 2));
	free(watch);
}

TEST(test_little)
{
	struct nlmsghdr *nlh = message_new();
	struct fsa_watch *watch, *copy;
	uint64_t change = 7;

	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_ID, 3);
	watch = decode(nlh, &change);
	assert_int_equal(change, 0);
	assert_int_equal(watch->entry.nr_levels, 0);
	assert_null(watch->entry.mount);
	copy = fsa_watch_new(&watch->entry);
	free(watch);
	assert_int_equal(copy->entry.id, 3);
	assert_null(copy->entry.source);
	free(copy);
}

TEST(test_no_watch)
{
	uint64_t change;

	assert_null(decode(message_new(), &change));
	assert_int_equal(errno, EBADMSG);
}

TEST(test_copy)
{
	uint64_t change;
	struct fsa_watch *watch = decode(message_all(), &change);
	struct fsa_watch *copy = fsa_watch_new(&watch->entry);

	assert_false(fsa_watch_is_other(&watch->entry, &copy->entry));
	free(watch);
	assert_string_equal(copy->entry.mount, "/srv");
	assert_int_equal(copy->entry.levels[2].kind, FS_NL_KIND_INODES);
	free(copy);
}

TEST(test_is_other)
{
	uint64_t change;
	struct fsa_watch *a = decode(message_all(), &change);
	struct fsa_watch *b = decode(message_all(), &change);

	b->entry.avail++;
	b->entry.seq++;
	b->levels[2].state = FS_NL_STATE_ABOVE;
	b->entry.lasting = 0;
	assert_false(fsa_watch_is_other(&a->entry, &b->entry));
	b->entry.mount = "/elsewhere";
	assert_true(fsa_watch_is_other(&a->entry, &b->entry));
	b->entry.mount = NULL;
	assert_true(fsa_watch_is_other(&a->entry, &b->entry));
	b->entry.mount = a->entry.mount;
	b->entry.request = "G T 1%";
	assert_true(fsa_watch_is_other(&a->entry, &b->entry));
	free(a);
	free(b);
}

static uint64_t number(const struct fsa_watch *watch, enum fsalert_key key)
{
	uint64_t value = 4711;

	assert_int_equal(fsalert_entry_u64(&watch->entry, key, &value), 0);
	return value;
}

static uint64_t level_number(const struct fsa_watch *watch, size_t index,
			     enum fsalert_key key)
{
	uint64_t value = 4711;

	assert_int_equal(fsalert_level_u64(&watch->entry, index, key, &value),
			 0);
	return value;
}

TEST(test_getters)
{
	uint64_t change, value = 4711;
	struct fsa_watch *watch = decode(message_all(), &change);
	const struct fsalert_entry *e = &watch->entry;

	assert_int_equal(number(watch, FSALERT_KEY_ENTRY), 3);
	assert_int_equal(number(watch, FSALERT_KEY_TOTAL), 1ULL << 40);
	assert_int_equal(number(watch, FSALERT_KEY_LASTING),
			 BIT64(FSALERT_SHUTDOWN));
	assert_int_equal(number(watch, FSALERT_KEY_EVENTS),
			 BIT64(FSALERT_IO_ERROR));
	assert_int_equal(number(watch, FSALERT_KEY_ELSEWHERE), 1);
	assert_int_equal(fsalert_entry_u64(e, FSALERT_KEY_PID, &value), -ENODATA);
	assert_int_equal(fsalert_entry_u64(e, 9999, &value), -ENODATA);
	assert_int_equal(value, 4711);
	assert_string_equal(fsalert_entry_str(e, FSALERT_KEY_SOURCE),
			    "/dev/loop1");
	assert_string_equal(fsalert_entry_str(e, FSALERT_KEY_REQUEST),
			    "T 999M 998M:1099511627776 I 999M");
	assert_null(fsalert_entry_str(e, FSALERT_KEY_NAME));

	assert_int_equal(level_number(watch, 0, FSALERT_KEY_KIND),
			 FSALERT_BELOW);
	/* frsize is 4096. */
	assert_int_equal(level_number(watch, 0, FSALERT_KEY_LEVEL), 999 << 8);
	assert_int_equal(level_number(watch, 1, FSALERT_KEY_REARM), 1ULL << 40);
	assert_int_equal(level_number(watch, 1, FSALERT_KEY_IS_BELOW), 1);
	assert_int_equal(level_number(watch, 2, FSALERT_KEY_KIND),
			 FSALERT_INO_BELOW);
	assert_int_equal(fsalert_level_u64(e, 3, FSALERT_KEY_KIND, &value),
			 -ENOENT);
	assert_string_equal(fsalert_level_str(e, 2, FSALERT_KEY_TEXT), "999M");
	assert_null(fsalert_level_str(e, 3, FSALERT_KEY_TEXT));
	free(watch);
}

/* All events are "G", some have their names; a percentage follows the total. */
TEST(test_request)
{
	const struct fsa_level level = {
		.kind = FS_NL_KIND_SPACE, .nr = 1, .trigger = 10,
		.unit = FS_NL_UNIT_PERCENT, .rearm = 10,
		.rearm_unit = FS_NL_UNIT_PERCENT,
	};
	struct fsalert_entry entry = {
		.types = FS_NL_TYPES_GENERIC | FS_NL_TYPES_SPACE,
		.events = UINT64_MAX, .total = UINT64_MAX,
		.nr_levels = 1, .levels = &level,
	};
	struct fsa_watch *watch = fsa_watch_new(&entry);
	uint64_t value;

	assert_string_equal(watch->entry.request, "G T 10%");
	assert_int_equal(fsa_level_blocks(&watch->entry, &level),
			 UINT64_MAX / 10);
	free(watch);
	entry.events = 1 << FS_WARN_ENOSPC | 1 << FS_ERR_IO;
	watch = fsa_watch_new(&entry);
	assert_string_equal(watch->entry.request, "G:enospc,io_error T 10%");
	/* A part of what the program may not see is not known. */
	assert_int_equal(fsalert_level_u64(&watch->entry, 0, FSALERT_KEY_REARM,
					   &value), 0);
	watch->entry.total = 0;
	assert_int_equal(fsalert_level_u64(&watch->entry, 0, FSALERT_KEY_REARM,
					   &value), -ENODATA);
	assert_int_equal(fsalert_level_u64(&watch->entry, 0, FSALERT_KEY_LEVEL,
					   &value), -ENODATA);
	watch->levels[0].unit = FS_NL_UNIT_GIB;
	assert_int_equal(fsalert_level_u64(&watch->entry, 0, FSALERT_KEY_LEVEL,
					   &value), -ENODATA);
	free(watch);
}

static void expect_levels(const struct fsa_watch *watch, uint64_t space1,
			  uint64_t space2, uint64_t inodes1)
{
	assert_int_equal(watch->levels[0].state, space1);
	assert_int_equal(watch->levels[1].state, space2);
	assert_int_equal(watch->levels[2].state, inodes1);
}

static struct fsalert_event level_event(uint32_t id, uint64_t nr, uint64_t avail)
{
	struct fsalert_event ev;

	fsa_event_init(&ev, FSALERT_UNKNOWN);
	fsa_event_set_id(&ev, id);
	fsa_event_set(&ev, FSALERT_KEY_SEQ, 9ULL << 33);
	fsa_event_set(&ev, FSALERT_KEY_LEVEL_NR, nr);
	fsa_event_set(&ev, FSALERT_KEY_AVAIL, avail);
	fsa_event_set(&ev, FSALERT_KEY_TOTAL, avail + 1);
	fsa_event_set(&ev, FSALERT_KEY_FRSIZE, 44);
	return ev;
}

TEST(test_apply)
{
	uint64_t change;
	struct fsa_watch *watch = decode(message_all(), &change);
	struct fsalert_event ev = level_event(FS_THR_LRBELOW, 1, 42);

	fsa_watch_apply(watch, &ev);
	expect_levels(watch, FS_NL_STATE_BELOW, FS_NL_STATE_BELOW,
		      FS_NL_STATE_BELOW);
	assert_int_equal(watch->entry.seq, 9ULL << 33);
	assert_int_equal(watch->entry.avail, 42);
	assert_int_equal(watch->entry.total, 43);
	assert_int_equal(watch->entry.frsize, 44);
	assert_int_equal(watch->entry.inodes_free, 11);

	ev = level_event(FS_THR_URABOVE, 2, 42);
	fsa_watch_apply(watch, &ev);
	expect_levels(watch, FS_NL_STATE_BELOW, FS_NL_STATE_ABOVE,
		      FS_NL_STATE_BELOW);

	ev = level_event(FS_INO_ABOVE, 1, 5);
	fsa_watch_apply(watch, &ev);
	expect_levels(watch, FS_NL_STATE_BELOW, FS_NL_STATE_ABOVE,
		      FS_NL_STATE_ABOVE);
	assert_int_equal(watch->entry.avail, 42);
	assert_int_equal(watch->entry.inodes_free, 5);
	assert_int_equal(watch->entry.inodes, 6);

	/* A level that is over: as one that was risen above. */
	ev = level_event(FS_INFO_CLEARED, 1, 7);
	fsa_event_set_of(&ev, FS_THR_LRBELOW);
	fsa_watch_apply(watch, &ev);
	expect_levels(watch, FS_NL_STATE_ABOVE, FS_NL_STATE_ABOVE,
		      FS_NL_STATE_ABOVE);
	free(watch);
}

/* A watch that was shown without figures: the event brings those of its kind. */
TEST(test_first_figures)
{
	struct nlmsghdr *nlh = message_new();
	struct fsalert_event ev = level_event(FS_THR_LRBELOW, 1, 42);
	struct fsa_watch *watch;
	uint64_t change, value;

	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_ID, 3);
	put_level(nlh, FS_NL_KIND_SPACE, 1, FS_NL_STATE_ABOVE);
	put_level(nlh, FS_NL_KIND_INODES, 1, FS_NL_STATE_ABOVE);
	watch = decode(nlh, &change);
	assert_int_equal(fsalert_entry_u64(&watch->entry, FSALERT_KEY_AVAIL,
					   &value), -ENODATA);

	fsa_watch_apply(watch, &ev);
	assert_int_equal(number(watch, FSALERT_KEY_AVAIL), 42);
	assert_int_equal(number(watch, FSALERT_KEY_TOTAL), 43);
	assert_int_equal(number(watch, FSALERT_KEY_FRSIZE), 44);
	assert_int_equal(fsalert_entry_u64(&watch->entry,
					   FSALERT_KEY_INODES_FREE, &value),
			 -ENODATA);

	ev = level_event(FS_INO_BELOW, 1, 5);
	fsa_watch_apply(watch, &ev);
	assert_int_equal(number(watch, FSALERT_KEY_INODES_FREE), 5);
	assert_int_equal(number(watch, FSALERT_KEY_INODES), 6);
	assert_int_equal(number(watch, FSALERT_KEY_AVAIL), 42);
	free(watch);
}

TEST(test_lasting)
{
	const uint64_t both = 1 << FS_ERR_SHUTDOWN | 1 << FS_ERR_REMOUNT_RO;
	uint64_t change;
	struct fsa_watch *watch = decode(message_all(), &change);
	struct fsalert_event ev;

	fsa_event_init(&ev, FSALERT_UNKNOWN);
	fsa_event_set_id(&ev, FS_ERR_REMOUNT_RO);
	fsa_watch_apply(watch, &ev);
	assert_int_equal(watch->entry.lasting, both);
	fsa_event_set_id(&ev, FS_ERR_IO);
	fsa_watch_apply(watch, &ev);
	assert_int_equal(watch->entry.lasting, both);
	fsa_event_set_id(&ev, FS_INFO_CLEARED);
	fsa_event_set_of(&ev, FS_ERR_SHUTDOWN);
	fsa_watch_apply(watch, &ev);
	assert_int_equal(watch->entry.lasting, 1 << FS_ERR_REMOUNT_RO);
	free(watch);
}

static struct fsa_watch *numbered(uint64_t id)
{
	const struct fsalert_entry entry = { .id = id };

	return fsa_watch_new(&entry);
}

/* Ids in any order, each of them twice. */
TEST(test_set)
{
	struct fsa_set set = {};
	struct fsa_watch *before, *watch;
	uint64_t i, id;

	for (i = 0; i < 200; i++) {
		id = 1 + i * 37 % 100;
		assert_int_equal(fsa_set_put(&set, numbered(id), &before), 0);
		assert_int_equal(!!before, i >= 100);
		free(before);
	}
	assert_int_equal(set.nr, 100);
	for (i = 0; i < set.nr; i++)
		assert_int_equal(set.list[i]->entry.id, i + 1);
	assert_null(fsa_set_take(&set, 0));
	assert_null(fsa_set_take(&set, 101));
	for (i = 1; i <= 100; i += 2) {
		watch = fsa_set_take(&set, i);
		assert_int_equal(watch->entry.id, i);
		free(watch);
		assert_null(fsa_set_find(&set, i));
		assert_int_equal(fsa_set_find(&set, i + 1)->entry.id, i + 1);
	}
	assert_int_equal(set.nr, 50);
	fsa_set_clear(&set);
	assert_null(fsa_set_find(&set, 2));
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_little),
		cmocka_unit_test(test_no_watch),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_is_other),
		cmocka_unit_test(test_getters),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_apply),
		cmocka_unit_test(test_first_figures),
		cmocka_unit_test(test_lasting),
		cmocka_unit_test(test_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
