// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of file systems.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "../fsalert/figures.h"

static int compare_keys(const void *a, const void *b)
{
	const struct pool *x = a, *y = b;

	return strcmp(x->key, y->key);
}

struct pool *pool_find(struct daemon *d, const char *key)
{
	const struct pool wanted = { .key = (char *)key };
	struct pool **found = tfind(&wanted, &d->pool_tree, compare_keys);

	return found ? *found : NULL;
}

/**
 * pool_set_text - replace a text
 * @text: the text
 * @value: what it is to be; may be NULL
 *
 * Return: 0, or -ENOMEM: the text stays as it was.
 */
int pool_set_text(char **text, const char *value)
{
	char *copy = NULL;

	if (*text && value && !strcmp(*text, value))
		return 0;
	if (value) {
		copy = strdup(value);
		if (!copy)
			return -ENOMEM;
	}
	free(*text);
	*text = copy;
	return 0;
}

static void configure(struct pool *p)
{
	p->alarms.settle_ms = p->d->config->settle_ms;
	p->alarms.repeat_ms = p->d->config->repeat_ms;
	/* These belong to the configuration before. */
	rule_release(&p->wanted);
}

static void pool_free(struct pool *p)
{
	alarm_free(&p->alarms);
	rule_release(&p->wanted);
	free(p->key);
	free(p->mount);
	free(p->source);
	free(p->fstype);
	free(p->asked);
	free(p->request);
	free(p->why);
	figures_forget(&p->question);
	free(p);
}

/**
 * pool_add - add a file system
 * @d: the daemon
 * @key: names it
 *
 * Return: the file system; NULL: no memory.
 */
struct pool *pool_add(struct daemon *d, const char *key)
{
	struct pool *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->d = d;
	p->key = strdup(key);
	p->mount = strdup("");
	p->source = strdup("");
	p->fstype = strdup("");
	p->alarms.report = report_alarm;
	p->alarms.data = p;
	p->alarms.asked_ns = ALARM_NEVER;
	configure(p);
	if (!p->key || !p->mount || !p->source || !p->fstype ||
	    !tsearch(p, &d->pool_tree, compare_keys)) {
		pool_free(p);
		return NULL;
	}
	if (d->last_pool)
		d->last_pool->next = p;
	else
		d->pools = p;
	d->last_pool = p;
	return p;
}

/* The file systems that are not in the mount table any more go. */
void pool_end_missing(struct daemon *d)
{
	struct pool **at = &d->pools, *p;

	d->last_pool = NULL;
	while ((p = *at)) {
		if (p->present) {
			d->last_pool = p;
			at = &p->next;
			continue;
		}
		alarm_end(&p->alarms);
		*at = p->next;
		tdelete(p, &d->pool_tree, compare_keys);
		pool_free(p);
		d->changed = true;
		d->outdated = true;
	}
}

/* There is another configuration. */
void pool_configure(struct daemon *d)
{
	struct pool *p;

	for (p = d->pools; p; p = p->next)
		configure(p);
}

void pool_free_all(struct daemon *d)
{
	struct pool *p;

	while ((p = d->pools)) {
		d->pools = p->next;
		tdelete(p, &d->pool_tree, compare_keys);
		pool_free(p);
	}
	d->last_pool = NULL;
}
