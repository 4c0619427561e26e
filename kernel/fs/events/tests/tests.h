/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: the cases of the KUnit suite "fs_event". Unit tests on
 * the host cover what is independent of the kernel; these tests cover its
 * divisions, atomic operations and netlink attributes.
 */
#ifndef _FS_EVENTS_TESTS_H
#define _FS_EVENTS_TESTS_H

#include <kunit/test.h>

#include "../grammar.h"

/* An expected request, from text or from a message. */
struct fse_wanted {
	enum fse_op op;
	unsigned int types;
	u32 events;
	unsigned int nr_space;
	unsigned int nr_inodes;
	/* of the first level; space comes before inodes */
	struct fse_amount trigger;
	struct fse_amount rearm;
	/* 0: by path */
	u32 id;
};

/* grammar.c */
const void *fse_test_accepted_next(struct kunit *test, const void *prev,
				   char *desc);
const void *fse_test_refused_next(struct kunit *test, const void *prev,
				  char *desc);
/* Return: the level that was compared, or %NULL if there is none. */
const struct fse_level_spec *
fse_expect_request(struct kunit *test, const struct fse_request *req,
		   const struct fse_wanted *wanted);
void fse_test_grammar_accepts(struct kunit *test);
void fse_test_grammar_refuses(struct kunit *test);
void fse_test_grammar_limits(struct kunit *test);

/* levels.c */
const void *fse_test_amount_next(struct kunit *test, const void *prev,
				 char *desc);
const void *fse_test_walk_next(struct kunit *test, const void *prev,
			       char *desc);
void fse_test_levels_resolve(struct kunit *test);
void fse_test_levels_turn(struct kunit *test);
void fse_test_levels_order(struct kunit *test);
void fse_test_levels_fit(struct kunit *test);
void fse_test_levels_distance(struct kunit *test);
void fse_test_levels_full(struct kunit *test);

/* escape.c */
const void *fse_test_shown_next(struct kunit *test, const void *prev,
				char *desc);
void fse_test_escape_shows(struct kunit *test);
void fse_test_escape_cuts(struct kunit *test);

/* interval.c */
void fse_test_interval_rests(struct kunit *test);
void fse_test_interval_moves(struct kunit *test);
void fse_test_interval_turns(struct kunit *test);

/* slots.c */
void fse_test_slot_errors(struct kunit *test);
void fse_test_slot_turns(struct kunit *test);
void fse_test_slot_untake(struct kunit *test);
void fse_test_slot_flood(struct kunit *test);

/* message.c */
const void *fse_test_message_next(struct kunit *test, const void *prev,
				  char *desc);
void fse_test_message_layout(struct kunit *test);
void fse_test_message_no_room(struct kunit *test);

/* entry.c */
const void *fse_test_entry_next(struct kunit *test, const void *prev,
				char *desc);
void fse_test_entry_layout(struct kunit *test);
void fse_test_entry_no_room(struct kunit *test);

/* attributes.c */
const void *fse_test_taken_next(struct kunit *test, const void *prev,
				char *desc);
const void *fse_test_turned_down_next(struct kunit *test, const void *prev,
				      char *desc);
void fse_test_commands_accept(struct kunit *test);
void fse_test_commands_refuse(struct kunit *test);
void fse_test_commands_limits(struct kunit *test);
void fse_test_commands_none(struct kunit *test);

/* stream.c */
void fse_test_stream_lines(struct kunit *test);
void fse_test_stream_long_values(struct kunit *test);
void fse_test_stream_sizes(struct kunit *test);
void fse_test_stream_losses(struct kunit *test);
void fse_test_stream_refusals(struct kunit *test);

/* budget.c */
void fse_test_budget_shares(struct kunit *test);
void fse_test_budget_asks(struct kunit *test);

/* account.c */
void fse_test_account_serves(struct kunit *test);
void fse_test_account_shares(struct kunit *test);
void fse_test_account_rate(struct kunit *test);
void fse_test_account_burst(struct kunit *test);
void fse_test_account_info(struct kunit *test);

/* crossings.c */
void fse_test_crossings_count(struct kunit *test);
void fse_test_crossings_are_seen(struct kunit *test);
void fse_test_crossings_at_random(struct kunit *test);

#endif /* _FS_EVENTS_TESTS_H */
