/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names of events in requests and streams. Pure functions; any context.
 */
#ifndef _FS_EVENTS_NAMES_H
#define _FS_EVENTS_NAMES_H

#include <linux/types.h>
#include <uapi/linux/fs_event.h>

/* The events that a plain G asks for, bits. */
#define FSE_GENERIC_EVENTS	((1U << FS_WARN_ENOSPC) |	\
				 (1U << FS_WARN_ENOSPC_META) |	\
				 (1U << FS_ERR_REMOUNT_RO) |	\
				 (1U << FS_ERR_CORRUPTED) |	\
				 (1U << FS_ERR_IO) |		\
				 (1U << FS_ERR_SHUTDOWN))

/**
 * fse_name_bit - look a generic event up by its name
 * @name: the name, not terminated
 * @len: its bytes
 *
 * Return: bit (1 << id), or 0 when no generic event has that name.
 */
u32 fse_name_bit(const char *name, size_t len);

/**
 * fse_event_name - name of an event in requests and streams
 * @id: enum fs_event_type
 *
 * Return: the name, or NULL when there is no such event.
 */
const char *fse_event_name(unsigned int id);

#endif /* _FS_EVENTS_NAMES_H */
