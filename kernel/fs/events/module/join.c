// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events on a kernel that does not know of them: file systems out
 * of the tree that join.
 *
 * Such a file system says what it does by itself when it is mounted, before
 * it can be watched, and takes it back when it is unmounted. What it said,
 * and the counters of its space, are kept in a table by super block, which has
 * no room for it.
 *
 * Locks: fse_join_lock orders changes of the table; reading is under RCU.
 */
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/slab.h>

#include "../account.h"

struct fse_joined {
	struct hlist_node hash;
	const struct super_block *sb;
	struct fs_trace_info info;
	struct fse_account *account;
};

static DEFINE_HASHTABLE(fse_joined, 6);
static DEFINE_SPINLOCK(fse_join_lock);

/* Under fse_join_lock or RCU. */
static struct fse_joined *fse_joined_find(const struct super_block *sb)
{
	struct fse_joined *j;

	hash_for_each_possible_rcu_notrace(fse_joined, j, hash,
					   (unsigned long)sb) {
		if (j->sb == sb)
			return j;
	}
	return NULL;
}

/**
 * fse_joined_info - what a file system said of itself
 * @sb: the super block
 *
 * Return: nothing at all for one that did not join.
 */
struct fs_trace_info fse_joined_info(const struct super_block *sb)
{
	struct fs_trace_info info = {};
	struct fse_joined *j;

	rcu_read_lock();
	j = fse_joined_find(sb);
	if (j)
		info = j->info;
	rcu_read_unlock();
	return info;
}

/**
 * fse_account_get - the counters of a super block
 * @sb: the super block
 *
 * Return: a reference, or NULL when it does not account any more.
 */
struct fse_account *fse_account_get(struct super_block *sb)
{
	struct fse_account *account = NULL;
	struct fse_joined *j;

	spin_lock(&fse_join_lock);
	j = fse_joined_find(sb);
	if (j && j->account) {
		account = j->account;
		kref_get(&account->ref);
	}
	spin_unlock(&fse_join_lock);
	return account;
}

static void fse_joined_free(struct fse_joined *joined)
{
	fse_account_put(joined->account);
	kfree(joined);
}

static int fse_join(struct fse_joined *joined)
{
	int err = 0;

	spin_lock(&fse_join_lock);
	if (fse_joined_find(joined->sb))
		err = -EEXIST;
	else
		hash_add_rcu(fse_joined, &joined->hash,
			     (unsigned long)joined->sb);
	spin_unlock(&fse_join_lock);
	return err;
}

/* See <linux/fs_event.h>. */
int fs_event_register_sb(struct super_block *sb,
			 const struct fs_trace_info *info)
{
	struct fse_joined *joined;
	int err = 0;

	if (!fse_trace_info_valid(info))
		return -EINVAL;
	joined = kzalloc_obj(*joined, GFP_KERNEL_ACCOUNT);
	if (!joined)
		return -ENOMEM;
	joined->sb = sb;
	joined->info = *info;
	if (info->events_cap_mask & FS_EVENT_CAP_SPACE) {
		joined->account = fse_account_alloc();
		if (!joined->account) {
			kfree(joined);
			return -ENOMEM;
		}
	}
	rcu_read_lock();
	err = fse_sb_find(sb) ? -EBUSY : fse_join(joined);
	rcu_read_unlock();
	if (err)
		fse_joined_free(joined);
	return err;
}
EXPORT_SYMBOL_GPL(fs_event_register_sb);

/* See <linux/fs_event.h>. */
void fs_event_unregister_sb(struct super_block *sb)
{
	struct fse_joined *joined;

	spin_lock(&fse_join_lock);
	joined = fse_joined_find(sb);
	if (joined)
		hash_del_rcu(&joined->hash);
	spin_unlock(&fse_join_lock);
	if (!joined)
		return;
	synchronize_rcu();
	fse_joined_free(joined);
}
EXPORT_SYMBOL_GPL(fs_event_unregister_sb);

static void fse_joined_space(const struct super_block *sb, enum fse_way way,
			     u64 ncount)
{
	struct fse_joined *j;

	rcu_read_lock();
	j = fse_joined_find(sb);
	if (j && j->account)
		fse_account_add(j->account->cpu, way, ncount);
	rcu_read_unlock();
}

void __fs_event_alloc_space(struct super_block *sb, u64 ncount)
{
	fse_joined_space(sb, FSE_WAY_DOWN, ncount);
}
EXPORT_SYMBOL_GPL(__fs_event_alloc_space);

void __fs_event_free_space(struct super_block *sb, u64 ncount)
{
	fse_joined_space(sb, FSE_WAY_UP, ncount);
}
EXPORT_SYMBOL_GPL(__fs_event_free_space);
