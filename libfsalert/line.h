/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines, as the kernel's file `watch` and fsalert-poll give them.
 */
#ifndef FSALERT_LINE_H
#define FSALERT_LINE_H

#include "event.h"

/**
 * enum fsa_line_kind - what a line is
 * @FSA_LINE_OTHER: nothing that this version knows
 * @FSA_LINE_EVENT: an event, or how many were lost
 * @FSA_LINE_REFUSED: the answer to a request: it was refused
 * @FSA_LINE_ACCEPTED: the answer to a request: it took effect
 * @FSA_LINE_CAPABILITIES: which events there can be
 */
enum fsa_line_kind {
	FSA_LINE_OTHER,
	FSA_LINE_EVENT,
	FSA_LINE_REFUSED,
	FSA_LINE_ACCEPTED,
	FSA_LINE_CAPABILITIES,
};

/**
 * struct fsa_refusal - why a request was refused
 * @error: errno, positive
 * @at: offset of the word at fault
 * @why: text
 */
struct fsa_refusal {
	unsigned int error;
	size_t at;
	const char *why;
};

enum fsa_line_kind fsa_line_kind(const char *line);
bool fsa_line_event(struct fsalert_event *ev, char *line);
void fsa_line_refusal(struct fsa_refusal *refusal, char *line);
char *fsa_line_field(char **rest, char **value);
void fsa_unescape(char *s);

#endif /* FSALERT_LINE_H */
