// SPDX-License-Identifier: GPL-2.0-only
/*
 * What config and error_log hold.
 */
#include "array.h"
#include "config.h"
#include "test.h"

static bool parse(struct watch *watch, char *line, size_t size,
		  const char *text)
{
	assert_in_range(snprintf(line, size, "%s", text), 0, size - 1);
	return watch_parse(watch, line);
}

TEST(test_watch)
{
	struct watch watch;
	char line[128];

	assert_true(parse(&watch, line, sizeof(line),
			  "/srv ext4 /dev/loop0 (G,T 710000 500000)\n"));
	assert_string_equal(watch.mount, "/srv");
	assert_string_equal(watch.fstype, "ext4");
	assert_string_equal(watch.source, "/dev/loop0");
	assert_string_equal(watch.types, "G,T 710000 500000");

	assert_true(parse(&watch, line, sizeof(line),
			  "/a\\040(b)\\134 fuse.x  (G)"));
	assert_string_equal(watch.mount, "/a (b)\\");
	assert_string_equal(watch.fstype, "fuse.x");
	assert_string_equal(watch.source, "");
	assert_string_equal(watch.types, "G");
}

TEST(test_no_watch)
{
	static const char * const lines[] = {
		"", "\n", "/srv", "/srv ext4", "/srv ext4 x", "/srv ext4 x ",
		"/srv ext4 x G", "/srv ext4 x (G", "/srv ext4 x G)",
		"/srv ext4 x (",
	};
	struct watch watch;
	char line[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		assert_false(parse(&watch, line, sizeof(line), lines[i]));
}

#define OLD	"[    1.000001] EINVAL: expected G, T or I after the path\n" \
		"  /srv\n" \
		"  ^\n"
#define NEW	"[   12.345678] EINVAL: unknown type, expected G, T or I\n" \
		"  /srv [X]\n" \
		"       ^\n"

TEST(test_error_log)
{
	assert_null(error_log_newest(""));
	assert_null(error_log_newest("  /srv [X]\n"));
	assert_string_equal(error_log_newest(OLD), OLD);
	assert_string_equal(error_log_newest(OLD NEW), NEW);
	assert_string_equal(error_log_newest(NEW OLD OLD), OLD);
	assert_string_equal(error_log_newest(OLD "[cut"), "[cut");
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_no_watch),
		cmocka_unit_test(test_error_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
