// SPDX-License-Identifier: GPL-2.0-only
/*
 * The poll interval over time: expensive samples, file systems filled at any
 * rate, and figures of any size.
 */
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>

#include "interval.h"
#include "unit.h"

#define US	1000ULL
#define MS	(1000 * US)
#define SEC	(1000 * MS)
#define MIB	(1024ULL * 1024)
#define GIB	(1024 * MIB)

static const struct fse_interval_rules one_local = {
	.nr_file_systems = 1,
	.per_second = FSE_INTERVAL_ADMIN_PER_S,
};

/* The interval after a sample of that cost, at a level, moving fast. */
static u64 wait_at_cost(struct fse_interval *iv, u64 cost_ns)
{
	struct fse_interval_point now = iv->last;

	now.time_ns += SEC;
	now.avail += GIB;
	now.space_dist = 1;
	now.inode_dist = U64_MAX;
	now.cost_ns = cost_ns;
	return fse_interval_step(iv, &one_local, &now);
}

/* At most a thousandth of a CPU. */
TEST(expensive_samples)
{
	struct fse_interval iv = {};
	unsigned int i;

	wait_at_cost(&iv, 0);
	for (i = 0; i < 30; i++)
		wait_at_cost(&iv, 100 * US);
	assert_int_equal(wait_at_cost(&iv, 100 * US), 100 * MS);

	for (i = 0; i < 30; i++)
		wait_at_cost(&iv, 10 * MS);
	assert_int_equal(wait_at_cost(&iv, 10 * MS), 10 * SEC);

	/* But at most a minute, whatever the cost. */
	for (i = 0; i < 30; i++)
		wait_at_cost(&iv, U64_MAX);
	assert_int_equal(wait_at_cost(&iv, U64_MAX), 60 * SEC);

	for (i = 0; i < 30; i++)
		wait_at_cost(&iv, 5 * US);
	assert_int_equal(wait_at_cost(&iv, 5 * US), 20 * MS);
}

TEST(one_expensive_sample)
{
	struct fse_interval iv = {};

	assert_int_equal(wait_at_cost(&iv, 20 * US), SEC);
	assert_int_equal(wait_at_cost(&iv, 20 * US), 20 * MS);
	assert_int_equal(wait_at_cost(&iv, 30 * MS), 30 * MS);
	assert_int_equal(wait_at_cost(&iv, 20 * US), 20 * MS);
	assert_int_equal(wait_at_cost(&iv, U64_MAX), 30 * MS);
	assert_int_equal(wait_at_cost(&iv, 20 * US), 20 * MS);
}

TEST(expensive_samples_are_believed_after_a_while)
{
	struct fse_interval iv = {};
	unsigned int i;

	wait_at_cost(&iv, 0);
	for (i = 1; wait_at_cost(&iv, 10 * MS) < 10 * SEC; i++)
		assert_in_range(i, 1, 15);
	assert_int_equal(i, 16);
	/* A lower cost is trusted twice as fast. */
	assert_int_equal(wait_at_cost(&iv, 0), 5 * SEC);
	assert_int_equal(wait_at_cost(&iv, 0), 2500 * MS);
}

/* The cost also limits the sampling of idle file systems. */
TEST(expensive_samples_at_rest)
{
	struct fse_interval iv = {};
	struct fse_interval_point now = {
		.cost_ns = 5 * MS,
		.space_dist = 1,
		.inode_dist = U64_MAX,
	};
	u64 delay_ns;
	unsigned int i;

	for (i = 0; i < 30; i++) {
		now.time_ns += SEC;
		now.written++;
		delay_ns = fse_interval_step(&iv, &one_local, &now);
	}
	assert_int_equal(delay_ns, 5 * SEC);
}

/* Space above a level is used at a steady rate from @start on. */
struct fill {
	bool in_use;	/* files are constantly overwritten */
	u64 above;	/* bytes above the level at the start */
	u64 rate;	/* bytes a second */
	u64 start;
	u64 late;	/* ns from the crossing to the sample that saw it */
	unsigned int samples;
};

/* Without overflow, and without a type that 32-bit compilers lack. */
static long double product(u64 a, u64 b)
{
	return (long double)a * b;
}

static u64 filled(const struct fill *f, u64 now)
{
	u64 us = now > f->start ? (now - f->start) / US : 0;

	if (product(f->rate, us) / 1000000 >= f->above)
		return f->above;
	return product(f->rate, us) / 1000000;
}

static void sample_fill(struct fill *f)
{
	struct fse_interval_point now = { .inode_dist = U64_MAX };
	struct fse_interval iv = {};
	u64 crossed = f->start + product(f->above, SEC) / f->rate;
	u64 gone;

	f->samples = 0;
	for (;;) {
		gone = filled(f, now.time_ns);
		if (gone >= f->above)
			break;
		now.avail = 4096 * GIB - gone;
		now.space_dist = f->above - gone;
		now.written += f->in_use;
		now.time_ns += fse_interval_step(&iv, &one_local, &now);
		f->samples++;
	}
	f->late = now.time_ns > crossed ? now.time_ns - crossed : 0;
}

static struct fill any_fill(u64 *seed)
{
	struct fill f = {
		.in_use = random_below(seed, 2),
		.above = 1 + random_size(seed) % (200 * GIB),
		.rate = 1 + random_size(seed),
		.start = random_below(seed, 300 * SEC),
	};

	/* Slow fills of large sizes would make the test slow. */
	f.rate = max(f.rate, f.above / 3600);
	return f;
}

/*
 * Starting suddenly and at any rate: detected within a second while the file
 * system is in use, otherwise after at most the previous idle time, and never
 * later than a minute.
 */
TEST(any_fill_is_seen)
{
	u64 seed = 0x2127599bf4325c37;
	unsigned int i;

	for (i = 0; i < 20000; i++) {
		struct fill f = any_fill(&seed);
		u64 quiet = f.in_use ? 0 : f.start;

		sample_fill(&f);
		assert_in_range(f.late, 0, min(SEC + quiet, 60 * SEC));
	}
}

/* 20 ms after two samples have shown the rate, with few samples. */
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

/* The example in interval.c: a sample per second, eight more at the end. */
TEST(fill_of_100_mib_a_second)
{
	struct fill f = { .above = 1000 * MIB, .rate = 100 * MIB };

	sample_fill(&f);
	assert_in_range(f.late, 0, 20 * MS);
	assert_in_range(f.samples, 15, 18);
}

/* A sample per minute, and few until then. */
TEST(idle_for_an_hour)
{
	struct fse_interval_point now = { .space_dist = 1, .inode_dist = 1 };
	struct fse_interval iv = {};
	unsigned int samples;

	for (samples = 0; now.time_ns < 3600 * SEC; samples++)
		now.time_ns += fse_interval_step(&iv, &one_local, &now);
	assert_in_range(samples, 60, 60 + 8);
}

static u64 any_size(u64 *seed)
{
	static const u64 corners[] = { 0, 1, U64_MAX, U64_MAX - 1, 1ULL << 63 };

	if (!random_below(seed, 8))
		return corners[random_below(seed, ARRAY_SIZE(corners))];
	return random_size(seed);
}

static u64 try_step(const struct fse_interval *iv,
		    const struct fse_interval_rules *rules,
		    const struct fse_interval_point *now)
{
	struct fse_interval copy = *iv;

	return fse_interval_step(&copy, rules, now);
}

/* Bounds of any input. */
static void check_bounds(const struct fse_interval *iv,
			 const struct fse_interval_rules *rules,
			 const struct fse_interval_point *now, u64 delay_ns)
{
	u64 share = min(rules->nr_file_systems * SEC / rules->per_second,
			60 * SEC);
	u64 end = now->time_ns + delay_ns;

	assert_in_range(delay_ns, 20 * MS, 60 * SEC);
	assert_true(delay_ns >= min(rules->min_ns, 60 * SEC));
	assert_true(delay_ns >= iv->cost_ns * 1000);
	if (rules->per_second == FSE_INTERVAL_USER_PER_S)
		assert_true(delay_ns >= share);
	if (rules->remote) {
		assert_true(delay_ns >= 500 * MS);
		assert_true(delay_ns / 100 >= min(now->wait_ns, 600 * MS));
	}
	if (!iv->space_rate && !iv->inode_rate)
		assert_true(iv->resting);
	if (!iv->resting)
		return;
	/* Rounding takes at most a second. */
	assert_true(delay_ns + SEC > share);
	assert_true(end % SEC == 0 || delay_ns >= SEC);
	if (rules->remote)
		assert_true(delay_ns >= 30 * SEC);
}

/* A level that is nearer, or fewer file systems, never lengthen it. */
static void check_order(const struct fse_interval *iv,
			const struct fse_interval_rules *rules,
			const struct fse_interval_point *now)
{
	u64 delay = try_step(iv, rules, now);
	struct fse_interval_point nearer = *now;
	struct fse_interval_rules fewer = *rules;

	nearer.space_dist /= 2;
	assert_true(try_step(iv, rules, &nearer) <= delay);
	nearer.inode_dist -= nearer.inode_dist / 3;
	assert_true(try_step(iv, rules, &nearer) <= delay);
	fewer.nr_file_systems /= 2;
	assert_true(try_step(iv, &fewer, now) <= delay);
}

TEST(figures_of_any_size)
{
	u64 seed = 0x5851f42d4c957f2d;
	unsigned int i, k;

	for (i = 0; i < 5000; i++) {
		struct fse_interval_rules rules = {
			.remote = random_below(&seed, 2),
			.min_ns = random_size(&seed) >> 28,
			.nr_file_systems = random_size(&seed) >> 32,
			.per_second = random_below(&seed, 2) ?
				      FSE_INTERVAL_ADMIN_PER_S :
				      FSE_INTERVAL_USER_PER_S,
		};
		struct fse_interval_point now = {};
		struct fse_interval iv = {};

		for (k = 0; k < 20; k++) {
			now.time_ns += random_size(&seed) >> 20;
			now.cost_ns = any_size(&seed);
			now.wait_ns = any_size(&seed);
			now.written += random_below(&seed, 2);
			now.avail = any_size(&seed);
			now.inodes = any_size(&seed);
			now.space_dist = any_size(&seed);
			now.inode_dist = any_size(&seed);
			check_order(&iv, &rules, &now);
			check_bounds(&iv, &rules, &now,
				     fse_interval_step(&iv, &rules, &now));
		}
	}
}

/* An exabyte filled at a terabyte per second. */
TEST(huge_file_system)
{
	struct fse_interval iv = {};
	struct fse_interval_point now = {
		.avail = 1ULL << 60,
		.inodes = U64_MAX,
		.space_dist = (1ULL << 60) - 1,
		.inode_dist = U64_MAX - 1,
	};
	u64 delay_ns;

	delay_ns = fse_interval_step(&iv, &one_local, &now);
	assert_int_equal(delay_ns, SEC);
	now.time_ns += SEC;
	now.avail -= 1ULL << 40;
	delay_ns = fse_interval_step(&iv, &one_local, &now);
	assert_int_equal(iv.space_rate, 1ULL << 40);
	now.time_ns += SEC;
	now.space_dist = 1ULL << 40;
	delay_ns = fse_interval_step(&iv, &one_local, &now);
	assert_in_range(delay_ns, 500 * MS, 700 * MS);
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(expensive_samples),
		cmocka_unit_test(one_expensive_sample),
		cmocka_unit_test(expensive_samples_are_believed_after_a_while),
		cmocka_unit_test(expensive_samples_at_rest),
		cmocka_unit_test(any_fill_is_seen),
		cmocka_unit_test(steady_fill_is_foreseen),
		cmocka_unit_test(fill_of_100_mib_a_second),
		cmocka_unit_test(idle_for_an_hour),
		cmocka_unit_test(figures_of_any_size),
		cmocka_unit_test(huge_file_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
