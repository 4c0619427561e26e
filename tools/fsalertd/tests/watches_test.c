// SPDX-License-Identifier: GPL-2.0-only
/* When the mount table is read, what file systems are asked, and which requests go. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>
#include <time.h>
#include <unistd.h>

#include "daemon.h"
#include "handle.h"
#include "test.h"
#include "../../fsalert/array.h"
#include "../../fsalert/figures.h"

/* A server that may be silent. */
static pthread_mutex_t silent = PTHREAD_MUTEX_INITIALIZER;
static atomic_uint nr_asked;

int statvfs(const char *path, struct statvfs *st)
{
	(void)path;
	nr_asked++;
	pthread_mutex_lock(&silent);
	*st = (struct statvfs){ .f_blocks = 7 };
	pthread_mutex_unlock(&silent);
	return 0;
}

/* What is not answered is not asked again. */
TEST(test_silent)
{
	struct question *asked = NULL;
	struct statvfs st;
	unsigned int i;

	pthread_mutex_lock(&silent);
	for (i = 0; i < 3; i++)
		assert_int_equal(figures_keep_asking(&asked, "/", false, &st),
				 -ETIMEDOUT);
	assert_int_equal(nr_asked, 1);
	/* Another file system is. */
	assert_int_equal(figures_get("/", true, &st), -ETIMEDOUT);
	assert_int_equal(nr_asked, 2);
	pthread_mutex_unlock(&silent);
	while (figures_keep_asking(&asked, "/", false, &st))
		usleep(1000);
	assert_int_equal(st.f_blocks, 7);
	assert_null(asked);
	assert_int_equal(nr_asked, 2);
	assert_int_equal(figures_keep_asking(&asked, "/", false, &st), 0);
	assert_int_equal(nr_asked, 3);
}

static void *answer_later(void *arg)
{
	(void)arg;
	usleep(100000);
	pthread_mutex_unlock(&silent);
	return NULL;
}

/* Silent servers make the daemon wait for less time, until one answers. */
TEST(test_patience)
{
	struct statvfs st;
	pthread_t thread;
	unsigned int i;

	pthread_mutex_lock(&silent);
	for (i = 0; i < 8; i++)
		assert_int_equal(figures_get("/", true, &st), -ETIMEDOUT);
	pthread_mutex_unlock(&silent);
	while (figures_get("/", true, &st))
		usleep(1000);
	pthread_mutex_lock(&silent);
	assert_int_equal(pthread_create(&thread, NULL, answer_later, NULL), 0);
	assert_int_equal(figures_get("/", true, &st), 0);
	pthread_join(thread, NULL);
}

/* However many servers are silent, so many threads wait for them, and no more. */
TEST(test_limit)
{
	struct question *asked = NULL;
	unsigned int nr = 0;
	struct statvfs st;
	int err;

	pthread_mutex_lock(&silent);
	while ((err = figures_get("/", true, &st)) == -ETIMEDOUT && nr < 300)
		nr++;
	assert_int_equal(err, -EAGAIN);
	/* Some threads are left for a file system that answered before. */
	assert_int_equal(figures_keep_asking(&asked, "/", true, &st), -ETIMEDOUT);
	pthread_mutex_unlock(&silent);
	assert_in_range(nr, 1, 255);
	/* Any can be asked again when the servers answer. */
	while (figures_keep_asking(&asked, "/", true, &st))
		usleep(1000);
	while (figures_get("/", true, &st))
		usleep(1000);
}

static uint64_t level;

static bool is_over(const char *fstype, enum fsalert_type type)
{
	const struct alarm a = { .type = type, .facts.level = level };
	const struct pool p = { .fstype = (char *)fstype };
	const struct statvfs st = {
		.f_blocks = 1000, .f_bavail = 500, .f_ffree = 1, .f_files = 9,
	};

	return watches_is_over(&p, &a, &st);
}

/* What statvfs() tells about conditions. */
TEST(test_over)
{
	assert_true(is_over("ext4", FSALERT_ENOSPC));
	assert_true(is_over("ext4", FSALERT_ENOSPC_META));
	level = 499;
	assert_true(is_over("ext4", FSALERT_BELOW));
	level = 500;
	assert_false(is_over("ext4", FSALERT_BELOW));
	level = 0;
	assert_true(is_over("ext4", FSALERT_INO_BELOW));
	level = 1;
	assert_false(is_over("ext4", FSALERT_INO_BELOW));
	assert_true(is_over("btrfs", FSALERT_REMOUNT_RO));
	/* It does not tell each kernel's statvfs() that it accepts no writes. */
	assert_false(is_over("ext4", FSALERT_REMOUNT_RO));
	assert_false(is_over("ext3", FSALERT_REMOUNT_RO));
	assert_false(is_over("xfs", FSALERT_SHUTDOWN));
}

static int on_table(sd_event_source *timer, uint64_t usec, void *data)
{
	unsigned int *count = data;

	(void)timer;
	(void)usec;
	(*count)++;
	return 0;
}

/* Changes that come all the time do not put it off. */
TEST(test_later)
{
	struct daemon d = { .run = "/nowhere" };
	unsigned int count = 0, i;

	assert_true(sd_event_new(&d.event) >= 0);
	assert_true(sd_event_add_time(d.event, &d.table_timer, CLOCK_BOOTTIME,
				      0, 0, on_table, &count) >= 0);
	sd_event_source_set_enabled(d.table_timer, SD_EVENT_OFF);
	watches_later(&d, 3600000000);
	for (i = 0; i < 100 && !count; i++) {
		watches_later(&d, 20000);
		sd_event_run(d.event, 1000);
		usleep(1000);
	}
	assert_int_equal(count, 1);
	/* It was the only time. */
	sd_event_run(d.event, 1000);
	assert_int_equal(count, 1);
	sd_event_source_unref(d.table_timer);
	sd_event_unref(d.event);
}

/* A table that takes long is read less often. */
TEST(test_pause)
{
	struct daemon d = { .run = "/nowhere" };
	uint64_t now, due;

	assert_true(sd_event_new(&d.event) >= 0);
	assert_true(sd_event_add_time(d.event, &d.table_timer, CLOCK_BOOTTIME,
				      0, 0, on_table, NULL) >= 0);
	sd_event_source_set_enabled(d.table_timer, SD_EVENT_OFF);
	assert_true(sd_event_now(d.event, CLOCK_BOOTTIME, &now) >= 0);
	watches_pause(&d, 1000000);
	watches_later(&d, TABLE_DELAY_US);
	sd_event_source_get_time(d.table_timer, &due);
	assert_in_range(due - now, 10000000, 11000000);
	/* But it is read. */
	watches_pause(&d, 60000000);
	sd_event_source_set_enabled(d.table_timer, SD_EVENT_OFF);
	watches_later(&d, TABLE_DELAY_US);
	sd_event_source_get_time(d.table_timer, &due);
	assert_in_range(due - now, 75000000, 76000000);
	sd_event_source_unref(d.table_timer);
	sd_event_unref(d.event);
}

/* --- requests -------------------------------------------------------------- */

/* In place of the C library's: there is one mount. */
FILE *fopen(const char *path, const char *mode)
{
	static const char table[] = "20 1 8:1 / /srv rw - ext4 /dev/sda1 rw\n";

	if (!strcmp(path, "/proc/self/mountinfo"))
		return fmemopen((void *)table, strlen(table), mode);
	return fdopen(open(path, O_RDONLY | O_CLOEXEC), mode);
}

/* In place of the journal. */
int sd_journal_sendv(const struct iovec *iov, int n)
{
	(void)iov;
	(void)n;
	return 0;
}

static int answer;
static char sent[256];

static int take_request(struct fsalert *h, const char *request)
{
	size_t len = strlen(sent);

	(void)h;
	snprintf(sent + len, sizeof(sent) - len, "%s\n", request);
	return answer;
}

/*
 * What a request without an answer, or a refusal, may have left is removed when
 * nothing wants it. A watch comes back when fsalert-poll is started again.
 */
TEST(test_unsure)
{
	static const struct {
		const char *space;
		int answer;
		const char *sent;
	} steps[] = {
		{ "5%", -ETIMEDOUT, "!/srv;/srv T 5%\n" },
		{ NULL, -ETIMEDOUT, "!/srv\n" },
		{ NULL, -ENODEV, "!/srv\n" },
		{ NULL, -ENOENT, "!/srv\n" },
		{ NULL, 0, "" },
		{ "5%", -ETIMEDOUT, "!/srv;/srv T 5%\n" },
		{ "5%", 0, "!/srv;/srv T 5%\n" },
		{ "5%", 0, "" },
		{ "7%", -ETIMEDOUT, "!/srv;/srv T 7%\n" },
		{ "5%", 0, "!/srv;/srv T 5%\n" },
		{ "9%", -ENODEV, "!/srv;/srv T 9%\n" },
		{ NULL, 0, "!/srv\n" },
		{ NULL, 0, "" },
		{ "5%", -ETIMEDOUT, "!/srv;/srv T 5%\n" },
		{ "5%", -ERANGE, "!/srv;/srv T 5%\n!/srv\n" },
		{ NULL, 0, "!/srv\n" },
		{ NULL, 0, "" },
	};
	static const struct fsa_ops ops = { .request = take_request };
	struct fsalert h = { .ops = &ops };
	struct rule rule = { .name = (char *)"test" };
	struct config config = { .rules = &rule, .nr = 1 };
	struct daemon d = { .config = &config, .local = { .d = &d, .h = &h } };
	size_t i;

	assert_true(sd_event_new(&d.event) >= 0);
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		rule.texts[RULE_SPACE] = (char *)steps[i].space;
		pool_configure(&d);
		answer = steps[i].answer;
		sent[0] = '\0';
		assert_int_equal(watches_update(&d), 0);
		assert_string_equal(sent, steps[i].sent);
	}
	pool_free_all(&d);
	sd_event_unref(d.event);
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_later),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_patience),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_over),
		cmocka_unit_test(test_unsure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
