// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Accepted requests, which are repeated after fsalert-poll died.
 *
 * The journal must not grow with the number of requests: a repeated request is
 * stored once, and the removal of a watch drops all requests for it.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"

static bool is_single(const char *request)
{
	return !strpbrk(request, ";\n");
}

static void drop(struct fsa_journal *j, size_t at)
{
	char *request = j->requests[at];

	j->nr--;
	memmove(j->requests + at, j->requests + at + 1,
		(j->nr - at) * sizeof(*j->requests));
	free(j->taken);
	j->taken = request;
}

/* "!/srv": is it all about /srv? */
static bool removes(const char *removal, const char *request)
{
	size_t len;

	removal += strspn(removal, " \t");
	if (*removal++ != '!' || !is_single(removal) || !is_single(request))
		return false;
	len = strcspn(removal, " \t");
	if (removal[len + strspn(removal + len, " \t")])
		return false;
	request += strspn(request, " \t");
	request += *request == '!';
	return !strncmp(removal, request, len) && strchr(" \t", request[len]);
}

static bool is_removal(const char *request)
{
	request += strspn(request, " \t");
	return *request == '!' && is_single(request) && !strpbrk(request, " \t");
}

/**
 * fsa_journal_add - a request was accepted
 * @j: the journal
 * @request: the text
 *
 * Without memory it is left out, and is lost when fsalert-poll dies.
 */
void fsa_journal_add(struct fsa_journal *j, const char *request)
{
	size_t i, room = j->room ? 2 * j->room : 8;
	char **list;

	if (!request[strspn(request, " \t\n")]) {
		fsa_journal_clear(j);
		return;
	}
	for (i = j->nr; i-- > 0; ) {
		if (!strcmp(j->requests[i], request) ||
		    removes(request, j->requests[i]))
			drop(j, i);
	}
	if (is_removal(request))
		return;
	if (j->nr == j->room) {
		list = realloc(j->requests, room * sizeof(*list));
		if (!list)
			return;
		j->requests = list;
		j->room = room;
	}
	j->requests[j->nr] = strdup(request);
	j->nr += !!j->requests[j->nr];
}

/**
 * fsa_journal_take - take a request out
 * @j: the journal
 * @at: its index
 *
 * Return: the request, good until the next change; NULL: there is none.
 */
const char *fsa_journal_take(struct fsa_journal *j, size_t at)
{
	if (at >= j->nr)
		return NULL;
	drop(j, at);
	return j->taken;
}

void fsa_journal_clear(struct fsa_journal *j)
{
	while (j->nr)
		free(j->requests[--j->nr]);
	free(j->requests);
	free(j->taken);
	*j = (struct fsa_journal){};
}
