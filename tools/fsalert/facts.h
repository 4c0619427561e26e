/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Facts of an event: what JSON, --format and the environment of --exec have in
 * common.
 */
#ifndef FSALERT_FACTS_H
#define FSALERT_FACTS_H

#include <stdbool.h>

#include <fsalert.h>

#define FACTS_MAX	32

/**
 * enum fact_kind - what a fact is
 * @FACT_TEXT: text
 * @FACT_NUMBER: a number
 * @FACT_TRUE: a flag that is set
 */
enum fact_kind {
	FACT_TEXT,
	FACT_NUMBER,
	FACT_TRUE,
};

/**
 * struct fact - a fact
 * @name: its name
 * @kind: what it is
 * @text: its text, of whatever kind
 * @room: for texts that have to be made
 */
struct fact {
	const char *name;
	enum fact_kind kind;
	const char *text;
	char room[40];
};

/**
 * struct facts - the facts of an event
 * @list: them
 * @nr: how many
 */
struct facts {
	struct fact list[FACTS_MAX];
	size_t nr;
};

void facts_of(struct facts *facts, const struct fsalert_event *ev);
const char *facts_find(const struct facts *facts, const char *name, size_t len);
bool facts_has(const char *name, size_t len);
const char *severity_name(enum fsalert_severity severity);

#endif /* FSALERT_FACTS_H */
