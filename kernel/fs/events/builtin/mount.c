// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events in the kernel: a mount that goes.
 *
 * Mounts come and go by the thousand, few of them of a file system that is
 * watched: so this looks, without a lock, whether the super block is.
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
	struct fse_sb *es = fse_sb_get(mnt->mnt_sb);
	struct fse_anchors_gone gone;
	struct fse_anchor *anchor;
	struct fse_watch *watch;
	struct fse_walk walk;

	if (!es)
		return;
	fse_anchors_going(&gone);
	fse_walk_begin(&walk, es);
	while ((watch = fse_walk_next(&walk))) {
		anchor = fse_anchor_find(watch, mnt);
		if (anchor)
			fse_anchor_cut(anchor, &gone);
	}
	fse_walk_end(&walk);
	fse_anchors_gone(&gone);
	fse_sb_put(es);
}
