// SPDX-License-Identifier: GPL-2.0-only
/*
 * Usage: all. Shows the watches of the kernel and the state of their levels, and
 * then what changes, beside whatever else a program waits for. After a loss the
 * library asks for the states, and reports each difference as an event: a program
 * that knows nothing of losses knows every state.
 *
 * Build: cc all.c $(pkg-config --cflags --libs fsalert) -o all
 */
#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <fsalert.h>

static int show(const struct fsalert_entry *entry, void *data)
{
	uint64_t below;
	size_t i;

	(void)data;
	printf("%s: %s\n", fsalert_entry_str(entry, FSALERT_KEY_MOUNT) ?: "?",
	       fsalert_entry_str(entry, FSALERT_KEY_REQUEST));
	for (i = 0; !fsalert_level_u64(entry, i, FSALERT_KEY_IS_BELOW, &below);
	     i++)
		printf("  %s: %s\n", fsalert_level_str(entry, i, FSALERT_KEY_TEXT),
		       below ? "below" : "above");
	return 0;
}

int main(void)
{
	const struct fsalert_event *ev;
	struct pollfd pfd = { .events = POLLIN };
	struct fsalert *h;
	int result;

	result = fsalert_open_all(&h, NULL, 0);
	if (result)
		errx(1, "no global watches: %s", strerror(-result));
	setvbuf(stdout, NULL, _IOLBF, 0);
	fsalert_each(h, show, NULL);
	puts("listening");
	pfd.fd = fsalert_fd(h);
	while (poll(&pfd, 1, -1) >= 0) {
		while ((result = fsalert_next(h, &ev)) > 0)
			/* A file system's own event has no mount. */
			printf("%s %s\n",
			       fsalert_str(ev, FSALERT_KEY_NAME) ?: "?",
			       fsalert_str(ev, FSALERT_KEY_MOUNT) ?: "-");
		/* It is tried again by itself, when the descriptor says so. */
		if (result)
			warnx("reading: %s", strerror(-result));
	}
	err(1, "poll");
}
