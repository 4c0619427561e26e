// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which mounts may have to wait for a server: those of some types, and what is
 * mounted below them.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "remote.h"

/* Types that answer from memory although they have no device. */
static const char * const in_memory[] = { "tmpfs", "ramfs", "devtmpfs" };

/* Types with a device that wait for a server, or read the disk for an answer. */
static const char * const waiting[] = {
	"fuseblk", "ocfs2", "gfs2", "udf", "nilfs2", "hpfs", "qnx4", "sysv",
};

static bool in_list(const char * const *list, size_t nr, const char *type)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!strcmp(list[i], type))
			return true;
	}
	return false;
}

/**
 * remote_type - may asking a file system wait for a server?
 * @type: its type
 * @dev: its device number
 */
bool remote_type(const char *type, dev_t dev)
{
	if (in_list(in_memory, sizeof(in_memory) / sizeof(*in_memory), type))
		return false;
	if (in_list(waiting, sizeof(waiting) / sizeof(*waiting), type) ||
	    !strncmp(type, "fuse", 4))
		return true;
	/* It has a disk, or several of its own. */
	return !major(dev) && strcmp(type, "btrfs") && strcmp(type, "bcachefs");
}

static int compare_ids(const void *a, const void *b)
{
	const struct way *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/**
 * remote_find - find a mount
 * @ways: the mounts, after remote_spread()
 * @nr: how many
 * @id: number of the mount
 *
 * Return: it; NULL: it is not there.
 */
const struct way *remote_find(const struct way *ways, size_t nr, int id)
{
	const struct way key = { .id = id };

	return bsearch(&key, ways, nr, sizeof(*ways), compare_ids);
}

/* Not recursive: 100,000 mounts can be on top of each other. */
static void spread(struct way *ways, size_t nr, struct way *w)
{
	struct way *top = w;
	bool remote;

	while (top && !top->visited && !top->remote) {
		top->visited = true;
		top = (struct way *)remote_find(ways, nr, top->parent);
	}
	/* What is marked as visited below that is decided now. */
	remote = top && top->remote;
	while (w && w != top && remote) {
		w->remote = true;
		w = (struct way *)remote_find(ways, nr, w->parent);
	}
}

/**
 * remote_spread - mark what is mounted below mounts that are remote
 * @ways: all mounts; they are sorted
 * @nr: how many
 *
 * A path leads through the mounts above: each of these may have to be waited for.
 */
void remote_spread(struct way *ways, size_t nr)
{
	size_t i;

	qsort(ways, nr, sizeof(*ways), compare_ids);
	for (i = 0; i < nr; i++)
		spread(ways, nr, &ways[i]);
}
