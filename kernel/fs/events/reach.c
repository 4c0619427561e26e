// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: which watches a task can reach from its root.
 *
 * Nothing is looked up: a watch has the mount that it is tied to, and where
 * that is seen from is a matter of mounts alone.
 *
 * Context: process context; may sleep.
 */
#include <linux/cred.h>
#include <linux/fs_struct.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "internal.h"
#include "reach.h"

/*
 * A mount that was detached lazily and is still in use is under no root; it is
 * shown in the maker's mount namespace, by the path that it was watched as.
 * d_path() says "/" for it, as for the topmost mount of another namespace; but
 * that mount had this path before.
 */
static const char *fse_anchor_reach(const struct fse_watch *watch,
				    const struct fse_anchor *anchor,
				    const struct path *root, u32 mnt_ns,
				    char *buf, int size)
{
	const struct path path = {
		.mnt = anchor->mnt,
		.dentry = anchor->mnt->mnt_root,
	};
	const char *s = fse_mount_path(&path, buf, size), *known;

	if (path_is_under(&path, root))
		return s;
	known = watch->shown == anchor ? watch->mount->s : anchor->name->s;
	if (anchor->mnt_ns != mnt_ns || IS_ERR(s) || strcmp(s, "/") ||
	    !strcmp(known, "/"))
		return NULL;
	return strscpy(buf, known, size) < 0 ? ERR_PTR(-ENAMETOOLONG) : buf;
}

/**
 * fse_watch_reach - the path of a watch's first mount that a viewer reaches
 * @watch: the watch
 * @root: the viewer's root directory
 * @mnt_ns: number of the viewer's mount namespace
 * @buf: room for the path
 * @size: its size
 *
 * Context: Process context, may sleep.
 * Return: the path as the running process sees it, somewhere in @buf; NULL when
 * the viewer does not reach it; or an error pointer when there is too little
 * room, or -ESRCH when the watch has ended.
 */
const char *fse_watch_reach(const struct fse_watch *watch,
			    const struct path *root, u32 mnt_ns, char *buf,
			    int size)
{
	const struct fse_anchor *anchor;
	const char *s = NULL;

	mutex_lock(&watch->es->lock);
	if (watch->dead) {
		s = ERR_PTR(-ESRCH);
		goto out;
	}
	list_for_each_entry(anchor, &watch->anchors, node) {
		s = fse_anchor_reach(watch, anchor, root, mnt_ns, buf, size);
		if (s)
			break;
	}
out:
	mutex_unlock(&watch->es->lock);
	return s;
}

/**
 * fse_viewer_init - the running process begins to look at watches
 * @viewer: the viewer
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int fse_viewer_init(struct fse_viewer *viewer)
{
	viewer->buf = kmalloc(PATH_MAX, GFP_KERNEL_ACCOUNT);
	if (!viewer->buf)
		return -ENOMEM;
	viewer->owner = fse_owner_find(current_user_ns());
	if (!viewer->owner) {
		kfree(viewer->buf);
		return -ENOMEM;
	}
	get_fs_root(current->fs, &viewer->root);
	viewer->mnt_ns = fse_mnt_ns_nr();
	return 0;
}

/* Context: Process context, may sleep. */
void fse_viewer_exit(struct fse_viewer *viewer)
{
	path_put(&viewer->root);
	fse_owner_put(viewer->owner);
	kfree(viewer->buf);
}

/**
 * fse_viewer_sees - where a viewer sees the mount of a watch
 * @viewer: the viewer
 * @watch: the watch
 *
 * Return: the path, good until the viewer looks at another watch; NULL when it
 * does not see the watch.
 */
const char *fse_viewer_sees(const struct fse_viewer *viewer,
			    const struct fse_watch *watch)
{
	const char *s;

	if (!fse_owner_sees(viewer->owner, watch))
		return NULL;
	s = fse_watch_reach(watch, &viewer->root, viewer->mnt_ns, viewer->buf,
			    PATH_MAX);
	return IS_ERR(s) ? NULL : s;
}

/* Return: 1: it sees the watch, 0: it does not, -ESRCH: the watch has ended. */
static int fse_viewpoint_sees(const struct fse_viewpoint *v, void *arg)
{
	const struct fse_watch *watch = arg;
	/* Room for "/" alone: it is not the path that matters. */
	char buf[2];
	const char *s;

	if (!fse_owner_sees(v->owner, watch))
		return 0;
	s = fse_watch_reach(watch, &v->root, v->mnt_ns, buf, sizeof(buf));
	if (IS_ERR(s))
		return PTR_ERR(s) == -ESRCH ? -ESRCH : 1;
	return s ? 1 : 0;
}

/**
 * fse_events_join - a stream is to have the events that the running process sees
 * @s: the stream
 *
 * A watch that is made meanwhile looks at the viewpoint itself.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int fse_events_join(struct fse_stream *s)
{
	struct fse_viewpoint *v = fse_viewpoint_alloc(s->owner);
	struct fse_watch *watch;
	u64 id = 1;

	if (!v)
		return -ENOMEM;
	v->mnt_ns = fse_mnt_ns_nr();
	if (!fse_viewpoint_join(v, s)) {
		fse_viewpoint_put(v);
		return 0;
	}
	while (id <= U32_MAX && (watch = fse_watch_from(id, NULL))) {
		id = watch->id + 1ULL;
		if (fse_viewpoint_sees(v, watch) > 0)
			fse_audience_add(&watch->audience, v);
		fse_watch_put(watch);
	}
	return 0;
}

/**
 * fse_watch_shown - a global watch was made, or its mounts have changed
 * @watch: the watch
 *
 * Context: Process context, may sleep.
 */
void fse_watch_shown(struct fse_watch *watch)
{
	fse_audience_look(&watch->audience, fse_viewpoint_sees, watch);
}
