// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The sockets on which the kernel tells events.
 *
 * When the module is unloaded the kernel takes the socket out of the group
 * without a word, and whoever waits for events would wait for ever. So there
 * is another socket that hears of families that come and go; on the same one
 * that news would be lost with everything else when the queue is full.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>

#include "event.h"
#include "listener.h"
#include "socket.h"

/* Holds tens of thousands of events; takes no memory until they are there. */
#define QUEUE_BYTES	(16 << 20)

/**
 * struct fsevents_listener - a listener
 * @events: socket in the groups of the family
 * @control: socket that hears of families
 * @epoll: both, for those who wait
 * @family: number of the family
 * @gone: the family went; what was told before that may still be queued
 * @head: a message
 * @buf: the same
 */
struct fsevents_listener {
	struct mnl_socket *events;
	struct mnl_socket *control;
	int epoll;
	uint16_t family;
	bool gone;
	union {
		struct nlmsghdr head;	/* buf is aligned for it */
		char buf[FSEV_MESSAGE_BYTES];
	};
};

static const struct fsev_address family_address = {
	.name = FS_EVENT_FAMILY_NAME,
	.groups = { FS_EVENT_MCGRP_EVENT },
};

static int await(struct fsevents_listener *l, struct mnl_socket *nl)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, mnl_socket_get_fd(nl),
			 &event) ? -errno : 0;
}

static void set_queue(struct mnl_socket *nl, size_t bytes)
{
	int fd = mnl_socket_get_fd(nl);
	int value = bytes ?: QUEUE_BYTES;

	/* Beyond the system's limit if it may be, else as far as that. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &value,
		       sizeof(value)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, sizeof(value));
}

static int join(struct mnl_socket **nl, struct fsev_address *address)
{
	int err = fsev_resolve(address);

	return err ?: fsev_join(nl, address);
}

/* The controller's group first: no going is missed. */
static int join_both(struct fsevents_listener *l, bool changes)
{
	struct fsev_address control = {
		.name = "nlctrl",
		.groups = { "notify" },
	};
	struct fsev_address events = family_address;
	int err;

	if (changes)
		events.groups[1] = FS_EVENT_MCGRP_CONFIG;
	err = join(&l->control, &control);
	if (!err)
		err = join(&l->events, &events);
	if (!err)
		err = await(l, l->control);
	if (!err)
		err = await(l, l->events);
	l->family = events.family;
	return err;
}

/**
 * fsev_listener_open - listen
 * @listener: the new listener
 * @queue_bytes: as fsevents_listener_open()
 * @changes: for changes of watches as well
 *
 * Return: as fsevents_listener_open().
 */
int fsev_listener_open(struct fsevents_listener **listener, size_t queue_bytes,
		       bool changes)
{
	struct fsevents_listener *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	err = l->epoll < 0 ? -errno : join_both(l, changes);
	if (err) {
		fsevents_listener_close(l);
		return err;
	}
	set_queue(l->events, queue_bytes);
	*listener = l;
	return 0;
}

/**
 * fsevents_listener_open - listen for events
 * @listener: the new listener, for fsevents_listener_close()
 * @queue_bytes: how much may be queued, memory of the kernel; 0: 16 MiB, which
 *	hold tens of thousands of events
 *
 * All events are told of that the kernel sends from now on in the network
 * namespace of the calling thread.
 *
 * Context: Any thread.
 * Return: 0 or a negative errno: ENOENT, the kernel has no such family, the
 * module is not loaded; EPERM, no right to listen.
 */
int fsevents_listener_open(struct fsevents_listener **listener,
			   size_t queue_bytes)
{
	return fsev_listener_open(listener, queue_bytes, false);
}

/**
 * fsevents_listener_close - stop listening
 * @l: the listener; NULL: nothing is done
 *
 * Context: One thread at a time for each listener; not from its function.
 */
void fsevents_listener_close(struct fsevents_listener *l)
{
	if (!l)
		return;
	if (l->events)
		mnl_socket_close(l->events);
	if (l->control)
		mnl_socket_close(l->control);
	if (l->epoll >= 0)
		close(l->epoll);
	free(l);
}

/**
 * fsevents_listener_fd - what to wait on
 * @l: the listener
 *
 * Context: Any thread.
 * Return: a descriptor for poll(2) and the like, the listener's own: when it is
 * readable, fsevents_listener_read() has something to do.
 */
int fsevents_listener_fd(const struct fsevents_listener *l)
{
	return l->epoll;
}

/**
 * fsev_listener_family - number of the family
 * @l: the listener
 */
uint16_t fsev_listener_family(const struct fsevents_listener *l)
{
	return l->family;
}

/* Messages of groups come one a datagram. Return: is there one? Or -errno. */
static int receive(struct fsevents_listener *l, struct mnl_socket *nl)
{
	ssize_t len = mnl_socket_recvfrom(nl, l->buf, sizeof(l->buf));

	if (len < 0)
		return errno == EAGAIN ? 0 : -errno;
	return mnl_nlmsg_ok(&l->head, len) &&
	       mnl_nlmsg_get_payload_len(&l->head) >= sizeof(struct genlmsghdr);
}

static bool is_end(const struct fsevents_listener *l)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(&l->head);
	struct fsev_address gone = {};

	if (l->head.nlmsg_type != GENL_ID_CTRL ||
	    genl->cmd != CTRL_CMD_DELFAMILY)
		return false;
	fsev_address_take(&gone, &l->head);
	return gone.family == l->family;
}

/* Was the family there when this was called, the same as ever? */
static bool is_there(const struct fsevents_listener *l)
{
	struct fsev_address address = family_address;

	return fsev_resolve(&address) != -ENOENT && address.family == l->family;
}

/* News of families. Return: is there any? Or -errno. */
static int look_for_end(struct fsevents_listener *l)
{
	int some = receive(l, l->control);

	if (some == -ENOBUFS) {
		l->gone = !is_there(l);
		return 1;
	}
	if (some > 0)
		l->gone = l->gone || is_end(l);
	return some;
}

static int wait_for(const struct fsevents_listener *l, int timeout_ms)
{
	struct epoll_event event;
	int nr = epoll_wait(l->epoll, &event, 1, timeout_ms);

	if (nr < 0)
		return -errno;
	return nr ? 0 : -ETIMEDOUT;
}

/**
 * fsev_listener_next - the next message
 * @l: the listener
 * @timeout_ms: how long to wait for it; negative: as long as it takes
 * @message: it, good until the next call; NULL: there was something else
 *
 * Return: 0 or a negative errno, as fsevents_listener_read().
 */
int fsev_listener_next(struct fsevents_listener *l, int timeout_ms,
		       const struct nlmsghdr **message)
{
	int some;

	*message = NULL;
	some = receive(l, l->events);
	if (!some && l->gone)
		return -ENODEV;
	/* What happened before the family went comes first: look again then. */
	if (!some)
		some = look_for_end(l);
	else if (some > 0 && l->head.nlmsg_type == l->family)
		*message = &l->head;
	if (some)
		return some < 0 ? some : 0;
	return wait_for(l, timeout_ms);
}

/**
 * fsevents_listener_read - wait for an event and hand it on
 * @l: the listener
 * @timeout_ms: how long; negative: as long as it takes
 * @fn: called for the event
 * @data: its last argument
 *
 * It may return without an event before the time is over.
 *
 * Context: One thread at a time for each listener; not from its function.
 * Return: 0; what @fn returned, if not 0; or a negative errno: ETIMEDOUT;
 * EINTR; ENOBUFS, events were lost, those that are still queued follow; ENODEV,
 * the family is gone, and there will be no more events.
 */
int fsevents_listener_read(struct fsevents_listener *l, int timeout_ms,
			   fsevents_event_fn fn, void *data)
{
	const struct nlmsghdr *message;
	struct fsevents_event ev;
	int err = fsev_listener_next(l, timeout_ms, &message);

	if (err || !message || !fsev_event_decode(&ev, message))
		return err;
	return fn(&ev, data);
}
