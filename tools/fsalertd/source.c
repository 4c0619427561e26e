// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sources of events: one for local file systems, and one for those that may
 * have to wait for a server, which is always fsalert-poll: it never waits itself.
 *
 * systemd keeps the kernel's file `watch` while the daemon restarts, with its
 * watches and the events that come meanwhile. Paths in requests must lead to the
 * same mounts for the process that opened it: in another mount namespace, which a
 * setting of the unit may bring, it only has the events until then. So its name in
 * the store has the namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "daemon.h"
#include "message_id.h"

#define STORED_NAME	"watch"

/* Pauses after reading failed: each is twice as long as the previous pause. */
#define PAUSE_MIN_US	100000
#define PAUSE_MAX_US	5000000

/* When fsalert-poll is started again after it could not be started. */
#define REMOTE_RETRY_MS	30000

/* Linux 6.8: never used again for another mount */
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE	0x4000U
#endif

/* The name of the file in the store: it has the root of the mount namespace. */
static void stored_name(char *name, size_t size)
{
	struct statx st;

	if (statx(AT_FDCWD, "/", 0, STATX_MNT_ID_UNIQUE, &st) ||
	    !(st.stx_mask & STATX_MNT_ID_UNIQUE))
		st.stx_mnt_id = 0;
	snprintf(name, size, STORED_NAME "-%ju", (uintmax_t)st.stx_mnt_id);
}

static int on_readable(sd_event_source *io, int fd, uint32_t revents,
		       void *data)
{
	(void)io;
	(void)fd;
	(void)revents;
	source_read(data);
	return 0;
}

static int on_pause_over(sd_event_source *timer, uint64_t usec, void *data)
{
	struct source *s = data;

	(void)timer;
	(void)usec;
	sd_event_source_set_enabled(s->io, SD_EVENT_ON);
	source_read(s);
	return 0;
}

/* Starting a timer takes no memory, so pauses also work when there is none. */
static int attach(struct source *s)
{
	int err = sd_event_add_io(s->d->event, &s->io, fsalert_fd(s->h),
				  EPOLLIN, on_readable, s);

	if (err >= 0)
		err = sd_event_add_time_relative(s->d->event, &s->pause,
						 CLOCK_BOOTTIME, 0, 0,
						 on_pause_over, s);
	if (err >= 0)
		err = sd_event_source_set_enabled(s->pause, SD_EVENT_OFF);
	return err;
}

/*
 * Reading failed and the descriptor is still readable: without a pause the loop
 * would spin. Events wait in the kernel's queue, or in fsalert-poll.
 */
static void pause_reading(struct source *s, int err)
{
	if (!s->io)
		return;
	if (!s->pause_us)
		journal_say(LOG_ERR, MESSAGE_ID_SOURCE,
			    "events can't be read: %s; trying again until they can",
			    strerror(-err));
	s->pause_us = s->pause_us ? 2 * s->pause_us : PAUSE_MIN_US;
	if (s->pause_us > PAUSE_MAX_US)
		s->pause_us = PAUSE_MAX_US;
	if (sd_event_source_set_time_relative(s->pause, s->pause_us) >= 0 &&
	    sd_event_source_set_enabled(s->pause, SD_EVENT_ONESHOT) >= 0)
		sd_event_source_set_enabled(s->io, SD_EVENT_OFF);
}

/* All events were read. */
static void end_pause(struct source *s)
{
	if (!s->pause_us)
		return;
	s->pause_us = 0;
	sd_event_source_set_enabled(s->pause, SD_EVENT_OFF);
	sd_event_source_set_enabled(s->io, SD_EVENT_ON);
	journal_say(LOG_INFO, MESSAGE_ID_SOURCE, "events are read again");
}

static void store(const struct source *s)
{
	char name[32], state[64];
	int fd = fsalert_watch_fd(s->h);

	if (fd < 0)
		return;
	stored_name(name, sizeof(name));
	snprintf(state, sizeof(state), "FDSTORE=1\nFDPOLL=0\nFDNAME=%s", name);
	sd_pid_notify_with_fds(0, false, state, &fd, 1);
}

static void drop_stored(const char *name)
{
	char state[512];

	snprintf(state, sizeof(state), "FDSTOREREMOVE=1\nFDNAME=%s", name);
	sd_notify(false, state);
}

static void say_source(const struct source *s)
{
	const char *cannot = fsalert_cannot(s->h);

	if (fsalert_source(s->h) == FSALERT_KERNEL)
		journal_say(LOG_INFO, MESSAGE_ID_SOURCE,
			    "events come from the kernel%s",
			    s->adopted ? ", with the watches from before" : "");
	else
		journal_say(LOG_INFO, MESSAGE_ID_SOURCE,
			    "events come from fsalert-poll%s%s",
			    cannot ? ", but for: " : "", cannot ?: "");
}

static void detach(struct source *s)
{
	s->io = sd_event_source_unref(s->io);
	s->pause = sd_event_source_unref(s->pause);
	s->pause_us = 0;
	s->h = fsalert_unref(s->h);
	s->adopted = false;
	s->gone = false;
}

/*
 * Descriptors that systemd kept. Those that are not used are not kept any longer.
 * Return: does @h have the kernel's watches?
 */
static bool adopt(struct fsalert **h, bool wanted, bool *foreign)
{
	char **names = NULL, own[32];
	int i, nr = sd_listen_fds_with_names(true, &names);
	bool adopted = false;

	stored_name(own, sizeof(own));
	for (i = 0; i < nr; i++) {
		int fd = SD_LISTEN_FDS_START + i;
		bool is_own = !strcmp(names[i], own);
		bool taken = wanted && !adopted &&
			     !strncmp(names[i], STORED_NAME,
				      strlen(STORED_NAME)) &&
			     !fsalert_open_fd(h, fd);

		if (taken)
			*foreign = !is_own;
		else
			close(fd);
		adopted |= taken;
		if (!taken || !is_own)
			drop_stored(names[i]);
		free(names[i]);
	}
	free(names);
	return adopted;
}

/* The source that the configuration wants is missing: report each reason once. */
static void say_missing(struct daemon *d, int err)
{
	static const char * const names[] = {
		[FSALERT_ANY] = "the kernel or fsalert-poll",
		[FSALERT_KERNEL] = "the kernel",
		[FSALERT_POLL] = "fsalert-poll",
	};
	bool no_module = err == -ENOENT && d->config->from == FSALERT_KERNEL;

	if (err == d->source_error)
		return;
	d->source_error = err;
	journal_say(LOG_ERR, MESSAGE_ID_SOURCE,
		    "no events come from %s: %s; %s until they do",
		    names[d->config->from],
		    no_module ? "the module fs_events is not loaded" :
		    strerror(-err),
		    d->local.h ? "they come from where they came before" :
		    "local file systems are not watched");
}

/* @h is the source now. Return: 0 or a negative errno. */
static int take(struct daemon *d, struct fsalert *h)
{
	struct source *s = &d->local;
	int err;

	s->h = h;
	err = attach(s);
	if (err < 0) {
		detach(s);
		return err;
	}
	if (!s->adopted) {
		s->first = false;
		s->seq = 0;
		store(s);
	}
	d->source_error = 0;
	say_source(s);
	return 0;
}

/**
 * source_open - open the source of events of local file systems
 * @d: the daemon
 *
 * If there is none, source_upgrade() tries again.
 */
void source_open(struct daemon *d)
{
	struct source *s = &d->local;
	bool foreign = false;
	int err = 0;

	d->local.d = d;
	d->remote.d = d;
	s->adopted = adopt(&s->h, d->config->from != FSALERT_POLL, &foreign);
	s->first = s->adopted;
	if (foreign) {
		source_read(s);
		detach(s);
	}
	if (!s->adopted)
		err = fsalert_open(&s->h, d->config->from);
	err = err ?: take(d, s->h);
	if (err)
		say_missing(d, err);
}

/* The last events of a source, before another one, or none, comes. */
static void leave(struct daemon *d)
{
	struct source *s = &d->local;
	struct pool *p;
	char name[32];

	source_read(s);
	detach(s);
	stored_name(name, sizeof(name));
	drop_stored(name);
	for (p = d->pools; p; p = p->next) {
		if (source_of(d, p) != s)
			continue;
		pool_set_text(&p->asked, NULL);
		pool_set_text(&p->request, NULL);
		p->unsure = false;
	}
	d->changed = true;
	d->outdated = true;
}

/**
 * source_upgrade - take the source that the configuration wants
 * @d: the daemon
 *
 * The kernel is taken as soon as it has events. A source that is not wanted any
 * more is left, even if the other one is not there.
 */
void source_upgrade(struct daemon *d)
{
	enum fsalert_from from = d->config->from, has = FSALERT_ANY;
	struct fsalert *h;
	int err;

	if (d->local.h)
		has = fsalert_source(d->local.h);
	if (from == FSALERT_ANY && d->local.h)
		from = FSALERT_KERNEL;
	if (d->local.h && from == has)
		return;
	err = fsalert_open(&h, from);
	if (!err) {
		leave(d);
		err = take(d, h);
	} else if (d->config->from == FSALERT_ANY && d->local.h) {
		return;
	} else if (err == -ENOENT && d->local.h) {
		leave(d);
	}
	if (err)
		say_missing(d, err);
}

/* Each remote file system asks for it, and it may take long to fail. */
static void open_remote(struct source *s)
{
	if (s->tried_ms && now_ms() - s->tried_ms < REMOTE_RETRY_MS)
		return;
	s->tried_ms = now_ms();
	if (fsalert_open(&s->h, FSALERT_POLL))
		return;
	if (attach(s) < 0)
		detach(s);
}

struct source *source_of(struct daemon *d, const struct pool *pool)
{
	if (pool->class != MOUNT_REMOTE)
		return &d->local;
	if (!d->remote.h && pool->wanted.watch)
		open_remote(&d->remote);
	return &d->remote;
}

/**
 * source_read - take in all events that there are
 * @s: the source
 *
 * A report is saved, and sent, at once. What is only counted is saved when all was
 * read. After an error the daemon tries again later.
 */
void source_read(struct source *s)
{
	const struct fsalert_event *ev;
	int result;

	if (!s->h)
		return;
	while ((result = fsalert_next(s->h, &ev)) > 0) {
		event_take(s, ev);
		outbox_send(s->d);
	}
	if (result < 0)
		pause_reading(s, result);
	else
		end_pause(s);
	if (s->d->changed)
		state_save(s->d, false);
}

void source_close(struct daemon *d)
{
	detach(&d->local);
	detach(&d->remote);
}
