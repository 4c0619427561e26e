// SPDX-License-Identifier: GPL-2.0-only
/*
 * The space budget: all interleavings of two CPUs that take space, the samples
 * meanwhile, and another event: a level moves, or a CPU goes offline or comes
 * online.
 *
 * A CPU changes the available space and then counts the change;
 * fse_budget_add() counts and returns whether to request a sample. A sample
 * reads each CPU's counter, then the available space, then the levels, and
 * gives each CPU its share. A sample requested during another one runs after
 * it. A task preempted between two steps counts on the CPU that it started on,
 * even if that is offline now.
 *
 * The error is bounded by the requests in progress. So after each step without
 * a pending or running sample, the level was seen, or it is not reached by the
 * completed requests.
 */
#include <linux/kernel.h>
#include <linux/limits.h>

#include "budget_cpus.h"
#include "unit.h"

#define FLOOR		FSE_BUDGET_FLOOR
#define CPUS		2
#define REQUESTS	2
#define SAMPLE_STEPS	(2 * CPUS + 2)

enum other {
	NOTHING,
	LEVEL_MOVES,
	CPU_GOES,
	CPU_COMES,
	OTHER_NR,
};

struct race {
	struct fse_budget b;
	struct fse_budget_cpu cpu[CPUS];
	u64 request[CPUS][REQUESTS];
	unsigned int step[CPUS];
	u64 avail;
	u64 uncounted;
	u64 level;
	enum other other;
	u64 online;

	unsigned int sample_step;
	u64 figure;
	u64 shares_for;
	bool asked;
	bool seen;
};

static unsigned long nr_orders, nr_seen;

static void race_request(struct race *r, unsigned int i)
{
	unsigned int step = r->step[i]++;
	u64 blocks = r->request[i][step / 2];

	if (step % 2 == 0) {
		r->avail -= blocks;
		r->uncounted += blocks;
	} else {
		r->asked |= fse_budget_add(&r->cpu[i], FSE_WAY_DOWN, blocks);
		r->uncounted -= blocks;
	}
}

/* The number of CPUs is read first, their state after that. */
static void race_levels(struct race *r)
{
	r->seen |= r->figure <= r->level;
	r->shares_for = nr_online(r->online, CPUS);
	fse_budget_share(&r->b, FSE_WAY_DOWN,
			 r->seen ? U64_MAX : r->figure - r->level,
			 r->shares_for);
	fse_budget_share(&r->b, FSE_WAY_UP, U64_MAX, r->shares_for);
}

static void race_give(struct race *r, unsigned int i)
{
	bool share = r->shares_for && r->online >> i & 1;

	r->shares_for -= share;
	r->asked |= fse_budget_give(&r->b, &r->cpu[i], share);
}

static void race_sample(struct race *r)
{
	unsigned int step = r->sample_step++;

	/* From here on another sample must be requested. */
	if (!step)
		r->asked = false;
	if (step < CPUS)
		fse_budget_see(&r->cpu[step]);
	else if (step == CPUS)
		r->figure = r->avail;
	else if (step == CPUS + 1)
		race_levels(r);
	else
		race_give(r, step - CPUS - 2);
	r->sample_step %= SAMPLE_STEPS;
}

static void race_other(struct race *r)
{
	switch (r->other) {
	case LEVEL_MOVES:
		r->level += 2 * FLOOR;
		/* Setting a level requests a sample. */
		r->asked = true;
		break;
	case CPU_GOES:
		r->online = 0x1;
		break;
	case CPU_COMES:
		r->online = 0x3;
		break;
	default:
		break;
	}
	r->other = NOTHING;
}

static void race_orders(const struct race *r)
{
	bool quiet = !r->asked && !r->sample_step, over = quiet;
	struct race next;
	unsigned int i;

	if (r->seen) {
		nr_orders++;
		nr_seen++;
		return;
	}
	if (quiet)
		assert_true(r->avail + r->uncounted > r->level);
	for (i = 0; i < CPUS; i++) {
		if (r->step[i] == 2 * REQUESTS ||
		    !r->request[i][r->step[i] / 2])
			continue;
		over = false;
		next = *r;
		race_request(&next, i);
		race_orders(&next);
	}
	if (!quiet) {
		next = *r;
		race_sample(&next);
		race_orders(&next);
	}
	if (r->other != NOTHING) {
		over = false;
		next = *r;
		race_other(&next);
		race_orders(&next);
	}
	nr_orders += over;
}

/* The last ones run only without another event: interleavings multiply. */
static const u64 requests[][CPUS][REQUESTS] = {
	{ { 1 }, { 1 } },
	{ { FLOOR }, { 1 } },
	{ { FLOOR - 1 }, { FLOOR } },
	{ { 2 * FLOOR }, { 1 } },
	{ { 2 * FLOOR }, { 2 * FLOOR } },
	{ { 3 * FLOOR }, { FLOOR + 1 } },
	{ { 1, 1 }, { 2 * FLOOR } },
	{ { FLOOR, FLOOR }, { FLOOR } },
	{ { FLOOR, 2 * FLOOR }, { 3 * FLOOR } },
	{ { 2 * FLOOR, 1 }, { 2 * FLOOR } },
};

#define REQUESTS_FEW	6

static const u64 distances[] = {
	1, 2 * FLOOR, 2 * FLOOR + 1, 3 * FLOOR, 4 * FLOOR, 6 * FLOOR,
};

/*
 * @distance is left to the level, and @before was taken after the sample that
 * set the shares.
 */
static void race_from(unsigned int which, u64 distance, u64 before,
		      enum other other, bool asked)
{
	struct race r = {
		.level = 1000,
		.avail = 1000 + distance,
		.other = other,
		.online = other == CPU_COMES ? 0x1 : 0x3,
		.asked = asked,
	};
	unsigned int i, k;

	sample_begins(r.cpu, CPUS);
	assert_false(sample_ends(&r.b, r.cpu, CPUS, r.online,
				 distance + before, U64_MAX));
	/* A sample would have been requested already. */
	if (fse_budget_add(&r.cpu[0], FSE_WAY_DOWN, before))
		return;
	for (i = 0; i < CPUS; i++) {
		for (k = 0; k < REQUESTS; k++)
			r.request[i][k] = requests[which][i][k];
	}
	race_orders(&r);
}

static void race_all(enum other other)
{
	static const u64 before[] = { 0, FLOOR, 2 * FLOOR - 1 };
	unsigned int i, k, l, nr = ARRAY_SIZE(requests);

	if (other != NOTHING)
		nr = REQUESTS_FEW;
	nr_orders = 0;
	nr_seen = 0;
	for (i = 0; i < nr; i++) {
		for (k = 0; k < ARRAY_SIZE(distances); k++) {
			for (l = 0; l < ARRAY_SIZE(before); l++) {
				race_from(i, distances[k], before[l], other,
					  false);
				race_from(i, distances[k], before[l], other,
					  true);
			}
		}
	}
	print_message("# %lu orders, %lu reach the level\n", nr_orders,
		      nr_seen);
	assert_true(nr_orders > 100000);
	assert_true(nr_seen > 10000);
}

TEST(requests_and_samples)
{
	race_all(NOTHING);
}

TEST(a_level_moves)
{
	race_all(LEVEL_MOVES);
}

TEST(a_processor_goes)
{
	race_all(CPU_GOES);
}

TEST(a_processor_comes)
{
	race_all(CPU_COMES);
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(requests_and_samples),
		cmocka_unit_test(a_level_moves),
		cmocka_unit_test(a_processor_goes),
		cmocka_unit_test(a_processor_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
