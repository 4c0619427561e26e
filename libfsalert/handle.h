/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handles: what both kinds have in common.
 */
#ifndef FSALERT_HANDLE_H
#define FSALERT_HANDLE_H

#include "event.h"

#define FSA_INSTANCE	"/sys/fs/events"

#define FSA_WHY_MAX	512

/**
 * struct fsa_ops - what the kinds of handles do differently
 * @next: as fsalert_next(); whatever it is that has to be done is done here
 * @request: as fsalert_request(); on failure fsa_refuse() was called
 * @each: as fsalert_each(); NULL: -EOPNOTSUPP
 * @close: free what the kind has
 */
struct fsa_ops {
	int (*next)(struct fsalert *h, const struct fsalert_event **ev);
	int (*request)(struct fsalert *h, const char *request);
	int (*each)(struct fsalert *h,
		    int (*fn)(const struct fsalert_entry *entry, void *data),
		    void *data);
	void (*close)(struct fsalert *h);
};

/**
 * struct fsalert - a handle
 * @ops: of its kind
 * @refs: references
 * @from: where the events come from
 * @epoll: what the program waits on; it has all that follows
 * @wake: readable while there is something to say that is in memory
 * @awake: is @wake readable?
 * @timer: readable when something that failed is due to be tried again
 * @queue_bytes: size of the kernel's queue
 * @can: events that the source can give, bits of 1 << enum fsalert_type
 * @cannot: why not all
 * @why: why the last request was refused
 * @why_at: and where
 * @ev: the event that the program sees
 */
struct fsalert {
	const struct fsa_ops *ops;
	unsigned int refs;
	enum fsalert_from from;
	int epoll;
	int wake;
	bool awake;
	int timer;
	size_t queue_bytes;
	uint64_t can;
	char cannot[FSA_WHY_MAX];
	char why[FSA_WHY_MAX];
	size_t why_at;
	struct fsalert_event ev;
};

int fsa_open(struct fsalert *h, const struct fsa_ops *ops,
	     enum fsalert_from from);
int fsa_high(int fd);
int fsa_await(const struct fsalert *h, int fd);
void fsa_await_room(const struct fsalert *h, int fd, bool on);
void fsa_ignore(const struct fsalert *h, int fd);
void fsa_wake(struct fsalert *h, bool on);
void fsa_later(const struct fsalert *h, unsigned int ms);
bool fsa_is_due(const struct fsalert *h);
int fsa_refuse(struct fsalert *h, int error, size_t at, const char *why);

int fsa_open_private(struct fsalert **h, enum fsalert_from from);

/* All events that the kernel has. */
#define FSA_CAN_ALL	(BIT64(FSALERT_UNMOUNT + 1) - BIT64(FSALERT_ENOSPC))

#endif /* FSALERT_HANDLE_H */
