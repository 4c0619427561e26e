// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsalert-poll: what the kernel reports by itself.
 *
 * fanotify (FAN_FS_ERROR, with CAP_SYS_ADMIN): errors of file systems, ext4
 * from Linux 5.16 and xfs, btrfs and others from 7.0. A report names its file
 * system by f_fsid, which is made from the UUID or the device.
 *
 * inotify (with the right to read the root directory): a file system was shut
 * down. The mount table shows only that its mount has gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "internal.h"

/* When to look at a file system after an error: it may stop a bit later. */
#define LOOK_NS		(20 * NS_PER_MS)

/* The usual file handle: number and generation. */
#define HANDLE_INO32_GEN	1

int fanotify_fd = -1;
int inotify_fd = -1;

/*
 * Does fanotify know errors of file systems? The kernel looks at the event first;
 * that there is no mark to remove comes later.
 */
static bool knows_errors(int fd)
{
	return !fanotify_mark(fd, FAN_MARK_REMOVE | FAN_MARK_FILESYSTEM,
			      FAN_FS_ERROR, AT_FDCWD, "/proc") ||
	       errno != EINVAL;
}

/* Without one of these descriptors its events are missing. */
void notices_init(void)
{
	inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (!privileged)
		return;
	fanotify_fd = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID |
				    FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS |
				    FAN_NONBLOCK | FAN_CLOEXEC, O_RDONLY);
	if (fanotify_fd >= 0 && !knows_errors(fanotify_fd)) {
		close(fanotify_fd);
		fanotify_fd = -1;
	}
}

/* Are reports wanted of another file system with the same f_fsid? */
static bool has_twin(const struct watch *w)
{
	const struct watch *other;

	for (other = watches; other; other = other->next) {
		if (other->dev != w->dev && other->fsid == w->fsid &&
		    other->events & (ERRORS | LASTING))
			return true;
	}
	return false;
}

/* What ext4 has counted up to now was reported: count from there on. */
static void unmark(struct watch *w)
{
	if (!w->marked)
		return;
	w->marked = false;
	w->health.ext4.known = false;
	ask_soon(w, 0);
}

/**
 * notices_begin - a watch wants errors of its file system from now on
 * @w: the watch, which is in the list
 * @marked: fanotify was asked for them
 *
 * A mark is one of the file system, so it is one of all its watches. But a snapshot
 * has the f_fsid of its origin, and that is all that a report says. Then reports say
 * nothing: ext4 counts its errors, and there are none of others.
 */
void notices_begin(struct watch *w, bool marked)
{
	struct watch *other;

	if (!marked)
		return;
	if (has_twin(w))
		unmark(w);
	else
		w->marked = true;
	for (other = watches; other; other = other->next) {
		if (other->dev == w->dev)
			other->marked |= w->marked;
		else if (other->fsid == w->fsid)
			unmark(other);
	}
}

/* An error of a file system, as fanotify reports it. */
struct fs_error {
	bool has_fsid;
	u64 fsid;
	u64 ino;
	int error;
	unsigned int count;
};

static void take_fid(struct fs_error *e, const char *at, size_t len)
{
	struct fanotify_event_info_fid info;
	struct {
		u32 bytes;
		int type;
		u32 ino;
	} handle;

	if (len < sizeof(info))
		return;
	memcpy(&info, at, sizeof(info));
	e->has_fsid = true;
	e->fsid = (u32)info.fsid.val[0] | (u64)(u32)info.fsid.val[1] << 32;
	if (len < sizeof(info) + sizeof(handle))
		return;
	memcpy(&handle, at + sizeof(info), sizeof(handle));
	if (handle.type == HANDLE_INO32_GEN)
		e->ino = handle.ino;
}

static void take_error(struct fs_error *e, const char *at, size_t len)
{
	struct fanotify_event_info_error info;

	if (len < sizeof(info))
		return;
	memcpy(&info, at, sizeof(info));
	e->error = info.error < 0 ? -info.error : info.error;
	e->count = info.error_count ? info.error_count : 1;
}

static void take_event(const char *at, size_t len)
{
	struct fs_error e = { .count = 0 };
	struct fanotify_event_info_header h;
	struct watch *w;

	for (; len >= sizeof(h); at += h.len, len -= h.len) {
		memcpy(&h, at, sizeof(h));
		if (h.len < sizeof(h) || h.len > len)
			break;
		if (h.info_type == FAN_EVENT_INFO_TYPE_FID)
			take_fid(&e, at, h.len);
		else if (h.info_type == FAN_EVENT_INFO_TYPE_ERROR)
			take_error(&e, at, h.len);
	}
	for (w = watches; w && e.has_fsid && e.count; w = w->next) {
		if (w->fsid != e.fsid)
			continue;
		if (w->marked)
			health_error(w, e.error, e.ino, e.count);
		if (health_wanted(w))
			ask_soon(w, LOOK_NS);
	}
}

/**
 * fanotify_take - take events in
 * @buf: as read from fanotify
 * @len: bytes
 */
void fanotify_take(const char *buf, size_t len)
{
	struct fanotify_event_metadata event;

	while (len >= sizeof(event)) {
		memcpy(&event, buf, sizeof(event));
		if (event.event_len < sizeof(event) || event.event_len > len ||
		    event.metadata_len > event.event_len)
			break;
		if (event.mask & FAN_FS_ERROR)
			take_event(buf + event.metadata_len,
				   event.event_len - event.metadata_len);
		buf += event.event_len;
		len -= event.event_len;
	}
}

void notices_read_fanotify(void)
{
	char buf[8192];
	ssize_t n;

	while ((n = read(fanotify_fd, buf, sizeof(buf))) > 0)
		fanotify_take(buf, n);
}

static void file_system_gone(int wd)
{
	struct watch *w, *next;

	for (w = watches; w; w = next) {
		next = w->next;
		if (w->wd == wd) {
			w->wd = -1;
			watch_end(w, 0);
		}
	}
}

void notices_read_inotify(void)
{
	struct inotify_event event;
	char buf[8192], *at;
	ssize_t n;

	while ((n = read(inotify_fd, buf, sizeof(buf))) > 0) {
		for (at = buf; at < buf + n; at += sizeof(event) + event.len) {
			memcpy(&event, at, sizeof(event));
			if (event.mask & IN_UNMOUNT)
				file_system_gone(event.wd);
			else if (event.mask & IN_IGNORED)
				watch_lose_wd(event.wd);
		}
	}
}
