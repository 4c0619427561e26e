// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: sources that are switched on only while needed.
 *
 * Some sources cost something even where nothing goes wrong, or patch kernel
 * text. Each of these is started with the first watch that has one of its
 * events on, and stopped a few seconds after the last: patching takes long,
 * and watches that come and go shall not wait for it each time. The health of a
 * super block (health.c) and FS_ERROR (sb_mark.c) need no switch: they come
 * with the super block.
 *
 * fse_source_mutex is taken in the process context of a writer, without other
 * locks, and by the work item that stops sources; under it start and stop
 * take locks of the kernel's text patching. Giving back is only counting, so
 * that umount(2) never waits for any of this.
 *
 * Context: process context; may sleep.
 */
#include <linux/atomic.h>
#include <linux/tracepoint.h>

#include "../internal.h"

/**
 * struct fse_source - a source with a switch
 * @events: what it can tell, bits
 * @start: starts it; fails when there is no memory
 * @stop: stops it; it may still run for a moment
 * @users: watches, and writes under way, that want one of @events
 * @on: started; under fse_source_mutex
 */
struct fse_source {
	u32 events;
	int (*start)(void);
	void (*stop)(void);
	atomic_t users;
	bool on;
};

static struct fse_source fse_sources[] = {
	{
		.events = BIT(FS_ERR_IO) | BIT(FS_WARN_ENOSPC),
		.start	= fse_writeback_start,
		.stop	= fse_writeback_stop,
	},
	/* Failures that are reported need no probe: so reports come first. */
	{
		.events = BIT(FS_ERR_SHUTDOWN) | BIT(FS_ERR_REMOUNT_RO) |
			  BIT(FS_ERR_CORRUPTED) | BIT(FS_ERR_IO),
		.start	= fse_report_start,
		.stop	= fse_report_stop,
	},
	{
		.events = BIT(FS_ERR_SHUTDOWN) | BIT(FS_ERR_REMOUNT_RO) |
			  BIT(FS_ERR_CORRUPTED),
		.start	= fse_failure_start,
		.stop	= fse_failure_stop,
	},
};

static DEFINE_MUTEX(fse_source_mutex);

/* How long a source that no watch needs stays on. */
#define FSE_SOURCE_LINGER	(5 * HZ)

static void fse_sources_stop(struct work_struct *work)
{
	unsigned int i;

	mutex_lock(&fse_source_mutex);
	for (i = 0; i < ARRAY_SIZE(fse_sources); i++) {
		struct fse_source *s = &fse_sources[i];

		if (!s->on || atomic_read(&s->users))
			continue;
		s->stop();
		s->on = false;
	}
	mutex_unlock(&fse_source_mutex);
}

static DECLARE_DELAYED_WORK(fse_sources_work, fse_sources_stop);

/**
 * fse_sources_get - switch on what can tell of some events
 * @events: the events, bits
 *
 * Context: Process context without locks, may sleep.
 * Return: 0, or a negative errno; then nothing is taken.
 */
int fse_sources_get(u32 events)
{
	unsigned int i;
	int err = 0;

	mutex_lock(&fse_source_mutex);
	for (i = 0; i < ARRAY_SIZE(fse_sources) && !err; i++) {
		struct fse_source *s = &fse_sources[i];

		if (!(s->events & events) || s->on)
			continue;
		err = s->start();
		s->on = !err;
	}
	for (i = 0; i < ARRAY_SIZE(fse_sources) && !err; i++) {
		if (fse_sources[i].events & events)
			atomic_inc(&fse_sources[i].users);
	}
	mutex_unlock(&fse_source_mutex);
	if (err)
		queue_delayed_work(fse_sample_wq, &fse_sources_work,
				   FSE_SOURCE_LINGER);
	return err;
}

/**
 * fse_sources_put - give back what fse_sources_get() took
 * @events: the same events
 *
 * Context: Any.
 */
void fse_sources_put(u32 events)
{
	bool idle = false;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fse_sources); i++) {
		if (fse_sources[i].events & events)
			idle |= atomic_dec_and_test(&fse_sources[i].users);
	}
	if (idle)
		queue_delayed_work(fse_sample_wq, &fse_sources_work,
				   FSE_SOURCE_LINGER);
}

/* All watches are gone; the workqueue is still there. */
void fse_sources_exit(void)
{
	cancel_delayed_work_sync(&fse_sources_work);
	fse_sources_stop(NULL);
	/* What was stopped may still be inside of our functions. */
	tracepoint_synchronize_unregister();
}
