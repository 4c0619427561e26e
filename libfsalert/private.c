// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Handles for private watches. Requests and events are lines of the kernel's file
 * `watch`, or of fsalert-poll at the other end of a socket.
 *
 * The two answer requests differently. With the kernel, write(2) returns the
 * result, and the first line to be read has the reason of a refusal.
 * fsalert-poll sends a line "accepted" or "refused". Events may come before it;
 * they stay in the buffer until the program asks for them.
 *
 * When fsalert-poll dies, the library starts it again and repeats the accepted
 * requests, then those that fsalert_request() stopped waiting for and fsalert-poll
 * did not answer: it may have carried them out. fsalert-poll begins no line before
 * its reply to the last one was written, so the library reads while it sends.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <linux/fs_event.h>

#include "handle.h"
#include "journal.h"
#include "line.h"
#include "spawn.h"

/* A line is at most 8 KiB; one read(2) takes as many as fit. */
#define BUFFER_MIN	(64 << 10)
/* Without a newline: what is at the other end is not fsalert-poll. */
#define LINE_MAX_BYTES	(1024 << 10)

#ifndef ANSWER_MS
#define ANSWER_MS	30000
#endif
#define RESTART_MS	1000

/**
 * struct late - a request that fsalert_request() stopped waiting for
 * @next: the next late request
 * @len: bytes of @line
 * @line: as it was sent
 */
struct late {
	struct late *next;
	size_t len;
	char line[];
};

/**
 * struct private - a handle for private watches
 * @h: what every handle has
 * @fd: the file or the socket; -1: fsalert-poll is gone
 * @ended: all watches ended, and reading gives the end of the file until there is
 *	another one
 * @buf: lines that were read
 * @size: room in @buf
 * @start: where those begin that the program did not see yet
 * @len: where they end
 * @late: sent requests whose answers come later, in this order
 * @helper: path of fsalert-poll
 * @out: lines for fsalert-poll that the socket did not take yet, or NULL
 * @out_len: their bytes
 * @out_done: how many of these bytes were sent
 * @journal: requests that fsalert-poll accepted
 * @restarting: a new fsalert-poll gets @journal, and FSALERT_BACK was not returned
 *	yet
 * @replaying: how many of @journal, the last ones, wait for the answer of a new
 *	fsalert-poll
 */
struct private {
	struct fsalert h;
	int fd;
	bool ended;
	char *buf;
	size_t size;
	size_t start;
	size_t len;
	struct late *late;
	const char *helper;
	char *out;
	size_t out_len;
	size_t out_done;
	struct fsa_journal journal;
	bool restarting;
	size_t replaying;
};

static struct private *of(struct fsalert *h)
{
	return (struct private *)h;
}

/* --- reading -------------------------------------------------------------- */

/* Room for more; what the program has seen goes. */
static int make_room(struct private *p)
{
	size_t size = p->size ? 2 * p->size : BUFFER_MIN;
	char *buf;

	if (p->start) {
		memmove(p->buf, p->buf + p->start, p->len - p->start);
		p->len -= p->start;
		p->start = 0;
	}
	if (p->size - p->len >= BUFFER_MIN / 2)
		return 0;
	buf = realloc(p->buf, size);
	if (!buf)
		return -ENOMEM;
	p->buf = buf;
	p->size = size;
	return 0;
}

/* The end of the line at @from, or NULL. */
static char *line_end(const struct private *p, size_t from)
{
	return p->len > from ? memchr(p->buf + from, '\n', p->len - from) : NULL;
}

/* Return: 1: something was read; 0: there is nothing; -EPIPE: the end; -errno. */
static int fill(struct private *p)
{
	ssize_t len;
	int err;

	if (p->len - p->start > LINE_MAX_BYTES && !line_end(p, p->start))
		return -EPIPE;
	err = make_room(p);
	if (err)
		return err;
	do {
		len = read(p->fd, p->buf + p->len, p->size - p->len);
	} while (len < 0 && errno == EINTR);
	if (!len || (len < 0 && errno == ECONNRESET))
		return -EPIPE;
	if (len < 0)
		return errno == EAGAIN ? 0 : -errno;
	p->len += len;
	return 1;
}

/* Takes the line at @at out of the buffer; it stays good until the next read. */
static char *cut_line(struct private *p, size_t at)
{
	char *end = line_end(p, at);

	if (!end)
		return NULL;
	*end = '\0';
	p->start = end + 1 - p->buf;
	return p->buf + at;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Return: 0: it is ready; -ETIMEDOUT; -errno. */
static int await_until(int fd, short events, int64_t end_ms)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int64_t left = end_ms - now_ms();
	int nr = poll(&pfd, 1, left < 0 ? 0 : left);

	if (nr < 0)
		return errno == EINTR ? 0 : -errno;
	return nr ? 0 : -ETIMEDOUT;
}

/* --- what lines say ------------------------------------------------------- */

static void learn_events(struct private *p, char *names)
{
	char *name;

	while ((name = strsep(&names, ",")))
		p->h.can |= BIT64(fsalert_type_of(name));
	p->h.can &= ~BIT64(FSALERT_UNKNOWN);
}

static void learn_why(struct private *p, char *why)
{
	size_t len = strlen(p->h.cannot);

	fsa_unescape(why);
	snprintf(p->h.cannot + len, sizeof(p->h.cannot) - len, "%s%s",
		 len ? "; " : "", why);
}

/*
 * "events=a,b" are there, "some=c" on some file systems, with "some_why=", and
 * "missing=d" are not, with "why=".
 */
static void learn(struct private *p, char *line)
{
	char *name, *value;

	p->h.can = BIT64(FSALERT_LOST) | BIT64(FSALERT_GONE) |
		   BIT64(FSALERT_BACK) | BIT64(FSALERT_REMOVED);
	p->h.cannot[0] = '\0';
	while ((name = fsa_line_field(&line, &value))) {
		if (!value)
			continue;
		if (!strcmp(name, "events") || !strcmp(name, "some"))
			learn_events(p, value);
		if (!strcmp(name, "why") || !strcmp(name, "some_why"))
			learn_why(p, value);
	}
}

static int refused(struct private *p, char *line)
{
	struct fsa_refusal refusal;

	fsa_line_refusal(&refusal, line);
	return fsa_refuse(&p->h, refusal.error, refusal.at,
			  *refusal.why ? refusal.why :
			  strerror(refusal.error));
}

/*
 * The first answer in the buffer from @at on. Return: 1: it was found and is in
 * @error; 0: there is none.
 */
static int find_answer(struct private *p, size_t *at, int *error)
{
	enum fsa_line_kind kind;
	char *end;

	while ((end = line_end(p, *at))) {
		size_t next = end + 1 - p->buf;

		*end = '\0';
		kind = fsa_line_kind(p->buf + *at);
		if (kind == FSA_LINE_REFUSED || kind == FSA_LINE_ACCEPTED) {
			*error = kind == FSA_LINE_ACCEPTED ? 0 :
				refused(p, p->buf + *at);
			memmove(p->buf + *at, p->buf + next, p->len - next);
			p->len -= next - *at;
			return 1;
		}
		*end = '\n';
		*at = next;
	}
	return 0;
}

/* --- the kernel ----------------------------------------------------------- */

/* Why write(2) failed is in the first line that is read. */
static int explain(struct private *p, int error)
{
	size_t at = 0;
	int found, some;

	/* What was read before came before that write. */
	some = fill(p);
	at = p->start;
	do {
		found = find_answer(p, &at, &(int){ 0 });
	} while (!found && some > 0 && (some = fill(p)) > 0);
	if (!found)
		fsa_refuse(&p->h, error, 0, strerror(error));
	return -error;
}

static int kernel_request(struct fsalert *h, const char *request)
{
	struct private *p = of(h);
	const char *text = *request ? request : "\n";
	size_t len = strlen(text);
	ssize_t done;
	int err = 0;

	do {
		done = write(p->fd, text, len);
	} while (done < 0 && errno == EINTR);
	if (done != (ssize_t)len)
		err = explain(p, done < 0 ? errno : EIO);
	/* Whatever ended before, there may be events from now on. */
	if (!err && p->ended && !fsa_await(h, p->fd))
		p->ended = false;
	fsa_wake(h, true);
	return err;
}

/* Is it the kernel's file? Return: 0; -ENOENT: it is another; -errno. */
static int check_watch_fd(int fd)
{
	struct statfs st;

	if (fstatfs(fd, &st) < 0)
		return -errno;
	return st.f_type == FSTRACE_MAGIC ? 0 : -ENOENT;
}

static int kernel_open(struct private *p)
{
	int flags = O_RDWR | O_CLOEXEC | O_NONBLOCK, err;

	p->fd = fsa_high(open(FSA_INSTANCE "/watch", flags));
	if (p->fd < 0)
		return p->fd;
	err = check_watch_fd(p->fd);
	return err ?: fsa_await(&p->h, p->fd);
}

/* --- fsalert-poll --------------------------------------------------------- */

static void drop_out(struct private *p)
{
	free(p->out);
	p->out = NULL;
	p->out_len = 0;
	p->out_done = 0;
}

static void helper_gone(struct private *p)
{
	if (p->fd >= 0) {
		fsa_ignore(&p->h, p->fd);
		close(p->fd);
	}
	p->fd = -1;
	/* A line that it began is not finished any more. */
	while (p->len > p->start && p->buf[p->len - 1] != '\n')
		p->len--;
	p->replaying = 0;
	p->restarting = false;
	drop_out(p);
}

/*
 * An answer to a request of the journal. A refusal is an event, and
 * fsalert_next() returns it: another request may come before. What waits is at the
 * end of the journal, which gets nothing new meanwhile.
 */
static void on_replayed(struct private *p, unsigned int error)
{
	fsa_journal_refuse(&p->journal, p->journal.nr - p->replaying, error);
	p->replaying--;
}

/* Return: 1: it is in the handle that a repeated request was refused; 0: none was. */
static int tell_refused(struct private *p)
{
	struct fsalert_event *ev = &p->h.ev;
	unsigned int error = 0;
	const char *request = fsa_journal_take(&p->journal, &error);

	if (!request)
		return 0;
	fsa_event_init(ev, FSALERT_REMOVED);
	fsa_event_set(ev, FSALERT_KEY_ERRNO, error);
	fsa_event_set_text(ev, FSALERT_KEY_REQUEST, request);
	return 1;
}

/* The answer to the first late request: an accepted request is in the journal. */
static void on_late(struct private *p, unsigned int error)
{
	struct late *late = p->late;

	p->late = late->next;
	if (!error)
		fsa_journal_add(&p->journal, late->line);
	free(late);
}

/*
 * Takes answers out of the buffer from @at on; events stay. Return: 1: the answer
 * to the current request is in @answer; 0: it is not there.
 */
static int take_answers(struct private *p, size_t *at, int *answer)
{
	while (find_answer(p, at, answer)) {
		if (p->replaying)
			on_replayed(p, -*answer);
		else if (p->late)
			on_late(p, -*answer);
		else
			return 1;
		/* The reason was that of another request. */
		p->h.why[0] = '\0';
		p->h.why_at = 0;
	}
	return 0;
}

/* As fill(), with the position @at in the buffer, which may move. */
static int fill_at(struct private *p, size_t *at)
{
	size_t distance = *at - p->start;
	int err = fill(p);

	*at = p->start + distance;
	return err;
}

/* Return: 0 and the answer; -EPIPE: it is gone; -ETIMEDOUT; -errno. */
static int await_answer(struct private *p, int64_t end_ms, int *answer)
{
	size_t at = p->start;
	int err;

	while (!take_answers(p, &at, answer)) {
		err = fill_at(p, &at);
		if (!err)
			err = await_until(p->fd, POLLIN, end_ms);
		if (err < 0)
			return err;
	}
	return 0;
}

/* Return: 1: all of @out was sent; 0: the socket takes no more now; -errno. */
static int send_some(struct private *p)
{
	ssize_t n;

	while (p->out_done < p->out_len) {
		n = send(p->fd, p->out + p->out_done, p->out_len - p->out_done,
			 MSG_NOSIGNAL);
		if (n >= 0)
			p->out_done += n;
		else if (errno == EAGAIN)
			return 0;
		else if (errno != EINTR)
			return errno == ECONNRESET ? -EPIPE : -errno;
	}
	drop_out(p);
	return 1;
}

/*
 * Sends @out, and reads meanwhile: fsalert-poll may be waiting for that. What was
 * not sent in time stays. Return: 0; -EPIPE: it is gone; -ETIMEDOUT; -errno.
 */
static int send_out(struct private *p, int64_t end_ms)
{
	size_t at = p->start;
	int err, answer;

	for (;;) {
		err = send_some(p);
		if (err)
			return err < 0 ? err : 0;
		err = fill_at(p, &at);
		take_answers(p, &at, &answer);
		if (!err)
			err = await_until(p->fd, POLLIN | POLLOUT, end_ms);
		if (err < 0)
			return err;
	}
}

/* Return: a request with its line, to be freed with free(3); NULL: no memory. */
static struct late *make_late(const char *request)
{
	size_t len = strlen(request), i;
	struct late *late = malloc(sizeof(*late) + len + 2);

	if (!late)
		return NULL;
	/* A newline ends the transaction there, and only a request here. */
	for (i = 0; i < len; i++)
		late->line[i] = request[i] == '\n' ? ';' : request[i];
	/* A write of nothing but blanks removes all watches; so does this. */
	if (strspn(request, " \t\n") == len)
		memset(late->line, ' ', len);
	late->line[len] = '\n';
	late->line[len + 1] = '\0';
	late->len = len + 1;
	late->next = NULL;
	return late;
}

/* Adds a line to @out. Return: 0 or -ENOMEM. */
static int add_line(struct private *p, const struct late *late)
{
	char *out = realloc(p->out, p->out_len + late->len);

	if (!out)
		return -ENOMEM;
	memcpy(out + p->out_len, late->line, late->len);
	p->out = out;
	p->out_len += late->len;
	return 0;
}

/* The answer comes later, and is not that of the next request. */
static void add_late(struct private *p, struct late *late)
{
	struct late **end = &p->late;

	while (*end)
		end = &(*end)->next;
	*end = late;
}

/* Sends a request whole, or none of it. Return: as send_out(). */
static int send_line(struct private *p, const struct late *request,
		     int64_t end_ms)
{
	/* What is left of the journal comes first. */
	int err = send_out(p, end_ms);

	err = err ?: add_line(p, request);
	if (err)
		return err;
	err = send_out(p, end_ms);
	/* A part of a line would spoil the next one. */
	if (err && p->out_done)
		shutdown(p->fd, SHUT_RDWR);
	if (err)
		drop_out(p);
	return err;
}

/*
 * After -ENODEV the request has no effect: its watches ended with fsalert-poll, and
 * the next fsalert-poll doesn't get it. After -ETIMEDOUT, and when memory for the
 * answer is missing, fsalert-poll may still carry it out.
 */
static int helper_request(struct fsalert *h, const char *request)
{
	int64_t end_ms = now_ms() + ANSWER_MS;
	struct private *p = of(h);
	int err, answer = 0;
	struct late *late;

	if (p->fd < 0)
		return fsa_refuse(h, ENODEV, 0, "fsalert-poll is gone");
	late = make_late(request);
	if (!late)
		return -ENOMEM;
	err = send_line(p, late, end_ms);
	if (!err) {
		err = await_answer(p, end_ms, &answer);
		if (!err && !answer)
			fsa_journal_add(&p->journal, late->line);
		if (err && err != -EPIPE) {
			add_late(p, late);
			late = NULL;
		}
	}
	free(late);
	fsa_wake(h, true);
	/* fsalert_next() finds out as well, and says so. */
	if (err == -EPIPE)
		return fsa_refuse(h, ENODEV, 0, "fsalert-poll is gone");
	return err ?: answer;
}

static int helper_start(struct private *p)
{
	int err = fsa_spawn(p->helper, &p->fd);

	return err ?: fsa_await(&p->h, p->fd);
}

/* The first line says what it can do. Return: -EPIPE: it ended before that. */
static int helper_open(struct private *p)
{
	int64_t end_ms = now_ms() + ANSWER_MS;
	int err;

	p->helper = secure_getenv("FSALERT_POLL") ?: FSALERT_POLL_PATH;
	err = helper_start(p);
	while (!err && !line_end(p, 0)) {
		err = await_until(p->fd, POLLIN, end_ms);
		err = err ?: fill(p);
		err = err > 0 ? 0 : err;
	}
	if (!err && fsa_line_kind(p->buf) == FSA_LINE_CAPABILITIES)
		learn(p, cut_line(p, 0));
	return err;
}

/*
 * Again, with all that was asked for: resume() sends it. Return: 0; -errno: it was
 * not started.
 */
static int helper_restart(struct private *p)
{
	const struct late *late;
	int err = 0;

	p->out = fsa_journal_repeat(&p->journal, &p->out_len);
	if (!p->out)
		return -ENOMEM;
	for (late = p->late; late && !err; late = late->next)
		err = add_line(p, late);
	err = err ?: helper_start(p);
	if (err) {
		helper_gone(p);
		return err;
	}
	p->replaying = p->journal.nr;
	p->restarting = true;
	return 0;
}

/*
 * Sends the journal to a new fsalert-poll, as far as the socket takes it now. Events
 * stay in the buffer until FSALERT_BACK was returned: nothing that was reported
 * before counts after it. Return: 1: FSALERT_BACK, in the handle; 0: not yet;
 * -errno.
 */
static int resume(struct private *p)
{
	int err = send_out(p, 0);

	if (err == -EPIPE) {
		/* After FSALERT_GONE nothing was reported: no event. */
		helper_gone(p);
		p->start = 0;
		p->len = 0;
		fsa_later(&p->h, RESTART_MS);
		return 0;
	}
	fsa_await_room(&p->h, p->fd, err == -ETIMEDOUT);
	if (err)
		return err == -ETIMEDOUT ? 0 : err;
	p->restarting = false;
	fsa_event_init(&p->h.ev, FSALERT_BACK);
	return 1;
}

/* --- both ----------------------------------------------------------------- */

/* An answer that nothing waits for. */
static void on_answer(struct private *p, unsigned int error)
{
	if (p->replaying)
		on_replayed(p, error);
	else if (p->late)
		on_late(p, error);
}

/* A watch that ended with its mount is not to be made again. */
static void forget_ended(struct private *p)
{
	const struct fsalert_event *ev = &p->h.ev;
	const char *mount = fsalert_str(ev, FSALERT_KEY_MOUNT);

	if (ev->type == FSALERT_UNMOUNT && fsa_has(ev, FSALERT_KEY_LAST) && mount)
		fsa_journal_end(&p->journal, mount,
				fsa_number(ev, FSALERT_KEY_TIME));
}

/* Return: 1: it is an event, in the handle; 0: it is none. */
static int on_line(struct private *p, char *line)
{
	struct fsa_refusal refusal;
	int some;

	switch (fsa_line_kind(line)) {
	case FSA_LINE_EVENT:
		some = fsa_line_event(&p->h.ev, line);
		if (some)
			forget_ended(p);
		return some;
	case FSA_LINE_CAPABILITIES:
		learn(p, line);
		return 0;
	case FSA_LINE_REFUSED:
		fsa_line_refusal(&refusal, line);
		on_answer(p, refusal.error);
		return tell_refused(p);
	case FSA_LINE_ACCEPTED:
		on_answer(p, 0);
		return 0;
	default:
		return 0;
	}
}

/* The end of the file, or of fsalert-poll. Return: 1: that is an event. */
static int on_end(struct private *p)
{
	if (p->h.from == FSALERT_KERNEL) {
		/* It would be readable for ever. */
		fsa_ignore(&p->h, p->fd);
		p->ended = true;
		return 0;
	}
	helper_gone(p);
	fsa_later(&p->h, RESTART_MS);
	fsa_event_init(&p->h.ev, FSALERT_GONE);
	return 1;
}

/* Return: as resume(). */
static int look_for_helper(struct private *p, bool due)
{
	if (!due)
		return 0;
	if (helper_restart(p)) {
		fsa_later(&p->h, RESTART_MS);
		return 0;
	}
	return resume(p);
}

static int next(struct private *p)
{
	bool due = fsa_is_due(&p->h);
	char *line;
	int some;

	if (p->restarting)
		return resume(p);
	/* The next fsalert-poll is asked again for what one refused that died. */
	if (p->fd >= 0 && tell_refused(p))
		return 1;
	for (;;) {
		while ((line = cut_line(p, p->start))) {
			if (on_line(p, line))
				return 1;
		}
		if (p->fd < 0)
			return look_for_helper(p, due);
		if (p->ended)
			return 0;
		some = fill(p);
		if (some == -EPIPE)
			return on_end(p);
		if (some <= 0)
			return some;
	}
}

static int private_next(struct fsalert *h, const struct fsalert_event **ev)
{
	int result = next(of(h));

	if (result > 0)
		*ev = &h->ev;
	return result;
}

static void private_close(struct fsalert *h)
{
	struct private *p = of(h);
	struct late *late;

	if (p->fd >= 0)
		close(p->fd);
	fsa_journal_clear(&p->journal);
	while ((late = p->late)) {
		p->late = late->next;
		free(late);
	}
	free(p->out);
	free(p->buf);
}

static const struct fsa_ops kernel_ops = {
	.next		= private_next,
	.request	= kernel_request,
	.close		= private_close,
};

static const struct fsa_ops helper_ops = {
	.next		= private_next,
	.request	= helper_request,
	.close		= private_close,
};

int fsalert_watch_fd(const struct fsalert *h)
{
	if (h->ops != &kernel_ops)
		return -EOPNOTSUPP;
	return ((const struct private *)h)->fd;
}

int fsalert_open_fd(struct fsalert **h, int fd)
{
	struct private *p;
	int err;

	*h = NULL;
	err = check_watch_fd(fd);
	if (err)
		return err;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->fd = -1;
	err = fsa_open(&p->h, &kernel_ops, FSALERT_KERNEL);
	err = err ?: fsa_await(&p->h, fd);
	if (err) {
		fsalert_unref(&p->h);
		return err;
	}
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	/* From here on the handle closes it. */
	p->fd = fd;
	*h = &p->h;
	return 0;
}

/**
 * fsa_open_private - as fsalert_open()
 * @h: the handle
 * @from: FSALERT_KERNEL or FSALERT_POLL
 */
int fsa_open_private(struct fsalert **h, enum fsalert_from from)
{
	struct private *p = calloc(1, sizeof(*p));
	bool kernel = from == FSALERT_KERNEL;
	int err;

	if (!p)
		return -ENOMEM;
	p->fd = -1;
	err = fsa_open(&p->h, kernel ? &kernel_ops : &helper_ops, from);
	if (!err)
		err = kernel ? kernel_open(p) : helper_open(p);
	if (err) {
		fsalert_unref(&p->h);
		return err;
	}
	*h = &p->h;
	return 0;
}
