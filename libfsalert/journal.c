// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Accepted requests, which are repeated after fsalert-poll died.
 *
 * The journal has an entry for each type of each watch, "/srv T 10%", and so does
 * not grow with the number of requests. A watch that was removed by its number is
 * not known here, and is made again.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fsalert.h"
#include "journal.h"

#define BLANKS	" \t"

static void drop(struct fsa_journal *j, size_t at)
{
	char *request = j->requests[at].text;

	j->nr--;
	memmove(j->requests + at, j->requests + at + 1,
		(j->nr - at) * sizeof(*j->requests));
	free(j->taken);
	j->taken = request;
}

/* The length of the next word. */
static size_t next_word(const char **text)
{
	*text += strspn(*text, BLANKS);
	return strcspn(*text, BLANKS);
}

/* Drops what is watched of a path: a type, or with '\0' all. */
static void drop_type(struct fsa_journal *j, const char *path, size_t len,
		      char type)
{
	size_t i;

	for (i = j->nr; i-- > 0; ) {
		const char *entry = j->requests[i].text;

		if (!strncmp(entry, path, len) && entry[len] == ' ' &&
		    (!type || entry[len + 1] == type))
			drop(j, i);
	}
}

/**
 * fsa_journal_end - a watch has ended with its mount
 * @j: the journal
 * @mount: path of the mount
 * @time_ns: when that was: a request that was accepted later is about another mount
 */
void fsa_journal_end(struct fsa_journal *j, const char *mount, uint64_t time_ns)
{
	char *path = fsalert_escape(mount);
	size_t len = path ? strlen(path) : 0, i;

	for (i = len ? j->nr : 0; i-- > 0; ) {
		const struct fsa_repeat *r = j->requests + i;

		if (!strncmp(r->text, path, len) && r->text[len] == ' ' &&
		    r->time_ns < time_ns)
			drop(j, i);
	}
	free(path);
}

/* Without memory it is left out, and is lost when fsalert-poll dies. */
static void put(struct fsa_journal *j, const char *path, size_t len,
		const char *spec, size_t spec_len)
{
	size_t room = j->room ? 2 * j->room : 8;
	struct fsa_repeat *list;
	struct timespec now;
	char *entry;

	if (j->nr == j->room) {
		list = realloc(j->requests, room * sizeof(*list));
		if (!list)
			return;
		j->requests = list;
		j->room = room;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	if (asprintf(&entry, "%.*s %.*s", (int)len, path, (int)spec_len,
		     spec) >= 0)
		j->requests[j->nr++] = (struct fsa_repeat){
			.text = entry,
			.time_ns = now.tv_sec * 1000000000ULL + now.tv_nsec,
		};
}

/* Does a word begin the levels or names of a type? */
static bool is_type(const char *word, size_t len)
{
	return (len == 1 && strchr("GTI", *word)) || !strncmp(word, "G:", 2);
}

/* Return: where the levels or names of the type that begins at @spec end. */
static const char *spec_end(const char *spec)
{
	const char *end = spec + strcspn(spec, BLANKS), *word = end;
	size_t len;

	while ((len = next_word(&word)) && !is_type(word, len)) {
		word += len;
		end = word;
	}
	return end;
}

/* One request. */
static void add(struct fsa_journal *j, const char *request)
{
	size_t len = next_word(&request);
	bool removal = *request == '!';
	const char *path = request + removal, *spec = request + len, *end;

	len -= removal;
	if (removal && !spec[strspn(spec, BLANKS)])
		drop_type(j, path, len, '\0');
	while (next_word(&spec)) {
		end = spec_end(spec);
		drop_type(j, path, len, *spec);
		if (!removal)
			put(j, path, len, spec, end - spec);
		spec = end;
	}
}

/**
 * fsa_journal_add - a request was accepted
 * @j: the journal
 * @request: the text
 */
void fsa_journal_add(struct fsa_journal *j, const char *request)
{
	char *copy, *rest, *part;

	if (!request[strspn(request, BLANKS "\n")]) {
		fsa_journal_clear(j);
		return;
	}
	copy = strdup(request);
	rest = copy;
	while ((part = strsep(&rest, ";\n")))
		add(j, part);
	free(copy);
}

/**
 * fsa_journal_repeat - all requests, for a new fsalert-poll
 * @j: the journal; a request that was refused before is to be answered anew
 * @len: bytes of the text
 *
 * Return: the text, with a line per request, to be freed with free(3); NULL: no
 * memory.
 */
char *fsa_journal_repeat(struct fsa_journal *j, size_t *len)
{
	char *text, *to;
	size_t i;

	*len = 0;
	for (i = 0; i < j->nr; i++)
		*len += strlen(j->requests[i].text) + 1;
	text = malloc(*len + 1);
	if (!text)
		return NULL;
	to = text;
	for (i = 0; i < j->nr; i++) {
		j->requests[i].error = 0;
		to = stpcpy(to, j->requests[i].text);
		*to++ = '\n';
	}
	return text;
}

/**
 * fsa_journal_refuse - a request was refused when it was repeated
 * @j: the journal
 * @at: its index
 * @error: errno
 */
void fsa_journal_refuse(struct fsa_journal *j, size_t at, unsigned int error)
{
	if (at < j->nr)
		j->requests[at].error = error;
}

/**
 * fsa_journal_take - take out a request that was refused
 * @j: the journal
 * @error: why, errno
 *
 * Return: the request, good until the next change; NULL: there is none.
 */
const char *fsa_journal_take(struct fsa_journal *j, unsigned int *error)
{
	size_t i;

	for (i = 0; i < j->nr; i++) {
		*error = j->requests[i].error;
		if (*error) {
			drop(j, i);
			return j->taken;
		}
	}
	return NULL;
}

void fsa_journal_clear(struct fsa_journal *j)
{
	while (j->nr)
		free(j->requests[--j->nr].text);
	free(j->requests);
	free(j->taken);
	*j = (struct fsa_journal){};
}
