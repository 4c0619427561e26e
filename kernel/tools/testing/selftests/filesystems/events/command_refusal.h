/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What must be true of every netlink command that is refused.
 */
#ifndef COMMAND_REFUSAL_H
#define COMMAND_REFUSAL_H

#include "command.h"
#include "control.h"
#include "watched.h"

/* A watch that is there all the time, and how it is listed. */
#define FSE_WATCHED	FSE_MNT "/watched"
#define FSE_REQUEST	FSE_WATCHED " G T 10% I 5"
#define FSE_LISTED	FSE_WATCHED FSE_TMPFS "(G,T 10%,I 5)\n"

/**
 * struct fse_bad_command - a command that is refused
 * @name: for people
 * @cmd: the command
 * @build: puts its attributes; fse_here() just before the one at fault
 * @err: errno
 * @why: a part of the reason
 * @missing: type of the attribute that is missing, or 0
 */
struct fse_bad_command {
	const char *name;
	unsigned int cmd;
	void (*build)(struct nlmsghdr *nlh);
	int err;
	const char *why;
	unsigned int missing;
};

/**
 * struct fse_refusals - what the tests of it begin with
 * @w: the file system that is watched
 * @c: the socket for commands
 */
struct fse_refusals {
	struct fse_watched w;
	struct fse_listener c;
};

/* 0 or a negative errno. */
int fse_refusals_begin(struct fse_refusals *r);
/* Back to nothing; 0, or -EINVAL when what is watched has changed meanwhile. */
int fse_refusals_end(struct fse_refusals *r);

/* Where the attribute at fault begins, set while a command is put together. */
extern unsigned int fse_at;
void fse_here(const struct nlmsghdr *nlh);
/* Puts MOUNT, of the watch that is there. */
void fse_put_watched(struct nlmsghdr *nlh);
/* Puts a level that nothing is wrong with. */
void fse_put_good_level(struct nlmsghdr *nlh, __u32 kind, __u64 trigger,
			__u32 unit);

/*
 * Sends commands. How many of them were not refused as they say; what came
 * instead goes to standard output.
 */
unsigned int fse_not_refused(struct fse_refusals *r,
			     const struct fse_bad_command *bad,
			     unsigned int nr);

#endif /* COMMAND_REFUSAL_H */
