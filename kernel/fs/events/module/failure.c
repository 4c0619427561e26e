// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: functions that file systems call only when they fail.
 *
 * xfs, btrfs and f2fs have no way to report errors to anybody else in this
 * kernel. A kprobe on a function that only runs in a failure costs nothing
 * until then. The probe hints at the super block whose state is then asked
 * for, or tells of corruption. A function that this kernel does not have, or
 * that is not loaded, is no error: the next sample sees the state anyway.
 *
 * The super block is recognized by its s_fs_info: an argument of the function
 * is that pointer, or points to an object of the file system that begins with
 * it. No other fact about these objects is used.
 *
 * Context: kprobe handlers: preemption off, no sleep, no allocation, perhaps
 * on the way of an NMI; so they take no lock.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/uaccess.h>

#include "../source.h"

#ifdef CONFIG_KPROBES

/* How the argument leads to the super block. */
enum fse_key {
	FSE_KEY_SB,		/* it is the super block */
	FSE_KEY_INFO,		/* it is its s_fs_info */
	FSE_KEY_OWNED,		/* its first word is its s_fs_info */
};

/**
 * struct fse_failure - a function to look at
 * @probe: the kprobe
 * @module: module that has the function, and type of its file system
 * @arg: which argument
 * @key: what it is
 * @clue: what it says that the function is called
 * @on: the probe is registered
 */
struct fse_failure {
	struct kprobe probe;
	const char *module;
	unsigned int arg;
	enum fse_key key;
	enum fse_clue clue;
	bool on;
};

static int fse_failure_hit(struct kprobe *probe, struct pt_regs *regs);

#define FSE_FAILURE(_module, _fn, _arg, _key, _clue) {			\
	.probe = {							\
		.symbol_name = _fn,					\
		.pre_handler = fse_failure_hit,				\
	},								\
	.module = _module,						\
	.arg = _arg,							\
	.key = _key,							\
	.clue = FSE_CLUE_##_clue,					\
}

static struct fse_failure fse_failures[] = {
	FSE_FAILURE("ext4", "ext4_force_shutdown", 0, FSE_KEY_SB, STATE),
	FSE_FAILURE("xfs", "xfs_do_force_shutdown", 0, FSE_KEY_INFO, ERROR),
	FSE_FAILURE("xfs", "xlog_force_shutdown", 0, FSE_KEY_OWNED, ERROR),
	FSE_FAILURE("xfs", "xfs_corruption_error", 2, FSE_KEY_INFO, CORRUPTED),
	FSE_FAILURE("xfs", "xfs_inode_mark_sick", 0, FSE_KEY_OWNED, CORRUPTED),
	FSE_FAILURE("xfs", "xfs_ag_mark_sick", 0, FSE_KEY_OWNED, CORRUPTED),
	FSE_FAILURE("xfs", "xfs_fs_mark_sick", 0, FSE_KEY_INFO, CORRUPTED),
	FSE_FAILURE("btrfs", "__btrfs_handle_fs_error", 0, FSE_KEY_INFO, ERROR),
	FSE_FAILURE("f2fs", "f2fs_stop_checkpoint", 0, FSE_KEY_INFO, ERROR),
};

static bool fse_failure_of(const struct fse_failure *f, unsigned long arg,
			   const struct super_block *sb)
{
	unsigned long word;

	switch (f->key) {
	case FSE_KEY_SB:
		return arg == (unsigned long)sb;
	case FSE_KEY_INFO:
		return arg == (unsigned long)sb->s_fs_info;
	case FSE_KEY_OWNED:
		if (copy_from_kernel_nofault(&word, (void *)arg, sizeof(word)))
			return false;
		return word == (unsigned long)sb->s_fs_info;
	}
	return false;
}

struct fse_failure_match {
	const struct fse_failure *failure;
	unsigned long arg;
};

static bool fse_failure_match(const struct fse_sb *es, const void *data)
{
	const struct fse_failure_match *m = data;

	return !strcmp(es->sb->s_type->name, m->failure->module) &&
	       fse_failure_of(m->failure, m->arg, es->sb);
}

static int fse_failure_hit(struct kprobe *probe, struct pt_regs *regs)
{
	struct fse_failure *f = container_of(probe, struct fse_failure, probe);
	struct fse_failure_match m = {
		.failure = f,
		.arg = regs_get_kernel_argument(regs, f->arg),
	};
	struct fse_sb *es;

	rcu_read_lock();
	es = fse_sb_find_if(fse_failure_match, &m);
	if (es)
		fse_state_hint(es, f->clue);
	rcu_read_unlock();
	return 0;
}

static DEFINE_MUTEX(fse_failure_mutex);
static bool fse_failure_on;

/* Under fse_failure_mutex. */
static void fse_failure_add(struct fse_failure *f)
{
	if (f->on)
		return;
	/* What an earlier registration left in it would be taken for input. */
	f->probe.addr = NULL;
	f->probe.flags = 0;
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
		if (strcmp(mod->name, fse_failures[i].module))
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

int fse_failure_start(void)
{
	return 0;
}

void fse_failure_stop(void)
{
}

#endif /* CONFIG_KPROBES */
