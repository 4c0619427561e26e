// SPDX-License-Identifier: GPL-2.0-only
/* The configuration: files in their order, and errors with file, line and word. */
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "spec.h"
#include "test.h"

static char folder[64];
static char *messages;

static char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(path_of(name), "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static struct config *read_it(void)
{
	struct config *c;
	size_t len;
	FILE *out;

	free(messages);
	messages = NULL;
	out = open_memstream(&messages, &len);
	assert_non_null(out);
	c = config_read(folder, out);
	fclose(out);
	return c;
}

static struct config *accept(const char *main_file, const char *drop_in)
{
	struct config *c;

	put("fsalert.conf", main_file);
	put("conf.d/50.conf", drop_in);
	c = read_it();
	assert_string_equal(messages, "");
	assert_non_null(c);
	return c;
}

/* @line: without the folder */
static void refuse(const char *main_file, const char *line)
{
	put("fsalert.conf", main_file);
	put("conf.d/50.conf", "");
	assert_null(read_it());
	assert_memory_equal(messages, folder, strlen(folder));
	assert_string_equal(messages + strlen(folder) + 1, line);
}

TEST(test_defaults)
{
	struct config *c = accept("", "");

	assert_int_equal(c->nr, 1);
	assert_string_equal(c->rules[0].name, "local");
	assert_string_equal(c->rules[0].lists[RULE_TYPE][0], "local");
	assert_string_equal(c->rules[0].texts[RULE_SPACE], "10%:12% 5%:6%");
	assert_string_equal(c->rules[0].texts[RULE_INODES], "5%:6%");
	assert_string_equal(c->rules[0].texts[RULE_EVENTS], "all");
	assert_true(c->rules[0].at_most == 20ULL << 30);
	assert_int_equal(c->settle_ms, 60000);
	assert_int_equal(c->from, FSALERT_ANY);
	config_free(c);
}

TEST(test_rule)
{
	const struct rule *rule;
	struct config *c;

	c = accept("settle = 5min  # a comment\n"
		   "repeat=1d\n"
		   "source=poll\n"
		   "metrics=none\n"
		   "[mail]\n"
		   "path = /srv /a\\040b\n"
		   "       !/srv/x\n"
		   "label = data*\n"
		   "unit = a@%i.service b.target\n"
		   "on = space clear\n"
		   "watch = no\n"
		   "events = enospc,io_error\n", "");
	assert_int_equal(c->settle_ms, 300000);
	assert_int_equal(c->repeat_ms, 86400000);
	assert_int_equal(c->from, FSALERT_POLL);
	assert_string_equal(c->metrics, "");
	rule = &c->rules[1];
	assert_string_equal(rule->name, "mail");
	assert_string_equal(rule->lists[RULE_PATH][0], "/srv");
	assert_string_equal(rule->lists[RULE_PATH][1], "/a b");
	assert_string_equal(rule->lists[RULE_PATH][2], "!/srv/x");
	assert_null(rule->lists[RULE_PATH][3]);
	assert_string_equal(rule->lists[RULE_LABEL][0], "data*");
	assert_string_equal(rule->lists[RULE_UNIT][1], "b.target");
	assert_true(rule->on == (ON_CLEAR | 1U << FSALERT_BELOW |
				 1U << FSALERT_ENOSPC));
	assert_true(rule->has_watch && !rule->watch);
	assert_string_equal(rule->texts[RULE_EVENTS], "enospc,io_error");
	assert_null(rule->texts[RULE_SPACE]);
	config_free(c);
}

/* A drop-in replaces a key of a rule, and leaves the others. */
TEST(test_drop_in)
{
	struct config *c;

	c = accept("[a]\nspace=1%\ninodes=2%\n[b]\npath=/\n",
		   "[a]\nspace=3%\n[local]\nspace=none\n[c]\npath=/\n");
	assert_int_equal(c->nr, 4);
	assert_string_equal(c->rules[0].texts[RULE_SPACE], "none");
	assert_string_equal(c->rules[1].texts[RULE_SPACE], "3%");
	assert_string_equal(c->rules[1].texts[RULE_INODES], "2%");
	assert_string_equal(c->rules[3].name, "c");
	config_free(c);
}

/* What follows the first # of a line is a comment, whatever libeconf thinks. */
TEST(test_comments)
{
	struct config *c;

	c = accept("# to turn it on: remove \"#\".\nsettle = 5s # not # 60s\n"
		   "\t# a # b\n[a] # c # d\nspace = 1% # 2% # 3%\n"
		   "# e # f\ninodes = 4%#5%#6%\n", "");
	assert_int_equal(c->settle_ms, 5000);
	assert_string_equal(c->rules[1].texts[RULE_SPACE], "1%");
	assert_string_equal(c->rules[1].texts[RULE_INODES], "4%");
	config_free(c);
}

TEST(test_other_files)
{
	put("conf.d/60.conf~", "nonsense");
	put("conf.d/.60.conf", "nonsense");
	config_free(accept("", ""));
}

TEST(test_refused)
{
	refuse("settle=1x\n",
	       "fsalert.conf:1: settle: '1x': not a time as in 90s, 5min, 2h or 1d\n");
	refuse("\n\npath=/\n",
	       "fsalert.conf:3: 'path': no such option; a rule begins with [NAME]\n");
	refuse("[a]\nsettle=1\n",
	       "fsalert.conf:2: 'settle': no such key in a rule\n");
	refuse("[a]\nspace=10% many\n",
	       "fsalert.conf:2: space: 'many': not a level as in 10%:12%, 20G or 5%\n");
	refuse("[a]\nspace=many\n",
	       "fsalert.conf:2: space: 'many': not a level as in 10%:12%, 20G or 5%\n");
	refuse("[a]\nspace=5% 10%\n",
	       "fsalert.conf:2: space: '10%': the level is not below the one before\n");
	refuse("[a]\nspace=10%:9%\n",
	       "fsalert.conf:2: space: '10%:9%': the re-arm is below the level\n");
	refuse("[a]\nspace=101%\n",
	       "fsalert.conf:2: space: '101%': more than 100 percent\n");
	refuse("[a]\nspace=10% G\n",
	       "fsalert.conf:2: space: '10% G': not a list of levels\n");
	refuse("[a]\npath=srv\n",
	       "fsalert.conf:2: path: 'srv': not an absolute path\n");
	refuse("[a]\nunit=mail\n",
	       "fsalert.conf:2: unit: 'mail': not the name of a unit: .service is missing?\n");
	refuse("[a]\nunit=a;b.service\n",
	       "fsalert.conf:2: unit: 'a;b.service': not the name of a unit\n");
	refuse("[a]\nunit=a%n.service\n",
	       "fsalert.conf:2: unit: '%n': only %i can be used here\n");
	refuse("[a]\non=fire\n",
	       "fsalert.conf:2: on: 'fire': neither a condition nor alarms, all, clear, space, inodes, errors\n");
	/* events that are no condition */
	refuse("[a]\non=gone\n",
	       "fsalert.conf:2: on: 'gone': neither a condition nor alarms, all, clear, space, inodes, errors\n");
	refuse("[a]\non=removed\n",
	       "fsalert.conf:2: on: 'removed': neither a condition nor alarms, all, clear, space, inodes, errors\n");
	refuse("[a]\non=unmount\n",
	       "fsalert.conf:2: on: 'unmount': neither a condition nor alarms, all, clear, space, inodes, errors\n");
	refuse("[a]\nwatch=maybe\n",
	       "fsalert.conf:2: watch: 'maybe': neither yes nor no\n");
	refuse("[a]\nat-most=5%\n",
	       "fsalert.conf:2: at-most: '5%': not an amount as in 20G\n");
	refuse("[a]\nevents=enospc,fire\n",
	       "fsalert.conf:2: events: 'fire': unknown generic event\n");
	refuse("[a\nwatch=no\n",
	       "fsalert.conf:1: Missing bracket\n");
	refuse("source=both\n",
	       "fsalert.conf:1: source: 'both': neither any, kernel nor poll\n");
	refuse("metrics=a\n",
	       "fsalert.conf:1: metrics: 'a': not an absolute path\n");
	refuse("[a]\npath=/\nspace=\n",
	       "fsalert.conf:3: space: 'space': its value is empty: is \"none\" meant?\n");
	refuse("[a]\nspace=\n[b]\nspace=1%\n",
	       "fsalert.conf:2: space: 'space': its value is empty: is \"none\" meant?\n");
	refuse("settle = 1s\n[a]\npath = /a\n[b]\npath = /b\n[a]\npath = /c\n",
	       "fsalert.conf:7: 'path': this key is there twice\n");
	refuse("[a]\nno value\n",
	       "fsalert.conf:2: 'no value': neither KEY=VALUE nor [NAME]\n");
	/* what a terminal would take for a command */
	refuse("settle=\x1b[2J\n",
	       "fsalert.conf:1: settle: '\\033[2J': not a time as in 90s, 5min, 2h or 1d\n");
}

static void limited(const char *levels, uint64_t gib, const char *expected)
{
	/* blocks of 4 KiB */
	char *text = spec_limit(levels, 20ULL << 30, gib << 18, 4096);

	assert_string_equal(text, expected);
	free(text);
}

TEST(test_limit)
{
	limited("10%:12% 5%:6%", 100, "10%:12% 5%:6%");
	limited("10%:12% 5%:6%", 200, "10%:12% 5%:6%");
	limited("10%:12% 5%:6%", 2000,
		"20971520K:25165824K 10485760K:12582912K");
	limited("10%:12% 5%:6%", 4000,
		"20971520K:25165824K 10485760K:12582912K");
	limited("40G 10G", 1000, "20971520K:20971520K 5242880K:5242880K");
	limited("10G", 1000, "10G");
}

static int set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/fsalertd-config.XXXXXX");
	return !mkdtemp(folder) || mkdir(path_of("conf.d"), 0755);
}

static int tear_down(void **state)
{
	static const char * const files[] = {
		"fsalert.conf", "conf.d/50.conf", "conf.d/60.conf~",
		"conf.d/.60.conf",
	};
	size_t i;

	(void)state;
	free(messages);
	for (i = 0; i < sizeof(files) / sizeof(*files); i++)
		unlink(path_of(files[i]));
	rmdir(path_of("conf.d"));
	return rmdir(folder);
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_rule),
		cmocka_unit_test(test_drop_in),
		cmocka_unit_test(test_comments),
		cmocka_unit_test(test_other_files),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
