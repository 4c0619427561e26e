// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: asking a file system for its figures: in whose name, of
 * which directory, and how, so that neither umount(2) nor a server that hangs is
 * waited for. sample.c says when.
 */
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/magic.h>
#include <linux/module.h>
#include <linux/part_stat.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/timekeeping.h>
#include <linux/wait.h>

#include "account.h"
#include "health.h"
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
 * @user: by what its calls are limited, or NULL
 * @slow: the maker has no privilege over the file system
 *
 * Return: a reference, or NULL when there is no memory.
 */
struct fse_asker *fse_asker_alloc(struct dentry *dentry,
				  const struct cred *cred,
				  struct fse_owner *owner,
				  struct fse_user *user, bool slow)
{
	struct fse_asker *asker = kzalloc_obj(*asker, GFP_KERNEL_ACCOUNT);

	if (!asker)
		return NULL;
	kref_init(&asker->ref);
	INIT_LIST_HEAD(&asker->node);
	asker->dentry = dentry;
	asker->cred = get_cred(cred);
	asker->owner = fse_owner_get(owner);
	asker->user = user ? fse_user_hold(user) : NULL;
	asker->slow = slow;
	return asker;
}

static void fse_asker_release(struct kref *ref)
{
	struct fse_asker *asker = container_of(ref, struct fse_asker, ref);

	fse_owner_put(asker->owner);
	fse_user_put(asker->user);
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
bool fse_creds_alike(const struct cred *a, const struct cred *b)
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
	watch->asks = true;
	list_for_each_entry(asker, &es->askers, node) {
		if (asker->dentry != own->dentry ||
		    (es->remote && !fse_creds_alike(asker->cred, own->cred)))
			continue;
		asker->slow &= own->slow;
		/* What is not limited goes with @own. */
		if (!own->user)
			swap(asker->user, own->user);
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
 * @watch: the watch; it keeps its reference, for the figures. Without any watch
 *	left the directory may go.
 *
 * May be called twice.
 *
 * Context: &fse_sb.lock is held.
 */
void fse_asker_leave(struct fse_watch *watch)
{
	struct fse_asker *asker = watch->asker;

	lockdep_assert_held(&watch->es->lock);
	if (!watch->asks)
		return;
	watch->asks = false;
	if (--asker->nr_watches)
		return;
	list_del_init(&asker->node);
	/* The watch has a reference. */
	fse_asker_put(asker);
}

/**
 * fse_asker_next - whose turn it is to ask
 * @es: the super block's state
 * @round: number of the sample
 *
 * Context: Process context, during which the super block is valid; of a local file
 * system, with s_umount held.
 * Return: a reference to an asker, and, if the file system is local, to its
 * directory; NULL: all of them asked in this sample.
 */
struct fse_asker *fse_asker_next(struct fse_sb *es, unsigned int round)
{
	struct fse_asker *asker;

	mutex_lock(&es->lock);
	asker = list_first_entry_or_null(&es->askers, struct fse_asker, node);
	if (asker && asker->asked != round) {
		asker->asked = round;
		list_move_tail(&asker->node, &es->askers);
		kref_get(&asker->ref);
		/* The directory of a remote one comes with the super block: fse_call_hold() */
		if (!es->remote)
			dget(asker->dentry);
	} else {
		asker = NULL;
	}
	mutex_unlock(&es->lock);
	return asker;
}

/* It could not ask: it is the first again. */
static void fse_asker_return(struct fse_sb *es, struct fse_asker *asker)
{
	mutex_lock(&es->lock);
	if (!list_empty(&asker->node))
		list_move(&asker->node, &es->askers);
	mutex_unlock(&es->lock);
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

static void fse_gauges(const struct kstatfs *st, struct fse_gauge *space,
		       struct fse_gauge *inodes)
{
	space->avail = st->f_bavail;
	space->total = st->f_blocks;
	space->frsize = st->f_frsize ?: st->f_bsize;
	inodes->avail = st->f_ffree;
	inodes->total = st->f_files;
}

/* That it is full is seen by what the whole file system has. */
static void fse_sb_room(struct fse_sb *es, const struct kstatfs *st)
{
	lockdep_assert_held(&es->lock);
	fse_gauges(st, &es->data, &es->meta);
	if (es->driver && es->driver->full)
		es->driver->full(es, st);
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
	fse_gauges(st, &asker->space, &asker->inodes);
	asker->fresh = true;
	if (!asker->dentry)
		fse_sb_room(es, st);
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
 * own: one for the administrator's watches, one for those of guests, which are
 * limited in number, and one in which references are dropped. So however many
 * servers of a user hang, the calls of others continue. A call takes its reference
 * when it begins, so none is held by a call that waits in the queue.
 *
 * A server that answers must not make a difference to umount(2): that is
 * synchronous unless a call is under way when the mount lets go of the super
 * block. So a mount that goes, and the task that ends the last watch, wait for
 * the call, but at most FSE_CALL_WAIT_NS, however many watches there are; and no
 * call begins after that. A server that hangs may come back within that time as well:
 * a forced umount ends the call. But all guests' servers together that hang cost
 * umount(2) so much of each second only.
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

/* Only directories were asked for, but it may have become full. */
static void fse_ask_room(struct fse_sb *es)
{
	struct kstatfs st = {};

	if (es->sb->s_op->statfs(es->sb->s_root, &st))
		return;
	mutex_lock(&es->lock);
	fse_sb_room(es, &st);
	mutex_unlock(&es->lock);
}

/**
 * fse_statfs_local - ask a local file system for all figures
 * @es: its state
 *
 * Return: 0, or -EAGAIN when s_umount is taken.
 */
int fse_statfs_local(struct fse_sb *es)
{
	struct super_block *sb = es->sb;
	struct fse_asker *asker;
	bool whole = false;

	if (!down_read_trylock(&sb->s_umount))
		return -EAGAIN;
	if (!(READ_ONCE(sb->s_flags) & SB_BORN) || !sb->s_root) {
		up_read(&sb->s_umount);
		return -EAGAIN;
	}
	es->rounds++;
	fse_account_see(es);
	while ((asker = fse_asker_next(es, es->rounds))) {
		whole |= !asker->dentry;
		fse_ask(es, asker);
		dput(asker->dentry);
		fse_asker_put(asker);
	}
	if (!whole && READ_ONCE(es->wanted) & FSE_FULL_EVENTS)
		fse_ask_room(es);
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
bool fse_statfs_due(const struct fse_sb *es)
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

/* None holds the super block. */
static bool fse_call_over(const struct fse_sb *es)
{
	const struct fse_sb *at;
	bool over;

	spin_lock(&fse_calls_lock);
	at = fse_call_of(es->sb);
	over = !at || !at->call_held;
	spin_unlock(&fse_calls_lock);
	return over;
}

/* Guests' calls under way. */
static unsigned int fse_guest_calls;

static void fse_call_drop(struct work_struct *work)
{
	struct fse_sb *es = container_of(work, struct fse_sb, drop);
	struct fse_user *user = es->call_user;

	if (es->call_held)
		deactivate_super(es->sb);
	spin_lock(&fse_calls_lock);
	list_del(&es->calling);
	es->call_held = false;
	es->call_user = NULL;
	fse_guest_calls -= !!user;
	spin_unlock(&fse_calls_lock);
	fse_user_uncharge(user, FSE_LIMIT_CALLS);
	fse_user_put(user);
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

/*
 * Hold the super block, which is there until the state is dead, and then the
 * directory: umount(2) waits for calls that hold the super block, so nothing else of
 * it may be held before, or longer. Return: both are held.
 */
static bool fse_call_hold(struct fse_sb *es)
{
	u64 now = ktime_get_ns();
	bool held;

	mutex_lock(&es->lock);
	spin_lock(&fse_calls_lock);
	held = !es->dead && now >= es->call_not_before_ns &&
	       !list_empty(&es->call_asker->node) &&
	       atomic_inc_not_zero(&es->sb->s_active);
	es->call_held = held;
	es->call_ns = now;
	es->call_until_ns = 0;
	spin_unlock(&fse_calls_lock);
	/* While the asker has watches, mounts have its directory. */
	if (held)
		dget(es->call_asker->dentry);
	mutex_unlock(&es->lock);
	return held;
}

static void fse_call(struct fse_sb *es)
{
	u64 start = ktime_get_ns(), asked_ns;

	WRITE_ONCE(es->disk_io, fse_disk_io(es));
	fse_account_see(es);
	fse_ask(es, es->call_asker);
	asked_ns = ktime_get_ns() - start;
	fse_call_answered(es);
	fse_sample_take(es, start, asked_ns);
}

static void fse_call_work(struct work_struct *work)
{
	struct fse_sb *es = container_of(work, struct fse_sb, call);

	if (fse_call_hold(es)) {
		fse_call(es);
		dput(es->call_asker->dentry);
	} else {
		fse_call_answered(es);
	}
	fse_asker_put(es->call_asker);
	queue_work(fse_drop_wq, &es->drop);
}

void fse_call_init(struct fse_sb *es)
{
	INIT_WORK(&es->call, fse_call_work);
	INIT_WORK(&es->drop, fse_call_drop);
}

/*
 * Calls of guests that may be under way at a time: each has a worker. A user, with
 * all that is below its user namespaces, has at most so many (owner.c), and, when
 * others have many, a part of those that are left. So there are always some left.
 */
#define FSE_GUEST_CALLS_MAX	192
#define FSE_GUEST_CALLS_PART	4

/* May the user have one more? If so it is charged. */
static bool fse_call_charge(struct fse_user *user)
{
	unsigned int left = FSE_GUEST_CALLS_MAX - fse_guest_calls;

	lockdep_assert_held(&fse_calls_lock);
	if (!user)
		return true;
	if (!left || fse_user_charged(user, FSE_LIMIT_CALLS) >
		     left / FSE_GUEST_CALLS_PART ||
	    !fse_user_charge(user, FSE_LIMIT_CALLS))
		return false;
	fse_guest_calls++;
	return true;
}

static void fse_call_stuck(struct fse_sb *at, const struct fse_asker *asker,
			   u64 now)
{
	if (at->stuck || at->answered ||
	    now - at->call_ns < FSE_INTERVAL_REST_MIN_NS)
		return;
	at->stuck = fse_owner_get(asker->owner);
	fse_count(asker->owner, FSE_STAT_STUCK, 1);
}

/*
 * Request a call; &fse_sb.lock is held. Return: 0; -EBUSY: one is under way, or none
 * may begin now; or -EDQUOT: the guest has too many.
 */
static int fse_call_begin(struct fse_sb *es, const struct fse_asker *asker)
{
	u64 now = ktime_get_ns();
	int err = -EBUSY;
	struct fse_sb *at;

	lockdep_assert_held(&es->lock);
	spin_lock(&fse_calls_lock);
	at = fse_call_of(es->sb);
	if (at)
		fse_call_stuck(at, asker, now);
	else if (!es->dead && now >= es->call_not_before_ns)
		err = fse_call_charge(asker->user) ? 0 : -EDQUOT;
	if (!err) {
		es->call_user = asker->user ? fse_user_hold(asker->user) : NULL;
		es->call_held = false;
		es->answered = false;
		es->call_ns = now;
		list_add(&es->calling, &fse_calls);
	}
	spin_unlock(&fse_calls_lock);
	return err;
}

/**
 * fse_call_start - ask a remote file system, without waiting
 * @es: its state
 * @asker: in whose name; a reference, which is taken over
 *
 * Nothing happens when a call is under way or none may begin now; the caller
 * tries again later in any case.
 *
 * Context: The sampler's work, during which the super block is valid.
 */
void fse_call_start(struct fse_sb *es, struct fse_asker *asker)
{
	int err = -EBUSY;

	if (try_module_get(THIS_MODULE)) {
		mutex_lock(&es->lock);
		err = fse_call_begin(es, asker);
		mutex_unlock(&es->lock);
		if (!err) {
			kref_get(&es->ref);
			es->call_asker = asker;
			queue_work(es->call_user ? fse_guest_wq : fse_call_wq,
				   &es->call);
			return;
		}
		module_put(THIS_MODULE);
	}
	/* A guest that has too many calls under way must not keep others waiting. */
	if (err != -EDQUOT)
		fse_asker_return(es, asker);
	fse_asker_put(asker);
}

/* Until when tasks wait for a call; monotonic time. */
static u64 fse_call_until(struct fse_sb *at)
{
	/* When tasks last began to wait for guests' servers that hang. */
	static u64 hung_ns;
	u64 now = ktime_get_ns();

	lockdep_assert_held(&fse_calls_lock);
	if (at->call_until_ns)
		return at->call_until_ns;
	at->call_until_ns = now + FSE_CALL_WAIT_NS;
	if (!at->call_user || now - at->call_ns < FSE_CALL_WAIT_NS)
		return at->call_until_ns;
	if (!hung_ns || now - hung_ns >= NSEC_PER_SEC)
		hung_ns = now;
	at->call_until_ns = hung_ns + FSE_CALL_WAIT_NS;
	return at->call_until_ns;
}

/**
 * fse_call_wait - give a call under way a moment to come back
 * @es: state of the super block, without any watch
 *
 * The moment is not measured in jiffies: where ticks come late these jump, and it
 * would be shorter.
 *
 * Context: Process context without locks.
 */
void fse_call_wait(const struct fse_sb *es)
{
	u64 until_ns = 0, now;
	struct fse_sb *at;

	spin_lock(&fse_calls_lock);
	at = fse_call_of(es->sb);
	if (at && at->call_held)
		until_ns = fse_call_until(at);
	spin_unlock(&fse_calls_lock);
	now = ktime_get_ns();
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
	fse_call_wait(es);
}
