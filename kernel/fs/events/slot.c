// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slots: the message that waits about one subject, an error event of a watch or
 * one of its levels.
 *
 * A slot holds one message at most. What occurs while it is pending, or too
 * soon after the message before, is counted and reported with it. So each
 * occurrence ends in exactly one message: the counts of all messages and the
 * count that is left in the slot always add up to what occurred.
 *
 * A slot of errors is pending as soon as something occurred. A slot of a
 * level is pending while the state differs from the one reported last:
 *
 *	sent: above    turn below -> pending "below"
 *	               turn above -> nothing pending, a pair is counted
 *	               turn below -> pending "below", which stands for three
 *
 * so that listeners see below and above alternate, and the last message is
 * true. A pair that was counted waits for the next turn that is sent; no
 * message is sent for its sake, until the count is full.
 *
 * A full count stays full. It is sent at once, so more than U32_MAX have to
 * occur until a work item runs for anything to be missing.
 *
 * Pure functions; the slot belongs to the caller, as does its lock.
 */

#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include "slot.h"

static void count_add(struct fse_slot *s, u32 n)
{
	s->count += min(n, U32_MAX - s->count);
}

static void make_pending(struct fse_slot *s, u64 order, u64 real_ns)
{
	s->pending = true;
	s->order = order;
	s->first_ns = real_ns;
}

bool fse_slot_add(struct fse_slot *s, u64 order, u64 real_ns)
{
	count_add(s, 1);
	if (s->pending)
		return false;
	make_pending(s, order, real_ns);
	return true;
}

bool fse_slot_pass(struct fse_slot *s, u64 order, const struct fse_slot *from)
{
	count_add(s, from->count);
	if (s->pending)
		return false;
	make_pending(s, order, from->first_ns);
	return true;
}

unsigned int fse_slot_turn(struct fse_slot *s, u64 order, u64 real_ns,
			   bool below)
{
	bool was_pending = s->pending;

	count_add(s, 1);
	s->below = below;
	s->pending = below != s->reported_below || s->count == U32_MAX;
	if (s->pending && !was_pending)
		make_pending(s, order, real_ns);
	return 1 + was_pending - s->pending;
}

u64 fse_slot_wait(const struct fse_slot *s, u64 now_ns)
{
	if (s->count == U32_MAX || now_ns >= s->next_ns)
		return 0;
	return s->next_ns - now_ns;
}

u32 fse_slot_take(struct fse_slot *s, u64 now_ns)
{
	u32 count = s->count;

	s->count = 0;
	s->pending = false;
	s->reported_below = s->below;
	s->next_ns = now_ns + FSE_SLOT_GAP_NS;
	return count;
}

unsigned int fse_slot_untake(struct fse_slot *s, const struct fse_slot *taken,
			     u64 retry_ns)
{
	bool was_pending = s->pending;
	/* An error, or a count that was full: no turn can take it back. */
	bool forced = taken->below == taken->reported_below;

	count_add(s, taken->count);
	s->reported_below = taken->reported_below;
	s->pending = forced || s->below != s->reported_below ||
		     s->count == U32_MAX;
	if (s->pending)
		make_pending(s, taken->order, taken->first_ns);
	s->next_ns = retry_ns;
	return 1 + was_pending - s->pending;
}
