/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events and watches as they are shown.
 */
#ifndef FSEVENTS_FORMAT_H
#define FSEVENTS_FORMAT_H

#include <stddef.h>
#include <stdio.h>

#include <fsevents.h>

#include "config.h"

void format_event(FILE *out, const struct fsevents_event *ev);
void format_resync(FILE *out, const struct fsevents_news *news);
void format_watches(FILE *out, const struct watch *watches, size_t nr);

void json_event(FILE *out, const struct fsevents_event *ev, uint64_t lost);
void json_resync(FILE *out, const struct fsevents_news *news);
void json_watch(FILE *out, const struct watch *watch);

#endif /* FSEVENTS_FORMAT_H */
