// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which mounts their paths lead to: a mount may be covered by another one. There may
 * be thousands of mounts, so each question is answered by a binary search.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "commands.h"
#include "reach.h"

/* The mount table is a tree; a limit in case it is not. */
#define DEPTH_MAX	64

/**
 * struct place - a mount
 * @mount: its line in the mount table
 * @target: its path
 * @id: mount ID
 * @parent: that of the mount that this one is on; -1: none
 * @dev: device number of its file system
 * @above: the mount that this one is on; NULL: it can't be seen from here
 * @covered: its path leads to another mount
 * @first: it is the first mount by which its file system can be asked
 */
struct place {
	struct libmnt_fs *mount;
	const char *target;
	int id;
	int parent;
	dev_t dev;
	struct place *above;
	bool covered;
	bool first;
};

/**
 * struct places - all mounts
 * @list: in the order of the mount table
 * @sorted: in the order of what is searched for
 * @nr: how many
 */
struct places {
	struct place *list;
	struct place **sorted;
	size_t nr;
};

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_id(const void *a, const void *b)
{
	const struct place * const *x = a, * const *y = b;

	return compare((*x)->id, (*y)->id);
}

static int by_target(const void *a, const void *b)
{
	const struct place * const *x = a, * const *y = b;

	return compare((*x)->parent, (*y)->parent) ?:
	       strcmp((*x)->target, (*y)->target);
}

/* Of one file system: those that can be asked, in the order of the mount table. */
static int by_dev(const void *a, const void *b)
{
	const struct place * const *x = a, * const *y = b;

	return compare((*x)->dev, (*y)->dev) ?:
	       compare((*x)->covered, (*y)->covered) ?:
	       compare((uintptr_t)*x, (uintptr_t)*y);
}

static void sort(struct places *p, int (*order)(const void *, const void *))
{
	qsort(p->sorted, p->nr, sizeof(*p->sorted), order);
}

/* The first mount of the system is on itself: it covers nothing. */
static int parent_of(struct libmnt_fs *mount)
{
	int parent = mnt_fs_get_parent_id(mount);

	return parent == mnt_fs_get_id(mount) ? -1 : parent;
}

/* The mount table's own order of mounts stays in the list. */
static void read_table(struct places *p, struct libmnt_table *mounts)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	size_t room = mnt_table_get_nents(mounts) + 1;
	struct libmnt_fs *mount;

	p->nr = 0;
	p->list = calloc(room, sizeof(*p->list));
	p->sorted = calloc(room, sizeof(*p->sorted));
	if (!iter || !p->list || !p->sorted)
		err(STATE_UNKNOWN, NULL);
	while (!mnt_table_next_fs(mounts, iter, &mount)) {
		p->sorted[p->nr] = &p->list[p->nr];
		p->list[p->nr++] = (struct place){
			.mount = mount,
			.target = mnt_fs_get_target(mount),
			.id = mnt_fs_get_id(mount),
			.parent = parent_of(mount),
			.dev = mnt_fs_get_devno(mount),
		};
	}
	mnt_free_iter(iter);
}

static void find_above(struct places *p)
{
	struct place **above, key, *search = &key;
	size_t i;

	sort(p, by_id);
	for (i = 0; i < p->nr; i++) {
		key.id = p->list[i].parent;
		above = bsearch(&search, p->sorted, p->nr, sizeof(*p->sorted),
				by_id);
		if (above)
			p->list[i].above = *above;
	}
}

/* As by_target(); @path has @len bytes. */
static int compare_target(const struct place *place, int parent,
			  const char *path, size_t len)
{
	return compare(place->parent, parent) ?:
	       strncmp(place->target, path, len) ?: !!place->target[len];
}

/* Is there a mount on @parent at @path of @len bytes, but for @mount and @through? */
static bool is_taken(const struct places *p, int parent, const char *path,
		     size_t len, const struct place *mount,
		     const struct place *through)
{
	size_t low = 0, high = p->nr, i;

	while (low < high) {
		i = low + (high - low) / 2;
		if (compare_target(p->sorted[i], parent, path, len) < 0)
			low = i + 1;
		else
			high = i;
	}
	for (; low < p->nr &&
	     !compare_target(p->sorted[low], parent, path, len); low++) {
		if (p->sorted[low] != mount && p->sorted[low] != through)
			return true;
	}
	return false;
}

/*
 * Is another mount over @mount, or over a directory that leads from the mount above to
 * it? @through: the mount on @mount by which the path goes on; NULL: it ends there.
 */
static bool is_cut(const struct places *p, const struct place *mount,
		   const struct place *through)
{
	const char *target = mount->target, *end = target;

	if (is_taken(p, mount->id, target, strlen(target), mount, through))
		return true;
	if (!strcmp(target, "/"))
		return false;
	if (is_taken(p, mount->parent, "/", 1, mount, through))
		return true;
	while ((end = strchr(end + 1, '/'))) {
		if (is_taken(p, mount->parent, target, end - target, mount,
			     through))
			return true;
	}
	return false;
}

/* Does its path lead to another mount? Asking there would ask that one. */
static bool is_covered(const struct places *p, const struct place *mount)
{
	const struct place *through = NULL;
	unsigned int depth;

	for (depth = 0; mount && depth < DEPTH_MAX; depth++) {
		if (is_cut(p, mount, through))
			return true;
		through = mount;
		mount = mount->above;
	}
	return false;
}

static void find_first(struct places *p)
{
	size_t i;

	find_above(p);
	sort(p, by_target);
	for (i = 0; i < p->nr; i++)
		p->list[i].covered = is_covered(p, &p->list[i]);
	sort(p, by_dev);
	for (i = 0; i < p->nr; i++)
		p->sorted[i]->first = !p->sorted[i]->covered &&
			(!i || p->sorted[i - 1]->dev != p->sorted[i]->dev);
}

/**
 * reach_first - the mounts by which file systems can be asked
 * @mounts: the mount table
 *
 * Return: the first mount of each file system that its path leads to, in the order of
 * the table, up to a NULL; for free(). The program ends when there is no memory.
 */
struct libmnt_fs **reach_first(struct libmnt_table *mounts)
{
	struct libmnt_fs **first;
	struct places p;
	size_t i, nr = 0;

	read_table(&p, mounts);
	find_first(&p);
	first = calloc(p.nr + 1, sizeof(struct libmnt_fs *));
	if (!first)
		err(STATE_UNKNOWN, NULL);
	for (i = 0; i < p.nr; i++) {
		if (p.list[i].first)
			first[nr++] = p.list[i].mount;
	}
	free(p.list);
	free(p.sorted);
	return first;
}
