/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File system events: a line of the text stream.
 */
#ifndef _FS_EVENTS_LINE_H
#define _FS_EVENTS_LINE_H

#include <linux/refcount.h>
#include <linux/types.h>

struct fse_record;
struct pid;

/* A line is no longer, its newline and a pid included. */
#define FSE_LINE_MAX	8192

/**
 * struct fse_line - an event, as readers share it
 * @refs: one each queue that it is in
 * @pid: whose number each reader is told as he sees it, or NULL; a reference
 * @pid_at: where in @text that number goes
 * @len: bytes of @text
 * @private: of a private watch
 * @text: the line, without that number
 */
struct fse_line {
	refcount_t refs;
	struct pid *pid;
	u16 pid_at;
	u16 len;
	bool private;
	char text[] __counted_by(len);
};

struct fse_line *fse_line_alloc(const struct fse_record *r, u64 seq,
				bool private);
void fse_line_put(struct fse_line *line);

#endif /* _FS_EVENTS_LINE_H */
