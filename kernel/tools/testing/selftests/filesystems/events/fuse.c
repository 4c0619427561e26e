// SPDX-License-Identifier: GPL-2.0-only
/*
 * A FUSE file system with a server that tells what it is told to, late or not
 * at all: the protocol as far as an empty directory needs it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <linux/fuse.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "children.h"
#include "control.h"
#include "filesystem.h"
#include "fuse.h"

#define BLOCKS		1000
#define BSIZE		4096
#define MAX_HANGING	16

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

static void answer_getattr(const struct server *s, __u64 unique)
{
	const struct fuse_attr_out out = {
		.attr_valid = 3600,
		.attr = {
			.ino = FUSE_ROOT_ID,
			.mode = S_IFDIR | 0755,
			.nlink = 2,
			.blksize = BSIZE,
		},
	};

	answer(s, unique, 0, &out, sizeof(out));
}

static void answer_opendir(const struct server *s, __u64 unique)
{
	const struct fuse_open_out out = {};

	answer(s, unique, 0, &out, sizeof(out));
}

static void answer_statfs(const struct server *s, __u64 unique)
{
	const struct fuse_statfs_out out = {
		.st = {
			.blocks = BLOCKS,
			.bfree = s->control->avail,
			.bavail = s->control->avail,
			.files = 100,
			.ffree = 50,
			.bsize = BSIZE,
			.namelen = 255,
			.frsize = BSIZE,
		},
	};

	answer(s, unique, 0, &out, sizeof(out));
}

/* Of the test's own process it is never left unanswered. */
static void handle_statfs(struct server *s, const struct fuse_in_header *in)
{
	bool own = (pid_t)in->pid == s->client;

	if (!own)
		s->control->asked++;
	if (!own && s->control->hang && s->control->hanging < MAX_HANGING) {
		s->hanging[s->control->hanging++] = in->unique;
		return;
	}
	usleep(s->control->delay_ms * 1000);
	answer_statfs(s, in->unique);
}

static void handle(struct server *s, const struct fuse_in_header *in)
{
	switch (in->opcode) {
	case FUSE_INIT:
		return answer_init(s, in->unique);
	case FUSE_GETATTR:
		return answer_getattr(s, in->unique);
	case FUSE_OPENDIR:
		return answer_opendir(s, in->unique);
	case FUSE_STATFS:
		return handle_statfs(s, in);
	case FUSE_RELEASEDIR:
	case FUSE_DESTROY:
		return answer(s, in->unique, 0, NULL, 0);
	case FUSE_LOOKUP:
		return answer(s, in->unique, ENOENT, NULL, 0);
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return;
	default:
		return answer(s, in->unique, EOPNOTSUPP, NULL, 0);
	}
}

static void serve(struct server *s)
{
	/* As wide as the kernel wants it, for any request. */
	static __u64 buf[(FUSE_MIN_READ_BUFFER + 4096) / sizeof(__u64)];
	struct pollfd pfd = { .fd = s->fd, .events = POLLIN };

	for (;;) {
		int n = poll(&pfd, 1, 10);

		while (!s->control->hang && s->control->hanging)
			answer_statfs(s, s->hanging[--s->control->hanging]);
		if (n <= 0)
			continue;
		if (read(s->fd, buf, sizeof(buf)) > 0)
			handle(s, (struct fuse_in_header *)buf);
		else if (errno == ENODEV)
			_exit(0);
	}
}

static pid_t start_server(const struct fse_fuse *f)
{
	struct server s = {
		.fd = f->fd,
		.client = getpid(),
		.control = f->control,
	};
	pid_t pid = fork();

	if (pid)
		return pid < 0 ? -errno : pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != s.client)
		_exit(1);
	serve(&s);
	_exit(0);
}

int fse_fuse_make(struct fse_fuse *f, const char *name)
{
	char options[128];
	void *shared;
	int err;

	memset(f, 0, sizeof(*f));
	snprintf(f->mount, sizeof(f->mount), FSE_MNT "/%s", name);
	mkdir(f->mount, 0755);
	shared = mmap(NULL, sizeof(*f->control), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -errno;
	f->control = shared;
	f->control->avail = BLOCKS;
	f->fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (f->fd < 0)
		return -errno;
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=%d,group_id=%d", f->fd,
		 getuid(), getgid());
	err = mount("server", f->mount, "fuse.test", 0, options) ? -errno : 0;
	if (!err)
		f->pid = start_server(f);
	if (!err && f->pid < 0)
		err = f->pid;
	if (err)
		fse_fuse_remove(f);
	return err;
}

void fse_fuse_kill(struct fse_fuse *f)
{
	/* The connection breaks when nobody has it open any more. */
	close(f->fd);
	f->fd = -1;
	fse_kill(f->pid);
	f->pid = 0;
}

void fse_fuse_remove(struct fse_fuse *f)
{
	if (!f->control)
		return;
	fse_fuse_kill(f);
	while (!umount2(f->mount, MNT_DETACH))
		;
	rmdir(f->mount);
	munmap(f->control, sizeof(*f->control));
	f->control = NULL;
}

bool fse_fuse_alive(const struct fse_fuse *f)
{
	struct pollfd pfd = { .fd = f->fd };

	return poll(&pfd, 1, 0) == 0;
}

static bool hanging(void *arg)
{
	struct fse_fuse *f = arg;

	return f->control->hanging;
}

bool fse_fuse_wait_hanging(struct fse_fuse *f)
{
	return fse_until(hanging, f);
}
