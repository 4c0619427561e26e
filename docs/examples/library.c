// SPDX-License-Identifier: GPL-2.0-only
/*
 * Usage: library MOUNT. Shows the levels of a file system that are watched, below
 * or above, and then its events, until it is unmounted. Events may be lost: the
 * library asks how things are then, and what it says next is true again.
 *
 * Build: cc library.c $(pkg-config --cflags --libs fsevents) -o library
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fsevents.h>

static void show(const struct fsevents_entry *entry)
{
	const struct fsevents_level *level = entry->levels;

	for (; level < entry->levels + entry->nr_levels; level++)
		printf("%s level %u of %s: %s\n", entry->mount,
		       (unsigned int)level->nr,
		       level->kind == FS_NL_KIND_SPACE ? "space" : "inodes",
		       level->state == FS_NL_STATE_BELOW ? "below" : "above");
}

static int on_news(const struct fsevents_news *news, void *data)
{
	const char *mount = data;

	switch (news->type) {
	case FSEVENTS_EVENT:
		if (strcmp(news->event->mount, mount))
			break;
		printf("%s %s\n", mount, fsevents_event_name(news->event->event_id));
		if (news->event->event_id == FS_INFO_UNMOUNT)
			exit(0);
		break;
	case FSEVENTS_LOST:
		printf("events were lost\n");
		break;
	case FSEVENTS_ENTRY:
		/* made or changed; or found to be another after a loss */
		if (news->entry && !strcmp(news->entry->mount, mount))
			show(news->entry);
		break;
	case FSEVENTS_RESYNCED:
		break;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct fsevents_entry *entry = NULL;
	struct fsevents_view *view;
	int result;

	if (argc != 2)
		errx(2, "usage: library MOUNT");
	setvbuf(stdout, NULL, _IOLBF, 0);
	result = fsevents_view_open(&view, 0, on_news, argv[1]);
	if (result)
		errx(1, "fs_event: %s", strerror(-result));
	while ((entry = fsevents_view_next(view, entry)))
		if (!strcmp(entry->mount, argv[1]))
			show(entry);
	printf("listening\n");
	while (!result)
		result = fsevents_view_read(view, -1);
	errx(1, "reading: %s", strerror(-result));
}
