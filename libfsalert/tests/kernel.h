/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A kernel to test against: watches with levels, changes of them, a queue of
 * messages that overruns, answers to requests, and things that happen while it
 * answers.
 */
#ifndef FSALERT_KERNEL_H
#define FSALERT_KERNEL_H

#include "state.h"

#define KERNEL_WATCHES	24
#define KERNEL_LEVELS	6
#define KERNEL_QUEUE	64
#define KERNEL_PENDING	8

/**
 * struct kernel_watch - a watch
 * @id: its id; 0: there is none
 * @hidden: it can't be reached from the view's root
 * @elsewhere: it reports another network namespace
 * @version: of its levels, from 1
 * @dropped: levels before the first that there were
 * @nr_levels: how many levels, half of them of space
 * @states: of the levels, as they are now
 * @lasting: failures that last
 */
struct kernel_watch {
	uint64_t id;
	bool hidden;
	bool elsewhere;
	uint64_t version;
	size_t dropped;
	size_t nr_levels;
	uint64_t states[KERNEL_LEVELS];
	uint64_t lasting;
};

/**
 * struct kernel_message - a message in the queue
 * @is_event: it is an event; else about a change of a watch
 * @ev: the event
 * @entry: the watch
 * @change: what became of it
 */
struct kernel_message {
	bool is_event;
	struct fsalert_event ev;
	struct fsalert_entry entry;
	uint64_t change;
};

/**
 * struct kernel - the kernel
 * @watches: all there are
 * @last_id: the last id that was given
 * @seq: number of the last event
 * @generation: number of the last change
 * @changes: counts changes, wherever they are reported
 * @queue: messages, the oldest first
 * @queued: how many
 * @room: how many it takes
 * @congested: it overran, and was not emptied since
 * @overran: that was not reported yet
 * @pending: events that happened and were not numbered yet
 * @nr_pending: how many
 * @meanwhile: called between two watches of a dump, and before a get
 * @dumps: how often it was asked for all
 * @gets: how often it was asked for one
 * @error: what to answer to requests, if not 0
 * @interrupted: so many dumps say that there was a change, though there was not
 */
struct kernel {
	struct kernel_watch watches[KERNEL_WATCHES];
	uint64_t last_id;
	uint64_t seq;
	uint64_t generation;
	uint64_t changes;
	struct kernel_message queue[KERNEL_QUEUE];
	size_t queued;
	size_t room;
	bool congested;
	bool overran;
	struct fsalert_event pending[KERNEL_PENDING];
	size_t nr_pending;
	void (*meanwhile)(struct kernel *k);
	unsigned int dumps;
	unsigned int gets;
	int error;
	unsigned int interrupted;
};

extern const struct fsa_kernel kernel_requests;

/**
 * enum kernel_where - where a watch is
 * @KERNEL_HERE: it is listed and reported
 * @KERNEL_HIDDEN: it can't be reached from the view's root: reported only
 * @KERNEL_ELSEWHERE: it reports another network namespace: listed only
 */
enum kernel_where {
	KERNEL_HERE,
	KERNEL_HIDDEN,
	KERNEL_ELSEWHERE,
};

struct kernel_watch *kernel_add(struct kernel *k, size_t levels,
				enum kernel_where where);
void kernel_change(struct kernel *k, struct kernel_watch *w, size_t levels);
void kernel_drop(struct kernel *k, struct kernel_watch *w);
void kernel_remove(struct kernel *k, struct kernel_watch *w);
void kernel_unmount(struct kernel *k, struct kernel_watch *w);
void kernel_cross(struct kernel *k, struct kernel_watch *w, size_t level);
void kernel_fail(struct kernel *k, struct kernel_watch *w, uint32_t event_id);
void kernel_recover(struct kernel *k, struct kernel_watch *w, uint32_t event_id);
bool kernel_send(struct kernel *k);
void kernel_lose(struct kernel *k);
void kernel_tell_own(struct kernel *k);

struct fsalert_event kernel_event(const struct kernel_watch *w, uint32_t id);

/* Called with an event that a state gives. */
typedef void (*kernel_heard_fn)(const struct fsalert_event *ev, void *data);

int kernel_tell(struct fsa_state *s, kernel_heard_fn heard, void *data);
bool kernel_read(struct kernel *k, struct fsa_state *s, kernel_heard_fn heard,
		 void *data);
bool kernel_shows(const struct kernel *k, const struct fsa_state *s);

#endif /* FSALERT_KERNEL_H */
