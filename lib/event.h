/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a netlink message to an event.
 */
#ifndef FSEVENTS_EVENT_H
#define FSEVENTS_EVENT_H

#include <linux/netlink.h>

#include "fsevents.h"

bool fsev_event_decode(struct fsevents_event *ev, const struct nlmsghdr *nlh);

#endif /* FSEVENTS_EVENT_H */
