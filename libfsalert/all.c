// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Handles for all global watches: events over generic netlink, and the state of
 * each watch.
 *
 * When the module is unloaded the kernel removes the socket from its groups
 * without a message, and a program would wait for events for ever. So a second
 * socket receives messages about families. On the first one they would be lost
 * with all other messages when the queue is full.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/fs_event.h>
#include <linux/genetlink.h>

#include "config.h"
#include "handle.h"
#include "socket.h"
#include "state.h"

/* Holds tens of thousands of events; takes no memory until they are there. */
#define QUEUE_BYTES	(16 << 20)

/**
 * struct all - a handle for all watches
 * @h: what every handle has
 * @state: what the messages made of it
 * @asker: for requests
 * @events: socket in the groups of the family
 * @control: socket that hears of families
 * @family: number of the family; 0: it went
 * @gone: the family went
 * @look: look whether the family is there
 * @held: @message has to be applied, once the state reported what came before it
 * @message: a message
 * @instance: where fstrace is mounted
 */
struct all {
	struct fsalert h;
	struct fsa_state state;
	struct fsa_asker asker;
	int events;
	int control;
	uint16_t family;
	bool gone;
	bool look;
	bool held;
	union fsa_message message;
	char instance[PATH_MAX];
};

static struct all *of(struct fsalert *h)
{
	return (struct all *)h;
}

/* --- asking the kernel ---------------------------------------------------- */

static int on_dumped(const struct nlmsghdr *nlh, void *data)
{
	struct fsa_watch *watch, *before;
	struct fsa_set *set = data;
	uint64_t change;

	watch = fsa_watch_decode(nlh, &change);
	if (!watch)
		return MNL_CB_ERROR;
	if (fsa_set_put(set, watch, &before)) {
		free(watch);
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	free(before);
	return MNL_CB_OK;
}

static int all_dump(struct fsa_set *set, void *data)
{
	struct all *a = data;

	fsa_ask_begin(&a->asker, a->family, FS_NL_C_ENTRY_GET, NLM_F_DUMP);
	return fsa_ask(&a->asker, on_dumped, set);
}

static int on_got(const struct nlmsghdr *nlh, void *data)
{
	struct fsa_watch **watch = data;
	uint64_t change;

	free(*watch);
	*watch = fsa_watch_decode(nlh, &change);
	return *watch ? MNL_CB_OK : MNL_CB_ERROR;
}

static int all_get(uint64_t id, struct fsa_watch **watch, void *data)
{
	struct all *a = data;
	struct nlmsghdr *nlh = fsa_ask_begin(&a->asker, a->family,
					     FS_NL_C_ENTRY_GET, NLM_F_ACK);
	int err;

	*watch = NULL;
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_ID, id);
	err = fsa_ask(&a->asker, on_got, watch);
	if (!err && !*watch)
		err = -EBADMSG;
	if (err) {
		free(*watch);
		*watch = NULL;
	}
	return err;
}

static const struct fsa_kernel all_kernel = {
	.dump	= all_dump,
	.get	= all_get,
};

/* --- coming and going of the family --------------------------------------- */

static const struct fsa_address family_address = {
	.name = FS_EVENT_FAMILY_NAME,
	.groups = { FS_EVENT_MCGRP_EVENT, FS_EVENT_MCGRP_CONFIG },
};

/* The numbers as they are now. */
static int join_family(struct all *a)
{
	struct fsa_address address = family_address;
	int err = fsa_resolve(&a->asker, &address);

	err = err ?: fsa_socket_join(a->events, &address);
	if (!err)
		a->family = address.family;
	return err;
}

static int join_control(struct all *a)
{
	struct fsa_address address = {
		.name = "nlctrl",
		.groups = { "notify" },
	};
	int err = fsa_resolve(&a->asker, &address);

	return err ?: fsa_socket_join(a->control, &address);
}

/* Is a message about families about ours? */
static void on_family_news(struct all *a, size_t len)
{
	const struct nlmsghdr *nlh = &a->message.head;
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	struct fsa_address address = {};

	if (!mnl_nlmsg_ok(nlh, len) || nlh->nlmsg_type != GENL_ID_CTRL ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*genl))
		return;
	fsa_address_take(&address, nlh);
	if (genl->cmd == CTRL_CMD_NEWFAMILY)
		a->look = a->look || a->gone;
	/* Another one may get the same number. */
	if (genl->cmd == CTRL_CMD_DELFAMILY && address.family == a->family) {
		a->family = 0;
		a->look = true;
	}
}

static int read_control(struct all *a)
{
	size_t len;
	int some;

	while ((some = fsa_socket_receive(a->control, &a->message, &len))) {
		if (some > 0)
			on_family_news(a, len);
		else if (some == -ENOBUFS)
			a->look = true;
		else if (some != -EINTR)
			return some;
	}
	return 0;
}

static void set_gone(struct all *a)
{
	fsa_state_clear(&a->state);
	a->gone = true;
	a->held = false;
}

/*
 * Does the family still exist, with the same number? Without an answer, for want
 * of memory say, the next call asks again. Return: 1: an event; 0: nothing new; a
 * negative errno.
 */
static int look_for_family(struct all *a)
{
	struct fsa_address address = family_address;
	int err = fsa_resolve(&a->asker, &address);

	if (err && err != -ENOENT)
		return err;
	if (!a->gone && (!a->family || address.family != a->family)) {
		/* The next call finds out if it is back. */
		set_gone(a);
		fsa_event_init(&a->h.ev, FSALERT_GONE);
		return 1;
	}
	if (err || !a->gone) {
		a->look = false;
		return 0;
	}
	err = join_family(a);
	if (err)
		return err;
	a->look = false;
	a->gone = false;
	a->state.stale = true;
	fsa_event_init(&a->h.ev, FSALERT_BACK);
	return 1;
}

/* --- messages ------------------------------------------------------------- */

/* A message that came: is something missing before it? */
static int inspect(struct all *a)
{
	struct fsalert_event ev;
	struct fsa_watch *watch;
	uint64_t change;

	if (fsa_event_decode(&ev, &a->message.head)) {
		fsa_state_event(&a->state, &ev);
		return 0;
	}
	watch = fsa_watch_decode(&a->message.head, &change);
	if (!watch)
		return errno == ENOMEM ? -ENOMEM : 0;
	fsa_state_change(&a->state, &watch->entry);
	free(watch);
	return 0;
}

/* Return: 1: there is an event; 0: there is none; a negative errno. */
static int apply(struct all *a)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(&a->message.head);
	struct fsa_watch *watch;
	uint64_t change;
	int result;

	if (fsa_event_decode(&a->h.ev, &a->message.head))
		return fsa_state_apply(&a->state, &a->h.ev);
	if (genl->cmd != FS_NL_C_ENTRY_NTF)
		return 0;
	watch = fsa_watch_decode(&a->message.head, &change);
	if (!watch)
		return errno == ENOMEM ? -ENOMEM : 0;
	result = fsa_state_apply_change(&a->state, &watch->entry, change,
					&a->h.ev);
	free(watch);
	return result;
}

/* Return: 1: a message is held; 0: there is none; a negative errno. */
static int receive(struct all *a)
{
	size_t len;
	int some = fsa_socket_receive(a->events, &a->message, &len);

	if (some == -EINTR)
		return 1;
	if (some == -ENOBUFS) {
		fsa_state_overrun(&a->state);
		return 1;
	}
	if (some <= 0)
		return some;
	/* Messages of groups come one a datagram. */
	if (mnl_nlmsg_ok(&a->message.head, len) &&
	    a->message.head.nlmsg_type == a->family &&
	    mnl_nlmsg_get_payload_len(&a->message.head) >=
	    sizeof(struct genlmsghdr)) {
		a->held = true;
		some = inspect(a);
		/* The dump will include that message. */
		if (some < 0) {
			a->held = false;
			a->state.stale = true;
			return some;
		}
	}
	return 1;
}

/* The queue is empty: what is due then? Return: as next(); 2: look again. */
static int on_empty(struct all *a)
{
	int result;

	if (a->state.overrun) {
		fsa_state_drained(&a->state);
		return 2;
	}
	result = read_control(a);
	if (result || !a->look)
		return result;
	result = look_for_family(a);
	return result || a->look ? result : 2;
}

static int next(struct all *a)
{
	int result;

	for (;;) {
		result = a->gone ? 0 : fsa_state_tell(&a->state, &a->h.ev);
		if (result)
			return result;
		if (a->held) {
			a->held = false;
			result = apply(a);
			if (result < 0)
				a->state.stale = true;
			if (result)
				return result;
			continue;
		}
		result = receive(a);
		if (!result) {
			result = on_empty(a);
			if (result != 2)
				return result;
		}
		if (result < 0)
			return result;
	}
}

static int all_next(struct fsalert *h, const struct fsalert_event **ev)
{
	int result;

	fsa_is_due(h);
	result = next(of(h));
	if (result > 0)
		*ev = &h->ev;
	return result;
}

/* --- requests ------------------------------------------------------------- */

static int all_request(struct fsalert *h, const char *request)
{
	return fsa_config_write(h, of(h)->instance, request);
}

static int all_each(struct fsalert *h,
		    int (*fn)(const struct fsalert_entry *entry, void *data),
		    void *data)
{
	const struct fsa_set *set = &of(h)->state.set;
	int result = 0;
	size_t i;

	for (i = 0; !result && i < set->nr; i++)
		result = fn(&set->list[i]->entry, data);
	return result;
}

static void all_close(struct fsalert *h)
{
	struct all *a = of(h);

	fsa_state_clear(&a->state);
	if (a->events >= 0)
		close(a->events);
	if (a->control >= 0)
		close(a->control);
	if (a->asker.fd >= 0)
		close(a->asker.fd);
}

static const struct fsa_ops all_ops = {
	.next		= all_next,
	.request	= all_request,
	.each		= all_each,
	.close		= all_close,
};

/* --- opening -------------------------------------------------------------- */

/* Beyond the system's limit if it may be, else as far as that. */
static void set_queue(struct all *a, size_t bytes)
{
	int value = bytes ?: QUEUE_BYTES, got = 0;
	socklen_t len = sizeof(got);

	if (setsockopt(a->events, SOL_SOCKET, SO_RCVBUFFORCE, &value,
		       sizeof(value)) < 0)
		setsockopt(a->events, SOL_SOCKET, SO_RCVBUF, &value,
			   sizeof(value));
	/* The kernel shows twice of what it gave, for its own needs. */
	getsockopt(a->events, SOL_SOCKET, SO_RCVBUF, &got, &len);
	a->h.queue_bytes = got / 2;
}

static int sockets_open(struct all *a)
{
	a->asker.fd = fsa_socket_open(0);
	if (a->asker.fd < 0)
		return a->asker.fd;
	a->control = fsa_socket_open(SOCK_NONBLOCK);
	if (a->control < 0)
		return a->control;
	a->events = fsa_socket_open(SOCK_NONBLOCK);
	return a->events < 0 ? a->events : 0;
}

/* The controller's group first: no going is missed. */
static int all_open(struct all *a, size_t queue_bytes)
{
	int err = sockets_open(a);

	err = err ?: join_control(a);
	err = err ?: join_family(a);
	err = err ?: fsa_await(&a->h, a->control);
	err = err ?: fsa_await(&a->h, a->events);
	if (err)
		return err;
	set_queue(a, queue_bytes);
	return fsa_state_begin(&a->state);
}

static struct all *all_new(void)
{
	struct all *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->asker.fd = -1;
	a->control = -1;
	a->events = -1;
	a->state.kernel = &all_kernel;
	a->state.kernel_data = a;
	return a;
}

int fsalert_open_all(struct fsalert **h, const char *instance,
		     size_t queue_bytes)
{
	struct all *a;
	int err;

	*h = NULL;
	if (queue_bytes > INT_MAX)
		return -EINVAL;
	a = all_new();
	if (!a)
		return -ENOMEM;
	err = fsa_open(&a->h, &all_ops, FSALERT_KERNEL);
	if (!err && snprintf(a->instance, sizeof(a->instance), "%s", instance ?:
			     FSA_INSTANCE) >= (int)sizeof(a->instance))
		err = -ENAMETOOLONG;
	a->h.can = FSA_CAN_ALL | BIT64(FSALERT_OWN) |
		   (BIT64(FSALERT_REMOVED + 1) - BIT64(FSALERT_LOST));
	err = err ?: all_open(a, queue_bytes);
	if (err)
		fsalert_unref(&a->h);
	else
		*h = &a->h;
	return err;
}

/* Without a handle's descriptors: a socket to ask is all that it takes. */
int fsalert_list(int (*fn)(const struct fsalert_entry *entry, void *data),
		 void *data)
{
	struct fsa_address address = family_address;
	struct all *a = all_new();
	int result;

	if (!a)
		return -ENOMEM;
	a->asker.fd = fsa_socket_open(0);
	result = a->asker.fd < 0 ? a->asker.fd :
		fsa_resolve(&a->asker, &address);
	a->family = address.family;
	result = result ?: fsa_state_begin(&a->state);
	result = result ?: all_each(&a->h, fn, data);
	all_close(&a->h);
	free(a);
	return result;
}
