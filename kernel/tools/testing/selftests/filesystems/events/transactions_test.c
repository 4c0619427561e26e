// SPDX-License-Identifier: GPL-2.0-only
/*
 * A write takes effect completely or not at all, even among concurrent ones.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include "control.h"
#include "event.h"
#include "filesystem.h"
#include "harness.h"
#include "process.h"
#include "refusal.h"

#define A "/mnt/a"
#define B "/mnt/b"
#define C "/mnt/c"
#define D "/mnt/d"

/* Watches of A and B at the start. */
#define WATCHED A " G T 700 500\n" B " I 50\n"
#define LISTED A FSE_TMPFS "(G,T 700 500)\n" B FSE_TMPFS "(I 50)\n"

FIXTURE(transactions)
{
	struct fse_fs fs[4];
};

FIXTURE_SETUP(transactions)
{
	static const char * const names[] = { "a", "b", "c", "d" };
	unsigned int i;

	ASSERT_EQ(0, fse_config("\n"));
	for (i = 0; i < ARRAY_SIZE(self->fs); i++)
		ASSERT_EQ(0, fse_fs_make(&self->fs[i], "tmpfs", names[i], 8,
					 ""));
	ASSERT_EQ(0, fse_config("%s", WATCHED));
}

FIXTURE_TEARDOWN(transactions)
{
	unsigned int i;

	fse_config("\n");
	for (i = 0; i < ARRAY_SIZE(self->fs); i++)
		fse_fs_remove(&self->fs[i]);
}

/*
 * Regression: requests before a bad one stayed applied. The error may be found
 * when parsing, looking up the path, asking the file system, or only when all
 * requests are combined.
 */
TEST_F(transactions, one_bad_request_undoes_all)
{
	static const struct fse_bad faults[] = {
		{ D " X", EINVAL, "X", "unknown type" },
		{ D " T 5:", EINVAL, ":", "expected an amount" },
		{ D "\\0 G", EINVAL, "\\0 G", "unknown escape" },
		{ "/mnt/nowhere G", ENOENT, "/mnt/nowhere G", "no such path" },
		{ "/sys/fs G", EINVAL, "/sys/fs G", "not a mount point" },
		{ D " T 5 6", ERANGE, "6", "not smaller" },
		{ "/proc T 5", EOPNOTSUPP, "T 5", "does not tell its size" },
		{ "!" D, ENOENT, D, "not watched" },
		{ "!" B " T", ENOENT, "T", "this type is not watched" },
	};
	/* Each would change, remove or add a watch. */
	static const char * const around[] = {
		"%s;" A " T 9;!" B ";" C " G;" A " G:enospc",
		A " T 9;%s;!" B ";" C " G;" A " G:enospc",
		A " T 9;!" A " G;%s;" C " G;" A " G:enospc",
		A " T 9\n" C " G;!" A "\n%s",
		"!" A ";" A " I 7;%s;" C " I 3",
	};
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		for (k = 0; k < ARRAY_SIZE(around); k++) {
			struct fse_bad bad = faults[i];
			char text[256];

			snprintf(text, sizeof(text), around[k], bad.text);
			bad.text = text;
			EXPECT_STREQ("", fse_refused(&bad, strlen(text)));
			EXPECT_STREQ(LISTED, fse_read("config"));
		}
	}
	EXPECT_EQ(2, fse_stat("watches"));
}

/* Whether a removal is valid depends on earlier requests of the write. */
TEST_F(transactions, are_played_in_order)
{
	static const struct fse_bad bad[] = {
		{ "!" A ";!" A, ENOENT, A, "not watched" },
		{ "!" C ";" C " G", ENOENT, C, "not watched" },
		{ "!" A " G;!" A " T G", ENOENT, "G", "type is not watched" },
		{ C " G;!" C " T", ENOENT, "T", "this type is not watched" },
		{ C " G;!" C " G;!" C " G", ENOENT, C " G", "not watched" },
	};

	EXPECT_STREQ("", fse_refused_all(bad, ARRAY_SIZE(bad)));
	EXPECT_EQ(0, fse_config("!" A ";" A " I 3;!" B ";" C " G;!" C));
	EXPECT_STREQ(A FSE_TMPFS "(I 3)\n", fse_read("config"));
}

/* A refused write keeps no reference to the file system or its mount. */
TEST_F(transactions, a_refused_write_holds_nothing)
{
	int i;

	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, mount("tmpfs", D, "tmpfs", 0, "size=1M"));
		EXPECT_EQ(-ENOENT, fse_config(D " G T 5;" C " G;/mnt/none G"));
		EXPECT_EQ(-ENOENT, fse_config(D " G T 5;!" C));
		EXPECT_EQ(0, umount(D));
	}
	EXPECT_STREQ(LISTED, fse_read("config"));
}

/* A refused write doesn't repeat alarms. */
TEST_F(transactions, a_refused_write_keeps_the_state_of_levels)
{
	struct fse_listener l;
	struct fse_event ev;
	__u64 all = fse_total(&self->fs[2]);

	ASSERT_EQ(0, fse_listen(&l));
	ASSERT_EQ(0, fse_config(C " T %llu", all));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&l, C, &ev, FSE_SOON));
	EXPECT_EQ(-ENOENT, fse_config("!" C ";" C " T %llu;!" D, all));
	EXPECT_EQ(-EINVAL, fse_config(C " T %llu 1;" D " T", all));
	/* The event of another level follows at once. */
	EXPECT_EQ(0, fse_config(D " T %llu", all));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&l, NULL, &ev, FSE_SOON));
	EXPECT_STREQ(D, ev.mount);
	fse_unlisten(&l);
}

/* Each racing writer uses its own number in all watches. */
#define MINE A " T %u;" B " I %u;" C " T %u:%u;" D " G I %u"
#define MINE_LISTED A FSE_TMPFS "(T %u)\n" B FSE_TMPFS "(I %u)\n"	\
		    C FSE_TMPFS "(T %u:%u)\n" D FSE_TMPFS "(G,I %u)\n"

static int write_mine(unsigned int who)
{
	unsigned int n = 100 + who;

	return fse_config(MINE, n, n, n, n, n);
}

static char *listed(char *want, size_t size, unsigned int who)
{
	unsigned int n = 100 + who;

	snprintf(want, size, MINE_LISTED, n, n, n, n, n);
	return want;
}

/* All numbers of a listing are those of one writer. */
static bool whole(const char *config, unsigned int writers)
{
	unsigned int who;
	char want[512];

	for (who = 0; who <= writers; who++) {
		if (!strcmp(config, listed(want, sizeof(want), who)))
			return true;
	}
	return false;
}

/*
 * A reader takes no lock that writers wait for, so it may see a write half done;
 * but each line is that of one writer.
 */
static bool whole_lines(char *config, unsigned int writers)
{
	char *line, *wanted, *want, *at[9], text[9][512];
	unsigned int who, nr = 0;
	bool found;

	for (who = 0; who <= writers; who++)
		at[who] = listed(text[who], sizeof(text[who]), who);
	while ((line = strsep(&config, "\n"))) {
		found = false;
		for (who = 0; who <= writers; who++) {
			wanted = at[who];
			want = strsep(&at[who], "\n");
			found |= wanted && !strcmp(line, want);
		}
		if (!found)
			return false;
		nr++;
	}
	return nr == 5;
}

struct race {
	unsigned int writers;
	unsigned int rounds;
	atomic_uint *running;
};

/* The first child reads while others write. */
static int write_mine_or_read(unsigned int who, void *arg)
{
	const struct race *race = arg;
	unsigned int i;
	int err = 0;

	if (!who) {
		while (!err && *race->running)
			err = whole_lines(fse_read("config"), race->writers) ?
			      0 : 2;
		return err;
	}
	for (i = 0; i < race->rounds && !err; i++)
		err = write_mine(who) ? 1 : 0;
	--*race->running;
	return err;
}

TEST_F_TIMEOUT(transactions, of_racing_writers_each_takes_effect_whole, 120)
{
	struct race race = { .rounds = 50 };
	static const unsigned int writers[] = { 2, 8 };
	unsigned int i;

	race.running = mmap(NULL, sizeof(*race.running),
			    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);
	ASSERT_NE(MAP_FAILED, race.running);
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, write_mine(0));
	for (i = 0; i < ARRAY_SIZE(writers); i++) {
		race.writers = writers[i];
		*race.running = writers[i];
		EXPECT_EQ(0, fse_race(writers[i] + 1, write_mine_or_read,
				      &race));
		EXPECT_TRUE(whole(fse_read("config"), writers[i])) {
			TH_LOG("%s", fse_read("config"));
		}
		EXPECT_EQ(4, fse_stat("watches"));
	}
	munmap(race.running, sizeof(*race.running));
}

/* One child adds, another removes; either may find nothing to do. */
static int make_or_remove(unsigned int who, void *arg)
{
	unsigned int i, rounds = *(unsigned int *)arg;

	for (i = 0; i < rounds; i++) {
		int err = who & 1 ? fse_config("!" C ";!" D) :
				    fse_config(C " G;" D " T 5");

		if (err && err != -ENOENT)
			return 1;
	}
	return 0;
}

TEST_F_TIMEOUT(transactions, makers_race_with_removers, 120)
{
	unsigned int rounds = 100, both;

	EXPECT_EQ(0, fse_race(4, make_or_remove, &rounds));
	both = fse_watches();
	EXPECT_TRUE(both == 2 || both == 4);
	EXPECT_EQ(both, fse_stat("watches"));
	EXPECT_EQ(0, umount(C));
	EXPECT_EQ(0, umount(D));
	EXPECT_STREQ(LISTED, fse_read("config"));
}

TEST_HARNESS_MAIN
