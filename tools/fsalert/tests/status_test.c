// SPDX-License-Identifier: GPL-2.0-only
/*
 * What status asks for when there are many mounts: each of the kernel's watches and
 * the mount table once, not once for each file system. Calls are counted.
 */
#include <time.h>

#include <libmount.h>
#include <linux/fs_event.h>

#include "alarms.h"
#include "commands.h"
#include "entry.h"
#include "figures.h"
#include "request.h"
#include "test.h"

#define MANY		1000

/* How often may the mount table be walked? */
#define WALKS_MAX	10

#define SHUT_DOWN	"\"state\":\"critical\",\"mount\":\"/mnt/7\"," \
			"\"fstype\":\"tmpfs\",\"source\":\"t\"," \
			"\"problems\":[\"shutdown lasts\"]"

static char *table;
static struct {
	unsigned int lists;
	unsigned int lines;
	unsigned int tables;
	unsigned int pauses;
} calls;

/* The linker has the command call these; __real_mnt_table_next_fs() is libmount's. */
typeof(mnt_table_next_fs) __real_mnt_table_next_fs;

int __wrap_mnt_table_next_fs(struct libmnt_table *tb, struct libmnt_iter *iter,
			     struct libmnt_fs **fs)
{
	calls.lines++;
	return __real_mnt_table_next_fs(tb, iter, fs);
}

struct libmnt_table *__wrap_mnt_new_table_from_file(const char *path)
{
	struct libmnt_table *tb = mnt_new_table();
	FILE *file = fmemopen(table, strlen(table), "r");

	assert_string_equal(path, "/proc/self/mountinfo");
	assert_int_equal(mnt_table_parse_stream(tb, file, path), 0);
	fclose(file);
	calls.tables++;
	return tb;
}

int __wrap_nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)time;
	(void)left;
	calls.pauses++;
	return 0;
}

int __wrap_figures_get(const char *path, bool may_hang, struct statvfs *st)
{
	(void)path;
	(void)may_hang;
	*st = (struct statvfs){
		.f_frsize = 4096, .f_blocks = 100, .f_bavail = 50,
	};
	return 0;
}

int __wrap_find_mount(const char *path, unsigned int ms, char **mount)
{
	(void)ms;
	*mount = strdup(path);
	return 0;
}

/* fsalertd does not run. */
struct json_object *__wrap_alarms_read(void)
{
	return NULL;
}

/* A failure of 0:7 lasts; one of 0:8 does not. */
int __wrap_fsalert_list(int (*fn)(const struct fsalert_entry *entry, void *data),
			void *data)
{
	struct fsalert_entry entry = {
		.has = BIT64(FS_NL_ENTRY_A_DEV_MAJOR) |
		       BIT64(FS_NL_ENTRY_A_DEV_MINOR),
	};

	calls.lists++;
	entry.dev_minor = 8;
	assert_int_equal(fn(&entry, data), 0);
	entry.dev_minor = 7;
	entry.lasting = BIT64(FS_ERR_SHUTDOWN);
	return fn(&entry, data);
}

/* Mounts below /mnt, each of a file system of its own. */
static void write_table(unsigned int nr, unsigned int major, const char *fstype,
			const char *super)
{
	unsigned int i;
	size_t size;
	FILE *file;

	free(table);
	file = open_memstream(&table, &size);
	assert_non_null(file);
	fprintf(file, "2 1 0:1 / / rw - tmpfs root rw\n");
	for (i = 2; i < nr + 2; i++)
		fprintf(file, "%u 2 %u:%u / /mnt/%u rw - %s t %s\n", i + 1,
			major, i, i, fstype, super);
	fclose(file);
}

static enum health run(char **args, char **text)
{
	const struct options options = { .json = true, .args = args };
	FILE *before = stdout;
	size_t size;
	enum health result;

	memset(&calls, 0, sizeof(calls));
	stdout = open_memstream(text, &size);
	assert_non_null(stdout);
	result = command_status(&options);
	fclose(stdout);
	stdout = before;
	print_message("# %u dumps, %u tables, %u lines, %u pauses\n",
		      calls.lists, calls.tables, calls.lines, calls.pauses);
	return result;
}

static unsigned int count(const char *text, const char *part)
{
	unsigned int nr = 0;

	for (; (text = strstr(text, part)); text++)
		nr++;
	return nr;
}

TEST(test_many)
{
	char *args[1] = { NULL };
	char *text;

	write_table(MANY, 0, "tmpfs", "rw");
	assert_int_equal(run(args, &text), STATE_CRITICAL);
	assert_int_equal(count(text, "\"state\":\"ok\""), MANY);
	assert_int_equal(count(text, SHUT_DOWN), 1);
	free(text);
	assert_int_equal(calls.lists, 1);
	assert_int_equal(calls.tables, 1);
	assert_in_range(calls.lines, MANY, WALKS_MAX * MANY);
}

/* Two paths of one file system have the same problem. */
TEST(test_named)
{
	char *args[5] = { "/mnt/7", "/mnt/8", "/mnt/7", "/", NULL };
	char *text;

	write_table(MANY, 0, "tmpfs", "rw");
	assert_int_equal(run(args, &text), STATE_CRITICAL);
	assert_int_equal(count(text, "\"state\":\"ok\""), 2);
	assert_int_equal(count(text, SHUT_DOWN), 2);
	free(text);
	assert_int_equal(calls.lists, 1);
	assert_int_equal(calls.tables, 1);
}

/* A pause and another look at the table are for all of them. */
TEST(test_read_only)
{
	char *args[1] = { NULL };
	char *text;

	write_table(20, 259, "ext4", "ro");
	assert_int_equal(run(args, &text), STATE_CRITICAL);
	assert_int_equal(count(text, "stopped accepting writes"), 20);
	free(text);
	assert_int_equal(calls.pauses, 1);
	assert_int_equal(calls.tables, 2);
	write_table(MANY, 259, "ext4", "rw");
	run(args, &text);
	assert_int_equal(count(text, "stopped accepting writes"), 0);
	free(text);
	assert_int_equal(calls.tables, 1);
	assert_in_range(calls.lines, MANY, WALKS_MAX * MANY);
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_named),
		cmocka_unit_test(test_read_only),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	free(table);
	return failed;
}
