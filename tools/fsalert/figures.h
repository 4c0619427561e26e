/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Figures of a file system.
 */
#ifndef FSALERT_FIGURES_H
#define FSALERT_FIGURES_H

#include <stdbool.h>
#include <sys/statvfs.h>

struct question;

int figures_ask(struct question **asked, const char *path, struct statvfs *st);
void figures_forget(struct question **asked);
int figures_get(const char *path, bool may_hang, struct statvfs *st);

#endif /* FSALERT_FIGURES_H */
