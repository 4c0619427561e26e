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

/* How long an event that must come may take, ms: emulation is slow. */
#define FSE_SOON	15000
/*
 * How long to look for an event that must not come, ms: longer than the
 * interval at rest of a local file system that is in use.
 */
#define FSE_QUIET	1500

/**
 * struct fse_listener - a socket, in a multicast group or none
 * @nl: the socket
 * @family: number of the family
 * @lost: how often the kernel said ENOBUFS
 * @ends: fse_next_of() returns FS_INFO_CLEARED as well; otherwise it passes over
 *	the end of a condition, which most tests are not about
 */
struct fse_listener {
	struct mnl_socket *nl;
	__u16 family;
	unsigned int lost;
	bool ends;
};

/**
 * struct fse_event - a message, decoded
 * @has: bit n is set when attribute n is there
 *
 * The rest is one member an attribute; @text is what FSE_TESTFS sends with
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

/* Opens a socket and joins @group, NULL: none. 0 or a negative errno. */
int fse_listen_to(struct fse_listener *l, const char *group);
/* The group of events. */
int fse_listen(struct fse_listener *l);
void fse_unlisten(struct fse_listener *l);

/*
 * Is there something to read within @timeout ms? 1, 0, or a negative errno.
 */
int fse_readable(const struct fse_listener *l, int timeout);

/*
 * The next message: 1, 0 when none came within @timeout ms, or a negative
 * errno (-EBADMSG: one that breaks the rules of the family).
 */
int fse_next(struct fse_listener *l, struct fse_event *ev, int timeout);

/*
 * The next message of @mount (of any mount: NULL); messages of others are
 * dropped. Returns its event id, 0 at the deadline, or a negative errno.
 */
int fse_next_of(struct fse_listener *l, const char *mount,
		struct fse_event *ev, int timeout);

/*
 * Ends all watches, which tells what is pending before it returns: the id of
 * a message that nobody has read yet, 0 when there is none.
 */
int fse_left(struct fse_listener *l);

#endif /* EVENT_H */
