/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libfsalert - alerts about file systems: little space or few inodes left, no
 * space, corruption, I/O errors, writes no longer accepted, unmounts.
 *
 * A handle has watches and gives their events. There are two kinds:
 *
 * fsalert_open() - private watches. They belong to the handle, and end with it.
 *	Levels need no privilege. Their source is the kernel, where the module
 *	fs_events is loaded, or the program fsalert-poll, which the library
 *	starts. Both give the same events.
 *
 * fsalert_open_all() - the global watches of the kernel, which outlive the
 *	programs that make them: their events, and the state that each is in.
 *
 * Every call returns at once, but for fsalert_wait(), and calls with a request,
 * which take as long as the file systems named need to answer statfs(2).
 * Functions that can fail return a negative errno.
 *
 * Space is in blocks of FSALERT_KEY_FRSIZE bytes, time in nanoseconds since 1970.
 *
 * Threads: a handle may be used by one thread at a time, handles are
 * independent of each other, and there is no global state. No signal handler,
 * signal mask or SIGCHLD of the program is touched, and the program has no child
 * to wait for: fsalert-poll is a child of init (or of the nearest subreaper),
 * and ends with the handle.
 *
 * Namespaces: a handle belongs to the namespaces and the root directory of the
 * thread that opened it. A thread that called setns(2), unshare(2) or chroot(2)
 * later can still call fsalert_next(). Requests and fsalert_each() have to come
 * from a thread with the mount namespace and the root of the opener.
 */
#ifndef FSALERT_H
#define FSALERT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct fsalert;
struct fsalert_event;
struct fsalert_entry;

/**
 * enum fsalert_from - where the events of private watches come from
 * @FSALERT_ANY: the kernel, or fsalert-poll when the kernel has no events
 * @FSALERT_KERNEL: the kernel alone
 * @FSALERT_POLL: fsalert-poll, also where the kernel could do it
 */
enum fsalert_from {
	FSALERT_ANY,
	FSALERT_KERNEL,
	FSALERT_POLL,
};

/**
 * enum fsalert_type - what happened
 * @FSALERT_UNKNOWN: an event that this version of the library doesn't know;
 *	FSALERT_KEY_NAME has its name
 * @FSALERT_ENOSPC: no space left for data
 * @FSALERT_ENOSPC_META: no space left for metadata: inodes, names, attributes
 * @FSALERT_BELOW: available space fell to a level or below
 * @FSALERT_ABOVE: available space rose above the re-arm of a level
 * @FSALERT_INO_BELOW: free inodes fell to a level or below
 * @FSALERT_INO_ABOVE: free inodes rose above the re-arm of a level
 * @FSALERT_REMOUNT_RO: the file system stopped accepting writes after an error
 * @FSALERT_CORRUPTED: corruption was found
 * @FSALERT_IO_ERROR: written data was lost, or metadata could not be read or
 *	written
 * @FSALERT_SHUTDOWN: the file system shut itself down
 * @FSALERT_CLEARED: a condition is over; FSALERT_KEY_OF says which
 * @FSALERT_UNMOUNT: the file system or the mount went away; FSALERT_KEY_LAST:
 *	and the watch with it
 * @FSALERT_OWN: a file system's own event: see fsalert_payload()
 * @FSALERT_LOST: events were lost, FSALERT_KEY_COUNT of them where that is known.
 *	A handle of fsalert_open_all() reads the states again and reports each
 *	difference by an event with FSALERT_KEY_RESYNC
 * @FSALERT_GONE: the source ended: the module was unloaded, or fsalert-poll died
 * @FSALERT_BACK: the source is there again. Nothing counts that was reported
 *	before: conditions that are still on are reported again. What fsalert-poll
 *	had accepted is watched again, also what was removed by its number since
 * @FSALERT_ADDED: a global watch was made
 * @FSALERT_CHANGED: a global watch was changed
 * @FSALERT_REMOVED: a global watch was removed, and what it reported is over; or
 *	a private one, which fsalert-poll refused when it was started again
 */
enum fsalert_type {
	FSALERT_UNKNOWN		= 0,
	FSALERT_ENOSPC		= 1,
	FSALERT_ENOSPC_META	= 2,
	FSALERT_BELOW		= 3,
	FSALERT_ABOVE		= 4,
	FSALERT_INO_BELOW	= 5,
	FSALERT_INO_ABOVE	= 6,
	FSALERT_REMOUNT_RO	= 7,
	FSALERT_CORRUPTED	= 8,
	FSALERT_IO_ERROR	= 9,
	FSALERT_SHUTDOWN	= 10,
	FSALERT_CLEARED		= 11,
	FSALERT_UNMOUNT		= 12,
	FSALERT_OWN		= 13,
	FSALERT_LOST		= 32,
	FSALERT_GONE		= 33,
	FSALERT_BACK		= 34,
	FSALERT_ADDED		= 35,
	FSALERT_CHANGED		= 36,
	FSALERT_REMOVED		= 37,
};

/**
 * enum fsalert_severity - how bad an event is
 * @FSALERT_INFO: nothing is wrong, or something is right again
 * @FSALERT_WARNING: a level was crossed, or events were lost
 * @FSALERT_ERROR: a program was or will be refused something, or data is lost
 */
enum fsalert_severity {
	FSALERT_INFO,
	FSALERT_WARNING,
	FSALERT_ERROR,
};

/**
 * enum fsalert_key - a fact about an event, a watch or a level
 * @FSALERT_KEY_NAME: text: name of the event, as in lines of the kernel
 * @FSALERT_KEY_SEQ: number of the event in its source, lost ones included
 * @FSALERT_KEY_TIME: when it happened first, nanoseconds since 1970
 * @FSALERT_KEY_DEV_MAJOR: device number, as st_dev of stat(2) has it
 * @FSALERT_KEY_DEV_MINOR: the same
 * @FSALERT_KEY_MOUNT: text: path of the mount that is watched
 * @FSALERT_KEY_FSTYPE: text: type of the file system
 * @FSALERT_KEY_SOURCE: text: its device, or what it has instead
 * @FSALERT_KEY_AVAIL: blocks available; events of inodes: inodes free
 * @FSALERT_KEY_TOTAL: blocks (inodes) of the file system
 * @FSALERT_KEY_FRSIZE: bytes a block; events of inodes don't have it
 * @FSALERT_KEY_LEVEL: the level, in blocks (inodes)
 * @FSALERT_KEY_LEVEL_NR: its position among the levels of its kind, from 1
 * @FSALERT_KEY_ERRNO: errno of the first error, positive; FSALERT_UNMOUNT: 0, the
 *	file system went, or EXDEV, it is still mounted elsewhere
 * @FSALERT_KEY_INO: inode number
 * @FSALERT_KEY_PID: the process that caused it; 0: none, or not known
 * @FSALERT_KEY_COUNT: how many events this one stands for
 * @FSALERT_KEY_ENTRY: number of the watch
 * @FSALERT_KEY_FSID: f_fsid of statfs(2), val[0] in the low half
 * @FSALERT_KEY_UUID: text: UUID of the file system
 * @FSALERT_KEY_LAST: FSALERT_UNMOUNT: 1, the watch ended
 * @FSALERT_KEY_OF: FSALERT_CLEARED: what is over, enum fsalert_type; as text
 *	its name
 * @FSALERT_KEY_RESYNC: 1: found by reading the states after a loss
 * @FSALERT_KEY_ID: number of the event in the kernel's netlink family
 * @FSALERT_KEY_REQUEST: watches, FSALERT_ADDED, FSALERT_CHANGED: text: what is
 *	watched, as in a request, without the path: "G T 10%:12% 5%".
 *	FSALERT_REMOVED of a private watch: the request that was refused when
 *	fsalert-poll was started again
 * @FSALERT_KEY_EVENTS: watches: events that are on, bits of 1 << enum fsalert_type
 * @FSALERT_KEY_LASTING: watches: failures that last, bits of 1 << enum
 *	fsalert_type
 * @FSALERT_KEY_INODES_FREE: watches: inodes free
 * @FSALERT_KEY_INODES: watches: inodes of the file system
 * @FSALERT_KEY_ELSEWHERE: watches: 1: its events go to another network namespace
 * @FSALERT_KEY_KIND: levels: FSALERT_BELOW, space, or FSALERT_INO_BELOW, inodes
 * @FSALERT_KEY_REARM: levels: the re-arm, in blocks (inodes)
 * @FSALERT_KEY_IS_BELOW: levels: 1: crossed, and not risen above the re-arm since
 * @FSALERT_KEY_TEXT: levels: text: as in a request, "10%:12%"
 */
enum fsalert_key {
	FSALERT_KEY_NAME	= 1,
	FSALERT_KEY_SEQ		= 2,
	FSALERT_KEY_TIME	= 3,
	FSALERT_KEY_DEV_MAJOR	= 4,
	FSALERT_KEY_DEV_MINOR	= 5,
	FSALERT_KEY_MOUNT	= 6,
	FSALERT_KEY_FSTYPE	= 7,
	FSALERT_KEY_SOURCE	= 8,
	FSALERT_KEY_AVAIL	= 9,
	FSALERT_KEY_TOTAL	= 10,
	FSALERT_KEY_FRSIZE	= 11,
	FSALERT_KEY_LEVEL	= 12,
	FSALERT_KEY_LEVEL_NR	= 13,
	FSALERT_KEY_ERRNO	= 14,
	FSALERT_KEY_INO		= 15,
	FSALERT_KEY_PID		= 16,
	FSALERT_KEY_COUNT	= 17,
	FSALERT_KEY_ENTRY	= 18,
	FSALERT_KEY_FSID	= 19,
	FSALERT_KEY_UUID	= 20,
	FSALERT_KEY_LAST	= 21,
	FSALERT_KEY_OF		= 22,
	FSALERT_KEY_RESYNC	= 23,
	FSALERT_KEY_ID		= 24,
	FSALERT_KEY_REQUEST	= 25,
	FSALERT_KEY_EVENTS	= 26,
	FSALERT_KEY_LASTING	= 27,
	FSALERT_KEY_INODES_FREE	= 28,
	FSALERT_KEY_INODES	= 29,
	FSALERT_KEY_ELSEWHERE	= 30,
	FSALERT_KEY_KIND	= 31,
	FSALERT_KEY_REARM	= 32,
	FSALERT_KEY_IS_BELOW	= 33,
	FSALERT_KEY_TEXT	= 34,
};

/**
 * struct fsalert_spec - what to watch a file system for
 * @size: sizeof(struct fsalert_spec): members may be added at the end
 * @events: names of events, "enospc,io_error"; "": all; NULL: none. They need
 *	CAP_SYS_ADMIN over the file system
 * @space: levels of available space, from the most space to the least, as in
 *	"10%:12% 20G": events come at 10 % and below, above 12 %, and at 20 GiB
 * @inodes: levels of free inodes, likewise
 */
struct fsalert_spec {
	size_t size;
	const char *events;
	const char *space;
	const char *inodes;
};

/* fsalert_watch(h, "/srv", FSALERT_SPEC(.space = "5%:8%")) */
#define FSALERT_SPEC(...)					\
	(&(const struct fsalert_spec){				\
		.size = sizeof(struct fsalert_spec), __VA_ARGS__ })

/**
 * fsalert_open - open a handle for private watches
 * @h: the new handle, for fsalert_unref(); NULL when the function fails
 * @from: the source of the events
 *
 * FSALERT_ANY takes fsalert-poll only when the kernel has no events to give. It
 * is the file that the environment variable FSALERT_POLL names, unless the
 * program has more rights than its user, or the installed one.
 *
 * Context: any thread.
 * Return: 0; -ENOENT: there is no such source; -EPIPE: fsalert-poll ended at once,
 * and said why on standard error: it needs Linux 5.8; -EMFILE, -ENOMEM and others:
 * try again later.
 */
int fsalert_open(struct fsalert **h, enum fsalert_from from);

/**
 * fsalert_watch_fd - the kernel's file that a handle has its watches from
 * @h: a handle of fsalert_open() or fsalert_open_fd()
 *
 * The watches live as long as any descriptor of the file. A program that hands a
 * copy to its service manager (FDSTORE=1 of sd_notify(3), with FDPOLL=0) can go on
 * with them in fsalert_open_fd() after it was started again.
 *
 * Context: any thread.
 * Return: the descriptor, which stays the handle's; -EOPNOTSUPP: the handle has
 * another source.
 */
int fsalert_watch_fd(const struct fsalert *h);

/**
 * fsalert_open_fd - open a handle with the watches of an earlier one
 * @h: the new handle, for fsalert_unref(); NULL when the function fails
 * @fd: a copy of the descriptor of fsalert_watch_fd()
 *
 * On success @fd belongs to the handle: fsalert_watch_fd() returns it, the last
 * fsalert_unref() closes it, the program must not, and programs that are executed
 * don't get it (FD_CLOEXEC).
 *
 * Gives the events that nothing has read yet. Two handles must not use the same
 * file at a time: each event goes to one of them.
 *
 * Context: any thread.
 * Return: 0; -ENOENT: @fd is no such file; -EBADF: it is not open; -EMFILE, -ENOMEM
 * and others: try again later. After an error @fd is still the program's.
 */
int fsalert_open_fd(struct fsalert **h, int fd);

/**
 * fsalert_open_all - open a handle for all global watches
 * @h: the new handle, for fsalert_unref(); NULL when the function fails
 * @instance: where fstrace is mounted; NULL: /sys/fs/events. Only
 *	fsalert_request() and fsalert_watch() need it
 * @queue_bytes: memory of the kernel for events that were not read yet; 0: 16 MiB
 *
 * Shows the watches whose mounts the thread can reach, and the events that go to
 * its network namespace.
 *
 * Context: any thread.
 * Return: 0; -ENOENT: the kernel has no file system events; -EPERM: listening
 * takes CAP_SYS_ADMIN over the network namespace; -EINVAL: @queue_bytes is more
 * than INT_MAX; -EPROTONOSUPPORT: the kernel's are too old.
 */
int fsalert_open_all(struct fsalert **h, const char *instance,
		     size_t queue_bytes);

/**
 * fsalert_open_config - open a handle to set global watches, without listening
 * @h: the new handle, for fsalert_unref(); NULL when the function fails
 * @instance: as fsalert_open_all()
 *
 * fsalert_next() gives no events. A request needs CAP_SYS_ADMIN over the file
 * system alone.
 *
 * Context: any thread.
 * Return: 0 or a negative errno.
 */
int fsalert_open_config(struct fsalert **h, const char *instance);

/**
 * fsalert_list - look at all global watches, without listening
 * @fn: called for each; what is not 0 ends the walk
 * @data: its last argument
 *
 * Takes no privilege.
 *
 * Context: any thread.
 * Return: what @fn returned last; 0: there is no watch; or a negative errno as
 * fsalert_open_all().
 */
int fsalert_list(int (*fn)(const struct fsalert_entry *entry, void *data),
		 void *data);

/**
 * fsalert_ref - take another reference to a handle
 * @h: the handle
 *
 * Context: one thread at a time for each handle.
 * Return: @h.
 */
struct fsalert *fsalert_ref(struct fsalert *h);

/**
 * fsalert_unref - give a reference back; with the last one the handle goes
 * @h: the handle; NULL: nothing is done
 *
 * Private watches end.
 *
 * Context: one thread at a time for each handle.
 * Return: NULL.
 */
struct fsalert *fsalert_unref(struct fsalert *h);

/**
 * fsalert_source - where the events of a handle come from
 * @h: the handle
 *
 * Context: any thread.
 * Return: FSALERT_KERNEL or FSALERT_POLL.
 */
enum fsalert_from fsalert_source(const struct fsalert *h);

/**
 * fsalert_queue_bytes - how large a queue the kernel gave to a handle
 * @h: a handle of fsalert_open_all()
 *
 * Context: any thread.
 * Return: bytes, which may be less than what was asked for: the kernel limits it
 * by net.core.rmem_max without CAP_NET_ADMIN. 0: another kind of handle.
 */
size_t fsalert_queue_bytes(const struct fsalert *h);

/**
 * fsalert_request - set, change or remove watches
 * @h: the handle
 * @request: requests, separated by ";" or newlines: "/srv T 10%:12% 5%", "!/srv".
 *	All take effect, or none does. The path is that of a mount, with blanks as
 *	\040. Nothing but blanks removes all watches
 *
 * Context: one thread at a time for each handle; may wait for file systems.
 * Return: 0; -EINVAL: the request is wrong, or the path is no mount; -ENOENT: no
 * such path, or not watched, or no such instance; -EOPNOTSUPP: the file system has no such figures;
 * -ERANGE: levels in the wrong order; -EPERM: no privilege; -E2BIG, -EDQUOT: too
 * many; -EAGAIN: fsalert-poll waits for too many file systems; -ENODEV:
 * fsalert-poll is gone, or fstrace not mounted; -ETIMEDOUT: it didn't answer within
 * 30 s. fsalert_why() has the reason. After -ETIMEDOUT or -ENOMEM
 * fsalert-poll may still accept the request, also after it was started again. After
 * other errors the request has no effect.
 */
int fsalert_request(struct fsalert *h, const char *request);

/**
 * fsalert_watch - watch the file system that a path is on
 * @h: the handle
 * @path: any path. The mount that it is on is watched, and FSALERT_KEY_MOUNT of
 *	the events is the path of that mount
 * @spec: what for, see FSALERT_SPEC()
 *
 * Context: one thread at a time for each handle; may wait for file systems.
 * Return: as fsalert_request().
 */
int fsalert_watch(struct fsalert *h, const char *path,
		  const struct fsalert_spec *spec);

/**
 * fsalert_mount_of - the mount that a path is on
 * @path: the path; symbolic links are followed
 * @mount: where the path of the mount goes, to be freed with free(3)
 *
 * Context: any thread; may wait for the file system.
 * Return: 0 or a negative errno of the path.
 */
int fsalert_mount_of(const char *path, char **mount);

/**
 * fsalert_escape - a path as it is written in a request
 * @path: the path
 *
 * Context: any thread.
 * Return: the escaped path, to be freed with free(3); NULL: no memory.
 */
char *fsalert_escape(const char *path);

/**
 * fsalert_why - why the last request of a handle was refused
 * @h: the handle
 * @offset: where the word at fault begins in the request, in bytes; may be NULL
 *
 * Context: one thread at a time for each handle.
 * Return: text, good until the next call with @h; never NULL.
 */
const char *fsalert_why(const struct fsalert *h, size_t *offset);

/**
 * fsalert_fd - what to wait on
 * @h: the handle
 *
 * Context: any thread.
 * Return: a descriptor of the handle's for poll(2) and the like. It is readable
 * until fsalert_next() returned 0, whatever there is to say.
 */
int fsalert_fd(const struct fsalert *h);

/**
 * fsalert_next - the next event, if there is one
 * @h: the handle
 * @ev: the event, good until the next call with @h; not changed without one
 *
 * Context: one thread at a time for each handle; never waits.
 * Return: 1: an event; 0: none now; -ENOMEM and others: an event, or a state
 * after a loss, could not be read yet. It is tried again later, and nothing is
 * left out without FSALERT_LOST.
 */
int fsalert_next(struct fsalert *h, const struct fsalert_event **ev);

/**
 * fsalert_wait - wait for the next event
 * @h: the handle
 * @timeout_ms: how long, in milliseconds; negative: as long as it takes
 * @ev: as fsalert_next()
 *
 * Context: one thread at a time for each handle.
 * Return: as fsalert_next(), 0: the time is over; -EINTR: a signal came. An error is
 * returned at once: after -ENOMEM or -ENOBUFS wait a moment before another try.
 */
int fsalert_wait(struct fsalert *h, int timeout_ms,
		 const struct fsalert_event **ev);

/**
 * fsalert_can - which events the source of a handle can give
 * @h: the handle
 *
 * Context: any thread.
 * Return: bits of 1 << enum fsalert_type.
 */
uint64_t fsalert_can(const struct fsalert *h);

/**
 * fsalert_cannot - why the source of a handle can't give events
 * @h: the handle
 *
 * Context: one thread at a time for each handle.
 * Return: text; NULL: it can give all.
 */
const char *fsalert_cannot(const struct fsalert *h);

/**
 * fsalert_type - what happened
 * @ev: the event
 *
 * Context: as the event's handle.
 * Return: enum fsalert_type. Further versions may return further ones.
 */
enum fsalert_type fsalert_type(const struct fsalert_event *ev);

/**
 * fsalert_severity - how bad an event is
 * @ev: the event
 *
 * Context: as the event's handle.
 * Return: enum fsalert_severity.
 */
enum fsalert_severity fsalert_severity(const struct fsalert_event *ev);

/**
 * fsalert_is_error - is an event an error?
 * @ev: the event
 *
 * Context: as the event's handle.
 * Return: 1: its severity is FSALERT_ERROR; 0: it is less.
 */
int fsalert_is_error(const struct fsalert_event *ev);

/**
 * fsalert_u64 - a number of an event
 * @ev: the event
 * @key: which
 * @value: where it goes; not changed when there is none
 *
 * Context: as the event's handle.
 * Return: 0; -ENODATA: the event has no such number.
 */
int fsalert_u64(const struct fsalert_event *ev, enum fsalert_key key,
		uint64_t *value);

/**
 * fsalert_str - a text of an event
 * @ev: the event
 * @key: which
 *
 * Context: as the event's handle.
 * Return: the text, as long good as the event; NULL: the event has none.
 */
const char *fsalert_str(const struct fsalert_event *ev, enum fsalert_key key);

/**
 * fsalert_payload - what a file system put into its own event
 * @ev: the event, FSALERT_OWN
 * @len: how many bytes
 *
 * Context: as the event's handle.
 * Return: netlink attributes, as long good as the event; NULL: none.
 */
const void *fsalert_payload(const struct fsalert_event *ev, size_t *len);

/**
 * fsalert_name - the name of a type
 * @type: enum fsalert_type
 *
 * Context: any thread.
 * Return: "enospc", "below" and so on; NULL: there is no such type.
 */
const char *fsalert_name(enum fsalert_type type);

/**
 * fsalert_type_of - the type that a name stands for
 * @name: a name of fsalert_name(), or the kernel's name for a type, as
 *	"thr_lrbelow"
 *
 * Context: any thread.
 * Return: enum fsalert_type; FSALERT_UNKNOWN: it stands for none.
 */
enum fsalert_type fsalert_type_of(const char *name);

/**
 * fsalert_severity_of - how bad events of a type are
 * @type: enum fsalert_type
 *
 * Context: any thread.
 * Return: enum fsalert_severity.
 */
enum fsalert_severity fsalert_severity_of(enum fsalert_type type);

/**
 * fsalert_each - look at all global watches and the state that each is in
 * @h: a handle of fsalert_open_all()
 * @fn: called for each; what is not 0 ends the walk. It must not use @h
 * @data: its last argument
 *
 * Shows the states after the events that fsalert_next() returned so far; while
 * differences after a loss are being returned it is ahead of these.
 *
 * Context: one thread at a time for each handle.
 * Return: what @fn returned last; 0: there is no watch; -EOPNOTSUPP: another kind
 * of handle.
 */
int fsalert_each(struct fsalert *h,
		 int (*fn)(const struct fsalert_entry *entry, void *data),
		 void *data);

/**
 * fsalert_entry_u64 - a number of a watch
 * @entry: the watch
 * @key: which
 * @value: where it goes; not changed when there is none
 *
 * Context: the function that got @entry.
 * Return: 0; -ENODATA: the watch has no such number.
 */
int fsalert_entry_u64(const struct fsalert_entry *entry, enum fsalert_key key,
		      uint64_t *value);

/**
 * fsalert_entry_str - a text of a watch
 * @entry: the watch
 * @key: which
 *
 * Context: the function that got @entry.
 * Return: the text, good until that function returns; NULL: there is none.
 */
const char *fsalert_entry_str(const struct fsalert_entry *entry,
			      enum fsalert_key key);

/**
 * fsalert_level_u64 - a number of a level of a watch
 * @entry: the watch
 * @index: which level, from 0
 * @key: which number
 * @value: where it goes; not changed when there is none
 *
 * Context: the function that got @entry.
 * Return: 0; -ENODATA: the level has no such number; -ENOENT: there is no such
 * level.
 */
int fsalert_level_u64(const struct fsalert_entry *entry, size_t index,
		      enum fsalert_key key, uint64_t *value);

/**
 * fsalert_level_str - a level of a watch, as it is written in a request
 * @entry: the watch
 * @index: which level, from 0
 * @key: FSALERT_KEY_TEXT
 *
 * Context: the function that got @entry.
 * Return: the text, good until that function returns; NULL: there is none.
 */
const char *fsalert_level_str(const struct fsalert_entry *entry, size_t index,
			      enum fsalert_key key);

/**
 * fsalert_version - version of the library
 *
 * Context: any thread.
 * Return: "MAJOR.MINOR".
 */
const char *fsalert_version(void);

#ifdef __cplusplus
}
#endif

#endif /* FSALERT_H */
