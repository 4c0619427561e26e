// SPDX-License-Identifier: GPL-2.0-only
/* Lines: their form, numbers and losses. */
#include <stdlib.h>
#include <string.h>

#include "sample.h"

static const struct record error_record = {
	.id = FS_ERR_CORRUPTED,
	.count = 3,
	.time_ns = 1795341127104332999ULL,
	.has_error = true,
	.error = 117,
	.ino = 12,
};

static void replace(char **string, const char *with)
{
	free(*string);
	*string = strdup(with);
	assert_non_null(*string);
}

TEST(form)
{
	struct watch *w = sample_watch(34);
	const struct record level = {
		.id = FS_THR_LRBELOW,
		.count = 1,
		.time_ns = 1000000001000ULL,
		.level_nr = 1,
		.trigger = 710000,
		.gauge = { .avail = 698112, .total = 2621440, .frsize = 4096 },
	};
	const struct record end = {
		.id = FS_INFO_CLEARED,
		.of = FS_THR_BELOW,
		.count = 1,
		.last = true,
	};

	w->id = 3;
	output_event(&output, w, &level);
	assert_string_equal(sample_line(),
			    "seq=1 time=1000.000001 event=thr_lrbelow dev=0:34 mount=/b\\040c fstype=btrfs source=/dev/sdd avail=698112 level=710000 level_nr=1 total=2621440 frsize=4096 pid=0 count=1 entry=3 fsid=0000002200000011");
	w->has_uuid = true;
	memcpy(w->uuid, "0123456789abcdef", 16);
	output_event(&output, w, &error_record);
	assert_string_equal(sample_line(),
			    "seq=2 time=1795341127.104332 event=corrupted dev=0:34 mount=/b\\040c fstype=btrfs source=/dev/sdd errno=117 ino=12 pid=0 count=3 entry=3 fsid=0000002200000011 uuid=30313233-3435-3637-3839-616263646566");
	output_event(&output, w, &end);
	assert_line(" uuid=", " last=1 of=thr_below");
	sample_end();
}

/* A line is at most 8 KiB; a path that does not fit is cut, and says so. */
TEST(cut)
{
	struct watch *w = sample_watch(20);
	char *path = malloc(5001);
	const char *line;

	memset(path, '\n', 5000);
	path[5000] = '\0';
	replace(&w->mount, path);
	output_event(&output, w, &error_record);
	line = sample_line();
	assert_in_range(strlen(line), LINE_MAX_SIZE - 400, LINE_MAX_SIZE - 1);
	assert_non_null(strstr(line, "\\012\\ fstype=ext4 source=/dev/sda1 errno=117"));
	/* and so is a source, which leaves half of the line to the path */
	replace(&w->source, path);
	output_event(&output, w, &error_record);
	line = sample_line();
	assert_in_range(strlen(line), LINE_MAX_SIZE - 400, LINE_MAX_SIZE - 1);
	assert_non_null(strstr(line, "\\012\\ errno=117"));
	free(path);
	sample_end();
}

TEST(lost)
{
	struct watch *w = sample_watch(20);
	unsigned int i;

	for (i = 0; i < OUTPUT_EVENTS + 7; i++)
		output_event(&output, w, &error_record);
	text_add(&output.reply, "accepted\n");
	assert_string_equal(sample_line(), "accepted");
	assert_string_equal(sample_line(), "lost=7");
	assert_line("seq=8 ");
	assert_line("seq=9 ");
	for (i = 10; i <= OUTPUT_EVENTS + 7; i++)
		assert_line("seq=");
	assert_no_line();
	assert_false(output_pending(&output));
	output_event(&output, w, &error_record);
	assert_line("seq=1032 ");
	sample_end();
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(form),
		cmocka_unit_test(cut),
		cmocka_unit_test(lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
