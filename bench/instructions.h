/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counting instructions, where a nanosecond is one (tests/vm/run --icount).
 */
#ifndef INSTRUCTIONS_H
#define INSTRUCTIONS_H

/* How many there were so far. */
long long instructions(void);

/*
 * The median of @nr numbers, which are sorted for that: what an undisturbed
 * batch takes, without the interrupts of the longer ones.
 */
long long median(long long *numbers, unsigned int nr);

#endif /* INSTRUCTIONS_H */
