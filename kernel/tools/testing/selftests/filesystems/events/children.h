/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Child processes: some repeat an action, some live in namespaces of their own.
 * All of them end with the test, even if it fails.
 */
#ifndef CHILDREN_H
#define CHILDREN_H

#include <stdbool.h>
#include <sys/types.h>

/* A child that calls @fn with @arg again and again; its pid, or -errno. */
pid_t fse_repeat(void (*fn)(void *arg), void *arg);

/*
 * Starts an idle child in new namespaces, CLONE_NEW* in @flags. In a new user
 * namespace it is root, and unprivileged outside. Mounts propagate into its
 * mount namespace but not out of it. Returns its pid or -errno.
 */
pid_t fse_space(int flags);

/*
 * Calls @fn with @arg in a child that has joined the namespaces of @pid given
 * by @flags. Returns the value of @fn (0 to 127), or -1 if the child died.
 */
int fse_within(pid_t pid, int flags, int (*fn)(void *arg), void *arg);

/*
 * Waits until only the initial network namespace is left; the kernel frees
 * others asynchronously after their last user. Returns false if others are
 * left.
 */
bool fse_wait_networks(void);

/* Ends a child: kills it and waits. */
void fse_kill(pid_t pid);

/* Unshares this process's mounts, so that others don't see its changes. */
int fse_own_mounts(void);

#endif /* CHILDREN_H */
