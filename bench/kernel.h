/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The name of the running kernel, for tables that compare several.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <string.h>
#include <sys/utsname.h>

/* The end of its release: "patched", "compare", "cloud-amd64". */
static inline const char *kernel(void)
{
	static struct utsname name;
	const char *end;

	uname(&name);
	end = strpbrk(name.release, "-+");
	return end ? end + 1 : name.release;
}

#endif /* KERNEL_H */
