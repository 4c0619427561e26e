// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * From netlink messages to events.
 */
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "event.h"
#include "test.h"

/* Each test has its message on the heap: reading beyond it is seen. */
static struct nlmsghdr *message_new(uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(calloc(1, 8192));
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh,
							     sizeof(*genl));

	genl->cmd = cmd;
	return nlh;
}

static struct nlmsghdr *message_trim(struct nlmsghdr *nlh)
{
	return realloc(nlh, nlh->nlmsg_len);
}

static const uint8_t uuid[FSEVENTS_UUID_LEN] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xff,
};

TEST(test_all)
{
	struct nlmsghdr *nlh = message_new(FS_NL_C_EVENT);
	struct fsevents_event ev;

	mnl_attr_put_u32(nlh, FS_NL_A_EVENT_ID, FS_THR_LRBELOW);
	mnl_attr_put_u32(nlh, FS_NL_A_DEV_MAJOR, 7);
	mnl_attr_put_u32(nlh, FS_NL_A_DEV_MINOR, 1048575);
	mnl_attr_put_u32(nlh, FS_NL_A_CAUSED_PID, 4711);
	mnl_attr_put(nlh, FS_NL_A_PAD, 0, NULL);
	mnl_attr_put_u64(nlh, FS_NL_A_DATA, 698112);
	mnl_attr_put_u64(nlh, FS_NL_A_SEQ, UINT64_MAX);
	mnl_attr_put_u64(nlh, FS_NL_A_TIME, 1795341127104332000);
	mnl_attr_put_u32(nlh, FS_NL_A_COUNT, UINT32_MAX);
	mnl_attr_put_u32(nlh, FS_NL_A_ERRNO, 5);
	mnl_attr_put_u64(nlh, FS_NL_A_INO, 1ULL << 40);
	mnl_attr_put_u64(nlh, FS_NL_A_LEVEL, 710000);
	mnl_attr_put_u64(nlh, FS_NL_A_TOTAL, 2621440);
	mnl_attr_put_u32(nlh, FS_NL_A_FRSIZE, 4096);
	mnl_attr_put_strz(nlh, FS_NL_A_MOUNT, "/srv");
	mnl_attr_put_strz(nlh, FS_NL_A_FSTYPE, "ext4");
	mnl_attr_put_strz(nlh, FS_NL_A_SOURCE, "");
	mnl_attr_put_u64(nlh, FS_NL_A_FSID, 0x0123456789abcdef);
	mnl_attr_put(nlh, FS_NL_A_UUID, sizeof(uuid), uuid);
	mnl_attr_put_u32(nlh, FS_NL_A_LEVEL_NR, 1);
	mnl_attr_put_u32(nlh, FS_NL_A_ENTRY_ID, 3);
	mnl_attr_put(nlh, FS_NL_A_LAST, 0, NULL);
	mnl_attr_put_u32(nlh, FS_NL_A_OF, FS_ERR_SHUTDOWN);
	nlh = message_trim(nlh);

	assert_true(fsev_event_decode(&ev, nlh));
	assert_int_equal(ev.has, ((1ULL << (FS_NL_A_MAX + 1)) - 1) &
			 ~(1ULL << 0 | 1ULL << FS_NL_A_PAD));
	assert_int_equal(ev.event_id, FS_THR_LRBELOW);
	assert_int_equal(ev.dev_major, 7);
	assert_int_equal(ev.dev_minor, 1048575);
	assert_int_equal(ev.pid, 4711);
	assert_int_equal(ev.avail, 698112);
	assert_int_equal(ev.seq, UINT64_MAX);
	assert_int_equal(ev.time_ns, 1795341127104332000);
	assert_int_equal(ev.count, UINT32_MAX);
	assert_int_equal(ev.error, 5);
	assert_int_equal(ev.ino, 1ULL << 40);
	assert_int_equal(ev.level, 710000);
	assert_int_equal(ev.total, 2621440);
	assert_int_equal(ev.frsize, 4096);
	assert_string_equal(ev.mount, "/srv");
	assert_string_equal(ev.fstype, "ext4");
	assert_string_equal(ev.source, "");
	assert_int_equal(ev.fsid, 0x0123456789abcdef);
	assert_memory_equal(ev.uuid, uuid, sizeof(uuid));
	assert_int_equal(ev.level_nr, 1);
	assert_int_equal(ev.entry, 3);
	assert_true(ev.last);
	assert_int_equal(ev.of, FS_ERR_SHUTDOWN);
	free(nlh);
}

/* A newer kernel. */
TEST(test_unknown)
{
	struct nlmsghdr *nlh = message_new(FS_NL_C_EVENT);
	struct fsevents_event ev;

	mnl_attr_put_u32(nlh, FS_NL_A_MAX + 1, 1);
	mnl_attr_put_u32(nlh, 0, 1);
	mnl_attr_put_u32(nlh, 0x3fff, 1);
	mnl_attr_put_u32(nlh, FS_NL_A_EVENT_ID, FS_EVENT_PRIVATE);
	nlh = message_trim(nlh);
	assert_true(fsev_event_decode(&ev, nlh));
	assert_int_equal(ev.event_id, FS_EVENT_PRIVATE);
	assert_int_equal(ev.has, 1ULL << FS_NL_A_EVENT_ID);
	assert_null(fsevents_event_name(ev.event_id));
	free(nlh);
}

/* Attributes of another form than ours are as good as none. */
TEST(test_other_form)
{
	struct nlmsghdr *nlh = message_new(FS_NL_C_EVENT);
	struct fsevents_event ev;

	mnl_attr_put_u64(nlh, FS_NL_A_COUNT, 1);
	mnl_attr_put_u16(nlh, FS_NL_A_ERRNO, 1);
	mnl_attr_put_u32(nlh, FS_NL_A_SEQ, 1);
	mnl_attr_put(nlh, FS_NL_A_INO, 0, NULL);
	mnl_attr_put_str(nlh, FS_NL_A_MOUNT, "/not terminated");
	mnl_attr_put(nlh, FS_NL_A_SOURCE, 0, NULL);
	mnl_attr_put(nlh, FS_NL_A_UUID, sizeof(uuid) - 1, uuid);
	mnl_attr_put_u32(nlh, FS_NL_A_EVENT_ID, FS_ERR_IO);
	nlh = message_trim(nlh);
	assert_true(fsev_event_decode(&ev, nlh));
	assert_int_equal(ev.has, 1ULL << FS_NL_A_EVENT_ID);
	assert_null(ev.mount);
	assert_null(ev.source);
	free(nlh);
}

/* An attribute that says that it is longer than the message. */
TEST(test_cut)
{
	struct nlmsghdr *nlh = message_new(FS_NL_C_EVENT);
	struct nlattr *attr;
	struct fsevents_event ev;

	mnl_attr_put_u32(nlh, FS_NL_A_EVENT_ID, FS_ERR_IO);
	attr = mnl_nlmsg_get_payload_tail(nlh);
	mnl_attr_put_strz(nlh, FS_NL_A_MOUNT, "/srv");
	attr->nla_len += 8;
	nlh = message_trim(nlh);
	assert_true(fsev_event_decode(&ev, nlh));
	assert_false(fsevents_event_has(&ev, FS_NL_A_MOUNT));
	free(nlh);
}

TEST(test_no_event)
{
	struct nlmsghdr *nlh = message_new(FS_NL_C_EVENT);
	struct fsevents_event ev;

	nlh = message_trim(nlh);
	assert_false(fsev_event_decode(&ev, nlh));
	free(nlh);

	nlh = message_new(FS_NL_C_EVENT + 4);
	mnl_attr_put_u32(nlh, FS_NL_A_EVENT_ID, FS_ERR_IO);
	nlh = message_trim(nlh);
	assert_false(fsev_event_decode(&ev, nlh));
	free(nlh);

	nlh = mnl_nlmsg_put_header(calloc(1, MNL_NLMSG_HDRLEN));
	assert_false(fsev_event_decode(&ev, nlh));
	free(nlh);
}

TEST(test_names)
{
	unsigned int id, generic = 0;

	for (id = FS_WARN_ENOSPC; id <= FS_INFO_CLEARED; id++) {
		assert_non_null(fsevents_event_name(id));
		generic += fsevents_event_is_generic(id);
	}
	assert_int_equal(generic, 6);
	assert_string_equal(fsevents_event_name(FS_ERR_IO), "io_error");
	assert_null(fsevents_event_name(FS_EVENT_NONE));
	assert_null(fsevents_event_name(id));
	assert_null(fsevents_event_name(UINT64_MAX));
	assert_false(fsevents_event_is_generic(FS_EVENT_NONE));
	assert_false(fsevents_event_is_generic(id));
}

static uint64_t lost(struct fsevents_gap *gap, uint64_t seq)
{
	struct fsevents_event ev = { .has = 1ULL << FS_NL_A_SEQ, .seq = seq };

	return fsevents_gap(gap, &ev);
}

TEST(test_gap)
{
	struct fsevents_gap gap = {};
	struct fsevents_event without = {};

	assert_int_equal(fsevents_gap(&gap, &without), 0);
	assert_int_equal(lost(&gap, 41), 0);
	assert_int_equal(lost(&gap, 42), 0);
	assert_int_equal(fsevents_gap(&gap, &without), 0);
	assert_int_equal(lost(&gap, 44), 1);
	assert_int_equal(lost(&gap, 1044), 999);
	/* A module that was loaded anew. */
	assert_int_equal(lost(&gap, 1), 0);
	assert_int_equal(lost(&gap, 3), 1);
	assert_int_equal(lost(&gap, UINT64_MAX), UINT64_MAX - 4);
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_other_form),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_no_event),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
