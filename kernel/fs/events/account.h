/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: file systems that do more than others: they tell
 * events by themselves, or account for their space through us.
 */
#ifndef _FS_EVENTS_ACCOUNT_H
#define _FS_EVENTS_ACCOUNT_H

#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/percpu-defs.h>

#include "budget.h"
#include "internal.h"

struct fse_account;

/*
 * Each sample moves the time that the next one may follow a kick by so much, and
 * by so many times its cost, if that is more; kicks may be ahead of it by a burst.
 */
#define FSE_KICK_GAP_NS		(2 * NSEC_PER_MSEC)
#define FSE_KICK_COST_PART	100
#define FSE_KICK_BURST_NS	(64 * NSEC_PER_MSEC)

/**
 * struct fse_account_cpu - what was moved on a CPU
 * @moved: blocks
 * @account: what these are counters of
 */
struct fse_account_cpu {
	struct fse_budget_cpu moved;
	struct fse_account *account;
};

/**
 * struct fse_account - the space budget of a super block
 * @ref: the super block, or what stands for it, holds one; each fse_sb one
 * @budget: shares
 * @cpu: counters
 * @lock: taken to see and to share, and when @es changes
 * @es: the published state of the super block, or NULL; read under RCU, too
 * @kick: leads from any context to a sample
 * @late: does it for a kick that comes too early
 * @kicked: a kick is on its way to a sample
 * @free_ns: when all samples are paid for; CLOCK_MONOTONIC
 * @gap_ns: what the next one adds to that
 */
struct fse_account {
	struct kref ref;
	struct fse_budget budget;
	struct fse_account_cpu __percpu *cpu;
	/* one sample at a time, of the state that is published */
	spinlock_t lock;
	struct fse_sb __rcu *es;
	struct irq_work kick;
	struct hrtimer late;
	bool kicked;
	u64 free_ns;
	u64 gap_ns;
};

/* account.c */
bool fse_trace_info_valid(const struct fs_trace_info *info);
struct fse_account *fse_account_alloc(void);
void fse_account_put(struct fse_account *account);
int fse_account_enable(struct super_block *sb, struct fse_account **account);
void fse_account_disable(struct fse_account *account);
void fse_account_init(void);
void fse_account_exit(void);
void fse_account_serve(struct fse_account *account, struct fse_sb *es);
void fse_account_see(struct fse_sb *es);
void fse_account_share(struct fse_sb *es, const struct fse_distance *space,
		       u64 cost_ns);
void fse_account_kick(struct fse_account *account);

/**
 * fse_account_add - space was moved
 * @counters: those of the super block, which stay
 * @way: which way
 * @ncount: blocks
 *
 * Context: Any.
 */
static __always_inline void
fse_account_add(struct fse_account_cpu __percpu *counters, enum fse_way way,
		u64 ncount)
{
	struct fse_account_cpu *c = raw_cpu_ptr(counters);

	if (unlikely(fse_budget_add(&c->moved, way, ncount)))
		fse_account_kick(c->account);
}

/* module/join.c, builtin/sb.c: what a file system said of itself */
struct fs_trace_info fse_joined_info(const struct super_block *sb);
struct fse_account *fse_account_get(struct super_block *sb);

#endif /* _FS_EVENTS_ACCOUNT_H */
