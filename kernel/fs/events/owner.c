// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: what belongs to a user namespace.
 *
 * Watches, counters and the log of refused requests belong to the user
 * namespace that an fstrace instance was mounted in. The initial one counts
 * and logs everything.
 *
 * Lifetime: an owner lives as long as an fstrace mount or a watch refers to
 * it; it holds its user namespace. The initial one is static.
 *
 * Context: fse_owners_lock protects the table of owners; it is innermost. A log
 * has a mutex of its own. Counters are atomic and may be bumped anywhere.
 */
#include <linux/hashtable.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/user_namespace.h>

#include "internal.h"

struct fse_owner fse_init_owner = {
	.refs = REFCOUNT_INIT(1),
	.user_ns = &init_user_ns,
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

static struct fse_log_entry *fse_log_alloc(void)
{
	return kvcalloc(FSE_LOG_ENTRIES, sizeof(struct fse_log_entry),
			GFP_KERNEL_ACCOUNT);
}

static void fse_owner_publish(struct fse_owner *owner)
{
	hash_add(fse_owners, &owner->node, (unsigned long)owner->user_ns);
}

int fse_owner_init(void)
{
	fse_init_owner.log = fse_log_alloc();
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

static struct fse_owner *fse_owner_alloc(struct user_namespace *user_ns)
{
	struct fse_owner *owner = kzalloc(sizeof(*owner), GFP_KERNEL_ACCOUNT);

	if (!owner)
		return NULL;
	owner->log = fse_log_alloc();
	if (!owner->log) {
		kfree(owner);
		return NULL;
	}
	refcount_set(&owner->refs, 1);
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
 *
 * Context: Process context, may sleep.
 * Return: a reference, or NULL when there is no memory.
 */
struct fse_owner *fse_owner_find(struct user_namespace *user_ns)
{
	struct fse_owner *owner, *made;

	mutex_lock(&fse_owners_lock);
	owner = fse_owner_look(user_ns);
	mutex_unlock(&fse_owners_lock);
	if (owner)
		return owner;
	/* Allocated without the lock: the caller's cgroup may make it wait. */
	made = fse_owner_alloc(user_ns);
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
