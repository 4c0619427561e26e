// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A view: the state of all watches, over the sockets that it is kept by.
 */
#include <errno.h>
#include <stdlib.h>

#include <linux/genetlink.h>

#include "event.h"
#include "listener.h"
#include "socket.h"
#include "state.h"

/**
 * struct fsevents_view - a view
 * @listener: its messages
 * @state: what they made of it
 */
struct fsevents_view {
	struct fsevents_listener *listener;
	struct fsev_state state;
};

static int on_dumped(const struct nlmsghdr *nlh, void *data)
{
	struct fsev_watch *watch, *before;
	struct fsev_set *set = data;
	uint64_t change;

	watch = fsev_watch_decode(nlh, &change);
	if (!watch)
		return MNL_CB_ERROR;
	if (fsev_set_put(set, watch, &before)) {
		free(watch);
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	free(before);
	return MNL_CB_OK;
}

static int view_dump(struct fsev_set *set, void *data)
{
	const struct fsevents_view *view = data;
	uint16_t family = fsev_listener_family(view->listener);

	return fsev_query_run(fsev_query_new(family, FS_NL_C_ENTRY_GET,
					     NLM_F_DUMP), on_dumped, set);
}

static int on_got(const struct nlmsghdr *nlh, void *data)
{
	struct fsev_watch **watch = data;
	uint64_t change;

	free(*watch);
	*watch = fsev_watch_decode(nlh, &change);
	return *watch ? MNL_CB_OK : MNL_CB_ERROR;
}

static int view_get(uint64_t id, struct fsev_watch **watch, void *data)
{
	const struct fsevents_view *view = data;
	uint16_t family = fsev_listener_family(view->listener);
	struct fsev_query *q = fsev_query_new(family, FS_NL_C_ENTRY_GET,
					      NLM_F_ACK);
	int err;

	*watch = NULL;
	if (q)
		mnl_attr_put_u32(&q->head, FS_NL_ENTRY_A_ID, id);
	err = fsev_query_run(q, on_got, watch);
	if (!err && !*watch)
		err = -EBADMSG;
	if (err) {
		free(*watch);
		*watch = NULL;
	}
	return err;
}

static const struct fsev_kernel view_kernel = {
	.dump	= view_dump,
	.get	= view_get,
};

/**
 * fsevents_view_open - listen, and keep the state of all watches
 * @view: the new view, for fsevents_view_close()
 * @queue_bytes: as fsevents_listener_open()
 * @fn: called for what is new from now on, by fsevents_view_read()
 * @data: its last argument
 *
 * On return the view shows all watches whose mounts can be reached from the
 * root of the calling thread, in its mount namespace; their events, and those
 * of its network namespace, are told. Threads that read it later must have the
 * same root and namespaces.
 *
 * Context: Any thread.
 * Return: 0 or a negative errno: as fsevents_listener_open(); EPROTONOSUPPORT
 * or EOPNOTSUPP, the kernel tells events, but knows no such requests.
 */
int fsevents_view_open(struct fsevents_view **view, size_t queue_bytes,
		       fsevents_news_fn fn, void *data)
{
	struct fsevents_view *v = calloc(1, sizeof(*v));
	int err;

	if (!v)
		return -ENOMEM;
	v->state.kernel = &view_kernel;
	v->state.kernel_data = v;
	err = fsev_listener_open(&v->listener, queue_bytes, true);
	/* Before anything can be new. */
	if (!err)
		err = fsev_state_resync(&v->state);
	if (err) {
		fsevents_view_close(v);
		return err;
	}
	v->state.news = fn;
	v->state.news_data = data;
	*view = v;
	return 0;
}

/**
 * fsevents_view_close - stop listening, forget the watches
 * @view: the view; NULL: nothing is done
 *
 * Context: One thread at a time for each view; not from its function.
 */
void fsevents_view_close(struct fsevents_view *view)
{
	if (!view)
		return;
	fsevents_listener_close(view->listener);
	fsev_set_clear(&view->state.set);
	free(view);
}

/**
 * fsevents_view_fd - what to wait on
 * @view: the view
 *
 * Context: Any thread.
 * Return: a descriptor for poll(2) and the like, the view's own: when it is
 * readable, fsevents_view_read() has something to do. It is to be called until
 * it says ETIMEDOUT to a timeout of 0: only then it has made good what was lost.
 */
int fsevents_view_fd(const struct fsevents_view *view)
{
	return fsevents_listener_fd(view->listener);
}

static int on_message(struct fsevents_view *view, const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	struct fsevents_event ev;
	struct fsev_watch *watch;
	uint64_t change;
	int result;

	if (fsev_event_decode(&ev, nlh))
		return fsev_state_event(&view->state, &ev);
	if (genl->cmd != FS_NL_C_ENTRY_NTF)
		return 0;
	watch = fsev_watch_decode(nlh, &change);
	if (!watch)
		return errno == ENOMEM ? -ENOMEM : 0;
	result = fsev_state_change(&view->state, &watch->entry, change);
	free(watch);
	return result;
}

/**
 * fsevents_view_read - wait for a message and take it into account
 * @view: the view
 * @timeout_ms: how long; negative: as long as it takes
 *
 * It may return before the time is over although nothing is new. After events
 * were lost it asks the kernel how things are; this is told by FSEVENTS_LOST and
 * FSEVENTS_RESYNCED and is no error. When that itself fails, it is tried again
 * with the next call.
 *
 * Context: One thread at a time for each view; not from its function.
 * Return: 0; what the function for news returned, if not 0; or a negative errno:
 * ETIMEDOUT; EINTR; ENOMEM; ENODEV, the family is gone, and there will be no
 * more events.
 */
int fsevents_view_read(struct fsevents_view *view, int timeout_ms)
{
	struct fsev_state *s = &view->state;
	bool behind = s->overrun || s->stale;
	const struct nlmsghdr *message;
	int err;

	err = fsev_listener_next(view->listener, behind ? 0 : timeout_ms,
				 &message);
	if (err == -ETIMEDOUT && behind)
		return fsev_state_drained(s);
	if (err == -ENOBUFS)
		return fsev_state_overrun(s);
	if (err || !message)
		return err;
	return on_message(view, message);
}

/**
 * fsevents_view_resync - ask the kernel how things are
 * @view: the view
 *
 * There is no need to after losses. It brings new figures, and what no event
 * tells: failures that are over, and watches that are elsewhere.
 *
 * Context: One thread at a time for each view; not from its function.
 * Return: as fsevents_view_read().
 */
int fsevents_view_resync(struct fsevents_view *view)
{
	return fsev_state_resync(&view->state);
}

/**
 * fsevents_view_find - a watch
 * @view: the view
 * @id: its number
 *
 * Context: One thread at a time for each view.
 * Return: the watch, good until the view is read or closed; NULL: there is none.
 */
const struct fsevents_entry *fsevents_view_find(const struct fsevents_view *view,
						uint64_t id)
{
	const struct fsev_watch *watch = fsev_set_find(&view->state.set, id);

	return watch ? &watch->entry : NULL;
}

/**
 * fsevents_view_next - the watches, one after the other
 * @view: the view
 * @entry: one of them; NULL: before the first
 *
 * Context: One thread at a time for each view.
 * Return: the watch with the next larger number, as fsevents_view_find().
 */
const struct fsevents_entry *fsevents_view_next(const struct fsevents_view *view,
						const struct fsevents_entry *entry)
{
	const struct fsev_set *set = &view->state.set;
	size_t at = entry ? fsev_set_at(set, entry->id + 1) : 0;

	return at < set->nr ? &set->list[at]->entry : NULL;
}
