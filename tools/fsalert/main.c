// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsalert - alerts about file systems
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <unistd.h>

#include "../standard_files.h"
#include "commands.h"
#include "facts.h"

/* Less would hold no message. */
#define BUFFER_MIN	1024

/* 30 years; more is a slip. */
#define TIMEOUT_MAX_S	1e9

/* Options that have no letter */
enum {
	OPTION_EVENT = 256,
	OPTION_SEVERITY,
	OPTION_FORMAT,
	OPTION_TIME_FORMAT,
	OPTION_EXEC,
	OPTION_SOURCE,
};

#define WATCH_OPTIONS	" json count timeout buffer mount event severity " \
			"format time-format exec source "

/**
 * struct command - a command
 * @name: its name
 * @options: names of the options that not all commands take
 * @min_args: how many arguments it takes at least
 * @max_args: and at most; negative: any number
 * @usage: exit status when the command line is wrong
 * @run: what it does
 */
static const struct command {
	const char *name;
	const char *options;
	int min_args;
	int max_args;
	int usage;
	int (*run)(const struct options *options);
} commands[] = {
	{ "status", " json noheadings warning critical ", 0, -1, STATE_UNKNOWN,
	  command_status },
	{ "watch", WATCH_OPTIONS, 0, -1, STATUS_USAGE, command_watch },
	{ "wait", " json timeout format time-format source ", 2, 3,
	  STATUS_USAGE, command_wait },
	{ "list", " json noheadings ", 0, 0, STATUS_USAGE, command_list },
	{ "set", " instance ", 2, -1, STATUS_USAGE, command_set },
	{ "unset", " instance ", 1, -1, STATUS_USAGE, command_unset },
	{ "clear", " instance ", 0, 0, STATUS_USAGE, command_clear },
	{ "doctor", " json noheadings ", 0, 0, STATUS_USAGE, command_doctor },
};

static const struct command *command;

static const char help[] =
"usage: fsalert status [-jH] [-w AMOUNT] [-c AMOUNT] [PATH...]\n"
"       fsalert watch [OPTION]... [PATH [SPEC...]]\n"
"       fsalert wait [OPTION]... PATH EVENT|LEVEL\n"
"       fsalert list [-jH]\n"
"       fsalert set [-i DIR] PATH SPEC...\n"
"       fsalert unset [-i DIR] PATH|#ID [TYPE...]\n"
"       fsalert clear [-i DIR]\n"
"       fsalert doctor [-jH]\n"
"\n"
"PATH stands for the file system that it is on. SPEC is G[:EVENT,...],\n"
"T LEVEL... (available space) or I LEVEL... (free inodes); TYPE is G, T or I;\n"
"LEVEL is an amount as 10%, 20G or 5000 (blocks), or two, as in 10%:12%;\n"
"EVENT of wait is unmount or one of G.\n"
"\n"
"  -j, --json               objects, one a line\n"
"  -H, --noheadings         tables without a head\n"
"  -w, --warning AMOUNT     status: warn when no more is available (10%)\n"
"  -c, --critical AMOUNT    status: critical when no more is available (5%)\n"
"  -n, --count COUNT        watch: end after COUNT events\n"
"  -t, --timeout SECONDS    end after that time\n"
"  -m, --mount PATH         watch: events of this file system alone\n"
"      --event NAME,...     watch: these events alone\n"
"      --severity LEVEL     watch: info, warning or error, and worse\n"
"      --format FORMAT      lines, with {mount}, {event} and other JSON keys\n"
"      --time-format FORMAT times, as in date(1)\n"
"      --exec COMMAND       run it for each event, with FSALERT_MOUNT and so on\n"
"      --source SOURCE      kernel, poll (fsalert-poll) or any\n"
"  -b, --buffer BYTES       events that wait may take so much\n"
"  -i, --instance DIR       where fstrace is mounted, /sys/fs/events\n"
"  -h, --help               show this\n"
"  -V, --version            show the version\n"
"\n"
"exit status: 0 done, 1 refused or failed, 2 usage, 3 module, mount or helper\n"
"missing, 4 timeout; of status: 0 ok, 1 warning, 2 critical, 3 unknown\n";

static noreturn void usage_failed(void)
{
	fputs("try: fsalert --help\n", stderr);
	exit(command ? command->usage : STATUS_USAGE);
}

static uint64_t parse_number(const char *option, const char *s, uint64_t min,
			     uint64_t max)
{
	char *end;
	unsigned long long value = strtoull(s, &end, 10);

	if (!isdigit((unsigned char)s[0]) || *end || value < min || value > max) {
		if (max == UINT64_MAX)
			warnx("--%s: '%s' is no number of events", option, s);
		else
			warnx("--%s: '%s' is no number from %ju to %ju", option,
			      s, (uintmax_t)min, (uintmax_t)max);
		usage_failed();
	}
	return value;
}

/* As a level: 5% or 20G. A number alone is a percentage, as plugins take it. */
static struct limit parse_limit(const char *option, const char *s)
{
	static const char units[] = "KMGT";
	struct limit limit = { .given = true };
	uint64_t max = 100;
	unsigned int shift = 0;
	const char *unit;
	char *end;

	errno = 0;
	limit.value = strtoull(s, &end, 10);
	unit = *end && !end[1] ? strchr(units, *end) : NULL;
	limit.percent = !unit;
	if (unit) {
		shift = 10 * (unit - units + 1);
		max = UINT64_MAX >> shift;
	}
	if (!isdigit((unsigned char)s[0]) || errno || limit.value > max ||
	    (!unit && *end && strcmp(end, "%"))) {
		warnx("--%s: '%s' is no amount as in 10%% or 20G", option, s);
		usage_failed();
	}
	limit.value <<= shift;
	return limit;
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

static void add_name(struct options *options, const char *name)
{
	options->names = reallocarray(options->names, options->nr_names + 1,
				      sizeof(*options->names));
	if (!options->names)
		err(STATUS_FAILED, NULL);
	options->names[options->nr_names++] = name;
}

/* The name of a type is that of all its events, others are of one level. */
static void parse_events(struct options *options, char *names)
{
	char *name;

	while ((name = strsep(&names, ","))) {
		enum fsalert_type type = fsalert_type_of(name);

		if (type == FSALERT_UNKNOWN) {
			warnx("--event: there is no event '%s'", name);
			usage_failed();
		}
		if (!strcmp(name, fsalert_name(type)))
			options->events |= 1ULL << type;
		else
			add_name(options, name);
	}
}

static int parse_choice(const char *option, const char *s,
			const char * const choices[])
{
	int i;

	for (i = 0; choices[i]; i++) {
		if (!strcmp(s, choices[i]))
			return i;
	}
	warnx("--%s: '%s' is none of %s, %s, %s", option, s, choices[0],
	      choices[1], choices[2]);
	usage_failed();
}

/* A name that no event has is a slip. */
static const char *parse_format(const char *format)
{
	const char *s, *end;

	for (s = format; *s; s++) {
		s += *s == '\\' && s[1];
		end = *s == '{' && (s == format || s[-1] != '\\') ?
			strchr(s, '}') : NULL;
		if (end && !facts_has(s + 1, end - s - 1)) {
			warnx("--format: there is no {%.*s}",
			      (int)(end - s - 1), s + 1);
			usage_failed();
		}
	}
	return format;
}

static const struct option known_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "noheadings", no_argument, NULL, 'H' },
	{ "warning", required_argument, NULL, 'w' },
	{ "critical", required_argument, NULL, 'c' },
	{ "count", required_argument, NULL, 'n' },
	{ "timeout", required_argument, NULL, 't' },
	{ "mount", required_argument, NULL, 'm' },
	{ "event", required_argument, NULL, OPTION_EVENT },
	{ "severity", required_argument, NULL, OPTION_SEVERITY },
	{ "format", required_argument, NULL, OPTION_FORMAT },
	{ "time-format", required_argument, NULL, OPTION_TIME_FORMAT },
	{ "exec", required_argument, NULL, OPTION_EXEC },
	{ "source", required_argument, NULL, OPTION_SOURCE },
	{ "buffer", required_argument, NULL, 'b' },
	{ "instance", required_argument, NULL, 'i' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{},
};

/* What was written must have arrived. To monitoring 1 would be a warning. */
static int finish(int status)
{
	if ((fflush(stdout) || ferror(stdout)) && !status) {
		warn("standard output");
		status = command && command->run == command_status ?
			STATE_UNKNOWN : STATUS_FAILED;
	}
	return status;
}

/* Options of how things are shown. */
static void take_display(struct options *options, int c)
{
	static const char * const severities[] = {
		"info", "warning", "error", NULL,
	};
	static const char * const sources[] = { "any", "kernel", "poll", NULL };

	switch (c) {
	case OPTION_EVENT:
		parse_events(options, optarg);
		break;
	case OPTION_SEVERITY:
		options->severity = parse_choice("severity", optarg, severities);
		break;
	case OPTION_FORMAT:
		options->format = parse_format(optarg);
		break;
	case OPTION_TIME_FORMAT:
		options->time_format = optarg;
		break;
	case OPTION_EXEC:
		options->exec = optarg;
		break;
	case OPTION_SOURCE:
		options->from = parse_choice("source", optarg, sources);
		break;
	default:
		usage_failed();
	}
}

static void take(struct options *options, int c)
{
	switch (c) {
	case 'j':
		options->json = true;
		break;
	case 'H':
		options->noheadings = true;
		break;
	case 'w':
		options->warning = parse_limit("warning", optarg);
		break;
	case 'c':
		options->critical = parse_limit("critical", optarg);
		break;
	case 'n':
		options->count = parse_number("count", optarg, 1, UINT64_MAX);
		break;
	case 't':
		options->timeout_ms = parse_timeout(optarg);
		break;
	case 'm':
		options->mount = optarg;
		break;
	case 'b':
		options->buffer_bytes = parse_number("buffer", optarg,
						     BUFFER_MIN, INT_MAX);
		break;
	case 'i':
		options->instance = optarg;
		break;
	case 'h':
		fputs(help, stdout);
		exit(finish(STATUS_DONE));
	case 'V':
		printf("fsalert %s\n", fsalert_version());
		exit(finish(STATUS_DONE));
	default:
		take_display(options, c);
	}
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

/* Does the command take the options that were given? */
static void check_options(const bool *given)
{
	char word[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known_options) - 1; i++) {
		snprintf(word, sizeof(word), " %s ", known_options[i].name);
		if (given[i] && !strstr(command->options, word)) {
			warnx("%s takes no --%s", command->name,
			      known_options[i].name);
			usage_failed();
		}
	}
}

static void note(bool *given, int c)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known_options) - 1; i++)
		given[i] = given[i] || known_options[i].val == c;
}

/* "-5" is an argument: a level that is refused as such. */
static bool is_argument(const char *word)
{
	return word[0] != '-' || !word[1] || isdigit((unsigned char)word[1]);
}

static int next_option(int argc, char **argv)
{
	return getopt_long(argc, argv, "+jHw:c:n:t:m:b:i:hV", known_options,
			   NULL);
}

/* Finds the command: its exit status is right for options before it as well. */
static void look_ahead(int argc, char **argv)
{
	opterr = 0;
	while (optind < argc && !is_argument(argv[optind]) &&
	       strcmp(argv[optind], "--"))
		next_option(argc, argv);
	if (optind < argc)
		command = find_command(argv[optind]);
	opterr = 1;
	optind = 1;
}

/* The command and its arguments, with options in any place. */
static int parse(int argc, char **argv, struct options *options, bool *given)
{
	bool named = false;
	int c, nr = 0;

	options->args = argv + 1;
	while (optind < argc) {
		if (is_argument(argv[optind]) && !named) {
			named = true;
			if (!command) {
				warnx("unknown command: %s", argv[optind]);
				usage_failed();
			}
			optind++;
			continue;
		}
		if (is_argument(argv[optind])) {
			options->args[nr++] = argv[optind++];
			continue;
		}
		if (!strcmp(argv[optind], "--")) {
			for (optind++; optind < argc; optind++)
				options->args[nr++] = argv[optind];
			break;
		}
		c = next_option(argc, argv);
		note(given, c);
		take(options, c);
	}
	options->args[nr] = NULL;
	return nr;
}

static void check(int nr, const bool *given)
{
	if (!command)
		warnx("which command?");
	else if (nr < command->min_args)
		warnx("%s: too few arguments", command->name);
	else if (command->max_args >= 0 && nr > command->max_args)
		warnx("%s: too many arguments", command->name);
	else
		return check_options(given);
	usage_failed();
}

int main(int argc, char **argv)
{
	struct options options = { .timeout_ms = -1 };
	bool given[ARRAY_SIZE(known_options)] = {};
	int nr, status;

	open_standard_files();
	setlocale(LC_ALL, "");
	/* Numbers are for programs as well. */
	setlocale(LC_NUMERIC, "C");
	look_ahead(argc, argv);
	nr = parse(argc, argv, &options, given);
	check(nr, given);
	status = command->run(&options);
	free(options.names);
	return finish(status);
}
