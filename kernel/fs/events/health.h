/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: what finds out that a file system fails, for sources and the
 * files of the core.
 */
#ifndef _FS_EVENTS_HEALTH_H
#define _FS_EVENTS_HEALTH_H

#include <linux/types.h>

struct fse_sb;
struct kstatfs;
struct super_block;

/* What points to trouble. */
enum fse_clue {
	FSE_CLUE_STATE,		/* it may have changed */
	FSE_CLUE_SHUTDOWN,	/* it was asked to shut down */
	FSE_CLUE_ERROR,		/* there was an error */
	FSE_CLUE_CORRUPTED,	/* corruption was found, and is to be reported */
};

/* What ->statfs may do besides looking into memory. */
enum fse_statfs_kind {
	FSE_STATFS_MEMORY,	/* nothing, as far as is known */
	FSE_STATFS_WAITS,	/* wait for other machines */
	FSE_STATFS_READS,	/* read the disk */
};

/**
 * struct fse_driver - a driver of file systems
 * @prefix: what the names of its functions begin with
 * @type: the type that it registers; NULL: the prefix is enough
 * @ask: a request that it refuses: -EIO once it has stopped, -EROFS if it knows
 *	that an error was why; NULL: SB_RDONLY says all that is known
 * @one_stop: -EIO may be for an error as well as for a request to shut down
 * @many_disks: it may go on without the disk that the super block names
 * @statfs: what its ->statfs may do
 * @full: corrects &fse_sb.data and &fse_sb.meta; NULL: there is no need to
 */
struct fse_driver {
	const char *prefix;
	const char *type;
	int (*ask)(struct super_block *sb);
	bool one_stop;
	bool many_disks;
	enum fse_statfs_kind statfs;
	void (*full)(struct fse_sb *es, const struct kstatfs *st);
};

const struct fse_driver *fse_driver_of(const struct super_block *sb);
void fse_health_init(struct fse_sb *es);
void fse_health_stop(struct fse_sb *es);
void fse_health_begin(struct fse_sb *es);
void fse_health_check(struct fse_sb *es);
void fse_health_last(struct fse_sb *es);
void fse_health_hint(struct fse_sb *es, enum fse_clue clue);
void fse_health_error(struct fse_sb *es, int error);
int fse_health_reason(const struct fse_sb *es);
void fse_health_remounted(struct fse_sb *es, bool ro);
bool fse_health_hinted(const struct fse_sb *es);
u64 fse_health_delay(const struct fse_sb *es, u64 delay_ns);

#endif /* _FS_EVENTS_HEALTH_H */
