// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: file systems that account for their space through us.
 *
 * What they take and give back is counted on the CPU that they run on, and
 * when so much was moved that a level may have been crossed, the sampler is
 * kicked: budget.c says why nothing is missed. A kick goes through an irq_work,
 * since the caller may hold any lock and be in any context, and from there to
 * the sampler's work at once, unless the last sample is less than 2 ms ago (20
 * ms near a level): then it waits for that, and is never dropped.
 *
 * A CPU that comes online gets its share with the next sample, which it kicks
 * while it is still coming.
 *
 * Lifetime: an account is a part of its fse_sb, made with it and freed with
 * it, after a grace period. Once the fse_sb is unpublished, accounting may
 * still find it until the end of that; what it kicks then comes to nothing,
 * since the sampler's work is disabled and its timers are shut down.
 *
 * Context: accounting: any; the rest: process context.
 */
#include <linux/cpuhotplug.h>
#include <linux/export.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "account.h"

/* Kicks are at least so far apart. */
#define FSE_KICK_GAP_NS		(2 * NSEC_PER_MSEC)
#define FSE_KICK_NEAR_NS	(20 * NSEC_PER_MSEC)

static enum cpuhp_state fse_account_cpuhp;

static void fse_account_kick(struct fse_account *account)
{
	/* Cleared before a sample looks at the counters. */
	if (READ_ONCE(account->kicked) || xchg(&account->kicked, true))
		return;
	fse_count(&fse_init_owner, FSE_STAT_KICKS, 1);
	irq_work_queue(&account->kick);
}

static void fse_account_kicked(struct irq_work *work)
{
	struct fse_account *account = container_of(work, struct fse_account,
						   kick);
	const struct fse_budget *b = &account->budget;
	u64 gap = FSE_KICK_GAP_NS, since;

	if (READ_ONCE(b->near[FSE_WAY_DOWN]) || READ_ONCE(b->near[FSE_WAY_UP]))
		gap = FSE_KICK_NEAR_NS;
	since = ktime_get_mono_fast_ns() - READ_ONCE(account->begun_ns);
	if (since >= gap)
		fse_sample_now(account->es);
	else
		fse_sample_by(account->es, gap - since);
}

void __fs_event_space(struct super_block *sb, bool freed, u64 ncount)
{
	enum fse_way way = freed ? FSE_WAY_UP : FSE_WAY_DOWN;
	struct fse_account *account;
	struct fse_sb *es;

	rcu_read_lock();
	es = fse_sb_find(sb);
	account = es ? es->account : NULL;
	if (account && fse_budget_add(&account->budget,
				      raw_cpu_ptr(account->cpu), way, ncount))
		fse_account_kick(account);
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(__fs_event_space);

/**
 * fse_account_alloc - the space budget of a super block that is to be watched
 * @es: its state
 *
 * Return: the budget, by which nothing is due before the first sample; NULL
 * when there is no memory.
 */
struct fse_account *fse_account_alloc(struct fse_sb *es)
{
	struct fse_account *account;
	unsigned int way;

	account = kzalloc(sizeof(*account), GFP_KERNEL_ACCOUNT);
	if (!account)
		return NULL;
	account->cpu = alloc_percpu_gfp(struct fse_budget_cpu,
					GFP_KERNEL_ACCOUNT);
	if (!account->cpu) {
		kfree(account);
		return NULL;
	}
	for (way = 0; way < FSE_WAY_NR; way++)
		account->budget.share[way] = FSE_BUDGET_NONE;
	account->es = es;
	account->kick = IRQ_WORK_INIT_HARD(fse_account_kicked);
	return account;
}

/**
 * fse_account_free - free a budget that nobody finds any more
 * @account: the budget, or NULL
 *
 * Context: Any but hard interrupts.
 */
void fse_account_free(struct fse_account *account)
{
	if (!account)
		return;
	free_percpu(account->cpu);
	kfree(account);
}

/**
 * fse_account_see - a sample begins; ->statfs is called after this
 * @es: the super block's state
 */
void fse_account_see(struct fse_sb *es)
{
	struct fse_account *account = es->account;
	int cpu;

	if (!account)
		return;
	WRITE_ONCE(account->begun_ns, ktime_get_mono_fast_ns());
	/* What is asked for from here on asks for the next sample. */
	smp_store_mb(account->kicked, false);
	for_each_possible_cpu(cpu)
		fse_budget_see(per_cpu_ptr(account->cpu, cpu));
	/* The counters first, the figures then. */
	smp_mb();
}

/**
 * fse_account_share - a sample has ended
 * @es: the super block's state
 * @space: how far the next switches are
 */
void fse_account_share(struct fse_sb *es, const struct fse_distance *space)
{
	struct fse_account *account = es->account;
	unsigned int cpus = num_online_cpus();
	bool spent = false;
	int cpu;

	if (!account)
		return;
	fse_budget_share(&account->budget, FSE_WAY_DOWN, space->down, cpus);
	fse_budget_share(&account->budget, FSE_WAY_UP, space->up, cpus);
	for_each_possible_cpu(cpu)
		fse_budget_rebase(per_cpu_ptr(account->cpu, cpu));
	/* Who adds from here on compares with what was just written. */
	smp_mb();
	for_each_possible_cpu(cpu)
		spent |= fse_budget_spent(&account->budget,
					  per_cpu_ptr(account->cpu, cpu));
	if (spent)
		fse_account_kick(account);
}

/**
 * fse_account_remind - the timers have been set
 * @es: the super block's state
 *
 * A kick that came while a sample was taken set them as well, to a time that
 * is lost now.
 */
void fse_account_remind(struct fse_sb *es)
{
	if (es->account && READ_ONCE(es->account->kicked))
		irq_work_queue(&es->account->kick);
}

/* @es is unpublished. */
void fse_account_stop(struct fse_sb *es)
{
	if (es->account)
		irq_work_sync(&es->account->kick);
}

static bool fse_account_kick_each(const struct fse_sb *es, const void *arg)
{
	if (es->account)
		fse_account_kick(es->account);
	return false;
}

static int fse_account_cpu(unsigned int cpu)
{
	rcu_read_lock();
	fse_sb_find_if(fse_account_kick_each, NULL);
	rcu_read_unlock();
	return 0;
}

int fse_account_init(void)
{
	int state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN,
					      "fs_events:online",
					      fse_account_cpu, NULL);

	if (state < 0)
		return state;
	fse_account_cpuhp = state;
	return 0;
}

void fse_account_exit(void)
{
	cpuhp_remove_state_nocalls(fse_account_cpuhp);
}
