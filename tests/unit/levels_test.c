// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threshold levels: when and in which order they turn.
 */
#include <stdio.h>
#include <string.h>

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>

#include "levels.h"
#include "text.h"
#include "unit.h"

#define BLOCK	4096

/* Levels and their turns: "-1 -2": the first and the second went below. */
struct switches {
	struct fse_level level[FSE_MAX_LEVELS];
	unsigned int nr;
	u64 total;
	u32 frsize;
	char said[256];
};

static const struct fse_request *parse(const char *levels)
{
	char text[256];

	sprintf(text, "/srv T %s", levels);
	return text_request(text);
}

static void set_up(struct switches *s, const char *levels)
{
	const struct fse_request *req = parse(levels);

	s->nr = req->nr_space;
	s->total = 1000;
	s->frsize = BLOCK;
	fse_levels_init(s->level, req->space, s->nr);
}

static void note_turn(void *arg, unsigned int nr, enum fse_turn turn)
{
	struct switches *s = arg;
	size_t n = strlen(s->said);

	assert_int_not_equal(turn, FSE_TURN_NONE);
	assert_int_equal(s->level[nr].crossed, turn == FSE_TURN_BELOW);
	sprintf(s->said + n, "%s%c%u", n ? " " : "",
		turn == FSE_TURN_BELOW ? '-' : '+', nr + 1);
}

/* The turns caused by a sample. */
static const char *at(struct switches *s, u64 avail)
{
	struct fse_gauge g = {
		.avail = avail,
		.total = s->total,
		.frsize = s->frsize,
	};

	s->said[0] = '\0';
	fse_levels_run(s->level, s->nr, &g, note_turn, s);
	return s->said;
}

/* To the nearest switch in either direction. */
static u64 distance(const struct switches *s, u64 avail)
{
	struct fse_distance d = FSE_DISTANCE_NONE;
	struct fse_gauge g = {
		.avail = avail,
		.total = s->total,
		.frsize = s->frsize,
	};

	fse_levels_distance(s->level, s->nr, &g, &d);
	return min(d.down, d.up);
}

TEST(below_at_or_below_the_trigger)
{
	struct switches s;

	set_up(&s, "700");
	assert_string_equal(at(&s, 1000), "");
	assert_string_equal(at(&s, 701), "");
	assert_string_equal(at(&s, 700), "-1");
	assert_string_equal(at(&s, 700), "");
	assert_string_equal(at(&s, 699), "");
	assert_string_equal(at(&s, 0), "");
}

TEST(above_when_above_the_rearm)
{
	struct switches s;

	set_up(&s, "500:600");
	assert_string_equal(at(&s, 500), "-1");
	assert_string_equal(at(&s, 501), "");
	assert_string_equal(at(&s, 600), "");
	assert_string_equal(at(&s, 601), "+1");
	assert_string_equal(at(&s, 600), "");
	assert_string_equal(at(&s, 501), "");
	assert_string_equal(at(&s, 500), "-1");
	assert_string_equal(at(&s, 1000), "+1");
}

TEST(without_rearm_the_trigger_itself)
{
	struct switches s;

	set_up(&s, "700");
	assert_string_equal(at(&s, 700), "-1");
	assert_string_equal(at(&s, 701), "+1");
	assert_string_equal(at(&s, 700), "-1");
}

TEST(two_at_once_in_order)
{
	struct switches s;

	set_up(&s, "700 500 300");
	assert_string_equal(at(&s, 1000), "");
	assert_string_equal(at(&s, 400), "-1 -2");
	assert_string_equal(at(&s, 600), "+2");
	assert_string_equal(at(&s, 0), "-2 -3");
	assert_string_equal(at(&s, 1000), "+3 +2 +1");
	assert_string_equal(at(&s, 0), "-1 -2 -3");
	assert_string_equal(at(&s, 600), "+3 +2");
}

TEST(levels_know_nothing_of_each_other)
{
	struct switches s;

	/* The second level is above again after the first. */
	set_up(&s, "700:720 500:900");
	assert_string_equal(at(&s, 400), "-1 -2");
	assert_string_equal(at(&s, 800), "+1");
	assert_string_equal(at(&s, 600), "-1");
	assert_string_equal(at(&s, 450), "");
	assert_string_equal(at(&s, 901), "+2 +1");
}

TEST(hovering_turns_once)
{
	struct switches s;
	unsigned int i;

	set_up(&s, "500:520");
	assert_string_equal(at(&s, 500), "-1");
	for (i = 0; i < 100; i++)
		assert_string_equal(at(&s, 490 + (i * 7) % 31), "");
}

/* Only a level that is crossed when it is set fires at once. */
TEST(initial_state)
{
	struct switches s;

	set_up(&s, "700 500 300");
	assert_string_equal(at(&s, 450), "-1 -2");

	set_up(&s, "700");
	assert_string_equal(at(&s, 0), "-1");

	set_up(&s, "700:900");
	assert_string_equal(at(&s, 800), "");
	assert_string_equal(at(&s, 700), "-1");
}

TEST(unknown_changes_nothing)
{
	struct switches s;

	set_up(&s, "700 500 10%");
	s.total = 0;
	assert_string_equal(at(&s, 0), "");
	assert_int_equal(distance(&s, 0), U64_MAX);
	s.total = 1000;
	assert_string_equal(at(&s, 600), "-1");
	s.total = 0;
	assert_string_equal(at(&s, 0), "");
	assert_string_equal(at(&s, 1000), "");
	s.total = 1000;
	assert_string_equal(at(&s, 600), "");
	assert_string_equal(at(&s, 500), "-2");
}

TEST(percent_follows_the_total)
{
	struct switches s;

	set_up(&s, "10%:20%");
	assert_string_equal(at(&s, 150), "");
	s.total = 2000;
	assert_string_equal(at(&s, 200), "-1");
	assert_string_equal(at(&s, 400), "");
	s.total = 1500;
	assert_string_equal(at(&s, 300), "");
	assert_string_equal(at(&s, 301), "+1");
	s.total = 3010;
	assert_string_equal(at(&s, 301), "-1");
}

/* The order is checked only when levels are set. */
TEST(order_may_be_lost_later)
{
	struct switches s;

	set_up(&s, "100 5%");
	s.total = 10000;
	assert_string_equal(at(&s, 501), "");
	assert_string_equal(at(&s, 500), "-2");
	assert_string_equal(at(&s, 100), "-1");
	assert_string_equal(at(&s, 101), "+1");
	assert_string_equal(at(&s, 9999), "+2");
	assert_string_equal(at(&s, 0), "-1 -2");
}

/* Otherwise it would turn with each sample. */
TEST(rearm_never_counts_for_less_than_the_trigger)
{
	struct switches s;

	set_up(&s, "10%:500");
	s.total = 10000;
	assert_string_equal(at(&s, 900), "-1");
	assert_string_equal(at(&s, 900), "");
	assert_string_equal(at(&s, 1000), "");
	assert_int_equal(distance(&s, 900), 101);
	assert_string_equal(at(&s, 1001), "+1");
}

TEST(bytes_follow_the_block_size)
{
	struct switches s;

	set_up(&s, "1M");
	assert_string_equal(at(&s, 257), "");
	assert_string_equal(at(&s, 256), "-1");
	s.frsize = 1024;
	assert_string_equal(at(&s, 1024), "");
	assert_string_equal(at(&s, 1025), "+1");
}

/* 1 MiB is 1048.576 blocks of 1000 bytes: 1048 are within, 1049 are not. */
TEST(rounding_is_exact)
{
	struct switches s;

	set_up(&s, "1M 10%");
	s.frsize = 1000;
	s.total = 4999;
	assert_string_equal(at(&s, 1049), "");
	assert_string_equal(at(&s, 1048), "-1");
	assert_string_equal(at(&s, 1049), "+1");
	assert_string_equal(at(&s, 500), "-1");
	assert_string_equal(at(&s, 499), "-2");
}

static u64 resolve(u64 value, char suffix, u64 total, u32 frsize)
{
	struct fse_amount a = { .value = value, .suffix = suffix };
	struct fse_gauge g = { .total = total, .frsize = frsize };

	return fse_amount_resolve(&a, &g);
}

TEST(amounts_in_blocks)
{
	assert_int_equal(resolve(7, 0, 1000, BLOCK), 7);
	assert_int_equal(resolve(U64_MAX, 0, 1000, BLOCK), U64_MAX);
	assert_int_equal(resolve(3, 'K', 0, 1024), 3);
	assert_int_equal(resolve(3, 'K', 0, BLOCK), 0);
	assert_int_equal(resolve(3, 'M', 0, BLOCK), 3 * 256);
	assert_int_equal(resolve(3, 'G', 0, BLOCK), 3 * 256 * 1024);
	assert_int_equal(resolve(3, 'T', 0, BLOCK), 3ULL * 256 << 20);
	assert_int_equal(resolve(3, 'K', 0, 0), 3 * 1024);
	assert_int_equal(resolve(U64_MAX >> 40, 'T', 0, 1),
			 U64_MAX >> 40 << 40);
	assert_int_equal(resolve(1ULL << 24, 'T', 0, BLOCK), U64_MAX);
	assert_int_equal(resolve(1ULL << 54, 'K', 0, BLOCK), U64_MAX);
	assert_int_equal(resolve(0, '%', 1000, BLOCK), 0);
	assert_int_equal(resolve(1, '%', 99, BLOCK), 0);
	assert_int_equal(resolve(29, '%', 1000, BLOCK), 290);
	assert_int_equal(resolve(100, '%', 12345, BLOCK), 12345);
	assert_int_equal(resolve(100, '%', U64_MAX, BLOCK), U64_MAX);
	assert_int_equal(resolve(50, '%', U64_MAX, BLOCK), U64_MAX / 2);
	assert_int_equal(resolve(101, '%', 1000, BLOCK), 1000);
	assert_int_equal(resolve(U64_MAX, '%', U64_MAX, BLOCK), U64_MAX);
}

static int check(const char *levels, u64 total, unsigned int *bad)
{
	const struct fse_request *req = parse(levels);
	struct fse_gauge g = { .total = total, .frsize = BLOCK };
	const char *why = NULL;
	int ret;

	ret = fse_levels_check(req->space, req->nr_space, &g, bad, &why);
	if (ret) {
		assert_int_equal(ret, -ERANGE);
		assert_non_null(why);
	}
	return ret;
}

TEST(levels_in_order)
{
	static const char * const cases[] = {
		"700", "0", "700 500", "3 2 1 0", "700:700 500:699 300:900",
		"2000 1000", "10% 99", "10%:100 5%:10%", "1M:256 255",
		"1M 1020K:1M 50", "100% 99%:100%",
	};
	unsigned int i, bad;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (check(cases[i], 1000, &bad))
			fail_msg("\"%s\": level %u", cases[i], bad);
	}
	assert_int_equal(fse_levels_check(NULL, 0, NULL, &bad, NULL), 0);
}

/* Levels are compared in blocks, whatever their units. */
TEST(levels_out_of_order)
{
	static const struct {
		const char *levels;
		unsigned int bad;
	} cases[] = {
		{ "500 700", 1 },
		{ "500 500", 1 },
		{ "0 0", 1 },
		{ "700 500 300 300 1", 3 },
		{ "700 500 600", 2 },
		{ "100 10%", 1 },
		{ "10% 100", 1 },
		{ "1M 256", 1 },
		{ "255 1M", 1 },
		{ "1M 1023K 1021K", 2 },
		{ "500:499", 0 },
		{ "1%:9", 0 },
		{ "1M:255", 0 },
		{ "2M:1M", 0 },
		{ "700 500:499", 1 },
		{ "700 600 500:10% 400 400", 2 },
	};
	unsigned int i, bad;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		bad = 99;
		if (!check(cases[i].levels, 1000, &bad) ||
		    bad != cases[i].bad)
			fail_msg("\"%s\": level %u", cases[i].levels, bad);
	}
}

/* The refusal names the type that the file system has no figures for. */
TEST(levels_that_do_not_fit)
{
	static const struct {
		const char *text;
		u64 blocks;
		u64 inodes;
		bool image;
		int err;
		const char *word;
	} cases[] = {
		{ "/srv G", 0, 0, true, 0, "" },
		{ "/srv T 10% I 5", 1000, 100, false, 0, "" },
		{ "/srv T 10%", 1000, 0, false, 0, "" },
		{ "/srv T 10%", 1000, 100, true, -EOPNOTSUPP, "T" },
		{ "/srv I 5", 1000, 100, true, -EOPNOTSUPP, "I" },
		{ "/srv T 10%", 0, 100, false, -EOPNOTSUPP, "T" },
		{ "/srv T 10% I 5", 1000, 0, false, -EOPNOTSUPP, "I" },
		{ "/srv T 10 20 I 5", 1000, 100, false, -ERANGE, "20" },
		{ "/srv T 10 I 5 6:7", 1000, 100, false, -ERANGE, "6:7" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fse_gauge space = { .total = cases[i].blocks, .frsize = BLOCK };
		struct fse_gauge inodes = { .total = cases[i].inodes };
		struct fse_error error = {};

		assert_int_equal(fse_levels_fit(text_request(cases[i].text), &space,
						&inodes, cases[i].image, &error),
				 cases[i].err);
		assert_int_equal(error.err, cases[i].err);
		assert_int_equal(error.word.len, strlen(cases[i].word));
		assert_memory_equal(cases[i].text + error.word.off, cases[i].word,
				    error.word.len);
	}
}

TEST(order_depends_on_the_file_system)
{
	unsigned int bad;

	assert_int_equal(check("100 5%", 1000, &bad), 0);
	assert_int_equal(check("100 5%", 2000, &bad), -ERANGE);
	assert_int_equal(check("10%:150", 1500, &bad), 0);
	assert_int_equal(check("10%:150", 1600, &bad), -ERANGE);
}

static bool same(const char *a, const char *b)
{
	struct switches x, y;

	set_up(&x, a);
	set_up(&y, b);
	return fse_level_same(&x.level[0], &y.level[0]);
}

/* Reloading a configuration repeats no alarm. */
TEST(unchanged_level)
{
	struct switches s;

	assert_true(same("700", "700"));
	assert_true(same("700:800", "700:800"));
	assert_true(same("700", "700:700"));
	assert_true(same("10%:5G", "10%:5G"));
	assert_false(same("700", "701"));
	assert_false(same("700", "700:701"));
	assert_false(same("700:800", "700:801"));
	assert_false(same("10", "10%"));
	assert_false(same("1M", "1024K"));
	assert_false(same("10:20", "10:20K"));

	set_up(&s, "700:800");
	assert_false(s.level[0].crossed);
	s.level[0].crossed = true;
	assert_string_equal(at(&s, 600), "");
	assert_string_equal(at(&s, 750), "");
	assert_string_equal(at(&s, 801), "+1");
}

TEST(levels_as_written)
{
	struct switches s;

	memset(&s, 0xff, sizeof(s));
	set_up(&s, "10%:5G 7");
	assert_int_equal(s.level[0].trigger.value, 10);
	assert_int_equal(s.level[0].trigger.suffix, '%');
	assert_int_equal(s.level[0].rearm.value, 5);
	assert_int_equal(s.level[0].rearm.suffix, 'G');
	assert_true(s.level[0].has_rearm);
	assert_false(s.level[0].crossed);
	assert_int_equal(s.level[1].trigger.value, 7);
	assert_int_equal(s.level[1].rearm.value, 7);
	assert_false(s.level[1].has_rearm);
	assert_false(s.level[1].crossed);
}

TEST(distance_to_the_nearest)
{
	struct switches s;

	set_up(&s, "700:750 500:600");
	assert_int_equal(distance(&s, 1000), 300);
	assert_int_equal(distance(&s, 701), 1);
	at(&s, 600);
	/* Down to 500, or up past 750. */
	assert_int_equal(distance(&s, 600), 100);
	assert_int_equal(distance(&s, 700), 51);
	assert_int_equal(distance(&s, 750), 1);
	at(&s, 400);
	/* Up past 600, or past 750. */
	assert_int_equal(distance(&s, 400), 201);
	/* A level not run yet turns with the next sample. */
	assert_int_equal(distance(&s, 800), 1);
	set_up(&s, "700");
	assert_int_equal(distance(&s, 650), 1);

	s.nr = 0;
	assert_int_equal(distance(&s, 500), U64_MAX);
}

TEST(distance_to_what_cannot_be_reached)
{
	struct switches s;

	set_up(&s, "18446744073709551615");
	s.total = U64_MAX;
	assert_string_equal(at(&s, U64_MAX), "-1");
	assert_int_equal(distance(&s, 0), U64_MAX - 1);
	assert_int_equal(distance(&s, U64_MAX), 1);
	set_up(&s, "0");
	assert_int_equal(distance(&s, U64_MAX), U64_MAX);
}

TEST(event_of_a_level)
{
	assert_int_equal(fse_level_id(false, 0, true), FS_THR_LRBELOW);
	assert_int_equal(fse_level_id(false, 0, false), FS_THR_LRABOVE);
	assert_int_equal(fse_level_id(false, 1, true), FS_THR_URBELOW);
	assert_int_equal(fse_level_id(false, 1, false), FS_THR_URABOVE);
	assert_int_equal(fse_level_id(false, 63, true), FS_THR_BELOW);
	assert_int_equal(fse_level_id(false, 2, false), FS_THR_ABOVE);
	assert_int_equal(fse_level_id(true, 0, true), FS_INO_BELOW);
	assert_int_equal(fse_level_id(true, 63, false), FS_INO_ABOVE);
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(below_at_or_below_the_trigger),
		cmocka_unit_test(above_when_above_the_rearm),
		cmocka_unit_test(without_rearm_the_trigger_itself),
		cmocka_unit_test(two_at_once_in_order),
		cmocka_unit_test(levels_know_nothing_of_each_other),
		cmocka_unit_test(hovering_turns_once),
		cmocka_unit_test(initial_state),
		cmocka_unit_test(unknown_changes_nothing),
		cmocka_unit_test(percent_follows_the_total),
		cmocka_unit_test(order_may_be_lost_later),
		cmocka_unit_test(rearm_never_counts_for_less_than_the_trigger),
		cmocka_unit_test(bytes_follow_the_block_size),
		cmocka_unit_test(rounding_is_exact),
		cmocka_unit_test(amounts_in_blocks),
		cmocka_unit_test(levels_in_order),
		cmocka_unit_test(levels_out_of_order),
		cmocka_unit_test(levels_that_do_not_fit),
		cmocka_unit_test(order_depends_on_the_file_system),
		cmocka_unit_test(unchanged_level),
		cmocka_unit_test(levels_as_written),
		cmocka_unit_test(distance_to_the_nearest),
		cmocka_unit_test(distance_to_what_cannot_be_reached),
		cmocka_unit_test(event_of_a_level),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
