// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * From lines to events.
 */
#include <errno.h>

#include "array.h"
#include "line.h"
#include "test.h"

static uint64_t number(const struct fsalert_event *ev, enum fsalert_key key)
{
	uint64_t value = 4711;

	assert_int_equal(fsalert_u64(ev, key, &value), 0);
	return value;
}

/* On the heap: reading beyond it is seen. */
static bool decode(struct fsalert_event *ev, const char *text, char **line)
{
	*line = strdup(text);
	return fsa_line_kind(*line) == FSA_LINE_EVENT &&
	       fsa_line_event(ev, *line);
}

#define WHAT	"seq=7 time=1795341127.104332 event=thr_lrbelow dev=7:0"
#define WHERE	" mount=/srv\\040x\\134y fstype=ext4 source=/dev/loop0"
#define FIGURES	" avail=698112 level=710000 level_nr=1 total=2621440 frsize=4096"
#define IDS	" pid=0 count=1 entry=3 fsid=00000000deadbeef uuid=" UUID
#define UUID	"00010203-0405-0607-0809-0a0b0c0d0eff"

TEST(test_level)
{
	struct fsalert_event ev;
	char *line;

	assert_true(decode(&ev, WHAT WHERE FIGURES IDS " future=1", &line));
	assert_int_equal(fsalert_type(&ev), FSALERT_BELOW);
	assert_string_equal(fsalert_str(&ev, FSALERT_KEY_NAME), "thr_lrbelow");
	assert_int_equal(number(&ev, FSALERT_KEY_SEQ), 7);
	assert_int_equal(number(&ev, FSALERT_KEY_TIME), 1795341127104332000);
	assert_int_equal(number(&ev, FSALERT_KEY_DEV_MAJOR), 7);
	assert_int_equal(number(&ev, FSALERT_KEY_DEV_MINOR), 0);
	assert_string_equal(fsalert_str(&ev, FSALERT_KEY_MOUNT), "/srv x\\y");
	assert_string_equal(fsalert_str(&ev, FSALERT_KEY_FSTYPE), "ext4");
	assert_string_equal(fsalert_str(&ev, FSALERT_KEY_SOURCE), "/dev/loop0");
	assert_int_equal(number(&ev, FSALERT_KEY_AVAIL), 698112);
	assert_int_equal(number(&ev, FSALERT_KEY_LEVEL), 710000);
	assert_int_equal(number(&ev, FSALERT_KEY_LEVEL_NR), 1);
	assert_int_equal(number(&ev, FSALERT_KEY_TOTAL), 2621440);
	assert_int_equal(number(&ev, FSALERT_KEY_FRSIZE), 4096);
	assert_int_equal(number(&ev, FSALERT_KEY_PID), 0);
	assert_int_equal(number(&ev, FSALERT_KEY_COUNT), 1);
	assert_int_equal(number(&ev, FSALERT_KEY_ENTRY), 3);
	assert_int_equal(number(&ev, FSALERT_KEY_FSID), 0xdeadbeef);
	assert_string_equal(fsalert_str(&ev, FSALERT_KEY_UUID), UUID);
	free(line);
}

TEST(test_others)
{
	struct fsalert_event ev;
	char *line;

	assert_true(decode(&ev, "lost=12", &line));
	assert_int_equal(fsalert_type(&ev), FSALERT_LOST);
	assert_int_equal(number(&ev, FSALERT_KEY_COUNT), 12);
	free(line);

	assert_true(decode(&ev, "seq=1 event=unmount errno=18 last=1", &line));
	assert_int_equal(fsalert_type(&ev), FSALERT_UNMOUNT);
	assert_int_equal(number(&ev, FSALERT_KEY_ERRNO), EXDEV);
	assert_int_equal(number(&ev, FSALERT_KEY_LAST), 1);
	free(line);

	assert_true(decode(&ev, "seq=1 event=cleared of=remount_ro", &line));
	assert_int_equal(fsalert_type(&ev), FSALERT_CLEARED);
	assert_int_equal(number(&ev, FSALERT_KEY_OF), FSALERT_REMOUNT_RO);
	assert_string_equal(fsalert_str(&ev, FSALERT_KEY_OF), "remount_ro");
	free(line);
}

/* A newer kernel: its name is all that is known. */
TEST(test_unknown)
{
	struct fsalert_event ev;
	char *line;

	assert_true(decode(&ev, "event=melted mount=/srv of=frozen", &line));
	assert_int_equal(fsalert_type(&ev), FSALERT_UNKNOWN);
	assert_string_equal(fsalert_str(&ev, FSALERT_KEY_NAME), "melted");
	assert_string_equal(fsalert_str(&ev, FSALERT_KEY_OF), "frozen");
	assert_int_equal(number(&ev, FSALERT_KEY_OF), FSALERT_UNKNOWN);
	free(line);
}

#define WRONG	"event=enospc seq=x time=1.x dev=7 avail=-1 level= pid " \
		"count=18446744073709551616 fsid=xyz  ="

TEST(test_wrong_values)
{
	static const enum fsalert_key keys[] = {
		FSALERT_KEY_SEQ, FSALERT_KEY_TIME, FSALERT_KEY_DEV_MAJOR,
		FSALERT_KEY_AVAIL, FSALERT_KEY_LEVEL, FSALERT_KEY_PID,
		FSALERT_KEY_COUNT, FSALERT_KEY_FSID,
	};
	struct fsalert_event ev;
	uint64_t value;
	char *line;
	size_t i;

	assert_true(decode(&ev, WRONG, &line));
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		assert_int_equal(fsalert_u64(&ev, keys[i], &value), -ENODATA);
	free(line);
}

TEST(test_no_events)
{
	struct fsalert_event ev;
	char *line;

	assert_false(decode(&ev, "", &line));
	free(line);
	assert_false(decode(&ev, "seq=1 mount=/srv", &line));
	free(line);
	assert_int_equal(fsa_line_kind("refused errno=22"), FSA_LINE_REFUSED);
	assert_int_equal(fsa_line_kind("accepted"), FSA_LINE_ACCEPTED);
	assert_int_equal(fsa_line_kind("acceptedly"), FSA_LINE_OTHER);
	assert_int_equal(fsa_line_kind("capabilities source=poll"),
			 FSA_LINE_CAPABILITIES);
}

TEST(test_refusal)
{
	struct fsa_refusal refusal;
	char line[] = "refused errno=34 at=11 why=not\\040smaller";
	char little[] = "refused errno=0";

	fsa_line_refusal(&refusal, line);
	assert_int_equal(refusal.error, ERANGE);
	assert_int_equal(refusal.at, 11);
	assert_string_equal(refusal.why, "not smaller");
	fsa_line_refusal(&refusal, little);
	assert_int_equal(refusal.error, EINVAL);
	assert_string_equal(refusal.why, "");
}

TEST(test_unescape)
{
	char text[] = "\\040a\\4\\134\\0404\\303\\274\\000\\400\\";

	fsa_unescape(text);
	assert_string_equal(text, " a\\4\\ 4\303\274\\000\\400\\");
}

/* Whatever the text, nothing is read beyond it. */
TEST(test_random)
{
	static const char * const parts[] = {
		"seq=", "event=", "thr_below", "lost=", " ", "=", "time=", ".",
		"dev=", ":", "mount=", "\\04", "0", "9", "of=", "cleared",
		"refused", "why=", "errno=", "at=", "18446744073709551615",
		"\377", "uuid=", "fsid=", "f", "-", "capabilities ",
	};
	struct fsa_refusal refusal;
	struct fsalert_event ev;
	unsigned int i, n;
	char text[600], *line;

	srand(1);
	for (i = 0; i < 200000; i++) {
		text[0] = '\0';
		for (n = rand() % 24; n; n--)
			strcat(text, parts[rand() % ARRAY_SIZE(parts)]);
		line = strdup(text);
		fsa_line_kind(line);
		if (i % 2)
			fsa_line_event(&ev, line);
		else
			fsa_line_refusal(&refusal, line);
		free(line);
	}
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_level),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_wrong_values),
		cmocka_unit_test(test_no_events),
		cmocka_unit_test(test_refusal),
		cmocka_unit_test(test_unescape),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
