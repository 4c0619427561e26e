// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events on a kernel that does not know of them: how a mount that
 * goes leads to the anchors on it.
 *
 * A mark without a mask sits on the mount. It pins nothing; fsnotify calls
 * freeing_mark at the last reference to the mount.
 *
 * Lifetime: an anchor is freed with its mark, which counts the references: one
 * of the watch, one of fsnotify. The module may go when free_mark has run for
 * every mark.
 *
 * Context: process context; freeing_mark without any lock.
 */
#include <linux/fsnotify_backend.h>
#include <linux/mount.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "../internal.h"

static struct fsnotify_group *fse_anchor_group;
/* Marks that free_mark has not run for. */
static atomic_t fse_anchors = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(fse_anchors_wq);

static void fse_anchor_freeing_mark(struct fsnotify_mark *mark,
				    struct fsnotify_group *group)
{
	struct fse_anchor *anchor = container_of(mark, struct fse_anchor,
						 tie.mark);
	struct fse_sb *es = anchor->es;
	struct fse_anchors_gone gone;

	/* Of a request that was refused it never had a watch. */
	if (es) {
		fse_anchors_going(&gone);
		mutex_lock(&es->lock);
		fse_anchor_cut(anchor, &gone);
		mutex_unlock(&es->lock);
		fse_anchors_gone(&gone);
	}
	/* The group's reference. */
	fsnotify_put_mark(mark);
}

static void fse_anchor_free_mark(struct fsnotify_mark *mark)
{
	fse_anchor_free(container_of(mark, struct fse_anchor, tie.mark));
	if (atomic_dec_and_test(&fse_anchors))
		wake_up(&fse_anchors_wq);
}

static const struct fsnotify_ops fse_anchor_ops = {
	.freeing_mark	= fse_anchor_freeing_mark,
	.free_mark	= fse_anchor_free_mark,
};

/*
 * The source that a mount was made with is in struct mount, which modules don't
 * see. This is the best that they see: the block device by the name that the
 * kernel gives it ("/dev/dm-0"), else the super block's id.
 *
 * Return: the source, or NULL when there is no memory.
 */
char *fse_mount_source(struct vfsmount *mnt)
{
	const struct super_block *sb = mnt->mnt_sb;

	if (sb->s_bdev)
		return kasprintf(GFP_KERNEL_ACCOUNT, "/dev/%pg", sb->s_bdev);
	return kstrdup(sb->s_id, GFP_KERNEL_ACCOUNT);
}

int fse_anchor_ties_init(void)
{
	/* Watches of several user namespaces may share a mount. */
	fse_anchor_group = fsnotify_alloc_group(&fse_anchor_ops,
						FSNOTIFY_GROUP_DUPS);
	return PTR_ERR_OR_ZERO(fse_anchor_group);
}

/* All watches have been ended. */
void fse_anchor_ties_exit(void)
{
	wait_event(fse_anchors_wq, !atomic_read(&fse_anchors));
	/* The last free_mark may still have to return. */
	fsnotify_wait_marks_destroyed();
	fsnotify_put_group(fse_anchor_group);
}

/* Part of making @anchor. */
void fse_anchor_prepare(struct fse_anchor *anchor)
{
	fsnotify_init_mark(&anchor->tie.mark, fse_anchor_group);
	atomic_inc(&fse_anchors);
}

/**
 * fse_anchor_attach - let the mount tell when it goes
 * @anchor: the anchor; the caller holds a path to the mount
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int fse_anchor_attach(struct fse_anchor *anchor)
{
	int err;

	err = fsnotify_add_mark(&anchor->tie.mark, anchor->mnt,
				FSNOTIFY_OBJ_TYPE_VFSMOUNT, 0);
	if (err)
		return err;
	/* The mark's; the first reference, of the task that has it, remains. */
	refcount_inc(&anchor->tie.mark.refcnt);
	anchor->tie.attached = true;
	return 0;
}

/**
 * fse_anchor_detach - let the mount lead here no more
 * @anchor: the anchor, released
 *
 * Context: Process context without locks.
 */
void fse_anchor_detach(struct fse_anchor *anchor)
{
	if (anchor->tie.attached)
		fsnotify_destroy_mark(&anchor->tie.mark, fse_anchor_group);
}

/* Drop the watch's reference. */
void fse_anchor_put(struct fse_anchor *anchor)
{
	fsnotify_put_mark(&anchor->tie.mark);
}
