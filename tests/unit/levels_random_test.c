// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threshold levels against a simple model: it moves block by block, so it meets
 * every switch between two samples, and converts amounts by trying.
 */
#include <stdio.h>
#include <string.h>

#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>

#include "levels.h"
#include "unit.h"

#define MAX_LEVELS	5
#define MAX_TOTAL	400
#define MAX_TURNS	(2 * MAX_LEVELS)

struct turns {
	unsigned int nr;
	int turn[MAX_TURNS];	/* level from 1; below is negative */
};

struct world {
	u64 seed;
	struct fse_gauge gauge;
	struct fse_level level[MAX_LEVELS];
	unsigned int nr;
	bool crossed[MAX_LEVELS];	/* the model's state */
	u64 last;			/* available space of the last sample */
};

/* Does an amount cover @avail? Follows the text of the documentation. */
static bool covers(const struct fse_amount *a, const struct fse_gauge *g,
		   u64 avail)
{
	switch (a->suffix) {
	case 'K':
		return avail * g->frsize <= a->value * 1024;
	case 'M':
		return avail * g->frsize <= a->value * 1024 * 1024;
	case '%':
		return avail * 100 <= a->value * g->total;
	}
	return avail <= a->value;
}

static bool is_below(const struct world *w, unsigned int i, u64 avail)
{
	return covers(&w->level[i].trigger, &w->gauge, avail);
}

static bool is_above(const struct world *w, unsigned int i, u64 avail)
{
	return !is_below(w, i, avail) &&
	       !covers(&w->level[i].rearm, &w->gauge, avail);
}

static void turn_to(struct turns *turns, unsigned int level, bool below)
{
	assert_in_range(turns->nr, 0, MAX_TURNS - 1);
	turns->turn[turns->nr++] = below ? -(int)level - 1 : (int)level + 1;
}

/* All switches that turn at exactly this value. */
static void model_at(struct world *w, u64 avail, struct turns *turns)
{
	unsigned int i;

	for (i = 0; i < w->nr; i++) {
		if (!w->crossed[i] && is_below(w, i, avail)) {
			w->crossed[i] = true;
			turn_to(turns, i, true);
		}
	}
	for (i = w->nr; i-- > 0; ) {
		if (w->crossed[i] && is_above(w, i, avail)) {
			w->crossed[i] = false;
			turn_to(turns, i, false);
		}
	}
}

/* From the last sample, block by block. */
static void model_run(struct world *w, struct turns *turns)
{
	u64 avail = w->last;

	turns->nr = 0;
	while (avail != w->gauge.avail) {
		avail += avail < w->gauge.avail ? 1 : -1;
		model_at(w, avail, turns);
	}
	model_at(w, avail, turns);
	w->last = avail;
}

static void note_turn(void *arg, unsigned int nr, enum fse_turn turn)
{
	turn_to(arg, nr, turn == FSE_TURN_BELOW);
}

static void real_run(struct world *w, struct turns *turns)
{
	turns->nr = 0;
	fse_levels_run(w->level, w->nr, &w->gauge, note_turn, turns);
}

static struct fse_amount random_amount(struct world *w)
{
	static const char suffixes[] = { 0, 0, '%', 'K', 'M' };
	struct fse_amount a = {
		.suffix = suffixes[random_below(&w->seed, 5)],
		.value = random_below(&w->seed, MAX_TOTAL),
	};

	if (a.suffix == '%')
		a.value %= 101;
	else if (a.suffix == 'M')
		a.value %= 3;
	else if (a.suffix == 'K')
		a.value *= random_below(&w->seed, 5);
	return a;
}

/* Adds a level below the last; levels that don't fit are not added. */
static void add_level(struct world *w)
{
	struct fse_level_spec spec[MAX_LEVELS] = {};
	struct fse_level *level = &w->level[w->nr];
	const char *why;
	unsigned int i, bad;

	level->trigger = random_amount(w);
	level->has_rearm = random_below(&w->seed, 2);
	level->rearm = level->has_rearm ? random_amount(w) : level->trigger;
	for (i = 0; i <= w->nr; i++) {
		spec[i].trigger = w->level[i].trigger;
		spec[i].rearm = w->level[i].rearm;
	}
	if (fse_levels_check(spec, w->nr + 1, &w->gauge, &bad, &why))
		return;
	fse_levels_init(w->level, spec, w->nr + 1);
	w->nr++;
}

static void make_world(struct world *w)
{
	static const u32 frsizes[] = { 512, 1000, 1024, 4096, 3 };
	unsigned int i;

	w->gauge.frsize = frsizes[random_below(&w->seed, 5)];
	w->gauge.total = 1 + random_below(&w->seed, MAX_TOTAL);
	w->gauge.avail = random_below(&w->seed, w->gauge.total + 1);
	w->last = w->gauge.avail;
	w->nr = 0;
	for (i = 0; i < 40 && w->nr < MAX_LEVELS; i++)
		add_level(w);
	memset(w->crossed, 0, sizeof(w->crossed));
}

/* Far or near, and sometimes with another file system size. */
static void move(struct world *w)
{
	u64 step = random_below(&w->seed, 20);
	bool resize = !random_below(&w->seed, 50);

	if (resize)
		w->gauge.total = 1 + random_below(&w->seed, MAX_TOTAL);
	if (!random_below(&w->seed, 3))
		w->gauge.avail = random_below(&w->seed, w->gauge.total + 1);
	else if (random_below(&w->seed, 2))
		w->gauge.avail += step;
	else
		w->gauge.avail -= step < w->gauge.avail ? step :
							  w->gauge.avail;
	if (w->gauge.avail > w->gauge.total)
		w->gauge.avail = w->gauge.total;
	/* A resize has no intermediate states. */
	if (resize)
		w->last = w->gauge.avail;
}

static int order(int turn)
{
	return turn < 0 ? -turn : 2 * MAX_LEVELS - turn;
}

/*
 * Block by block, rising levels turn in the order of their re-arm levels. They
 * are reported in reverse order of the levels.
 */
static void sort(struct turns *turns)
{
	unsigned int i, k;

	for (i = 1; i < turns->nr; i++) {
		int turn = turns->turn[i];

		for (k = i; k && order(turns->turn[k - 1]) > order(turn); k--)
			turns->turn[k] = turns->turn[k - 1];
		turns->turn[k] = turn;
	}
}

TEST(walks)
{
	struct world w = { .seed = 0xff51afd7ed558ccd };
	struct turns real, model;
	unsigned int i, step, turned = 0;

	for (i = 0; i < 4000; i++) {
		make_world(&w);
		for (step = 0; step < 50; step++) {
			model_run(&w, &model);
			sort(&model);
			real_run(&w, &real);
			if (real.nr != model.nr ||
			    memcmp(real.turn, model.turn,
				   real.nr * sizeof(real.turn[0])))
				fail_msg("world %u, step %u", i, step);
			turned += real.nr;
			move(&w);
		}
	}
	/* The random walks do cross levels. */
	assert_in_range(turned, 20000, U32_MAX);
}

static bool turns_at(struct world *w, u64 avail)
{
	struct fse_level saved[MAX_LEVELS];
	u64 before = w->gauge.avail;
	struct turns turns;

	memcpy(saved, w->level, sizeof(saved));
	w->gauge.avail = avail;
	real_run(w, &turns);
	w->gauge.avail = before;
	memcpy(w->level, saved, sizeof(saved));
	return turns.nr;
}

/* No switch turns within its distance, one does at its end. */
TEST(distances)
{
	struct world w = { .seed = 0xc4ceb9fe1a85ec53 };
	struct fse_distance d;
	struct turns turns;
	unsigned int i, step;
	u64 k, avail;

	for (i = 0; i < 1500; i++) {
		make_world(&w);
		for (step = 0; step < 5; step++) {
			real_run(&w, &turns);
			avail = w.gauge.avail;
			d = FSE_DISTANCE_NONE;
			fse_levels_distance(w.level, w.nr, &w.gauge, &d);
			assert_int_not_equal(d.down, 0);
			assert_int_not_equal(d.up, 0);
			for (k = 1; k < d.up && k <= 2 * MAX_TOTAL; k++)
				assert_false(turns_at(&w, avail + k));
			for (k = 1; k < d.down && k <= avail; k++)
				assert_false(turns_at(&w, avail - k));
			assert_true(d.up == U64_MAX ||
				    turns_at(&w, avail + d.up));
			assert_true(d.down > avail ||
				    turns_at(&w, avail - d.down));
			assert_true(!w.nr || min(d.up, d.down) != U64_MAX);
			move(&w);
		}
	}
}

/* Rounded down, an amount covers the same values. */
TEST(rounding)
{
	static const char suffixes[] = { 'K', 'M', '%', 0 };
	u64 seed = 0x87c37b91114253d5;
	unsigned int i;

	for (i = 0; i < 100000; i++) {
		struct fse_amount a = {
			.suffix = suffixes[random_below(&seed, 4)],
			.value = random_size(&seed) >> 32,
		};
		struct fse_gauge g = {
			.total = random_size(&seed) >> 32,
			.frsize = 1 + random_below(&seed, 65536),
		};
		u64 blocks;

		if (a.suffix == '%')
			a.value %= 101;
		blocks = fse_amount_resolve(&a, &g);
		assert_true(covers(&a, &g, blocks));
		assert_false(covers(&a, &g, blocks + 1));
	}
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(walks),
		cmocka_unit_test(distances),
		cmocka_unit_test(rounding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
