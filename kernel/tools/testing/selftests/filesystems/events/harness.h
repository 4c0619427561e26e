/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The harness of selftests, with time for slow machines: these tests make
 * file systems, and run under emulation as well.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <kselftest_harness.h>
#include <unistd.h>

#include "module.h"
#include "slow.h"

/* Seconds; a test that waits for an event fails long before. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	180

/*
 * As much more time as a kernel that checks itself takes (FSE_SLOW), and as
 * more rounds of races do (FSE_ROUNDS, see lifetime.h). Runs after those
 * constructors, with a priority, that list the tests.
 */
static void __attribute__((constructor)) fse_give_time(void)
{
	unsigned int factor = fse_factor("FSE_SLOW") * fse_factor("FSE_ROUNDS");
	struct __fixture_metadata *f;
	struct __test_metadata *t;

	for (f = __fixture_list; f; f = f->next)
		for (t = f->tests; t; t = t->next)
			t->timeout *= factor;
}

/* Skips the whole program where there is nothing to test. */
static void __attribute__((constructor)) fse_need_events(void)
{
	if (geteuid())
		ksft_exit_skip("needs root\n");
	if (!built_in() && fse_module_load())
		ksft_exit_skip("this kernel has no file system events\n");
	if (fse_fstrace_mount())
		ksft_exit_skip("fstrace can't be mounted\n");
}

#endif /* HARNESS_H */
