/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's newest names on Linux 6.12. What each line is for has the version
 * that made it necessary.
 */
#ifndef _FS_EVENTS_COMPAT_H
#define _FS_EVENTS_COMPAT_H

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/version.h>

/* v6.13: timers are set up in one call */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*fn)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
}
#endif

/* v6.18: s_mounts is the first mount, no list */
static inline bool fse_sb_mounted(const struct super_block *sb)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
	return !list_empty(&sb->s_mounts);
#else
	return sb->s_mounts;
#endif
}

/* v6.19: dentries that nothing but their super block keeps are marked so */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define kill_anon_super	kill_litter_super

static inline void d_make_persistent(struct dentry *dentry, struct inode *inode)
{
	d_add(dget(dentry), inode);
}
#endif

/* v7.0, and late releases of 6.12: allocators that know the type */
#ifndef kzalloc_obj
#define kzalloc_obj(p, gfp)	kzalloc(sizeof(p), gfp)
#define kvmalloc_obj(p, gfp)	kvmalloc(sizeof(p), gfp)
#define kvzalloc_obj(p, gfp)	kvzalloc(sizeof(p), gfp)
#endif

/* v7.0: file systems report by fserror_report(), and FS_ERROR comes later */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
#define FSERR_BUFFERED_WRITE	1
#define FSERR_METADATA		5

static inline bool fse_reports_pending(const struct super_block *sb)
{
	return false;
}
#else
#include <linux/fserror.h>

static inline bool fse_reports_pending(const struct super_block *sb)
{
	return refcount_read(&sb->s_pending_errors) > 1;
}
#endif

#endif /* _FS_EVENTS_COMPAT_H */
