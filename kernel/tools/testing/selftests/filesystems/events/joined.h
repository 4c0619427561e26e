/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File systems that account for their space: FSE_TESTFS, so large, and with
 * levels so far from what is available, that sampling alone would look again
 * only after a minute.
 */
#ifndef JOINED_H
#define JOINED_H

#include "watched.h"

#define FSE_FAR	150000000U	/* blocks; 575 GiB */

/* As linux/fs_event.h has them. */
enum {
	FSE_CAP_SPACE = 1U << FS_THR_LRBELOW | 1U << FS_THR_LRABOVE |
			1U << FS_THR_URBELOW | 1U << FS_THR_URABOVE |
			1U << FS_THR_BELOW | 1U << FS_THR_ABOVE,
	FSE_LOCAL = 1,
};

/* Does FSE_TESTFS exist? To be undone by fse_joined_end(). */
bool fse_joined_there(void);
/* As fse_begin(); @cap and @flags are what it joins with. */
int fse_joined_begin(struct fse_watched *w, unsigned int cap,
		     unsigned int flags);
/* Back to nothing, whether begun or not. */
void fse_joined_end(struct fse_watched *w);

/* Watches it with one level, FSE_FAR from here, which is returned; 0: no. */
__u64 fse_watch_far(struct fse_watched *w);

/* Binds this process to a processor. 0 or a negative errno. */
int fse_run_on(unsigned int cpu);

/**
 * struct fse_mover - what fse_move() does
 * @fs: the file system
 * @moves: how often
 * @blocks: how many at once
 * @anywhere: on any processor
 */
struct fse_mover {
	struct fse_fs *fs;
	unsigned int moves;
	unsigned int blocks;
	bool anywhere;
};

/*
 * For fse_race(): takes blocks and gives them back, on a processor of its own
 * as far as there are.
 */
int fse_move(unsigned int who, void *mover);

#endif /* JOINED_H */
