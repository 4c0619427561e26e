/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * File system events: event numbers, and the generic netlink family that
 * tells them.
 *
 * What is in fs_event_netlink.h is described, attribute by attribute, in
 * Documentation/netlink/specs/fs_event.yaml, from which it is made.
 */
#ifndef _UAPI_LINUX_FS_EVENT_H
#define _UAPI_LINUX_FS_EVENT_H

#include <linux/fs_event_netlink.h>

/* "fste": file system type fstrace, as statfs(2) shows it in f_type */
#define FSTRACE_MAGIC			0x66737465

/* Events from here on belong to single file systems, */
#define FS_EVENT_PRIVATE		0x10000

/* and so do attributes of these. */
#define FS_NL_A_PRIVATE			0x1000

/* The name that the first version of the interface used. */
#define FS_NL_A_CAUSED_ID		FS_NL_A_CAUSED_PID

#endif /* _UAPI_LINUX_FS_EVENT_H */
