// SPDX-License-Identifier: GPL-2.0-only
/*
 * Repeats an action with a later allocation failure each time.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "control.h"
#include "nomem.h"

/* More allocations than any action here makes. */
#define TOO_MANY	5000

/**
 * struct trials - state of fse_trial_run()
 * @t: the trial
 * @before: config before the action
 * @after: config after it
 * @changes: listener of the config group
 * @nth: allocation to fail
 * @failed: number of failures
 */
struct trials {
	const struct fse_trial *t;
	char before[4096];
	char after[4096];
	struct fse_listener changes;
	unsigned int nth;
	int failed;
};

static struct fse_facts facts;

static bool reads(const char *config)
{
	return !strcmp(config, fse_read("config"));
}

/* Config is the same, and no change was sent. */
static bool is_before(struct trials *s)
{
	return fse_change(&s->changes, &facts, 0) == 0 && reads(s->before);
}

static int reset(struct trials *s)
{
	int err = fse_config("\n"), heard;

	if (!err && *s->t->before)
		err = fse_config("%s", s->t->before);
	do {
		heard = fse_change(&s->changes, &facts, 0);
		/* ENOBUFS: a change was lost for lack of memory. */
	} while (heard > 0 || heard == -ENOBUFS);
	return err ?: heard;
}

static int undo(struct trials *s)
{
	int err = s->t->undo ? s->t->undo(s->t->arg) : 0;

	return err ?: reset(s);
}

static int begin(struct trials *s)
{
	int err = fse_listen_to(&s->changes, FS_EVENT_MCGRP_CONFIG);

	if (!err)
		err = reset(s);
	if (err)
		return err;
	snprintf(s->before, sizeof(s->before), "%s", fse_read("config"));
	snprintf(s->after, sizeof(s->after), "%s", s->t->after ?: s->before);
	return 0;
}

static int wrong(const struct trials *s, const char *what, int err)
{
	printf("# without number %u: %s, %d; config:\n# %s\n", s->nth, what,
	       err, fse_read("config"));
	return -1;
}

/* One round. 1: continue; 0: done, nothing failed; -1: error. */
static int next(struct trials *s)
{
	int err = s->t->ready ? s->t->ready(s->t->arg) : 0;
	bool refused, before;

	if (err)
		return wrong(s, "not ready", err);
	err = fse_nomem_nth(++s->nth);
	if (err)
		return wrong(s, "no fail-nth", err);
	err = s->t->act(s->t->arg);
	refused = fse_nomem_reached();
	if (err && (!refused || (err != -ENOMEM && err != -ENOBUFS)))
		return wrong(s, "failed", err);
	s->failed += !!err;
	before = err && is_before(s);
	if (err == -ENOMEM && !before)
		return wrong(s, "refused, but something changed", err);
	if (before)
		return 1;
	if (!reads(s->after))
		return wrong(s, "done, but not as asked", err);
	err = undo(s);
	if (err)
		return wrong(s, "can't be undone", err);
	return refused;
}

int fse_trial_run(const struct fse_trial *t)
{
	static struct trials s;
	int more;

	memset(&s, 0, sizeof(s));
	s.t = t;
	more = begin(&s) ? wrong(&s, "can't begin", 0) : 1;
	while (more > 0)
		more = s.nth < TOO_MANY ? next(&s) : wrong(&s, "no end", 0);
	fse_unlisten(&s.changes);
	printf("# %u pieces of memory, %d needed\n", s.nth - 1, s.failed);
	return more ? more : s.failed;
}
