// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes: other users, user namespaces, races.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"

/* More than any test starts. */
#define MAX_RACERS	16

int fse_wait(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

pid_t fse_start(int (*fn)(void *arg), void *arg)
{
	pid_t pid = fork();

	if (!pid)
		_exit(fn(arg));
	return pid;
}

int fse_put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int become(uid_t uid, gid_t gid)
{
	/* In a user namespace setgroups(2) may be forbidden, and unneeded. */
	if (getgroups(0, NULL) && setgroups(0, NULL))
		return -errno;
	return setresgid(gid, gid, gid) || setresuid(uid, uid, uid) ? -errno : 0;
}

int fse_become_user(void)
{
	return become(FSE_USER, FSE_FOREIGN);
}

int fse_user_enter(void)
{
	if (setgroups(0, NULL) || setresgid(FSE_FOREIGN, FSE_FOREIGN, 0) ||
	    setresuid(FSE_USER, FSE_USER, 0))
		return -errno;
	return 0;
}

int fse_user_leave(void)
{
	return setresuid(0, 0, 0) || setresgid(0, 0, 0) ? -errno : 0;
}

/* A process may only map itself. */
static int map_to_root(const char *name, unsigned int id)
{
	char map[32];

	snprintf(map, sizeof(map), "0 %u 1", id);
	return fse_put(name, map);
}

static int enter_container(uid_t uid, gid_t gid)
{
	int err = become(uid, gid);

	if (err)
		return err;
	/*
	 * After a change of user the process is not dumpable, and its /proc
	 * files belong to root.
	 */
	if (prctl(PR_SET_DUMPABLE, 1) || unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return -errno;
	if (fse_put("/proc/self/setgroups", "deny") ||
	    map_to_root("/proc/self/gid_map", gid) ||
	    map_to_root("/proc/self/uid_map", uid))
		return -EPERM;
	return setresgid(0, 0, 0) || setresuid(0, 0, 0) ? -errno : 0;
}

static pid_t start_container(uid_t uid, gid_t gid, int (*fn)(void *arg),
			     void *arg)
{
	pid_t pid = fork();
	int err;

	if (pid)
		return pid;
	err = enter_container(uid, gid);
	if (err)
		fprintf(stderr, "user namespace: %s\n", strerror(-err));
	_exit(err ? 255 : fn(arg));
}

pid_t fse_start_container(unsigned int id, int (*fn)(void *arg), void *arg)
{
	return start_container(id, id, fn, arg);
}

pid_t fse_start_guest(int (*fn)(void *arg), void *arg)
{
	return start_container(FSE_USER, FSE_FOREIGN, fn, arg);
}

int fse_race(unsigned int nr, int (*fn)(unsigned int who, void *arg),
	     void *arg)
{
	pid_t pid[MAX_RACERS];
	int go[2], first = 0;
	unsigned int i;
	char c;

	/* The children block in read(2) until the parent closes its end. */
	if (nr > MAX_RACERS || pipe2(go, O_CLOEXEC))
		return -1;
	for (i = 0; i < nr; i++) {
		pid[i] = fork();
		if (pid[i])
			continue;
		close(go[1]);
		if (read(go[0], &c, 1))
			_exit(255);
		_exit(fn(i, arg));
	}
	close(go[0]);
	close(go[1]);
	for (i = 0; i < nr; i++) {
		int ret = fse_wait(pid[i]);

		if (!first)
			first = ret;
	}
	return first;
}
