/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Other processes: ones that do something all the time, ones in namespaces of
 * their own. All of them end with the test, should it fail.
 */
#ifndef CHILDREN_H
#define CHILDREN_H

#include <stdbool.h>
#include <sys/types.h>

/* A child that calls @fn with @arg again and again; its pid, or -errno. */
pid_t fse_repeat(void (*fn)(void *arg), void *arg);

/*
 * A child that does nothing, in new namespaces: CLONE_NEW* in @flags. In a
 * user namespace it is root, one who is nobody outside. Its mounts get what
 * ours propagate, if they do, and give nothing back. Its pid, or -errno.
 */
pid_t fse_space(int flags);

/*
 * Calls @fn with @arg in a child that has joined those namespaces of @pid that
 * @flags says. What it returned (0 to 127), or -1 when it died.
 */
int fse_within(pid_t pid, int flags, int (*fn)(void *arg), void *arg);

/*
 * Waits until there is no network namespace but the first one: they go by
 * themselves after the last user. false: there are others still.
 */
bool fse_wait_networks(void);

/* Ends a child: kills it and waits. */
void fse_kill(pid_t pid);

/* Gives this process mounts of its own: what it does there nobody sees. */
int fse_own_mounts(void);

#endif /* CHILDREN_H */
