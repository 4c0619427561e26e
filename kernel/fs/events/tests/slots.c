// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slots: counting, merging and sending.
 */
#include <linux/limits.h>
#include <linux/prandom.h>
#include <linux/time64.h>

#include "../slot.h"
#include "tests.h"

#define MS	NSEC_PER_MSEC

static void expect_pending(struct kunit *test, const struct fse_slot *s,
			   u64 order, u64 first_ns, u32 count)
{
	KUNIT_EXPECT_TRUE(test, s->pending);
	KUNIT_EXPECT_EQ(test, s->order, order);
	KUNIT_EXPECT_EQ(test, s->first_ns, first_ns);
	KUNIT_EXPECT_EQ(test, s->count, count);
}

/* The first is sent at once, the next ones in a message 100 ms later. */
void fse_test_slot_errors(struct kunit *test)
{
	struct fse_slot s = {};

	KUNIT_EXPECT_TRUE(test, fse_slot_add(&s, 7, 1000));
	expect_pending(test, &s, 7, 1000, 1);
	KUNIT_EXPECT_EQ(test, fse_slot_wait(&s, 5 * MS), 0);
	KUNIT_EXPECT_EQ(test, fse_slot_take(&s, 5 * MS), 1);
	KUNIT_EXPECT_FALSE(test, s.pending);

	KUNIT_EXPECT_TRUE(test, fse_slot_add(&s, 8, 2000));
	KUNIT_EXPECT_FALSE(test, fse_slot_add(&s, 9, 3000));
	KUNIT_EXPECT_FALSE(test, fse_slot_add(&s, 10, 4000));
	expect_pending(test, &s, 8, 2000, 3);
	KUNIT_EXPECT_EQ(test, fse_slot_wait(&s, 6 * MS), 99 * MS);
	KUNIT_EXPECT_EQ(test, fse_slot_wait(&s, 105 * MS - 1), 1);
	KUNIT_EXPECT_EQ(test, fse_slot_wait(&s, 105 * MS), 0);

	/* A full count is sent at once and stays full. */
	s.count = U32_MAX - 1;
	fse_slot_add(&s, 11, 5000);
	KUNIT_EXPECT_EQ(test, fse_slot_wait(&s, 6 * MS), 0);
	fse_slot_add(&s, 12, 6000);
	expect_pending(test, &s, 8, 2000, U32_MAX);
	KUNIT_EXPECT_EQ(test, fse_slot_take(&s, 6 * MS), U32_MAX);
	KUNIT_EXPECT_EQ(test, s.count, 0);
}

/* Events alternate; pairs are counted in the next message. */
void fse_test_slot_turns(struct kunit *test)
{
	struct fse_slot s = {};

	KUNIT_EXPECT_EQ(test, fse_slot_turn(&s, 1, 1000, true), 0);
	expect_pending(test, &s, 1, 1000, 1);
	KUNIT_EXPECT_EQ(test, fse_slot_turn(&s, 2, 2000, false), 2);
	KUNIT_EXPECT_FALSE(test, s.pending);
	KUNIT_EXPECT_EQ(test, fse_slot_turn(&s, 3, 3000, true), 0);
	expect_pending(test, &s, 3, 3000, 3);
	KUNIT_EXPECT_TRUE(test, s.below);
	KUNIT_EXPECT_EQ(test, fse_slot_take(&s, 5 * MS), 3);
	KUNIT_EXPECT_EQ(test, fse_slot_turn(&s, 4, 4000, false), 0);
	expect_pending(test, &s, 4, 4000, 1);
	KUNIT_EXPECT_FALSE(test, s.below);

	/* Pairs alone cause no message until the count is full. */
	fse_slot_take(&s, 5 * MS);
	s.count = U32_MAX - 2;
	KUNIT_EXPECT_EQ(test, fse_slot_turn(&s, 5, 5000, true), 0);
	KUNIT_EXPECT_EQ(test, fse_slot_turn(&s, 6, 6000, false), 1);
	expect_pending(test, &s, 5, 5000, U32_MAX);
	KUNIT_EXPECT_FALSE(test, s.below);
	KUNIT_EXPECT_EQ(test, fse_slot_wait(&s, 6 * MS), 0);
}

/* A message that could not be sent. */
void fse_test_slot_untake(struct kunit *test)
{
	struct fse_slot s = {}, taken;

	fse_slot_add(&s, 1, 1000);
	taken = s;
	fse_slot_take(&s, 5 * MS);
	fse_slot_add(&s, 2, 2000);
	KUNIT_EXPECT_EQ(test, fse_slot_untake(&s, &taken, 50 * MS), 1);
	expect_pending(test, &s, 1, 1000, 2);
	KUNIT_EXPECT_EQ(test, fse_slot_wait(&s, 20 * MS), 30 * MS);

	/* "Below" was not sent, so there is nothing to take back. */
	s = (struct fse_slot){};
	fse_slot_turn(&s, 1, 1000, true);
	taken = s;
	fse_slot_take(&s, 5 * MS);
	KUNIT_EXPECT_EQ(test, fse_slot_turn(&s, 2, 2000, false), 0);
	KUNIT_EXPECT_EQ(test, fse_slot_untake(&s, &taken, 50 * MS), 2);
	KUNIT_EXPECT_FALSE(test, s.pending);
	KUNIT_EXPECT_EQ(test, s.count, 2);

	/* The same, but the count is full. */
	s = (struct fse_slot){};
	fse_slot_turn(&s, 1, 1000, true);
	taken = s;
	fse_slot_take(&s, 5 * MS);
	KUNIT_EXPECT_EQ(test, fse_slot_turn(&s, 2, 2000, false), 0);
	s.count = U32_MAX - 1;
	KUNIT_EXPECT_EQ(test, fse_slot_untake(&s, &taken, 50 * MS), 1);
	expect_pending(test, &s, 1, 1000, U32_MAX);
	KUNIT_EXPECT_FALSE(test, s.below);
	KUNIT_EXPECT_EQ(test, fse_slot_wait(&s, 6 * MS), 0);
}

/*
 * Random events and failing sends: each occurrence is in exactly one message or
 * pending, and states alternate and are true when sent.
 */
void fse_test_slot_flood(struct kunit *test)
{
	struct fse_slot s = {}, taken;
	u64 now, happened = 0, taken_count = 0, earliest = 0;
	bool below = false, heard = false;
	unsigned int messages = 0;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 20260101);
	for (now = MS; now < 100000 * MS; now += MS) {
		if (prandom_u32_state(&rnd) % 2) {
			below = !below;
			fse_slot_turn(&s, now, now, below);
			happened++;
		}
		if (!s.pending || fse_slot_wait(&s, now))
			continue;
		KUNIT_ASSERT_EQ(test, s.below, below);
		KUNIT_ASSERT_NE(test, s.below, heard);
		taken = s;
		taken_count += fse_slot_take(&s, now);
		if (prandom_u32_state(&rnd) % 4) {
			KUNIT_ASSERT_GE(test, now, earliest);
			earliest = now + FSE_SLOT_GAP_NS;
			heard = taken.below;
			messages++;
			continue;
		}
		taken_count -= taken.count;
		fse_slot_untake(&s, &taken, now + 20 * MS);
	}
	KUNIT_EXPECT_EQ(test, happened, taken_count + s.count);
	KUNIT_EXPECT_EQ(test, s.pending ? s.below : heard, below);
	KUNIT_EXPECT_GT(test, messages, 500);
	KUNIT_EXPECT_LE(test, messages, 1001);
}
