// SPDX-License-Identifier: GPL-2.0-only
/*
 * Usage: stream MOUNT LEVEL... Shows when the available space of a file system
 * passes levels (as 10%, 20G, 5000), until it is unmounted.
 *
 * This is a private watch: it lives with the descriptor, needs no privilege, and
 * changes nothing that others watch.
 *
 * Build: cc stream.c -o stream
 */
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Says why the request was refused: the descriptor has a line about it. */
static void explain(int fd)
{
	char line[1024];
	ssize_t len = read(fd, line, sizeof(line));

	if (len > 0)
		fwrite(line, 1, len, stderr);
}

/* One write is one request: "/srv T 10% 5%". */
static void watch(int fd, char **words)
{
	char request[8192];
	size_t len = snprintf(request, sizeof(request), "%s T", words[0]);

	for (words++; *words && len < sizeof(request); words++)
		len += snprintf(request + len, sizeof(request) - len, " %s",
				*words);
	if (len >= sizeof(request))
		errx(1, "too long a request");
	if (write(fd, request, len) < 0) {
		warn("%s", request);
		explain(fd);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static char lines[65536];
	struct pollfd pfd = { .events = POLLIN };
	ssize_t len;

	if (argc < 3)
		errx(2, "usage: stream MOUNT LEVEL...");
	/* Messages must not go there: started without standard files. */
	do {
		pfd.fd = open("/dev/null", O_RDWR);
	} while (pfd.fd >= 0 && pfd.fd <= STDERR_FILENO);
	close(pfd.fd);
	pfd.fd = open("/sys/fs/events/watch", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (pfd.fd < 0)
		err(1, "/sys/fs/events/watch");
	watch(pfd.fd, argv + 1);
	puts("watching");
	fflush(stdout);

	/* Whole lines, one an event; 0: the file system is gone. */
	while (poll(&pfd, 1, -1) >= 0) {
		len = read(pfd.fd, lines, sizeof(lines));
		if (len <= 0)
			break;
		fwrite(lines, 1, len, stdout);
		fflush(stdout);
	}
	return 0;
}
