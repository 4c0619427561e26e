// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mount table. No path is looked up here: that could wait for a server.
 *
 * In the namespace of a sandboxed service mounts can be read-only that are not
 * read-only elsewhere. So a file system is read-only here if its super block is.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include <libmount/libmount.h>

#include "mounts.h"
#include "../fsalert/array.h"
#include "../pool_key.h"
#include "../remote.h"

static bool is_listed(const char *type, const char * const *list, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!strcmp(type, list[i]))
			return true;
	}
	return false;
}

static enum mount_class classify(struct libmnt_fs *fs, const struct mount *m)
{
	/* libmount calls them pseudo file systems. */
	static const char * const stacked[] = {
		"overlay", "virtiofs", "vboxsf", "fuse.encfs",
	};
	/* They have disks, but no device number. */
	static const char * const pools[] = { "btrfs", "bcachefs", "zfs" };

	if (!strcmp(m->fstype, "tmpfs") || !strcmp(m->fstype, "rootfs"))
		return MOUNT_MEMORY;
	if (is_listed(m->fstype, stacked, ARRAY_SIZE(stacked)))
		return MOUNT_REMOTE;
	if (mnt_fs_is_pseudofs(fs) || mnt_fs_is_swaparea(fs))
		return MOUNT_PSEUDO;
	if (mnt_fs_is_netfs(fs) || !strncmp(m->fstype, "fuse", 4))
		return MOUNT_REMOTE;
	if (major(m->dev) || is_listed(m->fstype, pools, ARRAY_SIZE(pools)))
		return MOUNT_LOCAL;
	return MOUNT_REMOTE;
}

static void take_line(struct mount *m, struct libmnt_fs *fs)
{
	const char *options = mnt_fs_get_fs_options(fs);

	m->id = mnt_fs_get_id(fs);
	m->parent = mnt_fs_get_parent_id(fs);
	/* The first mount of the system is on itself: it covers nothing. */
	if (m->parent == m->id)
		m->parent = -1;
	m->dev = mnt_fs_get_devno(fs);
	m->target = mnt_fs_get_target(fs) ?: "";
	m->source = mnt_fs_get_source(fs) ?: "none";
	m->fstype = mnt_fs_get_fstype(fs) ?: "";
	m->root = mnt_fs_get_root(fs) ?: "/";
	m->class = classify(fs, m);
	m->read_only = options &&
		       !mnt_optstr_get_option(options, "ro", NULL, NULL);
}

/* Is @path the same as @folder, or below it? */
static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	if (!strcmp(folder, "/"))
		return path[0] == '/';
	return !strncmp(path, folder, len) && (!path[len] || path[len] == '/');
}

/* --- what can be reached --------------------------------------------------- */

static int compare_ids(const void *a, const void *b)
{
	const struct mount *x = *(const struct mount * const *)a;
	const struct mount *y = *(const struct mount * const *)b;

	return (x->id > y->id) - (x->id < y->id);
}

/* @sorted: the mounts, by their numbers */
static struct mount *by_id(struct mount **sorted, size_t nr, int id)
{
	const struct mount wanted = { .id = id }, *key = &wanted;
	struct mount **found = bsearch(&key, sorted, nr, sizeof(*sorted),
				       compare_ids);

	return found ? *found : NULL;
}

/* A path comes right before all that are below it. */
static int compare_paths(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	if (!*a || !*b)
		return !*b - !*a;
	if (*a == '/' || *b == '/')
		return (*b == '/') - (*a == '/');
	return (unsigned char)*a - (unsigned char)*b;
}

static int compare_places(const void *a, const void *b)
{
	const struct mount *x = *(const struct mount * const *)a;
	const struct mount *y = *(const struct mount * const *)b;

	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	return compare_paths(x->target, y->target);
}

/* @sorted: the mounts, by that on which they are, and their paths */
static void find_cut(struct mount **sorted, size_t nr)
{
	const struct mount *top = NULL;
	size_t i;

	for (i = 0; i < nr; i++) {
		struct mount *m = sorted[i];

		if (!top || m->parent != top->parent ||
		    !is_below(m->target, top->target))
			top = m;
		else
			m->cut = strcmp(m->target, top->target);
	}
}

static bool is_over(const struct mount *m, const struct mount *under)
{
	return m->on == under && !strcmp(m->target, under->target);
}

static void find_covers(struct mounts *t, struct mount **sorted)
{
	size_t i;

	for (i = 0; i < t->nr; i++) {
		struct mount *m = &t->list[i];
		struct mount *on = by_id(sorted, t->nr, m->parent);

		m->on = on;
		if (on && is_over(m, on))
			on->covers++;
	}
}

/* The table is a tree; a limit in case it is not. */
#define DEPTH_MAX	64

/*
 * Is something mounted over @m, over a mount by which its path leads, or over a
 * directory of it? What is mounted over one of these may be how the path goes on.
 */
static bool is_hidden(const struct mount *m)
{
	const struct mount *through = NULL;
	unsigned int depth;

	for (depth = 0; m && depth < DEPTH_MAX; depth++) {
		if (m->cut || m->covers > (through && is_over(through, m)))
			return true;
		through = m;
		m = m->on;
	}
	return false;
}

/* Return: 0 or -ENOMEM. */
static int find_hidden(struct mounts *t)
{
	struct mount **sorted = calloc(t->nr + 1, sizeof(*sorted));
	size_t i;

	if (!sorted)
		return -ENOMEM;
	for (i = 0; i < t->nr; i++)
		sorted[i] = &t->list[i];
	qsort(sorted, t->nr, sizeof(*sorted), compare_ids);
	find_covers(t, sorted);
	qsort(sorted, t->nr, sizeof(*sorted), compare_places);
	find_cut(sorted, t->nr);
	free(sorted);
	for (i = 0; i < t->nr; i++) {
		if (t->list[i].class != MOUNT_PSEUDO)
			t->list[i].hidden = is_hidden(&t->list[i]);
	}
	return 0;
}

/* --- file systems ---------------------------------------------------------- */

/* In the order of the table within a file system. */
static int compare_groups(const void *a, const void *b)
{
	const struct mount *x = *(const struct mount * const *)a;
	const struct mount *y = *(const struct mount * const *)b;

	return strcmp(x->key, y->key) ?: (x > y) - (x < y);
}

/* Return: 0 or -ENOMEM. */
static int find_groups(struct mounts *t)
{
	size_t i;

	t->groups = calloc(t->nr + 1, sizeof(*t->groups));
	if (!t->groups)
		return -ENOMEM;
	for (i = 0; i < t->nr; i++) {
		struct mount *m = &t->list[i];

		m->key = pool_key(m->fstype, m->source, m->dev);
		if (!m->key)
			return -ENOMEM;
		if (m->class != MOUNT_PSEUDO && !m->hidden)
			t->groups[t->nr_groups++] = m;
	}
	qsort(t->groups, t->nr_groups, sizeof(*t->groups), compare_groups);
	return 0;
}

/**
 * mounts_gather - find all mounts of a file system that can be reached
 * @m: the table
 * @key: of it
 * @nr: how many they are
 *
 * Return: the mounts, in the order of the table. They belong to it.
 */
const struct mount * const *mounts_gather(const struct mounts *m,
					  const char *key, size_t *nr)
{
	size_t low = 0, high = m->nr_groups, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (strcmp(key, m->groups[middle]->key) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	*nr = 0;
	while (low + *nr < m->nr_groups &&
	       !strcmp(key, m->groups[low + *nr]->key))
		(*nr)++;
	return m->groups + low;
}

/* --- the table ------------------------------------------------------------- */

/* Return: 0 or -ENOMEM. */
static int find_may_hang(struct mounts *t)
{
	struct remotes remotes;
	size_t i;

	if (remotes_read(&remotes, t->table))
		return -ENOMEM;
	for (i = 0; i < t->nr; i++)
		t->list[i].may_hang = t->list[i].class == MOUNT_REMOTE ||
				      remotes_have(&remotes, t->list[i].id);
	remotes_free(&remotes);
	return 0;
}

/**
 * mounts_read - read the table
 * @m: the table, for mounts_free()
 * @file: in the form of /proc/PID/mountinfo
 *
 * Return: 0 or a negative errno.
 */
int mounts_read(struct mounts *m, FILE *file)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	int err;

	*m = (struct mounts){ .table = mnt_new_table() };
	err = m->table && iter ? mnt_table_parse_stream(m->table, file,
							"mountinfo") : -ENOMEM;
	if (!err) {
		m->list = calloc(mnt_table_get_nents(m->table) + 1,
				 sizeof(*m->list));
		err = m->list ? 0 : -ENOMEM;
	}
	while (!err && !mnt_table_next_fs(m->table, iter, &fs))
		take_line(&m->list[m->nr++], fs);
	mnt_free_iter(iter);
	err = err ?: find_may_hang(m);
	err = err ?: find_hidden(m);
	err = err ?: find_groups(m);
	if (err)
		mounts_free(m);
	return err;
}

void mounts_free(struct mounts *m)
{
	size_t i;

	for (i = 0; i < m->nr; i++)
		free(m->list[i].key);
	free(m->list);
	free(m->groups);
	mnt_unref_table(m->table);
	*m = (struct mounts){ .nr = 0 };
}

/* The root of the file system and a short path are better. */
static bool is_better(const struct mount *a, const struct mount *b)
{
	bool a_root = !strcmp(a->root, "/"), b_root = !strcmp(b->root, "/");

	if (a_root != b_root)
		return a_root;
	return strlen(a->target) < strlen(b->target);
}

/**
 * mounts_best - choose the mount by which a file system is watched
 * @list: all its mounts
 * @nr: how many
 *
 * Return: the mount; NULL: there is none.
 */
const struct mount *mounts_best(const struct mount * const *list, size_t nr)
{
	const struct mount *best = NULL;
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!best || is_better(list[i], best))
			best = list[i];
	}
	return best;
}
