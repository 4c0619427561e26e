/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An NFS server, of the kernel, and a mount of what it exports; both in a
 * network namespace of their own, so that the way between them can be cut.
 */
#ifndef NFS_H
#define NFS_H

#include <stdbool.h>
#include <sys/types.h>

#include "filesystem.h"

/* As the mount names it. */
#define FSE_NFS_SOURCE	"127.0.0.1:/data"

/**
 * struct fse_nfs - a mounted one
 * @mount: where
 * @export: what the server exports: a tmpfs, filled and freed without it
 * @space: a process in the network namespace
 */
struct fse_nfs {
	char mount[128];
	struct fse_fs export;
	pid_t space;
};

/*
 * Exports a tmpfs of @mib MiB and mounts it at FSE_MNT/@name with NFS 4.2. 0 or
 * a negative errno; -ENODEV: the kernel has no server or no client.
 */
int fse_nfs_make(struct fse_nfs *n, const char *name, unsigned int mib);
/* Has the server back, unmounts and ends it. */
void fse_nfs_remove(struct fse_nfs *n);

/* Mounts the same once more: 0 or a negative errno. */
int fse_nfs_mount(const struct fse_nfs *n, const char *where);

/* Takes the link down, and up again: 0 or a negative errno. */
int fse_nfs_cut(const struct fse_nfs *n);
int fse_nfs_join(const struct fse_nfs *n);
/* Ends the server, and starts it again: 0 or a negative errno. */
int fse_nfs_stop(const struct fse_nfs *n);
int fse_nfs_start(const struct fse_nfs *n);

/* Is the client's super block alive? */
bool fse_nfs_alive(const struct fse_nfs *n);
/* How often the server was asked for its figures; -1: nobody knows. */
long fse_nfs_asked(const struct fse_nfs *n);

#endif /* NFS_H */
