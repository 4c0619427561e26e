/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How slow the kernel is and how thorough tests should be, from the
 * environment.
 */
#ifndef SLOW_H
#define SLOW_H

#include <stdbool.h>
#include <stdlib.h>

/* The number in the variable @name; 1 if unset. */
static inline unsigned int fse_factor(const char *name)
{
	const char *value = getenv(name);

	return value && atoi(value) > 0 ? atoi(value) : 1;
}

/* Is this a debug kernel, which takes many times as long? */
static inline bool fse_slow(void)
{
	return fse_factor("FSE_SLOW") > 1;
}

#endif /* SLOW_H */
