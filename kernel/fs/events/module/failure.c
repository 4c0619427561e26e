// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: functions that are called when something fails, and
 * remounts.
 *
 * Many file systems report errors to nothing else in this kernel. A kprobe on
 * a function that only runs in a failure costs nothing until then. The probe
 * hints at the super block, which is then asked how it is, or counts a
 * corruption. A function that this kernel does not have, or that is not loaded,
 * is no error: the next sample sees how things are anyway.
 *
 * The super block is recognized by an address, not by the name of its type: an
 * argument of the function is the super block, its s_fs_info, its disk, or an
 * object of the file system that begins with the s_fs_info. No other fact about
 * these objects is used.
 *
 * Context: kprobe handlers: preemption off, no sleep, no allocation, perhaps
 * on the way of an NMI; then they take no lock.
 */
#include <linux/blkdev.h>
#include <linux/f2fs_fs.h>
#include <linux/fs_context.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/uaccess.h>

#include "../health.h"
#include "../internal.h"

#if defined(CONFIG_KRETPROBES) && defined(CONFIG_HAVE_FUNCTION_ARG_ACCESS_API)

/* How the argument leads to the super block. */
enum fse_key {
	FSE_KEY_SB,		/* it is the super block */
	FSE_KEY_INFO,		/* it is its s_fs_info */
	FSE_KEY_OWNED,		/* its first word is its s_fs_info */
	FSE_KEY_DISK,		/* it is its disk */
};

/**
 * struct fse_failure - a function to look at
 * @probe: the kprobe
 * @module: module that has the function, NULL: the kernel
 * @arg: which argument
 * @key: what it is
 * @clue: what it says that the function is called
 * @reports: since v7.0 it calls fserror_report() itself
 * @on: the probe is registered
 */
struct fse_failure {
	struct kprobe probe;
	const char *module;
	unsigned int arg;
	enum fse_key key;
	enum fse_clue clue;
	bool reports;
	bool on;
};

static int fse_failure_hit(struct kprobe *probe, struct pt_regs *regs);
static int fse_f2fs_hit(struct kprobe *probe, struct pt_regs *regs);

#define FSE_FAILURE_BY(_hit, _reports, _module, _fn, _arg, _key, _clue) {	\
	.probe = {							\
		.symbol_name = _fn,					\
		.pre_handler = _hit,					\
	},								\
	.module = _module,						\
	.arg = _arg,							\
	.key = FSE_KEY_##_key,						\
	.clue = FSE_CLUE_##_clue,					\
	.reports = _reports,						\
}

#define FSE_FAILURE(...) FSE_FAILURE_BY(fse_failure_hit, false, __VA_ARGS__)
#define FSE_REPORTS(...) FSE_FAILURE_BY(fse_failure_hit, true, __VA_ARGS__)

static struct fse_failure fse_failures[] = {
	FSE_FAILURE(NULL, "del_gendisk", 0, DISK, ERROR),
	FSE_FAILURE(NULL, "blk_mark_disk_dead", 0, DISK, ERROR),
	FSE_FAILURE("ext4", "ext4_force_shutdown", 0, SB, SHUTDOWN),
	FSE_FAILURE("xfs", "xfs_do_force_shutdown", 0, INFO, ERROR),
	FSE_FAILURE("xfs", "xlog_force_shutdown", 0, OWNED, ERROR),
	FSE_FAILURE("xfs", "xfs_corruption_error", 2, INFO, CORRUPTED),
	FSE_REPORTS("xfs", "xfs_inode_mark_sick", 0, OWNED, CORRUPTED),
	FSE_REPORTS("xfs", "xfs_ag_mark_sick", 0, OWNED, CORRUPTED),
	FSE_REPORTS("xfs", "xfs_fs_mark_sick", 0, INFO, CORRUPTED),
	FSE_FAILURE("btrfs", "__btrfs_handle_fs_error", 0, INFO, ERROR),
	FSE_FAILURE_BY(fse_f2fs_hit, false, "f2fs", "f2fs_stop_checkpoint", 0,
		       INFO, ERROR),
	/* Each caller has found the file system inconsistent. */
	FSE_FAILURE("fat", "__fat_fs_error", 0, SB, CORRUPTED),
	/* Some callers could not read. */
	FSE_FAILURE("exfat", "__exfat_fs_error", 0, SB, ERROR),
};

/**
 * struct fse_hit - a function that was called
 * @key: how the super block is recognized
 * @arg: its argument
 * @clue: what that says
 */
struct fse_hit {
	enum fse_key key;
	unsigned long arg;
	enum fse_clue clue;
};

static bool fse_hit_is(const struct fse_hit *hit, const struct super_block *sb)
{
	const unsigned long info = (unsigned long)sb->s_fs_info;
	unsigned long word;

	switch (hit->key) {
	case FSE_KEY_SB:
		return hit->arg == (unsigned long)sb;
	case FSE_KEY_INFO:
		return info && hit->arg == info;
	case FSE_KEY_OWNED:
		return info &&
		       !copy_from_kernel_nofault(&word, (void *)hit->arg,
						 sizeof(word)) &&
		       word == info;
	case FSE_KEY_DISK:
		return sb->s_bdev &&
		       hit->arg == (unsigned long)sb->s_bdev->bd_disk;
	}
	return false;
}

/* Not found, so that all are looked at: a disk may have several. */
static bool fse_hit_hint(struct fse_sb *es, const void *data)
{
	const struct fse_hit *hit = data;

	if (fse_hit_is(hit, es->sb))
		fse_health_hint(es, hit->clue);
	return false;
}

static void fse_failure_found(const struct fse_failure *f,
			      const struct pt_regs *regs, enum fse_clue clue)
{
	struct fse_hit hit = {
		.key = f->key,
		.arg = regs_get_kernel_argument((struct pt_regs *)regs, f->arg),
		.clue = clue,
	};

	rcu_read_lock();
	fse_sb_find_if(fse_hit_hint, &hit);
	rcu_read_unlock();
}

static int fse_failure_hit(struct kprobe *probe, struct pt_regs *regs)
{
	struct fse_failure *f = container_of(probe, struct fse_failure, probe);

	fse_failure_found(f, regs, f->clue);
	return 0;
}

/* An error is not the only reason that it has to stop. */
static int fse_f2fs_hit(struct kprobe *probe, struct pt_regs *regs)
{
	struct fse_failure *f = container_of(probe, struct fse_failure, probe);
	u8 reason = regs_get_kernel_argument(regs, 2);

	fse_failure_found(f, regs, reason == STOP_CP_REASON_SHUTDOWN ?
				   FSE_CLUE_SHUTDOWN : f->clue);
	return 0;
}

/**
 * struct fse_remount - a remount under way
 * @sb: the super block, which the remount keeps
 * @ro: it was read-only before
 */
struct fse_remount {
	struct super_block *sb;
	bool ro;
};

static int fse_remount_entry(struct kretprobe_instance *ri,
			     struct pt_regs *regs)
{
	const struct fs_context *fc = (void *)regs_get_kernel_argument(regs, 0);
	struct fse_remount *r = (void *)ri->data;

	r->sb = fc->root->d_sb;
	r->ro = sb_rdonly(r->sb);
	return 0;
}

/* One that failed after the file system set the flag itself has not done so. */
static int fse_remount_return(struct kretprobe_instance *ri,
			      struct pt_regs *regs)
{
	const struct fse_remount *r = (void *)ri->data;
	bool ro = sb_rdonly(r->sb);
	struct fse_sb *es;

	if (regs_return_value(regs) || ro == r->ro)
		return 0;
	rcu_read_lock();
	es = fse_sb_find(r->sb);
	if (es)
		fse_health_remounted(es, ro);
	rcu_read_unlock();
	return 0;
}

static struct kretprobe fse_remounts = {
	.kp.symbol_name	= "reconfigure_super",
	.entry_handler	= fse_remount_entry,
	.handler	= fse_remount_return,
	.data_size	= sizeof(struct fse_remount),
	/* Each may wait for its disk. */
	.maxactive	= 128,
};

static bool fse_remounts_on;

/**
 * fse_sees_remounts - are remounts seen, and none was missed?
 *
 * Context: Any.
 */
bool fse_sees_remounts(void)
{
	return READ_ONCE(fse_remounts_on) && !READ_ONCE(fse_remounts.nmissed);
}

/* What an earlier registration left in a probe would be taken for input. */
static void fse_probe_reset(struct kprobe *probe)
{
	probe->addr = NULL;
	probe->flags = 0;
}

static void fse_remounts_start(void)
{
	fse_probe_reset(&fse_remounts.kp);
	WRITE_ONCE(fse_remounts_on, !register_kretprobe(&fse_remounts));
}

static void fse_remounts_stop(void)
{
	if (!fse_remounts_on)
		return;
	WRITE_ONCE(fse_remounts_on, false);
	unregister_kretprobe(&fse_remounts);
}

/*
 * Since v7.0 file systems report errors by fserror_report(), which queues
 * FS_ERROR: late, without the process that met the error, and not at all when
 * too many are queued. So reports are taken at its head, and are not taken again
 * when FS_ERROR comes. A writeback that failed has come by its tracepoint before.
 */
static int fse_report_hit(struct kprobe *probe, struct pt_regs *regs);

static struct kprobe fse_report = {
	.symbol_name	= "fserror_report",
	.pre_handler	= fse_report_hit,
};

static bool fse_report_on;

static int fse_report_hit(struct kprobe *probe, struct pt_regs *regs)
{
	struct super_block *sb = (void *)regs_get_kernel_argument(regs, 0);
	struct inode *inode = (void *)regs_get_kernel_argument(regs, 1);
	unsigned int type = regs_get_kernel_argument(regs, 2);
	int error = regs_get_kernel_argument(regs, 5);
	struct fse_sb *es;

	/* A breakpoint may take no lock: FS_ERROR has to do. */
	if (in_nmi())
		return 0;
	rcu_read_lock();
	es = fse_sb_find(sb);
	if (es) {
		atomic_inc(&es->tie.reported);
		if (type != FSERR_BUFFERED_WRITE || !fse_sees_writeback())
			fse_source_reported(sb, inode, error,
					    type != FSERR_METADATA);
	}
	rcu_read_unlock();
	return 0;
}

int fse_report_start(void)
{
	fse_probe_reset(&fse_report);
	WRITE_ONCE(fse_report_on, !register_kprobe(&fse_report));
	return 0;
}

void fse_report_stop(void)
{
	if (!fse_report_on)
		return;
	WRITE_ONCE(fse_report_on, false);
	unregister_kprobe(&fse_report);
}

static DEFINE_MUTEX(fse_failure_mutex);
static bool fse_failure_on;

/* Under fse_failure_mutex. */
static void fse_failure_add(struct fse_failure *f)
{
	if (f->on || (f->reports && READ_ONCE(fse_report_on)))
		return;
	fse_probe_reset(&f->probe);
	f->on = !register_kprobe(&f->probe);
}

static void fse_failure_remove(struct fse_failure *f)
{
	if (f->on)
		unregister_kprobe(&f->probe);
	f->on = false;
}

/* A file system may come, and go, after its first watch. */
static int fse_failure_module(struct notifier_block *nb, unsigned long state,
			      void *data)
{
	struct module *mod = data;
	unsigned int i;

	if (state != MODULE_STATE_LIVE && state != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	mutex_lock(&fse_failure_mutex);
	for (i = 0; i < ARRAY_SIZE(fse_failures) && fse_failure_on; i++) {
		if (!fse_failures[i].module ||
		    strcmp(mod->name, fse_failures[i].module))
			continue;
		if (state == MODULE_STATE_LIVE)
			fse_failure_add(&fse_failures[i]);
		else
			fse_failure_remove(&fse_failures[i]);
	}
	mutex_unlock(&fse_failure_mutex);
	return NOTIFY_DONE;
}

static struct notifier_block fse_failure_nb = {
	.notifier_call = fse_failure_module,
};

int fse_failure_start(void)
{
	unsigned int i;
	int err;

	err = register_module_notifier(&fse_failure_nb);
	if (err)
		return err;
	mutex_lock(&fse_failure_mutex);
	fse_failure_on = true;
	fse_remounts_start();
	for (i = 0; i < ARRAY_SIZE(fse_failures); i++)
		fse_failure_add(&fse_failures[i]);
	mutex_unlock(&fse_failure_mutex);
	return 0;
}

void fse_failure_stop(void)
{
	struct kprobe *probes[ARRAY_SIZE(fse_failures)];
	unsigned int i, nr = 0;

	mutex_lock(&fse_failure_mutex);
	fse_failure_on = false;
	fse_remounts_stop();
	for (i = 0; i < ARRAY_SIZE(fse_failures); i++) {
		if (fse_failures[i].on)
			probes[nr++] = &fse_failures[i].probe;
		fse_failures[i].on = false;
	}
	/* All at once: there is a grace period to wait for. */
	unregister_kprobes(probes, nr);
	mutex_unlock(&fse_failure_mutex);
	unregister_module_notifier(&fse_failure_nb);
}

#else

int fse_report_start(void)
{
	return 0;
}

void fse_report_stop(void)
{
}

int fse_failure_start(void)
{
	return 0;
}

void fse_failure_stop(void)
{
}

bool fse_sees_remounts(void)
{
	return false;
}

#endif
