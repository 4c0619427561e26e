// SPDX-License-Identifier: GPL-2.0-only
/*
 * Escaping, and sizes as people read them.
 */
#include "array.h"
#include "test.h"
#include "text.h"

static void expect_escaped(const char *s, text_plain_fn plain,
			   const char *expected)
{
	char *escaped = text_escape(s, plain);

	assert_string_equal(escaped, expected);
	text_unescape(escaped);
	assert_string_equal(escaped, s);
	free(escaped);
}

/* What a terminal takes for a command is escaped, all other text is not. */
TEST(test_terminal)
{
	expect_escaped("/srv", text_plain_terminal, "/srv");
	expect_escaped("/a b", text_plain_terminal, "/a b");
	expect_escaped("\x1b[2J\r\x7f", text_plain_terminal,
		       "\\033[2J\\015\\177");
	expect_escaped("b\xc3\xbc\\", text_plain_terminal,
		       "b\xc3\xbc\\134");
	expect_escaped("\xc2\x9b", text_plain_terminal, "\\302\\233");
	expect_escaped("\xc2\xa0", text_plain_terminal, "\xc2\xa0");
	expect_escaped("\xe2\x80\xa8\xe2\x80\xae\xe2\x80\xaf",
		       text_plain_terminal,
		       "\\342\\200\\250\\342\\200\\256\xe2\x80\xaf");
	expect_escaped("\xe2\x81\xa6\xe2\x81\xaa", text_plain_terminal,
		       "\\342\\201\\246\xe2\x81\xaa");
	expect_escaped("\xff\xc3", text_plain_terminal, "\\377\\303");
}

TEST(test_utf8)
{
	/* Of each length the first, the last, and what is next to them. */
	static const char * const whole[] = {
		"a", "\x01", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
		"\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
	};
	static const char * const broken[] = {
		"\\", "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2 ",
		"\xe0\x9f\xbf", "\xe1\x80", "\xe1\x80 ", "\xed\xa0\x80",
		"\xf0\x8f\xbf\xbf", "\xf1\x80\x80", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xff",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(whole); i++)
		assert_int_equal(text_plain_utf8(whole[i]), strlen(whole[i]));
	for (i = 0; i < ARRAY_SIZE(broken); i++)
		assert_int_equal(text_plain_utf8(broken[i]), 0);
	expect_escaped("/b\xc3\xbc\xff", text_plain_utf8, "/b\xc3\xbc\\377");
	expect_escaped("/a\\377\n ", text_plain_utf8, "/a\\134377\n ");
}

TEST(test_unescape)
{
	static const char * const kept[] = {
		"", "\\", "\\0", "\\04", "\\048", "\\400", "\\x41", "a\\",
	};
	char *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kept); i++) {
		text = strdup(kept[i]);
		text_unescape(text);
		assert_string_equal(text, kept[i]);
		free(text);
	}
}

static void expect_size(uint64_t blocks, uint64_t frsize, const char *expected)
{
	char text[TEXT_SIZE_LEN];

	text_size(text, blocks, frsize);
	assert_string_equal(text, expected);
}

TEST(test_size)
{
	expect_size(0, 4096, "0 B");
	expect_size(1, 1, "1 B");
	expect_size(1023, 1, "1023 B");
	expect_size(1024, 1, "1.0 KiB");
	expect_size(3, 512, "1.5 KiB");
	expect_size(1048523, 1, "1023.9 KiB");
	expect_size(1048575, 1, "1.0 MiB");
	expect_size(698112, 4096, "2.7 GiB");
	expect_size(2621440, 4096, "10.0 GiB");
	expect_size(1ULL << 30, 1024, "1.0 TiB");
	expect_size(UINT64_MAX, 1, "16.0 EiB");
	expect_size(UINT64_MAX, 4096, "64.0 ZiB");
	expect_size(UINT64_MAX, UINT32_MAX, "65536.0 YiB");
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_unescape),
		cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
