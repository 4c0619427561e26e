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

/* glob(3) of systemd takes the backslashes of %i as escapes. */
TEST(test_file)
{
	char *name = unit_file("srv-my\\x2ddisk");

	assert_string_equal(name, "srv-myx2ddisk.env");
	free(name);
}

static void shown(const char *name, const char *expected)
{
	struct pool pool = {
		.mount = (char *)name, .fstype = (char *)"ext4",
		.source = (char *)"/dev/sda",
	};
	const struct alarm alarm = { .type = FSALERT_ENOSPC, .count = 1 };
	struct report r = {
		.pool = &pool, .alarm = &alarm, .text = (char *)"full",
	};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	unit_put_report(out, &r);
	fclose(out);
	assert_non_null(strstr(text, expected));
	free(text);
}

/* systemd refuses a file with noncharacters, and unquotes the rest. */
TEST(test_variables)
{
	shown("/a\"$`", "FSALERT_MOUNT=\"/a\\\"\\$\\`\"\n");
	shown("/\xef\xbf\xbd", "\"/\xef\xbf\xbd\"\n");
	shown("/\xef\xbf\xbe", "\"/\\\\357\\\\277\\\\276\"\n");
	shown("/\xef\xb7\x8f", "\"/\xef\xb7\x8f\"\n");
	shown("/\xef\xb7\x90", "\"/\\\\357\\\\267\\\\220\"\n");
	shown("/\xf0\x9f\xbf\xbf", "\"/\\\\360\\\\237\\\\277\\\\277\"\n");
	shown("/\xf0\x9f\x98\x80", "\"/\xf0\x9f\x98\x80\"\n");
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_instance),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_variables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
