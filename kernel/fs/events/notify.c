// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: where sources hand in what happened.
 *
 * An occurrence is written into a slot of each watch that has it on: a few
 * stores under the raw lock of the super block's state. The first in a slot
 * queues an irq_work, which queues the delivery: so notify may be called with
 * locks held that waking a worker needs.
 *
 * Context: any but NMI; does not sleep, does not allocate. The state of the
 * super block is found under RCU; the caller keeps the super block.
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/jump_label_ratelimit.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <trace/events/fs_event.h>

#include "source.h"

/*
 * Code is patched when it goes on or off, which takes long. So it stays on for a
 * while: watches that come and go shall not wait for it each time.
 */
#define FSE_ACTIVE_LINGER	(5 * HZ)

struct static_key_false_deferred fs_event_active = {
	.key	= STATIC_KEY_FALSE_INIT,
};
EXPORT_SYMBOL_GPL(fs_event_active);

static const u8 fse_error_ids[FSE_ERROR_NR] = {
	FS_WARN_ENOSPC,
	FS_WARN_ENOSPC_META,
	FS_ERR_REMOUNT_RO,
	FS_ERR_CORRUPTED,
	FS_ERR_IO,
	FS_ERR_SHUTDOWN,
};

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

/* The process that runs, when it is one that somebody started. */
static struct pid *fse_current_process(void)
{
	if (!in_task() || (current->flags & PF_KTHREAD))
		return NULL;
	return task_tgid(current);
}

/**
 * fse_note_error - write an occurrence into the slot of a watch
 * @watch: the watch
 * @id: enum fs_event_type; ignored unless the watch has it on
 * @pid: who did it, or NULL
 * @ino: inode number, or 0
 * @error: positive errno, or 0
 *
 * Context: &fse_sb.lock is held.
 * Return: true when the delivery must be kicked.
 */
bool fse_note_error(struct fse_watch *watch, unsigned int id, struct pid *pid,
		    u64 ino, int error)
{
	struct fse_note *note;

	lockdep_assert_held(&watch->es->lock);
	if (!(watch->events & BIT(id)) || (watch->told & BIT(id)))
		return false;
	watch->told |= BIT(id) & FSE_LASTING & ~watch->es->unasked;
	note = &watch->error[fse_error_slot(id)];
	fse_count(watch->owner, FSE_STAT_NOTIFIED, 1);
	trace_fs_event_notify(watch->dev, watch->id, id, error);
	if (!fse_slot_add(&note->slot, watch->order + 1,
			  ktime_get_real_fast_ns())) {
		fse_count(watch->owner, FSE_STAT_COALESCED, 1);
		trace_fs_event_coalesce(watch->dev, watch->id, id, 1, error);
		return false;
	}
	watch->order++;
	note->pid = get_pid(pid);
	note->ino = ino;
	note->error = error;
	return true;
}

/* Events that a failure may follow, or that are one. */
static bool fse_is_error(unsigned int id)
{
	return id != FS_WARN_ENOSPC && id != FS_WARN_ENOSPC_META;
}

/* @not: a super block that tells the event by itself has this bit in @own. */
static void fse_notify(struct super_block *sb, unsigned int id,
		       const struct inode *inode, int error, u32 not)
{
	struct fse_watch *watch;
	unsigned long flags;
	struct fse_sb *es;
	struct pid *pid;

	rcu_read_lock();
	es = fse_sb_find(sb);
	if (es && !(es->own & not)) {
		pid = fse_current_process();
		if (fse_is_error(id))
			fse_state_hint(es, FSE_CLUE_ERROR);
		raw_spin_lock_irqsave(&es->lock, flags);
		list_for_each_entry(watch, &es->watches, es_node) {
			if (fse_note_error(watch, id, pid,
					   inode ? inode->i_ino : 0,
					   abs(error)))
				irq_work_queue(&watch->kick);
		}
		raw_spin_unlock_irqrestore(&es->lock, flags);
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
		       struct inode *inode, int error)
{
	if (!WARN_ON_ONCE(fse_error_slot(event_id) < 0))
		fse_notify(sb, event_id, inode, error, 0);
}
EXPORT_SYMBOL_GPL(__fs_event_notify);

void __init fse_notify_init(void)
{
	/* One that is typed has the same layout. */
	jump_label_rate_limit((struct static_key_deferred *)&fs_event_active,
			      FSE_ACTIVE_LINGER);
}

/* No super block is watched any more. */
void fse_notify_exit(void)
{
	static_key_deferred_flush(&fs_event_active);
}
