/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A FUSE server with a root directory that has an empty "file", a set-user-ID
 * "program" and an empty "dir". It uses nothing of the tests: the demo builds
 * it, too.
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
 * @delay_ms: delay of answers to ->statfs
 * @hang: while set, leave ->statfs of kernel threads unanswered
 * @spare_root: @hang is not about calls with root's credentials
 * @hanging: number of unanswered calls
 * @asked: number of ->statfs calls of kernel threads
 * @uncached: the kernel asks for a name each time
 * @fail_opcode: FUSE_* request to fail; 0: none
 * @fail_error: its errno; 0: the request gets no answer
 */
struct fse_fuse_control {
	atomic_uint avail;
	atomic_uint user_avail[FSE_FUSE_USERS];
	atomic_uint delay_ms;
	atomic_bool hang;
	atomic_bool spare_root;
	atomic_uint hanging;
	atomic_uint asked;
	atomic_bool uncached;
	atomic_uint fail_opcode;
	atomic_int fail_error;
};

#define FSE_FUSE_BLOCKS	1000

/*
 * Answers the kernel's requests at @fd until the file system is gone; those of
 * @client always get an answer.
 */
void fse_fuse_serve(int fd, pid_t client, struct fse_fuse_control *control);

#endif /* FUSE_SERVER_H */
