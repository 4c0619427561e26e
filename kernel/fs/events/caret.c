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
 * terminal: see escape.c. The caret is put as if each character took one column.
 *
 * Pure function; any context will do.
 */

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#include "caret.h"
#include "escape.h"

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

static bool is_separator(char c)
{
	return c == ';' || c == '\n';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Shows the character at @text, of @len bytes; how many of these it takes. */
static size_t put_escaped(struct output *out, const char *text, size_t len,
			  size_t *columns)
{
	char shown[FSE_ESCAPE_SIZE];
	size_t i, put, n;

	n = fse_escape_next(shown, &put, text, len, FSE_ESCAPE_REQUEST);
	/* An escape is longer than its byte, other text is as long. */
	*columns += n == put ? 1 : put;
	for (i = 0; i < put; i++)
		put_char(out, shown[i]);
	return n;
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

/* A byte within a character of UTF-8, if it is one. */
static bool is_continuation(char c)
{
	return (c & 0xc0) == 0x80;
}

/* Cuts between characters: none has more than three such bytes. */
static void window_fit(struct fse_span *window, const char *text, size_t end)
{
	unsigned int i;

	for (i = 0; i < 3 && is_continuation(text[window->off]); i++) {
		window->off++;
		window->len--;
	}
	for (i = 0; i < 3 && window->off + window->len < end &&
	     is_continuation(text[window->off + window->len]); i++)
		window->len--;
}

/* The piece of that request to be shown. */
static struct fse_span window_at(const char *text,
				 const struct fse_span *request, size_t off,
				 size_t word_len)
{
	struct fse_span window = *request;
	size_t end = request->off + request->len;
	/* The first character in any case. */
	size_t seen = min(off + clamp_t(size_t, word_len, FSE_ESCAPE_SIZE,
					WORD_IN_VIEW), end);

	if (request->len <= FSE_CARET_WINDOW)
		return window;
	window.len = FSE_CARET_WINDOW;
	if (seen - request->off > FSE_CARET_WINDOW)
		window.off = min(off + WORD_IN_VIEW, end) - FSE_CARET_WINDOW;
	window_fit(&window, text, end);
	return window;
}

size_t fse_caret_format(char *buf, size_t size, const char *text, size_t len,
			const struct fse_error *error)
{
	struct output out = { .buf = buf, .size = size };
	size_t off = min_t(size_t, error->word.off, len);
	size_t i, n, end, column = 0, columns = strlen(INDENT);
	struct fse_span request, window;

	if (!size)
		return 0;
	request = request_at(text, len, off);
	window = window_at(text, &request, off, error->word.len);

	put_errno(&out, error->err);
	put_text(&out, ": ");
	put_text(&out, error->why);
	put_text(&out, "\n");

	put_text(&out, INDENT);
	if (window.off > request.off) {
		put_text(&out, LEFT_OUT);
		columns += strlen(LEFT_OUT);
	}
	end = window.off + window.len;
	for (i = window.off; i < end; i += n) {
		if (i <= off)
			column = columns;
		n = put_escaped(&out, text + i, end - i, &columns);
	}
	if (i <= off)
		column = columns;
	if (end < request.off + request.len)
		put_text(&out, LEFT_OUT);
	put_text(&out, "\n");

	while (column--)
		put_char(&out, ' ');
	put_text(&out, "^\n");
	out.buf[out.len] = '\0';
	return out.len;
}
