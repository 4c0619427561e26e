/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state that a view keeps: what messages and dumps make of it. No socket
 * here; what is asked of the kernel goes through functions that the owner
 * gives.
 */
#ifndef FSEVENTS_STATE_H
#define FSEVENTS_STATE_H

#include "entry.h"

/**
 * struct fsev_kernel - how to ask the kernel
 * @dump: put all watches into @set. Return: 0; -EINTR, they changed meanwhile,
 *	what came is not consistent; another negative errno.
 * @get: get one watch; fsev_watch_decode() makes it. Return: 0; -ENOENT, it is
 *	gone, or not to be seen from here; another negative errno.
 */
struct fsev_kernel {
	int (*dump)(struct fsev_set *set, void *data);
	int (*get)(uint64_t id, struct fsev_watch **watch, void *data);
};

/**
 * struct fsev_state - the state that a view keeps
 * @kernel: how to ask the kernel
 * @kernel_data: the last argument of its functions
 * @news: is told what is new; NULL: nobody yet
 * @news_data: its last argument
 * @set: the watches
 * @gap: numbers of the events so far
 * @covers: is @covered known?
 * @covered: events up to this number are accounted for, in all watches, or 0
 * @newest_id: the largest id of a watch that was ever seen
 * @generation: number of the last change of watches that was accounted for
 * @generation_known: is it known?
 * @overrun: messages were lost, those that came before them are still to come
 * @stale: the kernel is to be asked for all
 * @result: what @news returned, once it was not 0
 */
struct fsev_state {
	const struct fsev_kernel *kernel;
	void *kernel_data;
	fsevents_news_fn news;
	void *news_data;
	struct fsev_set set;
	struct fsevents_gap gap;
	bool covers;
	uint64_t covered;
	uint64_t newest_id;
	uint64_t generation;
	bool generation_known;
	bool overrun;
	bool stale;
	int result;
};

int fsev_state_event(struct fsev_state *s, const struct fsevents_event *ev);
int fsev_state_change(struct fsev_state *s, const struct fsevents_entry *entry,
		      uint64_t change);
int fsev_state_overrun(struct fsev_state *s);
int fsev_state_drained(struct fsev_state *s);
int fsev_state_resync(struct fsev_state *s);

#endif /* FSEVENTS_STATE_H */
