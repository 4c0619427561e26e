/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Netlink commands and their replies.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <limits.h>
#include <stdbool.h>
#include <libmnl/libmnl.h>
#include <linux/types.h>

#include "event.h"

/* Holds a path, a source and the maximum number of levels. */
#define FSE_MESSAGE	65536
#define FSE_LEVELS	128

/**
 * struct fse_level_facts - a level of a watch, decoded
 * @has: bit n is set if attribute n is present
 *
 * The other members are one per attribute.
 */
struct fse_level_facts {
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
 * struct fse_facts - a watch, decoded
 * @has: bit n is set if attribute n is present
 * @flags: flags of the message
 * @nr_level: number of levels
 * @level: the levels
 *
 * The other members are one per attribute.
 */
struct fse_facts {
	__u32 has;
	__u16 flags;
	__u32 id;
	char mount[PATH_MAX];
	__u32 events;
	unsigned int nr_level;
	struct fse_level_facts level[FSE_LEVELS];
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

static inline bool fse_has_fact(const struct fse_facts *facts, unsigned int attr)
{
	return facts->has & (1U << attr);
}

/**
 * struct fse_answer - result of a command
 * @err: 0 or a negative errno
 * @seq: sequence number of the command
 * @why: extended acknowledgment message, "" if none
 * @offset: offset of the attribute at fault in the message; 0 if none
 * @missing: type of the missing attribute; 0 if none
 * @interrupted: the dump was inconsistent (NLM_F_DUMP_INTR)
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
 * Begins a command. The caller adds attributes with mnl_attr_put_*() and sends
 * it with fse_command_send() or a wrapper. The buffer is static and valid until
 * the next call.
 */
struct nlmsghdr *fse_command(const struct fse_listener *l, unsigned int cmd);
/* Begins a level with its kind and trigger, and ends it. */
struct nlattr *fse_put_level(struct nlmsghdr *nlh, __u32 kind, __u64 trigger,
			     __u32 unit);
void fse_end_level(struct nlmsghdr *nlh, struct nlattr *nest);

/* Sends a command; the caller reads its answer later. 0 or a negative errno. */
int fse_command_send(struct fse_listener *l, struct nlmsghdr *nlh);

/*
 * Reads the answer to a command that was sent, ignoring its reply. Returns the
 * error.
 */
int fse_answered(struct fse_listener *l, struct fse_answer *a);

/*
 * Sends a command and reads the answer. Returns its error, also in @a (which
 * may be NULL), and the reply in @facts.
 */
int fse_run(struct fse_listener *l, struct nlmsghdr *nlh,
	    struct fse_answer *a, struct fse_facts *facts);

/*
 * Like fse_run(), for a reply with numeric attributes only (statistics), by
 * attribute type; @has says which are present.
 */
int fse_run_numbers(struct fse_listener *l, struct nlmsghdr *nlh,
		    struct fse_answer *a, __u64 *number, __u32 *has);

/* Requests a dump; fse_dump_next() reads it. */
int fse_dump_start(struct fse_listener *l);
/* The next message of a dump: 1, 0 at the end, or a negative errno. */
int fse_dump_next(struct fse_listener *l, struct fse_answer *a,
		  struct fse_facts *facts);

/*
 * Reads a whole dump. Returns how often the watch of @mount occurred, or a
 * negative errno; stores the number of all watches in @nr.
 */
int fse_dump_find(struct fse_listener *l, const char *mount,
		  struct fse_facts *facts, unsigned int *nr);

/* Gets the watch of a mount, or by its ID. Like fse_run(). */
int fse_get(struct fse_listener *l, const char *mount, struct fse_facts *facts);
int fse_get_id(struct fse_listener *l, __u32 id, struct fse_facts *facts);
/* Removes the watch. */
int fse_del(struct fse_listener *l, const char *mount);
int fse_del_id(struct fse_listener *l, __u32 id);
/* Watches all generic events. */
int fse_set_generic(struct fse_listener *l, const char *mount,
		    struct fse_facts *facts);

/* The next message of the config group: 1, 0, or a negative errno. */
int fse_change(struct fse_listener *l, struct fse_facts *facts, int timeout);

/* All generic events. */
#define FSE_GENERIC							\
	(1U << FS_WARN_ENOSPC | 1U << FS_WARN_ENOSPC_META |		\
	 1U << FS_ERR_REMOUNT_RO | 1U << FS_ERR_CORRUPTED |		\
	 1U << FS_ERR_IO | 1U << FS_ERR_SHUTDOWN)

#endif /* COMMAND_H */
