// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: a write of watch requests is one transaction.
 *
 * 1. Prepare (prepare.c): parse, look up, check and allocate everything.
 * 2. Under the writers' lock, claim the states of the super blocks, play the
 *    requests through, on a draft for each watch that there is or will be, and
 *    attach marks for what will be there. This may still fail.
 * 3. Still under it, make the drafts true. This can't fail.
 * 4. Without it, settle: deliver what replaced levels have to report, say what has
 *    changed, and dispose of what was replaced, removed or not needed.
 *
 * So a write takes effect whole or not at all, and of two at once each takes
 * effect whole. The lock is the write_lock of the user namespace for global
 * watches, and that of the open file for private ones, so no user namespace
 * delays the writes of another one. But a removal of another user namespace's
 * watch, which only the initial one may ask for, takes fse_writers, and all
 * others read that.
 *
 * A request that came by netlink takes the same way.
 *
 * Context: process context of the writer; may sleep.
 */
#include <linux/cred.h>
#include <linux/mount.h>
#include <linux/nsproxy.h>
#include <linux/string.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>
#include <trace/events/fs_event.h>

#include "config.h"
#include "internal.h"

static DECLARE_RWSEM(fse_writers);

/* Mounts of a global watch, if its maker has limits. */
#define FSE_ANCHORS_MAX		64

static enum fse_limit fse_write_limit(const struct fse_write *w)
{
	return w->stream ? FSE_LIMIT_PRIVATE : FSE_LIMIT_GLOBAL;
}

/*
 * Does it remove watches of other user namespaces, by their ids? What is made after
 * this is not there for it.
 */
static bool fse_write_foreign(const struct fse_write *w)
{
	const struct fse_change *c;
	struct fse_watch *watch;
	bool foreign = false;

	/* Others are refused, and must not keep all writers waiting. */
	if (w->stream || !w->admin || w->owner != &fse_init_owner)
		return false;
	list_for_each_entry(c, &w->changes, node) {
		watch = c->by_id ? fse_watch_by_id(c->id, NULL) : NULL;
		foreign |= watch && watch->owner != w->owner;
		fse_watch_put(watch);
	}
	return foreign;
}

static void fse_write_lock(struct fse_write *w)
{
	w->foreign = fse_write_foreign(w);
	if (w->stream) {
		mutex_lock(&w->stream->write_lock);
	} else if (w->foreign) {
		down_write(&fse_writers);
	} else {
		down_read(&fse_writers);
		mutex_lock(&w->owner->write_lock);
	}
}

static void fse_write_unlock(struct fse_write *w)
{
	if (w->stream) {
		mutex_unlock(&w->stream->write_lock);
	} else if (w->foreign) {
		up_write(&fse_writers);
	} else {
		mutex_unlock(&w->owner->write_lock);
		up_read(&fse_writers);
	}
}

/* Undoes fse_watch_claim(), and drops the reference. */
static void fse_watch_let_go(struct fse_watch *watch)
{
	if (!watch)
		return;
	fse_watch_unclaim(watch);
	fse_watch_put(watch);
}

/* Its mount; of a draft for a removal by id only what is asked for after that. */
static struct vfsmount *fse_draft_mnt(struct fse_draft *d)
{
	struct fse_change *c = d->tie ?: container_of(d, struct fse_change,
						      draft);

	return c->path.mnt;
}

static struct super_block *fse_draft_sb(struct fse_draft *d)
{
	return fse_draft_mnt(d)->mnt_sb;
}

/* The draft for a watch that is there, or for one that is to be made. */
static struct fse_draft *fse_draft_find(struct fse_write *w,
					const struct fse_watch *old,
					const struct vfsmount *mnt)
{
	struct fse_draft *d;

	list_for_each_entry(d, &w->drafts, node) {
		if (old || d->old) {
			if (old == d->old)
				return d;
		} else if (w->stream ? fse_draft_mnt(d) == mnt :
				       fse_draft_sb(d) == mnt->mnt_sb) {
			return d;
		}
	}
	return NULL;
}

/* @old: the watch there is, claimed, a reference that is taken over; or NULL */
static struct fse_draft *fse_draft(struct fse_write *w, struct fse_change *c,
				   struct fse_watch *old)
{
	struct fse_draft *d = fse_draft_find(w, old, c->path.mnt);

	if (d) {
		fse_watch_let_go(old);
		return d;
	}
	d = &c->draft;
	d->old = old;
	d->watch = old;
	if (old) {
		mutex_lock(&old->es->lock);
		d->types = old->types;
		d->events = old->events;
		mutex_unlock(&old->es->lock);
	}
	list_add_tail(&d->node, &w->drafts);
	return d;
}

/*
 * A global watch may be changed by its maker's user, and by an administrator of
 * the instance. Otherwise root of a user namespace could change a watch of the
 * host on a file system of that namespace, through a file of the host's instance.
 */
static int fse_check_change(struct fse_write *w, const struct fse_change *c,
			    const struct fse_watch *watch)
{
	const struct cred *maker = watch->cred;

	if (w->stream || fse_may_quietly(w, w->owner->user_ns) ||
	    (maker->user_ns == current_user_ns() &&
	     uid_eq(maker->euid, current_euid())))
		return 0;
	return fse_refuse(w, -EPERM, c->mount, "the watch is another user's");
}

/* A global watch may be removed by an administrator of the file system. */
static int fse_check_over(struct fse_write *w, const struct fse_change *c,
			  const struct fse_watch *watch)
{
	struct user_namespace *ns = NULL;
	bool may;

	if (w->stream)
		return 0;
	/* The super block is there until the watch is dead. */
	mutex_lock(&watch->es->lock);
	if (!watch->dead)
		ns = get_user_ns(watch->es->sb->s_user_ns);
	mutex_unlock(&watch->es->lock);
	if (!ns)
		return fse_refuse(w, -ENOENT, c->mount, "no such watch");
	may = fse_may(w, ns);
	put_user_ns(ns);
	return may ? 0 : fse_refuse(w, -EPERM, c->mount,
				    "needs CAP_SYS_ADMIN over the file system");
}

/* The watch that a request with a path is about, claimed; or NULL. */
static struct fse_watch *fse_draft_claim(struct fse_write *w, struct fse_sb *es,
					 const struct vfsmount *mnt)
{
	struct fse_watch *watch;

	/* A watch that was found may end with its mount before it is claimed. */
	while ((watch = fse_watch_find(es, mnt, w->owner, w->stream)) &&
	       !fse_watch_claim(watch))
		fse_watch_let_go(watch);
	return watch;
}

/* The draft for a request with a path, or an error pointer. */
static struct fse_draft *fse_draft_by_path(struct fse_write *w,
					   struct fse_change *c)
{
	struct fse_watch *old = NULL;
	struct fse_sb *es;
	int err = 0;

	es = fse_sb_claim(c->path.mnt->mnt_sb, c->es ? &c->es : NULL);
	if (IS_ERR(es))
		return ERR_PTR(fse_no_memory(w));
	c->claimed = es;
	if (es)
		old = fse_draft_claim(w, es, c->path.mnt);
	if (old)
		err = fse_check_change(w, c, old);
	if (!err)
		return fse_draft(w, c, old);
	fse_watch_let_go(old);
	return ERR_PTR(err);
}

/* Is the watch of another user namespace, which the write does not look into? */
static int fse_check_owner(struct fse_write *w, const struct fse_change *c,
			   const struct fse_watch *watch)
{
	if (watch->owner == w->owner || w->foreign)
		return 0;
	if (w->owner == &fse_init_owner && !w->admin)
		return fse_refuse(w, -EPERM, c->mount,
				  "the watch is another user's");
	return fse_refuse(w, -ENOENT, c->mount, "no such watch");
}

/*
 * The draft for a removal by id, which finds a watch wherever it is tied to, or an
 * error pointer. A user namespace removes its own watches, the initial one those
 * of others as well.
 */
static struct fse_draft *fse_draft_by_id(struct fse_write *w,
					 struct fse_change *c)
{
	struct fse_watch *watch = fse_watch_by_id(c->id, w->stream);
	struct fse_draft *d;
	int err;

	if (!watch)
		return ERR_PTR(fse_refuse(w, -ENOENT, c->mount, "no such watch"));
	err = fse_check_owner(w, c, watch) ?: fse_check_over(w, c, watch) ?:
	      fse_check_change(w, c, watch);
	if (err)
		goto refused;
	/* It may have ended by now, which removes it as well. */
	fse_watch_claim(watch);
	d = fse_draft(w, c, watch);
	if (d->watch == watch)
		return d;
	/* Removed by a request before this one. */
	return ERR_PTR(fse_refuse(w, -ENOENT, c->mount, "no such watch"));

refused:
	fse_watch_put(watch);
	return ERR_PTR(err);
}

static void fse_draft_remove(struct fse_write *w, struct fse_draft *d,
			     unsigned int types)
{
	struct fse_change *c;

	d->types &= ~types;
	d->fresh |= types;
	if (types & FSE_TYPE_G) {
		d->events = 0;
		d->generic = NULL;
	}
	if (types & FSE_TYPE_T)
		d->levels[FSE_SPACE] = NULL;
	if (types & FSE_TYPE_I)
		d->levels[FSE_INODES] = NULL;
	if (d->types)
		return;
	d->watch = NULL;
	d->tie = NULL;
	list_for_each_entry(c, &w->changes, node) {
		if (c->of == d)
			c->of = NULL;
	}
}

static void fse_draft_set(struct fse_draft *d, struct fse_change *c)
{
	if (!d->watch) {
		d->watch = c->watch;
		d->maker = c;
	}
	d->tie = c;
	c->of = d;
	d->types |= c->types;
	if (c->types & FSE_TYPE_G) {
		d->events = c->events;
		d->generic = c;
	}
	if (c->types & FSE_TYPE_T)
		d->levels[FSE_SPACE] = c;
	if (c->types & FSE_TYPE_I)
		d->levels[FSE_INODES] = c;
}

static int fse_play(struct fse_write *w, struct fse_change *c)
{
	static const unsigned int type_bit[FSE_TYPE_NR] = {
		FSE_TYPE_G, FSE_TYPE_T, FSE_TYPE_I,
	};
	struct fse_draft *d;
	unsigned int i;

	d = c->by_id ? fse_draft_by_id(w, c) : fse_draft_by_path(w, c);
	if (IS_ERR(d))
		return PTR_ERR(d);
	if (c->op == FSE_OP_SET) {
		fse_draft_set(d, c);
		return 0;
	}
	if (!d->watch)
		return fse_refuse(w, -ENOENT, c->mount, "not watched");
	if (c->op == FSE_OP_REMOVE) {
		fse_draft_remove(w, d, FSE_TYPE_G | FSE_TYPE_T | FSE_TYPE_I);
		return 0;
	}
	for (i = 0; i < FSE_TYPE_NR; i++) {
		if (c->types & type_bit[i] & ~d->types)
			return fse_refuse(w, -ENOENT, c->type[i],
					  "this type is not watched");
	}
	fse_draft_remove(w, d, c->types);
	return 0;
}

/*
 * Attach what the draft needs. Nothing leads to it yet. A look at a watch looks at
 * each of its mounts, under a lock, so those of makers with limits are limited.
 */
static int fse_attach(struct fse_write *w, struct fse_draft *d)
{
	unsigned int nr = 0;
	struct fse_change *c;
	bool tied;

	list_for_each_entry(c, &w->changes, node) {
		if (c->of != d)
			continue;
		mutex_lock(&c->claimed->lock);
		tied = d->watch == d->old &&
		       fse_anchor_find(d->old, c->path.mnt);
		if (!nr && d->old)
			nr = list_count_nodes(&d->old->anchors);
		mutex_unlock(&c->claimed->lock);
		if (tied)
			continue;
		if (w->user && nr++ >= FSE_ANCHORS_MAX)
			return fse_refuse(w, -EDQUOT, c->mount,
					  "too many mounts of a watch");
		if (fse_anchor_attach(c->anchor))
			return fse_no_memory(w);
	}
	return 0;
}

/*
 * Tie the watch to the mounts that were named. It may be tied to one, through a
 * request before that in the same write as well.
 */
static void fse_flip_ties(struct fse_write *w, struct fse_draft *d,
			  struct fse_watch *watch)
{
	struct fse_anchor *known;
	struct fse_change *c;

	list_for_each_entry(c, &w->changes, node) {
		if (c->of != d)
			continue;
		known = fse_anchor_find(watch, c->path.mnt);
		if (known) {
			fse_anchor_rename(watch, known, c->anchor);
		} else {
			fse_anchor_add(watch, c->anchor);
			c->anchor = NULL;
		}
	}
}

/* A level that is written again unchanged keeps its state. */
static void fse_set_keep(struct fse_level_set *set, struct fse_level_set *old)
{
	unsigned int i, k;

	for (i = 0; i < set->nr; i++) {
		for (k = 0; k < old->nr; k++) {
			if (!fse_level_same(&set->level[i], &old->level[k]))
				continue;
			set->level[i].crossed = old->level[k].crossed;
			set->note[i] = old->note[k];
			/* It is reported through the new one only. */
			memset(&old->note[k].slot, 0,
			       sizeof(old->note[k].slot));
			break;
		}
	}
}

/* Exchange the levels of a type; the old ones are retired. */
static void fse_flip_levels(struct fse_draft *d, struct fse_watch *watch,
			    enum fse_set which, unsigned int type)
{
	struct fse_change *c = d->levels[which];
	struct fse_level_set *set = NULL;

	if (!c && (d->types & type))
		return;
	if (c)
		swap(set, c->set[which]);
	if (set && watch->set[which] && !(d->fresh & type))
		fse_set_keep(set, watch->set[which]);
	fse_levels_retire(watch, which);
	watch->set[which] = set;
}

/* The watch takes over the sources of the events that the request names. */
static void fse_flip_generic(struct fse_draft *d, struct fse_watch *watch)
{
	if (d->generic) {
		swap(watch->sources, d->generic->sources);
		fse_watch_hasten(watch);
	} else if (!d->events) {
		swap(watch->sources, d->sources);
	}
	fse_watch_clear(watch, ~d->events);
	watch->types = d->types;
	fse_watch_want(watch, d->events);
}

/*
 * Does it profit from the space budget? Watches of makers without privilege, and
 * those of directories with figures of their own, are only sampled.
 */
static bool fse_watch_accounts(const struct fse_watch *watch)
{
	if (watch->slow || watch->asker->dentry)
		return false;
	return watch->set[FSE_SPACE] || watch->events & BIT(FS_WARN_ENOSPC);
}

/* The first watch that needs the space budget brings it along. */
static void fse_flip_account(struct fse_write *w, struct fse_draft *d,
			     struct fse_watch *watch)
{
	struct fse_change *c;

	if (!fse_watch_accounts(watch))
		return;
	list_for_each_entry(c, &w->changes, node) {
		if (c->of == d && c->account)
			fse_sb_account(watch->es, &c->account);
	}
}

/* The new watch of a draft. */
static void fse_flip_new(struct fse_write *w, struct fse_draft *d)
{
	struct fse_watch *watch = d->watch;

	if (w->user) {
		watch->user = fse_user_hold(w->user);
		watch->charged = true;
		if (w->charged)
			w->charged--;
	}
	fse_watch_publish(watch, d->tie->claimed);
	d->maker->watch = NULL;
	kref_get(&watch->ref);
	d->made = true;
}

/* A watch of the same maker that takes its place takes over its charge. */
static void fse_flip_old(struct fse_write *w, struct fse_draft *d)
{
	bool reused = w->reused && d->old->user == w->user;

	w->reused -= reused;
	if (d->old->dead) {
		/* It gave its place back when it ended. */
		if (reused)
			fse_user_charge_over(w->user, fse_write_limit(w));
		return;
	}
	if (reused)
		d->old->charged = false;
	fse_watch_unpublish(d->old, &w->ended);
}

static void fse_flip_watch(struct fse_write *w, struct fse_draft *d)
{
	struct fse_watch *watch = d->watch;

	/* A removal of some types by id came too late. */
	if (watch->dead)
		return;
	fse_flip_ties(w, d, watch);
	fse_flip_levels(d, watch, FSE_SPACE, FSE_TYPE_T);
	fse_flip_levels(d, watch, FSE_INODES, FSE_TYPE_I);
	fse_flip_generic(d, watch);
	fse_flip_account(w, d, watch);
	/* A sample that is under way may be for another maker, and not run this watch. */
	watch->asker->due_ns = 0;
	watch->settling++;
	d->flipped = true;
	if (watch == d->old)
		trace_fs_event_watch_change(watch->dev, watch->id,
					    watch->types, watch->events);
	else
		trace_fs_event_watch_add(watch->dev, watch->id, watch->types,
					 watch->events);
}

static void fse_flip(struct fse_write *w, struct fse_draft *d)
{
	struct fse_watch *watch = d->watch;
	struct fse_sb *es;

	/* Set, and removed again by the same write. */
	if (!d->old && !watch)
		return;
	es = d->old ? d->old->es : d->tie->claimed;
	if (watch)
		mutex_lock(&watch->deliver_lock);
	mutex_lock(&es->lock);
	if (watch && watch != d->old)
		fse_flip_new(w, d);
	if (d->old && d->old != watch)
		fse_flip_old(w, d);
	if (watch)
		fse_flip_watch(w, d);
	mutex_unlock(&es->lock);
	if (watch)
		mutex_unlock(&watch->deliver_lock);
}

/*
 * The watch of a draft has changed: say so. What levels that were replaced had to
 * report has lower numbers, what it has to report from now on higher ones.
 */
static void fse_settle(struct fse_write *w, struct fse_draft *d)
{
	struct fse_watch *watch = d->watch;
	struct fse_numbers numbers;

	if (watch->stream) {
		mutex_lock(&watch->deliver_lock);
		fse_deliver_retired(watch);
		mutex_unlock(&watch->deliver_lock);
	} else {
		fse_watch_shown(watch);
		numbers = fse_deliver_changed(watch, false);
		w->set = watch->id;
		/* Another writer may have removed it: then its end has the numbers. */
		if (numbers.generation)
			w->numbers = numbers;
	}
	mutex_lock(&watch->es->lock);
	watch->settling--;
	mutex_unlock(&watch->es->lock);
	fse_deliver_now(watch);
	if (watch->slow)
		fse_sample_slow_soon(watch->es);
	else
		fse_sample_now(watch->es);
}

/* A watch that is to be made. */
static bool fse_draft_makes(const struct fse_draft *d)
{
	return d->maker && d->watch == d->maker->watch;
}

/*
 * Count the watches that are made; they take the places of those of the same
 * maker that are removed by this write.
 */
static int fse_charge(struct fse_write *w)
{
	const struct fse_draft *d;
	unsigned int places = 0;

	if (!w->user)
		return 0;
	list_for_each_entry(d, &w->drafts, node)
		places += d->old && d->watch != d->old &&
			  d->old->user == w->user;
	list_for_each_entry(d, &w->drafts, node) {
		if (!fse_draft_makes(d))
			continue;
		if (w->reused < places) {
			w->reused++;
			continue;
		}
		if (!fse_user_charge(w->user, fse_write_limit(w)))
			return fse_refuse(w, -EDQUOT, d->maker->mount,
					  w->stream ?
					  "too many private watches" :
					  "too many watches");
		w->charged++;
	}
	return 0;
}

static int fse_number(struct fse_write *w)
{
	const struct fse_draft *d;
	int err = 0;

	list_for_each_entry(d, &w->drafts, node) {
		if (!err && fse_draft_makes(d))
			err = fse_watch_number(d->watch);
		if (err == -EOVERFLOW)
			return fse_refuse(w, err, d->maker->mount,
					  "all entry ids have been used");
	}
	return err ? fse_no_memory(w) : 0;
}

/* Return: 0, or a negative errno: then nothing has changed. */
static int fse_play_all(struct fse_write *w)
{
	struct fse_change *c;
	struct fse_draft *d;
	int err = 0;

	list_for_each_entry(c, &w->changes, node) {
		err = fse_play(w, c);
		if (err)
			return err;
	}
	err = fse_charge(w) ?: fse_number(w);
	list_for_each_entry(d, &w->drafts, node) {
		if (!err && d->watch)
			err = fse_attach(w, d);
	}
	return err;
}

/*
 * What happened before is not for what is watched from now on. Watches of levels
 * alone are not concerned, and unprivileged writers have no others.
 */
static void fse_fanout_all(struct fse_write *w)
{
	struct fse_change *c;
	struct fse_sb *es;

	list_for_each_entry(c, &w->changes, node) {
		if (c->slow)
			continue;
		es = c->path.mnt ? fse_sb_get(c->path.mnt->mnt_sb) : NULL;
		if (!es)
			continue;
		fse_fanout(es);
		fse_sb_put(es);
	}
}

/* What the write relied on may change. */
static void fse_unclaim_all(struct fse_write *w)
{
	struct fse_change *c;
	struct fse_draft *d;

	list_for_each_entry(d, &w->drafts, node) {
		if (d->old)
			fse_watch_unclaim(d->old);
	}
	list_for_each_entry(c, &w->changes, node) {
		if (c->claimed)
			fse_sb_unclaim(c->claimed);
		c->claimed = NULL;
	}
}

static int fse_apply(struct fse_write *w)
{
	struct fse_draft *d;
	int err;

	fse_fanout_all(w);
	fse_write_lock(w);
	err = fse_play_all(w);
	list_for_each_entry(d, &w->drafts, node) {
		if (!err)
			fse_flip(w, d);
	}
	fse_write_unlock(w);
	fse_unclaim_all(w);
	/* Of a write that is refused. */
	for (; w->charged; w->charged--)
		fse_user_uncharge(w->user, fse_write_limit(w));
	fse_watches_dispose(&w->ended, FSE_END_SILENT);
	list_for_each_entry(d, &w->drafts, node) {
		if (d->flipped)
			fse_settle(w, d);
	}
	return err;
}

static int fse_clear(struct fse_write *w)
{
	struct fse_span all = { .len = w->len };

	INIT_LIST_HEAD(&w->changes);
	INIT_LIST_HEAD(&w->ended);
	if (!w->stream && !fse_may(w, w->owner->user_ns))
		return fse_refuse(w, -EPERM, all,
				  "needs CAP_SYS_ADMIN to stop all watches");
	fse_write_lock(w);
	fse_watches_unpublish(w->stream, w->stream ? NULL : w->owner,
			      &w->ended);
	fse_write_unlock(w);
	fse_watches_dispose(&w->ended, FSE_END_SILENT);
	return 0;
}

/**
 * fse_write_carry_out - carry out requests
 * @w: the requests; all that comes before its lists is set
 *
 * Context: Process context, may sleep.
 * Return: 0, or a negative errno; then nothing has changed.
 */
int fse_write_carry_out(struct fse_write *w)
{
	struct fse_change *c, *next;
	int err;

	INIT_LIST_HEAD(&w->changes);
	INIT_LIST_HEAD(&w->drafts);
	INIT_LIST_HEAD(&w->ended);
	err = fse_prepare_all(w);
	if (!err)
		err = fse_apply(w);
	list_for_each_entry_safe(c, next, &w->changes, node)
		fse_change_free(c);
	fse_user_put(w->user);
	return err;
}

/**
 * fse_config_apply - carry out a write of watch requests
 * @text: the write
 * @len: its bytes
 * @owner: whose instance of fstrace it was made to
 * @file: the open file
 * @stream: whose private watches it is about; NULL: global ones
 * @error: why it is refused
 *
 * Context: Process context, may sleep.
 * Return: 0, or a negative errno; then nothing has changed.
 */
int fse_config_apply(const char *text, size_t len, struct fse_owner *owner,
		     const struct file *file, struct fse_stream *stream,
		     struct fse_error *error)
{
	struct fse_write w = {
		.text = text,
		.len = len,
		.owner = owner,
		.file = file,
		.stream = stream,
		.error = error,
	};

	if (fse_text_blank(text, len))
		return fse_clear(&w);
	if (!stream)
		w.net = fse_maker_net(&w, current->nsproxy->net_ns);
	return fse_write_carry_out(&w);
}
