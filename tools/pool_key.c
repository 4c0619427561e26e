// SPDX-License-Identifier: GPL-2.0-only
/*
 * The name of a file system. Data sets of ZFS have device numbers of their own, and
 * share the space of their pool.
 */
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "pool_key.h"

/**
 * pool_key - name a file system
 * @fstype: its type
 * @source: its device, or what it has instead; NULL: "none"
 * @dev: its device number, as the mount table has it
 *
 * Return: a text to be freed, the same for all that share their space; NULL: there
 * is no memory.
 */
char *pool_key(const char *fstype, const char *source, dev_t dev)
{
	char *key;
	int len;

	source = source ?: "none";
	if (!strcmp(fstype, "zfs"))
		len = asprintf(&key, "zfs:%.*s", (int)strcspn(source, "/"),
			       source);
	else
		len = asprintf(&key, "%u:%u", major(dev), minor(dev));
	return len < 0 ? NULL : key;
}
