// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: where sources hand in what happened, and how it reaches the
 * watches.
 *
 * Notify stores the occurrence in a slot of the super block (note.c), which queues
 * the fan-out.
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
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/jump_label_ratelimit.h>
#include <linux/pid.h>
#include <linux/sched.h>

#include "health.h"
#include "internal.h"

struct static_key_false_deferred fs_event_active = {
	.key	= STATIC_KEY_FALSE_INIT,
};
EXPORT_SYMBOL_GPL(fs_event_active);

/* The process that runs; NULL in an interrupt or a kernel thread. */
static struct pid *fse_current_process(void)
{
	if (!in_task() || (current->flags & PF_KTHREAD))
		return NULL;
	return task_tgid(current);
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

/*
 * --- what the kernel knows of every file system's errors -------------------
 *
 * File systems report some errors to fanotify, as FS_ERROR. For every file
 * system, a failed writeback is noted in the mapping. Buffer heads of a
 * file system's metadata, and its journal, belong to the inode of the block
 * device; those lead back through the device's mapping.
 *
 * How these come here: module/, builtin/.
 *
 * Context: any but NMI. Writeback ends in interrupts, too; one failed sync(2)
 * may bring thousands of calls.
 */

/* What the caller of a system call did wrong, or may not have. */
static bool fse_is_callers(int error)
{
	switch (error) {
	case EAGAIN:
	case EDQUOT:
	case EFAULT:
	case EFBIG:
	case EINTR:
	case EINVAL:
	case ENOMEM:
	case ENOSPC:
	case EOPNOTSUPP:
		return true;
	default:
		return false;
	}
}

/*
 * A driver that can't be asked is not known to be shut down by anything else.
 * Built in, that a shut-down file system accepts no writes is reported at once;
 * otherwise the next sample asks.
 */
static void fse_source_stopped(struct super_block *sb, int error)
{
	struct fse_sb *es;
	int reason = 0;

	rcu_read_lock();
	es = fse_sb_find(sb);
	if (es) {
		reason = fse_health_reason(es);
		fse_health_hint(es, error == ESHUTDOWN ? FSE_CLUE_SHUTDOWN :
							 FSE_CLUE_STATE);
	}
	rcu_read_unlock();
	if (FSE_REPORTS_OWN)
		__fs_event_notify(sb, FS_ERR_REMOUNT_RO, NULL, reason ?: error);
}

/**
 * fse_source_reported - a file system reported an error
 * @sb: the super block
 * @inode: the inode that it is about, or NULL
 * @error: errno, of either sign
 * @data: it is about the data of a file, which a system call was to move
 *
 * Context: As fs_event_notify_err().
 */
void fse_source_reported(struct super_block *sb, const struct inode *inode,
			 int error, bool data)
{
	unsigned int id;

	error = abs(error);
	if (data && fse_is_callers(error))
		return;
	switch (error) {
	case EUCLEAN:
	case EBADMSG:
		id = FS_ERR_CORRUPTED;
		break;
	case EROFS:
		fse_source_stopped(sb, error);
		return;
	case ESHUTDOWN:
		fse_source_stopped(sb, error);
		id = FS_ERR_SHUTDOWN;
		break;
	default:
		id = FS_ERR_IO;
		break;
	}
	if (FSE_REPORTS_OWN)
		__fs_event_notify(sb, id, inode, error);
	else
		fse_source_error(sb, id, inode, error);
}

static bool fse_on_device(struct fse_sb *es, const void *mapping)
{
	return es->bdev_mapping == mapping;
}

/**
 * fse_source_wb_err - writeback failed
 * @mapping: whose pages were not written
 * @error: positive errno
 *
 * Context: As fs_event_notify_err().
 */
void fse_source_wb_err(const struct address_space *mapping, int error)
{
	unsigned int id = error == ENOSPC ? FS_WARN_ENOSPC : FS_ERR_IO;
	struct inode *inode = mapping->host;
	struct fse_sb *es;

	if (!S_ISBLK(inode->i_mode)) {
		fse_source_error(inode->i_sb, id, inode, error);
		return;
	}
	rcu_read_lock();
	es = fse_sb_find_if(fse_on_device, mapping);
	if (es)
		fse_source_error(es->sb, id, NULL, error);
	rcu_read_unlock();
}
