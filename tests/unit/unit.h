/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Common to all unit tests: cmocka, and repeatable random numbers.
 */
#ifndef _TESTS_UNIT_UNIT_H
#define _TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/types.h>

/* A test without cmocka state. */
#define TEST(name)			\
	static void name##_body(void);	\
	static void name(void **state)	\
	{				\
		(void)state;		\
		name##_body();		\
	}				\
	static void name##_body(void)

/* The next number of a sequence; the seed must not be 0. */
static inline u64 random_u64(u64 *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed * 0x9e3779b97f4a7c15ULL;
}

/* A random number from 0 to @n - 1. */
static inline u64 random_below(u64 *seed, u64 n)
{
	return (random_u64(seed) >> 16) % n;
}

/* A random number of any size: small and huge ones are equally likely. */
static inline u64 random_size(u64 *seed)
{
	return random_u64(seed) >> random_below(seed, 64);
}

#endif /* _TESTS_UNIT_UNIT_H */
