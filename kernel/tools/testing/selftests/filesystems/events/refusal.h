/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Common checks of refused writes.
 */
#ifndef REFUSAL_H
#define REFUSAL_H

#include <stddef.h>

/**
 * struct fse_bad - a write that is refused
 * @text: the text written
 * @err: expected errno
 * @rest: the request in error_log, from the caret on
 * @why: part of the expected reason
 */
struct fse_bad {
	const char *text;
	int err;
	const char *rest;
	const char *why;
};

/*
 * Makes a write that must fail as @bad describes and not change config. Returns
 * "" or a description of the difference, static and valid until the next call.
 * Clears error_log.
 */
const char *fse_refused(const struct fse_bad *bad, size_t len);

/* The same for a table of texts without NUL; returns all differences. */
const char *fse_refused_all(const struct fse_bad *bad, size_t nr);

#endif /* REFUSAL_H */
