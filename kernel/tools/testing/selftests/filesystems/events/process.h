/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes: other users, user namespaces, races.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include <sys/types.h>

/* "nobody" of the initial user namespace. */
#define FSE_NOBODY	65534
/* An ordinary user, in a group that nothing belongs to. */
#define FSE_USER	1000
#define FSE_FOREIGN	4242

/*
 * Runs @fn in a child, which exits with its value (0 to 255) without running
 * the parent's exit handlers. Returns its pid, or -1.
 */
pid_t fse_start(int (*fn)(void *arg), void *arg);
/*
 * Like fse_start(), as root of new user and mount namespaces; outside, its user
 * and group are @id.
 */
pid_t fse_start_container(unsigned int id, int (*fn)(void *arg), void *arg);
/*
 * The same for an ordinary user: FSE_USER and FSE_FOREIGN outside, without
 * supplementary groups, like setpriv --reuid --regid --clear-groups.
 */
pid_t fse_start_guest(int (*fn)(void *arg), void *arg);
/* Becomes an ordinary user permanently. 0 or a negative errno. */
int fse_become_user(void);
/*
 * Is an ordinary user, as fse_start_guest() says and without capabilities, until
 * fse_user_leave() makes it root again. 0 or a negative errno.
 */
int fse_user_enter(void);
int fse_user_leave(void);
/* The child's exit code, or -1 if it was killed. */
int fse_wait(pid_t pid);

static inline int fse_child(int (*fn)(void *arg), void *arg)
{
	return fse_wait(fse_start(fn, arg));
}

static inline int fse_container(unsigned int id, int (*fn)(void *arg),
				void *arg)
{
	return fse_wait(fse_start_container(id, fn, arg));
}

static inline int fse_guest(int (*fn)(void *arg), void *arg)
{
	return fse_wait(fse_start_guest(fn, arg));
}

/*
 * Runs @fn in @nr children that start at once, numbered from 0. Returns 0 if
 * all returned 0, otherwise the value of the first that did not.
 */
int fse_race(unsigned int nr, int (*fn)(unsigned int who, void *arg),
	     void *arg);

/* Writes a text to a file in one write(2): 0 or a negative errno. */
int fse_put(const char *path, const char *text);

#endif /* PROCESS_H */
