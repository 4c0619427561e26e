/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of the kernel's kernel.h that the tested files use, for the host.
 */
#ifndef _TESTS_UNIT_LINUX_KERNEL_H
#define _TESTS_UNIT_LINUX_KERNEL_H

#include <stdarg.h>
#include <stdio.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Returns the bytes written to @buf, without the terminating NUL. */
static inline int scnprintf(char *buf, size_t size, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(buf, size, format, args);
	va_end(args);
	return (size_t)len < size ? len : (int)size - 1;
}

#endif /* _TESTS_UNIT_LINUX_KERNEL_H */
