// SPDX-License-Identifier: GPL-2.0-only
/*
 * Common checks of refused writes.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "process.h"
#include "refusal.h"

static char wrong[16384];

static void __printf(1, 2) complain(const char *fmt, ...)
{
	size_t have = strlen(wrong);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(wrong + have, sizeof(wrong) - have, fmt, ap);
	va_end(ap);
}

static void check(const struct fse_bad *bad, size_t len)
{
	const char *name = strerrorname_np(bad->err);
	char before[1 << 16], reason[512];
	const char *entry;
	int err;

	/* Clear the log, so that an older entry can't match. */
	if (fse_put(FSE_DIR "/error_log", "\n"))
		complain("error_log can not be cleared\n");
	snprintf(before, sizeof(before), "%s", fse_read("config"));

	err = fse_config_raw(bad->text, len);
	if (err != -bad->err)
		complain("%.100s: errno %d, not %s\n", bad->text, -err, name);
	if (strcmp(before, fse_read("config")))
		complain("%.100s: changed config\n", bad->text);

	entry = fse_last_error();
	snprintf(reason, sizeof(reason), "%.*s", (int)strcspn(entry, "\n"),
		 entry);
	if (entry[0] != '[' || !strstr(reason, name) ||
	    !strstr(reason, bad->why))
		complain("%.100s: logged '%s', not '%s: %s'\n", bad->text,
			 reason, name, bad->why);
	if (strcmp(bad->rest, fse_last_rest()))
		complain("%.100s: caret under '%s', not '%s'\n", bad->text,
			 fse_last_rest(), bad->rest);
}

const char *fse_refused(const struct fse_bad *bad, size_t len)
{
	wrong[0] = '\0';
	check(bad, len);
	return wrong;
}

const char *fse_refused_all(const struct fse_bad *bad, size_t nr)
{
	size_t i;

	wrong[0] = '\0';
	for (i = 0; i < nr; i++)
		check(&bad[i], strlen(bad[i].text));
	return wrong;
}
