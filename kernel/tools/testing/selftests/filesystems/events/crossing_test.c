// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writers race around a level of a file system that accounts for its space:
 * events alternate between below and above, and the last one matches the final
 * state without any later activity.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "control.h"
#include "harness.h"
#include "lifetime.h"
#include "module.h"
#include "process.h"
#include "watched.h"

#define WRITERS	8
/* Distance from the level; blocks that a writer takes and frees at once. */
#define FAR	600
#define TAKEN	200
/* Even, so that the last round syncs and makes freed space available. */
#define TIMES	20
/* For debug kernels. */
#define TIMES_SLOW	6

FIXTURE(crossing)
{
	struct fse_watched w;
};

FIXTURE_VARIANT(crossing)
{
	const char *type;
	unsigned int mib;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(crossing, tmpfs) { "tmpfs", 64 };
FIXTURE_VARIANT_ADD(crossing, ext4) { "ext4", 128 };
FIXTURE_VARIANT_ADD(crossing, xfs) { "xfs", 320 };
FIXTURE_VARIANT_ADD(crossing, btrfs) { "btrfs", 1024 };
FIXTURE_VARIANT_ADD(crossing, f2fs) { "f2fs", 128 };
/* clang-format on */

FIXTURE_SETUP(crossing)
{
	if (!built_in())
		SKIP(return, "no hooks in this kernel");
	ASSERT_EQ(0, fse_begin(&self->w, variant->type, variant->mib, "", ""));
}

FIXTURE_TEARDOWN(crossing)
{
	if (self->w.fs.mount[0])
		fse_end(&self->w);
}

/* Each writer allocates in alternating ways and frees. */
static int take_and_give(unsigned int who, void *arg)
{
	struct fse_watched *w = arg;
	const struct fse_fs *fs = &w->fs;
	char name[32], path[160];
	off_t bytes = TAKEN * fse_frsize(fs);
	unsigned int times = fse_slow() ? TIMES_SLOW : TIMES, i;
	int fd;

	snprintf(name, sizeof(name), "writer%u", who);
	snprintf(path, sizeof(path), "%s/%s", fs->mount, name);
	for (i = 0; i < times; i++) {
		if (i % 3) {
			if (fse_fill(fs, name, TAKEN))
				return 1;
		} else {
			fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
			if (fd < 0 || fallocate(fd, 0, 0, bytes))
				return 2;
			close(fd);
		}
		if (i % 2 ? fse_free(fs, name) : truncate(path, 0))
			return 3;
	}
	return 0;
}

TEST_F(crossing, below_and_above_alternate)
{
	unsigned int last = FS_THR_LRABOVE, reported = 0, rounds = fse_rounds(4), i;
	struct fse_watched *w = &self->w;
	__u64 level;

	/* Warm up: the file system keeps some metadata blocks. */
	ASSERT_EQ(0, fse_race(WRITERS, take_and_give, w));
	level = fse_avail(&w->fs) - FAR;
	ASSERT_EQ(0, fse_watch(w, "T %llu", level));
	ASSERT_TRUE(fse_sampled("%s", w->request));
	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, fse_race(WRITERS, take_and_give, w));
		/* Leave the space alternately below and above the level. */
		ASSERT_EQ(0, i % 2 ? fse_free(&w->fs, "left") :
				     fse_fill(&w->fs, "left", 2 * FAR));
		while (fse_next_of(&w->l, w->fs.mount, &w->ev, FSE_QUIET) > 0) {
			ASSERT_NE(last, w->ev.id);
			last = w->ev.id;
			reported++;
		}
		EXPECT_EQ(last, fse_avail(&w->fs) > level ? FS_THR_LRABOVE :
							    FS_THR_LRBELOW);
		EXPECT_EQ(last, i % 2 ? FS_THR_LRABOVE : FS_THR_LRBELOW);
	}
	printf("# %u crossings reported\n", reported);
	EXPECT_LE(rounds, reported);
	EXPECT_EQ(0, fse_left(&w->l));
}

TEST_HARNESS_MAIN
