// SPDX-License-Identifier: GPL-2.0-only
/* Watches: what is pending, in which order and how often it is reported. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"

static void sample(struct watch *w, u64 avail)
{
	struct figures f = sample_figures(avail, 10000);

	ask_take(w, &f, now_ns());
	watch_deliver(w, now_ns());
}

/* An event at most ten times a second; the others are counted. */
TEST(rate)
{
	struct watch *w = sample_watch(20);
	u64 now = now_ns();
	int i;

	watch_fails(w, FS_ERR_IO, EIO);
	watch_deliver(w, now);
	assert_line("seq=1 ", "event=io_error", "errno=5", "count=1");
	for (i = 0; i < 5; i++)
		watch_fails(w, FS_ERR_IO, EIO);
	/* It waits behind that, so that nothing is reordered. */
	watch_fails(w, FS_ERR_CORRUPTED, EUCLEAN);
	watch_deliver(w, now + 99 * NS_PER_MS);
	assert_no_line();
	assert_int_equal(w->deliver_ns, now + 100 * NS_PER_MS);
	watch_deliver(w, now + 100 * NS_PER_MS);
	assert_line("event=io_error", "count=5");
	assert_line("event=corrupted", "count=1");
	assert_int_equal(w->deliver_ns, NEVER);
	sample_end();
}

TEST(off)
{
	struct watch *w = sample_watch(20);

	watch_set_events(w, BIT(FS_ERR_IO));
	watch_fails(w, FS_ERR_CORRUPTED, EUCLEAN);
	sample(w, 0);
	assert_no_line();
	sample_end();
}

TEST(levels)
{
	struct watch *w = sample_watch(20);

	set_levels(w, "/ T 5000:6000 1000");
	sample(w, 7000);
	assert_no_line();
	sample(w, 500);
	assert_line("event=thr_lrbelow", "level=5000");
	assert_line("event=thr_urbelow", "level=1000");
	/* there and back before it may be reported: a pair that is counted */
	sample(w, 8000);
	sample(w, 500);
	assert_no_line();
	assert_int_equal(w->set[SPACE]->note[0].slot.count, 2);
	set_levels(w, "/ T 5000:6000 900");
	assert_line("event=cleared", "level_nr=2", "of=thr_urbelow");
	sample(w, 500);
	assert_line("event=thr_urbelow", "level=900");
	sample(w, 7000);
	watch_deliver(w, now_ns() + NS_PER_S);
	assert_line("event=thr_urabove", "level=900");
	assert_line("event=thr_lrabove", "count=3");
	sample_end();
}

TEST(removed)
{
	struct watch *w = sample_watch(20);

	set_levels(w, "/ T 5000");
	sample(w, 10);
	assert_line("event=thr_lrbelow");
	assert_line("event=enospc ", "errno=28");
	watch_remove(w);
	assert_line("event=cleared", "of=thr_lrbelow");
	assert_line("event=cleared", "of=enospc");
	assert_no_line();
	assert_null(watches);
	sample_end();
}

/* A level that rose and was not reported yet is not cleared besides. */
TEST(above_ends_it)
{
	struct watch *w = sample_watch(20);

	set_levels(w, "/ T 5000");
	sample(w, 4000);
	assert_line("event=thr_lrbelow");
	sample(w, 6000);
	watch_remove(w);
	assert_line("event=thr_lrabove");
	assert_no_line();
	sample_end();
}

TEST(ended)
{
	struct watch *w = sample_watch(20);

	watch_fails(w, FS_ERR_IO, EIO);
	watch_end(w, EXDEV);
	assert_line("event=io_error");
	assert_line("event=unmount", "errno=18", "last=1");
	assert_no_line();
	sample_end();
}

/* A path that leads elsewhere says nothing. */
TEST(blind)
{
	struct watch *w = sample_watch(20);
	struct figures f = sample_figures(10, 10000);

	set_levels(w, "/ T 5000");
	f.elsewhere = true;
	ask_take(w, &f, now_ns());
	f.elsewhere = false;
	f.err = -EACCES;
	ask_take(w, &f, now_ns());
	f = sample_figures(0, 0);
	f.st.f_files = 0;
	ask_take(w, &f, now_ns());
	watch_deliver(w, now_ns());
	assert_no_line();
	sample_end();
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(rate),
		cmocka_unit_test(off),
		cmocka_unit_test(levels),
		cmocka_unit_test(removed),
		cmocka_unit_test(above_ends_it),
		cmocka_unit_test(ended),
		cmocka_unit_test(blind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
