/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * File system events: event numbers, and the generic netlink family
 * that tells them.
 */
#ifndef _UAPI_LINUX_FS_EVENT_H
#define _UAPI_LINUX_FS_EVENT_H

#define FS_EVENT_FAMILY_NAME		"fs_event"
#define FS_EVENT_FAMILY_VERSION		1
#define FS_EVENT_MCGRP_EVENT		"fs_event_mc_grp"

/* "fste": file system type fstrace, as statfs(2) shows it in f_type */
#define FSTRACE_MAGIC			0x66737465

/**
 * enum fs_event_type - what can happen to a file system
 * @FS_EVENT_NONE: no event
 * @FS_WARN_ENOSPC: no space left for data
 * @FS_WARN_ENOSPC_META: no space left for metadata (inodes, names,
 *	attributes)
 * @FS_THR_LRBELOW: available space fell to or below the first level
 * @FS_THR_LRABOVE: available space rose above the re-arm of the first level
 * @FS_THR_URBELOW: the same as FS_THR_LRBELOW for the second level
 * @FS_THR_URABOVE: the same as FS_THR_LRABOVE for the second level
 * @FS_ERR_REMOUNT_RO: the file system stopped accepting writes after an
 *	error
 * @FS_ERR_CORRUPTED: corruption was found
 * @FS_THR_BELOW: the same as FS_THR_LRBELOW for the third and further levels
 * @FS_THR_ABOVE: the same as FS_THR_LRABOVE for the third and further levels
 * @FS_INO_BELOW: free inodes fell to or below a level
 * @FS_INO_ABOVE: free inodes rose above the re-arm of a level
 * @FS_INFO_UNMOUNT: the file system, or the mount that the watch was made
 *	through, went away
 * @FS_ERR_IO: an I/O error
 * @FS_ERR_SHUTDOWN: the file system shut itself down
 * @FS_EVENT_PRIVATE: ids from here on belong to single file systems
 */
enum fs_event_type {
	FS_EVENT_NONE		= 0,
	FS_WARN_ENOSPC		= 1,
	FS_WARN_ENOSPC_META	= 2,
	FS_THR_LRBELOW		= 3,
	FS_THR_LRABOVE		= 4,
	FS_THR_URBELOW		= 5,
	FS_THR_URABOVE		= 6,
	FS_ERR_REMOUNT_RO	= 7,
	FS_ERR_CORRUPTED	= 8,
	FS_THR_BELOW		= 9,
	FS_THR_ABOVE		= 10,
	FS_INO_BELOW		= 11,
	FS_INO_ABOVE		= 12,
	FS_INFO_UNMOUNT		= 13,
	FS_ERR_IO		= 14,
	FS_ERR_SHUTDOWN		= 15,

	FS_EVENT_PRIVATE	= 0x10000,
};

/**
 * enum fs_event_nl_cmd - commands of the generic netlink family
 * @FS_NL_C_UNSPEC: no command
 * @FS_NL_C_EVENT: an event, sent to the multicast group
 */
enum fs_event_nl_cmd {
	FS_NL_C_UNSPEC		= 0,
	FS_NL_C_EVENT		= 1,

	/* private: */
	__FS_NL_C_MAX,
};

#define FS_NL_C_MAX	(__FS_NL_C_MAX - 1)

/**
 * enum fs_event_nl_attr - attributes of FS_NL_C_EVENT
 * @FS_NL_A_UNSPEC: no attribute
 * @FS_NL_A_EVENT_ID: u32, enum fs_event_type
 * @FS_NL_A_DEV_MAJOR: u32, major number of st_dev
 * @FS_NL_A_DEV_MINOR: u32, minor number of st_dev
 * @FS_NL_A_CAUSED_PID: u32, thread group id of the process whose action led
 *	to the event, as the watch's maker sees it; 0: none, or not known
 * @FS_NL_A_DATA: u64, levels: blocks available (or inodes free) now
 * @FS_NL_A_SEQ: u64, number of the message in its network namespace
 * @FS_NL_A_TIME: u64, CLOCK_REALTIME of the first occurrence, nanoseconds
 * @FS_NL_A_COUNT: u32, occurrences that this message stands for
 * @FS_NL_A_ERRNO: u32, positive errno of the first occurrence
 * @FS_NL_A_INO: u64, inode number, when known
 * @FS_NL_A_LEVEL: u64, the trigger that was crossed, blocks or inodes
 * @FS_NL_A_TOTAL: u64, size of the file system, blocks or inodes
 * @FS_NL_A_FRSIZE: u32, bytes a block
 * @FS_NL_A_MOUNT: string, path of the mount that the watch was made through
 * @FS_NL_A_FSTYPE: string, type of the file system
 * @FS_NL_A_SOURCE: string, device or other source of the mount
 * @FS_NL_A_FSID: u64, f_fsid of statfs(2), val[0] in the low half
 * @FS_NL_A_UUID: 16 bytes, UUID of the file system, when it has one
 * @FS_NL_A_PAD: padding for 64-bit alignment
 * @FS_NL_A_LEVEL_NR: u32, position of the level, 1 for the first
 * @FS_NL_A_ENTRY_ID: u32, id of the watch
 */
enum fs_event_nl_attr {
	FS_NL_A_UNSPEC		= 0,
	FS_NL_A_EVENT_ID	= 1,
	FS_NL_A_DEV_MAJOR	= 2,
	FS_NL_A_DEV_MINOR	= 3,
	FS_NL_A_CAUSED_PID	= 4,
	FS_NL_A_DATA		= 5,
	FS_NL_A_SEQ		= 6,
	FS_NL_A_TIME		= 7,
	FS_NL_A_COUNT		= 8,
	FS_NL_A_ERRNO		= 9,
	FS_NL_A_INO		= 10,
	FS_NL_A_LEVEL		= 11,
	FS_NL_A_TOTAL		= 12,
	FS_NL_A_FRSIZE		= 13,
	FS_NL_A_MOUNT		= 14,
	FS_NL_A_FSTYPE		= 15,
	FS_NL_A_SOURCE		= 16,
	FS_NL_A_FSID		= 17,
	FS_NL_A_UUID		= 18,
	FS_NL_A_PAD		= 19,
	FS_NL_A_LEVEL_NR	= 20,
	FS_NL_A_ENTRY_ID	= 21,

	/* private: */
	__FS_NL_A_MAX,
};

#define FS_NL_A_MAX	(__FS_NL_A_MAX - 1)

/* Attributes from here on belong to the private events of a file system. */
#define FS_NL_A_PRIVATE	0x1000

/* The name that the first version of the interface used. */
#define FS_NL_A_CAUSED_ID	FS_NL_A_CAUSED_PID

#endif /* _UAPI_LINUX_FS_EVENT_H */
