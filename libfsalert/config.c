// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Requests for global watches, and why they are refused.
 *
 * The kernel has a log of refused requests:
 *
 *	[  312.004821] ERANGE: level not smaller than the one before it
 *	  /srv T 10% 20%
 *	             ^
 *
 * Other writers' requests are in that log as well. Ours is the newest entry that
 * shows a part of our request.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/fs_event.h>

#include "config.h"
#include "line.h"

#define INDENT		2
#define LEFT_OUT	"..."

/* Bytes that take one column each, but for those within a character. */
static size_t offset_of_column(const char *text, size_t columns)
{
	const char *s = text;

	while (*s && columns) {
		s++;
		while ((*s & 0xc0) == 0x80)
			s++;
		columns--;
	}
	return s - text;
}

/*
 * Does an entry show a part of the request? Of its three lines @shown is the
 * second, @caret the third one.
 */
static bool shows(char *shown, const char *caret, const char *request,
		  size_t *at)
{
	size_t len, column = strspn(caret, " ");
	const char *found;

	if (strspn(shown, " ") < INDENT || column < INDENT)
		return false;
	shown += INDENT;
	column -= INDENT;
	if (!strncmp(shown, LEFT_OUT, strlen(LEFT_OUT))) {
		shown += strlen(LEFT_OUT);
		column -= column < strlen(LEFT_OUT) ? column : strlen(LEFT_OUT);
	}
	len = strlen(shown);
	if (len >= strlen(LEFT_OUT) &&
	    !strcmp(shown + len - strlen(LEFT_OUT), LEFT_OUT))
		shown[len - strlen(LEFT_OUT)] = '\0';
	found = strstr(request, shown);
	if (!found)
		return false;
	*at = found - request + offset_of_column(found, column);
	return true;
}

/**
 * fsa_log_find - find the entry of a request in the log
 * @log: the log; changed
 * @request: the request
 * @at: offset of the word at fault in the request
 *
 * Return: the reason; NULL: there is no such entry.
 */
const char *fsa_log_find(char *log, const char *request, size_t *at)
{
	char *line, *why = NULL, *shown = NULL, *end;
	const char *found = NULL;

	while ((line = strsep(&log, "\n"))) {
		if (*line == '[') {
			end = strstr(line, "] ");
			why = end ? strstr(end, ": ") : NULL;
			shown = NULL;
		} else if (why && !shown) {
			shown = line;
		} else if (why) {
			if (shows(shown, line, request, at))
				found = why + 2;
			why = NULL;
		}
	}
	return found;
}

static char *read_log(int dir)
{
	int fd = openat(dir, "error_log", O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char *log = NULL;
	size_t size = 0;

	if (!file) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	/* There is no NUL in it. */
	if (getdelim(&log, &size, '\0', file) < 0) {
		free(log);
		log = NULL;
	}
	fclose(file);
	return log;
}

static int explain(struct fsalert *h, int dir, const char *request, int error)
{
	char *log = read_log(dir);
	const char *why;
	size_t at = 0;

	why = log ? fsa_log_find(log, request, &at) : NULL;
	fsa_refuse(h, error, why ? at : 0, why ?: strerror(error));
	free(log);
	return -error;
}

static int submit(struct fsalert *h, int dir, const char *request)
{
	const char *text = *request ? request : "\n";
	size_t len = strlen(text);
	ssize_t done;
	int fd, err = 0;

	fd = fsa_high(openat(dir, "config", O_WRONLY | O_CLOEXEC));
	if (fd < 0)
		return fd;
	do {
		done = write(fd, text, len);
	} while (done < 0 && errno == EINTR);
	if (done != (ssize_t)len)
		err = explain(h, dir, request, done < 0 ? errno : EIO);
	close(fd);
	return err;
}

/**
 * fsa_config_write - submit a request for global watches
 * @h: the handle, for the reason
 * @instance: where fstrace is mounted
 * @request: the text
 *
 * Return: as fsalert_request(); -ENODEV: fstrace is not mounted there.
 */
int fsa_config_write(struct fsalert *h, const char *instance,
		     const char *request)
{
	struct statfs st;
	int dir, err;

	dir = fsa_high(open(instance, O_PATH | O_DIRECTORY | O_CLOEXEC));
	if (dir < 0)
		return dir;
	if (fstatfs(dir, &st) < 0 || st.f_type != FSTRACE_MAGIC)
		err = fsa_refuse(h, ENODEV, 0, "fstrace is not mounted");
	else
		err = submit(h, dir, request);
	close(dir);
	return err;
}

/**
 * struct config - a handle for requests alone
 * @h: what every handle has
 * @instance: where fstrace is mounted
 */
struct config {
	struct fsalert h;
	char instance[PATH_MAX];
};

static int config_next(struct fsalert *h, const struct fsalert_event **ev)
{
	(void)h;
	(void)ev;
	return 0;
}

static int config_request(struct fsalert *h, const char *request)
{
	return fsa_config_write(h, ((struct config *)h)->instance, request);
}

static void config_close(struct fsalert *h)
{
	(void)h;
}

static const struct fsa_ops config_ops = {
	.next		= config_next,
	.request	= config_request,
	.close		= config_close,
};

int fsalert_open_config(struct fsalert **h, const char *instance)
{
	struct config *config = calloc(1, sizeof(*config));
	int err;

	*h = NULL;
	if (!config)
		return -ENOMEM;
	err = fsa_open(&config->h, &config_ops, FSALERT_KERNEL);
	config->h.can = 0;
	if (!err && snprintf(config->instance, PATH_MAX, "%s", instance ?:
			     FSA_INSTANCE) >= PATH_MAX)
		err = -ENAMETOOLONG;
	if (err)
		fsalert_unref(&config->h);
	else
		*h = &config->h;
	return err;
}
