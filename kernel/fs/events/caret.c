// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a refused request is shown:
 *
 *	EINVAL: unknown type, expected G, T or I
 *	  /srv G X 10
 *	         ^
 *
 * Of a write that holds many requests only the one at fault is shown, from
 * its start if the word at fault is within reach, and no more than
 * FSE_CARET_WINDOW bytes of it. Text comes from users and goes to a
 * terminal: what does not print in plain ASCII shows as \ooo.
 *
 * Pure function; any context will do.
 */

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include "caret.h"

#define INDENT		"  "
#define LEFT_OUT	"..."

/* At most so much of the word at fault is kept in view. */
#define WORD_IN_VIEW	(FSE_CARET_WINDOW / 2)

struct output {
	char *buf;
	size_t size;
	size_t len;
};

static void put_char(struct output *out, char c)
{
	if (out->len + 1 < out->size)
		out->buf[out->len++] = c;
}

static void put_text(struct output *out, const char *s)
{
	while (*s)
		put_char(out, *s++);
}

static bool is_plain(char c)
{
	return c >= ' ' && c <= '~';
}

static bool is_separator(char c)
{
	return c == ';' || c == '\n';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void put_escaped(struct output *out, char c)
{
	if (is_plain(c)) {
		put_char(out, c);
		return;
	}
	put_char(out, '\\');
	put_char(out, '0' + ((c >> 6) & 3));
	put_char(out, '0' + ((c >> 3) & 7));
	put_char(out, '0' + (c & 7));
}

static void put_errno(struct output *out, int err)
{
	static const struct {
		int err;
		const char *name;
	} names[] = {
		{ E2BIG, "E2BIG" },
		{ EACCES, "EACCES" },
		{ EAGAIN, "EAGAIN" },
		{ EBUSY, "EBUSY" },
		{ EDQUOT, "EDQUOT" },
		{ EFAULT, "EFAULT" },
		{ EINTR, "EINTR" },
		{ EINVAL, "EINVAL" },
		{ EIO, "EIO" },
		{ ELOOP, "ELOOP" },
		{ ENAMETOOLONG, "ENAMETOOLONG" },
		{ ENODEV, "ENODEV" },
		{ ENOENT, "ENOENT" },
		{ ENOMEM, "ENOMEM" },
		{ ENOSPC, "ENOSPC" },
		{ ENOTDIR, "ENOTDIR" },
		{ EOPNOTSUPP, "EOPNOTSUPP" },
		{ EOVERFLOW, "EOVERFLOW" },
		{ EPERM, "EPERM" },
		{ ERANGE, "ERANGE" },
		{ ESTALE, "ESTALE" },
	};
	char number[24];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].err == -err) {
			put_text(out, names[i].name);
			return;
		}
	}
	scnprintf(number, sizeof(number), "error %d", err);
	put_text(out, number);
}

/* The request around @off, without the blanks around it. */
static struct fse_span request_at(const char *text, size_t len, size_t off)
{
	size_t start = off, end = off;

	while (start > 0 && !is_separator(text[start - 1]))
		start--;
	while (start < off && is_blank(text[start]))
		start++;
	while (end < len && !is_separator(text[end]))
		end++;
	while (end > off && is_blank(text[end - 1]))
		end--;
	return (struct fse_span){ .off = start, .len = end - start };
}

/* The piece of that request to be shown. */
static struct fse_span window_at(const struct fse_span *request, size_t off,
				 size_t word_len)
{
	struct fse_span window = *request;
	size_t end = request->off + request->len;
	size_t seen = min(off + clamp_t(size_t, word_len, 1, WORD_IN_VIEW),
			  end);

	if (request->len <= FSE_CARET_WINDOW)
		return window;
	window.len = FSE_CARET_WINDOW;
	if (seen - request->off > FSE_CARET_WINDOW) {
		end = min(off + WORD_IN_VIEW, end);
		window.off = end - FSE_CARET_WINDOW;
	}
	return window;
}

size_t fse_caret_format(char *buf, size_t size, const char *text, size_t len,
			const struct fse_error *error)
{
	struct output out = { .buf = buf, .size = size };
	size_t off = min_t(size_t, error->word.off, len);
	struct fse_span request, window;
	size_t i, line, column = 0;

	if (!size)
		return 0;
	request = request_at(text, len, off);
	window = window_at(&request, off, error->word.len);

	put_errno(&out, error->err);
	put_text(&out, ": ");
	put_text(&out, error->why);
	put_text(&out, "\n");

	line = out.len;
	put_text(&out, INDENT);
	if (window.off > request.off)
		put_text(&out, LEFT_OUT);
	for (i = 0; i < window.len; i++) {
		if (window.off + i == off)
			column = out.len - line;
		put_escaped(&out, text[window.off + i]);
	}
	if (window.off + i == off)
		column = out.len - line;
	if (window.off + window.len < request.off + request.len)
		put_text(&out, LEFT_OUT);
	put_text(&out, "\n");

	while (column--)
		put_char(&out, ' ');
	put_text(&out, "^\n");
	out.buf[out.len] = '\0';
	return out.len;
}
