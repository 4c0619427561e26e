// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: watches.
 *
 * A watch says what is to be told about a super block, and to whom. It is
 * made by a config write and ends when it is removed, when its super block or
 * its mount goes, or with the module.
 *
 * Ending has two steps. fse_watch_unpublish(), under fse_mutex, takes it out
 * of everything that leads to it, so that no lookup finds it any more; the task
 * that does that owns it. fse_watches_dispose(), without fse_mutex, waits for its
 * work, delivers what is still pending, and frees it. So it ends once, however
 * many tasks try to end it.
 *
 * Context: process context everywhere; may sleep.
 */
#include <linux/cred.h>
#include <linux/hashtable.h>
#include <linux/mount.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/string_helpers.h>
#include <linux/timekeeping.h>
#include <linux/user_namespace.h>
#include <trace/events/fs_event.h>

#include "limits.h"
#include "source.h"

LIST_HEAD(fse_watches);
static DEFINE_MUTEX(fse_mutex);
static unsigned int fse_nofs_flags;
static s64 fse_last_nr;
static DEFINE_HASHTABLE(fse_watches_by_id, 8);

/*
 * An id is used once: a client that removes a watch by an id that it read long
 * ago must not hit another watch. In some days of making and removing watches
 * all the time ids are used up, so those for makers without CAP_SYS_ADMIN in the
 * initial user namespace are apart, from this one on.
 */
#define FSE_ID_GUESTS	0x80000000

static u32 fse_last_id_admin;
static u32 fse_last_id_guest = FSE_ID_GUESTS - 1;
/* Bumped at each change of a global watch; under fse_mutex. */
static unsigned int fse_changes = 1;

/* Memory taken under the mutex must not be waited for in a file system. */
void fse_lock(void)
{
	mutex_lock(&fse_mutex);
	fse_nofs_flags = memalloc_nofs_save();
}

void fse_unlock(void)
{
	memalloc_nofs_restore(fse_nofs_flags);
	mutex_unlock(&fse_mutex);
}

void fse_assert_locked(void)
{
	lockdep_assert_held(&fse_mutex);
}

/**
 * fse_watch_changed - a global watch was made, changed or removed
 *
 * Context: fse_mutex is held.
 */
void fse_watch_changed(void)
{
	fse_assert_locked();
	/* 0 means to netlink that it does not know. */
	if (!++fse_changes)
		fse_changes++;
}

/**
 * fse_watches_state - a number that says whether a watch has changed
 *
 * Context: fse_mutex is held.
 * Return: not 0; another one when a global watch was made, changed or removed.
 */
unsigned int fse_watches_state(void)
{
	fse_assert_locked();
	return fse_changes;
}

struct fse_level_set *fse_set_alloc(const struct fse_level_spec *spec,
				    unsigned int nr)
{
	struct fse_level_set *set;

	set = kvzalloc(struct_size(set, note, nr), GFP_KERNEL_ACCOUNT);
	if (!set)
		return NULL;
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

	watch = kzalloc(sizeof(*watch), GFP_KERNEL_ACCOUNT);
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
	unsigned int i;

	for (i = 0; i < FSE_SET_NR; i++)
		fse_set_free(watch->set[i]);
	for (i = 0; i < FSE_ERROR_NR; i++)
		put_pid(watch->error[i].pid);
	fse_asker_put(watch->asker);
	fse_string_put(watch->mount);
	fse_audience_clear(&watch->audience);
	if (watch->es)
		fse_sb_put(watch->es);
	fse_sources_put(watch->sources);
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

/**
 * fse_watch_find - the watch of a mount
 * @mnt: the mount
 * @owner: whose watch
 * @stream: whose private watch of that mount; NULL: the global one, which the
 *	mounts of a super block share
 *
 * Orphans are passed over: what is asked for now is another watch.
 *
 * Context: fse_mutex is held.
 */
struct fse_watch *fse_watch_find(const struct vfsmount *mnt,
				 const struct fse_owner *owner,
				 const struct fse_stream *stream)
{
	struct fse_watch *watch = NULL;
	struct fse_sb *es;

	fse_assert_locked();
	es = fse_sb_find(mnt->mnt_sb);
	if (!es)
		return NULL;
	while ((watch = fse_watch_next(es, watch))) {
		if (watch->owner == owner && watch->stream == stream &&
		    !list_empty(&watch->anchors) &&
		    (!stream || fse_anchor_find(watch, mnt)))
			return watch;
	}
	return NULL;
}

/**
 * fse_watch_by_id - the watch with an entry id
 * @id: the id
 * @stream: whose private watch; NULL: the global one
 *
 * Context: fse_mutex is held.
 */
struct fse_watch *fse_watch_by_id(u32 id, const struct fse_stream *stream)
{
	struct fse_watch *watch;

	fse_assert_locked();
	hash_for_each_possible(fse_watches_by_id, watch, id_node, id) {
		if (watch->id == id && watch->stream == stream)
			return watch;
	}
	return NULL;
}

static u32 *fse_watch_last_id(const struct fse_watch *watch)
{
	if (watch->stream)
		return &watch->stream->last_id;
	return watch->admin ? &fse_last_id_admin : &fse_last_id_guest;
}

/**
 * fse_watch_ids_left - how many watches of a kind can still be published
 * @watch: one of this kind
 *
 * Context: fse_mutex is held.
 */
u32 fse_watch_ids_left(const struct fse_watch *watch)
{
	const u32 *last = fse_watch_last_id(watch);

	fse_assert_locked();
	return (last == &fse_last_id_admin ? FSE_ID_GUESTS - 1 : U32_MAX) -
	       *last;
}

/**
 * fse_watch_publish - let a watch be found
 * @watch: the watch
 * @es: its super block's state, published and alive
 *
 * There must be an id left for it.
 *
 * Context: fse_mutex is held.
 */
void fse_watch_publish(struct fse_watch *watch, struct fse_sb *es)
{
	struct fse_asker *unused;

	fse_assert_locked();
	watch->nr = ++fse_last_nr;
	watch->id = ++*fse_watch_last_id(watch);
	hash_add(fse_watches_by_id, &watch->id_node, watch->id);
	kref_get(&es->ref);
	watch->es = es;
	if (watch->stream)
		fse_stream_join(watch->stream);
	list_add_tail(&watch->node, &fse_watches);
	mutex_lock(&es->lock);
	if (watch->slow)
		list_add_tail(&watch->link.node, &es->watches);
	else
		list_add(&watch->link.node, &es->watches);
	unused = fse_asker_join(watch);
	mutex_unlock(&es->lock);
	fse_asker_put(unused);
	fse_count(watch->owner, FSE_STAT_WATCHES, 1);
}

/**
 * fse_watch_unpublish - let a watch be found no more
 * @watch: the watch
 * @ended: list of watches for fse_watches_dispose()
 *
 * With its last watch the state of the super block retires as well.
 *
 * Context: fse_mutex is held.
 */
void fse_watch_unpublish(struct fse_watch *watch, struct list_head *ended)
{
	struct fse_sb *es = watch->es;
	u32 events;
	bool last;

	fse_assert_locked();
	list_del_init(&watch->node);
	hash_del(&watch->id_node);
	mutex_lock(&es->lock);
	list_del_init(&watch->link.node);
	fse_asker_leave(watch);
	watch->shown = NULL;
	WRITE_ONCE(watch->dead, true);
	last = !fse_watch_first(es);
	events = watch->events;
	fse_watch_want(watch, 0);
	watch->events = events;
	mutex_unlock(&es->lock);
	trace_fs_event_watch_gone(watch->dev, watch->id, watch->types,
				  watch->events);
	fse_anchors_release(watch);
	if (!watch->stream)
		fse_netlink_changed(watch, FS_NL_CHANGE_REMOVED);
	list_add_tail(&watch->dispose, ended);
	fse_count(watch->owner, FSE_STAT_WATCHES, -1);
	fse_user_uncharge(watch->user, watch->stream ? FSE_LIMIT_PRIVATE :
						       FSE_LIMIT_GLOBAL);
	fse_user_put(watch->user);
	watch->user = NULL;
	if (last)
		fse_sb_retire(es);
}

/**
 * fse_watches_dispose - end unpublished watches for good
 * @ended: the list that fse_watch_unpublish() filled
 * @how: FSE_END_SB or FSE_END_MOUNT: send FS_INFO_UNMOUNT with that errno;
 *	FSE_END_SILENT: tell only what is pending
 *
 * Context: Process context without fse_mutex. Waits for deliveries; for a
 * server that is being asked a moment only.
 */
void fse_watches_dispose(struct list_head *ended, int how)
{
	u64 until_ns = ktime_get_ns() + FSE_CALL_WAIT_NS;
	struct fse_watch *watch, *next;

	list_for_each_entry_safe(watch, next, ended, dispose) {
		list_del(&watch->dispose);
		fse_deliver_stop(watch);
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
 * fse_watches_end - end all watches that match
 * @match: which
 * @arg: its second argument
 * @how: as for fse_watches_dispose()
 *
 * Context: Process context without fse_mutex, as fse_watches_dispose().
 */
void fse_watches_end(bool (*match)(const struct fse_watch *watch, void *arg),
		     void *arg, int how)
{
	struct fse_watch *watch, *next;
	LIST_HEAD(ended);

	fse_lock();
	list_for_each_entry_safe(watch, next, &fse_watches, node) {
		if (match(watch, arg))
			fse_watch_unpublish(watch, &ended);
	}
	fse_unlock();
	fse_watches_dispose(&ended, how);
}

static bool fse_of_stream(const struct fse_watch *watch, void *stream)
{
	return watch->stream == stream;
}

/**
 * fse_watches_clear - end all private watches of a stream
 * @stream: the stream
 *
 * Context: Process context without fse_mutex.
 */
void fse_watches_clear(struct fse_stream *stream)
{
	fse_watches_end(fse_of_stream, stream, FSE_END_SILENT);
}
