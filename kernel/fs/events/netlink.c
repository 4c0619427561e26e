// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: the generic netlink sink, for events and for changes of
 * watches.
 *
 * A message goes to the multicast group in the network namespace of the
 * watch's maker, if the maker has CAP_SYS_ADMIN over that namespace: listeners
 * there take what they get for the word of their own administrator. Its number
 * is assigned and the message sent under the namespace's mutex, so that numbers
 * arrive in order. A number is used when there is a listener, even if all
 * listeners were overrun: then they see the gap.
 *
 * Listeners are counted by the filter that a broadcast calls
 * for each socket of the group; genl_has_listeners() reads a table shared by
 * all namespaces, so its no is final and its yes is a hint.
 *
 * Changes of watches have numbers of their own, without gaps. They are sent under
 * the same mutex, after the change: each has the state of its watch at that time,
 * and the last one of a watch is its removal. A message that there is no memory for
 * has its number nevertheless, so listeners see a gap, and dump.
 *
 * Lifetime: watches hold struct fse_net, not the namespace. The exit of the
 * namespace clears fse_net::net under the mutex, so it waits for a message that
 * is being sent, and there is none after it. The watches stay, for the streams.
 *
 * Context: process context; sends sleep only for the mutex and for memory.
 */
#include <linux/export.h>
#include <linux/pid.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/unaligned.h>
#include <net/net_namespace.h>
#include <net/netlink.h>
#include <net/netns/generic.h>
#include <trace/events/fs_event.h>

#include "internal.h"
#include "netlink.h"
#include "netlink_gen.h"

static unsigned int fse_net_id __ro_after_init;

static struct fse_net **fse_net_slot(const struct net *net)
{
	return net_generic(net, fse_net_id);
}

/* What belongs to a network namespace; the caller keeps that. */
struct fse_net *fse_net(const struct net *net)
{
	return *fse_net_slot(net);
}

/* Context: Any. */
void fse_net_put(struct fse_net *fn)
{
	if (refcount_dec_and_test(&fn->refs))
		kfree(fn);
}

static struct sk_buff *fse_compose(const struct fse_record *r, u64 seq,
				   struct pid_namespace *pid_ns)
{
	struct sk_buff *skb = genlmsg_new(fse_message_size(r), GFP_KERNEL);
	void *hdr;

	if (!skb)
		return NULL;
	hdr = genlmsg_put(skb, 0, 0, &fse_family, 0, FS_NL_C_EVENT);
	if (WARN_ON_ONCE(!hdr || fse_message_put(skb, r, seq, pid_ns))) {
		nlmsg_free(skb);
		return NULL;
	}
	genlmsg_end(skb, hdr);
	return skb;
}

static int fse_count_listener(struct sock *sk, struct sk_buff *skb, void *data)
{
	unsigned int *listeners = data;

	++*listeners;
	return 0;
}

/* Return: 0, or -ESRCH when there is no listener. */
static int fse_broadcast(struct net *net, struct sk_buff *skb)
{
	unsigned int listeners = 0;

	genlmsg_multicast_netns_filtered(&fse_family, net, skb, 0,
					 FS_EVENT_NLGRP_FS_EVENT_MC_GRP,
					 GFP_KERNEL,
					 fse_count_listener, &listeners);
	return listeners ? 0 : -ESRCH;
}

/* Is there a listener? false: no; true: perhaps. */
static bool fse_netlink_wanted(struct net *net)
{
	return genl_has_listeners(&fse_family, net,
				  FS_EVENT_NLGRP_FS_EVENT_MC_GRP);
}

/**
 * fse_netlink_send - send an event
 * @fn: the network namespace of its watch
 * @pid_ns: processes are numbered as seen from there
 * @record: the event
 *
 * Context: Process context, may sleep. A NOFS scope is the caller's.
 * Return: 0, -ESRCH when there is no listener, or -ENOMEM.
 */
int fse_netlink_send(struct fse_net *fn, struct pid_namespace *pid_ns,
		     const struct fse_record *record)
{
	struct sk_buff *skb;
	int err = -ESRCH;

	mutex_lock(&fn->lock);
	/* The namespace may be gone. */
	if (!fn->net || !fse_netlink_wanted(fn->net))
		goto out;
	err = -ENOMEM;
	skb = fse_compose(record, fn->numbers.seq + 1, pid_ns);
	if (skb)
		err = fse_broadcast(fn->net, skb);
	if (!err)
		fn->numbers.seq++;
out:
	mutex_unlock(&fn->lock);
	return err;
}

/* Return: the number of the last message, and of the last change. */
struct fse_numbers fse_net_numbers(struct fse_net *fn)
{
	struct fse_numbers numbers;

	mutex_lock(&fn->lock);
	numbers = fn->numbers;
	mutex_unlock(&fn->lock);
	return numbers;
}

/* Nothing may come for long that shows the gap: ENOBUFS does so now. */
static void fse_tell_loss(struct net *net, unsigned int group)
{
	genl_set_err(&fse_family, net, 0, group, -ENOBUFS);
}

/* A message is lost for want of memory; listeners see that. */
void fse_net_lose_number(struct fse_net *fn)
{
	mutex_lock(&fn->lock);
	fn->numbers.seq++;
	if (fn->net)
		fse_tell_loss(fn->net, FS_EVENT_NLGRP_FS_EVENT_MC_GRP);
	mutex_unlock(&fn->lock);
}

static void fse_send_change(struct net *net, const struct fse_entry *entry)
{
	struct sk_buff *skb;
	void *hdr;

	if (!genl_has_listeners(&fse_family, net, FS_EVENT_NLGRP_CONFIG))
		return;
	skb = genlmsg_new(fse_entry_size(entry), GFP_KERNEL);
	if (!skb) {
		fse_tell_loss(net, FS_EVENT_NLGRP_CONFIG);
		return;
	}
	hdr = genlmsg_put(skb, 0, 0, &fse_family, 0, FS_NL_C_ENTRY_NTF);
	if (WARN_ON_ONCE(!hdr || fse_entry_put(skb, entry))) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	genlmsg_multicast_netns(&fse_family, net, skb, 0,
				FS_EVENT_NLGRP_CONFIG, GFP_KERNEL);
}

/**
 * fse_netlink_change - report that a watch was made, changed or removed
 * @fn: the network namespace of its watch
 * @entry: the watch; gets the numbers that went with the message
 *
 * Context: Process context, may sleep. A NOFS scope is the caller's.
 */
void fse_netlink_change(struct fse_net *fn, struct fse_entry *entry)
{
	mutex_lock(&fn->lock);
	fn->numbers.generation++;
	entry->numbers = fn->numbers;
	if (fn->net)
		fse_send_change(fn->net, entry);
	mutex_unlock(&fn->lock);
}

/* The message but for its number, for which @seq leaves room. */
static struct sk_buff *
fse_compose_private(size_t size, unsigned int event_id,
		    int (*compose_msg)(struct sk_buff *skb, void *data),
		    void *cbdata, struct nlattr **seq)
{
	struct sk_buff *skb;
	void *hdr;
	int err;

	size += nla_total_size(sizeof(u32)) * 2 +
		nla_total_size_64bit(sizeof(u64)) * 2;
	skb = genlmsg_new(size, GFP_KERNEL);
	if (!skb)
		return ERR_PTR(-ENOMEM);
	hdr = genlmsg_put(skb, 0, 0, &fse_family, 0, FS_NL_C_EVENT);
	*seq = nla_reserve_64bit(skb, FS_NL_A_SEQ, sizeof(u64), FS_NL_A_PAD);
	err = !hdr || !*seq ||
	      nla_put_u32(skb, FS_NL_A_EVENT_ID, event_id) ||
	      nla_put_u64_64bit(skb, FS_NL_A_TIME, ktime_get_real_ns(),
				FS_NL_A_PAD) ||
	      nla_put_u32(skb, FS_NL_A_COUNT, 1) ? -EMSGSIZE : 0;
	if (!WARN_ON_ONCE(err) && compose_msg)
		err = compose_msg(skb, cbdata);
	if (err) {
		nlmsg_free(skb);
		return ERR_PTR(err);
	}
	genlmsg_end(skb, hdr);
	return skb;
}

static int fse_send_private(size_t size, unsigned int event_id,
			    int (*compose_msg)(struct sk_buff *skb, void *data),
			    void *cbdata)
{
	struct fse_net *fn = fse_net(&init_net);
	struct sk_buff *skb;
	struct nlattr *seq;
	int err;

	if (!fse_netlink_wanted(&init_net))
		return -ESRCH;
	/* Not under the lock: the caller's function may sleep for long. */
	skb = fse_compose_private(size, event_id, compose_msg, cbdata, &seq);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	mutex_lock(&fn->lock);
	put_unaligned(fn->numbers.seq + 1, (u64 *)nla_data(seq));
	err = fse_broadcast(&init_net, skb);
	if (!err)
		fn->numbers.seq++;
	mutex_unlock(&fn->lock);
	return err;
}

/**
 * fs_netlink_send_event - send an event of a file system's own
 * @size: bytes of the attributes that @compose_msg puts, headers and padding
 *	included, as nla_total_size() counts them
 * @event_id: FS_EVENT_PRIVATE or more
 * @compose_msg: puts the attributes, with nla_put() and the like: those of
 *	enum fs_event_nl_attr with their meaning, others with types from
 *	FS_NL_A_PRIVATE on; NULL: there are none. Returns 0 or a negative
 *	errno, which ends it. Not called without a listener.
 * @cbdata: its second argument
 *
 * The message goes to all listeners of the initial network namespace.
 * The event's id, its number, time and count are added.
 *
 * Context: Process context, may sleep.
 * Return: 0; -ESRCH when there is no listener; -EINVAL for an @event_id that is not
 * private; -ENOMEM; or what @compose_msg returned.
 */
int fs_netlink_send_event(size_t size, unsigned int event_id,
			  int (*compose_msg)(struct sk_buff *skb, void *data),
			  void *cbdata)
{
	int err;

	if (event_id < FS_EVENT_PRIVATE)
		return -EINVAL;
	fse_count(&fse_init_owner, FSE_STAT_NOTIFIED, 1);
	trace_fs_event_notify(0, 0, event_id, 0);
	err = fse_send_private(size, event_id, compose_msg, cbdata);
	fse_sent(&fse_init_owner, 0, 0, event_id, 1, err);
	return err;
}
EXPORT_SYMBOL_GPL(fs_netlink_send_event);

static int __net_init fse_net_init(struct net *net)
{
	struct fse_net *fn = kzalloc_obj(*fn, GFP_KERNEL_ACCOUNT);

	if (!fn)
		return -ENOMEM;
	refcount_set(&fn->refs, 1);
	mutex_init(&fn->lock);
	fn->net = net;
	*fse_net_slot(net) = fn;
	return 0;
}

static void __net_exit fse_net_exit(struct net *net)
{
	struct fse_net *fn = fse_net(net);

	mutex_lock(&fn->lock);
	fn->net = NULL;
	mutex_unlock(&fn->lock);
	fse_net_put(fn);
}

static struct pernet_operations fse_net_ops = {
	.init	= fse_net_init,
	.exit	= fse_net_exit,
	.id	= &fse_net_id,
	.size	= sizeof(struct fse_net *),
};

int __init fse_netlink_init(void)
{
	return register_pernet_subsys(&fse_net_ops);
}

void fse_netlink_exit(void)
{
	unregister_pernet_subsys(&fse_net_ops);
}

/*
 * --- what is in a netlink message ------------------------------------------
 *
 * Context: process context. Nothing is changed but the message.
 */

/**
 * fse_message_size - bytes of the attributes of a message
 * @r: the event
 *
 * Return: what fse_message_put() puts, exactly; but where 64-bit numbers have to
 * be aligned there is room to pad each of them, whether it takes that or not.
 */
size_t fse_message_size(const struct fse_record *r)
{
	const struct fse_identity *fs = r->identity;
	size_t size;

	size = nla_total_size(sizeof(u32)) * 6 +	/* id, dev, pid, ... */
	       nla_total_size_64bit(sizeof(u64)) * 3 +	/* seq, time, fsid */
	       nla_total_size(strlen(r->mount->s) + 1) +
	       nla_total_size(strlen(fs->fstype) + 1) +
	       nla_total_size(strlen(fs->source) + 1);
	if (r->has_error)
		size += nla_total_size(sizeof(u32));
	if (!r->is_level && r->ino)
		size += nla_total_size_64bit(sizeof(u64));
	if (r->is_level)
		size += nla_total_size_64bit(sizeof(u64)) * 3 +
			nla_total_size(sizeof(u32));
	if (r->is_level && r->frsize)
		size += nla_total_size(sizeof(u32));
	if (r->last)
		size += nla_total_size(0);
	if (r->of)
		size += nla_total_size(sizeof(u32));
	if (!uuid_is_null(&fs->uuid))
		size += nla_total_size(sizeof(fs->uuid));
	return size;
}

static int fse_put_level(struct sk_buff *skb, const struct fse_record *r)
{
	return nla_put_u64_64bit(skb, FS_NL_A_DATA, r->avail,
				 FS_NL_A_PAD) ||
	       nla_put_u64_64bit(skb, FS_NL_A_LEVEL, r->trigger,
				 FS_NL_A_PAD) ||
	       nla_put_u64_64bit(skb, FS_NL_A_TOTAL, r->total,
				 FS_NL_A_PAD) ||
	       (r->frsize &&
		nla_put_u32(skb, FS_NL_A_FRSIZE, r->frsize)) ||
	       nla_put_u32(skb, FS_NL_A_LEVEL_NR, r->level_nr);
}

static int fse_put_identity(struct sk_buff *skb, const struct fse_record *r)
{
	const struct fse_identity *fs = r->identity;

	return nla_put_u32(skb, FS_NL_A_DEV_MAJOR, MAJOR(fs->dev)) ||
	       nla_put_u32(skb, FS_NL_A_DEV_MINOR, MINOR(fs->dev)) ||
	       nla_put_string(skb, FS_NL_A_MOUNT, r->mount->s) ||
	       nla_put_string(skb, FS_NL_A_FSTYPE, fs->fstype) ||
	       nla_put_string(skb, FS_NL_A_SOURCE, fs->source) ||
	       nla_put_u64_64bit(skb, FS_NL_A_FSID, fs->fsid, FS_NL_A_PAD) ||
	       (!uuid_is_null(&fs->uuid) &&
		nla_put(skb, FS_NL_A_UUID, sizeof(fs->uuid), &fs->uuid)) ||
	       nla_put_u32(skb, FS_NL_A_ENTRY_ID, r->entry);
}

/**
 * fse_message_put - put the attributes of a message
 * @skb: room for fse_message_size() bytes
 * @r: the event
 * @seq: its number
 * @pid_ns: processes are numbered as seen from there
 *
 * Return: 0, or -EMSGSIZE when there is no room.
 */
int fse_message_put(struct sk_buff *skb, const struct fse_record *r, u64 seq,
		    struct pid_namespace *pid_ns)
{
	bool full = nla_put_u32(skb, FS_NL_A_EVENT_ID, r->id) ||
	       nla_put_u64_64bit(skb, FS_NL_A_SEQ, seq, FS_NL_A_PAD) ||
	       nla_put_u64_64bit(skb, FS_NL_A_TIME, r->time_ns,
				 FS_NL_A_PAD) ||
	       nla_put_u32(skb, FS_NL_A_COUNT, r->count) ||
	       nla_put_u32(skb, FS_NL_A_CAUSED_PID,
			   pid_nr_ns(r->pid, pid_ns)) ||
	       fse_put_identity(skb, r) ||
	       (r->has_error &&
		nla_put_u32(skb, FS_NL_A_ERRNO, r->error)) ||
	       (!r->is_level && r->ino &&
		nla_put_u64_64bit(skb, FS_NL_A_INO, r->ino, FS_NL_A_PAD)) ||
	       (r->is_level && fse_put_level(skb, r)) ||
	       (r->last && nla_put_flag(skb, FS_NL_A_LAST)) ||
	       (r->of && nla_put_u32(skb, FS_NL_A_OF, r->of));

	return full ? -EMSGSIZE : 0;
}
