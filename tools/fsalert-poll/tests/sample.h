/* SPDX-License-Identifier: GPL-2.0-only */
/* A mount table, watches of its mounts, and the lines that they lead to. */
#ifndef _FSALERT_POLL_TESTS_SAMPLE_H
#define _FSALERT_POLL_TESTS_SAMPLE_H

#include "internal.h"
#include "unit.h"

#define SAMPLE_MOUNTS							\
	"20 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"			\
	"21 20 0:21 / /proc rw - proc none rw\n"			\
	"30 20 0:30 / /net rw - nfs4 server:/export rw\n"		\
	"31 30 8:17 / /net/disk rw - ext4 /dev/sdb1 rw\n"		\
	"32 20 0:32 / /tmp ro,nosuid - tmpfs none rw,size=1024k\n"	\
	"33 20 8:33 / /win rw - fuseblk /dev/sdc1 rw\n"			\
	"34 20 0:34 /vol /b\\040c rw - btrfs /dev/sdd rw\n"		\
	"35 20 0:35 / /home rw - fuse.sshfs me@host:/ rw\n"		\
	"36 32 0:36 / /tmp/over rw - overlay none rw,lowerdir=/a\n"

void sample_mounts(const char *text);
struct watch *sample_watch(int mount_id);
struct figures sample_figures(u64 avail, u64 total);
void set_levels(struct watch *w, const char *request);
const char *sample_line(void);
void sample_end(void);

/* The next line, which has each of these. */
#define assert_line(...)						\
	do {								\
		const char *const words_[] = { __VA_ARGS__ };		\
		const char *line_ = sample_line();			\
		size_t i_;						\
									\
		for (i_ = 0; i_ < sizeof(words_) / sizeof(*words_); i_++) { \
			if (!strstr(line_, words_[i_]))			\
				fail_msg("no %s in: %s", words_[i_], line_); \
		}							\
	} while (0)

#define assert_no_line()	assert_string_equal(sample_line(), "")

#endif /* _FSALERT_POLL_TESTS_SAMPLE_H */
