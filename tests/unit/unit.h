/* SPDX-License-Identifier: GPL-2.0-only */
/* What every unit test needs: cmocka, and random numbers that repeat. */
#ifndef _TESTS_UNIT_UNIT_H
#define _TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/types.h>

/* A test that needs none of cmocka's state. */
#define TEST(name)			\
	static void name##_body(void);	\
	static void name(void **state)	\
	{				\
		(void)state;		\
		name##_body();		\
	}				\
	static void name##_body(void)

/* The next of a sequence that the seed alone determines; not 0 to start. */
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

/* A random number of any size: small ones are as likely as huge ones. */
static inline u64 random_size(u64 *seed)
{
	return random_u64(seed) >> random_below(seed, 64);
}

#endif /* _TESTS_UNIT_UNIT_H */
