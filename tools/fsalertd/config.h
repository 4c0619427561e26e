/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The configuration: options of the daemon, and rules.
 */
#ifndef FSALERTD_CONFIG_H
#define FSALERTD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <fsalert.h>

/* Bits of "on", beside 1 << enum fsalert_type of what is raised. */
#define ON_BIT(type)	(1U << (type))
#define ON_CLEAR	ON_BIT(31)
#define ON_ALARMS	(ON_BIT(FSALERT_BELOW) | ON_BIT(FSALERT_INO_BELOW) | \
			 ON_BIT(FSALERT_ENOSPC) | ON_BIT(FSALERT_ENOSPC_META) | \
			 ON_BIT(FSALERT_REMOUNT_RO) | ON_BIT(FSALERT_CORRUPTED) | \
			 ON_BIT(FSALERT_IO_ERROR) | ON_BIT(FSALERT_SHUTDOWN))

/**
 * enum rule_list - lists of a rule
 * @RULE_PATH: patterns of mount points
 * @RULE_TYPE: types, or classes of types
 * @RULE_DEVICE: patterns of devices
 * @RULE_LABEL: patterns of labels
 * @RULE_UUID: UUIDs
 * @RULE_UNIT: units to be started
 * @RULE_LISTS: how many lists there are
 */
enum rule_list {
	RULE_PATH,
	RULE_TYPE,
	RULE_DEVICE,
	RULE_LABEL,
	RULE_UUID,
	RULE_UNIT,
	RULE_LISTS,
};

/**
 * enum rule_text - texts of a rule
 * @RULE_SPACE: levels of available space, or "none"
 * @RULE_INODES: levels of free inodes, or "none"
 * @RULE_EVENTS: names of generic events, "all" or "none"
 * @RULE_TEXTS: how many texts there are
 */
enum rule_text {
	RULE_SPACE,
	RULE_INODES,
	RULE_EVENTS,
	RULE_TEXTS,
};

/**
 * struct rule - a section of the configuration
 * @name: its name
 * @lists: words, each list with a NULL at its end; NULL: not given
 * @texts: NULL: not given
 * @at_most: what the first level of space is at most, in bytes; 0: no limit
 * @has_at_most: is that given?
 * @watch: are the file systems to be watched?
 * @has_watch: is that given?
 * @on: what starts the units, bits
 */
struct rule {
	char *name;
	char **lists[RULE_LISTS];
	char *texts[RULE_TEXTS];
	uint64_t at_most;
	bool has_at_most;
	bool watch;
	bool has_watch;
	uint32_t on;
};

/**
 * struct config - the configuration
 * @rules: the rules, in the order in which they are applied
 * @nr: how many there are
 * @from: source of the events
 * @settle_ms: how long a condition is over before that is reported
 * @repeat_ms: how long further occurrences of an error are held back
 * @metrics: file with figures for Prometheus; "": none
 */
struct config {
	struct rule *rules;
	size_t nr;
	enum fsalert_from from;
	uint64_t settle_ms;
	uint64_t repeat_ms;
	char *metrics;
};

struct config *config_read(const char *folder, FILE *errors);
void config_free(struct config *c);

#endif /* FSALERTD_CONFIG_H */
