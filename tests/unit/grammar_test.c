// SPDX-License-Identifier: GPL-2.0-only
/*
 * The grammar of requests: valid requests and their meaning.
 */
#include <string.h>

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <uapi/linux/fs_event.h>

#include "grammar.h"
#include "text.h"
#include "unit.h"

#define ALL_TYPES	(FSE_TYPE_G | FSE_TYPE_T | FSE_TYPE_I)

static const char * const generic_names[] = {
	"enospc", "enospc_meta", "remount_ro", "corrupted", "io_error",
	"shutdown",
};

static const unsigned int generic_ids[] = {
	FS_WARN_ENOSPC, FS_WARN_ENOSPC_META, FS_ERR_REMOUNT_RO,
	FS_ERR_CORRUPTED, FS_ERR_IO, FS_ERR_SHUTDOWN,
};

/* Static, as several requests are too big for the stack. */
static struct fse_request requests[3];

static void assert_span(const struct fse_span *span, u32 off, u32 len)
{
	assert_int_equal(span->off, off);
	assert_int_equal(span->len, len);
}

static void assert_amount(const struct fse_amount *a, u64 value, char suffix)
{
	assert_int_equal(a->value, value);
	assert_int_equal(a->suffix, suffix);
}

static int parse(const char *text)
{
	struct fse_error error;

	return text_parse(text, strlen(text), requests, ARRAY_SIZE(requests),
			  &error);
}

TEST(classic_request)
{
	const struct fse_request *req = text_request("/srv G T 710000 500000");

	assert_int_equal(req->op, FSE_OP_SET);
	assert_string_equal(req->path, "/srv");
	assert_int_equal(req->types, FSE_TYPE_G | FSE_TYPE_T);
	assert_int_equal(req->events, FSE_GENERIC_EVENTS);
	assert_int_equal(req->nr_space, 2);
	assert_int_equal(req->nr_inodes, 0);
	assert_amount(&req->space[0].trigger, 710000, 0);
	assert_amount(&req->space[0].rearm, 710000, 0);
	assert_false(req->space[0].has_rearm);
	assert_amount(&req->space[1].trigger, 500000, 0);
	assert_amount(&req->space[1].rearm, 500000, 0);
	assert_false(req->space[1].has_rearm);
}

TEST(words_can_be_pointed_at)
{
	const struct fse_request *req =
		text_request(" /srv  T 70:80 5 \tG I 9%");

	assert_span(&req->mount, 1, 4);
	assert_span(&req->type[1], 7, 1);
	assert_span(&req->space[0].word, 9, 5);
	assert_span(&req->space[1].word, 15, 1);
	assert_span(&req->type[0], 18, 1);
	assert_span(&req->type[2], 20, 1);
	assert_span(&req->inodes[0].word, 22, 2);

	req = text_request("!/srv I G");
	assert_span(&req->mount, 1, 4);
	assert_span(&req->type[0], 8, 1);
	assert_span(&req->type[1], 0, 0);
	assert_span(&req->type[2], 6, 1);
}

TEST(types_alone_and_in_any_order)
{
	static const struct {
		const char *text;
		unsigned int types, nr_space, nr_inodes;
	} cases[] = {
		{ "/ G", FSE_TYPE_G, 0, 0 },
		{ "/ G:enospc", FSE_TYPE_G, 0, 0 },
		{ "/ T 3 2 1", FSE_TYPE_T, 3, 0 },
		{ "/ I 2 1", FSE_TYPE_I, 0, 2 },
		{ "/ T 2 1 I 4", FSE_TYPE_T | FSE_TYPE_I, 2, 1 },
		{ "/ I 4 T 2 1", FSE_TYPE_T | FSE_TYPE_I, 2, 1 },
		{ "/ T 1 G I 1", ALL_TYPES, 1, 1 },
		{ "/ I 1 G:io_error T 1", ALL_TYPES, 1, 1 },
	};
	const struct fse_request *req;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		req = text_request(cases[i].text);
		assert_int_equal(req->op, FSE_OP_SET);
		assert_int_equal(req->types, cases[i].types);
		assert_int_equal(req->nr_space, cases[i].nr_space);
		assert_int_equal(req->nr_inodes, cases[i].nr_inodes);
	}
}

/* "10 G" is a level and a type, "10G" a level in bytes. */
TEST(suffix_adheres_to_its_number)
{
	const struct fse_request *req = text_request("/srv T 10 G");

	assert_int_equal(req->types, FSE_TYPE_G | FSE_TYPE_T);
	assert_int_equal(req->nr_space, 1);
	assert_amount(&req->space[0].trigger, 10, 0);

	req = text_request("/srv T 10G");
	assert_int_equal(req->types, FSE_TYPE_T);
	assert_int_equal(req->nr_space, 1);
	assert_amount(&req->space[0].trigger, 10, 'G');

	req = text_request("/srv T 10G G");
	assert_int_equal(req->types, FSE_TYPE_G | FSE_TYPE_T);
	assert_amount(&req->space[0].trigger, 10, 'G');

	req = text_request("/srv I 10 T 10T");
	assert_int_equal(req->types, FSE_TYPE_T | FSE_TYPE_I);
	assert_amount(&req->inodes[0].trigger, 10, 0);
	assert_amount(&req->space[0].trigger, 10, 'T');
}

TEST(amounts)
{
	static const struct {
		const char *text;
		u64 value;
		char suffix;
	} cases[] = {
		{ "/ T 0", 0, 0 },
		{ "/ T 007", 7, 0 },
		{ "/ T 1234567890", 1234567890, 0 },
		{ "/ T 18446744073709551615", U64_MAX, 0 },
		{ "/ T 0018446744073709551615", U64_MAX, 0 },
		{ "/ T 0K", 0, 'K' },
		{ "/ T 5K", 5, 'K' },
		{ "/ T 5M", 5, 'M' },
		{ "/ T 5G", 5, 'G' },
		{ "/ T 5T", 5, 'T' },
		{ "/ T 18014398509481983K", U64_MAX >> 10, 'K' },
		{ "/ T 17592186044415M", U64_MAX >> 20, 'M' },
		{ "/ T 17179869183G", U64_MAX >> 30, 'G' },
		{ "/ T 16777215T", U64_MAX >> 40, 'T' },
		{ "/ T 0%", 0, '%' },
		{ "/ T 100%", 100, '%' },
	};
	const struct fse_request *req;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		req = text_request(cases[i].text);
		assert_amount(&req->space[0].trigger, cases[i].value,
			      cases[i].suffix);
	}

	req = text_request("/ I 18446744073709551615 100% 0 0%");
	assert_amount(&req->inodes[0].trigger, U64_MAX, 0);
	assert_amount(&req->inodes[1].trigger, 100, '%');
	assert_amount(&req->inodes[2].trigger, 0, 0);
	assert_amount(&req->inodes[3].trigger, 0, '%');
}

TEST(rearm_may_have_a_unit_of_its_own)
{
	const struct fse_request *req =
		text_request("/ T 10%:5G 1M:7 3:3 I 5:6%");

	assert_amount(&req->space[0].trigger, 10, '%');
	assert_amount(&req->space[0].rearm, 5, 'G');
	assert_true(req->space[0].has_rearm);
	assert_amount(&req->space[1].trigger, 1, 'M');
	assert_amount(&req->space[1].rearm, 7, 0);
	assert_true(req->space[1].has_rearm);
	assert_amount(&req->space[2].rearm, 3, 0);
	assert_true(req->space[2].has_rearm);
	assert_amount(&req->inodes[0].trigger, 5, 0);
	assert_amount(&req->inodes[0].rearm, 6, '%');
	assert_true(req->inodes[0].has_rearm);
}

/* The order of levels depends on the file system and is checked later. */
TEST(order_of_levels_is_not_looked_at)
{
	const struct fse_request *req = text_request("/ T 5 10 10:3 90%");

	assert_int_equal(req->nr_space, 4);
}

TEST(generic_events_by_name)
{
	const struct fse_request *req;
	char text[128];
	unsigned int i;
	u32 all = 0;

	for (i = 0; i < ARRAY_SIZE(generic_names); i++) {
		sprintf(text, "/srv G:%s", generic_names[i]);
		req = text_request(text);
		assert_int_equal(req->events, 1U << generic_ids[i]);
		all |= req->events;
	}
	assert_int_equal(all, FSE_GENERIC_EVENTS);
	assert_int_equal(text_request("/srv G")->events, all);

	req = text_request("/srv G:shutdown,enospc_meta,enospc,shutdown T 1");
	assert_int_equal(req->events, (1U << FS_ERR_SHUTDOWN) |
				      (1U << FS_WARN_ENOSPC) |
				      (1U << FS_WARN_ENOSPC_META));
	assert_int_equal(req->nr_space, 1);
}

TEST(only_generic_events_have_a_bit)
{
	unsigned int id;
	u32 bit;

	for (id = 0; id < 40; id++) {
		const char *name = fse_event_name(id);

		if (!name)
			continue;
		bit = fse_name_bit(name, strlen(name));
		assert_int_equal(bit, FSE_GENERIC_EVENTS & (1U << id));
	}
	assert_int_equal(fse_name_bit("enospc", 6), 1U << FS_WARN_ENOSPC);
	assert_int_equal(fse_name_bit("enospc_meta", 6), 1U << FS_WARN_ENOSPC);
	assert_int_equal(fse_name_bit("enospc", 5), 0);
	assert_int_equal(fse_name_bit("enospcx", 7), 0);
	assert_int_equal(fse_name_bit("ENOSPC", 6), 0);
	assert_int_equal(fse_name_bit("", 0), 0);
}

/* The names are ABI. */
TEST(event_names)
{
	static const char * const names[] = {
		NULL, "enospc", "enospc_meta", "thr_lrbelow", "thr_lrabove",
		"thr_urbelow", "thr_urabove", "remount_ro", "corrupted",
		"thr_below", "thr_above", "ino_below", "ino_above", "unmount",
		"io_error", "shutdown", "cleared",
	};
	unsigned int id;

	assert_null(fse_event_name(FS_EVENT_NONE));
	for (id = 1; id < ARRAY_SIZE(names); id++)
		assert_string_equal(fse_event_name(id), names[id]);
	assert_null(fse_event_name(ARRAY_SIZE(names)));
	assert_null(fse_event_name(FS_EVENT_PRIVATE));
	assert_null(fse_event_name(U32_MAX));
}

TEST(removal)
{
	const struct fse_request *req = text_request("!/srv");

	assert_int_equal(req->op, FSE_OP_REMOVE);
	assert_string_equal(req->path, "/srv");
	assert_int_equal(req->types, 0);

	req = text_request("!/srv T");
	assert_int_equal(req->op, FSE_OP_REMOVE_TYPES);
	assert_string_equal(req->path, "/srv");
	assert_int_equal(req->types, FSE_TYPE_T);
	assert_int_equal(req->nr_space, 0);

	req = text_request("!/srv I G T");
	assert_int_equal(req->op, FSE_OP_REMOVE_TYPES);
	assert_int_equal(req->types, ALL_TYPES);
	assert_int_equal(req->events, 0);
}

TEST(removal_by_id)
{
	const struct fse_request *req = text_request("!#4294967295");

	assert_int_equal(req->op, FSE_OP_REMOVE);
	assert_true(req->by_id);
	assert_int_equal(req->id, U32_MAX);
	assert_string_equal(req->path, "");
	assert_int_equal(req->types, 0);
	assert_span(&req->mount, 1, 11);
	/* The next request names a path again. */
	assert_int_equal(parse(" !#0\t;!#007;!/srv"), 3);
	assert_true(requests[0].by_id);
	assert_int_equal(requests[0].id, 0);
	assert_int_equal(requests[1].id, 7);
	assert_false(requests[2].by_id);
}

TEST(requests_of_a_write_come_in_order)
{
	assert_int_equal(parse("/a G;/b T 1\n!/c"), 3);
	assert_string_equal(requests[0].path, "/a");
	assert_string_equal(requests[1].path, "/b");
	assert_string_equal(requests[2].path, "/c");
	assert_int_equal(requests[2].op, FSE_OP_REMOVE);

	assert_int_equal(parse("/a G;/a T 1;!/a G"), 3);
	assert_int_equal(requests[0].types, FSE_TYPE_G);
	assert_int_equal(requests[1].types, FSE_TYPE_T);
	assert_int_equal(requests[2].op, FSE_OP_REMOVE_TYPES);
}

/* No request inherits from the previous one. */
TEST(requests_do_not_mix)
{
	static const char text[] = "!/a G T;/b G T 4 I 3 2;/c I 1;!/d";
	struct fse_parser p = { .text = text, .len = sizeof(text) - 1 };
	struct fse_request *req = &requests[0];
	struct fse_error error;

	assert_int_equal(fse_parse_next(&p, req, &error), 1);
	assert_int_equal(fse_parse_next(&p, req, &error), 1);
	assert_int_equal(req->op, FSE_OP_SET);
	assert_int_equal(req->types, ALL_TYPES);

	assert_int_equal(fse_parse_next(&p, req, &error), 1);
	assert_string_equal(req->path, "/c");
	assert_int_equal(req->types, FSE_TYPE_I);
	assert_int_equal(req->events, 0);
	assert_int_equal(req->nr_space, 0);
	assert_int_equal(req->nr_inodes, 1);
	assert_span(&req->type[0], 0, 0);
	assert_span(&req->type[1], 0, 0);

	assert_int_equal(fse_parse_next(&p, req, &error), 1);
	assert_int_equal(req->op, FSE_OP_REMOVE);
	assert_int_equal(req->types, 0);
	assert_int_equal(req->nr_inodes, 0);
}

TEST(empty_requests_are_nothing)
{
	assert_int_equal(parse("/a G;"), 1);
	assert_int_equal(parse("/a G\n"), 1);
	assert_int_equal(parse(";/a G"), 1);
	assert_int_equal(parse("\n\n/a G ;;\t;\t\n;/b G\n\t\n"), 2);
	assert_string_equal(requests[0].path, "/a");
	assert_string_equal(requests[1].path, "/b");
	assert_int_equal(parse(";"), 0);
	assert_int_equal(parse(" ;\n\t; "), 0);
	assert_int_equal(parse(""), 0);
	assert_int_equal(parse(" \t\n"), 0);
}

TEST(the_end_stays_the_end)
{
	struct fse_parser p = { .text = "/a G; ", .len = 6 };
	struct fse_error error;

	assert_int_equal(fse_parse_next(&p, requests, &error), 1);
	assert_int_equal(fse_parse_next(&p, requests, &error), 0);
	assert_int_equal(fse_parse_next(&p, requests, &error), 0);
}

/* Only a write of blanks removes all watches. */
TEST(blank_write)
{
	assert_true(fse_text_blank("", 0));
	assert_true(fse_text_blank("\n", 1));
	assert_true(fse_text_blank(" \t\n\n\t", 5));
	assert_true(fse_text_blank(" x", 1));
	assert_false(fse_text_blank(" x", 2));
	assert_false(fse_text_blank("x ", 2));
	assert_false(fse_text_blank(";", 1));
	assert_false(fse_text_blank(" ;\n", 3));
	assert_false(fse_text_blank("\0", 1));
	assert_false(fse_text_blank("\r\n", 2));
	assert_false(fse_text_blank("\v", 1));
}

TEST(blanks_part_words)
{
	const struct fse_request *req =
		text_request("\t /srv\tG  \t T\t7  5:6\t");

	assert_string_equal(req->path, "/srv");
	assert_int_equal(req->types, FSE_TYPE_G | FSE_TYPE_T);
	assert_int_equal(req->nr_space, 2);
	assert_amount(&req->space[1].rearm, 6, 0);
}

TEST(escapes_in_paths)
{
	const struct fse_request *req;

	req = text_request("/a\\040b\\011\\012\\134\\073 G");
	assert_string_equal(req->path, "/a b\t\n\\;");
	assert_span(&req->mount, 0, 23);

	req = text_request("!/\\040\\040");
	assert_string_equal(req->path, "/  ");

	/* Escapes shown in config and lines are accepted. */
	req = text_request("/\\001\\037\\177\\200\\377\\075\\042\\043 G");
	assert_string_equal(req->path, "/\x01\x1f\x7f\x80\xff=\"#");
	/* Escapes are decoded once. */
	req = text_request("/\\134040 G");
	assert_string_equal(req->path, "/\\040");

	/* Other characters need no escape. */
	req = text_request("/!a:%,\"'#=\x7f\xc3\xa4\xff\r//.. G");
	assert_string_equal(req->path, "/!a:%,\"'#=\x7f\xc3\xa4\xff\r//..");
	assert_string_equal(text_request("/ G")->path, "/");
}

/* A write has a length and no NUL: nothing past its end is read. */
TEST(nothing_past_the_end_is_read)
{
	struct fse_parser p = { .text = "/srv G T 1000:2000", .len = 11 };
	struct fse_error error;

	assert_int_equal(fse_parse_next(&p, requests, &error), 1);
	assert_int_equal(requests[0].nr_space, 1);
	assert_amount(&requests[0].space[0].trigger, 10, 0);
	assert_false(requests[0].space[0].has_rearm);
	assert_int_equal(fse_parse_next(&p, requests, &error), 0);
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(classic_request),
		cmocka_unit_test(words_can_be_pointed_at),
		cmocka_unit_test(types_alone_and_in_any_order),
		cmocka_unit_test(suffix_adheres_to_its_number),
		cmocka_unit_test(amounts),
		cmocka_unit_test(rearm_may_have_a_unit_of_its_own),
		cmocka_unit_test(order_of_levels_is_not_looked_at),
		cmocka_unit_test(generic_events_by_name),
		cmocka_unit_test(only_generic_events_have_a_bit),
		cmocka_unit_test(event_names),
		cmocka_unit_test(removal),
		cmocka_unit_test(removal_by_id),
		cmocka_unit_test(requests_of_a_write_come_in_order),
		cmocka_unit_test(requests_do_not_mix),
		cmocka_unit_test(empty_requests_are_nothing),
		cmocka_unit_test(the_end_stays_the_end),
		cmocka_unit_test(blank_write),
		cmocka_unit_test(blanks_part_words),
		cmocka_unit_test(escapes_in_paths),
		cmocka_unit_test(nothing_past_the_end_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
