/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events and watches, as people and as programs read them.
 */
#ifndef FSALERT_SHOW_H
#define FSALERT_SHOW_H

#include <stdbool.h>
#include <stdio.h>

#include <fsalert.h>

struct json_object;

void show_event(FILE *out, const struct fsalert_event *ev,
		const char *time_format, bool colour);
void show_format(FILE *out, const struct fsalert_event *ev, const char *format);
void show_amount(FILE *out, uint64_t avail, uint64_t total, uint64_t frsize);

/* Objects have a "type", and are written one per line. */
struct json_object *json_new(const char *type);
void json_add_text(struct json_object *to, const char *key, const char *text);
void json_add_number(struct json_object *to, const char *key, uint64_t value);
void json_add_flag(struct json_object *to, const char *key, bool value);
struct json_object *json_add_list(struct json_object *to, const char *key);
void json_append_text(struct json_object *list, const char *text);
void json_write(FILE *out, struct json_object *json);

void json_event(FILE *out, const struct fsalert_event *ev);
void json_add_watch(struct json_object *to, const struct fsalert_entry *entry);

#endif /* FSALERT_SHOW_H */
