// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: whose figures, and of which directory.
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
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/timekeeping.h>

#include "source.h"

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
	struct fse_asker *asker = kzalloc(sizeof(*asker), GFP_KERNEL_ACCOUNT);

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
struct fse_asker *fse_asker_next(struct fse_sb *es, unsigned int round)
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
void fse_asker_done(struct fse_asker *asker)
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
void fse_asker_failed(struct fse_sb *es, struct fse_asker *asker)
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
void fse_asker_answer(struct fse_sb *es, struct fse_asker *asker,
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
