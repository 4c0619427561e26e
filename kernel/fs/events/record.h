/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: what a sink gets of an event.
 *
 * A record is copied into queues, so it is small: it has the facts of one
 * event and refers to what the events of a watch share. Sinks know records
 * and nothing of watches or file systems.
 */
#ifndef _FS_EVENTS_RECORD_H
#define _FS_EVENTS_RECORD_H

#include <linux/build_bug.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/uuid.h>

struct pid;

/* A string that several may hold: the path of a mount. */
struct fse_string {
	refcount_t refs;
	char s[];
};

/**
 * struct fse_identity - which file system a record is about; never changes
 * @refs: one each watch and each record in a queue
 * @dev: st_dev
 * @fsid: f_fsid of statfs(2)
 * @uuid: UUID of the file system, null when it has none
 * @fstype: type of the file system
 * @source: device or other source
 */
struct fse_identity {
	refcount_t refs;
	dev_t dev;
	u64 fsid;
	uuid_t uuid;
	const char *fstype;
	const char *source;
};

/**
 * struct fse_record - an event as the sinks get it
 * @time_ns: CLOCK_REALTIME of the first occurrence
 * @avail: levels: blocks available (inodes free)
 * @trigger: levels: the trigger crossed, in blocks (inodes)
 * @total: levels: total blocks (inodes)
 * @frsize: levels of space: bytes a block; otherwise 0
 * @level_nr: levels: position, from 1
 * @ino: others: inode number, or 0
 * @error: others: positive errno, if @has_error
 * @id: enum fs_event_type
 * @count: occurrences the record stands for
 * @entry: id of the watch
 * @of: FS_INFO_CLEARED: the event that is over
 * @is_level: a level was crossed
 * @has_error: @error is to be shown
 * @last: the watch ended with this
 * @pid: the process that caused the event, or NULL
 * @identity: which file system
 * @mount: path of the mount
 */
struct fse_record {
	u64 time_ns;
	union {
		struct {
			u64 avail;
			u64 trigger;
			u64 total;
			u32 frsize;
			u32 level_nr;
		};
		struct {
			u64 ino;
			u32 error;
		};
	};
	u32 id;
	u32 count;
	u32 entry;
	u32 of;
	bool is_level;
	bool has_error;
	bool last;
	struct pid *pid;
	struct fse_identity *identity;
	struct fse_string *mount;
};

/* A queue has 1,024 of them. */
static_assert(sizeof(struct fse_record) <= 128);

struct fse_string *fse_string_alloc(const char *s, gfp_t gfp);
struct fse_string *fse_string_get(struct fse_string *string);
void fse_string_put(struct fse_string *string);
struct fse_identity *fse_identity_alloc(const char *fstype,
					const char *source);
struct fse_identity *fse_identity_get(struct fse_identity *identity);
void fse_identity_put(struct fse_identity *identity);

#endif /* _FS_EVENTS_RECORD_H */
