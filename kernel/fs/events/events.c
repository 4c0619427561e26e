// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: coming and going of the subsystem.
 *
 * The module may be unloaded while file systems are watched and programs
 * listen. Its exit runs when fstrace is neither mounted nor open and no call
 * of a remote ->statfs is under way. It ends all watches, then waits until
 * fsnotify has freed every mark: until then umount(2) may still be inside our
 * callbacks, sending the last words of a watch. Only then netlink goes.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/workqueue.h>

/* The bodies of the trace events are in this file. */
#define CREATE_TRACE_POINTS
#include <trace/events/fs_event.h>

#include "account.h"
#include "internal.h"

/* Delivery: what umount waits for. */
struct workqueue_struct *fse_deliver_wq;
/* Sampling, and getting rid of what was watched. */
struct workqueue_struct *fse_sample_wq;
/* Calls that a server answers, or not. */
struct workqueue_struct *fse_call_wq;
/* The same, for makers without privilege, or in other user namespaces. */
struct workqueue_struct *fse_guest_wq;
/* Super blocks that such calls held are given back. */
struct workqueue_struct *fse_drop_wq;
/* Which readers see a watch, one watch at a time. */
struct workqueue_struct *fse_look_wq;
/* The same, for watches that were made from other user namespaces. */
struct workqueue_struct *fse_look_guest_wq;

/* Work on one of these may queue work on those before it. */
static const struct {
	struct workqueue_struct **wq;
	const char *name;
	unsigned int flags;
	int max_active;
} fse_workqueues[] = {
	{ &fse_deliver_wq, "fs_events", WQ_UNBOUND | WQ_MEM_RECLAIM, 0 },
	{ &fse_sample_wq, "fs_events_sample", WQ_UNBOUND, WQ_MAX_ACTIVE },
	{ &fse_drop_wq, "fs_events_drop", WQ_UNBOUND, WQ_MAX_ACTIVE },
	{ &fse_call_wq, "fs_events_call", WQ_UNBOUND, WQ_MAX_ACTIVE },
	{ &fse_guest_wq, "fs_events_guest", WQ_UNBOUND, 0 },
	{ &fse_look_wq, "fs_events_look", WQ_UNBOUND, 1 },
	{ &fse_look_guest_wq, "fs_events_look_guest", WQ_UNBOUND, 1 },
};

static void fse_workqueues_exit(void)
{
	unsigned int i = ARRAY_SIZE(fse_workqueues);

	while (i--) {
		if (*fse_workqueues[i].wq)
			destroy_workqueue(*fse_workqueues[i].wq);
	}
}

static int __init fse_workqueues_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fse_workqueues); i++) {
		*fse_workqueues[i].wq =
			alloc_workqueue("%s", fse_workqueues[i].flags,
					fse_workqueues[i].max_active,
					fse_workqueues[i].name);
		if (!*fse_workqueues[i].wq) {
			fse_workqueues_exit();
			return -ENOMEM;
		}
	}
	return 0;
}

static void fse_supers_exit(void)
{
	fse_anchor_ties_exit();
	fse_sb_ties_exit();
}

static int __init fse_supers_init(void)
{
	int err = fse_sb_ties_init();

	if (err)
		return err;
	err = fse_anchor_ties_init();
	if (err)
		fse_sb_ties_exit();
	return err;
}

static void fse_watches_exit(void)
{
	LIST_HEAD(ended);

	fse_watches_unpublish(NULL, NULL, &ended);
	fse_watches_dispose(&ended, FSE_END_SILENT);
}

static int __init fse_init(void)
{
	int err;

	fse_notify_init();
	fse_account_init();
	err = fse_owner_init();
	if (err)
		return err;
	err = fse_workqueues_init();
	if (err)
		goto owner;
	err = fse_netlink_init();
	if (err)
		goto workqueues;
	err = fse_supers_init();
	if (err)
		goto netlink;
	/* From here on there are requests, to a module that is not live yet as well. */
	err = fse_commands_init();
	if (err)
		goto supers;
	err = fse_fstrace_init();
	if (err)
		goto commands;
	return 0;

commands:
	fse_commands_exit();
	fse_watches_exit();
supers:
	fse_supers_exit();
netlink:
	fse_netlink_exit();
workqueues:
	fse_workqueues_exit();
owner:
	fse_owner_exit();
	return err;
}

static void __exit fse_exit(void)
{
	fse_fstrace_exit();
	fse_watches_exit();
	fse_supers_exit();
	fse_commands_exit();
	fse_netlink_exit();
	/* Mounts that went may have left work, which puts watches and states. */
	flush_workqueue(fse_look_wq);
	flush_workqueue(fse_look_guest_wq);
	flush_workqueue(fse_deliver_wq);
	/* The last watch has given the sources back. */
	fse_sources_exit();
	/* States of super blocks are freed by a workqueue after a grace period. */
	rcu_barrier();
	fse_workqueues_exit();
	fse_owner_exit();
	fse_account_exit();
	fse_notify_exit();
}

module_init(fse_init);
module_exit(fse_exit);

MODULE_DESCRIPTION("File system event notifications");
MODULE_LICENSE("GPL");
MODULE_ALIAS_FS("fstrace");
