// SPDX-License-Identifier: GPL-2.0-only
/* When a file system counts as full. */
#include <linux/kernel.h>
#include <linux/limits.h>

#include "levels.h"
#include "unit.h"

#define MILLION		1000000ULL

static struct fse_gauge blocks(u64 avail, u64 total)
{
	struct fse_gauge g = {
		.avail = avail,
		.total = total,
		.frsize = 4096,
	};

	return g;
}

static struct fse_gauge inodes(u64 avail, u64 total)
{
	struct fse_gauge g = { .avail = avail, .total = total };

	return g;
}

static bool step(bool *full, u64 avail, u64 total)
{
	struct fse_gauge g = blocks(avail, total);

	return fse_full_step(full, &g);
}

static bool step_inodes(bool *full, u64 avail, u64 total)
{
	struct fse_gauge g = inodes(avail, total);

	return fse_full_step(full, &g);
}

static void assert_level(struct fse_gauge g, u64 trigger, u64 rearm)
{
	u64 t, r;

	fse_full_level(&g, &t, &r);
	assert_int_equal(t, trigger);
	assert_int_equal(r, rearm);
}

TEST(sixty_four_blocks_or_fewer)
{
	bool full = false;

	assert_false(step(&full, 1000, MILLION));
	assert_false(step(&full, 65, MILLION));
	assert_false(full);
	assert_true(step(&full, 64, MILLION));
	assert_true(full);

	/* Blocks left on xfs and btrfs at ENOSPC. */
	full = false;
	assert_true(step(&full, 5, MILLION));
	full = false;
	assert_true(step(&full, 16, MILLION));
	full = false;
	assert_true(step(&full, 0, MILLION));
}

TEST(reported_once)
{
	bool full = false;

	assert_true(step(&full, 0, MILLION));
	assert_false(step(&full, 0, MILLION));
	assert_false(step(&full, 64, MILLION));
	assert_false(step(&full, 65, MILLION));
	assert_false(step(&full, 1000, MILLION));
	assert_true(full);
	assert_false(step(&full, 0, MILLION));
}

/* Again only after more than 0.1 % and 128 blocks were available. */
TEST(again_after_room_in_between)
{
	bool full = true;

	assert_false(step(&full, 1000, MILLION));
	assert_true(full);
	assert_false(step(&full, 1001, MILLION));
	assert_false(full);
	assert_true(step(&full, 64, MILLION));

	assert_false(step(&full, 128, 10000));
	assert_true(full);
	assert_false(step(&full, 129, 10000));
	assert_false(full);
	assert_true(step(&full, 64, 10000));
}

TEST(full_from_the_start)
{
	bool full = false;

	assert_true(step(&full, 64, MILLION));
	full = false;
	assert_false(step(&full, 100, MILLION));
	assert_false(full);
}

TEST(no_inode_left)
{
	bool full = false;

	assert_false(step_inodes(&full, 1, MILLION));
	assert_true(step_inodes(&full, 0, MILLION));
	assert_false(step_inodes(&full, 1000, MILLION));
	assert_true(full);
	assert_false(step_inodes(&full, 0, MILLION));
	assert_false(step_inodes(&full, 1001, MILLION));
	assert_false(full);
	assert_true(step_inodes(&full, 0, MILLION));
}

TEST(unknown_changes_nothing)
{
	bool full = false;

	assert_false(step(&full, 0, 0));
	assert_false(full);
	full = true;
	assert_false(step(&full, MILLION, 0));
	assert_true(full);
}

TEST(level_by_size)
{
	assert_level(blocks(0, 512), 64, 128);
	assert_level(blocks(0, 513), 64, 128);
	assert_level(blocks(0, 10000), 64, 128);
	assert_level(blocks(0, 128999), 64, 128);
	assert_level(blocks(0, 129000), 64, 129);
	assert_level(blocks(0, MILLION), 64, 1000);
	assert_level(blocks(0, MILLION * MILLION), 64, 1000 * MILLION);
	assert_level(blocks(0, U64_MAX), 64, U64_MAX / 1000);
	assert_level(inodes(0, 16), 0, 4);
	assert_level(inodes(0, 10000), 0, 128);
	assert_level(inodes(0, MILLION), 0, 1000);
}

/* An eighth and a quarter: an empty file system must not be full. */
TEST(small_file_systems)
{
	bool full = false;
	u64 total;

	assert_level(blocks(0, 511), 63, 127);
	assert_level(blocks(0, 100), 12, 25);
	assert_level(blocks(0, 8), 1, 2);
	assert_level(blocks(0, 1), 0, 0);
	for (total = 1; total < 2000; total++) {
		assert_false(step(&full, total, total));
		assert_true(step(&full, 0, total));
		assert_false(step(&full, total, total));
		assert_false(full);
	}
}

/* Before it is full only taking space turns the switch, then only freeing. */
static u64 down(const struct fse_gauge *g)
{
	struct fse_distance d = FSE_DISTANCE_NONE;

	fse_full_distance(false, g, &d);
	assert_int_equal(d.up, U64_MAX);
	return d.down;
}

static u64 up(const struct fse_gauge *g)
{
	struct fse_distance d = FSE_DISTANCE_NONE;

	fse_full_distance(true, g, &d);
	assert_int_equal(d.down, U64_MAX);
	return d.up;
}

TEST(distance_to_the_switch)
{
	struct fse_gauge g = blocks(10000, MILLION);

	assert_int_equal(down(&g), 10000 - 64);
	g.avail = 65;
	assert_int_equal(down(&g), 1);
	assert_int_equal(up(&g), 1001 - 65);
	g.avail = 64;
	assert_int_equal(down(&g), 1);
	g.avail = 1000;
	assert_int_equal(up(&g), 1);
	g.avail = 5000;
	assert_int_equal(up(&g), 1);
	g.total = 0;
	assert_int_equal(up(&g), U64_MAX);
	assert_int_equal(down(&g), U64_MAX);
	g = inodes(10, 100);
	assert_int_equal(down(&g), 10);
	assert_int_equal(up(&g), 16);
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(sixty_four_blocks_or_fewer),
		cmocka_unit_test(reported_once),
		cmocka_unit_test(again_after_room_in_between),
		cmocka_unit_test(full_from_the_start),
		cmocka_unit_test(no_inode_left),
		cmocka_unit_test(unknown_changes_nothing),
		cmocka_unit_test(level_by_size),
		cmocka_unit_test(small_file_systems),
		cmocka_unit_test(distance_to_the_switch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
