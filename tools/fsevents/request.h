/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From arguments to the text of one watch request.
 */
#ifndef FSEVENTS_REQUEST_H
#define FSEVENTS_REQUEST_H

#include <stdbool.h>

bool request_is_one(char * const words[]);
char *request_text(const char *prefix, const char *dir, const char *mount,
		   char * const words[]);

#endif /* FSEVENTS_REQUEST_H */
