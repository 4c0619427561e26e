/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: what file systems call.
 */
#ifndef _LINUX_FS_EVENT_H
#define _LINUX_FS_EVENT_H

#include <linux/types.h>
#include <uapi/linux/fs_event.h>

struct inode;
struct super_block;

#if IS_ENABLED(CONFIG_FS_EVENTS)

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
 *
 * Context: Any context but NMI. Never sleeps, never allocates; the caller may
 * hold any lock but those of the scheduler. The caller makes sure that @sb
 * stays until this returns.
 */
void fs_event_notify_err(struct super_block *sb, unsigned int event_id,
			 struct inode *inode, int error);

#else

static inline void fs_event_notify_err(struct super_block *sb,
				       unsigned int event_id,
				       struct inode *inode, int error)
{
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
