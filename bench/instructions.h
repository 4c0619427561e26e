/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts instructions, where a nanosecond is one (tests/vm/run --icount).
 */
#ifndef INSTRUCTIONS_H
#define INSTRUCTIONS_H

/* Instructions so far. */
long long instructions(void);

/*
 * The median of @nr numbers, which it sorts: the cost of an undisturbed batch,
 * without interrupts.
 */
long long median(long long *numbers, unsigned int nr);

#endif /* INSTRUCTIONS_H */
