// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports that wait for units.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "queue.h"

/**
 * queue_get - find the queue of a file system
 * @d: the daemon
 * @file: name of its file of variables
 *
 * Return: the queue, a new one if there was none; NULL: no memory.
 */
struct queue *queue_get(struct daemon *d, const char *file)
{
	struct queue *q, **end = &d->queues;

	for (; (q = *end); end = &q->next) {
		if (!strcmp(q->file, file))
			return q;
	}
	q = calloc(1, sizeof(*q));
	if (!q)
		return NULL;
	q->file = strdup(file);
	if (!q->file) {
		free(q);
		return NULL;
	}
	*end = q;
	return q;
}

/**
 * queue_add - add a report
 * @q: the queue
 *
 * If the queue is full, the new report replaces the last one and takes over its
 * units. Return: the report, without its variables; NULL: no memory.
 */
struct notice *queue_add(struct queue *q)
{
	struct notice **end = &q->list, *last = NULL;
	unsigned int nr;

	for (nr = 0; *end; nr++) {
		last = *end;
		end = &last->next;
	}
	if (nr < QUEUE_MAX) {
		*end = calloc(1, sizeof(**end));
		return *end;
	}
	last->left_out++;
	free(last->variables);
	last->variables = NULL;
	return last;
}

/**
 * queue_add_unit - add a unit to a report
 * @d: the daemon
 * @n: the report
 * @unit: its name
 *
 * Return: it, as it is if it was there before; NULL: no memory.
 */
struct job *queue_add_unit(struct daemon *d, struct notice *n,
			   const char *unit)
{
	struct job *job, **end = &n->jobs;

	for (; (job = *end); end = &job->next) {
		if (!strcmp(job->unit, unit))
			return job;
	}
	job = calloc(1, sizeof(*job));
	if (!job)
		return NULL;
	job->d = d;
	job->unit = strdup(unit);
	if (!job->unit) {
		free(job);
		return NULL;
	}
	*end = job;
	return job;
}

static void free_job(struct job *job)
{
	sd_bus_slot_unref(job->slot);
	free(job->unit);
	free(job->path);
	free(job);
}

/**
 * queue_next - the first report is done
 * @q: the queue
 */
void queue_next(struct queue *q)
{
	struct notice *n = q->list;
	struct job *job;

	q->list = n->next;
	while ((job = n->jobs)) {
		n->jobs = job->next;
		free_job(job);
	}
	free(n->variables);
	free(n);
}

/**
 * queue_end_job - a unit was started, or can't be
 * @job: the unit
 */
void queue_end_job(struct job *job)
{
	struct queue *q;
	struct job **at;

	job->d->changed = true;
	for (q = job->d->queues; q; q = q->next) {
		at = q->list ? &q->list->jobs : NULL;
		while (at && *at && *at != job)
			at = &(*at)->next;
		if (at && *at) {
			*at = job->next;
			free_job(job);
			return;
		}
	}
}

/* Frees the queues without reports. */
void queue_free_empty(struct daemon *d)
{
	struct queue *q, **at = &d->queues;

	while ((q = *at)) {
		if (q->list) {
			at = &q->next;
			continue;
		}
		*at = q->next;
		free(q->file);
		free(q);
	}
}

void queue_free_all(struct daemon *d)
{
	struct queue *q;

	for (q = d->queues; q; q = q->next) {
		while (q->list)
			queue_next(q);
	}
	queue_free_empty(d);
}
