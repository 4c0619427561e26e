// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files of an instance of fstrace: config and error_log.
 *
 * What goes wrong is told here, where it is known what was tried; callers get
 * the exit status that follows.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/fs_event.h>

#include "commands.h"
#include "config.h"
#include "text.h"

#define FILE_SYSTEMS	"/proc/filesystems"

static bool fstrace_known(void)
{
	FILE *list = fopen(FILE_SYSTEMS, "re");
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

static int missing(const char *dir)
{
	if (!fstrace_known())
		warnx("the kernel module fs_events is not loaded: modprobe fs_events");
	else
		warnx("fstrace is not mounted at %s: mount -t fstrace none %s",
		      dir, dir);
	return STATUS_MISSING;
}

/* A descriptor of the folder, if that is where an fstrace is mounted. */
static int instance_open(const char *dir, int *fd)
{
	struct statfs st;

	if (statfs(dir, &st) < 0) {
		if (errno == ENOENT && !fstrace_known())
			return missing(dir);
		warn("%s", dir);
		return errno == ENOENT ? STATUS_MISSING : STATUS_FAILED;
	}
	if ((unsigned int)st.f_type != FSTRACE_MAGIC)
		return missing(dir);
	*fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0) {
		warn("%s", dir);
		return STATUS_FAILED;
	}
	return STATUS_DONE;
}

static FILE *file_open(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? NULL : fdopen(fd, "r");
}

/**
 * watch_parse - take a line of config apart
 * @watch: the watch; its strings lie in @line
 * @line: the line, will be changed
 *
 * Return: false when it is no such line.
 */
bool watch_parse(struct watch *watch, char *line)
{
	char *end = line + strcspn(line, "\n");

	*end = '\0';
	watch->mount = strsep(&line, " ");
	watch->fstype = strsep(&line, " ");
	watch->source = strsep(&line, " ");
	if (!line || line[0] != '(' || end[-1] != ')')
		return false;
	end[-1] = '\0';
	watch->types = line + 1;
	text_unescape(watch->mount);
	text_unescape(watch->fstype);
	text_unescape(watch->source);
	return true;
}

static int watch_add(struct watches *watches, char *line)
{
	struct watch *list = reallocarray(watches->list, watches->nr + 1,
					  sizeof(*list));

	if (!list)
		err(STATUS_FAILED, NULL);
	watches->list = list;
	list[watches->nr].line = line;
	if (!watch_parse(&list[watches->nr], line)) {
		warnx("line %zu of config is not understood", watches->nr + 1);
		free(line);
		return STATUS_FAILED;
	}
	watches->nr++;
	return STATUS_DONE;
}

static int config_parse(FILE *config, struct watches *watches)
{
	int status = STATUS_DONE;
	char *line = NULL;
	size_t size = 0;

	while (!status && getline(&line, &size, config) > 0) {
		status = watch_add(watches, line);
		/* It has the line now. */
		line = NULL;
		size = 0;
	}
	free(line);
	if (ferror(config)) {
		warn("config cannot be read");
		return STATUS_FAILED;
	}
	return status;
}

/**
 * config_read - what is watched
 * @dir: where an fstrace is mounted
 * @watches: empty, to be freed with watches_free()
 *
 * Return: an exit status; other than 0, there may still be watches.
 */
int config_read(const char *dir, struct watches *watches)
{
	int dir_fd, status = instance_open(dir, &dir_fd);
	FILE *config;

	if (status)
		return status;
	config = file_open(dir_fd, "config");
	close(dir_fd);
	if (!config) {
		warn("%s/config", dir);
		return STATUS_FAILED;
	}
	status = config_parse(config, watches);
	fclose(config);
	return status;
}

/**
 * watches_free - free what config_read() has read
 * @watches: the watches
 */
void watches_free(struct watches *watches)
{
	size_t i;

	for (i = 0; i < watches->nr; i++)
		free(watches->list[i].line);
	free(watches->list);
}

/**
 * error_log_newest - the newest refusal
 * @log: what error_log holds
 *
 * An entry starts with a time in brackets, its other lines with blanks.
 *
 * Return: where it starts, or NULL when there is none.
 */
const char *error_log_newest(const char *log)
{
	const char *newest = NULL;

	while (*log) {
		if (*log == '[')
			newest = log;
		log = strchrnul(log, '\n');
		if (*log)
			log++;
	}
	return newest;
}

/* What the log says now; an empty string if that cannot be known. */
static char *error_log_read(int dir_fd)
{
	FILE *file = file_open(dir_fd, "error_log");
	char *log = NULL;
	size_t size = 0;

	if (file) {
		/* There is no NUL in it. */
		if (getdelim(&log, &size, '\0', file) < 0) {
			free(log);
			log = NULL;
		}
		fclose(file);
	}
	if (!log)
		log = strdup("");
	if (!log)
		err(STATUS_FAILED, NULL);
	return log;
}

/* Show the newest refusal, unless it was there before. */
static void error_log_show(const char *before, const char *after)
{
	const char *old = error_log_newest(before);
	const char *new = error_log_newest(after);
	const char *text = new ? strstr(new, "] ") : NULL;

	if (text && (!old || strcmp(old, new)))
		fputs(text + strlen("] "), stderr);
}

static int submit(int dir_fd, int fd, const char *request)
{
	size_t len = strlen(request);
	char *before = error_log_read(dir_fd);
	ssize_t written = write(fd, request, len);
	int status = STATUS_DONE;
	char *after;

	if (written != (ssize_t)len) {
		warnx("the kernel refused this request: %s",
		      written < 0 ? strerror(errno) : "cut short");
		after = error_log_read(dir_fd);
		error_log_show(before, after);
		free(after);
		status = STATUS_FAILED;
	}
	free(before);
	return status;
}

/**
 * config_write - submit a request
 * @dir: where an fstrace is mounted
 * @request: the text, written at once
 *
 * Return: an exit status.
 */
int config_write(const char *dir, const char *request)
{
	int fd, dir_fd, status = instance_open(dir, &dir_fd);

	if (status)
		return status;
	fd = openat(dir_fd, "config", O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		warn("%s/config", dir);
		if (errno == EACCES)
			warnx("changing what is watched takes root (CAP_SYS_ADMIN)");
		status = STATUS_FAILED;
	} else {
		status = submit(dir_fd, fd, request);
		close(fd);
	}
	close(dir_fd);
	return status;
}
