// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: what has to be known of single drivers.
 *
 * A driver is recognized by the name of its ->statfs: it may have several file
 * system types (ext2, ext3 and ext4 are one driver), may be built in, and an
 * image of the same format may be mounted by another one.
 *
 * Some drivers stop accepting writes while SB_RDONLY is clear. They refuse
 * every request from then on, before they look at it; so a request that has to
 * be refused anyway tells by its errno which of the two it was. None of these
 * requests reads the disk, waits, changes or dirties anything, or can be an
 * error of the file system.
 *
 * Context: process context.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/stat.h>
#include <linux/statfs.h>
#include <linux/string.h>

#include "source.h"

/*
 * A size that no file can have: setattr_prepare() says EINVAL, and looks at
 * nothing else before. That ->setattr is called without the lock of the inode
 * does not matter, since it gets no further.
 */
static int fse_ask_setattr(struct super_block *sb)
{
	const struct inode_operations *op = d_inode(sb->s_root)->i_op;
	struct iattr attr = { .ia_valid = ATTR_SIZE, .ia_size = -1 };

	return op->setattr ? op->setattr(&nop_mnt_idmap, sb->s_root, &attr) : 0;
}

/* Attributes of an inode in memory. */
static int fse_ask_getattr(struct super_block *sb)
{
	const struct path root = { .dentry = sb->s_root };
	const struct inode_operations *op = d_inode(sb->s_root)->i_op;
	struct kstat stat;

	return op->getattr ? op->getattr(&nop_mnt_idmap, &root, &stat,
					 STATX_TYPE, AT_STATX_DONT_SYNC) : 0;
}

/*
 * btrfs says that nothing is available while it can't get more space for
 * metadata, however much there is for data. That is what is free but for a
 * part which metadata has, and which moves little while data does.
 */
static void fse_full_btrfs(struct fse_sb *es, const struct kstatfs *st)
{
	es->meta.total = st->f_blocks;
	es->meta.avail = st->f_bavail ? st->f_blocks : 0;
	if (st->f_bavail)
		es->not_data = st->f_bfree - min(st->f_bfree, st->f_bavail);
	else if (es->not_data)
		es->data.avail = st->f_bfree - min(st->f_bfree, es->not_data);
}

static const struct fse_driver fse_drivers[] = {
	{ .prefix = "ext4_",	.ask = fse_ask_setattr, .one_stop = true },
	{ .prefix = "f2fs_",	.ask = fse_ask_setattr, .one_stop = true },
	{ .prefix = "exfat_",	.ask = fse_ask_setattr },
	{ .prefix = "ntfs_",	.ask = fse_ask_setattr },
	{ .prefix = "xfs_",	.ask = fse_ask_getattr },
	/* Of several disks the super block names one or none. */
	{ .prefix = "btrfs_",	.many_disks = true, .full = fse_full_btrfs },
	{ .prefix = "bch2_",	.many_disks = true },
	/* These take cluster locks. */
	{ .prefix = "ocfs2_",	.statfs = FSE_STATFS_WAITS },
	{ .prefix = "gfs2_",	.statfs = FSE_STATFS_WAITS },
	/*
	 * These look for what is free on the disk. vfat does so once, which is
	 * before it is watched: making a watch asks for the figures.
	 */
	{ .prefix = "udf_",	.statfs = FSE_STATFS_READS },
	{ .prefix = "nilfs_",	.statfs = FSE_STATFS_READS },
	{ .prefix = "hpfs_",	.statfs = FSE_STATFS_READS },
	{ .prefix = "qnx4_",	.statfs = FSE_STATFS_READS },
	{ .prefix = "sysv_",	.statfs = FSE_STATFS_READS },
};

/**
 * fse_driver_of - what is known of the driver of a file system
 * @sb: the super block
 *
 * Return: an entry for each driver, the same empty one for all others.
 */
const struct fse_driver *fse_driver_of(const struct super_block *sb)
{
	static const struct fse_driver other;
	unsigned int i;
	char name[16];

	snprintf(name, sizeof(name), "%ps", sb->s_op->statfs);
	for (i = 0; i < ARRAY_SIZE(fse_drivers); i++) {
		if (str_has_prefix(name, fse_drivers[i].prefix))
			return &fse_drivers[i];
	}
	return &other;
}
