// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several file systems that send at once, and several listeners: none loses or
 * delays messages because of another.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <libmnl/libmnl.h>

#include "children.h"
#include "control.h"
#include "harness.h"
#include "module.h"
#include "watched.h"

#define LEVELS_MAX	64
#define OTHERS		3

/* A file system flooded with errors, and quiet ones. */
FIXTURE(neighbours)
{
	struct fse_watched w;
	struct fse_fs other[OTHERS];
	struct fse_event ev;
	pid_t flood;
};

FIXTURE_SETUP(neighbours)
{
	char name[16];
	int i;

	ASSERT_EQ(0, fse_begin(&self->w, "ext4", 16, "", ""));
	for (i = 0; i < OTHERS; i++) {
		snprintf(name, sizeof(name), "other%d", i);
		ASSERT_EQ(0, fse_fs_make(&self->other[i], "tmpfs", name, 64,
					 ""));
	}
}

FIXTURE_TEARDOWN(neighbours)
{
	int i;

	fse_kill(self->flood);
	for (i = 0; i < OTHERS; i++)
		fse_fs_remove(&self->other[i]);
	fse_end(&self->w);
}

static void raise_error(void *w)
{
	fse_raise(w);
}

static __u64 real_ms(__u64 ns)
{
	return ns / 1000000;
}

static __u64 real_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

static int by_size(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/*
 * The next crossing; the numbers, including those of ended levels, have no gap.
 */
static bool next_level(FIXTURE_DATA(neighbours) * self, __u64 *seq)
{
	do {
		if (fse_next(&self->w.l, &self->ev, FSE_SOON) != 1 ||
		    (*seq && self->ev.seq != *seq + 1))
			return false;
		*seq = self->ev.seq;
	} while (self->ev.id == FS_INFO_CLEARED);
	return true;
}

/*
 * Each crossing is an event of its own with its own details, and is sent when
 * it is detected: the rate limit of the flooded file system doesn't delay it. A
 * quarter may be late, as the machine may be slow or the task not scheduled.
 */
TEST_F(neighbours, a_flood_neither_hides_nor_delays)
{
	const struct fse_fs *fs = &self->other[0];
	int late[20], i;

	ASSERT_EQ(0, fse_watch(&self->w, "G:corrupted"));
	self->flood = fse_repeat(raise_error, &self->w);
	ASSERT_LT(0, self->flood);
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	for (i = 0; i < ARRAY_SIZE(late); i++) {
		/* Each level is crossed when it is set. */
		ASSERT_EQ(0, fse_config("%s T %d", fs->mount, 20000 + i));
		ASSERT_EQ(FS_THR_LRBELOW,
			  fse_next_of(&self->w.l, fs->mount, &self->ev,
				      FSE_SOON));
		late[i] = real_now_ms() - real_ms(self->ev.time);
		EXPECT_EQ(20000 + i, self->ev.level);
		EXPECT_EQ(1, self->ev.count);
		EXPECT_EQ(fse_avail(fs), self->ev.data);
	}
	/* The flood went on all the time. */
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	qsort(late, ARRAY_SIZE(late), sizeof(late[0]), by_size);
	EXPECT_GT(100, late[ARRAY_SIZE(late) * 3 / 4]);
}

/*
 * 64 messages of each of @nr file systems, by levels from @first that are
 * crossed when set.
 */
static int burst(const struct fse_fs *fs, unsigned int nr, unsigned int first)
{
	char text[OTHERS * 1024], *p = text;
	unsigned int i, k;

	for (k = 0; k < nr; k++) {
		p += sprintf(p, "%s T", fs[k].mount);
		for (i = 0; i < LEVELS_MAX; i++)
			p += sprintf(p, " %u", first - i);
		p += sprintf(p, "\n");
	}
	return fse_config("%s", text);
}

/* All in the order of their numbers, and per file system in level order. */
TEST_F(neighbours, share_numbers_without_a_gap)
{
	unsigned int round, got[OTHERS], i, k;
	__u64 seq = 0;

	for (round = 1; round <= 10; round++) {
		memset(got, 0, sizeof(got));
		ASSERT_EQ(0, burst(self->other, OTHERS, 100000 * round));
		for (i = 0; i < OTHERS * LEVELS_MAX; i++) {
			ASSERT_TRUE(next_level(self, &seq));
			k = 0;
			while (k < OTHERS - 1 &&
			       strcmp(self->ev.mount, self->other[k].mount))
				k++;
			ASSERT_STREQ(self->other[k].mount, self->ev.mount);
			ASSERT_EQ(++got[k], self->ev.level_nr);
			ASSERT_EQ(100000 * round + 1 - got[k], self->ev.level);
		}
	}
	EXPECT_EQ(0, self->w.l.lost);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Bytes queued at a socket, and its number of drops. */
static bool queued(const struct fse_listener *l, unsigned long *bytes,
		   unsigned long *drops)
{
	struct stat st;
	unsigned long inode;
	char *line;

	if (fstat(mnl_socket_get_fd(l->nl), &st))
		return false;
	line = fse_read("/proc/net/netlink");
	for (line = strtok(line, "\n"); line; line = strtok(NULL, "\n")) {
		if (sscanf(line, "%*s %*s %*s %*s %lu %*s %*s %*s %lu %lu",
			   bytes, drops, &inode) == 3 && inode == st.st_ino)
			return true;
	}
	return false;
}

/* Unreclaimable kernel memory, KiB. */
static long kernel_memory(void)
{
	const char *s = strstr(fse_read("/proc/meminfo"), "SUnreclaim:");

	return s ? atol(s + strlen("SUnreclaim:")) : 0;
}

/*
 * A listener that never reads costs no more than its socket's buffer, however
 * much is sent, and does not affect others.
 */
TEST_F(neighbours, a_listener_that_does_not_read_costs_only_its_socket)
{
	unsigned long bytes, full, drops, more;
	int size = 65536, i, k;
	struct fse_listener lazy;
	__u64 seq = 0;
	long before;

	ASSERT_EQ(0, fse_listen(&lazy));
	ASSERT_EQ(0, setsockopt(mnl_socket_get_fd(lazy.nl), SOL_SOCKET,
				SO_RCVBUF, &size, sizeof(size)));
	for (i = 1; i <= 100; i++) {
		ASSERT_EQ(0, burst(self->other, 1, 100000 * i));
		for (k = 1; k <= LEVELS_MAX; k++) {
			ASSERT_TRUE(next_level(self, &seq));
			ASSERT_EQ(k, self->ev.level_nr);
		}
		if (i == 10) {
			ASSERT_TRUE(queued(&lazy, &full, &drops));
			before = kernel_memory();
		}
	}
	EXPECT_EQ(0, self->w.l.lost);
	/*
	 * 12,736 messages: each level is crossed and, except the last time,
	 * ended. The kernel doubles the configured limit.
	 */
	ASSERT_TRUE(queued(&lazy, &bytes, &more));
	EXPECT_LT(0, bytes);
	EXPECT_GE(2 * size, bytes);
	EXPECT_EQ(full, bytes);
	EXPECT_EQ(drops + 90 * 2 * LEVELS_MAX, more);
	if (!keeps_freed_memory())
		EXPECT_GT(2048, kernel_memory() - before);

	ASSERT_EQ(1, fse_next(&lazy, &self->ev, 0));
	EXPECT_EQ(1, lazy.lost);
	EXPECT_EQ(seq - 199 * LEVELS_MAX + 1, self->ev.seq);
	fse_unlisten(&lazy);
}

TEST_HARNESS_MAIN
