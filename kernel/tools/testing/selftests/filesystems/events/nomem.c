// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fault injection for kernel memory.
 *
 * The nth allocation of a thread: fail-nth of proc, which counts those that
 * failslab and fail_page_alloc check. All within a function: failslab, which
 * looks for the function on the stack.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "event.h"
#include "nomem.h"
#include "process.h"

#define DEBUG		"/sys/kernel/debug/"
#define SLAB		DEBUG "failslab/"
#define PAGES		DEBUG "fail_page_alloc/"
#define NTH		"/proc/thread-self/fail-nth"
/* For all allocations within a function: more than ever fail. */
#define TIMES		1000000
#define TIMES_TEXT	"1000000"

/* Bounds of a function, up to the next symbol. 0 or a negative errno. */
static int find_function(const char *function, __u64 *start, __u64 *end)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[256], name[128];
	__u64 address;
	int pass;

	if (!f)
		return -errno;
	*start = 0;
	*end = ULLONG_MAX;
	for (pass = 0; pass < 2; pass++) {
		rewind(f);
		while (fgets(line, sizeof(line), f)) {
			if (sscanf(line, "%llx %*c %127s", &address, name) != 2)
				continue;
			if (!pass && !strcmp(name, function))
				*start = address;
			if (pass && address > *start && address < *end)
				*end = address;
		}
	}
	fclose(f);
	return *start && *end != ULLONG_MAX ? 0 : -ENOENT;
}

/* Limits failslab to stacks: @which is "require" or "reject". */
static int stacks(const char *which, __u64 start, __u64 end)
{
	char path[64], text[32];
	int err;

	snprintf(path, sizeof(path), SLAB "%s-start", which);
	sprintf(text, "%#llx", start);
	err = fse_put(path, text);
	if (err)
		return err;
	snprintf(path, sizeof(path), SLAB "%s-end", which);
	sprintf(text, "%#llx", end);
	return fse_put(path, text);
}

/* kmemleak's own allocations must not fail: it disables itself. */
static int spare_kmemleak(void)
{
	__u64 start, end;

	if (find_function("__alloc_object", &start, &end))
		return 0;
	return stacks("reject", start, end);
}

bool fse_nomem_begin(void)
{
	if (access(SLAB "require-start", W_OK) || access(NTH, W_OK))
		return false;
	fse_nomem_end();
	/* Most allocations may sleep, and failslab skips those by default. */
	return !fse_put(SLAB "ignore-gfp-wait", "N") &&
	       !fse_put(PAGES "ignore-gfp-wait", "N") &&
	       !fse_put(SLAB "task-filter", "N") &&
	       !fse_put(SLAB "interval", "1") &&
	       !fse_put(SLAB "space", "0") &&
	       !fse_put(SLAB "verbose", "0") &&
	       !fse_put(PAGES "verbose", "0") &&
	       !fse_put(SLAB "stacktrace-depth", "32") && !spare_kmemleak();
}

void fse_nomem_end(void)
{
	fse_nomem_over();
	stacks("reject", 0, 0);
	fse_put(SLAB "ignore-gfp-wait", "Y");
	fse_put(PAGES "ignore-gfp-wait", "Y");
}

/* --- the nth allocation --------------------------------------------------- */

static int nth_fd = -1;

int fse_nomem_nth(unsigned int nth)
{
	char text[16];
	int len = sprintf(text, "%u", nth);

	if (nth_fd < 0)
		nth_fd = open(NTH, O_RDWR | O_CLOEXEC);
	return pwrite(nth_fd, text, len, 0) == len ? 0 : -errno;
}

bool fse_nomem_reached(void)
{
	char text[16] = "";
	ssize_t len = pread(nth_fd, text, sizeof(text) - 1, 0);

	/* The remaining count. */
	fse_nomem_nth(0);
	return len > 0 && !atoi(text);
}

/* --- within a function ---------------------------------------------------- */

int fse_nomem_within(const char *function)
{
	__u64 start, end;
	int err;

	fse_nomem_over();
	err = find_function(function, &start, &end);
	if (err)
		return err;
	return stacks("require", start, end) ?: fse_put(SLAB "times", TIMES_TEXT) ?:
	       fse_put(SLAB "probability", "100");
}

unsigned int fse_nomem_refused(void)
{
	return TIMES - atoi(fse_read(SLAB "times"));
}

static bool refused_enough(void *until)
{
	return fse_nomem_refused() >= *(unsigned int *)until;
}

bool fse_nomem_wait(unsigned int times)
{
	unsigned int until = fse_nomem_refused() + times;

	return fse_until(refused_enough, &until);
}

void fse_nomem_over(void)
{
	fse_put(SLAB "probability", "0");
	/* fail-nth needs failslab to accept any stack. */
	stacks("require", 0, ULLONG_MAX);
}
