// SPDX-License-Identifier: GPL-2.0-only
/*
 * The grammar of requests: valid texts and their meaning; invalid texts and the
 * word at fault.
 *
 * The parser gets a copy of exactly the text's size, so that KASAN detects
 * out-of-bounds reads.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <uapi/linux/fs_event.h>

#include "tests.h"

#define GT	(FSE_TYPE_G | FSE_TYPE_T)
#define ALL	(FSE_TYPE_G | FSE_TYPE_T | FSE_TYPE_I)

static struct fse_request *request_alloc(struct kunit *test)
{
	struct fse_request *req = kunit_kmalloc(test, sizeof(*req), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, req);
	return req;
}

/* The number of requests in @text, or an errno; @req is the last request. */
static int parse(struct kunit *test, const char *text, size_t len,
		 struct fse_request *req, struct fse_error *error)
{
	struct fse_parser p = { .len = len };
	char *copy = kunit_kmalloc(test, len, GFP_KERNEL);
	int ret, nr = 0;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, text, len);
	p.text = copy;
	while ((ret = fse_parse_next(&p, req, error)) > 0)
		nr++;
	kunit_kfree(test, copy);
	return ret ?: nr;
}

struct accepted {
	const char *text;
	const char *path;
	struct fse_wanted wanted;
};

/* The six events of a plain G. */
#define GENERIC	(BIT(FS_WARN_ENOSPC) | BIT(FS_WARN_ENOSPC_META) |	\
		 BIT(FS_ERR_REMOUNT_RO) | BIT(FS_ERR_CORRUPTED) |	\
		 BIT(FS_ERR_IO) | BIT(FS_ERR_SHUTDOWN))

static const struct accepted accepted[] = {
	{ "/srv G T 710000 500000", "/srv", { FSE_OP_SET, GT, GENERIC, 2, 0,
	    { 710000 }, { 710000 } } },
	{ "/ G", "/", { FSE_OP_SET, FSE_TYPE_G, GENERIC } },
	{ "/ G:enospc", "/", { FSE_OP_SET, FSE_TYPE_G, BIT(FS_WARN_ENOSPC) } },
	{ "/ G:shutdown,enospc_meta,shutdown", "/", { FSE_OP_SET, FSE_TYPE_G,
	    BIT(FS_ERR_SHUTDOWN) | BIT(FS_WARN_ENOSPC_META) } },
	{ "/ G:remount_ro,corrupted,io_error", "/", { FSE_OP_SET, FSE_TYPE_G,
	    BIT(FS_ERR_REMOUNT_RO) | BIT(FS_ERR_CORRUPTED) | BIT(FS_ERR_IO) } },
	{ "/a T 10 G", "/a", { FSE_OP_SET, GT, GENERIC, 1, 0, { 10 }, { 10 } } },
	{ "/a T 10G", "/a", { FSE_OP_SET, FSE_TYPE_T, 0, 1, 0,
	    { 10, 'G' }, { 10, 'G' } } },
	{ "/a T 10%:5G 7", "/a", { FSE_OP_SET, FSE_TYPE_T, 0, 2, 0,
	    { 10, '%' }, { 5, 'G' } } },
	{ "/a I 5:6%", "/a", { FSE_OP_SET, FSE_TYPE_I, 0, 0, 1,
	    { 5 }, { 6, '%' } } },
	{ "/a I 4 3 G T 2 1 0", "/a", { FSE_OP_SET, ALL, GENERIC, 3, 2,
	    { 2 }, { 2 } } },
	{ "/a T 18446744073709551615", "/a", { FSE_OP_SET, FSE_TYPE_T, 0, 1, 0,
	    { U64_MAX }, { U64_MAX } } },
	{ "/a T 16777215T", "/a", { FSE_OP_SET, FSE_TYPE_T, 0, 1, 0,
	    { U64_MAX >> 40, 'T' }, { U64_MAX >> 40, 'T' } } },
	{ " /a\\040b\\134\\073\t \tT  3 ;", "/a b\\;", { FSE_OP_SET,
	    FSE_TYPE_T, 0, 1, 0, { 3 }, { 3 } } },
	{ "!/srv", "/srv", { FSE_OP_REMOVE } },
	{ "!/srv I G", "/srv", { FSE_OP_REMOVE_TYPES, FSE_TYPE_I | FSE_TYPE_G } },
	{ "!#4294967295", "", { FSE_OP_REMOVE, .id = U32_MAX } },
	{ " !#007\n", "", { FSE_OP_REMOVE, .id = 7 } },
};

KUNIT_ARRAY_PARAM_DESC(accepted_param, accepted, text);

const void *fse_test_accepted_next(struct kunit *test, const void *prev,
				   char *desc)
{
	return accepted_param_gen_params(test, prev, desc);
}

static void expect_amount(struct kunit *test, const struct fse_amount *is,
			  const struct fse_amount *should)
{
	KUNIT_EXPECT_EQ(test, is->value, should->value);
	KUNIT_EXPECT_EQ(test, is->suffix, should->suffix);
}

const struct fse_level_spec *
fse_expect_request(struct kunit *test, const struct fse_request *req,
		   const struct fse_wanted *wanted)
{
	const struct fse_level_spec *level = wanted->nr_space ? req->space :
								req->inodes;

	KUNIT_EXPECT_EQ(test, req->op, wanted->op);
	KUNIT_EXPECT_EQ(test, req->by_id, !!wanted->id);
	KUNIT_EXPECT_EQ(test, req->by_id ? req->id : 0, wanted->id);
	KUNIT_EXPECT_EQ(test, req->types, wanted->types);
	KUNIT_EXPECT_EQ(test, req->events, wanted->events);
	KUNIT_EXPECT_EQ(test, req->nr_space, wanted->nr_space);
	KUNIT_EXPECT_EQ(test, req->nr_inodes, wanted->nr_inodes);
	if (!wanted->nr_space && !wanted->nr_inodes)
		return NULL;
	expect_amount(test, &level->trigger, &wanted->trigger);
	expect_amount(test, &level->rearm, &wanted->rearm);
	return level;
}

void fse_test_grammar_accepts(struct kunit *test)
{
	const struct accepted *a = test->param_value;
	struct fse_request *req = request_alloc(test);
	struct fse_error error;

	KUNIT_ASSERT_EQ(test, 1, parse(test, a->text, strlen(a->text), req,
				       &error));
	KUNIT_EXPECT_STREQ(test, req->path, a->path);
	fse_expect_request(test, req, &a->wanted);
}

struct refused {
	const char *text;
	int err;
	/* the word at fault */
	u32 off;
	u32 len;
};

static const struct refused refused[] = {
	{ "srv G", -EINVAL, 0, 3 },
	{ "/srv", -EINVAL, 0, 4 },
	{ "/a G;!;/srv", -EINVAL, 5, 1 },
	{ "!#", -EINVAL, 1, 1 },
	{ "!#4294967296", -ENOENT, 1, 11 },
	{ "!#3 T", -EINVAL, 4, 1 },
	{ "/srv X", -EINVAL, 5, 1 },
	{ "/srv 10", -EINVAL, 5, 2 },
	/* 8 is no octal digit, though the value would be a blank. */
	{ "/a\\038 G", -EINVAL, 2, 4 },
	{ "/srv T:io_error 10", -EINVAL, 5, 10 },
	{ "/srv T", -EINVAL, 5, 1 },
	{ "/srv T 10 T 5", -EINVAL, 10, 1 },
	{ "/srv G:enos,io_error", -EINVAL, 7, 4 },
	{ "/srv G:thr_below", -EINVAL, 7, 9 },
	{ "/srv G:enospc,", -EINVAL, 13, 1 },
	{ "/srv T 10X", -EINVAL, 7, 3 },
	{ "/srv T 1.5G", -EINVAL, 7, 4 },
	{ "/srv I 10K", -EINVAL, 7, 3 },
	{ "/srv T 101%", -ERANGE, 7, 4 },
	{ "/srv T 18446744073709551616", -ERANGE, 7, 20 },
	{ "/srv T 16777216T", -ERANGE, 7, 9 },
	{ "/srv T 18014398509481984K", -ERANGE, 7, 18 },
};

KUNIT_ARRAY_PARAM_DESC(refused_param, refused, text);

const void *fse_test_refused_next(struct kunit *test, const void *prev,
				  char *desc)
{
	return refused_param_gen_params(test, prev, desc);
}

void fse_test_grammar_refuses(struct kunit *test)
{
	const struct refused *r = test->param_value;
	struct fse_request *req = request_alloc(test);
	struct fse_error error = {};

	KUNIT_EXPECT_EQ(test, r->err, parse(test, r->text, strlen(r->text), req,
					    &error));
	KUNIT_EXPECT_EQ(test, r->err, error.err);
	KUNIT_EXPECT_EQ(test, r->off, error.word.off);
	KUNIT_EXPECT_EQ(test, r->len, error.word.len);
	KUNIT_EXPECT_NOT_NULL(test, error.why);
}

/* Writes @head and @nr times @word. Return: the length. */
static size_t repeat(char *text, const char *head, const char *word,
		     unsigned int nr)
{
	size_t len = strlen(head), n = strlen(word);

	memcpy(text, head, len);
	for (; nr; nr--, len += n)
		memcpy(text + len, word, n);
	return len;
}

void fse_test_grammar_limits(struct kunit *test)
{
	char *text = kunit_kmalloc(test, FSE_MAX_WRITE + 1, GFP_KERNEL);
	struct fse_request *req = request_alloc(test);
	struct fse_error error;
	size_t len;

	KUNIT_ASSERT_NOT_NULL(test, text);
	len = repeat(text, "/ T", " 9:9", FSE_MAX_LEVELS);
	KUNIT_EXPECT_EQ(test, 1, parse(test, text, len, req, &error));
	KUNIT_EXPECT_EQ(test, req->nr_space, FSE_MAX_LEVELS);
	len = repeat(text, "/ T", " 9:9", FSE_MAX_LEVELS + 1);
	KUNIT_EXPECT_EQ(test, -E2BIG, parse(test, text, len, req, &error));
	KUNIT_EXPECT_EQ(test, error.word.off, len - 3);

	len = repeat(text, "", "/ G;", FSE_MAX_REQUESTS);
	KUNIT_EXPECT_EQ(test, FSE_MAX_REQUESTS,
			parse(test, text, len, req, &error));
	len = repeat(text, "", "/ G;", FSE_MAX_REQUESTS + 1);
	KUNIT_EXPECT_EQ(test, -E2BIG, parse(test, text, len, req, &error));

	memset(text, ' ', FSE_MAX_WRITE + 1);
	memcpy(text + FSE_MAX_WRITE - 3, "/ G", 3);
	KUNIT_EXPECT_EQ(test, 1, parse(test, text, FSE_MAX_WRITE, req, &error));
	KUNIT_EXPECT_EQ(test, req->mount.off, FSE_MAX_WRITE - 3);
	KUNIT_EXPECT_EQ(test, -E2BIG,
			parse(test, text, FSE_MAX_WRITE + 1, req, &error));

	/* The decoded path must fit, not its text. */
	len = repeat(text, "/", "\\073", PATH_MAX - 2);
	len += repeat(text + len, " G", "", 0);
	KUNIT_EXPECT_EQ(test, 1, parse(test, text, len, req, &error));
	KUNIT_EXPECT_EQ(test, strlen(req->path), PATH_MAX - 1);
	len = repeat(text, "/", "\\073", PATH_MAX - 1);
	len += repeat(text + len, " G", "", 0);
	KUNIT_EXPECT_EQ(test, -ENAMETOOLONG,
			parse(test, text, len, req, &error));
}
