/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fsalert-poll: file system events on machines without the kernel module.
 *
 *	standard input --> request.c: a line is a transaction
 *	                     place.c: what a path leads to; mark.c: its marks
 *	mount table, inotify --> mounts.c, notices.c --+
 *	statfs(2) --> ask.c, health.c                --+--> watch.c --> output.c
 *	fanotify --> notices.c                       --+    slots       lines
 *
 * One thread, that of main.c, has all state. What may wait for a server, looking
 * up a path or asking for figures, is a job: a thread of its own that works on
 * nothing but the job, which comes back to the main thread when it is done.
 */
#ifndef _FSALERT_POLL_INTERNAL_H
#define _FSALERT_POLL_INTERNAL_H

#include <stdio.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/types.h>

#include <linux/limits.h>
#include <linux/types.h>

#include <uapi/linux/fs_event.h>

#include "grammar.h"
#include "interval.h"
#include "levels.h"
#include "slot.h"

/* Since Linux 6.8, which headers may be older than. */
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE	0x00004000U
#endif

#define BIT(nr)		(1U << (nr))
#define NS_PER_MS	1000000ULL
#define NS_PER_S	1000000000ULL
#define NEVER		U64_MAX

/* Reported once an episode. */
#define LASTING		(BIT(FS_ERR_REMOUNT_RO) | BIT(FS_ERR_SHUTDOWN))
#define FULL_EVENTS	(BIT(FS_WARN_ENOSPC) | BIT(FS_WARN_ENOSPC_META))
#define ERRORS		(BIT(FS_ERR_CORRUPTED) | BIT(FS_ERR_IO))
/* FS_INFO_CLEARED says when they are over. */
#define CONDITIONS	(LASTING | FULL_EVENTS)

/* --- job.c: what may wait ------------------------------------------------- */

/* So many questions at once; the others wait. */
#define JOBS_MAX	256

/**
 * struct job - something that may wait for a server
 * @next: in a list
 * @is_request: it is the transaction, of which there is one at a time; otherwise a
 *	question
 * @optional: a question that may be left out: half of JOBS_MAX is for the others
 * @work: called in a thread of its own; sees only the job
 * @done: called in the main thread after that; the job is its own again
 */
struct job {
	struct job *next;
	bool is_request;
	bool optional;
	void (*work)(struct job *job);
	void (*done)(struct job *job);
};

extern int jobs_fd;
int jobs_init(void);
int job_start(struct job *job);
void jobs_finish(bool requests);
bool jobs_wait(void);

/* --- output.c: lines ------------------------------------------------------ */

#define OUTPUT_EVENTS	1024
#define LINE_MAX_SIZE	8192

/**
 * struct text - a line that is being made
 * @len: its bytes so far
 * @buf: these; what does not fit is left out
 */
struct text {
	size_t len;
	char buf[LINE_MAX_SIZE];
};

void __printf(2, 3) text_add(struct text *t, const char *format, ...);
void text_add_value(struct text *t, const char *name, const char *value,
		    size_t after);

/**
 * struct record - an event
 * @id: enum fs_event_type
 * @of: FS_INFO_CLEARED: the event that is over
 * @count: occurrences that it stands for
 * @time_ns: CLOCK_REALTIME of the first of them
 * @level_nr: position of the level, from 1; 0: the event is about no level
 * @trigger: the level, in blocks (inodes)
 * @gauge: levels: the figures
 * @has_error: @error is to be shown
 * @error: positive errno
 * @ino: inode number, or 0
 * @last: the watch ended with this
 */
struct record {
	u32 id;
	u32 of;
	u32 count;
	u64 time_ns;
	unsigned int level_nr;
	u64 trigger;
	struct fse_gauge gauge;
	bool has_error;
	u32 error;
	u64 ino;
	bool last;
};

struct watch;

/**
 * struct output - what the reader has not taken yet
 * @fd: where it goes
 * @line: the line that is being written
 * @done: bytes of it that were
 * @reply: comes before any event; empty: there is none
 * @lost: events that were dropped since the reader last learned of it
 * @first: number of the oldest event in the queue, from 0
 * @end: number of the next event
 * @queue: the lines of events, a ring
 */
struct output {
	int fd;
	struct text line;
	size_t done;
	struct text reply;
	u64 lost;
	u64 first;
	u64 end;
	char *queue[OUTPUT_EVENTS];
};

extern struct output output;

void output_event(struct output *o, const struct watch *w,
		  const struct record *r);
bool output_pending(const struct output *o);
int output_write(struct output *o);
void output_drop(struct output *o);

/* --- mounts.c: the mount table -------------------------------------------- */

/**
 * struct mount - a line of the mount table; strings are good until it is read anew
 * @id: mount ID
 * @parent: that of the mount that this one is on
 * @dev: st_dev
 * @target: where it is
 * @fstype: its type, with the subtype
 * @source: what was mounted
 * @read_only: the mount is, whatever the file system is
 * @remote: a system call on its path may wait for a server
 */
struct mount {
	int id;
	int parent;
	dev_t dev;
	const char *target;
	const char *fstype;
	const char *source;
	bool read_only;
	bool remote;
};

extern int mounts_fd;
int mounts_init(void);
int mounts_read(FILE *file);
const struct mount *mount_find(int id);
bool mounts_have(dev_t dev);
bool mounts_changed(void);
bool mounts_fresh(void);
bool mounts_failed(void);
u64 mounts_due(void);
void mounts_refresh(u64 now);
void mounts_distrust(void);

/* --- place.c: what a path leads to ---------------------------------------- */

/**
 * struct place - the root of a mount
 * @mount_id: which mount
 * @unique_id: its ID that no other mount ever has, from Linux 6.8, or 0
 * @major: of its device; 0: it has none
 * @wd: watch descriptor of inotify for it, or -1
 * @marked: fanotify reports errors of its file system
 * @st: its figures
 * @has_uuid: the file system has one
 * @uuid: this
 */
struct place {
	int mount_id;
	u64 unique_id;
	unsigned int major;
	int wd;
	bool marked;
	struct statfs st;
	bool has_uuid;
	u8 uuid[16];
};

int place_look_up(struct place *place, const char *path, const char **why);

/* --- mark.c: marks, by which the kernel reports what it can by itself ----- */

void mark_place(struct place *place, int fd, bool errors);
void marks_begin(void);
bool marks_running(void);

/* --- watch.c: watches ----------------------------------------------------- */

enum set {
	SPACE,
	INODES,
	/* No longer watched, and the reader has to learn that. */
	OLD_SPACE,
	OLD_INODES,
	SET_NR,
};

#define CONDITION_NR	4
#define ERROR_NR	6

/**
 * struct note - what is pending about one event or level
 * @slot: how often, since when
 * @gauge: levels: the figures of the last turn
 * @trigger: levels: the level in blocks (inodes)
 * @error: others: positive errno of the first occurrence
 * @ino: others: its inode, or 0
 */
struct note {
	struct fse_slot slot;
	struct fse_gauge gauge;
	u64 trigger;
	u32 error;
	u64 ino;
};

/**
 * struct level_set - the levels of a type
 * @nr: how many
 * @level: their states, behind @note in memory
 * @note: what is pending about each
 */
struct level_set {
	unsigned int nr;
	struct fse_level *level;
	struct note note[];
};

/**
 * struct ext4_state - what ext4 tells of itself
 * @known: the rest is
 * @errors_ro: it stops accepting writes at an error
 * @emergency_ro: it has, as Linux 6.15 and later say
 * @shutdown: it was shut down, likewise
 * @errors: how many it has seen in its life
 * @code: kind of the last one, as on the disk
 * @ino: its inode, or 0
 */
struct ext4_state {
	bool known;
	bool errors_ro;
	bool emergency_ro;
	bool shutdown;
	u64 errors;
	unsigned int code;
	u64 ino;
};

/* Why a file system is read-only, if it is. */
enum read_only {
	RO_NO,
	RO_REMOUNTED,
	RO_FAILED,
};

/**
 * struct health - whether a file system accepts writes
 * @disk: name of its disk in sysfs, empty: it has none
 * @is_ext4: it is of that driver
 * @is_xfs: of that one
 * @ro: is it read-only, and why?
 * @remounted_ns: monotonic time when one of its mounts had turned read-only, and no
 *	answer since said that the file system accepts writes; or 0
 * @ext4: what ext4 said last
 * @ext4_failed: it stopped, which nothing but its counter of errors shows
 * @reported: failures that were reported and can't be asked for, bits
 * @failed: the failures that the last sample saw, bits
 * @error_ns: monotonic time of the last error, 0: there was none
 */
struct health {
	char disk[64];
	bool is_ext4;
	bool is_xfs;
	enum read_only ro;
	u64 remounted_ns;
	struct ext4_state ext4;
	bool ext4_failed;
	u32 reported;
	u32 failed;
	u64 error_ns;
};

/**
 * struct watch - what is watched of a mount
 * @next: in the list of all
 * @id: entry id
 * @mount_id: which mount
 * @unique_id: as in struct place
 * @dev: its st_dev
 * @mount: its path
 * @fstype: type of its file system
 * @source: what was mounted
 * @fsid: f_fsid
 * @has_uuid: its file system has one
 * @uuid: this
 * @wd: watch descriptor of inotify, or -1: it does not tell of the umount
 * @marked: fanotify reports errors of its file system, and tells them from others
 * @mark_wanted: a thread is to set its marks
 * @remote: asking it may wait
 * @read_only: the mount is
 * @types: what is on, FSE_TYPE_*
 * @events: generic events that are on, bits
 * @reported: conditions that were reported and are not over, bits
 * @reported_ns: monotonic time of the last report of each
 * @order: rank of the last occurrence
 * @error: generic events, conditions first
 * @cleared: their ends
 * @set: levels
 * @health: of its file system
 * @not_data: btrfs: free blocks that data can't have
 * @interval: state of the sampling interval
 * @due_ns: when to ask next, monotonic; NEVER: nothing is there to be seen
 * @deliver_ns: when to deliver next
 * @gone_ns: when it was missed in the mount table, 0: it is there
 * @moved_ns: when its path or its place changed last
 * @asking: a job is asking
 * @blind: its path leads elsewhere, or nowhere
 */
struct watch {
	struct watch *next;
	u32 id;
	int mount_id;
	u64 unique_id;
	dev_t dev;
	char *mount;
	char *fstype;
	char *source;
	u64 fsid;
	bool has_uuid;
	u8 uuid[16];
	int wd;
	bool marked;
	bool mark_wanted;
	bool remote;
	bool read_only;

	unsigned int types;
	u32 events;
	u32 reported;
	u64 reported_ns[CONDITION_NR];
	u64 order;
	struct note error[ERROR_NR];
	struct note cleared[CONDITION_NR];
	struct level_set *set[SET_NR];
	struct health health;
	u64 not_data;

	struct fse_interval interval;
	u64 due_ns;
	u64 deliver_ns;
	u64 gone_ns;
	u64 moved_ns;
	bool asking;
	bool blind;
};

extern struct watch *watches;
extern unsigned int nr_watches;
extern bool privileged;

u64 now_ns(void);
u64 real_ns(void);
u64 cpu_ns(void);
struct watch *watch_by_mount(int mount_id);
struct watch *watch_by_id(u32 id);
struct watch *watch_alloc(const struct place *place, const struct mount *m);
void watch_publish(struct watch *w);
void watch_free(struct watch *w);
struct level_set *set_alloc(const struct fse_level_spec *spec, unsigned int nr);
void watch_set_levels(struct watch *w, enum set which, struct level_set *set,
		      bool keep);
void watch_set_events(struct watch *w, u32 events);
void watch_changed(struct watch *w);
void watch_notes(struct watch *w, unsigned int id, const struct note *from);
void watch_fails(struct watch *w, unsigned int id, int error);
void watch_clear(struct watch *w, u32 conditions);
void watch_run(struct watch *w, enum set which, const struct fse_gauge *g);
void watch_deliver(struct watch *w, u64 now);
void watch_remove(struct watch *w);
void watch_end(struct watch *w, int error);
void watch_drop_wd(int wd);
void watch_lose_wd(int wd);
int error_slot(unsigned int id);

/* --- ask.c, health.c: sampling -------------------------------------------- */

/**
 * struct figures - what asking a file system gave
 * @err: 0, or a negative errno of statfs(2)
 * @elsewhere: the path leads to another mount
 * @old_table: the mount table has changed and was not read since
 * @shut: xfs has shut down
 * @disk_gone: its disk is gone
 * @disk_unknown: is it? That could not be read
 * @written: sectors written to its disk so far
 * @st: the figures
 * @ext4: its state, if it was asked
 * @begun_ns: monotonic time of the question
 * @took_ns: how long the answer took
 * @cost_ns: CPU time of that
 */
struct figures {
	int err;
	bool elsewhere;
	bool old_table;
	bool shut;
	bool disk_gone;
	bool disk_unknown;
	u64 written;
	struct statfs st;
	struct ext4_state ext4;
	u64 begun_ns;
	u64 took_ns;
	u64 cost_ns;
};

void ask_take(struct watch *w, const struct figures *f, u64 now);
bool ask_may(const struct watch *w);
void ask_due(u64 now);
void ask_soon(struct watch *w, u64 delay_ns);

void health_begin(struct watch *w, const struct statfs *st);
void health_ask(const struct health *h, bool errors, struct figures *f);
void health_take(struct watch *w, const struct figures *f, u64 now);
bool health_wanted(const struct watch *w);
u64 health_delay(const struct watch *w, u64 delay_ns, u64 now);
void health_error(struct watch *w, int error, u64 ino, unsigned int count);

/* --- notices.c: what the kernel reports by itself ------------------------- */

extern int fanotify_fd;
extern int inotify_fd;
void notices_init(void);
void notices_begin(struct watch *w, bool marked);
void notices_read_fanotify(void);
void notices_read_inotify(void);
void fanotify_take(const char *buf, size_t len);

/* --- capabilities.c: what can be had here --------------------------------- */

void capabilities_add(struct text *t);

/* --- request.c: transactions ---------------------------------------------- */

bool request_wants_input(void);
int request_read(int fd);
bool request_next(void);
bool request_idle(void);
bool request_ready(void);

#endif /* _FSALERT_POLL_INTERNAL_H */
