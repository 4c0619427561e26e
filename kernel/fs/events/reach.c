// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: which watches somebody can reach from his root.
 *
 * Nothing is looked up: a watch has the mount that it is tied to, and where
 * that is seen from is a matter of mounts alone.
 *
 * Context: process context; fse_mutex is held.
 */
#include <linux/mount.h>
#include <linux/string.h>

#include "internal.h"

/**
 * fse_watch_reach - where somebody sees the mount of a watch
 * @watch: the watch
 * @root: his root directory
 * @mnt_ns: his mount namespace
 *
 * A mount that was detached lazily and is still in use is under nobody's
 * root; it is shown in the maker's mount namespace, by the path that it was
 * watched as. d_path() says "/" for it, as for the topmost mount of another
 * namespace; but that one had this path before.
 *
 * Return: the path as the running process sees it, NULL when the one asked for
 * does not see it; good until fse_mutex is dropped.
 */
const char *fse_watch_reach(const struct fse_watch *watch,
			    const struct path *root, const void *mnt_ns)
{
	static char buf[PATH_MAX];
	const struct fse_anchor *anchor = watch->anchor;
	struct path path;
	const char *s;

	fse_assert_locked();
	if (!anchor)
		return NULL;
	path.mnt = anchor->mnt;
	path.dentry = anchor->mnt->mnt_root;
	s = fse_mount_path(&path, buf, sizeof(buf));
	if (IS_ERR(s))
		return NULL;
	if (path_is_under(&path, root))
		return s;
	if (anchor->mnt_ns == mnt_ns && !strcmp(s, "/") &&
	    strcmp(watch->mount->s, "/"))
		return watch->mount->s;
	return NULL;
}
