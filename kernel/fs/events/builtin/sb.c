// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events in the kernel: what a super block has of us.
 *
 * s_etrace_info is what its file system does by itself, from ->fill_super on.
 * s_etrace is made with the first watch and freed with the super block, so a
 * caller that keeps the super block reads it without a lock and without RCU:
 * accounting takes two loads, and the end of a mount or of a super block, which
 * needs no static key, one. It leads to
 *
 *   the published state	found under RCU, by sources
 *   the counters of its space	if its file system accounts, from the first
 *				watch on that needs them
 *   attached states		found by umount(2): the published one, and any
 *				that are being removed
 *
 * umount(2) calls fs_event_sb_gone(), which waits until none of these uses the
 * super block. Both sides wait for all work, so either may come first (sb.c).
 * An attached state has a reference; the task that takes it out drops it.
 *
 * Context: process context; may sleep, except for finding and accounting.
 */
#include <linux/export.h>
#include <linux/fs_event_hooks.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "../account.h"

/**
 * struct fse_trace - what the s_etrace of a super block leads to
 * @counters: of its space, or NULL
 * @es: the published state, or NULL; read under RCU
 * @attached: states that umount(2) has to wait for; under fse_attached_lock
 */
struct fse_trace {
	struct fse_account_cpu __percpu *counters;
	struct fse_sb __rcu *es;
	struct hlist_head attached;
};

/*
 * One for all: a state that umount(2) has taken out must not lead to what was
 * freed with the super block since.
 */
static DEFINE_SPINLOCK(fse_attached_lock);

/* The caller keeps the super block. Return: NULL when there is no memory. */
static struct fse_trace *fse_trace_make(struct super_block *sb)
{
	struct fse_trace *trace = READ_ONCE(sb->s_etrace), *other;

	if (trace)
		return trace;
	trace = kzalloc_obj(*trace, GFP_KERNEL_ACCOUNT);
	if (!trace)
		return NULL;
	other = cmpxchg(&sb->s_etrace, NULL, trace);
	if (!other)
		return trace;
	kfree(trace);
	return other;
}

/**
 * fs_event_sb_free - the memory of a super block is freed
 * @sb: the super block
 *
 * Context: Process context, may sleep.
 */
void fs_event_sb_free(struct super_block *sb)
{
	struct fse_trace *trace = sb->s_etrace;

	if (!trace)
		return;
	if (trace->counters)
		fse_account_put(raw_cpu_ptr(trace->counters)->account);
	kfree(trace);
}

/**
 * fse_sb_find - the state of a super block
 * @sb: the super block, which the caller keeps
 *
 * Context: fse_supers_lock or rcu_read_lock() is held; valid that long.
 * Return: the state, or NULL when the super block is not watched.
 */
struct fse_sb *fse_sb_find(const struct super_block *sb)
{
	const struct fse_trace *trace = READ_ONCE(sb->s_etrace);

	return trace ? rcu_dereference_raw(trace->es) : NULL;
}

/* Let fse_sb_find() find a state, which is attached. Under fse_supers_lock. */
void fse_sb_bind(struct fse_sb *es)
{
	rcu_assign_pointer(es->sb->s_etrace->es, es);
}

void fse_sb_unbind(struct fse_sb *es)
{
	RCU_INIT_POINTER(es->sb->s_etrace->es, NULL);
}

/**
 * fse_sb_attach - let umount(2) find a state
 * @es: the state; the caller holds a path to the super block
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int fse_sb_attach(struct fse_sb *es)
{
	struct fse_trace *trace = fse_trace_make(es->sb);

	if (!trace)
		return -ENOMEM;
	spin_lock(&fse_attached_lock);
	/* It takes over the reference that fse_sb_alloc() made. */
	hlist_add_head(&es->tie.node, &trace->attached);
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
	was = !hlist_unhashed(&es->tie.node);
	hlist_del_init(&es->tie.node);
	spin_unlock(&fse_attached_lock);
	if (was)
		fse_sb_put(es);
	fse_sb_put(es);
}

static struct fse_sb *fse_attached_get(const struct fse_trace *trace)
{
	struct fse_sb *es = NULL;

	spin_lock(&fse_attached_lock);
	if (!hlist_empty(&trace->attached)) {
		es = hlist_entry(trace->attached.first, struct fse_sb,
				 tie.node);
		fse_sb_hold(es);
	}
	spin_unlock(&fse_attached_lock);
	return es;
}

/* See fs_event_sb_gone(). */
void __fs_event_sb_gone(struct super_block *sb)
{
	const struct fse_trace *trace = sb->s_etrace;
	struct fse_sb *es;

	while ((es = fse_attached_get(trace))) {
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
	else if (cmpxchg(&sb->s_etrace_info, NULL, info))
		err = -EEXIST;
	rcu_read_unlock();
	return err;
}
EXPORT_SYMBOL_GPL(fs_event_register_sb);

/* See there. */
void fs_event_unregister_sb(struct super_block *sb)
{
	WRITE_ONCE(sb->s_etrace_info, NULL);
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
	const struct fs_trace_info *info = READ_ONCE(sb->s_etrace_info);
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
	struct fse_trace *trace = fse_trace_make(sb);
	struct fse_account_cpu __percpu *counters;
	struct fse_account *account;

	if (!trace)
		return NULL;
	counters = READ_ONCE(trace->counters);
	if (!counters) {
		account = fse_account_alloc();
		if (!account)
			return NULL;
		counters = cmpxchg(&trace->counters, NULL, account->cpu);
		if (counters)
			fse_account_put(account);
		else
			counters = account->cpu;
	}
	account = raw_cpu_ptr(counters)->account;
	kref_get(&account->ref);
	return account;
}

static __always_inline void fse_moved(struct super_block *sb, enum fse_way way,
				      u64 ncount)
{
	const struct fse_trace *trace = READ_ONCE(sb->s_etrace);
	struct fse_account_cpu __percpu *counters;

	if (!trace)
		return;
	counters = READ_ONCE(trace->counters);
	if (counters)
		fse_account_add(counters, way, ncount);
}

/*
 * These two are called for each block that is taken or given back: they are
 * kept down to one atomic operation, and off the function tracer's list.
 */
void notrace __fs_event_alloc_space(struct super_block *sb, u64 ncount)
{
	fse_moved(sb, FSE_WAY_DOWN, ncount);
}
EXPORT_SYMBOL_GPL(__fs_event_alloc_space);

void notrace __fs_event_free_space(struct super_block *sb, u64 ncount)
{
	fse_moved(sb, FSE_WAY_UP, ncount);
}
EXPORT_SYMBOL_GPL(__fs_event_free_space);
