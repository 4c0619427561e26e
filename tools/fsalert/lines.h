/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of lines.
 */
#ifndef FSALERT_LINES_H
#define FSALERT_LINES_H

#include <stdbool.h>

bool lines_have(const char *path, const char *text, bool whole);

#endif /* FSALERT_LINES_H */
