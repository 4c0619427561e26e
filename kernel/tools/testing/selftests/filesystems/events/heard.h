/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was told of a file system: all of it, where trouble brings much.
 */
#ifndef HEARD_H
#define HEARD_H

#include "event.h"

/**
 * struct fse_heard - what was told
 * @seen: a bit for each event
 * @error: errno of the first of each
 * @ino: inode of the first
 * @count: occurrences
 * @after: when the first came, ms after fse_hear_from()
 * @begin: when that was
 */
struct fse_heard {
	unsigned int seen;
	unsigned int error[FS_ERR_SHUTDOWN + 1];
	__u64 ino[FS_ERR_SHUTDOWN + 1];
	unsigned int count[FS_ERR_SHUTDOWN + 1];
	__u64 after[FS_ERR_SHUTDOWN + 1];
	__u64 begin;
};

/* Nothing was told yet: the trouble begins now. */
void fse_hear_from(struct fse_heard *h);

/*
 * Reads messages of @mount until all of @events came (for FSE_SOON at most),
 * and on until @ms are over.
 */
void fse_hear(struct fse_heard *h, struct fse_listener *l, const char *mount,
	      unsigned int events, unsigned int ms);

#endif /* HEARD_H */
