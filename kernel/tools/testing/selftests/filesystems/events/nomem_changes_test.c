// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is told of watches while messages find no memory: the order of changes
 * and events, states, and changes that are lost themselves.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "control.h"
#include "harness.h"
#include "nomem.h"
#include "watched.h"

/* Of the 8 MiB of the file system, in blocks. */
#define LEVEL		1500
#define BELOW		1000
#define ABOVE		1800
/* How often to look for what must not be seen. */
#define LOOKS		50

FIXTURE(nomem_changes)
{
	struct fse_watched w;
	struct fse_listener c;
	struct fse_listener n;
	struct fse_told told;
};

FIXTURE_SETUP(nomem_changes)
{
	if (!fse_nomem_begin())
		SKIP(return, FSE_NO_FAULTS);
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 8, "", ""));
	ASSERT_EQ(0, fse_listen_to(&self->c, NULL));
	ASSERT_EQ(0, fse_listen_to(&self->n, FS_EVENT_MCGRP_CONFIG));
	ASSERT_EQ(0, fse_watch(&self->w, "T %u", LEVEL));
	ASSERT_EQ(1, fse_change(&self->n, &self->told, FSE_SOON));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	while (fse_change(&self->n, &self->told, 0) == 1)
		;
}

FIXTURE_TEARDOWN(nomem_changes)
{
	fse_nomem_end();
	fse_unlisten(&self->n);
	fse_unlisten(&self->c);
	fse_end(&self->w);
}

/* Has the level turn below, which there is no memory to tell. */
static bool goes_below_untold(struct fse_watched *w)
{
	return !fse_nomem_within("fse_deliver_work") && !fse_turn(w, BELOW) &&
	       fse_nomem_wait(2);
}

/* They go by their numbers, up to SEQ of the change, not by who came first. */
TEST_F(nomem_changes, old_levels_have_their_say_before)
{
	ASSERT_TRUE(goes_below_untold(&self->w));
	EXPECT_EQ(0, fse_next(&self->w.l, &self->w.ev, 0));
	/* Who replaces them tells it, and is not refused memory. */
	ASSERT_EQ(0, fse_watch(&self->w, "T 500"));
	ASSERT_EQ(1, fse_change(&self->n, &self->told, 0));
	ASSERT_EQ(1, fse_next(&self->w.l, &self->w.ev, 0));
	fse_nomem_over();
	EXPECT_EQ(LEVEL, self->w.ev.level);
	EXPECT_EQ(self->w.ev.seq, self->told.seq);
	ASSERT_EQ(1, self->told.nr_level);
	EXPECT_EQ(500, self->told.level[0].trigger);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* A state that is not told yet is shown to nobody: it may never be. */
TEST_F(nomem_changes, a_state_that_is_never_told)
{
	unsigned int i, above = 0;

	ASSERT_TRUE(goes_below_untold(&self->w));
	for (i = 0; i < LOOKS; i++) {
		ASSERT_EQ(1, fse_dump_find(&self->c, self->w.fs.mount,
					   &self->told, NULL));
		ASSERT_EQ(1, self->told.nr_level);
		above += self->told.level[0].state == FS_NL_STATE_ABOVE;
	}
	EXPECT_EQ(LOOKS, above);
	/* It was tried all the time. */
	EXPECT_TRUE(fse_nomem_wait(1));
	/* Back, and it never was. */
	ASSERT_EQ(0, fse_turn(&self->w, ABOVE));
	fse_nomem_over();
	EXPECT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_get(&self->c, self->w.fs.mount, &self->told));
	EXPECT_EQ(FS_NL_STATE_ABOVE, self->told.level[0].state);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* The group learns it at once, and by the next number. */
TEST_F(nomem_changes, a_change_is_lost)
{
	__u64 generation;

	generation = self->told.generation;
	ASSERT_EQ(0, fse_nomem_within("fse_netlink_changed"));
	EXPECT_EQ(0, fse_watch(&self->w, "T 500"));
	EXPECT_LT(0, fse_nomem_refused());
	fse_nomem_over();
	EXPECT_EQ(-ENOBUFS, fse_change(&self->n, &self->told, 0));
	EXPECT_EQ(0, fse_change(&self->n, &self->told, 0));
	/* Whoever listens to events has lost none. */
	EXPECT_EQ(0, fse_next(&self->w.l, &self->w.ev, 0));
	EXPECT_EQ(0, self->w.l.lost);
	ASSERT_EQ(1, fse_dump_find(&self->c, self->w.fs.mount, &self->told,
				   NULL));
	EXPECT_EQ(500, self->told.level[0].trigger);
	EXPECT_EQ(generation + 1, self->told.generation);
	ASSERT_EQ(0, fse_config("!%s", self->w.fs.mount));
	ASSERT_EQ(1, fse_change(&self->n, &self->told, 0));
	EXPECT_EQ(FS_NL_CHANGE_REMOVED, self->told.change);
	EXPECT_EQ(generation + 2, self->told.generation);
}

TEST_HARNESS_MAIN
