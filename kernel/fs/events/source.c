// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: what the kernel knows of every file system's errors.
 *
 * File systems report some errors to fanotify, as FS_ERROR. For every file
 * system, a failed writeback is noted in the mapping. Buffer heads of a
 * file system's metadata, and its journal, belong to the inode of the block
 * device; those lead back through the device's mapping.
 *
 * How these come here: module/, builtin/.
 *
 * Context: any but NMI. Writeback ends in interrupts, too; one failed sync(2)
 * may bring thousands of calls.
 */
#include <linux/errno.h>
#include <linux/rcupdate.h>

#include "source.h"

/* A driver that can't be asked is not known to be shut down by anything else. */
static void fse_source_down(struct super_block *sb)
{
	struct fse_sb *es;

	rcu_read_lock();
	es = fse_sb_find(sb);
	if (es)
		fse_health_hint(es, FSE_CLUE_SHUTDOWN);
	rcu_read_unlock();
}

/**
 * fse_source_reported - a file system reported an error
 * @sb: the super block
 * @inode: the inode that it is about, or NULL
 * @error: errno, of either sign
 *
 * Context: As fs_event_notify_err().
 */
void fse_source_reported(struct super_block *sb, const struct inode *inode,
			 int error)
{
	unsigned int id;

	error = abs(error);
	switch (error) {
	case EUCLEAN:
	case EBADMSG:
		id = FS_ERR_CORRUPTED;
		break;
	case ESHUTDOWN:
		id = FS_ERR_SHUTDOWN;
		fse_source_down(sb);
		break;
	default:
		id = FS_ERR_IO;
		break;
	}
	fse_source_error(sb, id, inode, error);
}

static bool fse_on_device(struct fse_sb *es, const void *mapping)
{
	return es->bdev_mapping == mapping;
}

/**
 * fse_source_wb_err - writeback failed
 * @mapping: whose pages were not written
 * @error: positive errno
 *
 * Context: As fs_event_notify_err().
 */
void fse_source_wb_err(const struct address_space *mapping, int error)
{
	unsigned int id = error == ENOSPC ? FS_WARN_ENOSPC : FS_ERR_IO;
	struct inode *inode = mapping->host;
	struct fse_sb *es;

	if (!S_ISBLK(inode->i_mode)) {
		fse_source_error(inode->i_sb, id, inode, error);
		return;
	}
	rcu_read_lock();
	es = fse_sb_find_if(fse_on_device, mapping);
	if (es)
		fse_source_error(es->sb, id, NULL, error);
	rcu_read_unlock();
}
