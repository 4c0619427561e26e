// SPDX-License-Identifier: GPL-2.0-only
/*
 * Escaping of text, and sizes as people read them.
 */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "text.h"

#define ESCAPE_LEN	4

static bool is_continuation(char c)
{
	return (c & 0xc0) == 0x80;
}

/* What a terminal would take for a command, or turn around. */
static bool is_hidden(const unsigned char *u)
{
	if (u[0] == 0xc2)
		return u[1] <= 0x9f;
	if (u[0] != 0xe2)
		return false;
	return (u[1] == 0x80 && u[2] >= 0xa8 && u[2] <= 0xae) ||
	       (u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9);
}

/**
 * text_plain_terminal - a character that is safe to show
 * @s: a string, not empty
 */
size_t text_plain_terminal(const char *s)
{
	size_t len;

	if (!(*s & 0x80))
		return *s >= ' ' && *s <= '~' && *s != '\\';
	len = text_plain_utf8(s);
	return is_hidden((const unsigned char *)s) ? 0 : len;
}

/**
 * text_plain_utf8 - a character of UTF-8 other than the backslash
 * @s: a string, not empty
 *
 * No overlong forms, no surrogates, nothing beyond U+10FFFF.
 */
size_t text_plain_utf8(const char *s)
{
	static const struct {
		unsigned char first, last;	/* of the first byte */
		unsigned char low, high;	/* of the second one */
		unsigned char len;
	} forms[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	const unsigned char *u = (const unsigned char *)s;
	size_t i, n;

	if (u[0] < 0x80)
		return u[0] != '\\';
	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		if (u[0] >= forms[i].first && u[0] <= forms[i].last)
			break;
	}
	if (i == ARRAY_SIZE(forms) ||
	    u[1] < forms[i].low || u[1] > forms[i].high)
		return 0;
	/* A string that ends early ends here: NUL is no continuation. */
	for (n = 2; n < forms[i].len; n++) {
		if (!is_continuation(s[n]))
			return 0;
	}
	return forms[i].len;
}

/**
 * text_escape - a string with what is not plain escaped
 * @s: the string
 * @plain: says what is
 *
 * Return: the new string, to be freed. The program ends when there is no
 * memory.
 */
char *text_escape(const char *s, text_plain_fn plain)
{
	char *escaped = malloc(ESCAPE_LEN * strlen(s) + 1);
	char *to = escaped;
	size_t n;

	if (!escaped)
		err(EXIT_FAILURE, NULL);
	while (*s) {
		n = plain(s);
		if (n) {
			to = mempcpy(to, s, n);
			s += n;
		} else {
			to += sprintf(to, "\\%03o", (unsigned char)*s++);
		}
	}
	*to = '\0';
	return escaped;
}

/**
 * text_plain_locale - a character that is safe to show, and can be
 * @s: a string, not empty
 *
 * Where the locale has no UTF-8, a character of more than one byte is not shown
 * by all programs and libraries.
 */
size_t text_plain_locale(const char *s)
{
	return *s & 0x80 && MB_CUR_MAX == 1 ? 0 : text_plain_terminal(s);
}

static bool is_escape(const char *s)
{
	return s[0] == '\\' && s[1] >= '0' && s[1] <= '3' &&
	       s[2] >= '0' && s[2] <= '7' && s[3] >= '0' && s[3] <= '7';
}

/**
 * text_unescape - undo text_escape() in place
 * @s: the string
 *
 * A backslash that starts no escape stays.
 */
void text_unescape(char *s)
{
	char *to = s;

	while (*s) {
		if (is_escape(s)) {
			*to++ = (s[1] - '0') << 6 | (s[2] - '0') << 3 |
				(s[3] - '0');
			s += ESCAPE_LEN;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/**
 * text_size - a size in the largest unit that it has one of
 * @buf: for the text
 * @blocks: the size in blocks
 * @frsize: bytes a block
 */
void text_size(char buf[TEXT_SIZE_LEN], uint64_t blocks, uint64_t frsize)
{
	static const char * const units[] = {
		"KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB",
	};
	/* The product may need more than 64 bits, its first digits don't. */
	double size = (double)blocks * frsize / 1024;
	size_t i = 0;

	if (size < 1) {
		snprintf(buf, TEXT_SIZE_LEN, "%.0f B", size * 1024);
		return;
	}
	/* What would be shown as 1024.0 is 1.0 of the next unit. */
	while (size >= 1023.95 && i + 1 < ARRAY_SIZE(units)) {
		size /= 1024;
		i++;
	}
	snprintf(buf, TEXT_SIZE_LEN, "%.1f %s", size, units[i]);
}
