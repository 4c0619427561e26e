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
 * @count: all that it ever moved that way; never reset, may wrap
 * @base: the count from which its share is measured
 * @seen: the count before the sample under way
 */
struct fse_budget_cpu {
	atomic_long_t count[FSE_WAY_NR];
	unsigned long base[FSE_WAY_NR];
	unsigned long seen[FSE_WAY_NR];
};

/**
 * struct fse_budget - what each CPU may move before a sample is due
 * @share: blocks; FSE_BUDGET_NONE: any number
 * @near: a level is so near that every block counts; then a sample within
 *	20 ms will do
 */
struct fse_budget {
	unsigned long share[FSE_WAY_NR];
	bool near[FSE_WAY_NR];
};

/**
 * fse_budget_count - count what was moved
 * @c: the counters of a CPU; not necessarily the one that runs, any more
 * @way: which way
 * @nr: blocks
 *
 * Context: Any. The one barrier that the argument needs is in the atomic
 * operation, which is fully ordered.
 * Return: all that was moved so far.
 */
static inline unsigned long fse_budget_count(struct fse_budget_cpu *c,
					     enum fse_way way,
					     unsigned long nr)
{
	return atomic_long_add_return((long)nr, &c->count[way]);
}

/**
 * fse_budget_due - has the CPU had its share?
 * @b: the shares
 * @c: the counters of the CPU
 * @way: which way
 * @count: what fse_budget_count() returned
 *
 * Context: Any.
 * Return: true when a sample is due, which the caller must bring about.
 */
static inline bool fse_budget_due(const struct fse_budget *b,
				  struct fse_budget_cpu *c, enum fse_way way,
				  unsigned long count)
{
	if ((long)(count - READ_ONCE(c->base[way])) <
	    (long)READ_ONCE(b->share[way]))
		return false;
	/* The next one is due after another share. */
	WRITE_ONCE(c->base[way], count);
	return true;
}

/**
 * fse_budget_add - space was moved
 * @b: the shares
 * @c: the counters of a CPU
 * @way: which way
 * @nr: blocks
 *
 * Context: Any.
 * Return: true when a sample is due, which the caller must bring about.
 */
static inline bool fse_budget_add(const struct fse_budget *b,
				  struct fse_budget_cpu *c, enum fse_way way,
				  u64 nr)
{
	if (nr >= FSE_BUDGET_NONE)
		return true;
	return fse_budget_due(b, c, way, fse_budget_count(c, way, nr));
}

/**
 * fse_budget_see - a sample begins
 * @c: the counters of a CPU; for each of them, then smp_mb()
 */
void fse_budget_see(struct fse_budget_cpu *c);

/**
 * fse_budget_share - a sample has ended: share the distance out
 * @b: the shares
 * @way: which way
 * @distance: blocks to the nearest switch that way; U64_MAX: none
 * @cpus: how many CPUs may move blocks
 */
void fse_budget_share(struct fse_budget *b, enum fse_way way, u64 distance,
		      unsigned int cpus);

/**
 * fse_budget_rebase - measure from where the sample began
 * @c: the counters of a CPU; for each of them after fse_budget_share(), then
 *	smp_mb()
 */
void fse_budget_rebase(struct fse_budget_cpu *c);

/**
 * fse_budget_spent - was a share used up while the sample was taken?
 * @b: the shares
 * @c: the counters of a CPU
 *
 * Return: true when another sample is due.
 */
bool fse_budget_spent(const struct fse_budget *b,
		      const struct fse_budget_cpu *c);

#endif /* _FS_EVENTS_BUDGET_H */
