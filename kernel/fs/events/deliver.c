// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: from slots to sinks.
 *
 * What is pending is taken in the order in which it first occurred, and finished
 * records are handed to the sinks of the watch. A slot is sent at most
 * ten times a second; what comes sooner waits and is counted, and what came
 * after it waits behind it, so that nothing is reordered. A message that
 * there is no memory for is put back and tried again.
 *
 * The last delivery of a watch runs inside umount(2), with s_umount held: it
 * reads nothing but the watch, takes no lock but deliver_lock, the network
 * namespace's and the state's, and ignores the limit. Memory is allocated in
 * a NOFS scope for that reason.
 *
 * Accounting: every occurrence is notified, and then ends as exactly one of
 * sent, coalesced, no_listener and send_failed.
 *
 * Context: process context; may sleep.
 */
#include <linux/ktime.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <trace/events/fs_event.h>

#include "internal.h"
#include "netlink.h"

/* One pending slot, and what it is about. */
struct fse_pending {
	struct fse_note *note;
	enum fse_pending_kind {
		FSE_PENDING_ERROR,
		FSE_PENDING_CLEARED,
		FSE_PENDING_LEVEL,
	} kind;
	struct fse_level_set *set;
	unsigned int nr;
};

static bool fse_earlier(struct fse_note *note, struct fse_note *best)
{
	return note->slot.pending &&
	       (!best || note->slot.order < best->slot.order);
}

static void fse_pending_level(struct fse_level_set *set, struct fse_pending *p)
{
	unsigned int i;

	for (i = 0; set && i < set->nr; i++) {
		if (!fse_earlier(&set->note[i], p->note))
			continue;
		p->note = &set->note[i];
		p->kind = FSE_PENDING_LEVEL;
		p->set = set;
		p->nr = i;
	}
}

/* The earliest of all that is pending; &fse_sb.lock is held. */
static bool fse_pending_find(struct fse_watch *watch, struct fse_pending *p)
{
	struct fse_level_set *set;
	unsigned int i;

	p->note = NULL;
	for (i = 0; i < FSE_ERROR_NR; i++) {
		if (!fse_earlier(&watch->error[i], p->note))
			continue;
		p->note = &watch->error[i];
		p->kind = FSE_PENDING_ERROR;
		p->nr = i;
	}
	for (i = 0; i < FSE_CONDITION_NR; i++) {
		if (!fse_earlier(&watch->cleared[i], p->note))
			continue;
		p->note = &watch->cleared[i];
		p->kind = FSE_PENDING_CLEARED;
		p->nr = i;
	}
	for (i = 0; i < FSE_SET_NR; i++)
		fse_pending_level(watch->set[i], p);
	list_for_each_entry(set, &watch->retired, node)
		fse_pending_level(set, p);
	return p->note;
}

/* Where a level that was reported to be below was replaced, that is over. */
static void fse_record_level(struct fse_record *record,
			     const struct fse_pending *p)
{
	const struct fse_note *note = p->note;

	record->is_level = true;
	record->id = fse_level_id(p->set->which == FSE_INODES, p->nr,
				  note->slot.below);
	if (!list_empty(&p->set->node) && note->slot.below) {
		record->of = record->id;
		record->id = FS_INFO_CLEARED;
	}
	record->level_nr = p->nr + 1;
	record->avail = note->gauge.avail;
	record->total = note->gauge.total;
	record->frsize = note->gauge.frsize;
	record->trigger = note->trigger;
}

/* What the record refers to is borrowed from the watch and the slot. */
static void fse_record_fill(struct fse_record *record,
			    const struct fse_watch *watch,
			    const struct fse_pending *p)
{
	const struct fse_note *note = p->note;

	memset(record, 0, sizeof(*record));
	record->entry = watch->id;
	record->identity = watch->identity;
	record->mount = watch->mount;
	record->time_ns = note->slot.first_ns;
	switch (p->kind) {
	case FSE_PENDING_LEVEL:
		fse_record_level(record, p);
		break;
	case FSE_PENDING_CLEARED:
		record->id = FS_INFO_CLEARED;
		record->of = fse_error_id(p->nr);
		break;
	case FSE_PENDING_ERROR:
		record->id = fse_error_id(p->nr);
		record->pid = note->pid;
		record->ino = note->ino;
		record->error = note->error;
		record->has_error = true;
		break;
	}
}

/**
 * struct fse_sink - where records go
 * @send: takes a record; 0, -ESRCH: there is no listener, or -ENOMEM
 * @lose: the record is given up, after -ENOMEM; NULL: that never happens
 */
struct fse_sink {
	int (*send)(struct fse_watch *watch, const struct fse_record *record);
	void (*lose)(struct fse_watch *watch);
};

static int fse_send_netlink(struct fse_watch *watch,
			    const struct fse_record *record)
{
	return watch->net ? fse_netlink_send(watch->net, watch->pid_ns, record) :
			    -ESRCH;
}

static void fse_lose_netlink(struct fse_watch *watch)
{
	fse_net_lose_number(watch->net);
}

static int fse_send_events(struct fse_watch *watch,
			   const struct fse_record *record)
{
	return fse_audience_send(&watch->audience, record);
}

static int fse_send_private(struct fse_watch *watch,
			    const struct fse_record *record)
{
	return fse_stream_send(watch->stream, record);
}

/* What may lack memory comes first: it is tried again before the others. */
static const struct fse_sink fse_global_sinks[] = {
	{ .send = fse_send_netlink, .lose = fse_lose_netlink },
	{ .send = fse_send_events },
};

static const struct fse_sink fse_private_sinks[] = {
	{ .send = fse_send_private },
};

/*
 * Hands a record to the sinks of its watch. @last: there will be no other try.
 * Return: 0, -ESRCH: there is no listener, or -ENOMEM: there is one, which did not
 * get the record.
 */
static int fse_send(struct fse_watch *watch, const struct fse_record *record,
		    bool last)
{
	const struct fse_sink *sink = watch->stream ? fse_private_sinks :
						      fse_global_sinks;
	unsigned int nr = watch->stream ? ARRAY_SIZE(fse_private_sinks) :
					  ARRAY_SIZE(fse_global_sinks);
	int err, result = -ESRCH;

	for (; nr--; sink++) {
		err = sink->send(watch, record);
		if (err == -ENOMEM) {
			if (!last)
				return err;
			sink->lose(watch);
		}
		if (result == -ESRCH)
			result = err;
	}
	return result;
}

static void fse_told(const struct fse_watch *watch,
		     const struct fse_record *r, int err)
{
	fse_sent(watch->owner, watch->dev, watch->id, r->id, r->count, err);
}

static void fse_put_back(struct fse_watch *watch, struct fse_pending *p,
			 const struct fse_slot *taken,
			 struct fse_record *record)
{
	u64 retry = ktime_get_ns() + FSE_SLOT_GAP_NS;
	unsigned int merged;

	mutex_lock(&watch->es->lock);
	merged = fse_slot_untake(&p->note->slot, taken, retry);
	if (p->kind == FSE_PENDING_ERROR) {
		/* The message describes the first occurrence. */
		swap(p->note->pid, record->pid);
		p->note->ino = record->ino;
		p->note->error = record->error;
	}
	mutex_unlock(&watch->es->lock);
	if (!merged)
		return;
	fse_count(watch->owner, FSE_STAT_COALESCED, merged);
	trace_fs_event_coalesce(watch->dev, watch->id, record->id, merged, 0);
}

/*
 * Deliver the first of what is pending; deliver_lock is held. With @flush the
 * rate is not limited, and what became pending after rank @last is left. Return: 1
 * when there may be more, otherwise 0, with @wait_ns set to the time until the
 * next try, 0: none.
 */
static int fse_deliver_one(struct fse_watch *watch, bool flush, u64 last,
			   u64 *wait_ns)
{
	struct fse_record record;
	struct fse_pending p;
	struct fse_slot taken;
	u64 now = 0;
	bool any;
	int err;

	*wait_ns = 0;
	mutex_lock(&watch->es->lock);
	any = (flush || !watch->settling) && fse_pending_find(watch, &p) &&
	      p.note->slot.order <= last;
	if (any)
		now = ktime_get_ns();
	if (any && !flush)
		*wait_ns = fse_slot_wait(&p.note->slot, now);
	if (!any || *wait_ns) {
		mutex_unlock(&watch->es->lock);
		return 0;
	}
	taken = p.note->slot;
	fse_record_fill(&record, watch, &p);
	record.count = fse_slot_take(&p.note->slot, now);
	if (p.kind == FSE_PENDING_ERROR)
		p.note->pid = NULL;
	/* A request may exchange it. */
	fse_string_get(record.mount);
	mutex_unlock(&watch->es->lock);

	err = fse_send(watch, &record, flush);
	fse_string_put(record.mount);
	if (err && err != -ESRCH && !flush) {
		fse_put_back(watch, &p, &taken, &record);
		put_pid(record.pid);
		*wait_ns = FSE_SLOT_GAP_NS;
		return 0;
	}
	put_pid(record.pid);
	fse_told(watch, &record, err);
	return 1;
}

/* A request that changes the watch waits for one message, not for all. */
static u64 fse_deliver(struct fse_watch *watch, bool flush, u64 last)
{
	unsigned int nofs = memalloc_nofs_save();
	u64 wait_ns;
	int more;

	if (!flush)
		fse_anchor_look(watch);
	do {
		mutex_lock(&watch->deliver_lock);
		more = fse_deliver_one(watch, flush, last, &wait_ns);
		mutex_unlock(&watch->deliver_lock);
		cond_resched();
	} while (more);
	memalloc_nofs_restore(nofs);
	return wait_ns;
}

/* The rank of what became pending last. */
static u64 fse_deliver_last(struct fse_watch *watch)
{
	u64 last;

	mutex_lock(&watch->es->lock);
	last = watch->order;
	mutex_unlock(&watch->es->lock);
	return last;
}

/**
 * fse_deliver_now - deliver what may be sent now, the rest a little later
 * @watch: the watch, a reference
 *
 * Context: Process context, may sleep.
 */
void fse_deliver_now(struct fse_watch *watch)
{
	u64 wait_ns = fse_deliver(watch, false, U64_MAX);

	if (!wait_ns)
		return;
	/* Not once fse_deliver_stop() may have passed. */
	mutex_lock(&watch->es->lock);
	if (!watch->dead &&
	    queue_delayed_work(fse_deliver_wq, &watch->deliver,
			       nsecs_to_jiffies(wait_ns) + 1))
		kref_get(&watch->ref);
	mutex_unlock(&watch->es->lock);
}

static void fse_deliver_work(struct work_struct *work)
{
	struct fse_watch *watch = container_of(work, struct fse_watch,
					       deliver.work);

	fse_deliver_now(watch);
	fse_watch_put(watch);
}

void fse_deliver_init(struct fse_watch *watch)
{
	mutex_init(&watch->deliver_lock);
	INIT_DELAYED_WORK(&watch->deliver, fse_deliver_work);
}

/* Deliver what is pending when this begins, now. */
static void fse_deliver_flush(struct fse_watch *watch)
{
	fse_deliver(watch, true, fse_deliver_last(watch));
}

static bool fse_has_retired(struct fse_watch *watch)
{
	bool has;

	mutex_lock(&watch->es->lock);
	has = !list_empty(&watch->retired);
	mutex_unlock(&watch->es->lock);
	return has;
}

/**
 * fse_deliver_retired - deliver what levels that were replaced have to report
 * @watch: the watch
 *
 * If there are such levels, all that is pending when this begins is delivered, in
 * order. Then no level of the watch is left but those that it has now. Otherwise
 * nothing is: readers of the watch call this, and must not exceed its rate.
 *
 * Context: Process context; deliver_lock is held.
 */
void fse_deliver_retired(struct fse_watch *watch)
{
	struct fse_level_set *set, *next;
	u64 last, wait_ns;
	unsigned int nofs;
	LIST_HEAD(retired);

	lockdep_assert_held(&watch->deliver_lock);
	if (!fse_has_retired(watch))
		return;
	nofs = memalloc_nofs_save();
	last = fse_deliver_last(watch);
	while (fse_deliver_one(watch, true, last, &wait_ns))
		;
	mutex_lock(&watch->es->lock);
	list_splice_init(&watch->retired, &retired);
	mutex_unlock(&watch->es->lock);
	list_for_each_entry_safe(set, next, &retired, node)
		fse_set_free(set);
	memalloc_nofs_restore(nofs);
}

/*
 * What is left to report of a change; deliver_lock is held. Tasks that change a
 * watch report in any order: the first report is that the watch was made, and
 * after its removal there is none. Return: there is something to report.
 */
static bool fse_change_due(struct fse_watch *watch, struct fse_entry *entry)
{
	if (watch->removed)
		return false;
	if (entry->change == FS_NL_CHANGE_REMOVED)
		watch->removed = true;
	else
		entry->change = watch->announced ? FS_NL_CHANGE_CHANGED :
						   FS_NL_CHANGE_ADDED;
	watch->announced = true;
	return true;
}

/**
 * fse_deliver_changed - report that a watch was made, changed or removed
 * @watch: the watch, a global one; its deliveries may still go on
 * @removed: it was removed
 *
 * What levels that were replaced have to report comes before.
 *
 * Context: Process context without locks of ours, perhaps inside umount(2).
 * Return: the numbers of its network namespace that went with the message;
 * all 0 for a watch that belongs to none.
 */
struct fse_numbers fse_deliver_changed(struct fse_watch *watch, bool removed)
{
	struct fse_entry entry = {
		.figures	= true,
		.watch		= watch,
		.is_change	= true,
		.change		= removed ? FS_NL_CHANGE_REMOVED :
					    FS_NL_CHANGE_CHANGED,
	};
	unsigned int nofs = memalloc_nofs_save();
	struct fse_string *mount;

	fse_watch_changed();
	mutex_lock(&watch->deliver_lock);
	fse_deliver_retired(watch);
	mutex_lock(&watch->es->lock);
	mount = fse_string_get(watch->mount);
	mutex_unlock(&watch->es->lock);
	entry.mount = mount->s;
	if (watch->net && fse_change_due(watch, &entry))
		fse_netlink_change(watch->net, &entry);
	mutex_unlock(&watch->deliver_lock);
	fse_string_put(mount);
	memalloc_nofs_restore(nofs);
	return entry.numbers;
}

/**
 * fse_deliver_stop - no more deliveries by themselves
 * @watch: the watch, unpublished
 *
 * A fan-out or a sample that noted something before the watch was unpublished
 * may still call fse_deliver_now(): it finds nothing that fse_deliver_end() has
 * not sent.
 *
 * Context: Process context without locks.
 */
void fse_deliver_stop(struct fse_watch *watch)
{
	if (cancel_delayed_work_sync(&watch->deliver))
		fse_watch_put(watch);
}

/* The watch is removed: all that it reported is over for its listeners. */
static void fse_clear_all(struct fse_watch *watch)
{
	unsigned int i;

	mutex_lock(&watch->deliver_lock);
	mutex_lock(&watch->es->lock);
	for (i = 0; i < FSE_SET_NR; i++)
		fse_levels_retire(watch, i);
	fse_watch_clear(watch, FSE_CONDITIONS);
	mutex_unlock(&watch->es->lock);
	mutex_unlock(&watch->deliver_lock);
}

/* Report that a mount of a watch, or its super block, went. Under deliver_lock. */
static void fse_deliver_unmount(struct fse_watch *watch, bool last, int error,
				struct fse_string *mount)
{
	const struct fse_record record = {
		.id		= FS_INFO_UNMOUNT,
		.count		= 1,
		.time_ns	= ktime_get_real_ns(),
		.entry		= watch->id,
		.has_error	= true,
		.error		= error,
		.last		= last,
		.identity	= watch->identity,
		.mount		= mount,
	};
	unsigned int nofs = memalloc_nofs_save();

	fse_count(watch->owner, FSE_STAT_NOTIFIED, 1);
	trace_fs_event_notify(watch->dev, watch->id, record.id, error);
	fse_told(watch, &record, fse_send(watch, &record, true));
	memalloc_nofs_restore(nofs);
}

/**
 * fse_deliver_left - a mount of a watch went, and the watch goes on
 * @watch: the watch, a reference
 * @mount: path of that mount
 *
 * The watch may have ended since. Nothing is reported after its end.
 *
 * Context: Process context without locks.
 */
void fse_deliver_left(struct fse_watch *watch, struct fse_string *mount)
{
	fse_deliver_flush(watch);
	mutex_lock(&watch->deliver_lock);
	if (!READ_ONCE(watch->dead))
		fse_deliver_unmount(watch, false, FSE_END_MOUNT, mount);
	mutex_unlock(&watch->deliver_lock);
}

/**
 * fse_deliver_end - the last events of a watch
 * @watch: the watch, after fse_deliver_stop()
 * @how: as for fse_watches_dispose()
 */
void fse_deliver_end(struct fse_watch *watch, int how)
{
	if (how == FSE_END_SILENT)
		fse_clear_all(watch);
	fse_deliver_flush(watch);
	if (how == FSE_END_SILENT)
		return;
	mutex_lock(&watch->deliver_lock);
	fse_deliver_unmount(watch, true, how, watch->mount);
	mutex_unlock(&watch->deliver_lock);
}
