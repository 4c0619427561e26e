// SPDX-License-Identifier: GPL-2.0-only
/*
 * How text of users is escaped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/kernel.h>

#include "escape.h"
#include "unit.h"

/* An escaped text, valid until the next call. */
static const char *shown(const char *text, const char *more)
{
	static char buf[4096];
	bool cut;
	size_t n = fse_escape(buf, sizeof(buf) - 1, text, more, &cut);

	assert_false(cut);
	buf[n] = '\0';
	return buf;
}

#define assert_value(text, expected) \
	assert_string_equal(shown(text, FSE_ESCAPE_VALUE), expected)

TEST(plain_text_stays)
{
	assert_value("", "");
	assert_value("/srv/a-b_c.d,e;f:~!@$%^&*()[]{}|<>?'`+",
		     "/srv/a-b_c.d,e;f:~!@$%^&*()[]{}|<>?'`+");
	assert_string_equal(shown("/a b=#\"\\;", FSE_ESCAPE_REQUEST),
			    "/a b=#\"\\;");
}

TEST(what_parts_fields)
{
	assert_value("/a b=\"#\\;", "/a\\040b\\075\\042\\043\\134;");
	assert_string_equal(shown("/a b;c\\=", FSE_ESCAPE_CONFIG),
			    "/a\\040b\\073c\\134=");
}

TEST(control_characters)
{
	char text[2] = "", expected[8];
	unsigned int c;

	for (c = 1; c < 0x80; c++) {
		if (c >= ' ' && c != 0x7f)
			continue;
		text[0] = c;
		sprintf(expected, "\\%03o", c);
		assert_string_equal(shown(text, FSE_ESCAPE_REQUEST), expected);
	}
}

/* Encodes as UTF-8, even code points that Unicode doesn't assign. */
static size_t encode(char *s, u32 c)
{
	unsigned int n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	unsigned int i;

	for (i = n - 1; i; i--, c >>= 6)
		s[i] = 0x80 | (c & 0x3f);
	s[0] = n == 1 ? c : (0xf00 >> n & 0xff) | c;
	s[n] = '\0';
	return n;
}

/* All bytes escaped. */
static const char *escaped(const char *s)
{
	static char buf[64];
	char *to = buf;

	for (; *s; s++)
		to += sprintf(to, "\\%03o", (unsigned char)*s);
	return buf;
}

TEST(each_character_of_unicode)
{
	char text[8];
	u32 c;

	for (c = 0x80; c <= 0x10ffff; c++) {
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		encode(text, c);
		if (c <= 0x9f || (c >= 0x2028 && c <= 0x202e) ||
		    (c >= 0x2066 && c <= 0x2069))
			assert_value(text, escaped(text));
		else
			assert_value(text, text);
	}
}

TEST(known_characters)
{
	assert_value("/M\xc3\xbcller/\xe6\x97\xa5\xe6\x9c\xac/\xf0\x9f\x92\xbe",
		     "/M\xc3\xbcller/\xe6\x97\xa5\xe6\x9c\xac/\xf0\x9f\x92\xbe");
	/* U+009B starts a control sequence of terminals. */
	assert_value("a\xc2\x9b[2J", "a\\302\\233[2J");
	/* U+202E reverses the text that follows. */
	assert_value("a\xe2\x80\xae/", "a\\342\\200\\256/");
	/* U+2069 and U+206A, the first after it. */
	assert_value("\xe2\x81\xa9\xe2\x81\xaa", "\\342\\201\\251\xe2\x81\xaa");
}

TEST(no_valid_utf8)
{
	static const char * const texts[] = {
		"\x80", "\xbf", "\xff", "\xfe", "\xc3", "\xe6\x97",
		"\xf0\x9f\x92",
		/* Overlong: "/", DEL, U+07FF, U+FFFF. */
		"\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf",
		/* Surrogates, and above U+10FFFF. */
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		assert_value(texts[i], escaped(texts[i]));
	/* Decoding restarts after an invalid byte. */
	assert_value("\xc3\xc3\xa4", "\\303\xc3\xa4");
	assert_value("\xe6\x97 \xe6\x97\xa5", "\\346\\227\\040\xe6\x97\xa5");
	assert_value("\xf0\x9f\x92/", "\\360\\237\\222/");
}

/* A piece without NUL: bytes after its end must not be read. */
TEST(a_character_that_the_text_ends_in)
{
	char buf[FSE_ESCAPE_SIZE];
	size_t put;

	assert_int_equal(fse_escape_next(buf, &put, "\xc3\xa4", 2, ""), 2);
	assert_int_equal(put, 2);
	assert_memory_equal(buf, "\xc3\xa4", 2);
	assert_int_equal(fse_escape_next(buf, &put, "\xc3\xa4", 1, ""), 1);
	assert_int_equal(put, 4);
	assert_memory_equal(buf, "\\303", 4);
	assert_int_equal(fse_escape_next(buf, &put, "\0a", 2, ""), 1);
	assert_int_equal(put, 4);
	assert_memory_equal(buf, "\\000", 4);
}

TEST(a_text_that_does_not_fit)
{
	static const char text[] = "a\xc3\xa4 b\xe6\x97\xa5";
	static const char whole[] = "a\xc3\xa4\\040b\xe6\x97\xa5";
	/* At ends of characters. */
	static const size_t ends[] = { 0, 1, 3, 7, 8 };
	size_t size, i, n, last;
	bool cut;

	for (size = 0; size <= strlen(whole) + 2; size++) {
		char *buf = malloc(size ? size : 1);

		assert_non_null(buf);
		n = fse_escape(buf, size, text, FSE_ESCAPE_VALUE, &cut);
		assert_true(n <= size);
		assert_true(cut == (size < strlen(whole)));
		if (!cut) {
			assert_int_equal(n, strlen(whole));
			assert_memory_equal(buf, whole, n);
		} else if (size) {
			for (i = 0, last = 0; i < ARRAY_SIZE(ends); i++)
				if (ends[i] < size)
					last = ends[i];
			assert_int_equal(n, last + 1);
			assert_memory_equal(buf, whole, last);
			assert_int_equal(buf[last], '\\');
		}
		free(buf);
	}
}

/* Undoes escapes; returns the length. */
static size_t unescape(char *to, const char *s, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		if (s[i] != '\\') {
			to[n++] = s[i];
			continue;
		}
		assert_true(i + 3 < len);
		to[n++] = (s[i + 1] - '0') << 6 | (s[i + 2] - '0') << 3 |
			  (s[i + 3] - '0');
		i += 3;
	}
	return n;
}

/* Nothing is lost, and no forbidden byte is left. */
TEST(any_text)
{
	static const unsigned char likely[] = {
		0xc2, 0xc3, 0xe2, 0x80, 0x81, 0x9b, 0xa8, 0xae, 0xed, 0xf0,
		0xf4, 0x90, 'a', ' ', '=', '\\', '/',
	};
	u64 seed = 0x9e3779b97f4a7c15ULL;
	char text[64], back[64];
	unsigned int round;
	size_t len, i, n;
	const char *s;

	for (round = 0; round < 200000; round++) {
		len = random_below(&seed, sizeof(text));
		for (i = 0; i < len; i++)
			text[i] = random_below(&seed, 4) ?
				likely[random_below(&seed, sizeof(likely))] :
				random_below(&seed, 255) + 1;
		text[len] = '\0';
		s = shown(text, FSE_ESCAPE_VALUE);
		n = strlen(s);
		for (i = 0; i < n; i++) {
			assert_true((unsigned char)s[i] > ' ');
			assert_true(s[i] != 0x7f && !strchr("=\"#", s[i]));
		}
		assert_int_equal(unescape(back, s, n), len);
		assert_memory_equal(back, text, len);
	}
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(plain_text_stays),
		cmocka_unit_test(what_parts_fields),
		cmocka_unit_test(control_characters),
		cmocka_unit_test(each_character_of_unicode),
		cmocka_unit_test(known_characters),
		cmocka_unit_test(no_valid_utf8),
		cmocka_unit_test(a_character_that_the_text_ends_in),
		cmocka_unit_test(a_text_that_does_not_fit),
		cmocka_unit_test(any_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
