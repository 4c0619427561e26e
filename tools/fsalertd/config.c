// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading the configuration: fsalert.conf, and the files of conf.d in the order of
 * their names. A later file replaces single keys of a rule, or adds rules.
 *
 * Whatever is wrong is reported with its file, line and word; then none of it is
 * used.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libeconf.h>
#include <libeconf_ext.h>

#include "config.h"
#include "spec.h"
#include "../defaults.h"
#include "../fsalert/text.h"

#define BLANKS		" \t\n"
#define MAIN_FILE	"fsalert.conf"
#define DROP_INS	"conf.d"

/**
 * struct reading - a configuration that is being read
 * @c: what there is so far
 * @errors: where messages go
 * @nr_errors: how many
 * @file: path of the file
 * @line: number of the line
 * @key: the key
 * @group: of the line, as it stands there
 * @seen: all keys of the file, each with its group
 */
struct reading {
	struct config *c;
	FILE *errors;
	unsigned int nr_errors;
	const char *file;
	unsigned int line;
	const char *key;
	char *group;
	char *seen;
};

/* @len: 0: the whole word */
static void fault(struct reading *r, const char *word, size_t len,
		  const char *why)
{
	char *part = strndup(word, len ? len : strlen(word));
	char *shown = part ? text_escape(part, text_plain_terminal) : NULL;

	fprintf(r->errors, "%s:%u: ", r->file, r->line);
	if (r->key)
		fprintf(r->errors, "%s: ", r->key);
	fprintf(r->errors, "'%s': %s\n", shown ? shown : "?", why);
	r->nr_errors++;
	free(shown);
	free(part);
}

static void no_memory(struct reading *r)
{
	fprintf(r->errors, "%s: out of memory\n", r->file);
	r->nr_errors++;
}

static void free_words(char **words)
{
	size_t i;

	for (i = 0; words && words[i]; i++)
		free(words[i]);
	free(words);
}

static char **split(const char *value)
{
	char **words = calloc(strlen(value) / 2 + 2, sizeof(*words));
	size_t nr = 0, len;

	for (value += strspn(value, BLANKS); words && *value;
	     value += strspn(value, BLANKS)) {
		len = strcspn(value, BLANKS);
		words[nr] = strndup(value, len);
		if (!words[nr]) {
			free_words(words);
			return NULL;
		}
		text_unescape(words[nr++]);
		value += len;
	}
	return words;
}

/* --- values ---------------------------------------------------------------- */

/* Has @word nothing but letters, digits and @others? */
static bool has_only(const char *word, const char *others)
{
	while (*word && (isalnum((unsigned char)*word) || strchr(others, *word)))
		word++;
	return !*word;
}

static bool check_unit(struct reading *r, const char *unit)
{
	static const char * const suffixes[] = {
		".service", ".target", ".socket", ".timer", ".path", ".mount",
	};
	const char *suffix = strrchr(unit, '.');
	bool known = false;
	size_t i;

	for (i = 0; suffix && i < sizeof(suffixes) / sizeof(*suffixes); i++)
		known |= !strcmp(suffix, suffixes[i]);
	if (!known) {
		fault(r, unit, 0, "not the name of a unit: .service is missing?");
		return false;
	}
	if (!has_only(unit, ":-_.\\@%")) {
		fault(r, unit, 0, "not the name of a unit");
		return false;
	}
	for (unit = strchr(unit, '%'); unit; unit = strchr(unit + 2, '%')) {
		if (unit[1] != 'i') {
			fault(r, unit, 2, "only %i can be used here");
			return false;
		}
	}
	return true;
}

static bool check_word(struct reading *r, enum rule_list list, const char *word)
{
	switch (list) {
	case RULE_PATH:
		word += word[0] == '!';
		if (word[0] == '/' || word[0] == '*')
			return true;
		fault(r, word, 0, "not an absolute path");
		return false;
	case RULE_UNIT:
		return check_unit(r, word);
	default:
		return true;
	}
}

static void set_list(struct reading *r, struct rule *rule, enum rule_list list,
		     const char *value)
{
	char **words = split(value);
	size_t i;

	if (!words) {
		no_memory(r);
		return;
	}
	if (words[0] && !words[1] && !strcmp(words[0], "none")) {
		free(words[0]);
		words[0] = NULL;
	}
	for (i = 0; words[i]; i++)
		check_word(r, list, words[i]);
	free_words(rule->lists[list]);
	rule->lists[list] = words;
}

static void set_text(struct reading *r, struct rule *rule, enum rule_text text,
		     const char *value)
{
	struct spec_fault why = { .at = 0 };
	bool good = true;

	if (text != RULE_EVENTS && strcmp(value, "none"))
		good = spec_check_levels(value, text == RULE_INODES, &why);
	else if (strcmp(value, "all") && strcmp(value, "none"))
		good = spec_check_events(value, &why);
	if (!good) {
		fault(r, value + why.at, why.len, why.why);
		return;
	}
	free(rule->texts[text]);
	rule->texts[text] = strdup(value);
	if (!rule->texts[text])
		no_memory(r);
}

static bool parse_bool(struct reading *r, const char *value, bool *result)
{
	*result = !strcmp(value, "yes");
	if (*result || !strcmp(value, "no"))
		return true;
	fault(r, value, 0, "neither yes nor no");
	return false;
}

static const struct {
	const char *name;
	uint32_t bits;
} causes[] = {
	{ "alarms", ON_ALARMS },
	{ "all", ON_ALARMS | ON_CLEAR },
	{ "clear", ON_CLEAR },
	{ "space", (1U << FSALERT_BELOW) | (1U << FSALERT_ENOSPC) },
	{ "inodes", (1U << FSALERT_INO_BELOW) | (1U << FSALERT_ENOSPC_META) },
	{ "errors", (1U << FSALERT_REMOUNT_RO) | (1U << FSALERT_CORRUPTED) |
		    (1U << FSALERT_IO_ERROR) | (1U << FSALERT_SHUTDOWN) },
};

static void set_on(struct reading *r, struct rule *rule, const char *value)
{
	char **words = split(value);
	size_t i, j;

	rule->on = 0;
	for (i = 0; words && words[i]; i++) {
		uint32_t bits = 0;

		for (j = 0; j < sizeof(causes) / sizeof(*causes); j++) {
			if (!strcmp(words[i], causes[j].name))
				bits = causes[j].bits;
		}
		bits |= (1ULL << fsalert_type_of(words[i])) & ON_ALARMS;
		if (!bits)
			fault(r, words[i], 0,
			      "neither a condition nor alarms, all, clear, space, inodes, errors");
		rule->on |= bits;
	}
	if (!words)
		no_memory(r);
	free_words(words);
}

/* The keys of a rule: its lists, its texts, and others. */
static const char * const rule_keys[] = {
	"path", "type", "device", "label", "uuid", "unit",
	"space", "inodes", "events",
	"watch", "at-most", "on", NULL
};

static const char * const option_keys[] = {
	"settle", "repeat", "source", "metrics", NULL
};

static void set_rule_key(struct reading *r, struct rule *rule,
			 const char *value)
{
	size_t i;

	for (i = 0; i < RULE_LISTS; i++) {
		if (!strcmp(r->key, rule_keys[i]))
			set_list(r, rule, i, value);
	}
	for (i = 0; i < RULE_TEXTS; i++) {
		if (!strcmp(r->key, rule_keys[RULE_LISTS + i]))
			set_text(r, rule, i, value);
	}
	if (!strcmp(r->key, "watch")) {
		rule->has_watch = parse_bool(r, value, &rule->watch);
	} else if (!strcmp(r->key, "at-most")) {
		rule->has_at_most = true;
		rule->at_most = 0;
		if (strcmp(value, "none") && !spec_parse_bytes(value, &rule->at_most))
			fault(r, value, 0, "not an amount as in 20G");
	} else if (!strcmp(r->key, "on")) {
		set_on(r, rule, value);
	}
}

/* "90", "90s", "5min", "2h", "1d" */
static void set_time(struct reading *r, const char *value, uint64_t *ms)
{
	static const struct {
		const char *name;
		uint64_t ms;
	} units[] = {
		{ "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "min", 60000 },
		{ "h", 3600000 }, { "d", 86400000 },
	};
	unsigned long number;
	char *end;
	size_t i;

	errno = 0;
	number = strtoul(value, &end, 10);
	for (i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (*value >= '0' && *value <= '9' && !errno &&
		    number < 1000000 && !strcmp(end, units[i].name)) {
			*ms = number * units[i].ms;
			return;
		}
	}
	fault(r, value, 0, "not a time as in 90s, 5min, 2h or 1d");
}

static void set_source(struct reading *r, const char *value)
{
	static const char * const names[] = {
		[FSALERT_ANY] = "any",
		[FSALERT_KERNEL] = "kernel",
		[FSALERT_POLL] = "poll",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!strcmp(value, names[i])) {
			r->c->from = i;
			return;
		}
	}
	fault(r, value, 0, "neither any, kernel nor poll");
}

static void set_option(struct reading *r, const char *value)
{
	struct config *c = r->c;

	if (!strcmp(r->key, "settle")) {
		set_time(r, value, &c->settle_ms);
	} else if (!strcmp(r->key, "repeat")) {
		set_time(r, value, &c->repeat_ms);
	} else if (!strcmp(r->key, "source")) {
		set_source(r, value);
	} else if (!strcmp(r->key, "metrics")) {
		if (!strcmp(value, "none"))
			value = "";
		else if (*value != '/')
			fault(r, value, 0, "not an absolute path");
		free(c->metrics);
		c->metrics = strdup(value);
		if (!c->metrics)
			no_memory(r);
	}
}

/* --- rules ----------------------------------------------------------------- */

static struct rule *find_rule(struct config *c, const char *name)
{
	struct rule *rules;
	size_t i;

	for (i = 0; i < c->nr; i++) {
		if (!strcmp(c->rules[i].name, name))
			return &c->rules[i];
	}
	rules = reallocarray(c->rules, c->nr + 1, sizeof(*rules));
	if (!rules)
		return NULL;
	c->rules = rules;
	rules[c->nr] = (struct rule){ .name = strdup(name), .on = ON_ALARMS };
	return rules[c->nr].name ? &rules[c->nr++] : NULL;
}

/* What holds without any file. */
static bool defaults(struct config *c)
{
	struct rule *rule = find_rule(c, "local");

	if (!rule)
		return false;
	c->settle_ms = 60000;
	c->repeat_ms = 3600000;
	c->metrics = strdup("/run/fsalert/fsalert.prom");
	rule->lists[RULE_TYPE] = split("local");
	rule->texts[RULE_SPACE] = strdup(DEFAULT_SPACE_LEVELS);
	rule->texts[RULE_INODES] = strdup(DEFAULT_INODE_LEVELS);
	rule->texts[RULE_EVENTS] = strdup("all");
	rule->at_most = DEFAULT_AT_MOST;
	rule->has_at_most = true;
	return c->metrics && rule->lists[RULE_TYPE] && rule->texts[RULE_SPACE] &&
	       rule->texts[RULE_INODES] && rule->texts[RULE_EVENTS];
}

/* --- files ----------------------------------------------------------------- */

static char *join(char **values)
{
	char *text = NULL;
	size_t len, i;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (i = 0; values && values[i]; i++)
		fprintf(out, "%s%s", i ? " " : "", values[i]);
	return fclose(out) ? NULL : text;
}

/* econf_getKeys() leaves out keys that another group has as well. */
static void take_key(struct reading *r, econf_file *file, char *group,
		     struct rule *rule)
{
	econf_ext_value *ext = NULL;
	char *value;

	if (econf_getExtValue(file, group, r->key, &ext) || !ext)
		return;
	r->line = ext->line_number;
	value = join(ext->values);
	if (!value)
		no_memory(r);
	else if (!*value)
		fault(r, r->key, 0, "its value is empty: is \"none\" meant?");
	else if (rule)
		set_rule_key(r, rule, value);
	else
		set_option(r, value);
	free(value);
	econf_freeExtValue(ext);
}

static void take_group(struct reading *r, econf_file *file, char *group)
{
	struct rule *rule = group ? find_rule(r->c, group) : NULL;
	const char * const *key = rule ? rule_keys : option_keys;

	if (group && !rule) {
		no_memory(r);
		return;
	}
	for (; *key; key++) {
		r->key = *key;
		take_key(r, file, group, rule);
	}
	r->key = NULL;
}

static bool is_key(const char *word, const char * const *keys)
{
	while (*keys && strcmp(word, *keys))
		keys++;
	return *keys;
}

static void enter_group(struct reading *r, const char *word)
{
	free(r->group);
	r->group = strndup(word, strcspn(word, "]\n"));
}

/* Versions of libeconf take the first, the last or all of them. */
static void check_twice(struct reading *r, const char *word)
{
	char *entry = NULL, *more = NULL;

	if (asprintf(&entry, "\n%s\n%s\n", r->group ?: "", word) < 0) {
		no_memory(r);
		return;
	}
	if (r->seen && strstr(r->seen, entry))
		fault(r, word, 0, "this key is there twice");
	else if (asprintf(&more, "%s%s", r->seen ?: "", entry) < 0)
		no_memory(r);
	if (more) {
		free(r->seen);
		r->seen = more;
	}
	free(entry);
}

/* What libeconf would pass over: keys that there are not, and other text. */
static void check_line(struct reading *r, char *line)
{
	const char * const *keys;
	char *word = line + strspn(line, BLANKS), *end;

	if (*word == '[')
		enter_group(r, word);
	/* A line that begins with a blank goes on with the value before. */
	if (!*word || *word == '#' || *word == '[' || word > line)
		return;
	end = strchr(word, '=');
	if (!end) {
		word[strcspn(word, "\n")] = '\0';
		fault(r, word, 0, "neither KEY=VALUE nor [NAME]");
		return;
	}
	while (end > word && strchr(BLANKS, end[-1]))
		end--;
	*end = '\0';
	keys = r->group ? rule_keys : option_keys;
	if (is_key(word, keys))
		check_twice(r, word);
	else
		fault(r, word, 0, r->group ? "no such key in a rule" :
		      "no such option; a rule begins with [NAME]");
}

/*
 * What of the line libeconf is given: without the text of its comment. libeconf 0.7
 * takes the last # in a line for the first one.
 */
static void copy_line(FILE *copy, const char *line)
{
	size_t len = strcspn(line, "#\n");

	fprintf(copy, "%.*s%s\n", (int)len, line, line[len] == '#' ? "#" : "");
}

/* Return: the lines as libeconf is given them; NULL: why was reported. */
static FILE *copy_lines(struct reading *r, FILE *file)
{
	int fd = memfd_create(MAIN_FILE, MFD_CLOEXEC);
	FILE *copy = fd < 0 ? NULL : fdopen(fd, "w");
	char *line = NULL;
	size_t size = 0;

	for (r->line = 1; copy && getline(&line, &size, file) > 0; r->line++) {
		copy_line(copy, line);
		check_line(r, line);
	}
	free(line);
	free(r->group);
	free(r->seen);
	r->group = NULL;
	r->seen = NULL;
	if (copy && !fflush(copy))
		return copy;
	no_memory(r);
	if (copy)
		fclose(copy);
	else if (fd >= 0)
		close(fd);
	return NULL;
}

static void take_groups(struct reading *r, econf_file *file)
{
	char **groups = NULL;
	size_t i, nr = 0;

	take_group(r, file, NULL);
	if (econf_getGroups(file, &nr, &groups))
		nr = 0;
	for (i = 0; i < nr; i++)
		take_group(r, file, groups[i]);
	econf_freeArray(groups);
}

/* @nr_errors: before this file; libeconf adds none to those that are known */
static void take_copy(struct reading *r, FILE *copy, unsigned int nr_errors)
{
	econf_file *file = NULL;
	char *where = NULL, path[32];
	uint64_t line = 0;
	econf_err error;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fileno(copy));
	error = econf_readFile(&file, path, "=", "#");
	if (!error) {
		take_groups(r, file);
		econf_freeFile(file);
	} else if (r->nr_errors == nr_errors) {
		econf_errLocation(&where, &line);
		fprintf(r->errors, "%s:%ju: %s\n", r->file, (uintmax_t)line,
			econf_errString(error));
		r->nr_errors++;
		free(where);
	}
}

static void take_file(struct reading *r, const char *path)
{
	unsigned int nr_errors = r->nr_errors;
	FILE *file = fopen(path, "re"), *copy;

	r->file = path;
	if (!file && errno == ENOENT)
		return;
	if (!file) {
		fprintf(r->errors, "%s: %s\n", path, strerror(errno));
		r->nr_errors++;
		return;
	}
	copy = copy_lines(r, file);
	fclose(file);
	if (!copy)
		return;
	take_copy(r, copy, nr_errors);
	fclose(copy);
}

static int is_drop_in(const struct dirent *entry)
{
	const char *end = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && end && !strcmp(end, ".conf");
}

static void take_folder(struct reading *r, const char *folder)
{
	struct dirent **entries;
	char *path;
	int i, nr;

	nr = scandir(folder, &entries, is_drop_in, alphasort);
	if (nr < 0 && errno != ENOENT) {
		fprintf(r->errors, "%s: %s\n", folder, strerror(errno));
		r->nr_errors++;
	}
	for (i = 0; i < nr; i++) {
		if (asprintf(&path, "%s/%s", folder, entries[i]->d_name) > 0) {
			take_file(r, path);
			free(path);
		} else {
			r->nr_errors++;
		}
		free(entries[i]);
	}
	if (nr >= 0)
		free(entries);
}

/**
 * config_read - read the configuration
 * @folder: the folder of fsalert.conf and conf.d
 * @errors: where messages go
 *
 * Return: the configuration, for config_free(); NULL: why was reported.
 */
struct config *config_read(const char *folder, FILE *errors)
{
	struct config *c = calloc(1, sizeof(*c));
	struct reading r = { .c = c, .errors = errors, .file = folder };
	char *path;

	if (!c || !defaults(c)) {
		no_memory(&r);
		config_free(c);
		return NULL;
	}
	if (asprintf(&path, "%s/" MAIN_FILE, folder) > 0) {
		take_file(&r, path);
		free(path);
	}
	if (asprintf(&path, "%s/" DROP_INS, folder) > 0) {
		take_folder(&r, path);
		free(path);
	}
	if (r.nr_errors) {
		config_free(c);
		return NULL;
	}
	return c;
}

void config_free(struct config *c)
{
	size_t i, j;

	for (i = 0; c && i < c->nr; i++) {
		free(c->rules[i].name);
		for (j = 0; j < RULE_LISTS; j++)
			free_words(c->rules[i].lists[j]);
		for (j = 0; j < RULE_TEXTS; j++)
			free(c->rules[i].texts[j]);
	}
	if (c) {
		free(c->rules);
		free(c->metrics);
	}
	free(c);
}
