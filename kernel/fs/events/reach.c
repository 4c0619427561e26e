// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: which watches a task can reach from its root.
 *
 * Nothing is looked up: a watch has the mount that it is tied to, and where
 * that is seen from is a matter of mounts alone.
 *
 * Context: process context; fse_mutex is held, but not to make or drop a viewer,
 * which takes the root directory of the running process.
 */
#include <linux/cred.h>
#include <linux/fs_struct.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "internal.h"
#include "reach.h"

/**
 * fse_watch_reach - the path of a watch's first mount that a viewer reaches
 * @watch: the watch
 * @root: the viewer's root directory
 * @mnt_ns: number of the viewer's mount namespace
 *
 * A mount that was detached lazily and is still in use is under no root; it is
 * shown in the maker's mount namespace, by the path that it was watched as.
 * d_path() says "/" for it, as for the topmost mount of another namespace; but
 * that mount had this path before.
 *
 * Return: the path as the running process sees it, NULL when the viewer does not
 * reach it; good until fse_mutex is dropped.
 */
const char *fse_watch_reach(const struct fse_watch *watch,
			    const struct path *root, u32 mnt_ns)
{
	static char buf[PATH_MAX];
	const struct fse_anchor *anchor;
	struct path path;
	const char *s;

	fse_assert_locked();
	list_for_each_entry(anchor, &watch->anchors, node) {
		path.mnt = anchor->mnt;
		path.dentry = anchor->mnt->mnt_root;
		s = fse_mount_path(&path, buf, sizeof(buf));
		if (IS_ERR(s))
			continue;
		if (path_is_under(&path, root))
			return s;
		if (anchor->mnt_ns != mnt_ns || strcmp(s, "/"))
			continue;
		mutex_lock(&watch->es->lock);
		strscpy(buf, watch->shown == anchor ? watch->mount->s :
						      anchor->name->s);
		mutex_unlock(&watch->es->lock);
		if (strcmp(buf, "/"))
			return buf;
	}
	return NULL;
}

/**
 * fse_viewer_init - the running process begins to look at watches
 * @viewer: the viewer
 *
 * Context: Process context without fse_mutex.
 * Return: 0 or -ENOMEM.
 */
int fse_viewer_init(struct fse_viewer *viewer)
{
	viewer->owner = fse_owner_find(current_user_ns());
	if (!viewer->owner)
		return -ENOMEM;
	get_fs_root(current->fs, &viewer->root);
	viewer->mnt_ns = fse_mnt_ns_nr();
	return 0;
}

/* Context: Process context without fse_mutex. */
void fse_viewer_exit(struct fse_viewer *viewer)
{
	path_put(&viewer->root);
	fse_owner_put(viewer->owner);
}

/**
 * fse_viewer_sees - where a viewer sees the mount of a watch
 * @viewer: the viewer
 * @watch: the watch
 *
 * Return: as fse_watch_reach(); NULL also for a watch of another owner.
 */
const char *fse_viewer_sees(const struct fse_viewer *viewer,
			    const struct fse_watch *watch)
{
	if (!fse_owner_sees(viewer->owner, watch))
		return NULL;
	return fse_watch_reach(watch, &viewer->root, viewer->mnt_ns);
}

/**
 * fse_viewer_find - a watch that a viewer sees, by its id
 * @viewer: the viewer
 * @id: the id
 *
 * Return: the watch, or NULL.
 */
struct fse_watch *fse_viewer_find(const struct fse_viewer *viewer, u32 id)
{
	struct fse_watch *watch = fse_watch_by_id(id, NULL);

	return watch && fse_viewer_sees(viewer, watch) ? watch : NULL;
}

static bool fse_viewpoint_sees(const struct fse_viewpoint *v, const void *arg)
{
	const struct fse_watch *watch = arg;

	return fse_owner_sees(v->owner, watch) &&
	       fse_watch_reach(watch, &v->root, v->mnt_ns);
}

/**
 * fse_events_join - a stream is to have the events that the running process sees
 * @s: the stream
 *
 * Context: Process context without fse_mutex.
 * Return: 0 or -ENOMEM.
 */
int fse_events_join(struct fse_stream *s)
{
	struct fse_viewpoint *v = fse_viewpoint_alloc(s->owner);
	struct fse_watch *watch;
	bool first;

	if (!v)
		return -ENOMEM;
	v->mnt_ns = fse_mnt_ns_nr();
	fse_lock();
	first = fse_viewpoint_join(v, s);
	if (first) {
		list_for_each_entry(watch, &fse_watches, node) {
			if (fse_viewpoint_sees(v, watch))
				fse_audience_add(&watch->audience, v);
		}
	}
	fse_unlock();
	if (!first)
		fse_viewpoint_put(v);
	return 0;
}

/**
 * fse_watch_shown - a global watch was made, or tied to another mount
 * @watch: the watch
 *
 * Context: fse_mutex is held.
 */
void fse_watch_shown(struct fse_watch *watch)
{
	fse_assert_locked();
	fse_audience_look(&watch->audience, fse_viewpoint_sees, watch);
}
