// SPDX-License-Identifier: GPL-2.0-only
/*
 * The code around the space budget, step by step: when it requests a sample,
 * from which super block, how often, and valid fs_trace_info.
 */
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/wait.h>

#include "../account.h"
#include "tests.h"

#define DEADLINE	(30 * HZ)

/* A super block whose samples only record when they began. */
struct asked {
	struct fse_sb es;
	struct fse_distance left;	/* result of each sample */
	wait_queue_head_t wq;
	unsigned int samples;
	u64 cost_ns;	/* of each sample */
	u64 first_ns;
	u64 last_ns;
};

static void asked_sample(struct work_struct *work)
{
	struct fse_sb *es = container_of(work, struct fse_sb, sample);
	struct asked *a = container_of(es, struct asked, es);

	a->last_ns = ktime_get_mono_fast_ns();
	if (!a->first_ns)
		a->first_ns = a->last_ns;
	fse_account_see(es);
	fse_account_share(es, &a->left, a->cost_ns);
	/* Publishes the writes above to expect_rate(). */
	smp_store_release(&a->samples, a->samples + 1);
	wake_up_all(&a->wq);
}

static struct asked *asked_begin(struct kunit *test,
				 struct fse_account *account)
{
	struct asked *a = kunit_kzalloc(test, sizeof(*a), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, a);
	mutex_init(&a->es.lock);
	fse_sample_init(&a->es);
	INIT_WORK(&a->es.sample, asked_sample);
	init_waitqueue_head(&a->wq);
	a->left = FSE_DISTANCE_NONE;
	a->es.account = account;
	return a;
}

static void serve(struct fse_account *account, struct asked *a)
{
	fse_account_serve(account, a ? &a->es : NULL);
}

static void asked_end(struct asked *a)
{
	serve(a->es.account, NULL);
	fse_sample_stop(&a->es);
	/* Wait for a kick that may still use the super block. */
	synchronize_rcu();
}

/* A super block whose timer and work are stopped: tests take its samples. */
static struct asked *asked_still(struct kunit *test,
				 struct fse_account *account)
{
	struct asked *a = asked_begin(test, account);

	fse_sample_stop(&a->es);
	return a;
}

static struct fse_account *account_begin(struct kunit *test)
{
	struct fse_account *account = fse_account_alloc();

	KUNIT_ASSERT_NOT_NULL(test, account);
	return account;
}

static u64 kicks(void)
{
	return atomic64_read(&fse_init_owner.stats[FSE_STAT_KICKS]);
}

/* Return: the add requested a sample. Clears the request. */
static bool asks(struct fse_account *account, enum fse_way way, u64 nr)
{
	fse_account_add(account->cpu, way, nr);
	irq_work_sync(&account->kick);
	return xchg(&account->kicked, false);
}

/* Only the published super block reads counters and sets shares. */
void fse_test_account_serves(struct kunit *test)
{
	struct fse_account *account = account_begin(test);
	struct asked *first = asked_still(test, account);
	struct asked *second = asked_still(test, account);
	const struct fse_distance near = { 1, 1 };
	u64 paid;

	/*
	 * No sample is due without a super block, or before its first sample.
	 */
	KUNIT_EXPECT_FALSE(test, asks(account, FSE_WAY_DOWN, 1000000));
	serve(account, first);
	KUNIT_EXPECT_FALSE(test, asks(account, FSE_WAY_UP, 1000000));

	fse_account_see(&first->es);
	paid = account->free_ns;
	KUNIT_EXPECT_NE(test, paid, 0);
	fse_account_share(&first->es, &near, 0);
	KUNIT_EXPECT_TRUE(test, asks(account, FSE_WAY_DOWN, 1));
	KUNIT_EXPECT_TRUE(test, asks(account, FSE_WAY_UP, 1));

	/* After a switch the previous shares are void. */
	serve(account, second);
	KUNIT_EXPECT_FALSE(test, asks(account, FSE_WAY_DOWN, 1000000));
	WRITE_ONCE(account->kicked, true);
	fse_account_see(&first->es);
	KUNIT_EXPECT_EQ(test, account->free_ns, paid);
	KUNIT_EXPECT_TRUE(test, xchg(&account->kicked, false));
	fse_account_share(&first->es, &near, 0);
	KUNIT_EXPECT_FALSE(test, asks(account, FSE_WAY_UP, 1000000));

	asked_end(second);
	asked_end(first);
	fse_account_put(account);
}

/* Each direction has its distance; moves during a sample count as well. */
void fse_test_account_shares(struct kunit *test)
{
	struct fse_account *account = account_begin(test);
	struct asked *a = asked_still(test, account);
	const struct fse_distance up = { U64_MAX, 1 }, down = { 1, U64_MAX };
	u64 before;

	serve(account, a);
	fse_account_see(&a->es);
	fse_account_share(&a->es, &up, 0);
	KUNIT_EXPECT_FALSE(test, asks(account, FSE_WAY_DOWN, 1000000));
	KUNIT_EXPECT_TRUE(test, asks(account, FSE_WAY_UP, 1));
	fse_account_see(&a->es);
	fse_account_share(&a->es, &down, 0);
	KUNIT_EXPECT_FALSE(test, asks(account, FSE_WAY_UP, 1000000));
	KUNIT_EXPECT_TRUE(test, asks(account, FSE_WAY_DOWN, 1));

	/* Further requests while a kick is pending do not count. */
	before = kicks();
	fse_account_add(account->cpu, FSE_WAY_DOWN, 1);
	fse_account_add(account->cpu, FSE_WAY_DOWN, 1);
	KUNIT_EXPECT_EQ(test, kicks() - before, 1);
	irq_work_sync(&account->kick);
	KUNIT_EXPECT_TRUE(test, account->kicked);

	/* Moves during a sample use the old distance. */
	before = kicks();
	fse_account_see(&a->es);
	KUNIT_EXPECT_FALSE(test, account->kicked);
	KUNIT_EXPECT_FALSE(test, asks(account, FSE_WAY_UP, 5));
	KUNIT_EXPECT_EQ(test, kicks(), before);
	fse_account_share(&a->es, &up, 0);
	irq_work_sync(&account->kick);
	KUNIT_EXPECT_TRUE(test, account->kicked);

	asked_end(a);
	fse_account_put(account);
}

/*
 * Samples follow each other as long as they are requested, on average not closer
 * than @gap_ns, but for one burst.
 */
static void expect_rate(struct kunit *test, const struct fse_distance *left,
			enum fse_way way, u64 cost_ns, u64 gap_ns)
{
	unsigned int nr = div_u64(FSE_KICK_BURST_NS, gap_ns) + 6, i;
	struct fse_account *account = account_begin(test);
	struct asked *a = asked_begin(test, account);

	a->left = *left;
	a->cost_ns = cost_ns;
	serve(account, a);
	fse_sample_now(&a->es);
	for (i = 1; i <= nr; i++) {
		/* Pairs with smp_store_release() in asked_sample(). */
		if (!wait_event_timeout(a->wq, smp_load_acquire(&a->samples) >= i,
					DEADLINE)) {
			KUNIT_FAIL(test, "sample %u never came", i);
			break;
		}
		/* More than any share here. */
		fse_account_add(account->cpu, way, 1000000);
	}
	asked_end(a);
	/* The first one is free: what it costs is not known before. */
	KUNIT_EXPECT_GE(test, a->last_ns - a->first_ns + FSE_KICK_BURST_NS,
			(nr - 2) * gap_ns);
	fse_account_put(account);
}

void fse_test_account_rate(struct kunit *test)
{
	expect_rate(test, &(struct fse_distance){ 500000, U64_MAX },
		    FSE_WAY_DOWN, 0, 2 * NSEC_PER_MSEC);
	expect_rate(test, &(struct fse_distance){ 1, U64_MAX },
		    FSE_WAY_DOWN, 20 * NSEC_PER_USEC, 2 * NSEC_PER_MSEC);
	expect_rate(test, &(struct fse_distance){ U64_MAX, 1 },
		    FSE_WAY_UP, 90 * NSEC_PER_USEC, 9 * NSEC_PER_MSEC);
	expect_rate(test, &(struct fse_distance){ U64_MAX, 1 },
		    FSE_WAY_UP, NSEC_PER_MSEC, 100 * NSEC_PER_MSEC);
}

/* Did the kick for a request have to wait? @left_ns: set to how long */
static bool waits(struct kunit *test, struct fse_account *account,
		  u64 *left_ns)
{
	bool waits;

	KUNIT_EXPECT_TRUE(test, asks(account, FSE_WAY_DOWN, 1));
	waits = hrtimer_active(&account->late);
	*left_ns = waits ? ktime_to_ns(hrtimer_get_remaining(&account->late)) : 0;
	hrtimer_cancel(&account->late);
	return waits;
}

/* After a rest a kick does not wait, and never for more than the last sample. */
void fse_test_account_burst(struct kunit *test)
{
	struct fse_account *account = account_begin(test);
	struct asked *a = asked_still(test, account);
	const struct fse_distance near = { 1, 1 };
	const u64 cost = 100 * NSEC_PER_MSEC;
	unsigned int i;
	u64 left;

	serve(account, a);
	fse_account_see(&a->es);
	fse_account_share(&a->es, &near, cost);
	KUNIT_EXPECT_FALSE(test, waits(test, account, &left));

	for (i = 0; i < 100; i++) {
		fse_account_see(&a->es);
		fse_account_share(&a->es, &near, cost);
	}
	KUNIT_EXPECT_TRUE(test, waits(test, account, &left));
	KUNIT_EXPECT_LE(test, left, cost * FSE_KICK_COST_PART);
	KUNIT_EXPECT_GT(test, left, 0);

	asked_end(a);
	fse_account_put(account);
}

void fse_test_account_info(struct kunit *test)
{
	struct fs_trace_info info = {};
	unsigned int bit;
	u32 mask = 0;

	KUNIT_EXPECT_TRUE(test, fse_trace_info_valid(&info));
	for (bit = 0; bit < 32; bit++) {
		info.events_cap_mask = BIT(bit);
		if (fse_trace_info_valid(&info))
			mask |= BIT(bit);
	}
	KUNIT_EXPECT_EQ(test, mask, BIT(FS_WARN_ENOSPC) |
				    BIT(FS_WARN_ENOSPC_META) |
				    BIT(FS_ERR_REMOUNT_RO) |
				    BIT(FS_ERR_CORRUPTED) | BIT(FS_ERR_IO) |
				    BIT(FS_ERR_SHUTDOWN) |
				    BIT(FS_THR_LRBELOW) | BIT(FS_THR_LRABOVE) |
				    BIT(FS_THR_URBELOW) | BIT(FS_THR_URABOVE) |
				    BIT(FS_THR_BELOW) | BIT(FS_THR_ABOVE));
	info.events_cap_mask = mask;
	info.flags = FS_TRACE_LOCAL;
	KUNIT_EXPECT_TRUE(test, fse_trace_info_valid(&info));
	info.flags = FS_TRACE_LOCAL | FS_TRACE_LOCAL << 1;
	KUNIT_EXPECT_FALSE(test, fse_trace_info_valid(&info));
}
