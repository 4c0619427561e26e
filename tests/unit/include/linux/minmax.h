/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's min() and relatives, for the host. -Wsign-compare rejects
 * arguments of different signedness, like the kernel does.
 */
#ifndef _TESTS_UNIT_LINUX_MINMAX_H
#define _TESTS_UNIT_LINUX_MINMAX_H

#define min(x, y) \
	({ __auto_type _x = (x); __auto_type _y = (y); _x < _y ? _x : _y; })
#define max(x, y) \
	({ __auto_type _x = (x); __auto_type _y = (y); _x > _y ? _x : _y; })

#define min_t(type, x, y) \
	({ type _x = (x); type _y = (y); _x < _y ? _x : _y; })
#define max_t(type, x, y) \
	({ type _x = (x); type _y = (y); _x > _y ? _x : _y; })

#define max3(x, y, z) \
	({ __auto_type _z = (z); __auto_type _m = max(x, y); max(_m, _z); })
#define clamp(value, low, high) \
	({ __auto_type _v = (value); __auto_type _l = (low); \
	   __auto_type _h = (high); _v < _l ? _l : _v > _h ? _h : _v; })

#define clamp_t(type, value, low, high) \
	clamp((type)(value), (type)(low), (type)(high))

#endif /* _TESTS_UNIT_LINUX_MINMAX_H */
