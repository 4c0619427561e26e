// SPDX-License-Identifier: GPL-2.0-only
/*
 * Collects all events of a file system during a failure.
 */
#include <string.h>

#include "control.h"
#include "heard.h"

void fse_hear_from(struct fse_heard *h)
{
	memset(h, 0, sizeof(*h));
	h->begin = fse_now();
}

void fse_hear(struct fse_heard *h, struct fse_listener *l, const char *mount,
	      unsigned int events, unsigned int ms)
{
	__u64 deadline = fse_now() + FSE_SOON;
	__u64 end = fse_now() + ms;
	struct fse_event ev;

	while (fse_now() < end ||
	       ((h->seen & events) != events && fse_now() < deadline)) {
		int id = fse_next_of(l, mount, &ev, 100);

		if (id <= 0 || id > FS_ERR_SHUTDOWN)
			continue;
		if (!(h->seen & 1U << id)) {
			h->error[id] = ev.error;
			h->ino[id] = ev.ino;
			h->after[id] = fse_now() - h->begin;
		}
		h->seen |= 1U << id;
		h->count[id] += ev.count;
	}
}
