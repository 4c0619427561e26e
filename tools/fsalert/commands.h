/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commands, and what they are asked for.
 */
#ifndef FSALERT_COMMANDS_H
#define FSALERT_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <fsalert.h>

#include "array.h"

enum status {
	STATUS_DONE	= 0,
	STATUS_FAILED	= 1,
	STATUS_USAGE	= 2,
	STATUS_MISSING	= 3,
	STATUS_TIMEOUT	= 4,
};

/* Of the command status, as monitoring plugins have them. */
enum health {
	STATE_OK	= 0,
	STATE_WARNING	= 1,
	STATE_CRITICAL	= 2,
	STATE_UNKNOWN	= 3,
};

/**
 * struct limit - how little is a problem
 * @given: there is such a limit
 * @percent: @value is a percentage of the whole, not bytes
 * @value: the limit
 */
struct limit {
	bool given;
	bool percent;
	uint64_t value;
};

/**
 * struct options - what the command line says
 * @instance: where fstrace is mounted; NULL: /sys/fs/events
 * @from: the source of private watches
 * @json: objects instead of lines for people
 * @noheadings: tables without a head
 * @count: end after so many events; 0: do not
 * @timeout_ms: end after so long; negative: do not
 * @buffer_bytes: what queued events may take; 0: the library's own
 * @mount: show events of the file system that this path is on
 * @events: show these types, bits of 1 << enum fsalert_type
 * @names: show events of these names as well; without these and without types: all
 * @nr_names: how many names these are
 * @severity: show events that are at least as bad
 * @format: of lines; NULL: the usual one
 * @time_format: of times, as strftime(3); NULL: the usual one
 * @exec: command to run for each event
 * @warning: what is available when status warns
 * @critical: the same for critical
 * @args: what follows the command, up to a NULL
 */
struct options {
	const char *instance;
	enum fsalert_from from;
	bool json;
	bool noheadings;
	uint64_t count;
	int64_t timeout_ms;
	size_t buffer_bytes;
	const char *mount;
	uint64_t events;
	const char **names;
	size_t nr_names;
	enum fsalert_severity severity;
	const char *format;
	const char *time_format;
	const char *exec;
	struct limit warning;
	struct limit critical;
	char **args;
};

int command_watch(const struct options *options);
int command_wait(const struct options *options);
int command_list(const struct options *options);
int command_set(const struct options *options);
int command_unset(const struct options *options);
int command_clear(const struct options *options);
int command_status(const struct options *options);
int command_doctor(const struct options *options);

bool kernel_knows(void);
int open_private(const struct options *options, struct fsalert **h);
int open_all(const struct options *options, struct fsalert **h);

#endif /* FSALERT_COMMANDS_H */
