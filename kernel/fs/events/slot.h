/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slots: what waits to be reported about one thing (an error event of a watch,
 * or one of its levels). Occurrences that come faster than they may be reported
 * are counted, never queued. Pure functions; the caller owns the lock.
 */
#ifndef _FS_EVENTS_SLOT_H
#define _FS_EVENTS_SLOT_H

#include <linux/types.h>

/* At most 10 messages a second about one thing. */
#define FSE_SLOT_GAP_NS		100000000ULL

/**
 * struct fse_slot - one slot
 * @order: rank among the slots of a watch, while something is pending
 * @first_ns: CLOCK_REALTIME of the first occurrence that is pending; for
 *	levels the turn that made it so, whatever pairs were counted before
 * @next_ns: monotonic time before which nothing is sent
 * @count: occurrences since the last message; stays at U32_MAX
 * @pending: there is something to tell
 * @below: levels: the state that the last occurrence led to
 * @reported_below: levels: the state in the last message
 */
struct fse_slot {
	u64 order;
	u64 first_ns;
	u64 next_ns;
	u32 count;
	bool pending;
	bool below;
	bool reported_below;
};

/**
 * fse_slot_add - an error occurred
 * @s: the slot
 * @order: rank, if this is the first
 * @real_ns: CLOCK_REALTIME
 *
 * Return: true when this is the first since the last message, false when it
 * was merged into what was pending.
 */
bool fse_slot_add(struct fse_slot *s, u64 order, u64 real_ns);

/**
 * fse_slot_pass - pass on what was counted elsewhere
 * @s: the slot
 * @order: rank, if this is the first
 * @from: a slot with pending errors; it keeps its count
 *
 * Return: as fse_slot_add().
 */
bool fse_slot_pass(struct fse_slot *s, u64 order, const struct fse_slot *from);

/**
 * fse_slot_turn - a level turned
 * @s: the slot
 * @order: rank, if something is pending from now on
 * @real_ns: CLOCK_REALTIME
 * @below: the state that the level has now
 *
 * A message always tells the true state, and below and above alternate: a
 * turn back to the state that was sent last cancels what was pending, and
 * the pair goes into the count of the next message. At U32_MAX occurrences
 * a message is pending whatever the state.
 *
 * Return: how many occurrences were merged by this turn (0 to 2): one that
 * becomes pending is not merged; one that cancels a pending one merges both.
 */
unsigned int fse_slot_turn(struct fse_slot *s, u64 order, u64 real_ns,
			   bool below);

/**
 * fse_slot_wait - how long until a pending slot may be sent?
 * @s: the slot
 * @now_ns: monotonic time
 *
 * Return: 0: now; otherwise nanoseconds. A full count is sent at once. Of no
 * meaning for a slot that is not pending.
 */
u64 fse_slot_wait(const struct fse_slot *s, u64 now_ns);

/**
 * fse_slot_take - the pending message is about to be sent
 * @s: the slot
 * @now_ns: monotonic time
 *
 * Return: the occurrences that the message stands for.
 */
u32 fse_slot_take(struct fse_slot *s, u64 now_ns);

/**
 * fse_slot_untake - the message could not be sent, try again
 * @s: the slot as it is now; more may have come in between
 * @taken: the slot as it was before fse_slot_take()
 * @retry_ns: monotonic time of the next try
 *
 * Return: messages that were merged: a message is pending again, and what
 * came in between now shares it (or, for levels, cancels against it).
 */
unsigned int fse_slot_untake(struct fse_slot *s, const struct fse_slot *taken,
			     u64 retry_ns);

#endif /* _FS_EVENTS_SLOT_H */
