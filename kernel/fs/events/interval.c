// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sampling interval: how long to wait before asking a file system again.
 *
 * The sampler sees that a level was crossed only when it asks the file system.
 * A long interval delays events; a short one costs CPU time, wakeups and, over
 * a network, round trips.
 *
 * MODEL
 *
 * Two estimates bound the interval, and the shorter one applies.
 *
 * While space moves, its rate foresees when the nearest level can be reached:
 *
 *	moving = distance / rate / 2		at least 20 ms
 *
 * Half, so that a rate which no more than doubles after the sample is still
 * seen before the crossing. Each sample of a steady fill halves the distance.
 * At 100 MiB/s, a sample a second is enough until 200 MiB are left, and then
 *
 *	left:	200  100   50   25   12    6    3    1	MiB
 *	wait:	  1 s 500  250  125   63   31   20   20	ms
 *
 * Eight more samples see the crossing within 20 ms. Once the level is crossed
 * its re-arm is the nearest switch: while the fill goes on, the distance grows
 * by half with each sample and so does the interval.
 *
 * No rate is the upper bound, though. fallocate(2) of 200 GB on an xfs at rest
 * takes a quarter of a second, unlink(2) of as much no longer: distance tells
 * nothing about a file system that has not moved yet. What does tell is
 * whether it is in use. So the interval at rest grows with the time for which
 * the file system was quiet:
 *
 *	rest = quiet + 1 s			within [1 s, 60 s]
 *
 *	quiet:	  0    1    3    7   15   31   63  123	s
 *	rest:	  1    2    4    8   16   32   60   60	s
 *
 * Quiet is the time since the last sample that saw a change: of the space or
 * inodes available, or of the sectors written to the block device (a file
 * system that overwrites files or updates its log is in use as well). A jump
 * out of nothing is seen within 1 s while the file system is in use, within
 * 60 s when nothing had changed for minutes, and else about as late as the
 * file system had been quiet before. Since quiet is a time and not a number
 * of samples, extra samples (a new watch, a kick) don't lengthen the interval.
 *
 * RATES
 *
 * The rate is the fastest seen, in either direction. A sample that shows a
 * slower one takes a quarter of the difference off, so a burst is remembered
 * about as long as the intervals that it causes. Without further changes these
 * grow by a third each, from 20 ms to 1 s in 14 samples and 3 s:
 *
 *	rate:	800  600  450  338  253 ...  MiB/s, 32 MiB above a level
 *	wait:	 20   27   36   47   63 ...  ms
 *
 * A change within less than a millisecond gives no rate. Such a sample (after
 * a kick) leaves the previous one to measure from.
 *
 * LIMITS
 *
 * These lengthen both estimates, up to 60 s. Nothing waits longer than that.
 *
 *  - CPU time: a sample that costs 100 us is not repeated within 100 ms, which
 *    is 0.1 % of a CPU. The cost is measured by the clock, so it is too high
 *    when the sampler was preempted, and one such measurement of 30 ms must
 *    not stop sampling for half a minute. So the estimate follows slowly: it
 *    rises by half at most and falls to half at most with each sample. One
 *    outlier makes for one wait of 30 ms instead of 20; true 10 ms a sample
 *    are believed after 16 samples.
 *
 *  - Servers: 100 times the time that the server took to answer, which is 1 %
 *    of the time spent waiting for it, and at least 500 ms. 5 ms an answer: two
 *    samples a second; 100 ms: one every 10 s; from 600 ms on: one a minute.
 *    A slow answer is no error of measurement, so it counts at once.
 *    At rest a remote file system is asked every 30 to 60 s.
 *
 *  - xfs starts inode garbage collection in ->statfs, and unprivileged users
 *    may not sample as often: the caller sets min_ns (100 ms, 500 ms).
 *
 *  - Many file systems: all samples at rest of one payer together stay under
 *    1,000 a second (100 for a user other than the administrator). With 10,000
 *    file systems each rests at least 10 s; with more than 60,000 each rests
 *    60 s. The administrator's file systems that move are still sampled as often
 *    as they need. Those of another user wait for their turn in the same 100 a
 *    second, without rounding up: 10 ms for each file system that the user
 *    watches, so with two of them or fewer the 20 ms stay.
 *
 * ROUNDING
 *
 * Intervals at rest end at a whole second of the monotonic clock, so that an
 * idle machine is woken once for all its file systems. They are rounded down
 * (the promised 1 s and 60 s are upper bounds), but never below the limits.
 *
 * ARITHMETIC
 *
 * Rates are computed in microseconds and distances saturate at 2^64 / 10^6
 * (18 TB): no product exceeds 64 bits.
 */

#include <linux/limits.h>
#include <linux/math.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include "interval.h"

#define US_PER_S	1000000U
#define NS_PER_US	1000U
#define NS_PER_S	1000000000U
#define MAX_S		60U

/* Longer distances are treated as this one. */
#define DISTANCE_MAX	(U64_MAX / US_PER_S)

/* A change within a shorter time gives no rate. */
#define RATE_TIME_US	1000U

/* One part in this of the time goes into sampling, or waiting for a server. */
#define COST_PART	1000U
#define COST_MIN_NS	(FSE_INTERVAL_MIN_NS / COST_PART)
#define COST_MAX_NS	(FSE_INTERVAL_MAX_NS / COST_PART)
#define WAIT_MAX_NS	(FSE_INTERVAL_MAX_NS / FSE_INTERVAL_WAIT_PART)

/* Time until @distance is covered at @rate a second. */
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
	/* Rounded up, so that the rate decays to 0. */
	return fastest - ((fastest - rate + 3) >> 2);
}

static u64 since_ns(u64 now_ns, u64 then_ns)
{
	return now_ns > then_ns ? now_ns - then_ns : 0;
}

static void take_change(struct fse_interval *iv,
			const struct fse_interval_point *now)
{
	if (!iv->started || now->avail != iv->last.avail ||
	    now->inodes != iv->last.inodes || now->written != iv->last.written)
		iv->changed_ns = now->time_ns;
}

static void take_rates(struct fse_interval *iv,
		       const struct fse_interval_point *now)
{
	u64 us = div_u64(since_ns(now->time_ns, iv->last.time_ns), NS_PER_US);

	if (!iv->started) {
		iv->started = true;
		iv->last = *now;
		return;
	}
	if (us < RATE_TIME_US)
		return;
	iv->space_rate = rate_step(iv->space_rate,
				   rate_of(iv->last.avail, now->avail, us));
	iv->inode_rate = rate_step(iv->inode_rate,
				   rate_of(iv->last.inodes, now->inodes, us));
	iv->last = *now;
}

static void take_cost(struct fse_interval *iv, u64 cost_ns)
{
	u64 cost = max(iv->cost_ns, COST_MIN_NS);

	cost = clamp(cost_ns, cost / 2, cost + cost / 2);
	iv->cost_ns = clamp(cost, COST_MIN_NS, COST_MAX_NS);
}

/* A user's file systems take turns also when they move. */
static u64 turn_ns(const struct fse_interval_rules *rules)
{
	if (rules->per_second != FSE_INTERVAL_USER_PER_S)
		return 0;
	return (u64)rules->nr_file_systems * (NS_PER_S / FSE_INTERVAL_USER_PER_S);
}

/* The shortest interval, at rest or not. */
static u64 least_ns(const struct fse_interval *iv,
		    const struct fse_interval_rules *rules,
		    const struct fse_interval_point *now)
{
	u64 least = max3(FSE_INTERVAL_MIN_NS, rules->min_ns,
			 iv->cost_ns * COST_PART);

	least = max(least, turn_ns(rules));
	if (rules->remote)
		least = max3(least, FSE_INTERVAL_REMOTE_MIN_NS,
			     min(now->wait_ns, WAIT_MAX_NS) * FSE_INTERVAL_WAIT_PART);
	return min(least, FSE_INTERVAL_MAX_NS);
}

static u64 moving_ns(const struct fse_interval *iv,
		     const struct fse_interval_point *now)
{
	u64 us = min(time_us(now->space_dist, iv->space_rate),
		     time_us(now->inode_dist, iv->inode_rate)) / 2;

	return min(us, FSE_INTERVAL_MAX_NS / NS_PER_US) * NS_PER_US;
}

/* The shortest interval at rest that the payer's samples allow. */
static u64 share_ns(const struct fse_interval_rules *rules)
{
	unsigned int per_second = max(rules->per_second, 1U);
	unsigned int nr = min(rules->nr_file_systems, MAX_S * per_second);

	return (u64)DIV_ROUND_UP(nr, per_second) * NS_PER_S;
}

/* Shortens @delay_ns to end at a whole second, but not below @least. */
static u64 round_down_ns(u64 now_ns, u64 delay_ns, u64 least)
{
	u32 over_ns;

	div_u64_rem(now_ns + delay_ns, NS_PER_S, &over_ns);
	return delay_ns >= least + over_ns ? delay_ns - over_ns : delay_ns;
}

static u64 rest_ns(const struct fse_interval *iv,
		   const struct fse_interval_rules *rules,
		   const struct fse_interval_point *now, u64 least)
{
	u64 rest = since_ns(now->time_ns, iv->changed_ns) +
		   FSE_INTERVAL_REST_MIN_NS;

	if (rules->remote)
		least = max(least, FSE_INTERVAL_REMOTE_REST_NS);
	rest = min(max3(rest, least, share_ns(rules)), FSE_INTERVAL_MAX_NS);
	return round_down_ns(now->time_ns, rest, least);
}

u64 fse_interval_step(struct fse_interval *iv,
		      const struct fse_interval_rules *rules,
		      const struct fse_interval_point *now)
{
	u64 least, moving, rest;

	take_change(iv, now);
	take_rates(iv, now);
	take_cost(iv, now->cost_ns);

	least = least_ns(iv, rules, now);
	moving = moving_ns(iv, now);
	rest = rest_ns(iv, rules, now, least);
	iv->resting = rest <= moving;
	return min(max(moving, least), rest);
}
