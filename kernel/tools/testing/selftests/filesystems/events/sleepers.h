/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Uninterruptible tasks.
 */
#ifndef SLEEPERS_H
#define SLEEPERS_H

/*
 * Observes tasks for a second. Returns the number of tasks that sleep
 * uninterruptibly all the time: processes, and kernel threads of fs_events
 * except those meant to wait for a server. Prints them. Returns -1 if stacks
 * can't be read.
 */
int fse_sleepers(void);

#endif /* SLEEPERS_H */
