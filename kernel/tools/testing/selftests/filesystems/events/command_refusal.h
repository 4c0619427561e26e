/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Common checks of refused netlink commands.
 */
#ifndef COMMAND_REFUSAL_H
#define COMMAND_REFUSAL_H

#include "command.h"
#include "control.h"
#include "watched.h"

/* A watch that always exists, and its line in config. */
#define FSE_WATCHED	FSE_MNT "/watched"
#define FSE_REQUEST	FSE_WATCHED " G T 10% I 5"
#define FSE_LISTED	FSE_WATCHED FSE_TMPFS "(G,T 10%,I 5)\n"

/**
 * struct fse_bad_command - a command that is refused
 * @name: for the test log
 * @cmd: the command
 * @build: puts its attributes; calls fse_here() before the one at fault
 * @err: expected errno
 * @why: part of the expected message
 * @missing: expected type of the missing attribute, or 0
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
 * struct fse_refusals - state of these tests
 * @w: the watched file system
 * @c: the command socket
 */
struct fse_refusals {
	struct fse_watched w;
	struct fse_listener c;
};

/* 0 or a negative errno. */
int fse_refusals_begin(struct fse_refusals *r);
/* Cleans up; 0, or -EINVAL when the set of watches has changed. */
int fse_refusals_end(struct fse_refusals *r);

/* Offset of the attribute at fault, set while a command is built. */
extern unsigned int fse_at;
void fse_here(const struct nlmsghdr *nlh);
/* Puts MOUNT of the existing watch. */
void fse_put_watched(struct nlmsghdr *nlh);
/* Puts a valid level. */
void fse_put_good_level(struct nlmsghdr *nlh, __u32 kind, __u64 trigger,
			__u32 unit);

/*
 * Sends commands. Returns how many were not refused as expected, and prints
 * what happened instead.
 */
unsigned int fse_not_refused(struct fse_refusals *r,
			     const struct fse_bad_command *bad,
			     unsigned int nr);

#endif /* COMMAND_REFUSAL_H */
