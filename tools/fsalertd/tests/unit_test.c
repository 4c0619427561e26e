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

static void shown_with(const char *name, const char *what, const char *expected)
{
	struct pool pool = {
		.mount = (char *)name, .fstype = (char *)"ext4",
		.source = (char *)"/dev/sda",
	};
	const struct alarm alarm = {
		.type = FSALERT_ENOSPC, .nr = 1, .count = 2, .held = 3,
		.flaps = 4, .facts = {
			.time_ns = 11000,
			.avail = 5, .total = 6, .level = 7, .frsize = 8,
			.error = 9, .pid = 10,
		},
	};
	struct report r = {
		.pool = &pool, .alarm = &alarm, .text = (char *)what,
		.what = ALARM_AGAIN, .all_clear = true, .priority = 3,
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

static void shown(const char *name, const char *expected)
{
	shown_with(name, "full", expected);
}

/* What fsalertd(8) and fsalert.conf(5) promise. */
TEST(test_fields)
{
	shown("/srv", "FSALERT_TEXT=\"full\"\n"
	      "FSALERT_STATE=\"again\"\n"
	      "FSALERT_CONDITION=\"enospc\"\n"
	      "FSALERT_MOUNT=\"/srv\"\n"
	      "FSALERT_FSTYPE=\"ext4\"\n"
	      "FSALERT_SOURCE=\"/dev/sda\"\n"
	      "FSALERT_ESCAPED=0\n"
	      "FSALERT_TIME=11\n"
	      "FSALERT_PRIORITY=3\n"
	      "FSALERT_ALL_CLEAR=1\n"
	      "FSALERT_LEVEL_NR=1\n"
	      "FSALERT_COUNT=2\n"
	      "FSALERT_HELD=3\n"
	      "FSALERT_FLAPS=4\n"
	      "FSALERT_AVAIL=5\n"
	      "FSALERT_TOTAL=6\n"
	      "FSALERT_LEVEL=7\n"
	      "FSALERT_FRSIZE=8\n"
	      "FSALERT_ERRNO=9\n"
	      "FSALERT_PID=10\n");
}

/* systemd undoes the quotes: a unit has the name as it is. */
TEST(test_variables)
{
	shown("/a\"$`", "FSALERT_MOUNT=\"/a\\\"\\$\\`\"\n");
	shown("/a\\b", "FSALERT_MOUNT=\"/a\\\\b\"\n");
	shown("/a\n\t\x1b", "FSALERT_MOUNT=\"/a\n\t\x1b\"\n");
	shown("/\xef\xbf\xbd", "\"/\xef\xbf\xbd\"\n");
	shown("/\xef\xb7\x8f", "\"/\xef\xb7\x8f\"\n");
	shown("/\xf0\x9f\x98\x80", "\"/\xf0\x9f\x98\x80\"\n");
}

/* systemd refuses a file with noncharacters, or other bytes than UTF-8. */
TEST(test_escaped)
{
	shown("/\xef\xbf\xbe", "\"/\\\\357\\\\277\\\\276\"\n");
	shown("/\xef\xb7\x90", "\"/\\\\357\\\\267\\\\220\"\n");
	shown("/\xf0\x9f\xbf\xbf", "\"/\\\\360\\\\237\\\\277\\\\277\"\n");
	shown("/\\\xff\n", "FSALERT_MOUNT=\"/\\\\134\\\\377\n\"\n");
	shown("/\xff", "FSALERT_ESCAPED=1\n");
}

/* The message has escapes, which are not escaped once more. */
TEST(test_text)
{
	shown_with("/a", "/a\\012b: full", "FSALERT_TEXT=\"/a\\\\012b: full\"\n");
	shown_with("/a", "\\012\xef\xbf\xbe",
		   "FSALERT_TEXT=\"\\\\012\\\\357\\\\277\\\\276\"\n");
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_instance),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_variables),
		cmocka_unit_test(test_escaped),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
