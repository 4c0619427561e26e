// SPDX-License-Identifier: GPL-2.0-only
/*
 * Levels as switches: at which block they turn, and their state after a request
 * repeats them. On tmpfs, where space changes by exactly what is written.
 */
#include <string.h>

#include "control.h"
#include "harness.h"
#include "watched.h"

#define LEVELS_MAX	64

FIXTURE(level_states)
{
	struct fse_watched w;
};

FIXTURE_SETUP(level_states)
{
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 64, "", ""));
}

FIXTURE_TEARDOWN(level_states)
{
	fse_end(&self->w);
}

TEST_F(level_states, below_means_no_more_than_the_trigger)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T 9000"));
	ASSERT_EQ(0, fse_leave(&self->w, 9001));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 9000));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));
	EXPECT_EQ(9000, self->w.ev.data);
	EXPECT_EQ(9000, self->w.ev.level);
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 9001));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event_now(&self->w));
	EXPECT_EQ(9001, self->w.ev.data);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(level_states, above_means_more_than_the_rearm)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T 9000:10000"));
	ASSERT_EQ(0, fse_leave(&self->w, 8000));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));
	/*
	 * Between trigger and re-arm level nothing turns, in either direction.
	 */
	ASSERT_EQ(0, fse_leave(&self->w, 10000));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 8500));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 10001));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event_now(&self->w));
	EXPECT_EQ(9000, self->w.ev.level);
	EXPECT_EQ(10001, self->w.ev.data);
	ASSERT_EQ(0, fse_leave(&self->w, 9001));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 9000));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Regression: a single level added a second one at 0. */
TEST_F(level_states, a_single_level_is_alone)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T 9000"));
	ASSERT_EQ(0, fse_leave(&self->w, 0));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));
	EXPECT_EQ(9000, self->w.ev.level);
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 9001));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event_now(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* The second level turns while the first waits for its re-arm. */
TEST_F(level_states, levels_are_independent)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T 9000:12000 8000:8500"));
	ASSERT_EQ(0, fse_leave(&self->w, 7000));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));
	EXPECT_EQ(FS_THR_URBELOW, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 9500));
	EXPECT_EQ(FS_THR_URABOVE, fse_event_now(&self->w));
	EXPECT_EQ(8000, self->w.ev.level);
	EXPECT_EQ(2, self->w.ev.level_nr);
	ASSERT_EQ(0, fse_leave(&self->w, 8000));
	EXPECT_EQ(FS_THR_URBELOW, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 13000));
	EXPECT_EQ(FS_THR_URABOVE, fse_event_now(&self->w));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event_now(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* LEVEL_NR identifies a level; event IDs only distinguish the first two. */
TEST_F(level_states, further_levels_have_their_number)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T 9000 8000 7000 6000"));
	ASSERT_EQ(0, fse_leave(&self->w, 6500));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));
	EXPECT_EQ(FS_THR_URBELOW, fse_event_now(&self->w));
	EXPECT_EQ(FS_THR_BELOW, fse_event_now(&self->w));
	EXPECT_EQ(3, self->w.ev.level_nr);
	EXPECT_EQ(7000, self->w.ev.level);
	ASSERT_EQ(0, fse_leave(&self->w, 6000));
	EXPECT_EQ(FS_THR_BELOW, fse_event_now(&self->w));
	EXPECT_EQ(4, self->w.ev.level_nr);
	EXPECT_EQ(6000, self->w.ev.level);
	ASSERT_EQ(0, fse_leave(&self->w, 7500));
	EXPECT_EQ(FS_THR_ABOVE, fse_event_now(&self->w));
	EXPECT_EQ(4, self->w.ev.level_nr);
	EXPECT_EQ(FS_THR_ABOVE, fse_event_now(&self->w));
	EXPECT_EQ(3, self->w.ev.level_nr);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(level_states, all_64_levels_fall_and_rise_in_order)
{
	char *p = self->w.request, *end = p + sizeof(self->w.request);
	unsigned int i;

	p += snprintf(p, end - p, "%s T", self->w.fs.mount);
	for (i = 0; i < LEVELS_MAX; i++)
		p += snprintf(p, end - p, " %u", 10000 - 100 * i);
	ASSERT_LT(p, end);
	ASSERT_EQ(0, fse_config("%s", self->w.request));

	ASSERT_EQ(0, fse_leave(&self->w, 1000));
	for (i = 0; i < LEVELS_MAX; i++) {
		ASSERT_EQ(i == 0 ? FS_THR_LRBELOW :
			  i == 1 ? FS_THR_URBELOW : FS_THR_BELOW,
			  fse_event(&self->w));
		ASSERT_EQ(i + 1, self->w.ev.level_nr);
		ASSERT_EQ(10000 - 100 * i, self->w.ev.level);
	}
	ASSERT_EQ(0, fse_leave(&self->w, 11000));
	for (i = LEVELS_MAX; i-- > 0; ) {
		ASSERT_EQ(i == 0 ? FS_THR_LRABOVE :
			  i == 1 ? FS_THR_URABOVE : FS_THR_ABOVE,
			  fse_event(&self->w));
		ASSERT_EQ(i + 1, self->w.ev.level_nr);
	}
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Reloading a configuration neither repeats nor loses an alarm. */
TEST_F(level_states, written_again_unchanged_keeps_its_state)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T 9000 8000"));
	ASSERT_EQ(0, fse_leave(&self->w, 8500));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));
	EXPECT_EQ(0, fse_event_now(&self->w));
	/* An equivalent request is no change. */
	ASSERT_EQ(0, fse_watch(&self->w, "T 9000:9000 8000"));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 9500));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event_now(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(level_states, a_changed_level_starts_anew)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T 9000 8000"));
	ASSERT_EQ(0, fse_leave(&self->w, 7500));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));
	EXPECT_EQ(FS_THR_URBELOW, fse_event_now(&self->w));

	ASSERT_EQ(0, fse_watch(&self->w, "T 8900 8000"));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));
	EXPECT_EQ(8900, self->w.ev.level);
	EXPECT_EQ(0, fse_event_now(&self->w));

	ASSERT_EQ(0, fse_watch(&self->w, "T 8900 8000:8100"));
	EXPECT_EQ(FS_THR_URBELOW, fse_event_now(&self->w));
	EXPECT_EQ(8000, self->w.ev.level);
	EXPECT_EQ(0, fse_event_now(&self->w));

	/* The same amount in other units is a different level. */
	ASSERT_EQ(0, fse_watch(&self->w, "T 8900 %uK:8100", 8000 * 4));
	EXPECT_EQ(FS_THR_URBELOW, fse_event_now(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Levels are identified by their text, not by their position. */
TEST_F(level_states, a_level_that_moves_up_keeps_its_state)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T 9000 8000"));
	ASSERT_EQ(0, fse_leave(&self->w, 7500));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));
	EXPECT_EQ(FS_THR_URBELOW, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_watch(&self->w, "T 8000 7000"));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 8001));
	EXPECT_EQ(FS_THR_LRABOVE, fse_event_now(&self->w));
	EXPECT_EQ(8000, self->w.ev.level);
	EXPECT_EQ(1, self->w.ev.level_nr);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(level_states, a_level_that_was_removed_starts_anew)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T 9000"));
	ASSERT_EQ(0, fse_leave(&self->w, 8000));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_config("!%s", self->w.fs.mount));
	ASSERT_EQ(0, fse_watch(&self->w, "T 9000"));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));

	ASSERT_EQ(0, fse_watch(&self->w, "T 9000 8500"));
	EXPECT_EQ(FS_THR_URBELOW, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_watch(&self->w, "T 9000"));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_watch(&self->w, "T 9000 8500"));
	EXPECT_EQ(FS_THR_URBELOW, fse_event_now(&self->w));

	/* Also within one write, while the watch stays. */
	ASSERT_EQ(0, fse_watch(&self->w, "G:corrupted T 9000"));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_config("!%s T;%s T 9000", self->w.fs.mount,
				self->w.fs.mount));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Regression: "T 100" after "T 700 300" left a second level above the first. */
TEST_F(level_states, levels_written_again_replace_all_of_the_type)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T 9000 8000"));
	ASSERT_EQ(0, fse_watch(&self->w, "T 7000"));
	ASSERT_EQ(0, fse_leave(&self->w, 7500));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_leave(&self->w, 6500));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));
	EXPECT_EQ(7000, self->w.ev.level);
	EXPECT_EQ(0, fse_left(&self->w.l));
	EXPECT_EQ(0, fse_watches());
}

TEST_F(level_states, types_not_named_stay_as_they_are)
{
	/* After "file" has taken one. */
	__u64 inodes = fse_inodes_free(&self->w.fs) - 1;
	const char *line;

	ASSERT_EQ(0, fse_watch(&self->w, "T 9000"));
	ASSERT_EQ(0, fse_leave(&self->w, 8000));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event_now(&self->w));

	ASSERT_EQ(0, fse_watch(&self->w, "G:enospc"));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_watch(&self->w, "I %llu", inodes));
	EXPECT_EQ(FS_INO_BELOW, fse_event_now(&self->w));
	EXPECT_EQ(0, fse_event_now(&self->w));
	line = fse_listed(self->w.fs.mount);
	ASSERT_NE(NULL, line);
	EXPECT_NE(NULL, strstr(line, "(G:enospc,T 9000,I "));

	ASSERT_EQ(0, fse_watch(&self->w, "T 7000"));
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_config("!%s T", self->w.fs.mount));
	ASSERT_EQ(0, fse_watch(&self->w, "G:enospc"));
	ASSERT_EQ(0, fse_fill_up(&self->w));
	EXPECT_EQ(FS_WARN_ENOSPC, fse_event_now(&self->w));
	/* No level of space is left; the level of inodes is. */
	EXPECT_EQ(0, fse_free(&self->w.fs, "file"));
	EXPECT_EQ(FS_INO_ABOVE, fse_event_now(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_HARNESS_MAIN
