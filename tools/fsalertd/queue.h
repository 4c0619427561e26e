/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reports that wait for units: a file system has one file of variables, so its
 * reports are handed out one by one.
 */
#ifndef FSALERTD_QUEUE_H
#define FSALERTD_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-bus.h>

/* How many reports about a file system wait at most. */
#define QUEUE_MAX	32

struct daemon;

/**
 * struct job - a unit that is to be started, or is being started
 * @next: the next one of the report
 * @d: the daemon
 * @unit: its name
 * @path: the job at systemd; NULL: not known
 * @slot: what systemd was asked about it; NULL: nothing
 */
struct job {
	struct job *next;
	struct daemon *d;
	char *unit;
	char *path;
	sd_bus_slot *slot;
};

/**
 * struct notice - a report for units
 * @next: the next one about the file system
 * @variables: what the units read
 * @jobs: units that have not ended
 * @left_out: reports before it that no unit gets
 * @written: are the variables in the file?
 */
struct notice {
	struct notice *next;
	char *variables;
	struct job *jobs;
	uint64_t left_out;
	bool written;
};

/**
 * struct queue - the reports about a file system
 * @next: the next queue
 * @file: name of the file of variables
 * @list: the reports; the units of the first one are being started
 */
struct queue {
	struct queue *next;
	char *file;
	struct notice *list;
};

struct queue *queue_get(struct daemon *d, const char *file);
struct notice *queue_add(struct queue *q);
struct job *queue_add_unit(struct daemon *d, struct notice *n,
			   const char *unit);
void queue_next(struct queue *q);
void queue_end_job(struct job *job);
void queue_free_empty(struct daemon *d);
void queue_free_all(struct daemon *d);

#endif /* FSALERTD_QUEUE_H */
