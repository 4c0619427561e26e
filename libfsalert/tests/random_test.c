// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Whatever happens, is lost, and changes while the kernel is asked: when all
 * messages were read the state is that of the kernel, and a program that only
 * followed the events knows it.
 */
#include <linux/fs_event.h>

#include "array.h"
#include "kernel.h"
#include "test.h"

#define RUNS	100
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
			if (w->nr_levels > 2 && one_of(2))
				kernel_drop(k, w);
			else
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
	} else if (w && w->lasting && one_of(2)) {
		kernel_recover(k, w, w->lasting & 1 << FS_ERR_REMOUNT_RO ?
			       FS_ERR_REMOUNT_RO : FS_ERR_SHUTDOWN);
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

/* What a program knows that only follows the events. */
struct known {
	uint64_t id;
	uint64_t states[2][KERNEL_LEVELS + 1];
	uint64_t lasting;
};

struct heard {
	struct known known[4 * KERNEL_WATCHES];
	bool lost;
	unsigned int resyncs;
};

static struct known *known(struct heard *heard, uint64_t id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(heard->known); i++) {
		if (heard->known[i].id == id)
			return &heard->known[i];
	}
	return NULL;
}

static void know(struct known *w, const struct fsalert_event *ev)
{
	uint64_t nr = fsa_number(ev, FSALERT_KEY_LEVEL_NR);
	bool cleared = ev->type == FSALERT_CLEARED;
	enum fsalert_type type = cleared ? fsa_number(ev, FSALERT_KEY_OF) :
		ev->type;

	switch (type) {
	case FSALERT_BELOW:
	case FSALERT_ABOVE:
		w->states[0][nr] = type == FSALERT_BELOW && !cleared;
		break;
	case FSALERT_INO_BELOW:
	case FSALERT_INO_ABOVE:
		w->states[1][nr] = type == FSALERT_INO_BELOW && !cleared;
		break;
	case FSALERT_REMOUNT_RO:
	case FSALERT_SHUTDOWN:
		w->lasting &= ~BIT64(fsa_id_of_name(fsalert_name(type)));
		w->lasting |= (uint64_t)!cleared <<
			fsa_id_of_name(fsalert_name(type));
		break;
	default:
		break;
	}
}

static void on_event(const struct fsalert_event *ev, void *data)
{
	struct heard *heard = data;
	uint64_t id = fsa_number(ev, FSALERT_KEY_ENTRY);
	struct known *w = known(heard, id);

	heard->lost |= ev->type == FSALERT_LOST;
	heard->resyncs += fsa_has(ev, FSALERT_KEY_RESYNC);
	if (!id)
		return;
	if (ev->type == FSALERT_ADDED) {
		/* It may have been out of reach, and heard of. */
		w = w ?: known(heard, 0);
		assert_non_null(w);
		*w = (struct known){ .id = id };
	} else if (ev->type == FSALERT_REMOVED ||
		   fsa_has(ev, FSALERT_KEY_LAST)) {
		if (w)
			*w = (struct known){};
	} else if (w) {
		know(w, ev);
	}
}

static bool knows_watch(struct heard *heard, const struct kernel_watch *w)
{
	const struct known *mine = known(heard, w->id);
	size_t i;

	if (!mine || mine->lasting != w->lasting)
		return false;
	for (i = 0; i < w->nr_levels; i++) {
		if (mine->states[i % 2][i / 2 + 1] != w->states[i])
			return false;
	}
	return true;
}

static bool knows(struct heard *heard, const struct kernel *k)
{
	size_t i;

	for (i = 0; i < KERNEL_WATCHES; i++) {
		const struct kernel_watch *w = &k->watches[i];

		if (w->id && !w->hidden && !w->elsewhere &&
		    !knows_watch(heard, w))
			return false;
	}
	return true;
}

/* What is lost shows by what comes after it: there is one more event. */
static void catch_up(struct kernel *k, struct fsa_state *s, struct heard *heard)
{
	kernel_tell_own(k);
	while (kernel_send(k) || kernel_read(k, s, on_event, heard))
		;
}

static void learn(struct heard *heard, const struct fsalert_entry *entry)
{
	struct known *w = known(heard, 0);
	size_t i;

	w->id = entry->id;
	w->lasting = entry->lasting;
	for (i = 0; i < entry->nr_levels; i++)
		w->states[entry->levels[i].kind][entry->levels[i].nr] =
			entry->levels[i].state;
}

static void run(unsigned int seed)
{
	struct kernel k = { .room = 4 + seed % (KERNEL_QUEUE - 4) };
	struct heard heard = {};
	struct fsa_state s = {
		.kernel = &kernel_requests,
		.kernel_data = &k,
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
	assert_int_equal(fsa_state_begin(&s), 0);
	/* What fsalert_each() would show. */
	for (i = 0; i < s.set.nr; i++)
		learn(&heard, &s.set.list[i]->entry);
	for (step = 0; step < STEPS; step++) {
		for (i = one_of(30); i; i--)
			happen(&k, 20);
		for (i = one_of(30); i; i--)
			kernel_read(&k, &s, on_event, &heard);
		if (one_of(10))
			continue;
		k.meanwhile = NULL;
		catch_up(&k, &s, &heard);
		if (!kernel_shows(&k, &s))
			fail_msg("seed %u, step %u", seed, step);
		if (!knows(&heard, &k))
			fail_msg("seed %u, step %u: by events", seed, step);
		k.meanwhile = happen_meanwhile;
	}
	assert_true(heard.lost);
	assert_in_range(heard.resyncs, 1, STEPS * 300);
	fsa_state_clear(&s);
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
