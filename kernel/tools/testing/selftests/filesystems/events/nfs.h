/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's NFS server and a mount of its export, both in a network
 * namespace of their own, so that the link between them can be cut.
 */
#ifndef NFS_H
#define NFS_H

#include <stdbool.h>
#include <sys/types.h>

#include "filesystem.h"

/* Source of the mount. */
#define FSE_NFS_SOURCE	"127.0.0.1:/data"

/**
 * struct fse_nfs - a mounted NFS file system
 * @mount: mount point
 * @export: the exported tmpfs, which tests fill and free on the server
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
/* Restarts the server if necessary, unmounts, and stops it. */
void fse_nfs_remove(struct fse_nfs *n);

/* Mounts the export once more: 0 or a negative errno. */
int fse_nfs_mount(const struct fse_nfs *n, const char *where);

/* Takes the link down, and up again: 0 or a negative errno. */
int fse_nfs_cut(const struct fse_nfs *n);
int fse_nfs_join(const struct fse_nfs *n);
/* Stops the server, and starts it again: 0 or a negative errno. */
int fse_nfs_stop(const struct fse_nfs *n);
int fse_nfs_start(const struct fse_nfs *n);

/* Is the client's super block alive? */
bool fse_nfs_alive(const struct fse_nfs *n);
/* Number of statfs calls to the server; -1: unknown. */
long fse_nfs_asked(const struct fse_nfs *n);

#endif /* NFS_H */
