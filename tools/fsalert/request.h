/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From arguments to a request, and from a refusal back to the arguments.
 */
#ifndef FSALERT_REQUEST_H
#define FSALERT_REQUEST_H

#include <fsalert.h>

/**
 * struct request - a request
 * @text: as the source takes it
 * @mount: the mount that the path is on; NULL: it is no path
 * @args: the arguments that it was made of, the path first
 * @path_end: where the path ends in @text
 */
struct request {
	char *text;
	char *mount;
	char **args;
	size_t path_end;
};

int request_make(struct request *r, const char *prefix, char **args);
int request_submit(struct fsalert *h, const struct request *r);
void request_free(struct request *r);
size_t request_word(const struct request *r, size_t at);
int find_mount(const char *path, unsigned int ms, char **mount);
int say_no_mount(const char *path, int error);
int resolve_mount(const char *path, char **mount);

#endif /* FSALERT_REQUEST_H */
