// SPDX-License-Identifier: GPL-2.0-only
/* The pace of sampling: what the wait follows from. */
#include <linux/kernel.h>
#include <linux/limits.h>

#include "pace.h"
#include "unit.h"

#define US	1000ULL
#define MS	(1000 * US)
#define SEC	(1000 * MS)
#define MIB	(1024ULL * 1024)
#define GIB	(1024 * MIB)
#define NONE	U64_MAX

/* A file system that is sampled, and what the last sample led to. */
struct sampled {
	struct fse_pace pace;
	struct fse_pace_rules rules;
	struct fse_pace_point point;
	u64 delay_ns;
};

static struct sampled local(u64 space_dist)
{
	struct sampled s = {
		.rules.nr_watched = 1,
		.point = {
			.time_ns = 1000 * SEC,
			.avail = 1024 * GIB,
			.inodes = 1000000000,
			.space_dist = space_dist,
			.inode_dist = NONE,
		},
	};

	return s;
}

static struct sampled network(u64 space_dist)
{
	struct sampled s = local(space_dist);

	s.rules.network = true;
	return s;
}

static void step(struct sampled *s)
{
	s->delay_ns = fse_pace_step(&s->pace, &s->rules, &s->point);
}

/* A sample after @ns, with @bytes gone. */
static void step_after(struct sampled *s, u64 ns, u64 bytes)
{
	s->point.time_ns += ns;
	s->point.avail -= bytes;
	step(s);
}

static void assert_rest(struct sampled s, u64 delay_ns)
{
	step(&s);
	assert_int_equal(s.delay_ns, delay_ns);
}

static void assert_next(const struct sampled *s, u64 delay_ns)
{
	assert_int_equal(s->delay_ns, delay_ns);
}

TEST(constants)
{
	assert_int_equal(FSE_PACE_MIN_NS, 20 * MS);
	assert_int_equal(FSE_PACE_REST_MIN_NS, SEC);
	assert_int_equal(FSE_PACE_REST_MAX_NS, 60 * SEC);
	assert_int_equal(FSE_PACE_NET_REST_NS, 30 * SEC);
	assert_int_equal(FSE_PACE_REST_PER_S, 1000);
}

TEST(at_rest_4_gib_a_second)
{
	assert_rest(local(1), SEC);
	assert_rest(local(GIB), SEC);
	assert_rest(local(4 * GIB), SEC);
	assert_rest(local(8 * GIB), 2 * SEC);
	assert_rest(local(100 * GIB), 25 * SEC);
	assert_rest(local(240 * GIB), 60 * SEC);
	assert_rest(local(241 * GIB), 60 * SEC);
	assert_rest(local(NONE), 60 * SEC);
}

TEST(at_rest_over_a_network)
{
	assert_rest(network(1), 30 * SEC);
	assert_rest(network(30 * GIB), 30 * SEC);
	assert_rest(network(45 * GIB), 45 * SEC);
	assert_rest(network(60 * GIB), 60 * SEC);
	assert_rest(network(100 * GIB), 60 * SEC);
	assert_rest(network(NONE), 60 * SEC);
}

TEST(inodes_at_rest)
{
	struct sampled s = local(NONE);

	s.point.inode_dist = 10 * MIB;
	assert_rest(s, 10 * SEC);
	s.point.inode_dist = 5;
	assert_rest(s, SEC);
	s.point.inode_dist = 100 * MIB;
	assert_rest(s, 60 * SEC);
	/* The nearest switch decides. */
	s.point.space_dist = 80 * GIB;
	assert_rest(s, 20 * SEC);
	s.point.inode_dist = 19 * MIB;
	assert_rest(s, 19 * SEC);
}

/* Half the time to the level. */
TEST(while_space_moves)
{
	static const struct {
		u64 mib, delay_ns;
	} cases[] = {
		{ 1000, SEC }, { 200, SEC },
		{ 100, 500 * MS }, { 50, 250 * MS },
		{ 20, 100 * MS }, { 4, 20 * MS },
		{ 3, 20 * MS }, { 0, 20 * MS },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sampled s = local(GIB);

		step(&s);
		s.point.space_dist = cases[i].mib * MIB + !cases[i].mib;
		step_after(&s, SEC, 100 * MIB);
		assert_int_equal(s.pace.space_rate, 100 * MIB);
		assert_next(&s, cases[i].delay_ns);
	}
}

/* As fast as that, space would be gone long before the limit at rest. */
TEST(never_later_moving_than_at_rest)
{
	struct sampled s = local(100 * GIB);

	step(&s);
	step_after(&s, SEC, MIB);
	assert_next(&s, 25 * SEC);
	step_after(&s, SEC, 4 * GIB);
	assert_next(&s, 12500 * MS);
}

TEST(space_that_comes_back_moves_as_well)
{
	struct sampled s = local(100 * MIB);

	step(&s);
	s.point.time_ns += SEC;
	s.point.avail += 100 * MIB;
	step(&s);
	assert_next(&s, 500 * MS);
}

/* More than can be multiplied: as fast as can be said. */
TEST(a_change_of_any_size)
{
	struct sampled s = local(NONE);

	s.point.avail = U64_MAX;
	step(&s);
	step_after(&s, SEC, U64_MAX);
	assert_int_equal(s.pace.space_rate, U64_MAX / 1000000);
}

TEST(inodes_move)
{
	struct sampled s = local(NONE);

	s.point.inode_dist = 1000;
	step(&s);
	s.point.time_ns += SEC;
	s.point.inodes -= 1000;
	step(&s);
	assert_int_equal(s.pace.inode_rate, 1000);
	assert_int_equal(s.pace.space_rate, 0);
	assert_next(&s, 500 * MS);
	s.point.time_ns += SEC;
	s.point.inodes += 2000;
	s.point.inode_dist = 400;
	step(&s);
	assert_next(&s, 100 * MS);
}

TEST(network_is_asked_more_often_near_a_level)
{
	struct sampled s = network(100 * MIB);

	step(&s);
	assert_next(&s, 30 * SEC);
	step_after(&s, SEC, 10 * MIB);
	assert_next(&s, 5 * SEC);
	s.point.space_dist = MIB;
	step_after(&s, SEC, 100 * MIB);
	assert_next(&s, 20 * MS);
}

/* The fastest rate decays by a quarter of what is too much. */
TEST(burst_is_remembered)
{
	static const unsigned int mib[] = { 800, 600, 450, 338, 253 };
	static const unsigned int ms[] = { 20, 27, 36, 47, 63 };
	struct sampled s = local(32 * MIB);
	unsigned int i;

	step(&s);
	step_after(&s, SEC, 800 * MIB);
	for (i = 0; i < ARRAY_SIZE(mib); i++) {
		assert_int_equal((s.pace.space_rate + MIB / 2) / MIB, mib[i]);
		assert_int_equal((s.delay_ns + MS / 2) / MS, ms[i]);
		step_after(&s, s.delay_ns, 0);
	}
}

TEST(burst_is_forgotten)
{
	struct sampled s = local(32 * MIB);
	unsigned int samples = 0;
	u64 start;

	step(&s);
	step_after(&s, SEC, 800 * MIB);
	start = s.point.time_ns;
	while (s.delay_ns < SEC) {
		step_after(&s, s.delay_ns, 0);
		samples++;
	}
	assert_int_equal(samples, 14);
	assert_in_range(s.point.time_ns - start, 2 * SEC, 4 * SEC);
	assert_next(&s, SEC);
	for (samples = 0; s.pace.space_rate; samples++)
		step_after(&s, SEC, 0);
	assert_in_range(samples, 1, 100);
}

TEST(faster_counts_at_once_slower_bit_by_bit)
{
	struct sampled s = local(GIB);

	step(&s);
	step_after(&s, SEC, 100);
	assert_int_equal(s.pace.space_rate, 100);
	step_after(&s, SEC, 500);
	assert_int_equal(s.pace.space_rate, 500);
	step_after(&s, SEC, 100);
	assert_int_equal(s.pace.space_rate, 400);
	step_after(&s, SEC, 100);
	assert_int_equal(s.pace.space_rate, 325);
	step_after(&s, SEC, 325);
	assert_int_equal(s.pace.space_rate, 325);
}

TEST(rate_is_by_the_second)
{
	struct sampled s = local(GIB);

	step(&s);
	step_after(&s, 250 * MS, 1000);
	assert_int_equal(s.pace.space_rate, 4000);
	step_after(&s, 10 * SEC, 80000);
	assert_int_equal(s.pace.space_rate, 8000);
}

/* The sample before stays the one to measure from. */
TEST(no_rate_within_a_millisecond)
{
	struct sampled s = local(GIB);

	step(&s);
	step_after(&s, MS - 1, MIB);
	assert_int_equal(s.pace.space_rate, 0);
	step_after(&s, 0, MIB);
	assert_int_equal(s.pace.space_rate, 0);
	step_after(&s, 1, 0);
	assert_int_equal(s.pace.space_rate, 2000 * MIB);
}

TEST(clock_that_steps_back)
{
	struct sampled s = local(GIB);

	step(&s);
	s.point.time_ns -= 5 * SEC;
	s.point.avail -= MIB;
	step(&s);
	assert_int_equal(s.pace.space_rate, 0);
	assert_next(&s, SEC);
	step_after(&s, 6 * SEC, 0);
	assert_int_equal(s.pace.space_rate, MIB);
}

TEST(first_sample_is_at_rest)
{
	struct sampled s = local(MIB);

	step(&s);
	assert_true(s.pace.started);
	assert_next(&s, SEC);
	assert_int_equal(s.pace.space_rate, 0);
}

/* As xfs asks for, and private watches without privilege. */
TEST(longer_wait_on_request)
{
	struct sampled s = local(MIB);

	s.rules.min_ns = 100 * MS;
	step(&s);
	assert_next(&s, SEC);
	step_after(&s, SEC, GIB);
	assert_next(&s, 100 * MS);
	s.rules.min_ns = 500 * MS;
	step_after(&s, SEC, GIB);
	assert_next(&s, 500 * MS);
	s.rules.min_ns = 2 * SEC;
	step_after(&s, SEC, GIB);
	assert_next(&s, 2 * SEC);
	s.rules.min_ns = MS;
	step_after(&s, SEC, GIB);
	assert_next(&s, 20 * MS);
}

/* All at rest together: 1,000 samples a second at most. */
TEST(thousands_of_watches)
{
	struct sampled s = local(MIB);

	s.rules.nr_watched = 1000;
	assert_rest(s, SEC);
	s.rules.nr_watched = 1500;
	assert_rest(s, 1500 * MS);
	s.rules.nr_watched = 10000;
	assert_rest(s, 10 * SEC);
	s.rules.nr_watched = 100000;
	assert_rest(s, 100 * SEC);
	s.rules.nr_watched = U32_MAX;
	assert_rest(s, U32_MAX * MS);
	s.rules.nr_watched = 0;
	assert_rest(s, SEC);

	/* One that moves is asked as often as ever. */
	s.rules.nr_watched = 100000;
	step(&s);
	step_after(&s, SEC, GIB);
	assert_next(&s, 20 * MS);
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(constants),
		cmocka_unit_test(at_rest_4_gib_a_second),
		cmocka_unit_test(at_rest_over_a_network),
		cmocka_unit_test(inodes_at_rest),
		cmocka_unit_test(while_space_moves),
		cmocka_unit_test(never_later_moving_than_at_rest),
		cmocka_unit_test(space_that_comes_back_moves_as_well),
		cmocka_unit_test(a_change_of_any_size),
		cmocka_unit_test(inodes_move),
		cmocka_unit_test(network_is_asked_more_often_near_a_level),
		cmocka_unit_test(burst_is_remembered),
		cmocka_unit_test(burst_is_forgotten),
		cmocka_unit_test(faster_counts_at_once_slower_bit_by_bit),
		cmocka_unit_test(rate_is_by_the_second),
		cmocka_unit_test(no_rate_within_a_millisecond),
		cmocka_unit_test(clock_that_steps_back),
		cmocka_unit_test(first_sample_is_at_rest),
		cmocka_unit_test(longer_wait_on_request),
		cmocka_unit_test(thousands_of_watches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
