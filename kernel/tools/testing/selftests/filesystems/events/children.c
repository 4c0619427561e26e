// SPDX-License-Identifier: GPL-2.0-only
/*
 * Child processes: some repeat an action, some live in namespaces of their own.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "children.h"
#include "process.h"

#define MAX_NETWORKS	"/proc/sys/user/max_net_namespaces"

/* The ID, outside, of root in a user namespace of fse_space(). */
#define OUTSIDE_ID	100000

/* Call it in the child after any change of IDs, which resets the setting. */
static void end_with_parent(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
}

pid_t fse_repeat(void (*fn)(void *arg), void *arg)
{
	pid_t parent = getpid(), pid = fork();

	if (pid)
		return pid < 0 ? -errno : pid;
	end_with_parent(parent);
	for (;;)
		fn(arg);
}

static int be_root(int flags)
{
	if (!(flags & CLONE_NEWUSER))
		return 0;
	return setresgid(0, 0, 0) || setresuid(0, 0, 0) ? -errno : 0;
}

static int write_map(pid_t pid, const char *name)
{
	char path[64], map[32];
	int fd, len, err = 0;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	len = snprintf(map, sizeof(map), "0 %d 1000\n", OUTSIDE_ID);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, map, len) != len)
		err = -errno;
	close(fd);
	return err;
}

/* The child's part of fse_space(); writes one byte after each step. */
static void sleep_in_space(int flags, int to, int from, pid_t parent)
{
	char byte = 0;

	if ((flags & CLONE_NEWUSER) && setgroups(0, NULL))
		_exit(126);
	if (unshare(flags) || write(to, &byte, 1) != 1 ||
	    read(from, &byte, 1) != 1 || be_root(flags))
		_exit(126);
	end_with_parent(parent);
	if ((flags & CLONE_NEWNS) &&
	    mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL))
		_exit(125);
	if (write(to, &byte, 1) != 1)
		_exit(124);
	for (;;)
		pause();
}

pid_t fse_space(int flags)
{
	pid_t parent = getpid(), pid;
	int up[2], down[2], err = 0;
	char byte = 0;

	if (pipe2(up, O_CLOEXEC) || pipe2(down, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		sleep_in_space(flags, up[1], down[0], parent);
	close(up[1]);
	close(down[0]);
	if (read(up[0], &byte, 1) != 1)
		err = -EIO;
	if (!err && (flags & CLONE_NEWUSER))
		err = write_map(pid, "uid_map") ?: write_map(pid, "gid_map");
	if (!err && (write(down[1], &byte, 1) != 1 ||
		     read(up[0], &byte, 1) != 1))
		err = -EIO;
	close(up[0]);
	close(down[1]);
	if (err)
		fse_kill(pid);
	return err ?: pid;
}

static int join(pid_t pid, int flags)
{
	int fd = syscall(SYS_pidfd_open, pid, 0);

	/* A user namespace may forbid setgroups(2). */
	if ((flags & CLONE_NEWUSER) && setgroups(0, NULL))
		return -errno;
	if (fd < 0 || setns(fd, flags))
		return -errno;
	close(fd);
	return be_root(flags);
}

int fse_within(pid_t pid, int flags, int (*fn)(void *arg), void *arg)
{
	pid_t parent = getpid(), child = fork();
	int status;

	if (child < 0)
		return -1;
	if (!child) {
		if (join(pid, flags))
			_exit(127);
		end_with_parent(parent);
		_exit(fn(arg));
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static int own_network(void *arg)
{
	(void)arg;
	return unshare(CLONE_NEWNET) ? errno : 0;
}

static bool room_for_a_network(void *arg)
{
	return !fse_child(own_network, arg);
}

/* A network namespace counts against the limit until its teardown ends. */
bool fse_wait_networks(void)
{
	bool gone;

	if (fse_put(MAX_NETWORKS, "1"))
		return false;
	gone = fse_until(room_for_a_network, NULL);
	return !fse_put(MAX_NETWORKS, "10000") && gone;
}

void fse_kill(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int fse_own_mounts(void)
{
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	return 0;
}
