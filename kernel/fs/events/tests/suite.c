// SPDX-License-Identifier: GPL-2.0-only
/* File system events: the KUnit suite "fs_event". */
#include "tests.h"

static struct kunit_case fse_test_cases[] = {
	KUNIT_CASE_PARAM(fse_test_grammar_accepts, fse_test_accepted_next),
	KUNIT_CASE_PARAM(fse_test_grammar_refuses, fse_test_refused_next),
	KUNIT_CASE(fse_test_grammar_limits),
	KUNIT_CASE_PARAM(fse_test_levels_resolve, fse_test_amount_next),
	KUNIT_CASE_PARAM(fse_test_levels_turn, fse_test_walk_next),
	KUNIT_CASE(fse_test_levels_order),
	KUNIT_CASE(fse_test_levels_fit),
	KUNIT_CASE(fse_test_levels_distance),
	KUNIT_CASE(fse_test_levels_full),
	KUNIT_CASE_PARAM(fse_test_escape_shows, fse_test_shown_next),
	KUNIT_CASE(fse_test_escape_cuts),
	KUNIT_CASE(fse_test_interval_rests),
	KUNIT_CASE(fse_test_interval_moves),
	KUNIT_CASE(fse_test_interval_turns),
	KUNIT_CASE(fse_test_slot_errors),
	KUNIT_CASE(fse_test_slot_turns),
	KUNIT_CASE(fse_test_slot_untake),
	KUNIT_CASE(fse_test_slot_flood),
	KUNIT_CASE_PARAM(fse_test_message_layout, fse_test_message_next),
	KUNIT_CASE_PARAM(fse_test_message_no_room, fse_test_message_next),
	KUNIT_CASE(fse_test_stream_lines),
	KUNIT_CASE(fse_test_stream_long_values),
	KUNIT_CASE(fse_test_stream_sizes),
	KUNIT_CASE(fse_test_stream_losses),
	KUNIT_CASE(fse_test_stream_refusals),
	KUNIT_CASE_PARAM(fse_test_entry_layout, fse_test_entry_next),
	KUNIT_CASE_PARAM(fse_test_entry_no_room, fse_test_entry_next),
	KUNIT_CASE_PARAM(fse_test_commands_accept, fse_test_taken_next),
	KUNIT_CASE_PARAM(fse_test_commands_refuse, fse_test_turned_down_next),
	KUNIT_CASE(fse_test_commands_limits),
	KUNIT_CASE(fse_test_commands_none),
	KUNIT_CASE(fse_test_budget_shares),
	KUNIT_CASE(fse_test_budget_asks),
	KUNIT_CASE(fse_test_account_serves),
	KUNIT_CASE(fse_test_account_shares),
	KUNIT_CASE(fse_test_account_rate),
	KUNIT_CASE(fse_test_account_burst),
	KUNIT_CASE(fse_test_account_info),
	KUNIT_CASE_SLOW(fse_test_crossings_count),
	KUNIT_CASE_SLOW(fse_test_crossings_are_seen),
	KUNIT_CASE_SLOW(fse_test_crossings_at_random),
	{}
};

static struct kunit_suite fse_test_suite = {
	.name		= "fs_event",
	.test_cases	= fse_test_cases,
};

kunit_test_suite(fse_test_suite);

MODULE_DESCRIPTION("KUnit tests of file system events");
MODULE_LICENSE("GPL");
