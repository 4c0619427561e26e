/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events as a module: how it is bound to a kernel that does not
 * know of it. Included by internal.h; builtin/ has the other form.
 */
#ifndef _FS_EVENTS_BINDING_H
#define _FS_EVENTS_BINDING_H

#include <linux/fsnotify_backend.h>
#include <linux/ns_common.h>
#include <linux/nsproxy.h>

#include "compat.h"

/* A module sees no system call fail: a full file system shows in its figures. */
#define FSE_SEES_FULL	true

/*
 * Number of the mount namespace of the running process. Modules don't see struct
 * mnt_namespace, which begins with what all namespaces have.
 */
static inline u32 fse_mnt_ns_nr(void)
{
	const struct ns_common *ns = (void *)current->nsproxy->mnt_ns;

	return ns->inum;
}

/* A file system that joins has its own way to report. */
#define FSE_REPORTS_OWN	false

/*
 * What leads umount(2) to an fse_sb, and FS_ERROR: sb_mark.c. hash: found by super
 * block. reported: how many of FS_ERROR failure.c took before, when they were
 * reported.
 */
struct fse_sb_tie {
	struct hlist_node hash;
	struct fsnotify_mark mark;
	atomic_t reported;
};

/* What leads a mount that goes to an fse_anchor: mount_mark.c. */
struct fse_anchor_tie {
	struct fsnotify_mark mark;
	bool attached;
};

struct fse_sb;
struct fse_anchor;
struct vfsmount;

int fse_sb_ties_init(void);
void fse_sb_ties_exit(void);
int fse_sb_attach(struct fse_sb *es);
void fse_sb_hold(struct fse_sb *es);
void fse_sb_detach(struct fse_sb *es);

char *fse_mount_source(struct vfsmount *mnt);
int fse_anchor_ties_init(void);
void fse_anchor_ties_exit(void);
void fse_anchor_prepare(struct fse_anchor *anchor);
int fse_anchor_attach(struct fse_anchor *anchor);
void fse_anchor_detach(struct fse_anchor *anchor);
void fse_anchor_put(struct fse_anchor *anchor);

/* switch.c: which sources are on; wb_trace.c and failure.c: these */
int fse_sources_get(u32 events);
void fse_sources_put(u32 events);
void fse_sources_exit(void);
int fse_writeback_start(void);
void fse_writeback_stop(void);
bool fse_sees_writeback(void);
int fse_report_start(void);
void fse_report_stop(void);
int fse_failure_start(void);
void fse_failure_stop(void);
bool fse_sees_remounts(void);

#endif /* _FS_EVENTS_BINDING_H */
