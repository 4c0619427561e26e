// SPDX-License-Identifier: GPL-2.0-only
/*
 * Valid requests and the resulting config.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "filesystem.h"
#include "harness.h"

#define M "/mnt/m"
#define N "/mnt/n"

/**
 * struct good - a valid write
 * @text: the text written
 * @m: types watched at M afterwards, NULL: none
 * @n: the same for N
 */
struct good {
	const char *text;
	const char *m;
	const char *n;
};

FIXTURE(requests)
{
	struct fse_fs m;
	struct fse_fs n;
};

FIXTURE_SETUP(requests)
{
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fs_make(&self->m, "tmpfs", "m", 64, ""));
	ASSERT_EQ(0, fse_fs_make(&self->n, "tmpfs", "n", 64, ""));
}

FIXTURE_TEARDOWN(requests)
{
	fse_config("\n");
	fse_fs_remove(&self->m);
	fse_fs_remove(&self->n);
}

static void lists(struct __test_metadata *_metadata, const char *text,
		  const char *mount, const char *types)
{
	const char *line = fse_listed(mount);
	char want[1024];

	if (types) {
		snprintf(want, sizeof(want), "%s" FSE_TMPFS "(%s)", mount,
			 types);
		EXPECT_STREQ(want, line ?: "") {
			TH_LOG("after: %.100s", text);
		}
	} else {
		EXPECT_STREQ("", line ?: "") {
			TH_LOG("after: %.100s", text);
		}
	}
}

/* Either each starts with an empty config, or each follows the previous one. */
static void all_good(struct __test_metadata *_metadata,
		     const struct good *good, size_t nr, bool clear)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (clear)
			EXPECT_EQ(0, fse_config("\n"));
		EXPECT_EQ(0, fse_config("%s", good[i].text)) {
			TH_LOG("%.100s: %s", good[i].text, fse_last_error());
		}
		lists(_metadata, good[i].text, M, good[i].m);
		lists(_metadata, good[i].text, N, good[i].n);
		EXPECT_EQ(!!good[i].m + !!good[i].n, fse_watches());
	}
}

TEST_F(requests, types)
{
	static const struct good good[] = {
		/* The classic request: both types, two levels. */
		{ M " G T 710 500", "G,T 710 500", NULL },
		{ M " G", "G", NULL },
		{ M " T 5", "T 5", NULL },
		{ M " I 5", "I 5", NULL },
		/* Types may come in any order. */
		{ M " T 710 500 G", "G,T 710 500", NULL },
		{ M " I 9 8 T 7 6 G", "G,T 7 6,I 9 8", NULL },
		{ M " T 7 I 7", "T 7,I 7", NULL },
		{ M " G I 7", "G,I 7", NULL },
		{ M " G:enospc", "G:enospc", NULL },
		{ M " G:shutdown,enospc T 3", "G:enospc,shutdown,T 3", NULL },
		{ M " G:corrupted,corrupted", "G:corrupted", NULL },
		{ M " G:enospc,enospc_meta,remount_ro,corrupted,io_error",
		  "G:enospc,enospc_meta,remount_ro,corrupted,io_error", NULL },
		{ M " G:shutdown,io_error,corrupted,remount_ro,enospc_meta,enospc",
		  "G", NULL },
	};

	all_good(_metadata, good, ARRAY_SIZE(good), true);
}

TEST_F(requests, amounts)
{
	static const struct good good[] = {
		{ M " T 0", "T 0", NULL },
		{ M " T 1T 1G 1M 5K 0", "T 1T 1G 1M 5K 0", NULL },
		{ M " T 90% 200 1%", "T 90% 200 1%", NULL },
		{ M " T 100% 0%", "T 100% 0%", NULL },
		{ M " I 50% 100 10", "I 50% 100 10", NULL },
		/* A suffix belongs to its number. */
		{ M " T 10 G", "G,T 10", NULL },
		{ M " T 10G", "T 10G", NULL },
		{ M " T 10G G", "G,T 10G", NULL },
		{ M " I 10 T 5", "T 5,I 10", NULL },
		{ M " T 10:20", "T 10:20", NULL },
		{ M " T 10:10", "T 10:10", NULL },
		{ M " T 10%:1G 5%:6% 7:80K 1", "T 10%:1G 5%:6% 7:80K 1", NULL },
		{ M " I 10:90% 5:7", "I 10:90% 5:7", NULL },
		{ M " T 18446744073709551615", "T 18446744073709551615", NULL },
		{ M " T 16777215T", "T 16777215T", NULL },
		{ M " T 17179869183G 5:18014398509481983K",
		  "T 17179869183G 5:18014398509481983K", NULL },
		{ M " T 007:00000000000000000000000000009", "T 7:9", NULL },
	};

	all_good(_metadata, good, ARRAY_SIZE(good), true);
}

TEST_F(requests, separators)
{
	static const struct good good[] = {
		{ M " G\n", "G", NULL },
		{ M " G;", "G", NULL },
		{ M " G;;\n ;\t\n", "G", NULL },
		{ ";\n; " M " G", "G", NULL },
		{ "  \t " M " \t G\t\tT  5 \t", "G,T 5", NULL },
		{ "\n\n" M " G\n\n" N " T 5\n", "G", "T 5" },
		{ M " G;" N " T 5", "G", "T 5" },
		{ M " G ; " N " T 5 ; ", "G", "T 5" },
		{ M " G;" N " I 9;" M " T 5", "G,T 5", "I 9" },
	};

	all_good(_metadata, good, ARRAY_SIZE(good), true);
}

/* Named types are replaced, others stay. */
TEST_F(requests, change_what_is_watched)
{
	static const struct good good[] = {
		{ M " G", "G", NULL },
		{ M " T 700 500", "G,T 700 500", NULL },
		{ N " I 5", "G,T 700 500", "I 5" },
		{ M " T 10%:20% 900 800 3", "G,T 10%:20% 900 800 3", "I 5" },
		/* Regression: a second level stayed, above the first. */
		{ M " T 100", "G,T 100", "I 5" },
		{ M " G:enospc,io_error", "G:enospc,io_error,T 100", "I 5" },
		{ M " G:shutdown", "G:shutdown,T 100", "I 5" },
		{ M " I 7 G", "G,T 100,I 7", "I 5" },
		{ "!" M " G", "T 100,I 7", "I 5" },
		{ "!" M " I", "T 100", "I 5" },
		{ M " G:corrupted", "G:corrupted,T 100", "I 5" },
		/* The last type, and so the watch. */
		{ "!" M " G T", NULL, "I 5" },
		{ M " T 9 8", "T 9 8", "I 5" },
		{ "!" M, NULL, "I 5" },
		{ "!" N " I", NULL, NULL },
	};

	all_good(_metadata, good, ARRAY_SIZE(good), false);
}

/* A write that names a mount several times: applied in order. */
TEST_F(requests, take_effect_in_order)
{
	static const struct good good[] = {
		{ M " T 7;" M " T 6 5", "T 6 5", NULL },
		{ M " T 6 5;" M " T 7", "T 7", NULL },
		{ M " G:enospc;" M " G", "G", NULL },
		{ M " G;" M " G:enospc;" M " T 1", "G:enospc,T 1", NULL },
		{ M " G;!" M, NULL, NULL },
		{ M " G T 5;!" M " G", "T 5", NULL },
		{ M " G T 5;!" M " G;!" M " T", NULL, NULL },
		{ M " G T 5;!" M ";" M " I 7", "I 7", NULL },
		{ M " T 5;" N " T 5;!" M ";" M " G;!" N " T", "G", NULL },
		{ M " T 5;!" M " T;" M " T 4;!" M " T;" M " T 3", "T 3", NULL },
	};

	all_good(_metadata, good, ARRAY_SIZE(good), true);
}

/* The same with an existing watch. */
TEST_F(requests, take_effect_in_order_on_a_watch)
{
	static const struct good good[] = {
		{ M " G T 9 I 9", "G,T 9,I 9", NULL },
		{ "!" M ";" M " T 5", "T 5", NULL },
		{ "!" M " T;" M " G", "G", NULL },
		{ "!" M " G;" M " G I 4", "G,I 4", NULL },
		{ M " T 3;!" M " G I", "T 3", NULL },
		{ M " T 2;" M " T 4 3;!" M " T;" M " T 2 1", "T 2 1", NULL },
		{ "!" M ";" M " G;!" M, NULL, NULL },
	};

	all_good(_metadata, good, ARRAY_SIZE(good), false);
}

TEST_F(requests, up_to_64_levels_of_each_type)
{
	char text[2048] = M " T", want[2048] = M FSE_TMPFS "(T";
	unsigned int i, type;

	for (type = 0; type < 2; type++) {
		for (i = 64; i; i--) {
			size_t t = strlen(text), w = strlen(want);

			snprintf(text + t, sizeof(text) - t, " %u:%u%%", i,
				 i + 36);
			snprintf(want + w, sizeof(want) - w, " %u:%u%%", i,
				 i + 36);
		}
		if (!type) {
			strcat(text, " I");
			strcat(want, ",I");
		}
	}
	strcat(want, ")\n");
	EXPECT_EQ(0, fse_config("%s", text));
	EXPECT_STREQ(want, fse_read("config"));
	strcat(text, " 0");
	EXPECT_EQ(-E2BIG, fse_config("%s", text));
	EXPECT_STREQ("0", fse_last_word());
	EXPECT_STREQ(want, fse_read("config"));
}

/* Type and device of other kinds of file systems. */
TEST_F(requests, lists_type_and_device)
{
	static const char * const types[] = { "ext4", "xfs", "btrfs" };
	static const unsigned int mib[] = { 16, 300, 128 };
	struct fse_fs fs;
	char line[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		ASSERT_EQ(0, fse_fs_make(&fs, types[i], "disk", mib[i], ""));
		EXPECT_EQ(0, fse_config("%s G T 10", fs.mount));
		snprintf(line, sizeof(line), "%s %s %s (G,T 10)", fs.mount,
			 types[i], fs.dev);
		EXPECT_STREQ(line, fse_listed(fs.mount) ?: "");
		fse_fs_remove(&fs);
	}
	EXPECT_EQ(0, fse_watches());
}

TEST_HARNESS_MAIN
