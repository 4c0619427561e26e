/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File systems that account for their space: a large FSE_TESTFS with levels so
 * far from the available space that sampling alone would take a minute.
 */
#ifndef JOINED_H
#define JOINED_H

#include "watched.h"

#define FSE_FAR	150000000U	/* blocks; 575 GiB */

/* From linux/fs_event.h. */
enum {
	FSE_CAP_SPACE = 1U << FS_THR_LRBELOW | 1U << FS_THR_LRABOVE |
			1U << FS_THR_URBELOW | 1U << FS_THR_URABOVE |
			1U << FS_THR_BELOW | 1U << FS_THR_ABOVE,
	FSE_LOCAL = 1,
};

/* Is FSE_TESTFS available? Undone by fse_joined_end(). */
bool fse_joined_there(void);
/* Like fse_begin(); @cap and @flags are passed to fs_event_register_sb(). */
int fse_joined_begin(struct fse_watched *w, unsigned int cap,
		     unsigned int flags);
/* Cleans up, whether begun or not. */
void fse_joined_end(struct fse_watched *w);

/* Watches a level FSE_FAR below the available space; returns it, or 0. */
__u64 fse_watch_far(struct fse_watched *w);

/* Binds this process to a CPU. 0 or a negative errno. */
int fse_run_on(unsigned int cpu);

/**
 * struct fse_mover - arguments of fse_move()
 * @fs: the file system
 * @moves: number of moves
 * @blocks: blocks per move
 * @anywhere: don't bind to a CPU
 */
struct fse_mover {
	struct fse_fs *fs;
	unsigned int moves;
	unsigned int blocks;
	bool anywhere;
};

/*
 * For fse_race(): allocates and frees blocks, each child on its own CPU if
 * there are enough.
 */
int fse_move(unsigned int who, void *mover);

#endif /* JOINED_H */
