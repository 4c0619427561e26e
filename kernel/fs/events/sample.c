// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: levels, by asking the file system.
 *
 * A work item a super block asks ->statfs, and whether the file system still
 * works (health.c), runs the levels of its watches over the answer, and sleeps
 * for the interval that interval.c computes. It sleeps for good while no watch
 * has a level or an event on that sampling finds. Frozen file systems are left
 * alone; one whose s_umount is taken is asked again soon.
 *
 * An answer of no blocks at all, or an error, says nothing: states stay, no
 * event is sent, and it is counted as sample_failed.
 *
 * A timer leads to the work. It is not a deferrable one, not even at rest: that
 * would wait for as long as the CPU sleeps that took the last sample, while
 * another CPU fills the file system. (The timers of a CPU that sleeps are run
 * by one that is busy, so it is woken only when all of them sleep.)
 *
 * Context: the work sleeps. The super block is valid until fse_sample_stop()
 * has returned.
 */
#include <linux/magic.h>
#include <linux/math64.h>
#include <linux/part_stat.h>
#include <linux/timekeeping.h>
#include <trace/events/fs_event.h>

#include "account.h"
#include "health.h"
#include "internal.h"

#define FSE_XFS_MIN_NS		(100 * NSEC_PER_MSEC)
#define FSE_RETRY_NS		(20 * NSEC_PER_MSEC)
#define FSE_RETRY_MAX_NS	NSEC_PER_SEC
#define FSE_FROZEN_NS		NSEC_PER_SEC
/* What an unprivileged program learns, it learns no more often. */
#define FSE_SLOW_NS		(500ULL * NSEC_PER_MSEC)
/* Of the time of a CPU the watches of such programs take one part in so many. */
#define FSE_SLOW_PART		1000
#define FSE_NEED_NONE							\
	((struct fse_need){ FSE_DISTANCE_NONE, FSE_DISTANCE_NONE, false })

/* What only asking finds, unless the file system tells it by itself. */
#define FSE_SAMPLED_EVENTS						\
	((FSE_SEES_FULL ? FSE_FULL_EVENTS : 0) |			\
	 BIT(FS_ERR_REMOUNT_RO) | BIT(FS_ERR_SHUTDOWN))

/* The watch, and which of its level sets, that a turn belongs to. */
struct fse_turning {
	struct fse_watch *watch;
	enum fse_set which;
	struct fse_level_set *set;
	const struct fse_gauge *gauge;
	u64 real_ns;
	bool kick;
};

static void fse_level_turned(void *arg, unsigned int nr, enum fse_turn turn)
{
	struct fse_turning *t = arg;
	struct fse_note *note = &t->set->note[nr];
	struct fse_watch *watch = t->watch;
	bool below = turn == FSE_TURN_BELOW;
	unsigned int id = fse_level_id(t->which == FSE_INODES, nr, below);
	unsigned int merged;

	note->gauge = *t->gauge;
	note->trigger = fse_amount_resolve(&t->set->level[nr].trigger,
					   t->gauge);
	merged = fse_slot_turn(&note->slot, ++watch->order, t->real_ns, below);
	fse_count(watch->owner, FSE_STAT_NOTIFIED, 1);
	trace_fs_event_notify(watch->dev, watch->id, id, 0);
	if (merged) {
		fse_count(watch->owner, FSE_STAT_COALESCED, merged);
		trace_fs_event_coalesce(watch->dev, watch->id, id, merged, 0);
	}
	t->kick = true;
}

static bool fse_run_levels(struct fse_watch *watch, enum fse_set which,
			   const struct fse_gauge *gauge)
{
	struct fse_turning t = {
		.watch = watch,
		.which = which,
		.set = watch->set[which],
		.gauge = gauge,
		.real_ns = ktime_get_real_ns(),
	};

	if (!t.set)
		return false;
	fse_levels_run(t.set->level, t.set->nr, gauge, fse_level_turned, &t);
	return t.kick;
}

/* A file system that is read-only refuses no task space, full as it may be. */
static bool fse_may_fill(const struct fse_sb *es)
{
	return !sb_rdonly(es->sb);
}

/*
 * No space left: is it so now, or over? @begun_ns: when the file system was
 * asked. What was reported since then this answer does not end.
 */
static bool fse_run_full(struct fse_watch *watch, unsigned int id,
			 const struct fse_gauge *gauge, u64 begun_ns)
{
	bool reported = watch->reported & BIT(id), full = reported;

	/* While the event is off, enabling it later must report it. */
	if (!(watch->events & BIT(id)))
		return false;
	if (fse_full_step(&full, gauge))
		return FSE_SAMPLED_EVENTS & ~watch->es->own & BIT(id) &&
		       fse_watch_fails(watch, id, ENOSPC);
	if (reported && !full && watch->reported_ns[fse_error_slot(id)] < begun_ns)
		return fse_watch_clear(watch, BIT(id));
	return false;
}

/*
 * Run a sample through the watch that @walk has come to; &fse_sb.lock is held.
 * Return: after how many nanoseconds a slow watch may learn more, U64_MAX: it
 * just did.
 */
static u64 fse_run_watch(struct fse_walk *walk, struct fse_watch *watch,
			 u64 now_ns, u64 begun_ns)
{
	const struct fse_asker *asker = watch->asker;
	const struct fse_sb *es = watch->es;
	bool kick;

	/* A remote file system was asked in the name of another maker. */
	if (!asker->fresh)
		return U64_MAX;
	if (watch->slow) {
		u64 since = now_ns - watch->run_ns;

		if (watch->run_ns && since < FSE_SLOW_NS)
			return FSE_SLOW_NS - since;
		watch->run_ns = now_ns;
	}
	kick = fse_run_levels(watch, FSE_SPACE, &asker->space);
	kick |= fse_run_levels(watch, FSE_INODES, &asker->inodes);
	if (fse_may_fill(es)) {
		kick |= fse_run_full(watch, FS_WARN_ENOSPC, &es->data,
				     begun_ns);
		kick |= fse_run_full(watch, FS_WARN_ENOSPC_META, &es->meta,
				     begun_ns);
	}
	if (kick)
		fse_walk_kick(walk, watch);
	return U64_MAX;
}

/*
 * Let the asker of a watch know how far the watch's nearest switch is;
 * &fse_sb.lock is held.
 */
static void fse_distances(const struct fse_watch *watch)
{
	const struct fse_sb *es = watch->es;
	const struct fse_asker *asker = watch->asker;
	struct fse_need *need = &watch->asker->need[watch->slow];
	u32 sampled = watch->events & FSE_SAMPLED_EVENTS & ~es->own;
	const struct fse_level_set *set;

	set = watch->set[FSE_SPACE];
	if (set)
		fse_levels_distance(set->level, set->nr, &asker->space,
				    &need->space);
	set = watch->set[FSE_INODES];
	if (set)
		fse_levels_distance(set->level, set->nr, &asker->inodes,
				    &need->inodes);
	if (!fse_may_fill(es))
		sampled &= ~FSE_FULL_EVENTS;
	/* A condition that was reported has to be seen to end. */
	sampled |= watch->reported;
	if (sampled & BIT(FS_WARN_ENOSPC))
		fse_full_distance(watch->reported & BIT(FS_WARN_ENOSPC),
				  &asker->space, &need->space);
	if (sampled & BIT(FS_WARN_ENOSPC_META))
		fse_full_distance(watch->reported & BIT(FS_WARN_ENOSPC_META),
				  &asker->inodes, &need->inodes);
	if (sampled || watch->types & (FSE_TYPE_T | FSE_TYPE_I))
		need->wanted = true;
}

static u64 fse_in_bytes(u64 blocks, u32 frsize)
{
	if (blocks > div_u64(U64_MAX, max(frsize, 1U)))
		return U64_MAX;
	return blocks * frsize;
}

static u64 fse_min_interval(const struct fse_sb *es)
{
	/* Its statfs pushes the garbage collection of inodes. */
	if (es->sb->s_magic == XFS_SUPER_MAGIC)
		return FSE_XFS_MIN_NS;
	return FSE_INTERVAL_MIN_NS;
}

/* Sectors written to the block device: the file system itself isn't asked. */
static u64 fse_written(const struct super_block *sb)
{
	return sb->s_bdev ? part_stat_read(sb->s_bdev, sectors[STAT_WRITE]) : 0;
}

static u64 fse_nearest(const struct fse_distance *d)
{
	return min(d->down, d->up);
}

static bool fse_asker_wanted(const struct fse_asker *asker)
{
	return asker->need[false].wanted || asker->need[true].wanted;
}

/* When figures that were just taken in have to be looked at again. */
static void fse_asker_schedule(struct fse_sb *es, struct fse_asker *asker,
			       const struct fse_interval_rules *rules,
			       struct fse_interval_point *now)
{
	const struct fse_need *fast = &asker->need[false];
	const struct fse_need *slow = &asker->need[true];
	u64 space_dist = min(fse_nearest(&fast->space),
			     fse_nearest(&slow->space));
	u64 delay_ns;

	now->avail = fse_in_bytes(asker->space.avail, asker->space.frsize);
	now->inodes = asker->inodes.avail;
	now->space_dist = fse_in_bytes(space_dist, asker->space.frsize);
	now->inode_dist = min(fse_nearest(&fast->inodes),
			      fse_nearest(&slow->inodes));
	delay_ns = fse_interval_step(&asker->interval, rules, now);
	asker->due_ns = now->time_ns + delay_ns;
	trace_fs_event_sample(es->sb->s_dev, asker->space.avail,
			      asker->inodes.avail,
			      now->cost_ns + now->wait_ns, delay_ns);
	if (!asker->dentry) {
		es->asks_inodes = fse_nearest(&fast->inodes) != U64_MAX;
		es->cost_ns = asker->interval.cost_ns;
	}
}

/*
 * Schedule all that answered; &fse_sb.lock is held. Return: when the first of all
 * askers is due, 0: none has anything to see; @space: what is nearest for the
 * whole file system.
 */
static u64 fse_askers_schedule(struct fse_sb *es,
			       const struct fse_interval_rules *rules,
			       struct fse_interval_point *now,
			       struct fse_distance *space)
{
	struct fse_asker *asker;
	u64 due_ns = 0;

	list_for_each_entry(asker, &es->askers, node) {
		if (asker->fresh)
			fse_asker_schedule(es, asker, rules, now);
		asker->fresh = false;
		/* Programs without privilege request no samples. */
		if (!asker->dentry) {
			space->down = min(space->down,
					  asker->need[false].space.down);
			space->up = min(space->up,
					asker->need[false].space.up);
		}
		/* One that was never answered is due at once. */
		if (fse_asker_wanted(asker) && (!due_ns || asker->due_ns < due_ns))
			due_ns = max(asker->due_ns, 1ULL);
	}
	return due_ns;
}

/*
 * The rate of a remote file system is limited for all makers together. Return:
 * when it is due, 0: never.
 */
static u64 fse_remote_due(struct fse_sb *es, u64 due_ns, u64 now_ns,
			  u64 asked_ns)
{
	u64 next_ns = now_ns + clamp(asked_ns * FSE_INTERVAL_WAIT_PART,
				     FSE_INTERVAL_REMOTE_MIN_NS,
				     FSE_INTERVAL_MAX_NS);

	WRITE_ONCE(es->call_due_ns, next_ns);
	return due_ns ? max(due_ns, next_ns) : 0;
}

/* No watch has anything that sampling finds. */
static void fse_sample_rest(struct fse_sb *es)
{
	/*
	 * What the file system reports by itself has to be seen twice, though nothing
	 * else asks for a sample.
	 */
	if (fse_health_hinted(es))
		fse_sample_by(es, fse_health_delay(es, 0));
}

/**
 * fse_sample_slow - are all watches those of unprivileged programs?
 * @es: the super block's state
 *
 * Context: Process context.
 */
static bool fse_sample_slow(struct fse_sb *es)
{
	const struct fse_watch *watch;
	bool slow;

	/* Those that are not come first. */
	mutex_lock(&es->lock);
	watch = fse_watch_first(es);
	slow = !watch || watch->slow;
	mutex_unlock(&es->lock);
	return slow;
}

/*
 * Run a sample through the watches. Slow ones, which come last, may be many, and
 * what they cost neither delays nor takes place of the others' samples: they have
 * a share of the time of their own. A remote file system is asked rarely, and for
 * one maker at a time. Return: as fse_run_watch().
 */
static u64 fse_sample_walk(struct fse_walk *walk,
			   struct fse_interval_rules *rules,
			   struct fse_interval_point *now, u64 begun_ns)
{
	struct fse_sb *es = walk->es;
	bool slow = es->remote || now->time_ns >= es->slow_due_ns;
	u64 wait_ns = U64_MAX, slow_ns = 0, end_ns;
	struct fse_asker *asker;
	struct fse_watch *watch;

	list_for_each_entry(asker, &es->askers, node) {
		asker->need[false] = FSE_NEED_NONE;
		if (slow)
			asker->need[true] = FSE_NEED_NONE;
	}
	while ((watch = fse_walk_next(walk)) && (slow || !watch->slow)) {
		if (watch->slow && !slow_ns)
			slow_ns = ktime_get_ns();
		wait_ns = min(wait_ns, fse_run_watch(walk, watch, now->time_ns,
						     begun_ns));
		fse_distances(watch);
		fse_user_samples(watch, rules);
	}
	if (slow)
		es->slow_soon = false;
	else if (es->slow_soon)
		fse_sample_by(es, es->slow_due_ns - now->time_ns);
	end_ns = ktime_get_ns();
	now->cost_ns += (slow_ns ?: end_ns) - now->time_ns;
	if (slow_ns) {
		es->slow_cost_ns = end_ns - slow_ns;
		es->slow_due_ns = now->time_ns +
				  max(FSE_SLOW_NS,
				      es->slow_cost_ns * FSE_SLOW_PART);
	}
	return wait_ns;
}

/**
 * fse_sample_take - run the watches over figures that were taken in
 * @es: the super block's state; not dead, or its super block held by other means
 * @begun_ns: when it was asked, monotonic
 * @asked_ns: how long that took
 *
 * Context: Process context.
 */
void fse_sample_take(struct fse_sb *es, u64 begun_ns, u64 asked_ns)
{
	struct fse_interval_point now = { .written = fse_written(es->sb) };
	struct fse_interval_rules rules = {
		.remote = es->remote,
		.min_ns = fse_min_interval(es),
		.nr_file_systems = UINT_MAX,
		.per_second = 1,
	};
	struct fse_distance space = FSE_DISTANCE_NONE;
	u64 due_ns, wait_ns;
	struct fse_walk walk;

	if (fse_sample_slow(es))
		rules.min_ns = FSE_SLOW_NS;
	if (es->remote)
		now.wait_ns = asked_ns;
	else
		now.cost_ns = asked_ns;
	now.time_ns = ktime_get_ns();
	/*
	 * Whatever needed the timer so far is seen from here on. What needs it from now on
	 * sets it, and it stays set: the end of this only sets it to an earlier time.
	 */
	timer_delete(&es->timer);
	fse_walk_begin(&walk, es);
	es->sampled_ns = now.time_ns;
	wait_ns = fse_sample_walk(&walk, &rules, &now, begun_ns);
	due_ns = fse_askers_schedule(es, &rules, &now, &space);
	if (es->remote)
		due_ns = fse_remote_due(es, due_ns, now.time_ns, asked_ns);
	if (es->dead)
		due_ns = 0;
	fse_walk_end(&walk);
	fse_account_share(es, &space, es->cost_ns);

	if (!due_ns) {
		fse_sample_rest(es);
		return;
	}
	due_ns -= min(due_ns, now.time_ns);
	fse_sample_by(es, fse_health_delay(es, min(wait_ns, due_ns)));
}

/* Ask a file system that answers without a server. */
static void fse_sample_local(struct fse_sb *es)
{
	u64 start = ktime_get_ns();

	if (fse_statfs_local(es)) {
		es->busy = min(es->busy + 1, 6U);
		fse_sample_by(es, min(FSE_RETRY_NS << es->busy,
				      FSE_RETRY_MAX_NS));
		return;
	}
	es->busy = 0;
	fse_sample_take(es, start, ktime_get_ns() - start);
}

/* Ask a file system that may wait for a server: each asker in turn. */
static void fse_sample_remote(struct fse_sb *es)
{
	u64 now = ktime_get_ns(), due_ns = READ_ONCE(es->call_due_ns);
	struct fse_asker *asker;

	/* A hint about its health, or a request of a guest, may have come earlier. */
	if (now < due_ns) {
		fse_sample_by(es, due_ns - now);
		return;
	}
	if (!fse_statfs_due(es)) {
		fse_sample_by(es, fse_health_delay(es,
						   FSE_INTERVAL_REMOTE_REST_NS));
		return;
	}
	/* Until it comes back and sets the interval: does it hang? */
	fse_sample_by(es, FSE_INTERVAL_REST_MIN_NS);
	asker = fse_asker_next(es, ++es->rounds);
	if (asker)
		fse_call_start(es, asker);
}

/* Return: it is too early, for these. */
static bool fse_sample_early(struct fse_sb *es)
{
	u64 since = ktime_get_ns() - es->sampled_ns;

	if (!es->sampled_ns || since >= FSE_SLOW_NS || !fse_sample_slow(es))
		return false;
	fse_sample_by(es, FSE_SLOW_NS - since);
	return true;
}

static void fse_sample_work(struct work_struct *work)
{
	struct fse_sb *es = container_of(work, struct fse_sb, sample);

	if (fse_sample_early(es))
		return;
	if (READ_ONCE(es->sb->s_writers.frozen) != SB_UNFROZEN) {
		fse_sample_by(es, FSE_FROZEN_NS);
		return;
	}
	if (READ_ONCE(es->dead))
		return;
	fse_health_check(es);
	if (es->remote)
		fse_sample_remote(es);
	else
		fse_sample_local(es);
}

static void fse_sample_due(struct timer_list *timer)
{
	struct fse_sb *es = container_of(timer, struct fse_sb, timer);

	queue_work(fse_sample_wq, &es->sample);
}

void fse_sample_init(struct fse_sb *es)
{
	INIT_WORK(&es->sample, fse_sample_work);
	timer_setup(&es->timer, fse_sample_due, 0);
}

/**
 * fse_sample_now - ask at once: what is watched has changed
 * @es: the super block's state
 *
 * Context: Any; nothing happens after fse_sample_stop().
 */
void fse_sample_now(struct fse_sb *es)
{
	WRITE_ONCE(es->disk_io, ULONG_MAX);
	WRITE_ONCE(es->call_due_ns, 0);
	queue_work(fse_sample_wq, &es->sample);
}

/**
 * fse_sample_slow_soon - ask soon: an unprivileged program has changed a watch
 * @es: the super block's state
 *
 * However often programs do that, it takes no more of a CPU than other samples, and
 * the walk over the watches of all such programs no more either.
 *
 * Context: Process context; nothing happens after fse_sample_stop().
 */
void fse_sample_slow_soon(struct fse_sb *es)
{
	u64 delay_ns;

	mutex_lock(&es->lock);
	delay_ns = clamp(es->cost_ns * FSE_SLOW_PART, fse_min_interval(es),
			 FSE_SLOW_NS);
	delay_ns = max(delay_ns, es->slow_cost_ns * FSE_SLOW_PART);
	es->slow_due_ns = min(es->slow_due_ns, ktime_get_ns() + delay_ns);
	es->slow_soon = true;
	mutex_unlock(&es->lock);
	WRITE_ONCE(es->disk_io, ULONG_MAX);
	fse_sample_by(es, delay_ns);
}

/**
 * fse_sample_stop - do not ask any more
 * @es: the super block's state, unpublished
 *
 * Context: Process context. Waits for a local ->statfs under way. May be
 * called twice, also at the same time.
 */
void fse_sample_stop(struct fse_sb *es)
{
	timer_shutdown_sync(&es->timer);
	disable_work_sync(&es->sample);
}
