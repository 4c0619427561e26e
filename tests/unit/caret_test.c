// SPDX-License-Identifier: GPL-2.0-only
/*
 * How error_log shows a refused request.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/errno.h>
#include <linux/kernel.h>

#include "grammar.h"
#include "text.h"
#include "unit.h"

static const char *show_at(const char *text, size_t len, u32 off, u32 word)
{
	struct fse_error error = {
		.err = -EINVAL,
		.word = { .off = off, .len = word },
		.why = "why",
	};

	return text_caret(text, len, &error);
}

/* The entry for the parser's error. */
static const char *show_refusal(const char *text)
{
	struct fse_error error;

	assert_true(text_parse(text, strlen(text), NULL, 0, &error) < 0);
	return text_caret(text, strlen(text), &error);
}

/* Checks the second and the third line. */
static void assert_shown(const char *entry, const char *line,
			 const char *caret)
{
	char expected[FSE_CARET_SIZE];

	sprintf(expected, "EINVAL: why\n  %s\n  %s\n", line, caret);
	assert_string_equal(entry, expected);
}

TEST(caret_under_the_word_at_fault)
{
	assert_string_equal(show_refusal("/srv G X 10"),
			    "EINVAL: unknown type, expected G, T or I\n"
			    "  /srv G X 10\n"
			    "         ^\n");
	assert_string_equal(show_refusal("/srv T 101% 10"),
			    "ERANGE: more than 100 percent\n"
			    "  /srv T 101% 10\n"
			    "         ^\n");
	assert_string_equal(show_refusal("srv G"),
			    "EINVAL: expected a path that starts with /\n"
			    "  srv G\n"
			    "  ^\n");
	assert_string_equal(show_refusal("/srv T 10:"),
			    "EINVAL: expected an amount after this\n"
			    "  /srv T 10:\n"
			    "           ^\n");
}

TEST(only_the_request_at_fault)
{
	assert_string_equal(show_refusal("/a G; !/b ;\t/srv G X ;/c G\n"),
			    "EINVAL: unknown type, expected G, T or I\n"
			    "  /srv G X\n"
			    "         ^\n");
	assert_string_equal(show_refusal("/a G\n/srv T 7 6x\n/c G\n"),
			    "EINVAL: expected a number, and K, M, G, T, % or nothing after it\n"
			    "  /srv T 7 6x\n"
			    "           ^\n");
}

/* The caret must stay below its word when bytes before it are escaped. */
TEST(what_does_not_print)
{
	assert_shown(show_at("/a\tX", 4, 3, 1), "/a\\011X",
		     "      ^");
	assert_shown(show_at("/\x1b[1m\x07 X", 8, 7, 1), "/\\033[1m\\007 X",
		     "             ^");
	assert_shown(show_at("/\xff\x7f\x80 X", 6, 5, 1), "/\\377\\177\\200 X",
		     "              ^");
	assert_shown(show_at("/a\0b G", 6, 2, 1), "/a\\000b G", "  ^");
	assert_shown(show_at("/a\\040b~ X", 10, 9, 1), "/a\\040b~ X",
		     "         ^");
	assert_shown(show_at("/a G\r", 5, 3, 2), "/a G\\015", "   ^");
}

/* Printable characters stay; terminal controls are escaped. */
TEST(utf8)
{
	assert_shown(show_at("/M\xc3\xbcller X", 10, 9, 1),
		     "/M\xc3\xbcller X", "        ^");
	assert_shown(show_at("/\xe6\x97\xa5\xf0\x9f\x92\xbe/ X", 11, 10, 1),
		     "/\xe6\x97\xa5\xf0\x9f\x92\xbe/ X", "     ^");
	assert_shown(show_at("/a \xc3\xa4", 5, 3, 2), "/a \xc3\xa4", "   ^");
	assert_shown(show_at("/\xc2\x9b[2J X", 8, 7, 1), "/\\302\\233[2J X",
		     "             ^");
	assert_shown(show_at("/\xe2\x80\xae X", 6, 5, 1),
		     "/\\342\\200\\256 X", "              ^");
}

TEST(nothing_to_show)
{
	assert_shown(show_at("", 0, 0, 0), "", "^");
	assert_shown(show_at("   ", 3, 0, 0), "", "^");
	assert_shown(show_at("/a G;", 5, 5, 1), "", "^");
	assert_shown(show_at("\n/a G", 5, 0, 0), "", "^");
}

/* A span outside the write must do no harm. */
TEST(word_past_the_end)
{
	assert_shown(show_at("/a G", 4, 4, 0), "/a G", "    ^");
	assert_shown(show_at("/a G", 4, 1000000, 7), "/a G", "    ^");
	assert_shown(show_at("/a G", 4, 0xffffffff, 0xffffffff), "/a G",
		     "    ^");
	assert_shown(show_at("/a G", 4, 3, 0xffffffff), "/a G", "   ^");
}

/* A request of @len bytes, "/" and digits that show their position. */
static char *long_request(size_t len)
{
	char *text = malloc(len + 1);
	size_t i;

	assert_non_null(text);
	for (i = 0; i < len; i++)
		text[i] = '0' + i % 10;
	text[0] = '/';
	text[len] = '\0';
	return text;
}

/* The part of @text from @start to @end, with marks where it was cut. */
static void assert_window(const char *text, size_t len, u32 off, u32 word,
			  size_t start, size_t end)
{
	char line[256], caret[256];

	assert_true(end - start <= FSE_CARET_WINDOW);
	snprintf(line, sizeof(line), "%s%.*s%s", start ? "..." : "",
		 (int)(end - start), text + start, end < len ? "..." : "");
	snprintf(caret, sizeof(caret), "%*s",
		 (int)(off - start + (start ? 3 : 0) + 1), "^");
	assert_shown(show_at(text, len, off, word), line, caret);
}

TEST(at_most_128_bytes)
{
	char *text = long_request(300);

	assert_int_equal(FSE_CARET_WINDOW, 128);
	/* The whole request if it fits. */
	assert_window(text, 128, 0, 1, 0, 128);
	assert_window(text, 128, 127, 1, 0, 128);
	/* From its start, while the word is visible. */
	assert_window(text, 129, 0, 1, 0, 128);
	assert_window(text, 300, 0, 4, 0, 128);
	assert_window(text, 300, 124, 4, 0, 128);
	assert_window(text, 300, 0, 300, 0, 128);
	/* Then half of the window before the word. */
	assert_window(text, 300, 125, 4, 61, 189);
	assert_window(text, 300, 200, 1, 136, 264);
	assert_window(text, 300, 100, 200, 36, 164);
	/* Also for an error without a word. */
	assert_window(text, 300, 124, 0, 0, 128);
	assert_window(text, 300, 127, 0, 63, 191);
	assert_window(text, 300, 128, 0, 64, 192);
	/* At the end of the request. */
	assert_window(text, 129, 128, 1, 1, 129);
	assert_window(text, 300, 236, 1, 172, 300);
	assert_window(text, 300, 250, 50, 172, 300);
	assert_window(text, 300, 299, 1, 172, 300);
	assert_window(text, 300, 300, 0, 172, 300);
	free(text);
}

/* A cut must be between characters of @bytes each. */
static void assert_whole(const char *character, size_t bytes)
{
	char text[4 * FSE_CARET_WINDOW + 8];
	size_t len = 1, off;
	const char *entry;

	text[0] = '/';
	while (len + bytes <= 3 * FSE_CARET_WINDOW) {
		memcpy(text + len, character, bytes);
		len += bytes;
	}
	for (off = 1; off < len; off += bytes) {
		entry = show_at(text, len, off, len - off);
		assert_null(strchr(entry, '\\'));
		assert_non_null(strstr(entry, character));
	}
}

TEST(cut_between_characters)
{
	assert_whole("\xc3\xa4", 2);
	assert_whole("\xe6\x97\xa5", 3);
	assert_whole("\xf0\x9f\x92\xbe", 4);
}

/* The longest entry: 128 bytes, each escaped to four characters. */
TEST(longest_entry_fits)
{
	struct fse_error error = {
		.err = -ENAMETOOLONG,
		.word = { .off = 63 * 1024, .len = 1 },
		.why = "unknown escape, expected \\040, \\011, \\012, \\134 or \\073",
	};
	char *text = malloc(FSE_MAX_WRITE);
	const char *entry;

	assert_non_null(text);
	memset(text, 0xff, FSE_MAX_WRITE);
	entry = text_caret(text, FSE_MAX_WRITE, &error);
	assert_non_null(strstr(entry, "  ...\\377"));
	assert_non_null(strstr(entry, "\\377...\n"));
	assert_non_null(strstr(entry, " ^\n"));
	free(text);
}

TEST(names_of_errors)
{
	static const struct {
		int err;
		const char *name;
	} cases[] = {
		{ -E2BIG, "E2BIG: " },
		{ -EACCES, "EACCES: " },
		{ -EAGAIN, "EAGAIN: " },
		{ -EBUSY, "EBUSY: " },
		{ -EDQUOT, "EDQUOT: " },
		{ -EFAULT, "EFAULT: " },
		{ -EINTR, "EINTR: " },
		{ -EINVAL, "EINVAL: " },
		{ -EIO, "EIO: " },
		{ -ELOOP, "ELOOP: " },
		{ -ENAMETOOLONG, "ENAMETOOLONG: " },
		{ -ENODEV, "ENODEV: " },
		{ -ENOENT, "ENOENT: " },
		{ -ENOMEM, "ENOMEM: " },
		{ -ENOSPC, "ENOSPC: " },
		{ -ENOTDIR, "ENOTDIR: " },
		{ -EOPNOTSUPP, "EOPNOTSUPP: " },
		{ -EOVERFLOW, "EOVERFLOW: " },
		{ -EPERM, "EPERM: " },
		{ -ERANGE, "ERANGE: " },
		{ -ESTALE, "ESTALE: " },
		{ -EXDEV, "error -18: " },
		{ -512, "error -512: " },
	};
	struct fse_error error = { .why = "why" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *entry;

		error.err = cases[i].err;
		entry = text_caret("/a G", 4, &error);
		assert_memory_equal(entry, cases[i].name,
				    strlen(cases[i].name));
	}
}

/* A small buffer gets a truncated entry with a NUL. */
TEST(small_buffers)
{
	static const char whole[] = "EINVAL: why\n  /srv G X\n         ^\n";
	static const char text[] = "/srv G X";
	struct fse_error error = {
		.err = -EINVAL,
		.word = { .off = 7, .len = 1 },
		.why = "why",
	};
	size_t size, n;

	for (size = 1; size < sizeof(whole) + 3; size++) {
		char *buf = malloc(size);

		assert_non_null(buf);
		n = fse_caret_format(buf, size, text, strlen(text), &error);
		assert_int_equal(n, strlen(buf));
		assert_true(n < size);
		if (size >= sizeof(whole))
			assert_string_equal(buf, whole);
		else if (size <= strlen("EINVAL: why\n  /srv G X\n"))
			assert_memory_equal(buf, whole, size - 1);
		free(buf);
	}
	assert_int_equal(fse_caret_format(NULL, 0, text, 8, &error), 0);
}

TEST(any_word_of_any_write)
{
	u64 seed = 0x2545f4914f6cdd1d;
	char text[400];
	unsigned int i;
	size_t n, len;

	for (i = 0; i < 20000; i++) {
		len = random_below(&seed, sizeof(text));
		for (n = 0; n < len; n++) {
			text[n] = random_u64(&seed);
			if (random_below(&seed, 2))
				text[n] = "/a \\"[random_below(&seed, 4)];
		}
		if (len && random_below(&seed, 2))
			text[random_below(&seed, len)] = ';';
		show_at(text, len, random_below(&seed, len + 3),
			random_size(&seed));
	}
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(caret_under_the_word_at_fault),
		cmocka_unit_test(only_the_request_at_fault),
		cmocka_unit_test(what_does_not_print),
		cmocka_unit_test(utf8),
		cmocka_unit_test(nothing_to_show),
		cmocka_unit_test(word_past_the_end),
		cmocka_unit_test(at_most_128_bytes),
		cmocka_unit_test(cut_between_characters),
		cmocka_unit_test(longest_entry_fits),
		cmocka_unit_test(names_of_errors),
		cmocka_unit_test(small_buffers),
		cmocka_unit_test(any_word_of_any_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
