// SPDX-License-Identifier: GPL-2.0-only
/*
 * The space budget: when has so much space moved that a level may have been
 * crossed since the last sample?
 *
 * A file system that accounts through us adds the blocks that it takes and
 * gives back to counters of the CPU that it runs on, and shares no memory with
 * other CPUs on that path. A sample measures D, the distance in blocks to the
 * nearest switch, and allows each of N CPUs a share of S = D / N; a CPU that
 * has used its share up asks for the next sample.
 *
 * A counter counts up to 0 from minus what is left of the share. So one atomic
 * operation counts a request and tells whether a sample is due. The sample
 * alone knows at which count that is, and moves the counter and that together,
 * so that the count stays.
 *
 * Why no crossing is missed:
 *
 *  - A CPU counts what it took since the sample began, gross: what it gave
 *    back is counted on its own, so it can't hide anything. While no CPU has
 *    reached S, all of them together took less than N * S <= D, so the level
 *    is not reached. The request that reaches it makes some CPU reach its
 *    share, and is the one that asks.
 *
 *  - A sample reads a counter before it calls ->statfs, and file systems count
 *    after ->statfs shows the change; both operations are fully ordered. So
 *    what was counted until then is in the figures; what comes later counts
 *    towards the share, and at worst is in both, which only makes the next
 *    sample come sooner.
 *
 *  - New shares are given by adding to the counter. Requests and samples meet
 *    in one word, which has one order of changes: a request before that is in
 *    the sum that the sample gets, and asks through it; one after it asks by
 *    itself.
 *
 *  - A CPU that asked would do so with each request until there is a sample.
 *    That begins with the old share over again, so a request from there
 *    on asks for the next one. What was taken until then is in the figures.
 *
 *  - Shares do not depend on which CPUs are online: it is N counters, and for
 *    the others the first block is one too many. So a CPU that comes online
 *    asks with its first request, and a request that was preempted on a CPU
 *    that is gone when it counts, asks there.
 *
 * What has been moved but not counted yet is the bound: one request for each
 * task that is in the middle of one. Near a level, where shares would be less
 * than 64 blocks, every request asks: the limit on samples for kicks bounds
 * what that costs. So a level is approached with about N * log(D / 64 N) samples,
 * and from there with at most one every 2 ms, on average.
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

	for (way = 0; way < FSE_WAY_NR; way++) {
		unsigned long share = c->due[way] - c->seen[way];
		long past = atomic_long_xchg(&c->past[way], -(long)share);

		c->seen[way] = c->due[way] + past;
		c->due[way] = c->seen[way] + share;
	}
}

void fse_budget_share(struct fse_budget *b, enum fse_way way, u64 distance,
		      unsigned int cpus)
{
	unsigned long share = FSE_BUDGET_NONE;

	if (distance != U64_MAX)
		share = min_t(u64, div_u64(distance, cpus), FSE_BUDGET_NONE);
	b->share[way] = share < FSE_BUDGET_FLOOR ? 1 : share;
}

bool fse_budget_give(const struct fse_budget *b, struct fse_budget_cpu *c,
		     bool share)
{
	bool spent = false;
	unsigned int way;

	for (way = 0; way < FSE_WAY_NR; way++) {
		unsigned long was = c->due[way], due = c->seen[way] + 1;

		if (share || b->share[way] == FSE_BUDGET_NONE)
			due = c->seen[way] + b->share[way];
		c->due[way] = due;
		spent |= atomic_long_add_return((long)(was - due),
						&c->past[way]) >= 0;
	}
	return spent;
}
