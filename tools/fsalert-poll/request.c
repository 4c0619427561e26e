// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsalert-poll: a line of requests is a transaction.
 *
 * A line corresponds to a write to the kernel's `watch`, with ';' between
 * requests, and gets one reply, `accepted` or `refused`. As in the kernel
 * (config.c and prepare.c of fs/events) there are three steps:
 *
 * 1. Prepare, in a job: parse, look up and check all of it, and allocate.
 * 2. Play the requests through, on a draft for each mount. This may fail.
 * 3. Carry out the drafts. This can't fail.
 *
 * The next line is begun after the reply was written.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../remote.h"
#include "internal.h"

/* Watches of a user without privilege, as the kernel allows. */
#define WATCHES_MAX	128

struct change;

/**
 * struct draft - what a watch is going to be
 * @next: in the list of a transaction
 * @mount_id: its mount
 * @old: the watch that is there, or NULL
 * @made: the watch that is to take its place, or NULL
 * @kept: there will be a watch: @made, otherwise @old
 * @types: that will be on
 * @fresh: that were removed meanwhile, so that their levels keep no state
 * @maker: the request that makes the watch anew, or NULL
 * @last: the last one with figures, or NULL
 * @generic: the last one with generic events, or NULL
 * @levels: the last ones with levels
 */
struct draft {
	struct draft *next;
	int mount_id;
	struct watch *old;
	struct watch *made;
	bool kept;
	unsigned int types;
	unsigned int fresh;
	struct change *maker;
	struct change *last;
	struct change *generic;
	struct change *levels[2];
};

/**
 * struct change - a request that was prepared
 * @next: in the list of a transaction
 * @op: as in struct fse_request
 * @by_id: likewise
 * @id: likewise
 * @types: likewise
 * @events: likewise
 * @mount: likewise
 * @type: likewise
 * @place: what its path leads to
 * @begun_ns: when the figures of that were asked for
 * @set: levels, if any
 * @draft: the draft for its watch, if it is the first of that
 */
struct change {
	struct change *next;
	enum fse_op op;
	bool by_id;
	u32 id;
	unsigned int types;
	u32 events;
	struct fse_span mount;
	struct fse_span type[FSE_TYPE_NR];
	struct place place;
	u64 begun_ns;
	struct level_set *set[2];
	struct draft draft;
};

/**
 * struct transaction - a line
 * @job: prepares it
 * @error: why it is refused, if @error.err
 * @first: the changes
 * @end: where the next one goes
 * @drafts: likewise for drafts, when they are played
 * @drafts_end: where the next one goes
 * @len: bytes of @text
 * @text: the line
 */
struct transaction {
	struct job job;
	struct fse_error error;
	struct change *first;
	struct change **end;
	struct draft *drafts;
	struct draft **drafts_end;
	size_t len;
	char text[];
};

static struct transaction *current;

static int refuse(struct transaction *t, int err, struct fse_span word,
		  const char *why)
{
	return fse_error_set(&t->error, err, word, why);
}

static int no_memory(struct transaction *t)
{
	const struct fse_span nothing = { .off = 0 };

	return refuse(t, -ENOMEM, nothing, "out of memory");
}

/* --- prepare: in a thread of its own -------------------------------------- */

static bool never_written(const struct place *place)
{
	static const unsigned int images[] = {
		0x73717368,	/* squashfs */
		0xe0f5e1e2,	/* erofs */
		0x9660,		/* iso9660 */
		0x28cd3d45,	/* cramfs */
		0x7275,		/* romfs */
	};
	unsigned int i;

	for (i = 0; i < sizeof(images) / sizeof(*images); i++) {
		if ((unsigned int)place->st.f_type == images[i])
			return true;
	}
	return false;
}

static int check_levels(struct transaction *t, const struct fse_request *req,
			const struct place *place)
{
	const struct statfs *st = &place->st;
	const struct fse_gauge space = {
		.total = st->f_blocks,
		.frsize = st->f_frsize ? st->f_frsize : st->f_bsize,
	};
	const struct fse_gauge inodes = { .total = st->f_files };

	return fse_levels_fit(req, &space, &inodes, never_written(place),
			      &t->error);
}

/* What setting a watch needs besides its mount, which is open as @fd. */
static int prepare_set(struct transaction *t, struct change *c,
		       const struct fse_request *req, int fd)
{
	int err;

	if (req->types & FSE_TYPE_G && !privileged)
		return refuse(t, -EPERM, req->type[0],
			      "needs CAP_SYS_ADMIN over the file system");
	c->begun_ns = now_ns();
	if (fstatfs(fd, &c->place.st))
		return refuse(t, -errno, req->mount,
			      "the file system does not give its figures");
	err = check_levels(t, req, &c->place);
	if (err)
		return err;
	if (req->nr_space) {
		c->set[SPACE] = set_alloc(req->space, req->nr_space);
		if (!c->set[SPACE])
			return no_memory(t);
	}
	if (req->nr_inodes) {
		c->set[INODES] = set_alloc(req->inodes, req->nr_inodes);
		if (!c->set[INODES])
			return no_memory(t);
	}
	if (!remotes_waits(&c->place.st, c->place.major))
		mark_place(&c->place, fd, req->events & (ERRORS | LASTING));
	return 0;
}

static int prepare(struct transaction *t, const struct fse_request *req)
{
	struct change *c = calloc(1, sizeof(*c));
	const char *why;
	int fd, err = 0;

	if (!c)
		return no_memory(t);
	*t->end = c;
	t->end = &c->next;
	c->op = req->op;
	c->by_id = req->by_id;
	c->id = req->id;
	c->types = req->types;
	c->events = req->events;
	c->mount = req->mount;
	c->place.wd = -1;
	memcpy(c->type, req->type, sizeof(c->type));
	if (req->by_id)
		return 0;
	fd = place_look_up(&c->place, req->path, &why);
	if (fd < 0)
		return refuse(t, fd, req->mount, why);
	if (req->op == FSE_OP_SET)
		err = prepare_set(t, c, req, fd);
	close(fd);
	return err;
}

/* Parses the whole line; prepares its requests, or only checks them. */
static int parse_all(struct transaction *t, struct fse_request *req, bool all)
{
	struct fse_parser parser = { .text = t->text, .len = t->len };
	int err;

	do {
		err = fse_parse_next(&parser, req, &t->error);
		if (err > 0 && all && prepare(t, req))
			return t->error.err;
	} while (err > 0);
	return err;
}

static void transaction_prepare(struct job *job)
{
	struct transaction *t = (struct transaction *)job;
	struct fse_request *req = malloc(sizeof(*req));

	if (!req)
		no_memory(t);
	else if (!parse_all(t, req, false))
		parse_all(t, req, true);
	free(req);
}

/* --- play: on drafts ------------------------------------------------------ */

static struct draft *draft_get(struct transaction *t, struct change *c,
			       struct watch *old, int mount_id)
{
	struct draft *d;

	for (d = t->drafts; d; d = d->next) {
		if (d->mount_id == mount_id)
			return d;
	}
	d = &c->draft;
	d->mount_id = mount_id;
	d->old = old;
	d->kept = old;
	d->types = old ? old->types : 0;
	*t->drafts_end = d;
	t->drafts_end = &d->next;
	return d;
}

/* The draft for a request; NULL: it is refused. */
static struct draft *draft_find(struct transaction *t, struct change *c)
{
	struct watch *old;
	struct draft *d;

	if (!c->by_id)
		return draft_get(t, c, watch_by_mount(c->place.mount_id),
				 c->place.mount_id);
	old = watch_by_id(c->id);
	d = old && !old->gone_ns ? draft_get(t, c, old, old->mount_id) : NULL;
	/* It may have been removed by a request before this one. */
	if (d && d->kept && !d->maker)
		return d;
	refuse(t, -ENOENT, c->mount, "no such watch");
	return NULL;
}

static void draft_set(struct draft *d, struct change *c)
{
	if (!d->kept)
		d->maker = c;
	d->kept = true;
	d->last = c;
	d->types |= c->types;
	if (c->types & FSE_TYPE_G)
		d->generic = c;
	if (c->types & FSE_TYPE_T)
		d->levels[SPACE] = c;
	if (c->types & FSE_TYPE_I)
		d->levels[INODES] = c;
}

static void draft_remove(struct draft *d, unsigned int types)
{
	d->types &= ~types;
	d->fresh |= types;
	if (types & FSE_TYPE_G)
		d->generic = NULL;
	if (types & FSE_TYPE_T)
		d->levels[SPACE] = NULL;
	if (types & FSE_TYPE_I)
		d->levels[INODES] = NULL;
	if (d->types)
		return;
	d->kept = false;
	/* A later request for this mount makes another watch. */
	d->maker = NULL;
}

static int play(struct transaction *t, struct change *c)
{
	struct draft *d = draft_find(t, c);
	unsigned int i;

	if (!d)
		return t->error.err;
	if (c->op == FSE_OP_SET) {
		draft_set(d, c);
		return 0;
	}
	if (!d->kept)
		return refuse(t, -ENOENT, c->mount, "not watched");
	for (i = 0; c->op == FSE_OP_REMOVE_TYPES && i < FSE_TYPE_NR; i++) {
		if (c->types & BIT(i) & ~d->types)
			return refuse(t, -ENOENT, c->type[i],
				      "this type is not watched");
	}
	draft_remove(d, c->op == FSE_OP_REMOVE ?
		     FSE_TYPE_G | FSE_TYPE_T | FSE_TYPE_I : c->types);
	return 0;
}

/* Make the watches that will be needed, within the limit. */
static int make_watches(struct transaction *t)
{
	unsigned int nr = nr_watches;
	const struct mount *m;
	struct draft *d;

	for (d = t->drafts; d; d = d->next)
		nr -= d->old && (!d->kept || d->maker);
	for (d = t->drafts; d; d = d->next) {
		if (!d->kept || !d->maker)
			continue;
		if (!privileged && nr++ >= WATCHES_MAX)
			return refuse(t, -EDQUOT, d->maker->mount,
				      "too many private watches");
		m = mount_find(d->mount_id);
		if (!m)
			return refuse(t, -EOPNOTSUPP, d->maker->mount,
				      "not in the mount table of this mount namespace");
		d->made = watch_alloc(&d->last->place, m);
		if (!d->made)
			return no_memory(t);
		health_begin(d->made, &d->last->place.st);
	}
	return 0;
}

static void flip_levels(struct draft *d, struct watch *w, enum set which,
			unsigned int type)
{
	struct change *c = d->levels[which];

	if (!c && d->types & type)
		return;
	watch_set_levels(w, which, c ? c->set[which] : NULL,
			 !(d->fresh & type));
	if (c)
		c->set[which] = NULL;
}

static void flip_generic(struct draft *d, struct watch *w)
{
	const u32 sampled = LASTING | ERRORS;
	u32 events = d->generic ? d->generic->events :
		     d->types & FSE_TYPE_G ? w->events : 0;

	if (events & sampled && !(w->events & sampled) && d->last)
		health_begin(w, &d->last->place.st);
	if (d->generic)
		notices_begin(w, d->generic->place.marked);
	watch_set_events(w, events);
	w->types = d->types;
	if (d->last && remotes_waits(&d->last->place.st, d->last->place.major))
		w->mark_wanted = w->wd < 0 ||
				 (events & sampled && !w->marked);
}

/* Carry out a draft. This can't fail. */
static void flip(struct draft *d)
{
	struct watch *w = d->maker ? d->made : d->old;
	struct figures f;

	if (d->old && (d->maker || !d->kept))
		watch_remove(d->old);
	if (!d->kept)
		return;
	if (d->made)
		watch_publish(w);
	d->made = NULL;
	flip_levels(d, w, SPACE, FSE_TYPE_T);
	flip_levels(d, w, INODES, FSE_TYPE_I);
	flip_generic(d, w);
	watch_changed(w);
	if (!d->last) {
		ask_soon(w, 0);
		return;
	}
	/* The figures of step 1 serve as the first sample. */
	memset(&f, 0, sizeof(f));
	f.st = d->last->place.st;
	f.begun_ns = d->last->begun_ns;
	/* They don't tell whether it failed, nor that a failure is over. */
	f.old_table = true;
	ask_take(w, &f, now_ns());
	if (health_wanted(w))
		ask_soon(w, 0);
}

static int carry_out(struct transaction *t)
{
	struct change *c;
	struct draft *d;
	int err = 0;

	t->drafts_end = &t->drafts;
	for (c = t->first; c && !err; c = c->next)
		err = play(t, c);
	if (!err)
		err = make_watches(t);
	for (d = t->drafts; d && !err; d = d->next)
		flip(d);
	return err;
}

/* --- lines in, replies out ------------------------------------------------ */

/* The longest line, and its newline. */
static char input[FSE_MAX_WRITE + 1];
static size_t input_len;
static bool too_long;

static void reply_refused(const struct fse_error *error)
{
	text_add(&output.reply, "refused errno=%d at=%u", -error->err,
		 error->word.off);
	text_add_value(&output.reply, "why", error->why, 1);
	text_add(&output.reply, "\n");
}

static void transaction_free(struct transaction *t)
{
	struct change *c, *next;

	for (c = t->first; c; c = next) {
		next = c->next;
		if (c->draft.made)
			watch_free(c->draft.made);
		free(c->set[SPACE]);
		free(c->set[INODES]);
		watch_drop_wd(c->place.wd);
		free(c);
	}
	free(t);
}

static void transaction_done(struct job *job)
{
	struct transaction *t = (struct transaction *)job;

	if (!t->error.err)
		carry_out(t);
	if (t->error.err)
		reply_refused(&t->error);
	else
		text_add(&output.reply, "accepted\n");
	transaction_free(t);
	current = NULL;
}

static void transaction_start(const char *text, size_t len)
{
	const struct fse_error none = { .err = -ENOMEM, .why = "out of memory" };
	struct transaction *t;
	int err;

	if (fse_text_blank(text, len)) {
		while (watches)
			watch_remove(watches);
		text_add(&output.reply, "accepted\n");
		return;
	}
	t = calloc(1, sizeof(*t) + len);
	if (!t) {
		reply_refused(&none);
		return;
	}
	t->job.is_request = true;
	t->job.work = transaction_prepare;
	t->job.done = transaction_done;
	t->end = &t->first;
	t->len = len;
	memcpy(t->text, text, len);
	current = t;
	err = job_start(&t->job);
	if (err) {
		refuse(t, err, (struct fse_span){ .off = 0 }, jobs_wait() ?
		       "too many file systems do not answer" :
		       "no thread can be started");
		transaction_done(&t->job);
	}
}

/* Is no request being carried out or waiting for it? */
bool request_idle(void)
{
	return !current && !memchr(input, '\n', input_len);
}

/* Can request_next() begin with a line? */
bool request_ready(void)
{
	return !current && !output.reply.len && !request_idle();
}

bool request_wants_input(void)
{
	return input_len < sizeof(input);
}

/**
 * request_read - read requests
 * @fd: from there
 *
 * Return: 1, 0 at the end of the file, or a negative errno.
 */
int request_read(int fd)
{
	ssize_t n = read(fd, input + input_len, sizeof(input) - input_len);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 1 : -errno;
	input_len += n;
	return n > 0;
}

/**
 * request_next - begin the next line
 *
 * Return: there was one, and the previous one had been answered.
 */
bool request_next(void)
{
	const struct fse_error e2big = {
		.err = -E2BIG,
		.word = { .off = FSE_MAX_WRITE, .len = 1 },
		.why = "more than 64 KiB in one write",
	};
	bool begun = false;
	size_t len;
	char *end;

	while (!current && !output.reply.len) {
		end = memchr(input, '\n', input_len);
		if (!end) {
			/* The line is too long: skip it. */
			too_long |= input_len == sizeof(input);
			if (too_long)
				input_len = 0;
			break;
		}
		begun = true;
		len = end - input;
		if (too_long)
			reply_refused(&e2big);
		else
			transaction_start(input, len);
		too_long = false;
		input_len -= len + 1;
		memmove(input, end + 1, input_len);
	}
	return begun;
}
