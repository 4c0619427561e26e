/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The requests that a new fsalert-poll gets, in place of one that died.
 */
#ifndef FSALERT_JOURNAL_H
#define FSALERT_JOURNAL_H

#include <stddef.h>

/**
 * struct fsa_journal - requests
 * @requests: the texts, the oldest first
 * @nr: how many
 * @room: for how many there is room
 * @taken: the last one that was taken out
 */
struct fsa_journal {
	char **requests;
	size_t nr;
	size_t room;
	char *taken;
};

void fsa_journal_add(struct fsa_journal *j, const char *request);
const char *fsa_journal_take(struct fsa_journal *j, size_t at);
void fsa_journal_clear(struct fsa_journal *j);

#endif /* FSALERT_JOURNAL_H */
