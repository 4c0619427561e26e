/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was mounted.
 */
#ifndef FSALERT_MOUNTED_H
#define FSALERT_MOUNTED_H

#include <stdbool.h>
#include <sys/types.h>

#include <fsalert.h>

dev_t mounted_dev_of_event(const struct fsalert_event *ev);
const char *mounted_of_event(const struct fsalert_event *ev);
const char *mounted_of_entry(const struct fsalert_entry *entry);
bool mounted_dev(const char *mount, dev_t *dev);

#endif /* FSALERT_MOUNTED_H */
