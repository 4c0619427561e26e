// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events and watches as people read them.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "format.h"
#include "text.h"

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL

static void put_escaped(FILE *out, const char *s)
{
	char *escaped = text_escape(s, text_plain_terminal);

	fputs(escaped, out);
	free(escaped);
}

static void put_time(FILE *out, uint64_t time_ns)
{
	time_t s = time_ns / NSEC_PER_SEC;
	struct tm tm;
	char text[16];

	localtime_r(&s, &tm);
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	fprintf(out, "%s.%03u ", text,
		(unsigned int)(time_ns % NSEC_PER_SEC / NSEC_PER_MSEC));
}

static void put_name(FILE *out, uint64_t id)
{
	const char *name = fsevents_event_name(id);

	if (name)
		fprintf(out, "%-11s", name);
	else
		fprintf(out, "event %-5ju", id);
}

static void put_part(FILE *out, const char *s, const char **sep)
{
	if (!s)
		return;
	fputs(*sep, out);
	put_escaped(out, s);
	*sep = " ";
}

/* "/srv (ext4 /dev/loop0 7:0)", as much of it as there is. */
static void put_identity(FILE *out, const struct fsevents_event *ev)
{
	const char *outer = " ", *inner = " (";
	char dev[48];

	put_part(out, ev->mount, &outer);
	if (!fsevents_event_has(ev, FS_NL_A_DEV_MAJOR))
		return;
	snprintf(dev, sizeof(dev), "%ju:%ju", ev->dev_major, ev->dev_minor);
	put_part(out, ev->fstype, &inner);
	put_part(out, ev->source, &inner);
	put_part(out, dev, &inner);
	fputs(")", out);
}

/* Sizes where blocks have one; inodes have none. */
static void put_amount(FILE *out, uint64_t avail, const char *unit,
		       uint64_t total, uint64_t frsize)
{
	char size[TEXT_SIZE_LEN];

	fprintf(out, "%ju%s", avail, unit);
	if (frsize) {
		text_size(size, avail, frsize);
		fprintf(out, " (%s", size);
		text_size(size, total, frsize);
		fprintf(out, " of %s)", size);
	} else {
		fprintf(out, " of %ju", total);
	}
}

static void put_level(FILE *out, const struct fsevents_event *ev,
		      const char *what, const char *unit)
{
	fprintf(out, "%s ", what);
	put_amount(out, ev->avail, unit, ev->total, ev->frsize);
	fprintf(out, ", level %ju: %ju%s", ev->level_nr,
		ev->level, unit);
}

static void put_what(FILE *out, const struct fsevents_event *ev)
{
	switch (ev->event_id) {
	case FS_WARN_ENOSPC:
		fputs("no space left for data", out);
		break;
	case FS_WARN_ENOSPC_META:
		fputs("no space left for metadata", out);
		break;
	case FS_THR_LRBELOW:
	case FS_THR_URBELOW:
	case FS_THR_BELOW:
		put_level(out, ev, "available space fell to", " blocks");
		break;
	case FS_THR_LRABOVE:
	case FS_THR_URABOVE:
	case FS_THR_ABOVE:
		put_level(out, ev, "available space rose to", " blocks");
		break;
	case FS_INO_BELOW:
		put_level(out, ev, "free inodes fell to", "");
		break;
	case FS_INO_ABOVE:
		put_level(out, ev, "free inodes rose to", "");
		break;
	case FS_ERR_REMOUNT_RO:
		fputs("stopped accepting writes after an error", out);
		break;
	case FS_ERR_CORRUPTED:
		fputs("corruption was found", out);
		break;
	case FS_ERR_IO:
		fputs("I/O error", out);
		break;
	case FS_ERR_SHUTDOWN:
		fputs("the file system shut itself down", out);
		break;
	case FS_INFO_UNMOUNT:
		fputs(ev->error ? "this mount went away, not the file system" :
		      "the file system was unmounted", out);
		break;
	case FS_INFO_CLEARED:
		fprintf(out, "%s is over", fsevents_event_name(ev->of) ?:
			"a condition that this program does not know");
		break;
	default:
		fputs("an event that this program does not know", out);
	}
}

static void put_errno(FILE *out, uint64_t error)
{
	const char *name = strerrorname_np(error);

	if (name)
		fprintf(out, ", %s", name);
	else
		fprintf(out, ", errno %ju", error);
}

/**
 * format_event - write an event as a line
 * @out: where to
 * @ev: the event
 */
void format_event(FILE *out, const struct fsevents_event *ev)
{
	put_time(out, ev->time_ns);
	put_name(out, ev->event_id);
	put_identity(out, ev);
	fputs(": ", out);
	put_what(out, ev);
	if (ev->error)
		put_errno(out, ev->error);
	if (fsevents_event_has(ev, FS_NL_A_INO))
		fprintf(out, ", inode %ju", ev->ino);
	if (ev->pid)
		fprintf(out, ", pid %ju", ev->pid);
	if (ev->count > 1)
		fprintf(out, "  x%ju", ev->count);
	fputc('\n', out);
}

/* The time is that at which the kernel was asked. */
static void resync_begin(FILE *out, const struct fsevents_entry *entry)
{
	struct fsevents_event ev = {};
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	put_time(out, now.tv_sec * NSEC_PER_SEC + now.tv_nsec);
	fprintf(out, "%-11s", "resync");
	if (!entry)
		return;
	ev.has = 1ULL << FS_NL_A_DEV_MAJOR;
	ev.dev_major = entry->dev_major;
	ev.dev_minor = entry->dev_minor;
	ev.mount = entry->mount;
	ev.fstype = entry->fstype;
	ev.source = entry->source;
	put_identity(out, &ev);
	fputs(": ", out);
}

static void resync_level(FILE *out, const struct fsevents_entry *entry,
			 const struct fsevents_level *level)
{
	bool space = level->kind == FS_NL_KIND_SPACE;

	resync_begin(out, entry);
	fprintf(out, "%s level %ju is %s, ", space ? "space" : "inode",
		level->nr,
		level->state == FS_NL_STATE_BELOW ? "below" : "above");
	if (space)
		put_amount(out, entry->avail, " blocks", entry->total,
			   entry->frsize);
	else
		put_amount(out, entry->inodes_free, "", entry->inodes, 0);
	fputs(" available\n", out);
}

/* A level that is new was above, as far as anybody was told. */
static unsigned int resync_levels(FILE *out, const struct fsevents_entry *before,
				  const struct fsevents_entry *entry)
{
	const struct fsevents_level *level, *old;
	unsigned int lines = 0;
	uint64_t was;
	size_t i;

	for (i = 0; i < entry->nr_levels; i++) {
		level = &entry->levels[i];
		old = before ? fsevents_entry_level(before, level->kind,
						    level->nr) : NULL;
		was = old ? old->state : FS_NL_STATE_ABOVE;
		if (level->state == was)
			continue;
		resync_level(out, entry, level);
		lines++;
	}
	return lines;
}

static unsigned int resync_lasting(FILE *out,
				   const struct fsevents_entry *before,
				   const struct fsevents_entry *entry)
{
	uint64_t was = before ? before->lasting : 0;
	unsigned int id, lines = 0;

	for (id = FS_EVENT_NONE; id <= FS_INFO_CLEARED; id++) {
		if (!((entry->lasting ^ was) & 1ULL << id))
			continue;
		resync_begin(out, entry);
		fprintf(out, "%s %s\n", fsevents_event_name(id),
			was & 1ULL << id ? "is over" : "lasts");
		lines++;
	}
	return lines;
}

/**
 * format_resync - write what differs after events were lost, a line each
 * @out: where to
 * @news: FSEVENTS_RESYNCED or FSEVENTS_ENTRY
 */
void format_resync(FILE *out, const struct fsevents_news *news)
{
	unsigned int lines;

	if (news->type == FSEVENTS_RESYNCED) {
		resync_begin(out, NULL);
		fprintf(out, " read anew, as of seq %ju\n", news->seq);
		return;
	}
	if (!news->entry) {
		resync_begin(out, news->before);
		fputs("not watched any more\n", out);
		return;
	}
	if (!news->before) {
		resync_begin(out, news->entry);
		fputs("watched now\n", out);
	}
	lines = resync_levels(out, news->before, news->entry) +
		resync_lasting(out, news->before, news->entry);
	if (news->before && !lines) {
		resync_begin(out, news->entry);
		fputs("watched otherwise\n", out);
	}
}

#define COLUMNS		4

/* The columns of a row; the last one is as long as it likes. */
static void row_fill(char *row[COLUMNS], const struct watch *watch)
{
	row[0] = text_escape(watch->mount, text_plain_terminal);
	row[1] = text_escape(watch->fstype, text_plain_terminal);
	row[2] = text_escape(watch->source, text_plain_terminal);
	row[3] = watch->types;
}

static void row_free(char *row[COLUMNS])
{
	free(row[0]);
	free(row[1]);
	free(row[2]);
}

static void row_measure(char * const row[COLUMNS], size_t width[COLUMNS])
{
	size_t i, len;

	for (i = 0; i < COLUMNS; i++) {
		len = strlen(row[i]);
		if (len > width[i])
			width[i] = len;
	}
}

static void row_put(FILE *out, char * const row[COLUMNS],
		    const size_t width[COLUMNS])
{
	fprintf(out, "%-*s  %-*s  %-*s  %s\n", (int)width[0], row[0],
		(int)width[1], row[1], (int)width[2], row[2], row[3]);
}

/**
 * format_watches - write watches as a table
 * @out: where to
 * @watches: the watches
 * @nr: how many
 */
void format_watches(FILE *out, const struct watch *watches, size_t nr)
{
	static char * const head[COLUMNS] = {
		"MOUNT", "TYPE", "SOURCE", "WATCHED",
	};
	size_t width[COLUMNS] = {};
	char *row[COLUMNS];
	size_t i;

	row_measure(head, width);
	for (i = 0; i < nr; i++) {
		row_fill(row, &watches[i]);
		row_measure(row, width);
		row_free(row);
	}
	row_put(out, head, width);
	for (i = 0; i < nr; i++) {
		row_fill(row, &watches[i]);
		row_put(out, row, width);
		row_free(row);
	}
}
