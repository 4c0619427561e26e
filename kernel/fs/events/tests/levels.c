// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threshold levels: amounts in blocks, with the kernel's 64-bit divisions, and
 * when levels turn.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "../levels.h"
#include "tests.h"

#define BLOCK	4096

struct amount {
	const char *name;
	struct fse_amount a;
	struct fse_gauge g;
	u64 blocks;
};

/* Expected numbers are literals or shifts, never divisions. */
static const struct amount amounts[] = {
	{ "blocks", { 7 }, { 0, 1000, BLOCK }, 7 },
	{ "most blocks", { U64_MAX }, { 0, 1000, BLOCK }, U64_MAX },
	{ "KiB of less than a block", { 3, 'K' }, { 0, 0, BLOCK }, 0 },
	{ "MiB", { 3, 'M' }, { 0, 0, BLOCK }, 768 },
	{ "GiB", { 3, 'G' }, { 0, 0, BLOCK }, 786432 },
	{ "TiB", { 3, 'T' }, { 0, 0, BLOCK }, 805306368 },
	{ "MiB of odd blocks", { 1, 'M' }, { 0, 0, 1000 }, 1048 },
	{ "most TiB in odd blocks", { 16777215, 'T' }, { 0, 0, 1000 },
	  18446742974197923ULL },
	{ "most TiB of largest blocks", { 16777215, 'T' }, { 0, 0, U32_MAX },
	  4294967040ULL },
	{ "most TiB in bytes", { 16777215, 'T' }, { 0, 0, 1 },
	  18446742974197923840ULL },
	{ "too many TiB", { 16777216, 'T' }, { 0, 0, BLOCK }, U64_MAX },
	{ "no block size", { 3, 'K' }, { 0, 0, 0 }, 3072 },
	{ "0 %", { 0, '%' }, { 0, 1000, BLOCK }, 0 },
	{ "1 % rounded down", { 1, '%' }, { 0, 199, BLOCK }, 1 },
	{ "29 %", { 29, '%' }, { 0, 1000, BLOCK }, 290 },
	{ "50 % of all there can be", { 50, '%' }, { 0, U64_MAX, BLOCK },
	  U64_MAX >> 1 },
	{ "99 % of all there can be", { 99, '%' }, { 0, U64_MAX, BLOCK },
	  18262276632972456098ULL },
	{ "100 % of all there can be", { 100, '%' }, { 0, U64_MAX, BLOCK },
	  U64_MAX },
	{ "more than all", { U64_MAX, '%' }, { 0, 1000, BLOCK }, 1000 },
};

KUNIT_ARRAY_PARAM_DESC(amount_param, amounts, name);

const void *fse_test_amount_next(struct kunit *test, const void *prev,
				 char *desc)
{
	return amount_param_gen_params(test, prev, desc);
}

void fse_test_levels_resolve(struct kunit *test)
{
	const struct amount *a = test->param_value;

	KUNIT_EXPECT_EQ(test, fse_amount_resolve(&a->a, &a->g), a->blocks);
}

/* Turns in order: "-1 -2": the first and the second went below. */
struct walk {
	const char *name;
	unsigned int nr;
	struct fse_level level[3];
	struct {
		u64 avail;
		u64 total;
		const char *turns;
	} step[8];
};

#define LEVEL(blocks, above)	{ .trigger = { blocks }, .rearm = { above } }

static const struct walk walks[] = {
	{ "to the trigger and above it", 1, { LEVEL(700, 700) }, {
		{ 1000, 1000, "" }, { 701, 1000, "" }, { 700, 1000, "-1" },
		{ 0, 1000, "" }, { 700, 1000, "" }, { 701, 1000, "+1" },
	} },
	{ "re-arm", 1, { LEVEL(500, 600) }, {
		{ 500, 1000, "-1" }, { 501, 1000, "" }, { 600, 1000, "" },
		{ 601, 1000, "+1" }, { 501, 1000, "" }, { 500, 1000, "-1" },
	} },
	{ "several at once", 3,
	  { LEVEL(700, 700), LEVEL(500, 500), LEVEL(300, 300) }, {
		{ 400, 1000, "-1 -2" }, { 600, 1000, "+2" },
		{ 0, 1000, "-2 -3" }, { 1000, 1000, "+3 +2 +1" },
		{ 0, 1000, "-1 -2 -3" },
	} },
	{ "each for itself", 2, { LEVEL(700, 720), LEVEL(500, 900) }, {
		{ 400, 1000, "-1 -2" }, { 800, 1000, "+1" },
		{ 450, 1000, "-1" }, { 901, 1000, "+2 +1" },
	} },
	{ "an unknown total says nothing", 2, { LEVEL(700, 700), LEVEL(500, 500) }, {
		{ 600, 1000, "-1" }, { 0, 0, "" }, { 1000, 0, "" },
		{ 600, 1000, "" }, { 500, 1000, "-2" },
	} },
	{ "percent follow the total", 1,
	  { { .trigger = { 10, '%' }, .rearm = { 20, '%' } } }, {
		{ 150, 1000, "" }, { 200, 2000, "-1" }, { 400, 2000, "" },
		{ 300, 1500, "" }, { 301, 1500, "+1" }, { 301, 3010, "-1" },
	} },
	{ "a re-arm that fell below its trigger", 1,
	  { { .trigger = { 10, '%' }, .rearm = { 500 } } }, {
		{ 900, 10000, "-1" }, { 900, 10000, "" }, { 1000, 10000, "" },
		{ 1001, 10000, "+1" },
	} },
};

KUNIT_ARRAY_PARAM_DESC(walk_param, walks, name);

const void *fse_test_walk_next(struct kunit *test, const void *prev, char *desc)
{
	return walk_param_gen_params(test, prev, desc);
}

static void note_turn(void *arg, unsigned int nr, enum fse_turn turn)
{
	char *said = arg;
	size_t n = strlen(said);

	scnprintf(said + n, 64 - n, "%s%c%u", n ? " " : "",
		  turn == FSE_TURN_BELOW ? '-' : '+', nr + 1);
}

void fse_test_levels_turn(struct kunit *test)
{
	const struct walk *w = test->param_value;
	struct fse_level level[ARRAY_SIZE(w->level)];
	unsigned int i;

	memcpy(level, w->level, sizeof(level));
	for (i = 0; i < ARRAY_SIZE(w->step) && w->step[i].turns; i++) {
		struct fse_gauge g = {
			w->step[i].avail, w->step[i].total, BLOCK
		};
		char said[64] = "";

		fse_levels_run(level, w->nr, &g, note_turn, said);
		KUNIT_EXPECT_STREQ_MSG(test, said, w->step[i].turns,
				       "step %u", i);
	}
	KUNIT_EXPECT_GT(test, i, 3);
}

void fse_test_levels_order(struct kunit *test)
{
	static const struct {
		struct fse_level_spec spec[2];
		int err;
		unsigned int bad;
	} cases[] = {
		{ { LEVEL(700, 700), LEVEL(500, 500) }, 0 },
		{ { LEVEL(500, 500), LEVEL(700, 700) }, -ERANGE, 1 },
		{ { LEVEL(500, 500), LEVEL(500, 500) }, -ERANGE, 1 },
		{ { LEVEL(500, 499), LEVEL(1, 1) }, -ERANGE, 0 },
		{ { LEVEL(500, 500), LEVEL(400, 900) }, 0 },
		/* A MiB is 256 blocks. */
		{ { { .trigger = { 1, 'M' }, .rearm = { 1, 'M' } }, LEVEL(255, 255) },
		  0 },
		{ { { .trigger = { 1, 'M' }, .rearm = { 1, 'M' } }, LEVEL(256, 256) },
		  -ERANGE, 1 },
	};
	struct fse_gauge g = { .total = 1000, .frsize = BLOCK };
	const char *why;
	unsigned int i, bad;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		KUNIT_EXPECT_EQ_MSG(test, cases[i].err,
				    fse_levels_check(cases[i].spec, 2, &g, &bad,
						     &why), "case %u", i);
		if (cases[i].err)
			KUNIT_EXPECT_EQ(test, cases[i].bad, bad);
	}
}

/* A file system without figures for one type; the other is in order. */
void fse_test_levels_fit(struct kunit *test)
{
	struct fse_request *req = kunit_kzalloc(test, sizeof(*req), GFP_KERNEL);
	const struct fse_gauge some = { .total = 1000, .frsize = BLOCK };
	const struct fse_gauge none = {};
	struct fse_error error;

	KUNIT_ASSERT_NOT_NULL(test, req);
	req->types = FSE_TYPE_T | FSE_TYPE_I;
	req->type[1].off = 5;
	req->type[2].off = 9;
	req->nr_space = 1;
	req->space[0] = (struct fse_level_spec)LEVEL(700, 699);
	req->space[0].word.off = 7;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			fse_levels_fit(req, &none, &some, false, &error));
	KUNIT_EXPECT_EQ(test, 5, error.word.off);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			fse_levels_fit(req, &some, &none, false, &error));
	KUNIT_EXPECT_EQ(test, 9, error.word.off);
	KUNIT_EXPECT_EQ(test, -ERANGE,
			fse_levels_fit(req, &some, &some, false, &error));
	KUNIT_EXPECT_EQ(test, 7, error.word.off);
	req->nr_space = 0;
	KUNIT_EXPECT_EQ(test, 0,
			fse_levels_fit(req, &some, &some, false, &error));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			fse_levels_fit(req, &some, &some, true, &error));
}

void fse_test_levels_distance(struct kunit *test)
{
	struct fse_level level[2] = { LEVEL(700, 750), LEVEL(500, 600) };
	struct fse_gauge g = { .total = 1000, .frsize = BLOCK };
	struct fse_distance d = FSE_DISTANCE_NONE;

	g.avail = 1000;
	fse_levels_distance(level, 2, &g, &d);
	KUNIT_EXPECT_EQ(test, d.down, 300);
	KUNIT_EXPECT_EQ(test, d.up, U64_MAX);
	level[0].crossed = true;
	g.avail = 600;
	d = FSE_DISTANCE_NONE;
	fse_levels_distance(level, 2, &g, &d);
	KUNIT_EXPECT_EQ(test, d.down, 100);
	KUNIT_EXPECT_EQ(test, d.up, 151);
	/* A level not run yet turns with the next sample. */
	g.avail = 400;
	d = FSE_DISTANCE_NONE;
	fse_levels_distance(level, 2, &g, &d);
	KUNIT_EXPECT_EQ(test, d.down, 1);
	KUNIT_EXPECT_EQ(test, d.up, 351);
	g.total = 0;
	d = FSE_DISTANCE_NONE;
	fse_levels_distance(level, 2, &g, &d);
	KUNIT_EXPECT_EQ(test, d.down, U64_MAX);
	KUNIT_EXPECT_EQ(test, d.up, U64_MAX);
}

void fse_test_levels_full(struct kunit *test)
{
	static const struct {
		struct fse_gauge g;
		u64 trigger;
		u64 rearm;
	} cases[] = {
		{ { .total = 1000000, .frsize = BLOCK }, 64, 1000 },
		{ { .total = 10000, .frsize = BLOCK }, 64, 128 },
		{ { .total = 32, .frsize = BLOCK }, 4, 8 },
		{ { .total = U64_MAX, .frsize = BLOCK }, 64,
		  18446744073709551ULL },
		{ { .total = 1000000 }, 0, 1000 },
	};
	struct fse_gauge g = cases[1].g;
	bool full = false;
	u64 trigger, rearm;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		fse_full_level(&cases[i].g, &trigger, &rearm);
		KUNIT_EXPECT_EQ_MSG(test, trigger, cases[i].trigger,
				    "case %u", i);
		KUNIT_EXPECT_EQ_MSG(test, rearm, cases[i].rearm, "case %u", i);
	}
	g.avail = 65;
	KUNIT_EXPECT_FALSE(test, fse_full_step(&full, &g));
	g.avail = 64;
	KUNIT_EXPECT_TRUE(test, fse_full_step(&full, &g));
	KUNIT_EXPECT_FALSE(test, fse_full_step(&full, &g));
	g.avail = 128;
	KUNIT_EXPECT_FALSE(test, fse_full_step(&full, &g));
	KUNIT_EXPECT_TRUE(test, full);
	g.avail = 129;
	KUNIT_EXPECT_FALSE(test, fse_full_step(&full, &g));
	KUNIT_EXPECT_FALSE(test, full);
}
