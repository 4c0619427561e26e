// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands about global watches: list, set, unset, clear.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <json-c/json.h>

#include "commands.h"
#include "mounted.h"
#include "request.h"
#include "show.h"
#include "table.h"
#include "text.h"

/**
 * struct listing - a run of the command list
 * @options: the command line
 * @table: what is shown, unless that is JSON
 */
struct listing {
	const struct options *options;
	struct table *table;
};

static int on_entry(const struct fsalert_entry *entry, void *data)
{
	struct listing *l = data;
	char number[24] = "";
	uint64_t id;

	if (l->options->json) {
		struct json_object *json = json_new("watch");

		json_add_watch(json, entry);
		json_write(stdout, json);
		return 0;
	}
	if (!fsalert_entry_u64(entry, FSALERT_KEY_ENTRY, &id))
		snprintf(number, sizeof(number), "#%ju", (uintmax_t)id);
	table_add(l->table, fsalert_entry_str(entry, FSALERT_KEY_MOUNT),
		  fsalert_entry_str(entry, FSALERT_KEY_REQUEST),
		  fsalert_entry_str(entry, FSALERT_KEY_FSTYPE),
		  mounted_of_entry(entry), number, NULL);
	return 0;
}

/**
 * command_list - show what is watched
 * @options: the command line
 */
int command_list(const struct options *options)
{
	struct listing l = { .options = options };
	int error;

	l.table = table_new(options->noheadings, "MOUNT", "WATCHED", "TYPE",
			    "SOURCE", "ID", NULL);
	error = fsalert_list(on_entry, &l);
	if (!error && !options->json)
		table_print(l.table);
	table_free(l.table);
	if (!error)
		return STATUS_DONE;
	if (error == -ENOENT) {
		warnx("the kernel module fs_events is not loaded: modprobe fs_events");
		return STATUS_MISSING;
	}
	errno = -error;
	warn("the list of watches");
	return STATUS_FAILED;
}

static int not_there(const struct options *options, int error)
{
	const char *instance = options->instance ?: "/sys/fs/events";

	if (!kernel_knows())
		warnx("the kernel module fs_events is not loaded: modprobe fs_events");
	else if (error == -ENODEV)
		warnx("fstrace is not mounted at %s: mount -t fstrace none %s",
		      instance, instance);
	else
		warnx("%s: %s", instance, strerror(-error));
	return STATUS_MISSING;
}

/* Is an fstrace mounted where the requests go? Not after half the work. */
static int open_config(const struct options *options, struct fsalert **h)
{
	const char *instance = options->instance ?: "/sys/fs/events";
	char *path;
	int error;

	if (asprintf(&path, "%s/config", instance) < 0)
		err(STATUS_FAILED, NULL);
	error = access(path, F_OK) ? -errno : 0;
	free(path);
	/* A file of that name elsewhere is not there either. */
	if (error)
		return not_there(options, error == -ENOENT ? -ENODEV : error);
	error = fsalert_open_config(h, options->instance);
	if (error) {
		errno = -error;
		err(STATUS_FAILED, NULL);
	}
	return STATUS_DONE;
}

static int refused(int error)
{
	if (error == -EACCES || error == -EPERM)
		warnx("changing global watches takes root (CAP_SYS_ADMIN)");
	return STATUS_FAILED;
}

/**
 * struct shared - a file system that may have several mounts
 * @mount: the mount that was set
 * @dev: its device number
 */
struct shared {
	const char *mount;
	dev_t dev;
};

static int say_other(const struct fsalert_entry *entry, void *data)
{
	const char *mount = fsalert_entry_str(entry, FSALERT_KEY_MOUNT);
	const struct shared *shared = data;
	uint64_t major = 0, minor = 0;
	char *escaped;

	fsalert_entry_u64(entry, FSALERT_KEY_DEV_MAJOR, &major);
	fsalert_entry_u64(entry, FSALERT_KEY_DEV_MINOR, &minor);
	if (makedev(major, minor) != shared->dev || !mount ||
	    !strcmp(mount, shared->mount))
		return 0;
	escaped = text_escape(mount, text_plain_terminal);
	warnx("%s is of the same file system, which has one watch for both",
	      escaped);
	free(escaped);
	return 1;
}

/* /home and / of a btrfs have one watch. */
static void say_shared(const char *mount)
{
	struct shared shared = { .mount = mount };

	if (mounted_dev(mount, &shared.dev))
		fsalert_list(say_other, &shared);
}

static int submit(const struct options *options, const char *prefix)
{
	struct request r = {};
	struct fsalert *h = NULL;
	int status = open_config(options, &h);

	if (!status)
		status = request_make(&r, prefix, options->args);
	if (!status) {
		status = request_submit(h, &r);
		if (status && geteuid())
			refused(-EPERM);
		if (!status && !*prefix)
			say_shared(r.mount);
	}
	request_free(&r);
	fsalert_unref(h);
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
	struct fsalert *h = NULL;
	int error, status = open_config(options, &h);

	if (status)
		return status;
	error = fsalert_request(h, "");
	if (error == -ENODEV) {
		status = not_there(options, error);
	} else if (error) {
		warnx("%s", fsalert_why(h, NULL));
		status = refused(error);
	}
	fsalert_unref(h);
	return status;
}
