// SPDX-License-Identifier: GPL-2.0-only
/* When the mount table is read. */
#include <time.h>
#include <unistd.h>

#include "daemon.h"
#include "test.h"

static int on_table(sd_event_source *timer, uint64_t usec, void *data)
{
	unsigned int *count = data;

	(void)timer;
	(void)usec;
	(*count)++;
	return 0;
}

/* Changes that come all the time do not put it off. */
TEST(test_later)
{
	struct daemon d = { .run = "/nowhere" };
	unsigned int count = 0, i;

	assert_true(sd_event_new(&d.event) >= 0);
	assert_true(sd_event_add_time(d.event, &d.table_timer, CLOCK_BOOTTIME,
				      0, 0, on_table, &count) >= 0);
	sd_event_source_set_enabled(d.table_timer, SD_EVENT_OFF);
	watches_later(&d, 3600000000);
	for (i = 0; i < 100 && !count; i++) {
		watches_later(&d, 20000);
		sd_event_run(d.event, 1000);
		usleep(1000);
	}
	assert_int_equal(count, 1);
	/* It was the only time. */
	sd_event_run(d.event, 1000);
	assert_int_equal(count, 1);
	sd_event_source_unref(d.table_timer);
	sd_event_unref(d.event);
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
