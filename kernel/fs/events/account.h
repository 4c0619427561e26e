/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: file systems that do more than others: they tell
 * events by themselves, or account for their space through us.
 */
#ifndef _FS_EVENTS_ACCOUNT_H
#define _FS_EVENTS_ACCOUNT_H

#include <linux/irq_work.h>
#include <linux/percpu-defs.h>

#include "budget.h"
#include "internal.h"

/**
 * struct fse_account - the space budget of a watched super block
 * @budget: shares
 * @cpu: counters
 * @es: the super block's state, which this is a part of
 * @kick: leads from any context to a sample
 * @kicked: on its way there
 * @begun_ns: when the last sample began
 */
struct fse_account {
	struct fse_budget budget;
	struct fse_budget_cpu __percpu *cpu;
	struct fse_sb *es;
	struct irq_work kick;
	bool kicked;
	u64 begun_ns;
};

/* account.c */
int fse_account_init(void);
void fse_account_exit(void);
struct fse_account *fse_account_alloc(struct fse_sb *es);
void fse_account_free(struct fse_account *account);
void fse_account_see(struct fse_sb *es);
void fse_account_share(struct fse_sb *es, const struct fse_distance *space);
void fse_account_remind(struct fse_sb *es);
void fse_account_stop(struct fse_sb *es);

/* join.c: what a file system told of itself */
struct fs_trace_info fse_joined_info(const struct super_block *sb);
bool fse_joined_query(struct super_block *sb, u64 *avail);

#endif /* _FS_EVENTS_ACCOUNT_H */
