// SPDX-License-Identifier: GPL-2.0-only
/*
 * What watching costs while nothing happens.
 *
 *	idle [SECONDS]
 *
 * That many tmpfs are mounted and watched, each for all events and a level.
 * After a while for all to come to rest, the samples are counted and the time
 * that the processors were busy is read from /proc/stat, over SECONDS. The
 * same is done before without any watch, for what the VM does by itself. The
 * levels are either so near (1 GiB) that they might be reached within a second,
 * or far (half of 64 TiB).
 *
 * Context: root, fs_events loaded, fstrace mounted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "control.h"

#define WATCHED_MAX	1000
/* Until the pace has slowed down to that of rest. */
#define SETTLE_S	10

/* How much there is, and the level half way down. */
struct size {
	const char *all;
	const char *level;
};

static const struct size sizes[] = {
	{ "2G", "1G" },
	{ "64T", "32T" },
};

static void die(const char *what)
{
	fprintf(stderr, "idle: %s failed\n", what);
	exit(1);
}

/* Milliseconds that all processors were busy since boot. */
static unsigned long long busy_ms(void)
{
	unsigned long long user, nice, system, idle, iowait, irq, softirq;

	if (sscanf(fse_read("/proc/stat"), "cpu %llu %llu %llu %llu %llu %llu %llu",
		   &user, &nice, &system, &idle, &iowait, &irq, &softirq) != 7)
		die("/proc/stat");
	return (user + nice + system + irq + softirq) * 1000 /
	       sysconf(_SC_CLK_TCK);
}

static void watch(unsigned int nr, const struct size *size)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		/* Without a limit on inodes none of these is near either. */
		if (fse_sh("mkdir -p /mnt/%u && mount -t tmpfs -o nr_inodes=0,size=%s %u /mnt/%u",
			   i, size->all, i, i))
			die("mount");
		if (fse_config("/mnt/%u G T %s", i, size->level))
			die("config");
	}
}

static void unwatch(unsigned int nr)
{
	unsigned int i;

	if (fse_config("\n"))
		die("config");
	for (i = 0; i < nr; i++)
		if (fse_sh("umount /mnt/%u", i))
			die("umount");
}

static void measure(unsigned int nr, const struct size *size,
		    unsigned int seconds)
{
	unsigned long long samples, busy;

	watch(nr, size);
	sleep(SETTLE_S);
	samples = fse_stat("samples");
	busy = busy_ms();
	sleep(seconds);
	busy = busy_ms() - busy;
	samples = fse_stat("samples") - samples;
	printf("%7u  %-5s %11.2f %14llu\n", nr, nr ? size->level : "-",
	       (double)samples / seconds, busy);
	fflush(stdout);
	unwatch(nr);
}

int main(int argc, char **argv)
{
	static const unsigned int counts[] = { 1, 100, WATCHED_MAX };
	unsigned int seconds = argc > 1 ? strtoul(argv[1], NULL, 10) : 60;
	unsigned int i;

	if (argc > 2 || !seconds) {
		fprintf(stderr, "usage: idle [SECONDS]\n");
		return 2;
	}
	printf("over %u s with nothing to do\n\n", seconds);
	printf("%7s  %-5s %11s %14s\n", "watched", "to go", "samples/s",
	       "CPUs busy, ms");
	measure(0, sizes, seconds);
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		measure(counts[i], &sizes[0], seconds);
		measure(counts[i], &sizes[1], seconds);
	}
	return 0;
}
