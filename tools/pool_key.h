/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The name of a file system in fsalertd and in the state that it keeps, where the
 * command status looks it up.
 */
#ifndef FSALERT_POOL_KEY_H
#define FSALERT_POOL_KEY_H

#include <sys/types.h>

char *pool_key(const char *fstype, const char *source, dev_t dev);

#endif /* FSALERT_POOL_KEY_H */
