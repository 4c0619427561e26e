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

	if (!strcmp(m->fstype, "tmpfs"))
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

static const struct mount *by_id(const struct mounts *t, int id)
{
	size_t i;

	for (i = 0; i < t->nr; i++) {
		if (t->list[i].id == id)
			return &t->list[i];
	}
	return NULL;
}

/*
 * Is something mounted over @m, or over a directory that leads to it? @through: the
 * mount on @m by which the path goes on; NULL: it ends there.
 */
static bool is_covered(const struct mounts *t, const struct mount *m,
		       const struct mount *through)
{
	const struct mount *c;

	for (c = t->list; c < t->list + t->nr; c++) {
		if (c == m || c == through)
			continue;
		if (c->parent == m->id && c->id != m->id &&
		    !strcmp(c->target, m->target))
			return true;
		if (c->parent == m->parent && strcmp(c->target, m->target) &&
		    is_below(m->target, c->target))
			return true;
	}
	return false;
}

/* The table is a tree; a limit in case it is not. */
#define DEPTH_MAX	64

static void find_hidden(struct mounts *t, struct mount *m)
{
	const struct mount *above = m, *through = NULL;
	unsigned int depth;

	for (depth = 0; above && depth < DEPTH_MAX; depth++) {
		if (is_covered(t, above, through)) {
			m->hidden = true;
			return;
		}
		if (above->parent == above->id)
			return;
		through = above;
		above = by_id(t, above->parent);
	}
}

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
	size_t i;
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
	for (i = 0; i < m->nr; i++) {
		if (m->list[i].class != MOUNT_PSEUDO)
			find_hidden(m, &m->list[i]);
	}
	if (err)
		mounts_free(m);
	return err;
}

void mounts_free(struct mounts *m)
{
	free(m->list);
	mnt_unref_table(m->table);
	*m = (struct mounts){ .nr = 0 };
}

/**
 * mount_key - what names the file system of a mount
 * @m: the mount
 * @key: the name
 * @size: room for it
 *
 * All mounts, subvolumes and data sets that share their space have the same key.
 */
void mount_key(const struct mount *m, char *key, size_t size)
{
	if (!strcmp(m->fstype, "zfs"))
		snprintf(key, size, "zfs:%.*s",
			 (int)strcspn(m->source, "/"), m->source);
	else
		snprintf(key, size, "%u:%u", major(m->dev), minor(m->dev));
}

/**
 * mounts_gather - find all mounts of a file system that can be reached
 * @m: the table
 * @key: as of mount_key()
 * @list: the mounts, with room for all of the table
 *
 * Return: how many.
 */
size_t mounts_gather(const struct mounts *m, const char *key,
		     const struct mount **list)
{
	char other[128];
	size_t i, nr = 0;

	for (i = 0; i < m->nr; i++) {
		const struct mount *one = &m->list[i];

		if (one->class == MOUNT_PSEUDO || one->hidden)
			continue;
		mount_key(one, other, sizeof(other));
		if (!strcmp(key, other))
			list[nr++] = one;
	}
	return nr;
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
