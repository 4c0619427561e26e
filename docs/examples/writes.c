// SPDX-License-Identifier: GPL-2.0-only
/*
 * Usage: writes PATH. Says when a program has to stop taking writes, at 5 %, and
 * when it may go on, at 8 %. Any user may run it, with and without the module.
 *
 * Build: cc writes.c $(pkg-config --cflags --libs fsalert) -o writes
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include <fsalert.h>

int main(int argc, char **argv)
{
	const struct fsalert_event *ev;
	struct fsalert *h;
	int result;

	if (argc != 2)
		errx(2, "usage: writes PATH");
	result = fsalert_open(&h, FSALERT_ANY);
	if (result)
		errx(1, "no source of events: %s", strerror(-result));
	result = fsalert_watch(h, argv[1], FSALERT_SPEC(.space = "5%:8%"));
	if (result)
		errx(1, "%s: %s", argv[1], fsalert_why(h, NULL));
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("take writes");
	while ((result = fsalert_wait(h, -1, &ev)) > 0) {
		switch (fsalert_type(ev)) {
		case FSALERT_BELOW:
			puts("stop taking writes");
			break;
		case FSALERT_BACK:	/* what was below is reported again */
		case FSALERT_ABOVE:
			puts("go on");
			break;
		case FSALERT_REMOVED:	/* after BACK: the watch could not be made again */
			puts("stop taking writes");
			errx(1, "%s is not watched any more", argv[1]);
		case FSALERT_UNMOUNT:
			return 0;
		default:
			break;
		}
	}
	errx(1, "waiting: %s", strerror(-result));
}
