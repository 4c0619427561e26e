// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsalert-poll: watches, and what is pending about them.
 *
 * Each generic event, each end of a condition and each level has a slot. Pending
 * slots are delivered in the order in which they became pending. A slot is
 * delivered at most ten times a second; while it has to wait, all that became
 * pending later waits as well, so events are never reordered. This is what
 * notify.c and deliver.c of fs/events do, for one reader.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>

#include "internal.h"

struct watch *watches;
unsigned int nr_watches;
bool privileged;

static u32 last_id;

static const u8 error_ids[ERROR_NR] = {
	FS_WARN_ENOSPC,
	FS_WARN_ENOSPC_META,
	FS_ERR_REMOUNT_RO,
	FS_ERR_SHUTDOWN,
	FS_ERR_CORRUPTED,
	FS_ERR_IO,
};

static u64 clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

u64 now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

u64 real_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

/* Of this thread. */
u64 cpu_ns(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

/* The slot of a generic event; -1: the event is not generic. */
int error_slot(unsigned int id)
{
	int i;

	for (i = 0; i < ERROR_NR; i++) {
		if (error_ids[i] == id)
			return i;
	}
	return -1;
}

/* --- the watches ---------------------------------------------------------- */

struct watch *watch_by_mount(int mount_id)
{
	struct watch *w;

	for (w = watches; w; w = w->next) {
		if (w->mount_id == mount_id && !w->gone_ns)
			return w;
	}
	return NULL;
}

struct watch *watch_by_id(u32 id)
{
	struct watch *w;

	for (w = watches; w && w->id != id; w = w->next)
		;
	return w;
}

/**
 * watch_alloc - make a watch that is not published yet
 * @place: what was found at its path
 * @m: its mount in the table
 *
 * Return: the watch, or NULL when there is no memory.
 */
struct watch *watch_alloc(const struct place *place, const struct mount *m)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->mount = strdup(m->target);
	w->fstype = strdup(m->fstype);
	w->source = strdup(m->source);
	if (!w->mount || !w->fstype || !w->source) {
		watch_free(w);
		return NULL;
	}
	w->mount_id = m->id;
	w->unique_id = place->unique_id;
	w->dev = m->dev;
	w->wd = place->wd;
	w->remote = m->remote;
	w->read_only = m->read_only;
	w->fsid = (u32)place->st.f_fsid.__val[0] |
		  (u64)(u32)place->st.f_fsid.__val[1] << 32;
	w->has_uuid = place->has_uuid;
	memcpy(w->uuid, place->uuid, sizeof(w->uuid));
	w->due_ns = NEVER;
	w->deliver_ns = NEVER;
	return w;
}

void watch_publish(struct watch *w)
{
	struct watch **end = &watches;

	while (*end)
		end = &(*end)->next;
	*end = w;
	w->id = ++last_id;
	nr_watches++;
}

void watch_free(struct watch *w)
{
	unsigned int i;

	for (i = 0; i < SET_NR; i++)
		free(w->set[i]);
	free(w->mount);
	free(w->fstype);
	free(w->source);
	free(w);
}

/*
 * Remove a descriptor, unless a watch of the same directory uses it. A thread that
 * sets marks may have been given the same; then it stays until its mount goes.
 */
void watch_drop_wd(int wd)
{
	const struct watch *w;

	for (w = watches; w; w = w->next) {
		if (w->wd == wd)
			return;
	}
	if (wd >= 0 && !marks_running())
		inotify_rm_watch(inotify_fd, wd);
}

static void watch_unpublish(struct watch *w)
{
	struct watch **at = &watches;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	nr_watches--;
	watch_drop_wd(w->wd);
}

/* The kernel has dropped a descriptor. */
void watch_lose_wd(int wd)
{
	struct watch *w;

	for (w = watches; w; w = w->next) {
		if (w->wd == wd)
			w->wd = -1;
	}
}

/* --- levels --------------------------------------------------------------- */

struct level_set *set_alloc(const struct fse_level_spec *spec, unsigned int nr)
{
	struct level_set *set;

	set = calloc(1, sizeof(*set) +
		     nr * (sizeof(*set->note) + sizeof(*set->level)));
	if (!set)
		return NULL;
	set->nr = nr;
	set->level = (struct fse_level *)&set->note[nr];
	fse_levels_init(set->level, spec, nr);
	return set;
}

/* A level that is written again unchanged keeps its state. */
static void set_keep(struct level_set *set, struct level_set *old)
{
	unsigned int i, k;

	for (i = 0; i < set->nr; i++) {
		for (k = 0; k < old->nr; k++) {
			if (!fse_level_same(&set->level[i], &old->level[k]))
				continue;
			set->level[i].crossed = old->level[k].crossed;
			set->note[i] = old->note[k];
			memset(&old->note[k].slot, 0,
			       sizeof(old->note[k].slot));
			break;
		}
	}
}

/*
 * Levels are no longer watched. A level that was reported as below, and not as
 * above since, is reported as cleared. A crossing that is still pending is
 * dropped.
 */
static void set_retire(struct watch *w, struct level_set *set)
{
	struct fse_slot *slot;
	unsigned int i;

	for (i = 0; i < set->nr; i++) {
		slot = &set->note[i].slot;
		if (slot->pending && slot->reported_below && !slot->below)
			continue;	/* "above" ends it */
		slot->pending = false;
		if (slot->reported_below)
			fse_slot_add(slot, ++w->order, real_ns());
	}
}

/**
 * watch_set_levels - exchange the levels of a type
 * @w: the watch
 * @which: SPACE or INODES
 * @set: the new ones, which the watch takes over; NULL: none
 * @keep: levels that were there before keep their states
 *
 * watch_changed() has to follow.
 */
void watch_set_levels(struct watch *w, enum set which, struct level_set *set,
		      bool keep)
{
	struct level_set *old = w->set[which];

	if (old && set && keep)
		set_keep(set, old);
	if (old)
		set_retire(w, old);
	w->set[OLD_SPACE + which] = old;
	w->set[which] = set;
}

struct turning {
	struct watch *w;
	struct level_set *set;
	const struct fse_gauge *gauge;
};

static void level_turned(void *arg, unsigned int nr, enum fse_turn turn)
{
	struct turning *t = arg;
	struct note *note = &t->set->note[nr];

	note->gauge = *t->gauge;
	note->trigger = fse_amount_resolve(&t->set->level[nr].trigger,
					   t->gauge);
	fse_slot_turn(&note->slot, ++t->w->order, real_ns(),
		      turn == FSE_TURN_BELOW);
	t->w->deliver_ns = 0;
}

/* Run the levels of a watch over figures. */
void watch_run(struct watch *w, enum set which, const struct fse_gauge *g)
{
	struct turning t = { .w = w, .set = w->set[which], .gauge = g };

	if (t.set)
		fse_levels_run(t.set->level, t.set->nr, g, level_turned, &t);
}

/* --- generic events ------------------------------------------------------- */

/**
 * watch_notes - something occurred
 * @w: the watch
 * @id: a generic event; ignored unless it is on
 * @from: how often, since when, and the facts of the first
 */
void watch_notes(struct watch *w, unsigned int id, const struct note *from)
{
	int i = error_slot(id);
	struct note *note = &w->error[i];

	if (!(w->events & BIT(id)) || (w->reported & LASTING & BIT(id)))
		return;
	if (CONDITIONS & BIT(id)) {
		w->reported |= BIT(id);
		w->reported_ns[i] = now_ns();
		/* Over for so short a time that the end must not come last. */
		if (w->cleared[i].slot.pending && note->slot.pending)
			w->cleared[i].slot.pending = false;
	}
	if (fse_slot_pass(&note->slot, w->order + 1, &from->slot)) {
		w->order++;
		note->error = from->error;
		note->ino = from->ino;
	}
	w->deliver_ns = 0;
}

/* A sample found that a watch has an event to report. */
void watch_fails(struct watch *w, unsigned int id, int error)
{
	struct note note = { .error = error };

	fse_slot_add(&note.slot, 1, real_ns());
	watch_notes(w, id, &note);
}

/* Conditions are over, or no longer watched; those not reported are ignored. */
void watch_clear(struct watch *w, u32 conditions)
{
	struct fse_slot *slot;
	int i;

	for (i = 0; i < CONDITION_NR; i++) {
		if (!(w->reported & conditions & BIT(error_ids[i])))
			continue;
		w->reported &= ~BIT(error_ids[i]);
		slot = &w->cleared[i].slot;
		if (!fse_slot_add(slot, ++w->order, real_ns()))
			slot->order = w->order;
		w->deliver_ns = 0;
	}
}

/* Which generic events are on from now on; watch_changed() has to follow. */
void watch_set_events(struct watch *w, u32 events)
{
	watch_clear(w, ~events);
	w->events = events;
}

/* --- delivery ------------------------------------------------------------- */

/* A pending slot, and its event or level. */
struct pending {
	struct note *note;
	bool cleared;
	bool level;
	enum set set;
	unsigned int nr;
};

static bool take_earlier(struct pending *p, struct note *note)
{
	if (!note->slot.pending ||
	    (p->note && p->note->slot.order < note->slot.order))
		return false;
	memset(p, 0, sizeof(*p));
	p->note = note;
	return true;
}

static bool find_pending(struct watch *w, struct pending *p)
{
	unsigned int i, s;

	p->note = NULL;
	for (i = 0; i < ERROR_NR; i++) {
		if (take_earlier(p, &w->error[i]))
			p->nr = i;
	}
	for (i = 0; i < CONDITION_NR; i++) {
		if (take_earlier(p, &w->cleared[i])) {
			p->cleared = true;
			p->nr = i;
		}
	}
	for (s = 0; s < SET_NR; s++) {
		for (i = 0; w->set[s] && i < w->set[s]->nr; i++) {
			if (take_earlier(p, &w->set[s]->note[i])) {
				p->level = true;
				p->set = s;
				p->nr = i;
			}
		}
	}
	return p->note;
}

static void send_pending(struct watch *w, const struct pending *p, u64 now)
{
	struct note *note = p->note;
	struct record r = { .time_ns = note->slot.first_ns };

	if (p->level) {
		r.id = fse_level_id(p->set == INODES || p->set == OLD_INODES,
				    p->nr, note->slot.below);
		if (p->set >= OLD_SPACE && note->slot.below) {
			r.of = r.id;
			r.id = FS_INFO_CLEARED;
		}
		r.level_nr = p->nr + 1;
		r.gauge = note->gauge;
		r.trigger = note->trigger;
	} else if (p->cleared) {
		r.id = FS_INFO_CLEARED;
		r.of = error_ids[p->nr];
	} else {
		r.id = error_ids[p->nr];
		r.has_error = true;
		r.error = note->error;
		r.ino = note->ino;
	}
	r.count = fse_slot_take(&note->slot, now);
	output_event(&output, w, &r);
}

/**
 * watch_deliver - queue lines for what may be reported now
 * @w: the watch; its @deliver_ns is set to when there is more
 * @now: monotonic time
 */
void watch_deliver(struct watch *w, u64 now)
{
	struct pending p;
	u64 wait_ns;

	w->deliver_ns = NEVER;
	while (find_pending(w, &p)) {
		wait_ns = fse_slot_wait(&p.note->slot, now);
		if (wait_ns) {
			w->deliver_ns = now + wait_ns;
			return;
		}
		send_pending(w, &p, now);
	}
}

/* All that is pending, at once. */
static void flush(struct watch *w)
{
	u64 now = now_ns();
	struct pending p;

	while (find_pending(w, &p))
		send_pending(w, &p, now);
	w->deliver_ns = NEVER;
}

/* A request has changed a watch: deliver everything that is pending. */
void watch_changed(struct watch *w)
{
	unsigned int i;

	flush(w);
	for (i = OLD_SPACE; i <= OLD_INODES; i++) {
		free(w->set[i]);
		w->set[i] = NULL;
	}
}

/* A request has removed a watch: report all its conditions as cleared. */
void watch_remove(struct watch *w)
{
	watch_set_levels(w, SPACE, NULL, false);
	watch_set_levels(w, INODES, NULL, false);
	watch_clear(w, CONDITIONS);
	flush(w);
	watch_unpublish(w);
	watch_free(w);
}

/**
 * watch_end - a watch ends by itself
 * @w: the watch
 * @error: 0: its file system went; EXDEV: its mount did
 */
void watch_end(struct watch *w, int error)
{
	const struct record r = {
		.id = FS_INFO_UNMOUNT,
		.count = 1,
		.time_ns = real_ns(),
		.has_error = true,
		.error = error,
		.last = true,
	};

	flush(w);
	output_event(&output, w, &r);
	watch_unpublish(w);
	watch_free(w);
}
