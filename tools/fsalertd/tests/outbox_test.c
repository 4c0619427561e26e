// SPDX-License-Identifier: GPL-2.0-only
/* Reports on their way to the journal, which is replaced. */
#include <sys/uio.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "daemon.h"
#include "test.h"

#define ENTRIES	4
#define FIELDS	40

static char *entries[ENTRIES][FIELDS];
static unsigned int nr_entries;
static const char *matches[FIELDS];
static unsigned int nr_matches;
static char folder[64];

int access(const char *path, int mode)
{
	(void)path;
	(void)mode;
	return 0;
}

int sd_journal_sendv(const struct iovec *iov, int n)
{
	int i;

	assert_in_range(nr_entries, 0, ENTRIES - 1);
	for (i = 0; i < n; i++)
		entries[nr_entries][i] = strndup(iov[i].iov_base, iov[i].iov_len);
	nr_entries++;
	return 0;
}

int sd_journal_open(sd_journal **j, int flags)
{
	(void)flags;
	*j = (sd_journal *)entries;
	nr_matches = 0;
	return 0;
}

int sd_journal_add_match(sd_journal *j, const void *data, size_t size)
{
	(void)j;
	assert_int_equal(size, 0);
	/* The journal adds it itself. */
	if (strncmp(data, "_BOOT_ID=", strlen("_BOOT_ID=")))
		matches[nr_matches++] = data;
	return 0;
}

int sd_journal_seek_head(sd_journal *j)
{
	(void)j;
	return 0;
}

static bool has(char **fields, const char *field)
{
	while (*fields && strcmp(*fields, field))
		fields++;
	return *fields;
}

int sd_journal_next(sd_journal *j)
{
	unsigned int i, k;

	(void)j;
	for (i = 0; i < nr_entries; i++) {
		for (k = 0; k < nr_matches && has(entries[i], matches[k]); k++)
			;
		if (k == nr_matches)
			return 1;
	}
	return 0;
}

int sd_journal_wait(sd_journal *j, uint64_t usec)
{
	(void)j;
	(void)usec;
	return -1;
}

void sd_journal_close(sd_journal *j)
{
	(void)j;
}

static int begin(void **state)
{
	char **field;

	(void)state;
	for (; nr_entries; nr_entries--) {
		for (field = entries[nr_entries - 1]; *field; field++) {
			free(*field);
			*field = NULL;
		}
	}
	snprintf(folder, sizeof(folder), "/tmp/outbox_test.XXXXXX");
	return !mkdtemp(folder);
}

static int end(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/state.json", folder);
	return unlink(path) || rmdir(folder);
}

/* A report of a daemon; the alarm is raised and saved. */
static void report(struct daemon *d)
{
	struct pool p = {
		.d = d, .key = "1:2", .mount = "/srv", .source = "s", .fstype = "t",
	};
	const struct alarm a = { .type = FSALERT_BELOW, .nr = 1, .count = 1 };
	const struct report r = { .pool = &p, .alarm = &a, .text = "a text" };

	d->reports++;
	outbox_report(d, &r);
}

/* Killed when it had sent its reports, and had not saved that. */
TEST(test_sent)
{
	struct daemon d = { .run = folder }, next = { .run = folder };

	report(&d);
	outbox_send(&d);
	assert_int_equal(nr_entries, 1);
	assert_true(has(entries[0], "MESSAGE=a text"));
	assert_true(has(entries[0], "FSALERT_REPORT=1"));
	assert_null(d.outbox);
	assert_true(d.changed);
	state_load(&next);
	assert_non_null(next.outbox);
	outbox_send(&next);
	assert_int_equal(nr_entries, 1);
	state_save(&next, false);
	assert_null(next.outbox);
	state_load(&d);
	assert_null(d.outbox);
}

/* Killed before that; and one of the daemon before has the same text. */
TEST(test_not_sent)
{
	struct daemon d = { .run = folder }, next = { .run = folder };

	report(&d);
	outbox_send(&d);
	report(&d);
	state_save(&d, false);
	outbox_free(&d);
	state_load(&next);
	outbox_send(&next);
	assert_int_equal(nr_entries, 2);
	assert_true(has(entries[1], "FSALERT_REPORT=2"));
	assert_true(has(entries[1], "FSALERT_CONDITION=below"));
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test_setup_teardown(test_sent, begin, end),
		cmocka_unit_test_setup_teardown(test_not_sent, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
