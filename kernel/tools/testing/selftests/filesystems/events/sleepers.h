/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tasks that wait and can't be interrupted.
 */
#ifndef SLEEPERS_H
#define SLEEPERS_H

/*
 * Looks for a second. How many tasks sleep uninterruptibly all the time that
 * should not: processes, and threads of the kernel on behalf of fs_events,
 * but for those that are there to wait for a server. Tells about them on
 * stdout.
 * -1: the stacks of tasks can't be read.
 */
int fse_sleepers(void);

#endif /* SLEEPERS_H */
