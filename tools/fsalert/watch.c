// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands that wait for events: watch and wait.
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "facts.h"
#include "mounted.h"
#include "request.h"
#include "show.h"

/* What a watch of a path alone is for. */
#define USUAL_LEVELS	"10%", "5%"

/* After a failure for want of memory. */
#define AGAIN_MS	100

/**
 * struct watching - a run of the command
 * @options: the command line
 * @mount: show events of the file system mounted here; NULL: of all
 * @dev: device number of that file system; 0: to be looked up
 * @colour: with colours
 * @shown: how many events there were
 */
struct watching {
	const struct options *options;
	char *mount;
	dev_t dev;
	bool colour;
	uint64_t shown;
};

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

static int64_t deadline(const struct options *options)
{
	return options->timeout_ms < 0 ? -1 : now_ms() + options->timeout_ms;
}

static bool is_no_memory(int error)
{
	return error == -ENOMEM || error == -ENOBUFS;
}

/* The next event. Return: 1; 0: the time is over; a negative errno. */
static int next(struct fsalert *h, int64_t deadline_ms,
		const struct fsalert_event **ev)
{
	int result, left;

	do {
		result = fsalert_wait(h, time_left(deadline_ms), ev);
		left = time_left(deadline_ms);
		/* fsalert_wait() returned at once: try again later. */
		if (is_no_memory(result))
			poll(NULL, 0, left < 0 || left > AGAIN_MS ? AGAIN_MS :
			     left);
		else if (result && result != -EINTR)
			return result;
	} while (left);
	return 0;
}

/* "below" is the type of several events, "thr_lrbelow" is the name of one. */
static bool is_named(const struct options *options,
		     const struct fsalert_event *ev)
{
	const char *name = fsalert_str(ev, FSALERT_KEY_NAME);
	size_t i;

	if (options->events >> fsalert_type(ev) & 1)
		return true;
	for (i = 0; name && i < options->nr_names; i++) {
		if (!strcmp(options->names[i], name))
			return true;
	}
	return !options->events && !options->nr_names;
}

/* An event names a mount of its watch, which need not be the mount asked for. */
static bool is_of_mount(struct watching *w, const struct fsalert_event *ev)
{
	if (!w->dev && !mounted_dev(w->mount, &w->dev))
		return false;
	return mounted_dev_of_event(ev) == w->dev;
}

static bool is_wanted(struct watching *w, const struct fsalert_event *ev)
{
	const struct options *options = w->options;
	enum fsalert_type type = fsalert_type(ev);

	/* What was lost may have been wanted. */
	if (type == FSALERT_LOST || type == FSALERT_GONE ||
	    type == FSALERT_BACK)
		return true;
	if (!is_named(options, ev))
		return false;
	if (w->mount && !is_of_mount(w, ev))
		return false;
	return fsalert_severity(ev) >= options->severity;
}

static void set_environment(const struct fsalert_event *ev)
{
	struct facts facts;
	char name[32];
	size_t i, j;

	facts_of(&facts, ev);
	for (i = 0; i < facts.nr; i++) {
		snprintf(name, sizeof(name), "FSALERT_%s", facts.list[i].name);
		for (j = 0; name[j]; j++)
			name[j] = toupper((unsigned char)name[j]);
		setenv(name, facts.list[i].text, 1);
	}
}

/* Runs the command of --exec, and waits for it: one at a time, in order. */
static void execute(const char *command, const struct fsalert_event *ev)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		warn("--exec");
	} else if (!pid) {
		set_environment(ev);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	} else {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
}

static void show(const struct watching *w, const struct fsalert_event *ev)
{
	if (w->options->exec)
		execute(w->options->exec, ev);
	else if (w->options->json)
		json_event(stdout, ev);
	else if (w->options->format)
		show_format(stdout, ev, w->options->format);
	else
		show_event(stdout, ev, w->options->time_format, w->colour);
}

static bool is_end(const struct fsalert_event *ev)
{
	uint64_t last = 0;

	fsalert_u64(ev, FSALERT_KEY_LAST, &last);
	return fsalert_type(ev) == FSALERT_UNMOUNT && last;
}

static int timed_out(const struct watching *w)
{
	if (!w->options->count)
		return STATUS_DONE;
	warnx("timeout after %ju of %ju events", (uintmax_t)w->shown,
	      (uintmax_t)w->options->count);
	return STATUS_TIMEOUT;
}

/*
 * A file system that is mounted again may have another device number, and another
 * file system the number that is free now.
 */
static void forget(struct watching *w, const struct fsalert_event *ev)
{
	if (is_end(ev) && mounted_dev_of_event(ev) == w->dev)
		w->dev = 0;
}

/* Says why nothing can come any more. */
static void say_removed(const struct fsalert_event *ev)
{
	uint64_t error = 0;

	fsalert_u64(ev, FSALERT_KEY_ERRNO, &error);
	warnx("fsalert-poll was started again and refuses the watch: %s",
	      strerror(error));
}

/*
 * fsalert-poll was started again, and the mount is gone. It is asked for errors and for
 * levels apart, and another refusal may be of one alone.
 */
static bool is_gone(const struct fsalert_event *ev)
{
	uint64_t error = 0;

	fsalert_u64(ev, FSALERT_KEY_ERRNO, &error);
	return fsalert_type(ev) == FSALERT_REMOVED &&
	       (error == ENOENT || error == EINVAL);
}

/* @own: the watch is ours, and with its end there are no more events. */
static int watch(struct fsalert *h, struct watching *w, bool own)
{
	int64_t deadline_ms = deadline(w->options);
	const struct fsalert_event *ev;
	int result;

	while ((result = next(h, deadline_ms, &ev)) > 0) {
		if (is_wanted(w, ev)) {
			show(w, ev);
			w->shown += fsalert_type(ev) < FSALERT_LOST;
		}
		forget(w, ev);
		/* Line-buffered; a pipe that broke has ended us. */
		if (ferror(stdout)) {
			warn("standard output");
			return STATUS_FAILED;
		}
		if ((w->options->count && w->shown >= w->options->count) ||
		    (own && is_end(ev)))
			return STATUS_DONE;
		if (own && is_gone(ev)) {
			say_removed(ev);
			return STATUS_FAILED;
		}
	}
	if (!result)
		return timed_out(w);
	errno = -result;
	warn("receiving events");
	return STATUS_FAILED;
}

/* A watch of our own, for what the arguments say. */
static int submit(struct fsalert *h, char **args)
{
	struct request r;
	int status = request_make(&r, "", args);

	status = status ?: request_submit(h, &r);
	request_free(&r);
	return status;
}

/* A path without a spec: levels; for root errors as well. */
static int submit_usual(struct fsalert *h, char *path)
{
	char *args[6] = { path, "T", USUAL_LEVELS, "G" };
	struct request r;
	int error = -EPERM, status;

	status = request_make(&r, "", args);
	if (status || !geteuid())
		error = status ? 0 : fsalert_request(h, r.text);
	if (error == -EPERM || error == -EOPNOTSUPP) {
		args[4] = NULL;
		request_free(&r);
		status = submit(h, args);
		r = (struct request){};
	} else if (error) {
		status = request_submit(h, &r);
	}
	request_free(&r);
	return status;
}

/* Return: an exit status; why was said. */
static int find_file_system(struct watching *w)
{
	int status = resolve_mount(w->options->mount, &w->mount);

	if (status || mounted_dev(w->mount, &w->dev))
		return status;
	warnx("%s is not in the mount table", w->mount);
	return STATUS_FAILED;
}

/**
 * command_watch - show events as they come
 * @options: the command line
 */
int command_watch(const struct options *options)
{
	struct watching w = { .options = options };
	struct fsalert *h = NULL;
	char **args = options->args;
	int status;

	w.colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	if (options->mount && find_file_system(&w)) {
		free(w.mount);
		return STATUS_FAILED;
	}
	status = args[0] ? open_private(options, &h) : open_all(options, &h);
	if (!status && args[0])
		status = args[1] ? submit(h, args) : submit_usual(h, args[0]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!status && options->buffer_bytes && fsalert_queue_bytes(h) &&
	    fsalert_queue_bytes(h) < options->buffer_bytes)
		warnx("%zu bytes for events that wait, not %zu (net.core.rmem_max)",
		      fsalert_queue_bytes(h), options->buffer_bytes);
	if (!status) {
		warnx("listening");
		status = watch(h, &w, args[0]);
	}
	fsalert_unref(h);
	free(w.mount);
	return status;
}

/**
 * struct awaited - what the command wait waits for
 * @type: an event of this type
 * @args: the request for a watch of it
 */
struct awaited {
	enum fsalert_type type;
	char *args[4];
};

static bool await_level(struct awaited *a, char **words)
{
	bool inodes = !strcmp(words[0], "I"), space = !strcmp(words[0], "T");

	if (!words[space || inodes] || words[1 + (space || inodes)])
		return false;
	if (!space && !inodes && !isdigit((unsigned char)words[0][0]))
		return false;
	a->type = inodes ? FSALERT_INO_BELOW : FSALERT_BELOW;
	a->args[1] = inodes ? "I" : "T";
	a->args[2] = words[space || inodes];
	return true;
}

/* "G:enospc" or a level that no file system reaches, for its unmount alone. */
static bool await_event(struct awaited *a, char **words, char *generic,
			size_t size)
{
	a->type = fsalert_type_of(words[0]);
	if (words[1])
		return false;
	switch (a->type) {
	case FSALERT_UNMOUNT:
		a->args[1] = "T";
		a->args[2] = "0";
		return true;
	case FSALERT_ENOSPC:
	case FSALERT_ENOSPC_META:
	case FSALERT_REMOUNT_RO:
	case FSALERT_CORRUPTED:
	case FSALERT_IO_ERROR:
	case FSALERT_SHUTDOWN:
		snprintf(generic, size, "G:%s", fsalert_name(a->type));
		a->args[1] = generic;
		return true;
	default:
		return false;
	}
}

/* Has our watch ended, so that nothing can come any more? Then that was said. */
static bool has_ended(const struct fsalert_event *ev)
{
	if (is_end(ev))
		warnx("%s was unmounted", fsalert_str(ev, FSALERT_KEY_MOUNT) ?:
		      "the file system");
	else if (fsalert_type(ev) == FSALERT_REMOVED)
		say_removed(ev);
	else
		return false;
	return true;
}

static int wait_for(struct fsalert *h, const struct options *options,
		    enum fsalert_type type)
{
	struct watching w = { .options = options };
	int64_t deadline_ms = deadline(options);
	const struct fsalert_event *ev;
	int result;

	while ((result = next(h, deadline_ms, &ev)) > 0) {
		if (fsalert_type(ev) == type) {
			show(&w, ev);
			return STATUS_DONE;
		}
		if (has_ended(ev))
			return STATUS_FAILED;
	}
	if (!result)
		return STATUS_TIMEOUT;
	errno = -result;
	warn("receiving events");
	return STATUS_FAILED;
}

/**
 * command_wait - wait for an event of a file system, or a level
 * @options: the command line
 */
int command_wait(const struct options *options)
{
	struct awaited a = { .args = { options->args[0] } };
	struct fsalert *h = NULL;
	char generic[32];
	int status;

	if (!await_event(&a, options->args + 1, generic, sizeof(generic)) &&
	    !await_level(&a, options->args + 1)) {
		if (fsalert_type_of(options->args[1]) != FSALERT_UNKNOWN)
			warnx("wait: '%s' can't be waited for; a level is given as in 10%%",
			      options->args[1]);
		else
			warnx("wait: '%s' is no event and no level",
			      options->args[1]);
		return STATUS_USAGE;
	}
	status = open_private(options, &h);
	if (!status && !(fsalert_can(h) >> a.type & 1)) {
		warnx("no %s here: %s", fsalert_name(a.type),
		      fsalert_cannot(h) ?: "the source has no such event");
		status = STATUS_FAILED;
	}
	status = status ?: submit(h, a.args);
	status = status ?: wait_for(h, options, a.type);
	fsalert_unref(h);
	return status;
}
