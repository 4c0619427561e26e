// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: what belongs to a user namespace.
 *
 * Watches, counters and the log of refused requests belong to the user
 * namespace that an fstrace instance was mounted in. The initial one counts
 * and logs everything.
 *
 * Lifetime: an owner lives as long as something refers to it: an fstrace mount, a
 * watch, or what looks or asks on its behalf. It holds its user namespace. The
 * initial one is static.
 *
 * Context: fse_owners_lock protects the table of owners; it is innermost. A log
 * has a mutex of its own. Counters are atomic and may be bumped anywhere.
 */
#include <linux/cred.h>
#include <linux/hashtable.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/user_namespace.h>
#include <trace/events/fs_event.h>

#include "internal.h"

struct fse_owner fse_init_owner = {
	.refs = REFCOUNT_INIT(1),
	.user_ns = &init_user_ns,
	.write_lock = __MUTEX_INITIALIZER(fse_init_owner.write_lock),
	.log_lock = __MUTEX_INITIALIZER(fse_init_owner.log_lock),
};

const struct fse_stat_name fse_stats[FSE_STAT_NR] = {
	[FSE_STAT_WATCHES]	 = { "watches", FS_NL_STATS_A_WATCHES },
	[FSE_STAT_NOTIFIED]	 = { "notified", FS_NL_STATS_A_NOTIFIED },
	[FSE_STAT_COALESCED]	 = { "coalesced", FS_NL_STATS_A_COALESCED },
	[FSE_STAT_SENT]		 = { "sent", FS_NL_STATS_A_SENT },
	[FSE_STAT_NO_LISTENER]	 = { "no_listener", FS_NL_STATS_A_NO_LISTENER },
	[FSE_STAT_SEND_FAILED]	 = { "send_failed", FS_NL_STATS_A_SEND_FAILED },
	[FSE_STAT_LOST]		 = { "lost", FS_NL_STATS_A_LOST },
	[FSE_STAT_SAMPLES]	 = { "samples", FS_NL_STATS_A_SAMPLES },
	[FSE_STAT_SAMPLE_FAILED] = { "sample_failed",
				     FS_NL_STATS_A_SAMPLE_FAILED },
	[FSE_STAT_KICKS]	 = { "kicks", FS_NL_STATS_A_KICKS },
	[FSE_STAT_STUCK]	 = { "stuck", FS_NL_STATS_A_STUCK },
	[FSE_STAT_REFUSED]	 = { "refused", FS_NL_STATS_A_REFUSED },
};

/* All that netlink has, but for SEQ. */
static_assert(ARRAY_SIZE(fse_stats) == FS_NL_STATS_A_MAX - 1);

static DEFINE_HASHTABLE(fse_owners, 8);
static DEFINE_MUTEX(fse_owners_lock);

static struct fse_log_entry *fse_log_alloc(gfp_t gfp)
{
	return kvcalloc(FSE_LOG_ENTRIES, sizeof(struct fse_log_entry), gfp);
}

static void fse_owner_publish(struct fse_owner *owner)
{
	hash_add(fse_owners, &owner->node, (unsigned long)owner->user_ns);
}

int fse_owner_init(void)
{
	fse_init_owner.log = fse_log_alloc(GFP_KERNEL);
	if (!fse_init_owner.log)
		return -ENOMEM;
	fse_owner_publish(&fse_init_owner);
	return 0;
}

void fse_owner_exit(void)
{
	hash_del(&fse_init_owner.node);
	WARN_ON(!hash_empty(fse_owners));
	kvfree(fse_init_owner.log);
}

static void fse_owner_free(struct fse_owner *owner)
{
	kvfree(owner->log);
	put_user_ns(owner->user_ns);
	kfree(owner);
}

static struct fse_owner *fse_owner_alloc(struct user_namespace *user_ns,
					 gfp_t gfp)
{
	struct fse_owner *owner = kzalloc_obj(*owner, gfp);

	if (!owner)
		return NULL;
	owner->log = fse_log_alloc(gfp);
	if (!owner->log) {
		kfree(owner);
		return NULL;
	}
	refcount_set(&owner->refs, 1);
	mutex_init(&owner->write_lock);
	mutex_init(&owner->log_lock);
	owner->user_ns = get_user_ns(user_ns);
	return owner;
}

static struct fse_owner *fse_owner_look(const struct user_namespace *user_ns)
{
	struct fse_owner *owner;

	lockdep_assert_held(&fse_owners_lock);
	hash_for_each_possible(fse_owners, owner, node,
			       (unsigned long)user_ns) {
		if (owner->user_ns == user_ns)
			return fse_owner_get(owner);
	}
	return NULL;
}

/**
 * fse_owner_find - the owner that stands for a user namespace
 * @user_ns: the namespace
 * @gfp: how to allocate one if there is none
 *
 * Context: Process context, may sleep.
 * Return: a reference, or NULL when there is no memory.
 */
struct fse_owner *fse_owner_find(struct user_namespace *user_ns, gfp_t gfp)
{
	struct fse_owner *owner, *made;

	mutex_lock(&fse_owners_lock);
	owner = fse_owner_look(user_ns);
	mutex_unlock(&fse_owners_lock);
	if (owner)
		return owner;
	/* Allocated without the lock: the caller's cgroup may make it wait. */
	made = fse_owner_alloc(user_ns, gfp);
	if (!made)
		return NULL;
	mutex_lock(&fse_owners_lock);
	owner = fse_owner_look(user_ns);
	if (!owner)
		fse_owner_publish(made);
	mutex_unlock(&fse_owners_lock);
	if (!owner)
		return made;
	fse_owner_free(made);
	return owner;
}

/**
 * fse_owner_get - one more reference
 * @owner: an owner that the caller has a reference to
 */
struct fse_owner *fse_owner_get(struct fse_owner *owner)
{
	refcount_inc(&owner->refs);
	return owner;
}

/**
 * fse_owner_put - drop a reference
 * @owner: the owner
 *
 * Context: Process context, may sleep.
 */
void fse_owner_put(struct fse_owner *owner)
{
	if (!refcount_dec_and_mutex_lock(&owner->refs, &fse_owners_lock))
		return;
	hash_del(&owner->node);
	mutex_unlock(&fse_owners_lock);
	fse_owner_free(owner);
}

/**
 * fse_owner_sees - does an instance of fstrace show a watch?
 * @owner: owner of the instance
 * @watch: the watch
 *
 * Return: the watch is global, and was made from the user namespace of @owner or
 * below it.
 */
bool fse_owner_sees(const struct fse_owner *owner,
		    const struct fse_watch *watch)
{
	const struct user_namespace *ns = watch->owner->user_ns;

	if (watch->stream)
		return false;
	while (ns && ns != owner->user_ns)
		ns = ns->parent;
	return ns;
}

/**
 * fse_count - bump a counter
 * @owner: whose
 * @stat: which
 * @nr: by how much
 *
 * Context: Any.
 */
void fse_count(struct fse_owner *owner, enum fse_stat stat, s64 nr)
{
	atomic64_add(nr, &owner->stats[stat]);
	if (owner != &fse_init_owner)
		atomic64_add(nr, &fse_init_owner.stats[stat]);
}

/**
 * fse_sent - count what became of a message
 * @owner: for whom
 * @dev: of the file system, or 0
 * @watch: id of the watch, or 0
 * @id: enum fs_event_type
 * @nr: occurrences it stands for
 * @err: 0: sent; -ESRCH: no listener; another errno: lost
 */
void fse_sent(struct fse_owner *owner, dev_t dev, u32 watch, unsigned int id,
	      u32 nr, int err)
{
	fse_count(owner, !err ? FSE_STAT_SENT :
		  err == -ESRCH ? FSE_STAT_NO_LISTENER : FSE_STAT_SEND_FAILED,
		  1);
	if (err)
		trace_fs_event_drop(dev, watch, id, nr, err);
	else
		trace_fs_event_send(dev, watch, id, nr, 0);
}

static void fse_log_add(struct fse_owner *owner, const char *text, size_t len,
			const struct fse_error *error)
{
	struct fse_log_entry *entry;

	mutex_lock(&owner->log_lock);
	entry = &owner->log[owner->log_nr++ % FSE_LOG_ENTRIES];
	entry->time_ns = ktime_get_ns();
	fse_caret_format(entry->text, sizeof(entry->text), text, len, error);
	mutex_unlock(&owner->log_lock);
}

/**
 * fse_log_refusal - remember a refused request
 * @owner: whose
 * @text: the whole write
 * @len: its bytes
 * @error: what is wrong with it, and where
 *
 * Context: Process context, may sleep.
 */
void fse_log_refusal(struct fse_owner *owner, const char *text, size_t len,
		     const struct fse_error *error)
{
	fse_log_add(owner, text, len, error);
	if (owner != &fse_init_owner)
		fse_log_add(&fse_init_owner, text, len, error);
}

/**
 * fse_log_clear - forget the refused requests
 * @owner: whose
 *
 * Context: Process context, may sleep.
 */
void fse_log_clear(struct fse_owner *owner)
{
	unsigned int i;

	mutex_lock(&owner->log_lock);
	for (i = 0; i < FSE_LOG_ENTRIES; i++)
		owner->log[i].text[0] = '\0';
	owner->log_nr = 0;
	mutex_unlock(&owner->log_lock);
}

/*
 * --- how much a user may have ----------------------------------------------
 *
 * Watches and open files of makers without CAP_SYS_ADMIN in the initial user
 * namespace are counted as the kernel's ucounts are, which modules can not use:
 * against the maker's uid in its user namespace, against the owner of that
 * namespace, the owner of the one above it, and so on. So no user gets more by
 * making user namespaces. A uid may have FSE_USER_MAX of each.
 *
 * Namespaces that root of the initial one has made, as container managers do,
 * would share one count if root were an owner like others. So root is not
 * counted. Instead each user namespace but the initial one has FSE_NS_MAX of
 * each, with all namespaces below it and all of its uids.
 *
 * A maker is counted in a chain of counters, from the uid up, for example of uid
 * 7 in a namespace of user 1000's:
 *
 *	uid 7 in the namespace -> the namespace -> uid 1000 in the initial one
 *
 * Samples at rest are shared out among the file systems that a user watches: all
 * exempt makers together have FSE_INTERVAL_ADMIN_PER_S, every other uid of a user
 * namespace FSE_INTERVAL_USER_PER_S. A file system that several users watch is
 * sampled as often as the best of them affords. So no
 * user's samples become fewer because of the watches of others.
 *
 * Lifetime: a counter is there as long as it counts something, or is being asked
 * for. It holds the one above it and its user namespace.
 *
 * Context: fse_users_lock protects the table of counters; it is innermost, and
 * nothing is waited for under it. Counts are atomic; each is checked by itself,
 * so of two makers at once one may be refused what the other one gives back.
 */

#define FSE_USER_MAX	128
#define FSE_NS_MAX	1024
#define FSE_CALLS_MAX	32

/**
 * struct fse_user - a counter
 * @node: in fse_users
 * @refs: one for each charge of a maker, each counter below, each caller
 * @user_ns: the namespace; a reference
 * @uid: the uid there; INVALID_UID: all that is in the namespace and below it
 * @above: the next counter in the chain, or NULL; a reference
 * @count: how much there is of each
 * @lock: protects the list; innermost
 * @watches: the watches of this uid
 * @file_systems: on how many file systems they are
 */
struct fse_user {
	struct hlist_node node;
	refcount_t refs;
	struct user_namespace *user_ns;
	kuid_t uid;
	struct fse_user *above;
	atomic_t count[FSE_LIMIT_NR];
	/* the list */
	spinlock_t lock;
	struct list_head watches;
	unsigned int file_systems;
};

/* File systems that exempt makers watch. */
static atomic_t fse_exempt_file_systems = ATOMIC_INIT(0);

static DEFINE_HASHTABLE(fse_users, 8);
static DEFINE_MUTEX(fse_users_lock);

static unsigned long fse_user_key(const struct user_namespace *user_ns,
				  kuid_t uid)
{
	return (unsigned long)user_ns + __kuid_val(uid);
}

static struct fse_user *fse_user_find(const struct user_namespace *user_ns,
				      kuid_t uid)
{
	struct fse_user *user;

	lockdep_assert_held(&fse_users_lock);
	hash_for_each_possible(fse_users, user, node,
			       fse_user_key(user_ns, uid)) {
		if (user->user_ns == user_ns &&
		    __kuid_val(user->uid) == __kuid_val(uid))
			return fse_user_hold(user);
	}
	return NULL;
}

static void fse_user_free(struct fse_user *user)
{
	put_user_ns(user->user_ns);
	kfree(user);
}

/* The counter of a uid; @above is put, or goes to a new one. */
static struct fse_user *fse_user_of(struct user_namespace *user_ns, kuid_t uid,
				    struct fse_user *above)
{
	struct fse_user *user, *made;

	mutex_lock(&fse_users_lock);
	user = fse_user_find(user_ns, uid);
	mutex_unlock(&fse_users_lock);
	if (user)
		goto out;
	made = kzalloc_obj(*made, GFP_KERNEL_ACCOUNT);
	if (!made)
		goto out;
	refcount_set(&made->refs, 1);
	spin_lock_init(&made->lock);
	INIT_LIST_HEAD(&made->watches);
	made->user_ns = get_user_ns(user_ns);
	made->uid = uid;
	made->above = above;
	mutex_lock(&fse_users_lock);
	user = fse_user_find(user_ns, uid);
	if (!user)
		hash_add(fse_users, &made->node, fse_user_key(user_ns, uid));
	mutex_unlock(&fse_users_lock);
	if (!user)
		return made;
	fse_user_free(made);
out:
	fse_user_put(above);
	return user;
}

/* The namespace itself, or the one above it at a level. */
static struct user_namespace *fse_ns_at(struct user_namespace *user_ns,
					int level)
{
	while (user_ns->level > level)
		user_ns = user_ns->parent;
	return user_ns;
}

/**
 * fse_user_get - what a maker is counted by
 * @cred: its credentials
 *
 * Context: Process context, may sleep.
 * Return: a reference, or NULL when there is no memory.
 */
struct fse_user *fse_user_get(const struct cred *cred)
{
	struct fse_user *user = NULL;
	struct user_namespace *ns;
	int level;

	/* From the top on, so that each finds the one above it. */
	for (level = 1; level <= cred->user_ns->level; level++) {
		ns = fse_ns_at(cred->user_ns, level);
		if (level > 1 || !uid_eq(ns->owner, GLOBAL_ROOT_UID)) {
			user = fse_user_of(ns->parent, ns->owner, user);
			if (!user)
				return NULL;
		}
		user = fse_user_of(ns, INVALID_UID, user);
		if (!user)
			return NULL;
	}
	return fse_user_of(cred->user_ns, cred->euid, user);
}

/* One more reference; the caller has one. Context: Any. */
struct fse_user *fse_user_hold(struct fse_user *user)
{
	refcount_inc(&user->refs);
	return user;
}

/* Return: the counter above @user if @user was freed, otherwise NULL. */
static struct fse_user *fse_user_drop(struct fse_user *user)
{
	struct fse_user *above = user->above;

	if (!refcount_dec_and_mutex_lock(&user->refs, &fse_users_lock))
		return NULL;
	hash_del(&user->node);
	mutex_unlock(&fse_users_lock);
	fse_user_free(user);
	return above;
}

/**
 * fse_user_put - drop a reference
 * @user: the counter, or NULL
 *
 * Context: Process context, may sleep.
 */
void fse_user_put(struct fse_user *user)
{
	while (user)
		user = fse_user_drop(user);
}

static int fse_user_max(const struct fse_user *user, enum fse_limit limit)
{
	if (limit == FSE_LIMIT_CALLS)
		return FSE_CALLS_MAX;
	return uid_valid(user->uid) ? FSE_USER_MAX : FSE_NS_MAX;
}

/**
 * fse_user_charge - count one more, if it may have that
 * @user: by what its maker is counted; NULL: not at all
 * @limit: of what
 *
 * The reference to @user is to be held until fse_user_uncharge().
 *
 * Context: Any.
 * Return: false: there are too many.
 */
bool fse_user_charge(struct fse_user *user, enum fse_limit limit)
{
	struct fse_user *at, *full;

	for (full = user; full; full = full->above) {
		if (!atomic_add_unless(&full->count[limit], 1,
				       fse_user_max(full, limit)))
			break;
	}
	if (!full)
		return true;
	for (at = user; at != full; at = at->above)
		atomic_dec(&at->count[limit]);
	return false;
}

/* How many are counted for all that is below the topmost counter of a chain. */
unsigned int fse_user_charged(const struct fse_user *user, enum fse_limit limit)
{
	while (user->above)
		user = user->above;
	return atomic_read(&user->count[limit]);
}

/**
 * fse_user_charge_over - count one more, even if there are too many then
 * @user: what is charged
 * @limit: of what
 *
 * Context: Any.
 */
void fse_user_charge_over(struct fse_user *user, enum fse_limit limit)
{
	for (; user; user = user->above)
		atomic_inc(&user->count[limit]);
}

/**
 * fse_user_uncharge - count one less
 * @user: what was charged, or NULL
 * @limit: of what
 *
 * Context: Any.
 */
void fse_user_uncharge(struct fse_user *user, enum fse_limit limit)
{
	for (; user; user = user->above)
		atomic_dec(&user->count[limit]);
}

/* Another watch of the user on the file system of @watch; the lock is held. */
static struct fse_watch *fse_user_other(const struct fse_user *user,
					const struct fse_watch *watch)
{
	struct fse_watch *other;

	lockdep_assert_held(&user->lock);
	list_for_each_entry(other, &user->watches, user_node) {
		if (other != watch && other->es == watch->es)
			return other;
	}
	return NULL;
}

/**
 * fse_user_watches - count the file system of a watch for its maker's samples
 * @watch: the watch, being published
 *
 * Context: &fse_sb.lock is held.
 */
void fse_user_watches(struct fse_watch *watch)
{
	struct fse_user *user = watch->user;

	if (!user) {
		if (!watch->es->nr_exempt++)
			atomic_inc(&fse_exempt_file_systems);
		return;
	}
	spin_lock(&user->lock);
	watch->pays = !fse_user_other(user, watch);
	user->file_systems += watch->pays;
	list_add(&watch->user_node, &user->watches);
	spin_unlock(&user->lock);
}

/**
 * fse_user_leaves - take back fse_user_watches()
 * @watch: the watch, being unpublished
 *
 * Context: &fse_sb.lock is held.
 */
void fse_user_leaves(struct fse_watch *watch)
{
	struct fse_user *user = watch->user;
	struct fse_watch *other;

	if (!user) {
		if (!--watch->es->nr_exempt)
			atomic_dec(&fse_exempt_file_systems);
		return;
	}
	spin_lock(&user->lock);
	list_del_init(&watch->user_node);
	other = watch->pays ? fse_user_other(user, watch) : NULL;
	if (other)
		other->pays = true;
	else
		user->file_systems -= watch->pays;
	spin_unlock(&user->lock);
}

/**
 * fse_user_samples - how often may a file system be sampled for a watch?
 * @watch: the watch
 * @rules: changed if that is more often than they say
 *
 * Context: &fse_sb.lock is held.
 */
void fse_user_samples(const struct fse_watch *watch,
		      struct fse_interval_rules *rules)
{
	unsigned int per_second = FSE_INTERVAL_ADMIN_PER_S;
	unsigned int nr = atomic_read(&fse_exempt_file_systems);

	if (watch->user) {
		per_second = FSE_INTERVAL_USER_PER_S;
		nr = READ_ONCE(watch->user->file_systems);
	}
	if ((u64)nr * rules->per_second >=
	    (u64)rules->nr_file_systems * per_second)
		return;
	rules->nr_file_systems = nr;
	rules->per_second = per_second;
}
