/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that the kernel does not get, to order: where it can inject faults.
 */
#ifndef NOMEM_H
#define NOMEM_H

#include <stdbool.h>

/* Why a test of it is skipped. */
#define FSE_NO_FAULTS	"this kernel has no failslab, which refuses memory to order"

/* Is it such a kernel? From here on nothing is refused but what is asked for. */
bool fse_nomem_begin(void);
/* Back to a kernel that refuses nothing. */
void fse_nomem_end(void);

/*
 * Refuses this thread the piece of memory that it takes as the @nth, from 1. 0
 * or a negative errno.
 */
int fse_nomem_nth(unsigned int nth);
/* Ends that. Did it take so many? */
bool fse_nomem_reached(void);

/*
 * Refuses all memory, to anybody, that is taken in a function of the kernel or
 * in what it calls. One that the compiler may not put into another: one of
 * several files, or that is called by its address. 0 or a negative errno.
 */
int fse_nomem_within(const char *function);
/* How often that was so up to now. */
unsigned int fse_nomem_refused(void);
/* Waits until it was so @times more, for FSE_SOON at most. */
bool fse_nomem_wait(unsigned int times);
/* Ends it. */
void fse_nomem_over(void);

/**
 * struct fse_trial - what is done with ever more memory, until it is enough
 * @before: requests to be written to config before, or ""
 * @after: config when it was done; NULL: it changes nothing there
 * @ready: makes it ready, or NULL; 0 or a negative errno
 * @act: does it; 0 or a negative errno
 * @undo: undoes what does not show in config, or NULL; 0 or a negative errno
 * @arg: their argument
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
 * Does it again and again, from no watch at all, and each time refuses the next
 * piece of memory. It must fail with ENOMEM and change nothing, or be done all
 * the same; an answer that gets lost, ENOBUFS, may be of either. How often it
 * failed; -1: not as it must, with what went wrong on standard output.
 */
int fse_trial_run(const struct fse_trial *t);

#endif /* NOMEM_H */
