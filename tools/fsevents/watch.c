// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command that shows events as they come.
 */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>

#include "commands.h"
#include "format.h"
#include "receive.h"

/**
 * struct watching - a run of the command
 * @options: the command line
 * @gap: numbers of the events so far
 * @shown: how many there were
 */
struct watching {
	const struct options *options;
	struct fsevent_gap gap;
	uint64_t shown;
};

/* What receiver_read() returns to end the command. */
enum end {
	END_GO_ON = 0,
	END_COUNT,
	END_OUTPUT,
};

static int on_event(const struct fsevent *ev, void *data)
{
	struct watching *w = data;
	uint64_t lost = fsevent_gap(&w->gap, ev);

	if (lost)
		warnx("%ju events were lost before seq %ju", lost, ev->seq);
	if (w->options->json)
		json_event(stdout, ev, lost);
	else
		format_event(stdout, ev);
	/* Line-buffered; a pipe that broke has ended us. */
	if (ferror(stdout))
		return END_OUTPUT;
	w->shown++;
	return w->shown == w->options->count ? END_COUNT : END_GO_ON;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* false: the time is over */
static bool wait_for(const struct receiver *r, int64_t deadline_ms)
{
	struct pollfd pfd = { .fd = receiver_fd(r), .events = POLLIN };
	int64_t left = -1;
	int ready;

	do {
		if (deadline_ms >= 0) {
			left = deadline_ms - now_ms();
			if (left <= 0)
				return false;
			if (left > INT_MAX)
				left = INT_MAX;
		}
		ready = poll(&pfd, 1, left);
	} while (!ready || (ready < 0 && errno == EINTR));
	return true;
}

static int open_failed(int error)
{
	errno = error;
	switch (error) {
	case ENOENT:
		warnx("the kernel module fs_events is not loaded: modprobe fs_events");
		return STATUS_MISSING;
	case EPERM:
		warnx("listening for events takes root (CAP_SYS_ADMIN over the network namespace)");
		return STATUS_FAILED;
	default:
		warn("cannot listen to the generic netlink family %s",
		     FS_EVENT_FAMILY_NAME);
		return STATUS_FAILED;
	}
}

static int timed_out(const struct watching *w)
{
	if (!w->options->count)
		return STATUS_DONE;
	warnx("timeout after %ju of %ju events", w->shown, w->options->count);
	return STATUS_TIMEOUT;
}

static int watch_all(struct receiver *r, struct watching *w)
{
	int64_t deadline_ms = w->options->timeout_ms;
	int end;

	if (deadline_ms >= 0)
		deadline_ms += now_ms();
	while (wait_for(r, deadline_ms)) {
		end = receiver_read(r, on_event, w);
		switch (end) {
		case END_GO_ON:
		case -EINTR:
			break;
		case -ENOBUFS:
			warnx("the receive buffer overran, events are lost");
			break;
		case END_COUNT:
			return STATUS_DONE;
		case END_OUTPUT:
			warn("standard output");
			return STATUS_FAILED;
		case -ENODEV:
			warnx("the kernel module fs_events was unloaded");
			return STATUS_MISSING;
		default:
			errno = -end;
			warn("receiving events");
			return STATUS_FAILED;
		}
	}
	return timed_out(w);
}

/**
 * command_watch - show events as they come
 * @options: the command line
 */
int command_watch(const struct options *options)
{
	struct watching w = { .options = options };
	struct receiver *r;
	int err = receiver_open(&r);
	int status;

	if (err)
		return open_failed(-err);
	setvbuf(stdout, NULL, _IOLBF, 0);
	warnx("listening");
	status = watch_all(r, &w);
	receiver_close(r);
	return status;
}
