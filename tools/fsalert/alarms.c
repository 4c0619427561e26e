// SPDX-License-Identifier: GPL-2.0-only
/*
 * What fsalertd knows about file systems, from the file that it keeps for the next
 * fsalertd (state.c there). When fsalertd ends, the file stays, and nothing in it
 * is known to hold any more: it counts only while its owner runs fsalertd.
 */
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../pool_key.h"
#include "alarms.h"
#include "commands.h"

#define STATE_FILE	"/run/fsalert/state.json"
#define STATE_VERSION	1
#define BLANKS		" \t"

static struct json_object *member(struct json_object *o, const char *name,
				  enum json_type type)
{
	struct json_object *value;

	return json_object_object_get_ex(o, name, &value) &&
	       json_object_is_type(value, type) ? value : NULL;
}

static uint64_t number(struct json_object *o, const char *name)
{
	return json_object_get_uint64(member(o, name, json_type_int));
}

static const char *text(struct json_object *o, const char *name)
{
	return json_object_get_string(member(o, name, json_type_string)) ?: "";
}

/* --- is it running? ------------------------------------------------------- */

/* Is that process a fsalertd of the user? Any user may read this. */
static bool is_daemon(const char *pid, uid_t user)
{
	char path[64], line[256];
	bool named = false, owned = false;
	unsigned int uid;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%.20s/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		named |= !strcmp(line, "Name:\tfsalertd\n");
		owned |= sscanf(line, "Uid: %u", &uid) == 1 && uid == user;
		/* Lines are in this order. */
		if (!named || owned)
			break;
	}
	if (file)
		fclose(file);
	return named && owned;
}

static bool is_running(uid_t user)
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	bool found = false;

	while (folder && !found && (entry = readdir(folder)))
		found = isdigit((unsigned char)entry->d_name[0]) &&
			is_daemon(entry->d_name, user);
	if (folder)
		closedir(folder);
	return found;
}

/**
 * alarms_by_key - what fsalertd knows, by file systems
 * @state: its file
 *
 * Return: an object that has each file system by its name, for json_object_put().
 */
struct json_object *alarms_by_key(struct json_object *state)
{
	struct json_object *list = member(state, "pools", json_type_array);
	struct json_object *pools = json_object_new_object(), *pool;
	size_t i;

	if (!pools)
		err(STATE_UNKNOWN, NULL);
	for (i = 0; list && i < json_object_array_length(list); i++) {
		pool = json_object_array_get_idx(list, i);
		if (json_object_object_add(pools, text(pool, "key"),
					   json_object_get(pool)))
			err(STATE_UNKNOWN, NULL);
	}
	return pools;
}

/**
 * alarms_read - read what fsalertd knows
 *
 * Return: as alarms_by_key(); NULL: it does not run, or it is not known.
 */
struct json_object *alarms_read(void)
{
	struct json_object *state, *pools = NULL;
	struct stat st;

	if (access(STATE_FILE, R_OK) || stat(STATE_FILE, &st) ||
	    !is_running(st.st_uid))
		return NULL;
	state = json_object_from_file(STATE_FILE);
	if (number(state, "version") == STATE_VERSION)
		pools = alarms_by_key(state);
	json_object_put(state);
	return pools;
}

/**
 * alarms_find - find what fsalertd knows about a file system
 * @pools: of alarms_read(), or NULL
 * @fstype: its type
 * @source: its device, or what it has instead; NULL: none
 * @dev: its device number, as the mount table has it
 *
 * Return: that, or NULL: nothing.
 */
struct json_object *alarms_find(struct json_object *pools, const char *fstype,
				const char *source, dev_t dev)
{
	char *key = pool_key(fstype, source, dev);
	struct json_object *pool;

	if (!key)
		err(STATE_UNKNOWN, NULL);
	pool = member(pools, key, json_type_object);
	free(key);
	return pool;
}

/* --- alarms --------------------------------------------------------------- */

static bool is_type(const char *word, size_t len)
{
	return (len == 1 && strchr("TI", *word)) ||
	       (*word == 'G' && (len == 1 || word[1] == ':'));
}

/*
 * The level @nr of a request like "G T 10%:12% 5%:6% I 5%:6%", or of "G,T 10%". Return:
 * how many levels there are.
 */
static unsigned int find_level(const char *request, bool inodes,
			       unsigned int nr, char *level, size_t size)
{
	char type = 0;
	unsigned int count = 0;
	size_t len;

	*level = '\0';
	for (request += strspn(request, BLANKS ","); *request;
	     request += strspn(request, BLANKS ",")) {
		len = strcspn(request, BLANKS ",");
		if (is_type(request, len))
			type = *request;
		else if (type == (inodes ? 'I' : 'T') && ++count == nr)
			snprintf(level, size, "%.*s", (int)len, request);
		request += len;
	}
	return count;
}

/**
 * alarms_watch - does fsalertd watch levels of a file system?
 * @pool: of alarms_find(), or NULL
 * @inodes: of free inodes, not of available space
 */
bool alarms_watch(struct json_object *pool, bool inodes)
{
	char level[64];

	return find_level(text(pool, "request"), inodes, 0, level,
			  sizeof(level));
}

/**
 * alarms_next - the next condition that is on
 * @pool: of alarms_find(), or NULL
 * @i: which one; 0 at first
 * @alarm: the condition
 *
 * Return: there is one.
 */
bool alarms_next(struct json_object *pool, size_t *i,
		 struct known_alarm *alarm)
{
	struct json_object *list = member(pool, "alarms", json_type_array);
	struct json_object *o;
	unsigned int nr_levels;

	for (; list && *i < json_object_array_length(list); ++*i) {
		o = json_object_array_get_idx(list, *i);
		alarm->type = fsalert_type_of(text(o, "type"));
		if (number(o, "over") || alarm->type == FSALERT_UNKNOWN)
			continue;
		alarm->nr = number(o, "nr");
		nr_levels = find_level(text(pool, "request"),
				       alarm->type == FSALERT_INO_BELOW,
				       alarm->nr, alarm->level,
				       sizeof(alarm->level));
		alarm->last = nr_levels > 1 && alarm->nr == nr_levels;
		++*i;
		return true;
	}
	return false;
}
