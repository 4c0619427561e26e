// SPDX-License-Identifier: GPL-2.0-only
/*
 * The space budget together with account.c: CPUs that take and free space,
 * kicks, and samples by a work item, on a simulated file system that is only a
 * number.
 *
 * Like file systems, it counts a change after making it. Its samples are
 * delayed at each point where a change could be missed: after reading the
 * counters, and after reading the number.
 *
 * The bound: once the completed requests reach the level, the request that
 * reached it or an earlier one has kicked. So each writer sums up completed
 * requests, and when the sum reaches the level, a kick is pending, a sample is
 * running, or the level was seen.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/prandom.h>
#include <linux/sched/task.h>
#include <linux/wait.h>

#include "../account.h"
#include "tests.h"

#define TOTAL		1048576U
#define WRITERS_MAX	16
/* Emulated machines are slow; a kick waits for some milliseconds otherwise. */
#define DEADLINE	(30 * HZ)

struct sim {
	struct kunit *test;
	struct fse_account *account;
	struct fse_sb es;
	atomic64_t avail;
	atomic64_t done;	/* available, ignoring requests in progress */
	struct fse_level level;	/* under es.lock, for writing */
	bool sampling;
	unsigned int samples;
	unsigned int turns;
	wait_queue_head_t wq;
	atomic_t missed;
	atomic_t reached;
	void (*write)(struct sim *sim, struct rnd_state *rnd);
	unsigned int requests;
	struct rnd_state rnd;
	atomic_t writing;
	struct task_struct *writer[WRITERS_MAX];
	unsigned int nr_writers;
};

static void turned(void *arg, unsigned int nr, enum fse_turn turn)
{
	struct sim *sim = arg;

	sim->turns++;
}

static void dawdle(struct sim *sim)
{
	udelay(prandom_u32_state(&sim->rnd) % 256);
}

static void sim_sample(struct work_struct *work)
{
	struct fse_sb *es = container_of(work, struct fse_sb, sample);
	struct sim *sim = container_of(es, struct sim, es);
	struct fse_gauge g = { .total = TOTAL };
	struct fse_distance d = FSE_DISTANCE_NONE;

	WRITE_ONCE(sim->sampling, true);
	/* Set before the pending kick is cleared. */
	smp_mb();
	fse_account_see(es);
	dawdle(sim);
	g.avail = atomic64_read(&sim->avail);
	dawdle(sim);
	mutex_lock(&es->lock);
	fse_levels_run(&sim->level, 1, &g, turned, sim);
	fse_levels_distance(&sim->level, 1, &g, &d);
	mutex_unlock(&es->lock);
	fse_account_share(es, &d, 0);
	/* Publishes results and kicks to sim_quiet(). */
	smp_store_release(&sim->samples, sim->samples + 1);
	/* Ordered after the count of samples. */
	smp_store_release(&sim->sampling, false);
	wake_up_all(&sim->wq);
}

/*
 * Is no sample pending or running? A sample that ends meanwhile may have
 * requested the next: check again.
 */
static bool sim_quiet(const struct sim *sim)
{
	unsigned int before;

	do {
		/* Pairs with smp_store_release() in sim_sample(). */
		before = smp_load_acquire(&sim->samples);
		/* Pairs with smp_store_mb() in fse_account_see(). */
		if (smp_load_acquire(&sim->account->kicked))
			return false;
		/* Pairs with smp_store_release() in sim_sample(). */
		if (smp_load_acquire(&sim->sampling))
			return false;
	} while (READ_ONCE(sim->samples) != before);
	return true;
}

static bool sim_crossed(const struct sim *sim)
{
	return READ_ONCE(sim->level.crossed);
}

static void sim_take(struct sim *sim, u64 nr)
{
	atomic64_sub(nr, &sim->avail);
	fse_account_add(sim->account->cpu, FSE_WAY_DOWN, nr);
}

static void sim_give(struct sim *sim, u64 nr)
{
	atomic64_add(nr, &sim->avail);
	fse_account_add(sim->account->cpu, FSE_WAY_UP, nr);
}

static void sim_fill(struct sim *sim, struct rnd_state *rnd)
{
	u64 trigger = sim->level.trigger.value;
	unsigned int nr;
	u64 done;

	do {
		nr = 1 + prandom_u32_state(rnd) % 64;
		sim_take(sim, nr);
		done = atomic64_sub_return(nr, &sim->done);
		if (done <= trigger) {
			atomic_inc(&sim->reached);
			if (sim_quiet(sim) && !sim_crossed(sim))
				atomic_inc(&sim->missed);
		}
		cond_resched();
		/* Leave time for samples in between. */
		udelay(prandom_u32_state(rnd) % 4);
	} while (done + 256 > trigger);
}

static void sim_wander(struct sim *sim, struct rnd_state *rnd)
{
	unsigned int i, nr, mine = 0;

	for (i = 0; i < sim->requests; i++) {
		nr = prandom_u32_state(rnd) % 2048;
		if (prandom_u32_state(rnd) % 2) {
			if (mine + nr > TOTAL / WRITERS_MAX)
				continue;
			sim_take(sim, nr);
			mine += nr;
		} else if (mine >= nr) {
			sim_give(sim, nr);
			mine -= nr;
		}
		cond_resched();
	}
}

/* All on the counters of CPU 0, like tasks that were migrated. */
static void sim_hammer(struct sim *sim, struct rnd_state *rnd)
{
	struct fse_budget_cpu *c = &per_cpu_ptr(sim->account->cpu, 0)->moved;
	unsigned int i, nr;
	u64 sum = 0;

	/* Long enough to race with that many samples. */
	while (READ_ONCE(sim->samples) < 200) {
		for (i = 0; i < 64; i++, sum += nr) {
			nr = prandom_u32_state(rnd) % 64;
			fse_budget_add(c, FSE_WAY_DOWN, nr);
		}
		cond_resched();
	}
	atomic64_add(sum, &sim->done);
}

static int sim_writer(void *arg)
{
	struct sim *sim = arg;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, get_random_u64());
	sim->write(sim, &rnd);
	atomic_dec(&sim->writing);
	return 0;
}

static struct sim *sim_begin(struct kunit *test)
{
	struct sim *sim = kunit_kzalloc(test, sizeof(*sim), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, sim);
	sim->test = test;
	sim->account = fse_account_alloc();
	KUNIT_ASSERT_NOT_NULL(test, sim->account);
	mutex_init(&sim->es.lock);
	fse_sample_init(&sim->es);
	INIT_WORK(&sim->es.sample, sim_sample);
	sim->es.account = sim->account;
	init_waitqueue_head(&sim->wq);
	prandom_seed_state(&sim->rnd, get_random_u64());
	atomic64_set(&sim->avail, TOTAL);
	fse_account_serve(sim->account, &sim->es);
	return sim;
}

static void sim_end(struct sim *sim)
{
	fse_account_serve(sim->account, NULL);
	fse_sample_stop(&sim->es);
	/* Wait for a kick that may still use the super block. */
	synchronize_rcu();
	fse_account_put(sim->account);
}

/* Setting a level requests a sample. */
static void sim_set_level(struct sim *sim, u64 trigger, u64 rearm)
{
	mutex_lock(&sim->es.lock);
	sim->level.trigger.value = trigger;
	sim->level.rearm.value = rearm;
	mutex_unlock(&sim->es.lock);
	fse_sample_now(&sim->es);
}

static void sim_write(struct sim *sim)
{
	struct task_struct *task;
	unsigned int cpu, i;

	sim->nr_writers = 0;
	/* Two per CPU, which preempt each other during requests. */
	for (i = 0; i < 2; i++) {
		for_each_online_cpu(cpu) {
			if (sim->nr_writers == WRITERS_MAX)
				break;
			task = kthread_create(sim_writer, sim, "fse_writer/%u",
					      cpu);
			if (IS_ERR(task))
				continue;
			get_task_struct(task);
			kthread_bind(task, cpu);
			sim->writer[sim->nr_writers++] = task;
		}
	}
	atomic_set(&sim->writing, sim->nr_writers);
	for (i = 0; i < sim->nr_writers; i++)
		wake_up_process(sim->writer[i]);
}

static void sim_join(struct sim *sim)
{
	unsigned int i;

	/* The writers end by themselves. */
	for (i = 0; i < sim->nr_writers; i++)
		kthread_stop_put(sim->writer[i]);
}

static bool sim_true(const struct sim *sim)
{
	const struct fse_level *level = &sim->level;

	return level->crossed == (atomic64_read(&sim->avail) <=
				  (level->crossed ? level->rearm.value :
						    level->trigger.value));
}

/* Nothing moves and no kick waits: is the state true? */
static void sim_expect_truth(struct sim *sim, const char *when)
{
	struct kunit *test = sim->test;

	KUNIT_EXPECT_NE_MSG(test, 0,
			    wait_event_timeout(sim->wq, sim_quiet(sim),
					       DEADLINE),
			    "%s: samples without end", when);
	KUNIT_EXPECT_TRUE_MSG(test, sim_true(sim),
			      "%s: %lld available, trigger %llu, re-arm %llu, crossed %d",
			      when, atomic64_read(&sim->avail),
			      sim->level.trigger.value,
			      sim->level.rearm.value, sim->level.crossed);
}

/* Unrequested samples, as long as there are writers. */
static void sim_pester(struct sim *sim)
{
	while (atomic_read(&sim->writing)) {
		fse_sample_now(&sim->es);
		flush_work(&sim->es.sample);
		cond_resched();
	}
}

static void sim_fill_once(struct sim *sim, bool pester)
{
	u64 trigger = TOTAL / 4 + prandom_u32_state(&sim->rnd) % (TOTAL / 2);

	sim_set_level(sim, trigger, trigger);
	flush_work(&sim->es.sample);
	sim_expect_truth(sim, "empty");
	KUNIT_EXPECT_FALSE(sim->test, sim_crossed(sim));
	atomic64_set(&sim->done, atomic64_read(&sim->avail));
	sim_write(sim);
	if (pester)
		sim_pester(sim);
	sim_join(sim);
	sim_expect_truth(sim, "full");
	KUNIT_EXPECT_TRUE(sim->test, sim_crossed(sim));
	/* Freeing space requests a sample. */
	sim_give(sim, TOTAL - atomic64_read(&sim->avail));
	sim_expect_truth(sim, "emptied");
}

void fse_test_crossings_are_seen(struct kunit *test)
{
	struct sim *sim = sim_begin(test);
	unsigned int i;

	sim->write = sim_fill;
	for (i = 0; i < 50; i++)
		sim_fill_once(sim, i % 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&sim->missed), 0);
	KUNIT_EXPECT_GE(test, atomic_read(&sim->reached), 50);
	KUNIT_EXPECT_EQ(test, sim->turns, 100);
	kunit_info(test, "%u writers, %u samples, %d requests past a level",
		   sim->nr_writers, sim->samples, atomic_read(&sim->reached));
	sim_end(sim);
}

/* Space moves at random while the level moves. */
void fse_test_crossings_at_random(struct kunit *test)
{
	struct sim *sim = sim_begin(test);
	unsigned int i, k, before;
	u64 trigger;

	sim->write = sim_wander;
	sim->requests = 2000;
	for (i = 0; i < 20; i++) {
		sim_write(sim);
		for (k = 0; k < 10; k++) {
			trigger = TOTAL - prandom_u32_state(&sim->rnd) %
					  (TOTAL / 16 * sim->nr_writers);
			before = READ_ONCE(sim->samples);
			sim_set_level(sim, trigger, trigger +
				      prandom_u32_state(&sim->rnd) % 4096);
			wait_event_timeout(sim->wq,
					   READ_ONCE(sim->samples) != before,
					   DEADLINE);
		}
		sim_join(sim);
		/* The sample that the last level asked for. */
		flush_work(&sim->es.sample);
		sim_expect_truth(sim, "settled");
		/* A block to the other side, and back. */
		sim_take(sim, 1);
		sim_give(sim, 1);
		sim_expect_truth(sim, "nudged");
		sim_give(sim, TOTAL - atomic64_read(&sim->avail));
		sim_expect_truth(sim, "emptied");
	}
	KUNIT_EXPECT_GT(test, sim->turns, 20);
	kunit_info(test, "%u samples, %u turns", sim->samples, sim->turns);
	sim_end(sim);
}

/* Concurrent counts and resets of a counter lose no block. */
void fse_test_crossings_count(struct kunit *test)
{
	struct sim *sim = sim_begin(test);
	struct fse_budget_cpu *c = &per_cpu_ptr(sim->account->cpu, 0)->moved;

	sim->write = sim_hammer;
	sim_set_level(sim, TOTAL / 2, TOTAL / 2);
	sim_write(sim);
	sim_pester(sim);
	sim_join(sim);
	flush_work(&sim->es.sample);
	KUNIT_EXPECT_GT(test, atomic64_read(&sim->done), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&sim->done),
			(u64)(c->due[FSE_WAY_DOWN] +
			      atomic_long_read(&c->past[FSE_WAY_DOWN])));
	KUNIT_EXPECT_EQ(test, 0, c->due[FSE_WAY_UP] +
				 atomic_long_read(&c->past[FSE_WAY_UP]));
	sim_end(sim);
}
