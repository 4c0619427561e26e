/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests as text, for tests. */
#ifndef _TESTS_UNIT_TEXT_H
#define _TESTS_UNIT_TEXT_H

#include <linux/types.h>

#include "grammar.h"

/**
 * text_parse - parse a whole write
 * @text: the write; the parser sees a copy that ends where the write does, so
 *	that reading past either end is noticed
 * @len: its bytes
 * @req: room for @nr requests, or NULL
 * @nr: how many of them are wanted; more are parsed but not kept
 * @error: filled when the write is refused
 *
 * Return: the number of requests, or the errno of the refusal.
 */
int text_parse(const char *text, size_t len, struct fse_request *req,
	       unsigned int nr, struct fse_error *error);

/**
 * text_request - the one request of a write that must be good
 * @text: the write
 *
 * Return: the request, valid until the next call.
 */
const struct fse_request *text_request(const char *text);

/**
 * text_refused - a write that must be refused
 * @marked: the write, with "<" and ">" around the word at fault
 * @len: its bytes
 * @err: the errno that is expected
 */
void text_refused(const char *marked, size_t len, int err);

/* The same for a string literal, which may hold NUL bytes. */
#define TEXT_REFUSED(marked, err) \
	text_refused(marked, sizeof(marked) - 1, err)

/**
 * text_caret - check what holds for any entry of the error log
 * @text: the write
 * @len: its bytes
 * @error: the error; its span may be anything
 *
 * There are three lines of characters that print, the entry fits in its buffer,
 * and the caret is under the first character of the word.
 *
 * Return: the entry, valid until the next call.
 */
const char *text_caret(const char *text, size_t len,
		       const struct fse_error *error);

/**
 * text_shown - a write as it can be printed
 * @text: the write
 * @len: its bytes
 *
 * Return: the text with its escapes, cut after a few hundred bytes; valid
 * until the next call.
 */
const char *text_shown(const char *text, size_t len);

#endif /* _TESTS_UNIT_TEXT_H */
