/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests as text, for tests. */
#ifndef _TESTS_UNIT_TEXT_H
#define _TESTS_UNIT_TEXT_H

#include <linux/types.h>

#include "grammar.h"

/**
 * text_parse - parse a complete write
 * @text: the write; the parser gets a copy of exactly that size, so that
 *	out-of-bounds reads are detected
 * @len: its bytes
 * @req: room for @nr requests, or NULL
 * @nr: size of @req; further requests are parsed but not stored
 * @error: set when the write is refused
 *
 * Return: the number of requests, or the errno of the refusal.
 */
int text_parse(const char *text, size_t len, struct fse_request *req,
	       unsigned int nr, struct fse_error *error);

/**
 * text_request - the single request of a valid write
 * @text: the write
 *
 * Return: the request, valid until the next call.
 */
const struct fse_request *text_request(const char *text);

/**
 * text_refused - a write that must be refused
 * @marked: the write, with "<" and ">" around the word at fault
 * @len: its bytes
 * @err: the expected errno
 */
void text_refused(const char *marked, size_t len, int err);

/* The same for a string literal, which may hold NUL bytes. */
#define TEXT_REFUSED(marked, err) \
	text_refused(marked, sizeof(marked) - 1, err)

/**
 * text_caret - check invariants of an error log entry
 * @text: the write
 * @len: its bytes
 * @error: the error; its span may be anything
 *
 * The entry has three printable lines, fits into its buffer, and the caret is
 * below the first character of the word.
 *
 * Return: the entry, valid until the next call.
 */
const char *text_caret(const char *text, size_t len,
		       const struct fse_error *error);

/**
 * text_shown - a printable form of a write
 * @text: the write
 * @len: its bytes
 *
 * Return: the escaped text, cut after a few hundred bytes; valid until the
 * next call.
 */
const char *text_shown(const char *text, size_t len);

#endif /* _TESTS_UNIT_TEXT_H */
