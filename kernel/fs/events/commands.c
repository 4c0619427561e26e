// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: the netlink commands.
 *
 * What changes watches takes the way that a write to `config` takes (config.h),
 * with the socket as the file: whoever opened it and whoever sends need the
 * right to. The sender's user namespace stands for the instance of fstrace, the
 * socket's network namespace gets the events. Looking takes no privilege, as
 * reading `config` does, and shows the same.
 *
 * A dump finds its place by the numbers of watches, which grow along the list:
 * it passes over none, whatever comes and goes meanwhile, and says when something
 * did. It goes on as reads of the socket go on, in whoever reads, but shows what
 * the one who asked for it may see. Until its end is read or the socket closed
 * it holds that one's root directory, and the module.
 *
 * Context: process context. Commands but the dump run as defer.c says, without
 * any lock; the dump with locks of netlink. fse_mutex is taken here.
 */
#include <linux/mount.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "config.h"
#include "netlink.h"
#include "netlink_gen.h"

/* Once more what the policy has seen already. */
static void fse_command_attrs(const struct fse_command *c, struct nlattr **attrs)
{
	nlmsg_parse_deprecated(nlmsg_hdr(c->request), GENL_HDRLEN, attrs,
			       FS_NL_ENTRY_A_MAX, NULL, NULL);
}

/* Show why a request was refused, and where. */
static void fse_show_refusal(struct fse_command *c,
			     const struct fse_error *error)
{
	const struct nlmsghdr *nlh = nlmsg_hdr(c->request);

	if (error->word.len)
		c->extack.bad_attr =
			(const void *)nlmsg_attrdata(nlh, GENL_HDRLEN) +
			error->word.off;
	NL_SET_ERR_MSG_FMT(&c->extack, "%s", error->why);
}

/* @w has the request, and its id if it is about one. */
static int fse_carry_out(struct fse_command *c, struct fse_write *w)
{
	struct fse_error error = {};
	struct fse_viewer viewer;
	int err = fse_viewer_init(&viewer);

	if (err)
		return err;
	w->net = fse_command_net(c);
	w->file = c->file;
	w->error = &error;
	w->viewer = &viewer;
	w->owner = viewer.owner;
	err = fse_write_carry_out(w);
	fse_viewer_exit(&viewer);
	if (err)
		fse_show_refusal(c, &error);
	return err;
}

/* Before anything changes: what is done must not end as out of memory. */
static struct sk_buff *fse_reply_set_new(const struct fse_command *c,
					 void **hdr)
{
	return fse_reply_new(c, nla_total_size(sizeof(u32)) +
			     nla_total_size(sizeof(u64)) * 2, hdr);
}

static int fse_reply_set(const struct fse_command *c,
			 const struct fse_write *w, struct sk_buff *skb,
			 void *hdr)
{
	const struct fse_numbers *n = &w->numbers;

	if (WARN_ON_ONCE(nla_put_u32(skb, FS_NL_ENTRY_A_ID, w->set) ||
			 nla_put_uint(skb, FS_NL_ENTRY_A_GENERATION,
				      n->generation) ||
			 nla_put_uint(skb, FS_NL_ENTRY_A_SEQ, n->seq))) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	return fse_reply_send(c, skb, hdr);
}

static int fse_request_run(struct fse_command *c, struct fse_request *req)
{
	const struct nlmsghdr *nlh = nlmsg_hdr(c->request);
	struct nlattr *attrs[FS_NL_ENTRY_A_MAX + 1];
	const struct genlmsghdr *genl = nlmsg_data(nlh);
	bool set = genl->cmd == FS_NL_C_ENTRY_SET;
	struct fse_write w = { .request = req };
	struct sk_buff *reply = NULL;
	void *hdr;
	int err;

	fse_command_attrs(c, attrs);
	err = set ? fse_attrs_set(nlh, attrs, req, &c->extack) :
		    fse_attrs_del(nlh, attrs, req, &c->extack);
	if (err)
		return err;
	if (attrs[FS_NL_ENTRY_A_ID])
		w.id = nla_data(attrs[FS_NL_ENTRY_A_ID]);
	if (set) {
		reply = fse_reply_set_new(c, &hdr);
		if (!reply)
			return -ENOMEM;
	}
	err = fse_carry_out(c, &w);
	if (!err && set)
		return fse_reply_set(c, &w, reply, hdr);
	nlmsg_free(reply);
	return err;
}

static int fse_run_request(struct fse_command *c)
{
	/* Too big for a stack. */
	struct fse_request *req = kvzalloc(sizeof(*req), GFP_KERNEL);
	int err;

	if (!req)
		return -ENOMEM;
	err = fse_request_run(c, req);
	kvfree(req);
	return err;
}

int fs_event_nl_entry_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return fse_command_defer(skb, info, fse_run_request);
}

int fs_event_nl_entry_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return fse_command_defer(skb, info, fse_run_request);
}

/* What a viewer in a network namespace is told of a watch; false: nothing. */
static bool fse_entry_view(struct fse_entry *entry,
			   struct fse_watch *watch,
			   const struct fse_viewer *viewer,
			   const struct net *net)
{
	memset(entry, 0, sizeof(*entry));
	entry->watch = watch;
	entry->mount = fse_viewer_sees(viewer, watch);
	if (!entry->mount)
		return false;
	entry->elsewhere = watch->net != net;
	/* Before the state: see entry_message.c. */
	entry->numbers = fse_net_numbers(watch->net);
	mutex_lock(&watch->deliver_lock);
	fse_entry_read(entry);
	mutex_unlock(&watch->deliver_lock);
	return true;
}

/* The watch of the sender's on the mount at a path, which is held. */
static struct fse_watch *fse_watch_at(const struct fse_viewer *viewer,
				      const struct path *path)
{
	return fse_watch_find(path->mnt, viewer->owner, NULL);
}

/* Return: the reply, NULL: there is no such watch, or an error pointer. */
static struct sk_buff *fse_reply_entry(const struct fse_command *c,
				       const struct fse_viewer *viewer,
				       const struct path *path, u32 id,
				       void **hdr)
{
	struct sk_buff *skb = NULL;
	struct fse_watch *watch;
	struct fse_entry entry;

	fse_lock();
	watch = path ? fse_watch_at(viewer, path) :
		       fse_viewer_find(viewer, id);
	if (watch && fse_entry_view(&entry, watch, viewer,
				    fse_command_net(c))) {
		skb = fse_reply_new(c, fse_entry_size(&entry), hdr);
		if (!skb) {
			skb = ERR_PTR(-ENOMEM);
		} else if (WARN_ON_ONCE(fse_entry_put(skb, &entry))) {
			nlmsg_free(skb);
			skb = ERR_PTR(-EMSGSIZE);
		}
	}
	fse_unlock();
	return skb;
}

static int fse_get_entry(struct fse_command *c,
			 const struct fse_viewer *viewer,
			 const struct nlattr *id, const struct nlattr *mount)
{
	struct path path = {};
	struct sk_buff *skb;
	const char *why;
	void *hdr;
	int err;

	if (mount) {
		err = fse_mount_look_up(nla_data(mount), &path, &why);
		if (err) {
			NL_SET_BAD_ATTR(&c->extack, mount);
			NL_SET_ERR_MSG_FMT(&c->extack, "%s", why);
			path_put(&path);
			return err;
		}
	}
	skb = fse_reply_entry(c, viewer, mount ? &path : NULL,
			      id ? nla_get_u32(id) : 0, &hdr);
	path_put(&path);
	if (!skb) {
		NL_SET_BAD_ATTR(&c->extack, id ?: mount);
		NL_SET_ERR_MSG_FMT(&c->extack, "%s",
				   id ? "no such watch" : "not watched");
		return -ENOENT;
	}
	return IS_ERR(skb) ? PTR_ERR(skb) : fse_reply_send(c, skb, hdr);
}

static int fse_run_get(struct fse_command *c)
{
	struct nlattr *attrs[FS_NL_ENTRY_A_MAX + 1];
	struct fse_viewer viewer;
	int err;

	fse_command_attrs(c, attrs);
	err = fse_attrs_which(attrs, &c->extack);
	if (err)
		return err;
	err = fse_viewer_init(&viewer);
	if (err)
		return err;
	err = fse_get_entry(c, &viewer, attrs[FS_NL_ENTRY_A_ID],
			    attrs[FS_NL_ENTRY_A_MOUNT]);
	fse_viewer_exit(&viewer);
	return err;
}

int fs_event_nl_entry_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return fse_command_defer(skb, info, fse_run_get);
}

/**
 * struct fse_dump - a dump under way
 * @viewer: who asked for it
 * @nr: number of the next watch to look at
 */
struct fse_dump {
	struct fse_viewer viewer;
	s64 nr;
};

static struct fse_dump *fse_dump(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct fse_dump) > sizeof(cb->ctx));
	return (struct fse_dump *)cb->ctx;
}

/* The next watch to be told, from @dump on; NULL: there is none. */
static struct fse_watch *fse_dump_next(struct fse_dump *dump,
				       struct netlink_callback *cb,
				       struct fse_entry *entry)
{
	const struct net *net = sock_net(cb->skb->sk);
	struct fse_watch *watch;

	list_for_each_entry(watch, &fse_watches, node) {
		if (watch->nr < dump->nr)
			continue;
		dump->nr = watch->nr;
		if (fse_entry_view(entry, watch, &dump->viewer, net))
			return watch;
	}
	return NULL;
}

/*
 * The reader may have room for little: then for the next message at least. Until
 * it is made the figures may become known, and the failures that last.
 */
static void fse_dump_make_room(struct netlink_callback *cb,
			       const struct fse_entry *entry)
{
	size_t later = nla_total_size(sizeof(u64)) * 6;

	cb->min_dump_alloc = nlmsg_total_size(GENL_HDRLEN +
					      fse_entry_size(entry) + later);
}

int fs_event_nl_entry_get_start(struct netlink_callback *cb)
{
	struct fse_dump *dump = fse_dump(cb);
	struct fse_entry entry;
	int err;

	err = fse_attrs_none(cb->nlh, cb->extack);
	if (err)
		return err;
	err = fse_viewer_init(&dump->viewer);
	if (err)
		return err;
	dump->nr = 0;
	fse_lock();
	if (fse_dump_next(dump, cb, &entry))
		fse_dump_make_room(cb, &entry);
	fse_unlock();
	return 0;
}

int fs_event_nl_entry_get_done(struct netlink_callback *cb)
{
	fse_viewer_exit(&fse_dump(cb)->viewer);
	return 0;
}

static int fse_dump_entry(struct sk_buff *skb, struct netlink_callback *cb,
			  const struct fse_entry *entry)
{
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &fse_family, NLM_F_MULTI, FS_NL_C_ENTRY_GET);
	if (!hdr)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, hdr);
	if (fse_entry_put(skb, entry)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

int fs_event_nl_entry_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	struct fse_dump *dump = fse_dump(cb);
	struct fse_entry entry;
	int err = 0;

	fse_lock();
	cb->seq = fse_watches_state();
	while (fse_dump_next(dump, cb, &entry)) {
		err = fse_dump_entry(skb, cb, &entry);
		if (err) {
			fse_dump_make_room(cb, &entry);
			break;
		}
		dump->nr++;
	}
	fse_unlock();
	return skb->len ?: err;
}

/* The counters, in the order of enum fse_stat. */
static const u16 fse_stats_attrs[FSE_STAT_NR] = {
	[FSE_STAT_WATCHES]	 = FS_NL_STATS_A_WATCHES,
	[FSE_STAT_NOTIFIED]	 = FS_NL_STATS_A_NOTIFIED,
	[FSE_STAT_COALESCED]	 = FS_NL_STATS_A_COALESCED,
	[FSE_STAT_SENT]		 = FS_NL_STATS_A_SENT,
	[FSE_STAT_NO_LISTENER]	 = FS_NL_STATS_A_NO_LISTENER,
	[FSE_STAT_SEND_FAILED]	 = FS_NL_STATS_A_SEND_FAILED,
	[FSE_STAT_LOST]		 = FS_NL_STATS_A_LOST,
	[FSE_STAT_SAMPLES]	 = FS_NL_STATS_A_SAMPLES,
	[FSE_STAT_SAMPLE_FAILED] = FS_NL_STATS_A_SAMPLE_FAILED,
	[FSE_STAT_KICKS]	 = FS_NL_STATS_A_KICKS,
	[FSE_STAT_STUCK]	 = FS_NL_STATS_A_STUCK,
};

static int fse_reply_stats(const struct fse_command *c,
			   const struct fse_owner *owner)
{
	u64 seq = fse_net_numbers(fse_command_net(c)).seq;
	struct sk_buff *skb;
	unsigned int i;
	void *hdr;
	int err;

	/* They may grow meanwhile. */
	skb = fse_reply_new(c, nla_total_size(sizeof(u64)) * (FSE_STAT_NR + 1),
			    &hdr);
	if (!skb)
		return -ENOMEM;
	err = nla_put_uint(skb, FS_NL_STATS_A_SEQ, seq);
	for (i = 0; !err && i < FSE_STAT_NR; i++)
		err = nla_put_uint(skb, fse_stats_attrs[i],
				   atomic64_read(&owner->stats[i]));
	if (WARN_ON_ONCE(err)) {
		nlmsg_free(skb);
		return err;
	}
	return fse_reply_send(c, skb, hdr);
}

static int fse_run_stats(struct fse_command *c)
{
	struct fse_owner *owner;
	int err;

	err = fse_attrs_none(nlmsg_hdr(c->request), &c->extack);
	if (err)
		return err;
	owner = fse_owner_find(current_user_ns());
	if (!owner)
		return -ENOMEM;
	err = fse_reply_stats(c, owner);
	fse_owner_put(owner);
	return err;
}

int fs_event_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return fse_command_defer(skb, info, fse_run_stats);
}
