/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The selftest harness, with timeouts for slow machines: these tests make file
 * systems and also run under emulation.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <kselftest_harness.h>
#include <unistd.h>

#include "module.h"
#include "slow.h"

/* In seconds; a test that waits for an event fails long before. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	180

/*
 * Scales the timeout for debug kernels (FSE_SLOW) and for more rounds of races
 * (FSE_ROUNDS, see lifetime.h). Runs after the constructors that register
 * tests, which have a priority.
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

/* Skips the program if the kernel lacks file system events. */
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
