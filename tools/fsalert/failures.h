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

/**
 * struct failures - what failures are looked for in
 * @mounts: the mount table
 * @later: the same, a moment later, for mnt_unref_table(); NULL: not needed so far
 */
struct failures {
	struct libmnt_table *mounts;
	struct libmnt_table *later;
};

unsigned int failures_look(struct failures *f, struct libmnt_fs *mount,
			   bool answers);
unsigned long long failures_ext4_errors(struct libmnt_fs *mount);

#endif /* FSALERT_FAILURES_H */
