// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: the files config, error_log and stats of fstrace.
 *
 * Reading config goes from watch to watch by their ids, over the seq_file
 * interface, a line a watch. It asks no file system and looks up no path.
 *
 * Context: process context; may sleep.
 */
#include <linux/fs_struct.h>
#include <linux/math64.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "escape.h"
#include "internal.h"
#include "names.h"
#include "reach.h"

static struct fse_owner *fse_file_owner(const struct file *file)
{
	return fse_instance_owner(file_inode(file));
}

/**
 * struct fse_reader - a task that reads config
 * @owner: whose watches it sees
 * @root: its root directory when it opened the file
 * @buf: room for a path
 */
struct fse_reader {
	struct fse_owner *owner;
	struct path root;
	char buf[PATH_MAX];
};

/* A field without blanks, as a request would have it. */
static void fse_show_field(struct seq_file *m, const char *s)
{
	bool cut;
	size_t n;
	char *buf;

	n = seq_get_buf(m, &buf);
	n = fse_escape(buf, n, s, FSE_ESCAPE_CONFIG, &cut);
	seq_commit(m, cut ? -1 : n);
	seq_putc(m, ' ');
}

static void fse_show_amount(struct seq_file *m, const struct fse_amount *a)
{
	seq_printf(m, "%llu", a->value);
	if (a->suffix)
		seq_putc(m, a->suffix);
}

static void fse_show_levels(struct seq_file *m, char type,
			    const struct fse_level_set *set)
{
	unsigned int i;

	seq_putc(m, type);
	for (i = 0; i < set->nr; i++) {
		seq_putc(m, ' ');
		fse_show_amount(m, &set->level[i].trigger);
		if (!set->level[i].has_rearm)
			continue;
		seq_putc(m, ':');
		fse_show_amount(m, &set->level[i].rearm);
	}
}

static void fse_show_generic(struct seq_file *m, u32 events)
{
	const char *sep = ":";
	unsigned int id;

	seq_putc(m, 'G');
	if (events == FSE_GENERIC_EVENTS)
		return;
	for (id = 1; id < BITS_PER_TYPE(events); id++) {
		if (!(events & BIT(id)))
			continue;
		seq_printf(m, "%s%s", sep, fse_event_name(id));
		sep = ",";
	}
}

static void fse_show_types(struct seq_file *m, const struct fse_watch *watch)
{
	const char *sep = "";

	if (watch->types & FSE_TYPE_G) {
		fse_show_generic(m, watch->events);
		sep = ",";
	}
	if (watch->types & FSE_TYPE_T) {
		seq_puts(m, sep);
		fse_show_levels(m, 'T', watch->set[FSE_SPACE]);
		sep = ",";
	}
	if (watch->types & FSE_TYPE_I) {
		seq_puts(m, sep);
		fse_show_levels(m, 'I', watch->set[FSE_INODES]);
	}
}

static int fse_config_show(struct seq_file *m, void *v)
{
	const struct fse_watch *watch = v;
	struct fse_reader *r = m->private;
	const char *path;

	if (!fse_owner_sees(r->owner, watch))
		return 0;
	path = fse_watch_reach(watch, &r->root, fse_mnt_ns_nr(), r->buf,
			       sizeof(r->buf));
	if (IS_ERR_OR_NULL(path))
		return 0;
	fse_show_field(m, path);
	fse_show_field(m, watch->identity->fstype);
	fse_show_field(m, watch->identity->source);
	seq_putc(m, '(');
	mutex_lock(&watch->es->lock);
	fse_show_types(m, watch);
	mutex_unlock(&watch->es->lock);
	seq_puts(m, ")\n");
	return 0;
}

/* Positions are ids of watches: the reader goes on at the next one that is left. */
static void *fse_config_start(struct seq_file *m, loff_t *pos)
{
	return *pos <= U32_MAX ? fse_watch_from(*pos, NULL) : NULL;
}

static void *fse_config_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct fse_watch *watch = v;

	*pos = watch->id + 1ULL;
	fse_watch_put(watch);
	return fse_config_start(m, pos);
}

static void fse_config_stop(struct seq_file *m, void *v)
{
	fse_watch_put(v);
}

static const struct seq_operations fse_config_seq_ops = {
	.start	= fse_config_start,
	.next	= fse_config_next,
	.stop	= fse_config_stop,
	.show	= fse_config_show,
};

static int fse_config_open(struct inode *inode, struct file *file)
{
	struct fse_reader *r;

	r = __seq_open_private(file, &fse_config_seq_ops, sizeof(*r));
	if (!r)
		return -ENOMEM;
	/* seq_file refuses pwrite(2); where a write goes means nothing here. */
	file->f_mode |= FMODE_PWRITE;
	r->owner = fse_instance_owner(inode);
	get_fs_root(current->fs, &r->root);
	return 0;
}

static int fse_config_release(struct inode *inode, struct file *file)
{
	struct fse_reader *r = ((struct seq_file *)file->private_data)->private;

	path_put(&r->root);
	return seq_release_private(inode, file);
}

static ssize_t fse_config_write(struct kiocb *iocb, struct iov_iter *from)
{
	return fse_requests_write(iocb, from, NULL);
}

const struct file_operations fse_config_fops = {
	.owner		= THIS_MODULE,
	.open		= fse_config_open,
	.read_iter	= seq_read_iter,
	.write_iter	= fse_config_write,
	.llseek		= seq_lseek,
	.release	= fse_config_release,
};

static int fse_error_log_show(struct seq_file *m, void *v)
{
	struct fse_owner *owner = m->private;
	const struct fse_log_entry *entry;
	unsigned int i;
	u64 s;
	u32 ns;

	mutex_lock(&owner->log_lock);
	/* From the oldest; a ring that is not full has empty ones. */
	for (i = 0; i < FSE_LOG_ENTRIES; i++) {
		entry = &owner->log[(owner->log_nr + i) % FSE_LOG_ENTRIES];
		if (!entry->text[0])
			continue;
		s = div_u64_rem(entry->time_ns, NSEC_PER_SEC, &ns);
		seq_printf(m, "[%5llu.%06lu] %s", s, ns / NSEC_PER_USEC,
			   entry->text);
	}
	mutex_unlock(&owner->log_lock);
	return 0;
}

static int fse_error_log_open(struct inode *inode, struct file *file)
{
	return single_open(file, fse_error_log_show,
			   fse_instance_owner(inode));
}

static ssize_t fse_error_log_write(struct file *file, const char __user *buf,
				   size_t len, loff_t *pos)
{
	if (len)
		fse_log_clear(fse_file_owner(file));
	return len;
}

const struct file_operations fse_error_log_fops = {
	.owner		= THIS_MODULE,
	.open		= fse_error_log_open,
	.read_iter	= seq_read_iter,
	.write		= fse_error_log_write,
	.llseek		= seq_lseek,
	.release	= single_release,
};

static int fse_stats_show(struct seq_file *m, void *v)
{
	struct fse_owner *owner = m->private;
	unsigned int i;

	for (i = 0; i < FSE_STAT_NR; i++)
		seq_printf(m, "%s %lld\n", fse_stats[i].key,
			   atomic64_read(&owner->stats[i]));
	return 0;
}

static int fse_stats_open(struct inode *inode, struct file *file)
{
	return single_open(file, fse_stats_show, fse_instance_owner(inode));
}

const struct file_operations fse_stats_fops = {
	.owner		= THIS_MODULE,
	.open		= fse_stats_open,
	.read_iter	= seq_read_iter,
	.llseek		= seq_lseek,
	.release	= single_release,
};
