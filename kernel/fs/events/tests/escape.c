// SPDX-License-Identifier: GPL-2.0-only
/*
 * How text of users is escaped.
 */
#include "../escape.h"
#include "tests.h"

static const struct shown_text {
	const char *text;
	const char *more;
	const char *shown;
} shown_texts[] = {
	{ "/srv", FSE_ESCAPE_VALUE, "/srv" },
	{ "/a b=\"#\\;", FSE_ESCAPE_VALUE, "/a\\040b\\075\\042\\043\\134;" },
	{ "/a;b", FSE_ESCAPE_CONFIG, "/a\\073b" },
	{ "/a\\040b G", FSE_ESCAPE_REQUEST, "/a\\040b G" },
	{ "\x1b[2J\x7f", FSE_ESCAPE_REQUEST, "\\033[2J\\177" },
	{ "/M\xc3\xbcller", FSE_ESCAPE_VALUE, "/M\xc3\xbcller" },
	{ "\xe6\x97\xa5\xf0\x9f\x92\xbe", FSE_ESCAPE_VALUE,
	  "\xe6\x97\xa5\xf0\x9f\x92\xbe" },
	{ "\xc2\x9b", FSE_ESCAPE_VALUE, "\\302\\233" },
	{ "\xe2\x80\xae", FSE_ESCAPE_VALUE, "\\342\\200\\256" },
	{ "\xe2\x81\xa6", FSE_ESCAPE_VALUE, "\\342\\201\\246" },
	{ "\xff\xc0\xaf\xed\xa0\x80", FSE_ESCAPE_VALUE,
	  "\\377\\300\\257\\355\\240\\200" },
	{ "\xf4\x90\x80\x80", FSE_ESCAPE_VALUE, "\\364\\220\\200\\200" },
};

KUNIT_ARRAY_PARAM_DESC(shown_param, shown_texts, shown);

const void *fse_test_shown_next(struct kunit *test, const void *prev,
				char *desc)
{
	return shown_param_gen_params(test, prev, desc);
}

void fse_test_escape_shows(struct kunit *test)
{
	const struct shown_text *t = test->param_value;
	char buf[64];
	bool cut;
	size_t n = fse_escape(buf, sizeof(buf) - 1, t->text, t->more, &cut);

	buf[n] = '\0';
	KUNIT_EXPECT_FALSE(test, cut);
	KUNIT_EXPECT_STREQ(test, buf, t->shown);
}

/* Cuts between characters, never within an escape. */
void fse_test_escape_cuts(struct kunit *test)
{
	char buf[8];
	bool cut;

	KUNIT_EXPECT_EQ(test, 4, fse_escape(buf, 4, " ", " ", &cut));
	KUNIT_EXPECT_FALSE(test, cut);
	KUNIT_EXPECT_EQ(test, 2, fse_escape(buf, 5, "a b", " ", &cut));
	KUNIT_EXPECT_TRUE(test, cut);
	KUNIT_EXPECT_MEMEQ(test, buf, "a\\", 2);
	KUNIT_EXPECT_EQ(test, 6, fse_escape(buf, 6, "a b", " ", &cut));
	KUNIT_EXPECT_FALSE(test, cut);
	KUNIT_EXPECT_MEMEQ(test, buf, "a\\040b", 6);
	KUNIT_EXPECT_EQ(test, 0, fse_escape(buf, 0, "a", " ", &cut));
	KUNIT_EXPECT_TRUE(test, cut);
}
