// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cost of watches while nothing happens.
 *
 *	idle [SECONDS]
 *
 * Watches tmpfs mounts, each for all events and a level. After more than a
 * minute, when each is sampled once a minute, counts samples and reads the busy
 * time of the CPUs from /proc/stat over SECONDS. The same is measured before
 * without any watch, for the VM's own activity.
 *
 * Context: root, fs_events loaded, fstrace mounted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "control.h"

#define WATCHED_MAX	1000
/* Until the interval has grown to 60 s: 1 + 2 + 4 + ... + 32 s, plus some. */
#define SETTLE_S	70

static void die(const char *what)
{
	fprintf(stderr, "idle: %s failed\n", what);
	exit(1);
}

/* Milliseconds that all CPUs were busy since boot. */
static unsigned long long busy_ms(void)
{
	unsigned long long user, nice, system, idle, iowait, irq, softirq;

	if (sscanf(fse_read("/proc/stat"), "cpu %llu %llu %llu %llu %llu %llu %llu",
		   &user, &nice, &system, &idle, &iowait, &irq, &softirq) != 7)
		die("/proc/stat");
	return (user + nice + system + irq + softirq) * 1000 /
	       sysconf(_SC_CLK_TCK);
}

static void watch(unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (fse_sh("mkdir -p /mnt/%u && mount -t tmpfs -o size=2G %u /mnt/%u",
			   i, i, i))
			die("mount");
		if (fse_config("/mnt/%u G T 1G", i))
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

static void measure(unsigned int nr, unsigned int seconds)
{
	unsigned long long samples, busy;

	watch(nr);
	sleep(SETTLE_S);
	samples = fse_stat("samples");
	busy = busy_ms();
	sleep(seconds);
	busy = busy_ms() - busy;
	samples = fse_stat("samples") - samples;
	printf("%7u %11.2f %14llu\n", nr, (double)samples / seconds, busy);
	fflush(stdout);
	unwatch(nr);
}

int main(int argc, char **argv)
{
	static const unsigned int counts[] = { 0, 1, 100, WATCHED_MAX };
	unsigned int seconds = argc > 1 ? strtoul(argv[1], NULL, 10) : 60;
	unsigned int i;

	if (argc > 2 || !seconds) {
		fprintf(stderr, "usage: idle [SECONDS]\n");
		return 2;
	}
	printf("over %u s with nothing to do\n\n", seconds);
	printf("%7s %11s %14s\n", "watched", "samples/s", "CPUs busy, ms");
	for (i = 0; i < ARRAY_SIZE(counts); i++)
		measure(counts[i], seconds);
	return 0;
}
