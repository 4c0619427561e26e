// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: two ways to call ->statfs, neither of which pins.
 *
 * A local file system answers from memory. It is called with s_umount held
 * for reading, taken with a trylock: umount(2) waits for the answer, and we
 * never wait for umount.
 *
 * Any other may wait for a server or a daemon, perhaps for ever, and then
 * nobody may have to wait for s_umount: sync(2) and umount of the whole
 * machine do. So it is called with a reference to the super block instead,
 * in a work item of its own that owns what it uses, and the reference is
 * dropped in yet another one: it may turn out to be the last, and then the
 * file system is shut down there, which comes through fse_sb_gone(), which
 * waits for the sampler. One call at a time a super block; one that does not
 * come back holds up nobody else, and is counted as stuck.
 *
 * ->statfs runs with the credentials of whoever made the watch.
 *
 * A call under way holds a reference to the module; it is given back before
 * the work function returns, and module exit waits for the workqueue.
 *
 * Context: process context; may sleep.
 */
#include <linux/cred.h>
#include <linux/magic.h>
#include <linux/module.h>
#include <linux/statfs.h>
#include <linux/timekeeping.h>
#include <linux/wait.h>

#include "internal.h"

/* How long a mount waits for a call under way when it goes. */
#define FSE_CALL_WAIT		(HZ / 5)

static DECLARE_WAIT_QUEUE_HEAD(fse_call_wq);

/**
 * fse_statfs_remote - may ->statfs have to wait for somebody else?
 * @sb: the super block
 *
 * Stacked file systems may: it depends on what is below.
 */
bool fse_statfs_remote(const struct super_block *sb)
{
	switch (sb->s_magic) {
	case TMPFS_MAGIC:
	case RAMFS_MAGIC:
		return false;
	case FUSE_SUPER_MAGIC:
		/* fuseblk has a device, and a daemon nevertheless. */
		return true;
	default:
		return !(sb->s_type->fs_flags & FS_REQUIRES_DEV);
	}
}

static int fse_statfs_as(struct super_block *sb, const struct cred *cred,
			 struct kstatfs *st)
{
	const struct cred *old = override_creds(cred);
	int err;

	memset(st, 0, sizeof(*st));
	err = sb->s_op->statfs(sb->s_root, st);
	revert_creds(old);
	return err;
}

/**
 * fse_statfs_local - figures of a local file system
 * @es: its state
 * @cred: in whose name
 * @st: the figures
 *
 * Return: 0, -EAGAIN when s_umount is taken, or what ->statfs returned.
 */
int fse_statfs_local(struct fse_sb *es, const struct cred *cred,
		     struct kstatfs *st)
{
	struct super_block *sb = es->sb;
	int err = -EAGAIN;

	if (!down_read_trylock(&sb->s_umount))
		return err;
	if ((READ_ONCE(sb->s_flags) & SB_BORN) && sb->s_root)
		err = fse_statfs_as(sb, cred, st);
	up_read(&sb->s_umount);
	return err;
}

static void fse_call_drop(struct work_struct *work)
{
	struct fse_sb *es = container_of(work, struct fse_sb, drop);

	deactivate_super(es->sb);
	WRITE_ONCE(es->calling, false);
	wake_up_all(&fse_call_wq);
	fse_sb_put(es);
	module_put(THIS_MODULE);
}

static void fse_call_work(struct work_struct *work)
{
	struct fse_sb *es = container_of(work, struct fse_sb, call);
	struct fse_owner *owner;
	const struct cred *cred;
	struct kstatfs st;
	int err;

	err = fse_statfs_as(es->sb, es->call_cred, &st);
	put_cred(es->call_cred);

	cred = fse_sample_cred(es, &owner);
	if (cred) {
		fse_count(owner, FSE_STAT_SAMPLES, 1);
		if (!err && (st.f_blocks || st.f_files)) {
			/* Most of it is waiting; that costs no CPU time. */
			fse_sample_take(es, &st, 0);
		} else {
			fse_count(owner, FSE_STAT_SAMPLE_FAILED, 1);
			fse_sample_failed(es);
		}
		fse_owner_put(owner);
		put_cred(cred);
	}
	queue_work(fse_sample_wq, &es->drop);
}

void fse_call_init(struct fse_sb *es)
{
	INIT_WORK(&es->call, fse_call_work);
	INIT_WORK(&es->drop, fse_call_drop);
}

/**
 * fse_call_start - ask a remote file system, without waiting
 * @es: its state
 * @cred: in whose name
 *
 * Context: The sampler's work, during which the super block is valid.
 * Return: 0; otherwise the caller tries again later: -EBUSY, a call is under
 * way; -ENOENT, the super block or the module is going.
 */
int fse_call_start(struct fse_sb *es, const struct cred *cred)
{
	if (READ_ONCE(es->calling)) {
		if (!es->stuck &&
		    ktime_get_ns() - es->call_ns >= FSE_PACE_REST_MIN_NS) {
			es->stuck = true;
			fse_count(&fse_init_owner, FSE_STAT_STUCK, 1);
		}
		return -EBUSY;
	}
	if (!try_module_get(THIS_MODULE))
		return -ENOENT;
	if (!atomic_inc_not_zero(&es->sb->s_active)) {
		module_put(THIS_MODULE);
		return -ENOENT;
	}
	kref_get(&es->ref);
	es->stuck = false;
	es->call_ns = ktime_get_ns();
	es->call_cred = get_cred(cred);
	WRITE_ONCE(es->calling, true);
	queue_work(fse_sample_wq, &es->call);
	return 0;
}

/**
 * fse_call_wait - give a call under way a moment to come back
 * @es: the super block's state
 *
 * Context: Process context without locks.
 * Return: true when none is under way.
 */
bool fse_call_wait(struct fse_sb *es)
{
	return wait_event_timeout(fse_call_wq, !READ_ONCE(es->calling),
				  FSE_CALL_WAIT);
}
