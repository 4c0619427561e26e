/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names of events in requests and streams. Pure functions; any context.
 */
#ifndef _FS_EVENTS_NAMES_H
#define _FS_EVENTS_NAMES_H

#include <linux/types.h>

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

/* All events that a plain G asks for. */
u32 fse_generic_events(void);

#endif /* _FS_EVENTS_NAMES_H */
