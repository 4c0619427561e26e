// SPDX-License-Identifier: GPL-2.0-only
/*
 * A FUSE server: the part of the protocol that an unchangeable directory needs.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <linux/fuse.h>
#include <linux/types.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fuse_server.h"

#define BSIZE		4096
#define MAX_HANGING	16
#define VALID_S		3600

/* Inode numbers besides the root's. */
#define FILE_ID		2
#define PROGRAM_ID	3
#define DIR_ID		4

static const struct node {
	const char *name;
	__u32 mode;
} nodes[] = {
	[FUSE_ROOT_ID]	= { "", S_IFDIR | 0755 },
	[FILE_ID]	= { "file", S_IFREG | 0644 },
	[PROGRAM_ID]	= { "program", S_IFREG | S_ISUID | 0755 },
	[DIR_ID]	= { "dir", S_IFDIR | 0755 },
};

#define NR_NODES	(DIR_ID + 1)

struct server {
	int fd;
	pid_t client;
	struct fse_fuse_control *control;
	__u64 hanging[MAX_HANGING];
};

static void answer(const struct server *s, __u64 unique, int err,
		   const void *data, size_t len)
{
	struct fuse_out_header out = {
		.len = sizeof(out) + len,
		.error = -err,
		.unique = unique,
	};
	struct iovec iov[] = {
		{ .iov_base = &out, .iov_len = sizeof(out) },
		{ .iov_base = (void *)data, .iov_len = len },
	};

	if (writev(s->fd, iov, 2) < 0 && errno != ENOENT)
		perror("FUSE server");
}

static void answer_init(const struct server *s, __u64 unique)
{
	const struct fuse_init_out out = {
		.major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = 4096,
	};

	answer(s, unique, 0, &out, sizeof(out));
}

static struct fuse_attr attributes(__u64 id)
{
	return (struct fuse_attr) {
		.ino = id,
		.mode = nodes[id].mode,
		.nlink = S_ISDIR(nodes[id].mode) ? 2 : 1,
		.blksize = BSIZE,
	};
}

static void answer_getattr(const struct server *s,
			   const struct fuse_in_header *in)
{
	const struct fuse_attr_out out = {
		.attr_valid = VALID_S,
		.attr = attributes(in->nodeid),
	};

	answer(s, in->unique, 0, &out, sizeof(out));
}

static void answer_lookup(const struct server *s,
			  const struct fuse_in_header *in)
{
	const char *name = (const char *)(in + 1);
	struct fuse_entry_out out = {
		.entry_valid = s->control->uncached ? 0 : VALID_S,
		.attr_valid = VALID_S,
	};
	__u64 id;

	for (id = FILE_ID; id < NR_NODES; id++) {
		if (in->nodeid != FUSE_ROOT_ID || strcmp(name, nodes[id].name))
			continue;
		out.nodeid = id;
		out.attr = attributes(id);
		return answer(s, in->unique, 0, &out, sizeof(out));
	}
	answer(s, in->unique, ENOENT, NULL, 0);
}

static void answer_open(const struct server *s, __u64 unique)
{
	const struct fuse_open_out out = {};

	answer(s, unique, 0, &out, sizeof(out));
}

/* What a user gets to hear. */
static __u32 avail_of(const struct fse_fuse_control *control, __u32 uid)
{
	__u32 i = uid - FSE_FUSE_USER;
	__u32 own = i < FSE_FUSE_USERS ? control->user_avail[i] : 0;

	return own ? own : control->avail;
}

static void answer_statfs(const struct server *s, __u64 unique, __u32 avail)
{
	const struct fuse_statfs_out out = {
		.st = {
			.blocks = FSE_FUSE_BLOCKS,
			.bfree = avail,
			.bavail = avail,
			.files = 100,
			.ffree = 50,
			.bsize = BSIZE,
			.namelen = 255,
			.frsize = BSIZE,
		},
	};

	answer(s, unique, 0, &out, sizeof(out));
}

/* Calls of the test's own process always get an answer. */
static void handle_statfs(struct server *s, const struct fuse_in_header *in)
{
	bool own = (pid_t)in->pid == s->client;
	bool hang = !own && s->control->hang;

	if (!own)
		s->control->asked++;
	if (!in->uid && s->control->spare_root)
		hang = false;
	if (hang && s->control->hanging < MAX_HANGING) {
		s->hanging[s->control->hanging++] = in->unique;
		return;
	}
	usleep(s->control->delay_ms * 1000);
	answer_statfs(s, in->unique, avail_of(s->control, in->uid));
}

static void handle_fail(const struct server *s, const struct fuse_in_header *in)
{
	int error = s->control->fail_error;

	if (error)
		answer(s, in->unique, error, NULL, 0);
}

static void handle(struct server *s, const struct fuse_in_header *in)
{
	if (in->opcode == s->control->fail_opcode)
		return handle_fail(s, in);
	switch (in->opcode) {
	case FUSE_INIT:
		return answer_init(s, in->unique);
	case FUSE_GETATTR:
		return answer_getattr(s, in);
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		return answer_open(s, in->unique);
	case FUSE_STATFS:
		return handle_statfs(s, in);
	case FUSE_ACCESS:
	case FUSE_FLUSH:
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
	case FUSE_DESTROY:
		return answer(s, in->unique, 0, NULL, 0);
	case FUSE_LOOKUP:
		return answer_lookup(s, in);
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return;
	default:
		return answer(s, in->unique, EOPNOTSUPP, NULL, 0);
	}
}

void fse_fuse_serve(int fd, pid_t client, struct fse_fuse_control *control)
{
	struct server s = { .fd = fd, .client = client, .control = control };
	/* Large enough for any request, as the kernel requires. */
	static __u64 buf[(FUSE_MIN_READ_BUFFER + 4096) / sizeof(__u64)];
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	for (;;) {
		int n = poll(&pfd, 1, 10);

		while (!control->hang && control->hanging)
			answer_statfs(&s, s.hanging[--control->hanging],
				      control->avail);
		if (n <= 0)
			continue;
		if (read(fd, buf, sizeof(buf)) > 0)
			handle(&s, (struct fuse_in_header *)buf);
		else if (errno == ENODEV)
			return;
	}
}
