/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commands, and what they are asked for.
 */
#ifndef FSEVENTS_COMMANDS_H
#define FSEVENTS_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum status {
	STATUS_DONE	= 0,
	STATUS_FAILED	= 1,
	STATUS_USAGE	= 2,
	STATUS_MISSING	= 3,
	STATUS_TIMEOUT	= 4,
};

/**
 * struct options - what the command line says
 * @instance: where an fstrace is mounted
 * @json: objects instead of lines for people
 * @count: end after so many events; 0: do not
 * @timeout_ms: end after so long; negative: do not
 * @buffer_bytes: what queued events may take; 0: the library's own
 * @args: what follows the command, up to a NULL
 */
struct options {
	const char *instance;
	bool json;
	uint64_t count;
	int64_t timeout_ms;
	size_t buffer_bytes;
	char **args;
};

int command_watch(const struct options *options);
int command_list(const struct options *options);
int command_set(const struct options *options);
int command_unset(const struct options *options);
int command_clear(const struct options *options);

#endif /* FSEVENTS_COMMANDS_H */
