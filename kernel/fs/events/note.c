// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: what is written into slots.
 *
 * A source's occurrence goes into the super block's slot for that event in constant
 * time, however many watches there are: under a raw lock, if any watch has the event
 * on. The first occurrence in a slot queues the fan-out (notify.c). With interrupts
 * off, locks may be held that waking a worker needs; then an irq_work does that.
 *
 * The fan-out, and a sample that finds the begin or the end of a condition, write
 * the slots of each watch; deliver.c empties them.
 *
 * Context: fse_post(): any but NMI; does not sleep, does not allocate. What writes
 * the slots of a watch: process context, with the lock of the super block's state.
 */
#include <linux/bitops.h>
#include <linux/pid.h>
#include <linux/timekeeping.h>
#include <trace/events/fs_event.h>

#include "internal.h"

static const u8 fse_error_ids[FSE_ERROR_NR] = {
	FS_WARN_ENOSPC,
	FS_WARN_ENOSPC_META,
	FS_ERR_REMOUNT_RO,
	FS_ERR_SHUTDOWN,
	FS_ERR_CORRUPTED,
	FS_ERR_IO,
};

/* Each generic event has a slot, conditions the first ones. */
static_assert((FSE_CONDITIONS | BIT(FS_ERR_CORRUPTED) | BIT(FS_ERR_IO)) ==
	      FSE_GENERIC_EVENTS);
static_assert(HWEIGHT32(FSE_GENERIC_EVENTS) == FSE_ERROR_NR);
static_assert(HWEIGHT32(FSE_CONDITIONS) == FSE_CONDITION_NR);

/**
 * fse_error_slot - slot of a generic event
 * @id: enum fs_event_type
 *
 * Return: its index in &fse_watch.error, or -1.
 */
int fse_error_slot(unsigned int id)
{
	int i;

	for (i = 0; i < FSE_ERROR_NR; i++) {
		if (fse_error_ids[i] == id)
			return i;
	}
	return -1;
}

/* The other way round. */
unsigned int fse_error_id(unsigned int slot)
{
	return fse_error_ids[slot];
}

/* An interrupt of its own is needed only where a worker can't be woken. */
static void fse_fanout_queue(struct fse_sb *es)
{
	if (in_task() && !irqs_disabled())
		queue_work(fse_deliver_wq, &es->fanout);
	else
		irq_work_queue(&es->kick);
}

/**
 * fse_post - store an occurrence in the slot of a super block
 * @es: the super block's state, found under RCU or held
 * @id: enum fs_event_type; ignored unless some watch has it on
 * @pid: the process that caused it, or NULL
 * @ino: inode number, or 0
 * @error: positive errno, or 0
 *
 * Context: Any but NMI.
 */
void fse_post(struct fse_sb *es, unsigned int id, struct pid *pid, u64 ino,
	      int error)
{
	int slot = fse_error_slot(id);
	struct fse_note *note;
	unsigned long flags;
	bool kick = false;

	if (slot < 0 || !(READ_ONCE(es->wanted) & BIT(id)))
		return;
	note = &es->error[slot];
	raw_spin_lock_irqsave(&es->slot_lock, flags);
	if (es->wanted & BIT(id))
		kick = fse_slot_add(&note->slot, ++es->order,
				    ktime_get_real_fast_ns());
	if (kick) {
		note->pid = get_pid(pid);
		note->ino = ino;
		note->error = error;
	}
	raw_spin_unlock_irqrestore(&es->slot_lock, flags);
	if (kick)
		fse_fanout_queue(es);
}

/* Occurrences that will not be reported by a message of their own. */
static void fse_merged(const struct fse_watch *watch, unsigned int id,
		       unsigned int nr, int error)
{
	if (!nr)
		return;
	fse_count(watch->owner, FSE_STAT_COALESCED, nr);
	trace_fs_event_coalesce(watch->dev, watch->id, id, nr, error);
}

/*
 * A condition is reported, perhaps once more. When it was over for so short a
 * time that the end was not sent, and the message about the beginning waits as
 * well, the end must not come last.
 */
static void fse_condition_begins(struct fse_watch *watch, unsigned int id)
{
	int i = fse_error_slot(id);
	struct fse_slot *cleared = &watch->cleared[i].slot;

	/* The end is found by sampling, which may be at rest. */
	if (!(watch->reported & BIT(id)))
		fse_sample_by(watch->es, FSE_INTERVAL_REST_MIN_NS);
	watch->reported |= BIT(id);
	watch->reported_ns[i] = ktime_get_ns();
	if (!cleared->pending || !watch->error[i].slot.pending)
		return;
	cleared->pending = false;
	fse_merged(watch, FS_INFO_CLEARED, 1, 0);
}

/**
 * fse_watch_note - add occurrences to the slot of a watch
 * @watch: the watch
 * @id: enum fs_event_type; ignored unless the watch has it on
 * @from: how many, since when, and the facts of the first
 *
 * Context: &fse_sb.lock is held.
 * Return: true when the watch has something to deliver.
 */
bool fse_watch_note(struct fse_watch *watch, unsigned int id,
		    const struct fse_note *from)
{
	struct fse_note *note = &watch->error[fse_error_slot(id)];
	struct fse_slot slot = from->slot;
	bool first;

	lockdep_assert_held(&watch->es->lock);
	if (!(watch->events & BIT(id)) ||
	    (watch->reported & FSE_LASTING & BIT(id)))
		return false;
	if (FSE_CONDITIONS & ~watch->es->unasked & BIT(id))
		fse_condition_begins(watch, id);
	if (watch->reported & FSE_LASTING & BIT(id))
		slot.count = 1;
	fse_count(watch->owner, FSE_STAT_NOTIFIED, slot.count);
	trace_fs_event_notify(watch->dev, watch->id, id, from->error);
	first = fse_slot_pass(&note->slot, watch->order + 1, &slot);
	fse_merged(watch, id, slot.count - first, from->error);
	if (!first)
		return false;
	watch->order++;
	note->pid = get_pid(from->pid);
	note->ino = from->ino;
	note->error = from->error;
	return true;
}

/**
 * fse_watch_fails - a sample found that a watch has an event to report
 * @watch: the watch
 * @id: as for fse_watch_note()
 * @error: positive errno
 *
 * Context: &fse_sb.lock is held.
 * Return: as fse_watch_note().
 */
bool fse_watch_fails(struct fse_watch *watch, unsigned int id, int error)
{
	struct fse_note note = { .error = error };

	fse_slot_add(&note.slot, 1, ktime_get_real_ns());
	return fse_watch_note(watch, id, &note);
}

/**
 * fse_watch_clear - conditions of a watch are over, or no longer watched
 * @watch: the watch
 * @conditions: which, bits; those that were not reported are ignored
 *
 * Context: &fse_sb.lock is held.
 * Return: as fse_watch_note().
 */
bool fse_watch_clear(struct fse_watch *watch, u32 conditions)
{
	struct fse_slot *slot;
	bool kick = false;
	int i;

	lockdep_assert_held(&watch->es->lock);
	for (i = 0; i < FSE_CONDITION_NR; i++) {
		if (!(watch->reported & conditions & BIT(fse_error_id(i))))
			continue;
		watch->reported &= ~BIT(fse_error_id(i));
		fse_count(watch->owner, FSE_STAT_NOTIFIED, 1);
		trace_fs_event_notify(watch->dev, watch->id, FS_INFO_CLEARED, 0);
		slot = &watch->cleared[i].slot;
		if (!fse_slot_add(slot, ++watch->order, ktime_get_real_ns())) {
			/* The beginning was reported again in between. */
			slot->order = watch->order;
			fse_merged(watch, FS_INFO_CLEARED, 1, 0);
		}
		kick = true;
	}
	return kick;
}

/**
 * fse_levels_retire - the levels of a type are no longer watched
 * @watch: the watch
 * @which: of what
 *
 * Of a level that was reported to be below, and not to be above since, the
 * watch still has to report that this is over: fse_deliver_retired(). A crossing
 * that was not reported yet is dropped.
 *
 * Context: deliver_lock and &fse_sb.lock are held.
 */
void fse_levels_retire(struct fse_watch *watch, enum fse_set which)
{
	struct fse_level_set *set = watch->set[which];
	struct fse_slot *slot;
	unsigned int i;

	lockdep_assert_held(&watch->deliver_lock);
	lockdep_assert_held(&watch->es->lock);
	if (!set)
		return;
	watch->set[which] = NULL;
	list_add_tail(&set->node, &watch->retired);
	for (i = 0; i < set->nr; i++) {
		slot = &set->note[i].slot;
		if (slot->pending && slot->reported_below && !slot->below)
			continue;	/* "above" ends it */
		if (slot->pending) {
			slot->pending = false;
			fse_merged(watch, FS_EVENT_NONE, 1, 0);
		}
		if (!slot->reported_below)
			continue;
		fse_count(watch->owner, FSE_STAT_NOTIFIED, 1);
		trace_fs_event_notify(watch->dev, watch->id, FS_INFO_CLEARED, 0);
		fse_slot_add(slot, ++watch->order, ktime_get_real_ns());
	}
}
