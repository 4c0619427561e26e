// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uninterruptible tasks.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "control.h"
#include "sleepers.h"

#define MAX_SLEEPERS	64
#define LOOKS		10

/* From <linux/sched.h>. */
#define PF_KTHREAD	0x00200000

static const char *task_file(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return fse_read(path);
}

/* Is the task in state D, and is it a kernel thread? */
static bool sleeps(pid_t pid, bool *kernel)
{
	/* The name in parentheses may contain anything. */
	const char *stat = strrchr(task_file(pid, "stat"), ')');
	unsigned int flags;
	char state;

	if (!stat || sscanf(stat, ") %c %*d %*d %*d %*d %*d %u", &state,
			    &flags) != 2)
		return false;
	*kernel = flags & PF_KTHREAD;
	return state == 'D';
}

static bool should_not(pid_t pid)
{
	const char *stack;
	bool kernel;

	if (!sleeps(pid, &kernel))
		return false;
	stack = task_file(pid, "stack");
	return !kernel || (strstr(stack, "[fs_events]") &&
			   !strstr(stack, "fse_call_"));
}

static int find(pid_t *pids)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int n = 0;

	while (dir && n < MAX_SLEEPERS && (entry = readdir(dir))) {
		pid_t pid = atoi(entry->d_name);

		if (isdigit(entry->d_name[0]) && should_not(pid))
			pids[n++] = pid;
	}
	if (dir)
		closedir(dir);
	return n;
}

int fse_sleepers(void)
{
	pid_t pids[MAX_SLEEPERS];
	int i, look, n, left = 0;

	if (!*task_file(getpid(), "stack"))
		return -1;
	n = find(pids);
	for (look = 1; look < LOOKS; look++) {
		usleep(1000 * 1000 / LOOKS);
		for (i = 0, left = 0; i < n; i++) {
			if (should_not(pids[i]))
				pids[left++] = pids[i];
		}
		n = left;
	}
	for (i = 0; i < n; i++) {
		printf("# sleeps: %s", task_file(pids[i], "stat"));
		printf("%s", task_file(pids[i], "stack"));
	}
	return n;
}
