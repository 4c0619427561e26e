// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events and watches as JSON.
 */
#include <errno.h>

#include "format.h"
#include "sample.h"
#include "test.h"

/*
 * The object must have these members, in this order. In them ' stands for ",
 * for the sake of those who read them.
 */
static void expect_members(const char *text, const char * const members[])
{
	char *expected, *c;
	const char *sep = "{";
	size_t len;
	FILE *out = open_memstream(&expected, &len);

	for (; *members; members++) {
		fprintf(out, "%s%s", sep, *members);
		sep = ",";
	}
	fputs("}\n", out);
	fclose(out);
	for (c = expected; *c; c++) {
		if (*c == '\'')
			*c = '"';
	}
	assert_string_equal(text, expected);
	free(expected);
}

static void expect(const struct fsevents_event *ev, uint64_t lost,
		   const char * const members[])
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	json_event(out, ev, lost);
	fclose(out);
	expect_members(text, members);
	free(text);
}

TEST(test_space)
{
	struct fsevents_event ev = sample_space(FS_THR_LRBELOW);
	static const char * const members[] = {
		"'seq':7", "'time':1795341127104332000",
		"'event':'thr_lrbelow'", "'event_id':3", "'dev':'7:0'",
		"'mount':'/srv'", "'fstype':'ext4'", "'source':'/dev/loop0'",
		"'avail':698112", "'level':710000", "'level_nr':1",
		"'total':2621440", "'frsize':4096", "'pid':0", "'count':1",
		"'entry':3", "'fsid':'000000000000beef'", NULL,
	};

	expect(&ev, 0, members);
}

TEST(test_error)
{
	struct fsevents_event ev = sample_error(FS_ERR_IO, EIO);
	static const char * const members[] = {
		"'lost':12", "'seq':7", "'time':1795341127104332000",
		"'event':'io_error'", "'event_id':14", "'dev':'7:0'",
		"'mount':'/srv'", "'fstype':'ext4'", "'source':'/dev/loop0'",
		"'pid':345", "'count':1", "'entry':3", "'errno':5",
		"'errno_name':'EIO'", "'ino':18446744073709551615",
		"'fsid':'000000000000beef'",
		"'uuid':'0f1f2f3f-4f5f-6f7f-8f9f-afbfcfdfefff'", NULL,
	};
	unsigned int i;

	ev.has |= BIT(FS_NL_A_INO) | BIT(FS_NL_A_UUID);
	ev.ino = UINT64_MAX;
	ev.pid = 345;
	for (i = 0; i < FSEVENTS_UUID_LEN; i++)
		ev.uuid[i] = 0x10 * i + 0xf;
	expect(&ev, 12, members);
}

TEST(test_unknown)
{
	struct fsevents_event ev = {
		.has = BIT(FS_NL_A_EVENT_ID) | BIT(FS_NL_A_ERRNO),
		.event_id = FS_EVENT_PRIVATE,
		.error = 4095,
	};
	static const char * const members[] = {
		"'event':null", "'event_id':65536", "'errno':4095", NULL,
	};

	expect(&ev, 0, members);
}

TEST(test_hostile)
{
	struct fsevents_event ev = {
		.has = BIT(FS_NL_A_EVENT_ID) | BIT(FS_NL_A_MOUNT),
		.event_id = FS_INFO_UNMOUNT,
		.mount = "/\"b\xc3\xbc\\\n\x1b\xff",
	};
	static const char * const members[] = {
		"'event':'unmount'", "'event_id':13",
		"'mount':'/\\'b\xc3\xbc\\\\134\\n\\u001b\\\\377'", NULL,
	};

	expect(&ev, 0, members);
}

static void expect_news(const struct fsevents_news *news,
			const char * const members[])
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	json_resync(out, news);
	fclose(out);
	expect_members(text, members);
	free(text);
}

TEST(test_resync)
{
	struct fsevents_level levels[3];
	struct fsevents_entry entry = sample_entry(levels);
	struct fsevents_news news = { .type = FSEVENTS_RESYNCED, .seq = 4711 };
	static const char * const resync[] = { "'resync':4711", NULL };
	static const char * const changed[] = {
		"'state':'changed'", "'entry':3", "'dev':'7:0'",
		"'mount':'/srv'", "'fstype':'ext4'", "'source':'/dev/loop0'",
		"'space':[{'level_nr':1,'below':false},{'level_nr':2,'below':true}]",
		"'inodes':[{'level_nr':1,'below':true}]",
		"'lasting':['remount_ro','shutdown']", "'avail':698112",
		"'total':2621440", "'frsize':4096", NULL,
	};
	static const char * const new[] = {
		"'state':'new'", "'entry':3", "'dev':'7:0'", "'mount':'/srv'",
		"'fstype':'ext4'", "'source':'/dev/loop0'", "'lasting':[]",
		"'inodes_free':12", "'inodes_total':65536", NULL,
	};
	static const char * const gone[] = {
		"'state':'gone'", "'entry':3", "'dev':'7:0'", "'mount':'/srv'",
		"'fstype':'ext4'", "'source':'/dev/loop0'", NULL,
	};

	expect_news(&news, resync);
	news.type = FSEVENTS_ENTRY;
	news.resync = true;
	news.entry = &entry;
	news.before = &entry;
	entry.lasting = 1 << FS_ERR_SHUTDOWN | 1 << FS_ERR_REMOUNT_RO;
	expect_news(&news, changed);
	entry.lasting = 0;
	entry.nr_levels = 0;
	entry.has = BIT(FS_NL_ENTRY_A_INODES_FREE) | BIT(FS_NL_ENTRY_A_INODES);
	news.before = NULL;
	expect_news(&news, new);
	news.before = &entry;
	news.entry = NULL;
	expect_news(&news, gone);
}

static void expect_watch(char *types, const char *member1,
			 const char *member2, const char *member3)
{
	struct watch watch = { "/srv", "ext4", "/dev/loop0", types, NULL };
	const char * const members[] = {
		"'mount':'/srv'", "'fstype':'ext4'", "'source':'/dev/loop0'",
		member1, member2, member3, NULL,
	};
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	json_watch(out, &watch);
	fclose(out);
	expect_members(text, members);
	free(text);
}

TEST(test_watch)
{
	static const char all[] =
		"'events':['enospc','enospc_meta','remount_ro','corrupted','io_error','shutdown']";

	expect_watch("G", all, NULL, NULL);
	expect_watch("G,T 710000 500000", all, "'space':['710000','500000']",
		     NULL);
	expect_watch("G:enospc,corrupted,T 10%:20% 5G,I 100",
		     "'events':['enospc','corrupted']",
		     "'space':['10%:20%','5G']", "'inodes':['100']");
	expect_watch("", NULL, NULL, NULL);
	/* A type of a newer kernel. */
	expect_watch("X 1,T 5%", "'space':['5%']", NULL, NULL);
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_space),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_resync),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
