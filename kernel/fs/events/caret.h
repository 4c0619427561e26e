/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a refused request is shown: the text around the word at fault, and a
 * caret under it. Pure function.
 */
#ifndef _FS_EVENTS_CARET_H
#define _FS_EVENTS_CARET_H

#include <linux/types.h>

#include "grammar.h"

/* Bytes of the request that are shown around the word at fault. */
#define FSE_CARET_WINDOW	128
/* Each may take four characters, in two lines, and some for the frame. */
#define FSE_CARET_SIZE		(FSE_CARET_WINDOW * 4 * 2 + 256)

/**
 * fse_caret_format - one entry of the error log
 * @buf: room for FSE_CARET_SIZE bytes
 * @size: its size
 * @text: the write
 * @len: its bytes
 * @error: what is wrong, and where
 *
 * Three lines: the errno's name and the reason, the text around the word at
 * fault as fse_escape_next() shows it, and the caret under its first character.
 * Left-out text shows as "...".
 *
 * Return: bytes put in @buf, without the terminating NUL.
 */
size_t fse_caret_format(char *buf, size_t size, const char *text, size_t len,
			const struct fse_error *error);

#endif /* _FS_EVENTS_CARET_H */
