// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsalertd --check: is the configuration right, and what does it come to?
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "config.h"
#include "mounts.h"
#include "rule.h"
#include "../fsalert/text.h"

static void print(const struct mount *m, const struct wanted *w)
{
	static const char letters[RULE_TEXTS] = {
		[RULE_SPACE] = 'T', [RULE_INODES] = 'I', [RULE_EVENTS] = 'G',
	};
	char *mount = text_escape(m->target, text_plain_terminal);
	size_t i;

	printf("%s %s", mount, m->fstype);
	free(mount);
	for (i = 0; i < RULE_TEXTS && w->watch; i++) {
		if (w->texts[i])
			printf(" %c %s", letters[i], w->texts[i]);
	}
	if (!w->watch)
		printf(" not watched");
	/* As for watches: a server may not answer each time. */
	if (w->watch && w->at_most && m->class != MOUNT_REMOTE)
		printf(" (at most %juK)", (uintmax_t)(w->at_most >> 10));
	for (i = 0; i < w->nr; i++)
		printf("%s%s%s", i ? ", " : " [", w->rules[i]->name,
		       i + 1 == w->nr ? "]" : "");
	putchar('\n');
}

static void mark(bool *used, const struct config *c, const struct wanted *w)
{
	size_t i;

	for (i = 0; i < w->nr; i++)
		used[w->rules[i] - c->rules] = true;
}

/* Each file system once, at the first of its mounts. */
static int print_mounts(const struct config *c, const struct mounts *table,
			bool *used)
{
	const struct mount * const *mounts;
	struct wanted w;
	size_t i, nr;
	int err = 0;

	for (i = 0; i < table->nr && !err; i++) {
		const struct mount *m = &table->list[i];

		if (m->class == MOUNT_PSEUDO || m->hidden || m->read_only)
			continue;
		mounts = mounts_gather(table, m->key, &nr);
		if (mounts[0] != m)
			continue;
		err = rule_match(&w, c, mounts, nr);
		if (!err && w.nr)
			print(mounts_best(mounts, nr), &w);
		mark(used, c, &w);
		rule_release(&w);
	}
	return err;
}

static int print_all(const struct config *c)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	struct mounts table;
	bool *used;
	size_t i;
	int err;

	err = file ? mounts_read(&table, file) : -errno;
	if (file)
		fclose(file);
	if (err)
		return err;
	used = calloc(c->nr + 1, sizeof(*used));
	err = used ? print_mounts(c, &table, used) : -ENOMEM;
	for (i = 0; i < c->nr && !err; i++) {
		if (!used[i])
			printf("[%s] fits nothing that is mounted now\n",
			       c->rules[i].name);
	}
	free(used);
	mounts_free(&table);
	return err;
}

/**
 * check - check the configuration
 * @folder: its folder
 *
 * Shows what is watched, and by which rules. Return: an exit status.
 */
int check(const char *folder)
{
	struct config *c = config_read(folder, stderr);
	int err;

	if (!c)
		return EXIT_FAILURE;
	err = print_all(c);
	if (err)
		fprintf(stderr, "fsalertd: mount table: %s\n", strerror(-err));
	config_free(c);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
