/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: hooks that the VFS and drivers call for every file
 * system. File systems themselves call functions of <linux/fs_event.h>.
 */
#ifndef _LINUX_FS_EVENT_HOOKS_H
#define _LINUX_FS_EVENT_HOOKS_H

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/fs_event.h>
#include <linux/fserror.h>
#include <linux/mount.h>

struct address_space;

#ifdef CONFIG_FS_EVENTS

void __fs_event_enospc(const struct inode *inode, unsigned int event_id);
void __fs_event_wb_err(const struct address_space *mapping, int error);
void __fs_event_sb_error(struct super_block *sb, const struct inode *inode,
			 enum fserror_type type, int error);
void __fs_event_mount_gone(struct vfsmount *mnt);
void __fs_event_sb_gone(struct super_block *sb);
void __fs_event_sb_remounted(struct super_block *sb);
void fs_event_sb_free(struct super_block *sb);

/**
 * fs_event_data_result - an operation on the data of a file has ended
 * @inode: the file, which the caller holds
 * @ret: result of the operation; only -ENOSPC matters
 *
 * For system calls: call it where the method of the file system returns, and
 * nowhere above, so that it is called once.
 *
 * Context: Process context of the system call, or of a worker acting for it.
 */
static inline void fs_event_data_result(const struct inode *inode, ssize_t ret)
{
	if (static_branch_unlikely(&fs_event_active.key) &&
	    unlikely(ret == -ENOSPC))
		__fs_event_enospc(inode, FS_WARN_ENOSPC);
}

/**
 * fs_event_meta_result - an operation on names or attributes has ended
 * @inode: the directory or file, which the caller holds
 * @ret: result of the operation; only -ENOSPC matters
 *
 * Context: Like fs_event_data_result().
 */
static inline void fs_event_meta_result(const struct inode *inode, int ret)
{
	if (static_branch_unlikely(&fs_event_active.key) &&
	    unlikely(ret == -ENOSPC))
		__fs_event_enospc(inode, FS_WARN_ENOSPC_META);
}

/**
 * fs_event_wb_err - writeback failed
 * @mapping: the mapping whose pages could not be written
 * @error: negative errno
 *
 * Context: Any but NMI.
 */
static inline void fs_event_wb_err(const struct address_space *mapping,
				   int error)
{
	if (static_branch_unlikely(&fs_event_active.key))
		__fs_event_wb_err(mapping, error);
}

/**
 * fs_event_sb_error - a file system reports an error
 * @sb: the super block
 * @inode: the affected inode, or NULL
 * @type: as for fserror_report()
 * @error: negative errno
 *
 * Context: Like fs_event_notify_err().
 */
static inline void fs_event_sb_error(struct super_block *sb,
				     const struct inode *inode,
				     enum fserror_type type, int error)
{
	if (static_branch_unlikely(&fs_event_active.key))
		__fs_event_sb_error(sb, inode, type, error);
}

/**
 * fs_event_mount_gone - the last reference to a mount was dropped
 * @mnt: the mount, whose super block still exists
 *
 * Costs one load where the super block was never watched.
 *
 * Context: Process context without locks, may sleep.
 */
static inline void fs_event_mount_gone(struct vfsmount *mnt)
{
	if (READ_ONCE(mnt->mnt_sb->s_etrace))
		__fs_event_mount_gone(mnt);
}

/**
 * fs_event_sb_gone - a super block is being shut down
 * @sb: the super block, before ->put_super
 *
 * Once this returns, the subsystem neither uses @sb nor reports events of it.
 * Costs one load where @sb was never watched.
 *
 * Context: Process context with s_umount held for writing, may sleep.
 */
static inline void fs_event_sb_gone(struct super_block *sb)
{
	if (READ_ONCE(sb->s_etrace))
		__fs_event_sb_gone(sb);
}

/**
 * fs_event_sb_remounted - a remount has changed SB_RDONLY
 * @sb: the super block
 *
 * Context: Process context with s_umount held for writing.
 */
static inline void fs_event_sb_remounted(struct super_block *sb)
{
	if (static_branch_unlikely(&fs_event_active.key))
		__fs_event_sb_remounted(sb);
}

#else

static inline void fs_event_data_result(const struct inode *inode, ssize_t ret)
{
}

static inline void fs_event_meta_result(const struct inode *inode, int ret)
{
}

static inline void fs_event_wb_err(const struct address_space *mapping,
				   int error)
{
}

static inline void fs_event_sb_error(struct super_block *sb,
				     const struct inode *inode,
				     enum fserror_type type, int error)
{
}

static inline void fs_event_mount_gone(struct vfsmount *mnt)
{
}

static inline void fs_event_sb_gone(struct super_block *sb)
{
}

static inline void fs_event_sb_remounted(struct super_block *sb)
{
}

static inline void fs_event_sb_free(struct super_block *sb)
{
}

#endif /* CONFIG_FS_EVENTS */

#endif /* _LINUX_FS_EVENT_HOOKS_H */
