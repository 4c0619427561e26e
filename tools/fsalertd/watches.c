// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the mount table and the rules to watches.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "daemon.h"
#include "message_id.h"
#include "spec.h"
#include "../fsalert/figures.h"
#include "../fsalert/text.h"

#define MOUNTINFO	"/proc/self/mountinfo"
#define SILENT		"its server does not answer"
#define NOT_ASKED	"too many servers do not answer, or no thread is left"

/* Where enospc ends: more than that many blocks, and 0.1 % of all. */
#define SPACE_BLOCKS	128
#define SPACE_PART	1000

/* --- figures --------------------------------------------------------------- */

/* Is its first level limited, so that the levels depend on its size? */
static bool is_limited(const struct pool *p)
{
	/* A server may not answer each time. */
	return p->wanted.texts[RULE_SPACE] && p->wanted.at_most &&
	       p->class != MOUNT_REMOTE;
}

/* Return: 0; a negative errno, by which is_silent() knows that there is no answer. */
static int figures_of(struct pool *p, struct statvfs *st)
{
	if (!p->may_hang)
		return figures_get(p->mount, false, st);
	/* It had to answer before it was watched. */
	return figures_keep_asking(&p->question, p->mount, p->request, st);
}

/* Is there no answer yet, or was it not asked? */
static bool is_silent(int err)
{
	return err == -ETIMEDOUT || err == -EAGAIN;
}

/**
 * watches_is_over - is a condition over that was on?
 * @p: its file system
 * @a: the condition
 * @st: the figures of the file system
 */
bool watches_is_over(const struct pool *p, const struct alarm *a,
		     const struct statvfs *st)
{
	switch (a->type) {
	case FSALERT_BELOW:
		return st->f_bavail > a->facts.level;
	case FSALERT_INO_BELOW:
		return st->f_ffree > a->facts.level;
	case FSALERT_ENOSPC:
		return st->f_bavail > SPACE_BLOCKS &&
		       st->f_bavail > st->f_blocks / SPACE_PART;
	case FSALERT_ENOSPC_META:
		return st->f_ffree > 0 || !st->f_files;
	case FSALERT_REMOUNT_RO:
		/* ext4 of Linux 6.12 to 6.14 has no such flag after an error. */
		return strncmp(p->fstype, "ext", 3) &&
		       !(st->f_flag & ST_RDONLY);
	default:
		return false;
	}
}

/* Look whether conditions that were on before the watch was set still are. */
static void verify(struct pool *p)
{
	struct alarm *a;
	struct statvfs st;

	for (a = p->alarms.list; a && !a->inherited; a = a->next)
		;
	if (!a || figures_of(p, &st))
		return;
	for (; a; a = a->next) {
		if (a->inherited && watches_is_over(p, a, &st))
			alarm_found_over(a, now_ms());
	}
}

/* --- requests -------------------------------------------------------------- */

enum {
	PART_EVENTS	= 1,
	PART_SPACE	= 2,
	PART_INODES	= 4,
	PART_ALL	= 7,
};

/* The levels, with their limit. NULL: no memory. */
static char *space_levels(const struct pool *p, const struct statvfs *st)
{
	const char *levels = p->wanted.texts[RULE_SPACE];

	return st ? spec_limit(levels, p->wanted.at_most, st->f_blocks,
			       st->f_frsize) : strdup(levels);
}

/*
 * What is watched, as in a request without the path. @st: its size; NULL: no limit.
 * NULL: no memory.
 */
static char *compose(const struct pool *p, unsigned int parts,
		     const struct statvfs *st)
{
	const char * const *texts = p->wanted.texts;
	char *text = NULL, *levels;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	if (texts[RULE_EVENTS] && parts & PART_EVENTS)
		fprintf(out, " G%s%s",
			strcmp(texts[RULE_EVENTS], "all") ? ":" : "",
			strcmp(texts[RULE_EVENTS], "all") ?
			texts[RULE_EVENTS] : "");
	if (texts[RULE_SPACE] && parts & PART_SPACE) {
		levels = space_levels(p, st);
		fprintf(out, " T %s", levels ?: texts[RULE_SPACE]);
		free(levels);
	}
	if (texts[RULE_INODES] && parts & PART_INODES)
		fprintf(out, " I %s", texts[RULE_INODES]);
	return fclose(out) ? NULL : text;
}

/*
 * A failed request leaves the watch that was there before. Without an answer the
 * request may still be carried out. Return: 0 or a negative errno; then why is known
 * to the handle.
 */
static int submit(struct pool *p, struct fsalert *h, bool remove,
		  const char *text)
{
	char *path = fsalert_escape(p->mount), *request = NULL;
	int err = -ENOMEM;

	if (!path)
		return err;
	if (asprintf(&request, "%s%s%s%s%s", remove ? "!" : "",
		     remove ? path : "", remove && text ? ";" : "",
		     text ? path : "", text ?: "") > 0) {
		err = fsalert_request(h, request);
		if (!err || err == -ENOENT)
			p->unsure = false;
		else if (err == -ETIMEDOUT || err == -ENODEV || err == -ENOMEM)
			p->unsure = true;
		free(request);
	}
	free(path);
	return err;
}

/* The old watch goes as well, if there is one. */
static int submit_again(struct pool *p, struct fsalert *h, const char *text)
{
	int err = submit(p, h, true, text);

	return err == -ENOENT ? submit(p, h, false, text) : err;
}

/* Reports once why a file system can't be watched, and once that it can. */
static void set_why(struct pool *p, const char *why)
{
	char *mount;

	if (!why && !p->why)
		return;
	if (why && p->why && !strcmp(why, p->why))
		return;
	mount = text_escape(p->mount, text_plain_terminal);
	if (why)
		journal_say(LOG_WARNING, MESSAGE_ID_REFUSED,
			    "%s can't be watched: %s", mount, why);
	else
		journal_say(LOG_NOTICE, MESSAGE_ID_REFUSED,
			    "%s can be watched now", mount);
	free(mount);
	pool_set_text(&p->why, why);
}

static void forget_watch(struct pool *p)
{
	free(p->asked);
	free(p->request);
	p->asked = NULL;
	p->request = NULL;
	p->d->changed = true;
	p->d->outdated = true;
}

/*
 * Events take a privilege; levels, figures that not every file system has. What
 * can't be had is left out. Return: the text that was granted; NULL: none.
 */
static char *negotiate(struct pool *p, struct fsalert *h,
		       const struct statvfs *st, unsigned int *parts,
		       int *error)
{
	char *text;
	int err;

	*error = 0;
	*parts = PART_ALL;
	for (;;) {
		text = compose(p, *parts, st);
		if (!text)
			return NULL;
		err = *text ? 0 : -EOPNOTSUPP;
		if (err)
			break;
		err = submit_again(p, h, text);
		if (!err)
			return text;
		if (err == -EOPNOTSUPP && *parts & PART_INODES)
			*parts &= ~PART_INODES;
		else if (err == -EOPNOTSUPP && *parts & PART_SPACE)
			*parts &= ~PART_SPACE;
		else if (err == -EPERM && *parts & PART_EVENTS)
			*parts = PART_ALL & ~PART_EVENTS;
		else
			break;
		free(text);
	}
	*error = err;
	free(text);
	return NULL;
}

/* Nothing tells what became of its alarms, so they stay. */
static void request_failed(struct pool *p, struct source *s, int err)
{
	/* The old watch, or what was asked for: one of the two is removed later. */
	if (err == -ETIMEDOUT) {
		set_why(p, SILENT);
		if (p->request)
			return;
	} else if (err != -ENODEV) {
		set_why(p, fsalert_why(s->h, NULL));
		/* A refusal leaves the old watch, which nothing wants any more. */
		if (p->request || p->unsure)
			submit(p, s->h, true, NULL);
	}
	/* fsalert-poll that is gone is started again, and that is reported. */
	forget_watch(p);
}

/* Return: as set_watch(). */
static int request(struct pool *p, struct source *s, char *asked,
		   const struct statvfs *st)
{
	unsigned int parts;
	char *text;
	int err;

	text = negotiate(p, s->h, st, &parts, &err);
	if (!text) {
		request_failed(p, s, err);
		free(asked);
		return err;
	}
	set_why(p, parts & PART_EVENTS || !p->wanted.texts[RULE_EVENTS] ?
		NULL : "events need privilege, its levels are watched");
	free(p->asked);
	free(p->request);
	p->asked = asked;
	p->request = text;
	/* The events of the new watch are read after that. */
	alarm_inherit(&p->alarms, now_ms());
	verify(p);
	p->alarms.asked_ns = real_ns();
	p->again = false;
	p->d->changed = true;
	p->d->outdated = true;
	return 0;
}

/*
 * Return: 0, or a negative errno: -ETIMEDOUT: there was no answer to the request.
 * A request has to wait for the server as well, so that is asked first.
 */
static int set_watch(struct pool *p)
{
	bool limited = is_limited(p);
	struct source *s = source_of(p->d, p);
	struct statvfs st;
	char *asked;
	int err;

	if (!s->h) {
		/* For local file systems that is reported once for all of them. */
		if (s != &p->d->local)
			set_why(p, "fsalert-poll can't be started");
		return 0;
	}
	err = limited ? figures_of(p, &st) : 0;
	limited &= !err;
	asked = compose(p, PART_ALL, limited ? &st : NULL);
	if (!asked)
		return -ENOMEM;
	if (!is_silent(err) && p->asked && !p->again && !p->unsure &&
	    !strcmp(asked, p->asked)) {
		free(asked);
		return 0;
	}
	if (!is_silent(err) && p->may_hang && !limited)
		err = figures_of(p, &st);
	if (is_silent(err)) {
		if (!p->request || p->again)
			set_why(p, err == -EAGAIN ? NOT_ASKED : SILENT);
		free(asked);
		return 0;
	}
	return request(p, s, asked, limited ? &st : NULL);
}

/* Return: as set_watch(). That of a silent server stays for now. */
static int remove_watch(struct pool *p)
{
	struct source *s = source_of(p->d, p);
	struct statvfs st;
	int err = 0;

	if ((!p->request && !p->unsure) ||
	    (p->may_hang && is_silent(figures_of(p, &st))))
		return 0;
	if (s->h)
		err = submit(p, s->h, true, NULL);
	forget_watch(p);
	return err;
}

static int drop_watch(struct pool *p)
{
	int err = remove_watch(p);

	set_why(p, NULL);
	alarm_end(&p->alarms);
	return err;
}

/* --- file systems ---------------------------------------------------------- */

/* The mount that it was watched by stays that, as long as it is there. */
static const struct mount *choose(const struct pool *p,
				  const struct mount * const *mounts, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!strcmp(mounts[i]->target, p->mount))
			return mounts[i];
	}
	return mounts_best(mounts, nr);
}

static int take_mounts(struct pool *p, const struct mount * const *mounts,
		       size_t nr)
{
	const struct mount *m = choose(p, mounts, nr);
	int err = 0;

	p->present = true;
	if (*p->mount && strcmp(p->mount, m->target)) {
		/* It may have ended with its mount. */
		remove_watch(p);
		forget_watch(p);
		p->unsure = false;
		figures_forget(&p->question);
	}
	p->class = m->class;
	p->may_hang = m->may_hang;
	err = err ?: pool_set_text(&p->mount, m->target);
	err = err ?: pool_set_text(&p->source, m->source);
	err = err ?: pool_set_text(&p->fstype, m->fstype);
	rule_release(&p->wanted);
	return err ?: rule_match(&p->wanted, p->d->config, mounts, nr);
}

/* A file system that is not mounted any more: by what is known of it. */
static int match_saved(struct pool *p)
{
	const struct mount known = {
		.target = p->mount, .source = p->source, .fstype = p->fstype,
		.root = "/", .class = p->class,
	};
	const struct mount *m = &known;

	rule_release(&p->wanted);
	return rule_match(&p->wanted, p->d->config, &m, 1);
}

static int take_file_system(struct daemon *d, const struct mounts *table,
			    const struct mount *m)
{
	const struct mount * const *mounts;
	struct pool *p;
	size_t nr;

	p = pool_find(d, m->key);
	if (p && p->present)
		return 0;
	/* One that turned read-only stays: that is what it is watched for. */
	if (!p && m->read_only)
		return 0;
	p = p ?: pool_add(d, m->key);
	if (!p)
		return -ENOMEM;
	mounts = mounts_gather(table, m->key, &nr);
	return take_mounts(p, mounts, nr);
}

static int take_table(struct daemon *d, const struct mounts *table)
{
	struct pool *p;
	int err = 0;
	size_t i;

	for (p = d->pools; p; p = p->next)
		p->present = false;
	for (i = 0; i < table->nr && !err; i++) {
		if (table->list[i].class != MOUNT_PSEUDO &&
		    !table->list[i].hidden)
			err = take_file_system(d, table, &table->list[i]);
	}
	for (p = d->pools; p && !err; p = p->next) {
		if (!p->present)
			err = match_saved(p);
	}
	return err;
}

/*
 * Those that could not be watched before come last. A source that does not answer
 * is asked for no more.
 */
static void update_all(struct daemon *d)
{
	const struct source *silent = NULL;
	struct pool *p;
	int pass, err;

	for (p = d->pools; p; p = p->next)
		p->late = p->why;
	for (pass = 0; pass < 2; pass++) {
		for (p = d->pools; p; p = p->next) {
			if (p->late != pass || source_of(d, p) == silent)
				continue;
			err = p->wanted.watch ? set_watch(p) : drop_watch(p);
			if (err == -ETIMEDOUT)
				silent = source_of(d, p);
		}
	}
}

static int read_table(struct mounts *table)
{
	FILE *file = fopen(MOUNTINFO, "re");
	int err;

	if (!file)
		return -errno;
	err = mounts_read(table, file);
	fclose(file);
	return err;
}

/**
 * watches_match - match the rules with the file systems that are known
 * @d: the daemon
 *
 * Nothing is watched for it. A report needs the rules, also one of an event that
 * came before the daemon started. Return: 0 or a negative errno.
 */
int watches_match(struct daemon *d)
{
	const struct mount * const *mounts;
	struct mounts table;
	struct pool *p;
	size_t nr;
	int err;

	err = read_table(&table);
	if (err)
		return err;
	for (p = d->pools; p && !err; p = p->next) {
		mounts = mounts_gather(&table, p->key, &nr);
		rule_release(&p->wanted);
		err = nr ? rule_match(&p->wanted, d->config, mounts, nr) :
			match_saved(p);
	}
	mounts_free(&table);
	return err;
}

static uint64_t cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

/**
 * watches_pause - the mount table is not read again for some time
 * @d: the daemon
 * @took_us: CPU time that it took
 *
 * On a machine that mounts all the time, this is a tenth of the time at most.
 */
void watches_pause(struct daemon *d, uint64_t took_us)
{
	uint64_t now, pause = took_us * TABLE_PAUSE_FACTOR;

	if (sd_event_now(d->event, CLOCK_BOOTTIME, &now) < 0)
		return;
	d->table_pause_us = now + took_us +
		(pause < TABLE_PAUSE_MAX_US ? pause : TABLE_PAUSE_MAX_US);
}

/**
 * watches_update - read the mount table, and set watches as the rules want
 * @d: the daemon
 *
 * Return: 0, or a negative errno: it has to be done again.
 */
int watches_update(struct daemon *d)
{
	uint64_t begin = cpu_us();
	struct mounts table;
	int err;

	err = read_table(&table);
	if (!err) {
		err = take_table(d, &table);
		mounts_free(&table);
	}
	if (!err) {
		pool_end_missing(d);
		update_all(d);
	}
	watches_pause(d, cpu_us() - begin);
	return err;
}

/**
 * watches_later - read the mount table soon
 * @d: the daemon
 * @delay_us: how soon, or when watches_pause() allows it
 *
 * What is due earlier stays due then: mounts may change all the time.
 */
void watches_later(struct daemon *d, uint64_t delay_us)
{
	uint64_t now, due, other;

	if (sd_event_now(d->event, CLOCK_BOOTTIME, &now) < 0)
		return;
	due = now + delay_us;
	if (due < d->table_pause_us)
		due = d->table_pause_us;
	if (sd_event_source_get_enabled(d->table_timer, NULL) > 0 &&
	    sd_event_source_get_time(d->table_timer, &other) >= 0 &&
	    other <= due)
		return;
	sd_event_source_set_time(d->table_timer, due);
	sd_event_source_set_enabled(d->table_timer, SD_EVENT_ONESHOT);
}

/* --- after a loss ---------------------------------------------------------- */

/**
 * watches_missed - events of a source may have been missed
 * @d: the daemon
 * @s: the source
 *
 * Its watches are set again: then levels that are crossed are reported.
 */
void watches_missed(struct daemon *d, const struct source *s)
{
	struct pool *p;

	for (p = d->pools; p; p = p->next) {
		if (source_of(d, p) != s)
			continue;
		p->again = true;
	}
}

/**
 * watches_verify - look whether conditions are on that nothing reports again
 * @d: the daemon
 */
void watches_verify(struct daemon *d)
{
	struct pool *p;

	for (p = d->pools; p; p = p->next)
		verify(p);
}
