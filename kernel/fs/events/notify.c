// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: where sources hand in what happened.
 *
 * Notify takes constant time, however many watches there are: it stores the
 * occurrence in the super block's slot for that event, under a raw lock, if any
 * watch has the event on. The first occurrence in a slot queues the fan-out. With
 * interrupts off, locks may be held that waking a worker needs; then an irq_work
 * does that.
 *
 * The fan-out takes the slots and adds their counts to the slots of each watch
 * that has the event on, the administrator's watches first. It delivers what may
 * be sent at once itself; deliver.c limits the rate of each watch.
 *
 * A writer that sets or changes a watch fans out what is pending first, so a
 * watch gets no event from before its time.
 *
 * Context: notify: any but NMI; does not sleep, does not allocate. The state of
 * the super block is found under RCU; the caller keeps the super block.
 * Fan-out: process context; sleeps.
 */
#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/jump_label_ratelimit.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <trace/events/fs_event.h>

#include "grammar.h"
#include "internal.h"

struct static_key_false_deferred fs_event_active = {
	.key	= STATIC_KEY_FALSE_INIT,
};
EXPORT_SYMBOL_GPL(fs_event_active);

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

/* The process that runs; NULL in an interrupt or a kernel thread. */
static struct pid *fse_current_process(void)
{
	if (!in_task() || (current->flags & PF_KTHREAD))
		return NULL;
	return task_tgid(current);
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
static bool fse_watch_note(struct fse_watch *watch, unsigned int id,
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

/* Take all that was notified so far. Return: there is something. */
static bool fse_slots_take(struct fse_sb *es, struct fse_note *taken)
{
	bool any = false;
	unsigned int i;

	raw_spin_lock_irq(&es->slot_lock);
	memcpy(taken, es->error, sizeof(es->error));
	memset(es->error, 0, sizeof(es->error));
	raw_spin_unlock_irq(&es->slot_lock);
	for (i = 0; i < FSE_ERROR_NR; i++)
		any |= taken[i].slot.pending;
	return any;
}

/* The pending slot after rank @order. Return: its index, -1: there is none. */
static int fse_slot_next(const struct fse_note *taken, u64 order)
{
	int i, next = -1;

	for (i = 0; i < FSE_ERROR_NR; i++) {
		if (taken[i].slot.pending && taken[i].slot.order > order &&
		    (next < 0 || taken[i].slot.order < taken[next].slot.order))
			next = i;
	}
	return next;
}

/**
 * fse_fanout - hand what was notified so far to the watches, and deliver it
 * @es: the super block's state
 *
 * Context: Process context, may sleep, without &fse_sb.lock.
 */
void fse_fanout(struct fse_sb *es)
{
	struct fse_note taken[FSE_ERROR_NR];
	struct fse_watch *watch;
	struct fse_walk walk;
	bool kick;
	int i;

	mutex_lock(&es->fanout_lock);
	if (fse_slots_take(es, taken)) {
		fse_walk_begin(&walk, es);
		/* Slow ones come last, and have no generic events on. */
		while ((watch = fse_walk_next(&walk)) && !watch->slow) {
			kick = false;
			for (i = fse_slot_next(taken, 0); i >= 0;
			     i = fse_slot_next(taken, taken[i].slot.order))
				kick |= fse_watch_note(watch, fse_error_id(i),
						       &taken[i]);
			if (kick)
				fse_walk_kick(&walk, watch);
		}
		fse_walk_end(&walk);
		for (i = 0; i < FSE_ERROR_NR; i++)
			put_pid(taken[i].pid);
	}
	mutex_unlock(&es->fanout_lock);
}

static void fse_fanout_work(struct work_struct *work)
{
	fse_fanout(container_of(work, struct fse_sb, fanout));
}

static void fse_fanout_kick(struct irq_work *work)
{
	struct fse_sb *es = container_of(work, struct fse_sb, kick);

	queue_work(fse_deliver_wq, &es->fanout);
}

void fse_fanout_init(struct fse_sb *es)
{
	raw_spin_lock_init(&es->slot_lock);
	mutex_init(&es->fanout_lock);
	init_irq_work(&es->kick, fse_fanout_kick);
	INIT_WORK(&es->fanout, fse_fanout_work);
}

/**
 * fse_fanout_stop - no more fan-outs
 * @es: the super block's state, dead: no slot is written any more
 *
 * Context: Process context. May be called twice, also at the same time.
 */
void fse_fanout_stop(struct fse_sb *es)
{
	irq_work_sync(&es->kick);
	cancel_work_sync(&es->fanout);
}

/* Events that a failure may follow. */
static bool fse_is_error(unsigned int id)
{
	return id == FS_ERR_CORRUPTED || id == FS_ERR_IO;
}

/* @not: a super block that tells the event by itself has this bit in @own. */
static void fse_notify(struct super_block *sb, unsigned int id,
		       const struct inode *inode, int error, u32 not)
{
	struct fse_sb *es;

	rcu_read_lock();
	es = fse_sb_find(sb);
	if (es && !(es->own & not)) {
		if (fse_is_error(id))
			fse_health_error(es, abs(error));
		else if (BIT(id) & FSE_LASTING)
			fse_health_hint(es, FSE_CLUE_STATE);
		fse_post(es, id, fse_current_process(),
			 inode ? inode->i_ino : 0, abs(error));
	}
	rcu_read_unlock();
}

/**
 * fse_source_error - a source found an error
 * @sb: the super block
 * @id: as for fs_event_notify_err()
 * @inode: as there
 * @error: as there
 *
 * Nothing happens when the file system tells this event by itself.
 *
 * Context: As fs_event_notify_err().
 */
void fse_source_error(struct super_block *sb, unsigned int id,
		      const struct inode *inode, int error)
{
	fse_notify(sb, id, inode, error, BIT(id));
}

/* See fs_event_notify_err(). */
void __fs_event_notify(struct super_block *sb, unsigned int event_id,
		       const struct inode *inode, int error)
{
	if (!WARN_ON_ONCE(fse_error_slot(event_id) < 0))
		fse_notify(sb, event_id, inode, error, 0);
}
EXPORT_SYMBOL_GPL(__fs_event_notify);

/**
 * fse_generic_get - let notify and the sources know that events are watched
 * @events: generic events, bits
 *
 * Context: Process context without locks, may sleep.
 * Return: 0, or a negative errno; then nothing is taken.
 */
int fse_generic_get(u32 events)
{
	int err = events ? fse_sources_get(events) : 0;

	if (events && !err)
		static_branch_deferred_inc(&fs_event_active);
	return err;
}

/**
 * fse_generic_put - give back what fse_generic_get() took
 * @events: the same events
 *
 * Context: Process context, may sleep.
 */
void fse_generic_put(u32 events)
{
	if (!events)
		return;
	static_branch_slow_dec_deferred(&fs_event_active);
	fse_sources_put(events);
}

void __init fse_notify_init(void)
{
	fse_key_init(&fs_event_active);
}

/* No super block is watched any more. */
void fse_notify_exit(void)
{
	static_key_deferred_flush(&fs_event_active);
}
