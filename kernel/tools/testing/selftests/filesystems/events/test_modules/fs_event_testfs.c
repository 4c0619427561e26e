// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file system that only reports file system events, like an out-of-tree one:
 * it registers with fs_event_register_sb() and accounts for imaginary space.
 *
 *	mount -t fs_event_testfs -o size=BLOCKS,cap=MASK,flags=MASK none /mnt
 *
 * fs_event_cluster is the same, but that it looks like gfs2 on a disk: the subsystem
 * knows a driver by the names of its functions.
 *
 * Commands, written to its file "control":
 *
 *	notify ID ERRNO TIMES process|softirq|hardirq	fs_event_notify_err()
 *	alloc BLOCKS			takes blocks
 *	free BLOCKS			frees them
 *	send ID SIZE TEXT		fs_netlink_send_event(); no TEXT: no payload;
 *					a negative number: fails with that errno
 *	fail MASK			sets the lasting failures that ->failed
 *					returns, from the next join on
 *	readonly			turns read-only, as after an error
 *	hold				lets calls of ->statfs by kernel threads wait
 *	release				ends that
 *	leave				fs_event_unregister_sb()
 *	join				fs_event_register_sb(); mount and umount do
 *					both as well
 *
 * Reading it returns "avail BLOCKS statfs CALLS query CALLS active KEY accounting
 * KEY held CALLS": calls of methods, whether the static keys are enabled, and calls
 * of ->statfs that wait.
 *
 * Context: process context, except where "notify" names another. A command is
 * complete when write(2) returns.
 */
#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/fs_event.h>
#include <linux/fs_parser.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#include <net/netlink.h>

/* v6.19: what simple_fill_super() made needs no other end */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define kill_anon_super	kill_litter_super
#endif
/* v7.0: an allocator that knows the type */
#ifndef kzalloc_obj
#define kzalloc_obj(p, gfp)	kzalloc(sizeof(p), gfp)
#endif

#define TESTFS_MAGIC	0x66737474
#define TESTFS_CONTROL	2	/* inode number */
#define TESTFS_WORDS	128	/* longest write */
/* Limits the time with interrupts off. */
#define TESTFS_CHUNK	1000

struct testfs {
	struct fs_trace_info info;
	u64 size;
	u32 failed;
	atomic64_t avail;
	atomic64_t statfs;
	atomic64_t query;
	atomic_t held;
	bool hold;
	wait_queue_head_t release;
};

static void testfs_query(struct super_block *sb, u64 *avail)
{
	struct testfs *fs = sb->s_fs_info;

	atomic64_inc(&fs->query);
	*avail = atomic64_read(&fs->avail);
}

static u32 testfs_failed(struct super_block *sb)
{
	struct testfs *fs = sb->s_fs_info;

	return READ_ONCE(fs->failed);
}

static const struct fs_trace_operations testfs_trace_ops = {
	.query	= testfs_query,
};

static const struct fs_trace_operations testfs_failing_ops = {
	.query	= testfs_query,
	.failed	= testfs_failed,
};

static int testfs_statfs(struct dentry *dentry, struct kstatfs *st)
{
	struct testfs *fs = dentry->d_sb->s_fs_info;

	atomic64_inc(&fs->statfs);
	st->f_type = TESTFS_MAGIC;
	st->f_bsize = PAGE_SIZE;
	st->f_blocks = fs->size;
	st->f_bavail = atomic64_read(&fs->avail);
	st->f_bfree = st->f_bavail;
	st->f_namelen = NAME_MAX;
	return 0;
}

static int gfs2_testfs_statfs(struct dentry *dentry, struct kstatfs *st)
{
	struct testfs *fs = dentry->d_sb->s_fs_info;

	if (current->flags & PF_KTHREAD) {
		atomic_inc(&fs->held);
		wait_event(fs->release, !READ_ONCE(fs->hold));
		atomic_dec(&fs->held);
	}
	return testfs_statfs(dentry, st);
}

static const struct super_operations testfs_super_ops = {
	.statfs		= testfs_statfs,
};

static const struct super_operations testfs_cluster_ops = {
	.statfs		= gfs2_testfs_statfs,
};

/* --- notifications from each context -------------------------------------- */

struct testfs_storm {
	struct super_block *sb;
	struct inode *inode;
	unsigned int id;
	int error;
	unsigned int left;
	struct irq_work hard;
	struct tasklet_struct soft;
	struct completion done;
};

static void testfs_notify_some(struct testfs_storm *s)
{
	unsigned int nr = min(s->left, TESTFS_CHUNK);

	s->left -= nr;
	while (nr--)
		fs_event_notify_err(s->sb, s->id, s->inode, s->error);
}

static void testfs_in_hardirq(struct irq_work *work)
{
	struct testfs_storm *s = container_of(work, struct testfs_storm, hard);

	WARN_ON_ONCE(!in_hardirq());
	testfs_notify_some(s);
	complete(&s->done);
}

static void testfs_in_softirq(struct tasklet_struct *tasklet)
{
	struct testfs_storm *s = from_tasklet(s, tasklet, soft);

	WARN_ON_ONCE(!in_serving_softirq());
	testfs_notify_some(s);
	complete(&s->done);
}

static int testfs_notify(struct inode *inode, const char *words)
{
	struct testfs_storm *s;
	char context[16];
	int err = 0;

	s = kzalloc_obj(*s, GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	s->sb = inode->i_sb;
	s->inode = inode;
	s->hard = IRQ_WORK_INIT_HARD(testfs_in_hardirq);
	tasklet_setup(&s->soft, testfs_in_softirq);
	if (sscanf(words, "%u %d %u %15s", &s->id, &s->error, &s->left,
		   context) != 4)
		err = -EINVAL;
	while (!err && s->left) {
		init_completion(&s->done);
		if (!strcmp(context, "process")) {
			testfs_notify_some(s);
			complete(&s->done);
			cond_resched();
		} else if (!strcmp(context, "hardirq")) {
			irq_work_queue(&s->hard);
		} else if (!strcmp(context, "softirq")) {
			tasklet_schedule(&s->soft);
		} else {
			err = -EINVAL;
			break;
		}
		wait_for_completion(&s->done);
	}
	irq_work_sync(&s->hard);
	tasklet_kill(&s->soft);
	kfree(s);
	return err;
}

/* --- space ---------------------------------------------------------------- */

static int testfs_space(struct super_block *sb, const char *words, bool freed)
{
	struct testfs *fs = sb->s_fs_info;
	u64 nr;

	if (kstrtou64(words, 10, &nr))
		return -EINVAL;
	if (freed) {
		atomic64_add(nr, &fs->avail);
		fs_event_free_space(sb, nr);
	} else {
		atomic64_sub(nr, &fs->avail);
		fs_event_alloc_space(sb, nr);
	}
	return 0;
}

static int testfs_fail(struct super_block *sb, const char *words)
{
	struct testfs *fs = sb->s_fs_info;
	u32 failed;

	if (kstrtou32(words, 10, &failed))
		return -EINVAL;
	WRITE_ONCE(fs->failed, failed);
	fs->info.ops = &testfs_failing_ops;
	return 0;
}

/* --- private events ------------------------------------------------------- */

static int testfs_compose(struct sk_buff *skb, void *text)
{
	int err;

	if (!kstrtoint(text, 10, &err) && err < 0)
		return err;
	return nla_put_string(skb, FS_NL_A_PRIVATE, text);
}

static int testfs_send(const char *words)
{
	char text[TESTFS_WORDS] = "";
	unsigned int id, size;

	if (sscanf(words, "%u %u %127s", &id, &size, text) < 2)
		return -EINVAL;
	return fs_netlink_send_event(size, id, *text ? testfs_compose : NULL,
				     text);
}

/* --- the file "control" --------------------------------------------------- */

static int testfs_do(struct inode *inode, char *line)
{
	struct super_block *sb = inode->i_sb;
	struct testfs *fs = sb->s_fs_info;
	char *word = strsep(&line, " ");

	if (!strcmp(word, "leave")) {
		fs_event_unregister_sb(sb);
		return 0;
	}
	if (!strcmp(word, "readonly")) {
		sb->s_flags |= SB_RDONLY;
		return 0;
	}
	if (!strcmp(word, "hold") || !strcmp(word, "release")) {
		WRITE_ONCE(fs->hold, *word == 'h');
		wake_up_all(&fs->release);
		return 0;
	}
	if (!strcmp(word, "join"))
		return fs_event_register_sb(sb, &fs->info);
	if (!line)
		return -EINVAL;
	if (!strcmp(word, "notify"))
		return testfs_notify(inode, line);
	if (!strcmp(word, "alloc"))
		return testfs_space(sb, line, false);
	if (!strcmp(word, "free"))
		return testfs_space(sb, line, true);
	if (!strcmp(word, "fail"))
		return testfs_fail(sb, line);
	if (!strcmp(word, "send"))
		return testfs_send(line);
	return -EINVAL;
}

static ssize_t testfs_write(struct file *file, const char __user *from,
			    size_t len, loff_t *pos)
{
	char line[TESTFS_WORDS];
	int err;

	if (!len || len >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, from, len))
		return -EFAULT;
	line[len] = '\0';
	err = testfs_do(file_inode(file), strim(line));
	return err ?: len;
}

static ssize_t testfs_read(struct file *file, char __user *to, size_t len,
			   loff_t *pos)
{
	struct testfs *fs = file_inode(file)->i_sb->s_fs_info;
	char line[TESTFS_WORDS];
	int nr;

	nr = scnprintf(line, sizeof(line),
		       "avail %lld statfs %lld query %lld active %d accounting %d held %d\n",
		       atomic64_read(&fs->avail), atomic64_read(&fs->statfs),
		       atomic64_read(&fs->query),
		       static_key_enabled(&fs_event_active.key),
		       static_key_enabled(&fs_event_accounting.key),
		       atomic_read(&fs->held));
	return simple_read_from_buffer(to, len, pos, line, nr);
}

static const struct file_operations testfs_control_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.read	= testfs_read,
	.write	= testfs_write,
	.llseek	= default_llseek,
};

/* --- mount ---------------------------------------------------------------- */

enum {
	TESTFS_SIZE,
	TESTFS_CAP,
	TESTFS_FLAGS,
};

static const struct fs_parameter_spec testfs_parameters[] = {
	fsparam_u64("size", TESTFS_SIZE),
	fsparam_u32("cap", TESTFS_CAP),
	fsparam_u32("flags", TESTFS_FLAGS),
	{}
};

static int testfs_parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct testfs *fs = fc->s_fs_info;
	struct fs_parse_result result;
	int opt = fs_parse(fc, testfs_parameters, param, &result);

	switch (opt) {
	case TESTFS_SIZE:
		fs->size = result.uint_64;
		return 0;
	case TESTFS_CAP:
		fs->info.events_cap_mask = result.uint_32;
		return 0;
	case TESTFS_FLAGS:
		fs->info.flags = result.uint_32;
		return 0;
	default:
		return opt;
	}
}

static struct file_system_type testfs_type;

static int testfs_fill_super(struct super_block *sb, struct fs_context *fc)
{
	static const struct tree_descr files[] = {
		[TESTFS_CONTROL] = { "control", &testfs_control_fops, 0600 },
		{ "" },
	};
	struct testfs *fs = sb->s_fs_info;
	int err;

	atomic64_set(&fs->avail, fs->size);
	err = simple_fill_super(sb, TESTFS_MAGIC, files);
	if (err)
		return err;
	sb->s_op = fc->fs_type == &testfs_type ? &testfs_super_ops :
						 &testfs_cluster_ops;
	return fs_event_register_sb(sb, &fs->info);
}

static int testfs_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, testfs_fill_super);
}

static void testfs_free(struct fs_context *fc)
{
	kfree(fc->s_fs_info);
}

static const struct fs_context_operations testfs_context_ops = {
	.parse_param	= testfs_parse_param,
	.get_tree	= testfs_get_tree,
	.free		= testfs_free,
};

static int testfs_init_fs_context(struct fs_context *fc)
{
	struct testfs *fs = kzalloc_obj(*fs, GFP_KERNEL);

	if (!fs)
		return -ENOMEM;
	init_waitqueue_head(&fs->release);
	fs->size = 1000000;
	fs->info.ops = &testfs_trace_ops;
	fc->s_fs_info = fs;
	fc->ops = &testfs_context_ops;
	return 0;
}

static void testfs_kill_sb(struct super_block *sb)
{
	kill_anon_super(sb);
	fs_event_unregister_sb(sb);
	kfree(sb->s_fs_info);
}

static struct file_system_type testfs_type = {
	.owner			= THIS_MODULE,
	.name			= "fs_event_testfs",
	.init_fs_context	= testfs_init_fs_context,
	.parameters		= testfs_parameters,
	.kill_sb		= testfs_kill_sb,
};
MODULE_ALIAS_FS("fs_event_testfs");

/* It has no disk, but says that it needs one. */
static struct file_system_type testfs_cluster_type = {
	.owner			= THIS_MODULE,
	.name			= "fs_event_cluster",
	.fs_flags		= FS_REQUIRES_DEV,
	.init_fs_context	= testfs_init_fs_context,
	.parameters		= testfs_parameters,
	.kill_sb		= testfs_kill_sb,
};
MODULE_ALIAS_FS("fs_event_cluster");

static int __init testfs_init(void)
{
	int err = register_filesystem(&testfs_type);

	if (err)
		return err;
	err = register_filesystem(&testfs_cluster_type);
	if (err)
		unregister_filesystem(&testfs_type);
	return err;
}

static void __exit testfs_exit(void)
{
	unregister_filesystem(&testfs_cluster_type);
	unregister_filesystem(&testfs_type);
}

module_init(testfs_init);
module_exit(testfs_exit);

MODULE_DESCRIPTION("File system that tests file system events");
MODULE_LICENSE("GPL");
