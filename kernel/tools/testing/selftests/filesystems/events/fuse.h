/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A FUSE file system with a server whose answers tests control: they can be
 * late or missing.
 */
#ifndef FUSE_H
#define FUSE_H

#include <stdbool.h>
#include <sys/types.h>

#include "fuse_server.h"

/**
 * struct fse_fuse - a mounted FUSE file system
 * @mount: mount point
 * @fd: the connection; the server has a copy
 * @pid: the server's pid
 * @control: controls the server
 */
struct fse_fuse {
	char mount[128];
	int fd;
	pid_t pid;
	struct fse_fuse_control *control;
};

/* Mounts it at FSE_MNT/@name and starts its server. 0 or a negative errno. */
int fse_fuse_make(struct fse_fuse *f, const char *name);
/* The same, and other users may use it. */
int fse_fuse_make_for_all(struct fse_fuse *f, const char *name);
/* Ends the server, then unmounts. */
void fse_fuse_remove(struct fse_fuse *f);

/* Kills the server: calls that hang in the kernel return an error. */
void fse_fuse_kill(struct fse_fuse *f);
/* Is the super block alive? */
bool fse_fuse_alive(const struct fse_fuse *f);
/* Watches it and makes the sampler's call hang. 0 or -errno. */
int fse_fuse_hang(struct fse_fuse *f);
/* Waits until a kernel thread's call hangs. */
bool fse_fuse_wait_hanging(struct fse_fuse *f);

#endif /* FUSE_H */
