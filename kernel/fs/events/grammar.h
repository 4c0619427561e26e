/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The grammar of watch requests: text in, requests out. Pure functions: no
 * lock, no allocation, no look-up of a path; they may run in any context and
 * are built on the host and in KUnit as well.
 */
#ifndef _FS_EVENTS_GRAMMAR_H
#define _FS_EVENTS_GRAMMAR_H

#include <linux/limits.h>
#include <linux/types.h>
#include <uapi/linux/fs_event.h>

/* Limits of one write: bytes, requests, levels of one type. */
#define FSE_MAX_WRITE		65536
#define FSE_MAX_REQUESTS	1024
#define FSE_MAX_LEVELS		64

/* What a request names; also the types that a watch has on. */
#define FSE_TYPE_G		0x1	/* generic events */
#define FSE_TYPE_T		0x2	/* levels of available space */
#define FSE_TYPE_I		0x4	/* levels of free inodes */
#define FSE_TYPE_NR		3

/**
 * struct fse_amount - an amount as it was written
 * @value: the digits
 * @suffix: 'K', 'M', 'G', 'T', '%', or 0 for plain blocks (inodes)
 */
struct fse_amount {
	u64 value;
	char suffix;
};

/**
 * struct fse_span - a piece of the text, to point at
 * @off: first byte, from the start of the write
 * @len: number of bytes
 */
struct fse_span {
	u32 off;
	u32 len;
};

/**
 * struct fse_level_spec - a level as it was written
 * @trigger: the level is crossed when no more than this is available
 * @rearm: it is free again when more than this is available
 * @word: where it stands in the write
 * @has_rearm: a re-arm amount was given; otherwise @rearm equals @trigger
 */
struct fse_level_spec {
	struct fse_amount trigger;
	struct fse_amount rearm;
	struct fse_span word;
	bool has_rearm;
};

/**
 * enum fse_op - what a request asks for
 * @FSE_OP_SET: watch, or change what is watched
 * @FSE_OP_REMOVE: stop watching
 * @FSE_OP_REMOVE_TYPES: stop watching the named types
 */
enum fse_op {
	FSE_OP_SET,
	FSE_OP_REMOVE,
	FSE_OP_REMOVE_TYPES,
};

/**
 * struct fse_request - one request
 * @op: what is asked
 * @by_id: about the watch with the entry id @id, which is to be removed; there
 *	is no path
 * @id: the entry id
 * @types: the types that are named, FSE_TYPE_*
 * @events: setting FSE_TYPE_G: bit (1 << id) for each event that is on
 * @mount: where the path or "#ID" stands in the write, without a '!' before it
 * @type: where each type stands in the write: G, T, I
 * @nr_space: levels of available space
 * @nr_inodes: levels of free inodes
 * @space: levels of available space, in the order written
 * @inodes: levels of free inodes, in the order written
 * @path: the path with its escapes resolved
 */
struct fse_request {
	enum fse_op op;
	bool by_id;
	u32 id;
	unsigned int types;
	u32 events;
	struct fse_span mount;
	struct fse_span type[FSE_TYPE_NR];
	unsigned int nr_space;
	unsigned int nr_inodes;
	struct fse_level_spec space[FSE_MAX_LEVELS];
	struct fse_level_spec inodes[FSE_MAX_LEVELS];
	char path[PATH_MAX];
};

/**
 * struct fse_error - why a write is refused
 * @err: negative errno
 * @word: the word at fault
 * @why: a few words for people; never freed
 */
struct fse_error {
	int err;
	struct fse_span word;
	const char *why;
};

/* Return: @err. Any context. */
int fse_error_set(struct fse_error *error, int err, struct fse_span word,
		  const char *why);

/**
 * struct fse_parser - where the parser stands in a write
 * @text: the write, not terminated
 * @len: its bytes
 * @pos: next byte
 * @nr: requests so far
 */
struct fse_parser {
	const char *text;
	size_t len;
	size_t pos;
	unsigned int nr;
};

/**
 * fse_amount_check - can an amount be one of a level?
 * @a: the amount
 * @inodes: of free inodes, not of space
 * @why: set to a few words for people
 *
 * Return: 0; -EINVAL for bytes where inodes are counted; -ERANGE for bytes that
 * do not fit in 64 bits, or more than 100 percent.
 */
int fse_amount_check(const struct fse_amount *a, bool inodes,
		     const char **why);

/**
 * fse_text_blank - does a write hold nothing but blanks?
 * @text: the write
 * @len: its bytes
 *
 * Blanks are space, tab and newline. Such a write, an empty one too, stops
 * watching everything.
 *
 * Return: true when it does.
 */
bool fse_text_blank(const char *text, size_t len);

/**
 * fse_parse_next - parse the next request of a write
 * @p: parser, to be set up with text and len and otherwise zero
 * @req: the request; undefined unless 1 is returned
 * @error: filled when a negative value is returned
 *
 * Empty requests are skipped. Nothing is looked up: what depends on the file
 * system (order of levels, what it can do) is not checked here.
 *
 * Return: 1 with a request, 0 at the end, -EINVAL, -ERANGE (an amount that
 * does not fit in 64 bits of bytes, a percentage over 100), -ENAMETOOLONG (a
 * path that does not fit in PATH_MAX), -ENOENT (an id that is none) or -E2BIG (too
 * long a write, too many requests or levels). After an error the parser is of no
 * more use.
 */
int fse_parse_next(struct fse_parser *p, struct fse_request *req,
		   struct fse_error *error);

/*
 * The names of events in requests and streams. Pure functions; any context.
 */

/* The events that a plain G asks for, bits. */
#define FSE_GENERIC_EVENTS	((1U << FS_WARN_ENOSPC) |	\
				 (1U << FS_WARN_ENOSPC_META) |	\
				 (1U << FS_ERR_REMOUNT_RO) |	\
				 (1U << FS_ERR_CORRUPTED) |	\
				 (1U << FS_ERR_IO) |		\
				 (1U << FS_ERR_SHUTDOWN))

/**
 * fse_name_bit - look a generic event up by its name
 * @name: the name, not terminated
 * @len: its bytes
 *
 * Return: bit (1 << id), or 0 when no generic event has that name.
 */
u32 fse_name_bit(const char *name, size_t len);

/**
 * fse_event_name - name of an event in requests and streams
 * @id: enum fs_event_type
 *
 * Return: the name, or NULL when there is no such event.
 */
const char *fse_event_name(unsigned int id);

/*
 * How a refused request is shown: the text around the word at fault, and a
 * caret under it. Pure function.
 */

/* Bytes of the request that are shown around the word at fault. */
#define FSE_CARET_WINDOW	128
/* Each may take four characters, in two lines, and some for the frame. */
#define FSE_CARET_SIZE		(FSE_CARET_WINDOW * 4 * 2 + 256)

/**
 * fse_caret_format - one entry of the error log
 * @buf: room for FSE_CARET_SIZE bytes
 * @size: its size
 * @text: the write
 * @len: its bytes
 * @error: what is wrong, and where
 *
 * Three lines: the errno's name and the reason, the text around the word at
 * fault as fse_escape_next() shows it, and the caret under its first character.
 * Left-out text shows as "...".
 *
 * Return: bytes put in @buf, without the terminating NUL.
 */
size_t fse_caret_format(char *buf, size_t size, const char *text, size_t len,
			const struct fse_error *error);

#endif /* _FS_EVENTS_GRAMMAR_H */
