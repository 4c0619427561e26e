// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: what ties a watch to the mount it was made through.
 *
 * A mark without a mask sits on the mount. It pins nothing; fsnotify calls
 * freeing_mark at the last reference to the mount, which after umount(2) of
 * one that nobody uses is at once, after a lazy one of a busy mount with its
 * last user. Moving a mount does not matter.
 *
 * When the mount goes, the super block either goes with it or stays, mounted
 * elsewhere. All mounts that one umount(2) takes down, in the namespaces that
 * it propagates to as well, or that go with a mount namespace, have left
 * s_mounts before the first freeing_mark, while s_active still counts them: so
 * s_mounts tells. If it is empty the watch becomes an orphan, without an
 * anchor. It ends with the super block, in fse_sb_gone(), inside umount(2). Or
 * else a mount(2) took the super block up again at that very moment, or
 * somebody froze it: then a look a second later ends it, or before that a
 * request through the new mount.
 *
 * Lifetime: the anchor is freed with its mark, which has a reference for the
 * mount and one for the watch. Whoever parts watch and anchor, under
 * fse_mutex, has to drop the latter.
 *
 * Context: process context; freeing_mark without any lock, in the task work
 * of whoever drops the mount, or in a worker.
 */
#include <linux/fsnotify_backend.h>
#include <linux/mount.h>
#include <linux/nsproxy.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "internal.h"

#define FSE_ORPHAN_DELAY	HZ

static struct fsnotify_group *fse_anchor_group;
/* Marks that free_mark has not run for. */
static atomic_t fse_anchors = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(fse_anchors_wq);

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
		list_for_each_entry_safe(watch, next, &es->watches, es_node) {
			if (!watch->anchor)
				fse_watch_unpublish(watch, &ended);
		}
	}
	fse_unlock();
	fse_watches_dispose(&ended, FSE_END_MOUNT);
}

/* The mount goes; the super block stays at least until we return. */
static void fse_anchor_gone(struct fse_anchor *anchor)
{
	struct fse_sb *going = NULL;
	struct fse_watch *watch;
	LIST_HEAD(ended);

	fse_lock();
	watch = anchor->watch;
	if (watch) {
		anchor->watch = NULL;
		watch->anchor = NULL;
		/* The watch's reference; fsnotify has one as well. */
		fsnotify_put_mark(&anchor->mark);
		if (fse_sb_stays(watch->es->sb)) {
			fse_watch_unpublish(watch, &ended);
		} else {
			going = watch->es;
			kref_get(&going->ref);
		}
	}
	fse_unlock();
	fse_watches_dispose(&ended, FSE_END_MOUNT);
	if (!going)
		return;
	/* So that a server that answers does not delay the shutdown. */
	fse_call_pause(going);
	fse_sb_put(going);
	queue_delayed_work(fse_sample_wq, &fse_orphans_work, FSE_ORPHAN_DELAY);
}

static void fse_anchor_freeing_mark(struct fsnotify_mark *mark,
				    struct fsnotify_group *group)
{
	fse_anchor_gone(container_of(mark, struct fse_anchor, mark));
	/* The group's reference. */
	fsnotify_put_mark(mark);
}

static void fse_anchor_free_mark(struct fsnotify_mark *mark)
{
	kfree(container_of(mark, struct fse_anchor, mark));
	if (atomic_dec_and_test(&fse_anchors))
		wake_up(&fse_anchors_wq);
}

static const struct fsnotify_ops fse_anchor_ops = {
	.freeing_mark	= fse_anchor_freeing_mark,
	.free_mark	= fse_anchor_free_mark,
};

int fse_anchor_init(void)
{
	/* Watches of several user namespaces may share a mount. */
	fse_anchor_group = fsnotify_alloc_group(&fse_anchor_ops,
						FSNOTIFY_GROUP_DUPS);
	return PTR_ERR_OR_ZERO(fse_anchor_group);
}

/* All watches have been ended. */
void fse_anchor_exit(void)
{
	wait_event(fse_anchors_wq, !atomic_read(&fse_anchors));
	/* The last free_mark may still have to return. */
	fsnotify_wait_marks_destroyed();
	cancel_delayed_work_sync(&fse_orphans_work);
	fsnotify_put_group(fse_anchor_group);
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
	fsnotify_init_mark(&anchor->mark, fse_anchor_group);
	atomic_inc(&fse_anchors);
	anchor->mnt = path->mnt;
	anchor->mnt_ns = current->nsproxy->mnt_ns;
	return anchor;
}

/**
 * fse_anchor_attach - let the mount tell when it goes
 * @anchor: the anchor
 *
 * Context: fse_mutex is held; may sleep.
 * Return: 0 or -ENOMEM.
 */
int fse_anchor_attach(struct fse_anchor *anchor)
{
	int err;

	fse_assert_locked();
	err = fsnotify_add_mark(&anchor->mark, anchor->mnt,
				FSNOTIFY_OBJ_TYPE_VFSMOUNT, 0);
	if (err)
		return err;
	/* The mark's; the first one, of whoever has the anchor, remains. */
	refcount_inc(&anchor->mark.refcnt);
	anchor->attached = true;
	return 0;
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
	if (anchor->attached)
		fsnotify_destroy_mark(&anchor->mark, fse_anchor_group);
	fsnotify_put_mark(&anchor->mark);
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
