// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands that read and write config.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands.h"
#include "config.h"
#include "format.h"
#include "request.h"

/**
 * command_list - show what is watched
 * @options: the command line
 */
int command_list(const struct options *options)
{
	struct watches watches = {};
	int status = config_read(options->instance, &watches);
	size_t i;

	for (i = 0; options->json && i < watches.nr; i++)
		json_watch(stdout, &watches.list[i]);
	if (!options->json && !status)
		format_watches(stdout, watches.list, watches.nr);
	watches_free(&watches);
	return status;
}

static int submit(const struct options *options, const char *prefix)
{
	const char *mount = options->args[0];
	char **words = options->args + 1;
	char *dir, *request;
	int status;

	if (!*mount) {
		warnx("the path of the mount is empty");
		return STATUS_USAGE;
	}
	if (!request_is_one(words)) {
		warnx("a ';' or a newline would start another request");
		return STATUS_USAGE;
	}
	dir = getcwd(NULL, 0);
	if (!dir && *mount != '/')
		err(STATUS_FAILED, "the current directory");
	request = request_text(prefix, dir ?: "", mount, words);
	status = config_write(options->instance, request);
	free(request);
	free(dir);
	return status;
}

/**
 * command_set - watch a file system, or change what is watched
 * @options: the command line
 */
int command_set(const struct options *options)
{
	return submit(options, "");
}

/**
 * command_unset - stop watching a file system, or some types only
 * @options: the command line
 */
int command_unset(const struct options *options)
{
	return submit(options, "!");
}

/**
 * command_clear - stop watching everything
 * @options: the command line
 */
int command_clear(const struct options *options)
{
	return config_write(options->instance, "\n");
}
