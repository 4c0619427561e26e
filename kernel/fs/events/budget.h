/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The space budget: when has so much space moved that a level may have been
 * crossed since the last sample? Pure arithmetic on counters; budget.c has
 * the argument.
 */
#ifndef _FS_EVENTS_BUDGET_H
#define _FS_EVENTS_BUDGET_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/limits.h>
#include <linux/types.h>

/* Which way the space that is available goes. */
enum fse_way {
	FSE_WAY_DOWN,
	FSE_WAY_UP,
	FSE_WAY_NR,
};

/* Below so many blocks a CPU shares are not worth it. */
#define FSE_BUDGET_FLOOR	64U

/* No level lies that way. */
#define FSE_BUDGET_NONE		((unsigned long)LONG_MAX)

/**
 * struct fse_budget_cpu - blocks that a CPU moved
 * @past: how many more than @due it moved that way: negative until a sample
 *	is due. With @due it makes up the count of all that it ever moved, which
 *	may wrap.
 * @due: the count at which a sample is due
 * @seen: the count when the last sample began
 *
 * Whoever moves blocks touches @past alone, and only samples touch the rest.
 */
struct fse_budget_cpu {
	atomic_long_t past[FSE_WAY_NR];
	unsigned long due[FSE_WAY_NR];
	unsigned long seen[FSE_WAY_NR];
};

/**
 * struct fse_budget - what each CPU may move before a sample is due
 * @share: blocks; FSE_BUDGET_NONE: any number; 1: a level is so near that every
 *	block counts
 */
struct fse_budget {
	unsigned long share[FSE_WAY_NR];
};

/**
 * fse_budget_add - space was moved
 * @c: the counters of a CPU; not necessarily the one that runs, any more
 * @way: which way
 * @nr: blocks
 *
 * Context: Any.
 * Return: true when a sample is due, which the caller must bring about.
 */
static __always_inline bool fse_budget_add(struct fse_budget_cpu *c,
					   enum fse_way way, u64 nr)
{
	/* More than can be counted. */
	if (nr > FSE_BUDGET_NONE)
		return true;
	/* Fully ordered: see budget.c. */
	return !atomic_long_add_negative((long)nr, &c->past[way]);
}

/**
 * fse_budget_see - a sample begins
 * @c: the counters of a CPU; for each of them
 *
 * Who asked for this sample asks for the next after another share.
 */
void fse_budget_see(struct fse_budget_cpu *c);

/**
 * fse_budget_share - a sample has ended: share the distance out
 * @b: the shares
 * @way: which way
 * @distance: blocks to the nearest switch that way; U64_MAX: none
 * @cpus: how many CPUs get a share
 */
void fse_budget_share(struct fse_budget *b, enum fse_way way, u64 distance,
		      unsigned int cpus);

/**
 * fse_budget_give - give a CPU its share
 * @b: the shares
 * @c: the counters of the CPU; for each of them after fse_budget_share()
 * @share: this is one of those that get a share; all others have to ask
 *	before they move anything
 *
 * It is measured from where the sample began.
 *
 * Return: true when it was used up while the sample was taken: the next one is
 * due.
 */
bool fse_budget_give(const struct fse_budget *b, struct fse_budget_cpu *c,
		     bool share);

#endif /* _FS_EVENTS_BUDGET_H */
