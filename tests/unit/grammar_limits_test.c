// SPDX-License-Identifier: GPL-2.0-only
/*
 * The grammar of requests: limits.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/errno.h>
#include <linux/limits.h>

#include "text.h"
#include "unit.h"

static struct fse_request requests[2];
static struct fse_error error;

/* Room for the longest write and a little more; exits without memory. */
static char *text_alloc(void)
{
	char *text = malloc(FSE_MAX_WRITE + 64);

	assert_non_null(text);
	return text;
}

static void assert_fault(int ret, int err, u32 off, u32 len)
{
	assert_int_equal(ret, err);
	assert_int_equal(error.err, err);
	assert_int_equal(error.word.off, off);
	assert_int_equal(error.word.len, len);
}

static unsigned int put_levels(char *text, const char *head, unsigned int nr)
{
	unsigned int i, n = sprintf(text, "%s", head);

	for (i = 0; i < nr; i++)
		n += sprintf(text + n, " %u:%u", 1000 - i, 1001 - i);
	return n;
}

TEST(sixty_four_levels_of_each_type)
{
	const struct fse_request *req;
	char *text = text_alloc();
	unsigned int i, n;

	n = put_levels(text, "/srv T", 64);
	put_levels(text + n, " I", 64);
	req = text_request(text);
	assert_int_equal(req->nr_space, 64);
	assert_int_equal(req->nr_inodes, 64);
	for (i = 0; i < 64; i++) {
		assert_int_equal(req->space[i].trigger.value, 1000 - i);
		assert_int_equal(req->space[i].rearm.value, 1001 - i);
		assert_int_equal(req->inodes[i].trigger.value, 1000 - i);
		assert_int_equal(req->inodes[i].rearm.value, 1001 - i);
	}
	free(text);
}

TEST(sixty_five_levels)
{
	char *text = text_alloc();
	unsigned int n;

	n = put_levels(text, "/srv T", 65);
	assert_fault(text_parse(text, n, NULL, 0, &error), -E2BIG,
		     n - strlen("936:937"), strlen("936:937"));
	n = put_levels(text, "/srv T 5 I", 65);
	assert_fault(text_parse(text, n, NULL, 0, &error), -E2BIG,
		     n - strlen("936:937"), strlen("936:937"));
	free(text);
}

TEST(longest_path)
{
	char *text = text_alloc();
	const struct fse_request *req;
	unsigned int i;

	memset(text, 'x', PATH_MAX - 1);
	text[0] = '/';
	memcpy(text + PATH_MAX - 1, " G", 3);
	req = text_request(text);
	assert_int_equal(strlen(req->path), PATH_MAX - 1);
	assert_memory_equal(req->path, text, PATH_MAX - 1);

	/* The decoded path must fit, not its text. */
	for (i = 0; i < PATH_MAX - 2; i++)
		memcpy(text + 1 + 4 * i, "\\073", 4);
	memcpy(text + 1 + 4 * i, " G", 3);
	req = text_request(text);
	assert_int_equal(strlen(req->path), PATH_MAX - 1);
	assert_int_equal(req->path[PATH_MAX - 2], ';');
	free(text);
}

TEST(path_too_long)
{
	char *text = text_alloc();
	unsigned int i;

	memset(text, 'x', 2 * PATH_MAX);
	memcpy(text, "/a G;!/", 7);
	memcpy(text + 6 + PATH_MAX - 1, "x G", 3);
	assert_fault(text_parse(text, 6 + PATH_MAX + 2, NULL, 0, &error),
		     -ENAMETOOLONG, 6, PATH_MAX);

	/* Too long by one escaped byte. */
	memset(text, '/', PATH_MAX - 1);
	memcpy(text + PATH_MAX - 1, "\\040 G", 6);
	assert_fault(text_parse(text, PATH_MAX + 5, NULL, 0, &error),
		     -ENAMETOOLONG, 0, PATH_MAX + 3);

	memset(text, '/', FSE_MAX_WRITE);
	assert_fault(text_parse(text, FSE_MAX_WRITE, NULL, 0, &error),
		     -ENAMETOOLONG, 0, FSE_MAX_WRITE);

	for (i = 0; i < FSE_MAX_WRITE; i += 4)
		memcpy(text + i, "\\134", 4);
	text[0] = '/';
	memcpy(text + 1, "abc", 3);
	assert_fault(text_parse(text, FSE_MAX_WRITE, NULL, 0, &error),
		     -ENAMETOOLONG, 0, FSE_MAX_WRITE);
	free(text);
}

static unsigned int put_requests(char *text, unsigned int nr)
{
	unsigned int i, n = 0;

	for (i = 0; i < nr; i++)
		n += sprintf(text + n, ";/%u G; ", i);
	return n;
}

/* Empty requests don't count. */
TEST(one_thousand_and_twenty_four_requests)
{
	char *text = text_alloc();
	unsigned int n = put_requests(text, 1024);

	assert_int_equal(text_parse(text, n, NULL, 0, &error), 1024);
	free(text);
}

TEST(one_thousand_and_twenty_five_requests)
{
	char *text = text_alloc();
	unsigned int n = put_requests(text, 1025);
	u32 word = n - strlen("/1024 G; ");

	assert_fault(text_parse(text, n, NULL, 0, &error), -E2BIG, word,
		     strlen("/1024"));

	/* The error is their number, whatever the last request contains. */
	text[word] = '?';
	assert_fault(text_parse(text, n, NULL, 0, &error), -E2BIG, word,
		     strlen("?1024"));
	free(text);
}

TEST(sixty_four_kib)
{
	char *text = text_alloc();

	assert_int_equal(FSE_MAX_WRITE, 64 * 1024);
	memset(text, ' ', FSE_MAX_WRITE);
	memcpy(text, "/a G;", 5);
	memcpy(text + FSE_MAX_WRITE - 4, "/b G", 4);
	assert_int_equal(text_parse(text, FSE_MAX_WRITE, requests, 2, &error),
			 2);
	assert_string_equal(requests[1].path, "/b");
	assert_int_equal(requests[1].mount.off, FSE_MAX_WRITE - 4);
	free(text);
}

/* Nothing is parsed, not even its valid requests. */
TEST(sixty_four_kib_and_a_byte)
{
	struct fse_parser p = { .len = FSE_MAX_WRITE + 1 };
	char *text = text_alloc();

	memset(text, ' ', FSE_MAX_WRITE + 1);
	memcpy(text, "/a G;", 5);
	p.text = text;
	assert_fault(fse_parse_next(&p, requests, &error), -E2BIG,
		     FSE_MAX_WRITE, 1);
	assert_int_equal(p.nr, 0);
	free(text);
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(sixty_four_levels_of_each_type),
		cmocka_unit_test(sixty_five_levels),
		cmocka_unit_test(longest_path),
		cmocka_unit_test(path_too_long),
		cmocka_unit_test(one_thousand_and_twenty_four_requests),
		cmocka_unit_test(one_thousand_and_twenty_five_requests),
		cmocka_unit_test(sixty_four_kib),
		cmocka_unit_test(sixty_four_kib_and_a_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
