// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slots: counting, and when a message is sent.
 */
#include <linux/kernel.h>
#include <linux/limits.h>

#include "slot.h"
#include "unit.h"

#define MS	1000000ULL

static void assert_pending(const struct fse_slot *s, u64 order, u64 first_ns,
			   u32 count)
{
	assert_true(s->pending);
	assert_int_equal(s->order, order);
	assert_int_equal(s->first_ns, first_ns);
	assert_int_equal(s->count, count);
}

static void assert_quiet(const struct fse_slot *s, u32 count)
{
	assert_false(s->pending);
	assert_int_equal(s->count, count);
}

TEST(first_error_is_sent_at_once)
{
	struct fse_slot s = {};

	assert_true(fse_slot_add(&s, 7, 1000));
	assert_pending(&s, 7, 1000, 1);
	assert_int_equal(fse_slot_wait(&s, 5 * MS), 0);
	assert_int_equal(fse_slot_take(&s, 5 * MS), 1);
	assert_quiet(&s, 0);
}

/* The caller keeps pid, errno and inode of the occurrence that returns true. */
TEST(errors_are_merged_into_the_first)
{
	struct fse_slot s = {};

	assert_true(fse_slot_add(&s, 7, 1000));
	assert_false(fse_slot_add(&s, 8, 2000));
	assert_false(fse_slot_add(&s, 9, 3000));
	assert_pending(&s, 7, 1000, 3);
	assert_int_equal(fse_slot_take(&s, 5 * MS), 3);
	assert_quiet(&s, 0);

	assert_true(fse_slot_add(&s, 10, 4000));
	assert_pending(&s, 10, 4000, 1);
}

TEST(ten_messages_a_second)
{
	struct fse_slot s = {};

	assert_int_equal(FSE_SLOT_GAP_NS, 100 * MS);
	fse_slot_add(&s, 1, 1);
	fse_slot_take(&s, 1000 * MS);
	fse_slot_add(&s, 2, 2);
	assert_int_equal(fse_slot_wait(&s, 1000 * MS), 100 * MS);
	assert_int_equal(fse_slot_wait(&s, 1001 * MS), 99 * MS);
	assert_int_equal(fse_slot_wait(&s, 1100 * MS - 1), 1);
	assert_int_equal(fse_slot_wait(&s, 1100 * MS), 0);
	assert_int_equal(fse_slot_wait(&s, 9000 * MS), 0);
	assert_int_equal(fse_slot_take(&s, 9000 * MS), 1);
	fse_slot_add(&s, 3, 3);
	assert_int_equal(fse_slot_wait(&s, 9010 * MS), 90 * MS);
}

/* An error per millisecond for ten seconds. */
TEST(flood)
{
	struct fse_slot s = {};
	unsigned int ms, messages = 0, reported = 0;

	for (ms = 0; ms < 10000; ms++) {
		fse_slot_add(&s, ms, ms);
		if (!fse_slot_wait(&s, ms * MS)) {
			messages++;
			reported += fse_slot_take(&s, ms * MS);
		}
	}
	assert_int_equal(messages, 100);
	assert_int_equal(reported + s.count, 10000);
	assert_true(s.pending);
}

TEST(full_count_is_sent_at_once)
{
	struct fse_slot s = {};

	fse_slot_add(&s, 1, 1);
	fse_slot_take(&s, 1000 * MS);
	fse_slot_add(&s, 2, 2);
	s.count = U32_MAX - 1;
	assert_int_equal(fse_slot_wait(&s, 1000 * MS), 100 * MS);
	assert_false(fse_slot_add(&s, 3, 3));
	assert_pending(&s, 2, 2, U32_MAX);
	assert_int_equal(fse_slot_wait(&s, 1000 * MS), 0);
	assert_false(fse_slot_add(&s, 4, 4));
	assert_pending(&s, 2, 2, U32_MAX);
	assert_int_equal(fse_slot_take(&s, 1000 * MS), U32_MAX);
	assert_quiet(&s, 0);
}

TEST(error_put_back)
{
	struct fse_slot s = {}, taken;

	fse_slot_add(&s, 7, 1000);
	fse_slot_add(&s, 8, 2000);
	taken = s;
	assert_int_equal(fse_slot_take(&s, 5 * MS), 2);
	assert_int_equal(fse_slot_untake(&s, &taken, 50 * MS), 0);
	assert_pending(&s, 7, 1000, 2);
	assert_int_equal(fse_slot_wait(&s, 10 * MS), 40 * MS);
	assert_int_equal(fse_slot_wait(&s, 50 * MS), 0);
	assert_int_equal(fse_slot_take(&s, 50 * MS), 2);
}

TEST(error_put_back_after_more_came)
{
	struct fse_slot s = {}, taken;

	fse_slot_add(&s, 7, 1000);
	taken = s;
	fse_slot_take(&s, 5 * MS);
	assert_true(fse_slot_add(&s, 8, 2000));
	assert_false(fse_slot_add(&s, 9, 3000));
	assert_int_equal(fse_slot_untake(&s, &taken, 50 * MS), 1);
	assert_pending(&s, 7, 1000, 3);
	assert_false(fse_slot_add(&s, 10, 4000));
	assert_int_equal(fse_slot_take(&s, 50 * MS), 4);
}

TEST(put_back_fills_the_count)
{
	struct fse_slot s = {}, taken;

	fse_slot_add(&s, 7, 1000);
	s.count = U32_MAX - 1;
	taken = s;
	fse_slot_take(&s, 5 * MS);
	fse_slot_add(&s, 8, 2000);
	fse_slot_add(&s, 9, 3000);
	fse_slot_untake(&s, &taken, 50 * MS);
	assert_pending(&s, 7, 1000, U32_MAX);
	assert_int_equal(fse_slot_wait(&s, 10 * MS), 0);
}

TEST(turns_are_sent_in_turn)
{
	struct fse_slot s = {};

	assert_int_equal(fse_slot_turn(&s, 1, 1000, true), 0);
	assert_pending(&s, 1, 1000, 1);
	assert_true(s.below);
	assert_int_equal(fse_slot_wait(&s, 5 * MS), 0);
	assert_int_equal(fse_slot_take(&s, 5 * MS), 1);
	assert_quiet(&s, 0);

	assert_int_equal(fse_slot_turn(&s, 2, 2000, false), 0);
	assert_pending(&s, 2, 2000, 1);
	assert_false(s.below);
	assert_int_equal(fse_slot_wait(&s, 6 * MS), 99 * MS);
	assert_int_equal(fse_slot_take(&s, 105 * MS), 1);
	assert_quiet(&s, 0);
}

/* Below and above cancel; complete pairs go into the next message. */
TEST(pairs_are_counted)
{
	struct fse_slot s = {};

	assert_int_equal(fse_slot_turn(&s, 1, 1000, true), 0);
	assert_int_equal(fse_slot_turn(&s, 2, 2000, false), 2);
	assert_quiet(&s, 2);
	assert_int_equal(fse_slot_turn(&s, 3, 3000, true), 0);
	assert_pending(&s, 3, 3000, 3);
	assert_int_equal(fse_slot_take(&s, 5 * MS), 3);
	assert_quiet(&s, 0);

	assert_int_equal(fse_slot_turn(&s, 4, 4000, false), 0);
	assert_int_equal(fse_slot_turn(&s, 5, 5000, true), 2);
	assert_quiet(&s, 2);
	assert_int_equal(fse_slot_turn(&s, 6, 6000, false), 0);
	assert_int_equal(fse_slot_turn(&s, 7, 7000, true), 2);
	assert_quiet(&s, 4);
	assert_int_equal(fse_slot_turn(&s, 8, 8000, false), 0);
	assert_pending(&s, 8, 8000, 5);
	assert_false(s.below);
}

/* A level that flaps each millisecond ends with a message of its state. */
TEST(flapping)
{
	struct fse_slot s = {};
	bool below = false, reported = false;
	unsigned int ms, messages = 0, count = 0;

	for (ms = 0; ms < 10001; ms++) {
		below = !below;
		fse_slot_turn(&s, ms, ms, below);
		if (s.pending && !fse_slot_wait(&s, ms * MS)) {
			assert_int_equal(s.below, !reported);
			reported = s.below;
			count += fse_slot_take(&s, ms * MS);
			messages++;
		}
	}
	assert_in_range(messages, 90, 101);
	assert_int_equal(count + s.count, 10001);
	assert_true(below);
	assert_true(s.pending ? s.below : reported);
}

TEST(full_count_of_pairs_is_sent)
{
	struct fse_slot s = {};

	fse_slot_turn(&s, 1, 1000, true);
	fse_slot_turn(&s, 2, 2000, false);
	s.count = U32_MAX - 2;
	assert_int_equal(fse_slot_turn(&s, 3, 3000, true), 0);
	assert_pending(&s, 3, 3000, U32_MAX - 1);
	/* This turn would cancel the pending one. */
	assert_int_equal(fse_slot_turn(&s, 4, 4000, false), 1);
	assert_pending(&s, 3, 3000, U32_MAX);
	assert_false(s.below);
	s.next_ns = 1000 * MS;
	assert_int_equal(fse_slot_wait(&s, 0), 0);
	assert_int_equal(fse_slot_turn(&s, 5, 5000, true), 1);
	assert_int_equal(fse_slot_turn(&s, 6, 6000, false), 1);
	assert_pending(&s, 3, 3000, U32_MAX);
	assert_int_equal(fse_slot_take(&s, 0), U32_MAX);
	assert_quiet(&s, 0);

	s.count = U32_MAX - 1;
	assert_int_equal(fse_slot_turn(&s, 7, 7000, false), 0);
	assert_pending(&s, 7, 7000, U32_MAX);
}

TEST(turn_put_back)
{
	struct fse_slot s = {}, taken;

	fse_slot_turn(&s, 1, 1000, true);
	taken = s;
	fse_slot_take(&s, 5 * MS);
	assert_int_equal(fse_slot_untake(&s, &taken, 50 * MS), 0);
	assert_pending(&s, 1, 1000, 1);
	assert_true(s.below);
	assert_int_equal(fse_slot_wait(&s, 20 * MS), 30 * MS);
	/* The state is the one last reported: this cancels. */
	assert_int_equal(fse_slot_turn(&s, 2, 2000, false), 2);
	assert_quiet(&s, 2);
}

TEST(turn_put_back_after_the_turn_back)
{
	struct fse_slot s = {}, taken;

	fse_slot_turn(&s, 1, 1000, true);
	taken = s;
	fse_slot_take(&s, 5 * MS);
	assert_int_equal(fse_slot_turn(&s, 2, 2000, false), 0);
	/* "Below" was not sent, so "above" has nothing to take back. */
	assert_int_equal(fse_slot_untake(&s, &taken, 50 * MS), 2);
	assert_quiet(&s, 2);
	assert_int_equal(fse_slot_turn(&s, 3, 3000, true), 0);
	assert_pending(&s, 3, 3000, 3);
}

TEST(turn_put_back_after_a_pair)
{
	struct fse_slot s = {}, taken;

	fse_slot_turn(&s, 1, 1000, true);
	taken = s;
	fse_slot_take(&s, 5 * MS);
	assert_int_equal(fse_slot_turn(&s, 2, 2000, false), 0);
	assert_int_equal(fse_slot_turn(&s, 3, 3000, true), 2);
	assert_quiet(&s, 2);
	assert_int_equal(fse_slot_untake(&s, &taken, 50 * MS), 0);
	assert_pending(&s, 1, 1000, 3);
	assert_true(s.below);
}

TEST(full_count_of_pairs_put_back)
{
	struct fse_slot s = {}, taken;

	s.count = U32_MAX - 1;
	fse_slot_turn(&s, 1, 1000, true);
	fse_slot_turn(&s, 2, 2000, false);
	assert_pending(&s, 1, 1000, U32_MAX);
	taken = s;
	assert_int_equal(fse_slot_take(&s, 5 * MS), U32_MAX);
	assert_quiet(&s, 0);
	assert_int_equal(fse_slot_untake(&s, &taken, 50 * MS), 0);
	assert_pending(&s, 1, 1000, U32_MAX);
	assert_int_equal(fse_slot_wait(&s, 10 * MS), 0);

	assert_int_equal(fse_slot_take(&s, 10 * MS), U32_MAX);
	fse_slot_turn(&s, 3, 3000, true);
	assert_int_equal(fse_slot_untake(&s, &taken, 50 * MS), 1);
	assert_pending(&s, 1, 1000, U32_MAX);
	assert_true(s.below);
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(first_error_is_sent_at_once),
		cmocka_unit_test(errors_are_merged_into_the_first),
		cmocka_unit_test(ten_messages_a_second),
		cmocka_unit_test(flood),
		cmocka_unit_test(full_count_is_sent_at_once),
		cmocka_unit_test(error_put_back),
		cmocka_unit_test(error_put_back_after_more_came),
		cmocka_unit_test(put_back_fills_the_count),
		cmocka_unit_test(turns_are_sent_in_turn),
		cmocka_unit_test(pairs_are_counted),
		cmocka_unit_test(flapping),
		cmocka_unit_test(full_count_of_pairs_is_sent),
		cmocka_unit_test(turn_put_back),
		cmocka_unit_test(turn_put_back_after_the_turn_back),
		cmocka_unit_test(turn_put_back_after_a_pair),
		cmocka_unit_test(full_count_of_pairs_put_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
