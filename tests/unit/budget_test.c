// SPDX-License-Identifier: GPL-2.0-only
/*
 * The space budget: when a sample is requested, step by step.
 */
#include <linux/kernel.h>
#include <linux/limits.h>

#include "budget_cpus.h"
#include "unit.h"

#define FLOOR		FSE_BUDGET_FLOOR

TEST(shares)
{
	struct fse_budget b;

	fse_budget_share(&b, FSE_WAY_DOWN, 1000 * FLOOR, 10);
	assert_int_equal(b.share[FSE_WAY_DOWN], 100 * FLOOR);
	/* Rounded down: the sum is at most the distance. */
	fse_budget_share(&b, FSE_WAY_UP, 1999, 10);
	assert_int_equal(b.share[FSE_WAY_UP], 199);
	fse_budget_share(&b, FSE_WAY_UP, U64_MAX, 10);
	assert_int_equal(b.share[FSE_WAY_UP], FSE_BUDGET_NONE);
	fse_budget_share(&b, FSE_WAY_UP, U64_MAX - 1, 1);
	assert_int_equal(b.share[FSE_WAY_UP], FSE_BUDGET_NONE);
	assert_int_equal(b.share[FSE_WAY_DOWN], 100 * FLOOR);
}

TEST(near_a_level_each_block_counts)
{
	struct fse_budget b;

	fse_budget_share(&b, FSE_WAY_DOWN, 4 * FLOOR, 4);
	assert_int_equal(b.share[FSE_WAY_DOWN], FLOOR);
	fse_budget_share(&b, FSE_WAY_DOWN, 4 * FLOOR - 1, 4);
	assert_int_equal(b.share[FSE_WAY_DOWN], 1);
	fse_budget_share(&b, FSE_WAY_DOWN, 1, 4);
	assert_int_equal(b.share[FSE_WAY_DOWN], 1);
}

/* Like the counters of a newly watched super block. */
static void begin(struct fse_budget *b, struct fse_budget_cpu *cpu, u64 down,
		  u64 up)
{
	sample_begins(cpu, 1);
	assert_false(sample_ends(b, cpu, 1, ALL_ONLINE, down, up));
}

TEST(using_up_a_share_kicks)
{
	struct fse_budget_cpu cpu = {};
	struct fse_budget b = {};
	unsigned int i, k;

	begin(&b, &cpu, 1000, U64_MAX);
	for (k = 0; k < 3; k++) {
		for (i = 0; i < 999; i++)
			assert_false(fse_budget_add(&cpu, FSE_WAY_DOWN, 1));
		/* Each add requests a sample until the sample starts. */
		for (i = 0; i < 10; i++)
			assert_true(fse_budget_add(&cpu, FSE_WAY_DOWN, 1));
		sample_begins(&cpu, 1);
		assert_false(fse_budget_add(&cpu, FSE_WAY_DOWN, 999));
		assert_true(fse_budget_add(&cpu, FSE_WAY_DOWN, 1));
		assert_true(sample_ends(&b, &cpu, 1, ALL_ONLINE, 1000,
					U64_MAX));
		sample_begins(&cpu, 1);
		assert_false(sample_ends(&b, &cpu, 1, ALL_ONLINE, 1000,
					 U64_MAX));
	}
	/* No level in the other direction. */
	assert_false(fse_budget_add(&cpu, FSE_WAY_UP, FSE_BUDGET_NONE - 1));
	assert_int_equal(moved(&cpu, FSE_WAY_DOWN), 3 * (999 + 10 + 1000));
}

/* After a failed sample, the next share has to be used up first. */
TEST(a_sample_that_fails)
{
	struct fse_budget_cpu cpu = {};
	struct fse_budget b = {};

	begin(&b, &cpu, 1000, 100);
	assert_true(fse_budget_add(&cpu, FSE_WAY_DOWN, 1500));
	sample_begins(&cpu, 1);
	sample_begins(&cpu, 1);
	assert_false(fse_budget_add(&cpu, FSE_WAY_DOWN, 999));
	assert_true(fse_budget_add(&cpu, FSE_WAY_DOWN, 1));
	assert_false(fse_budget_add(&cpu, FSE_WAY_UP, 99));
	assert_true(fse_budget_add(&cpu, FSE_WAY_UP, 1));
}

/* Freed blocks do not offset those taken. */
TEST(counts_are_gross)
{
	struct fse_budget_cpu cpu = {};
	struct fse_budget b = {};

	begin(&b, &cpu, 1000, 1000);
	assert_false(fse_budget_add(&cpu, FSE_WAY_DOWN, 600));
	assert_false(fse_budget_add(&cpu, FSE_WAY_UP, 600));
	assert_true(fse_budget_add(&cpu, FSE_WAY_DOWN, 400));
	assert_true(fse_budget_add(&cpu, FSE_WAY_UP, 400));
}

/* Larger numbers than a counter holds, and counters that wrap. */
TEST(huge_numbers)
{
	struct fse_budget_cpu cpu = {};
	struct fse_budget b = {};

	begin(&b, &cpu, 1000, U64_MAX);
	assert_true(fse_budget_add(&cpu, FSE_WAY_DOWN, U64_MAX));
	assert_true(fse_budget_add(&cpu, FSE_WAY_UP, U64_MAX));
	assert_true(fse_budget_add(&cpu, FSE_WAY_UP, FSE_BUDGET_NONE + 1));
	assert_int_equal(moved(&cpu, FSE_WAY_DOWN), 0);
	assert_int_equal(moved(&cpu, FSE_WAY_UP), 0);
	assert_true(fse_budget_add(&cpu, FSE_WAY_UP, FSE_BUDGET_NONE));

	cpu = (struct fse_budget_cpu){
		.seen = { -10UL, -10UL },
		.due = { -10UL, -10UL },
	};
	begin(&b, &cpu, 1000, U64_MAX);
	assert_false(fse_budget_add(&cpu, FSE_WAY_DOWN, 999));
	assert_true(fse_budget_add(&cpu, FSE_WAY_DOWN, 1));
	assert_int_equal(moved(&cpu, FSE_WAY_DOWN), 990);
	sample_begins(&cpu, 1);
	assert_false(sample_ends(&b, &cpu, 1, ALL_ONLINE, 1000, U64_MAX));
	assert_false(fse_budget_add(&cpu, FSE_WAY_DOWN, 999));
	assert_true(fse_budget_add(&cpu, FSE_WAY_DOWN, 1));
}

/* Blocks moved during a sample count towards the next share. */
TEST(nothing_is_lost_around_a_sample)
{
	struct fse_budget_cpu cpu = {};
	struct fse_budget b = {};

	begin(&b, &cpu, 1000, U64_MAX);
	fse_budget_add(&cpu, FSE_WAY_DOWN, 100);
	sample_begins(&cpu, 1);
	fse_budget_add(&cpu, FSE_WAY_DOWN, 200);
	assert_false(sample_ends(&b, &cpu, 1, ALL_ONLINE, 900, U64_MAX));
	assert_false(fse_budget_add(&cpu, FSE_WAY_DOWN, 699));
	assert_true(fse_budget_add(&cpu, FSE_WAY_DOWN, 1));
	/* The share shrinks to what is already used. */
	sample_begins(&cpu, 1);
	fse_budget_add(&cpu, FSE_WAY_DOWN, 100);
	assert_true(sample_ends(&b, &cpu, 1, ALL_ONLINE, 100, U64_MAX));
}

/* A CPU without a share requests a sample with its first block, if needed. */
TEST(processors_without_a_share)
{
	struct fse_budget_cpu cpu[2] = {};
	struct fse_budget b = {};

	sample_begins(cpu, 2);
	assert_false(sample_ends(&b, cpu, 2, 0x1, 1000, U64_MAX));
	assert_false(fse_budget_add(&cpu[0], FSE_WAY_DOWN, 999));
	assert_false(fse_budget_add(&cpu[1], FSE_WAY_DOWN, 0));
	assert_true(fse_budget_add(&cpu[1], FSE_WAY_DOWN, 1));
	/* No level in that direction. */
	assert_false(fse_budget_add(&cpu[1], FSE_WAY_UP, 100000));
	sample_begins(cpu, 2);
	assert_false(sample_ends(&b, cpu, 2, ALL_ONLINE, 1000, U64_MAX));
	assert_false(fse_budget_add(&cpu[0], FSE_WAY_DOWN, 499));
	assert_false(fse_budget_add(&cpu[1], FSE_WAY_DOWN, 499));
	sample_begins(cpu, 2);
	fse_budget_add(&cpu[1], FSE_WAY_DOWN, 1);
	assert_true(sample_ends(&b, cpu, 2, 0x1, 1000, U64_MAX));
}

/* A disk of 64 TiB filled by 64 CPUs, a megabyte at a time. */
TEST(samples_are_few)
{
	static struct fse_budget_cpu cpu[CPUS_MAX];
	u64 distance = (64ULL << 40) / 4096, chunk = (1ULL << 30) / 4096;
	struct fse_budget b = {};
	unsigned int samples = 0, i = 0;

	sample_begins(cpu, CPUS_MAX);
	sample_ends(&b, cpu, CPUS_MAX, ALL_ONLINE, distance, U64_MAX);
	while (distance > CPUS_MAX * chunk) {
		distance -= chunk;
		if (!fse_budget_add(&cpu[i++ % CPUS_MAX], FSE_WAY_DOWN, chunk))
			continue;
		samples++;
		sample_begins(cpu, CPUS_MAX);
		sample_ends(&b, cpu, CPUS_MAX, ALL_ONLINE, distance, U64_MAX);
	}
	/* All shares are used up at the same pace, in at most two rounds. */
	assert_true(samples <= 20);
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(shares),
		cmocka_unit_test(near_a_level_each_block_counts),
		cmocka_unit_test(using_up_a_share_kicks),
		cmocka_unit_test(a_sample_that_fails),
		cmocka_unit_test(counts_are_gross),
		cmocka_unit_test(huge_numbers),
		cmocka_unit_test(nothing_is_lost_around_a_sample),
		cmocka_unit_test(processors_without_a_share),
		cmocka_unit_test(samples_are_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
