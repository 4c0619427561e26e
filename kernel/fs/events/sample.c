// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: levels, by asking the file system.
 *
 * A work item a super block asks ->statfs, and whether the file system still
 * works (health.c), runs the levels of its watches over the answer, and sleeps
 * for the interval that interval.c computes. It sleeps for good while no watch
 * has a level or an event on that sampling finds. Frozen file systems are left
 * alone; one whose s_umount is taken is asked again soon.
 *
 * An answer of no blocks at all, or an error, says nothing: states stay, no
 * event is sent, and it is counted as sample_failed.
 *
 * A timer leads to the work. It is not a deferrable one, not even at rest: that
 * would wait for as long as the CPU sleeps that took the last sample, while
 * another CPU fills the file system. (The timers of a CPU that sleeps are run
 * by one that is busy, so it is woken only when all of them sleep.)
 *
 * Context: the work sleeps. The super block is valid until fse_sample_stop()
 * has returned.
 */
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/magic.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/part_stat.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/wait.h>
#include <trace/events/fs_event.h>

#include "account.h"
#include "internal.h"

/*
 * --- whose figures, and of which directory ---------------------------------
 *
 * The answer of statfs(2) may depend on the caller: a FUSE daemon or a server may
 * give each user other figures, or none. And a directory may have figures of its
 * own: with project quota, those of the project's limit. A watch is about the
 * figures that its maker gets at the mount that it names, and no maker learns
 * others.
 *
 * Watches that get the same figures share an asker. A local file system answers
 * every user alike, so there it has one, and one more for each directory with
 * figures of its own. A remote one has an asker for each kind of credentials; they
 * are asked in turn, one with each sample, the administrator's first.
 *
 * Lifetime: an asker is in the list of its super block while watches have it. Its
 * directory is the root of mounts that these watches are tied to, which keep it.
 *
 * Context: the list and the figures are under &fse_sb.lock.
 */

/**
 * fse_asker_alloc - an asker for a watch that is to be made
 * @dentry: the directory with figures of its own, or NULL
 * @cred: credentials of the watch's maker
 * @owner: whom its calls are counted for
 * @slow: the maker has no privilege over the file system
 *
 * Return: a reference, or NULL when there is no memory.
 */
struct fse_asker *fse_asker_alloc(struct dentry *dentry,
				  const struct cred *cred,
				  struct fse_owner *owner, bool slow)
{
	struct fse_asker *asker = kzalloc_obj(*asker, GFP_KERNEL_ACCOUNT);

	if (!asker)
		return NULL;
	kref_init(&asker->ref);
	INIT_LIST_HEAD(&asker->node);
	asker->dentry = dentry;
	asker->cred = get_cred(cred);
	asker->owner = fse_owner_get(owner);
	asker->slow = slow;
	return asker;
}

static void fse_asker_release(struct kref *ref)
{
	struct fse_asker *asker = container_of(ref, struct fse_asker, ref);

	fse_owner_put(asker->owner);
	put_cred(asker->cred);
	kfree(asker);
}

/* @asker: or NULL. Context: Process context, may sleep. */
void fse_asker_put(struct fse_asker *asker)
{
	if (asker)
		kref_put(&asker->ref, fse_asker_release);
}

/* Would a server give both the same answer? */
static bool fse_creds_alike(const struct cred *a, const struct cred *b)
{
	return a == b ||
	       (a->user_ns == b->user_ns && !cred_fscmp(a, b) &&
		uid_eq(a->uid, b->uid) && uid_eq(a->euid, b->euid) &&
		uid_eq(a->suid, b->suid) && gid_eq(a->gid, b->gid) &&
		gid_eq(a->egid, b->egid) && gid_eq(a->sgid, b->sgid));
}

/**
 * fse_asker_join - let a watch have an asker
 * @watch: the watch, being published, with an asker of its own
 *
 * The watch gets another one if it gives the same figures.
 *
 * Context: &fse_sb.lock is held.
 */
void fse_asker_join(struct fse_watch *watch)
{
	struct fse_asker *asker, *own = watch->asker;
	struct fse_sb *es = watch->es;

	lockdep_assert_held(&es->lock);
	list_for_each_entry(asker, &es->askers, node) {
		if (asker->dentry != own->dentry ||
		    (es->remote && !fse_creds_alike(asker->cred, own->cred)))
			continue;
		asker->slow &= own->slow;
		asker->nr_watches++;
		kref_get(&asker->ref);
		watch->asker = asker;
		fse_asker_put(own);
		return;
	}
	own->nr_watches = 1;
	kref_get(&own->ref);
	if (own->slow)
		list_add_tail(&own->node, &es->askers);
	else
		list_add(&own->node, &es->askers);
}

/**
 * fse_asker_leave - a watch asks no more
 * @watch: the watch; it keeps its reference, for the figures
 *
 * Context: &fse_sb.lock is held.
 */
void fse_asker_leave(struct fse_watch *watch)
{
	struct fse_asker *asker = watch->asker;

	lockdep_assert_held(&watch->es->lock);
	if (!--asker->nr_watches)
		fse_asker_forget(asker);
}

/**
 * fse_asker_forget - do not ask here any more
 * @asker: the asker; the directory may go
 *
 * Context: &fse_sb.lock is held.
 */
void fse_asker_forget(struct fse_asker *asker)
{
	if (list_empty(&asker->node))
		return;
	list_del_init(&asker->node);
	/* A watch has a reference. */
	fse_asker_put(asker);
}

/**
 * fse_asker_next - whose turn it is to ask
 * @es: the super block's state
 * @round: number of the sample
 *
 * Context: Process context. The super block is kept by the caller.
 * Return: a reference to an asker, with its directory, which fse_asker_done()
 * drops; NULL: all of them asked in this sample.
 */
static struct fse_asker *fse_asker_next(struct fse_sb *es, unsigned int round)
{
	struct fse_asker *asker;

	mutex_lock(&es->lock);
	asker = list_first_entry_or_null(&es->askers, struct fse_asker, node);
	if (asker && asker->asked != round) {
		asker->asked = round;
		list_move_tail(&asker->node, &es->askers);
		kref_get(&asker->ref);
		dget(asker->dentry);
	} else {
		asker = NULL;
	}
	mutex_unlock(&es->lock);
	return asker;
}

/* See fse_asker_next(). */
static void fse_asker_done(struct fse_asker *asker)
{
	dput(asker->dentry);
	fse_asker_put(asker);
}

/**
 * fse_asker_failed - there was no answer that says anything
 * @es: the super block's state
 * @asker: the asker
 *
 * Context: Process context.
 */
static void fse_asker_failed(struct fse_sb *es, struct fse_asker *asker)
{
	/* A server in trouble is not asked more often than one at rest. */
	u64 delay_ns = es->remote ? FSE_INTERVAL_REMOTE_REST_NS :
				    FSE_INTERVAL_REST_MIN_NS;

	mutex_lock(&es->lock);
	asker->due_ns = ktime_get_ns() + delay_ns;
	mutex_unlock(&es->lock);
}

/**
 * fse_asker_answer - take in what a file system said
 * @es: the super block's state
 * @asker: the asker that the answer is for
 * @st: the answer
 *
 * Context: Process context.
 */
static void fse_asker_answer(struct fse_sb *es, struct fse_asker *asker,
			     const struct kstatfs *st)
{
	mutex_lock(&es->lock);
	asker->space.avail = st->f_bavail;
	asker->space.total = st->f_blocks;
	asker->space.frsize = st->f_frsize ?: st->f_bsize;
	asker->inodes.avail = st->f_ffree;
	asker->inodes.total = st->f_files;
	asker->fresh = true;
	/* That it is full is seen by what the whole file system has. */
	if (!asker->dentry) {
		es->data = asker->space;
		es->meta = asker->inodes;
		if (es->driver && es->driver->full)
			es->driver->full(es, st);
	}
	mutex_unlock(&es->lock);
}

/*
 * --- two ways to call ->statfs, neither of which pins ----------------------
 *
 * A local file system answers from memory (health.c says which do not). It is
 * called with s_umount held for reading, taken with a trylock: umount(2) waits
 * for the answer, and we never wait for umount.
 *
 * Any other may wait for a server or a daemon, perhaps for ever. s_umount must
 * not be held then: sync(2) and umount of the whole machine wait for it. So it is
 * called with a reference to the super block instead,
 * in a work item of its own that owns what it uses, and the reference is
 * dropped in yet another one: it may turn out to be the last, and then the
 * file system is shut down there, which comes through fse_sb_gone(), which
 * waits for the sampler. There is one call at a time per super block, also when
 * its state was retired and made again meanwhile. A call that does not return
 * delays no other call, and is counted as stuck. Calls have workqueues of their
 * own: one for the administrator's watches, one for those of users. So however
 * many servers of a user hang, the administrator's calls continue.
 *
 * A server that answers must not make a difference to umount(2): that is
 * synchronous unless a call is under way when the mount lets go of the super
 * block. So a mount that goes, and the task that ends the last watch, wait for
 * the call, but at most FSE_CALL_WAIT_NS; and no call begins after that.
 *
 * ->statfs runs with the credentials of a watch's maker.
 *
 * A call under way holds a reference to the module; it is given back before
 * the work function returns, and module exit waits for the workqueue.
 *
 * Context: process context; may sleep.
 */

/*
 * States whose call is under way, one at most a super block. The entry goes
 * after the reference to the super block, so a task that waits for the entry to
 * go knows that the reference is gone.
 */
static LIST_HEAD(fse_calls);
static DEFINE_SPINLOCK(fse_calls_lock);
static DECLARE_WAIT_QUEUE_HEAD(fse_calls_wq);

/**
 * fse_statfs_remote - may ->statfs wait for another machine, a daemon, a disk?
 * @sb: the super block
 * @driver: its driver
 * @info: what the file system registered
 *
 * Stacked file systems may: it depends on what is below.
 */
bool fse_statfs_remote(const struct super_block *sb,
		       const struct fse_driver *driver,
		       const struct fs_trace_info *info)
{
	if (info->flags & FS_TRACE_LOCAL)
		return false;
	if (driver->statfs != FSE_STATFS_MEMORY)
		return true;
	switch (sb->s_magic) {
	case TMPFS_MAGIC:
	case RAMFS_MAGIC:
		return false;
	case FUSE_SUPER_MAGIC:
		/* fuseblk has a device, and a daemon nevertheless. */
		return true;
	default:
		return !(sb->s_type->fs_flags & FS_REQUIRES_DEV);
	}
}

/* What ->statfs would say, from a file system that knows it cheaper. */
static bool fse_query(struct fse_sb *es, const struct fse_asker *asker,
		      struct kstatfs *st)
{
	const struct fs_trace_info info = fse_joined_info(es->sb);
	u64 now = ktime_get_ns(), avail;

	if (!info.ops || !info.ops->query || asker->dentry)
		return false;
	if (!asker->space.total || es->asks_inodes ||
	    now - es->statfs_ns >= FSE_INTERVAL_REST_MIN_NS) {
		es->statfs_ns = now;
		return false;
	}
	info.ops->query(es->sb, &avail);
	st->f_bavail = avail;
	st->f_blocks = asker->space.total;
	st->f_frsize = asker->space.frsize;
	st->f_ffree = asker->inodes.avail;
	st->f_files = asker->inodes.total;
	return true;
}

/* Ask, and take the answer in. */
static void fse_ask(struct fse_sb *es, struct fse_asker *asker)
{
	struct dentry *dentry = asker->dentry ?: es->sb->s_root;
	struct kstatfs st = {};
	const struct cred *old;
	int err = 0;

	if (!fse_query(es, asker, &st)) {
		old = override_creds(asker->cred);
		err = es->sb->s_op->statfs(dentry, &st);
		revert_creds(old);
	}
	fse_count(asker->owner, FSE_STAT_SAMPLES, 1);
	if (err || (!st.f_blocks && !st.f_files)) {
		fse_count(asker->owner, FSE_STAT_SAMPLE_FAILED, 1);
		fse_asker_failed(es, asker);
	} else {
		fse_asker_answer(es, asker, &st);
	}
}

/**
 * fse_statfs_local - ask a local file system for all figures
 * @es: its state
 *
 * Return: 0, or -EAGAIN when s_umount is taken.
 */
static int fse_statfs_local(struct fse_sb *es)
{
	struct super_block *sb = es->sb;
	struct fse_asker *asker;

	if (!down_read_trylock(&sb->s_umount))
		return -EAGAIN;
	if (!(READ_ONCE(sb->s_flags) & SB_BORN) || !sb->s_root) {
		up_read(&sb->s_umount);
		return -EAGAIN;
	}
	es->rounds++;
	fse_account_see(es);
	while ((asker = fse_asker_next(es, es->rounds))) {
		fse_ask(es, asker);
		fse_asker_done(asker);
	}
	up_read(&sb->s_umount);
	return 0;
}

/* How often its disk was read and written to. */
static unsigned long fse_disk_io(const struct fse_sb *es)
{
	struct block_device *bdev = es->sb->s_bdev;

	if (!bdev)
		return 0;
	return part_stat_read(bdev, ios[STAT_READ]) +
	       part_stat_read(bdev, ios[STAT_WRITE]);
}

/**
 * fse_statfs_due - may a remote file system be asked now?
 * @es: its state
 *
 * One that reads its disk for an answer would wake it. So it is asked after
 * something else has used the disk, without which nothing can have changed for
 * long.
 *
 * Context: The sampler's work, during which the super block is valid.
 */
static bool fse_statfs_due(const struct fse_sb *es)
{
	return es->driver->statfs != FSE_STATFS_READS ||
	       READ_ONCE(es->disk_io) != fse_disk_io(es);
}

/* The call under way for a super block, of its state or of an earlier one. */
static struct fse_sb *fse_call_of(const struct super_block *sb)
{
	struct fse_sb *es;

	lockdep_assert_held(&fse_calls_lock);
	list_for_each_entry(es, &fse_calls, calling) {
		if (es->sb == sb)
			return es;
	}
	return NULL;
}

static bool fse_call_over(const struct fse_sb *es)
{
	bool over;

	spin_lock(&fse_calls_lock);
	over = !fse_call_of(es->sb);
	spin_unlock(&fse_calls_lock);
	return over;
}

static void fse_call_drop(struct work_struct *work)
{
	struct fse_sb *es = container_of(work, struct fse_sb, drop);

	deactivate_super(es->sb);
	spin_lock(&fse_calls_lock);
	list_del(&es->calling);
	spin_unlock(&fse_calls_lock);
	wake_up_all(&fse_calls_wq);
	fse_sb_put(es);
	module_put(THIS_MODULE);
}

/* It is not stuck, or not any more. */
static void fse_call_answered(struct fse_sb *es)
{
	struct fse_owner *owner;

	spin_lock(&fse_calls_lock);
	es->answered = true;
	owner = es->stuck;
	es->stuck = NULL;
	spin_unlock(&fse_calls_lock);
	if (!owner)
		return;
	fse_count(owner, FSE_STAT_STUCK, -1);
	fse_owner_put(owner);
}

static void fse_sample_take(struct fse_sb *es, u64 begun_ns, u64 asked_ns);

static void fse_call_work(struct work_struct *work)
{
	struct fse_sb *es = container_of(work, struct fse_sb, call);
	u64 start = ktime_get_ns(), asked_ns;

	fse_account_see(es);
	fse_ask(es, es->call_asker);
	asked_ns = ktime_get_ns() - start;
	fse_call_answered(es);
	fse_sample_take(es, start, asked_ns);
	fse_asker_done(es->call_asker);
	queue_work(es->call_wq, &es->drop);
}

void fse_call_init(struct fse_sb *es)
{
	INIT_WORK(&es->call, fse_call_work);
	INIT_WORK(&es->drop, fse_call_drop);
}

/* Begin a call unless one is under way or none may be. Return: it began. */
static bool fse_call_begin(struct fse_sb *es, struct fse_owner *owner)
{
	u64 now = ktime_get_ns();
	bool begun = false;
	struct fse_sb *at;

	spin_lock(&fse_calls_lock);
	at = fse_call_of(es->sb);
	if (at) {
		if (!at->stuck && !at->answered &&
		    now - at->call_ns >= FSE_INTERVAL_REST_MIN_NS) {
			at->stuck = fse_owner_get(owner);
			fse_count(owner, FSE_STAT_STUCK, 1);
		}
	} else if (!READ_ONCE(es->dead) && now >= es->call_not_before_ns) {
		begun = atomic_inc_not_zero(&es->sb->s_active);
	}
	if (begun) {
		es->answered = false;
		es->call_ns = now;
		WRITE_ONCE(es->disk_io, fse_disk_io(es));
		list_add(&es->calling, &fse_calls);
	}
	spin_unlock(&fse_calls_lock);
	return begun;
}

/**
 * fse_call_start - ask a remote file system, without waiting
 * @es: its state
 * @asker: in whose name; a reference with its directory, which is taken over
 *
 * Nothing happens when a call is under way or none may begin now; the caller
 * tries again later in any case.
 *
 * Context: The sampler's work, during which the super block is valid.
 */
static void fse_call_start(struct fse_sb *es, struct fse_asker *asker)
{
	if (!try_module_get(THIS_MODULE))
		goto out;
	if (!fse_call_begin(es, asker->owner)) {
		module_put(THIS_MODULE);
		goto out;
	}
	kref_get(&es->ref);
	es->call_asker = asker;
	es->call_wq = asker->owner == &fse_init_owner && !asker->slow ?
		      fse_call_wq : fse_guest_wq;
	queue_work(es->call_wq, &es->call);
	return;

out:
	fse_asker_done(asker);
}

/**
 * fse_call_wait - give a call under way a moment to come back
 * @es: state of the super block, without any watch
 * @until_ns: when the moment is over, monotonic time. Not jiffies: where ticks
 *	come late these jump, and the moment would be shorter.
 *
 * Context: Process context without locks.
 */
void fse_call_wait(const struct fse_sb *es, u64 until_ns)
{
	u64 now = ktime_get_ns();

	if (now < until_ns)
		wait_event_hrtimeout(fse_calls_wq, fse_call_over(es),
				     ns_to_ktime(until_ns - now));
}

/**
 * fse_call_pause - the same, and begin no other for a second
 * @es: state of the super block, which may be going
 *
 * Context: Process context without locks.
 */
void fse_call_pause(struct fse_sb *es)
{
	spin_lock(&fse_calls_lock);
	es->call_not_before_ns = ktime_get_ns() + NSEC_PER_SEC;
	spin_unlock(&fse_calls_lock);
	fse_call_wait(es, ktime_get_ns() + FSE_CALL_WAIT_NS);
}

/* --- samples ---------------------------------------------------------------- */

#define FSE_XFS_MIN_NS		(100 * NSEC_PER_MSEC)
#define FSE_RETRY_NS		(20 * NSEC_PER_MSEC)
#define FSE_RETRY_MAX_NS	NSEC_PER_SEC
#define FSE_FROZEN_NS		NSEC_PER_SEC
/* What an unprivileged program learns, it learns no more often. */
#define FSE_SLOW_NS		(500 * NSEC_PER_MSEC)

/* What only asking finds, unless the file system tells it by itself. */
#define FSE_SAMPLED_EVENTS						\
	((FSE_SEES_FULL ? FSE_FULL_EVENTS : 0) |			\
	 BIT(FS_ERR_REMOUNT_RO) | BIT(FS_ERR_SHUTDOWN))

/* The watch, and which of its level sets, that a turn belongs to. */
struct fse_turning {
	struct fse_watch *watch;
	enum fse_set which;
	struct fse_level_set *set;
	const struct fse_gauge *gauge;
	u64 real_ns;
	bool kick;
};

static void fse_level_turned(void *arg, unsigned int nr, enum fse_turn turn)
{
	struct fse_turning *t = arg;
	struct fse_note *note = &t->set->note[nr];
	struct fse_watch *watch = t->watch;
	bool below = turn == FSE_TURN_BELOW;
	unsigned int id = fse_level_id(t->which, nr, below);
	unsigned int merged;

	note->gauge = *t->gauge;
	note->trigger = fse_amount_resolve(&t->set->level[nr].trigger,
					   t->gauge);
	merged = fse_slot_turn(&note->slot, ++watch->order, t->real_ns, below);
	fse_count(watch->owner, FSE_STAT_NOTIFIED, 1);
	trace_fs_event_notify(watch->dev, watch->id, id, 0);
	if (merged) {
		fse_count(watch->owner, FSE_STAT_COALESCED, merged);
		trace_fs_event_coalesce(watch->dev, watch->id, id, merged, 0);
	}
	t->kick = true;
}

static bool fse_run_levels(struct fse_watch *watch, enum fse_set which,
			   const struct fse_gauge *gauge)
{
	struct fse_turning t = {
		.watch = watch,
		.which = which,
		.set = watch->set[which],
		.gauge = gauge,
		.real_ns = ktime_get_real_ns(),
	};

	if (!t.set)
		return false;
	fse_levels_run(t.set->level, t.set->nr, gauge, fse_level_turned, &t);
	return t.kick;
}

/* A file system that is read-only refuses no task space, full as it may be. */
static bool fse_may_fill(const struct fse_sb *es)
{
	return !sb_rdonly(es->sb);
}

/*
 * No space left: is it so now, or over? @begun_ns: when the file system was
 * asked. What was reported since then this answer does not end.
 */
static bool fse_run_full(struct fse_watch *watch, unsigned int id,
			 const struct fse_gauge *gauge, u64 begun_ns)
{
	bool reported = watch->reported & BIT(id), full = reported;

	/* While the event is off, enabling it later must report it. */
	if (!(watch->events & BIT(id)))
		return false;
	if (fse_full_step(&full, gauge))
		return FSE_SAMPLED_EVENTS & ~watch->es->own & BIT(id) &&
		       fse_watch_fails(watch, id, ENOSPC);
	if (reported && !full && watch->reported_ns[fse_error_slot(id)] < begun_ns)
		return fse_watch_clear(watch, BIT(id));
	return false;
}

/*
 * Run a sample through the watch that @walk has come to; &fse_sb.lock is held.
 * Return: after how many nanoseconds a slow watch may learn more, U64_MAX: it
 * just did.
 */
static u64 fse_run_watch(struct fse_walk *walk, struct fse_watch *watch,
			 u64 now_ns, u64 begun_ns)
{
	const struct fse_asker *asker = watch->asker;
	const struct fse_sb *es = watch->es;
	bool kick;

	/* A remote file system was asked in the name of another maker. */
	if (!asker->fresh)
		return U64_MAX;
	if (watch->slow) {
		u64 since = now_ns - watch->run_ns;

		if (watch->run_ns && since < FSE_SLOW_NS)
			return FSE_SLOW_NS - since;
		watch->run_ns = now_ns;
	}
	kick = fse_run_levels(watch, FSE_SPACE, &asker->space);
	kick |= fse_run_levels(watch, FSE_INODES, &asker->inodes);
	if (fse_may_fill(es)) {
		kick |= fse_run_full(watch, FS_WARN_ENOSPC, &es->data,
				     begun_ns);
		kick |= fse_run_full(watch, FS_WARN_ENOSPC_META, &es->meta,
				     begun_ns);
	}
	if (kick)
		fse_walk_kick(walk, watch);
	return U64_MAX;
}

/*
 * Let the asker of a watch know how far the watch's nearest switch is;
 * &fse_sb.lock is held.
 */
static void fse_distances(const struct fse_watch *watch)
{
	const struct fse_sb *es = watch->es;
	struct fse_asker *asker = watch->asker;
	u32 sampled = watch->events & FSE_SAMPLED_EVENTS & ~es->own;
	const struct fse_level_set *set;

	set = watch->set[FSE_SPACE];
	if (set)
		fse_levels_distance(set->level, set->nr, &asker->space,
				    &asker->space_distance);
	set = watch->set[FSE_INODES];
	if (set)
		fse_levels_distance(set->level, set->nr, &asker->inodes,
				    &asker->inode_distance);
	if (!fse_may_fill(es))
		sampled &= ~FSE_FULL_EVENTS;
	/* A condition that was reported has to be seen to end. */
	sampled |= watch->reported;
	if (sampled & BIT(FS_WARN_ENOSPC))
		fse_full_distance(watch->reported & BIT(FS_WARN_ENOSPC),
				  &asker->space, &asker->space_distance);
	if (sampled & BIT(FS_WARN_ENOSPC_META))
		fse_full_distance(watch->reported & BIT(FS_WARN_ENOSPC_META),
				  &asker->inodes, &asker->inode_distance);
	if (sampled || watch->types & (FSE_TYPE_T | FSE_TYPE_I))
		asker->wanted = true;
}

static u64 fse_in_bytes(u64 blocks, u32 frsize)
{
	if (blocks > div_u64(U64_MAX, max(frsize, 1U)))
		return U64_MAX;
	return blocks * frsize;
}

/**
 * fse_sample_later - ask again after a while
 * @es: the super block's state
 * @delay_ns: the while
 *
 * Context: Any; nothing happens after fse_sample_stop().
 */
static void fse_sample_later(struct fse_sb *es, u64 delay_ns)
{
	mod_timer(&es->timer, jiffies + nsecs_to_jiffies(delay_ns) + 1);
}

/**
 * fse_sample_by - ask again after a while, or earlier
 * @es: the super block's state
 * @delay_ns: the while
 *
 * Context: As fse_sample_later().
 */
void fse_sample_by(struct fse_sb *es, u64 delay_ns)
{
	timer_reduce(&es->timer, jiffies + nsecs_to_jiffies(delay_ns) + 1);
}

static u64 fse_min_interval(const struct fse_sb *es)
{
	/* Its statfs pushes the garbage collection of inodes. */
	if (es->sb->s_magic == XFS_SUPER_MAGIC)
		return FSE_XFS_MIN_NS;
	return FSE_INTERVAL_MIN_NS;
}

/* Sectors written to the block device: the file system itself isn't asked. */
static u64 fse_written(const struct super_block *sb)
{
	return sb->s_bdev ? part_stat_read(sb->s_bdev, sectors[STAT_WRITE]) : 0;
}

/* When figures that were just taken in have to be looked at again. */
static void fse_asker_schedule(struct fse_sb *es, struct fse_asker *asker,
			       const struct fse_interval_rules *rules,
			       struct fse_interval_point *now)
{
	u64 space_dist = min(asker->space_distance.down,
			     asker->space_distance.up);
	u64 delay_ns;

	now->avail = fse_in_bytes(asker->space.avail, asker->space.frsize);
	now->inodes = asker->inodes.avail;
	now->space_dist = fse_in_bytes(space_dist, asker->space.frsize);
	now->inode_dist = min(asker->inode_distance.down,
			      asker->inode_distance.up);
	delay_ns = fse_interval_step(&asker->interval, rules, now);
	asker->due_ns = now->time_ns + delay_ns;
	trace_fs_event_sample(es->sb->s_dev, asker->space.avail,
			      asker->inodes.avail,
			      now->cost_ns + now->wait_ns, delay_ns);
	if (!asker->dentry) {
		es->asks_inodes = now->inode_dist != U64_MAX;
		es->cost_ns = asker->interval.cost_ns;
	}
}

/*
 * Schedule all that answered; &fse_sb.lock is held. Return: when the first of all
 * askers is due, 0: none has anything to see; @space: what is nearest for the
 * whole file system.
 */
static u64 fse_askers_schedule(struct fse_sb *es,
			       const struct fse_interval_rules *rules,
			       struct fse_interval_point *now,
			       struct fse_distance *space)
{
	struct fse_asker *asker;
	u64 due_ns = 0;

	list_for_each_entry(asker, &es->askers, node) {
		if (asker->fresh)
			fse_asker_schedule(es, asker, rules, now);
		asker->fresh = false;
		if (!asker->dentry && asker->wanted) {
			space->down = min(space->down,
					  asker->space_distance.down);
			space->up = min(space->up, asker->space_distance.up);
		}
		/* One that was never answered is due at once. */
		if (asker->wanted && (!due_ns || asker->due_ns < due_ns))
			due_ns = max(asker->due_ns, 1ULL);
	}
	return due_ns;
}

/* The rate of a remote file system is limited for all makers together. */
static u64 fse_remote_due(u64 due_ns, u64 now_ns, u64 asked_ns)
{
	return max(due_ns, now_ns + max(FSE_INTERVAL_REMOTE_MIN_NS,
					asked_ns * FSE_INTERVAL_WAIT_PART));
}

/* No watch has anything that sampling finds. */
static void fse_sample_rest(struct fse_sb *es)
{
	timer_delete(&es->timer);
	/*
	 * A hint comes before the timer that it sets, so none is lost here. And
	 * what the file system reports by itself has to be seen twice, though
	 * nothing else asks for a sample.
	 */
	if (fse_health_hinted(es))
		fse_sample_by(es, fse_health_delay(es, 0));
}

/**
 * fse_sample_slow - are all watches those of unprivileged programs?
 * @es: the super block's state
 *
 * Context: Process context.
 */
static bool fse_sample_slow(struct fse_sb *es)
{
	const struct fse_watch *watch;
	bool slow;

	/* Those that are not come first. */
	mutex_lock(&es->lock);
	watch = fse_watch_first(es);
	slow = !watch || watch->slow;
	mutex_unlock(&es->lock);
	return slow;
}

/**
 * fse_sample_take - run the watches over figures that were taken in
 * @es: the super block's state; not dead, or its super block held by other means
 * @begun_ns: when it was asked, monotonic
 * @asked_ns: how long that took
 *
 * Context: Process context.
 */
static void fse_sample_take(struct fse_sb *es, u64 begun_ns, u64 asked_ns)
{
	struct fse_interval_point now = { .written = fse_written(es->sb) };
	struct fse_interval_rules rules = {
		.remote = es->remote,
		.min_ns = fse_min_interval(es),
		.nr_file_systems = UINT_MAX,
		.per_second = 1,
	};
	struct fse_distance space = FSE_DISTANCE_NONE;
	u64 due_ns, wait_ns = U64_MAX;
	struct fse_asker *asker;
	struct fse_watch *watch;
	struct fse_walk walk;

	if (fse_sample_slow(es))
		rules.min_ns = FSE_SLOW_NS;
	if (es->remote)
		now.wait_ns = asked_ns;
	else
		now.cost_ns = asked_ns;
	now.time_ns = ktime_get_ns();
	fse_walk_begin(&walk, es);
	es->sampled_ns = now.time_ns;
	list_for_each_entry(asker, &es->askers, node) {
		asker->space_distance = FSE_DISTANCE_NONE;
		asker->inode_distance = FSE_DISTANCE_NONE;
		asker->wanted = false;
	}
	while ((watch = fse_walk_next(&walk))) {
		wait_ns = min(wait_ns,
			      fse_run_watch(&walk, watch, now.time_ns,
					    begun_ns));
		fse_distances(watch);
		fse_user_samples(watch, &rules);
	}
	now.cost_ns += ktime_get_ns() - now.time_ns;
	due_ns = fse_askers_schedule(es, &rules, &now, &space);
	if (es->remote && due_ns)
		due_ns = fse_remote_due(due_ns, now.time_ns, asked_ns);
	if (es->dead)
		due_ns = 0;
	fse_walk_end(&walk);
	fse_account_share(es, &space, es->cost_ns);

	if (!due_ns) {
		fse_sample_rest(es);
		return;
	}
	due_ns -= min(due_ns, now.time_ns);
	fse_sample_later(es, fse_health_delay(es, min(wait_ns, due_ns)));
}

/* Ask a file system that answers without a server. */
static void fse_sample_local(struct fse_sb *es)
{
	u64 start = ktime_get_ns();

	if (fse_statfs_local(es)) {
		es->busy = min(es->busy + 1, 6U);
		fse_sample_later(es, min(FSE_RETRY_NS << es->busy,
					 FSE_RETRY_MAX_NS));
		return;
	}
	es->busy = 0;
	fse_sample_take(es, start, ktime_get_ns() - start);
}

/* Ask a file system that may wait for a server: each asker in turn. */
static void fse_sample_remote(struct fse_sb *es)
{
	struct fse_asker *asker;

	if (!fse_statfs_due(es)) {
		fse_sample_later(es, fse_health_delay(es,
						      FSE_INTERVAL_REMOTE_REST_NS));
		return;
	}
	/* Until it comes back and sets the interval: does it hang? */
	fse_sample_later(es, FSE_INTERVAL_REST_MIN_NS);
	asker = fse_asker_next(es, ++es->rounds);
	if (asker)
		fse_call_start(es, asker);
}

/* Return: it is too early, for these. */
static bool fse_sample_early(struct fse_sb *es)
{
	u64 since = ktime_get_ns() - es->sampled_ns;

	if (!es->sampled_ns || since >= FSE_SLOW_NS || !fse_sample_slow(es))
		return false;
	fse_sample_later(es, FSE_SLOW_NS - since);
	return true;
}

static void fse_sample_work(struct work_struct *work)
{
	struct fse_sb *es = container_of(work, struct fse_sb, sample);

	if (fse_sample_early(es))
		return;
	if (READ_ONCE(es->sb->s_writers.frozen) != SB_UNFROZEN) {
		fse_sample_later(es, FSE_FROZEN_NS);
		return;
	}
	if (READ_ONCE(es->dead))
		return;
	fse_health_check(es);
	if (es->remote)
		fse_sample_remote(es);
	else
		fse_sample_local(es);
}

static void fse_sample_due(struct timer_list *timer)
{
	struct fse_sb *es = container_of(timer, struct fse_sb, timer);

	queue_work(fse_sample_wq, &es->sample);
}

void fse_sample_init(struct fse_sb *es)
{
	INIT_WORK(&es->sample, fse_sample_work);
	timer_setup(&es->timer, fse_sample_due, 0);
}

/**
 * fse_sample_now - ask at once: what is watched has changed
 * @es: the super block's state
 *
 * Context: Any; nothing happens after fse_sample_stop().
 */
void fse_sample_now(struct fse_sb *es)
{
	WRITE_ONCE(es->disk_io, ULONG_MAX);
	queue_work(fse_sample_wq, &es->sample);
}

/**
 * fse_sample_stop - do not ask any more
 * @es: the super block's state, unpublished
 *
 * Context: Process context. Waits for a local ->statfs under way. May be
 * called twice, also at the same time.
 */
void fse_sample_stop(struct fse_sb *es)
{
	timer_shutdown_sync(&es->timer);
	disable_work_sync(&es->sample);
}
