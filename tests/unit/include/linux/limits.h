/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's limits of integer types, for the host. */
#ifndef _TESTS_UNIT_LINUX_LIMITS_H
#define _TESTS_UNIT_LINUX_LIMITS_H

#include_next <linux/limits.h>

#include <linux/types.h>

#ifndef LONG_MAX
#define LONG_MAX	__LONG_MAX__
#endif
#define U32_MAX		((u32)~0U)
#define U64_MAX		((u64)~0ULL)

#endif /* _TESTS_UNIT_LINUX_LIMITS_H */
