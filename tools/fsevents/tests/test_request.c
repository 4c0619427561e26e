// SPDX-License-Identifier: GPL-2.0-only
/*
 * From arguments to the text of a request.
 */
#include "request.h"
#include "test.h"

static void expect(const char *prefix, const char *dir, const char *mount,
		   char * const words[], const char *expected)
{
	char *text = request_text(prefix, dir, mount, words);

	assert_string_equal(text, expected);
	free(text);
}

TEST(test_words)
{
	static char * const none[] = { NULL };
	static char * const classic[] = { "G", "T", "710000", "500000", NULL };
	static char * const quoted[] = { "G:enospc T 10%:20%", "I\t5%", NULL };

	expect("", "/root", "/srv", classic, "/srv G T 710000 500000");
	expect("", "/root", "/srv", quoted, "/srv G:enospc T 10%:20% I\t5%");
	expect("!", "/root", "/srv", none, "!/srv");
	expect("!", "/root", "/srv", classic, "!/srv G T 710000 500000");
}

TEST(test_path)
{
	static char * const g[] = { "G", NULL };

	expect("", "/root", "srv", g, "/root/srv G");
	expect("", "/root", ".", g, "/root/. G");
	expect("", "/", "srv", g, "//srv G");
	expect("!", "/root", "!x", g, "!/root/!x G");
	expect("", "/my files", "a;b", g, "/my\\040files/a\\073b G");
	expect("", "/root", "/a b\tc\nd\\e;f", g,
	       "/a\\040b\\011c\\012d\\134e\\073f G");
	expect("", "/root", "/b\xc3\xbc\xff", g, "/b\xc3\xbc\xff G");
}

TEST(test_is_one)
{
	static char * const good[] = { "G:enospc", "", "T 10% 5%", NULL };
	static char * const none[] = { NULL };
	static char * const semicolon[] = { "G", "T 10;!/srv", NULL };
	static char * const newline[] = { "G\n", NULL };

	assert_true(request_is_one(none));
	assert_true(request_is_one(good));
	assert_false(request_is_one(semicolon));
	assert_false(request_is_one(newline));
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
