/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events and watches as they are shown.
 */
#ifndef FSEVENTS_FORMAT_H
#define FSEVENTS_FORMAT_H

#include <stddef.h>
#include <stdio.h>

#include "config.h"
#include "event.h"

void format_event(FILE *out, const struct fsevent *ev);
void format_watches(FILE *out, const struct watch *watches, size_t nr);

void json_event(FILE *out, const struct fsevent *ev, uint64_t lost);
void json_watch(FILE *out, const struct watch *watch);

#endif /* FSEVENTS_FORMAT_H */
