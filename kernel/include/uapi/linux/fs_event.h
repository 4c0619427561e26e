/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * File system events: event numbers, and the generic netlink family that
 * reports them.
 *
 * fs_event_netlink.h is generated from Documentation/netlink/specs/
 * fs_event.yaml, which documents each attribute.
 */
#ifndef _UAPI_LINUX_FS_EVENT_H
#define _UAPI_LINUX_FS_EVENT_H

#include <linux/fs_event_netlink.h>

/* "fste": file system type fstrace, as statfs(2) shows it in f_type */
#define FSTRACE_MAGIC			0x66737465

/* Private events of single file systems start here, */
#define FS_EVENT_PRIVATE		0x10000

/* and their attributes here. */
#define FS_NL_A_PRIVATE			0x1000

/* Name in the first version of the interface. */
#define FS_NL_A_CAUSED_ID		FS_NL_A_CAUSED_PID

#endif /* _UAPI_LINUX_FS_EVENT_H */
