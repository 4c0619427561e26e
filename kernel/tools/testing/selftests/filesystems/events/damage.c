// SPDX-License-Identifier: GPL-2.0-only
/*
 * Damages file systems on their disks.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "control.h"
#include "damage.h"

/* Passes a value between shell commands. */
#define NOTE	"/tmp/fse_damage"

int fse_damage_ext4_inode(struct fse_disk *d)
{
	return fse_sh("mkdir %s/dir && echo x >%s/dir/file", d->fs.mount,
		      d->fs.mount) ?:
	       fse_disk_remount(d, "debugfs -w -R 'sif /dir/file i_mode 0' "
				FSE_DISK " 2>/dev/null");
}

#define XFS_DB(commands)	"xfs_db -x " commands " " FSE_DISK " >/dev/null"
#define WRITE(what)		"-c 'write -d " what "'"
#define XFS_INODE		"-c \"inode $(cat " NOTE ")\""
#define XFS_BNO(what)	\
	XFS_DB("-c 'agf 0' -c 'addr bnoroot' " WRITE(what))

int fse_damage_xfs_directory(struct fse_disk *d)
{
	unsigned int i;

	if (fse_sh("mkdir %s/dir && stat -c %%i %s/dir >" NOTE, d->fs.mount,
		   d->fs.mount))
		return -1;
	for (i = 0; i < 50; i++)
		if (fse_sh(": >%s/dir/file-with-a-long-name-%u", d->fs.mount, i))
			return -1;
	return fse_disk_remount(d, XFS_DB(XFS_INODE " -c 'dblock 0' "
					  WRITE("bhdr.hdr.magic 0")));
}

int fse_damage_xfs_inode(struct fse_disk *d)
{
	if (fse_sh("mkdir %s/dir && echo x >%s/dir/file", d->fs.mount,
		   d->fs.mount) ||
	    fse_sh("stat -c %%i %s/dir/file >" NOTE, d->fs.mount))
		return -1;
	return fse_disk_remount(d, XFS_DB(XFS_INODE " "
					  WRITE("core.mode 0170000")));
}

int fse_damage_xfs_quota(struct fse_disk *d)
{
	if (fse_sh("mkdir %s/dir && chown 1000 %s/dir", d->fs.mount,
		   d->fs.mount))
		return -1;
	return fse_disk_remount(d, XFS_DB("-c 'dquot -u 1000' "
					  WRITE("diskdq.magic 0")));
}

int fse_damage_xfs_free_space(struct fse_disk *d)
{
	if (fse_fill(&d->fs, "file", 256))
		return -1;
	return fse_disk_remount(d, XFS_BNO("recs[1].blockcount 0") " && "
				XFS_BNO("recs[2].blockcount 0"));
}

/* Zeroes the 4096 bytes at the offset that @where prints. */
#define OVERWRITE(where)						\
	"at=$(" where ") && [ -n \"$at\" ] && "				\
	"dd if=/dev/zero of=" FSE_DISK " bs=4096 count=1 seek=\"$at\" "	\
	"oflag=seek_bytes conv=notrunc 2>/dev/null"

/* The physical offset of btrfs's logical address $l. */
#define PHYSICAL							\
	"btrfs-map-logical -l $l " FSE_DISK " | "			\
	"sed -n '1s/.*physical \\([0-9]*\\) .*/\\1/p'"

int fse_damage_btrfs_data(struct fse_disk *d)
{
	if (fse_fill(&d->fs, "file", 16) ||
	    fse_sh("xfs_io -r -c fiemap %s/file | sed -n '2s/.*: \\([0-9]*\\)[.].*/\\1/p' >" NOTE,
		   d->fs.mount))
		return -1;
	return fse_disk_remount(d, "l=$(($(cat " NOTE ") * 512)); "
				OVERWRITE(PHYSICAL));
}

/*
 * The first leaf of the file tree that starts with an inode after the root
 * directory: mounting and opening the root directory need the leaves before.
 */
#define BTRFS_LEAF							\
	"btrfs inspect-internal dump-tree -t 5 " FSE_DISK " | "		\
	"awk '/^leaf/ { leaf = $2 } "					\
	"/item 0 key/ && substr($4, 2) + 0 > 256 && !n++ { print leaf }'"

int fse_damage_btrfs_leaf(struct fse_disk *d)
{
	if (fse_files(&d->fs, 0, 400))
		return -1;
	return fse_disk_remount(d, "l=$(" BTRFS_LEAF "); " OVERWRITE(PHYSICAL));
}

/* Offset of f2fs node $i, from "nid: 4 ino: 4 offset: 0 blkaddr: 5632". */
#define F2FS_NODE							\
	"sed -n \"s/^nid:[^0-9]*$i[^0-9].*blkaddr:[^0-9]*//p\" dump_nat | " \
	"awk '{ print $1 * 4096 }'"

int fse_damage_f2fs_inode(struct fse_disk *d)
{
	if (fse_fill(&d->fs, "file", 1) ||
	    fse_sh("stat -c %%i %s/file >" NOTE, d->fs.mount))
		return -1;
	return fse_disk_remount(d,
		"cd /tmp && i=$(cat " NOTE ") && dump.f2fs -n $i~$((i + 1)) "
		FSE_DISK " >/dev/null && " OVERWRITE(F2FS_NODE));
}

/* Blocks of the segment summary area (SSA), from the super block. */
#define F2FS_SUMMARIES							\
	"od -An -tu4 -j$((1024 + 88)) -N8 " FSE_DISK

/* Overwrites them all with bytes that mark neither data nor nodes. */
#define F2FS_NO_SUMMARIES						\
	"set -- $(" F2FS_SUMMARIES ") && [ $# -eq 2 ] && "		\
	"tr '\\0' '\\377' </dev/zero | dd of=" FSE_DISK " bs=4096 "	\
	"count=$(($2 - $1)) seek=$1 iflag=fullblock conv=notrunc 2>/dev/null"

int fse_damage_f2fs_summaries(struct fse_disk *d)
{
	/*
	 * Leaves segments partly used and closed: garbage collection picks
	 * those.
	 */
	if (fse_fill(&d->fs, "file", 2048) ||
	    fse_sh("xfs_io -c 'fpunch 1M 6M' %s/file && sync -f %s",
		   d->fs.mount, d->fs.mount))
		return -1;
	return fse_disk_remount(d, F2FS_NO_SUMMARIES);
}
