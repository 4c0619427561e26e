// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Watches by their ids.
 *
 * There are a few thousand at most, and they come and go seldom: a sorted
 * array is enough.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "entry.h"

/**
 * fsa_set_at - where a watch is, or would be
 * @set: the set
 * @id: its id
 *
 * Return: the index of the first watch whose id is not smaller.
 */
size_t fsa_set_at(const struct fsa_set *set, uint64_t id)
{
	size_t low = 0, high = set->nr, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (set->list[middle]->entry.id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const struct fsa_set *set, size_t at, uint64_t id)
{
	return at < set->nr && set->list[at]->entry.id == id;
}

/**
 * fsa_set_find - a watch of a set
 * @set: the set
 * @id: its id
 *
 * Return: the watch, or NULL.
 */
struct fsa_watch *fsa_set_find(const struct fsa_set *set, uint64_t id)
{
	size_t at = fsa_set_at(set, id);

	return is_at(set, at, id) ? set->list[at] : NULL;
}

static int make_room(struct fsa_set *set)
{
	size_t room = set->room ? 2 * set->room : 16;
	struct fsa_watch **list;

	if (set->nr < set->room)
		return 0;
	list = reallocarray(set->list, room, sizeof(*list));
	if (!list)
		return -ENOMEM;
	set->list = list;
	set->room = room;
	return 0;
}

/**
 * fsa_set_put - put a watch into a set
 * @set: the set
 * @watch: the watch, the set's from now on, unless it fails
 * @before: the watch of the same id that it takes the place of, now the
 *	caller's, or NULL
 *
 * Return: 0 or -ENOMEM.
 */
int fsa_set_put(struct fsa_set *set, struct fsa_watch *watch,
		struct fsa_watch **before)
{
	size_t at = fsa_set_at(set, watch->entry.id);
	struct fsa_watch **place;

	*before = NULL;
	if (is_at(set, at, watch->entry.id)) {
		*before = set->list[at];
		set->list[at] = watch;
		return 0;
	}
	if (make_room(set))
		return -ENOMEM;
	place = set->list + at;
	memmove(place + 1, place, (set->nr - at) * sizeof(*place));
	*place = watch;
	set->nr++;
	return 0;
}

/**
 * fsa_set_take - take a watch out of a set
 * @set: the set
 * @id: its id
 *
 * Return: the watch, now the caller's, or NULL.
 */
struct fsa_watch *fsa_set_take(struct fsa_set *set, uint64_t id)
{
	size_t at = fsa_set_at(set, id);
	struct fsa_watch **place = set->list + at;
	struct fsa_watch *watch;

	if (!is_at(set, at, id))
		return NULL;
	watch = *place;
	set->nr--;
	memmove(place, place + 1, (set->nr - at) * sizeof(*place));
	return watch;
}

/**
 * fsa_set_clear - free a set and its watches
 * @set: the set, empty on return
 */
void fsa_set_clear(struct fsa_set *set)
{
	size_t i;

	for (i = 0; i < set->nr; i++)
		free(set->list[i]);
	free(set->list);
	*set = (struct fsa_set){};
}
