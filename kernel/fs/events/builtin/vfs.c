// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events in the kernel: errors that the VFS meets, whatever the
 * file system. All of it is called behind a static key, on the way of failure.
 *
 * Context: as <linux/fs_event_hooks.h> says.
 */
#include <linux/export.h>
#include <linux/fs_event_hooks.h>
#include <linux/rcupdate.h>

#include "../health.h"
#include "../internal.h"

/* See fs_event_data_result(), fs_event_meta_result(). */
void __fs_event_enospc(const struct inode *inode, unsigned int event_id)
{
	/* Devices and pipes have a file system, but do not write to that. */
	if (event_id == FS_WARN_ENOSPC && !S_ISREG(inode->i_mode))
		return;
	fse_source_error(inode->i_sb, event_id, inode, ENOSPC);
}
EXPORT_SYMBOL_GPL(__fs_event_enospc);

/* See fs_event_wb_err(). */
void __fs_event_wb_err(const struct address_space *mapping, int error)
{
	fse_source_wb_err(mapping, abs(error));
}

/* See fs_event_sb_remounted(). */
void __fs_event_sb_remounted(struct super_block *sb)
{
	struct fse_sb *es;

	rcu_read_lock();
	es = fse_sb_find(sb);
	if (es)
		fse_health_remounted(es, sb_rdonly(sb));
	rcu_read_unlock();
}

/* See fs_event_sb_error(). A failed writeback was noted in the mapping before. */
void __fs_event_sb_error(struct super_block *sb, const struct inode *inode,
			 enum fserror_type type, int error)
{
	if (type != FSERR_BUFFERED_WRITE)
		fse_source_reported(sb, inode, error, type != FSERR_METADATA);
}
