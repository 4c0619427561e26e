// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events in the kernel: a mount that goes.
 *
 * Mounts come and go by the thousand, few of them of a file system that is
 * watched: so this looks, without a lock, whether the super block is, and only
 * then takes fse_mutex.
 *
 * The watch was made with a path to the mount held, so it is either seen here
 * or was made through another mount: no path leads to this one any more.
 *
 * Context: called for the last reference to a mount, without locks.
 */
#include <linux/fs_event_hooks.h>
#include <linux/mount.h>
#include <linux/slab.h>

#include "../../mount.h"
#include "../internal.h"

/* The source that a mount was made with; NULL: no memory. */
char *fse_mount_source(struct vfsmount *mnt)
{
	const char *source = real_mount(mnt)->mnt_devname;

	return kstrdup(source ?: "none", GFP_KERNEL_ACCOUNT);
}

/* See fs_event_mount_gone(). */
void __fs_event_mount_gone(struct vfsmount *mnt)
{
	struct fse_anchors_gone gone;
	struct fse_watch *watch, *next;
	struct fse_anchor *anchor;
	struct fse_sb *es;
	bool watched;

	rcu_read_lock();
	watched = fse_sb_find(mnt->mnt_sb);
	rcu_read_unlock();
	if (!watched)
		return;
	fse_anchors_going(&gone);
	fse_lock();
	es = fse_sb_find(mnt->mnt_sb);
	if (es) {
		for (watch = fse_watch_next(es, NULL); watch; watch = next) {
			next = fse_watch_next(es, watch);
			anchor = fse_anchor_find(watch, mnt);
			if (anchor)
				fse_anchor_cut(anchor, &gone);
		}
	}
	fse_unlock();
	fse_anchors_gone(&gone);
}
