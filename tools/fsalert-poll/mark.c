// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsalert-poll: marks, by which the kernel reports what it can by itself.
 *
 * Setting a mark reads the root directory. A request sets the mark of a local file
 * system. A server that gave figures may not answer about its root directory. So the
 * mark of its file system is a question of its own, which begins when the request has
 * been granted.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "internal.h"

/* Since Linux 6.9, which headers may be older than. */
struct uuid_answer {
	u8 len;
	u8 uuid[16];
};

#define GET_UUID	_IOR(0x15, 0, struct uuid_answer)

static void get_uuid(struct place *place, const char *name)
{
	struct uuid_answer answer = { .len = 0 };
	int fd = open(name, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return;
	if (!ioctl(fd, GET_UUID, &answer) && answer.len == 16) {
		memcpy(place->uuid, answer.uuid, 16);
		place->has_uuid = true;
	}
	close(fd);
}

/**
 * mark_place - let the kernel report what it can by itself
 * @place: the descriptor for inotify and the UUID are put here
 * @fd: the mount
 * @errors: let it report errors as well
 *
 * Marks keep neither the mount nor the file system busy. The mark of fanotify
 * stays until the file system or the program ends. After a failure the events of
 * this kind are missing, but for errors of ext4: @place->marked is not set then.
 * Marks may be used up, and of btrfs only the top can be marked.
 */
void mark_place(struct place *place, int fd, bool errors)
{
	char name[32];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	get_uuid(place, name);
	/* IN_UNMOUNT alone is refused; this event is rare. */
	if (inotify_fd >= 0)
		place->wd = inotify_add_watch(inotify_fd, name,
					      IN_DELETE_SELF);
	if (errors && fanotify_fd >= 0)
		place->marked = !fanotify_mark(fanotify_fd, FAN_MARK_ADD |
					       FAN_MARK_FILESYSTEM,
					       FAN_FS_ERROR, AT_FDCWD, name);
}

/* --- where a server may be asked for the root directory ------------------- */

/**
 * struct mark - a mark that is being set
 * @job: in a thread
 * @next: in the list of all
 * @id: the watch that gets it; the last one of that mount
 * @mount_id: the mount
 * @unique_id: as in struct place
 * @errors: let the kernel report errors as well
 * @place: the mount, as it was found
 * @path: its path
 */
struct mark {
	struct job job;
	struct mark *next;
	u32 id;
	int mount_id;
	u64 unique_id;
	bool errors;
	struct place place;
	char path[];
};

static struct mark *marks;

static void mark_work(struct job *job)
{
	struct mark *m = (struct mark *)job;
	const char *why;
	int fd = place_look_up(&m->place, m->path, &why);

	if (fd < 0)
		return;
	if (m->place.mount_id == m->mount_id &&
	    m->place.unique_id == m->unique_id)
		mark_place(&m->place, fd, m->errors);
	close(fd);
}

/* The watch may have gone since. */
static void mark_take(struct watch *w, const struct place *place)
{
	if (w && w->wd < 0)
		w->wd = place->wd;
	else
		watch_drop_wd(place->wd);
	if (!w)
		return;
	if (place->has_uuid) {
		memcpy(w->uuid, place->uuid, sizeof(w->uuid));
		w->has_uuid = true;
	}
	notices_begin(w, place->marked);
}

static void mark_done(struct job *job)
{
	struct mark *m = (struct mark *)job, **at = &marks;

	while (*at != m)
		at = &(*at)->next;
	*at = m->next;
	mark_take(watch_by_id(m->id), &m->place);
	free(m);
}

static struct mark *mark_of(const struct watch *w)
{
	struct mark *m = marks;

	while (m && (m->mount_id != w->mount_id ||
		     m->unique_id != w->unique_id))
		m = m->next;
	return m;
}

static bool wants_errors(const struct watch *w)
{
	return w->events & (ERRORS | LASTING);
}

/* Return: false: there is no memory, or too many servers don't answer. */
static bool mark_begin(const struct watch *w)
{
	size_t size = strlen(w->mount) + 1;
	struct mark *m = calloc(1, sizeof(*m) + size);

	if (!m)
		return false;
	m->job.optional = true;
	m->job.work = mark_work;
	m->job.done = mark_done;
	m->id = w->id;
	m->mount_id = w->mount_id;
	m->unique_id = w->unique_id;
	m->errors = wants_errors(w);
	m->place.wd = -1;
	memcpy(m->path, w->mount, size);
	if (job_start(&m->job)) {
		free(m);
		return false;
	}
	m->next = marks;
	marks = m;
	return true;
}

/**
 * marks_begin - set the marks that watches wait for
 *
 * A server that does not answer is asked once, however often its mount is watched.
 * Watches for which there is no thread now wait for the next call.
 */
void marks_begin(void)
{
	struct watch *w;
	struct mark *m;

	for (w = watches; w; w = w->next) {
		if (!w->mark_wanted || w->gone_ns)
			continue;
		m = mark_of(w);
		if (m)
			m->id = w->id;
		w->mark_wanted = m ? wants_errors(w) && !m->errors :
				     !mark_begin(w);
	}
}

/* Is a thread setting marks? */
bool marks_running(void)
{
	return marks;
}
