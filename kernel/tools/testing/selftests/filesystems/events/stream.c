// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "event.h"
#include "stream.h"

int fse_stream_open(int flags)
{
	int fd = open(FSE_EVENTS, O_RDONLY | O_CLOEXEC | flags);

	return fd < 0 ? -errno : fd;
}

int fse_private_open(int flags)
{
	int fd = open(FSE_WATCH, O_RDWR | O_CLOEXEC | flags);

	return fd < 0 ? -errno : fd;
}

short fse_stream_poll(int fd, int timeout)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, timeout) > 0 ? p.revents : 0;
}

/* Byte by byte, like shells: the rest stays for the next call. */
const char *fse_stream_line(int fd)
{
	static char line[FSE_LINE];
	size_t len = 0;

	line[0] = '\0';
	if (!fse_stream_poll(fd, FSE_SOON))
		return line;
	while (len < sizeof(line) - 1 && read(fd, line + len, 1) == 1 &&
	       line[len] != '\n')
		len++;
	line[len] = '\0';
	return line;
}

bool fse_stream_quiet(int fd)
{
	return !fse_stream_poll(fd, FSE_QUIET);
}

const char *fse_field(const char *line, const char *name)
{
	static char value[FSE_LINE];
	size_t len = strlen(name);
	const char *s = line;

	value[0] = '\0';
	while (s && (strncmp(s, name, len) || s[len] != '=')) {
		s = strchr(s, ' ');
		if (s)
			s++;
	}
	if (s) {
		s += len + 1;
		snprintf(value, sizeof(value), "%.*s", (int)strcspn(s, " "),
			 s);
	}
	return value;
}

__u64 fse_number(const char *line, const char *name)
{
	const char *value = fse_field(line, name);
	char *end;
	__u64 number = strtoull(value, &end, 10);

	return *value && !*end ? number : ULLONG_MAX;
}

const char *fse_fields(const char *line)
{
	static char names[1024];
	size_t len = 0;

	names[0] = '\0';
	while (line && *line) {
		len += snprintf(names + len, sizeof(names) - len, "%.*s ",
				(int)strcspn(line, "="), line);
		line = strchr(line, ' ');
		if (line)
			line++;
	}
	return names;
}

int fse_ask(int fd, const char *fmt, ...)
{
	char text[8192];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return write(fd, text, len) == len ? 0 : -errno;
}
