// SPDX-License-Identifier: GPL-2.0-only
/*
 * The space budget with the kernel's atomics: shares and kicks.
 */
#include <linux/limits.h>

#include "../budget.h"
#include "tests.h"

#define FLOOR	FSE_BUDGET_FLOOR

void fse_test_budget_shares(struct kunit *test)
{
	static const struct {
		u64 distance;
		unsigned int cpus;
		unsigned long share;
	} cases[] = {
		{ 1000 * FLOOR, 10, 100 * FLOOR },
		/* Rounded down: the sum is at most the distance. */
		{ 1999, 10, 199 },
		{ 4 * FLOOR, 4, FLOOR },
		{ 4 * FLOOR - 1, 4, 1 },
		{ 1, 8192, 1 },
		{ U64_MAX, 1, FSE_BUDGET_NONE },
		{ U64_MAX - 1, 1, FSE_BUDGET_NONE },
#ifdef CONFIG_64BIT
		{ U64_MAX - 1, 3, 6148914691236517204UL },
#endif
	};
	struct fse_budget b = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		fse_budget_share(&b, FSE_WAY_UP, cases[i].distance,
				 cases[i].cpus);
		KUNIT_EXPECT_EQ_MSG(test, b.share[FSE_WAY_UP], cases[i].share,
				    "case %u", i);
		KUNIT_EXPECT_EQ(test, b.share[FSE_WAY_DOWN], 0);
	}
}

void fse_test_budget_asks(struct kunit *test)
{
	struct fse_budget_cpu c = {};
	struct fse_budget b = {};

	fse_budget_see(&c);
	fse_budget_share(&b, FSE_WAY_DOWN, 1000, 1);
	fse_budget_share(&b, FSE_WAY_UP, U64_MAX, 1);
	KUNIT_EXPECT_FALSE(test, fse_budget_give(&b, &c, true));
	KUNIT_EXPECT_FALSE(test, fse_budget_add(&c, FSE_WAY_DOWN, 999));
	KUNIT_EXPECT_FALSE(test, fse_budget_add(&c, FSE_WAY_DOWN, 0));
	KUNIT_EXPECT_TRUE(test, fse_budget_add(&c, FSE_WAY_DOWN, 1));
	KUNIT_EXPECT_TRUE(test, fse_budget_add(&c, FSE_WAY_DOWN, 1));
	/* Directions are counted separately; no level lies this way. */
	KUNIT_EXPECT_FALSE(test, fse_budget_add(&c, FSE_WAY_UP, 5000));
	/* Larger numbers than a counter holds saturate. */
	KUNIT_EXPECT_TRUE(test, fse_budget_add(&c, FSE_WAY_UP, U64_MAX));
	KUNIT_EXPECT_FALSE(test, fse_budget_add(&c, FSE_WAY_UP, 1));

	/* Blocks moved during a sample count towards the new share. */
	fse_budget_see(&c);
	KUNIT_EXPECT_FALSE(test, fse_budget_add(&c, FSE_WAY_DOWN, 100));
	KUNIT_EXPECT_FALSE(test, fse_budget_give(&b, &c, true));
	KUNIT_EXPECT_FALSE(test, fse_budget_add(&c, FSE_WAY_DOWN, 899));
	KUNIT_EXPECT_TRUE(test, fse_budget_add(&c, FSE_WAY_DOWN, 1));
	fse_budget_see(&c);
	fse_budget_add(&c, FSE_WAY_DOWN, 100);
	fse_budget_share(&b, FSE_WAY_DOWN, 100, 1);
	KUNIT_EXPECT_TRUE(test, fse_budget_give(&b, &c, true));

	/* Without a share the first block requests a sample. */
	fse_budget_see(&c);
	KUNIT_EXPECT_FALSE(test, fse_budget_give(&b, &c, false));
	KUNIT_EXPECT_FALSE(test, fse_budget_add(&c, FSE_WAY_DOWN, 0));
	KUNIT_EXPECT_FALSE(test, fse_budget_add(&c, FSE_WAY_UP, 5000));
	KUNIT_EXPECT_TRUE(test, fse_budget_add(&c, FSE_WAY_DOWN, 1));
}
