// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzzing: lines of `watch` and fsalert-poll, the kernel's log of refused requests,
 * and the journal, as scripts/fuzz runs it. The first byte says which.
 */
#include <stdlib.h>

#include "config.h"
#include "fuzz.h"
#include "journal.h"
#include "line.h"

static void fuzz_lines(char *text)
{
	struct fsa_refusal refusal;
	struct fsalert_event ev;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		switch (fsa_line_kind(line)) {
		case FSA_LINE_REFUSED:
			fsa_line_refusal(&refusal, line);
			if (!refusal.error || !refusal.why)
				abort();
			break;
		default:
			if (fsa_line_event(&ev, line) &&
			    !fsalert_str(&ev, FSALERT_KEY_NAME))
				abort();
			fuzz_read(&ev);
		}
	}
}

static void fuzz_log(char *text)
{
	char *request = strsep(&text, "\n");
	size_t at = 0;

	/* The word at fault lies in the request. */
	if (text && fsa_log_find(text, request, &at) && at > strlen(request))
		abort();
}

static void fuzz_journal(char *text)
{
	struct fsa_journal j = {};
	unsigned int error;
	char *request;

	while ((request = strsep(&text, "\n")))
		fsa_journal_add(&j, request);
	fsa_journal_refuse(&j, j.nr / 2, 1);
	while (fsa_journal_take(&j, &error))
		;
	fsa_journal_clear(&j);
}

size_t fuzz_sum;

int fuzz_one(const uint8_t *data, size_t size)
{
	char *text;

	if (!size)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	if (!text)
		return 0;
	if (*data % 4 == 1)
		fuzz_log(text);
	else if (*data % 4 == 2)
		fuzz_journal(text);
	else
		fuzz_lines(text);
	free(text);
	return 0;
}
