/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: a config write under way, or a netlink command that asks
 * for the same.
 */
#ifndef _FS_EVENTS_CONFIG_H
#define _FS_EVENTS_CONFIG_H

#include <linux/path.h>

#include "internal.h"

/**
 * struct fse_change - a request, ready to be played
 * @node: in the order of requests
 * @op: what is asked
 * @by_id: about the watch with the entry id @id; there is no path
 * @id: the entry id
 * @types: types named
 * @events: generic events named
 * @sources: events that it keeps notify and sources on for, the watch's later
 * @account: space budget of the file system, if the request may need it; its
 *	state's later
 * @mount: where the path or id stands in the write
 * @type: where the types stand
 * @path: the mount; held
 * @set: new levels, space and inodes
 * @watch: the watch to make, if there is none yet
 * @es: state of the super block, if there is none yet
 * @claimed: state of the super block, which stays until this is done; a reference
 * @anchor: tie to this mount, with its path; the watch's later
 * @of: what its request is about; NULL: a request that came later removes it
 * @slow: its writer may do no more than watch privately
 * @draft: what a watch will be, if it is the first request about it
 */
struct fse_change {
	struct list_head node;
	enum fse_op op;
	bool by_id;
	u32 id;
	unsigned int types;
	u32 events;
	u32 sources;
	struct fse_account *account;
	struct fse_span mount;
	struct fse_span type[FSE_TYPE_NR];
	struct path path;
	struct fse_level_set *set[2];
	struct fse_watch *watch;
	struct fse_sb *es;
	struct fse_sb *claimed;
	struct fse_anchor *anchor;
	struct fse_draft *of;
	bool slow;

	struct fse_draft {
		struct list_head node;
		struct fse_watch *old;		/* there is; a reference */
		struct fse_watch *watch;	/* there will be; see @made */
		bool made;			/* it has a reference to it */
		bool flipped;			/* it has changed, or is there */
		struct fse_change *maker;	/* made it, if it is another */
		struct fse_change *tie;		/* the last to name a mount */
		unsigned int types;
		u32 events;
		/* Of these types the levels and their states start afresh. */
		unsigned int fresh;
		struct fse_change *generic;	/* the last to say G */
		u32 sources;			/* to give back, if none does */
		struct fse_change *levels[2];
	} draft;
};

/**
 * struct fse_write - a write under way
 * @text: the write; spans are pieces of it
 * @len: its bytes
 * @request: netlink: the only request; @text is not used, and spans are
 *	attributes, from the first one
 * @owner: whose watches it is about: of the instance of fstrace, or the socket
 * @admin: their maker has CAP_SYS_ADMIN in the initial user namespace
 * @user: what their maker is counted by, or NULL
 * @charged: watches that were counted, and are not published yet
 * @reused: watches that are going to take the place of one that is removed
 * @net: network namespace that events of new watches go to, or NULL
 * @file: the open file, which may be a socket
 * @stream: whose private watches it is about; NULL: global ones
 * @foreign: it removes watches of other user namespaces
 * @error: why it is refused
 * @changes: its requests
 * @drafts: what will be, one per watch
 * @ended: watches that it ended
 * @set: netlink: id of the watch that was set
 * @numbers: netlink: when that was
 */
struct fse_write {
	const char *text;
	size_t len;
	const struct fse_request *request;
	struct fse_owner *owner;
	bool admin;
	struct fse_user *user;
	unsigned int charged;
	unsigned int reused;
	struct fse_net *net;
	const struct file *file;
	struct fse_stream *stream;
	bool foreign;
	struct fse_error *error;
	struct list_head changes;
	struct list_head drafts;
	struct list_head ended;
	u32 set;
	struct fse_numbers numbers;
};

/* prepare.c */
int fse_refuse(struct fse_write *w, int err, struct fse_span word,
	       const char *why);
int fse_no_memory(struct fse_write *w);
bool fse_may(const struct fse_write *w, struct user_namespace *ns);
bool fse_may_quietly(const struct fse_write *w, struct user_namespace *ns);
int fse_prepare_all(struct fse_write *w);
void fse_change_free(struct fse_change *change);
int fse_mount_look_up(const char *name, struct path *path, const char **why);
struct fse_net *fse_maker_net(const struct fse_write *w, const struct net *net);

/* config.c */
int fse_write_carry_out(struct fse_write *w);

#endif /* _FS_EVENTS_CONFIG_H */
