// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * From netlink messages to events.
 */
#include <errno.h>

#include <libmnl/libmnl.h>
#include <linux/fs_event.h>
#include <linux/genetlink.h>

#include "entry.h"
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

static const uint8_t uuid[FSA_UUID_LEN] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xff,
};

static uint64_t number(const struct fsalert_event *ev, enum fsalert_key key)
{
	uint64_t value = 4711;

	assert_int_equal(fsalert_u64(ev, key, &value), 0);
	return value;
}

TEST(test_all)
{
	struct nlmsghdr *nlh = message_new(FS_NL_C_EVENT);
	struct fsalert_event ev;

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

	assert_true(fsa_event_decode(&ev, nlh));
	assert_int_equal(fsalert_type(&ev), FSALERT_BELOW);
	assert_string_equal(fsalert_str(&ev, FSALERT_KEY_NAME), "thr_lrbelow");
	assert_int_equal(number(&ev, FSALERT_KEY_ID), FS_THR_LRBELOW);
	assert_int_equal(number(&ev, FSALERT_KEY_DEV_MAJOR), 7);
	assert_int_equal(number(&ev, FSALERT_KEY_DEV_MINOR), 1048575);
	assert_int_equal(number(&ev, FSALERT_KEY_PID), 4711);
	assert_int_equal(number(&ev, FSALERT_KEY_AVAIL), 698112);
	assert_int_equal(number(&ev, FSALERT_KEY_SEQ), UINT64_MAX);
	assert_int_equal(number(&ev, FSALERT_KEY_TIME), 1795341127104332000);
	assert_int_equal(number(&ev, FSALERT_KEY_COUNT), UINT32_MAX);
	assert_int_equal(number(&ev, FSALERT_KEY_ERRNO), 5);
	assert_int_equal(number(&ev, FSALERT_KEY_INO), 1ULL << 40);
	assert_int_equal(number(&ev, FSALERT_KEY_LEVEL), 710000);
	assert_int_equal(number(&ev, FSALERT_KEY_TOTAL), 2621440);
	assert_int_equal(number(&ev, FSALERT_KEY_FRSIZE), 4096);
	assert_string_equal(fsalert_str(&ev, FSALERT_KEY_MOUNT), "/srv");
	assert_string_equal(fsalert_str(&ev, FSALERT_KEY_FSTYPE), "ext4");
	assert_string_equal(fsalert_str(&ev, FSALERT_KEY_SOURCE), "");
	assert_int_equal(number(&ev, FSALERT_KEY_FSID), 0x0123456789abcdef);
	assert_string_equal(fsalert_str(&ev, FSALERT_KEY_UUID),
			    "00010203-0405-0607-0809-0a0b0c0d0eff");
	assert_int_equal(number(&ev, FSALERT_KEY_LEVEL_NR), 1);
	assert_int_equal(number(&ev, FSALERT_KEY_ENTRY), 3);
	assert_int_equal(number(&ev, FSALERT_KEY_LAST), 1);
	assert_int_equal(number(&ev, FSALERT_KEY_OF), FSALERT_SHUTDOWN);
	assert_string_equal(fsalert_str(&ev, FSALERT_KEY_OF), "shutdown");
	free(nlh);
}

/* A newer kernel. */
TEST(test_unknown)
{
	struct nlmsghdr *nlh = message_new(FS_NL_C_EVENT);
	struct fsalert_event ev;
	uint64_t value;

	mnl_attr_put_u32(nlh, FS_NL_A_MAX + 1, 1);
	mnl_attr_put_u32(nlh, 0, 1);
	mnl_attr_put_u32(nlh, 0x3fff, 1);
	mnl_attr_put_u32(nlh, FS_NL_A_EVENT_ID, FS_INFO_CLEARED + 1);
	nlh = message_trim(nlh);
	assert_true(fsa_event_decode(&ev, nlh));
	assert_int_equal(fsalert_type(&ev), FSALERT_UNKNOWN);
	assert_int_equal(ev.has, BIT64(FSALERT_KEY_ID));
	assert_null(fsalert_str(&ev, FSALERT_KEY_NAME));
	assert_int_equal(fsalert_u64(&ev, 9999, &value), -ENODATA);
	assert_null(fsalert_str(&ev, 9999));
	free(nlh);
}

/* What it says is the file system's own: no mount, and attributes as they came. */
TEST(test_own)
{
	struct nlmsghdr *nlh = message_new(FS_NL_C_EVENT);
	const struct nlattr *attr;
	struct fsalert_event ev;
	size_t len;

	mnl_attr_put_u32(nlh, FS_NL_A_EVENT_ID, FS_EVENT_PRIVATE + 7);
	mnl_attr_put_u32(nlh, FS_NL_A_PRIVATE, 4711);
	nlh = message_trim(nlh);
	assert_true(fsa_event_decode(&ev, nlh));
	assert_int_equal(fsalert_type(&ev), FSALERT_OWN);
	assert_string_equal(fsalert_str(&ev, FSALERT_KEY_NAME), "own");
	assert_null(fsalert_str(&ev, FSALERT_KEY_MOUNT));
	attr = fsalert_payload(&ev, &len);
	assert_int_equal(len, 16);
	assert_int_equal(mnl_attr_get_type(mnl_attr_next(attr)),
			 FS_NL_A_PRIVATE);
	free(nlh);
}

/* Attributes of another form than ours are as good as none. */
TEST(test_other_form)
{
	struct nlmsghdr *nlh = message_new(FS_NL_C_EVENT);
	struct fsalert_event ev;

	mnl_attr_put_u64(nlh, FS_NL_A_COUNT, 1);
	mnl_attr_put_u16(nlh, FS_NL_A_ERRNO, 1);
	mnl_attr_put_u32(nlh, FS_NL_A_SEQ, 1);
	mnl_attr_put(nlh, FS_NL_A_INO, 0, NULL);
	mnl_attr_put_str(nlh, FS_NL_A_MOUNT, "/not terminated");
	mnl_attr_put(nlh, FS_NL_A_SOURCE, 0, NULL);
	mnl_attr_put(nlh, FS_NL_A_UUID, sizeof(uuid) - 1, uuid);
	mnl_attr_put_u32(nlh, FS_NL_A_EVENT_ID, FS_ERR_IO);
	nlh = message_trim(nlh);
	assert_true(fsa_event_decode(&ev, nlh));
	assert_int_equal(ev.has, BIT64(FSALERT_KEY_ID));
	assert_null(fsalert_str(&ev, FSALERT_KEY_MOUNT));
	assert_null(fsalert_str(&ev, FSALERT_KEY_SOURCE));
	free(nlh);
}

/* An attribute that says that it is longer than the message. */
TEST(test_cut)
{
	struct nlmsghdr *nlh = message_new(FS_NL_C_EVENT);
	struct nlattr *attr;
	struct fsalert_event ev;

	mnl_attr_put_u32(nlh, FS_NL_A_EVENT_ID, FS_ERR_IO);
	attr = mnl_nlmsg_get_payload_tail(nlh);
	mnl_attr_put_strz(nlh, FS_NL_A_MOUNT, "/srv");
	attr->nla_len += 8;
	nlh = message_trim(nlh);
	assert_true(fsa_event_decode(&ev, nlh));
	assert_null(fsalert_str(&ev, FSALERT_KEY_MOUNT));
	free(nlh);
}

TEST(test_no_event)
{
	struct nlmsghdr *nlh = message_new(FS_NL_C_EVENT);
	struct fsalert_event ev;

	nlh = message_trim(nlh);
	assert_false(fsa_event_decode(&ev, nlh));
	free(nlh);

	nlh = message_new(FS_NL_C_EVENT + 4);
	mnl_attr_put_u32(nlh, FS_NL_A_EVENT_ID, FS_ERR_IO);
	nlh = message_trim(nlh);
	assert_false(fsa_event_decode(&ev, nlh));
	free(nlh);

	nlh = mnl_nlmsg_put_header(calloc(1, MNL_NLMSG_HDRLEN));
	assert_false(fsa_event_decode(&ev, nlh));
	free(nlh);
}

TEST(test_names)
{
	unsigned int id, type;

	for (id = FS_WARN_ENOSPC; id <= FS_INFO_CLEARED; id++) {
		assert_non_null(fsa_name_of_id(id));
		assert_int_equal(fsa_id_of_name(fsa_name_of_id(id)), id);
		assert_int_equal(fsalert_type_of(fsa_name_of_id(id)),
				 fsa_type_of_id(id));
	}
	assert_null(fsa_name_of_id(FS_EVENT_NONE));
	assert_null(fsa_name_of_id(id));
	for (type = FSALERT_ENOSPC; type <= FSALERT_REMOVED; type++) {
		if (fsalert_name(type))
			assert_int_equal(fsalert_type_of(fsalert_name(type)),
					 type);
	}
	assert_null(fsalert_name(FSALERT_UNKNOWN));
	assert_null(fsalert_name(FSALERT_REMOVED + 1));
	assert_int_equal(fsalert_type_of("nonsense"), FSALERT_UNKNOWN);
	assert_int_equal(fsalert_type_of(""), FSALERT_UNKNOWN);
}

/* An unmount has an errno, and is no error. */
TEST(test_severities)
{
	struct fsalert_event ev;

	fsa_event_init(&ev, FSALERT_UNMOUNT);
	fsa_event_set(&ev, FSALERT_KEY_ERRNO, EXDEV);
	assert_false(fsalert_is_error(&ev));
	assert_int_equal(fsalert_severity(&ev), FSALERT_INFO);
	assert_int_equal(fsalert_severity_of(FSALERT_BELOW), FSALERT_WARNING);
	assert_int_equal(fsalert_severity_of(FSALERT_IO_ERROR), FSALERT_ERROR);
	assert_int_equal(fsalert_severity_of(9999), FSALERT_INFO);
}

/* Whatever the bytes, nothing is read beyond them. */
TEST(test_random)
{
	struct nlmsghdr *nlh;
	struct fsalert_event ev;
	struct fsa_watch *watch;
	uint64_t change;
	unsigned int i;
	size_t len, at;

	srand(1);
	for (i = 0; i < 200000; i++) {
		len = MNL_NLMSG_HDRLEN + rand() % 200;
		nlh = malloc(len);
		for (at = 0; at < len; at++)
			((uint8_t *)nlh)[at] = rand() % (rand() % 2 ? 256 : 30);
		nlh->nlmsg_len = len;
		if (len >= MNL_NLMSG_HDRLEN + sizeof(struct genlmsghdr) && i % 2)
			((struct genlmsghdr *)(nlh + 1))->cmd = FS_NL_C_EVENT;
		fsa_event_decode(&ev, nlh);
		watch = fsa_watch_decode(nlh, &change);
		free(watch);
		free(nlh);
	}
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_other_form),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_no_event),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_severities),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
