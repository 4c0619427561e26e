// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: which watches a task can reach from its root.
 *
 * Nothing is looked up: a watch has the mount that it is tied to, and where
 * that is seen from is a matter of mounts alone.
 *
 * What a reader sees: readers of `events` with the same root directory share a
 * viewpoint, and each watch has an audience, the viewpoints that it is seen
 * from. It is kept with the watch, since there is no mount left to look at when
 * the watch ends. So an event costs no more than the readers that it is for.
 *
 * Locks: fse_views_lock orders changes of viewpoints and audiences. Deliveries
 * read them under RCU, and take the spinlock of each stream that they send to.
 *
 * Context: process context; may sleep, but for fse_audience_send(), which never
 * does.
 */
#include <linux/dcache.h>
#include <linux/fs_struct.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/user_namespace.h>

#include "internal.h"
#include "stream.h"

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

/* umount(2) or the end of a mount namespace took it off; it may still be in use. */
static bool fse_anchor_detached(const struct fse_anchor *anchor)
{
	return READ_ONCE(anchor->mnt->mnt_flags) & MNT_UMOUNT;
}

/*
 * A mount that was detached is under no root; it is shown in the maker's mount
 * namespace, by the path that it was watched as.
 *
 * Return: the path, NULL or an error pointer: as fse_watch_reach(), for this mount.
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
	const char *s, *known;

	if (path_is_under(&path, root)) {
		s = fse_mount_path(&path, buf, size);
		/* umount(2) may come between the two. */
		if (!fse_anchor_detached(anchor) || path_is_under(&path, root))
			return s;
	}
	if (!fse_anchor_detached(anchor))
		return NULL;
	if (anchor->mnt_ns != mnt_ns)
		return ERR_PTR(-ESRCH);
	known = watch->shown == anchor ? watch->mount->s : anchor->name->s;
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
 * the viewer does not reach it; or an error pointer: -ENAMETOOLONG when there is
 * too little room; -ESRCH when mounts do not show any more which viewers reach the
 * watch: the watch has ended, it has no mount left, or a mount of it was detached that
 * its maker reached from another mount namespace.
 */
const char *fse_watch_reach(const struct fse_watch *watch,
			    const struct path *root, u32 mnt_ns, char *buf,
			    int size)
{
	const char *s = ERR_PTR(-ESRCH), *one;
	const struct fse_anchor *anchor;

	mutex_lock(&watch->es->lock);
	if (!watch->dead && !list_empty(&watch->anchors))
		s = NULL;
	list_for_each_entry(anchor, &watch->anchors, node) {
		if (watch->dead)
			break;
		one = fse_anchor_reach(watch, anchor, root, mnt_ns, buf, size);
		if (one)
			s = one;
		if (one && one != ERR_PTR(-ESRCH))
			break;
	}
	mutex_unlock(&watch->es->lock);
	return s;
}

/**
 * fse_viewer_init - the running process begins to look at watches
 * @viewer: the viewer
 * @gfp: how to allocate
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int fse_viewer_init(struct fse_viewer *viewer, gfp_t gfp)
{
	viewer->buf = kmalloc(PATH_MAX, gfp);
	if (!viewer->buf)
		return -ENOMEM;
	viewer->owner = fse_owner_find(current_user_ns(), gfp);
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

/**
 * fse_viewer_searches - may a viewer search the path of a watch?
 * @viewer: the viewer: the running process
 * @watch: the watch; its file system is local
 * @mount: what fse_viewer_sees() returned
 *
 * This is the permission that statfs(2) takes. The lookup never waits for a file
 * system: directories whose permissions are not in memory are refused. For a remote
 * file system it would wait at its end.
 *
 * Context: Process context, may sleep.
 */
bool fse_viewer_searches(const struct fse_viewer *viewer,
			 const struct fse_watch *watch, const char *mount)
{
	const struct path *root = &viewer->root;
	struct path path;
	bool same;

	if (vfs_path_lookup(root->dentry, root->mnt, mount, LOOKUP_CACHED,
			    &path))
		return false;
	/* Another file system may be mounted over it. */
	same = path.dentry->d_sb == watch->es->sb;
	path_put(&path);
	return same;
}

/* --- which watches the readers of `events` see ----------------------------- */

static LIST_HEAD(fse_viewpoints);
static DEFINE_MUTEX(fse_views_lock);

/* What the running process would see in an instance of fstrace of @owner. */
static struct fse_viewpoint *fse_viewpoint_alloc(struct fse_owner *owner)
{
	struct fse_viewpoint *v = kzalloc_obj(*v, GFP_KERNEL_ACCOUNT);

	if (!v)
		return NULL;
	refcount_set(&v->refs, 1);
	INIT_LIST_HEAD(&v->streams);
	v->owner = fse_owner_get(owner);
	get_fs_root(current->fs, &v->root);
	v->mnt_ns = fse_mnt_ns_nr();
	return v;
}

static void fse_viewpoint_unref(struct fse_viewpoint *v)
{
	if (v && refcount_dec_and_test(&v->refs))
		kfree_rcu(v, rcu);
}

/* It has no readers, or the last one left. */
static void fse_viewpoint_put(struct fse_viewpoint *v)
{
	path_put(&v->root);
	fse_owner_put(v->owner);
	fse_viewpoint_unref(v);
}

/*
 * A stream is read from a viewpoint. If it is the first of its kind it is the
 * stream's now; otherwise the stream has another one, and the caller keeps this
 * one. Return: it is the stream's.
 */
static bool fse_viewpoint_join(struct fse_viewpoint *v, struct fse_stream *s)
{
	struct fse_viewpoint *known;

	mutex_lock(&fse_views_lock);
	list_for_each_entry(known, &fse_viewpoints, node) {
		if (known->owner == v->owner && known->mnt_ns == v->mnt_ns &&
		    path_equal(&known->root, &v->root))
			break;
	}
	if (list_entry_is_head(known, &fse_viewpoints, node)) {
		list_add_tail(&v->node, &fse_viewpoints);
		known = v;
	}
	s->viewpoint = known;
	/*
	 * At the head: a delivery that has begun has passed it, so the stream
	 * starts behind every event that another one has already.
	 */
	list_add_rcu(&s->node, &known->streams);
	mutex_unlock(&fse_views_lock);
	return known == v;
}

/**
 * fse_events_leave - a stream is to have no further events
 * @s: the stream, an `events`
 *
 * Context: Process context, may sleep.
 */
void fse_events_leave(struct fse_stream *s)
{
	struct fse_viewpoint *v = s->viewpoint;
	bool last;

	mutex_lock(&fse_views_lock);
	list_del_rcu(&s->node);
	last = list_empty(&v->streams);
	if (last)
		list_del(&v->node);
	mutex_unlock(&fse_views_lock);
	if (last)
		fse_viewpoint_put(v);
}

static struct fse_viewpoint *fse_audience_nth(const struct fse_audience *a,
					      unsigned int i)
{
	return rcu_dereference_protected(a->by[i],
					 lockdep_is_held(&fse_views_lock));
}

static void fse_audience_set(struct fse_audience *a, unsigned int i,
			     struct fse_viewpoint *v)
{
	struct fse_viewpoint *old = fse_audience_nth(a, i);

	if (v)
		refcount_inc(&v->refs);
	rcu_assign_pointer(a->by[i], v);
	fse_viewpoint_unref(old);
}

/* The place of @v; otherwise a place that is free, or of a viewpoint without readers. */
static int fse_audience_place(const struct fse_audience *a,
			      const struct fse_viewpoint *v, bool *there)
{
	const struct fse_viewpoint *other;
	int i, place = -ENOSPC;

	*there = false;
	for (i = 0; i < FSE_AUDIENCE_MAX && !*there; i++) {
		other = fse_audience_nth(a, i);
		*there = other == v;
		if (*there || (place < 0 &&
			       (!other || list_empty(&other->streams))))
			place = i;
	}
	return place;
}

static void fse_audience_change(struct fse_audience *a,
				struct fse_viewpoint *v, bool sees)
{
	bool there;
	int place;

	lockdep_assert_held(&fse_views_lock);
	place = fse_audience_place(a, v, &there);
	if (place >= 0 && there != sees)
		fse_audience_set(a, place, sees ? v : NULL);
}

/*
 * Return: 1: it sees the watch; 0: it does not; -ESRCH: the mounts of the watch do not
 * tell any more, so the last event goes to those that saw it before.
 */
static int fse_viewpoint_sees(const struct fse_viewpoint *v,
			      const struct fse_watch *watch)
{
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
	if (!fse_viewpoint_join(v, s))
		fse_viewpoint_put(v);
	/* Another stream that joined before may not be through yet. */
	v = s->viewpoint;
	while (id <= U32_MAX && (watch = fse_watch_from(id, NULL))) {
		id = watch->id + 1ULL;
		mutex_lock(&fse_views_lock);
		if (fse_viewpoint_sees(v, watch) > 0)
			fse_audience_change(&watch->audience, v, true);
		mutex_unlock(&fse_views_lock);
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
	struct fse_viewpoint at = {}, *v;
	int sees;

	mutex_lock(&fse_views_lock);
	list_add(&at.node, &fse_viewpoints);
	while (!list_is_last(&at.node, &fse_viewpoints)) {
		v = list_next_entry(&at, node);
		list_move(&at.node, &v->node);
		if (!v->owner)
			continue;	/* another task has come to here */
		sees = fse_viewpoint_sees(v, watch);
		if (sees >= 0)
			fse_audience_change(&watch->audience, v, sees);
		/* Mounts may be deep in others, and watches have many mounts. */
		mutex_unlock(&fse_views_lock);
		cond_resched();
		mutex_lock(&fse_views_lock);
	}
	list_del(&at.node);
	mutex_unlock(&fse_views_lock);
}

/**
 * fse_audience_clear - a watch has sent its last event
 * @a: its audience, which no other task can find any more
 */
void fse_audience_clear(struct fse_audience *a)
{
	unsigned int i;

	for (i = 0; i < FSE_AUDIENCE_MAX; i++)
		fse_viewpoint_unref(rcu_dereference_protected(a->by[i], true));
}

/**
 * fse_audience_send - let all readers that see a watch have an event
 * @a: its audience
 * @record: the event
 *
 * Context: Any that may take spinlocks which readers take.
 * Return: 0, or -ESRCH when there are none.
 */
int fse_audience_send(struct fse_audience *a, const struct fse_record *record)
{
	const struct fse_viewpoint *v;
	struct fse_stream *s;
	int i, err = -ESRCH;

	rcu_read_lock();
	for (i = 0; i < FSE_AUDIENCE_MAX; i++) {
		v = rcu_dereference(a->by[i]);
		if (!v)
			continue;
		list_for_each_entry_rcu(s, &v->streams, node) {
			if (!fse_stream_send(s, record))
				err = 0;
		}
	}
	rcu_read_unlock();
	return err;
}
