// SPDX-License-Identifier: GPL-2.0-only
/*
 * The poll interval: file systems are sampled as often as a level needs, and no
 * more.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "children.h"
#include "control.h"
#include "fuse.h"
#include "harness.h"
#include "module.h"
#include "process.h"
#include "slow.h"
#include "stream.h"
#include "watched.h"

/* GiB; a level at half of that is far from the available space. */
#define LARGE		300
/* More watches than samples a second. */
#define MANY		1500
/* Private watches, and open files, that an ordinary user may have. */
#define MAY_HAVE	128

FIXTURE(interval)
{
	struct fse_watched w;
	pid_t busy;
};

FIXTURE_SETUP(interval)
{
}

FIXTURE_TEARDOWN(interval)
{
	if (self->busy > 0)
		fse_kill(self->busy);
	fse_end(&self->w);
}

/* Number of samples during @ms without an event. */
static __u64 samples_within(struct fse_watched *w, int ms)
{
	__u64 samples = fse_stat("samples");

	return fse_next(&w->l, &w->ev, ms) ? ~0ULL : fse_stat("samples") - samples;
}

/* Allowance for a promised time on slow machines, ms. */
static int patience(int ms)
{
	return fse_slow() ? FSE_SOON : ms + 1000;
}

/* A sample that is running when its last level is removed still counts. */
static bool at_rest(void *arg)
{
	__u64 *samples = arg, before = *samples;

	usleep(50000);
	*samples = fse_stat("samples");
	return *samples == before;
}

/* Errors need no samples, so a watch of errors alone costs nothing. */
TEST_F(interval, no_samples_when_nothing_depends_on_them)
{
	__u64 samples = 0;

	ASSERT_EQ(0, fse_begin(&self->w, "ext4", 16, "", ""));
	ASSERT_EQ(0, fse_watch(&self->w, "T 1 I 1 G:corrupted,io_error"));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	ASSERT_EQ(0, fse_config("!%s T I", self->w.fs.mount));
	EXPECT_TRUE(fse_until(at_rest, &samples));
	EXPECT_EQ(0, fse_next(&self->w.l, &self->w.ev, FSE_QUIET));
	EXPECT_EQ(samples, fse_stat("samples"));
	/* A level needs samples. */
	ASSERT_EQ(0, fse_watch(&self->w, "T %llu", fse_total(&self->w.fs)));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
}

/* Doubles from 1 s; the first sample may come early, at a full second. */
TEST_F(interval, doubles_while_nothing_changes)
{
	__u64 samples;

	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 16, "", ""));
	ASSERT_EQ(0, fse_watch(&self->w, "T 1"));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	samples = samples_within(&self->w, 12000);
	EXPECT_LE(2, samples);
	EXPECT_GE(5, samples);
	/* It goes on doubling. */
	samples = samples_within(&self->w, 12000);
	EXPECT_LE(1, samples);
	EXPECT_GE(2, samples);
}

/* Writes without allocation. */
static void overwrite(void *arg)
{
	const struct fse_watched *w = arg;
	char path[160], block[4096] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/busy", w->fs.mount);
	fd = open(path, O_WRONLY | O_CREAT | O_SYNC | O_CLOEXEC, 0600);
	if (fd >= 0 && pwrite(fd, block, sizeof(block), 0) == sizeof(block))
		usleep(100000);
	close(fd);
}

static bool once_a_second(__u64 samples, __u64 since)
{
	__u64 seconds = (fse_now() - since) / 1000;

	return samples + 3 >= seconds && samples <= seconds + 2;
}

/*
 * Writes to the block device mean that the file system is in use. Then
 * fallocate(2) and unlink(2) may cover any distance at once.
 */
TEST_F(interval, jumps_while_in_use)
{
	__u64 samples, begin;

	ASSERT_EQ(0, fse_begin(&self->w, "ext4", LARGE * 1024,
			       "-O ^has_journal", "-o noinit_itable"));
	overwrite(&self->w);
	ASSERT_EQ(0, fse_watch(&self->w, "T 50%%"));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	self->busy = fse_repeat(overwrite, &self->w);
	ASSERT_LT(0, self->busy);
	begin = fse_now();
	samples = samples_within(&self->w, 10000);
	EXPECT_TRUE(once_a_second(samples, begin));

	ASSERT_EQ(0, fse_sh("fallocate -l %uG %s/jump", LARGE * 2 / 3,
			    self->w.fs.mount));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->w.l, self->w.fs.mount,
					      &self->w.ev, patience(1000)));
	ASSERT_EQ(0, fse_sh("rm %s/jump", self->w.fs.mount));
	EXPECT_EQ(FS_THR_LRABOVE, fse_next_of(&self->w.l, self->w.fs.mount,
					      &self->w.ev, patience(1000)));
}

/* Creates files, which takes inodes. */
static void make_files(void *arg)
{
	static unsigned int nr;
	const struct fse_watched *w = arg;

	fse_files(&w->fs, nr, nr + 1);
	nr++;
	usleep(100000);
}

/* Adds @nr private watches of @fs. 0 or a negative errno. */
static int watch_often(const struct fse_fs *fs, unsigned int nr)
{
	int fd, err = 0;

	while (nr-- && !err) {
		fd = fse_private_open(0);
		err = fd < 0 ? fd : fse_ask(fd, "%s T 1", fs->mount);
	}
	return err;
}

static int watch_often_as(bool user, const struct fse_fs *fs, unsigned int nr)
{
	int err;

	if (!user)
		return watch_often(fs, nr);
	err = fse_user_enter() ?: watch_often(fs, nr);
	return fse_user_leave() ?: err;
}

FIXTURE(beside_many)
{
	struct fse_watched w;
	struct fse_fs other;
	pid_t busy;
};

/**
 * @nr: watches of the other file system
 * @by_user: an ordinary user has these
 * @for_user: the watch beside them is an ordinary user's
 */
FIXTURE_VARIANT(beside_many)
{
	unsigned int nr;
	bool by_user;
	bool for_user;
};

FIXTURE_VARIANT_ADD(beside_many, of_root)
{
	.nr = MANY,
};

FIXTURE_VARIANT_ADD(beside_many, of_a_user)
{
	.nr = MAY_HAVE,
	.by_user = true,
};

FIXTURE_VARIANT_ADD(beside_many, of_root_a_user)
{
	.nr = MANY,
	.for_user = true,
};

FIXTURE_VARIANT_ADD(beside_many, of_a_user_the_same)
{
	.nr = MAY_HAVE - 1,
	.by_user = true,
	.for_user = true,
};

FIXTURE_SETUP(beside_many)
{
	const struct rlimit limit = {
		.rlim_cur = MANY + 64,
		.rlim_max = MANY + 64,
	};

	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 16, "", ""));
	ASSERT_EQ(0, fse_fs_make(&self->other, "tmpfs", "other", 16, ""));
}

FIXTURE_TEARDOWN(beside_many)
{
	if (self->busy > 0)
		fse_kill(self->busy);
	fse_end(&self->w);
	fse_fs_remove(&self->other);
}

/* The number of watches of the other file system does not matter. */
TEST_F(beside_many, a_watch_is_sampled_as_often)
{
	__u64 samples, best = 0;
	unsigned int i;

	ASSERT_EQ(0, watch_often_as(variant->by_user, &self->other,
				    variant->nr));
	ASSERT_EQ(0, watch_often_as(variant->for_user, &self->w.fs, 1));
	self->busy = fse_repeat(make_files, &self->w);
	ASSERT_LT(0, self->busy);
	/*
	 * The other file system's poll interval grows. The best of several measurements:
	 * a sample that a busy machine interrupts looks expensive, and delays the next.
	 */
	for (i = 0; i < 3 && best < 7; i++) {
		samples = samples_within(&self->w, 10000);
		best = samples > best ? samples : best;
	}
	EXPECT_LE(7, best);
}

static void fill_and_free(void *arg)
{
	const struct fse_watched *w = arg;

	fse_sh("fallocate -l 20M %s/moving && rm -f %s/moving", w->fs.mount,
	       w->fs.mount);
}

/*
 * statfs(2) is expensive on XFS, so it is sampled at most ten times a second,
 * and on kicks if it accounts for its space.
 */
TEST_F(interval, xfs_ten_times_a_second)
{
	__u64 samples, begin, kicks;

	if (built_in())
		SKIP(return, "xfs accounts for its space");
	ASSERT_EQ(0, fse_begin(&self->w, "xfs", 300, "", ""));
	ASSERT_EQ(0, fse_watch(&self->w, "T %llu",
			       fse_avail(&self->w.fs) - 1000));
	self->busy = fse_repeat(fill_and_free, &self->w);
	ASSERT_LT(0, self->busy);
	/* Space is moving now. */
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	begin = fse_now();
	kicks = fse_stat("kicks");
	samples = fse_stat("samples");
	while (fse_now() < begin + FSE_SOON &&
	       fse_stat("samples") < samples + 10)
		fse_next(&self->w.l, &self->w.ev, 100);
	samples = fse_stat("samples") - samples;
	kicks = fse_stat("kicks") - kicks;
	EXPECT_LE(10, samples);
	EXPECT_GE((fse_now() - begin) / 100 + 2 + kicks, samples);
}

FIXTURE(remote_interval)
{
	struct fse_fuse fuse;
	struct fse_listener l;
	struct fse_event ev;
};

FIXTURE_SETUP(remote_interval)
{
	ASSERT_EQ(0, fse_config("\n"));
	if (access("/dev/fuse", F_OK))
		SKIP(return, "no FUSE");
	ASSERT_EQ(0, fse_fuse_make(&self->fuse, "fuse"));
	ASSERT_EQ(0, fse_listen(&self->l));
}

FIXTURE_TEARDOWN(remote_interval)
{
	fse_config("\n");
	fse_fuse_remove(&self->fuse);
	fse_unlisten(&self->l);
}

/*
 * Number of calls of a server that takes @delay_ms to answer, within @ms, while
 * space moves close to a level.
 */
static unsigned int asked_near_a_level(struct fse_fuse *f, unsigned int delay_ms,
				       unsigned int ms)
{
	unsigned int asked, nr = 0;
	__u64 end;

	f->control->avail = 900;
	f->control->delay_ms = delay_ms;
	fse_config("%s T 500", f->mount);
	end = fse_now() + ms;
	asked = f->control->asked;
	while (fse_now() < end) {
		f->control->avail = 501 + nr % 16;
		/* The second sample gives a rate. */
		if (nr++ == 10)
			fse_config("%s T 500", f->mount);
		usleep(30000);
	}
	return f->control->asked - asked;
}

/*
 * Requests cause calls as well. The lower bound holds on any machine; a slower
 * server gets fewer calls.
 */
TEST_F(remote_interval, twice_a_second_near_a_level)
{
	unsigned int asked = asked_near_a_level(&self->fuse, 0, 6000);

	EXPECT_LE(2, asked);
	EXPECT_GE(2 + 6000 / 500 + 1, asked);
}

/* 100 ms are one percent of 10 s. */
TEST_F(remote_interval, slow_server_is_asked_less_often)
{
	unsigned int asked = asked_near_a_level(&self->fuse, 100, 8000);

	EXPECT_LE(1, asked);
	EXPECT_GE(3, asked);
}

TEST_HARNESS_MAIN
