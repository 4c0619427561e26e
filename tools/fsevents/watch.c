// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command that shows events as they come.
 */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>

#include "commands.h"
#include "format.h"

/**
 * struct watching - a run of the command
 * @options: the command line
 * @lost: events that are known to be lost before the next one
 * @shown: how many events there were
 */
struct watching {
	const struct options *options;
	uint64_t lost;
	uint64_t shown;
};

/* What fsevents_view_read() returns to end the command. */
enum end {
	END_GO_ON = 0,
	END_COUNT,
	END_OUTPUT,
};

static int on_event(struct watching *w, const struct fsevents_event *ev)
{
	if (w->options->json)
		json_event(stdout, ev, w->lost);
	else
		format_event(stdout, ev);
	w->lost = 0;
	w->shown++;
	return w->shown == w->options->count ? END_COUNT : END_GO_ON;
}

static void on_lost(struct watching *w, const struct fsevents_news *news)
{
	if (!news->lost) {
		warnx("events lost, the receive buffer overran");
		return;
	}
	warnx("events lost before seq %ju: %ju", news->seq, news->lost);
	w->lost = news->lost;
}

/* What is set by others is not for this command to show: only what was lost. */
static void on_resync(const struct watching *w, const struct fsevents_news *news)
{
	if (w->options->json)
		json_resync(stdout, news);
	else
		format_resync(stdout, news);
}

static int on_news(const struct fsevents_news *news, void *data)
{
	struct watching *w = data;
	int end = END_GO_ON;

	if (news->type == FSEVENTS_EVENT)
		end = on_event(w, news->event);
	else if (news->type == FSEVENTS_LOST)
		on_lost(w, news);
	else if (news->type == FSEVENTS_RESYNCED || news->resync)
		on_resync(w, news);
	/* Line-buffered; a pipe that broke has ended us. */
	return ferror(stdout) ? END_OUTPUT : end;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Milliseconds until the deadline, or as many as one wait may last. */
static int time_left(int64_t deadline_ms)
{
	int64_t left = deadline_ms - now_ms();

	if (deadline_ms < 0)
		return -1;
	if (left < 0)
		return 0;
	return left < INT_MAX ? left : INT_MAX;
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
	case EPROTONOSUPPORT:
	case EOPNOTSUPP:
		warnx("the kernel module fs_events is older than this program");
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

static int watch_all(struct fsevents_view *view, struct watching *w)
{
	int64_t deadline_ms = w->options->timeout_ms;
	int end, left;

	if (deadline_ms >= 0)
		deadline_ms += now_ms();
	for (;;) {
		left = time_left(deadline_ms);
		if (!left)
			return timed_out(w);
		end = fsevents_view_read(view, left);
		switch (end) {
		case END_GO_ON:
		case -EINTR:
		case -ETIMEDOUT:
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
}

/**
 * command_watch - show events as they come
 * @options: the command line
 */
int command_watch(const struct options *options)
{
	struct watching w = { .options = options };
	struct fsevents_view *view;
	int err = fsevents_view_open(&view, options->buffer_bytes, on_news, &w);
	int status;

	if (err)
		return open_failed(-err);
	setvbuf(stdout, NULL, _IOLBF, 0);
	warnx("listening");
	status = watch_all(view, &w);
	fsevents_view_close(view);
	return status;
}
