// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: watches.
 *
 * A watch says what is to be reported about a super block, and to whom. It is
 * made by a request and ends when it is removed, when its super block or
 * its mount goes, or with the module.
 *
 * Ending has two steps. fse_watch_unpublish(), under the lock of its super
 * block's state, takes it out of everything that leads to it, so that no lookup
 * finds it any more; the task that does that owns it. fse_watches_dispose(),
 * without locks, waits for its work, delivers what is still pending, and drops the
 * reference that it had while it was published. So it ends once, however many
 * tasks try to end it.
 *
 * Context: process context everywhere; may sleep.
 */
#include <linux/cred.h>
#include <linux/fs_struct.h>
#include <linux/mount.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/string.h>
#include <linux/string_helpers.h>
#include <linux/timekeeping.h>
#include <linux/user_namespace.h>
#include <linux/xarray.h>
#include <trace/events/fs_event.h>

#include "internal.h"

/*
 * Global watches by id; those of a stream are in the stream. The lock of such a
 * table orders finding a watch against its end: what is found there has not ended,
 * so it can be referred to.
 *
 * An id is used once: a client that removes a watch by an id that it read long
 * ago must not hit another watch. In some days of making and removing watches
 * all the time ids are used up, so those for makers without CAP_SYS_ADMIN in the
 * initial user namespace are apart, from this one on.
 */
#define FSE_ID_GUESTS	0x80000000

static DEFINE_XARRAY(fse_watches);
/* Under fse_writers. */
static u32 fse_last_id_admin;
static u32 fse_last_id_guest = FSE_ID_GUESTS - 1;
/* Bumped at each change of a global watch. */
static atomic_t fse_changes = ATOMIC_INIT(1);

static struct xarray *fse_watches_of(struct fse_stream *stream)
{
	return stream ? &stream->watches_by_id : &fse_watches;
}

/**
 * fse_watch_changed - a global watch was made, changed or removed
 *
 * Context: Any.
 */
void fse_watch_changed(void)
{
	/* 0 means to netlink that it does not know. */
	if (!atomic_inc_return(&fse_changes))
		atomic_inc(&fse_changes);
}

/**
 * fse_watches_state - a number that says whether a watch has changed
 *
 * Context: Any.
 * Return: another one when a global watch was made, changed or removed.
 */
unsigned int fse_watches_state(void)
{
	return atomic_read(&fse_changes);
}

struct fse_level_set *fse_set_alloc(enum fse_set which,
				    const struct fse_level_spec *spec,
				    unsigned int nr)
{
	struct fse_level_set *set;

	set = kvzalloc(struct_size(set, note, nr), GFP_KERNEL_ACCOUNT);
	if (!set)
		return NULL;
	INIT_LIST_HEAD(&set->node);
	set->which = which;
	set->nr = nr;
	set->level = kvcalloc(nr, sizeof(*set->level), GFP_KERNEL_ACCOUNT);
	if (!set->level) {
		kvfree(set);
		return NULL;
	}
	fse_levels_init(set->level, spec, nr);
	return set;
}

void fse_set_free(struct fse_level_set *set)
{
	if (!set)
		return;
	kvfree(set->level);
	kvfree(set);
}

/* "ext4", "fuse.sshfs" */
static char *fse_fstype(const struct super_block *sb)
{
	if (sb->s_subtype && sb->s_subtype[0])
		return kasprintf(GFP_KERNEL_ACCOUNT, "%s.%s",
				 sb->s_type->name, sb->s_subtype);
	return kstrdup(sb->s_type->name, GFP_KERNEL_ACCOUNT);
}

/*
 * The source as /proc/mounts shows it: what the file system says (a network
 * file system: server and path), else what the mount was made with.
 */
static char *fse_source(const struct path *path)
{
	struct super_block *sb = path->mnt->mnt_sb;
	struct seq_file seq = { .size = PAGE_SIZE };
	char *source = NULL;

	if (!sb->s_op->show_devname)
		return fse_mount_source(path->mnt);
	seq.buf = kmalloc(seq.size, GFP_KERNEL);
	if (!seq.buf)
		return NULL;
	mutex_init(&seq.lock);
	if (!sb->s_op->show_devname(&seq, path->mnt->mnt_root) &&
	    !seq_has_overflowed(&seq))
		source = kmemdup_nul(seq.buf, seq.count, GFP_KERNEL_ACCOUNT);
	else
		source = kstrdup(sb->s_id, GFP_KERNEL_ACCOUNT);
	kfree(seq.buf);
	/* It was escaped, as a part of a line. */
	if (source)
		string_unescape_inplace(source, UNESCAPE_OCTAL);
	return source;
}

/* Which file system it is, for all records about it. */
static struct fse_identity *fse_identify(const struct path *path,
					 const struct kstatfs *st)
{
	const struct super_block *sb = path->mnt->mnt_sb;
	struct fse_identity *identity;

	identity = fse_identity_alloc(fse_fstype(sb), fse_source(path));
	if (!identity)
		return NULL;
	identity->dev = sb->s_dev;
	identity->fsid = (u32)st->f_fsid.val[0] |
			 (u64)(u32)st->f_fsid.val[1] << 32;
	identity->uuid = sb->s_uuid;
	return identity;
}

/**
 * fse_watch_alloc - a watch of a file system
 * @path: the root of a mount
 * @st: what statfs(2) says there
 * @cred: credentials of its maker
 * @owner: user namespace that it will belong to
 * @net: network namespace that its events will go to, or NULL
 *
 * The caller holds @path, so the super block stays.
 *
 * Return: a watch that nothing leads to, or NULL when there is no memory.
 */
struct fse_watch *fse_watch_alloc(const struct path *path,
				  const struct kstatfs *st,
				  const struct cred *cred,
				  struct fse_owner *owner, struct fse_net *net)
{
	struct fse_watch *watch;

	watch = kzalloc_obj(*watch, GFP_KERNEL_ACCOUNT);
	if (!watch)
		return NULL;
	watch->identity = fse_identify(path, st);
	if (!watch->identity) {
		kfree(watch);
		return NULL;
	}
	kref_init(&watch->ref);
	INIT_LIST_HEAD(&watch->link.node);
	watch->link.watch = watch;
	INIT_LIST_HEAD(&watch->node);
	INIT_LIST_HEAD(&watch->anchors);
	INIT_LIST_HEAD(&watch->retired);
	INIT_LIST_HEAD(&watch->user_node);
	INIT_LIST_HEAD(&watch->dispose);
	watch->owner = fse_owner_get(owner);
	watch->cred = get_cred(cred);
	if (net) {
		refcount_inc(&net->refs);
		watch->net = net;
	}
	watch->pid_ns = get_pid_ns(task_active_pid_ns(current));
	watch->dev = watch->identity->dev;
	fse_deliver_init(watch);
	return watch;
}

static void fse_watch_release(struct kref *ref)
{
	struct fse_watch *watch = container_of(ref, struct fse_watch, ref);
	struct fse_level_set *set, *next;
	unsigned int i;

	for (i = 0; i < FSE_SET_NR; i++)
		fse_set_free(watch->set[i]);
	list_for_each_entry_safe(set, next, &watch->retired, node)
		fse_set_free(set);
	/* An id that it never came to use. */
	if (watch->id && !watch->es)
		xa_release(fse_watches_of(watch->stream), watch->id);
	for (i = 0; i < FSE_ERROR_NR; i++)
		put_pid(watch->error[i].pid);
	fse_asker_put(watch->asker);
	fse_string_put(watch->mount);
	fse_audience_clear(&watch->audience);
	if (watch->es)
		fse_sb_put(watch->es);
	fse_sources_put(watch->sources);
	fse_user_put(watch->user);
	if (watch->stream)
		fse_stream_put(watch->stream);
	if (watch->net)
		fse_net_put(watch->net);
	put_pid_ns(watch->pid_ns);
	put_cred(watch->cred);
	fse_owner_put(watch->owner);
	fse_identity_put(watch->identity);
	kfree(watch);
}

/**
 * fse_watch_put - drop a reference to a watch
 * @watch: the watch, or NULL
 *
 * Context: Process context, may sleep.
 */
void fse_watch_put(struct fse_watch *watch)
{
	if (watch)
		kref_put(&watch->ref, fse_watch_release);
}

/**
 * fse_watch_want - change which generic events a watch has on
 * @watch: the watch
 * @events: the events, bits
 *
 * Context: &fse_sb.lock is held.
 */
void fse_watch_want(struct fse_watch *watch, u32 events)
{
	struct fse_sb *es = watch->es;
	u32 wanted = 0;
	unsigned int i;

	lockdep_assert_held(&es->lock);
	for (i = 0; i < FSE_ERROR_NR; i++) {
		u32 bit = BIT(fse_error_id(i));

		es->nr_wanting[i] += !!(events & bit);
		es->nr_wanting[i] -= !!(watch->events & bit);
		if (es->nr_wanting[i])
			wanted |= bit;
	}
	watch->events = events;
	if ((wanted & FSE_LASTING) && !(es->wanted & FSE_LASTING))
		fse_health_begin(es);
	raw_spin_lock_irq(&es->slot_lock);
	WRITE_ONCE(es->wanted, es->dead ? 0 : wanted);
	raw_spin_unlock_irq(&es->slot_lock);
}

static struct fse_watch *fse_global_find(struct fse_sb *es,
					 const struct fse_owner *owner)
{
	struct fse_watch *watch, *found = NULL;

	mutex_lock(&es->lock);
	list_for_each_entry(watch, &es->globals, node) {
		if (watch->owner != owner || list_empty(&watch->anchors))
			continue;
		found = watch;
		kref_get(&found->ref);
		break;
	}
	mutex_unlock(&es->lock);
	return found;
}

static struct fse_watch *fse_private_find(struct fse_sb *es,
					  const struct vfsmount *mnt,
					  struct fse_stream *stream)
{
	struct fse_watch *watch;
	bool found = false;
	u64 id = 1;

	while (id <= U32_MAX && (watch = fse_watch_from(id, stream))) {
		if (watch->es == es) {
			mutex_lock(&es->lock);
			found = fse_anchor_find(watch, mnt);
			mutex_unlock(&es->lock);
		}
		if (found)
			return watch;
		id = watch->id + 1ULL;
		fse_watch_put(watch);
	}
	return NULL;
}

/**
 * fse_watch_find - the watch of a mount
 * @es: state of its super block
 * @mnt: the mount
 * @owner: whose watch
 * @stream: whose private watch of that mount; NULL: the global one, which the
 *	mounts of a super block share
 *
 * Orphans are passed over: what is asked for now is another watch.
 *
 * Context: Process context, may sleep.
 * Return: a reference, or NULL.
 */
struct fse_watch *fse_watch_find(struct fse_sb *es, const struct vfsmount *mnt,
				 const struct fse_owner *owner,
				 struct fse_stream *stream)
{
	return stream ? fse_private_find(es, mnt, stream) :
			fse_global_find(es, owner);
}

/**
 * fse_watch_by_id - the watch with an entry id
 * @id: the id
 * @stream: whose private watch; NULL: the global one
 *
 * Context: Process context.
 * Return: a reference, or NULL.
 */
struct fse_watch *fse_watch_by_id(u32 id, struct fse_stream *stream)
{
	struct xarray *watches = fse_watches_of(stream);
	struct fse_watch *watch;

	xa_lock(watches);
	watch = xa_load(watches, id);
	if (watch)
		kref_get(&watch->ref);
	xa_unlock(watches);
	return watch;
}

/**
 * fse_watch_from - the first watch with this entry id or a higher one
 * @id: the id
 * @stream: of which private watches; NULL: of global ones
 *
 * Context: Process context.
 * Return: a reference, or NULL.
 */
struct fse_watch *fse_watch_from(u32 id, struct fse_stream *stream)
{
	struct xarray *watches = fse_watches_of(stream);
	unsigned long index = id;
	struct fse_watch *watch;

	xa_lock(watches);
	watch = xa_find(watches, &index, U32_MAX, XA_PRESENT);
	if (watch)
		kref_get(&watch->ref);
	xa_unlock(watches);
	return watch;
}

/**
 * fse_watch_number - give a watch that is to be made its entry id
 * @watch: the watch
 *
 * Context: fse_writers or the write_lock of its stream is held; may sleep.
 * Return: 0, -ENOMEM, or -EOVERFLOW when all ids have been used.
 */
int fse_watch_number(struct fse_watch *watch)
{
	u32 *last = watch->stream ? &watch->stream->last_id :
		    watch->admin ? &fse_last_id_admin : &fse_last_id_guest;
	int err;

	if (*last == (last == &fse_last_id_admin ? FSE_ID_GUESTS - 1 : U32_MAX))
		return -EOVERFLOW;
	err = xa_reserve(fse_watches_of(watch->stream), *last + 1, GFP_KERNEL);
	if (!err)
		watch->id = ++*last;
	return err;
}

/**
 * fse_watch_publish - let a watch be found
 * @watch: the watch, with an id
 * @es: its super block's state, which the caller has claimed
 *
 * Context: &fse_sb.lock is held.
 */
void fse_watch_publish(struct fse_watch *watch, struct fse_sb *es)
{
	lockdep_assert_held(&es->lock);
	kref_get(&es->ref);
	watch->es = es;
	if (watch->stream)
		fse_stream_join(watch->stream);
	else
		list_add_tail(&watch->node, &es->globals);
	if (watch->slow)
		list_add_tail(&watch->link.node, &es->watches);
	else
		list_add(&watch->link.node, &es->watches);
	fse_asker_join(watch);
	fse_user_watches(watch);
	fse_count(watch->owner, FSE_STAT_WATCHES, 1);
	/* The place was made by fse_watch_number(). */
	WARN_ON(xa_err(xa_store(fse_watches_of(watch->stream), watch->id,
				watch, GFP_NOWAIT)));
}

/**
 * fse_watch_unpublish - let a watch be found no more
 * @watch: the watch, not dead
 * @ended: list of watches for fse_watches_dispose()
 *
 * With its last watch the state of the super block retires as well.
 *
 * Context: &fse_sb.lock is held.
 */
void fse_watch_unpublish(struct fse_watch *watch, struct list_head *ended)
{
	struct fse_sb *es = watch->es;
	u32 events = watch->events;

	lockdep_assert_held(&es->lock);
	xa_erase(fse_watches_of(watch->stream), watch->id);
	list_del_init(&watch->link.node);
	list_del_init(&watch->node);
	fse_asker_leave(watch);
	fse_user_leaves(watch);
	watch->shown = NULL;
	WRITE_ONCE(watch->dead, true);
	fse_watch_want(watch, 0);
	watch->events = events;
	trace_fs_event_watch_gone(watch->dev, watch->id, watch->types,
				  watch->events);
	fse_anchors_release(watch);
	list_add_tail(&watch->dispose, ended);
	fse_count(watch->owner, FSE_STAT_WATCHES, -1);
	if (watch->charged)
		fse_user_uncharge(watch->user,
				  watch->stream ? FSE_LIMIT_PRIVATE :
						  FSE_LIMIT_GLOBAL);
	if (!fse_watch_first(es) && !es->claims)
		fse_sb_retire(es);
}

/**
 * fse_watches_dispose - end unpublished watches for good
 * @ended: the list that fse_watch_unpublish() filled
 * @how: FSE_END_SB or FSE_END_MOUNT: send FS_INFO_UNMOUNT with that errno;
 *	FSE_END_SILENT: tell only what is pending
 *
 * Context: Process context without locks of ours. Waits for deliveries; for a
 * server that is being asked a moment only.
 */
void fse_watches_dispose(struct list_head *ended, int how)
{
	u64 until_ns = ktime_get_ns() + FSE_CALL_WAIT_NS;
	struct fse_watch *watch, *next;

	list_for_each_entry_safe(watch, next, ended, dispose) {
		list_del(&watch->dispose);
		fse_deliver_stop(watch);
		if (!watch->stream)
			fse_netlink_changed(watch, true);
		fse_deliver_end(watch, how);
		if (watch->stream)
			fse_stream_leave(watch->stream,
					 how != FSE_END_SILENT);
		/* No anchor is left to do so when umount comes. */
		if (how != FSE_END_SB && READ_ONCE(watch->es->dead))
			fse_call_wait(watch->es, until_ns);
		fse_anchors_destroy(watch);
		fse_watch_put(watch);
	}
}

/**
 * fse_watches_unpublish - let watches be found no more
 * @stream: its private watches; NULL: global watches
 * @owner: of these, those made from its user namespace; NULL: all
 * @ended: list of watches for fse_watches_dispose()
 *
 * Context: Process context, may sleep.
 */
void fse_watches_unpublish(struct fse_stream *stream,
			   const struct fse_owner *owner,
			   struct list_head *ended)
{
	struct fse_watch *watch;
	u64 id = 1;

	while (id <= U32_MAX && (watch = fse_watch_from(id, stream))) {
		id = watch->id + 1ULL;
		if (!owner || watch->owner == owner) {
			mutex_lock(&watch->es->lock);
			if (!watch->dead)
				fse_watch_unpublish(watch, ended);
			mutex_unlock(&watch->es->lock);
		}
		fse_watch_put(watch);
	}
}

/*
 * --- what ties a watch to the mounts that it was set through ---------------
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

#define FSE_ORPHAN_DELAY	HZ

/* Does the super block live on without the mounts that are going? */
static bool fse_sb_stays(const struct super_block *sb)
{
	return fse_sb_mounted(sb) ||
	       READ_ONCE(sb->s_writers.frozen) != SB_UNFROZEN;
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
		wait = es->claims || !fse_sb_stays(es->sb);
		if (wait)
			break;
		fse_watch_unpublish(watch, &ended);
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
	/* The directory goes with its mount. */
	watch->shown = NULL;
	if (watch->asker->dentry)
		fse_asker_forget(watch->asker);
	fse_anchor_put(anchor);
	if (!es->claims && fse_sb_stays(es->sb)) {
		fse_watch_unpublish(watch, &gone->ended);
	} else if (!gone->going) {
		gone->going = es;
		kref_get(&es->ref);
	}
}

/* A mount went that its watch goes on without: report that. */
static void fse_anchor_left(struct fse_anchor *anchor)
{
	struct fse_watch *watch = anchor->goes_on;

	list_del_init(&anchor->node);
	fse_deliver_left(watch, anchor->name);
	fse_watch_shown(watch);
	fse_netlink_changed(watch, false);
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
	struct mem_cgroup *memcg;
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
	if (moved) {
		memcg = set_active_memcg(watch->stream ? watch->stream->memcg :
							 NULL);
		seen = fse_string_alloc(now);
		mount = fse_string_alloc(moved);
		set_active_memcg(memcg);
	}
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
	return IS_ERR(look.seen) ? NULL : fse_string_alloc(look.seen);
}

/*
 * --- which watches a task can reach from its root --------------------------
 *
 * Nothing is looked up: a watch has the mount that it is tied to, and where
 * that is seen from is a matter of mounts alone.
 *
 * Context: process context; may sleep.
 */

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
