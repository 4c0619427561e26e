/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What fsalertd knows about file systems.
 */
#ifndef FSALERT_ALARMS_H
#define FSALERT_ALARMS_H

#include <stdbool.h>
#include <sys/types.h>

#include <json-c/json.h>

#include <fsalert.h>

/**
 * struct known_alarm - a condition that is on
 * @type: what is raised: FSALERT_BELOW, FSALERT_ENOSPC and so on
 * @nr: number of the level; 0: no level
 * @last: it is the last one of several levels
 * @level: as it was requested; empty: it is not known
 */
struct known_alarm {
	enum fsalert_type type;
	unsigned int nr;
	bool last;
	char level[64];
};

struct json_object *alarms_by_key(struct json_object *state);
struct json_object *alarms_read(void);
struct json_object *alarms_find(struct json_object *pools, const char *fstype,
				const char *source, dev_t dev);
bool alarms_watch(struct json_object *pool, bool inodes);
bool alarms_next(struct json_object *pool, size_t *i,
		 struct known_alarm *alarm);

#endif /* FSALERT_ALARMS_H */
