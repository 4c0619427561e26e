/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: which watches a task can reach from its root.
 */
#ifndef _FS_EVENTS_REACH_H
#define _FS_EVENTS_REACH_H

#include <linux/path.h>
#include <linux/types.h>

struct fse_owner;
struct fse_stream;
struct fse_watch;

/**
 * struct fse_viewer - a task that asks for watches by netlink
 * @owner: whose watches it sees; a reference
 * @root: its root directory; a reference
 * @mnt_ns: number of its mount namespace
 * @buf: room for a path
 */
struct fse_viewer {
	struct fse_owner *owner;
	struct path root;
	u32 mnt_ns;
	char *buf;
};

int fse_viewer_init(struct fse_viewer *viewer);
void fse_viewer_exit(struct fse_viewer *viewer);
const char *fse_viewer_sees(const struct fse_viewer *viewer,
			    const struct fse_watch *watch);
int fse_events_join(struct fse_stream *s);
void fse_watch_shown(struct fse_watch *watch);
const char *fse_watch_reach(const struct fse_watch *watch,
			    const struct path *root, u32 mnt_ns, char *buf,
			    int size);

#endif /* _FS_EVENTS_REACH_H */
