// SPDX-License-Identifier: GPL-2.0-only
/*
 * error_log: the last refused requests, each with a caret under the word at
 * fault, safe to print on a terminal.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "control.h"
#include "filesystem.h"
#include "harness.h"
#include "process.h"

#define L "/mnt/l"
/* Bytes of a request that are shown. */
#define WINDOW 128

FIXTURE(error_log)
{
	struct fse_fs fs;
};

FIXTURE_SETUP(error_log)
{
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fs_make(&self->fs, "tmpfs", "l", 8, ""));
	ASSERT_EQ(0, fse_put(FSE_DIR "/error_log", "\n"));
}

FIXTURE_TEARDOWN(error_log)
{
	fse_config("\n");
	fse_put(FSE_DIR "/error_log", "\n");
	fse_fs_remove(&self->fs);
}

static unsigned long long now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ull + ts.tv_nsec / 1000;
}

TEST_F(error_log, an_entry_has_time_errno_reason_request_and_caret)
{
	unsigned long long from = now_us(), us;
	const char *log, *text;
	char *end;

	ASSERT_EQ(-EINVAL, fse_config(L " G;  " L " G X 10  ;" L " T 5"));
	log = fse_read("error_log");
	ASSERT_EQ('[', log[0]);
	us = strtoull(log + 1, &end, 10) * 1000000;
	ASSERT_EQ('.', *end);
	us += strtoull(end + 1, &end, 10);
	EXPECT_LE(from, us);
	EXPECT_GE(now_us(), us);
	text = strchr(log, ']');
	ASSERT_NE(NULL, text);
	EXPECT_STREQ("] EINVAL: unknown type, expected G, T or I\n"
		     "  " L " G X 10\n"
		     "           ^\n", text);
}

TEST_F(error_log, keeps_the_last_eight)
{
	char *log;
	int i;

	for (i = 0; i < 20; i++)
		ASSERT_EQ(-EINVAL, fse_config(L " X%d.", i));
	log = fse_read("error_log");
	for (i = 12; i < 20; i++) {
		char text[32];

		snprintf(text, sizeof(text), "  " L " X%d.\n", i);
		log = strstr(log, text);
		ASSERT_NE(NULL, log) {
			TH_LOG("no X%d in its place: %s", i,
			       fse_read("error_log"));
		}
	}
	EXPECT_EQ(NULL, strstr(fse_read("error_log"), " X11."));
}

TEST_F(error_log, a_write_clears_it)
{
	ASSERT_EQ(-EINVAL, fse_config(L " X"));
	EXPECT_NE('\0', fse_read("error_log")[0]);
	EXPECT_EQ(0, fse_sh("echo > " FSE_DIR "/error_log"));
	EXPECT_STREQ("", fse_read("error_log"));
	/* Later refusals are logged again. */
	ASSERT_EQ(-EINVAL, fse_config(L " Y"));
	EXPECT_STREQ("Y", fse_last_word());
	EXPECT_EQ(NULL, strstr(fse_read("error_log"), L " X"));
}

TEST_F(error_log, refusals_are_counted)
{
	__u64 refused = fse_stat("refused");
	int i;

	for (i = 1; i <= 20; i++) {
		ASSERT_EQ(-EINVAL, fse_config(L " X"));
		EXPECT_EQ(refused + i, fse_stat("refused"));
	}
	ASSERT_EQ(0, fse_config(L " G"));
	ASSERT_EQ(-ENOENT, fse_config("!" L " T"));
	EXPECT_EQ(refused + 21, fse_stat("refused"));
}

TEST_F(error_log, a_good_write_leaves_it_alone)
{
	char before[4096];

	ASSERT_EQ(0, fse_config(L " G"));
	EXPECT_STREQ("", fse_read("error_log"));
	ASSERT_EQ(-EINVAL, fse_config(L " X"));
	snprintf(before, sizeof(before), "%s", fse_read("error_log"));
	ASSERT_EQ(0, fse_config(L " T 5"));
	ASSERT_EQ(0, fse_config(" "));
	EXPECT_STREQ(before, fse_read("error_log"));
}

/* No logged byte may control the reader's terminal. */
TEST_F(error_log, characters_stay_readable)
{
	static const struct {
		const char *written;
		const char *shown;
	} cases[] = {
		{ "M\303\274ller", "M\303\274ller" },
		{ "\346\227\245\360\237\222\276", "\346\227\245\360\237\222\276" },
		/* C1: a control character for some terminals. */
		{ "\302\233[2J", "\\302\\233[2J" },
		/* Reverses the direction of the text that follows. */
		{ "\342\200\256", "\\342\\200\\256" },
		{ "\342\201\246", "\\342\\201\\246" },
		/* Invalid UTF-8. */
		{ "\303", "\\303" },
		{ "\300\257", "\\300\\257" },
	};
	unsigned int i;
	char want[64];

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ASSERT_EQ(-EINVAL, fse_config(L " X%s", cases[i].written));
		snprintf(want, sizeof(want), "  " L " X%s\n", cases[i].shown);
		EXPECT_NE(NULL, strstr(fse_last_error(), want))
			TH_LOG("%s", fse_last_error());
	}
	/* The caret counts columns, one per character. */
	ASSERT_EQ(-EINVAL, fse_config("/M\303\274ller G X"));
	EXPECT_NE(NULL, strstr(fse_last_error(),
			       "  /M\303\274ller G X\n            ^\n"))
		TH_LOG("%s", fse_last_error());
}

TEST_F(error_log, bytes_that_do_not_print_are_escaped)
{
	const size_t head = strlen(L " X");
	unsigned int c;

	for (c = 0; c < 256; c++) {
		char text[32] = L " X.Y", want[32];
		const char *s;

		if (c == ';' || c == '\n' || c == ' ')
			continue;
		text[head] = c;
		if (c < ' ' || c > '~')
			snprintf(want, sizeof(want), "  " L " X\\%03oY\n", c);
		else
			snprintf(want, sizeof(want), "  " L " X%cY\n", c);
		ASSERT_EQ(-EINVAL, fse_config_raw(text, head + 2));
		EXPECT_NE(NULL, strstr(fse_last_error(), want)) {
			TH_LOG("byte %u: %s", c, fse_last_error());
		}
		for (s = fse_read("error_log"); *s; s++)
			ASSERT_TRUE((*s >= ' ' && *s <= '~') || *s == '\n');
	}
}

/* The caret is below the word, however wide the text before it prints. */
TEST_F(error_log, the_caret_counts_escapes)
{
	ASSERT_EQ(-EINVAL, fse_config("\t" L "\tG\t\001 T 5"));
	EXPECT_STREQ("\\001 T 5", fse_last_rest());
	ASSERT_EQ(-ENOENT, fse_config("/\001\002\003 G;" L " T 5"));
	EXPECT_STREQ("/\\001\\002\\003 G", fse_last_rest());
	ASSERT_EQ(-EINVAL, fse_config("/\001\002\377\033[2J T 5k"));
	EXPECT_STREQ("5k", fse_last_rest());
}

/* Bytes of the request in the newest entry, without "...". */
static size_t shown(void)
{
	const char *s = strchr(fse_last_error(), '\n');
	size_t n = 0;

	if (!s || strncmp(s, "\n  ", 3))
		return 0;
	s += 3;
	if (!strncmp(s, "...", 3))
		s += 3;
	for (; *s != '\n' && strncmp(s, "...\n", 4); s++) {
		if (*s == '\\')
			s += 3;
		n++;
	}
	return n;
}

TEST_F(error_log, shows_at_most_128_bytes_around_the_caret)
{
	static const int before[] = { 0, 1, 62, 63, 64, 65, 120, 130, 4000 };
	static const int after[] = { 0, 1, 62, 63, 64, 65, 120, 130, 50000 };
	static char text[60000];
	size_t i, k;

	/*
	 * A path that prints four times as wide, the error, and what follows.
	 */
	for (i = 0; i < ARRAY_SIZE(before); i++) {
		for (k = 0; k < ARRAY_SIZE(after); k++) {
			char *s = text;
			size_t len;

			*s++ = '/';
			memset(s, '\001', before[i]);
			s += before[i];
			memcpy(s, " X ", 3);
			s += 3;
			memset(s, '\177', after[k]);
			s[after[k]] = '\0';
			/* A trailing blank is not shown. */
			len = strlen(text) - !after[k];

			ASSERT_EQ(-EINVAL, fse_config("%s", text));
			EXPECT_EQ(len < WINDOW ? len : WINDOW, shown());
			EXPECT_EQ('X', fse_last_rest()[0]) {
				TH_LOG("%d before, %d after: %s", before[i],
				       after[k], fse_last_error());
			}
		}
	}
}

TEST_F(error_log, a_long_word_is_shown_from_its_start)
{
	static char word[60000];
	const char *rest;

	memset(word, 'w', sizeof(word) - 1);
	ASSERT_EQ(-EINVAL, fse_config(L " G   %s", word));
	EXPECT_LE(shown(), WINDOW);
	rest = fse_last_rest();
	EXPECT_EQ(0, strncmp(rest, "wwwwwwww", 8));
	EXPECT_NE(NULL, strstr(rest, "w..."));
}

TEST_HARNESS_MAIN
