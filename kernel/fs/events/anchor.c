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
 * use, and with its last user after a lazy umount of a busy one. Moving a mount
 * does not matter.
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
 * mount to it. The task that parts watch and anchor, under fse_mutex, drops the
 * watch's reference.
 *
 * Context: process context; a mount goes without any lock held, in the task
 * work of the task that drops it, or in a worker.
 */
#include <linux/mount.h>
#include <linux/nsproxy.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "internal.h"
#include "reach.h"

#define FSE_ORPHAN_DELAY	HZ

static void fse_orphans_look(struct work_struct *work);
static DECLARE_DELAYED_WORK(fse_orphans_work, fse_orphans_look);

/* Does the super block live on without the mounts that are going? */
static bool fse_sb_stays(const struct super_block *sb)
{
	return fse_sb_mounted(sb) ||
	       READ_ONCE(sb->s_writers.frozen) != SB_UNFROZEN;
}

static void fse_orphans_look(struct work_struct *work)
{
	struct fse_watch *watch, *next;
	bool wait = false;
	LIST_HEAD(ended);

	fse_lock();
	list_for_each_entry_safe(watch, next, &fse_watches, node) {
		if (!list_empty(&watch->anchors))
			continue;
		/* Alive: fse_sb_gone() waits for fse_mutex, if it came. */
		if (fse_sb_stays(watch->es->sb))
			fse_watch_unpublish(watch, &ended);
		else
			wait = true;
	}
	fse_unlock();
	fse_watches_dispose(&ended, FSE_END_MOUNT);
	if (wait)
		queue_delayed_work(fse_sample_wq, &fse_orphans_work,
				   FSE_ORPHAN_DELAY);
}

/**
 * fse_orphans_end - end the watches of a super block whose mount is gone
 * @sb: the super block; the caller holds a path to it, so it stays
 *
 * Context: Process context without fse_mutex.
 */
void fse_orphans_end(const struct super_block *sb)
{
	struct fse_watch *watch, *next;
	struct fse_sb *es;
	LIST_HEAD(ended);

	fse_lock();
	es = fse_sb_find(sb);
	if (es) {
		for (watch = fse_watch_next(es, NULL); watch; watch = next) {
			next = fse_watch_next(es, watch);
			if (list_empty(&watch->anchors))
				fse_watch_unpublish(watch, &ended);
		}
	}
	fse_unlock();
	fse_watches_dispose(&ended, FSE_END_MOUNT);
}

/* To be called before fse_anchor_cut(). */
void fse_anchors_going(struct fse_anchors_gone *gone)
{
	INIT_LIST_HEAD(&gone->ended);
	INIT_LIST_HEAD(&gone->left);
	gone->going = NULL;
}

/* The watch is known by its first mount. */
static void fse_anchor_show(struct fse_watch *watch)
{
	struct fse_string *name = fse_string_get(fse_anchor_first(watch)->name);

	mutex_lock(&watch->es->lock);
	swap(watch->mount, name);
	mutex_unlock(&watch->es->lock);
	fse_string_put(name);
}

/**
 * fse_anchor_cut - the mount of an anchor goes
 * @anchor: the anchor; it may be freed
 * @gone: what is to be done about it
 *
 * Context: fse_mutex is held. The super block stays at least until
 * fse_anchors_gone() has returned.
 */
void fse_anchor_cut(struct fse_anchor *anchor, struct fse_anchors_gone *gone)
{
	struct fse_watch *watch = anchor->watch;

	fse_assert_locked();
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
	fse_anchor_put(anchor);
	/* The directory goes with its mount. */
	mutex_lock(&watch->es->lock);
	if (watch->asker->dentry)
		fse_asker_forget(watch->asker);
	mutex_unlock(&watch->es->lock);
	if (fse_sb_stays(watch->es->sb)) {
		fse_watch_unpublish(watch, &gone->ended);
	} else if (!gone->going) {
		gone->going = watch->es;
		kref_get(&watch->es->ref);
	}
}

/* A mount went that its watch goes on without: report that. */
static void fse_anchor_left(struct fse_anchor *anchor)
{
	struct fse_watch *watch = anchor->goes_on;

	list_del_init(&anchor->node);
	fse_deliver_left(watch, anchor->name);
	fse_lock();
	if (!watch->dead) {
		fse_watch_shown(watch);
		fse_netlink_changed(watch, FS_NL_CHANGE_CHANGED);
	}
	fse_unlock();
	anchor->goes_on = NULL;
	fse_watch_put(watch);
	fse_anchor_put(anchor);
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
	fse_sb_put(gone->going);
	queue_delayed_work(fse_sample_wq, &fse_orphans_work, FSE_ORPHAN_DELAY);
}

/* All watches have been ended. */
void fse_anchor_exit(void)
{
	fse_anchor_ties_exit();
	cancel_delayed_work_sync(&fse_orphans_work);
}

/**
 * fse_anchor_alloc - an anchor, not attached
 * @path: the root of the mount, which the caller holds until it is attached
 */
struct fse_anchor *fse_anchor_alloc(const struct path *path)
{
	struct fse_anchor *anchor = kzalloc(sizeof(*anchor),
					    GFP_KERNEL_ACCOUNT);

	if (!anchor)
		return NULL;
	fse_anchor_prepare(anchor);
	INIT_LIST_HEAD(&anchor->node);
	anchor->mnt = path->mnt;
	anchor->mnt_ns = current->nsproxy->mnt_ns;
	return anchor;
}

/* No reference is left. Context: Any. */
void fse_anchor_free(struct fse_anchor *anchor)
{
	fse_string_put(anchor->name);
	kfree(anchor);
}

/**
 * fse_anchor_first - the mount that a watch is known by
 * @watch: the watch
 *
 * Context: fse_mutex is held.
 * Return: its anchor, or NULL: the watch is an orphan.
 */
struct fse_anchor *fse_anchor_first(struct fse_watch *watch)
{
	fse_assert_locked();
	return list_first_entry_or_null(&watch->anchors, struct fse_anchor,
					node);
}

/**
 * fse_anchor_find - is a watch tied to a mount?
 * @watch: the watch
 * @mnt: the mount
 *
 * Context: fse_mutex is held.
 * Return: the anchor, or NULL.
 */
struct fse_anchor *fse_anchor_find(const struct fse_watch *watch,
				   const struct vfsmount *mnt)
{
	struct fse_anchor *anchor;

	fse_assert_locked();
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
 * Context: fse_mutex is held.
 */
void fse_anchor_add(struct fse_watch *watch, struct fse_anchor *anchor)
{
	fse_assert_locked();
	anchor->watch = watch;
	list_add_tail(&anchor->node, &watch->anchors);
	fse_anchor_show(watch);
}

/**
 * fse_anchor_rename - a mount that a watch is tied to may have moved
 * @watch: the watch
 * @anchor: another anchor of the mount, with its path now
 *
 * Context: fse_mutex is held.
 */
void fse_anchor_rename(struct fse_watch *watch, struct fse_anchor *anchor)
{
	struct fse_anchor *known = fse_anchor_find(watch, anchor->mnt);

	swap(known->name, anchor->name);
	fse_anchor_show(watch);
}

/**
 * fse_anchors_release - part a watch from its mounts
 * @watch: the watch; the caller calls fse_anchors_destroy() later
 *
 * Context: fse_mutex is held.
 */
void fse_anchors_release(struct fse_watch *watch)
{
	struct fse_anchor *anchor;

	fse_assert_locked();
	list_for_each_entry(anchor, &watch->anchors, node)
		anchor->watch = NULL;
}

/**
 * fse_anchors_destroy - get rid of the anchors of a watch
 * @watch: the watch, released from its mounts
 *
 * Context: Process context without fse_mutex.
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
 * Context: Process context without fse_mutex.
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
 * Context: Process context without fse_mutex.
 */
bool fse_anchors_readonly(struct fse_sb *es)
{
	const struct fse_anchor *anchor;
	const struct fse_watch *watch;
	bool readonly = false;
	struct fse_walk walk;

	fse_lock();
	fse_walk_begin(&walk, es);
	while ((watch = fse_walk_next(&walk))) {
		list_for_each_entry(anchor, &watch->anchors, node)
			readonly |= READ_ONCE(anchor->mnt->mnt_flags) &
				    MNT_READONLY;
	}
	fse_walk_end(&walk);
	fse_unlock();
	return readonly;
}

/**
 * fse_mount_path - where a mount is, as the running process sees it
 * @path: the root of the mount
 * @buf: room for the path
 * @size: its size
 *
 * What a bind mount shows may have been removed; d_path() says so behind the
 * path. The mount is still there, and so is the place where it is mounted.
 *
 * Return: the path, somewhere in @buf, or an error pointer.
 */
char *fse_mount_path(const struct path *path, char *buf, int size)
{
	static const char deleted[] = " (deleted)";
	char *s = d_path(path, buf, size);
	size_t len, tail = sizeof(deleted) - 1;

	if (IS_ERR(s) || !d_unlinked(path->dentry))
		return s;
	len = strlen(s);
	if (len > tail && !strcmp(s + len - tail, deleted))
		s[len - tail] = '\0';
	return s;
}
