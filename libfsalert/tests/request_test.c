// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Requests: paths, why they were refused, and those that are given again.
 */
#include <errno.h>

#include "config.h"
#include "journal.h"
#include "test.h"

#define ENTRY(text, shown, caret)	\
	"[   12.345678] " text "\n  " shown "\n" caret "\n"

static const char *find(const char *log, const char *request, size_t *at)
{
	static char copy[1024];

	snprintf(copy, sizeof(copy), "%s", log);
	return fsa_log_find(copy, request, at);
}

TEST(test_log)
{
	size_t at = 99;

	assert_null(find("", "/srv X", &at));
	assert_null(find("[ cut", "/srv X", &at));
	assert_string_equal(find(ENTRY("EINVAL: unknown type: X", "/srv X",
				       "       ^"), "/srv X", &at),
			    "unknown type: X");
	assert_int_equal(at, 5);
	/* One request of many. */
	assert_non_null(find(ENTRY("EINVAL: no", "/srv X", "       ^"),
			     "/a G; /srv X", &at));
	assert_int_equal(at, 11);
	/* A part of a long one. */
	assert_non_null(find(ENTRY("EINVAL: no", "...10% 20%...", "         ^"),
			     "/srv T 10% 20% 5%", &at));
	assert_int_equal(at, 11);
	/* Two bytes, one column. */
	assert_non_null(find(ENTRY("EINVAL: no", "/\303\274 X", "     ^"),
			     "/\303\274 X", &at));
	assert_int_equal(at, 4);
}

/* The newest entry is another writer's. */
TEST(test_log_of_others)
{
	size_t at = 99;

	assert_string_equal(find(ENTRY("ERANGE: mine", "/srv T 1 2",
				       "           ^")
				 ENTRY("EINVAL: not mine", "/other X",
				       "         ^"), "/srv T 1 2", &at),
			    "mine");
	assert_int_equal(at, 9);
	assert_null(find(ENTRY("EINVAL: not mine", "/other X", "         ^"),
			 "/srv T 1 2", &at));
}

static void expect(const struct fsa_journal *j, const char *requests)
{
	char text[256] = "";
	size_t i;

	for (i = 0; i < j->nr; i++) {
		strcat(text, i ? "|" : "");
		strcat(text, j->requests[i].text);
	}
	assert_string_equal(text, requests);
}

TEST(test_journal)
{
	struct fsa_journal j = {};
	unsigned int error = 0;

	fsa_journal_add(&j, "/a T 1");
	fsa_journal_add(&j, "/ab T 1");
	fsa_journal_add(&j, "/a I 2");
	fsa_journal_add(&j, "/a T 1");
	expect(&j, "/ab T 1|/a I 2|/a T 1");
	fsa_journal_add(&j, "!/a T");
	expect(&j, "/ab T 1|/a I 2");
	fsa_journal_add(&j, "!/a");
	expect(&j, "/ab T 1");
	/* About more than one watch, or type. */
	fsa_journal_add(&j, "/c T 1\n/a G:enospc T 3% 2 I 10:12;;");
	expect(&j, "/ab T 1|/c T 1|/a G:enospc|/a T 3% 2|/a I 10:12");
	fsa_journal_add(&j, "!/c; /a\tG I 7;!#3");
	expect(&j, "/ab T 1|/a T 3% 2|/a G|/a I 7");
	fsa_journal_add(&j, "!/a G I");
	expect(&j, "/ab T 1|/a T 3% 2");
	assert_null(fsa_journal_take(&j, &error));
	fsa_journal_refuse(&j, 0, 0);
	fsa_journal_refuse(&j, 1, ENOENT);
	fsa_journal_refuse(&j, 2, EINVAL);
	assert_string_equal(fsa_journal_take(&j, &error), "/a T 3% 2");
	assert_int_equal(error, ENOENT);
	assert_null(fsa_journal_take(&j, &error));
	expect(&j, "/ab T 1");
	/* What was made anew meanwhile was not removed. */
	fsa_journal_refuse(&j, 0, ENOENT);
	fsa_journal_add(&j, "/ab T 1");
	assert_null(fsa_journal_take(&j, &error));
	fsa_journal_add(&j, "\n");
	expect(&j, "");
	fsa_journal_clear(&j);
}

/* It doesn't grow with the number of changes. */
TEST(test_journal_of_a_long_life)
{
	struct fsa_journal j = {};
	char request[32];
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		snprintf(request, sizeof(request), "/srv/%u T 1", i);
		fsa_journal_add(&j, request);
		snprintf(request, sizeof(request), "!/srv/%u", i);
		fsa_journal_add(&j, request);
		/* The level of /a changes, the level of /b is set and removed. */
		snprintf(request, sizeof(request), "/a T %u; /b I %u", i, i);
		fsa_journal_add(&j, request);
		fsa_journal_add(&j, "!/b I");
	}
	expect(&j, "/a T 999");
	fsa_journal_clear(&j);
}

TEST(test_paths)
{
	char *mount, *escaped;

	assert_int_equal(fsalert_mount_of("/proc/self/status", &mount), 0);
	assert_string_equal(mount, "/proc");
	free(mount);
	assert_int_equal(fsalert_mount_of("/", &mount), 0);
	assert_string_equal(mount, "/");
	free(mount);
	assert_int_equal(fsalert_mount_of("/nonexistent", &mount), -ENOENT);
	assert_null(mount);
	escaped = fsalert_escape("/a b\t;\\\n\303\274");
	assert_string_equal(escaped, "/a\\040b\\011\\073\\134\\012\303\274");
	free(escaped);
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_log_of_others),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_journal_of_a_long_life),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
