/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threshold levels: two-state switches over an amount that moves. Pure
 * functions; whoever calls them owns the levels and their lock.
 */
#ifndef _FS_EVENTS_LEVELS_H
#define _FS_EVENTS_LEVELS_H

#include <linux/types.h>

#include "grammar.h"

/**
 * struct fse_gauge - what a file system says about one of its amounts
 * @avail: blocks available, or inodes free
 * @total: blocks or inodes altogether; 0: not known
 * @frsize: bytes a block; 0 for inodes
 */
struct fse_gauge {
	u64 avail;
	u64 total;
	u32 frsize;
};

/**
 * struct fse_level - a level that is watched
 * @trigger: crossed when no more than this is available
 * @rearm: free again when more than this is available
 * @has_rearm: the re-arm was written; for listing
 * @crossed: the state
 */
struct fse_level {
	struct fse_amount trigger;
	struct fse_amount rearm;
	bool has_rearm;
	bool crossed;
};

/**
 * enum fse_turn - what a sample did to a level
 * @FSE_TURN_NONE: nothing
 * @FSE_TURN_BELOW: the level was crossed on the way down
 * @FSE_TURN_ABOVE: what is available rose above the re-arm
 */
enum fse_turn {
	FSE_TURN_NONE,
	FSE_TURN_BELOW,
	FSE_TURN_ABOVE,
};

/* Called for each level that turns; @nr counts from 0. */
typedef void (*fse_turn_fn)(void *arg, unsigned int nr, enum fse_turn turn);

/**
 * fse_amount_resolve - an amount in blocks (inodes)
 * @a: the amount
 * @g: the file system's total and block size
 *
 * Bytes and percentages are rounded down, which makes "no more than" and
 * "more than" exact: avail * frsize <= bytes holds just when avail is at
 * most the rounded value, and so for percentages.
 *
 * Return: blocks (inodes); U64_MAX for bytes that do not fit in 64 bits.
 */
u64 fse_amount_resolve(const struct fse_amount *a, const struct fse_gauge *g);

/**
 * fse_levels_check - are levels in order for this file system?
 * @spec: the levels as written
 * @nr: how many
 * @g: the file system's total and block size
 * @bad: set to the level at fault
 * @why: set to a few words for people
 *
 * Return: 0, or -ERANGE for a trigger that is not smaller than the one
 * before it, or a re-arm below its trigger.
 */
int fse_levels_check(const struct fse_level_spec *spec, unsigned int nr,
		     const struct fse_gauge *g, unsigned int *bad,
		     const char **why);

/**
 * fse_levels_fit - can the levels of a request be watched on this file system?
 * @req: the request
 * @space: blocks of the file system
 * @inodes: its inodes
 * @image: nothing can ever be written to it
 * @error: set to the word at fault and the reason when it is refused
 *
 * Return: 0; -EOPNOTSUPP for a type of levels that the file system has no figures
 * for; or as fse_levels_check().
 */
int fse_levels_fit(const struct fse_request *req, const struct fse_gauge *space,
		   const struct fse_gauge *inodes, bool image,
		   struct fse_error *error);

/**
 * fse_levels_init - levels as written, none crossed yet
 * @levels: room for @nr levels
 * @spec: the levels as written
 * @nr: how many
 */
void fse_levels_init(struct fse_level *levels,
		     const struct fse_level_spec *spec, unsigned int nr);

/**
 * fse_level_same - were two levels written alike?
 * @a: a level
 * @b: another
 *
 * Such a level keeps its state when levels are replaced. A re-arm that is
 * written but equals the trigger makes no difference.
 *
 * Return: true when they were.
 */
bool fse_level_same(const struct fse_level *a, const struct fse_level *b);

/**
 * fse_levels_run - run the switches over a sample
 * @levels: first level first
 * @nr: how many
 * @g: the sample; @g->total of 0 changes nothing
 * @turn: called for each level that turns
 * @arg: its first argument
 *
 * Levels that fall are reported first level first, levels that rise last level
 * first. A re-arm that has come to lie below its trigger, as the total
 * changed, counts as the trigger.
 */
void fse_levels_run(struct fse_level *levels, unsigned int nr,
		    const struct fse_gauge *g, fse_turn_fn turn, void *arg);

/**
 * fse_level_id - the event of a level that is crossed
 * @inodes: it is a level of inodes, otherwise of space
 * @nr: its position, from 0
 * @below: which way
 *
 * Return: enum fs_event_type.
 */
unsigned int fse_level_id(bool inodes, unsigned int nr, bool below);

/**
 * struct fse_distance - how far the nearest switches are, in blocks (inodes)
 * @down: what has to be taken until one turns, at least 1; U64_MAX: none does
 * @up: what has to be given back
 */
struct fse_distance {
	u64 down;
	u64 up;
};

#define FSE_DISTANCE_NONE	((struct fse_distance){ U64_MAX, U64_MAX })

/**
 * fse_levels_distance - how far is the nearest switch?
 * @levels: the levels
 * @nr: how many
 * @g: the last sample
 * @d: what is nearer than this is put here
 */
void fse_levels_distance(const struct fse_level *levels, unsigned int nr,
			 const struct fse_gauge *g, struct fse_distance *d);

/**
 * fse_full_level - the level at which a file system counts as full
 * @g: the file system's total; frsize 0 for inodes
 * @trigger: set to the amount at which it is full
 * @rearm: set to the amount above which it no longer is
 *
 * File systems report ENOSPC while a few blocks are still available (5 on
 * xfs, 16 on btrfs): full is 64 blocks, or no inode. It ends above 0.1 % of
 * the total and 128. File systems of fewer than 512 blocks take an eighth
 * and a quarter of their size, so that an empty one is not full.
 */
void fse_full_level(const struct fse_gauge *g, u64 *trigger, u64 *rearm);

/**
 * fse_full_step - run the switch of fse_full_level() over a sample
 * @full: the state
 * @g: the sample; a total of 0 changes nothing
 *
 * Return: true when the file system became full with this sample.
 */
bool fse_full_step(bool *full, const struct fse_gauge *g);

/* The distance to the switch of fse_full_level(), as fse_levels_distance(). */
void fse_full_distance(bool full, const struct fse_gauge *g,
		       struct fse_distance *d);

#endif /* _FS_EVENTS_LEVELS_H */
