// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: has a file system stopped working?
 *
 * Most file systems tell nobody that they went read-only or shut down, and
 * the flags of their super blocks need not say so: ext4 stops writing while
 * the mount table still says rw, and a xfs that shut down answers statfs(2).
 * So each sample asks in a way in which the file system can't hide it, and
 * whatever hints at trouble asks for a sample soon.
 *
 * It is told once an episode, to each watch: again only after a sample saw
 * the file system working in between. One that tells by itself is asked as
 * well, if it can be, for the sake of watches that are made later.
 *
 * Context: the sampler, with s_umount held for reading (or a reference to the
 * super block, if remote).
 */
#include <linux/magic.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/writeback.h>

#include "account.h"
#include "source.h"

/* An error this long ago can be why a file system is read-only now. */
#define FSE_STATE_ERROR_NS	(10 * NSEC_PER_SEC)
/* How soon after a hint to look, and how often while errors are recent. */
#define FSE_STATE_HINT_NS	(20 * NSEC_PER_MSEC)
#define FSE_STATE_REST_NS	NSEC_PER_SEC

#define FSE_STATE_RO		BIT(FS_ERR_REMOUNT_RO)
#define FSE_STATE_DOWN		BIT(FS_ERR_SHUTDOWN)

static bool fse_error_recent(const struct fse_sb *es)
{
	u64 at = READ_ONCE(es->error_ns);

	return at && ktime_get_mono_fast_ns() - at < FSE_STATE_ERROR_NS;
}

/*
 * A file system that stopped itself after an error, or was told to by an
 * ioctl; which of the two it does not say. It writes no inode then.
 */
static u32 fse_state_ext4(const struct fse_sb *es, struct super_block *sb)
{
	struct writeback_control wbc = { .sync_mode = WB_SYNC_NONE };

	if (!sb->s_op->write_inode ||
	    sb->s_op->write_inode(d_inode(sb->s_root), &wbc) != -EIO)
		return 0;
	if (es->failed)
		return es->failed;
	return fse_error_recent(es) ? FSE_STATE_RO :
				      FSE_STATE_RO | FSE_STATE_DOWN;
}

/* It says nothing of any inode any more. */
static u32 fse_state_xfs(const struct fse_sb *es, struct super_block *sb)
{
	const struct path root = { .dentry = sb->s_root };
	const struct inode_operations *op = d_inode(sb->s_root)->i_op;
	struct kstat stat;

	if (!op->getattr || op->getattr(&nop_mnt_idmap, &root, &stat,
					STATX_TYPE, AT_STATX_DONT_SYNC) != -EIO)
		return 0;
	return FSE_STATE_RO | FSE_STATE_DOWN;
}

/* An administrator's remount looks the same: it takes an error to tell. */
static u32 fse_state_flags(const struct fse_sb *es, struct super_block *sb)
{
	if (!sb_rdonly(sb))
		return 0;
	return es->failed || fse_error_recent(es) ? FSE_STATE_RO : 0;
}

/**
 * fse_state_ask - which of its failures last
 * @es: a super block's state; the super block is kept by the caller
 *
 * Return: bits of FS_ERR_REMOUNT_RO and FS_ERR_SHUTDOWN.
 */
u32 fse_state_ask(struct fse_sb *es)
{
	const struct fs_trace_info info = fse_joined_info(es->sb);
	struct super_block *sb = es->sb;
	const char *type = sb->s_type->name;
	u32 failed = 0;

	/* What hints from here on is not answered by what follows. */
	smp_store_mb(es->hinted, false);
	if (info.ops && info.ops->failed)
		return info.ops->failed(sb) & FSE_LASTING;
	if (!strcmp(type, "ext4"))
		failed = fse_state_ext4(es, sb);
	else if (!strcmp(type, "xfs"))
		failed = fse_state_xfs(es, sb);
	return failed ?: fse_state_flags(es, sb);
}

/*
 * What a file system tells by itself it may be about to tell, and it knows the
 * cause: this is for who watches since then. So it has to be seen twice.
 */
static u32 fse_state_seen(struct fse_sb *es, u32 failed)
{
	u32 fresh = failed & es->own & ~es->failed;

	if (fresh)
		WRITE_ONCE(es->hinted, true);
	es->failed = failed;
	return failed & ~fresh;
}

/**
 * fse_state_run - tell the watches
 * @es: the super block's state
 * @failed: what fse_state_ask() said
 *
 * Context: As fse_state_ask().
 */
void fse_state_run(struct fse_sb *es, u32 failed)
{
	struct fse_watch *watch;
	struct fse_walk walk;
	u32 tell;
	bool kick;

	failed &= ~es->unasked;
	fse_walk_begin(&walk, es);
	tell = fse_state_seen(es, failed);
	while ((watch = fse_walk_next(&walk))) {
		kick = false;
		/*
		 * Working again: what comes next is another episode. Unless
		 * it came already, after the question.
		 */
		if (!failed && !READ_ONCE(es->hinted))
			kick |= fse_watch_clear(watch, FSE_LASTING);
		if (tell & FSE_STATE_RO)
			kick |= fse_watch_fails(watch, FS_ERR_REMOUNT_RO,
						EROFS);
		if (tell & FSE_STATE_DOWN)
			kick |= fse_watch_fails(watch, FS_ERR_SHUTDOWN,
						ESHUTDOWN);
		if (kick)
			fse_walk_kick(&walk, watch);
	}
	fse_walk_end(&walk);
}

/**
 * fse_state_delay - when to ask again
 * @es: the super block's state
 * @delay_ns: when the levels would have it
 *
 * Some file systems find out that they can't write any more only with the
 * first write after an error.
 */
u64 fse_state_delay(const struct fse_sb *es, u64 delay_ns)
{
	if (READ_ONCE(es->hinted))
		return FSE_STATE_HINT_NS;
	return fse_error_recent(es) ? min(delay_ns, FSE_STATE_REST_NS) :
				      delay_ns;
}

/**
 * fse_state_hint - something points to trouble: look soon
 * @es: the super block's state, found under RCU
 * @clue: what it was
 *
 * The irq_work runs before this processor gets to a grace period: it may be
 * queued at a moment when fse_state_stop() has passed already, but never runs
 * after the memory was freed.
 *
 * Context: Any, also NMI; rcu_read_lock() is held.
 */
void fse_state_hint(struct fse_sb *es, enum fse_clue clue)
{
	if (clue == FSE_CLUE_CORRUPTED)
		atomic_inc(&es->corruptions);
	if (clue != FSE_CLUE_STATE)
		WRITE_ONCE(es->error_ns, ktime_get_mono_fast_ns());
	WRITE_ONCE(es->hinted, true);
	irq_work_queue(&es->hint);
}

/* What a probe counted that could take no lock. */
static void fse_state_corrupted(struct fse_sb *es)
{
	int nr = atomic_xchg(&es->corruptions, 0);

	if (es->own & BIT(FS_ERR_CORRUPTED))
		return;
	while (nr--)
		fse_post(es, FS_ERR_CORRUPTED, NULL, 0, EUCLEAN);
}

static void fse_state_hinted(struct irq_work *work)
{
	struct fse_sb *es = container_of(work, struct fse_sb, hint);

	fse_state_corrupted(es);
	/* Does nothing once fse_sample_stop() has passed. */
	fse_sample_by(es, FSE_STATE_HINT_NS);
}

void fse_state_init(struct fse_sb *es)
{
	es->hint = IRQ_WORK_INIT_HARD(fse_state_hinted);
}

/* @es is unpublished. */
void fse_state_stop(struct fse_sb *es)
{
	irq_work_sync(&es->hint);
}
