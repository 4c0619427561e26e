/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host has the string functions that the tested files use.
 */
#ifndef _TESTS_UNIT_LINUX_STRING_H
#define _TESTS_UNIT_LINUX_STRING_H

#include <string.h>

#endif /* _TESTS_UNIT_LINUX_STRING_H */
