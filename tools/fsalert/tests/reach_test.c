// SPDX-License-Identifier: GPL-2.0-only
/* By which mounts file systems can be asked: tables, and the mount IDs of these. */
#include <stdlib.h>
#include <string.h>

#include "reach.h"
#include "test.h"

#define ROOT		"20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
#define DATA		"30 20 8:2 / /data rw - ext4 /dev/sda2 rw\n"

static const struct {
	const char *what;
	const char *table;
	const char *first;
} cases[] = {
	{ "all are seen", ROOT DATA, "20 30 " },
	{ "the first of a file system", ROOT DATA
	  "31 20 8:2 /a /bind rw - ext4 /dev/sda2 rw\n", "20 30 " },
	{ "another over it", ROOT DATA
	  "31 30 0:31 / /data rw - tmpfs t rw\n", "20 31 " },
	{ "another over a directory on the way", ROOT
	  "30 20 8:2 / /mnt/data rw - ext4 /dev/sda2 rw\n"
	  "31 20 0:31 / /mnt rw - tmpfs t rw\n", "20 31 " },
	{ "a name that only begins alike", ROOT
	  "30 20 8:2 / /mnt2/data rw - ext4 /dev/sda2 rw\n"
	  "31 20 0:31 / /mnt rw - tmpfs t rw\n", "20 30 31 " },
	{ "below a covered mount", ROOT DATA
	  "31 30 8:3 / /data/sub rw - ext4 /dev/sda3 rw\n"
	  "32 30 0:32 / /data rw - tmpfs t rw\n", "20 32 " },
	{ "below the mount that covers", ROOT DATA
	  "31 30 0:31 / /data rw - tmpfs t rw\n"
	  "32 31 8:3 / /data/sub rw - ext4 /dev/sda3 rw\n",
	  "20 31 32 " },
	{ "by another mount", ROOT DATA
	  "31 20 8:2 /a /bind rw - ext4 /dev/sda2 rw\n"
	  "32 30 0:32 / /data rw - tmpfs t rw\n", "20 31 32 " },
	{ "another root over all", ROOT DATA
	  "31 20 0:31 / / rw - tmpfs t rw\n", "31 " },
	{ "a root that is on itself",
	  "20 20 8:1 / / rw - ext4 /dev/sda1 rw\n" DATA, "20 30 " },
	{ "no mount above", DATA, "30 " },
	{ "another root over all, and no mount above", DATA
	  "31 20 0:31 / / rw - tmpfs t rw\n", "31 " },
	{ "mounts in a circle", "20 30 8:1 / /a rw - ext4 /dev/sda1 rw\n"
	  "30 20 8:2 / /a/b rw - ext4 /dev/sda2 rw\n", "20 30 " },
	{ "nothing", "\n", "" },
};

static char *list(struct libmnt_fs **first)
{
	FILE *out;
	size_t i, size;
	char *text;

	out = open_memstream(&text, &size);
	assert_non_null(out);
	for (i = 0; first[i]; i++)
		fprintf(out, "%d ", mnt_fs_get_id(first[i]));
	fclose(out);
	return text;
}

TEST(test_tables)
{
	struct libmnt_table *mounts;
	struct libmnt_fs **first;
	FILE *file;
	char *text;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		print_message("# %s\n", cases[i].what);
		mounts = mnt_new_table();
		file = fmemopen((void *)cases[i].table,
				strlen(cases[i].table), "r");
		assert_non_null(file);
		assert_int_equal(mnt_table_parse_stream(mounts, file,
							"mountinfo"), 0);
		fclose(file);
		first = reach_first(mounts);
		text = list(first);
		assert_string_equal(text, cases[i].first);
		free(text);
		free(first);
		mnt_unref_table(mounts);
	}
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
