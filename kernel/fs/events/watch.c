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
#include <linux/memcontrol.h>
#include <linux/mount.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/string.h>
#include <linux/string_helpers.h>
#include <linux/timekeeping.h>
#include <linux/xarray.h>
#include <trace/events/fs_event.h>

#include "health.h"
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

/*
 * Not charged: a guest without memory would wait for its own here, while a writer
 * that removes foreign watches waits for it. A watch takes one node at most.
 */
static DEFINE_XARRAY(fse_watches);
/* The ids that were used last; under fse_ids_lock. */
static DEFINE_SPINLOCK(fse_ids_lock);
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
	fse_watch_look_init(watch);
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
	fse_generic_put(watch->sources);
	fse_user_put(watch->user);
	if (watch->stream)
		fse_stream_put(watch->stream);
	if (watch->net)
		fse_net_put(watch->net);
	put_pid_ns(watch->pid_ns);
	mem_cgroup_put(watch->memcg);
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
 * fse_watch_hasten - a watch gets generic events, which take privilege
 * @watch: the watch
 *
 * It was made by a writer without privilege, if it is behind the others.
 *
 * Context: &fse_sb.lock is held.
 */
void fse_watch_hasten(struct fse_watch *watch)
{
	lockdep_assert_held(&watch->es->lock);
	if (!watch->slow)
		return;
	watch->slow = false;
	watch->asker->slow = false;
	list_move(&watch->link.node, &watch->es->watches);
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
 * fse_watch_claim - keep a watch while a request about it takes effect
 * @watch: the watch, a reference
 *
 * It does not end because a mount goes, until fse_watch_unclaim().
 *
 * Context: Process context, may sleep.
 * Return: false: it has already ended.
 */
bool fse_watch_claim(struct fse_watch *watch)
{
	bool alive;

	mutex_lock(&watch->es->lock);
	watch->claims++;
	alive = !watch->dead;
	mutex_unlock(&watch->es->lock);
	return alive;
}

/**
 * fse_watch_unclaim - a request about a watch has taken effect
 * @watch: what fse_watch_claim() was called for
 *
 * Context: Process context, may sleep.
 */
void fse_watch_unclaim(struct fse_watch *watch)
{
	mutex_lock(&watch->es->lock);
	watch->claims--;
	mutex_unlock(&watch->es->lock);
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
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM, or -EOVERFLOW when all ids have been used.
 */
int fse_watch_number(struct fse_watch *watch)
{
	u32 *last = watch->stream ? &watch->stream->last_id :
		    watch->admin ? &fse_last_id_admin : &fse_last_id_guest;
	u32 end = last == &fse_last_id_admin ? FSE_ID_GUESTS - 1 : U32_MAX;
	u32 id = 0;
	int err;

	spin_lock(&fse_ids_lock);
	if (*last != end)
		id = ++*last;
	spin_unlock(&fse_ids_lock);
	if (!id)
		return -EOVERFLOW;
	err = xa_reserve(fse_watches_of(watch->stream), id, GFP_KERNEL);
	if (!err)
		watch->id = id;
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
	struct fse_watch *watch, *next;

	list_for_each_entry_safe(watch, next, ended, dispose) {
		list_del(&watch->dispose);
		fse_deliver_stop(watch);
		if (!watch->stream)
			fse_deliver_changed(watch, true);
		fse_deliver_end(watch, how);
		if (watch->stream)
			fse_stream_leave(watch->stream,
					 how != FSE_END_SILENT);
		/* No anchor is left to do so when umount comes. */
		if (how != FSE_END_SB && READ_ONCE(watch->es->dead))
			fse_call_wait(watch->es);
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
