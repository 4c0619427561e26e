// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text of users as it is shown: paths, sources, requests.
 *
 * It goes to terminals, and to programs that part lines at blanks and "=". So
 * a byte that could end a field, forge a line or command a terminal is shown
 * as \ooo. Terminals act on more than ASCII: U+0080 to U+009F are control
 * characters (U+009B begins a command as ESC [ does), U+2028 and U+2029 break
 * lines, and U+202A to U+202E and U+2066 to U+2069 turn the direction of what
 * follows. All other valid UTF-8 stays readable.
 *
 * Pure functions; any context will do.
 */

#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>

#include "escape.h"

static bool is_hidden(u32 c)
{
	return (c >= 0x80 && c <= 0x9f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

/* Bytes of the character that @first begins, 0: it begins none. */
static size_t utf8_length(unsigned char first)
{
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

/* Bytes of the valid character of more than one byte at @s, 0: there is none. */
static size_t utf8_character(const unsigned char *s, size_t len, u32 *c)
{
	/* In fewer bytes whatever is less could be said as well. */
	static const u32 least[] = { [2] = 0x80, [3] = 0x800, [4] = 0x10000 };
	size_t i, n = utf8_length(s[0]);

	if (!n || n > len)
		return 0;
	*c = s[0] & (0x7f >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	/* Halves of UTF-16 pairs are no characters. */
	if (*c < least[n] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
		return 0;
	return n;
}

static bool is_plain(unsigned char c, const char *more)
{
	return c >= ' ' && c <= '~' && !strchr(more, c);
}

size_t fse_escape_next(char *buf, size_t *put, const char *text, size_t len,
		       const char *more)
{
	unsigned char byte = *text;
	size_t n = 1;
	u32 c;

	if (!is_plain(byte, more)) {
		n = utf8_character((const unsigned char *)text, len, &c);
		if (!n || is_hidden(c)) {
			buf[0] = '\\';
			buf[1] = '0' + (byte >> 6);
			buf[2] = '0' + (byte >> 3 & 7);
			buf[3] = '0' + (byte & 7);
			*put = 4;
			return 1;
		}
	}
	memcpy(buf, text, n);
	*put = n;
	return n;
}

size_t fse_escape(char *buf, size_t size, const char *text, const char *more,
		  bool *cut)
{
	char next[FSE_ESCAPE_SIZE];
	size_t left = strlen(text);
	size_t n, put, mark, done = 0;

	*cut = false;
	while (left) {
		n = fse_escape_next(next, &put, text, left, more);
		/* Only the last character needs no room for a mark behind it. */
		mark = n < left;
		if (done + put + mark > size) {
			*cut = true;
			if (done < size)
				buf[done++] = '\\';
			break;
		}
		memcpy(buf + done, next, put);
		done += put;
		text += n;
		left -= n;
	}
	return done;
}
