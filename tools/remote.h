/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which mounts wait for a server.
 */
#ifndef FSALERT_REMOTE_H
#define FSALERT_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/statfs.h>

#include <libmount/libmount.h>

/**
 * struct remote_mount - a mount
 * @id: mount ID
 * @parent: that of the mount that this one is on
 * @remote: a system call on its path may wait for a server
 * @visited: @remote is known
 */
struct remote_mount {
	int id;
	int parent;
	bool remote;
	bool visited;
};

/**
 * struct remotes - the mounts of a table
 * @list: them, sorted by mount ID
 * @nr: how many
 */
struct remotes {
	struct remote_mount *list;
	size_t nr;
};

int remotes_read(struct remotes *r, struct libmnt_table *table);
bool remotes_have(const struct remotes *r, int id);
bool remotes_waits(const struct statfs *st, unsigned int major);
void remotes_free(struct remotes *r);

#endif /* FSALERT_REMOTE_H */
