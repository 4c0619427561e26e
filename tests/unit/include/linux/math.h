/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of the kernel's math.h that the tested files use, for the host.
 */
#ifndef _TESTS_UNIT_LINUX_MATH_H
#define _TESTS_UNIT_LINUX_MATH_H

#define DIV_ROUND_UP(n, d) \
	({ __auto_type _d = (d); ((n) + _d - 1) / _d; })

#endif /* _TESTS_UNIT_LINUX_MATH_H */
