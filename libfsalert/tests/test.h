/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every test includes: cmocka, and what it wants before it.
 */
#ifndef FSALERT_TEST_H
#define FSALERT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A test that needs none of cmocka's state. */
#define TEST(name)			\
	static void name##_body(void);	\
	static void name(void **state)	\
	{				\
		(void)state;		\
		name##_body();		\
	}				\
	static void name##_body(void)

#endif /* FSALERT_TEST_H */
