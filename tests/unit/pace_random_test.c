// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pace of sampling over time: what samples cost, file systems that are
 * filled at any rate, and figures of any size.
 */
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>

#include "pace.h"
#include "unit.h"

#define US	1000ULL
#define MS	(1000 * US)
#define SEC	(1000 * MS)
#define MIB	(1024ULL * 1024)
#define GIB	(1024 * MIB)

static const struct fse_pace_rules one_local = { .nr_watched = 1 };

/* The wait after a sample right at a level that moves fast, at that cost. */
static u64 wait_at_cost(struct fse_pace *pace, u64 cost_ns)
{
	struct fse_pace_point now = pace->last;

	now.time_ns += SEC;
	now.avail += GIB;
	now.space_dist = 1;
	now.inode_dist = U64_MAX;
	now.cost_ns = cost_ns;
	return fse_pace_step(pace, &one_local, &now);
}

/* A thousandth of a CPU at most. */
TEST(expensive_samples)
{
	struct fse_pace pace = {};
	unsigned int i;

	wait_at_cost(&pace, 0);
	for (i = 0; i < 30; i++)
		wait_at_cost(&pace, 100 * US);
	assert_int_equal(wait_at_cost(&pace, 100 * US), 100 * MS);

	for (i = 0; i < 30; i++)
		wait_at_cost(&pace, 10 * MS);
	assert_int_equal(wait_at_cost(&pace, 10 * MS), 10 * SEC);

	/* Nothing is worth more than a minute. */
	for (i = 0; i < 30; i++)
		wait_at_cost(&pace, U64_MAX);
	assert_int_equal(wait_at_cost(&pace, U64_MAX), 60 * SEC);

	for (i = 0; i < 30; i++)
		wait_at_cost(&pace, 5 * US);
	assert_int_equal(wait_at_cost(&pace, 5 * US), 20 * MS);
}

TEST(one_expensive_sample)
{
	struct fse_pace pace = {};

	assert_int_equal(wait_at_cost(&pace, 20 * US), SEC);
	assert_int_equal(wait_at_cost(&pace, 20 * US), 20 * MS);
	assert_int_equal(wait_at_cost(&pace, 30 * MS), 30 * MS);
	assert_int_equal(wait_at_cost(&pace, 20 * US), 20 * MS);
	assert_int_equal(wait_at_cost(&pace, U64_MAX), 30 * MS);
	assert_int_equal(wait_at_cost(&pace, 20 * US), 20 * MS);
}

TEST(expensive_samples_are_believed_after_a_while)
{
	struct fse_pace pace = {};
	unsigned int i;

	wait_at_cost(&pace, 0);
	for (i = 1; wait_at_cost(&pace, 10 * MS) < 10 * SEC; i++)
		assert_in_range(i, 1, 15);
	assert_int_equal(i, 16);
	/* And forgotten twice as fast. */
	assert_int_equal(wait_at_cost(&pace, 0), 5 * SEC);
	assert_int_equal(wait_at_cost(&pace, 0), 2500 * MS);
}

/* A cost holds at rest as well. */
TEST(expensive_samples_at_rest)
{
	struct fse_pace pace = {};
	struct fse_pace_point now = {
		.cost_ns = 5 * MS,
		.space_dist = 1,
		.inode_dist = U64_MAX,
	};
	u64 delay_ns;
	unsigned int i;

	for (i = 0; i < 30; i++) {
		now.time_ns += SEC;
		delay_ns = fse_pace_step(&pace, &one_local, &now);
	}
	assert_int_equal(delay_ns, 5 * SEC);
}

/* A fill at a steady rate, from @start on, of what is above a level. */
struct fill {
	u64 above;	/* bytes above the level at the start */
	u64 rate;	/* bytes a second */
	u64 start;
	u64 late;	/* ns from the crossing to the sample that saw it */
	unsigned int samples;
};

static u64 filled(const struct fill *f, u64 now)
{
	u64 us = now > f->start ? (now - f->start) / US : 0;

	return (__uint128_t)f->rate * us / 1000000;
}

static void sample_fill(struct fill *f)
{
	struct fse_pace_point now = { .inode_dist = U64_MAX };
	struct fse_pace pace = {};
	u64 crossed = f->start +
		      (__uint128_t)f->above * SEC / f->rate;
	u64 gone;

	f->samples = 0;
	for (;;) {
		gone = filled(f, now.time_ns);
		if (gone >= f->above)
			break;
		now.avail = 4096 * GIB - gone;
		now.space_dist = f->above - gone;
		now.time_ns += fse_pace_step(&pace, &one_local, &now);
		f->samples++;
	}
	f->late = now.time_ns > crossed ? now.time_ns - crossed : 0;
}

/* From rest, nothing under 4 GiB/s is seen more than a second late. */
TEST(any_fill_is_seen_within_a_second)
{
	u64 seed = 0x2127599bf4325c37;
	unsigned int i;

	for (i = 0; i < 20000; i++) {
		struct fill f = {
			.above = 1 + random_size(&seed) % (200 * GIB),
			.rate = 1 + random_size(&seed) % (4 * GIB),
			.start = random_below(&seed, 3 * SEC),
		};

		/* Slow ones over long ways take long here as well. */
		f.rate = max(f.rate, f.above / 3600);
		sample_fill(&f);
		assert_in_range(f.late, 0, SEC);
	}
}

/* Once two samples have shown the rate, 20 ms; and that with few samples. */
TEST(steady_fill_is_foreseen)
{
	u64 seed = 0x880355f21e6d1965;
	unsigned int i;

	for (i = 0; i < 20000; i++) {
		struct fill f = {
			.rate = 1024 + random_size(&seed) % (2 * GIB),
		};
		u64 seconds = 3 + random_below(&seed, 1000);

		f.above = f.rate * seconds;
		sample_fill(&f);
		assert_in_range(f.late, 0, 20 * MS + US);
		assert_in_range(f.samples, 2, seconds + 10);
	}
}

/* The example of pace.c: a sample a second, and eight more at the end. */
TEST(fill_of_100_mib_a_second)
{
	struct fill f = { .above = 1000 * MIB, .rate = 100 * MIB };

	sample_fill(&f);
	assert_in_range(f.late, 0, 20 * MS);
	assert_in_range(f.samples, 15, 18);
}

static u64 any_size(u64 *seed)
{
	static const u64 corners[] = { 0, 1, U64_MAX, U64_MAX - 1, 1ULL << 63 };

	if (!random_below(seed, 8))
		return corners[random_below(seed, ARRAY_SIZE(corners))];
	return random_size(seed);
}

static u64 try_step(const struct fse_pace *pace,
		    const struct fse_pace_rules *rules,
		    const struct fse_pace_point *now)
{
	struct fse_pace copy = *pace;

	return fse_pace_step(&copy, rules, now);
}

/* The bounds hold for whatever is given. */
static void check_bounds(const struct fse_pace *pace,
			 const struct fse_pace_rules *rules,
			 u64 delay_ns)
{
	u64 stretch = rules->nr_watched * MS;
	u64 longest = max3(60 * SEC, stretch, rules->min_ns);
	u64 rest = max(rules->network ? 30 * SEC : SEC, stretch);

	assert_true(delay_ns >= 20 * MS);
	assert_true(delay_ns >= rules->min_ns);
	assert_true(delay_ns >= pace->cost_ns * 1000);
	assert_true(delay_ns <= longest);
	if (!pace->space_rate && !pace->inode_rate)
		assert_true(delay_ns >= rest);
}

/* Nearer to a level is never asked later, nor with fewer watches. */
static void check_order(const struct fse_pace *pace,
			const struct fse_pace_rules *rules,
			const struct fse_pace_point *now)
{
	u64 delay = try_step(pace, rules, now);
	struct fse_pace_point nearer = *now;
	struct fse_pace_rules fewer = *rules;

	nearer.space_dist /= 2;
	assert_true(try_step(pace, rules, &nearer) <= delay);
	nearer.inode_dist -= nearer.inode_dist / 3;
	assert_true(try_step(pace, rules, &nearer) <= delay);
	fewer.nr_watched /= 2;
	assert_true(try_step(pace, &fewer, now) <= delay);
}

TEST(figures_of_any_size)
{
	u64 seed = 0x5851f42d4c957f2d;
	unsigned int i, k;

	for (i = 0; i < 5000; i++) {
		struct fse_pace_rules rules = {
			.network = random_below(&seed, 2),
			.min_ns = random_size(&seed) >> 28,
			.nr_watched = random_size(&seed) >> 32,
		};
		struct fse_pace_point now = {};
		struct fse_pace pace = {};

		for (k = 0; k < 20; k++) {
			now.time_ns += random_size(&seed) >> 20;
			now.cost_ns = any_size(&seed);
			now.avail = any_size(&seed);
			now.inodes = any_size(&seed);
			now.space_dist = any_size(&seed);
			now.inode_dist = any_size(&seed);
			check_order(&pace, &rules, &now);
			check_bounds(&pace, &rules,
				     fse_pace_step(&pace, &rules, &now));
		}
	}
}

/* An exabyte that fills at a terabyte a second. */
TEST(huge_file_system)
{
	struct fse_pace pace = {};
	struct fse_pace_point now = {
		.avail = 1ULL << 60,
		.inodes = U64_MAX,
		.space_dist = (1ULL << 60) - 1,
		.inode_dist = U64_MAX - 1,
	};
	u64 delay_ns;

	delay_ns = fse_pace_step(&pace, &one_local, &now);
	assert_int_equal(delay_ns, 60 * SEC);
	now.time_ns += SEC;
	now.avail -= 1ULL << 40;
	delay_ns = fse_pace_step(&pace, &one_local, &now);
	assert_int_equal(pace.space_rate, 1ULL << 40);
	now.time_ns += SEC;
	now.space_dist = 1ULL << 42;
	delay_ns = fse_pace_step(&pace, &one_local, &now);
	assert_in_range(delay_ns, 2 * SEC, 3 * SEC);
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(expensive_samples),
		cmocka_unit_test(one_expensive_sample),
		cmocka_unit_test(expensive_samples_are_believed_after_a_while),
		cmocka_unit_test(expensive_samples_at_rest),
		cmocka_unit_test(any_fill_is_seen_within_a_second),
		cmocka_unit_test(steady_fill_is_foreseen),
		cmocka_unit_test(fill_of_100_mib_a_second),
		cmocka_unit_test(figures_of_any_size),
		cmocka_unit_test(huge_file_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
