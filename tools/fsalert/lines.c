// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of lines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"

/**
 * lines_have - does a file have a line?
 * @path: the file
 * @text: the line, or a part of it
 * @whole: @text is all of the line
 *
 * Return: false when the file can't be read.
 */
bool lines_have(const char *path, const char *text, bool whole)
{
	FILE *file = fopen(path, "re");
	bool found = false;
	char *line = NULL;
	size_t size = 0;

	while (file && !found && getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		found = whole ? !strcmp(line, text) : !!strstr(line, text);
	}
	free(line);
	if (file)
		fclose(file);
	return found;
}
