/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The server of a FUSE file system that has a root directory with a "file", a
 * "program" with the privileges of its owner, and a "dir" in it, and nothing in
 * these. Needs nothing of the tests: the demo has it as well.
 */
#ifndef FUSE_SERVER_H
#define FUSE_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

/* The first of some users that may get other figures than others. */
#define FSE_FUSE_USER	1000
#define FSE_FUSE_USERS	2

/**
 * struct fse_fuse_control - shared with the server
 * @avail: blocks available
 * @user_avail: the same for users FSE_FUSE_USER and following; 0: as for others
 * @delay_ms: how long it takes to answer a ->statfs
 * @hang: leave those of kernel threads unanswered, while set
 * @hanging: how many are
 * @asked: how many of kernel threads there were
 * @fail_opcode: requests that fail, FUSE_*; 0: none
 * @fail_error: errno of these
 */
struct fse_fuse_control {
	atomic_uint avail;
	atomic_uint user_avail[FSE_FUSE_USERS];
	atomic_uint delay_ms;
	atomic_bool hang;
	atomic_uint hanging;
	atomic_uint asked;
	atomic_uint fail_opcode;
	atomic_int fail_error;
};

#define FSE_FUSE_BLOCKS	1000

/*
 * Answers the requests of the kernel at @fd until the file system is gone;
 * those of @client are never left unanswered.
 */
void fse_fuse_serve(int fd, pid_t client, struct fse_fuse_control *control);

#endif /* FUSE_SERVER_H */
