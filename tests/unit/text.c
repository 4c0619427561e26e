// SPDX-License-Identifier: GPL-2.0-only
/* Requests as text, for tests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grammar.h"
#include "escape.h"
#include "text.h"
#include "unit.h"

static struct fse_request request;

int text_parse(const char *text, size_t len, struct fse_request *req,
	       unsigned int nr, struct fse_error *error)
{
	char *copy = malloc(len ? len : 1);
	struct fse_parser parser = { .text = copy, .len = len };
	unsigned int found = 0;
	int ret;

	assert_non_null(copy);
	memcpy(copy, text, len);
	for (;;) {
		ret = fse_parse_next(&parser, found < nr ? &req[found] :
						     &request, error);
		if (ret <= 0)
			break;
		assert_int_equal(ret, 1);
		found++;
	}
	if (!ret)
		assert_int_equal(parser.pos, len);
	free(copy);
	return ret ? ret : (int)found;
}

const struct fse_request *text_request(const char *text)
{
	struct fse_error error;
	int ret = text_parse(text, strlen(text), &request, 1, &error);

	if (ret != 1)
		fail_msg("\"%s\": %d (%s)", text, ret,
			 ret < 0 ? error.why : "not one request");
	return &request;
}

void text_refused(const char *marked, size_t len, int err)
{
	const char *open = memchr(marked, '<', len);
	const char *close = memchr(marked, '>', len);
	size_t off = open - marked;
	size_t word = close - open - 1;
	struct fse_error error = {};
	char *text = malloc(len);
	int ret;

	assert_non_null(open);
	assert_non_null(close);
	assert_non_null(text);
	memcpy(text, marked, off);
	memcpy(text + off, open + 1, word);
	memcpy(text + off + word, close + 1, len - off - word - 2);

	ret = text_parse(text, len - 2, NULL, 0, &error);
	if (ret != err || error.err != err || error.word.off != off ||
	    error.word.len != word)
		fail_msg("\"%s\": %d, error %d at %u, %u bytes (%s)", marked,
			 ret, error.err, error.word.off, error.word.len,
			 ret < 0 ? error.why : "accepted");
	assert_non_null(error.why);
	assert_int_not_equal(strlen(error.why), 0);
	free(text);
}

static size_t show_byte(char *buf, unsigned char c)
{
	return sprintf(buf, c >= 0x20 && c < 0x7f ? "%c" : "\\%03o", c);
}

const char *text_shown(const char *text, size_t len)
{
	static char buf[2048];
	size_t i, n = 0;

	buf[0] = '\0';
	for (i = 0; i < len && n < sizeof(buf) - 8; i++)
		n += show_byte(buf + n, text[i]);
	return buf;
}

/*
 * The escaped form of the character at @off; "" for a separator or within a
 * character.
 */
static void show_word_start(char *buf, const char *text, size_t len,
			    size_t off)
{
	size_t put = 0;

	if (off < len && (text[off] & 0xc0) != 0x80 &&
	    !(text[off] && strchr(" \t;\n", text[off])))
		fse_escape_next(buf, &put, text + off, len - off, "");
	buf[put] = '\0';
}

/* A line that needs no escapes. */
static void assert_printable(const char *line, size_t len)
{
	char copy[FSE_CARET_SIZE], shown[FSE_CARET_SIZE];
	bool cut;

	memcpy(copy, line, len);
	copy[len] = '\0';
	assert_int_equal(fse_escape(shown, sizeof(shown), copy, "", &cut), len);
	assert_memory_equal(shown, copy, len);
}

/* The first byte after @column characters. */
static const char *at_column(const char *line, size_t column)
{
	while (column--)
		do {
			line++;
		} while ((*line & 0xc0) == 0x80);
	return line;
}

const char *text_caret(const char *text, size_t len,
		       const struct fse_error *error)
{
	static char buf[FSE_CARET_SIZE + 1];
	char *copy = malloc(len ? len : 1), *line, *caret, *end;
	char shown[FSE_ESCAPE_SIZE + 1];
	size_t n, column;

	assert_non_null(copy);
	memcpy(copy, text, len);
	memset(buf, 0x55, sizeof(buf));
	n = fse_caret_format(buf, FSE_CARET_SIZE, copy, len, error);
	free(copy);
	assert_int_equal(buf[FSE_CARET_SIZE], 0x55);
	assert_true(n < FSE_CARET_SIZE - 1);
	assert_int_equal(strlen(buf), n);

	line = strchr(buf, '\n') + 1;
	caret = strchr(line, '\n') + 1;
	assert_printable(buf, line - 1 - buf);
	assert_printable(line, caret - 1 - line);
	end = strchr(caret, '\n');
	assert_ptr_equal(end, buf + n - 1);
	column = strspn(caret, " ");
	assert_string_equal(caret + column, "^\n");
	assert_true(column <= (size_t)(caret - 1 - line));

	show_word_start(shown, text, len, error->word.off);
	assert_memory_equal(at_column(line, column), shown, strlen(shown));
	return buf;
}
