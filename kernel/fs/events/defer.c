// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: netlink commands run at the end of the system call.
 *
 * Generic netlink calls a command with a lock held that all families share. A
 * command of ours looks up a path and asks a file system, which may hang, for
 * as long as whoever serves that likes: all of generic netlink would wait for an
 * unprivileged user's FUSE daemon. So the message is put aside. It is dealt with
 * when its sender is about to return from the kernel, without that lock, and
 * still as that process: with its root, its namespaces and its rights, as if it
 * wrote to a file. Then the answer is sent, before the sender runs on.
 *
 * Works of a task are run in no certain order. Commands are: each work takes
 * the oldest one of its task.
 *
 * Lifetime: a command under way holds the socket, by its file, which holds the
 * network namespace and the kernel's socket there; and it holds the module.
 * When the module's exit runs, none is left but perhaps one that is on its last
 * instructions here; it waits for these.
 *
 * Context: process context, no locks.
 */
#include <linux/file.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/task_work.h>
#include <net/sock.h>

#include "netlink.h"

static LIST_HEAD(fse_commands);
static DEFINE_SPINLOCK(fse_commands_lock);

static struct fse_command *fse_command_next(void)
{
	struct fse_command *c, *found = NULL;

	spin_lock(&fse_commands_lock);
	list_for_each_entry(c, &fse_commands, node) {
		if (c->task == current) {
			list_del(&c->node);
			found = c;
			break;
		}
	}
	spin_unlock(&fse_commands_lock);
	return found;
}

static void fse_command_free(struct fse_command *c)
{
	fput(c->file);
	nlmsg_free(c->request);
	kfree(c);
}

static void fse_command_ack(struct fse_command *c, int err)
{
	struct nlmsghdr *nlh = nlmsg_hdr(c->request);

	if (!err && !(nlh->nlmsg_flags & NLM_F_ACK))
		return;
	/* That it is sent from. It is held by the file, not by the message. */
	c->request->sk = c->kernel;
	netlink_ack(c->request, nlh, err, &c->extack);
	c->request->sk = NULL;
}

static void fse_command_work(struct callback_head *work)
{
	struct fse_command *c = fse_command_next();
	int err = -ESRCH;

	kfree(work);
	/* One that was killed may be without root and namespaces by now. */
	if (!(current->flags & PF_EXITING))
		err = c->run(c);
	fse_command_ack(c, err);
	fse_command_free(c);
	module_put(THIS_MODULE);
}

/* A copy of a message, with all that an answer needs to know of it. */
static struct sk_buff *fse_request_copy(const struct sk_buff *skb,
					const struct nlmsghdr *nlh)
{
	struct sk_buff *copy;

	copy = alloc_skb(NLMSG_ALIGN(nlh->nlmsg_len), GFP_KERNEL);
	if (!copy)
		return NULL;
	skb_put_data(copy, nlh, nlh->nlmsg_len);
	NETLINK_CB(copy) = NETLINK_CB(skb);
	return copy;
}

static struct fse_command *fse_command_alloc(const struct sk_buff *skb,
					     const struct genl_info *info)
{
	struct fse_command *c = kzalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return NULL;
	c->request = fse_request_copy(skb, info->nlhdr);
	if (!c->request) {
		kfree(c);
		return NULL;
	}
	c->task = current;
	c->kernel = skb->sk;
	c->file = get_file(NETLINK_CB(skb).sk->sk_socket->file);
	return c;
}

/**
 * fse_command_defer - have a command run when its sender is done with the call
 * @skb: the message, as it came
 * @info: what generic netlink knows of it
 * @run: carries it out, and sends the reply
 *
 * Return: -EINTR, by which netlink knows that it is not to answer; otherwise
 * what it answers.
 */
int fse_command_defer(struct sk_buff *skb, const struct genl_info *info,
		      int (*run)(struct fse_command *command))
{
	const struct socket *socket = NETLINK_CB(skb).sk->sk_socket;
	struct callback_head *work;
	struct fse_command *c;
	int err = -ENOMEM;

	/* Not sent by a program. */
	if ((current->flags & (PF_KTHREAD | PF_EXITING)) || !socket ||
	    !socket->file)
		return -EOPNOTSUPP;
	if (info->nlhdr->nlmsg_len > FSE_MAX_WRITE) {
		NL_SET_ERR_MSG(info->extack, "more than 64 KiB");
		return -E2BIG;
	}
	if (!try_module_get(THIS_MODULE))
		return -ENOENT;
	work = kmalloc(sizeof(*work), GFP_KERNEL);
	c = fse_command_alloc(skb, info);
	if (!work || !c)
		goto out;
	c->run = run;
	init_task_work(work, fse_command_work);
	spin_lock(&fse_commands_lock);
	list_add_tail(&c->node, &fse_commands);
	spin_unlock(&fse_commands_lock);
	err = task_work_add(current, work, TWA_RESUME);
	if (!err)
		return -EINTR;
	spin_lock(&fse_commands_lock);
	list_del(&c->node);
	spin_unlock(&fse_commands_lock);
out:
	if (c)
		fse_command_free(c);
	kfree(work);
	module_put(THIS_MODULE);
	return err;
}

/* The network namespace of the sender's socket. */
struct net *fse_command_net(const struct fse_command *command)
{
	return sock_net(command->kernel);
}

/**
 * fse_reply_new - begin a reply
 * @command: to what
 * @size: bytes of its attributes
 * @hdr: set to its header
 *
 * Return: the reply, or NULL when there is no memory.
 */
struct sk_buff *fse_reply_new(const struct fse_command *command, size_t size,
			      void **hdr)
{
	const struct nlmsghdr *nlh = nlmsg_hdr(command->request);
	const struct genlmsghdr *genl = nlmsg_data(nlh);
	struct sk_buff *skb = genlmsg_new(size, GFP_KERNEL);

	if (!skb)
		return NULL;
	*hdr = genlmsg_put(skb, NETLINK_CB(command->request).portid,
			   nlh->nlmsg_seq, &fse_family, 0, genl->cmd);
	return skb;
}

/**
 * fse_reply_send - send a reply
 * @command: to what
 * @skb: the reply
 * @hdr: its header
 *
 * Return: 0, or a negative errno when the sender does not take it.
 */
int fse_reply_send(const struct fse_command *command, struct sk_buff *skb,
		   void *hdr)
{
	genlmsg_end(skb, hdr);
	return genlmsg_unicast(fse_command_net(command), skb,
			       NETLINK_CB(command->request).portid);
}

/* There is no family any more. */
void fse_commands_exit(void)
{
	synchronize_rcu_tasks();
}
