/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text of users as it is shown: in lines of events, in config and error_log.
 * Pure functions.
 */
#ifndef _FS_EVENTS_ESCAPE_H
#define _FS_EVENTS_ESCAPE_H

#include <linux/types.h>

/* A character takes no more: four bytes of UTF-8, or one escaped byte. */
#define FSE_ESCAPE_SIZE		4

/*
 * What else is escaped: in the value of a field of a line; in a field of
 * config, which a request for it has in the same way; in the text of a request,
 * which is shown as it was typed.
 */
#define FSE_ESCAPE_VALUE	" =\"#\\"
#define FSE_ESCAPE_CONFIG	" \\;"
#define FSE_ESCAPE_REQUEST	""

/**
 * fse_escape_next - show the next character of a text
 * @buf: room for FSE_ESCAPE_SIZE bytes; not terminated
 * @put: set to the bytes put in @buf, at least 1
 * @text: the text
 * @len: its bytes, at least 1
 * @more: characters of ASCII that are escaped besides those that never print
 *
 * A valid character of UTF-8 stays as it is, unless a terminal could take it
 * for a command or for a change of direction. Each byte of anything else is
 * shown as \ooo.
 *
 * Return: how many bytes of @text that were.
 */
size_t fse_escape_next(char *buf, size_t *put, const char *text, size_t len,
		       const char *more);

/**
 * fse_escape - show a text
 * @buf: room for it
 * @size: its bytes
 * @text: the text, terminated
 * @more: as for fse_escape_next()
 * @cut: set to whether it did not fit
 *
 * A text that does not fit is cut between two characters, and ends in "\": a
 * whole one never does.
 *
 * Return: bytes put in @buf, which is not terminated; at most @size.
 */
size_t fse_escape(char *buf, size_t size, const char *text, const char *more,
		  bool *cut);

#endif /* _FS_EVENTS_ESCAPE_H */
