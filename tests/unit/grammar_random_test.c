// SPDX-License-Identifier: GPL-2.0-only
/*
 * The grammar of requests: random writes from a fixed seed. Valid ones must be
 * parsed as generated. Damaged ones must be parsed or refused, without access
 * outside of the write.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/errno.h>
#include <linux/kernel.h>
#include <uapi/linux/fs_event.h>

#include "grammar.h"
#include "text.h"
#include "unit.h"

#define MAX_REQUESTS	4
#define MAX_TEXT	8192

struct writer {
	u64 seed;
	size_t len;
	char text[MAX_TEXT];
};

/* The generated requests, and the parsed ones. */
static struct fse_request meant[MAX_REQUESTS];
static struct fse_request found[MAX_REQUESTS];
static struct writer writer;

static bool one_in(struct writer *w, u64 n)
{
	return !random_below(&w->seed, n);
}

static void put(struct writer *w, const char *s)
{
	size_t len = strlen(s);

	memcpy(w->text + w->len, s, len);
	w->len += len;
}

static void put_byte(struct writer *w, char c)
{
	w->text[w->len++] = c;
}

static void put_blanks(struct writer *w, bool needed)
{
	if (needed)
		put_byte(w, one_in(w, 4) ? '\t' : ' ');
	while (one_in(w, 5))
		put_byte(w, one_in(w, 2) ? '\t' : ' ');
}

static void span_start(struct writer *w, struct fse_span *span)
{
	span->off = w->len;
}

static void span_end(struct writer *w, struct fse_span *span)
{
	span->len = w->len - span->off;
}

static void put_path(struct writer *w, struct fse_request *req)
{
	static const char special[] = " \t\n\\;";
	unsigned int i, len = 1 + random_below(&w->seed, 20);
	char c;

	span_start(w, &req->mount);
	for (i = 0; i < len; i++) {
		do {
			c = i ? random_u64(&w->seed) : '/';
			if (i && one_in(w, 4))
				c = special[random_below(&w->seed, 5)];
		} while (!c);
		req->path[i] = c;
		if (strchr(special, c))
			w->len += sprintf(w->text + w->len, "\\%03o", c);
		else
			put_byte(w, c);
	}
	req->path[i] = '\0';
	span_end(w, &req->mount);
}

static void put_amount(struct writer *w, struct fse_amount *a, bool inodes)
{
	static const char suffixes[] = { 0, '%', 'K', 'M', 'G', 'T' };
	static const unsigned int shift[] = { 0, 0, 10, 20, 30, 40 };
	unsigned int i = random_below(&w->seed, inodes ? 2 : 6);

	a->suffix = suffixes[i];
	a->value = random_size(&w->seed) >> shift[i];
	if (a->suffix == '%')
		a->value %= 101;
	w->len += sprintf(w->text + w->len, "%s%llu", one_in(w, 9) ? "00" : "",
			  a->value);
	if (a->suffix)
		put_byte(w, a->suffix);
}

static void put_levels(struct writer *w, struct fse_level_spec *levels,
		       unsigned int *nr, bool inodes)
{
	unsigned int i;

	*nr = 1 + random_below(&w->seed, one_in(w, 50) ? FSE_MAX_LEVELS : 4);
	for (i = 0; i < *nr; i++) {
		struct fse_level_spec *level = &levels[i];

		put_blanks(w, true);
		span_start(w, &level->word);
		put_amount(w, &level->trigger, inodes);
		level->rearm = level->trigger;
		level->has_rearm = one_in(w, 3);
		if (level->has_rearm) {
			put_byte(w, ':');
			put_amount(w, &level->rearm, inodes);
		}
		span_end(w, &level->word);
	}
}

static void put_generic(struct writer *w, struct fse_request *req)
{
	static const unsigned int ids[] = {
		FS_WARN_ENOSPC, FS_WARN_ENOSPC_META, FS_ERR_REMOUNT_RO,
		FS_ERR_CORRUPTED, FS_ERR_IO, FS_ERR_SHUTDOWN,
	};

	put_byte(w, 'G');
	if (one_in(w, 2)) {
		req->events = FSE_GENERIC_EVENTS;
		return;
	}
	req->events = 0;
	do {
		unsigned int id = ids[random_below(&w->seed, 6)];

		put_byte(w, req->events ? ',' : ':');
		put(w, fse_event_name(id));
		req->events |= 1U << id;
	} while (one_in(w, 2));
}

static void put_type(struct writer *w, struct fse_request *req, int type)
{
	bool set = req->op == FSE_OP_SET;

	put_blanks(w, true);
	req->types |= 1U << type;
	span_start(w, &req->type[type]);
	if (set && type == 0)
		put_generic(w, req);
	else
		put_byte(w, "GTI"[type]);
	span_end(w, &req->type[type]);
	if (set && type == 1)
		put_levels(w, req->space, &req->nr_space, false);
	if (set && type == 2)
		put_levels(w, req->inodes, &req->nr_inodes, true);
}

/* "!#ID" */
static void put_id(struct writer *w, struct fse_request *req)
{
	req->op = FSE_OP_REMOVE;
	req->by_id = true;
	req->id = random_size(&w->seed);
	req->path[0] = '\0';
	put_byte(w, '!');
	span_start(w, &req->mount);
	w->len += sprintf(w->text + w->len, "#%s%u", one_in(w, 9) ? "00" : "",
			  req->id);
	span_end(w, &req->mount);
}

static void put_request(struct writer *w, struct fse_request *req)
{
	unsigned int i, n = 1 + random_below(&w->seed, 3);
	unsigned int type = random_below(&w->seed, 3);
	unsigned int step = 1 + random_below(&w->seed, 2);

	req->op = FSE_OP_SET;
	req->by_id = false;
	req->types = 0;
	req->events = 0;
	req->nr_space = 0;
	req->nr_inodes = 0;
	if (one_in(w, 8)) {
		put_id(w, req);
		return;
	}
	if (one_in(w, 4)) {
		req->op = FSE_OP_REMOVE_TYPES;
		if (one_in(w, 2)) {
			req->op = FSE_OP_REMOVE;
			n = 0;
		}
		put_byte(w, '!');
	}
	put_path(w, req);
	for (i = 0; i < n; i++, type += step)
		put_type(w, req, type % 3);
}

/* A write of @nr valid requests. */
static void put_write(struct writer *w, unsigned int nr)
{
	unsigned int i;

	w->len = 0;
	for (i = 0; i < nr; i++) {
		put_blanks(w, false);
		put_request(w, &meant[i]);
		put_blanks(w, false);
		if (i + 1 < nr || one_in(w, 2))
			put_byte(w, one_in(w, 2) ? ';' : '\n');
	}
}

static bool same_span(const struct fse_span *a, const struct fse_span *b)
{
	return a->off == b->off && a->len == b->len;
}

static bool same_levels(const struct fse_level_spec *a,
			const struct fse_level_spec *b, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (a[i].trigger.value != b[i].trigger.value ||
		    a[i].trigger.suffix != b[i].trigger.suffix ||
		    a[i].rearm.value != b[i].rearm.value ||
		    a[i].rearm.suffix != b[i].rearm.suffix ||
		    a[i].has_rearm != b[i].has_rearm ||
		    !same_span(&a[i].word, &b[i].word))
			return false;
	}
	return true;
}

static bool same_request(const struct fse_request *a,
			 const struct fse_request *b)
{
	unsigned int i;

	for (i = 0; i < FSE_TYPE_NR; i++) {
		if ((a->types & (1U << i)) &&
		    !same_span(&a->type[i], &b->type[i]))
			return false;
	}
	return a->op == b->op && a->by_id == b->by_id &&
	       (!a->by_id || a->id == b->id) && a->types == b->types &&
	       a->events == b->events && same_span(&a->mount, &b->mount) &&
	       !strcmp(a->path, b->path) && a->nr_space == b->nr_space &&
	       a->nr_inodes == b->nr_inodes &&
	       same_levels(a->space, b->space, a->nr_space) &&
	       same_levels(a->inodes, b->inodes, a->nr_inodes);
}

TEST(good_writes_are_read_as_meant)
{
	struct writer *w = &writer;
	struct fse_error error;
	unsigned int i, r;

	w->seed = 0x9ddfea08eb382d69;
	for (i = 0; i < 20000; i++) {
		unsigned int nr = 1 + random_below(&w->seed, MAX_REQUESTS);
		int ret;

		put_write(w, nr);
		ret = text_parse(w->text, w->len, found, nr, &error);
		if (ret != (int)nr)
			fail_msg("%u: \"%s\": %d", i,
				 text_shown(w->text, w->len), ret);
		for (r = 0; r < nr; r++) {
			if (!same_request(&meant[r], &found[r]))
				fail_msg("%u: \"%s\": request %u", i,
					 text_shown(w->text, w->len), r);
		}
	}
}

/* Invariants of any accepted request. */
static void check_request(const struct fse_request *req, size_t len)
{
	if (req->by_id) {
		assert_int_equal(req->op, FSE_OP_REMOVE);
		assert_string_equal(req->path, "");
	} else {
		assert_int_equal(req->path[0], '/');
		assert_in_range(strlen(req->path), 1, req->mount.len);
	}
	assert_in_range(req->mount.off + req->mount.len, 1, len);
	assert_in_range(req->types, req->op == FSE_OP_REMOVE ? 0 : 1, 7);
	assert_int_equal(req->events & ~FSE_GENERIC_EVENTS, 0);
	assert_in_range(req->nr_space, 0, FSE_MAX_LEVELS);
	assert_in_range(req->nr_inodes, 0, FSE_MAX_LEVELS);
	if (req->op != FSE_OP_SET)
		return;
	assert_int_equal(!req->events, !(req->types & FSE_TYPE_G));
	assert_int_equal(!req->nr_space, !(req->types & FSE_TYPE_T));
	assert_int_equal(!req->nr_inodes, !(req->types & FSE_TYPE_I));
}

static void check_write(const struct writer *w, bool show)
{
	struct fse_error error = {};
	int i, ret;

	ret = text_parse(w->text, w->len, found, MAX_REQUESTS, &error);
	for (i = 0; i < ret && i < MAX_REQUESTS; i++)
		check_request(&found[i], w->len);
	if (ret >= 0)
		return;
	assert_true(ret == -EINVAL || ret == -ERANGE ||
		    ret == -ENAMETOOLONG || ret == -E2BIG || ret == -ENOENT);
	assert_int_equal(error.err, ret);
	assert_non_null(error.why);
	assert_in_range(error.word.len, 1, w->len);
	assert_in_range(error.word.off, 0, w->len - error.word.len);
	if (show)
		text_caret(w->text, w->len, &error);
}

/* Inserts @len bytes at a random position. */
static void insert(struct writer *w, const char *s, size_t len)
{
	size_t at = random_below(&w->seed, w->len + 1);

	if (w->len + len > sizeof(w->text))
		return;
	memmove(w->text + at + len, w->text + at, w->len - at);
	memcpy(w->text + at, s, len);
	w->len += len;
}

static void remove_some(struct writer *w)
{
	size_t at = random_below(&w->seed, w->len);
	size_t len = 1 + random_below(&w->seed, 4);

	if (len > w->len - at)
		len = w->len - at;
	memmove(w->text + at, w->text + at + len, w->len - at - len);
	w->len -= len;
}

static void repeat_some(struct writer *w)
{
	size_t at = random_below(&w->seed, w->len);
	size_t len = 1 + random_below(&w->seed, 16);
	char piece[16];

	if (len > w->len - at)
		len = w->len - at;
	memcpy(piece, w->text + at, len);
	insert(w, piece, len);
}

static void damage(struct writer *w)
{
	static const char * const pieces[] = {
		" ", ";", "\n", "!", "/", ":", ",", "%", "\\", "\\040", "\\0",
		" G", " T", " I", "G:", "K", "0", "9", "18446744073709551615",
		"18446744073709551616", "101%", "enospc", ",shutdown", "\r",
		" T 1:", ";!/", "\t", "#", ";!#", "!#4294967296",
	};
	const char *piece = pieces[random_below(&w->seed, ARRAY_SIZE(pieces))];
	char byte = random_u64(&w->seed);

	switch (random_below(&w->seed, w->len ? 6 : 2)) {
	case 0:
		insert(w, piece, strlen(piece));
		break;
	case 1:
		insert(w, &byte, 1);
		break;
	case 2:
		w->text[random_below(&w->seed, w->len)] = byte;
		break;
	case 3:
		remove_some(w);
		break;
	case 4:
		repeat_some(w);
		break;
	case 5:
		w->len = random_below(&w->seed, w->len);
		break;
	}
}

TEST(damaged_writes)
{
	struct writer *w = &writer;
	unsigned int i, n;

	w->seed = 0xc2b2ae3d27d4eb4f;
	for (i = 0; i < 120000; i++) {
		put_write(w, 1 + random_below(&w->seed, 2));
		for (n = 1 + random_below(&w->seed, 4); n; n--)
			damage(w);
		check_write(w, !(i % 8));
	}
}

/* Characters of the grammar, or any bytes. */
TEST(random_bytes)
{
	static const char bytes[] = "/!#\\ \t\n;:,%GTIKM0123456789enospc_meta";
	struct writer *w = &writer;
	unsigned int i;
	size_t n;

	w->seed = 0x165667b19e3779f9;
	for (i = 0; i < 100000; i++) {
		bool any = one_in(w, 4);

		w->len = random_below(&w->seed, 48);
		for (n = 0; n < w->len; n++)
			w->text[n] = any ? (char)random_u64(&w->seed) :
				     bytes[random_below(&w->seed,
							sizeof(bytes) - 1)];
		if (w->len && one_in(w, 2))
			w->text[0] = '/';
		check_write(w, !(i % 8));
	}
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(good_writes_are_read_as_meant),
		cmocka_unit_test(damaged_writes),
		cmocka_unit_test(random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
