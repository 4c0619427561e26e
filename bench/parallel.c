// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cost of a watch when all CPUs allocate blocks at once: the number of blocks
 * allocated in a given time on a watched file system far from its level,
 * relative to an unwatched one.
 *
 *	parallel [ROUNDS [MILLISECONDS]]
 *
 * A round measures both, MILLISECONDS each (default 250), in alternating order,
 * so that other activity of the machine affects both equally. A kernel without
 * file system events measures the unwatched case twice: the ratio shows the
 * noise.
 *
 * Context: root; fstrace mounted, if the kernel has it.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "filesystem.h"
#include "kernel.h"

#define BLOCK		4096
#define FILE_BLOCKS	1000
#define CPUS_MAX	64

static atomic_bool stop;
static bool watches;
static unsigned long turn_ms = 250;

struct worker {
	pthread_t thread;
	unsigned int cpu;
	int fd;
	unsigned long blocks;
};

static void die(const char *what)
{
	fprintf(stderr, "parallel: %s failed\n", what);
	exit(1);
}

static void *allocate(void *arg)
{
	struct worker *w = arg;
	cpu_set_t cpus;
	off_t at = 0;

	CPU_ZERO(&cpus);
	CPU_SET(w->cpu, &cpus);
	if (pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus))
		die("affinity");
	for (w->blocks = 0; !stop; w->blocks++) {
		if (fallocate(w->fd, 0, at, BLOCK))
			die("fallocate");
		at += BLOCK;
		if (at < FILE_BLOCKS * BLOCK)
			continue;
		if (ftruncate(w->fd, 0))
			die("ftruncate");
		at = 0;
	}
	return ftruncate(w->fd, 0) ? arg : NULL;
}

/* Blocks per second, all CPUs together. */
static double turn(struct worker *w, unsigned int nr)
{
	const struct timespec length = {
		.tv_sec = turn_ms / 1000,
		.tv_nsec = turn_ms % 1000 * 1000000,
	};
	unsigned long blocks = 0;
	unsigned int i;

	stop = false;
	for (i = 0; i < nr; i++)
		if (pthread_create(&w[i].thread, NULL, allocate, &w[i]))
			die("thread");
	nanosleep(&length, NULL);
	stop = true;
	for (i = 0; i < nr; i++) {
		pthread_join(w[i].thread, NULL);
		blocks += w[i].blocks;
	}
	return blocks * 1e3 / turn_ms;
}

static double turn_as(struct worker *w, unsigned int nr,
		      const struct fse_fs *fs, bool watched)
{
	if (watches && fse_config("%s %s\n", watched ? fs->mount : "",
				  watched ? "T 1" : ""))
		die("config");
	return turn(w, nr);
}

static int by_size(const void *a, const void *b)
{
	double d = *(const double *)a - *(const double *)b;

	return d < 0 ? -1 : d > 0;
}

static double middle(double *values, unsigned int nr)
{
	qsort(values, nr, sizeof(*values), by_size);
	return values[nr / 2];
}

static void measure(const char *type, unsigned int rounds, unsigned int nr)
{
	double *off = calloc(rounds, sizeof(*off));
	double *on = calloc(rounds, sizeof(*on));
	double *ratio = calloc(rounds, sizeof(*ratio));
	struct worker w[CPUS_MAX];
	char path[160];
	struct fse_fs fs;
	unsigned int i;

	if (!off || !on || !ratio || fse_fs_make(&fs, type, "parallel", 512, ""))
		die("mount");
	for (i = 0; i < nr; i++) {
		snprintf(path, sizeof(path), "%s/%u", fs.mount, i);
		w[i].cpu = i;
		w[i].fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (w[i].fd < 0)
			die(path);
	}
	turn(w, nr);
	for (i = 0; i < rounds; i++) {
		if (i % 2)
			on[i] = turn_as(w, nr, &fs, true);
		off[i] = turn_as(w, nr, &fs, false);
		if (!(i % 2))
			on[i] = turn_as(w, nr, &fs, true);
		ratio[i] = on[i] / off[i];
	}
	printf("%-12s %-6s %12.0f %12.0f %8.3f\n", kernel(), type,
	       middle(off, rounds), middle(on, rounds), middle(ratio, rounds));
	for (i = 0; i < nr; i++)
		close(w[i].fd);
	if (watches)
		fse_config("\n");
	fse_fs_remove(&fs);
	free(off);
	free(on);
	free(ratio);
}

int main(int argc, char **argv)
{
	unsigned int rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;
	unsigned int nr = get_nprocs();

	if (argc > 2)
		turn_ms = strtoul(argv[2], NULL, 10);
	if (argc > 3 || !rounds || !turn_ms) {
		fprintf(stderr, "usage: parallel [ROUNDS [MILLISECONDS]]\n");
		return 2;
	}
	watches = !access(FSE_DIR "/config", F_OK);
	if (nr > CPUS_MAX)
		nr = CPUS_MAX;
	printf("blocks a second on %u processors, medians of %u rounds\n", nr,
	       rounds);
	printf("%-12s %-6s %12s %12s %8s\n", "kernel", "", "not watched",
	       "watched", "ratio");
	measure("tmpfs", rounds, nr);
	measure("ext4", rounds, nr);
	return 0;
}
