// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events on a kernel that does not know of them: how a super
 * block leads to its state, how it is drained, and the source FS_ERROR.
 *
 * A mark of an fsnotify group of our own sits on each watched super block.
 * generic_shutdown_super() destroys it, with s_umount held for write and
 * before ->put_super, and so calls fse_sb_gone(). File systems that report
 * errors to fanotify come through it as well, unless failure.c sees the report
 * when it is made.
 *
 * Lifetime: the mark holds the memory of its fse_sb. fsnotify calls
 * freeing_mark once, and whoever comes second does not wait for the first:
 * sb.c says what follows. The module may go when free_mark has run for
 * every mark.
 *
 * Context: handle_event may be called in any context in which file systems
 * find errors, with their locks held, but not from an interrupt. Since v7.0 it is
 * called from a work item.
 */
#include <linux/fsnotify_backend.h>
#include <linux/hashtable.h>
#include <linux/iopoll.h>
#include <linux/wait.h>

#include "../health.h"
#include "../internal.h"

/* umount(2) waits for them as well, a little later. */
#define FSE_REPORTS_MAX_US	USEC_PER_SEC

static struct fsnotify_group *fse_sb_group;
/* Marks that free_mark has not run for. */
static atomic_t fse_sb_marks = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(fse_sb_marks_wq);

/* Published states, by super block; changed under fse_supers_lock. */
static DEFINE_HASHTABLE(fse_bound, 8);

/**
 * fse_sb_find - the state of a super block
 * @sb: the super block
 *
 * Context: fse_supers_lock or rcu_read_lock() is held; valid that long.
 * Return: the state, or NULL when the super block is not watched.
 */
struct fse_sb *fse_sb_find(const struct super_block *sb)
{
	struct fse_sb *es;

	hash_for_each_possible_rcu_notrace(fse_bound, es, tie.hash,
					   (unsigned long)sb) {
		if (es->sb == sb)
			return es;
	}
	return NULL;
}

/* Let fse_sb_find() find a state. Under fse_supers_lock. */
void fse_sb_bind(struct fse_sb *es)
{
	hash_add_rcu(fse_bound, &es->tie.hash, (unsigned long)es->sb);
}

void fse_sb_unbind(struct fse_sb *es)
{
	hash_del_rcu(&es->tie.hash);
}

static int fse_handle_event(struct fsnotify_group *group, u32 mask,
			    const void *data, int data_type,
			    struct inode *dir, const struct qstr *file_name,
			    u32 cookie, struct fsnotify_iter_info *iter_info)
{
	const struct fs_error_report *report = data;
	struct fse_sb *es;

	if (!(mask & FS_ERROR) || data_type != FSNOTIFY_EVENT_ERROR)
		return 0;
	/*
	 * A state that retires has a mark as well, for a while. So has the state of
	 * a writer that lost a race for the first watch.
	 */
	es = container_of(fsnotify_iter_sb_mark(iter_info), struct fse_sb,
			  tie.mark);
	if (READ_ONCE(es->dead) || hlist_unhashed_lockless(&es->node) ||
	    atomic_dec_if_positive(&es->tie.reported) >= 0)
		return 0;
	fse_source_reported(report->sb, report->inode, report->error, false);
	return 0;
}

/*
 * Linux 6.12 has written all back when umount(2) destroys marks, and the super
 * block has no root any more. Newer kernels destroy marks before that: so it is
 * written back here, while the watches can still report what fails.
 */
static void fse_sb_going(struct fse_sb *es)
{
	struct super_block *sb = es->sb;
	bool pending;

	/* Not by umount(2), or nothing is watched. */
	if (hlist_unhashed_lockless(&es->node) || !sb->s_root)
		return;
	sync_filesystem(sb);
	read_poll_timeout(fse_reports_pending, pending, !pending,
			  USEC_PER_MSEC, FSE_REPORTS_MAX_US, false, sb);
	fse_health_last(es);
}

static void fse_freeing_mark(struct fsnotify_mark *mark,
			     struct fsnotify_group *group)
{
	struct fse_sb *es = container_of(mark, struct fse_sb, tie.mark);

	fse_sb_going(es);
	fse_sb_gone(es);
	/* The group's reference. */
	fsnotify_put_mark(mark);
}

static void fse_free_mark(struct fsnotify_mark *mark)
{
	fse_sb_put(container_of(mark, struct fse_sb, tie.mark));
	if (atomic_dec_and_test(&fse_sb_marks))
		wake_up(&fse_sb_marks_wq);
}

static const struct fsnotify_ops fse_sb_mark_ops = {
	.handle_event	= fse_handle_event,
	.freeing_mark	= fse_freeing_mark,
	.free_mark	= fse_free_mark,
};

int fse_sb_ties_init(void)
{
	/*
	 * A state that retires keeps its mark for a while; the next one of
	 * the same super block must not have to wait for that.
	 */
	fse_sb_group = fsnotify_alloc_group(&fse_sb_mark_ops,
					    FSNOTIFY_GROUP_DUPS);
	return PTR_ERR_OR_ZERO(fse_sb_group);
}

/* All watches have been ended. */
void fse_sb_ties_exit(void)
{
	wait_event(fse_sb_marks_wq, !atomic_read(&fse_sb_marks));
	/* The last free_mark may still have to return. */
	fsnotify_wait_marks_destroyed();
	fsnotify_put_group(fse_sb_group);
}

/**
 * fse_sb_attach - let the super block lead to its state
 * @es: the state; the caller holds a path to the super block
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int fse_sb_attach(struct fse_sb *es)
{
	int err;

	fsnotify_init_mark(&es->tie.mark, fse_sb_group);
	atomic_inc(&fse_sb_marks);
	es->tie.mark.mask = FS_ERROR;
	kref_get(&es->ref);
	err = fsnotify_add_mark(&es->tie.mark, es->sb, FSNOTIFY_OBJ_TYPE_SB, 0);
	if (err) {
		fsnotify_put_mark(&es->tie.mark);
		return err;
	}
	es->attached = true;
	/* From here on the mark holds what fse_sb_alloc() took. */
	fse_sb_put(es);
	return 0;
}

/**
 * fse_sb_hold - keep the mark for fse_sb_detach()
 * @es: the state
 *
 * Context: &fse_sb.lock is held and @es was alive under it, or @es was never
 * published and the caller holds a path to the super block.
 */
void fse_sb_hold(struct fse_sb *es)
{
	refcount_inc(&es->tie.mark.refcnt);
}

/**
 * fse_sb_detach - let the super block lead here no more
 * @es: the state, for which fse_sb_hold() was called; may be freed
 *
 * Context: Process context without locks.
 */
void fse_sb_detach(struct fse_sb *es)
{
	fsnotify_destroy_mark(&es->tie.mark, fse_sb_group);
	fsnotify_put_mark(&es->tie.mark);
}
