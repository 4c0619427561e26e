/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The netlink commands, and what they answer.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <limits.h>
#include <stdbool.h>
#include <libmnl/libmnl.h>
#include <linux/types.h>

#include "event.h"

/* Wide enough for a path, a source, and all levels there can be. */
#define FSE_MESSAGE	65536
#define FSE_LEVELS	128

/**
 * struct fse_told_level - a level of a watch, decoded
 * @has: bit n is set when attribute n is there
 *
 * The rest is one member an attribute.
 */
struct fse_told_level {
	__u32 has;
	__u32 kind;
	__u64 trigger;
	__u32 unit;
	__u64 rearm;
	__u32 state;
	__u32 rearm_unit;
	__u32 nr;
};

/**
 * struct fse_told - a watch, decoded
 * @has: bit n is set when attribute n is there
 * @flags: of the message
 * @nr_level: how many levels it has
 * @level: these
 *
 * The rest is one member an attribute.
 */
struct fse_told {
	__u32 has;
	__u16 flags;
	__u32 id;
	char mount[PATH_MAX];
	__u32 events;
	unsigned int nr_level;
	struct fse_told_level level[FSE_LEVELS];
	__u64 generation;
	__u64 seq;
	__u32 change;
	__u32 types;
	__u32 major;
	__u32 minor;
	char fstype[64];
	char source[PATH_MAX];
	__u64 fsid;
	__u8 uuid[16];
	__u32 lasting;
	__u64 avail;
	__u64 total;
	__u32 frsize;
	__u64 inodes_free;
	__u64 inodes;
};

static inline bool fse_tells(const struct fse_told *told, unsigned int attr)
{
	return told->has & (1U << attr);
}

/**
 * struct fse_answer - what became of a command
 * @err: 0 or a negative errno
 * @seq: number of the command
 * @why: what the kernel said about it, "" for nothing
 * @offset: of the attribute at fault in the message; 0: none was named
 * @missing: type of the attribute that is missing; 0: none was named
 * @interrupted: a dump in which not all messages are of the same time
 */
struct fse_answer {
	int err;
	unsigned int seq;
	char why[128];
	unsigned int offset;
	unsigned int missing;
	bool interrupted;
};

/*
 * Begins a command; then come attributes, with mnl_attr_put_*(), and
 * fse_command_send() or what does that. Static, and good until the next call.
 */
struct nlmsghdr *fse_command(const struct fse_listener *l, unsigned int cmd);
/* A level: begins it, with its kind and trigger, and ends it. */
struct nlattr *fse_put_level(struct nlmsghdr *nlh, __u32 kind, __u64 trigger,
			     __u32 unit);
void fse_end_level(struct nlmsghdr *nlh, struct nlattr *nest);

/* Sends it, to be read later. 0 or a negative errno. */
int fse_command_send(struct fse_listener *l, struct nlmsghdr *nlh);

/*
 * Reads the answer to a command that was sent, and passes over its reply. The
 * error.
 */
int fse_answered(struct fse_listener *l, struct fse_answer *a);

/*
 * Sends a command and reads the answer: its error, also in @a (which may be
 * NULL), and the reply in @told.
 */
int fse_run(struct fse_listener *l, struct nlmsghdr *nlh,
	    struct fse_answer *a, struct fse_told *told);

/*
 * The numbers in a reply that has no other attributes (statistics), by
 * attribute; @has says which are there. As fse_run().
 */
int fse_run_numbers(struct fse_listener *l, struct nlmsghdr *nlh,
		    struct fse_answer *a, __u64 *number, __u32 *has);

/* Asks for a dump; what there is of it after is read with fse_dump_next(). */
int fse_dump_start(struct fse_listener *l);
/* The next message of a dump: 1, 0 at the end, or a negative errno. */
int fse_dump_next(struct fse_listener *l, struct fse_answer *a,
		  struct fse_told *told);

/*
 * The watch of @mount in a whole dump: how often it came, or a negative errno;
 * all of them: @nr.
 */
int fse_dump_find(struct fse_listener *l, const char *mount,
		  struct fse_told *told, unsigned int *nr);

/* The watch of a mount, or one by its id. As fse_run(). */
int fse_get(struct fse_listener *l, const char *mount, struct fse_told *told);
int fse_get_id(struct fse_listener *l, __u32 id, struct fse_told *told);
/* Stops watching. */
int fse_del(struct fse_listener *l, const char *mount);
int fse_del_id(struct fse_listener *l, __u32 id);
/* Watches all generic events. */
int fse_set_generic(struct fse_listener *l, const char *mount,
		    struct fse_told *told);

/* The next message of the group of changes: 1, 0, or a negative errno. */
int fse_change(struct fse_listener *l, struct fse_told *told, int timeout);

/* All generic events. */
#define FSE_GENERIC							\
	(1U << FS_WARN_ENOSPC | 1U << FS_WARN_ENOSPC_META |		\
	 1U << FS_ERR_REMOUNT_RO | 1U << FS_ERR_CORRUPTED |		\
	 1U << FS_ERR_IO | 1U << FS_ERR_SHUTDOWN)

#endif /* COMMAND_H */
