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
 * Context: the list is under fse_owner_mutex, each log under its own; both
 * are innermost and sleep. Counters are atomic and may be bumped anywhere.
 */
#include <linux/cred.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/user_namespace.h>

#include "internal.h"

struct fse_owner fse_init_owner = {
	.node = LIST_HEAD_INIT(fse_init_owner.node),
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

static DEFINE_MUTEX(fse_owner_mutex);
static LIST_HEAD(fse_owners);

static int fse_log_alloc(struct fse_owner *owner)
{
	unsigned int i;

	for (i = 0; i < FSE_LOG_ENTRIES; i++) {
		owner->log[i] = kzalloc(sizeof(*owner->log[i]), GFP_KERNEL);
		if (!owner->log[i])
			return -ENOMEM;
	}
	return 0;
}

static void fse_log_free(struct fse_owner *owner)
{
	unsigned int i;

	for (i = 0; i < FSE_LOG_ENTRIES; i++) {
		kfree(owner->log[i]);
		owner->log[i] = NULL;
	}
}

int fse_owner_init(void)
{
	int err = fse_log_alloc(&fse_init_owner);

	if (err)
		fse_log_free(&fse_init_owner);
	else
		list_add(&fse_init_owner.node, &fse_owners);
	return err;
}

void fse_owner_exit(void)
{
	WARN_ON(!list_is_singular(&fse_owners));
	list_del(&fse_init_owner.node);
	fse_log_free(&fse_init_owner);
}

static struct fse_owner *fse_owner_alloc(struct user_namespace *user_ns)
{
	struct fse_owner *owner = kzalloc(sizeof(*owner), GFP_KERNEL);

	if (!owner)
		return NULL;
	if (fse_log_alloc(owner)) {
		fse_log_free(owner);
		kfree(owner);
		return NULL;
	}
	refcount_set(&owner->refs, 1);
	mutex_init(&owner->log_lock);
	owner->user_ns = get_user_ns(user_ns);
	return owner;
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
	struct fse_owner *owner;

	mutex_lock(&fse_owner_mutex);
	list_for_each_entry(owner, &fse_owners, node) {
		if (owner->user_ns == user_ns) {
			refcount_inc(&owner->refs);
			goto out;
		}
	}
	owner = fse_owner_alloc(user_ns);
	if (owner)
		list_add_tail(&owner->node, &fse_owners);
out:
	mutex_unlock(&fse_owner_mutex);
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
	if (!refcount_dec_and_mutex_lock(&owner->refs, &fse_owner_mutex))
		return;
	list_del(&owner->node);
	mutex_unlock(&fse_owner_mutex);
	fse_log_free(owner);
	put_user_ns(owner->user_ns);
	kfree(owner);
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
	entry = owner->log[owner->log_nr++ % FSE_LOG_ENTRIES];
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
		owner->log[i]->text[0] = '\0';
	owner->log_nr = 0;
	mutex_unlock(&owner->log_lock);
}
