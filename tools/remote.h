/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which mounts may have to wait for a server.
 */
#ifndef TOOLS_REMOTE_H
#define TOOLS_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct way - a mount that paths lead through
 * @id: number of the mount
 * @parent: number of the mount that it is on
 * @remote: a system call on its path may wait for a server
 * @visited: for remote_spread()
 */
struct way {
	int id;
	int parent;
	bool remote;
	bool visited;
};

bool remote_type(const char *type, dev_t dev);
void remote_spread(struct way *ways, size_t nr);
const struct way *remote_find(const struct way *ways, size_t nr, int id);

#endif /* TOOLS_REMOTE_H */
