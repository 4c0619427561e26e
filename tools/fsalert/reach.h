/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which mounts their paths lead to.
 */
#ifndef FSALERT_REACH_H
#define FSALERT_REACH_H

#include <libmount.h>

struct libmnt_fs **reach_first(struct libmnt_table *mounts);

#endif /* FSALERT_REACH_H */
