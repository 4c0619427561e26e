// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: written data that did not reach the disk.
 *
 * Whatever the file system, a failed writeback is noted in the mapping, which
 * passes the tracepoint filemap_set_wb_err. The tracepoint hands over the
 * value from before; the errno is read from the mapping.
 *
 * Buffer heads of a file system's metadata, and its journal, belong to the
 * inode of the block device; those lead back through the device's mapping.
 *
 * Context: the probe runs where writeback ends: in interrupts, too, with
 * preemption off. One failed sync(2) may bring thousands of calls.
 */
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "source.h"

static struct tracepoint *fse_wb_err_point;

static bool fse_on_device(const struct fse_sb *es, const void *mapping)
{
	return es->bdev_mapping == mapping;
}

static void fse_wb_err(void *data, struct address_space *mapping, errseq_t old)
{
	int error = READ_ONCE(mapping->wb_err) & MAX_ERRNO;
	unsigned int id = error == ENOSPC ? FS_WARN_ENOSPC : FS_ERR_IO;
	struct inode *inode = mapping->host;
	struct fse_sb *es;

	if (!error)
		return;
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

static void fse_wb_err_find(struct tracepoint *tp, void *found)
{
	if (!strcmp(tp->name, "filemap_set_wb_err"))
		*(struct tracepoint **)found = tp;
}

int fse_writeback_start(void)
{
	if (!fse_wb_err_point)
		for_each_kernel_tracepoint(fse_wb_err_find, &fse_wb_err_point);
	/* A kernel built without tracepoints tells less. */
	if (!fse_wb_err_point)
		return 0;
	return tracepoint_probe_register(fse_wb_err_point, fse_wb_err, NULL);
}

void fse_writeback_stop(void)
{
	if (fse_wb_err_point)
		tracepoint_probe_unregister(fse_wb_err_point, fse_wb_err, NULL);
}
