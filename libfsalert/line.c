// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Decodes lines: words NAME=VALUE, separated by blanks. Some bytes of a value are
 * octal escapes.
 *
 * The source may be newer than this library, so unknown words are skipped, and so
 * are malformed values.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "line.h"

#define NSEC_PER_SEC	1000000000ULL
#define ESCAPE_LEN	4

enum form {
	FORM_NUMBER,
	FORM_HEX,
	FORM_TEXT,
	FORM_TIME,
	FORM_DEV,
	FORM_EVENT,
	FORM_OF,
};

static const struct {
	const char *name;
	enum form form;
	enum fsalert_key key;
} fields[] = {
	{ "seq", FORM_NUMBER, FSALERT_KEY_SEQ },
	{ "time", FORM_TIME, FSALERT_KEY_TIME },
	{ "event", FORM_EVENT, FSALERT_KEY_NAME },
	{ "dev", FORM_DEV, FSALERT_KEY_DEV_MAJOR },
	{ "mount", FORM_TEXT, FSALERT_KEY_MOUNT },
	{ "fstype", FORM_TEXT, FSALERT_KEY_FSTYPE },
	{ "source", FORM_TEXT, FSALERT_KEY_SOURCE },
	{ "avail", FORM_NUMBER, FSALERT_KEY_AVAIL },
	{ "level", FORM_NUMBER, FSALERT_KEY_LEVEL },
	{ "level_nr", FORM_NUMBER, FSALERT_KEY_LEVEL_NR },
	{ "total", FORM_NUMBER, FSALERT_KEY_TOTAL },
	{ "frsize", FORM_NUMBER, FSALERT_KEY_FRSIZE },
	{ "errno", FORM_NUMBER, FSALERT_KEY_ERRNO },
	{ "ino", FORM_NUMBER, FSALERT_KEY_INO },
	{ "pid", FORM_NUMBER, FSALERT_KEY_PID },
	{ "count", FORM_NUMBER, FSALERT_KEY_COUNT },
	{ "entry", FORM_NUMBER, FSALERT_KEY_ENTRY },
	{ "fsid", FORM_HEX, FSALERT_KEY_FSID },
	{ "uuid", FORM_TEXT, FSALERT_KEY_UUID },
	{ "last", FORM_NUMBER, FSALERT_KEY_LAST },
	{ "of", FORM_OF, FSALERT_KEY_OF },
};

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

static bool is_escape(const char *s)
{
	return s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && is_octal(s[2]) &&
	       is_octal(s[3]);
}

/**
 * fsa_unescape - replace octal escapes by the bytes they stand for
 * @s: the text; a backslash that begins no escape stays, and so does \000
 */
void fsa_unescape(char *s)
{
	char *to = s;
	char c;

	while (*s) {
		c = is_escape(s) ? (s[1] - '0') << 6 | (s[2] - '0') << 3 |
				   (s[3] - '0') : 0;
		if (c) {
			*to++ = c;
			s += ESCAPE_LEN;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* A number and nothing else but @end behind it. */
static bool parse(const char *s, int base, char end, uint64_t *value,
		  const char **rest)
{
	char *after;

	if (base == 10 ? s[0] < '0' || s[0] > '9' :
	    !strchr("0123456789abcdefABCDEF", s[0]) || !s[0])
		return false;
	errno = 0;
	*value = strtoull(s, &after, base);
	*rest = after + 1;
	return !errno && *after == end;
}

/* Seconds with up to nine digits behind the point. */
static void set_time(struct fsalert_event *ev, const char *s)
{
	uint64_t sec, part = 0, scale = NSEC_PER_SEC;

	if (!parse(s, 10, '.', &sec, &s) || sec >= UINT64_MAX / NSEC_PER_SEC)
		return;
	for (; *s >= '0' && *s <= '9' && scale > 1; s++) {
		scale /= 10;
		part += (*s - '0') * scale;
	}
	if (!*s)
		fsa_event_set(ev, FSALERT_KEY_TIME, sec * NSEC_PER_SEC + part);
}

static void set_dev(struct fsalert_event *ev, const char *s)
{
	uint64_t major, minor;

	if (!parse(s, 10, ':', &major, &s) || !parse(s, 10, '\0', &minor, &s))
		return;
	fsa_event_set(ev, FSALERT_KEY_DEV_MAJOR, major);
	fsa_event_set(ev, FSALERT_KEY_DEV_MINOR, minor);
}

static void set_event(struct fsalert_event *ev, const char *name)
{
	uint32_t id = fsa_id_of_name(name);

	if (id)
		fsa_event_set_id(ev, id);
	fsa_event_set_text(ev, FSALERT_KEY_NAME, name);
}

static void set_of(struct fsalert_event *ev, const char *name)
{
	fsa_event_set_of(ev, fsa_id_of_name(name));
	fsa_event_set_text(ev, FSALERT_KEY_OF, name);
}

static void set(struct fsalert_event *ev, size_t field, char *value)
{
	enum fsalert_key key = fields[field].key;
	int base = fields[field].form == FORM_HEX ? 16 : 10;
	const char *rest;
	uint64_t number;

	switch (fields[field].form) {
	case FORM_NUMBER:
	case FORM_HEX:
		if (parse(value, base, '\0', &number, &rest))
			fsa_event_set(ev, key, number);
		break;
	case FORM_TEXT:
		fsa_unescape(value);
		fsa_event_set_text(ev, key, value);
		break;
	case FORM_TIME:
		set_time(ev, value);
		break;
	case FORM_DEV:
		set_dev(ev, value);
		break;
	case FORM_EVENT:
		set_event(ev, value);
		break;
	case FORM_OF:
		set_of(ev, value);
		break;
	}
}

/**
 * fsa_line_field - the next word of a line
 * @rest: what is left of the line; changed
 * @value: what is behind the first "=" of the word; NULL: it has none
 *
 * Return: the name of the word; NULL: there is none.
 */
char *fsa_line_field(char **rest, char **value)
{
	char *name;

	do {
		name = strsep(rest, " ");
	} while (name && !*name);
	*value = name ? strchr(name, '=') : NULL;
	if (*value)
		*(*value)++ = '\0';
	return name;
}

static bool starts(const char *line, const char *word)
{
	size_t len = strlen(word);

	return !strncmp(line, word, len) && (!line[len] || line[len] == ' ');
}

/**
 * fsa_line_kind - what a line is
 * @line: the line, without the newline
 */
enum fsa_line_kind fsa_line_kind(const char *line)
{
	if (starts(line, "refused"))
		return FSA_LINE_REFUSED;
	if (starts(line, "accepted"))
		return FSA_LINE_ACCEPTED;
	if (starts(line, "capabilities"))
		return FSA_LINE_CAPABILITIES;
	if (!strncmp(line, "lost=", 5) || !strncmp(line, "event=", 6) ||
	    strstr(line, " event="))
		return FSA_LINE_EVENT;
	return FSA_LINE_OTHER;
}

/**
 * fsa_line_event - take an event out of a line
 * @ev: the event; its texts lie in the line
 * @line: the line, without the newline; changed
 *
 * Return: false: it is none.
 */
bool fsa_line_event(struct fsalert_event *ev, char *line)
{
	bool lost = !strncmp(line, "lost=", 5);
	char *name, *value;
	size_t i;

	fsa_event_init(ev, lost ? FSALERT_LOST : FSALERT_UNKNOWN);
	while ((name = fsa_line_field(&line, &value))) {
		if (!value)
			continue;
		for (i = 0; !lost && i < ARRAY_SIZE(fields); i++) {
			if (!strcmp(name, fields[i].name))
				set(ev, i, value);
		}
		if (lost && !strcmp(name, "lost"))
			fsa_event_set(ev, FSALERT_KEY_COUNT,
				      strtoull(value, NULL, 10));
	}
	return fsalert_str(ev, FSALERT_KEY_NAME);
}

/**
 * fsa_line_refusal - take a refusal out of a line
 * @refusal: what is left out there is EINVAL, 0 and ""
 * @line: the line, without the newline; changed. The text lies in it
 */
void fsa_line_refusal(struct fsa_refusal *refusal, char *line)
{
	char *name, *value;

	*refusal = (struct fsa_refusal){ .error = EINVAL, .why = "" };
	while ((name = fsa_line_field(&line, &value))) {
		if (!value)
			continue;
		if (!strcmp(name, "errno"))
			refusal->error = strtoul(value, NULL, 10);
		if (!strcmp(name, "at"))
			refusal->at = strtoul(value, NULL, 10);
		if (!strcmp(name, "why")) {
			fsa_unescape(value);
			refusal->why = value;
		}
	}
	/* What is refused can't be a success. */
	if (!refusal->error || refusal->error > 4095)
		refusal->error = EINVAL;
}
