/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Failures of file systems that can be seen without a watch.
 */
#ifndef FSALERT_FAILURES_H
#define FSALERT_FAILURES_H

#include <stdbool.h>

#include <libmount.h>

/* Bits of what failures_look() returns. */
enum failure {
	FAILURE_READ_ONLY	= 1 << 0,
	FAILURE_SHUTDOWN	= 1 << 1,
	FAILURE_DISK		= 1 << 2,
};

bool failures_are_read_only(struct libmnt_table *mounts, dev_t dev);
unsigned int failures_look(struct libmnt_table *mounts, struct libmnt_fs *mount,
			   bool answers);
unsigned long long failures_ext4_errors(struct libmnt_fs *mount);

#endif /* FSALERT_FAILURES_H */
