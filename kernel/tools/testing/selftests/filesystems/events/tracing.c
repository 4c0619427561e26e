// SPDX-License-Identifier: GPL-2.0-only
/*
 * The trace events of fs_event, in a trace instance of their own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control.h"
#include "process.h"
#include "tracing.h"

bool fse_trace_start(void)
{
	bool made;

	/* An aborted test may have left an instance. */
	fse_trace_stop();
	/* The instance begins with the options of the whole. */
	fse_trace_names(false);
	made = !mkdir(FSE_TRACE, 0755);
	fse_trace_names(true);
	return made && !fse_put(FSE_TRACE "/trace_clock", "mono") &&
	       !fse_put(FSE_TRACE "/events/fs_event/enable", "1");
}

void fse_trace_names(bool on)
{
	fse_put(FSE_TRACEFS "/options/record-cmd", on ? "1" : "0");
}

void fse_trace_stop(void)
{
	fse_put(FSE_TRACE "/events/fs_event/enable", "0");
	rmdir(FSE_TRACE);
}

int fse_trace_clear(void)
{
	/* Opening with O_TRUNC clears it. */
	int fd = open(FSE_TRACE "/trace", O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* The next line of @event from @at, which advances past it. */
static char *next_line(char **at, const char *event)
{
	char *line, *name;

	while ((line = strsep(at, "\n"))) {
		name = strstr(line, event);
		if (name && name[strlen(event)] == ':')
			return line;
	}
	return NULL;
}

bool fse_traced(const char *event, const char *facts)
{
	char *at = fse_read(FSE_TRACE "/trace"), *line;

	while ((line = next_line(&at, event)))
		if (strstr(strstr(line, event), facts))
			return true;
	return false;
}

unsigned int fse_traced_samples(__u32 major, __u32 minor,
				struct fse_sample *samples, unsigned int max)
{
	static const char event[] = "fs_event_sample";
	char *at = fse_read(FSE_TRACE "/trace"), *line;
	unsigned int nr = 0;

	while ((line = next_line(&at, event))) {
		char *facts = strstr(line, event), *time = facts;
		unsigned long long s, us, avail, next;
		unsigned int dev[2];

		if (sscanf(facts,
			   "fs_event_sample: dev=%u:%u avail=%llu inodes=%*u cost_ns=%*u next_ns=%llu",
			   &dev[0], &dev[1], &avail, &next) != 4 ||
		    dev[0] != major || dev[1] != minor)
			continue;
		/* "... 12.345678: fs_event_sample: ..." */
		while (time > line && time[-1] == ' ')
			time--;
		while (time > line && time[-1] != ' ')
			time--;
		if (sscanf(time, "%llu.%llu:", &s, &us) != 2)
			continue;
		if (nr < max)
			samples[nr] = (struct fse_sample){
				.us = s * 1000000 + us,
				.next_us = next / 1000,
				.avail = avail,
			};
		nr++;
	}
	return nr;
}
