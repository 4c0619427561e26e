// SPDX-License-Identifier: GPL-2.0-only
/*
 * From arguments to a request, and from a refusal back to the arguments: a
 * message is about what was typed. What a request means is for its source to
 * judge.
 */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "figures.h"
#include "request.h"
#include "text.h"

/* As long as the library waits for an answer. */
#define PATIENCE_MS	30000

static int ask_mount(const char *path, void *answer)
{
	char *mount;
	int error = fsalert_mount_of(path, &mount);

	if (error)
		return error;
	snprintf(answer, PATH_MAX, "%s", mount);
	free(mount);
	return 0;
}

/**
 * find_mount - the mount that a path is on
 * @path: the path; escapes that `fsalert list` prints are understood
 * @ms: how long to wait for a server that the path leads to
 * @mount: the path of the mount, to be freed
 *
 * Return: 0 or a negative errno, -ETIMEDOUT: a server does not answer.
 */
int find_mount(const char *path, unsigned int ms, char **mount)
{
	char answer[PATH_MAX], *plain;
	int error = figures_ask(ask_mount, path, answer, sizeof(answer), ms);

	if (error == -ENOENT && strchr(path, '\\')) {
		plain = strdup(path);
		if (!plain)
			return -ENOMEM;
		text_unescape(plain);
		error = figures_ask(ask_mount, plain, answer, sizeof(answer),
				    ms);
		free(plain);
	}
	*mount = error ? NULL : strdup(answer);
	return !error && !*mount ? -ENOMEM : error;
}

/**
 * say_no_mount - say why find_mount() failed
 * @path: the path
 * @error: what it returned
 *
 * Return: an exit status.
 */
int say_no_mount(const char *path, int error)
{
	if (!*path)
		warnx("the path is empty");
	else
		warnx("%s: %s", path, error == -ETIMEDOUT ?
		      "its server does not answer" : strerror(-error));
	return *path ? STATUS_FAILED : STATUS_USAGE;
}

/**
 * resolve_mount - as find_mount(), for as long as a request may take
 * @path: the path
 * @mount: the path of the mount, to be freed
 *
 * Return: an exit status; why was said.
 */
int resolve_mount(const char *path, char **mount)
{
	int error = find_mount(path, PATIENCE_MS, mount);

	return error ? say_no_mount(path, error) : STATUS_DONE;
}

/* "#7" is a watch by its number. */
static bool is_number(const char *prefix, const char *arg)
{
	return *prefix && arg[0] == '#' && arg[1] &&
	       !arg[1 + strspn(arg + 1, "0123456789")];
}

static bool is_one(char **words)
{
	for (; *words; words++) {
		if (strpbrk(*words, ";\n")) {
			warnx("'%s': a ';' or a newline would start another request",
			      *words);
			return false;
		}
	}
	return true;
}

static void compose(struct request *r, const char *prefix)
{
	char *path = r->mount ? fsalert_escape(r->mount) : strdup(r->args[0]);
	char **words = r->args + 1;
	size_t len;
	FILE *out;

	out = open_memstream(&r->text, &len);
	if (!path || !out)
		err(STATUS_FAILED, NULL);
	fprintf(out, "%s%s", prefix, path);
	r->path_end = strlen(prefix) + strlen(path);
	free(path);
	for (; *words; words++)
		fprintf(out, " %s", *words);
	if (fclose(out))
		err(STATUS_FAILED, NULL);
}

/**
 * request_make - make a request of arguments
 * @r: the request, for request_free()
 * @prefix: "!" to stop watching, otherwise ""
 * @args: a path, or "#" and a number to stop that watch; and what follows, up to
 *	a NULL
 *
 * Any path stands for the mount that it is on, which is named if it is another
 * path. Return: an exit status; why was said.
 */
int request_make(struct request *r, const char *prefix, char **args)
{
	int status = STATUS_DONE;

	*r = (struct request){ .args = args };
	if (!is_one(args + 1))
		return STATUS_USAGE;
	if (!is_number(prefix, args[0]))
		status = resolve_mount(args[0], &r->mount);
	if (status)
		return status;
	if (r->mount && strcmp(r->mount, args[0]))
		warnx("%s is on the mount %s", args[0], r->mount);
	compose(r, prefix);
	return STATUS_DONE;
}

void request_free(struct request *r)
{
	free(r->text);
	free(r->mount);
}

/**
 * request_word - which argument is at an offset
 * @r: the request
 * @at: the offset in its text
 *
 * Return: the index of the argument; behind the last one: how many there are.
 */
size_t request_word(const struct request *r, size_t at)
{
	size_t i, end = r->path_end;

	for (i = 0; r->args[i] && at >= end; i++)
		end += r->args[i + 1] ? strlen(r->args[i + 1]) + 1 : 0;
	return i;
}

/**
 * request_submit - submit a request
 * @h: the handle
 * @r: the request
 *
 * Return: an exit status; why was said, about the word that was typed.
 */
int request_submit(struct fsalert *h, const struct request *r)
{
	int error = fsalert_request(h, r->text);
	const char *why;
	size_t at, word;

	if (!error)
		return STATUS_DONE;
	why = fsalert_why(h, &at);
	word = request_word(r, at);
	if (error == -ENODEV && !kernel_knows())
		warnx("the kernel module fs_events is not loaded: modprobe fs_events");
	else if (r->args[word])
		warnx("'%s': %s", r->args[word], why);
	else
		warnx("%s", why);
	return error == -ENODEV ? STATUS_MISSING : STATUS_FAILED;
}
