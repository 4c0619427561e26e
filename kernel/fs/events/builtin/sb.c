// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events in the kernel: what a super block has of us.
 *
 * s_etrace is what its file system tells by itself, from ->fill_super on.
 * s_eaccount are the counters of its space: made with the first watch of a
 * file system that accounts through us, and kept until the super block is
 * freed, so that accounting needs neither a lock nor RCU to find them.
 *
 * umount(2) calls fs_event_sb_gone(), which finds every state of the super
 * block that may still use it in fse_attached: one that is published, and any
 * that are being removed. Both sides wait for all work, so either may come
 * first (sb.c). What is found here has a reference of the table; the task that
 * takes it out drops it.
 *
 * Context: process context; may sleep, except for accounting.
 */
#include <linux/export.h>
#include <linux/fs_event_hooks.h>
#include <linux/hashtable.h>

#include "../account.h"

static DEFINE_HASHTABLE(fse_attached, 8);
static DEFINE_SPINLOCK(fse_attached_lock);

/**
 * fse_sb_attach - let umount(2) find a state
 * @es: the state; the caller holds a path to the super block
 *
 * Context: Process context.
 * Return: 0.
 */
int fse_sb_attach(struct fse_sb *es)
{
	spin_lock(&fse_attached_lock);
	/* It takes over the reference that fse_sb_alloc() made. */
	hash_add(fse_attached, &es->tie.node, (unsigned long)es->sb);
	spin_unlock(&fse_attached_lock);
	es->attached = true;
	return 0;
}

/**
 * fse_sb_hold - keep the state for fse_sb_detach()
 * @es: the state
 *
 * Context: &fse_sb.lock is held and @es was alive under it, or @es was never
 * published and the caller holds a path to the super block.
 */
void fse_sb_hold(struct fse_sb *es)
{
	kref_get(&es->ref);
}

/**
 * fse_sb_detach - let umount(2) find it no more
 * @es: the state, quiet, for which fse_sb_hold() was called; may be freed
 *
 * Context: Process context without locks.
 */
void fse_sb_detach(struct fse_sb *es)
{
	bool was;

	spin_lock(&fse_attached_lock);
	was = hash_hashed(&es->tie.node);
	hash_del(&es->tie.node);
	spin_unlock(&fse_attached_lock);
	if (was)
		fse_sb_put(es);
	fse_sb_put(es);
}

static struct fse_sb *fse_attached_get(const struct super_block *sb)
{
	struct fse_sb *es, *found = NULL;

	spin_lock(&fse_attached_lock);
	hash_for_each_possible(fse_attached, es, tie.node, (unsigned long)sb) {
		if (es->sb == sb) {
			fse_sb_hold(es);
			found = es;
			break;
		}
	}
	spin_unlock(&fse_attached_lock);
	return found;
}

/* See fs_event_sb_gone(). */
void __fs_event_sb_gone(struct super_block *sb)
{
	struct fse_sb *es;

	while ((es = fse_attached_get(sb))) {
		fse_sb_gone(es);
		fse_sb_detach(es);
	}
}

/* See fs_event_register_sb(). */
int fs_event_register_sb(struct super_block *sb,
			 const struct fs_trace_info *info)
{
	int err = 0;

	if (!fse_trace_info_valid(info))
		return -EINVAL;
	rcu_read_lock();
	if (fse_sb_find(sb))
		err = -EBUSY;
	else if (cmpxchg(&sb->s_etrace, NULL, info))
		err = -EEXIST;
	rcu_read_unlock();
	return err;
}
EXPORT_SYMBOL_GPL(fs_event_register_sb);

/* See there. */
void fs_event_unregister_sb(struct super_block *sb)
{
	WRITE_ONCE(sb->s_etrace, NULL);
}
EXPORT_SYMBOL_GPL(fs_event_unregister_sb);

/**
 * fse_joined_info - what a file system said of itself
 * @sb: the super block
 *
 * Return: nothing at all for one that did not.
 */
struct fs_trace_info fse_joined_info(const struct super_block *sb)
{
	const struct fs_trace_info *info = READ_ONCE(sb->s_etrace);
	static const struct fs_trace_info nothing;

	return info ? *info : nothing;
}

/**
 * fse_account_get - the counters of a super block
 * @sb: the super block, whose file system accounts
 *
 * Return: a reference, or NULL when there is no memory.
 */
struct fse_account *fse_account_get(struct super_block *sb)
{
	struct fse_account_cpu __percpu *counters = READ_ONCE(sb->s_eaccount);
	struct fse_account *account;

	if (!counters) {
		account = fse_account_alloc();
		if (!account)
			return NULL;
		counters = cmpxchg(&sb->s_eaccount, NULL, account->cpu);
		if (counters)
			fse_account_put(account);
		else
			counters = account->cpu;
	}
	account = raw_cpu_ptr(counters)->account;
	kref_get(&account->ref);
	return account;
}

/**
 * fs_event_sb_free - the memory of a super block is freed
 * @sb: the super block
 *
 * Context: Process context, may sleep.
 */
void fs_event_sb_free(struct super_block *sb)
{
	if (sb->s_eaccount)
		fse_account_put(raw_cpu_ptr(sb->s_eaccount)->account);
}

/*
 * These two are called for each block that is taken or given back: they are
 * kept down to one atomic operation, and off the function tracer's list.
 */
void notrace __fs_event_alloc_space(struct super_block *sb, u64 ncount)
{
	struct fse_account_cpu __percpu *counters = READ_ONCE(sb->s_eaccount);

	if (counters)
		fse_account_add(counters, FSE_WAY_DOWN, ncount);
}
EXPORT_SYMBOL_GPL(__fs_event_alloc_space);

void notrace __fs_event_free_space(struct super_block *sb, u64 ncount)
{
	struct fse_account_cpu __percpu *counters = READ_ONCE(sb->s_eaccount);

	if (counters)
		fse_account_add(counters, FSE_WAY_UP, ncount);
}
EXPORT_SYMBOL_GPL(__fs_event_free_space);
