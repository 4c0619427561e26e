// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: does a file system still accept writes?
 *
 * Most file systems report to nothing in the kernel that they turned read-only
 * or shut down. So each sample looks at what they can't hide:
 *
 *   the disk	It is gone: the file system has shut down, of any type.
 *   SB_RDONLY	Set without a remount: the file system set it itself.
 *   the driver	Some stop without that flag; fse_driver says how to ask these.
 *
 * None of this reads the disk or waits, and no error can come of it. It is done
 * only while a watch of the super block has one of the two events on. Kprobes
 * and errors hint at the moment, and then a sample is taken soon; without any
 * hint the next sample finds the same.
 *
 * Whether a remount set SB_RDONLY is known from a probe of reconfigure_super()
 * as that returns, or from a hook in it. Remounts hold s_umount for writing and
 * samples for reading, so a sample comes before the remount, or after the probe.
 * Where there is neither the mount tells: mount(8) makes that read-only as well,
 * and a file system can't.
 *
 * Each failure is reported once an episode, to each watch: again only after a
 * sample saw the file system working in between. A file system that reports
 * its failures by itself is asked as well, if it can be, for the sake of
 * watches that are made later.
 *
 * Context: the sampler, unless a function says something else.
 */
#include <linux/bits.h>
#include <linux/blkdev.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/stat.h>
#include <linux/statfs.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "account.h"
#include "health.h"
#include "internal.h"

/* An error this long ago can be why a file system stopped. */
#define FSE_HEALTH_ERROR_NS	(10 * NSEC_PER_SEC)
/* How soon after a hint to look, and how often while errors are recent. */
#define FSE_HEALTH_HINT_NS	(20 * NSEC_PER_MSEC)
#define FSE_HEALTH_REST_NS	NSEC_PER_SEC

#define FSE_HEALTH_RO		BIT(FS_ERR_REMOUNT_RO)
#define FSE_HEALTH_DOWN		BIT(FS_ERR_SHUTDOWN)

static bool fse_error_recent(const struct fse_sb *es)
{
	u64 at = READ_ONCE(es->error_ns);

	return at && ktime_get_mono_fast_ns() - at < FSE_HEALTH_ERROR_NS;
}

/**
 * fse_health_error - an error was reported
 * @es: the super block's state, found under RCU
 * @error: positive errno
 *
 * Context: Any but NMI; rcu_read_lock() is held.
 */
void fse_health_error(struct fse_sb *es, int error)
{
	WRITE_ONCE(es->error_nr, error);
	fse_health_hint(es, FSE_CLUE_ERROR);
}

/**
 * fse_health_reason - the error that can be why a file system stopped
 * @es: the super block's state, found under RCU
 *
 * Context: As fse_health_error().
 * Return: positive errno; 0: none was reported lately.
 */
int fse_health_reason(const struct fse_sb *es)
{
	return fse_error_recent(es) ? READ_ONCE(es->error_nr) : 0;
}

/* A disk behind which another one is dead may be alive itself. */
static bool fse_disk_dead(const struct fse_sb *es)
{
	const struct block_device *bdev;
	bool dead = false;

	if (es->driver->many_disks)
		return false;
	rcu_read_lock();
	bdev = READ_ONCE(es->sb->s_bdev);
	if (bdev)
		dead = test_bit(GD_DEAD, &bdev->bd_disk->state) ||
		       !disk_live(bdev->bd_disk);
	rcu_read_unlock();
	return dead;
}

/* Is it read-only because it wanted to? */
static bool fse_turned_ro(struct fse_sb *es)
{
	bool remounted;

	if (!sb_rdonly(es->sb)) {
		WRITE_ONCE(es->ro, FSE_RO_NO);
		return false;
	}
	if (READ_ONCE(es->ro) == FSE_RO_NO) {
		remounted = !fse_sees_remounts() && fse_anchors_readonly(es);
		WRITE_ONCE(es->ro, remounted ? FSE_RO_REMOUNT : FSE_RO_FAILED);
	}
	return READ_ONCE(es->ro) == FSE_RO_FAILED;
}

static u32 fse_ask_driver(const struct fse_sb *es)
{
	const struct fse_driver *driver = es->driver;

	if (!driver->ask)
		return READ_ONCE(es->shut) ? FSE_HEALTH_RO | FSE_HEALTH_DOWN : 0;
	switch (driver->ask(es->sb)) {
	case -EROFS:
		return FSE_HEALTH_RO;
	case -EIO:
		break;
	default:
		return 0;
	}
	if (!driver->one_stop || READ_ONCE(es->shut))
		return FSE_HEALTH_RO | FSE_HEALTH_DOWN;
	/* An error, or a request to shut down? It stays what it was first. */
	if (es->failed & FSE_HEALTH_RO)
		return es->failed;
	return fse_error_recent(es) ? FSE_HEALTH_RO :
				      FSE_HEALTH_RO | FSE_HEALTH_DOWN;
}

/* Which of its failures last. Under s_umount. */
static u32 fse_health_ask(struct fse_sb *es)
{
	const struct fs_trace_info info = fse_joined_info(es->sb);
	u32 failed;

	/* A hint that comes from here on is about what follows. */
	smp_store_mb(es->hinted, false);
	if (info.ops && info.ops->failed) {
		failed = info.ops->failed(es->sb) & FSE_LASTING;
	} else {
		failed = fse_ask_driver(es);
		if (fse_turned_ro(es))
			failed |= FSE_HEALTH_RO;
	}
	if (fse_disk_dead(es))
		failed |= FSE_HEALTH_DOWN;
	return failed & ~es->unasked;
}

/*
 * What a file system reports by itself it may be about to report, and it knows
 * the cause: this is for watches that were made since. So it has to be seen
 * twice.
 */
static u32 fse_health_seen(struct fse_sb *es, u32 failed)
{
	u32 fresh = failed & es->own & ~es->failed;

	if (fresh)
		WRITE_ONCE(es->hinted, true);
	es->failed = failed;
	return failed & ~fresh;
}

/* What is true since the last sample: to the watches. */
static void fse_health_report(struct fse_sb *es, u32 failed)
{
	struct fse_watch *watch;
	struct fse_walk walk;
	bool good, kick;
	u32 seen;

	fse_walk_begin(&walk, es);
	/* Unless it failed after the question, which a hint says. */
	good = !failed && !READ_ONCE(es->hinted);
	if (good)
		WRITE_ONCE(es->shut, false);
	seen = fse_health_seen(es, failed);
	while ((watch = fse_walk_next(&walk))) {
		kick = good && fse_watch_clear(watch, FSE_LASTING);
		if (seen & FSE_HEALTH_RO)
			kick |= fse_watch_fails(watch, FS_ERR_REMOUNT_RO,
						EROFS);
		if (seen & FSE_HEALTH_DOWN)
			kick |= fse_watch_fails(watch, FS_ERR_SHUTDOWN,
						ESHUTDOWN);
		if (kick)
			fse_walk_kick(&walk, watch);
	}
	fse_walk_end(&walk);
}

static bool fse_health_wanted(const struct fse_sb *es)
{
	return READ_ONCE(es->wanted) & FSE_LASTING;
}

/**
 * fse_health_check - see how a file system is, and report it
 * @es: the super block's state
 *
 * Nothing is seen while s_umount is taken; a hint then stays.
 */
void fse_health_check(struct fse_sb *es)
{
	struct super_block *sb = es->sb;
	bool alive;
	u32 failed;

	if (!fse_health_wanted(es) || !down_read_trylock(&sb->s_umount))
		return;
	alive = READ_ONCE(sb->s_flags) & SB_BORN && sb->s_root;
	if (alive)
		failed = fse_health_ask(es);
	up_read(&sb->s_umount);
	if (alive)
		fse_health_report(es, failed);
}

/**
 * fse_health_last - see how a file system is that is being unmounted
 * @es: the super block's state
 *
 * Context: umount(2), with s_umount held for write; the root is still there.
 */
void fse_health_last(struct fse_sb *es)
{
	if (fse_health_wanted(es))
		fse_health_report(es, fse_health_ask(es));
}

/**
 * fse_health_begin - a watch wants to know from now on, and none did before
 * @es: the super block's state; the caller keeps the super block
 *
 * That it is read-only already is not known to be a failure.
 *
 * Context: &fse_sb.lock is held; the sources of the watch are on.
 */
void fse_health_begin(struct fse_sb *es)
{
	lockdep_assert_held(&es->lock);
	es->failed = 0;
	WRITE_ONCE(es->shut, false);
	/* A remount that ends meanwhile knows better. */
	smp_store_mb(es->ro, FSE_RO_UNKNOWN);
	cmpxchg(&es->ro, FSE_RO_UNKNOWN,
		sb_rdonly(es->sb) ? FSE_RO_REMOUNT : FSE_RO_NO);
}

/**
 * fse_health_remounted - a remount has changed SB_RDONLY
 * @es: the super block's state, found under RCU
 * @ro: it is set now
 *
 * Context: Any, with s_umount held for writing; rcu_read_lock() is held.
 */
void fse_health_remounted(struct fse_sb *es, bool ro)
{
	WRITE_ONCE(es->ro, ro ? FSE_RO_REMOUNT : FSE_RO_NO);
	fse_health_hint(es, FSE_CLUE_STATE);
}

/**
 * fse_health_hinted - does a hint wait for a sample?
 * @es: the super block's state
 */
bool fse_health_hinted(const struct fse_sb *es)
{
	return fse_health_wanted(es) && READ_ONCE(es->hinted);
}

/**
 * fse_health_delay - when to ask again
 * @es: the super block's state
 * @delay_ns: when the levels would have it
 *
 * Some file systems find out that they can't write any more only with the
 * first write after an error.
 */
u64 fse_health_delay(const struct fse_sb *es, u64 delay_ns)
{
	if (fse_health_hinted(es))
		return FSE_HEALTH_HINT_NS;
	if (fse_health_wanted(es) && fse_error_recent(es))
		return min(delay_ns, FSE_HEALTH_REST_NS);
	return delay_ns;
}

/**
 * fse_health_hint - something points to trouble: look soon
 * @es: the super block's state, found under RCU
 * @clue: what it was
 *
 * The irq_work runs before this processor gets to a grace period: it may be
 * queued at a moment when fse_health_stop() has passed already, but never runs
 * after the memory was freed.
 *
 * Context: Any, also NMI; rcu_read_lock() is held.
 */
void fse_health_hint(struct fse_sb *es, enum fse_clue clue)
{
	switch (clue) {
	case FSE_CLUE_SHUTDOWN:
		WRITE_ONCE(es->shut, true);
		break;
	case FSE_CLUE_CORRUPTED:
		atomic_inc(&es->corruptions);
		fallthrough;
	case FSE_CLUE_ERROR:
		WRITE_ONCE(es->error_ns, ktime_get_mono_fast_ns());
		break;
	case FSE_CLUE_STATE:
		break;
	}
	WRITE_ONCE(es->hinted, true);
	if (fse_health_wanted(es) || clue == FSE_CLUE_CORRUPTED)
		irq_work_queue(&es->hint);
}

static void fse_health_hint_work(struct irq_work *work)
{
	struct fse_sb *es = container_of(work, struct fse_sb, hint);
	int nr = atomic_xchg(&es->corruptions, 0);

	if (es->own & BIT(FS_ERR_CORRUPTED))
		nr = 0;
	while (nr--)
		fse_post(es, FS_ERR_CORRUPTED, NULL, 0, EUCLEAN);
	/* Does nothing once fse_sample_stop() has passed. */
	if (fse_health_wanted(es))
		fse_sample_by(es, FSE_HEALTH_HINT_NS);
}

void fse_health_init(struct fse_sb *es)
{
	es->hint = IRQ_WORK_INIT_HARD(fse_health_hint_work);
}

/* @es is unpublished. */
void fse_health_stop(struct fse_sb *es)
{
	irq_work_sync(&es->hint);
}

/*
 * --- what has to be known of single drivers --------------------------------
 *
 * A driver is recognized by the name of its ->statfs: it may have several file
 * system types (ext2, ext3 and ext4 are one driver), may be built in, and an
 * image of the same format may be mounted by another one.
 *
 * Some drivers stop accepting writes while SB_RDONLY is clear. They refuse
 * every request from then on, before they look at it; so a request that has to
 * be refused anyway tells by its errno which of the two it was. None of these
 * requests reads the disk, waits, changes or dirties anything, or can be an
 * error of the file system.
 *
 * Context: process context.
 */

/*
 * A size that no file can have: setattr_prepare() says EINVAL, and looks at
 * nothing else before. That ->setattr is called without the lock of the inode
 * does not matter, since it gets no further.
 */
static int fse_ask_setattr(struct super_block *sb)
{
	const struct inode_operations *op = d_inode(sb->s_root)->i_op;
	struct iattr attr = { .ia_valid = ATTR_SIZE, .ia_size = -1 };

	return op->setattr ? op->setattr(&nop_mnt_idmap, sb->s_root, &attr) : 0;
}

/* Attributes of an inode in memory. */
static int fse_ask_getattr(struct super_block *sb)
{
	const struct path root = { .dentry = sb->s_root };
	const struct inode_operations *op = d_inode(sb->s_root)->i_op;
	struct kstat stat;

	return op->getattr ? op->getattr(&nop_mnt_idmap, &root, &stat,
					 STATX_TYPE, AT_STATX_DONT_SYNC) : 0;
}

/*
 * btrfs says that nothing is available while it can't get more space for
 * metadata, however much there is for data. That is what is free but for a
 * part which metadata has, and which moves little while data does.
 */
static void fse_full_btrfs(struct fse_sb *es, const struct kstatfs *st)
{
	es->meta.total = st->f_blocks;
	es->meta.avail = st->f_bavail ? st->f_blocks : 0;
	if (st->f_bavail)
		es->not_data = st->f_bfree - min(st->f_bfree, st->f_bavail);
	else if (es->not_data)
		es->data.avail = st->f_bfree - min(st->f_bfree, es->not_data);
}

static const struct fse_driver fse_drivers[] = {
	{ .prefix = "ext4_",	.ask = fse_ask_setattr, .one_stop = true },
	{ .prefix = "f2fs_",	.ask = fse_ask_setattr, .one_stop = true },
	{ .prefix = "exfat_",	.ask = fse_ask_setattr },
	/* Linux 7.3 has fs/ntfs again, whose functions are named alike. */
	{ .prefix = "ntfs_",	.type = "ntfs3", .ask = fse_ask_setattr },
	{ .prefix = "xfs_",	.ask = fse_ask_getattr },
	/* Of several disks the super block names one or none. */
	{ .prefix = "btrfs_",	.many_disks = true, .full = fse_full_btrfs },
	{ .prefix = "bch2_",	.many_disks = true },
	/* These take cluster locks. */
	{ .prefix = "ocfs2_",	.statfs = FSE_STATFS_WAITS },
	{ .prefix = "gfs2_",	.statfs = FSE_STATFS_WAITS },
	/*
	 * These look for what is free on the disk. vfat does so once, which is
	 * before it is watched: making a watch asks for the figures.
	 */
	{ .prefix = "udf_",	.statfs = FSE_STATFS_READS },
	{ .prefix = "nilfs_",	.statfs = FSE_STATFS_READS },
	{ .prefix = "hpfs_",	.statfs = FSE_STATFS_READS },
	{ .prefix = "qnx4_",	.statfs = FSE_STATFS_READS },
	{ .prefix = "sysv_",	.statfs = FSE_STATFS_READS },
};

/**
 * fse_driver_of - what is known of the driver of a file system
 * @sb: the super block
 *
 * Return: an entry for each driver, the same empty one for all others.
 */
const struct fse_driver *fse_driver_of(const struct super_block *sb)
{
	static const struct fse_driver other;
	const char *type;
	unsigned int i;
	char name[16];

	snprintf(name, sizeof(name), "%ps", sb->s_op->statfs);
	for (i = 0; i < ARRAY_SIZE(fse_drivers); i++) {
		if (!str_has_prefix(name, fse_drivers[i].prefix))
			continue;
		type = fse_drivers[i].type;
		if (!type || !strcmp(type, sb->s_type->name))
			return &fse_drivers[i];
	}
	return &other;
}
