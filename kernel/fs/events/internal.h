/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: the objects, and what the parts offer each other.
 *
 * Events flow one way: sources -> notify -> slots of the super block -> fan-out
 * to slots of its watches -> delivery -> sinks. A source knows the functions
 * fse_source_*() and fse_health_*() and nothing else; a sink gets a finished
 * struct fse_record.
 *
 * Calls go one way, too. A file calls those of its own row and of the rows below:
 *
 *   events		begins and ends all
 *   fstrace commands netlink_gen config prepare	requests
 *   sb watch anchor ask reach sample health account notify deliver
 *			the core: the objects, which begin and end their parts;
 *			what looks at their file systems; and what happened, on
 *			its way to the watches and out
 *   note		slots
 *   netlink attributes stream	sinks
 *   owner record	what all share
 *   grammar levels budget interval slot escape	pure: no state of the kernel
 *
 * What the kernel calls, in module/ and builtin/, is above the core: sources, and
 * the ends of mounts and super blocks. By them the core finds the state of a super
 * block, and has sources switched on.
 *
 * Objects
 *   struct fse_sb	one a watched super block
 *   struct fse_watch	any number on it: what is watched, for whom
 *   struct fse_anchor	one per watch and mount that it was set through
 *   struct fse_owner	one a user namespace: counters, log of refusals
 *   struct fse_user	one a uid that makes watches: how many (owner.c)
 *   struct fse_net	one a network namespace: numbers the messages
 *
 * Locks, outermost first
 *   s_umount		held by umount(2) when it calls fse_sb_gone()
 *   fse_writers	writes to `config` and netlink requests read it, those
 *			that remove watches of other user namespaces write it
 *   fse_owner::write_lock	orders writes to `config` and netlink requests of
 *			a user namespace against each other; no other task
 *			takes it. For a `watch` file fse_stream::write_lock
 *			does that. Held while requests take effect, but not for
 *			path look-ups, ->statfs or sends.
 *   fse_sb::fanout_lock	one fan-out at a time, so that occurrences stay in
 *			order. Held across sends.
 *   fse_views_lock	what readers of `events` see (reach.c)
 *   fse_watch::deliver_lock	one message of a watch at a time, and its
 *			levels stay
 *   fse_net::lock	numbers and sends
 *   fse_sb::lock	list of watches, their anchors, levels and slots,
 *			figures. Never held across ->statfs, a send or an
 *			allocation that waits; a walk over watches drops it
 *			every FSE_WALK_MAX.
 *   xa_lock		of watches by id (watch.c)
 *   fse_supers_lock	which super blocks are watched (sb.c)
 *   fse_account::lock	whose samples a space budget is for, and its shares
 *			(account.c). A sample takes it under s_umount, or under
 *			no other lock.
 *   fse_sb::slot_lock	raw, interrupts off: slots of the super block, a few
 *			stores. Taken by notify, in any context but NMI.
 *
 * Mutexes under which no other lock of ours is taken
 *   fse_owners_lock	user namespaces that have owners (owner.c). Taken when
 *			the last reference to an owner goes: with a watch under
 *			fse_owner::write_lock, with an asker under fse_sb::lock.
 *   fse_users_lock	uids that make watches (owner.c), likewise with a watch
 *   fse_owner::log_lock	log of refusals; under no other lock of ours
 *
 * Spinlocks under which no other lock of ours is taken
 *   fse_ids_lock	the last entry ids (watch.c); under fse_owner::write_lock
 *			or fse_stream::write_lock
 *   fse_user::lock	watches of a uid (owner.c); under fse_sb::lock
 *   fse_stream::lock	the queue of an open file (stream.h); under fse_sb::lock,
 *			when a private watch is made, and
 *			fse_watch::deliver_lock, when a record is sent
 *   fse_calls_lock	calls of remote ->statfs under way (ask.c); under no
 *			other lock of ours
 *   fse_attached_lock	built in: states that umount(2) has to find
 *			(builtin/sb.c); under s_umount, or under
 *			fse_owner::write_lock when a state is attached
 *   fse_join_lock	module: file systems that registered (module/join.c);
 *			under no other lock of ours
 *
 * Mutexes of tasks that hold none of the above
 *   fse_stream::read_lock	one read(2) of an open file at a time. Held while
 *			user memory is written, which may wait for long: so
 *			only fse_stream::lock is taken under it.
 *   fse_source_mutex	module: what is switched on (module/switch.c). Taken
 *			before requests take effect, and by a worker; probes are
 *			registered under it.
 *   fse_failure_mutex	module: which probes there are (module/failure.c).
 *			Under fse_source_mutex, or under the lock of the
 *			notifiers for modules.
 *
 * A watch ends when &fse_watch.dead is set, under the lock of its super block's
 * state. Many may try at the same time: a removal, umount of its mount or of its
 * super block. The task that sets it owns the rest.
 *
 * While a request takes effect it claims the states of the super blocks that it
 * is about (fse_sb_claim()), which do not retire, and the watches that it is about
 * (fse_watch_claim()), which do not end because a mount goes: so nothing that the
 * request relies on changes, and requests about other watches delay no end.
 *
 * Nothing here pins a mount or a super block.
 */
#ifndef _FS_EVENTS_INTERNAL_H
#define _FS_EVENTS_INTERNAL_H

#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/fs_event.h>
#include <linux/irq_work.h>
#include <linux/jump_label_ratelimit.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/path.h>
#include <linux/refcount.h>
#include <linux/timer.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "binding.h"
#include "grammar.h"
#include "interval.h"
#include "levels.h"
#include "record.h"
#include "slot.h"
#include "stream.h"

struct fse_account;
struct fse_user;
struct fse_driver;
struct fse_watch;
struct kstatfs;
struct mem_cgroup;

struct fse_error;
struct user_namespace;

/* owner.c: what belongs to a user namespace */

/* Counters, in the order in which `stats` shows them: see fse_stats. */
enum fse_stat {
	FSE_STAT_WATCHES,
	FSE_STAT_NOTIFIED,
	FSE_STAT_COALESCED,
	FSE_STAT_SENT,
	FSE_STAT_NO_LISTENER,
	FSE_STAT_SEND_FAILED,
	FSE_STAT_LOST,
	FSE_STAT_SAMPLES,
	FSE_STAT_SAMPLE_FAILED,
	FSE_STAT_KICKS,
	FSE_STAT_STUCK,
	FSE_STAT_REFUSED,
	FSE_STAT_NR,
};

/**
 * struct fse_stat_name - what a counter is called
 * @key: in `stats`
 * @attr: by netlink, enum fs_event_nl_stats_attr
 */
struct fse_stat_name {
	const char *key;
	u16 attr;
};

extern const struct fse_stat_name fse_stats[FSE_STAT_NR];

#define FSE_LOG_ENTRIES		8

struct fse_log_entry {
	u64 time_ns;
	char text[FSE_CARET_SIZE];
};

/**
 * struct fse_owner - what belongs to a user namespace
 * @node: found by @user_ns
 * @refs: one each fstrace mount, watch, asker, viewpoint, viewer and stuck call
 * @user_ns: the namespace
 * @write_lock: see above
 * @stats: counters; those of the initial namespace count everything
 * @log_lock: protects the log
 * @log: the last refused requests, a ring
 * @log_nr: refusals so far
 */
struct fse_owner {
	struct hlist_node node;
	refcount_t refs;
	struct user_namespace *user_ns;
	/* one request for global watches at a time */
	struct mutex write_lock;
	atomic64_t stats[FSE_STAT_NR];
	/* protects the log */
	struct mutex log_lock;
	struct fse_log_entry *log;
	unsigned int log_nr;
};

extern struct fse_owner fse_init_owner;
int fse_owner_init(void);
void fse_owner_exit(void);
struct fse_owner *fse_owner_find(struct user_namespace *user_ns, gfp_t gfp);
struct fse_owner *fse_owner_get(struct fse_owner *owner);
void fse_owner_put(struct fse_owner *owner);
bool fse_owner_sees(const struct fse_owner *owner,
		    const struct fse_watch *watch);
void fse_count(struct fse_owner *owner, enum fse_stat stat, s64 nr);
void fse_sent(struct fse_owner *owner, dev_t dev, u32 watch, unsigned int id,
	      u32 nr, int err);
void fse_log_refusal(struct fse_owner *owner, const char *text, size_t len,
		     const struct fse_error *error);
void fse_log_clear(struct fse_owner *owner);

/* owner.c: how much a user may have */

struct cred;
struct fse_interval_rules;

/* What is limited, each by itself. */
enum fse_limit {
	FSE_LIMIT_PRIVATE,	/* private watches */
	FSE_LIMIT_GLOBAL,	/* global watches */
	FSE_LIMIT_OPEN,		/* open files: events, watch */
	FSE_LIMIT_CALLS,	/* calls of servers under way */
	FSE_LIMIT_NR,
};

struct fse_user *fse_user_get(const struct cred *cred);
struct fse_user *fse_user_hold(struct fse_user *user);
void fse_user_put(struct fse_user *user);
bool fse_user_charge(struct fse_user *user, enum fse_limit limit);
unsigned int fse_user_charged(const struct fse_user *user, enum fse_limit limit);
void fse_user_charge_over(struct fse_user *user, enum fse_limit limit);
void fse_user_uncharge(struct fse_user *user, enum fse_limit limit);
void fse_user_watches(struct fse_watch *watch);
void fse_user_leaves(struct fse_watch *watch);
void fse_user_samples(const struct fse_watch *watch,
		      struct fse_interval_rules *rules);

/**
 * struct fse_numbers - how far a network namespace is
 * @generation: changes of its watches so far
 * @seq: number of its last message about an event
 */
struct fse_numbers {
	u64 generation;
	u64 seq;
};

/**
 * struct fse_net - what belongs to a network namespace
 * @refs: one for the namespace, one for each watch whose events go there
 * @lock: orders numbering and sending
 * @net: the namespace; NULL once it is gone. Under @lock.
 * @numbers: of what was sent last; under @lock
 */
struct fse_net {
	refcount_t refs;
	/* orders numbering and sending */
	struct mutex lock;
	struct net *net;
	struct fse_numbers numbers;
};

/**
 * struct fse_note - a slot, and the facts that its message carries
 * @slot: when, how often
 * @pid: errors: the process that met the first; a reference
 * @ino: errors: inode number, or 0
 * @error: errors: positive errno of the first, or 0
 * @gauge: levels: figures at the last turn
 * @trigger: levels: the trigger in blocks (inodes) at the last turn
 */
struct fse_note {
	struct fse_slot slot;
	union {
		struct {
			struct pid *pid;
			u64 ino;
			u32 error;
		};
		struct {
			struct fse_gauge gauge;
			u64 trigger;
		};
	};
};

/* What the levels of a set are about. */
enum fse_set {
	FSE_SPACE,
	FSE_INODES,
	FSE_SET_NR,
};

/**
 * struct fse_level_set - levels of one type, each with its slot
 * @node: in &fse_watch.retired, once it was replaced
 * @which: of what
 * @nr: how many
 * @level: the levels
 * @note: their slots
 */
struct fse_level_set {
	struct list_head node;
	enum fse_set which;
	unsigned int nr;
	struct fse_level *level;
	struct fse_note note[] __counted_by(nr);
};

/* Events that are reported once an episode: see health.c. */
#define FSE_LASTING	(BIT(FS_ERR_REMOUNT_RO) | BIT(FS_ERR_SHUTDOWN))
/* No space left: conditions that sampling sees end. */
#define FSE_FULL_EVENTS	(BIT(FS_WARN_ENOSPC) | BIT(FS_WARN_ENOSPC_META))
/* Events that begin a condition: FS_INFO_CLEARED says when it is over. */
#define FSE_CONDITIONS	(FSE_LASTING | FSE_FULL_EVENTS)

/* Generic events each have a slot, conditions first: see fse_error_slot(). */
#define FSE_CONDITION_NR	4
#define FSE_ERROR_NR	6

/* How many watches a walk passes before it lets others at their lock. */
#define FSE_WALK_MAX	64

/**
 * struct fse_link - a place in the list of watches of a super block
 * @node: in &fse_sb.watches
 * @watch: the watch at this place; NULL: a walk has come to here
 */
struct fse_link {
	struct list_head node;
	struct fse_watch *watch;
};

/**
 * struct fse_walk - a walk over the watches of a super block
 * @es: the super block's state
 * @at: the place that it has come to
 * @nr: watches passed since the lock was taken
 * @nr_kicked: how many of these have something to deliver
 * @kicked: these watches, references
 */
struct fse_walk {
	struct fse_sb *es;
	struct fse_link at;
	unsigned int nr;
	unsigned int nr_kicked;
	struct fse_watch *kicked[FSE_WALK_MAX];
};

/**
 * struct fse_need - what watches need samples for
 * @space: how far their next switches are
 * @inodes: likewise
 * @wanted: there is something that sampling finds
 */
struct fse_need {
	struct fse_distance space;
	struct fse_distance inodes;
	bool wanted;
};

/**
 * struct fse_asker - the figures that a file system gives to some watches
 * @ref: one of the list, one each watch, one while it asks
 * @node: in &fse_sb.askers, while there are watches; the one used last is last
 * @dentry: directory with figures of its own; NULL: the root of the super block
 * @cred: in whose name it asks; a reference
 * @owner: whom calls are counted for; a reference
 * @user: by what calls are limited; NULL: the maker of one of these watches is an
 *	administrator, whose are not; a reference
 * @slow: no maker of these watches has privilege over the file system
 * @nr_watches: how many watches there are
 * @asked: number of the sample that it asked in last
 * @fresh: it got an answer that was not run over its watches yet
 * @interval: when to sample
 * @due_ns: when its next sample is due, monotonic; 0: there is nothing to see
 * @space: last figures
 * @inodes: last figures
 * @need: of watches that are not slow, and of slow ones
 */
struct fse_asker {
	struct kref ref;
	struct list_head node;
	struct dentry *dentry;
	const struct cred *cred;
	struct fse_owner *owner;
	struct fse_user *user;
	bool slow;
	unsigned int nr_watches;
	unsigned int asked;
	bool fresh;
	struct fse_interval interval;
	u64 due_ns;
	struct fse_gauge space;
	struct fse_gauge inodes;
	struct fse_need need[2];
};

/* Why a super block has SB_RDONLY. */
enum fse_ro {
	FSE_RO_UNKNOWN,
	FSE_RO_NO,		/* it has not */
	FSE_RO_REMOUNT,		/* by a remount, or from the beginning */
	FSE_RO_FAILED,		/* the file system set it */
};

/**
 * struct fse_anchor - ties a watch to a mount that it was set through
 * @tie: leads from the mount to here; pins nothing
 * @node: in &fse_watch.anchors; once the mount is gone and the watch is not, in
 *	&fse_anchors_gone.left
 * @mnt: the mount; valid while there is @watch
 * @es: state of its super block, a reference; NULL before there is @watch
 * @watch: the watch; NULL once it let go or the mount is gone; under @es->lock
 * @name: path of the mount; under @es->lock
 * @seen: the same as a worker sees it; under @es->lock
 * @goes_on: the mount is gone, this watch goes on without it; a reference
 * @mnt_ns: number of the maker's mount namespace
 */
struct fse_anchor {
	struct fse_anchor_tie tie;
	struct list_head node;
	struct vfsmount *mnt;
	struct fse_sb *es;
	struct fse_watch *watch;
	struct fse_string *name;
	struct fse_string *seen;
	struct fse_watch *goes_on;
	u32 mnt_ns;
};

/**
 * struct fse_anchors_gone - what is to be done about mounts that go
 * @ended: watches that end with their last mounts
 * @left: anchors of watches that go on through other mounts
 * @going: state of a super block that probably goes as well, or NULL; a
 *	reference
 */
struct fse_anchors_gone {
	struct list_head ended;
	struct list_head left;
	struct fse_sb *going;
};

/**
 * struct fse_sb - a watched super block
 * @ref: memory; the tie holds one, each watch, each anchor, each claim, and a
 *	call of ->statfs
 * @free: frees it after a grace period, since notify finds it under RCU
 * @published: it could be found, or still can
 * @node: in the list of all; under fse_supers_lock, read under RCU
 * @sb: the super block; valid until fse_sb_quiesce() is done
 * @lock: see above
 * @watches: its watches (struct fse_link), the administrator's first
 * @globals: those of them that are global
 * @nr_exempt: how many of them have makers without limits
 * @claims: requests about it that are taking effect
 * @dead: has no watch any more and gets none
 * @slot_lock: see above
 * @wanted: generic events that some watch has on, bits; none once it is dead.
 *	Changed under @lock and @slot_lock
 * @nr_wanting: how many watches have each of them on; under @lock
 * @error: what was notified and is not fanned out yet; under @slot_lock
 * @order: rank of the last slot of @error that became pending; under @slot_lock
 * @kick: leads from any context to @fanout
 * @fanout: hands what was notified to the watches
 * @fanout_lock: see above
 * @tie: leads umount to here
 * @attached: it does
 * @reap: destroys it once the last watch is gone
 * @orphans: ends watches whose mounts are gone, if the super block stays
 * @sample: asks the file system for its figures
 * @timer: of the next sample
 * @remote: ->statfs may wait for a server: see ask.c
 * @call: the work that calls a remote ->statfs
 * @drop: the work that gives the super block back after it
 * @call_asker: whose call that is
 * @call_user: by what it is limited, or NULL; a reference
 * @call_held: it has begun, and holds the super block until the give-back
 * @calling: in the list of calls, from the request to the give-back
 * @call_ns: when it was requested, and then, when it began
 * @call_until_ns: until when tasks wait for it, 0: none did so far
 * @call_not_before_ns: when the next one may begin: a mount went
 * @call_due_ns: likewise: the server has answered, and has to rest; 0: a maker with
 *	privilege has set a watch
 * @answered: it came back
 * @stuck: whom it is counted for as stuck, or NULL; a reference
 * @driver: what is known of its driver
 * @disk_io: how often the disk was used before the last call, ULONG_MAX: call
 *	however often it was
 * @busy: how often in a row s_umount was taken
 * @askers: whose figures there are (struct fse_asker); under @lock
 * @rounds: samples so far
 * @data: room for data in them
 * @meta: room for metadata in them; @total is 0 if that is not known
 * @not_data: btrfs: blocks free in them that data can't have; 0: not known
 * @bdev_mapping: of its block device, or NULL; to compare only
 * @hint: leads from any context to a sample
 * @hinted: since it was asked how it is
 * @corruptions: found since @hint ran, where no slot could be written
 * @error_ns: when there was an error last, 0: never
 * @error_nr: the errno of the error that was reported last, 0: none was
 * @shut: it was asked to shut down
 * @ro: why it is read-only
 * @failed: failures that last, bits of events; under @lock
 * @own: events that the file system tells by itself, bits
 * @unasked: those of them that last, and that it can't be asked for
 * @account: its space budget; NULL: no watch of a maker with privilege has needed
 *	it so far, or the file system does not account. Set once, under @lock
 * @asks_inodes: samples have to tell the inodes as well
 * @cost_ns: estimate of the CPU time of a sample
 * @statfs_ns: when ->statfs was called last
 * @sampled_ns: when a sample was taken last; 0: never
 * @slow_due_ns: when one is for slow watches again
 * @slow_cost_ns: CPU time that the last of these took for slow watches
 * @slow_soon: a slow watch has changed since
 */
struct fse_sb {
	struct kref ref;
	struct rcu_work free;
	bool published;
	struct hlist_node node;
	struct super_block *sb;

	/* list of watches, their levels and slots, figures */
	struct mutex lock;
	struct list_head watches;
	struct list_head globals;
	unsigned int nr_exempt;
	unsigned int claims;
	bool dead;

	raw_spinlock_t slot_lock;
	u32 wanted;
	unsigned int nr_wanting[FSE_ERROR_NR];
	struct fse_note error[FSE_ERROR_NR];
	u64 order;
	struct irq_work kick;
	struct work_struct fanout;
	/* one fan-out at a time */
	struct mutex fanout_lock;

	struct fse_sb_tie tie;
	bool attached;
	struct work_struct reap;
	struct delayed_work orphans;

	struct work_struct sample;
	struct timer_list timer;

	bool remote;
	struct work_struct call;
	struct work_struct drop;
	struct fse_asker *call_asker;
	struct fse_user *call_user;
	bool call_held;
	struct list_head calling;
	u64 call_ns;
	u64 call_until_ns;
	u64 call_not_before_ns;
	u64 call_due_ns;
	bool answered;
	struct fse_owner *stuck;
	const struct fse_driver *driver;
	unsigned long disk_io;
	unsigned int busy;

	struct list_head askers;
	unsigned int rounds;
	struct fse_gauge data;
	struct fse_gauge meta;
	u64 not_data;

	const struct address_space *bdev_mapping;
	struct irq_work hint;
	bool hinted;
	atomic_t corruptions;
	u64 error_ns;
	int error_nr;
	bool shut;
	enum fse_ro ro;
	u32 failed;

	u32 own;
	u32 unasked;
	struct fse_account *account;
	bool asks_inodes;
	u64 cost_ns;
	u64 statfs_ns;
	u64 sampled_ns;
	u64 slow_due_ns;
	u64 slow_cost_ns;
	bool slow_soon;
};

/**
 * struct fse_watch - one watch
 * @ref: memory; one while it is published, one each delivery under way
 * @es: its super block's state; a reference
 * @link: in @es->watches
 * @node: global: in @es->globals
 * @id: entry id, never used again; of a private watch: within its stream
 * @owner: user namespace it was made from
 * @cred: credentials of its maker
 * @memcg: global: memory cgroup of its maker; a reference, or NULL
 * @admin: its maker has CAP_SYS_ADMIN in the initial user namespace
 * @user: what its maker is counted by; NULL: the maker is exempt; a reference
 * @charged: it is counted there
 * @user_node: in the list of the user's watches
 * @pays: it stands for its file system in the user's samples a second
 * @stream: private: whose it is, and where its events go; NULL: it is global
 * @audience: global: readers of `events` that see it
 * @net: global: network namespace that its events go to, a reference; NULL:
 *	to none, for its maker has no CAP_SYS_ADMIN there
 * @pid_ns: events have pids as seen from there
 * @dev: st_dev, for trace events
 * @identity: which file system that is, for records; a reference
 * @asker: the figures that it is about; a reference
 * @asks: it is among the watches of @asker
 * @anchors: the mounts that it was set through and that are still there, in that
 *	order; one if it is private. Empty: an orphan, which ends soon.
 *	Under @es->lock, and good while the watch is not @dead
 * @shown: the first of them; NULL: it is gone. Under @es->lock
 * @mount: path of that mount, or of the last one there was; under @es->lock
 * @types: FSE_TYPE_*; under @es->lock
 * @events: generic events that are on, bits; under @es->lock
 * @sources: events that it keeps notify and sources on for; under @es->lock
 * @reported: conditions that were reported and are not over, bits; under
 *	@es->lock
 * @reported_ns: when each of them was reported last, monotonic; under @es->lock
 * @cleared: slots of FS_INFO_CLEARED for conditions; under @es->lock
 * @set: levels; changed under @deliver_lock and @es->lock
 * @retired: levels that were replaced, and have something left to report; likewise
 * @error: slots of generic events; under @es->lock
 * @order: rank of the last slot that became pending; under @es->lock
 * @settling: requests that change it and are not done; nothing is delivered
 *	meanwhile; under @es->lock
 * @announced: ENTRY_NTF has said that it was made; under @deliver_lock
 * @removed: ENTRY_NTF has said that it ended; under @deliver_lock
 * @claims: requests about it that are taking effect; under @es->lock
 * @dead: ended; set under @es->lock
 * @slow: its maker has no privilege, and learns no more than from
 *	statfs(2) twice a second
 * @run_ns: slow: when its levels were run last
 * @deliver_lock: one delivery at a time
 * @deliver: sends what could not be sent at once
 * @look: finds out which readers see it now
 * @dispose: in a list of watches that ended, for fse_watches_dispose()
 */
struct fse_watch {
	struct kref ref;
	struct fse_sb *es;
	struct fse_link link;
	struct list_head node;
	u32 id;

	struct fse_owner *owner;
	const struct cred *cred;
	struct mem_cgroup *memcg;
	bool admin;
	struct fse_user *user;
	bool charged;
	struct list_head user_node;
	bool pays;
	struct fse_stream *stream;
	struct fse_audience audience;
	struct fse_net *net;
	struct pid_namespace *pid_ns;

	dev_t dev;
	struct fse_identity *identity;

	struct fse_asker *asker;
	bool asks;
	struct list_head anchors;
	struct fse_anchor *shown;
	struct fse_string *mount;

	unsigned int types;
	u32 events;
	u32 sources;
	u32 reported;
	u64 reported_ns[FSE_CONDITION_NR];
	struct fse_note cleared[FSE_CONDITION_NR];
	struct fse_level_set *set[FSE_SET_NR];
	struct list_head retired;
	struct fse_note error[FSE_ERROR_NR];
	u64 order;

	unsigned int settling;
	unsigned int claims;
	bool announced;
	bool removed;
	bool dead;
	bool slow;
	u64 run_ns;
	/* one delivery at a time */
	struct mutex deliver_lock;
	struct delayed_work deliver;
	struct work_struct look;
	struct list_head dispose;
};

/* events.c */
extern struct workqueue_struct *fse_deliver_wq;
extern struct workqueue_struct *fse_sample_wq;
extern struct workqueue_struct *fse_call_wq;
extern struct workqueue_struct *fse_guest_wq;
extern struct workqueue_struct *fse_drop_wq;
extern struct workqueue_struct *fse_look_wq;
extern struct workqueue_struct *fse_look_guest_wq;

/* watch.c */
void fse_watch_changed(void);
unsigned int fse_watches_state(void);
struct fse_level_set *fse_set_alloc(enum fse_set which,
				    const struct fse_level_spec *spec,
				    unsigned int nr);
void fse_set_free(struct fse_level_set *set);
struct fse_watch *fse_watch_alloc(const struct path *path,
				  const struct kstatfs *st,
				  const struct cred *cred,
				  struct fse_owner *owner, struct fse_net *net);
void fse_watch_put(struct fse_watch *watch);
void fse_watch_want(struct fse_watch *watch, u32 events);
void fse_watch_hasten(struct fse_watch *watch);
struct fse_watch *fse_watch_find(struct fse_sb *es, const struct vfsmount *mnt,
				 const struct fse_owner *owner,
				 struct fse_stream *stream);
bool fse_watch_claim(struct fse_watch *watch);
void fse_watch_unclaim(struct fse_watch *watch);
struct fse_watch *fse_watch_by_id(u32 id, struct fse_stream *stream);
struct fse_watch *fse_watch_from(u32 id, struct fse_stream *stream);
int fse_watch_number(struct fse_watch *watch);
void fse_watch_publish(struct fse_watch *watch, struct fse_sb *es);
void fse_watch_unpublish(struct fse_watch *watch, struct list_head *ended);
/* How a watch ended: reported as the errno of FS_INFO_UNMOUNT, or not at all. */
#define FSE_END_SB		0
#define FSE_END_MOUNT		EXDEV
#define FSE_END_SILENT		-1
void fse_watches_dispose(struct list_head *ended, int how);
void fse_watches_unpublish(struct fse_stream *stream,
			   const struct fse_owner *owner,
			   struct list_head *ended);

/* anchor.c */
struct fse_anchor *fse_anchor_alloc(const struct path *path);
void fse_anchors_going(struct fse_anchors_gone *gone);
void fse_anchor_cut(struct fse_anchor *anchor, struct fse_anchors_gone *gone);
void fse_anchors_gone(struct fse_anchors_gone *gone);
void fse_watch_look_init(struct fse_watch *watch);
void fse_anchors_release(struct fse_watch *watch);
void fse_anchors_destroy(struct fse_watch *watch);
void fse_anchor_destroy(struct fse_anchor *anchor);
void fse_anchor_free(struct fse_anchor *anchor);
struct fse_anchor *fse_anchor_find(const struct fse_watch *watch,
				   const struct vfsmount *mnt);
void fse_anchor_add(struct fse_watch *watch, struct fse_anchor *anchor);
void fse_anchor_rename(struct fse_watch *watch, struct fse_anchor *known,
		       struct fse_anchor *anchor);
void fse_anchor_look(struct fse_watch *watch);
bool fse_anchors_readonly(struct fse_sb *es);
struct fse_string *fse_mount_seen(const struct path *path, char *buf, int size);
void fse_orphans_init(struct fse_sb *es);
void fse_orphans_end(const struct super_block *sb);

/* module/sb_mark.c, builtin/sb.c: how a super block leads to its state */
struct fse_sb *fse_sb_find(const struct super_block *sb);
void fse_sb_bind(struct fse_sb *es);
void fse_sb_unbind(struct fse_sb *es);

/* sb.c */
struct fse_sb *fse_sb_alloc(struct super_block *sb);
void fse_sb_put(struct fse_sb *es);
struct fse_sb *fse_sb_get(const struct super_block *sb);
struct fse_sb *fse_sb_claim(const struct super_block *sb,
			    struct fse_sb **spare);
void fse_sb_unclaim(struct fse_sb *es);
struct fse_sb *fse_sb_find_if(bool (*match)(struct fse_sb *es,
					    const void *arg),
			      const void *arg);
void fse_sb_account(struct fse_sb *es, struct fse_account **account);
void fse_sb_retire(struct fse_sb *es);
void fse_sb_quiesce(struct fse_sb *es);
void fse_sb_gone(struct fse_sb *es);
void fse_sb_discard(struct fse_sb *es);
void fse_walk_begin(struct fse_walk *walk, struct fse_sb *es);
struct fse_watch *fse_walk_next(struct fse_walk *walk);
void fse_walk_kick(struct fse_walk *walk, struct fse_watch *watch);
void fse_walk_end(struct fse_walk *walk);

/* The watch after a place in the list; NULL: there is none. Under es->lock. */
static inline struct fse_watch *fse_link_next(const struct fse_sb *es,
					      const struct list_head *place)
{
	struct fse_link *link;

	for (place = place->next; place != &es->watches; place = place->next) {
		link = list_entry(place, struct fse_link, node);
		if (link->watch)
			return link->watch;
	}
	return NULL;
}

/* Under es->lock. */
static inline struct fse_watch *fse_watch_first(const struct fse_sb *es)
{
	return fse_link_next(es, &es->watches);
}

/*
 * Code is patched when a static key changes, which takes long. So a key stays
 * enabled for a while: watches that come and go shall not wait for it each time.
 */
#define FSE_KEY_LINGER	(5 * HZ)

static inline void fse_key_init(struct static_key_false_deferred *key)
{
	/* One that is typed has the same layout. */
	jump_label_rate_limit((struct static_key_deferred *)key,
			      FSE_KEY_LINGER);
}

/* note.c */
int fse_error_slot(unsigned int id);
unsigned int fse_error_id(unsigned int slot);
void fse_post(struct fse_sb *es, unsigned int id, struct pid *pid, u64 ino,
	      int error);
bool fse_watch_note(struct fse_watch *watch, unsigned int id,
		    const struct fse_note *from);
bool fse_watch_fails(struct fse_watch *watch, unsigned int id, int error);
bool fse_watch_clear(struct fse_watch *watch, u32 conditions);
void fse_levels_retire(struct fse_watch *watch, enum fse_set which);

/* notify.c */
int fse_generic_get(u32 events);
void fse_generic_put(u32 events);
void fse_notify_init(void);
void fse_notify_exit(void);
void fse_fanout_init(struct fse_sb *es);
void fse_fanout(struct fse_sb *es);
void fse_fanout_stop(struct fse_sb *es);
void fse_source_error(struct super_block *sb, unsigned int id,
		      const struct inode *inode, int error);
void fse_source_reported(struct super_block *sb, const struct inode *inode,
			 int error, bool data);
void fse_source_wb_err(const struct address_space *mapping, int error);

/* deliver.c */
void fse_deliver_init(struct fse_watch *watch);
void fse_deliver_now(struct fse_watch *watch);
void fse_deliver_stop(struct fse_watch *watch);
void fse_deliver_retired(struct fse_watch *watch);
void fse_deliver_left(struct fse_watch *watch, struct fse_string *mount);
void fse_deliver_end(struct fse_watch *watch, int how);
struct fse_numbers fse_deliver_changed(struct fse_watch *watch, bool removed);

/* ask.c */
struct fse_asker *fse_asker_alloc(struct dentry *dentry,
				  const struct cred *cred,
				  struct fse_owner *owner,
				  struct fse_user *user, bool slow);
void fse_asker_put(struct fse_asker *asker);
bool fse_creds_alike(const struct cred *a, const struct cred *b);
void fse_asker_join(struct fse_watch *watch);
void fse_asker_leave(struct fse_watch *watch);
struct fse_asker *fse_asker_next(struct fse_sb *es, unsigned int round);
bool fse_statfs_remote(const struct super_block *sb,
		       const struct fse_driver *driver,
		       const struct fs_trace_info *info);
bool fse_statfs_due(const struct fse_sb *es);
int fse_statfs_local(struct fse_sb *es);
void fse_call_init(struct fse_sb *es);
void fse_call_start(struct fse_sb *es, struct fse_asker *asker);
/* How long umount waits for a call under way, or a removal for all. */
#define FSE_CALL_WAIT_NS	(200 * NSEC_PER_MSEC)
void fse_call_wait(const struct fse_sb *es);
void fse_call_pause(struct fse_sb *es);

/* sample.c */
void fse_sample_init(struct fse_sb *es);
void fse_sample_stop(struct fse_sb *es);
void fse_sample_now(struct fse_sb *es);
void fse_sample_slow_soon(struct fse_sb *es);
void fse_sample_take(struct fse_sb *es, u64 begun_ns, u64 asked_ns);

/**
 * fse_sample_by - ask again after a while, or earlier
 * @es: the super block's state
 * @delay_ns: the while
 *
 * Context: Any; nothing happens after fse_sample_stop().
 */
static inline void fse_sample_by(struct fse_sb *es, u64 delay_ns)
{
	timer_reduce(&es->timer, jiffies + nsecs_to_jiffies(delay_ns) + 1);
}

/* config.c */
int fse_config_apply(const char *text, size_t len, struct fse_owner *owner,
		     const struct file *file, struct fse_stream *stream,
		     struct fse_error *error);

struct sk_buff;
size_t fse_message_size(const struct fse_record *r);
int fse_message_put(struct sk_buff *skb, const struct fse_record *r, u64 seq,
		    struct pid_namespace *pid_ns);

/* netlink.c */
int fse_netlink_init(void);
void fse_netlink_exit(void);
int fse_netlink_send(struct fse_net *fn, struct pid_namespace *pid_ns,
		     const struct fse_record *record);
struct fse_net *fse_net(const struct net *net);
void fse_net_put(struct fse_net *fn);
struct fse_numbers fse_net_numbers(struct fse_net *fn);
void fse_net_lose_number(struct fse_net *fn);

/* commands.c */
int fse_commands_init(void);
void fse_commands_exit(void);

/* fstrace.c */
int fse_fstrace_init(void);
void fse_fstrace_exit(void);

/* reach.c */

/**
 * struct fse_viewer - a task that asks for watches by netlink
 * @owner: whose watches it sees; a reference
 * @root: its root directory; a reference
 * @mnt_ns: number of its mount namespace
 * @buf: room for a path
 */
struct fse_viewer {
	struct fse_owner *owner;
	struct path root;
	u32 mnt_ns;
	char *buf;
};

char *fse_mount_path(const struct path *path, char *buf, int size);
int fse_viewer_init(struct fse_viewer *viewer, gfp_t gfp);
void fse_viewer_exit(struct fse_viewer *viewer);
const char *fse_viewer_sees(const struct fse_viewer *viewer,
			    const struct fse_watch *watch);
bool fse_viewer_searches(const struct fse_viewer *viewer,
			 const struct fse_watch *watch, const char *mount);
int fse_events_join(struct fse_stream *s);
void fse_events_leave(struct fse_stream *s);
void fse_watch_shown(struct fse_watch *watch);
const char *fse_watch_reach(const struct fse_watch *watch,
			    const struct path *root, u32 mnt_ns, char *buf,
			    int size);

#endif /* _FS_EVENTS_INTERNAL_H */
