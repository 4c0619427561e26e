// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening handles, and what to do when there is none.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

/**
 * kernel_knows - does the kernel have file system events, loaded or built in?
 */
bool kernel_knows(void)
{
	FILE *list = fopen("/proc/filesystems", "re");
	bool known = false;
	char *line = NULL;
	size_t size = 0;

	/* Without a list nothing speaks against it. */
	if (!list)
		return true;
	while (!known && getline(&line, &size, list) > 0)
		known = !strcmp(line, "nodev\tfstrace\n");
	free(line);
	fclose(list);
	return known;
}

/* Return: the exit status. */
static int no_kernel(void)
{
	if (kernel_knows())
		warnx("fstrace is not mounted: mount -t fstrace none /sys/fs/events");
	else
		warnx("the kernel module fs_events is not loaded: modprobe fs_events");
	return STATUS_MISSING;
}

/**
 * open_private - open a handle for watches of our own
 * @options: the command line
 * @h: the handle
 *
 * Return: an exit status; why was said.
 */
int open_private(const struct options *options, struct fsalert **h)
{
	int error = fsalert_open(h, options->from);

	if (!error)
		return STATUS_DONE;
	if (error == -ENOENT && options->from == FSALERT_KERNEL)
		return no_kernel();
	if (error == -ENOENT) {
		warnx("no source of events: neither the module fs_events nor fsalert-poll");
		warnx("fsalert doctor says what is missing");
		return STATUS_MISSING;
	}
	if (error == -EPIPE) {
		warnx("no source of events: fsalert-poll ended at once");
		warnx("fsalert doctor says what is missing");
		return STATUS_MISSING;
	}
	errno = -error;
	warn("no source of events");
	return STATUS_FAILED;
}

/**
 * open_all - open a handle for all global watches
 * @options: the command line
 * @h: the handle
 *
 * Return: an exit status; why was said.
 */
int open_all(const struct options *options, struct fsalert **h)
{
	int error = fsalert_open_all(h, options->instance,
				     options->buffer_bytes);

	switch (-error) {
	case 0:
		return STATUS_DONE;
	case ENOENT:
		warnx("the kernel module fs_events is not loaded: modprobe fs_events");
		warnx("without it, name a path: fsalert watch PATH T 10%%");
		return STATUS_MISSING;
	case EPERM:
		warnx("listening to all watches takes root (CAP_SYS_ADMIN)");
		warnx("any user may name a path: fsalert watch PATH T 10%%");
		return STATUS_FAILED;
	case EPROTONOSUPPORT:
	case EOPNOTSUPP:
		warnx("the kernel module fs_events is older than this program");
		return STATUS_FAILED;
	default:
		errno = -error;
		warn("cannot listen to the kernel");
		return STATUS_FAILED;
	}
}
