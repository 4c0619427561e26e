// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: the virtual file system fstrace.
 *
 * Every mount is an instance of its own, as with procfs, so that no process can
 * keep another from mounting it. What an instance shows belongs to the
 * user namespace that mounted it. Unmounting one changes no watch.
 *
 * Lifetime: a super block refers to its owner; the module stays while there
 * is one. Inodes and dentries live as long as the super block.
 *
 * Context: process context.
 */
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/fs_struct.h>
#include <linux/kobject.h>
#include <linux/math64.h>
#include <linux/memcontrol.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/sysfs.h>
#include <linux/uio.h>
#include <linux/user_namespace.h>

#include "escape.h"
#include "grammar.h"
#include "internal.h"

#define FSE_ROOT_MODE		0755
#define FSE_SYSFS_DIR		"events"

/**
 * struct fse_options - mount options
 * @uid: owner of all files
 * @gid: group of all files
 * @mode: permissions of the root directory
 * @given: which were given, and hold for all files still; bits of enum fse_param
 */
struct fse_options {
	kuid_t uid;
	kgid_t gid;
	umode_t mode;
	unsigned long given;
};

/**
 * struct fse_instance - one mount
 * @owner: whose watches it shows
 * @options: its mount options
 */
struct fse_instance {
	struct fse_owner *owner;
	struct fse_options options;
};

/**
 * fse_instance_owner - whose watches a file of fstrace is about
 * @inode: the file
 */
static struct fse_owner *fse_instance_owner(const struct inode *inode)
{
	const struct fse_instance *instance = inode->i_sb->s_fs_info;

	return instance->owner;
}

static struct fse_stream *fse_stream_of(const struct file *file)
{
	return file->private_data;
}

/*
 * The stream of a file that is opened, counted for the opener, or an error
 * pointer.
 */
static struct fse_stream *fse_stream_open(struct inode *inode)
{
	struct fse_user *user = NULL;
	struct fse_stream *s;

	if (!ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN)) {
		user = fse_user_get(current_cred());
		if (!user)
			return ERR_PTR(-ENOMEM);
		if (!fse_user_charge(user, FSE_LIMIT_OPEN)) {
			fse_user_put(user);
			return ERR_PTR(-EMFILE);
		}
	}
	s = fse_stream_alloc(fse_instance_owner(inode));
	if (s) {
		s->user = user;
		return s;
	}
	fse_user_uncharge(user, FSE_LIMIT_OPEN);
	fse_user_put(user);
	return ERR_PTR(-ENOMEM);
}

static void fse_stream_release(struct fse_stream *s)
{
	struct fse_user *user = s->user;

	fse_stream_close(s);
	fse_user_uncharge(user, FSE_LIMIT_OPEN);
	fse_user_put(user);
}

static int fse_too_long(struct fse_error *error)
{
	error->err = -E2BIG;
	error->word.off = FSE_MAX_WRITE;
	error->word.len = 1;
	error->why = "more than 64 KiB in one write";
	return -E2BIG;
}

/**
 * fse_requests_write - a write of watch requests
 * @iocb: to which file
 * @from: the requests, in however many pieces; they are one transaction
 * @stream: whose private watches it is about; NULL: global ones
 *
 * Return: all of it, or a negative errno; then nothing has changed.
 */
static ssize_t fse_requests_write(struct kiocb *iocb, struct iov_iter *from,
				  struct fse_stream *stream)
{
	const struct file *file = iocb->ki_filp;
	struct fse_owner *owner = fse_instance_owner(file_inode(file));
	size_t len = iov_iter_count(from);
	struct fse_error error = {};
	size_t have = min_t(size_t, len, FSE_MAX_WRITE + 1);
	char *text;
	int err;

	if (!len)
		return 0;
	text = kvmalloc(have, GFP_KERNEL_ACCOUNT);
	if (!text)
		return -ENOMEM;
	err = -EFAULT;
	if (!copy_from_iter_full(text, have, from))
		goto out;
	if (len > FSE_MAX_WRITE)
		err = fse_too_long(&error);
	else
		err = fse_config_apply(text, len, owner, file, stream, &error);
	if (err)
		fse_count(owner, FSE_STAT_REFUSED, 1);
	if (err && stream)
		fse_stream_refuse(stream, &error);
	else if (err)
		fse_log_refusal(owner, text, have, &error);
out:
	kvfree(text);
	return err ?: len;
}

/* --- events: what happens to file systems that are watched through config -- */

static int fse_events_open(struct inode *inode, struct file *file)
{
	struct fse_stream *s = fse_stream_open(inode);

	if (IS_ERR(s))
		return PTR_ERR(s);
	if (fse_events_join(s)) {
		fse_stream_release(s);
		return -ENOMEM;
	}
	file->private_data = s;
	return stream_open(inode, file);
}

static ssize_t fse_events_read(struct kiocb *iocb, struct iov_iter *to)
{
	return fse_stream_read(fse_stream_of(iocb->ki_filp), iocb, to);
}

static __poll_t fse_events_poll(struct file *file, poll_table *wait)
{
	return fse_stream_poll(fse_stream_of(file), file, wait);
}

static int fse_events_release(struct inode *inode, struct file *file)
{
	struct fse_stream *s = fse_stream_of(file);

	fse_events_leave(s);
	fse_stream_release(s);
	return 0;
}

static const struct file_operations fse_events_fops = {
	.owner		= THIS_MODULE,
	.open		= fse_events_open,
	.read_iter	= fse_events_read,
	.poll		= fse_events_poll,
	.release	= fse_events_release,
};

/*
 * --- watch: private watches, which live with the open file -------------------
 *
 * Their maker is the task that opened the file, whoever writes to it later: its
 * credentials, its root, its memory cgroup.
 */

static int fse_watch_open(struct inode *inode, struct file *file)
{
	struct fse_stream *s = fse_stream_open(inode);

	if (IS_ERR(s))
		return PTR_ERR(s);
	get_fs_root(current->fs, &s->root);
	s->memcg = get_mem_cgroup_from_mm(current->mm);
	file->private_data = s;
	return stream_open(inode, file);
}

/* Without the right to write there is never anything to read. */
static ssize_t fse_watch_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *file = iocb->ki_filp;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	return fse_stream_read(fse_stream_of(file), iocb, to);
}

static ssize_t fse_watch_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct file *file = iocb->ki_filp;
	struct fse_stream *s = fse_stream_of(file);
	struct mem_cgroup *old;
	ssize_t ret;

	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	old = set_active_memcg(s->memcg);
	ret = fse_requests_write(iocb, from, s);
	set_active_memcg(old);
	return ret;
}

static __poll_t fse_watch_poll(struct file *file, poll_table *wait)
{
	return fse_stream_poll(fse_stream_of(file), file, wait) |
	       EPOLLOUT | EPOLLWRNORM;
}

static int fse_watch_release(struct inode *inode, struct file *file)
{
	struct fse_stream *s = fse_stream_of(file);
	LIST_HEAD(ended);

	fse_watches_unpublish(s, NULL, &ended);
	fse_watches_dispose(&ended, FSE_END_SILENT);
	path_put(&s->root);
	fse_stream_release(s);
	return 0;
}

static const struct file_operations fse_watch_fops = {
	.owner		= THIS_MODULE,
	.open		= fse_watch_open,
	.read_iter	= fse_watch_read,
	.write_iter	= fse_watch_write,
	.poll		= fse_watch_poll,
	.release	= fse_watch_release,
};

/*
 * --- the files config, error_log and stats of fstrace ----------------------
 *
 * Reading config goes from watch to watch by their ids, over the seq_file
 * interface, a line a watch. It asks no file system and looks up no path.
 *
 * Context: process context; may sleep.
 */

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
	bool dead;

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
	/* Its levels are gone then. */
	dead = watch->dead;
	if (!dead)
		fse_show_types(m, watch);
	mutex_unlock(&watch->es->lock);
	seq_puts(m, ")\n");
	return dead ? SEQ_SKIP : 0;
}

/* Positions are ids of watches: the reader continues at the next remaining watch. */
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

static const struct file_operations fse_config_fops = {
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

static const struct file_operations fse_error_log_fops = {
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

static const struct file_operations fse_stats_fops = {
	.owner		= THIS_MODULE,
	.open		= fse_stats_open,
	.read_iter	= seq_read_iter,
	.llseek		= seq_lseek,
	.release	= single_release,
};

/* --- the file system ------------------------------------------------------- */

struct fse_file {
	const char *name;
	const struct file_operations *fops;
	umode_t mode;
};

static const struct fse_file fse_files[] = {
	{ "config",	&fse_config_fops,	0644 },
	{ "events",	&fse_events_fops,	0440 },
	{ "watch",	&fse_watch_fops,	0666 },
	{ "error_log",	&fse_error_log_fops,	0640 },
	{ "stats",	&fse_stats_fops,	0444 },
};

enum fse_param {
	FSE_PARAM_UID,
	FSE_PARAM_GID,
	FSE_PARAM_MODE,
	FSE_PARAM_NR
};

#define FSE_PARAM_ALL	(BIT(FSE_PARAM_UID) | BIT(FSE_PARAM_GID) |	\
			 BIT(FSE_PARAM_MODE))

static const struct fs_parameter_spec fse_params[] = {
	fsparam_uid("uid",	FSE_PARAM_UID),
	fsparam_gid("gid",	FSE_PARAM_GID),
	fsparam_u32oct("mode",	FSE_PARAM_MODE),
	{}
};

static int fse_parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct fse_options *options = fc->fs_private;
	struct fs_parse_result result;
	int opt = fs_parse(fc, fse_params, param, &result);

	switch (opt) {
	case FSE_PARAM_UID:
		options->uid = result.uid;
		break;
	case FSE_PARAM_GID:
		options->gid = result.gid;
		break;
	case FSE_PARAM_MODE:
		if (result.uint_32 & ~07777)
			return invalfc(fc, "mode %o is out of range",
				       result.uint_32);
		options->mode = result.uint_32;
		break;
	default:
		return opt;
	}
	__set_bit(opt, &options->given);
	return 0;
}

/* @which: bits of enum fse_param */
static void fse_options_apply(struct inode *inode,
			      const struct fse_options *options,
			      unsigned long which)
{
	if (test_bit(FSE_PARAM_UID, &which))
		inode->i_uid = options->uid;
	if (test_bit(FSE_PARAM_GID, &which))
		inode->i_gid = options->gid;
	if (test_bit(FSE_PARAM_MODE, &which) && S_ISDIR(inode->i_mode))
		inode->i_mode = S_IFDIR | options->mode;
}

/* chown(1) or chmod(1): does an option not hold for this file any more? */
static int fse_setattr(struct mnt_idmap *idmap, struct dentry *dentry,
		       struct iattr *attr)
{
	const struct inode *inode = d_inode(dentry);
	struct fse_instance *instance = inode->i_sb->s_fs_info;
	struct fse_options *options = &instance->options;
	int err = simple_setattr(idmap, dentry, attr);

	if (err)
		return err;
	if (!uid_eq(inode->i_uid, options->uid))
		clear_bit(FSE_PARAM_UID, &options->given);
	if (!gid_eq(inode->i_gid, options->gid))
		clear_bit(FSE_PARAM_GID, &options->given);
	if (S_ISDIR(inode->i_mode) &&
	    (inode->i_mode & S_IALLUGO) != options->mode)
		clear_bit(FSE_PARAM_MODE, &options->given);
	return 0;
}

static const struct inode_operations fse_file_iops = {
	.setattr	= fse_setattr,
};

static const struct inode_operations fse_dir_iops = {
	.lookup		= simple_lookup,
	.setattr	= fse_setattr,
};

static struct inode *fse_new_inode(struct super_block *sb, umode_t mode)
{
	const struct fse_instance *instance = sb->s_fs_info;
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = get_next_ino();
	inode->i_mode = mode;
	fse_options_apply(inode, &instance->options, FSE_PARAM_ALL);
	simple_inode_init_ts(inode);
	return inode;
}

static int fse_new_file(struct super_block *sb, const struct fse_file *file)
{
	struct dentry *dentry = d_alloc_name(sb->s_root, file->name);
	struct inode *inode;

	if (!dentry)
		return -ENOMEM;
	inode = fse_new_inode(sb, S_IFREG | file->mode);
	if (!inode) {
		dput(dentry);
		return -ENOMEM;
	}
	inode->i_op = &fse_file_iops;
	inode->i_fop = file->fops;
	d_make_persistent(dentry, inode);
	dput(dentry);
	return 0;
}

static int fse_show_options(struct seq_file *m, struct dentry *root)
{
	const struct fse_instance *instance = root->d_sb->s_fs_info;
	const struct fse_options *options = &instance->options;

	if (test_bit(FSE_PARAM_UID, &options->given))
		seq_printf(m, ",uid=%u",
			   from_kuid_munged(&init_user_ns, options->uid));
	if (test_bit(FSE_PARAM_GID, &options->given))
		seq_printf(m, ",gid=%u",
			   from_kgid_munged(&init_user_ns, options->gid));
	if (test_bit(FSE_PARAM_MODE, &options->given))
		seq_printf(m, ",mode=%o", options->mode);
	return 0;
}

static const struct super_operations fse_super_ops = {
	.statfs		= simple_statfs,
	.show_options	= fse_show_options,
};

static int fse_fill_super(struct super_block *sb, struct fs_context *fc)
{
	struct fse_instance *instance;
	struct inode *root;
	unsigned int i;
	int err;

	instance = kzalloc_obj(*instance, GFP_KERNEL_ACCOUNT);
	if (!instance)
		return -ENOMEM;
	instance->options = *(struct fse_options *)fc->fs_private;
	sb->s_fs_info = instance;
	instance->owner = fse_owner_find(fc->user_ns, GFP_KERNEL_ACCOUNT);
	if (!instance->owner)
		return -ENOMEM;

	sb->s_magic = FSTRACE_MAGIC;
	sb->s_op = &fse_super_ops;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_time_gran = 1;
	sb->s_iflags |= SB_I_NOEXEC | SB_I_NODEV;

	root = fse_new_inode(sb, S_IFDIR | instance->options.mode);
	if (!root)
		return -ENOMEM;
	root->i_op = &fse_dir_iops;
	root->i_fop = &simple_dir_operations;
	set_nlink(root, 2);
	sb->s_root = d_make_root(root);
	if (!sb->s_root)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(fse_files); i++) {
		err = fse_new_file(sb, &fse_files[i]);
		if (err)
			return err;
	}
	return 0;
}

static int fse_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, fse_fill_super);
}

/*
 * What a remount names holds for all files from now on. mount(8) names what
 * fse_show_options() shows as well: that does not include an option whose files
 * were given to others since, so it does not take these back.
 */
static int fse_reconfigure(struct fs_context *fc)
{
	const struct fse_options *named = fc->fs_private;
	struct super_block *sb = fc->root->d_sb;
	struct fse_instance *instance = sb->s_fs_info;
	struct fse_options *options = &instance->options;
	struct inode *inode;
	unsigned int opt;

	sync_filesystem(sb);
	options->uid = named->uid;
	options->gid = named->gid;
	options->mode = named->mode;
	for_each_set_bit(opt, &named->given, FSE_PARAM_NR)
		set_bit(opt, &options->given);
	spin_lock(&sb->s_inode_list_lock);
	list_for_each_entry(inode, &sb->s_inodes, i_sb_list)
		fse_options_apply(inode, options, named->given);
	spin_unlock(&sb->s_inode_list_lock);
	return 0;
}

static void fse_free_fc(struct fs_context *fc)
{
	kfree(fc->fs_private);
}

static const struct fs_context_operations fse_context_ops = {
	.free		= fse_free_fc,
	.parse_param	= fse_parse_param,
	.get_tree	= fse_get_tree,
	.reconfigure	= fse_reconfigure,
};

static int fse_init_fs_context(struct fs_context *fc)
{
	struct fse_options *options = kzalloc_obj(*options, GFP_KERNEL);

	if (!options)
		return -ENOMEM;
	if (fc->purpose == FS_CONTEXT_FOR_RECONFIGURE) {
		const struct fse_instance *instance =
			fc->root->d_sb->s_fs_info;

		*options = instance->options;
		options->given = 0;
	} else {
		options->uid = make_kuid(fc->user_ns, 0);
		options->gid = make_kgid(fc->user_ns, 0);
		if (!uid_valid(options->uid))
			options->uid = current_fsuid();
		if (!gid_valid(options->gid))
			options->gid = current_fsgid();
		options->mode = FSE_ROOT_MODE;
	}
	fc->fs_private = options;
	fc->ops = &fse_context_ops;
	return 0;
}

static void fse_kill_sb(struct super_block *sb)
{
	struct fse_instance *instance = sb->s_fs_info;

	kill_anon_super(sb);
	if (!instance)
		return;
	if (instance->owner)
		fse_owner_put(instance->owner);
	kfree(instance);
}

static struct file_system_type fse_fs_type = {
	.owner			= THIS_MODULE,
	.name			= "fstrace",
	.init_fs_context	= fse_init_fs_context,
	.parameters		= fse_params,
	.kill_sb		= fse_kill_sb,
	.fs_flags		= FS_USERNS_MOUNT,
};

int __init fse_fstrace_init(void)
{
	int err = sysfs_create_mount_point(fs_kobj, FSE_SYSFS_DIR);

	if (err)
		return err;
	err = register_filesystem(&fse_fs_type);
	if (err)
		sysfs_remove_mount_point(fs_kobj, FSE_SYSFS_DIR);
	return err;
}

void fse_fstrace_exit(void)
{
	unregister_filesystem(&fse_fs_type);
	sysfs_remove_mount_point(fs_kobj, FSE_SYSFS_DIR);
}
