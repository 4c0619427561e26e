// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The state of all watches: built from dumps, and kept up to date by messages.
 *
 * The kernel answers a request for a watch with its state, and with the number of
 * the last event (SEQ) before that state. Events with larger numbers lead on from
 * there, in their order; events with smaller ones are already part of the state.
 * So the state is that of the kernel, apart from queued messages, as long as no
 * message is missing. The numbers of later events show a missing one. When the
 * queue overruns, the kernel drops all further messages until the queue is empty.
 * A dump after that covers everything that was dropped, so there is no need for
 * one during the storm.
 *
 * A message about a changed watch has the mount as the maker of the watch sees it,
 * and is also sent for watches out of reach of this process: it only says which
 * watch to ask for. These messages have numbers of their own (GENERATION).
 *
 * Ids of watches rise. An event of a watch that is not in the set belongs to a
 * watch that is gone or out of reach, unless its id is larger than all ids seen
 * so far: then the message about the new watch is missing, or still to come.
 *
 * A program that only follows the events must know each state as well. So after a
 * dump each difference becomes an event; an event that is older than the state is
 * left out; and a changed watch keeps its reported states until its next events.
 *
 * The owner handles one message at a time. It passes the message to
 * fsa_state_event() or fsa_state_change(), which find missing messages; calls
 * fsa_state_tell() for the events that come first; and then has the message
 * applied. After a failure the owner repeats the step, so nothing is forgotten.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/fs_event.h>

#include "state.h"

/*
 * How often to ask for all watches when each time they change meanwhile. After
 * that what came is taken: the messages about these changes will follow.
 */
#define DUMPS_MAX	100

#define NSEC_PER_SEC	1000000000ULL

#define LASTING_MAX	(FS_INFO_CLEARED + 1)

/* --- differences ---------------------------------------------------------- */

/* Begins an event that the kernel did not send, with the facts of the watch. */
static void begin(struct fsalert_event *ev, enum fsalert_type type,
		  const struct fsalert_entry *entry)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	fsa_event_init(ev, type);
	fsa_event_set(ev, FSALERT_KEY_TIME,
		      now.tv_sec * NSEC_PER_SEC + now.tv_nsec);
	fsa_event_set(ev, FSALERT_KEY_DEV_MAJOR, entry->dev_major);
	fsa_event_set(ev, FSALERT_KEY_DEV_MINOR, entry->dev_minor);
	fsa_event_set_text(ev, FSALERT_KEY_MOUNT, entry->mount);
	fsa_event_set_text(ev, FSALERT_KEY_FSTYPE, entry->fstype);
	fsa_event_set_text(ev, FSALERT_KEY_SOURCE, entry->source);
	fsa_event_set(ev, FSALERT_KEY_COUNT, 1);
	fsa_event_set(ev, FSALERT_KEY_ENTRY, entry->id);
	fsa_event_set(ev, FSALERT_KEY_FSID, entry->fsid);
	if (type == FSALERT_ADDED || type == FSALERT_CHANGED)
		fsa_event_set_text(ev, FSALERT_KEY_REQUEST, entry->request);
}

static uint32_t id_of_level(const struct fsa_level *level, bool below)
{
	if (level->kind == FS_NL_KIND_INODES)
		return below ? FS_INO_BELOW : FS_INO_ABOVE;
	switch (level->nr) {
	case 1:
		return below ? FS_THR_LRBELOW : FS_THR_LRABOVE;
	case 2:
		return below ? FS_THR_URBELOW : FS_THR_URABOVE;
	default:
		return below ? FS_THR_BELOW : FS_THR_ABOVE;
	}
}

static void set_level(struct fsalert_event *ev,
		      const struct fsalert_entry *entry,
		      const struct fsa_level *level)
{
	bool space = level->kind == FS_NL_KIND_SPACE;
	uint64_t total = space ? entry->total : entry->inodes;

	fsa_event_set(ev, FSALERT_KEY_LEVEL_NR, level->nr);
	/* The kernel shows them only to programs that statfs(2) shows them to. */
	if (!total)
		return;
	fsa_event_set(ev, FSALERT_KEY_AVAIL,
		      space ? entry->avail : entry->inodes_free);
	fsa_event_set(ev, FSALERT_KEY_TOTAL, total);
	if (space)
		fsa_event_set(ev, FSALERT_KEY_FRSIZE, entry->frsize);
	fsa_event_set(ev, FSALERT_KEY_LEVEL, fsa_level_blocks(entry, level));
}

/* Return: true: there is an event. */
static bool tell_watch(struct fsalert_event *ev, const struct fsalert_entry *a,
		       const struct fsalert_entry *b)
{
	if (a && b && !fsa_watch_is_other(a, b))
		return false;
	begin(ev, !a ? FSALERT_ADDED : b ? FSALERT_CHANGED : FSALERT_REMOVED,
	      b ?: a);
	return true;
}

/* The level of a watch that is the same, or NULL. */
static const struct fsa_level *same_in(const struct fsalert_entry *entry,
				       const struct fsa_level *level)
{
	const struct fsa_level *same = NULL;

	if (entry)
		same = fsa_entry_level(entry, level->kind, level->nr);
	return same && !strcmp(same->text, level->text) ? same : NULL;
}

static uint64_t state_in(const struct fsalert_entry *entry,
			 const struct fsa_level *level)
{
	const struct fsa_level *same = same_in(entry, level);

	return same ? same->state : FS_NL_STATE_ABOVE;
}

static bool tell_level(struct fsalert_event *ev, const struct fsalert_entry *a,
		       const struct fsalert_entry *b,
		       const struct fsa_level *level)
{
	if (state_in(a, level) == level->state)
		return false;
	begin(ev, FSALERT_UNKNOWN, b);
	fsa_event_set_id(ev, id_of_level(level,
					 level->state == FS_NL_STATE_BELOW));
	set_level(ev, b, level);
	return true;
}

/* A level that was below, and does not exist any more. */
static bool tell_level_gone(struct fsalert_event *ev,
			    const struct fsalert_entry *b,
			    const struct fsa_level *level)
{
	if (level->state != FS_NL_STATE_BELOW || same_in(b, level))
		return false;
	begin(ev, FSALERT_UNKNOWN, b);
	fsa_event_set_id(ev, FS_INFO_CLEARED);
	fsa_event_set_of(ev, id_of_level(level, true));
	set_level(ev, b, level);
	return true;
}

static bool tell_lasting(struct fsalert_event *ev, const struct fsalert_entry *a,
			 const struct fsalert_entry *b, uint32_t id)
{
	bool was = a && a->lasting & BIT64(id), is = b->lasting & BIT64(id);

	if (was == is)
		return false;
	begin(ev, FSALERT_UNKNOWN, b);
	fsa_event_set_id(ev, is ? id : FS_INFO_CLEARED);
	if (was)
		fsa_event_set_of(ev, id);
	return true;
}

/* One possible difference per step. Return: 1: an event; 0: none; -1: the end. */
static int tell_step(struct fsalert_event *ev, const struct fsalert_entry *a,
		     const struct fsalert_entry *b, size_t step)
{
	if (!step)
		return tell_watch(ev, a, b);
	if (!b)
		return -1;
	step--;
	if (a && step < a->nr_levels)
		return tell_level_gone(ev, b, &a->levels[step]);
	step -= a ? a->nr_levels : 0;
	if (step < b->nr_levels)
		return tell_level(ev, a, b, &b->levels[step]);
	step -= b->nr_levels;
	return step < LASTING_MAX ? tell_lasting(ev, a, b, step) : -1;
}

/* Both sets are in the order of ids. Return: true: there is an event. */
static bool tell_difference(struct fsa_state *s, struct fsalert_event *ev)
{
	while (s->i < s->old.nr || s->j < s->j_end) {
		const struct fsa_watch *a = NULL, *b = NULL;
		int told;

		if (s->i < s->old.nr)
			a = s->old.list[s->i];
		if (s->j < s->j_end)
			b = s->set.list[s->j];
		if (a && b && a->entry.id < b->entry.id)
			b = NULL;
		else if (a && b && a->entry.id > b->entry.id)
			a = NULL;
		told = tell_step(ev, a ? &a->entry : NULL, b ? &b->entry : NULL,
				 s->step++);
		if (told > 0) {
			if (s->resync)
				fsa_event_set(ev, FSALERT_KEY_RESYNC, 1);
			return true;
		}
		if (told < 0) {
			s->i += !!a;
			s->j += !!b;
			s->step = 0;
		}
	}
	return false;
}

/* --- reading anew --------------------------------------------------------- */

/* Takes the numbers of a set that was just dumped. */
static void account(struct fsa_state *s)
{
	uint64_t covered = UINT64_MAX, generation = UINT64_MAX;
	bool any = false;
	size_t i;

	for (i = 0; i < s->set.nr; i++) {
		const struct fsalert_entry *entry = &s->set.list[i]->entry;

		if (entry->id > s->newest_id)
			s->newest_id = entry->id;
			/* Other network namespaces have numbers of their own. */
		if (entry->elsewhere)
			continue;
		any = true;
		if (entry->seq < covered)
			covered = entry->seq;
		if (entry->generation < generation)
			generation = entry->generation;
	}
	/* Without a watch no number is known. */
	s->covers = any;
	s->covered = any ? covered : 0;
	if (any) {
		s->generation = generation;
		s->generation_known = true;
	}
}

static int dump(struct fsa_state *s, struct fsa_set *set)
{
	int tries, err = 0;

	for (tries = 0; tries < DUMPS_MAX; tries++) {
		fsa_set_clear(set);
		err = s->kernel->dump(set, s->kernel_data);
		if (err != -EINTR)
			return err;
	}
	return 0;
}

/* Have fsa_state_tell() tell what differs, from @j to before @j_end in the set. */
static void compare(struct fsa_state *s, bool resync, size_t j, size_t j_end)
{
	s->comparing = true;
	s->resync = resync;
	s->i = 0;
	s->j = j;
	s->j_end = j_end;
	s->step = 0;
}

/* On failure the state does not change, and stays stale. */
static int read_anew(struct fsa_state *s)
{
	struct fsa_set new = {};
	int err = dump(s, &new);

	s->stale = err;
	if (err) {
		fsa_set_clear(&new);
		return err;
	}
	s->old = s->set;
	s->set = new;
	compare(s, true, 0, new.nr);
	account(s);
	return 0;
}

/**
 * fsa_state_begin - read all watches for the first time
 * @s: the state, but for the kernel zeroed
 *
 * Return: 0 or a negative errno.
 */
int fsa_state_begin(struct fsa_state *s)
{
	int err = read_anew(s);

	s->comparing = false;
	return err;
}

/**
 * fsa_state_tell - tell what is to be told before the next message
 * @s: the state
 * @ev: it
 *
 * Return: 1: an event; 0: nothing; a negative errno: not now, call again.
 */
int fsa_state_tell(struct fsa_state *s, struct fsalert_event *ev)
{
	int err;

	if (s->lost) {
		fsa_event_init(ev, FSALERT_LOST);
		if (s->nr_lost)
			fsa_event_set(ev, FSALERT_KEY_COUNT, s->nr_lost);
		s->lost = false;
		return 1;
	}
	do {
		if (s->comparing && tell_difference(s, ev))
			return 1;
		s->comparing = false;
		fsa_set_clear(&s->old);
		err = s->stale ? read_anew(s) : 0;
	} while (!err && s->comparing);
	return err;
}

/* --- messages ------------------------------------------------------------- */

/**
 * fsa_state_event - an event came: is something missing before it?
 * @s: the state
 * @ev: the event
 */
void fsa_state_event(struct fsa_state *s, const struct fsalert_event *ev)
{
	uint64_t seq = fsa_number(ev, FSALERT_KEY_SEQ), lost = 0;
	uint64_t id = fsa_number(ev, FSALERT_KEY_ENTRY);
	const struct fsa_watch *watch;
	bool renumbered;

	if (!fsa_has(ev, FSALERT_KEY_SEQ))
		return;
	/* Numbering that started anew says nothing about what was lost. */
	renumbered = s->started && seq <= s->last_seq;
	if (s->started && !renumbered)
		lost = seq - s->last_seq - 1;
	/* The handle was listening before the state was first read. */
	else if (!s->started && s->covers && seq > s->covered)
		lost = seq - s->covered - 1;
	s->started = true;
	s->last_seq = seq;
	if (lost) {
		s->lost = true;
		s->nr_lost = lost;
	}
	/* A level that its watch doesn't have? */
	watch = fsa_set_find(&s->set, id);
	if ((lost && seq - 1 > s->covered) || renumbered ||
	    id > s->newest_id ||
	    (watch && seq > watch->entry.seq &&
	     !fsa_watch_has_level(watch, ev)))
		s->stale = true;
}

static void set_gone(struct fsa_state *s, struct fsa_watch *watch)
{
	free(s->gone);
	s->gone = watch;
	if (watch)
		s->removed[s->nr_removed++ % FSA_REMOVED] = watch->entry.id;
}

static bool went(const struct fsa_state *s, uint64_t id)
{
	size_t i;

	for (i = 0; i < FSA_REMOVED; i++) {
		if (id && s->removed[i] == id)
			return true;
	}
	return false;
}

/* Is an event of a state older than the set, or of a watch that is gone? */
static bool is_void(const struct fsa_state *s, const struct fsa_watch *watch,
		    const struct fsalert_event *ev)
{
	uint64_t seq = fsa_number(ev, FSALERT_KEY_SEQ);

	if (!fsa_event_is_state(ev))
		return false;
	if (watch)
		return seq <= watch->entry.seq;
	return (s->covers && seq <= s->covered) ||
	       went(s, fsa_number(ev, FSALERT_KEY_ENTRY));
}

/**
 * fsa_state_apply - have an event take effect
 * @s: the state, which lacks nothing before it
 * @ev: the event
 *
 * Return: false: do not report the event: a difference reported the same, or it is
 * no longer true.
 */
bool fsa_state_apply(struct fsa_state *s, const struct fsalert_event *ev)
{
	uint64_t id = fsa_number(ev, FSALERT_KEY_ENTRY);
	struct fsa_watch *watch = fsa_set_find(&s->set, id);

	if (id > s->newest_id)
		s->newest_id = id;
	if (is_void(s, watch, ev))
		return false;
	if (!watch || fsa_number(ev, FSALERT_KEY_SEQ) <= watch->entry.seq)
		return true;
	if (ev->id == FS_INFO_UNMOUNT && fsa_has(ev, FSALERT_KEY_LAST))
		set_gone(s, fsa_set_take(&s->set, id));
	else
		fsa_watch_apply(watch, ev);
	return true;
}

/**
 * fsa_state_change - a change of watches came: is something missing before it?
 * @s: the state
 * @entry: the watch
 */
void fsa_state_change(struct fsa_state *s, const struct fsalert_entry *entry)
{
	if (s->generation_known && entry->generation > s->generation + 1)
		s->stale = true;
}

/* The state of a level with the same amounts, whatever its position was. */
static uint64_t state_before(const struct fsalert_entry *entry,
			     const struct fsa_level *level)
{
	size_t i;

	for (i = 0; i < entry->nr_levels; i++) {
		if (entry->levels[i].kind == level->kind &&
		    !strcmp(entry->levels[i].text, level->text))
			return entry->levels[i].state;
	}
	return FS_NL_STATE_ABOVE;
}

/*
 * Keeps the reported states, as the kernel does: queued events lead on from these.
 * That a level has another number now is reported as a difference: programs know
 * levels by their numbers.
 */
static void keep_states(struct fsa_watch *watch, const struct fsa_watch *before)
{
	size_t i;

	for (i = 0; i < watch->entry.nr_levels; i++)
		watch->levels[i].state = state_before(&before->entry,
						      &watch->levels[i]);
	watch->entry.lasting = before->entry.lasting;
	watch->entry.seq = before->entry.seq;
}

/* @watch took the place of @before. Return: 0 or -ENOMEM. */
static int compare_one(struct fsa_state *s, struct fsa_watch *watch,
		       struct fsa_watch *before)
{
	size_t at = fsa_set_at(&s->set, watch->entry.id);
	struct fsa_watch *none;

	if (before && fsa_set_put(&s->old, before, &none)) {
		/* Undo, which takes no memory. */
		s->set.list[at] = before;
		free(watch);
		s->stale = true;
		return -ENOMEM;
	}
	if (before)
		keep_states(watch, before);
	compare(s, false, at, at + 1);
	return 0;
}

/* Ask for the one watch that a message was about. */
static int get(struct fsa_state *s, uint64_t id, struct fsalert_event *ev)
{
	struct fsa_watch *before = NULL, *watch = NULL;
	int err = s->kernel->get(id, &watch, s->kernel_data);

	if (err == -ENOENT)
		before = fsa_set_take(&s->set, id);
	else if (!err)
		err = fsa_set_put(&s->set, watch, &before);
	if (err && err != -ENOENT) {
		free(watch);
		/* The next call reads all watches. */
		s->stale = true;
		return err;
	}
	if (!watch) {
		set_gone(s, before);
		if (before)
			begin(ev, FSALERT_REMOVED, &before->entry);
		return !!before;
	}
	return compare_one(s, watch, before);
}

/**
 * fsa_state_apply_change - a watch was made, changed or removed
 * @s: the state, which lacks nothing before it
 * @entry: the watch
 * @change: what became of it
 * @ev: that, as an event
 *
 * Return: 1: there is an event; 0: there is none; a negative errno.
 */
int fsa_state_apply_change(struct fsa_state *s,
			   const struct fsalert_entry *entry, uint64_t change,
			   struct fsalert_event *ev)
{
	struct fsa_watch *gone;

	if (entry->id > s->newest_id)
		s->newest_id = entry->id;
	/* A dump may already include this change. */
	if (s->generation_known && entry->generation <= s->generation)
		return 0;
	s->generation = entry->generation;
	s->generation_known = true;
	if (change != FS_NL_CHANGE_REMOVED)
		return get(s, entry->id, ev);
	gone = fsa_set_take(&s->set, entry->id);
	set_gone(s, gone);
	if (!gone)
		return 0;
	begin(ev, FSALERT_REMOVED, &gone->entry);
	return 1;
}

/* The queue of messages overran. */
void fsa_state_overrun(struct fsa_state *s)
{
	s->overrun = true;
	s->lost = true;
	s->nr_lost = 0;
}

/* The queue of messages is empty. */
void fsa_state_drained(struct fsa_state *s)
{
	if (s->overrun)
		s->stale = true;
	s->overrun = false;
}

/* The source is gone: nothing is known any more. */
void fsa_state_clear(struct fsa_state *s)
{
	const struct fsa_state empty = {
		.kernel = s->kernel,
		.kernel_data = s->kernel_data,
	};

	fsa_set_clear(&s->set);
	fsa_set_clear(&s->old);
	free(s->gone);
	*s = empty;
}
