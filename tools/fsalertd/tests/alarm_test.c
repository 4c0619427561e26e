// SPDX-License-Identifier: GPL-2.0-only
/* Alarms: what is reported, and what is held back. */
#include "alarm.h"
#include "test.h"

#define SETTLE	1000
#define REPEAT	60000

static const struct alarm_facts facts = { .avail = 1, .total = 10 };
static char said[256];

static void report(void *data, const struct alarm *a, enum alarm_report what)
{
	static const char * const names[] = {
		[ALARM_RAISED] = "raised", [ALARM_AGAIN] = "again",
		[ALARM_OVER] = "over", [ALARM_ENDED] = "ended",
	};
	size_t len = strlen(said);

	(void)data;
	snprintf(said + len, sizeof(said) - len, "%s %s/%u %d+%d ",
		 names[what], fsalert_name(a->type), a->nr, (int)a->held,
		 (int)a->flaps);
}

static struct alarms alarms;

static void begin(void)
{
	alarm_free(&alarms);
	alarms = (struct alarms){
		.settle_ms = SETTLE, .repeat_ms = REPEAT, .report = report,
		.asked_ns = ALARM_NEVER,
	};
	said[0] = '\0';
}

static void expect(const char *text)
{
	assert_string_equal(said, text);
	said[0] = '\0';
}

static void below(uint64_t now)
{
	assert_int_equal(alarm_raise(&alarms, FSALERT_BELOW, 1, &facts, 1,
				     now), 0);
}

static void above(uint64_t now)
{
	alarm_over(&alarms, FSALERT_BELOW, 1, &facts, now);
}

TEST(test_once)
{
	begin();
	below(100);
	expect("raised below/1 0+0 ");
	assert_true(alarm_tick(&alarms, 200) == ALARM_NEVER);
	above(5000);
	assert_int_equal(alarm_tick(&alarms, 5000), 5000 + SETTLE);
	assert_int_equal(alarm_tick(&alarms, 5999), 5000 + SETTLE);
	expect("");
	assert_true(alarm_tick(&alarms, 6000) == ALARM_NEVER);
	expect("over below/1 0+0 ");
	assert_null(alarms.list);
}

/* It comes and goes: one alarm, and the count in the all-clear. */
TEST(test_flapping)
{
	unsigned int i;

	begin();
	for (i = 0; i < 10; i++) {
		below(100 + 1000 * i);
		above(600 + 1000 * i);
		alarm_tick(&alarms, 600 + 1000 * i);
	}
	expect("raised below/1 0+0 ");
	alarm_tick(&alarms, 600 + 9000 + SETTLE);
	expect("over below/1 9+9 ");
}

/* Slower than the settling time it is two alarms. */
TEST(test_twice)
{
	begin();
	below(100);
	above(200);
	alarm_tick(&alarms, 200 + SETTLE);
	below(5000);
	expect("raised below/1 0+0 over below/1 0+0 raised below/1 0+0 ");
}

TEST(test_levels)
{
	begin();
	below(100);
	alarm_raise(&alarms, FSALERT_BELOW, 2, &facts, 1, 100);
	alarm_raise(&alarms, FSALERT_INO_BELOW, 1, &facts, 1, 100);
	expect("raised below/1 0+0 raised below/2 0+0 raised ino_below/1 0+0 ");
	above(200);
	assert_false(alarm_is_last(&alarms, alarms.list));
	alarm_tick(&alarms, 200 + SETTLE);
	expect("over below/1 0+0 ");
	alarm_over(&alarms, FSALERT_INO_BELOW, 1, NULL, 300);
	alarm_tick(&alarms, 300 + SETTLE);
	expect("over ino_below/1 0+0 ");
	assert_true(alarm_is_last(&alarms, alarms.list));
}

/* Further errors are counted, and reported once in a while. */
TEST(test_nagging)
{
	unsigned int i;

	begin();
	for (i = 0; i < 100; i++)
		alarm_raise(&alarms, FSALERT_IO_ERROR, 0, &facts, 3, 10 * i);
	expect("raised io_error/0 0+0 ");
	assert_int_equal(alarm_tick(&alarms, 2000), REPEAT);
	alarm_tick(&alarms, REPEAT);
	expect("again io_error/0 297+0 ");
	assert_int_equal(alarms.list->count, 300);
	alarm_raise(&alarms, FSALERT_IO_ERROR, 0, &facts, 1, 2 * REPEAT - 1);
	assert_int_equal(alarm_tick(&alarms, 2 * REPEAT - 1), 2 * REPEAT);
	assert_int_equal(alarm_tick(&alarms, 2 * REPEAT), 3 * REPEAT);
	expect("again io_error/0 1+0 ");
}

/* No event tells that errors are over: they are when there were no more of them. */
TEST(test_errors_over)
{
	begin();
	below(100);
	alarm_raise(&alarms, FSALERT_IO_ERROR, 0, &facts, 1, 100);
	alarm_raise(&alarms, FSALERT_SHUTDOWN, 0, &facts, 1, 100);
	said[0] = '\0';
	assert_int_equal(alarm_tick(&alarms, 99 + REPEAT), 100 + REPEAT);
	expect("");
	/* also after a restart of the daemon */
	alarm_inherit(&alarms, 200);
	below(300);
	assert_true(alarm_tick(&alarms, 100 + REPEAT) == ALARM_NEVER);
	expect("over io_error/0 0+0 ");
	alarm_raise(&alarms, FSALERT_IO_ERROR, 0, &facts, 1, 5 * REPEAT);
	expect("raised io_error/0 0+0 ");
}

/* The watch is set again: what is still crossed is raised by the new one. */
TEST(test_inherited)
{
	begin();
	below(100);
	alarm_raise(&alarms, FSALERT_BELOW, 2, &facts, 1, 100);
	alarm_raise(&alarms, FSALERT_ENOSPC, 0, &facts, 1, 100);
	said[0] = '\0';
	alarm_inherit(&alarms, 1000);
	/* the old watch ends */
	above(1001);
	alarm_over(&alarms, FSALERT_BELOW, 2, NULL, 1001);
	alarm_over(&alarms, FSALERT_ENOSPC, 0, NULL, 1001);
	below(1002);
	alarm_tick(&alarms, 1000 + ALARM_GRACE_MS + SETTLE - 1);
	expect("");
	alarm_tick(&alarms, 1000 + ALARM_GRACE_MS + SETTLE);
	expect("over below/2 0+0 ");
	assert_int_equal(alarms.list->count, 1);
	/* Nothing raises ENOSPC again: it stays until it is found to be over. */
	assert_int_equal(alarms.list->next->type, FSALERT_ENOSPC);
	alarm_found_over(alarms.list->next, 20000);
	alarm_tick(&alarms, 20000 + SETTLE);
	expect("over enospc/0 0+0 ");
	above(30000);
	alarm_tick(&alarms, 30000 + SETTLE);
	expect("over below/1 0+0 ");
}

static void below_at(uint64_t time_ns, uint64_t now)
{
	const struct alarm_facts then = { .time_ns = time_ns };

	assert_int_equal(alarm_raise(&alarms, FSALERT_BELOW, 1, &then, 1, now), 0);
}

/* What the new watch finds is still on; what comes later comes again. */
TEST(test_inherited_again)
{
	begin();
	below(100);
	alarm_inherit(&alarms, 1000);
	alarms.asked_ns = 5000;
	/* It takes a moment to look. */
	below_at(5000 + ALARM_LOOK_NS, 1001);
	assert_int_equal(alarms.list->count, 1);
	alarm_inherit(&alarms, 2000);
	alarms.asked_ns = 6000;
	below_at(6001 + ALARM_LOOK_NS, 2001);
	assert_int_equal(alarms.list->count, 2);
	assert_int_equal(alarms.list->held, 1);
	assert_int_equal(alarms.list->over_ms, 0);
	assert_false(alarms.list->inherited);
	expect("raised below/1 0+0 ");
}

/* It ended between the look of the source and that of the daemon. */
TEST(test_inherited_found_over)
{
	begin();
	below(100);
	alarm_inherit(&alarms, 1000);
	alarm_found_over(alarms.list, 1000);
	alarms.asked_ns = 5000;
	below_at(4999, 1001);
	assert_int_equal(alarms.list->count, 1);
	assert_int_equal(alarms.list->over_ms, 0);
	/* and again, after both */
	alarm_inherit(&alarms, 2000);
	alarm_found_over(alarms.list, 2000);
	alarms.asked_ns = 6000;
	below_at(6001, 2001);
	assert_int_equal(alarms.list->count, 2);
	expect("raised below/1 0+0 ");
}

/* The event of the beginning was lost. */
TEST(test_end_alone)
{
	begin();
	above(100);
	expect("raised below/1 0+0 ");
	above(200);
	assert_int_equal(alarms.list->count, 2);
	assert_int_equal(alarms.list->over_ms, 200);
	alarm_tick(&alarms, 200 + SETTLE);
	expect("over below/1 1+1 ");
	/* the watch ended, no level rose */
	alarm_over(&alarms, FSALERT_BELOW, 1, NULL, 5000);
	assert_null(alarms.list);
}

/* Twice in a row gives no longer grace to what was over. */
TEST(test_inherited_over)
{
	begin();
	below(100);
	above(200);
	alarm_inherit(&alarms, 300);
	alarm_tick(&alarms, 200 + SETTLE);
	expect("raised below/1 0+0 over below/1 0+0 ");
}

TEST(test_end)
{
	begin();
	below(100);
	alarm_raise(&alarms, FSALERT_CORRUPTED, 0, &facts, 1, 100);
	said[0] = '\0';
	alarm_end(&alarms);
	expect("ended below/1 0+0 ended corrupted/0 0+0 ");
	assert_null(alarms.list);
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_flapping),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_nagging),
		cmocka_unit_test(test_errors_over),
		cmocka_unit_test(test_inherited),
		cmocka_unit_test(test_inherited_again),
		cmocka_unit_test(test_inherited_found_over),
		cmocka_unit_test(test_end_alone),
		cmocka_unit_test(test_inherited_over),
		cmocka_unit_test(test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
