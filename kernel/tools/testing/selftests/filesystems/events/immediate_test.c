// SPDX-License-Identifier: GPL-2.0-only
/*
 * File systems that account for their space, in a kernel with hooks: a level is
 * reported when it is crossed, not at the next regular sample.
 *
 * The trace of samples proves it: the sample that saw the crossing came before
 * the time that the previous one had set, so a hook requested it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/falloc.h>

#include "control.h"
#include "harness.h"
#include "module.h"
#include "tracing.h"
#include "watched.h"

/* Blocks that metadata may take or free besides the file's. */
#define SLACK	64
/* Space is moving then: samples are frequent without any request. */
#define MOVING_US	500000
/* A sample that late was delayed, whatever requested it. */
#define LATE_US		100000

FIXTURE(immediate)
{
	struct fse_watched w;
	bool traced;
};

FIXTURE_VARIANT(immediate)
{
	const char *type;
	unsigned int mib;
	const char *mkfs;
	const char *options;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(immediate, tmpfs) { "tmpfs", 64, "", "" };
FIXTURE_VARIANT_ADD(immediate, tmpfs_huge) { "tmpfs", 64, "", "-o huge=always" };
FIXTURE_VARIANT_ADD(immediate, ext4) { "ext4", 128, "", "" };
FIXTURE_VARIANT_ADD(immediate, ext4_1k) { "ext4", 64, "-b 1024", "" };
FIXTURE_VARIANT_ADD(immediate, ext4_nodelalloc) {
	"ext4", 128, "", "-o nodelalloc"
};

FIXTURE_VARIANT_ADD(immediate, ext4_bigalloc) {
	"ext4", 256, "-O bigalloc -C 16384", ""
};

FIXTURE_VARIANT_ADD(immediate, xfs) { "xfs", 320, "", "" };
FIXTURE_VARIANT_ADD(immediate, btrfs) { "btrfs", 1024, "", "" };
FIXTURE_VARIANT_ADD(immediate, f2fs) { "f2fs", 128, "", "" };
/* clang-format on */

FIXTURE_SETUP(immediate)
{
	if (!built_in())
		SKIP(return, "no hooks in this kernel");
	if (!strcmp(variant->options, "-o huge=always") &&
	    access("/sys/kernel/mm/transparent_hugepage", F_OK))
		SKIP(return, "no huge pages");
	ASSERT_EQ(0, fse_begin(&self->w, variant->type, variant->mib,
			       variant->mkfs, variant->options));
	self->traced = fse_trace_start();
	if (!self->traced)
		SKIP(return, "no tracefs");
}

FIXTURE_TEARDOWN(immediate)
{
	if (self->traced)
		fse_trace_stop();
	if (self->w.fs.mount[0])
		fse_end(&self->w);
}

/* --- ways to take space, and to free it ----------------------------------- */

static int open_file(const struct fse_fs *fs)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/file", fs->mount);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : fd;
}

static int put(int fd, off_t bytes)
{
	static char buf[1 << 20];
	off_t done, n;

	memset(buf, 'x', sizeof(buf));
	for (done = 0; done < bytes; done += n) {
		n = bytes - done < (off_t)sizeof(buf) ? bytes - done :
							(off_t)sizeof(buf);
		n = pwrite(fd, buf, n, done);
		if (n <= 0)
			return n ? -errno : -EIO;
	}
	return 0;
}

static int write_sync(int fd, off_t bytes)
{
	int err = put(fd, bytes);

	if (!err && syncfs(fd))
		err = -errno;
	return err;
}

static int reserve(int fd, off_t bytes)
{
	return fallocate(fd, 0, 0, bytes) ? -errno : 0;
}

static int reserve_keep_size(int fd, off_t bytes)
{
	return fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, bytes) ? -errno : 0;
}

static int write_over_reserved(int fd, off_t bytes)
{
	return reserve_keep_size(fd, bytes) ?: write_sync(fd, bytes);
}

/* Delayed allocation first, then fallocate(2) over the same range. */
static int reserve_over_written(int fd, off_t bytes)
{
	return put(fd, bytes) ?: reserve(fd, bytes);
}

static int map(int fd, off_t bytes)
{
	char *at;
	off_t i;

	if (ftruncate(fd, bytes))
		return -errno;
	at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return -errno;
	for (i = 0; i < bytes; i += 1024)
		at[i] = 'x';
	return munmap(at, bytes) ? -errno : 0;
}

static int cut(int fd, off_t bytes)
{
	(void)bytes;
	return ftruncate(fd, 0) ? -errno : 0;
}

static int punch(int fd, off_t bytes)
{
	return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			 bytes) ? -errno : 0;
}

static int unlink_file(int fd, off_t bytes)
{
	char link[32], path[160] = "";

	(void)bytes;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return readlink(link, path, sizeof(path) - 1) < 0 || unlink(path) ?
	       -errno : 0;
}

typedef int (*fse_change)(int fd, off_t bytes);

static const fse_change takes[] = {
	put, write_sync, reserve, reserve_keep_size, write_over_reserved,
	reserve_over_written, map,
};

static const struct {
	fse_change before;
	fse_change gives;
} gives[] = {
	{ put, cut },
	{ put, unlink_file },
	{ write_sync, cut },
	{ write_sync, unlink_file },
	{ write_sync, punch },
	{ reserve, cut },
	{ reserve, punch },
	{ write_over_reserved, unlink_file },
};

/* Duration of the last change. */
static __u64 took_ms;

static int run(const struct fse_fs *fs, fse_change what, off_t bytes)
{
	__u64 begun = fse_now();
	int fd = open_file(fs), err;

	if (fd < 0)
		return fd;
	err = what(fd, bytes);
	close(fd);
	/* btrfs allocates and frees at commit. */
	if (!err && !strcmp(fs->type, "btrfs"))
		err = fse_sh("sync -f %s", fs->mount);
	took_ms = fse_now() - begun;
	return err;
}

/* --- the trace of samples ------------------------------------------------- */

enum when { EARLY, MOVING, LATE, DUE, UNSEEN };

static struct fse_sample s[256];

/* How was the crossing of the last event detected? */
static enum when seen(const struct fse_watched *w)
{
	bool below = w->ev.id == FS_THR_LRBELOW, was, is;
	unsigned int nr, i;
	__u64 due;

	/* The event may arrive before its sample is traced. */
	fse_sampled("%s", w->request);
	nr = fse_traced_samples(w->ev.major, w->ev.minor, s, ARRAY_SIZE(s));
	for (i = 1; i < nr && i < ARRAY_SIZE(s); i++) {
		was = s[i - 1].avail <= w->ev.level;
		is = s[i].avail <= w->ev.level;
		if (was == below || is != below)
			continue;
		if (s[i - 1].next_us < MOVING_US)
			return MOVING;
		due = s[i - 1].us + s[i - 1].next_us;
		if (s[i].us > due + LATE_US)
			return LATE;
		/* A change that took longer than the poll interval. */
		if (s[i].us >= due && took_ms * 1000 > s[i - 1].next_us)
			return LATE;
		return s[i].us < due ? EARLY : DUE;
	}
	return UNSEEN;
}

/* xfs frees the blocks of an unlinked file later. */
static bool settled(void *fs)
{
	__u64 avail = fse_avail(fs);

	poll(NULL, 0, 20);
	return fse_avail(fs) == avail;
}

/* Starts without a watch and without the file. */
static int fresh(struct fse_watched *w)
{
	int err = fse_config("\n");

	while (fse_next_of(&w->l, w->fs.mount, &w->ev, 0) > 0)
		;
	if (!err)
		err = fse_free(&w->fs, "file");
	if (err && err != -ENOENT)
		return err;
	return fse_until(settled, &w->fs) ? fse_trace_clear() : -ETIMEDOUT;
}

static unsigned int up_to(unsigned int nr)
{
	return (unsigned int)random() % nr;
}

static off_t in_bytes(const struct fse_watched *w, __u64 blocks)
{
	return (blocks + SLACK) * fse_frsize(&w->fs);
}

/* Often near the level, where each block counts. */
static __u64 some_blocks(void)
{
	return up_to(2) ? 1 + up_to(100) : 1 + up_to(1500);
}

/*
 * Runs each way several times, once on a debug kernel. On a machine so slow
 * that space moves most of the time, goes on until enough crossings were
 * detected early.
 */
static bool go_on(unsigned int i, unsigned int ways, const unsigned int *how)
{
	unsigned int each = fse_slow() ? 1 : 4;

	return i < each * ways || (how[EARLY] < ways && i < 40 * ways);
}

TEST_F(immediate, taking_space_is_noticed)
{
	unsigned int how[UNSEEN + 1] = {}, i;

	for (i = 0; go_on(i, ARRAY_SIZE(takes), how); i++) {
		fse_change take = takes[i % ARRAY_SIZE(takes)];
		__u64 blocks = some_blocks(), level;
		enum when when;
		int err;

		ASSERT_EQ(0, fresh(&self->w));
		level = fse_avail(&self->w.fs) - blocks;
		ASSERT_EQ(0, fse_watch(&self->w, "T %llu", level));
		ASSERT_TRUE(fse_sampled("%s", self->w.request));
		err = run(&self->w.fs, take, in_bytes(&self->w, blocks));
		if (err == -EOPNOTSUPP)
			continue;
		ASSERT_EQ(0, err);
		ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
		EXPECT_EQ(level, self->w.ev.level);
		when = seen(&self->w);
		how[when]++;
		EXPECT_GT(DUE, when)
			TH_LOG("way %u, %llu blocks: %s", i, blocks,
			       when == DUE ? "as due" : "not traced");
	}
	printf("# early %u, moving %u, late %u, due %u\n", how[EARLY],
	       how[MOVING], how[LATE], how[DUE]);
	EXPECT_LE(ARRAY_SIZE(takes), how[EARLY]);
}

TEST_F(immediate, freeing_space_is_noticed)
{
	unsigned int how[UNSEEN + 1] = {}, i;

	for (i = 0; go_on(i, ARRAY_SIZE(gives), how); i++) {
		__u64 blocks = some_blocks(), avail, level;
		enum when when;
		int err;

		ASSERT_EQ(0, fresh(&self->w));
		err = run(&self->w.fs, gives[i % ARRAY_SIZE(gives)].before,
			  in_bytes(&self->w, blocks));
		if (err == -EOPNOTSUPP)
			continue;
		ASSERT_EQ(0, err);
		avail = fse_avail(&self->w.fs);
		level = avail + blocks;
		ASSERT_EQ(0, fse_watch(&self->w, "T %llu", level));
		ASSERT_TRUE(fse_sampled("%s", self->w.request));
		ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
		ASSERT_EQ(0, run(&self->w.fs,
				 gives[i % ARRAY_SIZE(gives)].gives,
				 in_bytes(&self->w, blocks)));
		ASSERT_EQ(FS_THR_LRABOVE, fse_event(&self->w))
			TH_LOG("way %u: %llu, now %llu, level %llu", i, avail,
			       fse_avail(&self->w.fs), level);
		when = seen(&self->w);
		how[when]++;
		EXPECT_GT(DUE, when)
			TH_LOG("way %u, %llu blocks: %s", i, blocks,
			       when == DUE ? "as due" : "not traced");
	}
	printf("# early %u, moving %u, late %u, due %u\n", how[EARLY],
	       how[MOVING], how[LATE], how[DUE]);
	EXPECT_LE(ARRAY_SIZE(gives), how[EARLY]);
}

TEST_HARNESS_MAIN
