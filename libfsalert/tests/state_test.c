// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a view says when messages are lost, and what it asks the kernel for.
 */
#include <errno.h>

#include <linux/fs_event.h>

#include "kernel.h"
#include "test.h"

/* A kernel, a state of it, and what that gave: a word each. */
struct fixture {
	struct kernel k;
	struct fsa_state s;
	char said[512];
};

/* The number of an event that was sent; else its name, level and watch. */
static void on_event(const struct fsalert_event *ev, void *data)
{
	struct fixture *f = data;
	char *to = f->said + strlen(f->said);
	size_t room = f->said + sizeof(f->said) - to;
	const char *sep = *f->said ? " " : "";
	const char *mark = fsa_has(ev, FSALERT_KEY_RESYNC) ? "!" : "";

	/* There is nothing about space in the watches of this kernel. */
	assert_false(fsa_has(ev, FSALERT_KEY_AVAIL));
	assert_false(fsa_has(ev, FSALERT_KEY_LEVEL));
	if (ev->type == FSALERT_LOST)
		snprintf(to, room, "%slost:%ju", sep,
			 fsa_number(ev, FSALERT_KEY_COUNT));
	else if (fsa_has(ev, FSALERT_KEY_SEQ))
		snprintf(to, room, "%s%ju", sep,
			 fsa_number(ev, FSALERT_KEY_SEQ));
	else
		snprintf(to, room, "%s%s%s%s%.0ju:%ju%s", sep,
			 fsalert_name(ev->type),
			 ev->of ? "-" : "",
			 ev->of ? fsalert_name(fsa_type_of_id(ev->of)) : "",
			 fsa_number(ev, FSALERT_KEY_LEVEL_NR),
			 fsa_number(ev, FSALERT_KEY_ENTRY), mark);
}

/* One watch with four levels, id 1, and a view that has read it. */
static struct fixture *setup(void)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->k.room = KERNEL_QUEUE;
	f->s = (struct fsa_state){
		.kernel = &kernel_requests,
		.kernel_data = &f->k,
	};
	kernel_add(&f->k, 4, KERNEL_HERE);
	f->k.queued = 0;
	assert_int_equal(fsa_state_begin(&f->s), 0);
	f->k.dumps = 0;
	return f;
}

static void teardown(struct fixture *f)
{
	fsa_state_clear(&f->s);
	free(f);
}

static void read_all(struct fixture *f)
{
	while (kernel_read(&f->k, &f->s, on_event, f))
		;
}

static void expect(struct fixture *f, const char *said, unsigned int dumps)
{
	assert_string_equal(f->said, said);
	assert_int_equal(f->k.dumps, dumps);
	assert_true(kernel_shows(&f->k, &f->s));
	f->said[0] = '\0';
	f->k.dumps = 0;
}

static void cross(struct fixture *f, size_t level)
{
	kernel_cross(&f->k, f->k.watches, level);
	kernel_send(&f->k);
}

static void lose(struct fixture *f, size_t level)
{
	kernel_cross(&f->k, f->k.watches, level);
	kernel_lose(&f->k);
}

TEST(test_nothing_lost)
{
	struct fixture *f = setup();

	cross(f, 0);
	cross(f, 3);
	cross(f, 0);
	kernel_fail(&f->k, f->k.watches, FS_ERR_SHUTDOWN);
	kernel_send(&f->k);
	read_all(f);
	expect(f, "1 2 3 4", 0);
	teardown(f);
}

/* What is missing is reported, made good, and only then the next event. */
TEST(test_gap)
{
	struct fixture *f = setup();

	cross(f, 0);
	read_all(f);
	lose(f, 0);
	lose(f, 1);
	cross(f, 2);
	cross(f, 2);
	read_all(f);
	expect(f, "1 lost:2 above1:1! ino_below1:1!", 1);
	cross(f, 2);
	read_all(f);
	expect(f, "6", 0);
	teardown(f);
}

/* One dump makes good all that was missing before it. */
TEST(test_second_gap_is_covered)
{
	struct fixture *f = setup();

	cross(f, 0);
	lose(f, 0);
	cross(f, 1);
	lose(f, 2);
	cross(f, 3);
	read_all(f);
	expect(f, "1 lost:1 above1:1! ino_below1:1! below2:1! ino_below2:1! lost:1", 1);
	lose(f, 2);
	cross(f, 3);
	read_all(f);
	expect(f, "lost:1 above2:1! ino_above2:1!", 1);
	teardown(f);
}

TEST(test_loss_before_the_first)
{
	struct fixture *f = setup();

	lose(f, 0);
	cross(f, 1);
	read_all(f);
	expect(f, "lost:1 below1:1! ino_below1:1!", 1);
	teardown(f);
}

/* What is queued comes first, then the kernel is asked, once. */
TEST(test_overrun)
{
	struct fixture *f = setup();

	f->k.room = 2;
	cross(f, 0);
	cross(f, 1);
	cross(f, 2);
	cross(f, 3);
	read_all(f);
	expect(f, "lost:0 1 2 below2:1! ino_below2:1!", 1);
	read_all(f);
	expect(f, "", 0);
	cross(f, 0);
	read_all(f);
	expect(f, "lost:2 5", 0);
	teardown(f);
}

/* Nothing that is to be reported changed meanwhile. */
TEST(test_resync_without_difference)
{
	struct fixture *f = setup();

	cross(f, 0);
	read_all(f);
	lose(f, 1);
	lose(f, 1);
	cross(f, 2);
	read_all(f);
	expect(f, "1 lost:2 below2:1!", 1);
	lose(f, 2);
	lose(f, 2);
	kernel_tell_own(&f->k);
	kernel_send(&f->k);
	read_all(f);
	expect(f, "lost:2 7", 1);
	teardown(f);
}

/* A module that was loaded anew would count from 1. */
TEST(test_renumbered)
{
	struct fixture *f = setup();

	cross(f, 0);
	cross(f, 1);
	read_all(f);
	f->k.seq = 0;
	lose(f, 2);
	cross(f, 3);
	read_all(f);
	expect(f, "1 2 below2:1! ino_below2:1!", 1);
	teardown(f);
}

TEST(test_changes)
{
	struct fixture *f = setup();
	struct kernel_watch *w = kernel_add(&f->k, 2, KERNEL_HERE);

	read_all(f);
	expect(f, "added:2", 0);
	kernel_change(&f->k, w, 3);
	read_all(f);
	expect(f, "changed:2", 0);
	assert_int_equal(f->k.gets, 2);
	kernel_remove(&f->k, w);
	read_all(f);
	expect(f, "removed:2", 0);
	assert_int_equal(f->k.gets, 2);
	kernel_unmount(&f->k, f->k.watches);
	kernel_send(&f->k);
	read_all(f);
	expect(f, "removed:1 1", 0);
	teardown(f);
}

/* The event may come before the message that the watch is gone. */
TEST(test_unmount)
{
	struct fixture *f = setup();
	struct fsalert_event ev = kernel_event(f->k.watches, FS_INFO_UNMOUNT);

	fsa_event_set(&ev, FSALERT_KEY_LAST, 1);
	fsa_event_set(&ev, FSALERT_KEY_SEQ, ++f->k.seq);
	fsa_state_event(&f->s, &ev);
	assert_true(fsa_state_apply(&f->s, &ev));
	on_event(&ev, f);
	kernel_remove(&f->k, f->k.watches);
	read_all(f);
	expect(f, "1", 0);
	teardown(f);
}

/* Made and gone before it was asked for. */
TEST(test_change_of_what_is_gone)
{
	struct fixture *f = setup();

	kernel_remove(&f->k, kernel_add(&f->k, 2, KERNEL_HERE));
	read_all(f);
	expect(f, "", 0);
	assert_int_equal(f->k.gets, 1);
	teardown(f);
}

TEST(test_lost_change)
{
	struct fixture *f = setup();
	struct kernel_watch *w = kernel_add(&f->k, 2, KERNEL_HERE);

	f->k.queued = 0;
	kernel_change(&f->k, w, 1);
	read_all(f);
	expect(f, "added:2!", 1);
	assert_int_equal(f->k.gets, 0);
	/* What the dump covers is not asked for again. */
	kernel_change(&f->k, w, 3);
	f->s.stale = true;
	read_all(f);
	expect(f, "changed:2!", 1);
	assert_int_equal(f->k.gets, 0);
	teardown(f);
}

/* It can't be reached from here: listed nowhere, and its events cost nothing. */
TEST(test_hidden)
{
	struct fixture *f = setup();
	struct kernel_watch *w = kernel_add(&f->k, 2, KERNEL_HIDDEN);

	kernel_cross(&f->k, w, 0);
	kernel_send(&f->k);
	read_all(f);
	expect(f, "1", 0);
	/* It is put out of reach. */
	f->k.watches[0].hidden = true;
	kernel_change(&f->k, f->k.watches, 1);
	read_all(f);
	expect(f, "removed:1", 0);
	teardown(f);
}

/* An event of a watch that was not reported: once. */
TEST(test_newer_watch)
{
	struct fixture *f = setup();
	struct kernel_watch *w = kernel_add(&f->k, 2, KERNEL_HERE);

	f->k.queued = 0;
	kernel_cross(&f->k, w, 0);
	kernel_send(&f->k);
	read_all(f);
	expect(f, "added:2! below1:2!", 1);
	w = kernel_add(&f->k, 2, KERNEL_HIDDEN);
	f->k.queued = 0;
	kernel_cross(&f->k, w, 0);
	kernel_send(&f->k);
	kernel_cross(&f->k, w, 0);
	kernel_send(&f->k);
	read_all(f);
	expect(f, "", 1);
	teardown(f);
}

/* An event of a level that was not reported. */
TEST(test_strange_level)
{
	struct fixture *f = setup();

	kernel_change(&f->k, f->k.watches, 6);
	f->k.queued = 0;
	cross(f, 4);
	read_all(f);
	expect(f, "changed:1! below3:1!", 1);
	teardown(f);
}

TEST(test_elsewhere)
{
	struct fixture *f = setup();
	struct kernel_watch *w = kernel_add(&f->k, 2, KERNEL_ELSEWHERE);

	cross(f, 0);
	lose(f, 0);
	cross(f, 0);
	read_all(f);
	expect(f, "1 lost:1 added:2!", 1);
	/* Numbers of there are not those of here. */
	assert_int_equal(f->s.covered, 3);
	assert_int_equal(f->s.generation, 1);
	kernel_cross(&f->k, w, 0);
	f->s.stale = true;
	read_all(f);
	expect(f, "below1:2!", 1);
	teardown(f);
}

TEST(test_interrupted_dumps)
{
	struct fixture *f = setup();

	f->k.interrupted = 5;
	lose(f, 0);
	cross(f, 1);
	read_all(f);
	expect(f, "lost:1 below1:1! ino_below1:1!", 6);
	/* For ever: what came is taken. */
	f->k.interrupted = 1000;
	lose(f, 0);
	cross(f, 1);
	read_all(f);
	expect(f, "lost:1 above1:1! ino_above1:1!", 100);
	teardown(f);
}

/* Nothing is reported until the kernel answers, and nothing is left out then. */
TEST(test_failed_dump)
{
	struct fixture *f = setup();
	struct fsalert_event ev;

	lose(f, 0);
	f->k.error = -ENOMEM;
	ev = kernel_event(f->k.watches, FS_ERR_IO);
	fsa_event_set(&ev, FSALERT_KEY_SEQ, ++f->k.seq);
	fsa_state_event(&f->s, &ev);
	assert_int_equal(kernel_tell(&f->s, on_event, f), -ENOMEM);
	assert_int_equal(kernel_tell(&f->s, on_event, f), -ENOMEM);
	f->k.error = 0;
	assert_int_equal(kernel_tell(&f->s, on_event, f), 0);
	assert_true(fsa_state_apply(&f->s, &ev));
	expect(f, "lost:1 below1:1!", 3);
	assert_int_equal(kernel_tell(&f->s, on_event, f), 0);
	expect(f, "", 0);
	teardown(f);
}

/* A change that met a lack of memory is not forgotten. */
TEST(test_failed_get)
{
	struct fixture *f = setup();

	f->k.error = -ENOMEM;
	kernel_change(&f->k, f->k.watches, 5);
	read_all(f);
	expect(f, "changed:1!", 1);
	teardown(f);
}

/* What was below is over when its level is replaced, or goes. */
TEST(test_levels_replaced)
{
	struct fixture *f = setup();

	cross(f, 0);
	cross(f, 2);
	read_all(f);
	expect(f, "1 2", 0);
	kernel_change(&f->k, f->k.watches, 1);
	cross(f, 0);
	f->k.queued = 0;
	kernel_tell_own(&f->k);
	kernel_send(&f->k);
	read_all(f);
	expect(f, "lost:3 changed:1! cleared-below1:1! cleared-below2:1! below1:1! 6",
	       1);
	teardown(f);
}

/* A level that stays keeps its state, and has another number from then on. */
TEST(test_levels_moved)
{
	struct fixture *f = setup();

	cross(f, 0);
	cross(f, 2);
	read_all(f);
	expect(f, "1 2", 0);
	kernel_drop(&f->k, f->k.watches);
	read_all(f);
	expect(f, "3 changed:1 cleared-below2:1 below1:1", 0);
	cross(f, 0);
	read_all(f);
	expect(f, "4", 0);
	assert_int_equal(f->s.set.list[0]->levels[0].state,
			 FS_NL_STATE_ABOVE);
	teardown(f);
}

/* Of a watch that went no state is reported any more, of its errors they are. */
TEST(test_late_events)
{
	struct fixture *f = setup();
	struct kernel_watch w = f->k.watches[0];

	kernel_remove(&f->k, f->k.watches);
	f->k.watches[1] = w;
	kernel_cross(&f->k, &f->k.watches[1], 0);
	kernel_fail(&f->k, &f->k.watches[1], FS_ERR_IO);
	f->k.watches[1].id = 0;
	while (kernel_send(&f->k))
		;
	read_all(f);
	expect(f, "removed:1 2", 0);
	teardown(f);
}

/* No watch at all: nobody says how far that is. */
TEST(test_empty)
{
	struct fixture *f = setup();

	kernel_remove(&f->k, f->k.watches);
	f->k.queued = 0;
	f->s.stale = true;
	read_all(f);
	expect(f, "removed:1!", 1);
	f->k.seq = 40;
	kernel_tell_own(&f->k);
	kernel_send(&f->k);
	read_all(f);
	expect(f, "41", 0);
	kernel_add(&f->k, 1, KERNEL_HERE);
	read_all(f);
	expect(f, "added:2!", 1);
	teardown(f);
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_nothing_lost),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_second_gap_is_covered),
		cmocka_unit_test(test_loss_before_the_first),
		cmocka_unit_test(test_overrun),
		cmocka_unit_test(test_resync_without_difference),
		cmocka_unit_test(test_renumbered),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_unmount),
		cmocka_unit_test(test_change_of_what_is_gone),
		cmocka_unit_test(test_lost_change),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_newer_watch),
		cmocka_unit_test(test_strange_level),
		cmocka_unit_test(test_elsewhere),
		cmocka_unit_test(test_interrupted_dumps),
		cmocka_unit_test(test_failed_dump),
		cmocka_unit_test(test_failed_get),
		cmocka_unit_test(test_levels_replaced),
		cmocka_unit_test(test_levels_moved),
		cmocka_unit_test(test_late_events),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
