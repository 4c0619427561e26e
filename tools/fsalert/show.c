// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events as people read them, and as --format says.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "array.h"
#include "facts.h"
#include "mounted.h"
#include "show.h"
#include "text.h"

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL

static void put_escaped(FILE *out, const char *s)
{
	char *escaped = text_escape(s, text_plain_terminal);

	fputs(escaped, out);
	free(escaped);
}

/* An event that has no time happened now, as far as is known. */
static void put_time(FILE *out, const struct fsalert_event *ev,
		     const char *format)
{
	struct timespec ts;
	char text[256];
	uint64_t ns;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (!fsalert_u64(ev, FSALERT_KEY_TIME, &ns)) {
		ts.tv_sec = ns / NSEC_PER_SEC;
		ts.tv_nsec = ns % NSEC_PER_SEC;
	}
	localtime_r(&ts.tv_sec, &tm);
	if (!strftime(text, sizeof(text), format ?: "%H:%M:%S", &tm))
		text[0] = '\0';
	fputs(text, out);
	if (!format)
		fprintf(out, ".%03u",
			(unsigned int)(ts.tv_nsec / NSEC_PER_MSEC));
	fputc(' ', out);
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
static void put_identity(FILE *out, const struct fsalert_event *ev)
{
	const char *outer = " ", *inner = " (";
	uint64_t major, minor;

	put_part(out, fsalert_str(ev, FSALERT_KEY_MOUNT), &outer);
	put_part(out, fsalert_str(ev, FSALERT_KEY_FSTYPE), &inner);
	put_part(out, mounted_of_event(ev), &inner);
	if (!fsalert_u64(ev, FSALERT_KEY_DEV_MAJOR, &major) &&
	    !fsalert_u64(ev, FSALERT_KEY_DEV_MINOR, &minor)) {
		fprintf(out, "%s%u:%u", inner, (unsigned int)major,
			(unsigned int)minor);
		inner = " ";
	}
	if (inner[1] != '(')
		fputc(')', out);
}

/**
 * show_amount - write how much is available, of how much
 * @out: where to
 * @avail: blocks or inodes
 * @total: the same
 * @frsize: bytes a block; 0: they are inodes
 */
void show_amount(FILE *out, uint64_t avail, uint64_t total, uint64_t frsize)
{
	char size[TEXT_SIZE_LEN];

	if (!frsize) {
		fprintf(out, "%ju of %ju", (uintmax_t)avail, (uintmax_t)total);
		return;
	}
	text_size(size, avail, frsize);
	fputs(size, out);
	text_size(size, total, frsize);
	fprintf(out, " of %s", size);
	if (total)
		fprintf(out, ", %.1f %%", 100.0 * avail / total);
}

static void put_figures(FILE *out, const struct fsalert_event *ev)
{
	uint64_t avail, total, frsize = 0, level, nr;

	if (fsalert_u64(ev, FSALERT_KEY_AVAIL, &avail) ||
	    fsalert_u64(ev, FSALERT_KEY_TOTAL, &total))
		return;
	fsalert_u64(ev, FSALERT_KEY_FRSIZE, &frsize);
	fputc(' ', out);
	show_amount(out, avail, total, frsize);
	if (!fsalert_u64(ev, FSALERT_KEY_LEVEL, &level) &&
	    !fsalert_u64(ev, FSALERT_KEY_LEVEL_NR, &nr)) {
		char size[TEXT_SIZE_LEN];

		snprintf(size, sizeof(size), "%ju", (uintmax_t)level);
		if (frsize)
			text_size(size, level, frsize);
		fprintf(out, " (level %ju: %s)", (uintmax_t)nr, size);
	}
}

static const char *what(enum fsalert_type type)
{
	static const char * const texts[] = {
		[FSALERT_ENOSPC]	= "no space left for data",
		[FSALERT_ENOSPC_META]	= "no space left for metadata",
		[FSALERT_BELOW]		= "available space fell to",
		[FSALERT_ABOVE]		= "available space rose to",
		[FSALERT_INO_BELOW]	= "free inodes fell to",
		[FSALERT_INO_ABOVE]	= "free inodes rose to",
		[FSALERT_REMOUNT_RO]	= "stopped accepting writes after an error",
		[FSALERT_CORRUPTED]	= "corruption was found",
		[FSALERT_IO_ERROR]	= "I/O error",
		[FSALERT_SHUTDOWN]	= "the file system shut itself down",
		[FSALERT_OWN]		= "an event of the file system's own",
		[FSALERT_LOST]		= "events were lost",
		[FSALERT_GONE]		= "the source of events is gone",
		[FSALERT_BACK]		= "the source of events is back",
		[FSALERT_ADDED]		= "is watched now",
		[FSALERT_CHANGED]	= "is watched otherwise",
		[FSALERT_REMOVED]	= "is not watched any more",
	};

	return type < ARRAY_SIZE(texts) && texts[type] ? texts[type] :
		"an event that this program does not know";
}

static void put_what(FILE *out, const struct fsalert_event *ev)
{
	enum fsalert_type type = fsalert_type(ev);
	uint64_t error = 0;

	fsalert_u64(ev, FSALERT_KEY_ERRNO, &error);
	if (type == FSALERT_UNMOUNT)
		fputs(error ? "this mount went away, not the file system" :
		      "the file system was unmounted", out);
	else if (type == FSALERT_CLEARED)
		fprintf(out, "%s is over",
			fsalert_str(ev, FSALERT_KEY_OF) ?: "a condition");
	else
		fputs(what(type), out);
	if (type != FSALERT_CLEARED)
		put_figures(out, ev);
}

static void put_rest(FILE *out, const struct fsalert_event *ev)
{
	const char *name;
	uint64_t value;

	if (!fsalert_u64(ev, FSALERT_KEY_ERRNO, &value) && value) {
		name = strerrorname_np(value);
		if (name)
			fprintf(out, ", %s", name);
		else
			fprintf(out, ", errno %ju", (uintmax_t)value);
	}
	if (!fsalert_u64(ev, FSALERT_KEY_INO, &value))
		fprintf(out, ", inode %ju", (uintmax_t)value);
	if (!fsalert_u64(ev, FSALERT_KEY_PID, &value) && value)
		fprintf(out, ", pid %ju", (uintmax_t)value);
	if (!fsalert_u64(ev, FSALERT_KEY_COUNT, &value) && value > 1)
		fprintf(out, "  x%ju", (uintmax_t)value);
}

static const char *colour_of(const struct fsalert_event *ev)
{
	switch (fsalert_severity(ev)) {
	case FSALERT_ERROR:
		return "\033[31m";
	case FSALERT_WARNING:
		return "\033[33m";
	default:
		return "\033[32m";
	}
}

/**
 * show_event - write an event as a line
 * @out: where to
 * @ev: the event
 * @time_format: as strftime(3); NULL: the time of the day
 * @colour: with colours
 */
void show_event(FILE *out, const struct fsalert_event *ev,
		const char *time_format, bool colour)
{
	const char *name = fsalert_str(ev, FSALERT_KEY_NAME);
	uint64_t resync = 0;

	fsalert_u64(ev, FSALERT_KEY_RESYNC, &resync);
	put_time(out, ev, time_format);
	if (colour)
		fputs(colour_of(ev), out);
	fprintf(out, "%-11s", name ?: "unknown");
	if (colour)
		fputs("\033[m", out);
	put_identity(out, ev);
	fputs(": ", out);
	put_what(out, ev);
	put_rest(out, ev);
	if (resync)
		fputs(" (found after a loss)", out);
	fputc('\n', out);
}

/* A backslash and a letter. Return: what it stands for, or 0. */
static char escaped(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case '0':
		return '\0';
	default:
		return c;
	}
}

/**
 * show_format - write an event as a format says
 * @out: where to
 * @ev: the event
 * @format: text with {NAME} for facts; \n, \t, \0 and \\ are understood. A fact
 *	that the event does not have is empty
 */
void show_format(FILE *out, const struct fsalert_event *ev, const char *format)
{
	struct facts facts;
	const char *text, *end;

	facts_of(&facts, ev);
	while (*format) {
		end = *format == '{' ? strchr(format, '}') : NULL;
		if (end) {
			text = facts_find(&facts, format + 1, end - format - 1);
			put_escaped(out, text ?: "");
			format = end + 1;
		} else if (*format == '\\' && format[1]) {
			fputc(escaped(format[1]), out);
			format += 2;
		} else {
			fputc(*format++, out);
		}
	}
	fputc('\n', out);
}
