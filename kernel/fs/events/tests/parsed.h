/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parses netlink messages for tests: expected attributes are removed from the
 * list, so that unexpected ones are left.
 */
#ifndef _FS_EVENTS_TESTS_PARSED_H
#define _FS_EVENTS_TESTS_PARSED_H

#include <kunit/test.h>
#include <net/netlink.h>
#include <uapi/linux/fs_event_netlink.h>

/**
 * struct fse_parsed - attributes of one nesting depth
 * @test: the test that fails
 * @tb: attributes by type
 * @left: bit mask of types that are present and not expected yet
 * @nr_any: number of attributes of types that may be repeated
 * @nr_u64: number of aligned 64-bit attributes expected
 */
struct fse_parsed {
	struct kunit *test;
	struct nlattr *tb[FS_NL_A_MAX + 1];
	u32 left;
	unsigned int nr_any;
	unsigned int nr_u64;
};

/*
 * An empty message with room for exactly @size bytes. Its end is aligned, so
 * @size determines the alignment of its start.
 */
struct sk_buff *fse_test_room(struct kunit *test, size_t size);

/*
 * Parses attributes up to type @max; those in the bit mask @any may be
 * repeated. Return: 0 or a negative errno.
 */
int fse_parse(struct fse_parsed *p, struct kunit *test, const void *data,
	      int len, unsigned int max, u32 any);

/* The attribute, which must be present; removes it from the list. */
const struct nlattr *fse_expect(struct fse_parsed *p, unsigned int type,
				unsigned int len);
void fse_expect_u32(struct fse_parsed *p, unsigned int type, u32 value);
/* The number must be aligned by padding where necessary. */
void fse_expect_u64(struct fse_parsed *p, unsigned int type, u64 value);
/* The number must have minimum length. */
void fse_expect_uint(struct fse_parsed *p, unsigned int type, u64 value);
void fse_expect_string(struct fse_parsed *p, unsigned int type,
		       const char *value);

#endif /* _FS_EVENTS_TESTS_PARSED_H */
