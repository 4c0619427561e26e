/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which kernel runs, for tables that compare some.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <string.h>
#include <sys/utsname.h>

/* What its release ends in: "patched", "compare", "cloud-amd64". */
static inline const char *kernel(void)
{
	static struct utsname name;
	const char *end;

	uname(&name);
	end = strpbrk(name.release, "-+");
	return end ? end + 1 : name.release;
}

#endif /* KERNEL_H */
