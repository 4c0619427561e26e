/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/fs_event.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_FS_EVENT_NETLINK_H
#define _UAPI_LINUX_FS_EVENT_NETLINK_H

#define FS_EVENT_FAMILY_NAME	"fs_event"
#define FS_EVENT_FAMILY_VERSION	1

/**
 * enum fs_event_type - events of a file system
 * @FS_EVENT_NONE: no event
 * @FS_WARN_ENOSPC: no space left for data
 * @FS_WARN_ENOSPC_META: no space left for metadata (inodes, names, attributes)
 * @FS_THR_LRBELOW: available space fell to or below the first level
 * @FS_THR_LRABOVE: available space rose above the re-arm of the first level
 * @FS_THR_URBELOW: the same as FS_THR_LRBELOW for the second level
 * @FS_THR_URABOVE: the same as FS_THR_LRABOVE for the second level
 * @FS_ERR_REMOUNT_RO: the file system stopped accepting writes after an error
 * @FS_ERR_CORRUPTED: corruption was found
 * @FS_THR_BELOW: the same as FS_THR_LRBELOW for the third and further levels
 * @FS_THR_ABOVE: the same as FS_THR_LRABOVE for the third and further levels
 * @FS_INO_BELOW: free inodes fell to or below a level
 * @FS_INO_ABOVE: free inodes rose above the re-arm of a level
 * @FS_INFO_UNMOUNT: the file system, or a mount that the watch is tied to, was
 *   unmounted
 * @FS_ERR_IO: an I/O error
 * @FS_ERR_SHUTDOWN: the file system shut itself down
 * @FS_INFO_CLEARED: a reported condition, given by "of", is over or no longer
 *   watched
 */
enum fs_event_type {
	FS_EVENT_NONE,
	FS_WARN_ENOSPC,
	FS_WARN_ENOSPC_META,
	FS_THR_LRBELOW,
	FS_THR_LRABOVE,
	FS_THR_URBELOW,
	FS_THR_URABOVE,
	FS_ERR_REMOUNT_RO,
	FS_ERR_CORRUPTED,
	FS_THR_BELOW,
	FS_THR_ABOVE,
	FS_INO_BELOW,
	FS_INO_ABOVE,
	FS_INFO_UNMOUNT,
	FS_ERR_IO,
	FS_ERR_SHUTDOWN,
	FS_INFO_CLEARED,
};

/**
 * enum fs_event_nl_types - types of a watch
 * @FS_NL_TYPES_GENERIC: generic events, that is errors and no space left
 * @FS_NL_TYPES_SPACE: levels of available space
 * @FS_NL_TYPES_INODES: levels of free inodes
 */
enum fs_event_nl_types {
	FS_NL_TYPES_GENERIC = 1,
	FS_NL_TYPES_SPACE = 2,
	FS_NL_TYPES_INODES = 4,
};

/**
 * enum fs_event_nl_kind - resource of a level
 * @FS_NL_KIND_SPACE: available space
 * @FS_NL_KIND_INODES: free inodes
 */
enum fs_event_nl_kind {
	FS_NL_KIND_SPACE,
	FS_NL_KIND_INODES,

	/* private: */
	__FS_NL_KIND_MAX,
	FS_NL_KIND_MAX = (__FS_NL_KIND_MAX - 1)
};

/**
 * enum fs_event_nl_unit - unit of an amount
 * @FS_NL_UNIT_BLOCKS: blocks of f_frsize bytes; inodes
 * @FS_NL_UNIT_KIB: 2^10 bytes
 * @FS_NL_UNIT_MIB: 2^20 bytes
 * @FS_NL_UNIT_GIB: 2^30 bytes
 * @FS_NL_UNIT_TIB: 2^40 bytes
 * @FS_NL_UNIT_PERCENT: hundredths of the total
 */
enum fs_event_nl_unit {
	FS_NL_UNIT_BLOCKS,
	FS_NL_UNIT_KIB,
	FS_NL_UNIT_MIB,
	FS_NL_UNIT_GIB,
	FS_NL_UNIT_TIB,
	FS_NL_UNIT_PERCENT,

	/* private: */
	__FS_NL_UNIT_MAX,
	FS_NL_UNIT_MAX = (__FS_NL_UNIT_MAX - 1)
};

/**
 * enum fs_event_nl_state - state of a level
 * @FS_NL_STATE_ABOVE: not crossed, or risen above the re-arm since the
 *   crossing
 * @FS_NL_STATE_BELOW: crossed, and not risen above the re-arm since the
 *   crossing
 */
enum fs_event_nl_state {
	FS_NL_STATE_ABOVE,
	FS_NL_STATE_BELOW,
};

/**
 * enum fs_event_nl_change - change of a watch
 * @FS_NL_CHANGE_ADDED: the watch was made
 * @FS_NL_CHANGE_CHANGED: its events, levels or mount were set
 * @FS_NL_CHANGE_REMOVED: the watch has ended; its last events may follow
 */
enum fs_event_nl_change {
	FS_NL_CHANGE_ADDED,
	FS_NL_CHANGE_CHANGED,
	FS_NL_CHANGE_REMOVED,
};

enum fs_event_nl_attr {
	FS_NL_A_EVENT_ID = 1,
	FS_NL_A_DEV_MAJOR,
	FS_NL_A_DEV_MINOR,
	FS_NL_A_CAUSED_PID,
	FS_NL_A_DATA,
	FS_NL_A_SEQ,
	FS_NL_A_TIME,
	FS_NL_A_COUNT,
	FS_NL_A_ERRNO,
	FS_NL_A_INO,
	FS_NL_A_LEVEL,
	FS_NL_A_TOTAL,
	FS_NL_A_FRSIZE,
	FS_NL_A_MOUNT,
	FS_NL_A_FSTYPE,
	FS_NL_A_SOURCE,
	FS_NL_A_FSID,
	FS_NL_A_UUID,
	FS_NL_A_PAD,
	FS_NL_A_LEVEL_NR,
	FS_NL_A_ENTRY_ID,
	FS_NL_A_LAST,
	FS_NL_A_OF,

	__FS_NL_A_MAX,
	FS_NL_A_MAX = (__FS_NL_A_MAX - 1)
};

enum fs_event_nl_level_attr {
	FS_NL_LEVEL_A_KIND = 1,
	FS_NL_LEVEL_A_TRIGGER,
	FS_NL_LEVEL_A_UNIT,
	FS_NL_LEVEL_A_REARM,
	FS_NL_LEVEL_A_STATE,
	FS_NL_LEVEL_A_REARM_UNIT,
	FS_NL_LEVEL_A_NR,

	__FS_NL_LEVEL_A_MAX,
	FS_NL_LEVEL_A_MAX = (__FS_NL_LEVEL_A_MAX - 1)
};

enum fs_event_nl_entry_attr {
	FS_NL_ENTRY_A_ID = 1,
	FS_NL_ENTRY_A_MOUNT,
	FS_NL_ENTRY_A_EVENTS,
	FS_NL_ENTRY_A_LEVEL,
	FS_NL_ENTRY_A_GENERATION,
	FS_NL_ENTRY_A_SEQ,
	FS_NL_ENTRY_A_CHANGE,
	FS_NL_ENTRY_A_TYPES,
	FS_NL_ENTRY_A_DEV_MAJOR,
	FS_NL_ENTRY_A_DEV_MINOR,
	FS_NL_ENTRY_A_FSTYPE,
	FS_NL_ENTRY_A_SOURCE,
	FS_NL_ENTRY_A_FSID,
	FS_NL_ENTRY_A_UUID,
	FS_NL_ENTRY_A_LASTING,
	FS_NL_ENTRY_A_AVAIL,
	FS_NL_ENTRY_A_TOTAL,
	FS_NL_ENTRY_A_FRSIZE,
	FS_NL_ENTRY_A_INODES_FREE,
	FS_NL_ENTRY_A_INODES,
	FS_NL_ENTRY_A_ELSEWHERE,

	__FS_NL_ENTRY_A_MAX,
	FS_NL_ENTRY_A_MAX = (__FS_NL_ENTRY_A_MAX - 1)
};

enum fs_event_nl_stats_attr {
	FS_NL_STATS_A_WATCHES = 1,
	FS_NL_STATS_A_NOTIFIED,
	FS_NL_STATS_A_COALESCED,
	FS_NL_STATS_A_SENT,
	FS_NL_STATS_A_NO_LISTENER,
	FS_NL_STATS_A_SEND_FAILED,
	FS_NL_STATS_A_LOST,
	FS_NL_STATS_A_SAMPLES,
	FS_NL_STATS_A_SAMPLE_FAILED,
	FS_NL_STATS_A_KICKS,
	FS_NL_STATS_A_STUCK,
	FS_NL_STATS_A_SEQ,
	FS_NL_STATS_A_REFUSED,

	__FS_NL_STATS_A_MAX,
	FS_NL_STATS_A_MAX = (__FS_NL_STATS_A_MAX - 1)
};

enum fs_event_nl_cmd {
	FS_NL_C_EVENT = 1,
	FS_NL_C_ENTRY_GET,
	FS_NL_C_ENTRY_SET,
	FS_NL_C_ENTRY_DEL,
	FS_NL_C_ENTRY_NTF,
	FS_NL_C_STATS_GET,

	__FS_NL_C_MAX,
	FS_NL_C_MAX = (__FS_NL_C_MAX - 1)
};

#define FS_EVENT_MCGRP_EVENT	"fs_event_mc_grp"
#define FS_EVENT_MCGRP_CONFIG	"config"

#endif /* _UAPI_LINUX_FS_EVENT_NETLINK_H */
