// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: file systems out of the tree that join.
 *
 * Such a file system says what it does by itself when it is mounted, before
 * anybody can watch it, and takes it back when it is unmounted. What it said
 * is kept in a table by super block: in a kernel that does not know of us a
 * super block has no room for it.
 *
 * Locks: fse_join_lock orders changes of the table; reading is under RCU, or
 * under SRCU where ->query, which may sleep, is called. fse_mutex is taken
 * outside of it, so that a watch is made either before or after a file system
 * joins.
 */
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/slab.h>
#include <linux/srcu.h>

#include "account.h"

struct fse_joined {
	struct hlist_node hash;
	const struct super_block *sb;
	struct fs_trace_info info;
	struct rcu_head rcu;
};

static DEFINE_HASHTABLE(fse_joined, 6);
static DEFINE_SPINLOCK(fse_join_lock);
DEFINE_STATIC_SRCU(fse_join_srcu);

/* Under fse_join_lock, RCU or SRCU. */
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
 * fse_joined_info - what a file system told of itself
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
 * fse_joined_query - ask for nothing but the space available
 * @sb: the super block
 * @avail: set to the blocks available
 *
 * Context: Process context, may sleep.
 * Return: false when the file system can't be asked that way.
 */
bool fse_joined_query(struct super_block *sb, u64 *avail)
{
	int idx = srcu_read_lock(&fse_join_srcu);
	struct fse_joined *j = fse_joined_find(sb);
	bool can = j && j->info.ops && j->info.ops->query;

	if (can)
		j->info.ops->query(sb, avail);
	srcu_read_unlock(&fse_join_srcu, idx);
	return can;
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

/**
 * fs_event_register_sb - a file system out of the tree joins
 * @sb: the super block
 * @info: what it does by itself; copied
 *
 * To be called from ->fill_super or the like, before @sb can be reached by a
 * path, and undone with fs_event_unregister_sb(). A file system that does not
 * register may call fs_event_notify() and fs_event_notify_err() all the same.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL for bits in @info that do not exist; -EEXIST when @sb is
 * registered already; -EBUSY when it is watched already; -ENOMEM.
 */
int fs_event_register_sb(struct super_block *sb,
			 const struct fs_trace_info *info)
{
	struct fse_joined *joined;
	int err;

	if (info->events_cap_mask & ~(FS_EVENT_CAP_GENERIC |
				      FS_EVENT_CAP_SPACE) ||
	    info->flags & ~FS_TRACE_LOCAL)
		return -EINVAL;
	joined = kzalloc(sizeof(*joined), GFP_KERNEL_ACCOUNT);
	if (!joined)
		return -ENOMEM;
	joined->sb = sb;
	joined->info = *info;
	fse_lock();
	err = fse_sb_find(sb) ? -EBUSY : fse_join(joined);
	fse_unlock();
	if (err)
		kfree(joined);
	return err;
}
EXPORT_SYMBOL_GPL(fs_event_register_sb);

/**
 * fs_event_unregister_sb - undo fs_event_register_sb()
 * @sb: the super block; nothing happens when it is not registered
 *
 * To be called from ->put_super or later, or where ->fill_super fails. After
 * it has returned, ->query is not called any more.
 *
 * Context: Process context, may sleep.
 */
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
	synchronize_srcu(&fse_join_srcu);
	kfree_rcu(joined, rcu);
}
EXPORT_SYMBOL_GPL(fs_event_unregister_sb);
