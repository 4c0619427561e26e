// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: from a write of requests to changes that are ready to be
 * played.
 *
 * What can be refused, wait or lack memory is done here, before any lock is
 * taken, but for reserving ids and attaching marks: the grammar of the whole write
 * first, so that a bad word at its end does nothing at all; then each request's
 * mount is looked up, its writer's right to watch it and the file system's
 * abilities are checked, and all that it may need is allocated. The path is held
 * until the end of the write, so the super block stays.
 *
 * Context: process context of the writer, no locks; may sleep as stat(2) may.
 */
#include <linux/cred.h>
#include <linux/memcontrol.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/string.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>

#include "account.h"
#include "config.h"
#include "internal.h"

int fse_refuse(struct fse_write *w, int err, struct fse_span word,
	       const char *why)
{
	return fse_error_set(w->error, err, word, why);
}

int fse_no_memory(struct fse_write *w)
{
	struct fse_span nothing = {};

	return fse_refuse(w, -ENOMEM, nothing, "out of memory");
}

static bool fse_capable_quietly(const struct cred *cred,
				struct user_namespace *ns)
{
	const struct cred *old = override_creds(cred);
	bool capable = ns_capable_noaudit(ns, CAP_SYS_ADMIN);

	revert_creds(old);
	return capable;
}

/* Both the opener of the file and the writer; a refusal is audited. */
bool fse_may(const struct fse_write *w, struct user_namespace *ns)
{
	return file_ns_capable(w->file, ns, CAP_SYS_ADMIN) &&
	       ns_capable(ns, CAP_SYS_ADMIN);
}

/* The same where a refusal is normal. */
bool fse_may_quietly(const struct fse_write *w, struct user_namespace *ns)
{
	return fse_capable_quietly(current_cred(), ns) &&
	       fse_capable_quietly(w->file->f_cred, ns);
}

/**
 * fse_maker_net - where the events of a writer's new watches go
 * @w: the write; its file is set
 * @net: the network namespace that the writer asks from, kept by the caller
 *
 * Listeners in the multicast groups take what they hear for the word of their
 * own administrator. So opener and writer both need CAP_SYS_ADMIN over the
 * user namespace that owns the network namespace.
 *
 * Return: what belongs to the network namespace, or NULL when they may not.
 */
struct fse_net *fse_maker_net(const struct fse_write *w, const struct net *net)
{
	return fse_may_quietly(w, net->user_ns) ? fse_net(net) : NULL;
}

static const char *fse_path_why(int err)
{
	switch (err) {
	case -ENOENT:
		return "no such path";
	case -ENOTDIR:
		return "part of the path is not a directory";
	case -EACCES:
		return "path can not be searched";
	case -ELOOP:
		return "too many symbolic links";
	case -ENAMETOOLONG:
		return "path too long";
	default:
		return "path can not be looked up";
	}
}

/* The maker of a private watch is the opener of the file. */
static const struct cred *fse_maker(const struct fse_write *w)
{
	return w->stream ? w->file->f_cred : current_cred();
}

/*
 * Levels take no more than statfs(2) does: the path must be searchable, for
 * the writer, as it was, and for the opener of the file, whose stream shows the
 * events. Both must reach the same mount.
 */
static int fse_may_privately(struct fse_write *w, const struct fse_change *c,
			     const char *name)
{
	const struct cred *old;
	struct path path;
	int err;

	if (c->slow && c->op == FSE_OP_SET && c->types & FSE_TYPE_G)
		return fse_refuse(w, -EPERM, c->type[0],
				  "needs CAP_SYS_ADMIN over the file system");
	old = override_creds(fse_maker(w));
	err = vfs_path_lookup(w->stream->root.dentry, w->stream->root.mnt,
			      name, LOOKUP_FOLLOW, &path);
	revert_creds(old);
	if (err)
		return fse_refuse(w, err, c->mount,
				  "the opener of the file cannot look it up");
	if (!path_equal(&path, &c->path))
		err = fse_refuse(w, -EPERM, c->mount,
				 "another mount for the opener of the file");
	path_put(&path);
	return err;
}

/**
 * fse_mount_look_up - find a mount for the running process
 * @name: its path
 * @path: set to the root of it, to be put, unless there is no path at all
 * @why: set to a few words for people when it fails
 *
 * Return: 0 or a negative errno.
 */
int fse_mount_look_up(const char *name, struct path *path, const char **why)
{
	int err = kern_path(name, LOOKUP_FOLLOW, path);

	if (err) {
		*why = fse_path_why(err);
		return err;
	}
	if (path->dentry == path->mnt->mnt_root)
		return 0;
	*why = "not a mount point";
	return -EINVAL;
}

static int fse_look_up(struct fse_write *w, struct fse_change *c,
		       const char *name)
{
	const struct super_block *sb;
	const char *why;
	int err = fse_mount_look_up(name, &c->path, &why);

	if (err)
		return fse_refuse(w, err, c->mount, why);
	sb = c->path.mnt->mnt_sb;
	c->slow = w->stream ? !fse_may_quietly(w, sb->s_user_ns) :
			      !fse_may(w, sb->s_user_ns);
	if (w->stream)
		err = fse_may_privately(w, c, name);
	else if (c->slow)
		err = fse_refuse(w, -EPERM, c->mount,
				 "needs CAP_SYS_ADMIN over the file system");
	if (!err)
		fse_orphans_end(sb);
	return err;
}

/*
 * Can nothing ever be written to it, whatever it is mounted like? squashfs,
 * erofs, iso9660 and their kind have all space used for good. One that is
 * mounted read-only for now has directories that files can be made in.
 */
static bool fse_image(const struct super_block *sb)
{
	return sb_rdonly(sb) && !d_inode(sb->s_root)->i_op->create;
}

static int fse_check_levels(struct fse_write *w, const struct fse_request *req,
			    const struct super_block *sb,
			    const struct kstatfs *st)
{
	const struct fse_gauge space = {
		.total = st->f_blocks,
		.frsize = st->f_frsize ?: st->f_bsize,
	};
	const struct fse_gauge inodes = { .total = st->f_files };

	return fse_levels_fit(req, &space, &inodes, fse_image(sb), w->error);
}

/* The path as its maker sees it, and as workers do. */
static bool fse_anchor_name(struct fse_anchor *anchor, const struct path *path)
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL_ACCOUNT);
	char *s;

	if (!buf)
		return false;
	s = fse_mount_path(path, buf, PATH_MAX);
	if (!IS_ERR(s))
		anchor->name = fse_string_alloc(s, GFP_KERNEL_ACCOUNT);
	anchor->seen = fse_mount_seen(path, buf, PATH_MAX);
	kfree(buf);
	return anchor->name && anchor->seen;
}

/*
 * Has the directory figures of its own? One behind a bind mount may hand down a
 * project with a limit. @dentry: set to the directory, or NULL when it has not. A
 * global watch is about the whole file system.
 */
static int fse_check_figures(struct fse_write *w, const struct fse_change *c,
			     const struct kstatfs *st, struct dentry **dentry)
{
	struct super_block *sb = c->path.mnt->mnt_sb;
	const struct cred *old;
	struct kstatfs root = {};
	int err;

	*dentry = NULL;
	if (c->path.dentry == sb->s_root)
		return 0;
	old = override_creds(fse_maker(w));
	err = sb->s_op->statfs(sb->s_root, &root);
	revert_creds(old);
	if (err || (root.f_blocks == st->f_blocks &&
		    root.f_files == st->f_files))
		return 0;
	if (w->stream) {
		*dentry = c->path.dentry;
		return 0;
	}
	if (!(c->types & (FSE_TYPE_T | FSE_TYPE_I)))
		return 0;
	return fse_refuse(w, -EOPNOTSUPP,
			  c->type[c->types & FSE_TYPE_T ? 1 : 2],
			  "the directory has figures of its own: use watch");
}

/*
 * May the watch need the space budget? With generic events a private watch is no
 * longer slow, and may have levels already.
 */
static bool fse_may_account(const struct fse_write *w,
			    const struct fse_change *c)
{
	/* Makers with limits may have many file systems of their own. */
	if (c->slow || w->user)
		return false;
	return c->types & FSE_TYPE_T || c->events & BIT(FS_WARN_ENOSPC) ||
	       (w->stream && c->types & FSE_TYPE_G);
}

/* Static keys, sources and counters: writers without privilege need none. */
static int fse_prepare_sources(struct fse_write *w, struct fse_change *c)
{
	int err = 0;

	if (c->types & FSE_TYPE_G) {
		err = fse_generic_get(c->events);
		if (!err)
			c->sources = c->events;
	}
	if (!err && fse_may_account(w, c))
		err = fse_account_enable(c->path.mnt->mnt_sb, &c->account);
	return err ? fse_no_memory(w) : 0;
}

static int fse_prepare_set(struct fse_write *w, struct fse_change *c,
			   const struct fse_request *req)
{
	const struct cred *old = override_creds(fse_maker(w));
	struct dentry *dentry;
	struct kstatfs st;
	int err = vfs_statfs(&c->path, &st);

	revert_creds(old);
	if (err)
		return fse_refuse(w, err, c->mount,
				  "the file system does not give its figures");
	err = fse_check_figures(w, c, &st, &dentry);
	if (!err)
		err = fse_check_levels(w, req, c->path.mnt->mnt_sb, &st);
	if (!err)
		err = fse_prepare_sources(w, c);
	if (err)
		return err;
	if (req->nr_space) {
		c->set[FSE_SPACE] = fse_set_alloc(FSE_SPACE, req->space, req->nr_space);
		if (!c->set[FSE_SPACE])
			return fse_no_memory(w);
	}
	if (req->nr_inodes) {
		c->set[FSE_INODES] = fse_set_alloc(FSE_INODES, req->inodes,
						   req->nr_inodes);
		if (!c->set[FSE_INODES])
			return fse_no_memory(w);
	}
	c->watch = fse_watch_alloc(&c->path, &st, fse_maker(w), w->owner,
				   w->net);
	c->es = fse_sb_alloc(c->path.mnt->mnt_sb);
	c->anchor = fse_anchor_alloc(&c->path);
	if (!c->watch || !c->es || !c->anchor)
		return fse_no_memory(w);
	c->watch->asker = fse_asker_alloc(dentry, fse_maker(w), w->owner,
					  w->user, c->slow);
	if (!c->watch->asker || !fse_anchor_name(c->anchor, &c->path))
		return fse_no_memory(w);
	c->watch->admin = w->admin;
	if (w->stream) {
		fse_stream_get(w->stream);
		c->watch->stream = w->stream;
		c->watch->slow = c->slow;
	} else {
		c->watch->memcg = get_mem_cgroup_from_mm(current->mm);
	}
	return 0;
}

static int fse_prepare(struct fse_write *w, const struct fse_request *req)
{
	struct fse_change *c = kzalloc_obj(*c, GFP_KERNEL_ACCOUNT);
	int err;

	if (!c)
		return fse_no_memory(w);
	list_add_tail(&c->node, &w->changes);
	c->op = req->op;
	c->by_id = req->by_id;
	c->id = req->id;
	c->types = req->types;
	c->events = req->events;
	c->mount = req->mount;
	memcpy(c->type, req->type, sizeof(c->type));
	if (req->by_id)
		return 0;
	err = fse_look_up(w, c, req->path);
	if (err || c->op != FSE_OP_SET)
		return err;
	return fse_prepare_set(w, c, req);
}

/* By what the maker of new watches is counted, if at all. */
static int fse_prepare_user(struct fse_write *w)
{
	w->admin = w->stream ?
		   fse_capable_quietly(fse_maker(w), &init_user_ns) :
		   fse_may_quietly(w, &init_user_ns);
	if (w->admin)
		return 0;
	w->user = fse_user_get(fse_maker(w));
	return w->user ? 0 : fse_no_memory(w);
}

/* Parses the whole text; prepares what it says, or only checks it. */
static int fse_parse_all(struct fse_write *w, struct fse_request *req,
			 bool prepare)
{
	struct fse_parser parser = { .text = w->text, .len = w->len };
	int err;

	do {
		err = fse_parse_next(&parser, req, w->error);
		if (err > 0 && prepare) {
			int refused = fse_prepare(w, req);

			if (refused)
				return refused;
		}
	} while (err > 0);
	return err;
}

/**
 * fse_prepare_all - turn a write into changes that can be played
 * @w: the write; the changes are the caller's, also on failure
 *
 * Return: 0 or a negative errno, with the error of @w filled in.
 */
int fse_prepare_all(struct fse_write *w)
{
	struct fse_request *req;
	int err = fse_prepare_user(w);

	if (err)
		return err;
	if (w->request)
		return fse_prepare(w, w->request);
	req = kvmalloc_obj(*req, GFP_KERNEL_ACCOUNT);
	if (!req)
		return fse_no_memory(w);
	err = fse_parse_all(w, req, false);
	if (!err)
		err = fse_parse_all(w, req, true);
	kvfree(req);
	return err;
}

/**
 * fse_change_free - free a change and what it still has
 * @change: the change
 *
 * Context: Process context without locks.
 */
void fse_change_free(struct fse_change *change)
{
	const struct fse_draft *d = &change->draft;
	unsigned int i;

	fse_watch_put(d->old);
	if (d->made)
		fse_watch_put(d->watch);
	fse_generic_put(d->sources);
	fse_watch_put(change->watch);
	if (change->es)
		fse_sb_discard(change->es);
	fse_anchor_destroy(change->anchor);
	for (i = 0; i < ARRAY_SIZE(change->set); i++)
		fse_set_free(change->set[i]);
	fse_generic_put(change->sources);
	fse_account_disable(change->account);
	path_put(&change->path);
	kfree(change);
}
