/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events as a part of the kernel: the VFS calls us, and file
 * systems do. Included by internal.h.
 */
#ifndef _FS_EVENTS_BINDING_H
#define _FS_EVENTS_BINDING_H

#include <linux/fs.h>
#include <linux/mnt_namespace.h>
#include <linux/ns_common.h>
#include <linux/nsproxy.h>
#include <linux/slab.h>
#include <linux/types.h>

/* The system call that finds a file system full tells so: vfs.c. */
#define FSE_SEES_FULL	false

/* fserror_report() is how file systems themselves report: vfs.c. */
#define FSE_REPORTS_OWN	true

/* The VFS says when one changed SB_RDONLY: vfs.c. */
static inline bool fse_sees_remounts(void)
{
	return true;
}

/* Number of the mount namespace of the running process. */
static inline u32 fse_mnt_ns_nr(void)
{
	return from_mnt_ns(current->nsproxy->mnt_ns)->inum;
}

static inline bool fse_sb_mounted(const struct super_block *sb)
{
	return sb->s_mounts;
}

/* What leads umount(2) to an fse_sb: sb.c. */
struct fse_sb_tie {
	struct hlist_node node;
};

/* A mount that goes finds its anchors through the super block: mount.c. */
struct fse_anchor_tie {
};

struct fse_sb;
struct fse_anchor;
struct vfsmount;

static inline int fse_sb_ties_init(void)
{
	return 0;
}

static inline void fse_sb_ties_exit(void)
{
}

char *fse_mount_source(struct vfsmount *mnt);
int fse_sb_attach(struct fse_sb *es);
void fse_sb_hold(struct fse_sb *es);
void fse_sb_detach(struct fse_sb *es);

static inline int fse_anchor_ties_init(void)
{
	return 0;
}

static inline void fse_anchor_ties_exit(void)
{
}

static inline void fse_anchor_prepare(struct fse_anchor *anchor)
{
}

static inline int fse_anchor_attach(struct fse_anchor *anchor)
{
	return 0;
}

static inline void fse_anchor_detach(struct fse_anchor *anchor)
{
}

void fse_anchor_free(struct fse_anchor *anchor);

/* Only its watch has it. */
static inline void fse_anchor_put(struct fse_anchor *anchor)
{
	fse_anchor_free(anchor);
}

/* All sources are calls in the kernel, which are always there. */
static inline int fse_sources_get(u32 events)
{
	return 0;
}

static inline void fse_sources_put(u32 events)
{
}

static inline void fse_sources_exit(void)
{
}

#endif /* _FS_EVENTS_BINDING_H */
