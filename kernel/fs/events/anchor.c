// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: what ties a watch to the mount it was made through.
 *
 * Nothing pins the mount. We are told when its last reference is dropped,
 * which after umount(2) of one that nobody uses is at once, after a lazy one
 * of a busy mount with its last user. Moving a mount does not matter. How we
 * are told: module/mount_mark.c, builtin/mount.c.
 *
 * When the mount goes, the super block either goes with it or stays, mounted
 * elsewhere. All mounts that one umount(2) takes down, in the namespaces that
 * it propagates to as well, or that go with a mount namespace, have left
 * s_mounts before we are told of the first, while s_active still counts them: so
 * s_mounts tells. If it is empty the watch becomes an orphan, without an
 * anchor. It ends with the super block, in fse_sb_gone(), inside umount(2). Or
 * else a mount(2) took the super block up again at that very moment, or
 * somebody froze it: then a look a second later ends it, or before that a
 * request through the new mount.
 *
 * Lifetime: an anchor belongs to its watch, and to whatever leads the mount to
 * it. Whoever parts watch and anchor, under fse_mutex, has to drop the former's
 * reference.
 *
 * Context: process context; a mount goes without any lock held, in the task
 * work of whoever drops it, or in a worker.
 */
#include <linux/mount.h>
#include <linux/nsproxy.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "internal.h"

#define FSE_ORPHAN_DELAY	HZ

static void fse_orphans_look(struct work_struct *work);
static DECLARE_DELAYED_WORK(fse_orphans_work, fse_orphans_look);

/* Does the super block live on without the mounts that are going? */
static bool fse_sb_stays(const struct super_block *sb)
{
	return !list_empty(&sb->s_mounts) ||
	       READ_ONCE(sb->s_writers.frozen) != SB_UNFROZEN;
}

static void fse_orphans_look(struct work_struct *work)
{
	struct fse_watch *watch, *next;
	bool wait = false;
	LIST_HEAD(ended);

	fse_lock();
	list_for_each_entry_safe(watch, next, &fse_watches, node) {
		if (watch->anchor)
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
		for (watch = fse_watch_first(es); watch; watch = next) {
			next = fse_watch_after(watch);
			if (!watch->anchor)
				fse_watch_unpublish(watch, &ended);
		}
	}
	fse_unlock();
	fse_watches_dispose(&ended, FSE_END_MOUNT);
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
	watch->anchor = NULL;
	fse_anchor_put(anchor);
	if (fse_sb_stays(watch->es->sb)) {
		fse_watch_unpublish(watch, &gone->ended);
	} else if (!gone->going) {
		gone->going = watch->es;
		kref_get(&watch->es->ref);
	}
}

/**
 * fse_anchors_gone - what follows after fse_anchor_cut()
 * @gone: what it left
 *
 * Context: Process context without locks.
 */
void fse_anchors_gone(struct fse_anchors_gone *gone)
{
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
 * @path: a path on the mount, which the caller holds until it is attached
 */
struct fse_anchor *fse_anchor_alloc(const struct path *path)
{
	struct fse_anchor *anchor = kzalloc(sizeof(*anchor),
					    GFP_KERNEL_ACCOUNT);

	if (!anchor)
		return NULL;
	fse_anchor_prepare(anchor);
	anchor->mnt = path->mnt;
	anchor->mnt_ns = current->nsproxy->mnt_ns;
	return anchor;
}

/**
 * fse_anchor_release - part an anchor from its watch
 * @anchor: the anchor; the caller calls fse_anchor_destroy() later
 *
 * Context: fse_mutex is held.
 */
void fse_anchor_release(struct fse_anchor *anchor)
{
	fse_assert_locked();
	anchor->watch = NULL;
}

/**
 * fse_anchor_destroy - get rid of an anchor
 * @anchor: one that fse_anchor_release() was called for, or that no watch
 *	was ever tied to; or NULL
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
