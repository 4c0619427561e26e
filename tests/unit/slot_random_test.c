// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slots against a model that keeps a list of all occurrences since the last
 * message sent. A sender works like the kernel's; some of its messages fail and
 * are put back, after further occurrences.
 */
#include <linux/kernel.h>
#include <linux/limits.h>

#include "slot.h"
#include "unit.h"

#define MS		1000000ULL
#define MAX_WAITING	4096

struct model {
	u64 seed;
	bool levels;
	unsigned int fail_percent;
	struct fse_slot slot;
	u64 now;

	/* Order numbers of occurrences not reported yet. */
	u64 occurred;
	u64 waiting[MAX_WAITING];
	unsigned int nr;
	/* The occurrence that a pending message would describe. */
	u64 first;
	bool state;
	bool reported;

	/* Totals of the occurrences and messages. */
	u64 merged;
	u64 counted;
	u64 messages;
	u64 last_try;
};

/* CLOCK_REALTIME of an occurrence; any injective function will do. */
static u64 time_of(u64 order)
{
	return 1795341127000000000ULL + 3 * order;
}

static bool is_pending(const struct model *m)
{
	return m->levels ? m->state != m->reported : m->nr > 0;
}

static void assert_same(const struct model *m)
{
	const struct fse_slot *s = &m->slot;

	assert_int_equal(s->count, m->nr);
	assert_int_equal(s->pending, is_pending(m));
	if (m->levels)
		assert_int_equal(s->below, m->state);
	if (!s->pending)
		return;
	assert_int_equal(s->order, m->first);
	assert_int_equal(s->first_ns, time_of(m->first));
	/* It is sent within 100 ms. */
	assert_in_range(fse_slot_wait(s, m->now), 0, 100 * MS);
	/* Each occurrence is merged, sent, or pending. */
	assert_int_equal(m->merged + m->messages + 1, m->occurred);
}

static void occur(struct model *m)
{
	bool was_pending = is_pending(m);
	u64 order = ++m->occurred;

	assert_in_range(m->nr, 0, MAX_WAITING - 1);
	m->waiting[m->nr++] = order;
	m->state = !m->state;
	if (!was_pending)
		m->first = order;

	if (m->levels)
		m->merged += fse_slot_turn(&m->slot, order, time_of(order),
					   m->state);
	else
		m->merged += !fse_slot_add(&m->slot, order, time_of(order));
}

/* A message is being sent: nothing is pending meanwhile. */
static void take(struct model *m, struct model *taken)
{
	u32 count;

	*taken = *m;
	count = fse_slot_take(&m->slot, m->now);
	assert_int_equal(count, m->nr);
	m->reported = m->state;
	m->nr = 0;
	m->last_try = m->now;
}

static void put_back(struct model *m, const struct model *taken)
{
	unsigned int i;

	assert_in_range(m->nr + taken->nr, 0, MAX_WAITING);
	for (i = m->nr; i-- > 0; )
		m->waiting[i + taken->nr] = m->waiting[i];
	for (i = 0; i < taken->nr; i++)
		m->waiting[i] = taken->waiting[i];
	m->nr += taken->nr;
	m->reported = taken->reported;
	m->first = taken->first;
	m->merged += fse_slot_untake(&m->slot, &taken->slot,
				     m->now + FSE_SLOT_GAP_NS);
}

static void occur_some(struct model *m, unsigned int percent)
{
	while (random_below(&m->seed, 100) < percent)
		occur(m);
}

/* The sender runs and sends what the limit allows. */
static void deliver(struct model *m)
{
	static struct model taken;

	if (!m->slot.pending || fse_slot_wait(&m->slot, m->now))
		return;
	/* At least 100 ms after the previous message. */
	if (m->last_try)
		assert_true(m->now - m->last_try >= FSE_SLOT_GAP_NS);
	take(m, &taken);
	occur_some(m, 30);
	m->now += random_below(&m->seed, 2 * MS);
	if (random_below(&m->seed, 100) < m->fail_percent) {
		put_back(m, &taken);
		return;
	}
	if (!m->levels)
		assert_int_equal(taken.slot.first_ns, time_of(taken.waiting[0]));
	/* Events alternate between below and above. */
	if (m->levels)
		assert_int_equal(taken.slot.below, !(m->messages % 2));
	m->messages++;
	m->counted += taken.nr;
}

/* All pending messages are sent, and the last state is true. */
static void drain(struct model *m)
{
	m->fail_percent = 0;
	while (m->slot.pending) {
		m->now += FSE_SLOT_GAP_NS;
		deliver(m);
	}
	if (m->levels)
		assert_int_equal(m->reported, m->state);
	else
		assert_int_equal(m->nr, 0);
	assert_int_equal(m->counted + m->slot.count, m->occurred);
	assert_int_equal(m->merged + m->messages, m->occurred);
}

static void run(struct model *m, unsigned int steps)
{
	u64 pace = 1 + random_below(&m->seed, 200);
	unsigned int i;

	m->now = 1000 * MS;
	for (i = 0; i < steps; i++) {
		m->now += random_below(&m->seed, pace * MS);
		occur_some(m, 60);
		assert_same(m);
		deliver(m);
		assert_same(m);
	}
	drain(m);
}

static void runs(bool levels, u64 seed)
{
	static struct model m;
	unsigned int i;

	for (i = 0; i < 500; i++) {
		m = (struct model){
			.seed = seed + i,
			.levels = levels,
			.fail_percent = i % 4 * 25,
		};
		run(&m, 300);
		assert_in_range(m.messages, 1, m.occurred);
	}
}

TEST(errors)
{
	runs(false, 0x94d049bb133111eb);
}

TEST(levels)
{
	runs(true, 0xbf58476d1ce4e5b9);
}

/* A count close to its maximum is sent and never wraps. */
TEST(full_counts)
{
	u64 seed = 0xd6e8feb86659fd93;
	unsigned int i, step;

	for (i = 0; i < 20000; i++) {
		u64 room = random_below(&seed, 12);
		bool turns = random_below(&seed, 2), below = false;
		struct fse_slot s = {}, taken;
		u64 count = U32_MAX - room;

		if (!turns)
			fse_slot_add(&s, 1, 1);
		s.count = count;
		for (step = 0; step < 20; step++) {
			below = !below;
			if (turns)
				fse_slot_turn(&s, step, step, below);
			else
				fse_slot_add(&s, step, step);
			count++;
			assert_int_equal(s.count,
					 count < U32_MAX ? count : U32_MAX);
			if (count < U32_MAX)
				continue;
			assert_true(s.pending);
			assert_int_equal(fse_slot_wait(&s, 0), 0);
			if (turns)
				assert_int_equal(s.below, below);
			if (random_below(&seed, 3))
				continue;
			taken = s;
			assert_int_equal(fse_slot_take(&s, 0), U32_MAX);
			assert_false(s.pending);
			count = 0;
			if (random_below(&seed, 2)) {
				fse_slot_untake(&s, &taken, 1);
				count = U32_MAX;
				assert_true(s.pending);
			}
		}
	}
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(errors),
		cmocka_unit_test(levels),
		cmocka_unit_test(full_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
