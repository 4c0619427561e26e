/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A byte that cannot stand for itself is written as a backslash and three
 * octal digits, everywhere; what differs is which bytes.
 */
#ifndef FSALERT_TEXT_H
#define FSALERT_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* How many bytes at @s stay as they are; 0: the first is to be escaped. */
typedef size_t (*text_plain_fn)(const char *s);

size_t text_plain_terminal(const char *s);
size_t text_plain_locale(const char *s);
size_t text_plain_utf8(const char *s);
char *text_escape(const char *s, text_plain_fn plain);
void text_unescape(char *s);

#define TEXT_SIZE_LEN	16

void text_size(char buf[TEXT_SIZE_LEN], uint64_t blocks, uint64_t frsize);

#endif /* FSALERT_TEXT_H */
