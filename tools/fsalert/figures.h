/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Figures of a file system.
 */
#ifndef FSALERT_FIGURES_H
#define FSALERT_FIGURES_H

#include <sys/statvfs.h>

int figures_get(const char *path, bool may_hang, struct statvfs *st);

#endif /* FSALERT_FIGURES_H */
