// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a view says when messages are lost, and what it asks the kernel for.
 */
#include <errno.h>

#include "kernel.h"
#include "test.h"

/* A kernel, a view of it, and what that said: a word each. */
struct fixture {
	struct kernel k;
	struct fsev_state s;
	char said[512];
	int result;
};

static void say(struct fixture *f, const char *text, uint64_t a, char mark)
{
	size_t len = strlen(f->said);

	snprintf(f->said + len, sizeof(f->said) - len, "%s%s%ju%.1s",
		 len ? " " : "", text, a, mark ? &mark : "");
}

static int on_news(const struct fsevents_news *news, void *data)
{
	struct fixture *f = data;

	switch (news->type) {
	case FSEVENTS_LOST:
		say(f, "lost:", news->lost, 0);
		break;
	case FSEVENTS_RESYNCED:
		say(f, "resynced:", news->seq, 0);
		break;
	case FSEVENTS_EVENT:
		say(f, "event:", news->event->seq, news->resync ? '!' :
		    news->entry ? 0 : '-');
		break;
	case FSEVENTS_ENTRY:
		if (news->before && news->entry)
			assert_int_equal(news->before->id, news->entry->id);
		say(f, !news->before ? "made:" : news->entry ? "changed:" :
		    "gone:", (news->entry ?: news->before)->id,
		    news->resync ? '!' : 0);
	}
	return f->result;
}

/* One watch with four levels, id 1, and a view that has read it. */
static struct fixture *setup(void)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->k.room = KERNEL_QUEUE;
	f->s = (struct fsev_state){
		.kernel = &kernel_requests,
		.kernel_data = &f->k,
	};
	kernel_add(&f->k, 4, KERNEL_HERE);
	f->k.queued = 0;
	assert_int_equal(fsev_state_resync(&f->s), 0);
	f->s.news = on_news;
	f->s.news_data = f;
	f->k.dumps = 0;
	return f;
}

static void teardown(struct fixture *f)
{
	fsev_set_clear(&f->s.set);
	free(f);
}

static void read_all(struct fixture *f)
{
	while (kernel_read(&f->k, &f->s))
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
	expect(f, "event:1 event:2 event:3 event:4", 0);
	teardown(f);
}

/* What is missing is told, made good, and only then the next event. */
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
	expect(f, "event:1 lost:2 resynced:5 changed:1! event:4! event:5!", 1);
	cross(f, 2);
	read_all(f);
	expect(f, "event:6", 0);
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
	expect(f, "event:1 lost:1 resynced:5 changed:1! event:3! lost:1 event:5!", 1);
	lose(f, 2);
	cross(f, 3);
	read_all(f);
	expect(f, "lost:1 resynced:7 changed:1! event:7!", 1);
	teardown(f);
}

TEST(test_loss_before_the_first)
{
	struct fixture *f = setup();

	lose(f, 0);
	cross(f, 1);
	read_all(f);
	expect(f, "lost:1 resynced:2 changed:1! event:2!", 1);
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
	expect(f, "lost:0 event:1 event:2 resynced:4 changed:1!", 1);
	read_all(f);
	expect(f, "", 0);
	cross(f, 0);
	read_all(f);
	expect(f, "lost:2 event:5", 0);
	teardown(f);
}

/* Nothing that is to be told changed meanwhile. */
TEST(test_resync_without_difference)
{
	struct fixture *f = setup();

	cross(f, 0);
	read_all(f);
	lose(f, 1);
	lose(f, 1);
	cross(f, 2);
	read_all(f);
	expect(f, "event:1 lost:2 resynced:4 changed:1! event:4!", 1);
	lose(f, 2);
	lose(f, 2);
	kernel_tell_own(&f->k);
	kernel_send(&f->k);
	read_all(f);
	expect(f, "lost:2 resynced:7 event:7-", 1);
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
	expect(f, "event:1 event:2 resynced:2 changed:1! event:2!", 1);
	teardown(f);
}

TEST(test_changes)
{
	struct fixture *f = setup();
	struct kernel_watch *w = kernel_add(&f->k, 2, KERNEL_HERE);

	read_all(f);
	expect(f, "made:2", 0);
	kernel_change(&f->k, w, 3);
	read_all(f);
	expect(f, "changed:2", 0);
	assert_int_equal(f->k.gets, 2);
	kernel_remove(&f->k, w);
	read_all(f);
	expect(f, "gone:2", 0);
	assert_int_equal(f->k.gets, 2);
	kernel_unmount(&f->k, f->k.watches);
	kernel_send(&f->k);
	read_all(f);
	expect(f, "gone:1 event:1-", 0);
	teardown(f);
}

/* The event may come before the message that the watch is gone. */
TEST(test_unmount)
{
	struct fixture *f = setup();
	struct fsevents_event ev = kernel_event(f->k.watches, FS_INFO_UNMOUNT);

	ev.last = true;
	ev.seq = ++f->k.seq;
	assert_int_equal(fsev_state_event(&f->s, &ev), 0);
	kernel_remove(&f->k, f->k.watches);
	read_all(f);
	expect(f, "event:1-", 0);
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
	expect(f, "resynced:0 made:2!", 1);
	assert_int_equal(f->k.gets, 0);
	/* What the dump covers is not asked for again. */
	kernel_change(&f->k, w, 3);
	assert_int_equal(fsev_state_resync(&f->s), 0);
	read_all(f);
	expect(f, "resynced:0 changed:2!", 1);
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
	expect(f, "event:1-", 0);
	/* It is put out of reach. */
	f->k.watches[0].hidden = true;
	kernel_change(&f->k, f->k.watches, 1);
	read_all(f);
	expect(f, "gone:1", 0);
	teardown(f);
}

/* An event of a watch that nobody was told of: once. */
TEST(test_newer_watch)
{
	struct fixture *f = setup();
	struct kernel_watch *w = kernel_add(&f->k, 2, KERNEL_HERE);

	f->k.queued = 0;
	kernel_cross(&f->k, w, 0);
	kernel_send(&f->k);
	read_all(f);
	expect(f, "resynced:1 made:2! event:1!", 1);
	w = kernel_add(&f->k, 2, KERNEL_HIDDEN);
	f->k.queued = 0;
	kernel_cross(&f->k, w, 0);
	kernel_send(&f->k);
	kernel_cross(&f->k, w, 0);
	kernel_send(&f->k);
	read_all(f);
	expect(f, "resynced:3 event:2- event:3-", 1);
	teardown(f);
}

/* An event of a level that nobody was told of. */
TEST(test_strange_level)
{
	struct fixture *f = setup();

	kernel_change(&f->k, f->k.watches, 6);
	f->k.queued = 0;
	cross(f, 4);
	read_all(f);
	expect(f, "resynced:1 changed:1! event:1!", 1);
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
	expect(f, "event:1 lost:1 resynced:3 made:2! event:3!", 1);
	/* Numbers of there are not those of here. */
	assert_int_equal(f->s.covered, 3);
	assert_int_equal(f->s.generation, 1);
	kernel_cross(&f->k, w, 0);
	assert_int_equal(fsev_state_resync(&f->s), 0);
	expect(f, "resynced:3 changed:2!", 1);
	teardown(f);
}

TEST(test_interrupted_dumps)
{
	struct fixture *f = setup();

	f->k.interrupted = 5;
	lose(f, 0);
	cross(f, 1);
	read_all(f);
	expect(f, "lost:1 resynced:2 changed:1! event:2!", 6);
	/* For ever: what came is taken. */
	f->k.interrupted = 1000;
	lose(f, 0);
	cross(f, 1);
	read_all(f);
	expect(f, "lost:1 resynced:4 changed:1! event:4!", 100);
	teardown(f);
}

/* The event is told, and all is asked for again at the next occasion. */
TEST(test_failed_dump)
{
	struct fixture *f = setup();
	struct fsevents_event ev;

	lose(f, 0);
	f->k.error = -ENOMEM;
	ev = kernel_event(f->k.watches, FS_ERR_IO);
	ev.seq = ++f->k.seq;
	assert_int_equal(fsev_state_event(&f->s, &ev), -ENOMEM);
	assert_int_equal(fsev_state_drained(&f->s), -ENOMEM);
	f->k.error = 0;
	assert_int_equal(fsev_state_drained(&f->s), 0);
	expect(f, "lost:1 event:2 resynced:2 changed:1!", 3);
	assert_int_equal(fsev_state_drained(&f->s), 0);
	expect(f, "", 0);
	teardown(f);
}

TEST(test_failed_get)
{
	struct fixture *f = setup();
	const struct fsevents_entry entry = { .id = 1, .generation = 2 };

	f->k.generation = 2;
	f->k.error = -ENOMEM;
	assert_int_equal(fsev_state_change(&f->s, &entry,
					   FS_NL_CHANGE_CHANGED), -ENOMEM);
	f->k.error = 0;
	lose(f, 0);
	assert_int_equal(fsev_state_drained(&f->s), 0);
	expect(f, "resynced:1 changed:1!", 1);
	teardown(f);
}

/* Who has heard enough is told no more, but what was begun is done. */
TEST(test_end)
{
	struct fixture *f = setup();
	struct fsevents_event ev;

	lose(f, 0);
	f->result = 7;
	ev = kernel_event(f->k.watches, FS_ERR_SHUTDOWN);
	f->k.watches[0].lasting = 1 << FS_ERR_SHUTDOWN;
	ev.seq = ++f->k.seq;
	assert_int_equal(fsev_state_event(&f->s, &ev), 7);
	expect(f, "lost:1", 1);
	f->result = 0;
	cross(f, 1);
	read_all(f);
	expect(f, "event:3", 0);
	teardown(f);
}

/* No watch at all: nobody says how far that is. */
TEST(test_empty)
{
	struct fixture *f = setup();

	kernel_remove(&f->k, f->k.watches);
	f->k.queued = 0;
	assert_int_equal(fsev_state_resync(&f->s), 0);
	expect(f, "resynced:0 gone:1!", 1);
	f->k.seq = 40;
	kernel_tell_own(&f->k);
	kernel_send(&f->k);
	read_all(f);
	expect(f, "event:41-", 0);
	kernel_add(&f->k, 1, KERNEL_HERE);
	read_all(f);
	expect(f, "resynced:41 made:2!", 1);
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
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
