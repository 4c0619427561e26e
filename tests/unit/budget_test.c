// SPDX-License-Identifier: GPL-2.0-only
/*
 * The space budget: no crossing is missed, whatever CPUs do while a sample is
 * taken, and samples are not asked for more often than that takes.
 */
#include <stdio.h>
#include <string.h>

#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>

#include "budget.h"
#include "unit.h"

#define CPUS_MAX	64
#define FLOOR		FSE_BUDGET_FLOOR

static void sample_begins(struct fse_budget_cpu *cpu, unsigned int cpus)
{
	unsigned int i;

	for (i = 0; i < cpus; i++)
		fse_budget_see(&cpu[i]);
}

/* Return: another one is due. */
static bool sample_ends(struct fse_budget *b, struct fse_budget_cpu *cpu,
			unsigned int cpus, u64 down, u64 up)
{
	bool spent = false;
	unsigned int i;

	fse_budget_share(b, FSE_WAY_DOWN, down, cpus);
	fse_budget_share(b, FSE_WAY_UP, up, cpus);
	for (i = 0; i < cpus; i++)
		fse_budget_rebase(&cpu[i]);
	for (i = 0; i < cpus; i++)
		spent |= fse_budget_spent(b, &cpu[i]);
	return spent;
}

TEST(shares)
{
	struct fse_budget b;

	fse_budget_share(&b, FSE_WAY_DOWN, 1000 * FLOOR, 10);
	assert_int_equal(b.share[FSE_WAY_DOWN], 100 * FLOOR);
	assert_false(b.near[FSE_WAY_DOWN]);
	/* Rounded down: together no more than there is. */
	fse_budget_share(&b, FSE_WAY_UP, 1999, 10);
	assert_int_equal(b.share[FSE_WAY_UP], 199);
	fse_budget_share(&b, FSE_WAY_UP, U64_MAX, 10);
	assert_int_equal(b.share[FSE_WAY_UP], FSE_BUDGET_NONE);
	fse_budget_share(&b, FSE_WAY_UP, U64_MAX - 1, 1);
	assert_int_equal(b.share[FSE_WAY_UP], FSE_BUDGET_NONE);
	assert_false(b.near[FSE_WAY_UP]);
	assert_int_equal(b.share[FSE_WAY_DOWN], 100 * FLOOR);
}

TEST(near_a_level_each_block_counts)
{
	struct fse_budget b;

	fse_budget_share(&b, FSE_WAY_DOWN, 4 * FLOOR, 4);
	assert_int_equal(b.share[FSE_WAY_DOWN], FLOOR);
	assert_false(b.near[FSE_WAY_DOWN]);
	fse_budget_share(&b, FSE_WAY_DOWN, 4 * FLOOR - 1, 4);
	assert_int_equal(b.share[FSE_WAY_DOWN], 1);
	assert_true(b.near[FSE_WAY_DOWN]);
	fse_budget_share(&b, FSE_WAY_DOWN, 1, 4);
	assert_int_equal(b.share[FSE_WAY_DOWN], 1);
}

TEST(a_share_asks_once)
{
	struct fse_budget_cpu cpu = {};
	struct fse_budget b = {};
	unsigned int i;

	sample_begins(&cpu, 1);
	assert_false(sample_ends(&b, &cpu, 1, 1000, U64_MAX));
	for (i = 0; i < 999; i++)
		assert_false(fse_budget_add(&b, &cpu, FSE_WAY_DOWN, 1));
	assert_true(fse_budget_add(&b, &cpu, FSE_WAY_DOWN, 1));
	for (i = 0; i < 999; i++)
		assert_false(fse_budget_add(&b, &cpu, FSE_WAY_DOWN, 1));
	assert_true(fse_budget_add(&b, &cpu, FSE_WAY_DOWN, 1));
	/* Nothing lies the other way. */
	assert_false(fse_budget_add(&b, &cpu, FSE_WAY_UP, FSE_BUDGET_NONE - 1));
}

/* What was given back hides nothing of what was taken. */
TEST(counts_are_gross)
{
	struct fse_budget_cpu cpu = {};
	struct fse_budget b = {};

	sample_begins(&cpu, 1);
	sample_ends(&b, &cpu, 1, 1000, 1000);
	assert_false(fse_budget_add(&b, &cpu, FSE_WAY_DOWN, 600));
	assert_false(fse_budget_add(&b, &cpu, FSE_WAY_UP, 600));
	assert_true(fse_budget_add(&b, &cpu, FSE_WAY_DOWN, 400));
	assert_true(fse_budget_add(&b, &cpu, FSE_WAY_UP, 400));
}

/* More than a counter holds, and counters that wrap. */
TEST(huge_numbers)
{
	struct fse_budget_cpu cpu = {};
	struct fse_budget b = {};

	sample_begins(&cpu, 1);
	sample_ends(&b, &cpu, 1, 1000, U64_MAX);
	assert_true(fse_budget_add(&b, &cpu, FSE_WAY_DOWN, U64_MAX));
	assert_true(fse_budget_add(&b, &cpu, FSE_WAY_UP, U64_MAX));
	assert_int_equal(atomic_long_read(&cpu.count[FSE_WAY_DOWN]), 0);

	cpu.count[FSE_WAY_DOWN].counter = -10;
	sample_begins(&cpu, 1);
	sample_ends(&b, &cpu, 1, 1000, U64_MAX);
	assert_false(fse_budget_add(&b, &cpu, FSE_WAY_DOWN, 999));
	assert_true(fse_budget_add(&b, &cpu, FSE_WAY_DOWN, 1));
}

/* What comes while a sample is taken counts towards the share after it. */
TEST(nothing_is_lost_around_a_sample)
{
	struct fse_budget_cpu cpu = {};
	struct fse_budget b = {};

	sample_begins(&cpu, 1);
	sample_ends(&b, &cpu, 1, 1000, U64_MAX);
	fse_budget_add(&b, &cpu, FSE_WAY_DOWN, 100);
	sample_begins(&cpu, 1);
	fse_budget_add(&b, &cpu, FSE_WAY_DOWN, 200);
	assert_false(sample_ends(&b, &cpu, 1, 900, U64_MAX));
	assert_false(fse_budget_add(&b, &cpu, FSE_WAY_DOWN, 699));
	assert_true(fse_budget_add(&b, &cpu, FSE_WAY_DOWN, 1));
	/* The share shrinks to what is used up already. */
	sample_begins(&cpu, 1);
	fse_budget_add(&b, &cpu, FSE_WAY_DOWN, 100);
	assert_true(sample_ends(&b, &cpu, 1, 100, U64_MAX));
}

/*
 * Every order of steps, of two CPUs that take space and a sample that is
 * taken meanwhile. A CPU changes what is available, counts, and compares; a
 * sample looks at each CPU's count, then at what is available, publishes a
 * share, bases, and checks. Whoever asks for a sample gets one after the one
 * under way. At the end of each order the crossing is seen, or there is none.
 */
#define CPUS		2
#define CPU_STEPS	3
#define SAMPLE_STEPS	(3 * CPUS + 2)

struct race {
	struct fse_budget b;
	struct fse_budget_cpu cpu[CPUS];
	u64 avail;
	u64 level;
	u64 request[CPUS];
	unsigned long count[CPUS];
	unsigned int cpu_step[CPUS];
	unsigned int sample_step;
	u64 distance;
	bool asked;
	bool seen;
};

static unsigned long nr_orders;

static void race_look(struct race *r)
{
	r->seen |= r->avail <= r->level;
	/* Seen or not: the level stays the one that matters here. */
	r->distance = r->avail > r->level ? r->avail - r->level : 1;
}

static void race_cpu(struct race *r, unsigned int i)
{
	switch (r->cpu_step[i]++) {
	case 0:
		r->avail -= r->request[i];
		break;
	case 1:
		r->count[i] = fse_budget_count(&r->cpu[i], FSE_WAY_DOWN,
					       r->request[i]);
		break;
	case 2:
		r->asked |= fse_budget_due(&r->b, &r->cpu[i], FSE_WAY_DOWN,
					   r->count[i]);
		break;
	}
}

static void race_sample(struct race *r)
{
	unsigned int step = r->sample_step++;

	if (step < CPUS) {
		/* From here on another one has to be asked for. */
		if (!step)
			r->asked = false;
		fse_budget_see(&r->cpu[step]);
	} else if (step == CPUS) {
		race_look(r);
	} else if (step == CPUS + 1) {
		fse_budget_share(&r->b, FSE_WAY_DOWN, r->distance, CPUS);
	} else if (step < 2 * CPUS + 2) {
		fse_budget_rebase(&r->cpu[step - CPUS - 2]);
	} else {
		r->asked |= fse_budget_spent(&r->b,
					     &r->cpu[step - 2 * CPUS - 2]);
	}
}

static void race_ends(struct race *r)
{
	nr_orders++;
	while (r->asked) {
		r->sample_step = 0;
		while (r->sample_step < SAMPLE_STEPS)
			race_sample(r);
		/* Near a level one asks for the next for ever. */
		if (r->seen)
			break;
	}
	assert_int_equal(r->seen, r->avail <= r->level);
}

static void race_orders(const struct race *r)
{
	bool ended = r->sample_step == SAMPLE_STEPS;
	struct race next;
	unsigned int i;

	for (i = 0; i < CPUS; i++) {
		if (r->cpu_step[i] == CPU_STEPS)
			continue;
		ended = false;
		next = *r;
		race_cpu(&next, i);
		race_orders(&next);
	}
	if (r->sample_step < SAMPLE_STEPS) {
		next = *r;
		race_sample(&next);
		race_orders(&next);
	}
	if (ended && r->sample_step == SAMPLE_STEPS) {
		next = *r;
		race_ends(&next);
	}
}

static void race_all(u64 distance, u64 before, u64 first, u64 second)
{
	struct race r = {
		.level = 1000,
		.avail = 1000 + 8 * FLOOR + before,
		.request = { first, second },
	};

	sample_begins(r.cpu, CPUS);
	sample_ends(&r.b, r.cpu, CPUS, r.avail - r.level, U64_MAX);
	/* Not asked for, so nobody looked; and then a sample comes. */
	assert_false(fse_budget_add(&r.b, &r.cpu[0], FSE_WAY_DOWN, before));
	r.avail = r.level + distance;
	race_orders(&r);
}

TEST(every_order_of_steps)
{
	static const u64 requests[] = {
		1, FLOOR - 1, FLOOR, 2 * FLOOR, 3 * FLOOR,
	};
	static const u64 distances[] = {
		1, 2 * FLOOR, 2 * FLOOR + 1, 4 * FLOOR, 6 * FLOOR,
	};
	/* Taken before, since a share was published. */
	static const u64 before[] = { 0, FLOOR, 2 * FLOOR - 1 };
	unsigned int i, j, k, l;

	for (i = 0; i < ARRAY_SIZE(distances); i++) {
		for (j = 0; j < ARRAY_SIZE(requests); j++) {
			for (k = 0; k < ARRAY_SIZE(requests); k++) {
				for (l = 0; l < ARRAY_SIZE(before); l++)
					race_all(distances[i], before[l],
						 requests[j], requests[k]);
			}
		}
	}
	assert_true(nr_orders > 1000000);
}

/*
 * Many CPUs, at random: no sample is taken but those that were asked for, and
 * each crossing is seen by the one that its request asked for. CPUs come and
 * go between samples.
 */
static void wander(u64 *seed, unsigned int cpus_max)
{
	static struct fse_budget_cpu cpu[CPUS_MAX];
	const u64 total = 1ULL << 30, trigger = total / 4, rearm = total / 3;
	u64 avail = total / 2, moved, free;
	unsigned int cpus = cpus_max, i, turns = 0;
	struct fse_budget b = {};
	bool crossed = false, due;

	memset(cpu, 0, sizeof(cpu));
	for (due = true, i = 0; i < 200000; i++) {
		if (due) {
			cpus = 1 + random_below(seed, cpus_max);
			sample_begins(cpu, cpus_max);
			turns += crossed ? avail > rearm : avail <= trigger;
			crossed = crossed ? avail <= rearm : avail <= trigger;
			due = sample_ends(&b, cpu, cpus_max,
					  crossed ? U64_MAX : avail - trigger,
					  crossed ? rearm - avail + 1 : U64_MAX);
		}
		moved = random_size(seed) % (total / 64);
		free = total - avail;
		if (random_below(seed, 2) ? avail > moved : free < moved) {
			moved = min(moved, avail);
			avail -= moved;
			due |= fse_budget_add(&b, &cpu[random_below(seed, cpus)],
					      FSE_WAY_DOWN, moved);
		} else {
			avail += moved;
			due |= fse_budget_add(&b, &cpu[random_below(seed, cpus)],
					      FSE_WAY_UP, moved);
		}
		if (!due)
			assert_int_equal(crossed, crossed ? avail <= rearm :
						  avail <= trigger);
	}
	assert_true(turns > 2);
}

TEST(many_cpus_at_random)
{
	u64 seed = 0x2545f4914f6cdd1d;
	unsigned int cpus;

	for (cpus = 1; cpus <= CPUS_MAX; cpus *= 2)
		wander(&seed, cpus);
}

/* A disk of 64 TiB that is filled by 64 CPUs, a megabyte at a time. */
TEST(samples_are_few)
{
	static struct fse_budget_cpu cpu[CPUS_MAX];
	u64 distance = (64ULL << 40) / 4096, chunk = (1ULL << 30) / 4096;
	struct fse_budget b = {};
	unsigned int samples = 0, i = 0;

	sample_begins(cpu, CPUS_MAX);
	sample_ends(&b, cpu, CPUS_MAX, distance, U64_MAX);
	while (distance > CPUS_MAX * chunk) {
		distance -= chunk;
		if (!fse_budget_add(&b, &cpu[i++ % CPUS_MAX], FSE_WAY_DOWN,
				    chunk))
			continue;
		samples++;
		sample_begins(cpu, CPUS_MAX);
		sample_ends(&b, cpu, CPUS_MAX, distance, U64_MAX);
	}
	/* All use up their shares at the same pace: two rounds at most each. */
	assert_true(samples <= 20);
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(shares),
		cmocka_unit_test(near_a_level_each_block_counts),
		cmocka_unit_test(a_share_asks_once),
		cmocka_unit_test(counts_are_gross),
		cmocka_unit_test(huge_numbers),
		cmocka_unit_test(nothing_is_lost_around_a_sample),
		cmocka_unit_test(every_order_of_steps),
		cmocka_unit_test(many_cpus_at_random),
		cmocka_unit_test(samples_are_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
