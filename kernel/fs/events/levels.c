// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threshold levels: two-state switches over an amount that moves.
 *
 * A level is crossed while no more than its trigger is available, and free
 * again as soon as more than its re-arm is: two states, and what is available
 * between trigger and re-arm changes neither, so that an amount that hovers
 * turns the switch once. Switches know nothing of each other. A sample that
 * falls past several of them turns them all, the level with most space first,
 * and one that rises turns them back in reverse. That is the order in which
 * they would have turned had every block been seen, unless re-arms lie in
 * another order than their levels.
 *
 * Levels keep what was written, and are resolved to blocks (inodes) at each
 * sample: a percentage follows the total, and bytes follow the block size.
 * Only when levels are set must they be in order. Later a total that changed
 * may bring a percentage past the number next to it, which is why a re-arm
 * never counts for less than its trigger here: such a level would turn to and
 * fro with every sample.
 *
 * That a file system is full is one more switch, at a level of our own.
 *
 * Pure functions; levels belong to the caller, as does their lock.
 */

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>
#include <uapi/linux/fs_event.h>

#include "levels.h"

/* Full: no more blocks than this, or no more than an eighth of all. */
#define FULL_BLOCKS		64
#define FULL_SHIFT		3
/* No longer: more than both of these, or more than a quarter of all. */
#define FULL_REARM		128
#define FULL_REARM_PART		1000
#define FULL_REARM_SHIFT	2

static u64 bytes_to_blocks(u64 value, unsigned int shift, u32 frsize)
{
	if (value > U64_MAX >> shift)
		return U64_MAX;
	value <<= shift;
	return frsize ? div_u64(value, frsize) : value;
}

u64 fse_amount_resolve(const struct fse_amount *a, const struct fse_gauge *g)
{
	switch (a->suffix) {
	case 'K':
		return bytes_to_blocks(a->value, 10, g->frsize);
	case 'M':
		return bytes_to_blocks(a->value, 20, g->frsize);
	case 'G':
		return bytes_to_blocks(a->value, 30, g->frsize);
	case 'T':
		return bytes_to_blocks(a->value, 40, g->frsize);
	case '%':
		return mul_u64_u32_div(g->total, min_t(u64, a->value, 100),
				       100);
	}
	return a->value;
}

int fse_levels_check(const struct fse_level_spec *spec, unsigned int nr,
		     const struct fse_gauge *g, unsigned int *bad,
		     const char **why)
{
	u64 before = 0;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		u64 trigger = fse_amount_resolve(&spec[i].trigger, g);

		*bad = i;
		if (i && trigger >= before) {
			*why = "level not smaller than the one before it";
			return -ERANGE;
		}
		if (fse_amount_resolve(&spec[i].rearm, g) < trigger) {
			*why = "re-arm smaller than its level";
			return -ERANGE;
		}
		before = trigger;
	}
	return 0;
}

static int levels_in_order(const struct fse_level_spec *spec, unsigned int nr,
			   const struct fse_gauge *g, struct fse_error *error)
{
	unsigned int bad;
	const char *why;
	int err = fse_levels_check(spec, nr, g, &bad, &why);

	return err ? fse_error_set(error, err, spec[bad].word, why) : 0;
}

int fse_levels_fit(const struct fse_request *req, const struct fse_gauge *space,
		   const struct fse_gauge *inodes, bool image,
		   struct fse_error *error)
{
	const bool on_space = req->types & FSE_TYPE_T;
	const bool on_inodes = req->types & FSE_TYPE_I;

	if ((on_space || on_inodes) && image)
		return fse_error_set(error, -EOPNOTSUPP, req->type[on_space ? 1 : 2],
				     "the file system can never be written to");
	if (on_space && !space->total)
		return fse_error_set(error, -EOPNOTSUPP, req->type[1],
				     "the file system does not tell its size");
	if (on_inodes && !inodes->total)
		return fse_error_set(error, -EOPNOTSUPP, req->type[2],
				     "the file system does not count inodes");
	return levels_in_order(req->space, req->nr_space, space, error) ?:
	       levels_in_order(req->inodes, req->nr_inodes, inodes, error);
}

void fse_levels_init(struct fse_level *levels,
		     const struct fse_level_spec *spec, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		levels[i].trigger = spec[i].trigger;
		levels[i].rearm = spec[i].rearm;
		levels[i].has_rearm = spec[i].has_rearm;
		levels[i].crossed = false;
	}
}

static bool amount_same(const struct fse_amount *a, const struct fse_amount *b)
{
	return a->value == b->value && a->suffix == b->suffix;
}

bool fse_level_same(const struct fse_level *a, const struct fse_level *b)
{
	return amount_same(&a->trigger, &b->trigger) &&
	       amount_same(&a->rearm, &b->rearm);
}

/* The amount above which a crossed level is free again. */
static u64 level_rearm(const struct fse_level *level, const struct fse_gauge *g)
{
	return max(fse_amount_resolve(&level->rearm, g),
		   fse_amount_resolve(&level->trigger, g));
}

void fse_levels_run(struct fse_level *levels, unsigned int nr,
		    const struct fse_gauge *g, fse_turn_fn turn, void *arg)
{
	unsigned int i;

	if (!g->total)
		return;
	for (i = 0; i < nr; i++) {
		if (levels[i].crossed ||
		    g->avail > fse_amount_resolve(&levels[i].trigger, g))
			continue;
		levels[i].crossed = true;
		turn(arg, i, FSE_TURN_BELOW);
	}
	for (i = nr; i-- > 0; ) {
		if (!levels[i].crossed || g->avail <= level_rearm(&levels[i], g))
			continue;
		levels[i].crossed = false;
		turn(arg, i, FSE_TURN_ABOVE);
	}
}

/* Blocks until a switch turns: down to its trigger, or up past its re-arm. */
static void switch_distance(u64 avail, bool crossed, u64 trigger, u64 rearm,
			    struct fse_distance *d)
{
	if (!crossed)
		d->down = min(d->down, avail > trigger ? avail - trigger : 1);
	else if (avail >= rearm)
		d->up = 1;
	else
		d->up = min(d->up, min(rearm - avail, U64_MAX - 2) + 1);
}

void fse_levels_distance(const struct fse_level *levels, unsigned int nr,
			 const struct fse_gauge *g, struct fse_distance *d)
{
	unsigned int i;

	if (!g->total)
		return;
	for (i = 0; i < nr; i++)
		switch_distance(g->avail, levels[i].crossed,
				fse_amount_resolve(&levels[i].trigger, g),
				level_rearm(&levels[i], g), d);
}

unsigned int fse_level_id(bool inodes, unsigned int nr, bool below)
{
	if (inodes)
		return below ? FS_INO_BELOW : FS_INO_ABOVE;
	switch (nr) {
	case 0:
		return below ? FS_THR_LRBELOW : FS_THR_LRABOVE;
	case 1:
		return below ? FS_THR_URBELOW : FS_THR_URABOVE;
	default:
		return below ? FS_THR_BELOW : FS_THR_ABOVE;
	}
}

void fse_full_level(const struct fse_gauge *g, u64 *trigger, u64 *rearm)
{
	*trigger = 0;
	if (g->frsize)
		*trigger = min_t(u64, FULL_BLOCKS, g->total >> FULL_SHIFT);
	*rearm = max_t(u64, FULL_REARM, div_u64(g->total, FULL_REARM_PART));
	*rearm = min(*rearm, g->total >> FULL_REARM_SHIFT);
}

bool fse_full_step(bool *full, const struct fse_gauge *g)
{
	u64 trigger, rearm;

	if (!g->total)
		return false;
	fse_full_level(g, &trigger, &rearm);
	if (*full) {
		*full = g->avail <= rearm;
		return false;
	}
	*full = g->avail <= trigger;
	return *full;
}

void fse_full_distance(bool full, const struct fse_gauge *g,
		       struct fse_distance *d)
{
	u64 trigger, rearm;

	if (!g->total)
		return;
	fse_full_level(g, &trigger, &rearm);
	switch_distance(g->avail, full, trigger, rearm, d);
}
