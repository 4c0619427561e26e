/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Listening to file system events over generic netlink.
 */
#ifndef EVENT_H
#define EVENT_H

#include <limits.h>
#include <stdbool.h>
#include <linux/fs_event.h>
#include <linux/types.h>

struct mnl_socket;

/* Time for an expected event, ms; long, because emulation is slow. */
#define FSE_SOON	15000
/*
 * Time to watch for an event that must not come, ms: longer than the poll
 * interval of an idle local file system in use.
 */
#define FSE_QUIET	1500

/**
 * struct fse_listener - a socket, joined to a multicast group or to none
 * @nl: the socket
 * @family: ID of the family
 * @lost: number of ENOBUFS errors
 * @ends: fse_next_of() also returns FS_INFO_CLEARED, which it skips otherwise:
 *	most tests are not about the end of a condition
 */
struct fse_listener {
	struct mnl_socket *nl;
	__u16 family;
	unsigned int lost;
	bool ends;
};

/**
 * struct fse_event - a message, decoded
 * @has: bit n is set if attribute n is present
 *
 * The other members are one per attribute; @text is what FSE_TESTFS sends with
 * its private events.
 */
struct fse_event {
	__u32 has;
	__u32 id;
	__u32 major;
	__u32 minor;
	__u32 pid;
	__u64 data;
	__u64 seq;
	__u64 time;
	__u32 count;
	__u32 error;
	__u64 ino;
	__u64 level;
	__u64 total;
	__u32 frsize;
	char mount[PATH_MAX];
	char fstype[64];
	char source[PATH_MAX];
	__u64 fsid;
	__u8 uuid[16];
	__u32 level_nr;
	__u32 entry;
	__u32 of;
	char text[64];
};

static inline bool fse_has(const struct fse_event *ev, unsigned int attr)
{
	return ev->has & (1U << attr);
}

/* Opens a socket and joins @group (NULL: none). 0 or a negative errno. */
int fse_listen_to(struct fse_listener *l, const char *group);
/* Joins the group of events. */
int fse_listen(struct fse_listener *l);
void fse_unlisten(struct fse_listener *l);

/* Waits up to @timeout ms for a message: 1, 0, or a negative errno. */
int fse_readable(const struct fse_listener *l, int timeout);

/*
 * Reads the next message: 1, 0 if none came within @timeout ms, or a negative
 * errno (-EBADMSG: the message is invalid).
 */
int fse_next(struct fse_listener *l, struct fse_event *ev, int timeout);

/*
 * Reads the next message of @mount (NULL: of any), dropping others. Returns its
 * event ID, 0 at the deadline, or a negative errno.
 */
int fse_next_of(struct fse_listener *l, const char *mount,
		struct fse_event *ev, int timeout);

/*
 * Removes all watches, which sends their pending events. Returns the event ID
 * of an unread message, or 0.
 */
int fse_left(struct fse_listener *l);

#endif /* EVENT_H */
