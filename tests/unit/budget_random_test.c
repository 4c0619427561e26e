// SPDX-License-Identifier: GPL-2.0-only
/*
 * The space budget: many CPUs take and free space at random. Samples run only
 * when requested. CPUs go offline and come online, also between a request and
 * its count; levels move; and space moves during samples.
 */
#include <string.h>

#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>

#include "budget_cpus.h"
#include "unit.h"

#define TOTAL	1073741824ULL

struct world {
	struct fse_budget b;
	struct fse_budget_cpu cpu[CPUS_MAX];
	unsigned int cpus;
	u64 online;
	u64 seed;
	u64 avail;
	u64 trigger;
	u64 rearm;
	bool crossed;
	bool due;
	unsigned int turns;
	unsigned int samples;
};

/* A request counted on any CPU, which may be offline. */
static void move(struct world *w)
{
	struct fse_budget_cpu *c = &w->cpu[random_below(&w->seed, w->cpus)];
	u64 nr = random_size(&w->seed) % (TOTAL / 64);

	if (random_below(&w->seed, 2)) {
		nr = min(nr, w->avail);
		w->avail -= nr;
		w->due |= fse_budget_add(c, FSE_WAY_DOWN, nr);
	} else {
		nr = min(nr, TOTAL - w->avail);
		w->avail += nr;
		w->due |= fse_budget_add(c, FSE_WAY_UP, nr);
	}
}

static void move_some(struct world *w)
{
	unsigned int nr = random_below(&w->seed, 3);

	while (nr--)
		move(w);
}

static bool true_state(const struct world *w)
{
	return w->avail <= (w->crossed ? w->rearm : w->trigger);
}

/* Space may move between any two steps. */
static void sample(struct world *w)
{
	u64 figure, down = U64_MAX, up = U64_MAX;
	bool was = w->crossed;
	unsigned int i;

	w->due = false;
	for (i = 0; i < w->cpus; i++) {
		fse_budget_see(&w->cpu[i]);
		if (!i)
			move_some(w);
	}
	move_some(w);
	figure = w->avail;
	move_some(w);
	w->crossed = figure <= (was ? w->rearm : w->trigger);
	w->turns += w->crossed != was;
	w->samples++;
	if (w->crossed)
		up = w->rearm - figure + 1;
	else
		down = figure - w->trigger;
	w->due |= sample_ends(&w->b, w->cpu, w->cpus, w->online, down, up);
}

/* Setting a level requests a sample. */
static void move_level(struct world *w)
{
	w->trigger = TOTAL / 8 + random_below(&w->seed, TOTAL / 2);
	w->rearm = w->trigger + random_below(&w->seed, TOTAL / 8);
	w->due = true;
}

static void replug(struct world *w)
{
	u64 bit = 1;

	bit <<= random_below(&w->seed, w->cpus);
	if (w->online != bit)
		w->online ^= bit;
}

static void wander(struct world *w, unsigned int cpus)
{
	unsigned int i;

	memset(w, 0, sizeof(*w));
	w->seed = 0x2545f4914f6cdd1d + cpus;
	w->cpus = cpus;
	w->online = cpus == 64 ? U64_MAX : (1ULL << cpus) - 1;
	w->avail = TOTAL / 2;
	move_level(w);
	for (i = 0; i < 200000; i++) {
		if (!random_below(&w->seed, 1000))
			move_level(w);
		if (!random_below(&w->seed, 100))
			replug(w);
		/* A requested sample runs after a random delay. */
		if (w->due && random_below(&w->seed, 2))
			sample(w);
		move(w);
		if (!w->due)
			assert_int_equal(w->crossed, true_state(w));
	}
	assert_true(w->turns > 100);
	/* But not by sampling all the time. */
	assert_true(w->samples < i / 2);
}

TEST(many_cpus_at_random)
{
	static struct world w;
	unsigned int cpus;

	for (cpus = 1; cpus <= CPUS_MAX; cpus *= 2)
		wander(&w, cpus);
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(many_cpus_at_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
