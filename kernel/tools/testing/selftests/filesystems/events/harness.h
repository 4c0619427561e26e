/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The harness of selftests, with time for slow machines: these tests make
 * file systems, and run under emulation as well.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <kselftest_harness.h>

/* Seconds; a test that waits for an event fails long before. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	180

#endif /* HARNESS_H */
