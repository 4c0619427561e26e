/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Netlink messages as tests read them: each attribute that is expected is
 * crossed off, so that what is left in the end is too many.
 */
#ifndef _FS_EVENTS_TESTS_PARSED_H
#define _FS_EVENTS_TESTS_PARSED_H

#include <kunit/test.h>
#include <net/netlink.h>
#include <uapi/linux/fs_event_netlink.h>

/**
 * struct fse_parsed - attributes, at one depth
 * @test: who is told what is wrong
 * @tb: by type
 * @left: types that are there and were not expected yet, bits
 * @nr_any: attributes of types that may be there any number of times
 * @nr_u64: aligned numbers of 64 bits that were expected
 */
struct fse_parsed {
	struct kunit *test;
	struct nlattr *tb[FS_NL_ENTRY_A_MAX + 1];
	u32 left;
	unsigned int nr_any;
	unsigned int nr_u64;
};

/*
 * An empty message with room for @size bytes, and not one more. Its end is
 * aligned, so it is @size that says how its start is.
 */
struct sk_buff *fse_test_room(struct kunit *test, size_t size);

/*
 * Attributes up to type @max; those of @any, bits, are there any number of times.
 * Return: 0, or they can't be parsed.
 */
int fse_parse(struct fse_parsed *p, struct kunit *test, const void *data,
	      int len, unsigned int max, u32 any);

/* The attribute, which is expected now and must not be there otherwise. */
const struct nlattr *fse_expect(struct fse_parsed *p, unsigned int type,
				unsigned int len);
void fse_expect_u32(struct fse_parsed *p, unsigned int type, u32 value);
/* Aligned, by padding, where that matters. */
void fse_expect_u64(struct fse_parsed *p, unsigned int type, u64 value);
/* As long as it has to be. */
void fse_expect_uint(struct fse_parsed *p, unsigned int type, u64 value);
void fse_expect_string(struct fse_parsed *p, unsigned int type,
		       const char *value);

#endif /* _FS_EVENTS_TESTS_PARSED_H */
