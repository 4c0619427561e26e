// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events and watches as people read them.
 */
#include <errno.h>
#include <time.h>

#include "array.h"
#include "format.h"
#include "sample.h"
#include "test.h"

/* A line is the time, the event's name, where, and what. */
static void expect(const struct fsevents_event *ev, const char *name,
		   const char *where, const char *what)
{
	char *text, *expected;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	format_event(out, ev);
	fclose(out);
	assert_true(asprintf(&expected, "%s %-11s %s: %s\n",
			     ev->time_ns ? "09:52:07.104" : "00:00:00.000",
			     name, where, what) > 0);
	assert_string_equal(text, expected);
	free(expected);
	free(text);
}

#define SRV	"/srv (ext4 /dev/loop0 7:0)"

TEST(test_space)
{
	struct fsevents_event ev = sample_space(FS_THR_LRBELOW);

	ev.count = 3;
	expect(&ev, "thr_lrbelow", SRV,
	       "available space fell to 698112 blocks (2.7 GiB of 10.0 GiB), level 1: 710000 blocks  x3");

	ev = sample_space(FS_THR_ABOVE);
	ev.level_nr = 3;
	expect(&ev, "thr_above", SRV,
	       "available space rose to 698112 blocks (2.7 GiB of 10.0 GiB), level 3: 710000 blocks");
}

TEST(test_inodes)
{
	struct fsevents_event ev = sample(FS_INO_BELOW);

	ev.has |= SAMPLE_LEVEL;
	ev.avail = 12;
	ev.total = 65536;
	ev.level = 100;
	ev.level_nr = 2;
	expect(&ev, "ino_below", SRV,
	       "free inodes fell to 12 of 65536, level 2: 100");
	ev.event_id = FS_INO_ABOVE;
	expect(&ev, "ino_above", SRV,
	       "free inodes rose to 12 of 65536, level 2: 100");
}

TEST(test_errors)
{
	struct fsevents_event ev = sample_error(FS_ERR_IO, EIO);

	ev.has |= BIT(FS_NL_A_INO);
	ev.ino = 12;
	ev.pid = 345;
	ev.count = 2000;
	expect(&ev, "io_error", SRV,
	       "I/O error, EIO, inode 12, pid 345  x2000");

	ev = sample_error(FS_ERR_CORRUPTED, 4095);
	expect(&ev, "corrupted", SRV, "corruption was found, errno 4095");

	ev = sample_error(FS_WARN_ENOSPC, 0);
	expect(&ev, "enospc", SRV, "no space left for data");
}

TEST(test_unmount)
{
	struct fsevents_event ev = sample_error(FS_INFO_UNMOUNT, 0);

	expect(&ev, "unmount", SRV, "the file system was unmounted");
	ev.error = EXDEV;
	expect(&ev, "unmount", SRV,
	       "this mount went away, not the file system, EXDEV");
}

TEST(test_hostile)
{
	struct fsevents_event ev = sample(FS_ERR_SHUTDOWN);

	ev.mount = "/a b\x1b[2J\n\xff";
	ev.source = "\\";
	expect(&ev, "shutdown",
	       "/a\\040b\\033[2J\\012\\377 (ext4 \\134 7:0)",
	       "the file system shut itself down");
}

TEST(test_unknown)
{
	struct fsevents_event ev = {
		.has = BIT(FS_NL_A_EVENT_ID) | BIT(FS_NL_A_DEV_MAJOR) |
		       BIT(FS_NL_A_DEV_MINOR),
		.event_id = FS_EVENT_PRIVATE,
		.dev_major = 8,
		.dev_minor = 1,
	};

	expect(&ev, "event 65536", "(8:1)",
	       "an event that this program does not know");
	ev.event_id = FS_INFO_CLEARED + 1;
	expect(&ev, "event 17", "(8:1)",
	       "an event that this program does not know");
}

/* Every event has words of its own. */
TEST(test_words)
{
	struct fsevents_event ev;
	unsigned int id;
	char *text;
	size_t len;
	FILE *out;

	for (id = FS_WARN_ENOSPC; id <= FS_INFO_CLEARED; id++) {
		ev = sample_space(id);
		ev.of = FS_WARN_ENOSPC;
		out = open_memstream(&text, &len);
		format_event(out, &ev);
		fclose(out);
		assert_null(strstr(text, "does not know"));
		assert_non_null(strstr(text, fsevents_event_name(id)));
		free(text);
	}
}

TEST(test_watches)
{
	static const struct watch watches[] = {
		{ "/", "ext4", "/dev/sda1", "G", NULL },
		{ "/a b", "fuse.sshfs", "x", "T 10% 5%", NULL },
	};
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	format_watches(out, watches, 0);
	format_watches(out, watches, ARRAY_SIZE(watches));
	fclose(out);
	assert_string_equal(text,
			    "MOUNT  TYPE  SOURCE  WATCHED\n"
			    "MOUNT    TYPE        SOURCE     WATCHED\n"
			    "/        ext4        /dev/sda1  G\n"
			    "/a\\040b  fuse.sshfs  x          T 10% 5%\n");
	free(text);
}

static int use_utc(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	return 0;
}

/* What a resync tells of @before and @entry; each line is after the time. */
static void expect_resync(const struct fsevents_entry *before,
			  const struct fsevents_entry *entry,
			  const char *expected)
{
	const struct fsevents_news news = {
		.type = FSEVENTS_ENTRY,
		.resync = true,
		.before = before,
		.entry = entry,
	};
	char *text, *line, *rest, *said;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	format_resync(out, &news);
	fclose(out);
	out = open_memstream(&said, &len);
	for (rest = text; (line = strsep(&rest, "\n")) && *line;) {
		assert_memory_equal(line + 12, " resync      " SRV ": ",
				    strlen(" resync      " SRV ": "));
		fprintf(out, "%s\n", line + strlen("00:00:00.000 resync      "
						   SRV ": "));
	}
	fclose(out);
	assert_string_equal(said, expected);
	free(said);
	free(text);
}

TEST(test_resync)
{
	struct fsevents_level levels[3], changed[3];
	struct fsevents_entry before = sample_entry(levels);
	struct fsevents_entry entry = sample_entry(changed);

	changed[0].state = FS_NL_STATE_BELOW;
	changed[2].state = FS_NL_STATE_ABOVE;
	expect_resync(&before, &entry,
		      "space level 1 is below, 698112 blocks (2.7 GiB of 10.0 GiB) available\n"
		      "inode level 1 is above, 12 of 65536 available\n");
	entry.lasting = 1 << FS_ERR_SHUTDOWN | 1 << FS_ERR_REMOUNT_RO;
	before.lasting = 1 << FS_ERR_SHUTDOWN;
	entry.nr_levels = 2;
	expect_resync(&before, &entry,
		      "space level 1 is below, 698112 blocks (2.7 GiB of 10.0 GiB) available\n"
		      "remount_ro lasts\n");
	expect_resync(&entry, &before,
		      "space level 1 is above, 698112 blocks (2.7 GiB of 10.0 GiB) available\n"
		      "inode level 1 is below, 12 of 65536 available\n"
		      "remount_ro is over\n");
	expect_resync(NULL, &entry,
		      "watched now\n"
		      "space level 1 is below, 698112 blocks (2.7 GiB of 10.0 GiB) available\n"
		      "space level 2 is below, 698112 blocks (2.7 GiB of 10.0 GiB) available\n"
		      "remount_ro lasts\n"
		      "shutdown lasts\n");
	expect_resync(&entry, NULL, "not watched any more\n");
	expect_resync(&entry, &entry, "watched otherwise\n");
}

TEST(test_resync_begins)
{
	const struct fsevents_news news = {
		.type = FSEVENTS_RESYNCED,
		.seq = 4711,
	};
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	format_resync(out, &news);
	fclose(out);
	assert_string_equal(text + 12, " resync      read anew, as of seq 4711\n");
	free(text);
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_space),
		cmocka_unit_test(test_inodes),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_unmount),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_watches),
		cmocka_unit_test(test_resync),
		cmocka_unit_test(test_resync_begins),
	};

	return cmocka_run_group_tests(tests, use_utc, NULL);
}
