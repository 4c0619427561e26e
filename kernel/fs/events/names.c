// SPDX-License-Identifier: GPL-2.0-only
/*
 * The names of events in requests and streams, and which of them are generic.
 *
 * Pure functions over constants; any context will do.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>

#include "names.h"

static const char * const event_names[] = {
	[FS_WARN_ENOSPC]	= "enospc",
	[FS_WARN_ENOSPC_META]	= "enospc_meta",
	[FS_THR_LRBELOW]	= "thr_lrbelow",
	[FS_THR_LRABOVE]	= "thr_lrabove",
	[FS_THR_URBELOW]	= "thr_urbelow",
	[FS_THR_URABOVE]	= "thr_urabove",
	[FS_ERR_REMOUNT_RO]	= "remount_ro",
	[FS_ERR_CORRUPTED]	= "corrupted",
	[FS_THR_BELOW]		= "thr_below",
	[FS_THR_ABOVE]		= "thr_above",
	[FS_INO_BELOW]		= "ino_below",
	[FS_INO_ABOVE]		= "ino_above",
	[FS_INFO_UNMOUNT]	= "unmount",
	[FS_ERR_IO]		= "io_error",
	[FS_ERR_SHUTDOWN]	= "shutdown",
	[FS_INFO_CLEARED]	= "cleared",
};

const char *fse_event_name(unsigned int id)
{
	return id < ARRAY_SIZE(event_names) ? event_names[id] : NULL;
}

u32 fse_name_bit(const char *name, size_t len)
{
	unsigned int id;

	for (id = 0; id < ARRAY_SIZE(event_names); id++) {
		const char *known = event_names[id];

		if ((FSE_GENERIC_EVENTS & (1U << id)) && strlen(known) == len &&
		    !memcmp(known, name, len))
			return 1U << id;
	}
	return 0;
}
