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
static void expect(const struct fsevent *ev, const char *name,
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
	struct fsevent ev = sample_space(FS_THR_LRBELOW);

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
	struct fsevent ev = sample(FS_INO_BELOW);

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
	struct fsevent ev = sample_error(FS_ERR_IO, EIO);

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
	struct fsevent ev = sample_error(FS_INFO_UNMOUNT, 0);

	expect(&ev, "unmount", SRV, "the file system was unmounted");
	ev.error = EXDEV;
	expect(&ev, "unmount", SRV,
	       "this mount went away, not the file system, EXDEV");
}

TEST(test_hostile)
{
	struct fsevent ev = sample(FS_ERR_SHUTDOWN);

	ev.mount = "/a b\x1b[2J\n\xff";
	ev.source = "\\";
	expect(&ev, "shutdown",
	       "/a\\040b\\033[2J\\012\\377 (ext4 \\134 7:0)",
	       "the file system shut itself down");
}

TEST(test_unknown)
{
	struct fsevent ev = {
		.has = BIT(FS_NL_A_EVENT_ID) | BIT(FS_NL_A_DEV_MAJOR) |
		       BIT(FS_NL_A_DEV_MINOR),
		.event_id = FS_EVENT_PRIVATE,
		.dev_major = 8,
		.dev_minor = 1,
	};

	expect(&ev, "event 65536", "(8:1)",
	       "an event that this program does not know");
	ev.event_id = 16;
	expect(&ev, "event 16", "(8:1)",
	       "an event that this program does not know");
}

/* Every event has words of its own. */
TEST(test_words)
{
	struct fsevent ev;
	unsigned int id;
	char *text;
	size_t len;
	FILE *out;

	for (id = FS_WARN_ENOSPC; id <= FS_ERR_SHUTDOWN; id++) {
		ev = sample_space(id);
		out = open_memstream(&text, &len);
		format_event(out, &ev);
		fclose(out);
		assert_null(strstr(text, "does not know"));
		assert_non_null(strstr(text, fsevent_name(id)));
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
	};

	return cmocka_run_group_tests(tests, use_utc, NULL);
}
