// SPDX-License-Identifier: GPL-2.0-only
/*
 * The poll interval and its inputs.
 */
#include <linux/kernel.h>
#include <linux/limits.h>

#include "interval.h"
#include "unit.h"

#define US	1000ULL
#define MS	(1000 * US)
#define SEC	(1000 * MS)
#define MIB	(1024ULL * 1024)
#define GIB	(1024 * MIB)
#define NONE	U64_MAX

/* A sampled file system and the result of the last sample. */
struct sampled {
	struct fse_interval interval;
	struct fse_interval_rules rules;
	struct fse_interval_point point;
	u64 delay_ns;
};

static struct sampled local(u64 space_dist)
{
	struct sampled s = {
		.rules = {
			.nr_file_systems = 1,
			.per_second = FSE_INTERVAL_ADMIN_PER_S,
		},
		.point = {
			.time_ns = 1000 * SEC,
			.written = 12345,
			.avail = 1024 * GIB,
			.inodes = 1000000000,
			.space_dist = space_dist,
			.inode_dist = NONE,
		},
	};

	return s;
}

static struct sampled remote(u64 space_dist)
{
	struct sampled s = local(space_dist);

	s.rules.remote = true;
	return s;
}

static void step(struct sampled *s)
{
	s->delay_ns = fse_interval_step(&s->interval, &s->rules, &s->point);
}

/* A sample after @ns, with @bytes less available. */
static void step_after(struct sampled *s, u64 ns, u64 bytes)
{
	s->point.time_ns += ns;
	s->point.avail -= bytes;
	step(s);
}

/* The next sample when it is due, with @bytes less available. */
static void step_due(struct sampled *s, u64 bytes)
{
	step_after(s, s->delay_ns, bytes);
}

static void assert_moving(const struct sampled *s, u64 delay_ns)
{
	assert_int_equal(s->delay_ns, delay_ns);
	assert_false(s->interval.resting);
}

static void assert_resting(const struct sampled *s, u64 delay_ns)
{
	assert_int_equal(s->delay_ns, delay_ns);
	assert_true(s->interval.resting);
}

/* Ten minutes of regular samples without a change. */
static void be_quiet(struct sampled *s)
{
	u64 until = s->point.time_ns + 600 * SEC;

	step(s);
	while (s->point.time_ns < until)
		step_due(s, 0);
}

TEST(constants)
{
	assert_int_equal(FSE_INTERVAL_MIN_NS, 20 * MS);
	assert_int_equal(FSE_INTERVAL_REMOTE_MIN_NS, 500 * MS);
	assert_int_equal(FSE_INTERVAL_REST_MIN_NS, SEC);
	assert_int_equal(FSE_INTERVAL_REMOTE_REST_NS, 30 * SEC);
	assert_int_equal(FSE_INTERVAL_MAX_NS, 60 * SEC);
	assert_int_equal(FSE_INTERVAL_ADMIN_PER_S, 1000);
	assert_int_equal(FSE_INTERVAL_USER_PER_S, 100);
}

/* The table in interval.c. */
TEST(rest_doubles_while_nothing_changes)
{
	static const unsigned int s_at_rest[] = {
		1, 2, 4, 8, 16, 32, 60, 60, 60,
	};
	struct sampled s = local(GIB);
	unsigned int i;

	step(&s);
	for (i = 0; i < ARRAY_SIZE(s_at_rest); i++) {
		assert_resting(&s, s_at_rest[i] * SEC);
		step_due(&s, 0);
	}
}

/* fallocate(2) covers any distance at once. */
TEST(distance_does_not_lengthen_rest)
{
	static const u64 distances[] = {
		MIB, GIB, 100 * GIB, 1ULL << 50, U64_MAX - 1, NONE,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(distances); i++) {
		struct sampled s = local(distances[i]);

		step(&s);
		assert_resting(&s, SEC);
		be_quiet(&s);
		assert_resting(&s, 60 * SEC);
		step_due(&s, 4096);
		assert_resting(&s, SEC);
		step_due(&s, 0);
		assert_resting(&s, 2 * SEC);
	}
}

TEST(any_change_ends_quiet)
{
	struct sampled s = local(NONE);

	be_quiet(&s);
	assert_resting(&s, 60 * SEC);
	s.point.avail++;
	step_due(&s, 0);
	assert_resting(&s, SEC);

	be_quiet(&s);
	assert_resting(&s, 60 * SEC);
	s.point.inodes--;
	step_due(&s, 0);
	assert_resting(&s, SEC);

	/* Overwriting a file counts as a change. */
	be_quiet(&s);
	assert_resting(&s, 60 * SEC);
	s.point.written += 8;
	step_due(&s, 0);
	assert_resting(&s, SEC);
	step_due(&s, 0);
	assert_resting(&s, 2 * SEC);
}

/* A file system in use may jump, so the interval is at most a second. */
TEST(in_use)
{
	struct sampled s = local(200 * GIB);
	unsigned int i;

	step(&s);
	for (i = 0; i < 1000; i++) {
		s.point.written += i % 3;
		step_due(&s, 0);
		assert_true(s.delay_ns <= (i % 3 ? SEC : 2 * SEC));
	}
}

/* Requests and kicks cause early samples. */
TEST(extra_samples_do_not_lengthen_rest)
{
	struct sampled s = local(GIB);
	unsigned int i;

	step(&s);
	for (i = 0; i < 100; i++)
		step_after(&s, 10 * MS, 0);
	assert_resting(&s, 2 * SEC);
	for (i = 0; i < 100; i++)
		step_after(&s, 0, 0);
	assert_resting(&s, 2 * SEC);
}

/* A change too early to measure a rate. */
TEST(change_within_a_millisecond_ends_quiet)
{
	struct sampled s = local(GIB);

	be_quiet(&s);
	step_after(&s, 10 * US, MIB);
	assert_int_equal(s.interval.space_rate, 0);
	/* The next full second is near. */
	assert_in_range(s.delay_ns, 20 * MS, SEC);
	assert_int_equal(s.interval.changed_ns, s.point.time_ns);
}

TEST(rest_ends_at_whole_seconds)
{
	struct sampled s = local(GIB);

	s.point.time_ns += 300 * MS;
	step(&s);
	assert_resting(&s, 700 * MS);
	step_due(&s, 0);
	/* Idle for 0.7 s: 1.7 s rounded down. */
	assert_resting(&s, SEC);
	/* Timers are late. */
	step_after(&s, s.delay_ns + 30 * MS, 0);
	assert_resting(&s, 2 * SEC - 30 * MS);
	step_due(&s, 4096);
	assert_resting(&s, SEC);
}

/* Rounding respects the shortest interval. */
TEST(rest_is_not_rounded_below_limits)
{
	struct sampled s = local(GIB);

	s.point.time_ns += 981 * MS;
	step(&s);
	assert_resting(&s, SEC);
	s = local(GIB);
	s.point.time_ns += 980 * MS;
	step(&s);
	assert_resting(&s, 20 * MS);
	s = local(GIB);
	s.rules.min_ns = 500 * MS;
	s.point.time_ns += 501 * MS;
	step(&s);
	assert_resting(&s, SEC);
	s = remote(GIB);
	s.point.time_ns += 100 * MS;
	step(&s);
	assert_resting(&s, 30 * SEC);
}

TEST(remote_rest)
{
	struct sampled s = remote(1);

	step(&s);
	assert_resting(&s, 30 * SEC);
	step_due(&s, 0);
	assert_resting(&s, 31 * SEC);
	step_due(&s, 0);
	assert_resting(&s, 60 * SEC);
	step_due(&s, 0);
	assert_resting(&s, 60 * SEC);
	s.point.space_dist = NONE;
	step_due(&s, MIB);
	assert_resting(&s, 30 * SEC);
}

/* Half the time to reach the level. */
TEST(while_space_moves)
{
	static const struct {
		u64 mib, delay_ns;
	} cases[] = {
		{ 199, 995 * MS },
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
		assert_int_equal(s.interval.space_rate, 100 * MIB);
		assert_moving(&s, cases[i].delay_ns);
	}
}

TEST(never_later_moving_than_at_rest)
{
	struct sampled s = local(100 * GIB);

	step(&s);
	step_after(&s, SEC, MIB);
	assert_resting(&s, SEC);
	s.point.space_dist = 2 * MIB;
	step_after(&s, SEC, MIB);
	assert_resting(&s, SEC);
	s.point.space_dist = MIB;
	step_after(&s, SEC, MIB);
	assert_moving(&s, 500 * MS);
}

TEST(space_that_comes_back_moves_as_well)
{
	struct sampled s = local(100 * MIB);

	step(&s);
	s.point.time_ns += SEC;
	s.point.avail += 100 * MIB;
	step(&s);
	assert_moving(&s, 500 * MS);
}

/* The product saturates. */
TEST(a_change_of_any_size)
{
	struct sampled s = local(NONE);

	s.point.avail = U64_MAX;
	step(&s);
	step_after(&s, SEC, U64_MAX);
	assert_int_equal(s.interval.space_rate, U64_MAX / 1000000);
}

TEST(inodes_move)
{
	struct sampled s = local(NONE);

	s.point.inode_dist = 1000;
	step(&s);
	s.point.time_ns += SEC;
	s.point.inodes -= 1000;
	step(&s);
	assert_int_equal(s.interval.inode_rate, 1000);
	assert_int_equal(s.interval.space_rate, 0);
	assert_moving(&s, 500 * MS);
	s.point.time_ns += SEC;
	s.point.inodes += 2000;
	s.point.inode_dist = 400;
	step(&s);
	assert_moving(&s, 100 * MS);
	/* The nearest switch decides. */
	s.point.space_dist = MIB;
	step_after(&s, SEC, 100 * MIB);
	assert_moving(&s, 20 * MS);
}

TEST(remote_near_a_level)
{
	struct sampled s = remote(100 * MIB);

	step(&s);
	assert_resting(&s, 30 * SEC);
	step_after(&s, SEC, 10 * MIB);
	assert_moving(&s, 5 * SEC);
	/* At most twice a second. */
	s.point.space_dist = MIB;
	step_after(&s, SEC, 100 * MIB);
	assert_moving(&s, 500 * MS);
}

/* At most one percent of the time is spent waiting for the server. */
TEST(server_that_answers_slowly)
{
	static const struct {
		u64 wait_ns, delay_ns;
	} cases[] = {
		{ 0, 500 * MS }, { 5 * MS, 500 * MS }, { 6 * MS, 600 * MS },
		{ 100 * MS, 10 * SEC }, { 600 * MS, 60 * SEC },
		{ 5 * SEC, 60 * SEC }, { U64_MAX, 60 * SEC },
		{ MS, 500 * MS },
	};
	struct sampled s = remote(MIB);
	unsigned int i;

	step(&s);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		s.point.wait_ns = cases[i].wait_ns;
		step_after(&s, SEC, 100 * MIB);
		assert_moving(&s, cases[i].delay_ns);
	}
	s.point.space_dist = NONE;
	be_quiet(&s);
	s.point.wait_ns = 400 * MS;
	step_due(&s, MIB);
	assert_resting(&s, 40 * SEC);
}

/* The fastest rate decays by a quarter of the excess. */
TEST(burst_is_remembered)
{
	static const unsigned int mib[] = { 800, 600, 450, 338, 253 };
	static const unsigned int ms[] = { 20, 27, 36, 47, 63 };
	struct sampled s = local(32 * MIB);
	unsigned int i;

	step(&s);
	step_after(&s, SEC, 800 * MIB);
	for (i = 0; i < ARRAY_SIZE(mib); i++) {
		assert_int_equal((s.interval.space_rate + MIB / 2) / MIB,
				 mib[i]);
		assert_int_equal((s.delay_ns + MS / 2) / MS, ms[i]);
		step_due(&s, 0);
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
		step_due(&s, 0);
		samples++;
	}
	assert_int_equal(samples, 14);
	assert_in_range(s.point.time_ns - start, 2 * SEC, 4 * SEC);
	for (samples = 0; s.interval.space_rate; samples++)
		step_due(&s, 0);
	assert_in_range(samples, 1, 100);
	assert_resting(&s, 60 * SEC);
}

TEST(faster_counts_at_once_slower_bit_by_bit)
{
	struct sampled s = local(GIB);

	step(&s);
	step_after(&s, SEC, 100);
	assert_int_equal(s.interval.space_rate, 100);
	step_after(&s, SEC, 500);
	assert_int_equal(s.interval.space_rate, 500);
	step_after(&s, SEC, 100);
	assert_int_equal(s.interval.space_rate, 400);
	step_after(&s, SEC, 100);
	assert_int_equal(s.interval.space_rate, 325);
	step_after(&s, SEC, 325);
	assert_int_equal(s.interval.space_rate, 325);
}

TEST(rate_is_by_the_second)
{
	struct sampled s = local(GIB);

	step(&s);
	step_after(&s, 250 * MS, 1000);
	assert_int_equal(s.interval.space_rate, 4000);
	step_after(&s, 10 * SEC, 80000);
	assert_int_equal(s.interval.space_rate, 8000);
}

/* The previous sample stays the reference. */
TEST(no_rate_within_a_millisecond)
{
	struct sampled s = local(GIB);

	step(&s);
	step_after(&s, MS - 1, MIB);
	assert_int_equal(s.interval.space_rate, 0);
	step_after(&s, 0, MIB);
	assert_int_equal(s.interval.space_rate, 0);
	step_after(&s, 1, 0);
	assert_int_equal(s.interval.space_rate, 2000 * MIB);
}

TEST(clock_that_steps_back)
{
	struct sampled s = local(GIB);

	step(&s);
	s.point.time_ns -= 5 * SEC;
	step(&s);
	assert_resting(&s, SEC);
	s.point.avail -= MIB;
	step(&s);
	assert_int_equal(s.interval.space_rate, 0);
	assert_resting(&s, SEC);
	step_after(&s, 6 * SEC, 0);
	assert_int_equal(s.interval.space_rate, MIB);
}

TEST(first_sample_is_at_rest)
{
	struct sampled s = local(MIB);

	step(&s);
	assert_true(s.interval.started);
	assert_resting(&s, SEC);
	assert_int_equal(s.interval.space_rate, 0);
}

/* For xfs, and for private watches without privilege. */
TEST(longer_interval_on_request)
{
	struct sampled s = local(MIB);

	s.rules.min_ns = 100 * MS;
	step(&s);
	assert_resting(&s, SEC);
	step_after(&s, SEC, GIB);
	assert_moving(&s, 100 * MS);
	s.rules.min_ns = 500 * MS;
	step_after(&s, SEC, GIB);
	assert_moving(&s, 500 * MS);
	s.rules.min_ns = 2 * SEC;
	step_after(&s, SEC, GIB);
	assert_moving(&s, 2 * SEC);
	s.rules.min_ns = MS;
	step_after(&s, SEC, GIB);
	assert_moving(&s, 20 * MS);
	s.rules.min_ns = U64_MAX;
	step_after(&s, SEC, GIB);
	assert_moving(&s, 60 * SEC);
}

/*
 * All idle ones together: 1,000 samples per second; all of a user: 100, idle or not.
 */
TEST(thousands_of_file_systems)
{
	static const struct {
		unsigned int nr, per_second, s, moving_ms;
	} cases[] = {
		{ 0, 1000, 1, 20 }, { 1000, 1000, 1, 20 },
		{ 1001, 1000, 2, 20 }, { 10000, 1000, 10, 20 },
		{ 60000, 1000, 60, 20 }, { 60001, 1000, 60, 20 },
		{ U32_MAX, 1000, 60, 20 },
		{ 0, 100, 1, 20 }, { 2, 100, 1, 20 }, { 3, 100, 1, 30 },
		{ 100, 100, 1, 1000 }, { 101, 100, 2, 1010 },
		{ 1024, 100, 11, 10240 }, { 10000, 100, 60, 60000 },
		{ U32_MAX, 100, 60, 60000 }, { 3, 0, 3, 20 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sampled s = local(MIB);

		s.rules.nr_file_systems = cases[i].nr;
		s.rules.per_second = cases[i].per_second;
		step(&s);
		assert_resting(&s, cases[i].s * SEC);
		be_quiet(&s);
		assert_resting(&s, 60 * SEC);

		step_after(&s, SEC, 1024 * GIB);
		if (cases[i].moving_ms < cases[i].s * 1000)
			assert_moving(&s, cases[i].moving_ms * MS);
		else
			assert_int_equal(s.delay_ns, cases[i].s * SEC);
	}
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(constants),
		cmocka_unit_test(rest_doubles_while_nothing_changes),
		cmocka_unit_test(distance_does_not_lengthen_rest),
		cmocka_unit_test(any_change_ends_quiet),
		cmocka_unit_test(in_use),
		cmocka_unit_test(extra_samples_do_not_lengthen_rest),
		cmocka_unit_test(change_within_a_millisecond_ends_quiet),
		cmocka_unit_test(rest_ends_at_whole_seconds),
		cmocka_unit_test(rest_is_not_rounded_below_limits),
		cmocka_unit_test(remote_rest),
		cmocka_unit_test(while_space_moves),
		cmocka_unit_test(never_later_moving_than_at_rest),
		cmocka_unit_test(space_that_comes_back_moves_as_well),
		cmocka_unit_test(a_change_of_any_size),
		cmocka_unit_test(inodes_move),
		cmocka_unit_test(remote_near_a_level),
		cmocka_unit_test(server_that_answers_slowly),
		cmocka_unit_test(burst_is_remembered),
		cmocka_unit_test(burst_is_forgotten),
		cmocka_unit_test(faster_counts_at_once_slower_bit_by_bit),
		cmocka_unit_test(rate_is_by_the_second),
		cmocka_unit_test(no_rate_within_a_millisecond),
		cmocka_unit_test(clock_that_steps_back),
		cmocka_unit_test(first_sample_is_at_rest),
		cmocka_unit_test(longer_interval_on_request),
		cmocka_unit_test(thousands_of_file_systems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
