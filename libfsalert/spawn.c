// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Starts the helper program, connected by a socket to its standard input and
 * output. The caller's program gets no SIGCHLD and has no child to wait for.
 *
 * execve(2) resets the exit signal of a child to SIGCHLD. So an intermediate
 * process starts the helper and exits. It never calls execve(2), so it exits
 * without a signal, and only wait(2) with __WCLONE finds it. It shares the memory
 * of the caller, which waits as with vfork(2): nothing is copied, and errors can
 * be stored in memory. Other threads go on, so only calls that are safe beside
 * them are made.
 *
 * Signals are blocked until then: no handler of the program may run in the new
 * processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "handle.h"
#include "spawn.h"

#define STACK_BYTES	(64 << 10)

/**
 * struct spawn - a start
 * @path: the program
 * @fd: its end of the socket
 * @stack: for the two processes, one half each
 * @error: errno of what failed, or 0
 */
struct spawn {
	const char *path;
	int fd;
	char *stack;
	int error;
};

/* Handlers are gone with the other program, but signals come before that. */
static void default_signals(void)
{
	const struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;
	int nr;

	for (nr = 1; nr < NSIG; nr++)
		sigaction(nr, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_others(void)
{
	int fd, max;

	if (!syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0))
		return;
	max = sysconf(_SC_OPEN_MAX);
	for (fd = STDERR_FILENO + 1; fd < max; fd++)
		close(fd);
}

/* In the new process: @fd is none of the standard descriptors. */
static int run(void *data)
{
	struct spawn *s = data;
	char * const argv[] = { (char *)"fsalert-poll", NULL };
	bool lacks_stderr = fcntl(STDERR_FILENO, F_GETFD) < 0;

	default_signals();
	setsid();
	if (dup2(s->fd, STDIN_FILENO) < 0 || dup2(s->fd, STDOUT_FILENO) < 0) {
		s->error = errno;
		return 1;
	}
	/* The lowest that is free: standard error. */
	if (lacks_stderr && open("/dev/null", O_WRONLY) < 0)
		dup2(s->fd, STDERR_FILENO);
	close_others();
	execv(s->path, argv);
	s->error = errno;
	return 1;
}

static int start(void *data)
{
	struct spawn *s = data;

	if (clone(run, s->stack + STACK_BYTES, CLONE_VM | CLONE_VFORK | SIGCHLD,
		  s) < 0)
		s->error = errno;
	return 0;
}

static int spawn(struct spawn *s)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = clone(start, s->stack + 2 * STACK_BYTES, CLONE_VM | CLONE_VFORK,
		    s);
	if (pid < 0)
		s->error = errno;
	while (pid > 0 && waitpid(pid, NULL, __WCLONE) < 0 && errno == EINTR)
		;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -s->error;
}

/**
 * fsa_spawn - start a program
 * @path: the program
 * @fd: our end of the socket that its standard input and output are; it ends
 *	when that is closed
 *
 * Return: 0 or a negative errno: -ENOENT: there is no such program.
 */
int fsa_spawn(const char *path, int *fd)
{
	struct spawn s = { .path = path };
	int ends[2], err;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	*fd = fsa_high(ends[0]);
	s.fd = fsa_high(ends[1]);
	s.stack = malloc(2 * STACK_BYTES);
	if (*fd < 0 || s.fd < 0)
		err = *fd < 0 ? *fd : s.fd;
	else
		err = s.stack ? spawn(&s) : -ENOMEM;
	free(s.stack);
	if (s.fd >= 0)
		close(s.fd);
	if (!err && fcntl(*fd, F_SETFL, O_NONBLOCK) < 0)
		err = -errno;
	if (err && *fd >= 0) {
		close(*fd);
		*fd = -1;
	}
	return err;
}
