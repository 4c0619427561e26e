// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes and events while allocations of messages fail: their order, the
 * states shown, and lost changes.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "control.h"
#include "harness.h"
#include "nomem.h"
#include "watched.h"

/* In blocks; the file system has 8 MiB. */
#define LEVEL		1500
#define BELOW		1000
#define ABOVE		1800
/* Repetitions of a check that something is never shown. */
#define LOOKS		50

FIXTURE(nomem_changes)
{
	struct fse_watched w;
	struct fse_listener c;
	struct fse_listener n;
	struct fse_facts reported;
};

FIXTURE_SETUP(nomem_changes)
{
	if (!fse_nomem_begin())
		SKIP(return, FSE_NO_FAULTS);
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 8, "", ""));
	ASSERT_EQ(0, fse_listen_to(&self->c, NULL));
	ASSERT_EQ(0, fse_listen_to(&self->n, FS_EVENT_MCGRP_CONFIG));
	ASSERT_EQ(0, fse_watch(&self->w, "T %u", LEVEL));
	ASSERT_EQ(1, fse_change(&self->n, &self->reported, FSE_SOON));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	while (fse_change(&self->n, &self->reported, 0) == 1)
		;
}

FIXTURE_TEARDOWN(nomem_changes)
{
	fse_nomem_end();
	fse_unlisten(&self->n);
	fse_unlisten(&self->c);
	fse_end(&self->w);
}

/* Turns the level below while no memory for its message is available. */
static bool goes_below_unsent(struct fse_watched *w)
{
	return !fse_nomem_within("fse_netlink_send") && !fse_turn(w, BELOW) &&
	       fse_nomem_wait(2);
}

/* The level that a crossing was about is replaced before it is reported. */
TEST_F(nomem_changes, replaced_levels_that_were_not_reported_are_silent)
{
	ASSERT_TRUE(goes_below_unsent(&self->w));
	ASSERT_EQ(0, fse_watch(&self->w, "T 500"));
	fse_nomem_over();
	ASSERT_EQ(1, fse_change(&self->n, &self->reported, FSE_SOON));
	ASSERT_EQ(1, self->reported.nr_level);
	EXPECT_EQ(500, self->reported.level[0].trigger);
	EXPECT_EQ(FS_NL_STATE_ABOVE, self->reported.level[0].state);
	EXPECT_EQ(0, fse_event_now(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* A state is not shown before its event is sent, which may never happen. */
TEST_F(nomem_changes, a_state_that_is_never_reported)
{
	unsigned int i, above = 0;

	ASSERT_TRUE(goes_below_unsent(&self->w));
	for (i = 0; i < LOOKS; i++) {
		ASSERT_EQ(1, fse_dump_find(&self->c, self->w.fs.mount,
					   &self->reported, NULL));
		ASSERT_EQ(1, self->reported.nr_level);
		above += self->reported.level[0].state == FS_NL_STATE_ABOVE;
	}
	EXPECT_EQ(LOOKS, above);
	/* Delivery kept trying. */
	EXPECT_TRUE(fse_nomem_wait(1));
	/* The level is above again, so the event is never sent. */
	ASSERT_EQ(0, fse_turn(&self->w, ABOVE));
	fse_nomem_over();
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_get(&self->c, self->w.fs.mount, &self->reported));
	EXPECT_EQ(FS_NL_STATE_ABOVE, self->reported.level[0].state);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* The group detects the loss at once, and by the next generation. */
TEST_F(nomem_changes, a_change_is_lost)
{
	__u64 generation;

	generation = self->reported.generation;
	ASSERT_EQ(0, fse_nomem_within("fse_deliver_changed"));
	EXPECT_EQ(0, fse_watch(&self->w, "T 500"));
	EXPECT_LT(0, fse_nomem_refused());
	fse_nomem_over();
	EXPECT_EQ(-ENOBUFS, fse_change(&self->n, &self->reported, 0));
	EXPECT_EQ(0, fse_change(&self->n, &self->reported, 0));
	/* Listeners of events lose nothing. */
	EXPECT_EQ(0, fse_next(&self->w.l, &self->w.ev, 0));
	EXPECT_EQ(0, self->w.l.lost);
	ASSERT_EQ(1, fse_dump_find(&self->c, self->w.fs.mount, &self->reported,
				   NULL));
	EXPECT_EQ(500, self->reported.level[0].trigger);
	EXPECT_EQ(generation + 1, self->reported.generation);
	ASSERT_EQ(0, fse_config("!%s", self->w.fs.mount));
	ASSERT_EQ(1, fse_change(&self->n, &self->reported, 0));
	EXPECT_EQ(FS_NL_CHANGE_REMOVED, self->reported.change);
	EXPECT_EQ(generation + 2, self->reported.generation);
}

TEST_HARNESS_MAIN
