/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How the kernel tells events.
 */
#ifndef FSEVENTS_RECEIVE_H
#define FSEVENTS_RECEIVE_H

#include "event.h"

struct receiver;

/* Called for each event; anything but 0 ends the reading and is returned. */
typedef int (*receiver_fn)(const struct fsevent *ev, void *data);

int receiver_open(struct receiver **receiver);
void receiver_close(struct receiver *r);
int receiver_read(struct receiver *r, int timeout_ms, receiver_fn fn,
		  void *data);

#endif /* FSEVENTS_RECEIVE_H */
