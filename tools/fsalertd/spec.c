// SPDX-License-Identifier: GPL-2.0-only
/*
 * Levels and names of events. The kernel's own parser reads them, so that a
 * configuration is refused for the same reasons as a request.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grammar.h"
#include "spec.h"

/* A request around the levels of a rule. */
#define SPACE_PREFIX	"/ T "
#define INODES_PREFIX	"/ I "
#define EVENTS_PREFIX	"/ G:"

#define PERCENT_BASE	1000000000000ULL

/* Too large for the stack. */
static struct fse_request request;

static bool parse(const char *prefix, const char *text,
		  struct spec_fault *fault)
{
	struct fse_error error = { .err = 0 };
	struct fse_parser parser = { .nr = 0 };
	size_t skip = strlen(prefix);
	char *whole;
	int nr;

	if (asprintf(&whole, "%s%s", prefix, text) < 0) {
		*fault = (struct spec_fault){ .why = "out of memory" };
		return false;
	}
	parser.text = whole;
	parser.len = strlen(whole);
	nr = fse_parse_next(&parser, &request, &error);
	free(whole);
	if (nr == 1)
		return true;
	fault->at = error.word.off > skip ? error.word.off - skip : 0;
	fault->len = error.word.len;
	if (fault->at + fault->len > strlen(text))
		fault->len = strlen(text) - fault->at;
	fault->why = error.why ? error.why : "not understood";
	/* To the parser it is a type of the request. */
	if (error.err == -EINVAL && fault->len && strcmp(prefix, EVENTS_PREFIX) &&
	    (text[fault->at] < '0' || text[fault->at] > '9')) {
		fault->len = strcspn(text + fault->at, " \t\n");
		fault->why = "not a level as in 10%:12%, 20G or 5%";
	}
	return false;
}

static uint64_t bytes_of(const struct fse_amount *a, uint64_t blocks,
			 uint64_t frsize)
{
	switch (a->suffix) {
	case '%':
		return (__uint128_t)blocks * a->value / 100 * frsize;
	case 'K':
		return a->value << 10;
	case 'M':
		return a->value << 20;
	case 'G':
		return a->value << 30;
	case 'T':
		return a->value << 40;
	default:
		return a->value * frsize;
	}
}

static bool comparable(const struct fse_amount *a, const struct fse_amount *b)
{
	bool a_bytes = a->suffix && a->suffix != '%';
	bool b_bytes = b->suffix && b->suffix != '%';

	return a->suffix == b->suffix || (a_bytes && b_bytes);
}

static bool less(const struct fse_amount *a, const struct fse_amount *b)
{
	return comparable(a, b) && bytes_of(a, 100, 1) < bytes_of(b, 100, 1);
}

/* Amounts in different units are compared when the file system is known. */
static bool in_order(const struct fse_level_spec *levels, unsigned int nr,
		     size_t skip, struct spec_fault *fault)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		fault->at = levels[i].word.off - skip;
		fault->len = levels[i].word.len;
		if (less(&levels[i].rearm, &levels[i].trigger)) {
			fault->why = "the re-arm is below the level";
			return false;
		}
		if (i && comparable(&levels[i].trigger, &levels[i - 1].trigger) &&
		    !less(&levels[i].trigger, &levels[i - 1].trigger)) {
			fault->why = "the level is not below the one before";
			return false;
		}
	}
	return true;
}

/**
 * spec_check_levels - are these levels?
 * @text: levels, separated by blanks
 * @inodes: of free inodes, not of available space
 * @fault: what is wrong with them
 */
bool spec_check_levels(const char *text, bool inodes, struct spec_fault *fault)
{
	const char *prefix = inodes ? INODES_PREFIX : SPACE_PREFIX;

	if (!parse(prefix, text, fault))
		return false;
	if (request.types != (inodes ? FSE_TYPE_I : FSE_TYPE_T)) {
		*fault = (struct spec_fault){
			.len = strlen(text), .why = "not a list of levels",
		};
		return false;
	}
	return in_order(inodes ? request.inodes : request.space,
			inodes ? request.nr_inodes : request.nr_space,
			strlen(prefix), fault);
}

/**
 * spec_check_events - are these names of generic events?
 * @text: names, separated by commas
 * @fault: what is wrong with them
 */
bool spec_check_events(const char *text, struct spec_fault *fault)
{
	if (!parse(EVENTS_PREFIX, text, fault))
		return false;
	if (request.types == FSE_TYPE_G)
		return true;
	*fault = (struct spec_fault){
		.len = strlen(text), .why = "not a list of events",
	};
	return false;
}

/**
 * spec_parse_bytes - read an amount of bytes
 * @text: digits and one of K, M, G, T
 * @bytes: the amount
 */
bool spec_parse_bytes(const char *text, uint64_t *bytes)
{
	struct spec_fault fault;

	if (!spec_check_levels(text, false, &fault) || request.nr_space != 1 ||
	    request.space[0].has_rearm || !request.space[0].trigger.suffix ||
	    request.space[0].trigger.suffix == '%')
		return false;
	*bytes = bytes_of(&request.space[0].trigger, 0, 0);
	return true;
}

static bool all_in_percent(void)
{
	unsigned int i;

	for (i = 0; i < request.nr_space; i++) {
		if (request.space[i].trigger.suffix != '%' ||
		    request.space[i].rearm.suffix != '%')
			return false;
	}
	return true;
}

/**
 * spec_limit - levels that are at most some amount
 * @levels: the levels, which were checked
 * @at_most: the amount, in bytes, that the first level is at most
 * @blocks: size of the file system
 * @frsize: size of a block
 *
 * If the first level is more than @at_most, all levels are reduced by the same
 * factor. Return: levels, to be freed; NULL: no memory.
 */
char *spec_limit(const char *levels, uint64_t at_most, uint64_t blocks,
		 uint64_t frsize)
{
	struct spec_fault fault;
	char *text = NULL;
	unsigned int i;
	uint64_t first;
	size_t len;
	FILE *out;

	if (!spec_check_levels(levels, false, &fault) || !request.nr_space)
		return strdup(levels);
	first = bytes_of(&request.space[0].trigger, blocks, frsize);
	if (first <= at_most)
		return strdup(levels);
	/* Levels in per cent don't depend on the size any more. */
	if (all_in_percent()) {
		blocks = PERCENT_BASE;
		frsize = 1;
		first = bytes_of(&request.space[0].trigger, blocks, frsize);
	}
	out = open_memstream(&text, &len);
	if (!out)
		return NULL;
	for (i = 0; i < request.nr_space; i++) {
		__uint128_t low, high;

		low = bytes_of(&request.space[i].trigger, blocks, frsize);
		high = bytes_of(&request.space[i].rearm, blocks, frsize);
		fprintf(out, "%s%juK:%juK", i ? " " : "",
			(uintmax_t)(low * at_most / first >> 10),
			(uintmax_t)(high * at_most / first >> 10));
	}
	return fclose(out) ? NULL : text;
}
