/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: how much a user may have.
 */
#ifndef _FS_EVENTS_LIMITS_H
#define _FS_EVENTS_LIMITS_H

struct cred;
struct fse_interval_rules;
struct fse_user;
struct fse_watch;

/* What is limited, each by itself. */
enum fse_limit {
	FSE_LIMIT_PRIVATE,	/* private watches */
	FSE_LIMIT_GLOBAL,	/* global watches */
	FSE_LIMIT_OPEN,		/* open files: events, watch */
	FSE_LIMIT_NR,
};

struct fse_user *fse_user_get(const struct cred *cred);
struct fse_user *fse_user_hold(struct fse_user *user);
void fse_user_put(struct fse_user *user);
bool fse_user_charge(struct fse_user *user, enum fse_limit limit);
void fse_user_uncharge(struct fse_user *user, enum fse_limit limit);
void fse_user_watches(struct fse_watch *watch);
void fse_user_leaves(struct fse_watch *watch);
void fse_user_samples(const struct fse_watch *watch,
		      struct fse_interval_rules *rules);

#endif /* _FS_EVENTS_LIMITS_H */
