// SPDX-License-Identifier: GPL-2.0-only
/*
 * doctor and DKMS name the same kernels for the module.
 */
#include <regex.h>
#include <sys/utsname.h>

#include "commands.h"
#include "test.h"

#define EXCLUSIVE	"BUILD_EXCLUSIVE_KERNEL=\"%127[^\"]\""

static const char *release;

/* The linker has the command call these. No such kernel is installed. */
int __wrap_uname(struct utsname *name)
{
	*name = (struct utsname){ .machine = "x86_64" };
	snprintf(name->release, sizeof(name->release), "%s-none", release);
	return 0;
}

bool __wrap_kernel_knows(void)
{
	return false;
}

/* What the command prints. */
static char *doctor(void)
{
	const struct options options = { .json = true };
	FILE *before = stdout;
	size_t size;
	char *text;

	stdout = open_memstream(&text, &size);
	assert_non_null(stdout);
	command_doctor(&options);
	fclose(stdout);
	stdout = before;
	return text;
}

static void read_pattern(regex_t *pattern)
{
	char line[256], text[128] = "";
	FILE *file = fopen(DKMS, "re");

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) &&
	       sscanf(line, EXCLUSIVE, text) != 1)
		;
	fclose(file);
	assert_int_equal(regcomp(pattern, text, REG_EXTENDED | REG_NOSUB), 0);
}

TEST(test_releases)
{
	static const struct {
		const char *release;
		bool good;
	} cases[] = {
		{ "5.10.0", false }, { "6.1.0", false }, { "6.11.11", false },
		{ "6.12.0", true }, { "6.12.99", true }, { "6.13.0", false },
		{ "6.120.0", false }, { "7.0.0", true }, { "7.19.3", true },
		{ "8.0.0", false }, { "8.1.2", false }, { "70.0.0", false },
	};
	regex_t pattern;
	char *said;
	size_t i;

	read_pattern(&pattern);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		release = cases[i].release;
		assert_int_equal(!regexec(&pattern, release, 0, NULL, 0),
				 cases[i].good);
		said = doctor();
		print_message("# %s: %.*s\n", release,
			      (int)strcspn(said, "\n"), said);
		assert_int_equal(!!strstr(said, "is not installed for it"),
				 cases[i].good);
		assert_int_equal(!strstr(said, "is for Linux 6.12 and 7"),
				 cases[i].good);
		free(said);
	}
	regfree(&pattern);
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_releases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
