// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A kernel to test against.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/fs_event.h>

#include "kernel.h"

/* Levels alternate: of space, of inodes. */
static uint64_t kind(size_t level)
{
	return level % 2 ? FS_NL_KIND_INODES : FS_NL_KIND_SPACE;
}

static uint64_t level_nr(size_t level)
{
	return level / 2 + 1;
}

static void describe(const struct kernel *k, const struct kernel_watch *w,
		     struct fsalert_entry *entry,
		     struct fsa_level levels[KERNEL_LEVELS])
{
	size_t i;

	memset(levels, 0, KERNEL_LEVELS * sizeof(*levels));
	for (i = 0; i < w->nr_levels; i++) {
		levels[i].kind = kind(i);
		levels[i].nr = level_nr(i);
		levels[i].trigger = 1000 * w->version - w->dropped - i;
		levels[i].rearm = levels[i].trigger;
		levels[i].state = w->states[i];
	}
	*entry = (struct fsalert_entry){
		.has = 1ULL << FS_NL_ENTRY_A_ID,
		.id = w->id,
		.types = FS_NL_TYPES_SPACE | FS_NL_TYPES_INODES,
		.lasting = w->lasting,
		/* Another one counts there. */
		.seq = w->elsewhere ? 1 : k->seq,
		.generation = w->elsewhere ? 0 : k->generation,
		.elsewhere = w->elsewhere,
		.mount = "/srv",
		.fstype = "tmpfs",
		.nr_levels = w->nr_levels,
		.levels = levels,
	};
}

static struct fsa_watch *answer(const struct kernel *k,
				const struct kernel_watch *w)
{
	struct fsa_level levels[KERNEL_LEVELS];
	struct fsalert_entry entry;

	describe(k, w, &entry, levels);
	return fsa_watch_new(&entry);
}

/* By their slots, which is not the order of ids. */
static int kernel_dump(struct fsa_set *set, void *data)
{
	struct fsa_watch *watch, *before;
	struct kernel *k = data;
	uint64_t changes = k->changes;
	size_t i;

	k->dumps++;
	if (k->error)
		return k->error;
	for (i = 0; i < KERNEL_WATCHES; i++) {
		if (k->meanwhile)
			k->meanwhile(k);
		if (!k->watches[i].id || k->watches[i].hidden)
			continue;
		watch = answer(k, &k->watches[i]);
		if (fsa_set_put(set, watch, &before))
			return -ENOMEM;
		free(before);
	}
	if (k->interrupted) {
		k->interrupted--;
		return -EINTR;
	}
	return changes == k->changes ? 0 : -EINTR;
}

static struct kernel_watch *find(struct kernel *k, uint64_t id)
{
	size_t i;

	for (i = 0; i < KERNEL_WATCHES; i++) {
		if (k->watches[i].id == id)
			return &k->watches[i];
	}
	return NULL;
}

static int kernel_get(uint64_t id, struct fsa_watch **watch, void *data)
{
	const struct kernel_watch *w;
	struct kernel *k = data;

	k->gets++;
	if (k->error)
		return k->error;
	if (k->meanwhile)
		k->meanwhile(k);
	w = find(k, id);
	if (!w || w->hidden)
		return -ENOENT;
	*watch = answer(k, w);
	return 0;
}

const struct fsa_kernel kernel_requests = {
	.dump	= kernel_dump,
	.get	= kernel_get,
};

static struct kernel_message *enqueue(struct kernel *k)
{
	if (k->congested || k->queued == k->room) {
		k->overran = k->overran || !k->congested;
		k->congested = true;
		return NULL;
	}
	return &k->queue[k->queued++];
}

static void tell_change(struct kernel *k, const struct kernel_watch *w,
			uint64_t change)
{
	struct kernel_message *m;

	k->changes++;
	if (w->elsewhere)
		return;
	k->generation++;
	m = enqueue(k);
	if (!m)
		return;
	*m = (struct kernel_message){
		.entry = { .id = w->id, .generation = k->generation },
		.change = change,
	};
}

/**
 * kernel_add - make a watch
 * @k: the kernel
 * @levels: how many levels
 * @where: of it
 *
 * Return: the watch; NULL: no more.
 */
struct kernel_watch *kernel_add(struct kernel *k, size_t levels,
				enum kernel_where where)
{
	struct kernel_watch *w = find(k, 0);

	if (!w)
		return NULL;
	*w = (struct kernel_watch){
		.id = ++k->last_id,
		.hidden = where == KERNEL_HIDDEN,
		.elsewhere = where == KERNEL_ELSEWHERE,
		.version = 1,
		.nr_levels = levels,
	};
	tell_change(k, w, FS_NL_CHANGE_ADDED);
	return w;
}

/**
 * kernel_event - an event of a watch
 * @w: the watch
 * @id: of the event
 */
struct fsalert_event kernel_event(const struct kernel_watch *w, uint32_t id)
{
	struct fsalert_event ev;

	fsa_event_init(&ev, FSALERT_UNKNOWN);
	fsa_event_set_id(&ev, id);
	fsa_event_set(&ev, FSALERT_KEY_ENTRY, w->id);
	return ev;
}

static void tell(struct kernel *k, const struct fsalert_event *ev)
{
	if (k->nr_pending == KERNEL_PENDING)
		kernel_send(k);
	k->pending[k->nr_pending++] = *ev;
}

/* The event of a level, and the other way round. */
static uint32_t level_id(size_t level, bool below)
{
	if (kind(level) == FS_NL_KIND_INODES)
		return below ? FS_INO_BELOW : FS_INO_ABOVE;
	return below ? FS_THR_BELOW : FS_THR_ABOVE;
}

/* Of levels that are gone nothing is reported, but that the first @nr are over. */
static void clear(struct kernel *k, struct kernel_watch *w, size_t nr)
{
	struct fsalert_event ev;
	size_t i;

	while (kernel_send(k))
		;
	for (i = 0; i < nr; i++) {
		if (!w->states[i] || w->elsewhere)
			continue;
		ev = kernel_event(w, FS_INFO_CLEARED);
		fsa_event_set_of(&ev, level_id(i, true));
		fsa_event_set(&ev, FSALERT_KEY_LEVEL_NR, level_nr(i));
		tell(k, &ev);
		kernel_send(k);
	}
}

/**
 * kernel_drop - take the first level of each kind from a watch
 * @k: the kernel
 * @w: the watch, with two levels or more; the others keep their states
 */
void kernel_drop(struct kernel *k, struct kernel_watch *w)
{
	clear(k, w, 2);
	w->nr_levels -= 2;
	w->dropped += 2;
	memmove(w->states, w->states + 2, w->nr_levels * sizeof(*w->states));
	memset(w->states + w->nr_levels, 0, 2 * sizeof(*w->states));
	tell_change(k, w, FS_NL_CHANGE_CHANGED);
}

/**
 * kernel_change - give a watch other levels, none of them crossed
 * @k: the kernel
 * @w: the watch
 * @levels: how many
 */
void kernel_change(struct kernel *k, struct kernel_watch *w, size_t levels)
{
	clear(k, w, w->nr_levels);
	memset(w->states, 0, sizeof(w->states));
	w->nr_levels = levels;
	w->version++;
	tell_change(k, w, FS_NL_CHANGE_CHANGED);
}

/**
 * kernel_remove - end a watch
 * @k: the kernel
 * @w: the watch; its pending events still come
 */
void kernel_remove(struct kernel *k, struct kernel_watch *w)
{
	tell_change(k, w, FS_NL_CHANGE_REMOVED);
	w->id = 0;
}

/**
 * kernel_unmount - end a watch, and say so last
 * @k: the kernel
 * @w: the watch
 */
void kernel_unmount(struct kernel *k, struct kernel_watch *w)
{
	struct fsalert_event ev = kernel_event(w, FS_INFO_UNMOUNT);
	bool told = !w->elsewhere;

	fsa_event_set(&ev, FSALERT_KEY_LAST, 1);
	kernel_remove(k, w);
	if (told)
		tell(k, &ev);
}

/**
 * kernel_cross - have a level crossed, whichever way
 * @k: the kernel
 * @w: the watch
 * @level: the level
 */
void kernel_cross(struct kernel *k, struct kernel_watch *w, size_t level)
{
	struct fsalert_event ev;

	w->states[level] = !w->states[level];
	ev = kernel_event(w, level_id(level, w->states[level]));
	fsa_event_set(&ev, FSALERT_KEY_LEVEL_NR, level_nr(level));
	if (!w->elsewhere)
		tell(k, &ev);
}

/**
 * kernel_fail - have a file system fail
 * @k: the kernel
 * @w: the watch
 * @event_id: how
 */
void kernel_fail(struct kernel *k, struct kernel_watch *w, uint32_t event_id)
{
	struct fsalert_event ev = kernel_event(w, event_id);

	w->lasting |= 1ULL << event_id;
	if (!w->elsewhere)
		tell(k, &ev);
}

/**
 * kernel_recover - have a failure end
 * @k: the kernel
 * @w: the watch
 * @event_id: which
 */
void kernel_recover(struct kernel *k, struct kernel_watch *w, uint32_t event_id)
{
	struct fsalert_event ev = kernel_event(w, FS_INFO_CLEARED);

	fsa_event_set_of(&ev, event_id);
	w->lasting &= ~(1ULL << event_id);
	if (!w->elsewhere)
		tell(k, &ev);
}

/**
 * kernel_tell_own - have a file system send an event of its own, of no watch
 * @k: the kernel
 */
void kernel_tell_own(struct kernel *k)
{
	const struct kernel_watch none = {};
	struct fsalert_event ev = kernel_event(&none, FS_EVENT_PRIVATE);

	tell(k, &ev);
}

static struct fsalert_event number(struct kernel *k)
{
	struct fsalert_event ev = k->pending[0];

	k->nr_pending--;
	memmove(k->pending, k->pending + 1, k->nr_pending * sizeof(ev));
	fsa_event_set(&ev, FSALERT_KEY_SEQ, ++k->seq);
	return ev;
}

/**
 * kernel_send - number and send what is pending longest
 * @k: the kernel
 *
 * Return: was there anything?
 */
bool kernel_send(struct kernel *k)
{
	struct kernel_message *m;
	struct fsalert_event ev;

	if (!k->nr_pending)
		return false;
	ev = number(k);
	m = enqueue(k);
	if (m)
		*m = (struct kernel_message){ .is_event = true, .ev = ev };
	return true;
}

/**
 * kernel_lose - number what is pending longest, and have no memory to send it
 * @k: the kernel
 */
void kernel_lose(struct kernel *k)
{
	if (k->nr_pending)
		number(k);
}

/* As the owner of a state does with a message. Return: 0 or what failed. */
static int hand_over(struct kernel_message *m, struct fsa_state *s,
		     kernel_heard_fn heard, void *data)
{
	struct fsalert_event ev;
	int result;

	if (m->is_event)
		fsa_state_event(s, &m->ev);
	else
		fsa_state_change(s, &m->entry);
	result = kernel_tell(s, heard, data);
	if (result)
		return result;
	if (m->is_event) {
		if (fsa_state_apply(s, &m->ev))
			heard(&m->ev, data);
		return 0;
	}
	result = fsa_state_apply_change(s, &m->entry, m->change, &ev);
	if (result > 0)
		heard(&ev, data);
	return result < 0 ? result : kernel_tell(s, heard, data);
}

/**
 * kernel_tell - have a state tell what it has to
 * @s: the state
 * @heard: called for each event
 * @data: its last argument
 *
 * Return: 0 or a negative errno.
 */
int kernel_tell(struct fsa_state *s, kernel_heard_fn heard, void *data)
{
	struct fsalert_event ev;
	int result;

	while ((result = fsa_state_tell(s, &ev)) > 0)
		heard(&ev, data);
	return result;
}

/**
 * kernel_read - read a message as a handle does
 * @k: the kernel
 * @s: the state of the handle
 * @heard: called for each event that it gives
 * @data: its last argument
 *
 * Return: false: there is no message.
 */
bool kernel_read(struct kernel *k, struct fsa_state *s, kernel_heard_fn heard,
		 void *data)
{
	struct kernel_message m = k->queue[0];

	if (k->overran) {
		k->overran = false;
		fsa_state_overrun(s);
		kernel_tell(s, heard, data);
		return true;
	}
	if (!k->queued) {
		fsa_state_drained(s);
		kernel_tell(s, heard, data);
		return false;
	}
	k->queued--;
	memmove(k->queue, k->queue + 1, k->queued * sizeof(m));
	if (!k->queued)
		k->congested = false;
	/* What failed for want of memory is tried again. */
	while (hand_over(&m, s, heard, data) && k->error)
		k->error = 0;
	return true;
}

static bool differs(const struct fsalert_entry *a, const struct fsalert_entry *b)
{
	size_t i;

	if (a->lasting != b->lasting || a->nr_levels != b->nr_levels)
		return true;
	for (i = 0; i < a->nr_levels; i++) {
		if (a->levels[i].trigger != b->levels[i].trigger ||
		    a->levels[i].state != b->levels[i].state)
			return true;
	}
	return false;
}

/**
 * kernel_shows - is the state of a view that of the kernel?
 * @k: the kernel
 * @s: the state of the view
 *
 * But for watches that report another network namespace.
 */
bool kernel_shows(const struct kernel *k, const struct fsa_state *s)
{
	struct fsa_level levels[KERNEL_LEVELS];
	const struct fsa_watch *watch;
	struct fsalert_entry entry;
	size_t i, nr = 0;

	for (i = 0; i < KERNEL_WATCHES; i++) {
		const struct kernel_watch *w = &k->watches[i];

		if (!w->id || w->hidden || w->elsewhere)
			continue;
		nr++;
		describe(k, w, &entry, levels);
		watch = fsa_set_find(&s->set, w->id);
		if (!watch || differs(&watch->entry, &entry))
			return false;
	}
	for (i = 0; i < s->set.nr; i++)
		nr -= !s->set.list[i]->entry.elsewhere;
	return !nr;
}
