// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: file systems that account for their space through us.
 *
 * What they take and give back is counted on the CPU that they run on, and
 * when so much was moved that a level may have been crossed, the sampler is
 * kicked: budget.c says why nothing is missed. A kick goes through an irq_work,
 * since the caller may hold any lock and be in any context, and from there to
 * the sampler's work. Over longer times, samples for kicks are at most 500 a
 * second and take at most 1 % of a CPU. Kicks come close together just before a
 * level is crossed, so samples may be ahead of that by a burst. A kick that comes
 * too early waits in a timer, and is never dropped.
 *
 * Which watches need it: those of makers with privilege over the file system, for
 * levels of space or for the end of a full file system. A change that brings
 * such a watch enables the static key, and makes the counters, before it takes
 * effect; both are for as long as the state of the super block. So users without
 * privilege neither send allocations out of line nor get more samples.
 *
 * Lifetime: an account belongs to its super block and serves one state of it
 * at a time. A state that is being removed may still be taking a sample, while
 * another is made already: so seeing and sharing out are only for the one that
 * is published. What a kick finds under RCU may have been unpublished since;
 * then it comes to nothing, since the sampler's work is disabled and its timer
 * is shut down.
 *
 * Context: accounting: any; the rest: process context.
 */
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/jump_label_ratelimit.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "account.h"

struct static_key_false_deferred fs_event_accounting = {
	.key	= STATIC_KEY_FALSE_INIT,
};
EXPORT_SYMBOL_GPL(fs_event_accounting);

/**
 * fse_account_kick - bring a sample about
 * @account: the account
 *
 * Context: Any.
 */
void fse_account_kick(struct fse_account *account)
{
	/* Cleared before a sample looks at the counters. */
	if (READ_ONCE(account->kicked) || xchg(&account->kicked, true))
		return;
	fse_count(&fse_init_owner, FSE_STAT_KICKS, 1);
	irq_work_queue(&account->kick);
}

static void fse_account_sample(struct fse_account *account)
{
	struct fse_sb *es;

	rcu_read_lock();
	es = rcu_dereference(account->es);
	if (es)
		fse_sample_now(es);
	rcu_read_unlock();
}

static void fse_account_kicked(struct irq_work *work)
{
	struct fse_account *account = container_of(work, struct fse_account,
						   kick);
	u64 ahead = READ_ONCE(account->free_ns) - ktime_get_mono_fast_ns();

	if ((s64)ahead <= (s64)FSE_KICK_BURST_NS)
		fse_account_sample(account);
	else
		hrtimer_start(&account->late,
			      ns_to_ktime(ahead - FSE_KICK_BURST_NS),
			      HRTIMER_MODE_REL_HARD);
}

static enum hrtimer_restart fse_account_late(struct hrtimer *timer)
{
	fse_account_sample(container_of(timer, struct fse_account, late));
	return HRTIMER_NORESTART;
}

/* Nothing in @info but what there is? */
bool fse_trace_info_valid(const struct fs_trace_info *info)
{
	return !(info->events_cap_mask &
		 ~(FS_EVENT_CAP_GENERIC | FS_EVENT_CAP_SPACE)) &&
	       !(info->flags & ~FS_TRACE_LOCAL);
}

/* Share a distance out. Return: a share was used up already. */
static bool fse_account_divide(struct fse_account *account,
			       const struct fse_distance *space)
{
	/* As many as are counted here get a share, whoever comes or goes. */
	unsigned int cpus = num_online_cpus();
	bool share, spent = false;
	int cpu;

	fse_budget_share(&account->budget, FSE_WAY_DOWN, space->down, cpus);
	fse_budget_share(&account->budget, FSE_WAY_UP, space->up, cpus);
	for_each_possible_cpu(cpu) {
		share = cpus && cpu_online(cpu);
		cpus -= share;
		spent |= fse_budget_give(&account->budget,
					 &per_cpu_ptr(account->cpu, cpu)->moved,
					 share);
	}
	return spent;
}

/* From here on nothing is due. */
static void fse_account_rest(struct fse_account *account)
{
	fse_account_divide(account, &FSE_DISTANCE_NONE);
}

/**
 * fse_account_alloc - counters for a super block
 *
 * Return: a reference to an account by which nothing is due; NULL when there
 * is no memory.
 */
struct fse_account *fse_account_alloc(void)
{
	struct fse_account *account;
	int cpu;

	account = kzalloc_obj(*account, GFP_KERNEL_ACCOUNT);
	if (!account)
		return NULL;
	account->cpu = alloc_percpu_gfp(struct fse_account_cpu,
					GFP_KERNEL_ACCOUNT);
	if (!account->cpu) {
		kfree(account);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		per_cpu_ptr(account->cpu, cpu)->account = account;
	kref_init(&account->ref);
	spin_lock_init(&account->lock);
	fse_account_rest(account);
	account->kick = IRQ_WORK_INIT_HARD(fse_account_kicked);
	hrtimer_setup(&account->late, fse_account_late, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_HARD);
	return account;
}

static void fse_account_free(struct kref *ref)
{
	struct fse_account *account = container_of(ref, struct fse_account,
						   ref);

	/* A kick sets the timer, and the timer kicks no more. */
	irq_work_sync(&account->kick);
	hrtimer_cancel(&account->late);
	free_percpu(account->cpu);
	kfree(account);
}

/**
 * fse_account_put - drop a reference
 * @account: the account, or NULL; the last one ends the accounting
 *
 * Context: Process context, may sleep.
 */
void fse_account_put(struct fse_account *account)
{
	if (account)
		kref_put(&account->ref, fse_account_free);
}

/**
 * fse_account_enable - let a file system account for its space, if it does
 * @sb: the super block, to which the caller holds a path
 * @account: set to its account, for fse_account_disable(); NULL: it does not
 *	account
 *
 * Nothing is due until the account serves a state.
 *
 * Context: Process context without locks, may sleep.
 * Return: 0 or -ENOMEM.
 */
int fse_account_enable(struct super_block *sb, struct fse_account **account)
{
	const struct fs_trace_info info = fse_joined_info(sb);

	*account = NULL;
	if (!(info.events_cap_mask & FS_EVENT_CAP_SPACE))
		return 0;
	*account = fse_account_get(sb);
	if (!*account)
		return -ENOMEM;
	static_branch_deferred_inc(&fs_event_accounting);
	return 0;
}

/**
 * fse_account_disable - undo fse_account_enable()
 * @account: the account, or NULL
 *
 * Context: Process context, may sleep.
 */
void fse_account_disable(struct fse_account *account)
{
	if (!account)
		return;
	static_branch_slow_dec_deferred(&fs_event_accounting);
	fse_account_put(account);
}

void __init fse_account_init(void)
{
	fse_key_init(&fs_event_accounting);
}

/* No super block is watched any more. */
void fse_account_exit(void)
{
	static_key_deferred_flush(&fs_event_accounting);
}

/**
 * fse_account_serve - kick the samples of another state from now on
 * @account: the account, or NULL
 * @es: the state, or NULL
 *
 * Context: fse_supers_lock is held.
 */
void fse_account_serve(struct fse_account *account, struct fse_sb *es)
{
	if (!account)
		return;
	spin_lock(&account->lock);
	rcu_assign_pointer(account->es, es);
	fse_account_rest(account);
	spin_unlock(&account->lock);
}

/* Is it @es whose samples count? Under the lock of the account. */
static bool fse_account_serves(const struct fse_account *account,
			       const struct fse_sb *es)
{
	return rcu_access_pointer(account->es) == es;
}

/*
 * A sample begins. Those that were not for kicks count as well, but whatever
 * brought them about, a kick waits no longer than for the last one.
 */
static void fse_account_pay(struct fse_account *account)
{
	u64 now = ktime_get_mono_fast_ns();
	u64 last = now + FSE_KICK_BURST_NS;

	WRITE_ONCE(account->free_ns, clamp(account->free_ns, now, last) +
		   account->gap_ns);
}

/**
 * fse_account_see - a sample begins; ->statfs is called after this
 * @es: the super block's state
 */
void fse_account_see(struct fse_sb *es)
{
	struct fse_account *account = READ_ONCE(es->account);
	int cpu;

	if (!account)
		return;
	spin_lock(&account->lock);
	if (fse_account_serves(account, es)) {
		fse_account_pay(account);
		/* What is asked for from here on asks for the next sample. */
		smp_store_mb(account->kicked, false);
		for_each_possible_cpu(cpu)
			fse_budget_see(&per_cpu_ptr(account->cpu, cpu)->moved);
	}
	spin_unlock(&account->lock);
}

/**
 * fse_account_share - a sample has ended
 * @es: the super block's state
 * @space: how far the next switches are
 * @cost_ns: CPU time that a sample takes
 */
void fse_account_share(struct fse_sb *es, const struct fse_distance *space,
		       u64 cost_ns)
{
	struct fse_account *account = READ_ONCE(es->account);
	bool spent = false;

	if (!account)
		return;
	spin_lock(&account->lock);
	if (fse_account_serves(account, es)) {
		account->gap_ns = max_t(u64, FSE_KICK_GAP_NS,
					cost_ns * FSE_KICK_COST_PART);
		spent = fse_account_divide(account, space);
	}
	spin_unlock(&account->lock);
	if (spent)
		fse_account_kick(account);
}
