/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes: other users, user namespaces, races.
 */
#ifndef PROCESS_H
#define PROCESS_H

/* "nobody" of the initial user namespace. */
#define FSE_NOBODY	65534

/*
 * Runs @fn in a child. What it returned (0 to 255), or -1 when it was killed.
 * A child ends without the exit handlers of its parent.
 */
int fse_child(int (*fn)(void *arg), void *arg);

/*
 * As fse_child(), as root of a user namespace and a mount namespace of its
 * own; outside it is the user and group @id.
 */
int fse_container(unsigned int id, int (*fn)(void *arg), void *arg);

/*
 * Runs @fn in @nr children that all start at once, with numbers from 0.
 * 0 when all returned 0, otherwise what the first of them that did not.
 */
int fse_race(unsigned int nr, int (*fn)(unsigned int who, void *arg),
	     void *arg);

/* Writes a text to a file in one write(2): 0 or a negative errno. */
int fse_put(const char *path, const char *text);

#endif /* PROCESS_H */
