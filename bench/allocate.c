// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cost of allocating a block, in instructions: on a kernel without file system
 * events, without a watch, and on a file system that an ordinary user or root
 * watches, far from its level.
 *
 *	allocate [BLOCKS]
 *
 * Run it where a nanosecond is an instruction (tests/vm/run --icount). Blocks
 * are allocated in small batches; the median is that of an undisturbed batch,
 * without interrupts and writeback.
 *
 * Context: root; fstrace mounted if the kernel has it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "control.h"
#include "filesystem.h"
#include "instructions.h"
#include "kernel.h"
#include "process.h"
#include "stream.h"

#define BATCH	100
#define BLOCK	4096

static void die(const char *what)
{
	fprintf(stderr, "allocate: %s failed\n", what);
	exit(1);
}

static void write_block(int fd, off_t at)
{
	static char block[BLOCK];

	if (pwrite(fd, block, BLOCK, at) != BLOCK)
		die("write");
}

static void reserve_block(int fd, off_t at)
{
	if (fallocate(fd, 0, at, BLOCK))
		die("fallocate");
}

/* Instructions per block. */
static double cost(void (*allocate)(int fd, off_t at), int fd,
		   unsigned int blocks)
{
	unsigned int batches = blocks / BATCH, i, k;
	long long *took = calloc(batches, sizeof(*took));
	off_t at = 0;
	double each;

	if (!took)
		die("calloc");
	for (i = 0; i < batches; i++) {
		long long begin = instructions();

		for (k = 0; k < BATCH; k++, at += BLOCK)
			allocate(fd, at);
		took[i] = instructions() - begin;
	}
	each = (double)median(took, batches) / BATCH;
	free(took);
	if (ftruncate(fd, 0))
		die("ftruncate");
	sync();
	return each;
}

/* A private watch of an ordinary user: @fs, and the file that it is made with. */
struct private {
	const struct fse_fs *fs;
	int fd;
};

static int ask(void *arg)
{
	struct private *p = arg;

	return fse_become_user() || fse_ask(p->fd, "%s T 1", p->fs->mount);
}

static void show(const char *type, const char *watched, int fd,
		 unsigned int blocks)
{
	printf("%-12s %-6s %-12s %12.1f %12.1f\n", kernel(), type, watched,
	       cost(write_block, fd, blocks), cost(reserve_block, fd, blocks));
	fflush(stdout);
}

static void measure(const char *type, unsigned int blocks)
{
	static const char * const requests[] = { "G:io_error", "T 1" };
	bool can = !access(FSE_DIR "/config", F_OK);
	struct private private;
	char path[160];
	struct fse_fs fs;
	unsigned int i;
	int fd;

	/* Static keys stay enabled for 5 s after the last watch. */
	if (can)
		sleep(6);
	if (fse_fs_make(&fs, type, "allocate", 4096, ""))
		die("mount");
	snprintf(path, sizeof(path), "%s/file", fs.mount);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		die(path);
	show(type, can ? "not watched" : "not built in", fd, blocks);
	if (can) {
		private.fs = &fs;
		private.fd = fse_private_open(0);
		if (private.fd < 0 || fse_child(ask, &private))
			die("watch");
		show(type, "T 1, by user", fd, blocks);
		close(private.fd);
	}
	for (i = 0; can && i < ARRAY_SIZE(requests); i++) {
		if (fse_config("%s %s\n", fs.mount, requests[i]))
			die("config");
		show(type, requests[i], fd, blocks);
	}
	close(fd);
	fse_fs_remove(&fs);
}

int main(int argc, char **argv)
{
	unsigned int blocks = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;

	if (argc > 2 || blocks < BATCH) {
		fprintf(stderr, "usage: allocate [BLOCKS]\n");
		return 2;
	}
	printf("instructions a block of %u bytes, median of batches of %u, %u blocks\n\n",
	       BLOCK, BATCH, blocks);
	printf("%-12s %-6s %-12s %12s %12s\n", "kernel", "", "watched for",
	       "write(2)", "fallocate(2)");
	measure("tmpfs", blocks);
	measure("ext4", blocks);
	return 0;
}
