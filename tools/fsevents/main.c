// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsevents - watch file systems, and see what happens to them
 */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>

#include "array.h"
#include "commands.h"

#define INSTANCE	"/sys/fs/events"

/* What setsockopt(2) can take; and less would hold no message. */
#define BUFFER_MIN	1024
#define BUFFER_MAX	1073741824

/* 30 years; more is a slip. */
#define TIMEOUT_MAX_S	1e9

/**
 * struct command - a command
 * @name: its name
 * @options: letters of the options that not all commands take
 * @min_args: how many arguments it takes at least
 * @max_args: and at most; negative: any number
 * @run: what it does
 */
static const struct command {
	const char *name;
	const char *options;
	int min_args;
	int max_args;
	int (*run)(const struct options *options);
} commands[] = {
	{ "watch", "bjnt", 0, 0, command_watch },
	{ "list", "j", 0, 0, command_list },
	{ "set", "", 2, -1, command_set },
	{ "unset", "", 1, -1, command_unset },
	{ "clear", "", 0, 0, command_clear },
};

static void show_help(void)
{
	fputs("usage: fsevents watch [--json] [-n COUNT] [--timeout SECONDS]\n"
	      "                      [--buffer BYTES]\n"
	      "       fsevents list [--json]\n"
	      "       fsevents set MOUNT SPEC...\n"
	      "       fsevents unset MOUNT [TYPE...]\n"
	      "       fsevents clear\n"
	      "\n"
	      "SPEC is G[:EVENT,...], T LEVEL... or I LEVEL...; TYPE is G, T or I\n"
	      "\n"
	      "  -j, --json             objects, one a line\n"
	      "  -n, --count COUNT      end after COUNT events\n"
	      "  -t, --timeout SECONDS  end after that time\n"
	      "  -b, --buffer BYTES     events that are queued may take so much\n"
	      "  -i, --instance DIR     where fstrace is mounted, " INSTANCE "\n"
	      "  -h, --help             show this\n"
	      "  -V, --version          show the version\n"
	      "\n"
	      "exit status: 0 done, 1 refused or failed, 2 usage, 3 not loaded or\n"
	      "mounted, 4 timeout before COUNT events came\n", stdout);
}

static noreturn void usage_failed(void)
{
	fputs("try: fsevents --help\n", stderr);
	exit(STATUS_USAGE);
}

static uint64_t parse_count(const char *s)
{
	char *end;
	unsigned long long count = strtoull(s, &end, 10);

	if (!strchr("123456789", s[0]) || end == s || *end) {
		warnx("--count: '%s' is no number of events", s);
		usage_failed();
	}
	return count;
}

static size_t parse_buffer(const char *s)
{
	char *end;
	unsigned long long bytes = strtoull(s, &end, 10);

	if (!strchr("123456789", s[0]) || end == s || *end ||
	    bytes < BUFFER_MIN || bytes > BUFFER_MAX) {
		warnx("--buffer: '%s' is no number of bytes from %u to %u", s,
		      BUFFER_MIN, BUFFER_MAX);
		usage_failed();
	}
	return bytes;
}

static int64_t parse_timeout(const char *s)
{
	char *end;
	double seconds = strtod(s, &end);

	/* So that what is not a number is refused, too. */
	if (end == s || *end || !(seconds >= 0 && seconds <= TIMEOUT_MAX_S)) {
		warnx("--timeout: '%s' is no number of seconds", s);
		usage_failed();
	}
	return seconds * 1000;
}

static const struct option known_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "count", required_argument, NULL, 'n' },
	{ "timeout", required_argument, NULL, 't' },
	{ "buffer", required_argument, NULL, 'b' },
	{ "instance", required_argument, NULL, 'i' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{},
};

/* What was written must have arrived. */
static int finish(int status)
{
	if ((fflush(stdout) || ferror(stdout)) && !status) {
		warn("standard output");
		status = STATUS_FAILED;
	}
	return status;
}

static void parse(int argc, char **argv, struct options *options)
{
	int c;

	while ((c = getopt_long(argc, argv, "jn:t:b:i:hV", known_options,
				NULL)) != -1) {
		switch (c) {
		case 'j':
			options->json = true;
			break;
		case 'n':
			options->count = parse_count(optarg);
			break;
		case 't':
			options->timeout_ms = parse_timeout(optarg);
			break;
		case 'b':
			options->buffer_bytes = parse_buffer(optarg);
			break;
		case 'i':
			options->instance = optarg;
			break;
		case 'h':
			show_help();
			exit(finish(STATUS_DONE));
		case 'V':
			puts("fsevents " VERSION);
			exit(finish(STATUS_DONE));
		default:
			usage_failed();
		}
	}
}

static const struct command *find_command(const char *name)
{
	size_t i;

	if (!name) {
		warnx("which command?");
		usage_failed();
	}
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	warnx("unknown command: %s", name);
	usage_failed();
}

static void check(const struct command *command, const struct options *options,
		  int args)
{
	const char *refused = NULL;

	if (options->json && !strchr(command->options, 'j'))
		refused = "--json";
	if (options->count && !strchr(command->options, 'n'))
		refused = "--count";
	if (options->timeout_ms >= 0 && !strchr(command->options, 't'))
		refused = "--timeout";
	if (options->buffer_bytes && !strchr(command->options, 'b'))
		refused = "--buffer";
	if (refused)
		warnx("%s: takes no %s", command->name, refused);
	else if (args < command->min_args)
		warnx("%s: too few arguments", command->name);
	else if (command->max_args >= 0 && args > command->max_args)
		warnx("%s: too many arguments", command->name);
	else
		return;
	usage_failed();
}

int main(int argc, char **argv)
{
	struct options options = { .instance = INSTANCE, .timeout_ms = -1 };
	const struct command *command;

	parse(argc, argv, &options);
	command = find_command(argv[optind]);
	check(command, &options, argc - optind - 1);
	options.args = argv + optind + 1;
	return finish(command->run(&options));
}
