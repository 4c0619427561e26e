// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long others wait beside a hostile user.
 *
 *	hostile [ROUNDS]
 *
 * User 1000 has as many private watches as a user may have, on bind mounts of a
 * tmpfs, with LEVELS levels each, and rewrites all of them in a loop. All levels
 * are crossed, so each write has events to send. Root meanwhile mounts and unmounts
 * tmpfs, one without and one with a watch, and reads `config`, which lists
 * GLOBAL watches. A process that does nothing but use a processor, in place of the
 * hostile one, shows what the scheduler has part in.
 *
 * Context: root, fs_events loaded, fstrace mounted.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "process.h"
#include "stream.h"

#define MANY	"/mnt/many"
#define OWN	"/mnt/own"
/* Private watches that a user may have. */
#define WATCHES	128
#define LEVELS	16
#define GLOBAL	32
#define BLOCKS	65536
#define ROUNDS_MAX	100000
#define NS_PER_S	1000000000ULL

enum what {
	MOUNT,
	UMOUNT_WATCHED,
	READ,
	WHATS,
};

static const char * const names[WHATS] = {
	"mount, umount", "umount, watched", "read of config",
};

enum beside {
	NOTHING,
	BUSY,
	HOSTILE,
	BESIDES,
};

static const char * const besides[BESIDES] = {
	"nothing", "a busy loop", "a hostile user",
};

static __u64 took[WHATS][ROUNDS_MAX];

static void die(const char *what)
{
	fprintf(stderr, "hostile: %s: %s\n", what, strerror(errno));
	exit(1);
}

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* The requests for all watches; with another @turn all levels differ. */
static size_t write_requests(char *text, unsigned int turn)
{
	char *end = text;
	unsigned int i, k;

	for (i = 0; i < WATCHES; i++) {
		end += sprintf(end, "/mnt/%u T", i);
		for (k = 0; k < LEVELS; k++)
			end += sprintf(end, " %u", BLOCKS - 2 * k - turn);
		*end++ = '\n';
	}
	return end - text;
}

static void rewrite_for_ever(void)
{
	static char text[2][65536];
	size_t len[2];
	unsigned int i;
	int fd;

	len[0] = write_requests(text[0], 0);
	len[1] = write_requests(text[1], 1);
	if (fse_become_user())
		die("setresuid");
	fd = fse_private_open(O_NONBLOCK);
	if (fd < 0)
		die("watch");
	for (i = 0;; i++) {
		if (write(fd, text[i % 2], len[i % 2]) != (ssize_t)len[i % 2])
			die("requests");
	}
}

static pid_t start(enum beside beside)
{
	pid_t pid = beside == NOTHING ? 0 : fork();

	if (pid < 0)
		die("fork");
	if (pid || beside == NOTHING)
		return pid;
	if (beside == HOSTILE)
		rewrite_for_ever();
	for (;;)
		__asm__ volatile ("");
}

static void one_round(unsigned int i)
{
	__u64 begin = now_ns();

	if (mount("none", OWN, "tmpfs", 0, NULL) || umount(OWN))
		die(OWN);
	took[MOUNT][i] = now_ns() - begin;

	if (mount("none", OWN, "tmpfs", 0, NULL) || fse_config(OWN " G T 10%%"))
		die(OWN);
	begin = now_ns();
	if (umount(OWN))
		die(OWN);
	took[UMOUNT_WATCHED][i] = now_ns() - begin;

	begin = now_ns();
	fse_read("config");
	took[READ][i] = now_ns() - begin;
}

static int by_size(const void *a, const void *b)
{
	const __u64 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void measure(enum beside beside, unsigned int rounds)
{
	pid_t pid = start(beside);
	unsigned int i, what;

	sleep(1);
	for (i = 0; i < rounds; i++)
		one_round(i);
	if (pid && (waitpid(pid, NULL, WNOHANG) || kill(pid, SIGKILL)))
		die(besides[beside]);
	if (pid)
		waitpid(pid, NULL, 0);
	for (what = 0; what < WHATS; what++) {
		qsort(took[what], rounds, sizeof(took[what][0]), by_size);
		printf("%-16s %-16s %9.1f %9.1f %9.1f\n", names[what],
		       besides[beside], took[what][rounds / 2] / 1e3,
		       took[what][(rounds * 99 + 99) / 100 - 1] / 1e3,
		       took[what][rounds - 1] / 1e3);
	}
	fflush(stdout);
}

static void make_mounts(void)
{
	char path[64];
	unsigned int i;

	if (fse_sh("mkdir -p " MANY " " OWN
		   " && mount -t tmpfs -o size=256M none " MANY
		   " && fallocate -l 16M " MANY "/file"))
		die("mount");
	for (i = 0; i < WATCHES; i++) {
		snprintf(path, sizeof(path), "/mnt/%u", i);
		if (mkdir(path, 0755) || mount(MANY, path, NULL, MS_BIND, NULL))
			die(path);
	}
	for (i = 0; i < GLOBAL; i++) {
		if (fse_sh("mkdir -p /mnt/global%u", i) ||
		    fse_sh("mount -t tmpfs none /mnt/global%u", i) ||
		    fse_config("/mnt/global%u G T 10%%", i))
			die("global watches");
	}
}

int main(int argc, char **argv)
{
	unsigned int rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 500;
	unsigned int beside;

	if (argc > 2 || !rounds || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: hostile [ROUNDS]\n");
		return 2;
	}
	make_mounts();
	printf("us, of %u\n\n%-16s %-16s %9s %9s %9s\n", rounds, "", "beside",
	       "median", "99 %", "worst");
	for (beside = 0; beside < BESIDES; beside++)
		measure(beside, rounds);
	return 0;
}
