// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The state that a view keeps: what messages and dumps make of it.
 *
 * A watch that the kernel was asked for comes with the number of the last event
 * (SEQ) before its state was read: events with larger numbers, in their order,
 * lead on from there, and those with smaller ones make no difference any more.
 * So the state is that of the kernel, but for messages that are queued, as long
 * as no message is missing. One that is missing shows in the numbers of those
 * that follow. When the queue overruns, the kernel drops all further messages
 * until the queue was emptied, so the state that is asked for then covers all
 * that was dropped, and there is no need to ask before, in the midst of a storm.
 *
 * A message about a change of watches has the mount as its maker sees it, and is
 * sent for watches that are out of reach from here as well: it only says whom to
 * ask for. Such messages have numbers of their own (GENERATION).
 *
 * Ids of watches rise. An event of a watch that is not in the set is of one that
 * is gone or out of reach, unless its id is larger than all that were seen:
 * then the message that it was made is missing, or still to come.
 */
#include <errno.h>
#include <stdlib.h>

#include "state.h"

/*
 * How often to ask for all watches when each time they change meanwhile. After
 * that what came is taken: the messages about these changes will follow.
 */
#define DUMPS_MAX	100

/* After a function returned what is not 0, nothing is told until the next call
 * of ours: what was begun is carried through.
 */
static void tell(struct fsev_state *s, const struct fsevents_news *news)
{
	if (s->news && !s->result)
		s->result = s->news(news, s->news_data);
}

static int finish(struct fsev_state *s, int err)
{
	int result = err ?: s->result;

	s->result = 0;
	return result;
}

static void tell_lost(struct fsev_state *s, uint64_t lost, uint64_t seq)
{
	const struct fsevents_news news = {
		.type = FSEVENTS_LOST,
		.lost = lost,
		.seq = seq,
	};

	tell(s, &news);
}

static void tell_entry(struct fsev_state *s, bool resync,
		       const struct fsev_watch *before,
		       const struct fsev_watch *after)
{
	const struct fsevents_news news = {
		.type = FSEVENTS_ENTRY,
		.resync = resync,
		.before = before ? &before->entry : NULL,
		.entry = after ? &after->entry : NULL,
	};

	if (before || after)
		tell(s, &news);
}

/* Both sets are in the order of ids. */
static void tell_differences(struct fsev_state *s, const struct fsev_set *old)
{
	const struct fsev_set *new = &s->set;
	size_t i = 0, j = 0;

	while (i < old->nr || j < new->nr) {
		const struct fsev_watch *a = i < old->nr ? old->list[i] : NULL;
		const struct fsev_watch *b = j < new->nr ? new->list[j] : NULL;

		if (a && b && a->entry.id != b->entry.id) {
			if (a->entry.id < b->entry.id)
				b = NULL;
			else
				a = NULL;
		}
		i += !!a;
		j += !!b;
		if (!a || !b || fsev_watch_differs(&a->entry, &b->entry))
			tell_entry(s, true, a, b);
	}
}

/* What a set that was just dumped accounts for. */
static void account(struct fsev_state *s)
{
	uint64_t covered = UINT64_MAX, generation = UINT64_MAX;
	bool any = false;
	size_t i;

	for (i = 0; i < s->set.nr; i++) {
		const struct fsevents_entry *entry = &s->set.list[i]->entry;

		if (entry->id > s->newest_id)
			s->newest_id = entry->id;
		/* Those elsewhere have the numbers of there. */
		if (entry->elsewhere)
			continue;
		any = true;
		if (entry->seq < covered)
			covered = entry->seq;
		if (entry->generation < generation)
			generation = entry->generation;
	}
	/* Where there is no watch nobody says how far one is. */
	s->covers = any;
	s->covered = any ? covered : 0;
	if (any) {
		s->generation = generation;
		s->generation_known = true;
	}
}

static int dump(struct fsev_state *s, struct fsev_set *set)
{
	int tries, err = 0;

	for (tries = 0; tries < DUMPS_MAX; tries++) {
		fsev_set_clear(set);
		err = s->kernel->dump(set, s->kernel_data);
		if (err != -EINTR)
			return err;
	}
	return 0;
}

static int read_anew(struct fsev_state *s)
{
	struct fsev_set old = s->set, new = {};
	struct fsevents_news news = { .type = FSEVENTS_RESYNCED };
	int err = dump(s, &new);

	/* To be tried again with the next message. */
	s->stale = err;
	if (err) {
		fsev_set_clear(&new);
		return err;
	}
	s->set = new;
	account(s);
	news.seq = s->covered;
	tell(s, &news);
	tell_differences(s, &old);
	fsev_set_clear(&old);
	return 0;
}

/**
 * fsev_state_resync - ask the kernel for all watches
 * @s: the state
 *
 * Return: 0, what the function for news returned, or a negative errno.
 */
int fsev_state_resync(struct fsev_state *s)
{
	return finish(s, read_anew(s));
}

/* Does the state lack what happened before this event? */
static bool misses(struct fsev_state *s, const struct fsevents_event *ev)
{
	uint64_t last = s->gap.last;
	bool started = s->gap.started;
	uint64_t lost = fsevents_gap(&s->gap, ev);

	if (!fsevents_event_has(ev, FS_NL_A_SEQ))
		return false;
	/* The view was listening before it was first read. */
	if (!started && s->covers && ev->seq > s->covered)
		lost = ev->seq - s->covered - 1;
	if (lost)
		tell_lost(s, lost, ev->seq);
	if (lost && ev->seq - 1 > s->covered)
		return true;
	/* Numbering that started anew says nothing about what was lost. */
	if (started && ev->seq <= last)
		return true;
	return ev->entry > s->newest_id;
}

/* Is it about a level that its watch doesn't have? */
static bool is_strange(const struct fsev_state *s,
		       const struct fsevents_event *ev)
{
	const struct fsev_watch *watch = fsev_set_find(&s->set, ev->entry);

	return watch && ev->seq > watch->entry.seq &&
	       !fsev_watch_has_level(watch, ev);
}

static bool is_end(const struct fsevents_event *ev)
{
	return ev->event_id == FS_INFO_UNMOUNT && ev->last;
}

/**
 * fsev_state_event - an event came
 * @s: the state
 * @ev: the event
 *
 * Return: as fsev_state_resync().
 */
int fsev_state_event(struct fsev_state *s, const struct fsevents_event *ev)
{
	struct fsevents_news news = { .type = FSEVENTS_EVENT, .event = ev };
	struct fsev_watch *watch, *gone = NULL;
	int err = 0;

	if (misses(s, ev) || is_strange(s, ev))
		s->stale = true;
	if (s->stale)
		err = read_anew(s);
	if (ev->entry > s->newest_id)
		s->newest_id = ev->entry;

	watch = fsev_set_find(&s->set, ev->entry);
	if (watch && ev->seq <= watch->entry.seq)
		news.resync = true;
	else if (watch && is_end(ev))
		gone = fsev_set_take(&s->set, ev->entry);
	else if (watch)
		fsev_watch_apply(watch, ev);
	news.entry = watch && !gone ? &watch->entry : NULL;
	tell(s, &news);
	free(gone);
	return finish(s, err);
}

/* Ask for the one watch that a message was about. */
static int get(struct fsev_state *s, uint64_t id)
{
	struct fsev_watch *before = NULL, *watch = NULL;
	int err = s->kernel->get(id, &watch, s->kernel_data);

	if (err == -ENOENT) {
		before = fsev_set_take(&s->set, id);
	} else if (!err) {
		err = fsev_set_put(&s->set, watch, &before);
		if (err)
			free(watch);
	}
	if (err && err != -ENOENT) {
		s->stale = true;
		return err;
	}
	tell_entry(s, false, before, watch);
	free(before);
	return 0;
}

/**
 * fsev_state_change - a watch was made, changed or removed
 * @s: the state
 * @entry: the watch
 * @change: what became of it
 *
 * Return: as fsev_state_resync().
 */
int fsev_state_change(struct fsev_state *s, const struct fsevents_entry *entry,
		      uint64_t change)
{
	struct fsev_watch *gone;
	int err = 0;

	if (s->generation_known && entry->generation > s->generation + 1)
		s->stale = true;
	if (s->stale)
		err = read_anew(s);
	if (entry->id > s->newest_id)
		s->newest_id = entry->id;
	/* What was read anew, now or before, may account for this already. */
	if (err || (s->generation_known && entry->generation <= s->generation))
		return finish(s, err);
	s->generation = entry->generation;
	s->generation_known = true;
	if (change != FS_NL_CHANGE_REMOVED)
		return finish(s, get(s, entry->id));
	gone = fsev_set_take(&s->set, entry->id);
	tell_entry(s, false, gone, NULL);
	free(gone);
	return finish(s, 0);
}

/**
 * fsev_state_overrun - the queue of messages overran
 * @s: the state
 *
 * Return: as fsev_state_resync().
 */
int fsev_state_overrun(struct fsev_state *s)
{
	s->overrun = true;
	tell_lost(s, 0, 0);
	return finish(s, 0);
}

/**
 * fsev_state_drained - the queue of messages is empty
 * @s: the state
 *
 * Return: as fsev_state_resync().
 */
int fsev_state_drained(struct fsev_state *s)
{
	int err = 0;

	if (s->overrun || s->stale)
		err = read_anew(s);
	if (!err)
		s->overrun = false;
	return finish(s, err);
}
