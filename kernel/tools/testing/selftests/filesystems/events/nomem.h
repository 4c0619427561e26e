/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fault injection for kernel memory, where the kernel supports it.
 */
#ifndef NOMEM_H
#define NOMEM_H

#include <stdbool.h>

/* Skip message of these tests. */
#define FSE_NO_FAULTS	"this kernel has no failslab, which refuses memory to order"

/* Is it supported? Also resets it, so that nothing fails until requested. */
bool fse_nomem_begin(void);
/* Switches all fault injection off. */
void fse_nomem_end(void);

/*
 * Fails this thread's @nth allocation, counting from 1. 0 or a negative errno.
 */
int fse_nomem_nth(unsigned int nth);
/* Ends that. Was the @nth allocation reached? */
bool fse_nomem_reached(void);

/*
 * Fails all allocations, of any task, in a kernel function and its callees. The
 * compiler must not inline the function: it is called from another file or
 * through a pointer. 0 or a negative errno.
 */
int fse_nomem_within(const char *function);
/* Number of allocations failed so far. */
unsigned int fse_nomem_refused(void);
/* Waits until @times more have failed, for FSE_SOON at most. */
bool fse_nomem_wait(unsigned int times);
/* Ends the failures. */
void fse_nomem_over(void);

/**
 * struct fse_trial - an action to repeat with a later failure each time
 * @before: requests to write to config first, or ""
 * @after: config after the action; NULL: unchanged
 * @ready: prepares it, or NULL; 0 or a negative errno
 * @act: the action; 0 or a negative errno
 * @undo: undoes effects not shown in config, or NULL; 0 or a negative errno
 * @arg: argument of these
 */
struct fse_trial {
	const char *before;
	const char *after;
	int (*ready)(void *arg);
	int (*act)(void *arg);
	int (*undo)(void *arg);
	void *arg;
};

/*
 * Repeats the action, starting without watches, and fails a later allocation
 * each time. The action must fail with ENOMEM and change nothing, or succeed;
 * ENOBUFS, a lost reply, may mean either. Returns the number of failures, or -1
 * with a message on standard output.
 */
int fse_trial_run(const struct fse_trial *t);

#endif /* NOMEM_H */
