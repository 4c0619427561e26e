/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files of an instance of fstrace.
 */
#ifndef FSEVENTS_CONFIG_H
#define FSEVENTS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct watch - a line of config
 * @mount: path of the mount
 * @fstype: type of the file system
 * @source: its device or other source
 * @types: what is watched, as the kernel writes it
 * @line: memory of the others
 */
struct watch {
	char *mount;
	char *fstype;
	char *source;
	char *types;
	char *line;
};

/**
 * struct watches - what config lists
 * @list: the watches
 * @nr: how many
 */
struct watches {
	struct watch *list;
	size_t nr;
};

bool watch_parse(struct watch *watch, char *line);
const char *error_log_newest(const char *log);

int config_read(const char *dir, struct watches *watches);
int config_write(const char *dir, const char *request);
void watches_free(struct watches *watches);

#endif /* FSEVENTS_CONFIG_H */
