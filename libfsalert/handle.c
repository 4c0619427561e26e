// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The common part of all kinds of handles.
 *
 * A program waits on an epoll descriptor. It contains the descriptors of the
 * source; an eventfd, which is readable while events are in memory; and a timer,
 * for steps that have to be repeated. So the descriptor is readable until
 * fsalert_next() returned 0, and after an error once the timer has expired.
 *
 * The library never uses the first three descriptors. In a program that was
 * started with these closed, messages to standard output would go there.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "handle.h"

#define FIRST_FD	3

/* When something failed for want of memory, say. */
#define AGAIN_MS	100

/**
 * fsa_high - keep clear of the standard descriptors
 * @fd: a descriptor that was just opened, or -1 and errno
 *
 * Return: the descriptor, now 3 or higher; or a negative errno.
 */
int fsa_high(int fd)
{
	int high, err;

	if (fd < 0)
		return -errno;
	if (fd >= FIRST_FD)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD);
	err = errno;
	close(fd);
	return high < 0 ? -err : high;
}

/* Have the handle wait for a descriptor. */
int fsa_await(const struct fsalert *h, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

/* Have the handle wait, or not, for room in a socket of fsa_await() as well. */
void fsa_await_room(const struct fsalert *h, int fd, bool on)
{
	struct epoll_event event = {
		.events = on ? EPOLLIN | EPOLLOUT : EPOLLIN,
	};

	epoll_ctl(h->epoll, EPOLL_CTL_MOD, fd, &event);
}

void fsa_ignore(const struct fsalert *h, int fd)
{
	epoll_ctl(h->epoll, EPOLL_CTL_DEL, fd, NULL);
}

/**
 * fsa_open - begin a handle
 * @h: the handle, zeroed
 * @ops: of its kind
 * @from: where the events come from
 *
 * Return: 0 or a negative errno; fsalert_unref() is right in both cases.
 */
int fsa_open(struct fsalert *h, const struct fsa_ops *ops,
	     enum fsalert_from from)
{
	int err;

	h->ops = ops;
	h->refs = 1;
	h->from = from;
	h->can = FSA_CAN_ALL | BIT64(FSALERT_LOST);
	h->epoll = fsa_high(epoll_create1(EPOLL_CLOEXEC));
	h->wake = fsa_high(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	h->timer = fsa_high(timerfd_create(CLOCK_MONOTONIC,
					   TFD_CLOEXEC | TFD_NONBLOCK));
	if (h->epoll < 0 || h->wake < 0 || h->timer < 0)
		return h->epoll < 0 ? h->epoll : h->wake < 0 ? h->wake :
			h->timer;
	err = fsa_await(h, h->wake);
	return err ?: fsa_await(h, h->timer);
}

/* Is there something to say that no descriptor of the source shows? */
void fsa_wake(struct fsalert *h, bool on)
{
	uint64_t count = 1;
	ssize_t done;

	if (on == h->awake)
		return;
	done = on ? write(h->wake, &count, sizeof(count)) :
		    read(h->wake, &count, sizeof(count));
	/* With a count of 0 or 1 neither can fail. */
	h->awake = done == sizeof(count) ? on : h->awake;
}

/* Have fsalert_next() called again after @ms. */
void fsa_later(const struct fsalert *h, unsigned int ms)
{
	const struct itimerspec when = {
		.it_value.tv_sec = ms / 1000,
		.it_value.tv_nsec = ms % 1000 * 1000000L,
	};

	timerfd_settime(h->timer, 0, &when, NULL);
}

/* Has the time of fsa_later() come? True once. */
bool fsa_is_due(const struct fsalert *h)
{
	uint64_t count;

	return read(h->timer, &count, sizeof(count)) == sizeof(count);
}

/**
 * fsa_refuse - say why a request was refused
 * @h: the handle
 * @error: errno, positive
 * @at: offset of the word at fault
 * @why: the text
 *
 * Return: -@error.
 */
int fsa_refuse(struct fsalert *h, int error, size_t at, const char *why)
{
	snprintf(h->why, sizeof(h->why), "%s", why);
	h->why_at = at;
	return -error;
}

int fsalert_open(struct fsalert **h, enum fsalert_from from)
{
	int err;

	*h = NULL;
	if (from != FSALERT_ANY)
		return fsa_open_private(h, from);
	err = fsa_open_private(h, FSALERT_KERNEL);
	/* A kernel that has no descriptor or memory left still has events. */
	if (err != -ENOENT && err != -ENOTDIR && err != -EACCES &&
	    err != -EPERM && err != -EROFS)
		return err;
	return fsa_open_private(h, FSALERT_POLL);
}

struct fsalert *fsalert_ref(struct fsalert *h)
{
	h->refs++;
	return h;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

struct fsalert *fsalert_unref(struct fsalert *h)
{
	if (!h || --h->refs)
		return NULL;
	h->ops->close(h);
	close_fd(h->epoll);
	close_fd(h->wake);
	close_fd(h->timer);
	free(h);
	return NULL;
}

enum fsalert_from fsalert_source(const struct fsalert *h)
{
	return h->from;
}

size_t fsalert_queue_bytes(const struct fsalert *h)
{
	return h->queue_bytes;
}

int fsalert_request(struct fsalert *h, const char *request)
{
	int err;

	h->why[0] = '\0';
	h->why_at = 0;
	err = h->ops->request(h, request);
	if (err && !h->why[0])
		fsa_refuse(h, -err, 0, strerror(-err));
	return err;
}

const char *fsalert_why(const struct fsalert *h, size_t *offset)
{
	if (offset)
		*offset = h->why_at;
	return h->why;
}

int fsalert_fd(const struct fsalert *h)
{
	return h->epoll;
}

int fsalert_next(struct fsalert *h, const struct fsalert_event **ev)
{
	int result = h->ops->next(h, ev);

	fsa_wake(h, result > 0);
	if (result < 0)
		fsa_later(h, AGAIN_MS);
	return result;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

int fsalert_wait(struct fsalert *h, int timeout_ms,
		 const struct fsalert_event **ev)
{
	int64_t end = now_ms() + timeout_ms, left = timeout_ms;
	struct pollfd pfd = { .fd = h->epoll, .events = POLLIN };
	int result;

	for (;;) {
		result = fsalert_next(h, ev);
		if (result || !left)
			return result;
		if (poll(&pfd, 1, left) < 0)
			return -errno;
		if (timeout_ms >= 0) {
			left = end - now_ms();
			left = left < 0 ? 0 : left;
		}
	}
}

uint64_t fsalert_can(const struct fsalert *h)
{
	return h->can;
}

const char *fsalert_cannot(const struct fsalert *h)
{
	return h->cannot[0] ? h->cannot : NULL;
}

int fsalert_each(struct fsalert *h,
		 int (*fn)(const struct fsalert_entry *entry, void *data),
		 void *data)
{
	return h->ops->each ? h->ops->each(h, fn, data) : -EOPNOTSUPP;
}

const char *fsalert_version(void)
{
	return FSALERT_VERSION;
}
