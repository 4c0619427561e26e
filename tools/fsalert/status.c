// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command that says what is wrong now. It needs no module: figures are
 * those of statfs(2), and what the kernel's watches and fsalertd know comes on top.
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmount.h>
#include <sys/sysmacros.h>

#include <json-c/json.h>

#include "../defaults.h"
#include "../remote.h"
#include "alarms.h"
#include "commands.h"
#include "failures.h"
#include "figures.h"
#include "reach.h"
#include "request.h"
#include "show.h"
#include "table.h"
#include "text.h"

/* A monitoring system does not wait long for its plugin. */
#define PATIENCE_MS	2000

/**
 * struct fs - a file system
 * @line: a mount in the mount table
 * @mount: its path
 * @fstype: its type
 * @source: its device
 * @dev: number of that
 * @problems: texts, a list in JSON
 * @what: the same, as one text
 * @state: how it is
 * @told: bits of failures in @problems, 1 << enum fsalert_type
 * @watched: levels of a watch say whether there is little space, or inodes
 * @named: it was asked for, and is also shown without figures
 * @error: why there are no figures, negative errno; 0: there are
 * @st: its figures
 */
struct fs {
	struct libmnt_fs *line;
	const char *mount;
	const char *fstype;
	const char *source;
	dev_t dev;
	struct json_object *problems;
	char *what;
	enum health state;
	uint64_t told;
	struct {
		bool space;
		bool inodes;
	} watched;
	bool named;
	int error;
	struct statvfs st;
};

/**
 * struct report - a run of the command
 * @options: the command line
 * @table: what is shown, unless that is JSON
 * @failures: where failures are looked for: the mount table
 * @remotes: which mounts may not answer
 * @daemon: what fsalertd knows, as alarms_read()
 * @list: file systems
 * @by_dev: the same, by their device numbers
 * @nr_list: how many
 * @state: the worst of those that were shown
 * @nr: how many were shown
 * @problems: how many of them have one
 * @first: the first of the worst ones
 */
struct report {
	const struct options *options;
	struct table *table;
	struct failures failures;
	struct remotes remotes;
	struct json_object *daemon;
	struct fs *list;
	struct fs **by_dev;
	size_t nr_list;
	enum health state;
	unsigned int nr;
	unsigned int problems;
	char *first;
};

/**
 * struct amounts - how much there is of something
 * @avail: available
 * @total: of the whole file system
 * @unit: bytes, or 1
 * @inodes: it is inodes, not space
 */
struct amounts {
	uint64_t avail;
	uint64_t total;
	uint64_t unit;
	bool inodes;
};

static const char *state_name(enum health state)
{
	static const char * const names[] = {
		"ok", "warning", "critical", "unknown",
	};

	return names[state];
}

/* Critical is worse than a warning, and that is worse than not to know. */
static enum health worse(enum health a, enum health b)
{
	static const int order[] = { 0, 2, 3, 1 };

	return order[a] >= order[b] ? a : b;
}

static void problem(struct fs *fs, enum health state, const char *text)
{
	char *what;

	if (asprintf(&what, "%s%s%s", fs->what ?: "", fs->what ? "; " : "",
		     text) < 0)
		err(STATE_UNKNOWN, NULL);
	free(fs->what);
	fs->what = what;
	fs->state = worse(fs->state, state);
	json_append_text(fs->problems, text);
}

/* Several sources may know of a failure. */
static void failure(struct fs *fs, enum fsalert_type type, const char *text)
{
	if (fs->told >> type & 1)
		return;
	fs->told |= 1ULL << type;
	problem(fs, STATE_CRITICAL, text);
}

/* --- what watches know ---------------------------------------------------- */

/* How many levels of that kind are there? */
static size_t count_levels(const struct fsalert_entry *entry, uint64_t wanted)
{
	uint64_t kind;
	size_t i, nr = 0;

	for (i = 0; !fsalert_level_u64(entry, i, FSALERT_KEY_KIND, &kind); i++)
		nr += kind == wanted;
	return nr;
}

/* The last one of several levels is critical. */
static void add_levels(struct fs *fs, const struct fsalert_entry *entry)
{
	uint64_t kind, below, nr;
	char text[128];
	size_t i, all;

	for (i = 0; !fsalert_level_u64(entry, i, FSALERT_KEY_KIND, &kind); i++) {
		bool inodes = kind == FSALERT_INO_BELOW;

		fs->watched.inodes |= inodes;
		fs->watched.space |= !inodes;
		below = 0;
		nr = 0;
		fsalert_level_u64(entry, i, FSALERT_KEY_IS_BELOW, &below);
		fsalert_level_u64(entry, i, FSALERT_KEY_LEVEL_NR, &nr);
		if (!below)
			continue;
		all = count_levels(entry, kind);
		snprintf(text, sizeof(text), "%s below the level %s",
			 inodes ? "free inodes" : "available space",
			 fsalert_level_str(entry, i, FSALERT_KEY_TEXT));
		problem(fs, all > 1 && nr == all ? STATE_CRITICAL :
			STATE_WARNING, text);
	}
}

static void add_watch(struct fs *fs, const struct fsalert_entry *entry)
{
	uint64_t lasting = 0;
	unsigned int type;
	char text[64];

	add_levels(fs, entry);
	fsalert_entry_u64(entry, FSALERT_KEY_LASTING, &lasting);
	for (type = 0; type < 64; type++) {
		if (!(lasting >> type & 1) || !fsalert_name(type))
			continue;
		snprintf(text, sizeof(text), "%s lasts", fsalert_name(type));
		failure(fs, type, text);
	}
}

static int compare_devs(const void *a, const void *b)
{
	const struct fs * const *x = a, * const *y = b;

	return ((*x)->dev > (*y)->dev) - ((*x)->dev < (*y)->dev);
}

/* A file system that was named twice is in the list twice. */
static int on_entry(const struct fsalert_entry *entry, void *data)
{
	struct fs key, *search = &key, **found, **end;
	uint64_t major = 0, minor = 0;
	struct report *r = data;

	fsalert_entry_u64(entry, FSALERT_KEY_DEV_MAJOR, &major);
	fsalert_entry_u64(entry, FSALERT_KEY_DEV_MINOR, &minor);
	key.dev = makedev(major, minor);
	found = bsearch(&search, r->by_dev, r->nr_list, sizeof(*r->by_dev),
			compare_devs);
	if (!found)
		return 0;
	while (found > r->by_dev && found[-1]->dev == key.dev)
		found--;
	end = r->by_dev + r->nr_list;
	for (; found < end && (*found)->dev == key.dev; found++)
		add_watch(*found, entry);
	return 0;
}

/* Of all watches, in one dump of the kernel. */
static void add_watches(struct report *r)
{
	size_t i;

	r->by_dev = calloc(r->nr_list + 1, sizeof(struct fs *));
	if (!r->by_dev)
		err(STATE_UNKNOWN, NULL);
	for (i = 0; i < r->nr_list; i++)
		r->by_dev[i] = &r->list[i];
	qsort(r->by_dev, r->nr_list, sizeof(*r->by_dev), compare_devs);
	fsalert_list(on_entry, r);
}

/* --- what fsalertd knows -------------------------------------------------- */

static void add_alarm(struct fs *fs, const struct known_alarm *alarm)
{
	bool inodes = alarm->type == FSALERT_INO_BELOW;
	char text[128];

	if (!inodes && alarm->type != FSALERT_BELOW) {
		snprintf(text, sizeof(text), "fsalertd reported %s",
			 fsalert_name(alarm->type));
		failure(fs, alarm->type, text);
		return;
	}
	snprintf(text, sizeof(text), "%s below fsalertd's level %s",
		 inodes ? "free inodes" : "available space", alarm->level);
	problem(fs, alarm->last ? STATE_CRITICAL : STATE_WARNING, text);
}

static void add_alarms(struct fs *fs, struct json_object *daemon)
{
	struct json_object *pool = alarms_find(daemon, fs->fstype, fs->source,
					       fs->dev);
	struct known_alarm alarm;
	size_t i = 0;

	fs->watched.space |= alarms_watch(pool, false);
	fs->watched.inodes |= alarms_watch(pool, true);
	while (alarms_next(pool, &i, &alarm))
		add_alarm(fs, &alarm);
}

/* --- signs of failures ---------------------------------------------------- */

static void add_failures(struct fs *fs, struct failures *f)
{
	bool answers = fs->error != -ETIMEDOUT && fs->error != -EAGAIN;
	unsigned int failures = failures_look(f, fs->line, answers);

	if (failures & FAILURE_DISK)
		failure(fs, FSALERT_SHUTDOWN, "its disk is gone");
	if (failures & FAILURE_SHUTDOWN)
		failure(fs, FSALERT_SHUTDOWN, "shut down after an error");
	if (failures & FAILURE_READ_ONLY)
		failure(fs, FSALERT_REMOUNT_RO,
			"stopped accepting writes after an error");
}

static void add_ext4_errors(struct fs *fs)
{
	unsigned long long nr = failures_ext4_errors(fs->line);
	char text[64];

	if (!nr)
		return;
	snprintf(text, sizeof(text), "ext4 counted %llu error%s", nr,
		 nr == 1 ? "" : "s");
	problem(fs, STATE_WARNING, text);
}

/* --- figures -------------------------------------------------------------- */

/* Its first default level has no limit: it may be on any number of disks. */
static bool is_remote(const struct fs *fs)
{
	static const char * const local[] = {
		"btrfs", "bcachefs", "zfs", "tmpfs",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(local); i++) {
		if (!strcmp(fs->fstype, local[i]))
			return false;
	}
	return !major(fs->dev) || !strncmp(fs->fstype, "fuse", 4);
}

/* The default levels, in bytes or inodes, as fsalertd has them. */
static void take_defaults(const struct fs *fs, const struct amounts *a,
			  double *warning, double *critical)
{
	double total = (double)a->total * a->unit;

	if (a->inodes) {
		*warning = total * DEFAULT_INODES / 100;
		*critical = 0;
		return;
	}
	*warning = total * DEFAULT_WARNING / 100;
	if (*warning > DEFAULT_AT_MOST && !is_remote(fs))
		*warning = DEFAULT_AT_MOST;
	*critical = *warning * DEFAULT_CRITICAL / DEFAULT_WARNING;
}

/* A limit of the command line replaces that; bytes say nothing about inodes. */
static void take_limit(const struct limit *limit, const struct amounts *a,
		       double *level)
{
	if (limit->given && limit->percent)
		*level = (double)a->total * a->unit * limit->value / 100;
	else if (limit->given && !a->inodes)
		*level = limit->value;
}

/* What a watch judges is judged here by limits of the command line alone. */
static void judge(struct fs *fs, const struct options *options,
		  const struct amounts *a, bool watched)
{
	double avail = (double)a->avail * a->unit;
	double warning = -1, critical = -1;
	char text[64];

	if (!a->total)
		return;
	if (!watched)
		take_defaults(fs, a, &warning, &critical);
	take_limit(&options->warning, a, &warning);
	take_limit(&options->critical, a, &critical);
	if (avail > warning && avail > critical)
		return;
	snprintf(text, sizeof(text), "%.1f %% of the %s available",
		 100.0 * a->avail / a->total, a->inodes ? "inodes" : "space");
	problem(fs, avail <= critical ? STATE_CRITICAL : STATE_WARNING, text);
}

static void judge_figures(struct fs *fs, const struct options *options)
{
	const struct statvfs *st = &fs->st;
	const struct amounts space = {
		.avail = st->f_bavail, .total = st->f_blocks,
		.unit = st->f_frsize,
	};
	const struct amounts inodes = {
		.avail = st->f_favail, .total = st->f_files, .unit = 1,
		.inodes = true,
	};

	judge(fs, options, &space, fs->watched.space);
	judge(fs, options, &inodes, fs->watched.inodes);
}

/* Nothing can be written to these, and they are full by nature. */
static bool is_image(const char *fstype)
{
	static const char * const images[] = {
		"squashfs", "iso9660", "erofs", "cramfs", "romfs", "udf",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(images); i++) {
		if (!strcmp(fstype, images[i]))
			return true;
	}
	return false;
}

/* Does this error come of a broken file system? */
static bool is_broken(int error)
{
	return error == -EIO || error == -EUCLEAN || error == -ESHUTDOWN;
}

/* The figures can't be had. */
static void add_error(struct fs *fs)
{
	if (fs->error == -ETIMEDOUT)
		problem(fs, STATE_UNKNOWN, "its server does not answer");
	else if (fs->error == -EAGAIN)
		problem(fs, STATE_UNKNOWN,
			"not asked: too many servers do not answer, or no thread is left");
	else if (is_broken(fs->error))
		problem(fs, STATE_CRITICAL, strerror(-fs->error));
	/* A user who may not look there learns no more from df. */
	else if (fs->error != -EACCES)
		problem(fs, STATE_UNKNOWN, strerror(-fs->error));
}

/* What its watches know is added after this, for all file systems. */
static void look(struct fs *fs, struct report *r)
{
	fs->error = figures_get(fs->mount,
				remotes_have(&r->remotes,
					     mnt_fs_get_id(fs->line)),
				&fs->st);
	if (!is_image(fs->fstype))
		add_failures(fs, &r->failures);
}

/* What its watches know is there. */
static void conclude(struct fs *fs, const struct report *r)
{
	add_alarms(fs, r->daemon);
	if (fs->error) {
		add_error(fs);
		return;
	}
	judge_figures(fs, r->options);
	add_ext4_errors(fs);
}

/* --- showing -------------------------------------------------------------- */

static void show_json(const struct fs *fs)
{
	struct json_object *json = json_new("filesystem");

	json_add_text(json, "state", state_name(fs->state));
	json_add_text(json, "mount", fs->mount);
	json_add_text(json, "fstype", fs->fstype);
	json_add_text(json, "source", fs->source);
	json_object_object_add(json, "problems", json_object_get(fs->problems));
	if (!fs->error) {
		json_add_number(json, "avail", fs->st.f_bavail);
		json_add_number(json, "total", fs->st.f_blocks);
		json_add_number(json, "frsize", fs->st.f_frsize);
		json_add_number(json, "inodes_free", fs->st.f_favail);
		json_add_number(json, "inodes", fs->st.f_files);
	}
	json_write(stdout, json);
}

static void percent(char text[16], uint64_t avail, uint64_t total)
{
	if (total)
		snprintf(text, 16, "%.0f%%", 100.0 * avail / total);
	else
		snprintf(text, 16, "-");
}

static void show_row(struct table *table, const struct fs *fs)
{
	char avail[TEXT_SIZE_LEN] = "-", size[TEXT_SIZE_LEN] = "-";
	char part[16], inodes[16];

	if (fs->st.f_blocks) {
		text_size(avail, fs->st.f_bavail, fs->st.f_frsize);
		text_size(size, fs->st.f_blocks, fs->st.f_frsize);
	}
	percent(part, fs->st.f_bavail, fs->st.f_blocks);
	percent(inodes, fs->st.f_favail, fs->st.f_files);
	table_add(table, state_name(fs->state), fs->mount, avail, size, part,
		  inodes, fs->fstype, fs->source, fs->what ?: "");
}

static void show(struct report *r, const struct fs *fs)
{
	r->nr++;
	r->problems += fs->state != STATE_OK;
	if (fs->state != STATE_OK && (!r->first ||
				      worse(r->state, fs->state) != r->state)) {
		free(r->first);
		if (asprintf(&r->first, "%s: %s", fs->mount, fs->what) < 0)
			err(STATE_UNKNOWN, NULL);
	}
	r->state = worse(r->state, fs->state);
	if (r->options->json)
		show_json(fs);
	else
		show_row(r->table, fs);
}

static void examine_all(struct report *r)
{
	struct fs *fs, *end = r->list + r->nr_list;

	for (fs = r->list; fs < end; fs++)
		look(fs, r);
	add_watches(r);
	for (fs = r->list; fs < end; fs++) {
		conclude(fs, r);
		if (fs->named || fs->st.f_blocks || fs->state != STATE_OK)
			show(r, fs);
	}
}

static void finish(struct report *r)
{
	char *first = r->first ? text_escape(r->first, text_plain_terminal) :
		NULL;
	struct json_object *json;
	char state[16];
	size_t i;

	if (r->options->json) {
		json = json_new("status");
		json_add_text(json, "state", state_name(r->state));
		json_add_number(json, "code", r->state);
		json_add_number(json, "filesystems", r->nr);
		json_add_number(json, "problems", r->problems);
		json_write(stdout, json);
	} else {
		snprintf(state, sizeof(state), "%s", state_name(r->state));
		for (i = 0; state[i]; i++)
			state[i] = toupper((unsigned char)state[i]);
		printf("%s - ", state);
		if (!r->problems)
			printf("%u file system%s\n", r->nr,
			       r->nr == 1 ? "" : "s");
		else if (r->problems == 1)
			printf("%s\n", first);
		else
			printf("%s (and %u more)\n", first, r->problems - 1);
		table_print(r->table);
	}
	free(first);
}

static void free_report(struct report *r)
{
	size_t i;

	for (i = 0; i < r->nr_list; i++) {
		json_object_put(r->list[i].problems);
		free(r->list[i].what);
	}
	free(r->list);
	free(r->by_dev);
	free(r->first);
	table_free(r->table);
	remotes_free(&r->remotes);
	json_object_put(r->daemon);
	mnt_unref_table(r->failures.later);
	mnt_unref_table(r->failures.mounts);
}

/* --- which file systems --------------------------------------------------- */

static bool is_shown(struct libmnt_fs *mount)
{
	const char *fstype = mnt_fs_get_fstype(mount);

	if (!fstype || is_image(fstype) || mnt_fs_is_swaparea(mount))
		return false;
	/* To libmount tmpfs is one without a disk; it can be full all the same. */
	return !mnt_fs_is_pseudofs(mount) || !strcmp(fstype, "tmpfs");
}

/* There is room for it in the list. */
static void take(struct report *r, struct libmnt_fs *mount, bool named)
{
	struct fs *fs = &r->list[r->nr_list++];

	*fs = (struct fs){
		.line = mount,
		.mount = mnt_fs_get_target(mount),
		.fstype = mnt_fs_get_fstype(mount),
		.source = mnt_fs_get_source(mount),
		.dev = mnt_fs_get_devno(mount),
		.problems = json_object_new_array(),
		.named = named,
	};
	if (!fs->problems)
		err(STATE_UNKNOWN, NULL);
}

static void take_all(struct report *r)
{
	struct libmnt_fs **first = reach_first(r->failures.mounts);
	size_t i;

	for (i = 0; first[i]; i++) {
		if (is_shown(first[i]))
			take(r, first[i], false);
	}
	free(first);
}

/* Return: false: there is no such path, which was said. */
static bool take_path(struct report *r, const char *path)
{
	struct libmnt_fs *mount = NULL;
	char *target;
	int error = find_mount(path, PATIENCE_MS, &target);

	/* The path of a mount is in the table, also when nothing answers there. */
	if (!error || error == -ETIMEDOUT || is_broken(error))
		mount = mnt_table_find_target(r->failures.mounts, target ?: path,
					      MNT_ITER_BACKWARD);
	free(target);
	if (mount)
		take(r, mount, true);
	else
		say_no_mount(path, error ?: -ENOENT);
	return mount;
}

/**
 * command_status - say what is wrong now
 * @options: the command line
 *
 * Return: enum health.
 */
int command_status(const struct options *options)
{
	struct report r = { .options = options };
	char **path = options->args;
	bool all_there = true;
	size_t nr_paths = 0;

	r.failures.mounts = mnt_new_table_from_file("/proc/self/mountinfo");
	if (!r.failures.mounts || remotes_read(&r.remotes, r.failures.mounts)) {
		warn("/proc/self/mountinfo");
		return STATE_UNKNOWN;
	}
	while (path[nr_paths])
		nr_paths++;
	r.list = calloc(mnt_table_get_nents(r.failures.mounts) + nr_paths,
			sizeof(*r.list));
	if (!r.list)
		err(STATE_UNKNOWN, NULL);
	r.daemon = alarms_read();
	r.table = table_new(options->noheadings, "STATE", "MOUNT", "AVAIL",
			    "SIZE", "AVAIL%", "IAVAIL%", "TYPE", "SOURCE",
			    "PROBLEMS", NULL);
	if (!*path)
		take_all(&r);
	for (; *path; path++)
		all_there = take_path(&r, *path) && all_there;
	examine_all(&r);
	if (!all_there)
		r.state = worse(r.state, STATE_UNKNOWN);
	finish(&r);
	free_report(&r);
	return r.state;
}
