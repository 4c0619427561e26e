// SPDX-License-Identifier: GPL-2.0-only
/*
 * From arguments to the text of one watch request. What it means is for the
 * kernel to judge.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"
#include "text.h"

/**
 * request_is_one - do words stay within one request?
 * @words: arguments, up to a NULL
 *
 * A path is escaped, other words go as they are.
 */
bool request_is_one(char * const words[])
{
	for (; *words; words++) {
		if (strpbrk(*words, ";\n"))
			return false;
	}
	return true;
}

/**
 * request_text - the text of a request
 * @prefix: "!" to stop watching, otherwise ""
 * @dir: what a relative path is relative to
 * @mount: path of the mount point
 * @words: what follows it, up to a NULL
 *
 * Return: the text, to be freed. The program ends when there is no memory.
 */
char *request_text(const char *prefix, const char *dir, const char *mount,
		   char * const words[])
{
	char *dir_part = text_escape(mount[0] == '/' ? "" : dir,
				     text_plain_request);
	char *mount_part = text_escape(mount, text_plain_request);
	const char *slash = mount[0] == '/' ? "" : "/";
	char *text = NULL;
	size_t len;
	FILE *out;

	out = open_memstream(&text, &len);
	if (!out)
		err(EXIT_FAILURE, NULL);
	fprintf(out, "%s%s%s%s", prefix, dir_part, slash, mount_part);
	for (; *words; words++)
		fprintf(out, " %s", *words);
	if (fclose(out))
		err(EXIT_FAILURE, NULL);
	free(dir_part);
	free(mount_part);
	return text;
}
