/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of the kernel's atomic.h that the tested files use, for the host.
 */
#ifndef _TESTS_UNIT_LINUX_ATOMIC_H
#define _TESTS_UNIT_LINUX_ATOMIC_H

struct atomic_long {
	long counter;
};

#define atomic_long_t	struct atomic_long

static inline long atomic_long_read(const atomic_long_t *v)
{
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);
}

static inline long atomic_long_xchg(atomic_long_t *v, long i)
{
	return __atomic_exchange_n(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline long atomic_long_add_return(long i, atomic_long_t *v)
{
	return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline int atomic_long_add_negative(long i, atomic_long_t *v)
{
	return atomic_long_add_return(i, v) < 0;
}

#endif /* _TESTS_UNIT_LINUX_ATOMIC_H */
