/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What must be true of every refused write.
 */
#ifndef REFUSAL_H
#define REFUSAL_H

#include <stddef.h>

/**
 * struct fse_bad - a write that is refused
 * @text: the write
 * @err: errno
 * @rest: the request as error_log shows it, from above the caret on
 * @why: a part of the reason
 */
struct fse_bad {
	const char *text;
	int err;
	const char *rest;
	const char *why;
};

/*
 * Makes a write that must fail as @bad says and change nothing in config.
 * "" when it did, otherwise what went wrong; static and good until the next
 * call. Clears error_log.
 */
const char *fse_refused(const struct fse_bad *bad, size_t len);

/* The same for a table of texts without a NUL: all that went wrong. */
const char *fse_refused_all(const struct fse_bad *bad, size_t nr);

#endif /* REFUSAL_H */
