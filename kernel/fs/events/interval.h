/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sampling interval: how long to wait before asking a file system again.
 * Pure arithmetic; the caller owns the state and its lock.
 */
#ifndef _FS_EVENTS_INTERVAL_H
#define _FS_EVENTS_INTERVAL_H

#include <linux/types.h>

#define FSE_INTERVAL_MIN_NS		20000000ULL	/* 20 ms */
#define FSE_INTERVAL_REMOTE_MIN_NS	500000000ULL	/* 500 ms */
#define FSE_INTERVAL_REST_MIN_NS	1000000000ULL	/* 1 s */
#define FSE_INTERVAL_REMOTE_REST_NS	30000000000ULL	/* 30 s */
#define FSE_INTERVAL_MAX_NS		60000000000ULL	/* 60 s */

/* A remote one is asked again after so many times the time of its answer. */
#define FSE_INTERVAL_WAIT_PART		100U

/* Samples that each payer has, a second; the administrator's count only at rest. */
#define FSE_INTERVAL_ADMIN_PER_S	1000U
#define FSE_INTERVAL_USER_PER_S		100U

/**
 * struct fse_interval_rules - what limits the interval of one file system
 * @remote: ->statfs may wait for a server
 * @min_ns: shortest interval; FSE_INTERVAL_MIN_NS if that is longer
 * @nr_file_systems: file systems, not watches, that the payer of this sample
 *	watches
 * @per_second: samples that the payer has for all of them together:
 *	FSE_INTERVAL_ADMIN_PER_S, at rest, or FSE_INTERVAL_USER_PER_S, always
 *
 * The payer is the initial namespace's administrator or one other user.
 */
struct fse_interval_rules {
	bool remote;
	u64 min_ns;
	unsigned int nr_file_systems;
	unsigned int per_second;
};

/**
 * struct fse_interval_point - one sample
 * @time_ns: monotonic time
 * @cost_ns: CPU time of the sample: a local ->statfs, and running the levels
 *	of all watches
 * @wait_ns: time that a remote ->statfs waited for its server, for all makers
 *	together; 0 for local file systems
 * @written: sectors written to the block device so far; 0 when there is none
 * @avail: bytes available
 * @inodes: inodes free
 * @space_dist: bytes to the nearest level, U64_MAX: there is none
 * @inode_dist: inodes to the nearest level, U64_MAX: there is none
 */
struct fse_interval_point {
	u64 time_ns;
	u64 cost_ns;
	u64 wait_ns;
	u64 written;
	u64 avail;
	u64 inodes;
	u64 space_dist;
	u64 inode_dist;
};

/**
 * struct fse_interval - state of one file system, zero at the start
 * @last: the sample that the next one is compared with
 * @changed_ns: time of the last sample that saw a change
 * @space_rate: fastest change seen, bytes a second; decays without a change
 * @inode_rate: the same for inodes
 * @cost_ns: estimate of what a sample costs
 * @started: @last is valid
 * @resting: the interval returned last is one at rest: no change that was
 *	seen so far reaches a level before its end
 */
struct fse_interval {
	struct fse_interval_point last;
	u64 changed_ns;
	u64 space_rate;
	u64 inode_rate;
	u64 cost_ns;
	bool started;
	bool resting;
};

/**
 * fse_interval_step - add a sample and compute when the next one is due
 * @iv: state; sets @iv->resting
 * @rules: limits of this file system
 * @now: the sample
 *
 * An interval at rest already ends at a whole second of the monotonic clock
 * where the limits allow it, so that the timers of all file systems at rest
 * expire together: don't round it again.
 *
 * Return: nanoseconds until the next sample, FSE_INTERVAL_MAX_NS at most.
 */
u64 fse_interval_step(struct fse_interval *iv,
		      const struct fse_interval_rules *rules,
		      const struct fse_interval_point *now);

#endif /* _FS_EVENTS_INTERVAL_H */
