/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Collects all events of a file system during a failure.
 */
#ifndef HEARD_H
#define HEARD_H

#include "event.h"

/**
 * struct fse_heard - events received
 * @seen: bit n is set if event n came
 * @error: errno of the first message of each event
 * @ino: inode of the first message
 * @count: number of occurrences
 * @after: arrival of the first message, ms after fse_hear_from()
 * @begin: time of fse_hear_from()
 */
struct fse_heard {
	unsigned int seen;
	unsigned int error[FS_ERR_SHUTDOWN + 1];
	__u64 ino[FS_ERR_SHUTDOWN + 1];
	unsigned int count[FS_ERR_SHUTDOWN + 1];
	__u64 after[FS_ERR_SHUTDOWN + 1];
	__u64 begin;
};

/* Clears the results and starts the clock. */
void fse_hear_from(struct fse_heard *h);

/*
 * Reads messages of @mount until all of @events came (for FSE_SOON at most),
 * then until @ms have passed.
 */
void fse_hear(struct fse_heard *h, struct fse_listener *l, const char *mount,
	      unsigned int events, unsigned int ms);

#endif /* HEARD_H */
