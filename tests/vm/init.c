// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VM's init: sets up the system, loads the module, runs the command,
 * forwards its output, reports its exit status and powers off.
 *
 * In C for a fast boot: under emulation a shell with a program for each mount
 * takes a second.
 *
 * The command's words come in a file, each NUL-terminated; options come in the
 * environment, where the kernel puts unknown words of its command line:
 * VM_MODULE, VM_DISKS, VM_TIMEOUT, VM_SHELL, VM_ROWS, VM_COLUMNS.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMAND_FILE "/vm/command"
#define STATUS_PORT "/dev/vport0p1"
#define OUTPUT_PORT "/dev/vport0p2"
#define TERMINAL "/dev/hvc0"

#define TIMED_OUT 124

#define SAFE (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static void write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		warn("%s", path);
	close(fd);
}

/* Immediately: the VM keeps no data. */
static void switch_off(void)
{
	write_to("/proc/sysrq-trigger", "b");
	reboot(RB_AUTOBOOT);
}

/* Without a status, the host shows the end of the console. */
static void die(const char *what)
{
	warn("%s", what);
	switch_off();
}

/*
 * rootfs can be neither moved nor pivoted, but a bind mount of it can. As the
 * root, it makes mountinfo look like on any system.
 */
static void leave_rootfs(void)
{
	if (mount("/", "/mnt", NULL, MS_BIND, NULL) || chdir("/mnt") ||
	    mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		die("moving the root");
}

static void mount_all(void)
{
	static const struct {
		const char *type, *target, *options;
		unsigned long flags;
	} mounts[] = {
		{ "proc", "/proc", NULL, SAFE },
		{ "sysfs", "/sys", NULL, SAFE },
		{ "devtmpfs", "/dev", "mode=755", MS_NOSUID },
		{ "devpts", "/dev/pts", "gid=5,mode=620,ptmxmode=666", MS_NOSUID | MS_NOEXEC },
		{ "tmpfs", "/dev/shm", NULL, MS_NOSUID | MS_NODEV },
		{ "tmpfs", "/tmp", NULL, MS_NOSUID | MS_NODEV },
		{ "tmpfs", "/run", "mode=755", MS_NOSUID | MS_NODEV },
		{ "debugfs", "/sys/kernel/debug", NULL, SAFE },
		{ "tracefs", "/sys/kernel/tracing", NULL, SAFE },
		{ "cgroup2", "/sys/fs/cgroup", NULL, SAFE },
		{ }
	}, *m;

	for (m = mounts; m->type; m++) {
		mkdir(m->target, 0755);	/* the two in /dev are not there yet */
		/* a small kernel may lack one, and the command may not need it */
		if (mount(m->type, m->target, m->type, m->flags, m->options))
			warn("%s", m->target);
	}
	if (mount(NULL, "/", NULL, MS_SHARED | MS_REC, NULL))
		die("sharing the mounts");
}

static void settle(void)
{
	const struct rlimit files = { 1024, 524288 };
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	/* udev's links and nodes; opening loop-control loads the module */
	if (symlink("/proc/self/fd", "/dev/fd") || symlink("fd/0", "/dev/stdin") ||
	    symlink("fd/1", "/dev/stdout") || symlink("fd/2", "/dev/stderr"))
		die("links in /dev");
	mknod("/dev/loop-control", S_IFCHR | 0660, makedev(10, 237));

	write_to("/proc/sys/kernel/hostname", "vm");
	/* log everything to the console from here on */
	write_to("/proc/sys/kernel/printk", "8");

	setrlimit(RLIMIT_NOFILE, &files);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo))
		warn("lo");
	close(fd);
}

/* Run PROGRAM and wait for it. */
static void run(const char *program, const char *argument)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		execlp(program, program, argument, NULL);
		err(1, "%s", program);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		die(argument ?: program);
}

static void load_module(void)
{
	/* built in */
	if (access("/sys/fs/events", F_OK))
		run("modprobe", "fs_events");
	if (mount("none", "/sys/fs/events", "fstrace", 0, NULL))
		die("fstrace");
}

static char **read_command(void)
{
	char *text, *word, **words;
	struct stat st;
	size_t n = 0;
	int fd;

	fd = open(COMMAND_FILE, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		die(COMMAND_FILE);
	text = malloc(st.st_size + 1);
	words = calloc(st.st_size + 1, sizeof(*words));
	if (!text || !words || read(fd, text, st.st_size) != st.st_size)
		die(COMMAND_FILE);
	close(fd);
	for (word = text; word < text + st.st_size; word += strlen(word) + 1)
		words[n++] = word;
	return words;
}

/* Starts the command with its output, and its input if any, at @fd. */
static pid_t start(char *const *words, int fd, int is_terminal)
{
	pid_t pid = fork();
	int in = fd;

	if (pid)
		return pid;
	setsid();
	if (is_terminal)
		ioctl(fd, TIOCSCTTY, 0);
	else
		in = open("/dev/null", O_RDONLY);
	dup2(in, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	execvp(words[0], words);
	warn("%s", words[0]);
	_exit(127);
}

/* Reaps children; true once @command is among them. */
static int reap(pid_t command, int *status)
{
	int one, found = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &one, WNOHANG)) > 0) {
		if (pid == command) {
			*status = WIFSIGNALED(one) ? 128 + WTERMSIG(one) : WEXITSTATUS(one);
			found = 1;
		}
	}
	return found;
}

static unsigned int number(const char *name)
{
	const char *value = getenv(name);

	return value ? strtoul(value, NULL, 10) : 0;
}

static long long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* False at the end of input, or if none is available. */
static int hand_on(int from, int to)
{
	static char buffer[65536];
	ssize_t n, done, written;

	n = read(from, buffer, sizeof(buffer));
	for (done = 0; done < n; done += written) {
		written = write(to, buffer + done, n - done);
		if (written < 0)
			die(OUTPUT_PORT);
	}
	return n > 0;
}

/*
 * Forwards @output until @command ends, and returns its status, or until the
 * timeout.
 */
static int attend(pid_t command, int output, int port)
{
	long long left, deadline = milliseconds() + number("VM_TIMEOUT") * 1000LL;
	struct signalfd_siginfo info;
	struct pollfd fds[2] = { 0 };
	sigset_t child;
	int status;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	fds[0].fd = output;
	fds[1].fd = signalfd(-1, &child, SFD_CLOEXEC);
	fds[0].events = POLLIN;
	fds[1].events = POLLIN;
	/* a child that died before SIGCHLD was blocked sends no signal */
	if (reap(command, &status))
		return status;
	while ((left = deadline - milliseconds()) > 0) {
		if (poll(fds, 2, left) < 0)
			die("poll");
		/* the command closed its output and goes on */
		if (fds[0].revents && !hand_on(output, port))
			fds[0].fd = -1;
		if (!fds[1].revents)
			continue;
		if (read(fds[1].fd, &info, sizeof(info)) != sizeof(info))
			die("signalfd");
		if (reap(command, &status))
			return status;
	}
	/* log blocked tasks to the console */
	write_to("/proc/sysrq-trigger", "w");
	return TIMED_OUT;
}

/*
 * Runs the command. Its output goes through a pipe: a port can be opened only
 * once, but some programs open /dev/stderr again.
 */
static int run_command(void)
{
	int port, status, ends[2];
	pid_t pid;

	port = open(OUTPUT_PORT, O_WRONLY | O_CLOEXEC);
	if (port < 0 || pipe2(ends, O_CLOEXEC))
		die(OUTPUT_PORT);
	pid = start(read_command(), ends[1], 0);
	close(ends[1]);
	status = attend(pid, ends[0], port);

	/*
	 * Remaining processes would keep the pipe open; some can't be killed.
	 */
	kill(-1, SIGKILL);
	if (status == TIMED_OUT)
		fcntl(ends[0], F_SETFL, O_NONBLOCK);
	while (hand_on(ends[0], port))
		;
	return status;
}

/*
 * The leaks are reported on the console. The module's symbols are needed, so
 * not after it was unloaded. Built-in code can't be unloaded.
 */
static void look_for_leaks(void)
{
	if (!access("/sys/fs/events", F_OK))
		run("leaks", NULL);
}

static int run_shell(void)
{
	struct winsize size = {
		.ws_row = number("VM_ROWS"), .ws_col = number("VM_COLUMNS")
	};
	static char *const words[] = { "bash", "-l", NULL };
	int fd, status = 0;
	pid_t pid;

	fd = open(TERMINAL, O_RDWR | O_NOCTTY);
	if (fd < 0)
		die(TERMINAL);
	ioctl(fd, TIOCSWINSZ, &size);
	pid = start(words, fd, 1);
	while (wait(&status) != pid)
		;
	return WEXITSTATUS(status);
}

int main(void)
{
	int status, fd;

	umask(0);
	leave_rootfs();
	mount_all();
	settle();
	setenv("PATH", "/usr/local/bin:/usr/local/selftests:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("LC_ALL", "C", 1);
	umask(022);
	if (getenv("VM_DISKS"))
		run("modprobe", "virtio_blk");
	if (getenv("VM_MODULE"))
		load_module();

	status = getenv("VM_SHELL") ? run_shell() : run_command();
	if (status != TIMED_OUT)
		look_for_leaks();

	fd = open(STATUS_PORT, O_WRONLY);
	if (fd < 0 || dprintf(fd, "%d\n", status) < 0)
		die(STATUS_PORT);
	switch_off();
}
