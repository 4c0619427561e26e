// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: what ties a watch to the mounts that it was set through.
 *
 * A global watch keeps every mount that it was set through: / and /home may be
 * two mounts of one btrfs. When one of them goes the watch goes on through the
 * others, and ends with the last. A private watch is tied to one mount.
 *
 * Nothing pins the mount. module/mount_mark.c or builtin/mount.c calls when its
 * last reference is dropped: at once after umount(2) of a mount that is not in
 * use, and with its last user after a lazy umount of a busy one. A mount that is
 * moved tells nothing: each delivery looks where it is.
 *
 * When the mount goes, the super block either goes with it or stays, mounted
 * elsewhere. All mounts that one umount(2) takes down, in the namespaces that
 * it propagates to as well, or that go with a mount namespace, have left
 * s_mounts before that call for the first, while s_active still counts them: so
 * s_mounts decides. If it is empty the watch becomes an orphan, without an
 * anchor. It ends with the super block, in fse_sb_gone(), inside umount(2). Or
 * else a mount(2) took the super block up again at that very moment, or it was
 * frozen: then a look a second later ends it, or before that a
 * request through the new mount.
 *
 * Lifetime: its watch has a reference to an anchor, and so has the link from the
 * mount to it. The task that parts watch and anchor, under the lock of the super
 * block's state, drops the watch's reference.
 *
 * Context: process context; a mount goes without any lock held, in the task
 * work of the task that drops it, or in a worker.
 */
#include <linux/memcontrol.h>
#include <linux/mount.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "internal.h"

#define FSE_ORPHAN_DELAY	HZ

/* Does the super block live on without the mounts that are going? */
static bool fse_sb_stays(const struct super_block *sb)
{
	return fse_sb_mounted(sb) ||
	       READ_ONCE(sb->s_writers.frozen) != SB_UNFROZEN;
}

/*
 * May a watch end now that its mounts are gone? A request about it may be going to tie
 * it to another one.
 */
static bool fse_watch_may_end(const struct fse_watch *watch)
{
	return !watch->claims && fse_sb_stays(watch->es->sb);
}

/*
 * End the watches whose mounts are gone, if the super block stays, and is known to
 * be there while its state is not dead. Return: look again later.
 */
static bool fse_orphans_look(struct fse_sb *es)
{
	struct fse_watch *watch;
	struct fse_walk walk;
	bool wait = false;
	LIST_HEAD(ended);

	fse_walk_begin(&walk, es);
	while ((watch = fse_walk_next(&walk))) {
		if (es->dead)
			break;
		if (!list_empty(&watch->anchors))
			continue;
		if (fse_watch_may_end(watch))
			fse_watch_unpublish(watch, &ended);
		else
			wait = true;
	}
	fse_walk_end(&walk);
	fse_watches_dispose(&ended, FSE_END_MOUNT);
	return wait;
}

static void fse_orphans_later(struct fse_sb *es)
{
	mutex_lock(&es->lock);
	/* fse_sb_quiesce() comes after that. */
	if (!es->dead)
		queue_delayed_work(fse_sample_wq, &es->orphans,
				   FSE_ORPHAN_DELAY);
	mutex_unlock(&es->lock);
}

static void fse_orphans_work(struct work_struct *work)
{
	struct fse_sb *es = container_of(work, struct fse_sb, orphans.work);

	if (fse_orphans_look(es))
		fse_orphans_later(es);
}

void fse_orphans_init(struct fse_sb *es)
{
	INIT_DELAYED_WORK(&es->orphans, fse_orphans_work);
}

/**
 * fse_orphans_end - end the watches of a super block whose mount is gone
 * @sb: the super block; the caller holds a path to it, so it stays
 *
 * Context: Process context without locks.
 */
void fse_orphans_end(const struct super_block *sb)
{
	struct fse_sb *es = fse_sb_get(sb);

	if (!es)
		return;
	fse_orphans_look(es);
	fse_sb_put(es);
}

/* To be called before fse_anchor_cut(). */
void fse_anchors_going(struct fse_anchors_gone *gone)
{
	INIT_LIST_HEAD(&gone->ended);
	INIT_LIST_HEAD(&gone->left);
	gone->going = NULL;
}

static char *fse_anchor_path(const struct fse_anchor *anchor, char *buf, int size)
{
	const struct path path = {
		.mnt = anchor->mnt,
		.dentry = anchor->mnt->mnt_root,
	};

	return fse_mount_path(&path, buf, size);
}

/* The watch is known by its first mount. One that goes keeps its last path. */
static void fse_anchor_show(struct fse_watch *watch)
{
	struct fse_anchor *first = list_first_entry(&watch->anchors,
						    struct fse_anchor, node);

	lockdep_assert_held(&watch->es->lock);
	if (watch->shown == first)
		return;
	if (watch->shown)
		swap(watch->shown->name, watch->mount);
	fse_string_put(watch->mount);
	watch->mount = fse_string_get(first->name);
	watch->shown = first;
}

/**
 * fse_anchor_cut - the mount of an anchor goes
 * @anchor: the anchor; it may be freed
 * @gone: what is to be done about it
 *
 * Context: &fse_sb.lock is held. The super block stays at least until
 * fse_anchors_gone() has returned.
 */
void fse_anchor_cut(struct fse_anchor *anchor, struct fse_anchors_gone *gone)
{
	struct fse_watch *watch = anchor->watch;
	struct fse_sb *es = anchor->es;

	lockdep_assert_held(&es->lock);
	if (!watch)
		return;
	anchor->watch = NULL;
	list_del_init(&anchor->node);
	if (!list_empty(&watch->anchors)) {
		kref_get(&watch->ref);
		anchor->goes_on = watch;
		list_add_tail(&anchor->node, &gone->left);
		fse_anchor_show(watch);
		return;
	}
	watch->shown = NULL;
	/* The directory may go with its last mount. */
	if (watch->asker->dentry)
		fse_asker_leave(watch);
	fse_anchor_put(anchor);
	if (fse_watch_may_end(watch)) {
		fse_watch_unpublish(watch, &gone->ended);
	} else if (!gone->going) {
		gone->going = es;
		kref_get(&es->ref);
	}
}

static void fse_watch_look(struct work_struct *work)
{
	struct fse_watch *watch = container_of(work, struct fse_watch, look);

	fse_watch_shown(watch);
	fse_watch_put(watch);
}

void fse_watch_look_init(struct fse_watch *watch)
{
	INIT_WORK(&watch->look, fse_watch_look);
}

/*
 * A mount went that its watch goes on without: report that. Which readers see the
 * watch now, a worker finds out: a task that exits has no root directory any more,
 * and umount(2) must not wait for the other tasks that find out such things. One
 * worker does that for all watches of the host, and one for those of guests, once
 * for all mounts that went meanwhile: guests may have many.
 */
static void fse_anchor_left(struct fse_anchor *anchor)
{
	struct fse_watch *watch = anchor->goes_on;

	list_del_init(&anchor->node);
	fse_deliver_left(watch, anchor->name);
	fse_deliver_changed(watch, false);
	kref_get(&watch->ref);
	if (!queue_work(watch->owner == &fse_init_owner ? fse_look_wq :
							  fse_look_guest_wq,
			&watch->look))
		fse_watch_put(watch);
	anchor->goes_on = NULL;
	fse_anchor_put(anchor);
	fse_watch_put(watch);
}

/**
 * fse_anchors_gone - what follows after fse_anchor_cut()
 * @gone: what it left
 *
 * Context: Process context without locks.
 */
void fse_anchors_gone(struct fse_anchors_gone *gone)
{
	struct fse_anchor *anchor, *next;

	list_for_each_entry_safe(anchor, next, &gone->left, node)
		fse_anchor_left(anchor);
	fse_watches_dispose(&gone->ended, FSE_END_MOUNT);
	if (!gone->going)
		return;
	/* So that a server that answers does not delay the shutdown. */
	fse_call_pause(gone->going);
	fse_orphans_later(gone->going);
	fse_sb_put(gone->going);
}

/**
 * fse_anchor_alloc - an anchor, not attached
 * @path: the root of the mount, which the caller holds until it is attached
 */
struct fse_anchor *fse_anchor_alloc(const struct path *path)
{
	struct fse_anchor *anchor = kzalloc_obj(*anchor, GFP_KERNEL_ACCOUNT);

	if (!anchor)
		return NULL;
	fse_anchor_prepare(anchor);
	INIT_LIST_HEAD(&anchor->node);
	anchor->mnt = path->mnt;
	anchor->mnt_ns = fse_mnt_ns_nr();
	return anchor;
}

/* No reference is left. Context: Process context, may sleep. */
void fse_anchor_free(struct fse_anchor *anchor)
{
	if (anchor->es)
		fse_sb_put(anchor->es);
	fse_string_put(anchor->name);
	fse_string_put(anchor->seen);
	kfree(anchor);
}

/**
 * fse_anchor_find - is a watch tied to a mount?
 * @watch: the watch
 * @mnt: the mount
 *
 * Context: &fse_sb.lock is held.
 * Return: the anchor, or NULL.
 */
struct fse_anchor *fse_anchor_find(const struct fse_watch *watch,
				   const struct vfsmount *mnt)
{
	struct fse_anchor *anchor;

	lockdep_assert_held(&watch->es->lock);
	if (watch->dead)
		return NULL;
	list_for_each_entry(anchor, &watch->anchors, node) {
		if (anchor->mnt == mnt)
			return anchor;
	}
	return NULL;
}

/**
 * fse_anchor_add - tie a watch to one more mount
 * @watch: the watch, published
 * @anchor: attached, with the path of the mount; the watch's from now on
 *
 * Context: &fse_sb.lock is held.
 */
void fse_anchor_add(struct fse_watch *watch, struct fse_anchor *anchor)
{
	lockdep_assert_held(&watch->es->lock);
	kref_get(&watch->es->ref);
	anchor->es = watch->es;
	anchor->watch = watch;
	list_add_tail(&anchor->node, &watch->anchors);
	fse_anchor_show(watch);
}

/**
 * fse_anchor_rename - a mount that a watch is tied to may have moved
 * @watch: the watch
 * @known: the anchor that ties it to the mount
 * @anchor: another anchor of the mount, with its path now
 *
 * Context: &fse_sb.lock is held.
 */
void fse_anchor_rename(struct fse_watch *watch, struct fse_anchor *known,
		       struct fse_anchor *anchor)
{
	if (watch->shown == known)
		watch->shown = NULL;
	swap(known->name, anchor->name);
	swap(known->seen, anchor->seen);
	fse_anchor_show(watch);
}

/*
 * A watch is known by a path that its maker sees, and @seen is what a worker saw
 * then. Where one ends in the other, what is before that leads to the maker's
 * root. Return: the path now, or NULL: it is the same, or the maker does not see
 * the mount any more.
 */
static const char *fse_path_moved(const char *mount, const char *seen,
				  const char *now)
{
	size_t root = strlen(seen) - strlen(mount);

	/* "/" is also said of a mount that was detached. */
	if (!strcmp(seen, now) || !strcmp(now, "/") || !strcmp(mount, "/") ||
	    strlen(seen) < strlen(mount) || strcmp(seen + root, mount) ||
	    strncmp(now, seen, root) || now[root] != '/')
		return NULL;
	return now + root;
}

/*
 * New paths of a watch, charged to its maker. The worker serves others as well, so
 * it does not wait for room in that memory cgroup: the old paths stay then.
 */
static void fse_anchor_paths(const struct fse_watch *watch, const char *now,
			     const char *moved, struct fse_string **seen,
			     struct fse_string **mount)
{
	struct mem_cgroup *old;

	old = set_active_memcg(watch->stream ? watch->stream->memcg :
					       watch->memcg);
	*seen = fse_string_alloc(now, GFP_NOWAIT | __GFP_ACCOUNT);
	*mount = fse_string_alloc(moved, GFP_NOWAIT | __GFP_ACCOUNT);
	set_active_memcg(old);
}

/**
 * fse_anchor_look - find out where the mount is that a watch is known by
 * @watch: the watch
 *
 * Only a worker can tell: paths are relative to the root of the running process.
 *
 * Context: Process context, may sleep.
 */
void fse_anchor_look(struct fse_watch *watch)
{
	struct fse_string *seen = NULL, *mount = NULL;
	const char *moved = NULL;
	struct fse_anchor *anchor;
	char *buf, *now;

	if (!(current->flags & PF_WQ_WORKER))
		return;
	buf = __getname();
	if (!buf)
		return;
	mutex_lock(&watch->es->lock);
	anchor = watch->shown;
	if (anchor) {
		now = fse_anchor_path(anchor, buf, PATH_MAX);
		if (!IS_ERR(now))
			moved = fse_path_moved(watch->mount->s,
					       anchor->seen->s, now);
	}
	mutex_unlock(&watch->es->lock);
	if (moved)
		fse_anchor_paths(watch, now, moved, &seen, &mount);
	__putname(buf);
	if (seen && mount) {
		mutex_lock(&watch->es->lock);
		if (watch->shown == anchor) {
			swap(anchor->seen, seen);
			swap(watch->mount, mount);
		}
		mutex_unlock(&watch->es->lock);
	}
	fse_string_put(seen);
	fse_string_put(mount);
}

/**
 * fse_anchors_release - part a watch from its mounts
 * @watch: the watch; the caller calls fse_anchors_destroy() later
 *
 * Context: &fse_sb.lock is held.
 */
void fse_anchors_release(struct fse_watch *watch)
{
	struct fse_anchor *anchor;

	lockdep_assert_held(&watch->es->lock);
	list_for_each_entry(anchor, &watch->anchors, node)
		anchor->watch = NULL;
}

/**
 * fse_anchors_destroy - get rid of the anchors of a watch
 * @watch: the watch, released from its mounts
 *
 * Context: Process context without locks.
 */
void fse_anchors_destroy(struct fse_watch *watch)
{
	struct fse_anchor *anchor, *next;

	list_for_each_entry_safe(anchor, next, &watch->anchors, node) {
		list_del_init(&anchor->node);
		fse_anchor_destroy(anchor);
	}
}

/**
 * fse_anchor_destroy - get rid of an anchor
 * @anchor: one without a watch, or NULL
 *
 * Context: Process context without locks.
 */
void fse_anchor_destroy(struct fse_anchor *anchor)
{
	if (!anchor)
		return;
	fse_anchor_detach(anchor);
	fse_anchor_put(anchor);
}

/**
 * fse_anchors_readonly - is a mount read-only that a watch was made through?
 * @es: state of the super block
 *
 * Context: Process context without locks.
 */
bool fse_anchors_readonly(struct fse_sb *es)
{
	const struct fse_anchor *anchor;
	const struct fse_watch *watch;
	bool readonly = false;
	struct fse_walk walk;

	fse_walk_begin(&walk, es);
	while ((watch = fse_walk_next(&walk))) {
		list_for_each_entry(anchor, &watch->anchors, node)
			readonly |= READ_ONCE(anchor->mnt->mnt_flags) &
				    MNT_READONLY;
	}
	fse_walk_end(&walk);
	return readonly;
}

/**
 * struct fse_look - a worker looks where a mount is
 * @work: the work
 * @path: the root of the mount
 * @buf: room for the path
 * @size: its size
 * @seen: the path, or an error pointer
 */
struct fse_look {
	struct work_struct work;
	const struct path *path;
	char *buf;
	int size;
	char *seen;
};

static void fse_look_work(struct work_struct *work)
{
	struct fse_look *look = container_of(work, struct fse_look, work);

	look->seen = fse_mount_path(look->path, look->buf, look->size);
}

/**
 * fse_mount_seen - where a mount is, as workers see it
 * @path: the root of the mount, kept by the caller
 * @buf: room for the path
 * @size: its size
 *
 * Context: Process context without locks; may sleep.
 * Return: the path, or NULL when there is no memory or room.
 */
struct fse_string *fse_mount_seen(const struct path *path, char *buf, int size)
{
	struct fse_look look = { .path = path, .buf = buf, .size = size };

	INIT_WORK_ONSTACK(&look.work, fse_look_work);
	queue_work(fse_deliver_wq, &look.work);
	flush_work(&look.work);
	destroy_work_on_stack(&look.work);
	return IS_ERR(look.seen) ? NULL :
				    fse_string_alloc(look.seen, GFP_KERNEL_ACCOUNT);
}
