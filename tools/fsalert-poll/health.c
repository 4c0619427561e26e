// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsalert-poll: does a file system still accept writes?
 *
 * Most file systems don't report to programs that they turned read-only or shut
 * down. These signs can be read without raising an error or reading the disk:
 *
 *   the flag	statfs(2) says read-only, and none of its mounts has turned so:
 *		mount(8) makes both read-only, so the file system did that itself.
 *		A remount of the file system alone (fsconfig(2)), or through a mount
 *		in another mount namespace, looks the same.
 *   ext4	Since Linux 6.15 its options say emergency_ro or shutdown. Before
 *		that it may stop (errors=remount-ro) with no sign but its counter
 *		of errors. Those before 6.12 set the flag.
 *   xfs	stat(2) of its root fails with EIO once it has shut down.
 *   the disk	It is no longer in sysfs.
 *
 * A failure is reported when two samples have seen it, since a remount makes
 * the file system read-only a moment before the mount.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "internal.h"

#define AGAIN_NS	(50 * NS_PER_MS)
/* After an error: how long to look, and how often. */
#define ERROR_NS	(10 * NS_PER_S)
#define REST_NS		NS_PER_S

#define RO		BIT(FS_ERR_REMOUNT_RO)
#define DOWN		BIT(FS_ERR_SHUTDOWN)

/* Codes of ext4's superblock. */
#define EXT4_ERR_EIO		2
#define EXT4_ERR_EFSBADCRC	4
#define EXT4_ERR_EFSCORRUPTED	5

/* --- asking --------------------------------------------------------------- */

/* Reads a small file. Return: its bytes, terminated; or a negative errno. */
static ssize_t read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, buf, size - 1);
	if (n < 0)
		n = -errno;
	buf[n < 0 ? 0 : n] = '\0';
	close(fd);
	return n;
}

/* 0 where this kernel has no such number. @known: becomes false when it fails. */
static u64 ext4_number(const char *disk, const char *name, bool *known)
{
	char path[160], buf[32];
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/fs/ext4/%s/%s", disk, name);
	n = read_file(path, buf, sizeof(buf));
	if (n < 0 && n != -ENOENT)
		*known = false;
	return n < 0 ? 0 : strtoull(buf, NULL, 10);
}

static bool has_line(const char *text, const char *line)
{
	const char *at = strstr(text, line);
	size_t len = strlen(line);

	return at && (at == text || at[-1] == '\n') &&
	       (!at[len] || at[len] == '\n');
}

static void ext4_ask(const char *disk, struct ext4_state *e)
{
	char path[160], buf[4096];

	snprintf(path, sizeof(path), "/proc/fs/ext4/%s/options", disk);
	if (read_file(path, buf, sizeof(buf)) < 0)
		return;
	e->known = true;
	e->errors_ro = has_line(buf, "errors=remount-ro");
	e->emergency_ro = has_line(buf, "emergency_ro");
	e->shutdown = has_line(buf, "shutdown");
	e->errors = ext4_number(disk, "errors_count", &e->known);
	e->code = ext4_number(disk, "last_error_errcode", &e->known);
	e->ino = ext4_number(disk, "last_error_ino", &e->known);
}

/* The name of a disk in sysfs; empty: there is none. */
static void disk_name(dev_t dev, char *name, size_t size)
{
	char link[64], path[512];
	const char *base;
	ssize_t len;

	*name = '\0';
	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", major(dev),
		 minor(dev));
	len = readlink(link, path, sizeof(path) - 1);
	if (len <= 0)
		return;
	path[len] = '\0';
	base = strrchr(path, '/');
	if (base && strlen(base + 1) < size)
		memcpy(name, base + 1, strlen(base + 1) + 1);
}

/**
 * health_ask - ask how a file system is
 * @h: what is known of it
 * @errors: it is wanted, and not only how much was written
 * @f: the answer is put here
 */
void health_ask(const struct health *h, bool errors, struct figures *f)
{
	char path[128], buf[256], *at = buf;
	unsigned int i;
	ssize_t n;

	if (!h->disk[0])
		return;
	snprintf(path, sizeof(path), "/sys/class/block/%s/stat", h->disk);
	n = read_file(path, buf, sizeof(buf));
	f->disk_gone = n == -ENOENT || n == -ENODEV;
	f->disk_unknown = n < 0 && !f->disk_gone;
	/* The seventh number: sectors written. */
	for (i = 0; n > 0 && i < 7; i++)
		f->written = strtoull(at, &at, 10);
	if (errors && h->is_ext4)
		ext4_ask(h->disk, &f->ext4);
}

/* Does a watch need to know more than the figures? */
bool health_wanted(const struct watch *w)
{
	return (w->events | w->reported) & LASTING ||
	       (w->events & ERRORS && !w->marked);
}

/**
 * health_begin - a watch wants to know from now on
 * @w: the watch
 * @st: its figures
 *
 * That it is read-only already is not known to be a failure.
 */
void health_begin(struct watch *w, const struct statfs *st)
{
	struct health *h = &w->health;

	memset(h, 0, sizeof(*h));
	disk_name(w->dev, h->disk, sizeof(h->disk));
	h->is_ext4 = !strncmp(w->fstype, "ext", 3) && h->disk[0];
	h->is_xfs = !strcmp(w->fstype, "xfs");
	h->ro = st->f_flags & ST_RDONLY ? RO_REMOUNTED : RO_NO;
	if (h->is_ext4)
		ext4_ask(h->disk, &h->ext4);
}

/* --- the answer ----------------------------------------------------------- */

/* Did the file system turn read-only by itself? */
static bool turned_ro(struct watch *w, const struct figures *f)
{
	struct health *h = &w->health;

	if (!(f->st.f_flags & ST_RDONLY)) {
		h->ro = RO_NO;
		/* An earlier question may be answered late. */
		if (f->begun_ns > h->remounted_ns)
			h->remounted_ns = 0;
	} else if (h->ro == RO_NO ||
		   (h->ro == RO_FAILED && !(w->reported & RO))) {
		h->ro = w->read_only || h->remounted_ns ? RO_REMOUNTED :
							  RO_FAILED;
	}
	return h->ro == RO_FAILED;
}

static int ext4_errno(unsigned int code)
{
	switch (code) {
	case EXT4_ERR_EFSBADCRC:
		return -EBADMSG;
	case EXT4_ERR_EFSCORRUPTED:
		return -EUCLEAN;
	default:
		return -EIO;
	}
}

static u32 ext4_take(struct watch *w, const struct figures *f, u64 now)
{
	const struct ext4_state *e = &f->ext4;
	struct health *h = &w->health;
	u64 errors = 0;

	if (!e->known)
		return 0;
	/* The first number says nothing: they are counted from mkfs(8) on. */
	if (h->ext4.known && e->errors > h->ext4.errors)
		errors = e->errors - h->ext4.errors;
	if (errors) {
		h->error_ns = now;
		h->ext4_failed |= e->errors_ro;
		if (!w->marked)
			health_error(w, -ext4_errno(e->code), e->ino, errors);
	}
	h->ext4 = *e;
	/* A file system that sets the flag also clears it. */
	if (f->st.f_flags & ST_RDONLY)
		h->ext4_failed = false;
	if (e->shutdown)
		return RO | DOWN;
	return e->emergency_ro || h->ext4_failed ? RO : 0;
}

/**
 * health_error - a file system reported an error
 * @w: a watch of it
 * @error: positive errno
 * @ino: inode, or 0
 * @count: how often
 */
void health_error(struct watch *w, int error, u64 ino, unsigned int count)
{
	struct note note = { .error = error, .ino = ino };

	fse_slot_add(&note.slot, 1, real_ns());
	note.slot.count = count;
	w->health.error_ns = now_ns();
	if (error == ESHUTDOWN && !w->health.is_ext4 && !w->health.is_xfs)
		w->health.reported |= DOWN;
	if (error == EUCLEAN || error == EBADMSG)
		watch_notes(w, FS_ERR_CORRUPTED, &note);
	else if (error != ESHUTDOWN)
		watch_notes(w, FS_ERR_IO, &note);
}

/* Does an answer lack a sign that answers before it had? Then it ends nothing. */
static bool is_partial(const struct watch *w, const struct figures *f)
{
	return f->disk_unknown || (w->health.ext4.known && !f->ext4.known);
}

/**
 * health_take - report what an answer shows
 * @w: the watch that asked
 * @f: the answer
 * @now: monotonic time
 */
void health_take(struct watch *w, const struct figures *f, u64 now)
{
	u32 failed = w->health.reported, seen;

	failed |= ext4_take(w, f, now);
	if (turned_ro(w, f))
		failed |= RO;
	if (f->shut)
		failed |= RO | DOWN;
	if (f->disk_gone)
		failed |= DOWN;
	seen = failed & w->health.failed;
	w->health.failed = failed;
	if (!failed && !is_partial(w, f))
		watch_clear(w, LASTING);
	if (seen & RO)
		watch_fails(w, FS_ERR_REMOUNT_RO, EROFS);
	if (seen & DOWN)
		watch_fails(w, FS_ERR_SHUTDOWN, ESHUTDOWN);
}

/* When to ask again; @delay_ns is when the levels would have it. */
u64 health_delay(const struct watch *w, u64 delay_ns, u64 now)
{
	const struct health *h = &w->health;
	u64 most = NEVER;

	if (h->failed & w->events & ~w->reported & LASTING)
		most = AGAIN_NS;
	else if (h->error_ns && now - h->error_ns < ERROR_NS)
		most = REST_NS;
	return delay_ns < most ? delay_ns : most;
}
