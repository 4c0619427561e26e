/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state that a handle for all watches keeps: what messages and dumps make
 * of it. No socket here; what is asked of the kernel goes through functions that
 * the owner gives.
 */
#ifndef FSALERT_STATE_H
#define FSALERT_STATE_H

#include "entry.h"

/**
 * struct fsa_kernel - how to ask the kernel
 * @dump: put all watches into @set. Return: 0; -EINTR, they changed meanwhile,
 *	what came is not consistent; another negative errno.
 * @get: get one watch; fsa_watch_decode() makes it. Return: 0; -ENOENT, it is
 *	gone, or not to be seen from here; another negative errno.
 */
struct fsa_kernel {
	int (*dump)(struct fsa_set *set, void *data);
	int (*get)(uint64_t id, struct fsa_watch **watch, void *data);
};

/* A watch that went has no more events than these are messages, or it's late. */
#define FSA_REMOVED	64

/**
 * struct fsa_state - the state that a handle keeps
 * @kernel: how to ask the kernel
 * @kernel_data: the last argument of its functions
 * @set: the watches
 * @old: as they were before they were read anew, while differences are reported
 * @comparing: are they?
 * @resync: that was because of a loss; otherwise it is one watch that is new
 * @i: how far in @old
 * @j: how far in @set
 * @j_end: how far to go in @set
 * @step: how far with these two
 * @gone: the watch that was removed last: an event may have its texts
 * @removed: ids of watches that went lately, a ring
 * @nr_removed: how many went
 * @last_seq: number of the newest event
 * @started: is there one?
 * @covers: is @covered known?
 * @covered: events up to this number are accounted for, in all watches, or 0
 * @newest_id: the largest id of a watch that was ever seen
 * @generation: number of the last change of watches that was accounted for
 * @generation_known: is it known?
 * @lost: events were lost, which was not reported yet
 * @nr_lost: how many; 0: not known
 * @overrun: messages were lost, those that came before them are still to come
 * @stale: the kernel is to be asked for all
 */
struct fsa_state {
	const struct fsa_kernel *kernel;
	void *kernel_data;
	struct fsa_set set;
	struct fsa_set old;
	bool comparing;
	bool resync;
	size_t i;
	size_t j;
	size_t j_end;
	size_t step;
	struct fsa_watch *gone;
	uint64_t removed[FSA_REMOVED];
	size_t nr_removed;
	uint64_t last_seq;
	bool started;
	bool covers;
	uint64_t covered;
	uint64_t newest_id;
	uint64_t generation;
	bool generation_known;
	bool lost;
	uint64_t nr_lost;
	bool overrun;
	bool stale;
};

int fsa_state_begin(struct fsa_state *s);
int fsa_state_tell(struct fsa_state *s, struct fsalert_event *ev);
void fsa_state_event(struct fsa_state *s, const struct fsalert_event *ev);
bool fsa_state_apply(struct fsa_state *s, const struct fsalert_event *ev);
void fsa_state_change(struct fsa_state *s, const struct fsalert_entry *entry);
int fsa_state_apply_change(struct fsa_state *s,
			   const struct fsalert_entry *entry, uint64_t change,
			   struct fsalert_event *ev);
void fsa_state_overrun(struct fsa_state *s);
void fsa_state_drained(struct fsa_state *s);
void fsa_state_clear(struct fsa_state *s);

#endif /* FSALERT_STATE_H */
