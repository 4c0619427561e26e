/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's 64-bit divisions, for the host. */
#ifndef _TESTS_UNIT_LINUX_MATH64_H
#define _TESTS_UNIT_LINUX_MATH64_H

#include <linux/types.h>

static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}

static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}

/* The product may have 96 bits; 32-bit machines have no type for it. */
static inline u64 mul_u64_u32_div(u64 a, u32 mul, u32 divisor)
{
	u64 low = (a & 0xffffffffU) * mul;
	u64 high = (a >> 32) * mul + (low >> 32);

	return ((high / divisor) << 32) +
	       ((high % divisor << 32) | (low & 0xffffffffU)) / divisor;
}

#endif /* _TESTS_UNIT_LINUX_MATH64_H */
