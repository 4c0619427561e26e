// SPDX-License-Identifier: GPL-2.0-only
/*
 * The grammar of requests: errors and the word at fault, which is between "<"
 * and ">" in each text.
 */
#include <string.h>

#include <linux/errno.h>
#include <linux/kernel.h>

#include "text.h"
#include "unit.h"

TEST(no_path)
{
	TEXT_REFUSED("<srv> G", -EINVAL);
	TEXT_REFUSED("<G> T 10", -EINVAL);
	TEXT_REFUSED("<710000> 500000", -EINVAL);
	TEXT_REFUSED("<./srv> G", -EINVAL);
	TEXT_REFUSED("<\\057srv> G", -EINVAL);
	TEXT_REFUSED("  <\"/srv\"> G", -EINVAL);
	TEXT_REFUSED("<#> /srv G", -EINVAL);
}

TEST(removal_without_a_path)
{
	TEXT_REFUSED("<!>", -EINVAL);
	TEXT_REFUSED("<!> /srv", -EINVAL);
	TEXT_REFUSED("/a G;<!>;/srv", -EINVAL);
	TEXT_REFUSED("!<srv>", -EINVAL);
	TEXT_REFUSED("!<!/srv>", -EINVAL);
}

TEST(removal_by_an_id_that_is_none)
{
	TEXT_REFUSED("!<#>", -EINVAL);
	TEXT_REFUSED("!<#> 3", -EINVAL);
	TEXT_REFUSED("!<#3x>", -EINVAL);
	TEXT_REFUSED("!<#-1>", -EINVAL);
	TEXT_REFUSED("!<#3#4>", -EINVAL);
	TEXT_REFUSED("!<#/srv>", -EINVAL);
	TEXT_REFUSED("<!> #3", -EINVAL);
	TEXT_REFUSED("<#3>", -EINVAL);
	TEXT_REFUSED("!<!#3>", -EINVAL);
	TEXT_REFUSED("!<#4294967296>", -ENOENT);
	TEXT_REFUSED("!<#99999999999999999999999>", -ENOENT);
	TEXT_REFUSED("!#3 <G>", -EINVAL);
	TEXT_REFUSED("!#3 </srv> G", -EINVAL);
}

TEST(nothing_to_watch)
{
	TEXT_REFUSED("</srv>", -EINVAL);
	TEXT_REFUSED(" </srv>\t;/a G", -EINVAL);
	TEXT_REFUSED("/a G\n</srv>\n", -EINVAL);
	TEXT_REFUSED("</srv> ", -EINVAL);
}

TEST(unknown_type)
{
	TEXT_REFUSED("/srv <X>", -EINVAL);
	TEXT_REFUSED("/srv <g>", -EINVAL);
	TEXT_REFUSED("/srv <GG>", -EINVAL);
	TEXT_REFUSED("/srv <G,T> 10", -EINVAL);
	TEXT_REFUSED("/srv <enospc>", -EINVAL);
	TEXT_REFUSED("/srv <T10>", -EINVAL);
	TEXT_REFUSED("/srv <T:10>", -EINVAL);
	TEXT_REFUSED("/srv <I:10>", -EINVAL);
	TEXT_REFUSED("/srv G </mnt> G", -EINVAL);
	TEXT_REFUSED("/srv T 10 <M>", -EINVAL);
	TEXT_REFUSED("/srv T 10 <-5>", -EINVAL);
	TEXT_REFUSED("/srv T 10 <:20>", -EINVAL);
	TEXT_REFUSED("/srv G <!>", -EINVAL);
	TEXT_REFUSED("/srv <G\r>", -EINVAL);
}

TEST(level_without_a_type)
{
	TEXT_REFUSED("/srv <10>", -EINVAL);
	TEXT_REFUSED("/srv <10> T 5", -EINVAL);
	TEXT_REFUSED("/srv G <10>", -EINVAL);
	TEXT_REFUSED("/srv G:enospc <10%>", -EINVAL);
}

TEST(type_without_a_level)
{
	TEXT_REFUSED("/srv <T>", -EINVAL);
	TEXT_REFUSED("/srv <T> G", -EINVAL);
	TEXT_REFUSED("/srv <T> I 5", -EINVAL);
	TEXT_REFUSED("/srv T <many>", -EINVAL);
	TEXT_REFUSED("/srv T <-5>", -EINVAL);
	TEXT_REFUSED("/srv I <T5> 5", -EINVAL);
	TEXT_REFUSED("/srv T 10 <I>", -EINVAL);
	TEXT_REFUSED("/srv <I>;/a G", -EINVAL);
	TEXT_REFUSED("/srv T <%>", -EINVAL);
}

TEST(same_type_twice)
{
	TEXT_REFUSED("/srv G <G>", -EINVAL);
	TEXT_REFUSED("/srv G <G:enospc>", -EINVAL);
	TEXT_REFUSED("/srv G:enospc T 5 <G:corrupted>", -EINVAL);
	TEXT_REFUSED("/srv T 10 <T> 5", -EINVAL);
	TEXT_REFUSED("/srv I 10 G <I> 5", -EINVAL);
	TEXT_REFUSED("!/srv T <T>", -EINVAL);
}

TEST(names_of_generic_events)
{
	TEXT_REFUSED("/srv G<:>", -EINVAL);
	TEXT_REFUSED("/srv G<:>;/a G", -EINVAL);
	TEXT_REFUSED("/srv G<:> enospc", -EINVAL);
	TEXT_REFUSED("/srv G<:>,enospc", -EINVAL);
	TEXT_REFUSED("/srv G:enospc<,>", -EINVAL);
	TEXT_REFUSED("/srv G:enospc<,> corrupted", -EINVAL);
	TEXT_REFUSED("/srv G:enospc<,>,corrupted", -EINVAL);
	TEXT_REFUSED("/srv G:<bogus>", -EINVAL);
	TEXT_REFUSED("/srv G:<enospc:>", -EINVAL);
	TEXT_REFUSED("/srv G:<enos>,io_error", -EINVAL);
	TEXT_REFUSED("/srv G:io_error,<enospc_>,shutdown", -EINVAL);
	TEXT_REFUSED("/srv G:<ENOSPC>", -EINVAL);
	TEXT_REFUSED("/srv G:<1>", -EINVAL);
}

/* Levels have types of their own, and "unmount" can't be chosen. */
TEST(events_that_are_not_generic)
{
	TEXT_REFUSED("/srv G:<thr_lrbelow>", -EINVAL);
	TEXT_REFUSED("/srv G:<thr_lrabove>", -EINVAL);
	TEXT_REFUSED("/srv G:<thr_urbelow>", -EINVAL);
	TEXT_REFUSED("/srv G:<thr_urabove>", -EINVAL);
	TEXT_REFUSED("/srv G:<thr_below>", -EINVAL);
	TEXT_REFUSED("/srv G:<thr_above>", -EINVAL);
	TEXT_REFUSED("/srv G:<ino_below>", -EINVAL);
	TEXT_REFUSED("/srv G:enospc,<ino_above>", -EINVAL);
	TEXT_REFUSED("/srv G:enospc,<unmount>", -EINVAL);
}

TEST(amounts_that_are_none)
{
	TEXT_REFUSED("/srv T <10X>", -EINVAL);
	TEXT_REFUSED("/srv T <10k>", -EINVAL);
	TEXT_REFUSED("/srv T <10P>", -EINVAL);
	TEXT_REFUSED("/srv T <10KK>", -EINVAL);
	TEXT_REFUSED("/srv T <10K5>", -EINVAL);
	TEXT_REFUSED("/srv T <10KiB>", -EINVAL);
	TEXT_REFUSED("/srv T <10%%>", -EINVAL);
	TEXT_REFUSED("/srv T <1.5G>", -EINVAL);
	TEXT_REFUSED("/srv T <10,5>", -EINVAL);
	TEXT_REFUSED("/srv T <0x10>", -EINVAL);
	TEXT_REFUSED("/srv T 30 20 <1O> 5", -EINVAL);
	TEXT_REFUSED("/srv T <10\r>", -EINVAL);
	TEXT_REFUSED("/srv I <10B>", -EINVAL);
	TEXT_REFUSED("/srv I <10%5>", -EINVAL);
}

TEST(inodes_have_no_bytes)
{
	TEXT_REFUSED("/srv I <10K>", -EINVAL);
	TEXT_REFUSED("/srv I <10M>", -EINVAL);
	TEXT_REFUSED("/srv I 20 <10G>", -EINVAL);
	TEXT_REFUSED("/srv T 5K I <10T>", -EINVAL);
	TEXT_REFUSED("/srv I 10:<20K>", -EINVAL);
}

TEST(rearm_that_is_none)
{
	TEXT_REFUSED("/srv T 10<:>", -EINVAL);
	TEXT_REFUSED("/srv T 10<:> 20", -EINVAL);
	TEXT_REFUSED("/srv T 10<:>;/a G", -EINVAL);
	TEXT_REFUSED("/srv T 30 10:<x>", -EINVAL);
	TEXT_REFUSED("/srv T 10:<K>", -EINVAL);
	TEXT_REFUSED("/srv T 10:<-1>", -EINVAL);
	TEXT_REFUSED("/srv T 10:<5k>", -EINVAL);
	TEXT_REFUSED("/srv T 10:<20:30>", -EINVAL);
	TEXT_REFUSED("/srv T <10k>:20", -EINVAL);
	TEXT_REFUSED("/srv I 10:<%>", -EINVAL);
}

TEST(numbers_too_large)
{
	TEXT_REFUSED("/srv T <18446744073709551616>", -ERANGE);
	TEXT_REFUSED("/srv T <18446744073709551620>", -ERANGE);
	TEXT_REFUSED("/srv T <99999999999999999999>", -ERANGE);
	TEXT_REFUSED("/srv T <184467440737095516150>", -ERANGE);
	TEXT_REFUSED("/srv T <340282366920938463463374607431768211456>",
		     -ERANGE);
	TEXT_REFUSED("/srv T <18446744073709551616%>", -ERANGE);
	TEXT_REFUSED("/srv T 1:<18446744073709551616>", -ERANGE);
	TEXT_REFUSED("/srv I <18446744073709551616>", -ERANGE);
	TEXT_REFUSED("/srv I 5:<18446744073709551616>", -ERANGE);
}

TEST(bytes_that_do_not_fit)
{
	TEXT_REFUSED("/srv T <18014398509481984K>", -ERANGE);
	TEXT_REFUSED("/srv T <17592186044416M>", -ERANGE);
	TEXT_REFUSED("/srv T <17179869184G>", -ERANGE);
	TEXT_REFUSED("/srv T <16777216T>", -ERANGE);
	TEXT_REFUSED("/srv T 1T:<16777216T>", -ERANGE);
}

TEST(percentages_over_100)
{
	TEXT_REFUSED("/srv T <101%>", -ERANGE);
	TEXT_REFUSED("/srv T 50%:<101%>", -ERANGE);
	TEXT_REFUSED("/srv I <4294967296%>", -ERANGE);
}

TEST(removal_takes_types_only)
{
	TEXT_REFUSED("!/srv <X>", -EINVAL);
	TEXT_REFUSED("!/srv <10>", -EINVAL);
	TEXT_REFUSED("!/srv T <10>", -EINVAL);
	TEXT_REFUSED("!/srv <G:enospc>", -EINVAL);
	TEXT_REFUSED("!/srv </mnt>", -EINVAL);
}

TEST(escapes_that_are_none)
{
	TEXT_REFUSED("/a<\\041>b G", -EINVAL);
	TEXT_REFUSED("/a<\\057>b G", -EINVAL);
	TEXT_REFUSED("/a<\\000>b G", -EINVAL);
	TEXT_REFUSED("/a<\\x20>b G", -EINVAL);
	TEXT_REFUSED("/a<\\n>", -EINVAL);
	TEXT_REFUSED("/a<\\> G", -EINVAL);
	TEXT_REFUSED("/a<\\>;b G", -EINVAL);
	TEXT_REFUSED("/a<\\04> G", -EINVAL);
	TEXT_REFUSED("/a<\\04>", -EINVAL);
	TEXT_REFUSED("/a<\\089>0 G", -EINVAL);
	TEXT_REFUSED("/a<\\080>0 G", -EINVAL);
	TEXT_REFUSED("/a<\\0/0>40 G", -EINVAL);
	TEXT_REFUSED("/a<\\440>b G", -EINVAL);
	TEXT_REFUSED("/a<\\540>b G", -EINVAL);
	TEXT_REFUSED("/a\\040b<\\\\04>0c G", -EINVAL);
	TEXT_REFUSED("!/srv\\040<\\777>", -EINVAL);
}

TEST(nul_bytes)
{
	TEXT_REFUSED("<\0>", -EINVAL);
	TEXT_REFUSED(" <\0> ", -EINVAL);
	TEXT_REFUSED("<\0>/srv G", -EINVAL);
	TEXT_REFUSED("/sr<\0>v G", -EINVAL);
	TEXT_REFUSED("/srv<\0>", -EINVAL);
	TEXT_REFUSED("/srv <\0>G", -EINVAL);
	TEXT_REFUSED("/srv G<\0>", -EINVAL);
	TEXT_REFUSED("/srv G:enospc<\0>,corrupted", -EINVAL);
	TEXT_REFUSED("/srv T 1<\0>0", -EINVAL);
	TEXT_REFUSED("/srv T 10 <\0>", -EINVAL);
	TEXT_REFUSED("/srv G;<\0>", -EINVAL);
	TEXT_REFUSED("!/srv<\0> G", -EINVAL);
}

/* The first error counts, in whichever request. */
TEST(first_fault)
{
	TEXT_REFUSED("/srv <X> T 101%", -EINVAL);
	TEXT_REFUSED("/srv T <101%> X", -ERANGE);
	TEXT_REFUSED("/a G;/b G;/srv <X>;c", -EINVAL);
	TEXT_REFUSED("/a G;\n\n!/b T\n/srv I 5 <Y>\n", -EINVAL);
	TEXT_REFUSED("/srv G <X>;/a G", -EINVAL);
}

TEST(requests_before_the_fault_are_returned)
{
	static const char text[] = "/a G;!/b;/c Q;/d G";
	static struct fse_request req;
	struct fse_parser p = { .text = text, .len = sizeof(text) - 1 };
	struct fse_error error;

	assert_int_equal(fse_parse_next(&p, &req, &error), 1);
	assert_string_equal(req.path, "/a");
	assert_int_equal(fse_parse_next(&p, &req, &error), 1);
	assert_string_equal(req.path, "/b");
	assert_int_equal(fse_parse_next(&p, &req, &error), -EINVAL);
	assert_string_equal(error.why,
			    "unknown type, expected G, T or I");
}

/* The reason must fit the request: in the last, a level does follow T. */
TEST(reasons)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "/srv 10", "expected T or I before a level" },
		{ "/srv G X", "unknown type, expected G, T or I" },
		{ "/srv T", "expected levels after this type" },
		{ "/srv T many", "expected a level" },
		{ "!/srv T X", "unknown type, expected G, T or I" },
		{ "!/srv G:enospc",
		  "single events cannot be removed, expected G" },
		{ "!/srv T 10",
		  "single levels cannot be removed, expected T or I" },
	};
	struct fse_error error;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(text_parse(cases[i].text,
					    strlen(cases[i].text), NULL, 0,
					    &error), -EINVAL);
		assert_string_equal(error.why, cases[i].why);
	}
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(no_path),
		cmocka_unit_test(removal_without_a_path),
		cmocka_unit_test(removal_by_an_id_that_is_none),
		cmocka_unit_test(nothing_to_watch),
		cmocka_unit_test(unknown_type),
		cmocka_unit_test(level_without_a_type),
		cmocka_unit_test(type_without_a_level),
		cmocka_unit_test(same_type_twice),
		cmocka_unit_test(names_of_generic_events),
		cmocka_unit_test(events_that_are_not_generic),
		cmocka_unit_test(amounts_that_are_none),
		cmocka_unit_test(inodes_have_no_bytes),
		cmocka_unit_test(rearm_that_is_none),
		cmocka_unit_test(numbers_too_large),
		cmocka_unit_test(bytes_that_do_not_fit),
		cmocka_unit_test(percentages_over_100),
		cmocka_unit_test(removal_takes_types_only),
		cmocka_unit_test(escapes_that_are_none),
		cmocka_unit_test(nul_bytes),
		cmocka_unit_test(first_fault),
		cmocka_unit_test(requests_before_the_fault_are_returned),
		cmocka_unit_test(reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
