/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: what finds out that a file system fails.
 *
 * Sources hand in what they find through fse_source_error(), or by the
 * state of a super block; nothing else leads from them to the core.
 */
#ifndef _FS_EVENTS_SOURCE_H
#define _FS_EVENTS_SOURCE_H

#include "internal.h"

/* What points to trouble. */
enum fse_clue {
	FSE_CLUE_STATE,		/* the state may be another one */
	FSE_CLUE_ERROR,		/* there was an error */
	FSE_CLUE_CORRUPTED,	/* corruption was found; is to be told */
};

/* state.c */
void fse_state_init(struct fse_sb *es);
void fse_state_stop(struct fse_sb *es);
void fse_state_hint(struct fse_sb *es, enum fse_clue clue);
u32 fse_state_ask(struct fse_sb *es);
void fse_state_run(struct fse_sb *es, u32 failed);
u64 fse_state_delay(const struct fse_sb *es, u64 delay_ns);

#endif /* _FS_EVENTS_SOURCE_H */
