// SPDX-License-Identifier: GPL-2.0-only
/* The commands that wait for events, when memory is short. */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "test.h"

#define TIMEOUT_MS	450

static unsigned int calls;

/* The linker has the commands call this in place of fsalert_wait(). */
int __wrap_fsalert_wait(struct fsalert *h, int timeout_ms,
			const struct fsalert_event **ev)
{
	(void)h;
	(void)timeout_ms;
	(void)ev;
	return calls++ % 2 ? -ENOMEM : -ENOBUFS;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* It is tried again every 100 ms, not at once, and the timeout still ends the command. */
TEST(test_no_memory)
{
	char *args[3] = { "/", "5%" };
	const struct options options = {
		.from = FSALERT_POLL,
		.timeout_ms = TIMEOUT_MS,
		.args = args,
	};
	int64_t begin_ms = now_ms();

	/* Should it never end. */
	alarm(20);
	assert_int_equal(command_wait(&options), STATUS_TIMEOUT);
	assert_true(now_ms() - begin_ms >= TIMEOUT_MS);
	assert_in_range(calls, 2, 10);
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
