// SPDX-License-Identifier: GPL-2.0-only
/*
 * A FUSE file system with a server whose answers tests control: they can be
 * late or missing.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "children.h"
#include "control.h"
#include "filesystem.h"
#include "fuse.h"

static pid_t start_server(const struct fse_fuse *f)
{
	pid_t client = getpid(), pid = fork();

	if (pid)
		return pid < 0 ? -errno : pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != client)
		_exit(1);
	fse_fuse_serve(f->fd, client, f->control);
	_exit(0);
}

static int make(struct fse_fuse *f, const char *name, const char *more)
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
	f->control->avail = FSE_FUSE_BLOCKS;
	f->fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (f->fd < 0)
		return -errno;
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=%d,group_id=%d%s", f->fd,
		 getuid(), getgid(), more);
	err = mount("server", f->mount, "fuse.test", 0, options) ? -errno : 0;
	if (!err)
		f->pid = start_server(f);
	if (!err && f->pid < 0)
		err = f->pid;
	if (err)
		fse_fuse_remove(f);
	return err;
}

int fse_fuse_make(struct fse_fuse *f, const char *name)
{
	return make(f, name, "");
}

int fse_fuse_make_for_all(struct fse_fuse *f, const char *name)
{
	return make(f, name, ",allow_other");
}

void fse_fuse_kill(struct fse_fuse *f)
{
	/* The connection breaks with the last open descriptor. */
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

int fse_fuse_hang(struct fse_fuse *f)
{
	f->control->hang = true;
	return fse_config("%s T 1", f->mount) ?:
	       fse_fuse_wait_hanging(f) ? 0 : -ETIME;
}
