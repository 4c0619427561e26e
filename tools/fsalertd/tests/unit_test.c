// SPDX-License-Identifier: GPL-2.0-only
/* Names of units. */
#include "daemon.h"
#include "test.h"

static void expect(const char *path, const char *instance)
{
	char *text = unit_instance(path);

	assert_string_equal(text, instance);
	free(text);
}

/* As `systemd-escape --path`. */
TEST(test_instance)
{
	expect("/", "-");
	expect("/srv", "srv");
	expect("/srv/data.d/x_y:z", "srv-data.d-x_y:z");
	expect("//srv//a/", "srv-a");
	expect("/.a/.b", "\\x2ea-.b");
	expect("/a-b c\\", "a\\x2db\\x20c\\x5c");
	expect("/\xc3\xbc", "\\xc3\\xbc");
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_instance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
