// SPDX-License-Identifier: GPL-2.0-only
/*
 * The poll interval: the tables in interval.c, with the kernel's divisions.
 */
#include <linux/limits.h>
#include <linux/sizes.h>
#include <linux/time64.h>

#include "../interval.h"
#include "tests.h"

static const struct fse_interval_rules one_local = {
	.nr_file_systems = 1,
	.per_second = FSE_INTERVAL_ADMIN_PER_S,
};

void fse_test_interval_rests(struct kunit *test)
{
	static const unsigned int seconds[] = { 1, 2, 4, 8, 16, 32, 60, 60 };
	struct fse_interval_point now = {
		/* Off a full second by less than the rounding. */
		.time_ns = 5 * NSEC_PER_SEC + 900 * NSEC_PER_MSEC,
		.space_dist = SZ_1G,
		.inode_dist = U64_MAX,
	};
	struct fse_interval iv = {};
	unsigned int i;

	now.time_ns += fse_interval_step(&iv, &one_local, &now);
	KUNIT_EXPECT_EQ(test, now.time_ns, 6ULL * NSEC_PER_SEC);
	now.written++;
	for (i = 0; i < ARRAY_SIZE(seconds); i++) {
		u64 delay_ns = fse_interval_step(&iv, &one_local, &now);

		KUNIT_EXPECT_EQ_MSG(test, delay_ns,
				    (u64)seconds[i] * NSEC_PER_SEC, "step %u", i);
		KUNIT_EXPECT_TRUE(test, iv.resting);
		now.time_ns += delay_ns;
	}
}

void fse_test_interval_moves(struct kunit *test)
{
	static const struct {
		unsigned int mib, ms;
	} cases[] = {
		{ 100, 500 }, { 50, 250 }, { 20, 100 }, { 4, 20 }, { 1, 20 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fse_interval_point now = {
			.avail = U64_MAX,
			.space_dist = SZ_1G,
			.inode_dist = U64_MAX,
		};
		struct fse_interval iv = {};

		fse_interval_step(&iv, &one_local, &now);
		now.time_ns += NSEC_PER_SEC;
		now.avail -= 100 * SZ_1M;
		now.space_dist = cases[i].mib * SZ_1M;
		KUNIT_EXPECT_EQ_MSG(test,
				    fse_interval_step(&iv, &one_local, &now),
				    (u64)cases[i].ms * NSEC_PER_MSEC,
				    "%u MiB", cases[i].mib);
		KUNIT_EXPECT_FALSE(test, iv.resting);
	}
}

void fse_test_interval_turns(struct kunit *test)
{
	static const struct {
		unsigned int nr, ms;
	} cases[] = {
		{ 1, 20 }, { 2, 20 }, { 3, 30 }, { 256, 2560 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fse_interval_rules of_a_user = {
			.nr_file_systems = cases[i].nr,
			.per_second = FSE_INTERVAL_USER_PER_S,
		};
		struct fse_interval_point now = {
			.avail = U64_MAX,
			.space_dist = SZ_1M,
			.inode_dist = U64_MAX,
		};
		struct fse_interval iv = {};

		fse_interval_step(&iv, &of_a_user, &now);
		now.time_ns += NSEC_PER_SEC;
		now.avail -= SZ_1G;
		KUNIT_EXPECT_EQ_MSG(test,
				    fse_interval_step(&iv, &of_a_user, &now),
				    (u64)cases[i].ms * NSEC_PER_MSEC,
				    "%u file systems", cases[i].nr);
	}
}
