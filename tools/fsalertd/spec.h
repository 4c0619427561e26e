/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Levels and names of events, as they are written in rules and in requests.
 */
#ifndef FSALERTD_SPEC_H
#define FSALERTD_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct spec_fault - what is wrong with a text
 * @at: offset of the word at fault
 * @len: its length
 * @why: a few words
 */
struct spec_fault {
	size_t at;
	size_t len;
	const char *why;
};

bool spec_check_levels(const char *text, bool inodes, struct spec_fault *fault);
bool spec_check_events(const char *text, struct spec_fault *fault);
bool spec_parse_bytes(const char *text, uint64_t *bytes);
char *spec_limit(const char *levels, uint64_t at_most, uint64_t blocks,
		 uint64_t frsize);

#endif /* FSALERTD_SPEC_H */
