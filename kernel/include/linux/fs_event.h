/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: what file systems call.
 *
 * Any file system may call fs_event_notify() and fs_event_notify_err(). One
 * that can do better than the generic sources says so when it is mounted: see
 * struct fs_trace_info.
 *
 * A module that is built against fs_events as a module has to be compiled
 * with -DCONFIG_FS_EVENTS_MODULE=1.
 */
#ifndef _LINUX_FS_EVENT_H
#define _LINUX_FS_EVENT_H

#include <linux/bits.h>
#include <linux/types.h>
#include <uapi/linux/fs_event.h>

struct inode;
struct sk_buff;
struct super_block;

/**
 * struct fs_trace_operations - what a file system may do for its watchers
 * @query: optional: the blocks available, as ->statfs says in f_bavail, where
 *	telling these alone is cheaper. It is called in place of ->statfs while
 *	space is on the move.
 * @failed: optional: BIT()s of FS_ERR_REMOUNT_RO and FS_ERR_SHUTDOWN, as far
 *	as it reported them and they last. So those are told who begin to watch
 *	afterwards, and nobody is told twice.
 *
 * Context: both are called in process context, as ->statfs is.
 */
struct fs_trace_operations {
	void (*query)(struct super_block *sb, u64 *avail);
	u32 (*failed)(struct super_block *sb);
};

/*
 * It accounts for its space: fs_event_alloc_space(), fs_event_free_space().
 * As a part of events_cap_mask.
 */
#define FS_EVENT_CAP_SPACE						\
	(BIT(FS_THR_LRBELOW) | BIT(FS_THR_LRABOVE) |			\
	 BIT(FS_THR_URBELOW) | BIT(FS_THR_URABOVE) |			\
	 BIT(FS_THR_BELOW) | BIT(FS_THR_ABOVE))

/* Events that file systems can tell. */
#define FS_EVENT_CAP_GENERIC						\
	(BIT(FS_WARN_ENOSPC) | BIT(FS_WARN_ENOSPC_META) |		\
	 BIT(FS_ERR_REMOUNT_RO) | BIT(FS_ERR_CORRUPTED) |		\
	 BIT(FS_ERR_IO) | BIT(FS_ERR_SHUTDOWN))

/* Its ->statfs answers from memory, though it has no device. */
#define FS_TRACE_LOCAL		BIT(0)

/**
 * struct fs_trace_info - what a file system tells by itself
 * @events_cap_mask: BIT() of each event out of FS_EVENT_CAP_GENERIC that it
 *	reports with fs_event_notify() or fs_event_notify_err(); the generic
 *	sources then keep silent about it. FS_EVENT_CAP_SPACE: it accounts for
 *	its space, so that levels are reported at once.
 * @flags: FS_TRACE_LOCAL or 0. What has no device is taken for one that asks
 *	a server, and is asked seldom.
 * @ops: what it can do, or NULL
 */
struct fs_trace_info {
	unsigned int events_cap_mask;
	unsigned int flags;
	const struct fs_trace_operations *ops;
};

#if IS_ENABLED(CONFIG_FS_EVENTS)

#include <linux/jump_label_ratelimit.h>

/* On while a file system is watched anywhere, and some seconds more. */
extern struct static_key_false_deferred fs_event_active;

void __fs_event_notify(struct super_block *sb, unsigned int event_id,
		       struct inode *inode, int error);
void __fs_event_alloc_space(struct super_block *sb, u64 ncount);
void __fs_event_free_space(struct super_block *sb, u64 ncount);

/**
 * fs_event_notify_err - tell that an error happened to a file system
 * @sb: the super block
 * @event_id: FS_WARN_ENOSPC, FS_WARN_ENOSPC_META, FS_ERR_REMOUNT_RO,
 *	FS_ERR_CORRUPTED, FS_ERR_IO or FS_ERR_SHUTDOWN; others are ignored
 * @inode: the inode that it is about, or NULL
 * @error: errno, of either sign; 0 when there is none
 *
 * Costs one static branch while no file system is watched. Occurrences that
 * come faster than ten a second are counted, and told with the next message.
 * A file system that reports FS_ERR_REMOUNT_RO or FS_ERR_SHUTDOWN by itself
 * reports them once an episode: again only after writing worked in between.
 *
 * Context: Any context but NMI. Never sleeps, never allocates; the caller may
 * hold any lock but those of the scheduler. The caller makes sure that @sb
 * stays until this returns.
 */
static inline void fs_event_notify_err(struct super_block *sb,
				       unsigned int event_id,
				       struct inode *inode, int error)
{
	if (static_branch_unlikely(&fs_event_active.key))
		__fs_event_notify(sb, event_id, inode, error);
}

/**
 * fs_event_alloc_space - space was taken
 * @sb: the super block, of a file system that said FS_EVENT_CAP_SPACE
 * @ncount: blocks of f_frsize bytes by which f_bavail went down
 *
 * To be called after ->statfs shows the change, from then on as soon as
 * possible. What is reserved first and used later counts once, when f_bavail
 * goes down. Too much does no harm but costs a sample.
 *
 * Costs one static branch while no file system is watched, and one atomic
 * operation on memory of this CPU while this one is.
 *
 * Context: Any context. Never sleeps, never allocates. The caller makes sure
 * that @sb stays until this returns.
 */
static inline void fs_event_alloc_space(struct super_block *sb, u64 ncount)
{
	if (static_branch_unlikely(&fs_event_active.key))
		__fs_event_alloc_space(sb, ncount);
}

/**
 * fs_event_free_space - space was given back
 * @sb: the super block, of a file system that said FS_EVENT_CAP_SPACE
 * @ncount: blocks of f_frsize bytes by which f_bavail went up
 *
 * Context: As fs_event_alloc_space().
 */
static inline void fs_event_free_space(struct super_block *sb, u64 ncount)
{
	if (static_branch_unlikely(&fs_event_active.key))
		__fs_event_free_space(sb, ncount);
}

/**
 * fs_event_register_sb - a file system says what it does by itself
 * @sb: the super block
 * @info: what it does by itself; it must stay as long as @sb
 *
 * To be called from ->fill_super or the like, before @sb can be reached by a
 * path. A file system that does not register may call fs_event_notify() and
 * fs_event_notify_err() all the same.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL for bits in @info that do not exist; -EEXIST when @sb is
 * registered already; -EBUSY when it is watched already; -ENOMEM.
 */
int fs_event_register_sb(struct super_block *sb,
			 const struct fs_trace_info *info);

/**
 * fs_event_unregister_sb - undo fs_event_register_sb()
 * @sb: the super block; nothing happens when it is not registered
 *
 * To be called from ->put_super or later, or where ->fill_super fails. A part
 * of the kernel proper need not do so.
 *
 * Context: Process context, may sleep.
 */
void fs_event_unregister_sb(struct super_block *sb);

int fs_netlink_send_event(size_t size, unsigned int event_id,
			  int (*compose_msg)(struct sk_buff *skb, void *data),
			  void *cbdata);

#else

static inline void fs_event_notify_err(struct super_block *sb,
				       unsigned int event_id,
				       struct inode *inode, int error)
{
}

static inline void fs_event_alloc_space(struct super_block *sb, u64 ncount)
{
}

static inline void fs_event_free_space(struct super_block *sb, u64 ncount)
{
}

static inline int fs_event_register_sb(struct super_block *sb,
				       const struct fs_trace_info *info)
{
	return 0;
}

static inline void fs_event_unregister_sb(struct super_block *sb)
{
}

static inline int
fs_netlink_send_event(size_t size, unsigned int event_id,
		      int (*compose_msg)(struct sk_buff *skb, void *data),
		      void *cbdata)
{
	return 0;
}

#endif /* CONFIG_FS_EVENTS */

/**
 * fs_event_notify - tell that something happened to a file system
 * @sb: the super block
 * @event_id: as for fs_event_notify_err()
 *
 * Context: As fs_event_notify_err().
 */
static inline void fs_event_notify(struct super_block *sb,
				   unsigned int event_id)
{
	fs_event_notify_err(sb, event_id, NULL, 0);
}

#endif /* _LINUX_FS_EVENT_H */
