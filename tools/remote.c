// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which mounts wait for a server: by their own type, and by the mounts that their
 * path leads through. The programs share this. No path is looked up here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "remote.h"

/* Types that answer from memory although they have no device. */
static const char * const in_memory[] = {
	"tmpfs", "ramfs", "devtmpfs", "rootfs",
};

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

/* May asking a file system of this type wait for a server? */
static bool type_remote(const char *type, dev_t dev)
{
	if (in_list(in_memory, sizeof(in_memory) / sizeof(*in_memory), type))
		return false;
	if (in_list(waiting, sizeof(waiting) / sizeof(*waiting), type) ||
	    !strncmp(type, "fuse", 4))
		return true;
	/* It has a disk, or several of its own. */
	return !major(dev) && strcmp(type, "btrfs") && strcmp(type, "bcachefs");
}

/**
 * remotes_waits - may opening the root of a file system wait for a server?
 * @st: its figures
 * @major: of its device; 0: it has none
 *
 * For what is open, so that nothing is known of its path.
 */
bool remotes_waits(const struct statfs *st, unsigned int major)
{
	switch ((unsigned int)st->f_type) {
	case 0x01021994:	/* tmpfs, devtmpfs */
	case 0x858458f6:	/* ramfs */
	case 0x9123683e:	/* btrfs */
	case 0xca451a4e:	/* bcachefs */
		return false;
	case 0x65735546:	/* fuse, fuseblk */
	case 0x7461636f:	/* ocfs2 */
	case 0x01161970:	/* gfs2 */
		return true;
	default:
		return !major;
	}
}

static int compare_ids(const void *a, const void *b)
{
	const struct remote_mount *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* The mount with an ID, or NULL. */
static struct remote_mount *find(const struct remotes *r, int id)
{
	const struct remote_mount key = { .id = id };

	return r->list ? bsearch(&key, r->list, r->nr, sizeof(key),
				 compare_ids) : NULL;
}

/*
 * A path leads through the mounts above: each of these may have to be waited for.
 * Not recursive: 100,000 mounts can be on top of each other.
 */
static void find_remote(const struct remotes *r, struct remote_mount *m)
{
	struct remote_mount *top = m;
	bool remote;

	while (top && !top->visited && !top->remote) {
		top->visited = true;
		top = find(r, top->parent);
	}
	/* What is marked as visited below that is decided now. */
	remote = top && top->remote;
	for (; m && m != top && remote; m = find(r, m->parent))
		m->remote = true;
}

static void take_line(struct remote_mount *m, struct libmnt_fs *fs)
{
	const char *fstype = mnt_fs_get_fstype(fs);

	m->id = mnt_fs_get_id(fs);
	m->parent = mnt_fs_get_parent_id(fs);
	m->remote = type_remote(fstype ? fstype : "", mnt_fs_get_devno(fs));
}

/**
 * remotes_read - find the mounts that wait for a server
 * @r: the mounts, for remotes_free()
 * @table: of /proc/PID/mountinfo
 *
 * Return: 0 or -ENOMEM.
 */
int remotes_read(struct remotes *r, struct libmnt_table *table)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	size_t i;

	r->nr = 0;
	r->list = calloc(mnt_table_get_nents(table) + 1, sizeof(*r->list));
	if (!iter || !r->list) {
		mnt_free_iter(iter);
		remotes_free(r);
		return -ENOMEM;
	}
	while (!mnt_table_next_fs(table, iter, &fs))
		take_line(&r->list[r->nr++], fs);
	mnt_free_iter(iter);
	qsort(r->list, r->nr, sizeof(*r->list), compare_ids);
	for (i = 0; i < r->nr; i++)
		find_remote(r, &r->list[i]);
	return 0;
}

/**
 * remotes_have - may a system call on the path of a mount wait for a server?
 * @r: the mounts
 * @id: mount ID; that of a mount that is not there waits for nothing
 */
bool remotes_have(const struct remotes *r, int id)
{
	const struct remote_mount *m = find(r, id);

	return m && m->remote;
}

void remotes_free(struct remotes *r)
{
	free(r->list);
	*r = (struct remotes){ .nr = 0 };
}
