/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a listener hands on to the rest of the library: messages.
 */
#ifndef FSEVENTS_LISTENER_H
#define FSEVENTS_LISTENER_H

#include <stdbool.h>

#include <linux/netlink.h>

#include "fsevents.h"

int fsev_listener_open(struct fsevents_listener **listener, size_t queue_bytes,
		       bool changes);
int fsev_listener_next(struct fsevents_listener *l, int timeout_ms,
		       const struct nlmsghdr **message);
uint16_t fsev_listener_family(const struct fsevents_listener *l);

#endif /* FSEVENTS_LISTENER_H */
