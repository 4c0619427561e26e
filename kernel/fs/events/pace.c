// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pace of sampling: how long to wait until a file system is asked again.
 *
 * Asking has its price and a level that is crossed unseen has another, so the
 * wait follows from how soon a switch could turn at all. There are two limits
 * to that, and the shorter one holds.
 *
 * At rest nothing is known but that no disk is infinitely fast:
 *
 *	rest = distance / 4 GiB/s	within [1 s, 60 s]
 *
 * (1 GiB/s and at least 30 s over a network, where asking costs a round trip;
 * 1 Mi inodes/s). 100 GiB above its level a file system is asked every 25 s:
 * should a fill start right after a sample it needs those 25 s to get there,
 * so looking more often could not tell it any sooner. Only within 4 GiB of a
 * level does the floor of one second cost promptness.
 *
 * While space moves there is a rate to go by:
 *
 *	moving = distance / rate / 2	at least 20 ms
 *
 * Half the time, because then a rate that is no more than doubled is still
 * seen before the switch turns. A steady fill halves its distance with each
 * sample. At 100 MiB/s it is asked each second until 200 MiB are left (until
 * then the limit at rest is the shorter one), and from there
 *
 *	left:	200  100   50   25   12    6    3    1	MiB
 *	wait:	  1 s 500  250  125   63   31   20   20	ms
 *
 * so that eight samples more see the crossing within 20 ms. Past the level
 * its re-arm is the nearest switch: as the fill goes on the distance grows by
 * half with each sample, and the pace slows down as it quickened.
 *
 * The rate is the fastest that was seen, in either direction. A sample that
 * shows a slower one takes the difference down by a quarter, so a burst is
 * remembered for as long as the waits that it causes: without any more motion
 * they grow by a third each, from 20 ms to 1 s in 14 samples and 3 s.
 *
 *	rate:	800  600  450  338  253 ...  MiB/s, 32 MiB above a level
 *	wait:	 20   27   36   47   63 ...  ms
 *
 * What is seen over less than a millisecond is no rate. Such a sample (one
 * that was kicked) leaves the one before as the point to measure from.
 *
 * Both limits give way to the price:
 *
 *  - A sample that takes 100 us is not repeated within 100 ms: 0.1 % of a
 *    CPU at most. The time that a sample took is a poor witness, though. It
 *    was preempted, or waited for a lock, and one such sample of 30 ms must
 *    not blind us for half a minute. So the estimate only goes towards what
 *    was measured, up by half at most, down to the half at most: one bad
 *    sample among good ones makes for one wait of 30 ms instead of 20, while
 *    10 ms a sample are believed after 16 of them. It settles where one
 *    sample in three is cheaper.
 *
 *  - At 10,000 file systems, rest lasts at least 10 s: all their samples at
 *    rest together stay within 1,000 a second.
 *
 *  - A caller may ask for a longer wait (min_ns), for a file system that has
 *    to work for its answer, or a user who may not ask that often.
 *
 * Pure arithmetic; the state belongs to the caller, as does its lock. All is
 * counted in microseconds here, and distances over 2^64 / 10^6 (18 TB) as
 * that: no product exceeds 64 bits.
 */

#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include "pace.h"

#define US_PER_S	1000000U
#define NS_PER_US	1000U

/* The fastest that space and inodes are taken to move from rest, a second. */
#define MI		(1024ULL * 1024)
#define SPACE_RATE	(4096 * MI)
#define SPACE_RATE_NET	(1024 * MI)
#define INODE_RATE	(1 * MI)

/* The longest distance that is told from longer ones. */
#define DISTANCE_MAX	(U64_MAX / US_PER_S)

/* Shorter times between samples tell nothing about the rate. */
#define RATE_TIME_US	1000U

/* A sample may take one part in this of the time until the next. */
#define COST_PART	1000U
#define COST_MIN_NS	(FSE_PACE_MIN_NS / COST_PART)
#define COST_MAX_NS	(FSE_PACE_REST_MAX_NS / COST_PART)

/* Microseconds that @distance takes at @rate a second. */
static u64 time_us(u64 distance, u64 rate)
{
	if (distance == U64_MAX || !rate)
		return U64_MAX;
	return div64_u64(min(distance, DISTANCE_MAX) * US_PER_S, rate);
}

/* The rate a second of a change from @before to @now within @us. */
static u64 rate_of(u64 before, u64 now, u64 us)
{
	u64 change = now > before ? now - before : before - now;

	return div64_u64(min(change, DISTANCE_MAX) * US_PER_S, us);
}

static u64 rate_step(u64 fastest, u64 rate)
{
	if (rate >= fastest)
		return rate;
	/* Rounded up, so that the last bit goes as well. */
	return fastest - ((fastest - rate + 3) >> 2);
}

static void take_rates(struct fse_pace *p, const struct fse_pace_point *now)
{
	u64 us;

	if (!p->started) {
		p->started = true;
		p->last = *now;
		return;
	}
	if (now->time_ns < p->last.time_ns)
		return;
	us = div_u64(now->time_ns - p->last.time_ns, NS_PER_US);
	if (us < RATE_TIME_US)
		return;
	p->space_rate = rate_step(p->space_rate,
				  rate_of(p->last.avail, now->avail, us));
	p->inode_rate = rate_step(p->inode_rate,
				  rate_of(p->last.inodes, now->inodes, us));
	p->last = *now;
}

static void take_cost(struct fse_pace *p, u64 cost_ns)
{
	u64 cost = max(p->cost_ns, COST_MIN_NS);

	cost = clamp(cost_ns, cost / 2, cost + cost / 2);
	p->cost_ns = clamp(cost, COST_MIN_NS, COST_MAX_NS);
}

static u64 rest_us(const struct fse_pace_rules *rules,
		   const struct fse_pace_point *now)
{
	u64 rate = rules->network ? SPACE_RATE_NET : SPACE_RATE;
	u64 shortest = rules->network ? FSE_PACE_NET_REST_NS :
					FSE_PACE_REST_MIN_NS;
	u64 us = min(time_us(now->space_dist, rate),
		     time_us(now->inode_dist, INODE_RATE));

	us = clamp(us, shortest / NS_PER_US, FSE_PACE_REST_MAX_NS / NS_PER_US);
	return max_t(u64, us, (u64)rules->nr_watched *
			      (US_PER_S / FSE_PACE_REST_PER_S));
}

u64 fse_pace_step(struct fse_pace *p, const struct fse_pace_rules *rules,
		  const struct fse_pace_point *now)
{
	u64 shortest, rest, moving;

	take_rates(p, now);
	take_cost(p, now->cost_ns);

	rest = rest_us(rules, now);
	moving = min(time_us(now->space_dist, p->space_rate),
		     time_us(now->inode_dist, p->inode_rate)) / 2;
	shortest = max3(FSE_PACE_MIN_NS, rules->min_ns,
			p->cost_ns * COST_PART);

	return max(min(moving, rest) * NS_PER_US, shortest);
}
