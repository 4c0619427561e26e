// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: a write of watch requests is one transaction.
 *
 * 1. Prepare: parse, look up, check and allocate everything (prepare.c).
 * 2. Under fse_mutex, play the requests through, on a draft for each super
 *    block (for private watches each mount), and attach marks for what will be
 *    there. This may still fail.
 * 3. Still under it, make the drafts true. This can't fail.
 * 4. Without it, dispose of what was replaced, removed or not needed.
 *
 * So a write takes effect whole or not at all, and of two at once each takes
 * effect whole.
 *
 * A request that came by netlink takes the same way.
 *
 * Context: process context of the writer; may sleep.
 */
#include <linux/cred.h>
#include <linux/mount.h>
#include <linux/nsproxy.h>
#include <linux/user_namespace.h>
#include <trace/events/fs_event.h>

#include "config.h"
#include "source.h"

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

static struct fse_draft *fse_draft(struct fse_write *w, struct fse_change *c,
				   struct fse_watch *old)
{
	struct fse_draft *d = fse_draft_find(w, old, c->path.mnt);

	if (d)
		return d;
	d = &c->draft;
	d->old = old;
	d->watch = old;
	if (old) {
		d->types = old->types;
		d->events = old->events;
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

/* The draft for a request with a path, or an error pointer. */
static struct fse_draft *fse_draft_by_path(struct fse_write *w,
					   struct fse_change *c)
{
	struct fse_watch *old = fse_watch_find(c->path.mnt, w->owner,
					       w->stream);
	int err = old ? fse_check_change(w, c, old) : 0;

	return err ? ERR_PTR(err) : fse_draft(w, c, old);
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
	int err = 0;

	if (!watch || (watch->owner != w->owner &&
		       w->owner != &fse_init_owner))
		return ERR_PTR(fse_refuse(w, -ENOENT, c->mount,
					  "no such watch"));
	/* Published, so its super block is there. */
	if (!w->stream && !fse_may(w, watch->es->sb->s_user_ns))
		err = fse_refuse(w, -EPERM, c->mount,
				 "needs CAP_SYS_ADMIN over the file system");
	err = err ?: fse_check_change(w, c, watch);
	if (err)
		return ERR_PTR(err);
	d = fse_draft(w, c, watch);
	if (d->watch == watch)
		return d;
	/* Removed by a request before this one. */
	return ERR_PTR(fse_refuse(w, -ENOENT, c->mount, "no such watch"));
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
 * Does a request tie its watch to a mount that the watch is not tied to? A request
 * before it in the same write may have the same mount.
 */
static bool fse_ties(const struct fse_write *w, const struct fse_change *c)
{
	const struct fse_draft *d = c->of;
	const struct fse_change *other;

	if (c->op != FSE_OP_SET || !d || !d->watch)
		return false;
	if (d->watch == d->old && fse_anchor_find(d->old, c->path.mnt))
		return false;
	list_for_each_entry(other, &w->changes, node) {
		if (other == c)
			break;
		if (other->of == d && other->op == FSE_OP_SET &&
		    other->path.mnt == c->path.mnt)
			return false;
	}
	return true;
}

/* Did a draft before this one bring the state of the super block? */
static bool fse_draft_follows(const struct fse_write *w, struct fse_draft *d)
{
	struct fse_draft *other;

	list_for_each_entry(other, &w->drafts, node) {
		if (other == d)
			break;
		if (other->watch && other->tie &&
		    fse_draft_sb(other) == fse_draft_sb(d))
			return true;
	}
	return false;
}

/* Attach what the draft needs. Nothing leads to it yet. */
static int fse_attach(struct fse_write *w, struct fse_draft *d)
{
	struct fse_change *c;
	int err = 0;

	if (!d->watch || !d->tie)
		return 0;
	if (!fse_sb_find(fse_draft_sb(d)) && !fse_draft_follows(w, d))
		err = fse_sb_attach(d->tie->es);
	list_for_each_entry(c, &w->changes, node) {
		if (!err && c->of == d && fse_ties(w, c))
			err = fse_anchor_attach(c->anchor);
	}
	return err ? fse_no_memory(w) : 0;
}

/* Tie the watch to the mounts that were named, as long as they are there. */
static void fse_flip_ties(struct fse_write *w, struct fse_draft *d,
			  struct fse_watch *watch)
{
	struct fse_change *c;

	list_for_each_entry(c, &w->changes, node) {
		if (c->of != d)
			continue;
		if (fse_ties(w, c)) {
			fse_anchor_add(watch, c->anchor);
			c->anchor = NULL;
		} else if (c->anchor) {
			fse_anchor_rename(watch, c->anchor);
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
	if (c) {
		set = c->set[which];
		c->set[which] = NULL;
	}
	mutex_lock(&watch->es->lock);
	if (set && watch->set[which] && !(d->fresh & type))
		fse_set_keep(set, watch->set[which]);
	if (watch->set[which])
		fse_levels_retire(watch, watch->set[which]);
	watch->set[FSE_RETIRED_SPACE + which] = watch->set[which];
	watch->set[which] = set;
	mutex_unlock(&watch->es->lock);
}

/* Deliver what is over, then free retired levels: nothing adds to them now. */
static void fse_retire_levels(struct fse_watch *watch)
{
	struct fse_level_set *retired[2];

	fse_deliver_flush(watch);
	if (!watch->set[FSE_RETIRED_SPACE] && !watch->set[FSE_RETIRED_INODES])
		return;
	mutex_lock(&watch->deliver_lock);
	mutex_lock(&watch->es->lock);
	retired[0] = watch->set[FSE_RETIRED_SPACE];
	retired[1] = watch->set[FSE_RETIRED_INODES];
	watch->set[FSE_RETIRED_SPACE] = NULL;
	watch->set[FSE_RETIRED_INODES] = NULL;
	mutex_unlock(&watch->es->lock);
	mutex_unlock(&watch->deliver_lock);
	fse_set_free(retired[0]);
	fse_set_free(retired[1]);
}

/* The watch takes over the sources of the events that the request names. */
static void fse_flip_sources(struct fse_draft *d, struct fse_watch *watch)
{
	if (d->generic) {
		swap(watch->sources, d->generic->sources);
	} else if (!d->events) {
		fse_sources_put(watch->sources);
		watch->sources = 0;
	}
}

static void fse_flip_generic(struct fse_draft *d, struct fse_watch *watch)
{
	fse_flip_sources(d, watch);
	mutex_lock(&watch->es->lock);
	fse_watch_clear(watch, ~d->events);
	watch->types = d->types;
	fse_watch_want(watch, d->events);
	mutex_unlock(&watch->es->lock);
}

/* The new watch of a draft: take it, and its super block's state, over. */
static void fse_flip_new(struct fse_write *w, struct fse_draft *d)
{
	struct fse_sb *es = fse_sb_find(fse_draft_sb(d));

	if (!es) {
		es = d->tie->es;
		d->tie->es = NULL;
		fse_sb_publish(es);
	}
	if (w->user) {
		d->watch->user = fse_user_hold(w->user);
		if (w->charged)
			w->charged--;
	}
	fse_watch_publish(d->watch, es);
	d->maker->watch = NULL;
}

/* What it was counted by goes over to a watch that takes its place. */
static void fse_flip_old(struct fse_write *w, struct fse_draft *d)
{
	if (w->reused && d->old->user == w->user) {
		fse_user_put(d->old->user);
		d->old->user = NULL;
		w->reused--;
	}
	fse_watch_unpublish(d->old, &w->ended);
}

static void fse_flip(struct fse_write *w, struct fse_draft *d)
{
	struct fse_sb *es = d->old ? d->old->es : fse_sb_find(fse_draft_sb(d));
	struct fse_watch *watch = d->watch;
	struct fse_numbers numbers;

	/* What happened before is not for what is watched from now on. */
	if (es)
		fse_fanout(es);
	if (watch && watch != d->old)
		fse_flip_new(w, d);
	if (d->old && d->old != watch)
		fse_flip_old(w, d);
	if (!watch)
		return;
	if (d->tie) {
		fse_flip_ties(w, d, watch);
		if (!watch->stream)
			fse_watch_shown(watch);
	}
	fse_flip_levels(d, watch, FSE_SPACE, FSE_TYPE_T);
	fse_flip_levels(d, watch, FSE_INODES, FSE_TYPE_I);
	fse_flip_generic(d, watch);
	if (watch == d->old)
		trace_fs_event_watch_change(watch->dev, watch->id,
					    watch->types, watch->events);
	else
		trace_fs_event_watch_add(watch->dev, watch->id, watch->types,
					 watch->events);
	fse_retire_levels(watch);
	/* Last: what old levels had to say has lower numbers than this. */
	if (!watch->stream) {
		w->set = watch->id;
		numbers = fse_netlink_changed(watch, watch == d->old ?
					      FS_NL_CHANGE_CHANGED :
					      FS_NL_CHANGE_ADDED);
		if (watch->net)
			w->numbers = numbers;
	}
	fse_sample_now(watch->es);
}

/* A watch that is to be made. */
static bool fse_draft_makes(const struct fse_draft *d)
{
	return d->maker && d->watch == d->maker->watch;
}

static enum fse_limit fse_write_limit(const struct fse_write *w)
{
	return w->stream ? FSE_LIMIT_PRIVATE : FSE_LIMIT_GLOBAL;
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

/* How many watches there can be until the machine restarts. */
static int fse_check_ids(struct fse_write *w)
{
	const struct fse_draft *d;
	u32 nr = 0;

	list_for_each_entry(d, &w->drafts, node) {
		if (!fse_draft_makes(d))
			continue;
		if (fse_watch_ids_left(d->watch) < ++nr)
			return fse_refuse(w, -EOVERFLOW, d->maker->mount,
					  "all entry ids have been used");
	}
	return 0;
}

static int fse_apply(struct fse_write *w)
{
	struct fse_change *c;
	struct fse_draft *d;
	int err = 0;

	fse_lock();
	list_for_each_entry(c, &w->changes, node) {
		err = fse_play(w, c);
		if (err)
			goto out;
	}
	err = fse_check_ids(w) ?: fse_charge(w);
	if (err)
		goto out;
	list_for_each_entry(d, &w->drafts, node) {
		err = fse_attach(w, d);
		if (err)
			goto out;
	}
	list_for_each_entry(d, &w->drafts, node)
		fse_flip(w, d);
out:
	fse_unlock();
	/* Of a write that is refused. */
	for (; w->charged; w->charged--)
		fse_user_uncharge(w->user, fse_write_limit(w));
	return err;
}

static bool fse_made_from(const struct fse_watch *watch, void *owner)
{
	return !watch->stream && watch->owner == owner;
}

static int fse_clear(struct fse_write *w)
{
	struct fse_span all = { .len = w->len };

	if (w->stream) {
		fse_watches_clear(w->stream);
		return 0;
	}
	if (!fse_may(w, w->owner->user_ns))
		return fse_refuse(w, -EPERM, all,
				  "needs CAP_SYS_ADMIN to stop all watches");
	fse_watches_end(fse_made_from, w->owner, FSE_END_SILENT);
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
	fse_watches_dispose(&w->ended, FSE_END_SILENT);
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
