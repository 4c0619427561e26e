/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: the interface for file systems.
 *
 * Any file system may call fs_event_notify() and fs_event_notify_err(). A file
 * system that replaces generic sources registers at mount time: see struct
 * fs_trace_info.
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
 * struct fs_trace_operations - optional methods of a file system
 * @query: returns the available blocks, f_bavail of ->statfs, if that alone is
 *	cheaper. Called instead of ->statfs while space moves.
 * @failed: returns BIT()s of FS_ERR_REMOUNT_RO and FS_ERR_SHUTDOWN that the
 *	file system has reported and that still last. Later watches are then
 *	notified, and no watch is notified twice.
 *
 * Context: both are called in process context, like ->statfs.
 */
struct fs_trace_operations {
	void (*query)(struct super_block *sb, u64 *avail);
	u32 (*failed)(struct super_block *sb);
};

/*
 * In events_cap_mask: the file system accounts for its space, see
 * fs_event_alloc_space() and fs_event_free_space().
 */
#define FS_EVENT_CAP_SPACE						\
	(BIT(FS_THR_LRBELOW) | BIT(FS_THR_LRABOVE) |			\
	 BIT(FS_THR_URBELOW) | BIT(FS_THR_URABOVE) |			\
	 BIT(FS_THR_BELOW) | BIT(FS_THR_ABOVE))

/* Events that file systems can report. */
#define FS_EVENT_CAP_GENERIC						\
	(BIT(FS_WARN_ENOSPC) | BIT(FS_WARN_ENOSPC_META) |		\
	 BIT(FS_ERR_REMOUNT_RO) | BIT(FS_ERR_CORRUPTED) |		\
	 BIT(FS_ERR_IO) | BIT(FS_ERR_SHUTDOWN))

/* ->statfs answers from memory, though there is no device. */
#define FS_TRACE_LOCAL		BIT(0)

/**
 * struct fs_trace_info - events that a file system reports itself
 * @events_cap_mask: BIT() of each event out of FS_EVENT_CAP_GENERIC that it
 *	reports with fs_event_notify() or fs_event_notify_err() or, where file
 *	system events are built in, with fserror_report(); the generic sources
 *	then don't report it. FS_EVENT_CAP_SPACE: it accounts for its space, so
 *	that levels of administrators are reported at once.
 * @flags: FS_TRACE_LOCAL or 0. File systems without a device are assumed to
 *	call a server, and sampled rarely, unless this is set.
 * @ops: methods, or NULL
 */
struct fs_trace_info {
	unsigned int events_cap_mask;
	unsigned int flags;
	const struct fs_trace_operations *ops;
};

#if IS_ENABLED(CONFIG_FS_EVENTS)

#include <linux/jump_label_ratelimit.h>

/* Enabled while any watch has generic events on, and some seconds longer. */
extern struct static_key_false_deferred fs_event_active;
/*
 * Enabled while a file system that accounts for its space has a watch that needs
 * it, and some seconds longer. Watches of users without privilege don't.
 */
extern struct static_key_false_deferred fs_event_accounting;

void __fs_event_notify(struct super_block *sb, unsigned int event_id,
		       const struct inode *inode, int error);
void __fs_event_alloc_space(struct super_block *sb, u64 ncount);
void __fs_event_free_space(struct super_block *sb, u64 ncount);

/**
 * fs_event_notify_err - report an error of a file system
 * @sb: the super block
 * @event_id: FS_WARN_ENOSPC, FS_WARN_ENOSPC_META, FS_ERR_REMOUNT_RO,
 *	FS_ERR_CORRUPTED, FS_ERR_IO or FS_ERR_SHUTDOWN; others are ignored
 * @inode: the affected inode, or NULL
 * @error: errno, of either sign; 0 if there is none
 *
 * Costs one static branch while no watch has generic events on. Beyond ten
 * occurrences a second, further ones are counted in the next message. A file
 * system that reports FS_ERR_REMOUNT_RO or FS_ERR_SHUTDOWN itself must report
 * them once per episode: again only after writing worked in between.
 *
 * Context: Any context but NMI. Never sleeps, never allocates; the caller may
 * hold any lock but those of the scheduler. The caller ensures that @sb stays
 * until this returns.
 */
static inline void fs_event_notify_err(struct super_block *sb,
				       unsigned int event_id,
				       struct inode *inode, int error)
{
	if (static_branch_unlikely(&fs_event_active.key))
		__fs_event_notify(sb, event_id, inode, error);
}

/**
 * fs_event_alloc_space - account for allocated space
 * @sb: the super block, registered with FS_EVENT_CAP_SPACE
 * @ncount: blocks of f_frsize bytes by which f_bavail fell
 *
 * Call it as soon as possible after ->statfs shows the change. Blocks that are
 * reserved first and used later count once, when f_bavail falls. Counting too
 * many only costs a sample.
 *
 * Costs one static branch while no watch of an administrator is about the space
 * of a file system that accounts; then a call, and one atomic operation on percpu
 * memory if @sb has such a watch. Watches of users without privilege are sampled.
 *
 * Context: Any context. Never sleeps, never allocates. The caller ensures that
 * @sb stays until this returns.
 */
static inline void fs_event_alloc_space(struct super_block *sb, u64 ncount)
{
	if (static_branch_unlikely(&fs_event_accounting.key))
		__fs_event_alloc_space(sb, ncount);
}

/**
 * fs_event_free_space - account for freed space
 * @sb: the super block, registered with FS_EVENT_CAP_SPACE
 * @ncount: blocks of f_frsize bytes by which f_bavail rose
 *
 * Context: Like fs_event_alloc_space().
 */
static inline void fs_event_free_space(struct super_block *sb, u64 ncount)
{
	if (static_branch_unlikely(&fs_event_accounting.key))
		__fs_event_free_space(sb, ncount);
}

/**
 * fs_event_register_sb - register the events that a file system reports itself
 * @sb: the super block
 * @info: its events and methods; must stay as long as @sb
 *
 * Call it from ->fill_super or the like, before a path leads to @sb. Without
 * it a file system may still call fs_event_notify() and fs_event_notify_err().
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL for unknown bits in @info; -EEXIST if @sb is already
 * registered; -EBUSY if it is already watched; -ENOMEM.
 */
int fs_event_register_sb(struct super_block *sb,
			 const struct fs_trace_info *info);

/**
 * fs_event_unregister_sb - undo fs_event_register_sb()
 * @sb: the super block; no effect if it is not registered
 *
 * Call it from ->put_super or later, or where ->fill_super fails. Built-in file
 * systems need not call it.
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
 * fs_event_notify - report an event of a file system without an errno
 * @sb: the super block
 * @event_id: as for fs_event_notify_err()
 *
 * Context: Like fs_event_notify_err().
 */
static inline void fs_event_notify(struct super_block *sb,
				   unsigned int event_id)
{
	fs_event_notify_err(sb, event_id, NULL, 0);
}

#endif /* _LINUX_FS_EVENT_H */
