// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time from a crossing of a level to the receipt of its message.
 *
 *	latency [FILLS [DISTANCE [JUMPS]]]
 *
 * A file system is watched and filled; the level is DISTANCE MiB (default 256)
 * below the available space at the start. After each small write the writer
 * calls statfs(2): the time of the crossing is the first call that reports the
 * level or less. A second thread waits for the message; the writer goes on
 * until it arrives, like a program that fills a disk.
 *
 * Each fill starts with a new watch of an idle file system, after a random part
 * of its poll interval of a second, so that it measures a sudden fill.
 *
 * A jump is a single fallocate(2) of 200 GB on an XFS of 300 GB, while a thread
 * calls statfs(2) every millisecond. Before it the file system is either in
 * use, by a thread that overwrites a block ten times a second, or idle. FILLS 0
 * measures only jumps, JUMPS 0 (default: 5) only fills.
 *
 * Context: root, fs_events loaded, fstrace mounted, 1 GiB of memory free.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "event.h"
#include "filesystem.h"

#define MIB		1048576ULL
/* Size of a file system besides twice the distance. */
#define SPARE_MIB	128
#define CHUNK		65536ULL
#define NS_PER_S	1000000000ULL
#define FILLS_MAX	10000
/* Size of a jump, and of its file system. */
#define JUMP_FS_MIB	(300U * 1024)
#define JUMP_BYTES	(200ULL * 1024 * MIB)
#define JUMP_LEVEL	(100ULL * 1024 * MIB)
/* MiB; more would not fit into the memory of the VM. */
#define DISTANCE_MAX	512

struct bench {
	const char *type;
	__u64 rate;			/* bytes a second; 0: no limit */
	__u64 distance;			/* bytes */
	struct fse_fs fs;
	struct fse_listener l;
};

/* Result of a fill. */
struct result {
	__u64 crossed_ns;
	atomic_ullong reported_ns;		/* 0: not yet; ~0: never */
	__u64 took_ns;
};

/* A fill, for the listening thread. */
struct fill {
	struct bench *b;
	struct result *r;
};

static void die(const char *what, int err)
{
	fprintf(stderr, "latency: %s: %s\n", what, strerror(err));
	exit(1);
}

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static void sleep_until(__u64 ns)
{
	const struct timespec ts = {
		.tv_sec = ns / NS_PER_S,
		.tv_nsec = ns % NS_PER_S,
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL))
		;
}

static void *listener(void *arg)
{
	struct fill *f = arg;
	struct fse_event ev;
	int id = fse_next_of(&f->b->l, f->b->fs.mount, &ev, 60000);

	atomic_store(&f->r->reported_ns, id == FS_THR_LRBELOW ? now_ns() : ~0ULL);
	return NULL;
}

static pthread_t start(void *(*fn)(void *arg), struct fill *f)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, fn, f);

	if (err)
		die("thread", err);
	return thread;
}

/* Writes until the message arrives; records the time of the crossing. */
static void write_on(const struct bench *b, int fd, __u64 level,
		     struct result *r)
{
	static char chunk[CHUNK];
	__u64 begin = now_ns(), written = 0;
	struct statvfs st;

	while (!atomic_load(&r->reported_ns)) {
		if (b->rate)
			sleep_until(begin + written * NS_PER_S / b->rate);
		if (write(fd, chunk, CHUNK) != CHUNK)
			break;
		written += CHUNK;
		if (fstatvfs(fd, &st))
			die("statvfs", errno);
		if (!r->crossed_ns && st.f_bavail <= level) {
			r->crossed_ns = now_ns();
			r->took_ns = r->crossed_ns - begin;
		}
	}
}

static void fill(struct bench *b, struct result *r)
{
	__u64 frsize = fse_frsize(&b->fs);
	__u64 level = fse_avail(&b->fs) - b->distance / frsize;
	struct fill f = { .b = b, .r = r };
	pthread_t thread;
	char path[160];
	int fd, err;

	err = fse_config("%s T %llu", b->fs.mount, level);
	if (err)
		die("config", -err);
	thread = start(listener, &f);
	sleep_until(now_ns() + rand() % NS_PER_S);

	snprintf(path, sizeof(path), "%s/file", b->fs.mount);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		die(path, errno);
	write_on(b, fd, level, r);
	close(fd);
	pthread_join(thread, NULL);

	err = fse_config("\n");
	if (!err)
		err = fse_free(&b->fs, "file");
	if (err)
		die(path, -err);
}

static int compare(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return x < y ? -1 : x > y;
}

/* The median of sorted values. */
static double median(const __u64 *v, unsigned int nr)
{
	return nr % 2 ? v[nr / 2] : (v[nr / 2 - 1] + v[nr / 2]) / 2.0;
}

/* Sorts values and prints their median, 99th percentile and maximum, in ms. */
static void print_spread(__u64 *v, unsigned int nr)
{
	qsort(v, nr, sizeof(*v), compare);
	printf("%9.1f %9.1f %9.1f", median(v, nr) / 1e6,
	       v[(nr * 99 + 99) / 100 - 1] / 1e6, v[nr - 1] / 1e6);
}

/* @latency: set to that of each fill */
static void measure(const char *type, __u64 rate, unsigned int fills,
		    unsigned int distance, __u64 *latency)
{
	static __u64 speed[FILLS_MAX], sorted[FILLS_MAX];
	struct bench b = {
		.type = type,
		.rate = rate,
		.distance = distance * MIB,
	};
	unsigned int i;
	int err;

	if (fse_fs_make(&b.fs, type, "latency", 2 * distance + SPARE_MIB, ""))
		exit(1);
	err = fse_listen(&b.l);
	if (err)
		die("listening", -err);
	for (i = 0; i < fills; i++) {
		struct result r = {};
		__u64 reported;

		fill(&b, &r);
		reported = atomic_load(&r.reported_ns);
		if (reported == ~0ULL || !r.crossed_ns)
			die(type, ETIMEDOUT);
		/* It arrived before the writer's statfs(2) returned. */
		latency[i] = reported > r.crossed_ns ? reported - r.crossed_ns : 0;
		speed[i] = b.distance * 1000 / (r.took_ns / 1000000 ?: 1);
	}
	memcpy(sorted, latency, fills * sizeof(*sorted));
	qsort(speed, fills, sizeof(*speed), compare);
	printf("%-6s %-12s ", type, rate ? "100 MB/s" : "unlimited");
	print_spread(sorted, fills);
	printf(" %12.0f\n", median(speed, fills) / 1e6);
	fflush(stdout);
	fse_unlisten(&b.l);
	fse_fs_remove(&b.fs);
}

/* Overwrites a block ten times a second until the jump is reported. */
static void *use(void *arg)
{
	static const char block[4096];
	struct fill *f = arg;
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/busy", f->b->fs.mount);
	fd = open(path, O_WRONLY | O_CREAT | O_DSYNC | O_CLOEXEC, 0600);
	if (fd < 0)
		die(path, errno);
	while (!atomic_load(&f->r->reported_ns)) {
		if (pwrite(fd, block, sizeof(block), 0) != sizeof(block))
			die(path, errno);
		sleep_until(now_ns() + NS_PER_S / 10);
	}
	close(fd);
	return NULL;
}

/* Records the time of the crossing. */
static void *look(void *arg)
{
	struct fill *f = arg;
	struct statvfs st;

	do {
		sleep_until(now_ns() + NS_PER_S / 1000);
		if (statvfs(f->b->fs.mount, &st))
			die("statvfs", errno);
	} while (st.f_bavail * st.f_frsize > JUMP_LEVEL);
	f->r->crossed_ns = now_ns();
	return NULL;
}

/* A jump after @quiet_s idle seconds; 0: while in use. */
static void jump(struct bench *b, unsigned int quiet_s, struct result *r)
{
	__u64 before = fse_avail(&b->fs);
	pthread_t user, looker, waiter;
	struct fill f = { .b = b, .r = r };
	char path[160];
	int fd, err;

	err = fse_config("%s T %lluK", b->fs.mount, JUMP_LEVEL / 1024);
	if (err)
		die("config", -err);
	if (!quiet_s)
		user = start(use, &f);
	sleep_until(now_ns() + (quiet_s ?: 3) * NS_PER_S + rand() % NS_PER_S);

	waiter = start(listener, &f);
	looker = start(look, &f);
	snprintf(path, sizeof(path), "%s/file", b->fs.mount);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || fallocate(fd, 0, 0, JUMP_BYTES))
		die(path, errno);
	close(fd);
	pthread_join(looker, NULL);
	pthread_join(waiter, NULL);
	if (!quiet_s)
		pthread_join(user, NULL);

	err = fse_config("\n");
	if (!err)
		err = fse_free(&b->fs, "file");
	if (err)
		die(path, -err);
	/* XFS frees it later. */
	while (fse_avail(&b->fs) + 1000 < before)
		sleep_until(now_ns() + NS_PER_S / 100);
}

static void measure_jumps(unsigned int quiet_s, unsigned int jumps)
{
	static __u64 latency[FILLS_MAX];
	struct bench b = { .type = "xfs" };
	unsigned int i;
	int err;

	if (fse_fs_make(&b.fs, b.type, "latency", JUMP_FS_MIB, ""))
		exit(1);
	err = fse_listen(&b.l);
	if (err)
		die("listening", -err);
	for (i = 0; i < jumps; i++) {
		struct result r = {};
		__u64 reported;

		jump(&b, quiet_s, &r);
		reported = atomic_load(&r.reported_ns);
		if (reported == ~0ULL)
			die("jump", ETIMEDOUT);
		latency[i] = reported > r.crossed_ns ? reported - r.crossed_ns : 0;
	}
	if (quiet_s)
		printf("%-6s quiet %3u s ", b.type, quiet_s);
	else
		printf("%-6s %-12s ", b.type, "in use");
	print_spread(latency, jumps);
	putchar('\n');
	fflush(stdout);
	fse_unlisten(&b.l);
	fse_fs_remove(&b.fs);
}

static void measure_fills(unsigned int fills, unsigned int distance)
{
	static const char * const types[] = { "ext4", "tmpfs" };
	static __u64 latency[2 * ARRAY_SIZE(types) * FILLS_MAX];
	unsigned int i, nr = 0;

	printf("level crossed to message received, ms, of %u fills\n"
	       "of %u MiB\n\n", fills, distance);
	printf("%-6s %-12s %9s %9s %9s %12s\n", "", "filled at", "median", "99 %",
	       "worst", "really, MB/s");
	for (i = 0; i < ARRAY_SIZE(types); i++, nr += 2 * fills) {
		measure(types[i], 100000000, fills, distance, latency + nr);
		measure(types[i], 0, fills, distance, latency + nr + fills);
	}
	printf("%-6s %-12s ", "all", "");
	print_spread(latency, nr);
	putchar('\n');
}

static unsigned int number(int argc, char **argv, int i, unsigned int missing)
{
	return argc > i ? strtoul(argv[i], NULL, 10) : missing;
}

int main(int argc, char **argv)
{
	unsigned int fills = number(argc, argv, 1, 50);
	unsigned int distance = number(argc, argv, 2, 256);
	unsigned int jumps = number(argc, argv, 3, 5);

	if (argc > 4 || fills > FILLS_MAX || jumps > FILLS_MAX || !distance ||
	    distance > DISTANCE_MAX) {
		fprintf(stderr, "usage: latency [FILLS [DISTANCE [JUMPS]]]\n");
		return 2;
	}
	if (fse_config("\n"))
		die(FSE_DIR "/config", ENOENT);
	if (fills)
		measure_fills(fills, distance);
	if (!jumps)
		return 0;
	printf("\nlevel crossed to message received, ms, of %u jumps of 200 GB\n\n"
	       "%-6s %-12s %9s %9s %9s\n", jumps, "", "before", "median",
	       "99 %", "worst");
	measure_jumps(0, jumps);
	measure_jumps(10, jumps);
	measure_jumps(100, jumps);
	return 0;
}
