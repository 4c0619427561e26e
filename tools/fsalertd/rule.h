/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which rules are about a file system, and what they come to.
 */
#ifndef FSALERTD_RULE_H
#define FSALERTD_RULE_H

#include "config.h"
#include "mounts.h"

/**
 * struct wanted - what the rules want for a file system
 * @rules: the rules that are about it, in their order
 * @nr: how many
 * @watch: is it to be watched?
 * @texts: levels and events; of the configuration; NULL: none
 * @at_most: limit of the first level of space, in bytes; 0: none
 */
struct wanted {
	const struct rule **rules;
	size_t nr;
	bool watch;
	const char *texts[RULE_TEXTS];
	uint64_t at_most;
};

int rule_match(struct wanted *w, const struct config *c,
	       const struct mount * const *mounts, size_t nr);
void rule_release(struct wanted *w);

#endif /* FSALERTD_RULE_H */
