/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every test includes: cmocka wants the others before it.
 */
#ifndef FSEVENTS_TEST_H
#define FSEVENTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#endif /* FSEVENTS_TEST_H */
