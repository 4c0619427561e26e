/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's single loads and stores, for the host. */
#ifndef _TESTS_UNIT_LINUX_COMPILER_H
#define _TESTS_UNIT_LINUX_COMPILER_H

#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, value)	__atomic_store_n(&(x), (value), __ATOMIC_RELAXED)

#endif /* _TESTS_UNIT_LINUX_COMPILER_H */
