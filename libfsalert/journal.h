/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The requests that a new fsalert-poll gets, in place of one that died.
 */
#ifndef FSALERT_JOURNAL_H
#define FSALERT_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct fsa_repeat - a request
 * @text: its text
 * @time_ns: when it was accepted, nanoseconds since 1970
 * @error: why it was refused when it was repeated, errno; 0: it was not
 */
struct fsa_repeat {
	char *text;
	uint64_t time_ns;
	unsigned int error;
};

/**
 * struct fsa_journal - requests
 * @requests: them, the oldest first
 * @nr: how many
 * @room: for how many there is room
 * @taken: the last one that was taken out
 */
struct fsa_journal {
	struct fsa_repeat *requests;
	size_t nr;
	size_t room;
	char *taken;
};

void fsa_journal_add(struct fsa_journal *j, const char *request);
void fsa_journal_end(struct fsa_journal *j, const char *mount,
		     uint64_t time_ns);
char *fsa_journal_repeat(struct fsa_journal *j, size_t *len);
void fsa_journal_refuse(struct fsa_journal *j, size_t at, unsigned int error);
const char *fsa_journal_take(struct fsa_journal *j, unsigned int *error);
void fsa_journal_clear(struct fsa_journal *j);

#endif /* FSALERT_JOURNAL_H */
