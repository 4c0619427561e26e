// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: the state of a watched super block.
 *
 * Made by the request that makes the first watch of a super block, retired
 * with the last one, and drained inside umount(2) when the super block goes
 * first.
 *
 * No task may still read a super block that is going away, and the task that
 * removes the last watch must not leave such a reader behind either.
 * So its tie (module/sb_mark.c, builtin/sb.c), by which umount finds the state,
 * is cut last:
 *
 *   removal				umount(2)
 *   1. unpublish, under its lock	generic_shutdown_super()
 *   2. wait for all work		  fse_sb_gone()
 *   3. cut the tie			    1. and 2., whoever came first
 *					  put_super, memory freed
 *
 * Both do 1. and 2.; each is safe to do twice. While the tie is there, umount
 * comes through fse_sb_gone() and waits there; once it is not, no work is left.
 * Removal does 2. and 3. in a work item of its own, since a local ->statfs
 * under way may wait for a dead disk.
 *
 * A request about a super block claims its state while it takes effect. So the
 * state is there, and alive, when a watch is published. The request holds a path,
 * so umount(2) of the super block comes later.
 *
 * Memory is counted by @ref; it is freed after a grace period, since notify looks
 * it up under RCU.
 *
 * Context: process context; may sleep, except for fse_sb_find().
 */
#include <linux/blk_types.h>
#include <linux/list.h>
#include <linux/pid.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "account.h"
#include "health.h"
#include "internal.h"

/* All published states; changed under fse_supers_lock. */
static HLIST_HEAD(fse_supers);
static DEFINE_SPINLOCK(fse_supers_lock);

static void fse_sb_reap(struct work_struct *work)
{
	struct fse_sb *es = container_of(work, struct fse_sb, reap);

	fse_sb_quiesce(es);
	fse_sb_detach(es);
}

/*
 * Notify, which found the state under RCU, may have queued a fan-out or an
 * irq_work after fse_sb_quiesce() passed. Where irq_works run from the timer's
 * interrupt the grace period may have been shorter.
 */
static void fse_sb_free(struct fse_sb *es)
{
	unsigned int i;

	irq_work_sync(&es->hint);
	fse_fanout_stop(es);
	for (i = 0; i < FSE_ERROR_NR; i++)
		put_pid(es->error[i].pid);
	kfree(es);
}

static void fse_sb_free_work(struct work_struct *work)
{
	fse_sb_free(container_of(to_rcu_work(work), struct fse_sb, free));
}

/**
 * fse_sb_alloc - state for a super block
 * @sb: the super block; the caller holds a path to it
 *
 * Return: state that nothing leads to, or NULL when there is no memory.
 */
struct fse_sb *fse_sb_alloc(struct super_block *sb)
{
	const struct fs_trace_info info = fse_joined_info(sb);
	struct fse_sb *es = kzalloc_obj(*es, GFP_KERNEL_ACCOUNT);

	if (!es)
		return NULL;
	es->own = info.events_cap_mask & FS_EVENT_CAP_GENERIC;
	if (!info.ops || !info.ops->failed)
		es->unasked = es->own & FSE_LASTING;
	kref_init(&es->ref);
	INIT_HLIST_NODE(&es->node);
	es->sb = sb;
	mutex_init(&es->lock);
	INIT_LIST_HEAD(&es->watches);
	INIT_LIST_HEAD(&es->globals);
	INIT_LIST_HEAD(&es->askers);
	fse_fanout_init(es);
	INIT_WORK(&es->reap, fse_sb_reap);
	fse_orphans_init(es);
	INIT_RCU_WORK(&es->free, fse_sb_free_work);
	es->driver = fse_driver_of(sb);
	es->remote = fse_statfs_remote(sb, es->driver, &info);
	if (sb->s_bdev)
		es->bdev_mapping = sb->s_bdev->bd_mapping;
	fse_health_init(es);
	fse_sample_init(es);
	fse_call_init(es);
	return es;
}

static void fse_sb_release(struct kref *ref)
{
	struct fse_sb *es = container_of(ref, struct fse_sb, ref);

	fse_account_disable(es->account);
	/* Most that requests bring along are not needed, and were never found. */
	if (es->published)
		queue_rcu_work(fse_sample_wq, &es->free);
	else
		fse_sb_free(es);
}

/**
 * fse_sb_put - drop a reference to the memory
 * @es: the state
 *
 * Context: Process context, may sleep.
 */
void fse_sb_put(struct fse_sb *es)
{
	kref_put(&es->ref, fse_sb_release);
}

/**
 * fse_sb_discard - drop state that was never published
 * @es: the state; it may be attached
 *
 * Context: Process context without locks, may sleep.
 */
void fse_sb_discard(struct fse_sb *es)
{
	fse_sb_quiesce(es);
	if (es->attached) {
		fse_sb_hold(es);
		fse_sb_detach(es);
	} else {
		fse_sb_put(es);
	}
}

/*
 * Let the state of a super block be found, already claimed, unless there is
 * another one.
 */
static bool fse_sb_publish(struct fse_sb *es)
{
	bool first;

	spin_lock(&fse_supers_lock);
	first = !fse_sb_find(es->sb);
	if (first) {
		es->published = true;
		es->claims = 1;
		kref_get(&es->ref);
		hlist_add_head_rcu(&es->node, &fse_supers);
		fse_sb_bind(es);
	}
	spin_unlock(&fse_supers_lock);
	return first;
}

/**
 * fse_sb_account - a watch needs the space budget
 * @es: the super block's state, which the caller has claimed
 * @account: what fse_account_enable() gave; taken over, and set to NULL, if it is
 *	the first
 *
 * A sample under way may have begun before it: the caller requests another one.
 *
 * Context: &fse_sb.lock is held.
 */
void fse_sb_account(struct fse_sb *es, struct fse_account **account)
{
	lockdep_assert_held(&es->lock);
	if (es->account || es->dead)
		return;
	spin_lock(&fse_supers_lock);
	fse_account_serve(*account, es);
	spin_unlock(&fse_supers_lock);
	/* Samples read it without the lock. */
	smp_store_release(&es->account, *account);
	*account = NULL;
}

/**
 * fse_sb_find_if - a state that matches
 * @match: does it?
 * @arg: its second argument
 *
 * Walks through all: only for what happens rarely.
 *
 * Context: As fse_sb_find().
 */
struct fse_sb *fse_sb_find_if(bool (*match)(struct fse_sb *es,
					    const void *arg),
			      const void *arg)
{
	struct fse_sb *es;

	hlist_for_each_entry_rcu_notrace(es, &fse_supers, node) {
		if (match(es, arg))
			return es;
	}
	return NULL;
}

/**
 * fse_sb_get - a reference to the state of a super block
 * @sb: the super block
 *
 * Context: Any.
 * Return: the state, or NULL when the super block is not watched.
 */
struct fse_sb *fse_sb_get(const struct super_block *sb)
{
	struct fse_sb *es;

	rcu_read_lock();
	es = fse_sb_find(sb);
	if (es && !kref_get_unless_zero(&es->ref))
		es = NULL;
	rcu_read_unlock();
	return es;
}

static bool fse_sb_unpublish(struct fse_sb *es)
{
	lockdep_assert_held(&es->lock);
	if (es->dead)
		return false;
	raw_spin_lock_irq(&es->slot_lock);
	es->dead = true;
	es->wanted = 0;
	raw_spin_unlock_irq(&es->slot_lock);
	spin_lock(&fse_supers_lock);
	if (!hlist_unhashed(&es->node)) {
		hlist_del_init_rcu(&es->node);
		fse_sb_unbind(es);
		fse_account_serve(es->account, NULL);
	}
	spin_unlock(&fse_supers_lock);
	return true;
}

static struct fse_sb *fse_sb_claim_known(const struct super_block *sb)
{
	struct fse_sb *es;
	bool alive;

	/* A state that died since it was found is not found again. */
	while ((es = fse_sb_get(sb))) {
		mutex_lock(&es->lock);
		alive = !es->dead;
		es->claims += alive;
		mutex_unlock(&es->lock);
		if (alive)
			break;
		fse_sb_put(es);
	}
	return es;
}

/**
 * fse_sb_claim - keep the state of a super block while a request takes effect
 * @sb: the super block, to which the caller holds a path
 * @spare: state to publish if there is none, which is taken over then; NULL: then
 *	nothing is claimed
 *
 * Context: Process context, may sleep.
 * Return: a reference to the state, for fse_sb_unclaim(); NULL when there is none;
 * or an error pointer: no memory.
 */
struct fse_sb *fse_sb_claim(const struct super_block *sb, struct fse_sb **spare)
{
	struct fse_sb *es;
	int err;

	for (;;) {
		es = fse_sb_claim_known(sb);
		if (es || !spare)
			return es;
		es = *spare;
		err = es->attached ? 0 : fse_sb_attach(es);
		if (err)
			return ERR_PTR(err);
		if (fse_sb_publish(es)) {
			*spare = NULL;
			return es;
		}
	}
}

/**
 * fse_sb_unclaim - a request has taken effect
 * @es: what fse_sb_claim() gave; the reference goes
 *
 * Context: Process context, may sleep.
 */
void fse_sb_unclaim(struct fse_sb *es)
{
	mutex_lock(&es->lock);
	if (!--es->claims && !fse_watch_first(es))
		fse_sb_retire(es);
	mutex_unlock(&es->lock);
	fse_sb_put(es);
}

/* Deliver what a walk has found so far. */
static void fse_walk_deliver(struct fse_walk *walk)
{
	unsigned int i;

	for (i = 0; i < walk->nr_kicked; i++) {
		fse_deliver_now(walk->kicked[i]);
		fse_watch_put(walk->kicked[i]);
	}
	walk->nr_kicked = 0;
}

/**
 * fse_walk_begin - begin to walk over the watches of a super block
 * @walk: the walk
 * @es: the super block's state
 *
 * Context: Process context. &fse_sb.lock is taken, until fse_walk_end().
 */
void fse_walk_begin(struct fse_walk *walk, struct fse_sb *es)
{
	walk->es = es;
	walk->at.watch = NULL;
	walk->nr = 0;
	walk->nr_kicked = 0;
	mutex_lock(&es->lock);
	list_add(&walk->at.node, &es->watches);
}

/**
 * fse_walk_next - go on to the next watch
 * @walk: the walk
 *
 * Each FSE_WALK_MAX watches &fse_sb.lock is dropped, and what they have to
 * deliver is delivered. A watch that is published meanwhile may be passed over.
 *
 * Return: the watch, valid until the next call; NULL at the end.
 */
struct fse_watch *fse_walk_next(struct fse_walk *walk)
{
	struct fse_sb *es = walk->es;
	struct fse_watch *watch;

	if (walk->nr++ == FSE_WALK_MAX) {
		mutex_unlock(&es->lock);
		fse_walk_deliver(walk);
		mutex_lock(&es->lock);
		walk->nr = 1;
	}
	/* The caller may run 128 levels for each watch. */
	cond_resched();
	watch = fse_link_next(es, &walk->at.node);
	if (watch)
		list_move(&walk->at.node, &watch->link.node);
	return watch;
}

/**
 * fse_walk_kick - the watch that a walk has come to has something to deliver
 * @walk: the walk
 * @watch: the watch
 */
void fse_walk_kick(struct fse_walk *walk, struct fse_watch *watch)
{
	kref_get(&watch->ref);
	walk->kicked[walk->nr_kicked++] = watch;
}

/**
 * fse_walk_end - end a walk, and deliver what it found
 * @walk: the walk
 *
 * Context: Process context. Drops &fse_sb.lock.
 */
void fse_walk_end(struct fse_walk *walk)
{
	list_del(&walk->at.node);
	mutex_unlock(&walk->es->lock);
	fse_walk_deliver(walk);
}

/**
 * fse_sb_retire - the last watch is gone
 * @es: the state
 *
 * Context: &fse_sb.lock is held. The rest is done by a work item.
 */
void fse_sb_retire(struct fse_sb *es)
{
	if (!fse_sb_unpublish(es))
		return;
	/* umount still has to take the lock. */
	fse_sb_hold(es);
	queue_work(fse_sample_wq, &es->reap);
}

/**
 * fse_sb_quiesce - wait until no work uses the super block
 * @es: the state, unpublished
 *
 * Context: Process context without locks. May wait for a local ->statfs; never
 * for a remote one, which owns what it uses.
 */
void fse_sb_quiesce(struct fse_sb *es)
{
	cancel_delayed_work_sync(&es->orphans);
	fse_health_stop(es);
	fse_fanout_stop(es);
	fse_sample_stop(es);
}

/**
 * fse_sb_gone - the super block is being shut down
 * @es: its state
 *
 * Ends its watches and reports that, then waits until no task uses it.
 *
 * Context: Called by umount(2) with s_umount held for write, or without by
 * the task that cuts the tie; then there is nothing left to do.
 */
void fse_sb_gone(struct fse_sb *es)
{
	struct fse_watch *watch;
	struct fse_walk walk;
	LIST_HEAD(ended);

	mutex_lock(&es->lock);
	/* Not through the last watch: here the reaper is not needed. */
	fse_sb_unpublish(es);
	mutex_unlock(&es->lock);
	/* No slot is written any more. */
	fse_fanout(es);
	fse_walk_begin(&walk, es);
	while ((watch = fse_walk_next(&walk)))
		fse_watch_unpublish(watch, &ended);
	fse_walk_end(&walk);
	fse_sb_quiesce(es);
	fse_watches_dispose(&ended, FSE_END_SB);
}
