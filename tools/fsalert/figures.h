/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Figures of a file system, and other questions that may stay without an answer.
 */
#ifndef FSALERT_FIGURES_H
#define FSALERT_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/statvfs.h>

typedef int (*figures_fn)(const char *path, void *answer);

int figures_ask(figures_fn fn, const char *path, void *answer, size_t size,
		unsigned int ms);
struct question;

int figures_keep_asking(struct question **asked, const char *path,
			bool answered_before, struct statvfs *st);
void figures_forget(struct question **asked);
int figures_get(const char *path, bool may_hang, struct statvfs *st);

#endif /* FSALERT_FIGURES_H */
