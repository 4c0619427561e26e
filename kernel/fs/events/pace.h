/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pace of sampling: how long to wait until a file system is asked again.
 * Pure arithmetic; the caller owns the state.
 */
#ifndef _FS_EVENTS_PACE_H
#define _FS_EVENTS_PACE_H

#include <linux/types.h>

/**
 * struct fse_pace_rules - what the pace of one file system depends on
 * @network: asking costs a round trip to a server
 * @min_ns: never sooner than this after the sample before; at least
 *	FSE_PACE_MIN_NS
 * @nr_watched: file systems that are watched altogether
 */
struct fse_pace_rules {
	bool network;
	u64 min_ns;
	unsigned int nr_watched;
};

/**
 * struct fse_pace_point - a sample, as the pace sees it
 * @time_ns: monotonic time
 * @cost_ns: time that taking it took
 * @avail: bytes available
 * @inodes: inodes free
 * @space_dist: bytes to the nearest switch, U64_MAX: none
 * @inode_dist: inodes to the nearest switch, U64_MAX: none
 */
struct fse_pace_point {
	u64 time_ns;
	u64 cost_ns;
	u64 avail;
	u64 inodes;
	u64 space_dist;
	u64 inode_dist;
};

/**
 * struct fse_pace - state of one file system, zero at the start
 * @last: the sample that changes are measured from
 * @space_rate: fastest change seen, bytes a second; decays at rest
 * @inode_rate: the same for inodes
 * @cost_ns: what a sample costs, without the odd expensive one
 * @started: @last is valid
 */
struct fse_pace {
	struct fse_pace_point last;
	u64 space_rate;
	u64 inode_rate;
	u64 cost_ns;
	bool started;
};

#define FSE_PACE_MIN_NS		20000000ULL	/* 20 ms */
#define FSE_PACE_REST_MIN_NS	1000000000ULL	/* 1 s */
#define FSE_PACE_REST_MAX_NS	60000000000ULL	/* 60 s */
#define FSE_PACE_NET_REST_NS	30000000000ULL	/* 30 s */
#define FSE_PACE_REST_PER_S	1000		/* rest samples of all, a second */

/**
 * fse_pace_step - take a sample in, say when the next is due
 * @p: state
 * @rules: what holds for this file system
 * @now: the sample
 *
 * Return: after how many nanoseconds the next is due; never later while space
 * moves than at rest.
 */
u64 fse_pace_step(struct fse_pace *p, const struct fse_pace_rules *rules,
		  const struct fse_pace_point *now);

#endif /* _FS_EVENTS_PACE_H */
