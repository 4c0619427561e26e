// SPDX-License-Identifier: GPL-2.0-only
/* What becomes of events. */
#include "daemon.h"
#include "event.h"
#include "line.h"
#include "test.h"

#define FILE_SYSTEM	" dev=7:0 mount=/srv fstype=ext4 source=/dev/loop0 "

static struct daemon d;
static struct source *const local = &d.local;
static char said[256];

static void say(void *data, const struct alarm *a, enum alarm_report what)
{
	size_t len = strlen(said);

	(void)data;
	snprintf(said + len, sizeof(said) - len, "%s%s ",
		 fsalert_name(a->type), what == ALARM_ENDED ? " ended" : "");
}

static void expect(const char *text)
{
	assert_string_equal(said, text);
	said[0] = '\0';
}

static int on_table(sd_event_source *timer, uint64_t usec, void *data)
{
	(void)timer;
	(void)usec;
	(void)data;
	return 0;
}

static struct pool *begin(void)
{
	static struct config config;
	struct pool *p;

	pool_free_all(&d);
	sd_event_source_unref(d.table_timer);
	sd_event_unref(d.event);
	d = (struct daemon){ .run = "/nowhere", .config = &config };
	local->d = &d;
	assert_true(sd_event_new(&d.event) >= 0);
	assert_true(sd_event_add_time(d.event, &d.table_timer, CLOCK_BOOTTIME,
				      0, 0, on_table, NULL) >= 0);
	p = pool_add(&d, "7:0");
	assert_non_null(p);
	p->present = true;
	p->wanted.watch = true;
	p->alarms.report = say;
	said[0] = '\0';
	return p;
}

static void take(const char *text)
{
	char *line = strdup(text);
	struct fsalert_event ev;

	assert_non_null(line);
	assert_true(fsa_line_event(&ev, line));
	event_take(local, &ev);
	free(line);
}

/* What is mounted from the same device a moment later has no alarm. */
TEST(test_unmount)
{
	struct pool *p = begin();

	take("seq=1 time=1.0 event=shutdown" FILE_SYSTEM "count=1");
	expect("shutdown ");
	/* mounted elsewhere as well */
	take("seq=2 time=1.0 event=unmount" FILE_SYSTEM "errno=18 last=1");
	expect("");
	assert_non_null(p->alarms.list);
	take("seq=3 time=1.0 event=unmount" FILE_SYSTEM "count=1 last=1");
	expect("shutdown ended ");
	assert_null(p->alarms.list);
	assert_null(p->request);
}

/* The end of a watch that could not be set again is not that of a condition. */
TEST(test_cleared)
{
	struct pool *p = begin();

	take("seq=1 time=1.0 event=enospc" FILE_SYSTEM "count=1");
	take("seq=2 time=1.0 event=cleared" FILE_SYSTEM "of=enospc");
	assert_int_equal(p->alarms.list->over_ms, 0);
	pool_set_text(&p->request, " G");
	take("seq=3 time=1.0 event=cleared" FILE_SYSTEM "of=enospc");
	assert_int_not_equal(p->alarms.list->over_ms, 0);
}

/* A watch that is not known, or was removed, may report something before it goes. */
TEST(test_unwanted)
{
	struct pool *p = begin();

	p->wanted.watch = false;
	take("seq=1 time=1.0 event=enospc" FILE_SYSTEM "count=1");
	expect("");
	assert_null(p->alarms.list);
	assert_int_equal(p->events[FSALERT_ENOSPC], 1);
	/* As set by the daemon before this one */
	pool_set_text(&p->request, " G");
	take("seq=2 time=1.0 event=enospc" FILE_SYSTEM "count=1");
	expect("enospc ");
}

/* After a restart: what the queue dropped, and what the last daemon had read. */
TEST(test_lost)
{
	begin();
	local->first = true;
	local->seq = 10;
	take("lost=5");
	take("seq=18 time=1.0 event=enospc" FILE_SYSTEM "count=1");
	assert_int_equal(d.lost, 5 + 2);
	assert_int_equal(local->seq, 18);
	/* Later no gap is a loss that was not reported. */
	take("lost=5");
	take("seq=24 time=1.0 event=enospc" FILE_SYSTEM "count=1");
	assert_int_equal(d.lost, 5 + 2 + 5);
}

/* A file system that another one was mounted over has files open, and fills up. */
TEST(test_mounted_over)
{
	begin();
	pool_set_text(&d.pools->mount, "/srv");
	take("seq=1 time=1.0 event=enospc dev=7:9 mount=/srv count=1");
	expect("");
	/* The data sets of a pool of ZFS have devices of their own. */
	free(d.pools->key);
	d.pools->key = strdup("zfs:tank");
	take("seq=2 time=1.0 event=enospc dev=7:9 mount=/srv count=1");
	expect("enospc ");
}

static void notice(enum fsalert_type type)
{
	struct fsalert_event ev;

	fsa_event_init(&ev, type);
	event_take(local, &ev);
}

static bool figures_say(const char *line)
{
	char text[8192] = "";
	FILE *file;

	metrics_write(&d);
	file = fopen(d.config->metrics, "r");
	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return strstr(text, line);
}

/* While there is no helper nothing is watched. */
TEST(test_source_gone)
{
	struct pool *p = begin();
	char path[] = "/tmp/event_test.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	d.config->metrics = path;
	pool_set_text(&p->mount, "/srv");
	pool_set_text(&p->request, " G");
	p->wanted.watch = true;
	assert_true(figures_say("fstype=\"\"} 1\n"));
	notice(FSALERT_GONE);
	assert_true(d.outdated);
	assert_true(figures_say("fstype=\"\"} 0\n"));
	notice(FSALERT_BACK);
	assert_true(figures_say("fstype=\"\"} 1\n"));
	unlink(path);
	free(d.metrics);
}

static int tear_down(void **state)
{
	(void)state;
	begin();
	pool_free_all(&d);
	sd_event_source_unref(d.table_timer);
	sd_event_unref(d.event);
	return 0;
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_unmount),
		cmocka_unit_test(test_cleared),
		cmocka_unit_test(test_unwanted),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_mounted_over),
		cmocka_unit_test(test_source_gone),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
