// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Whatever happens, is lost, and changes while the kernel is asked: when all
 * messages were read the view shows what is.
 */
#include "kernel.h"
#include "test.h"

#define RUNS	400
#define STEPS	300

static unsigned int one_of(unsigned int nr)
{
	return rand() % nr;
}

static struct kernel_watch *any_watch(struct kernel *k)
{
	struct kernel_watch *w = &k->watches[one_of(KERNEL_WATCHES)];

	return w->id ? w : NULL;
}

static void add(struct kernel *k)
{
	/* Others have ids as well. */
	k->last_id += !one_of(4);
	kernel_add(k, 1 + one_of(KERNEL_LEVELS), one_of(6) ? KERNEL_HERE :
		   one_of(2) ? KERNEL_HIDDEN : KERNEL_ELSEWHERE);
}

/* One in @changes times it is the watches that change. */
static void happen(struct kernel *k, unsigned int changes)
{
	struct kernel_watch *w = any_watch(k);

	if (!one_of(changes)) {
		switch (w ? one_of(5) : 0) {
		case 0:
		case 1:
			add(k);
			break;
		case 2:
			kernel_change(k, w, 1 + one_of(KERNEL_LEVELS));
			break;
		case 3:
			kernel_remove(k, w);
			break;
		default:
			kernel_unmount(k, w);
		}
	} else if (w && one_of(10)) {
		kernel_cross(k, w, one_of(w->nr_levels));
	} else if (w) {
		kernel_fail(k, w, one_of(2) ? FS_ERR_REMOUNT_RO :
			    FS_ERR_SHUTDOWN);
	}
	if (one_of(2))
		kernel_send(k);
	else if (!one_of(8))
		kernel_lose(k);
}

static void happen_meanwhile(struct kernel *k)
{
	if (!one_of(3))
		happen(k, 100);
}

/* Does it say what it says in an order that makes sense? */
struct heard {
	bool lost;
	unsigned int resyncs;
	unsigned int wrong;
};

static int on_news(const struct fsevents_news *news, void *data)
{
	struct heard *heard = data;

	switch (news->type) {
	case FSEVENTS_LOST:
		heard->lost = true;
		break;
	case FSEVENTS_RESYNCED:
		heard->resyncs++;
		break;
	case FSEVENTS_ENTRY:
		heard->wrong += !news->entry && !news->before;
		break;
	case FSEVENTS_EVENT:
		heard->wrong += !news->event;
		break;
	}
	return 0;
}

/* What is lost shows by what comes after it: there is one more event. */
static void catch_up(struct kernel *k, struct fsev_state *s)
{
	kernel_tell_own(k);
	while (kernel_send(k) || kernel_read(k, s))
		;
}

static void run(unsigned int seed)
{
	struct kernel k = { .room = 4 + seed % (KERNEL_QUEUE - 4) };
	struct heard heard = {};
	struct fsev_state s = {
		.kernel = &kernel_requests,
		.kernel_data = &k,
		.news = on_news,
		.news_data = &heard,
	};
	unsigned int step, i;

	srand(seed);
	for (i = 0; i < 6; i++)
		add(&k);
	/* Before the view listened. */
	k.queued = 0;
	k.congested = false;
	k.overran = false;
	k.meanwhile = happen_meanwhile;
	assert_int_equal(fsev_state_resync(&s), 0);
	for (step = 0; step < STEPS; step++) {
		for (i = one_of(30); i; i--)
			happen(&k, 20);
		for (i = one_of(30); i; i--)
			kernel_read(&k, &s);
		if (one_of(10))
			continue;
		k.meanwhile = NULL;
		catch_up(&k, &s);
		if (!kernel_shows(&k, &s))
			fail_msg("seed %u, step %u", seed, step);
		k.meanwhile = happen_meanwhile;
	}
	assert_int_equal(heard.wrong, 0);
	assert_true(heard.lost);
	assert_in_range(heard.resyncs, 1, STEPS * 30);
	fsev_set_clear(&s.set);
}

TEST(test_all_that_happens)
{
	unsigned int seed;

	for (seed = 0; seed < RUNS; seed++)
		run(seed);
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_all_that_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
