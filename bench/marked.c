// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cost of reading and writing, in instructions, on a watched file system: the
 * module puts a mark on it, which takes it off the fast path of fsnotify.
 *
 *	marked [CALLS]
 *
 * Run it where a nanosecond is an instruction (tests/vm/run --icount). Calls
 * are measured in batches; the median is that of an undisturbed batch, without
 * interrupts.
 *
 * Context: root, fs_events loaded, fstrace mounted.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "control.h"
#include "filesystem.h"
#include "instructions.h"

#define BATCHES	101
#define SIZE	4096

static void die(const char *what)
{
	fprintf(stderr, "marked: %s failed\n", what);
	exit(1);
}

static void read_byte(int fd)
{
	char byte;

	if (pread(fd, &byte, 1, 0) != 1)
		die("read");
}

/* Overwrites: no block is allocated. */
static void write_page(int fd)
{
	static char page[SIZE];

	if (pwrite(fd, page, SIZE, 0) != SIZE)
		die("write");
}

/* Instructions per call. */
static double cost(void (*call)(int fd), int fd, unsigned int calls)
{
	static long long took[BATCHES];
	unsigned int i, k;

	for (i = 0; i < BATCHES; i++) {
		long long begin = instructions();

		for (k = 0; k < calls; k++)
			call(fd);
		took[i] = instructions() - begin;
	}
	return (double)median(took, BATCHES) / calls;
}

static void measure(const char *type, unsigned int calls)
{
	static const char * const requests[] = { NULL, "T 1", "G T 1", NULL };
	char path[160];
	struct fse_fs fs;
	unsigned int i;
	int fd;

	if (fse_fs_make(&fs, type, "marked", 64, ""))
		die("mount");
	snprintf(path, sizeof(path), "%s/file", fs.mount);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		die(path);
	write_page(fd);
	fsync(fd);
	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		const char *r = requests[i];

		if (fse_config("%s %s\n", r ? fs.mount : "", r ?: ""))
			die("config");
		/* Let background work finish. */
		sleep(8);
		printf("%-6s %-12s %12.0f %12.0f\n", type,
		       r ?: i ? "no more" : "not watched",
		       cost(read_byte, fd, calls), cost(write_page, fd, calls));
		fflush(stdout);
	}
	close(fd);
	fse_fs_remove(&fs);
}

int main(int argc, char **argv)
{
	unsigned int calls = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;

	if (argc > 2 || !calls) {
		fprintf(stderr, "usage: marked [CALLS]\n");
		return 2;
	}
	printf("instructions a call, median of %u times %u calls\n\n", BATCHES,
	       calls);
	printf("%-6s %-12s %12s %12s\n", "", "watched for", "read, 1 B",
	       "write, 4 KiB");
	measure("tmpfs", calls);
	measure("ext4", calls);
	return 0;
}
