// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long a CPU is unresponsive while many watches process a crossing.
 *
 *	crowd [WATCHES [LEVELS]]
 *
 * A tmpfs has WATCHES private watches with LEVELS levels each. All levels are
 * crossed at once, then in the other direction. Meanwhile a real-time task
 * wakes up every millisecond: its maximum delay is the time with interrupts or
 * preemption off. The same is measured before without any watch.
 *
 * It also measures the duration of another user's request meanwhile:
 * consecutive `config` writes for another tmpfs.
 *
 * Context: root, fs_events loaded, fstrace mounted; with --icount of
 * tests/vm/run times are instructions.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "stream.h"

#define MANY	"/mnt/many"
#define OTHER	"/mnt/other"
/* A descriptor has one watch per mount. */
#define MOUNTS	100
/* Of the tmpfs; few: it frees its pages without a pause for others. */
#define BLOCKS	4096
#define TURN_NS	(NS_PER_S / 4)
#define TOOK_MAX 131072
#define NS_PER_S 1000000000ULL

static void die(const char *what)
{
	fprintf(stderr, "crowd: %s: %s\n", what, strerror(errno));
	exit(1);
}

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static atomic_bool stop;

/* Wakes up every millisecond and records the maximum delay. */
static void *watch_clock(void *worst)
{
	const struct sched_param param = { .sched_priority = 50 };
	__u64 next = now_ns(), late, *max = worst;
	struct timespec ts;

	if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &param))
		die("SCHED_FIFO");
	*max = 0;
	while (!stop) {
		next += NS_PER_S / 1000;
		ts.tv_sec = next / NS_PER_S;
		ts.tv_nsec = next % NS_PER_S;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
		late = now_ns() - next;
		if (late > *max)
			*max = late;
		if (late > NS_PER_S / 1000)
			next = now_ns();
	}
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	const __u64 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Crosses all levels in both directions, with concurrent requests. */
static void measure(const char *what)
{
	static __u64 took[TOOK_MAX];
	__u64 worst, begin, until = now_ns() + 2 * NS_PER_S;
	unsigned int nr = 0;
	pthread_t clock;
	bool full = false;
	__u64 turn = 0;

	stop = false;
	if (pthread_create(&clock, NULL, watch_clock, &worst))
		die("thread");
	while (now_ns() < until && nr < TOOK_MAX) {
		if (now_ns() >= turn) {
			full = !full;
			if (truncate(MANY "/file", 0) ||
			    (full && fse_sh("fallocate -l 15M " MANY "/file")))
				die("file");
			turn = now_ns() + TURN_NS;
		}
		begin = now_ns();
		if (fse_config(OTHER " T %u", 1 + nr % 2))
			die("config");
		took[nr++] = now_ns() - begin;
	}
	stop = true;
	pthread_join(clock, NULL);
	qsort(took, nr, sizeof(took[0]), by_size);
	printf("%-24s %12llu %12llu %12llu\n", what, worst / 1000,
	       took[nr / 2] / 1000, took[nr - 1] / 1000);
	fflush(stdout);
}

static void make_watches(unsigned int nr, unsigned int levels)
{
	const struct rlimit limit = { nr + 64, nr + 64 };
	char text[2048], path[64];
	unsigned int i, k, len;
	int fd = -1;

	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("setrlimit");
	for (i = 0; i < MOUNTS; i++) {
		snprintf(path, sizeof(path), "/mnt/%u", i);
		if (mkdir(path, 0755) ||
		    mount(MANY, path, NULL, MS_BIND, NULL))
			die(path);
	}
	for (i = 0; i < nr; i++) {
		if (i % MOUNTS == 0) {
			fd = fse_private_open(O_NONBLOCK);
			if (fd < 0)
				die("watch");
		}
		len = snprintf(text, sizeof(text), "/mnt/%u T", i % MOUNTS);
		for (k = 0; k < levels; k++)
			len += snprintf(text + len, sizeof(text) - len, " %u",
					BLOCKS / 2 - k);
		if (write(fd, text, len) != (ssize_t)len)
			die("request");
	}
}

int main(int argc, char **argv)
{
	unsigned int nr = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
	unsigned int levels = argc > 2 ? strtoul(argv[2], NULL, 10) : 64;
	char what[64];

	if (argc > 3 || !nr || !levels || levels > 64) {
		fprintf(stderr, "usage: crowd [WATCHES [LEVELS]]\n");
		return 2;
	}
	if (fse_sh("mkdir -p " MANY " " OTHER
		   " && mount -t tmpfs -o size=16M none " MANY
		   " && mount -t tmpfs -o size=16M none " OTHER
		   " && touch " MANY "/file"))
		die("mount");
	printf("%-24s %12s %12s %12s\n", "us", "not reacting",
	       "config median", "worst");
	measure("no watch");
	make_watches(nr, levels);
	snprintf(what, sizeof(what), "%u watches of %u", nr, levels);
	measure(what);
	return 0;
}
