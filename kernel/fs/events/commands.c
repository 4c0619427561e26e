// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: the netlink commands, and the family that they belong to.
 *
 * Generic netlink calls ->doit with cb_lock held, which all families share, and
 * a command may wait for a server when it looks up a path or asks a file system.
 * So ->doit puts the message aside, and the command runs in task work: when its
 * sender is about to return from the system call, without that lock, and still
 * as the sender, with its root, namespaces and credentials. The answer is sent
 * before the sender runs on.
 *
 * A socket has one command at a time. It is kept under its socket in an XArray,
 * so what a command costs does not depend on what other sockets wait for. A
 * further one gets EBUSY until the first is about to be answered. Dumps do not
 * count: netlink runs them.
 *
 * ENTRY_SET and ENTRY_DEL take the way that a write to `config` takes (config.h),
 * with the socket as the file: its opener and the sender need the right to. The
 * sender's user namespace stands for the instance of fstrace, the socket's
 * network namespace gets the events. Looking takes no privilege, as reading
 * `config` does, and shows the same.
 *
 * A dump is made a message at a time, by the task that reads the socket, and shows
 * what its sender may see. From message to message it remembers the id of a
 * watch, so it misses no watch that stays, and says when watches came or went
 * meanwhile. Until its end is read or the socket is
 * closed it holds the sender's root directory and the module.
 *
 * Lifetime: a command holds the file of its socket, so the socket, the network
 * namespace and the kernel's socket there; and it holds the module. When the
 * module's exit runs, no command is left but perhaps one that is on its last
 * instructions here. The exit waits for these.
 *
 * Memory is charged to the sender. ->doit takes little, and does not wait for it:
 * a memory cgroup that is full reclaims for as long as its user likes.
 *
 * Context: process context. Commands run without any lock; a dump, with locks of
 * netlink.
 */
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/task_work.h>
#include <linux/user_namespace.h>
#include <linux/xarray.h>
#include <net/sock.h>

#include "config.h"
#include "grammar.h"
#include "netlink.h"
#include "netlink_gen.h"

/* In ->doit: over the limit of the sender's memory cgroup, if need be. */
#define FSE_GFP_DOIT	(GFP_ATOMIC | __GFP_ACCOUNT)

/**
 * struct fse_command - a command that was put aside
 * @work: runs it
 * @run: carries it out and makes @reply; returns 0 or a negative errno
 * @file: the socket
 * @cred: credentials that it was sent with; io_uring may use others than the task's
 * @request: the datagram that it came in; once it runs, a copy of its message
 * @nlh: its message, in @request
 * @reply: what is sent before the acknowledgment, or NULL
 * @extack: what is said about it
 */
struct fse_command {
	struct callback_head work;
	int (*run)(struct fse_command *command);
	struct file *file;
	const struct cred *cred;
	struct sk_buff *request;
	struct nlmsghdr *nlh;
	struct sk_buff *reply;
	struct netlink_ext_ack extack;
};

/* The command of each socket that has one. */
static DEFINE_XARRAY_FLAGS(fse_commands, XA_FLAGS_ACCOUNT);

static unsigned long fse_command_index(const struct fse_command *c)
{
	return (unsigned long)NETLINK_CB(c->request).sk;
}

static void fse_command_free(struct fse_command *c)
{
	nlmsg_free(c->reply);
	nlmsg_free(c->request);
	fput(c->file);
	put_cred(c->cred);
	kfree(c);
}

/* The network namespace of the sender's socket. */
static struct net *fse_command_net(const struct fse_command *c)
{
	return sock_net(NETLINK_CB(c->request).sk);
}

/* The datagram is not charged to the sender: keep a copy that is. */
static int fse_command_copy(struct fse_command *c)
{
	struct sk_buff *skb = alloc_skb(c->nlh->nlmsg_len, GFP_KERNEL_ACCOUNT);

	if (!skb)
		return -ENOMEM;
	NETLINK_CB(skb) = NETLINK_CB(c->request);
	/* The kernel's socket, from which netlink_ack() sends. */
	skb->sk = c->request->sk;
	c->nlh = skb_put_data(skb, c->nlh, c->nlh->nlmsg_len);
	consume_skb(c->request);
	c->request = skb;
	return 0;
}

static void fse_command_answer(struct fse_command *c, int err)
{
	struct sk_buff *reply = c->reply;

	if (!err && reply) {
		c->reply = NULL;
		nlmsg_end(reply, nlmsg_hdr(reply));
		err = genlmsg_unicast(fse_command_net(c), reply,
				      NETLINK_CB(c->request).portid);
	}
	if (err || c->nlh->nlmsg_flags & NLM_F_ACK)
		netlink_ack(c->request, c->nlh, err, &c->extack);
}

static void fse_command_work(struct callback_head *work)
{
	struct fse_command *c = container_of(work, struct fse_command, work);
	int err = fse_command_copy(c);
	const struct cred *old;

	/* A sender that was killed may be without root and namespaces by now. */
	if (current->flags & PF_EXITING)
		err = -ESRCH;
	if (!err) {
		old = override_creds(c->cred);
		err = c->run(c);
		revert_creds(old);
	}
	/* Another thread may read the answer, and send the next command. */
	xa_erase(&fse_commands, fse_command_index(c));
	fse_command_answer(c, err);
	fse_command_free(c);
	module_put(THIS_MODULE);
}

static int fse_command_add(struct fse_command *c,
			   struct netlink_ext_ack *extack)
{
	int err = xa_insert(&fse_commands, fse_command_index(c), c,
			    FSE_GFP_DOIT);

	if (err == -EBUSY)
		NL_SET_ERR_MSG(extack,
			       "the socket's last command is not answered yet");
	if (err)
		return err;
	init_task_work(&c->work, fse_command_work);
	err = task_work_add(current, &c->work, TWA_RESUME);
	if (err)
		xa_erase(&fse_commands, fse_command_index(c));
	return err;
}

/*
 * Have a command run when its sender leaves the system call. Returns -EINTR, by
 * which netlink knows that it is not to answer, or what it answers.
 */
static int fse_command_defer(struct sk_buff *skb, const struct genl_info *info,
			     int (*run)(struct fse_command *command))
{
	const struct socket *socket = NETLINK_CB(skb).sk->sk_socket;
	struct fse_command *c;
	int err = -ENOENT;

	/* Not sent by a program. */
	if ((current->flags & (PF_KTHREAD | PF_EXITING)) || !socket ||
	    !socket->file)
		return -EOPNOTSUPP;
	if (info->nlhdr->nlmsg_len > FSE_MAX_WRITE) {
		NL_SET_ERR_MSG(info->extack, "more than 64 KiB");
		return -E2BIG;
	}
	c = kzalloc_obj(*c, FSE_GFP_DOIT);
	if (!c)
		return -ENOMEM;
	c->run = run;
	c->file = get_file(socket->file);
	c->cred = get_current_cred();
	c->request = skb_get(skb);
	c->nlh = nlmsg_hdr(skb);
	if (try_module_get(THIS_MODULE)) {
		err = fse_command_add(c, info->extack);
		if (!err)
			return -EINTR;
		module_put(THIS_MODULE);
	}
	fse_command_free(c);
	return err;
}

/* Begin the reply; @size: bytes of its attributes. Return: 0 or -ENOMEM. */
static int fse_reply_new(struct fse_command *c, size_t size)
{
	const struct genlmsghdr *genl = nlmsg_data(c->nlh);

	c->reply = genlmsg_new(size, GFP_KERNEL_ACCOUNT);
	if (!c->reply)
		return -ENOMEM;
	genlmsg_put(c->reply, NETLINK_CB(c->request).portid,
		    c->nlh->nlmsg_seq, &fse_family, 0, genl->cmd);
	return 0;
}

/* Parse what the policy was applied to before. */
static void fse_command_attrs(const struct fse_command *c, struct nlattr **attrs)
{
	nlmsg_parse_deprecated(c->nlh, GENL_HDRLEN, attrs, FS_NL_ENTRY_A_MAX,
			       NULL, NULL);
}

/* Show why a request was refused, and where. */
static void fse_show_refusal(struct fse_command *c,
			     const struct fse_error *error)
{
	if (error->word.len)
		c->extack.bad_attr =
			(const void *)nlmsg_attrdata(c->nlh, GENL_HDRLEN) +
			error->word.off;
	NL_SET_ERR_MSG_FMT(&c->extack, "%s", error->why);
}

static int fse_carry_out(struct fse_command *c, struct fse_write *w)
{
	const struct net *net = fse_command_net(c);
	struct fse_error error = {};
	int err;

	w->file = c->file;
	w->net = fse_maker_net(w, net);
	w->numbers = fse_net_numbers(fse_net(net));
	w->error = &error;
	err = fse_write_carry_out(w);
	if (err)
		fse_show_refusal(c, &error);
	return err;
}

static int fse_reply_set(const struct fse_command *c,
			 const struct fse_write *w)
{
	const struct fse_numbers *n = &w->numbers;

	if (WARN_ON_ONCE(nla_put_u32(c->reply, FS_NL_ENTRY_A_ID, w->set) ||
			 nla_put_uint(c->reply, FS_NL_ENTRY_A_GENERATION,
				      n->generation) ||
			 nla_put_uint(c->reply, FS_NL_ENTRY_A_SEQ, n->seq)))
		return -EMSGSIZE;
	return 0;
}

static int fse_request_run(struct fse_command *c, struct fse_request *req,
			   struct fse_owner *owner)
{
	struct nlattr *attrs[FS_NL_ENTRY_A_MAX + 1];
	const struct genlmsghdr *genl = nlmsg_data(c->nlh);
	bool set = genl->cmd == FS_NL_C_ENTRY_SET;
	struct fse_write w = { .request = req, .owner = owner };
	int err;

	fse_command_attrs(c, attrs);
	err = set ? fse_attrs_set(c->nlh, attrs, req, &c->extack) :
		    fse_attrs_del(c->nlh, attrs, req, &c->extack);
	/* Once something has changed there must be memory for the reply. */
	if (!err && set)
		err = fse_reply_new(c, nla_total_size(sizeof(u32)) +
				       nla_total_size(sizeof(u64)) * 2);
	if (!err)
		err = fse_carry_out(c, &w);
	if (err)
		fse_count(owner, FSE_STAT_REFUSED, 1);
	return err || !set ? err : fse_reply_set(c, &w);
}

static int fse_run_request(struct fse_command *c)
{
	/* Too big for a stack. */
	struct fse_request *req = kvzalloc_obj(*req, GFP_KERNEL_ACCOUNT);
	struct fse_owner *owner;
	int err = -ENOMEM;

	if (!req)
		return err;
	owner = fse_owner_find(current_user_ns(), GFP_KERNEL_ACCOUNT);
	if (owner) {
		err = fse_request_run(c, req, owner);
		fse_owner_put(owner);
	}
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

/*
 * May the running process have the figures that the maker of a watch gets? A local
 * file system gives the same to all that can search the path; a server or a daemon
 * may give it others, or none.
 */
static bool fse_figures_for(const struct fse_watch *watch,
			    const struct fse_viewer *viewer, const char *mount)
{
	if (ns_capable_noaudit(watch->owner->user_ns, CAP_SYS_ADMIN))
		return true;
	if (watch->es->remote)
		return fse_creds_alike(watch->cred, current_cred());
	return fse_viewer_searches(viewer, watch, mount);
}

/* How a viewer in a network namespace sees a watch. Return: it does. */
static bool fse_entry_view(struct fse_entry *entry, struct fse_watch *watch,
			   const struct fse_viewer *viewer,
			   const struct net *net)
{
	memset(entry, 0, sizeof(*entry));
	entry->watch = watch;
	entry->mount = fse_viewer_sees(viewer, watch);
	if (!entry->mount)
		return false;
	entry->figures = fse_figures_for(watch, viewer, entry->mount);
	entry->elsewhere = watch->net != fse_net(net);
	return true;
}

/* Put a watch as it is now. Return: 0, or -EMSGSIZE when there is no room. */
static int fse_entry_show(struct sk_buff *skb, struct fse_entry *entry,
			  const struct net *net)
{
	struct fse_watch *watch = entry->watch;
	unsigned char *tail = skb_tail_pointer(skb);
	int err;

	mutex_lock(&watch->deliver_lock);
	fse_deliver_retired(watch);
	/* Before the state: see above. */
	entry->numbers = fse_net_numbers(watch->net ?: fse_net(net));
	err = fse_entry_put(skb, entry);
	mutex_unlock(&watch->deliver_lock);
	if (err)
		nlmsg_trim(skb, tail);
	return err;
}

static int fse_reply_entry(struct fse_command *c, struct fse_entry *entry)
{
	struct fse_watch *watch = entry->watch;
	size_t size;
	int err;

	/* A request may set more levels in between. */
	do {
		nlmsg_free(c->reply);
		c->reply = NULL;
		mutex_lock(&watch->deliver_lock);
		size = fse_entry_size(entry);
		mutex_unlock(&watch->deliver_lock);
		err = fse_reply_new(c, size);
		if (!err)
			err = fse_entry_show(c->reply, entry,
					     fse_command_net(c));
	} while (err == -EMSGSIZE);
	return err;
}

/* The watch of the viewer's user namespace on a mount, which is held. */
static struct fse_watch *fse_watch_at(const struct fse_viewer *viewer,
				      const struct path *path)
{
	struct fse_sb *es = fse_sb_get(path->mnt->mnt_sb);
	struct fse_watch *watch;

	if (!es)
		return NULL;
	watch = fse_watch_find(es, path->mnt, viewer->owner, NULL);
	fse_sb_put(es);
	return watch;
}

/* Return: 0, -ENOENT when there is no such watch, or another negative errno. */
static int fse_reply_watch(struct fse_command *c,
			   const struct fse_viewer *viewer,
			   const struct path *path, u32 id)
{
	struct fse_entry entry;
	struct fse_watch *watch;
	int err = -ENOENT;

	watch = path ? fse_watch_at(viewer, path) : fse_watch_by_id(id, NULL);
	if (watch && fse_entry_view(&entry, watch, viewer, fse_command_net(c)))
		err = fse_reply_entry(c, &entry);
	fse_watch_put(watch);
	return err;
}

static int fse_get_entry(struct fse_command *c,
			 const struct fse_viewer *viewer,
			 const struct nlattr *id, const struct nlattr *mount)
{
	const char *why = NULL;
	struct path path = {};
	int err = 0;

	if (mount)
		err = fse_mount_look_up(nla_data(mount), &path, &why);
	if (!err) {
		err = fse_reply_watch(c, viewer, mount ? &path : NULL,
				      id ? nla_get_u32(id) : 0);
		if (err == -ENOENT)
			why = id ? "no such watch" : "not watched";
	}
	path_put(&path);
	if (why) {
		NL_SET_BAD_ATTR(&c->extack, id ?: mount);
		NL_SET_ERR_MSG_FMT(&c->extack, "%s", why);
	}
	return err;
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
	err = fse_viewer_init(&viewer, GFP_KERNEL_ACCOUNT);
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
 * @viewer: the sender
 * @id: the first entry id that was not looked at yet
 */
struct fse_dump {
	struct fse_viewer viewer;
	u64 id;
};

static struct fse_dump *fse_dump(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct fse_dump) > sizeof(cb->ctx));
	return (struct fse_dump *)cb->ctx;
}

/* Return: a reference to the next watch that the dump shows; NULL at the end. */
static struct fse_watch *fse_dump_next(struct netlink_callback *cb,
				       struct fse_entry *entry)
{
	const struct net *net = sock_net(cb->skb->sk);
	struct fse_dump *dump = fse_dump(cb);
	struct fse_watch *watch;

	while (dump->id <= U32_MAX &&
	       (watch = fse_watch_from(dump->id, NULL))) {
		dump->id = watch->id;
		if (fse_entry_view(entry, watch, &dump->viewer, net))
			return watch;
		fse_watch_put(watch);
		dump->id++;
	}
	return NULL;
}

int fs_event_nl_entry_get_start(struct netlink_callback *cb)
{
	struct fse_dump *dump = fse_dump(cb);
	int err;

	err = fse_attrs_none(cb->nlh, cb->extack);
	if (err)
		return err;
	/* However little is read, there is room for a watch. */
	cb->min_dump_alloc = nlmsg_total_size(GENL_HDRLEN + FSE_ENTRY_MAX);
	dump->id = 1;
	/* All families wait for this, as for ->doit. */
	return fse_viewer_init(&dump->viewer, FSE_GFP_DOIT);
}

int fs_event_nl_entry_get_done(struct netlink_callback *cb)
{
	fse_viewer_exit(&fse_dump(cb)->viewer);
	return 0;
}

static int fse_dump_entry(struct sk_buff *skb, struct netlink_callback *cb,
			  struct fse_entry *entry)
{
	void *hdr;
	int err;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &fse_family, NLM_F_MULTI, FS_NL_C_ENTRY_GET);
	if (!hdr)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, hdr);
	err = fse_entry_show(skb, entry, sock_net(cb->skb->sk));
	if (err)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);
	return err;
}

int fs_event_nl_entry_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	struct fse_dump *dump = fse_dump(cb);
	struct fse_watch *watch;
	struct fse_entry entry;
	int err = 0;

	cb->seq = fse_watches_state();
	while (!err && (watch = fse_dump_next(cb, &entry))) {
		err = fse_dump_entry(skb, cb, &entry);
		if (!err)
			dump->id++;
		fse_watch_put(watch);
	}
	return skb->len ?: err;
}

static int fse_reply_stats(struct fse_command *c,
			   const struct fse_owner *owner)
{
	u64 seq = fse_net_numbers(fse_net(fse_command_net(c))).seq;
	unsigned int i;
	int err;

	/* They may grow meanwhile. */
	err = fse_reply_new(c,
			    nla_total_size(sizeof(u64)) * (FSE_STAT_NR + 1));
	if (err)
		return err;
	err = nla_put_uint(c->reply, FS_NL_STATS_A_SEQ, seq);
	for (i = 0; !err && i < FSE_STAT_NR; i++)
		err = nla_put_uint(c->reply, fse_stats[i].attr,
				   atomic64_read(&owner->stats[i]));
	WARN_ON_ONCE(err);
	return err;
}

static int fse_run_stats(struct fse_command *c)
{
	struct fse_owner *owner;
	int err;

	err = fse_attrs_none(c->nlh, &c->extack);
	if (err)
		return err;
	owner = fse_owner_find(current_user_ns(), GFP_KERNEL_ACCOUNT);
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

static const struct genl_multicast_group fse_mcgrps[] = {
	[FS_EVENT_NLGRP_FS_EVENT_MC_GRP] = {
		.name	= FS_EVENT_MCGRP_EVENT,
		.flags	= GENL_MCAST_CAP_SYS_ADMIN,
	},
	[FS_EVENT_NLGRP_CONFIG] = {
		.name	= FS_EVENT_MCGRP_CONFIG,
		.flags	= GENL_MCAST_CAP_SYS_ADMIN,
	},
};

struct genl_family fse_family __ro_after_init = {
	.name		= FS_EVENT_FAMILY_NAME,
	.version	= FS_EVENT_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= fs_event_nl_ops,
	.n_split_ops	= ARRAY_SIZE(fs_event_nl_ops),
	.mcgrps		= fse_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(fse_mcgrps),
};

int __init fse_commands_init(void)
{
	return genl_register_family(&fse_family);
}

void fse_commands_exit(void)
{
	genl_unregister_family(&fse_family);
	/* A command may be on its last instructions. */
	synchronize_rcu_tasks();
}
