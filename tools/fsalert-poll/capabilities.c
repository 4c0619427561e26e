// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsalert-poll: which events can be had on this machine, and why not the others.
 */
#include <stdio.h>
#include <sys/utsname.h>

#include "internal.h"

static bool linux_since(unsigned int major, unsigned int minor)
{
	unsigned int has_major = 0, has_minor = 0;
	struct utsname name;

	if (uname(&name) ||
	    sscanf(name.release, "%u.%u", &has_major, &has_minor) != 2)
		return false;
	return has_major > major ||
	       (has_major == major && has_minor >= minor);
}

static void add_names(struct text *t, u32 events)
{
	const char *before = "";
	unsigned int id;

	for (id = 0; id < 32; id++) {
		if (!(events & BIT(id)))
			continue;
		text_add(t, "%s%s", before, fse_event_name(id));
		before = ",";
	}
}

static void add_some_why(struct text *t)
{
	char why[256];

	snprintf(why, sizeof(why), "corrupted and io_error: %s; "
		 "remount_ro: ext4, and where statfs(2) shows it; "
		 "shutdown: xfs, ext4 since Linux 6.15, a disk that is gone",
		 fanotify_fd < 0 ? "ext4, by its counters" :
		 linux_since(7, 0) ? "file systems that report to fanotify" :
		 "ext4, others since Linux 7.0");
	text_add_value(t, "some_why", why, 1);
}

/**
 * capabilities_add - make the first line of all
 * @t: where to
 */
void capabilities_add(struct text *t)
{
	u32 all = FSE_GENERIC_EVENTS | BIT(FS_THR_LRBELOW) |
		  BIT(FS_THR_LRABOVE) | BIT(FS_THR_URBELOW) |
		  BIT(FS_THR_URABOVE) | BIT(FS_THR_BELOW) |
		  BIT(FS_THR_ABOVE) | BIT(FS_INO_BELOW) | BIT(FS_INO_ABOVE) |
		  BIT(FS_INFO_UNMOUNT) | BIT(FS_INFO_CLEARED);
	u32 some = privileged ? LASTING | ERRORS : 0;
	u32 missing = privileged ? 0 : FSE_GENERIC_EVENTS;

	text_add(t, "capabilities source=poll events=");
	add_names(t, all & ~some & ~missing);
	if (some) {
		text_add(t, " some=");
		add_names(t, some);
		add_some_why(t);
	}
	if (missing) {
		text_add(t, " missing=");
		add_names(t, missing);
		text_add_value(t, "why",
			       "generic events (G) need CAP_SYS_ADMIN in the initial user namespace",
			       1);
	}
	text_add(t, "\n");
}
