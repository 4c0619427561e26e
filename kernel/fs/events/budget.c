// SPDX-License-Identifier: GPL-2.0-only
/*
 * The space budget: when has so much space moved that a level may have been
 * crossed since the last sample?
 *
 * A file system that accounts through us adds the blocks that it takes and
 * gives back to counters of the CPU that it runs on. Nothing is shared on
 * that path but two words that only a sample writes. A sample measures D, the
 * distance in blocks to the nearest switch, and allows each of N CPUs a share
 * of S = D / N; a CPU that has used its share up asks for the next sample.
 *
 * Why no crossing is missed:
 *
 *  - A CPU counts what it took since the base, gross: what it gave back is
 *    counted on its own, so it can't hide anything. While no CPU has reached
 *    S, all of them together took less than N * S <= D, so the level is not
 *    reached. The request that reaches it makes some CPU reach its share, and
 *    is the one that asks.
 *
 *  - Bases are taken before ->statfs is called, and file systems count after
 *    ->statfs shows the change. So what is counted before the base is in the
 *    figures; what comes later counts towards the share, and at worst is in
 *    both, which only makes the next sample come sooner.
 *
 *  - While a sample publishes new shares a CPU may still compare with the old
 *    ones. It adds, then reads the share; the sample writes the share, then
 *    reads the count; with a full barrier between on both sides, one of the
 *    two sees the other. Hence fse_budget_spent() after fse_budget_rebase().
 *
 *  - A CPU that asks moves its own base on, so that it asks once a share. What
 *    it took until then no longer counts, but the sample that it asked for
 *    has yet to begin, and sees it in the figures.
 *
 * What has been moved but not counted yet is the bound: one request for each
 * CPU. Near a level, where shares would be less than 64 blocks, every
 * request asks, and a sample may take its time: within 20 ms. So a level is
 * approached with about N * log(D / 64 N) samples, however long it takes.
 *
 * On the way from far the distance is cut down by at least a share each time,
 * that is by one part in N.
 */
#include <linux/math64.h>
#include <linux/minmax.h>

#include "budget.h"

void fse_budget_see(struct fse_budget_cpu *c)
{
	unsigned int way;

	for (way = 0; way < FSE_WAY_NR; way++)
		c->seen[way] = atomic_long_read(&c->count[way]);
}

void fse_budget_share(struct fse_budget *b, enum fse_way way, u64 distance,
		      unsigned int cpus)
{
	unsigned long share = FSE_BUDGET_NONE;
	bool near = false;

	if (distance != U64_MAX) {
		share = min_t(u64, div_u64(distance, cpus), FSE_BUDGET_NONE);
		near = share < FSE_BUDGET_FLOOR;
	}
	WRITE_ONCE(b->near[way], near);
	WRITE_ONCE(b->share[way], near ? 1 : share);
}

void fse_budget_rebase(struct fse_budget_cpu *c)
{
	unsigned int way;

	for (way = 0; way < FSE_WAY_NR; way++)
		WRITE_ONCE(c->base[way], c->seen[way]);
}

bool fse_budget_spent(const struct fse_budget *b,
		      const struct fse_budget_cpu *c)
{
	unsigned int way;

	for (way = 0; way < FSE_WAY_NR; way++) {
		unsigned long count = atomic_long_read(&c->count[way]);

		if ((long)(count - c->seen[way]) >= (long)b->share[way])
			return true;
	}
	return false;
}
