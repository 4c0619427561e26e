// SPDX-License-Identifier: GPL-2.0-only
/* Reports for units, one after the other. The bus to systemd is replaced. */
#include <errno.h>
#include <unistd.h>

#include "daemon.h"
#include "queue.h"
#include "test.h"

#define ASKED_MAX	64

/* What systemd was asked, and the answer that is due. */
static struct {
	struct job *job;
	sd_bus_message_handler_t answer;
} asked[ASKED_MAX];

static size_t nr_asked;
static sd_bus_message_handler_t removed, lost;
static sd_event_time_handler_t again;
static char said[1024];
static struct daemon d;
static char folder[64];
static bool no_bus, closed;

/* --- the bus --------------------------------------------------------------- */

static sd_bus_error refusal = SD_BUS_ERROR_MAKE_CONST("no.such.job", "none");
static bool refuse;
static const char *read_path;

int sd_bus_open_system(sd_bus **bus)
{
	if (no_bus)
		return -ENOENT;
	*bus = (sd_bus *)&d;
	return 0;
}

int sd_bus_is_open(sd_bus *bus)
{
	return bus && !no_bus && !closed;
}

sd_bus *sd_bus_flush_close_unref(sd_bus *bus)
{
	(void)bus;
	closed = false;
	return NULL;
}

sd_bus_slot *sd_bus_slot_unref(sd_bus_slot *slot)
{
	(void)slot;
	return NULL;
}

int sd_bus_attach_event(sd_bus *bus, sd_event *e, int priority)
{
	(void)bus;
	(void)e;
	(void)priority;
	return 0;
}

int sd_bus_match_signal_async(sd_bus *bus, sd_bus_slot **slot,
			      const char *sender, const char *path,
			      const char *interface, const char *member,
			      sd_bus_message_handler_t match,
			      sd_bus_message_handler_t install, void *userdata)
{
	(void)bus;
	(void)slot;
	(void)sender;
	(void)path;
	(void)interface;
	(void)install;
	(void)userdata;
	if (!strcmp(member, "Disconnected")) {
		lost = match;
		return 0;
	}
	assert_string_equal(member, "JobRemoved");
	removed = match;
	return 0;
}

int sd_event_add_time_relative(sd_event *e, sd_event_source **source,
			       clockid_t clock, uint64_t usec,
			       uint64_t accuracy,
			       sd_event_time_handler_t callback, void *userdata)
{
	(void)e;
	(void)clock;
	(void)accuracy;
	assert_ptr_equal(userdata, &d);
	assert_in_range(usec, 1, 60000000);
	assert_null(again);
	*source = NULL;
	again = callback;
	return 0;
}

/* Says "UNIT=STATE", with the state in the file of variables. */
static void say(const struct job *job)
{
	char path[128], text[4096], *state;
	size_t len = strlen(said);
	FILE *file;

	snprintf(path, sizeof(path), "%s/a.env", folder);
	file = fopen(path, "r");
	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	state = strstr(text, "FSALERT_TEXT=\"");
	assert_non_null(state);
	state += strlen("FSALERT_TEXT=\"");
	snprintf(said + len, sizeof(said) - len, "%s%s=%.*s ",
		 job->path ? "?" : "", job->unit, (int)strcspn(state, "\""),
		 state);
}

int sd_bus_call_method_async(sd_bus *bus, sd_bus_slot **slot,
			     const char *destination, const char *path,
			     const char *interface, const char *member,
			     sd_bus_message_handler_t callback, void *userdata,
			     const char *types, ...)
{
	(void)bus;
	(void)destination;
	(void)path;
	(void)interface;
	(void)types;
	if (!strcmp(member, "Subscribe"))
		return 0;
	assert_true(nr_asked < ASKED_MAX);
	*slot = (sd_bus_slot *)&asked[nr_asked];
	asked[nr_asked].job = userdata;
	asked[nr_asked++].answer = callback;
	say(userdata);
	return 0;
}

const sd_bus_error *sd_bus_message_get_error(sd_bus_message *m)
{
	(void)m;
	return refuse ? &refusal : NULL;
}

int sd_bus_error_has_name(const sd_bus_error *e, const char *name)
{
	return !strcmp(e->name, name);
}

int sd_bus_message_read(sd_bus_message *m, const char *types, ...)
{
	va_list args;

	(void)m;
	va_start(args, types);
	if (!strcmp(types, "o")) {
		*va_arg(args, const char **) = read_path;
	} else {
		*va_arg(args, uint32_t *) = 1;
		*va_arg(args, const char **) = read_path;
		*va_arg(args, const char **) = "unit";
		*va_arg(args, const char **) = "done";
	}
	va_end(args);
	return 1;
}

/* --- the tests ------------------------------------------------------------- */

static const char *path_of(size_t i)
{
	static char path[32];

	snprintf(path, sizeof(path), "/job/%zu", i);
	return path;
}

/* systemd has a job for what it was asked as number @i. */
static void answer(size_t i)
{
	read_path = path_of(i);
	asked[i].answer(NULL, asked[i].job, NULL);
}

static void refuse_it(size_t i)
{
	refuse = true;
	asked[i].answer(NULL, asked[i].job, NULL);
	refuse = false;
}

static void end(size_t i)
{
	read_path = path_of(i);
	removed(NULL, &d, NULL);
}

static void expect(const char *text)
{
	assert_string_equal(said, text);
	said[0] = '\0';
}

/* The timer has run. */
static void try_again(void)
{
	sd_event_time_handler_t fn = again;

	assert_non_null(fn);
	again = NULL;
	fn(NULL, 0, &d);
}

static void begin(void)
{
	unit_free(&d);
	d = (struct daemon){ .run = folder };
	nr_asked = 0;
	again = NULL;
	said[0] = '\0';
}

static void report_at(const char *mount, const char *text, const char *unit,
		      const char *unit2)
{
	const char * const units[] = { unit, unit2, NULL };
	const struct rule rule = {
		.lists[RULE_UNIT] = (char **)units, .on = ON_ALARMS,
	};
	const struct rule *rules[] = { &rule };
	struct pool pool = {
		.mount = (char *)mount, .source = (char *)"none",
		.fstype = (char *)"tmpfs",
		.wanted = { .rules = rules, .nr = 1 },
	};
	const struct alarm alarm = { .type = FSALERT_ENOSPC };
	const struct report r = {
		.pool = &pool, .alarm = &alarm, .text = (char *)text,
	};

	unit_report(&d, &r);
	assert_true(d.units_due);
	unit_go_on(&d);
}

static void report(const char *text, const char *unit, const char *unit2)
{
	report_at("/a", text, unit, unit2);
}

/* Each unit reads its own report. */
TEST(test_order)
{
	begin();
	report("1", "mail@%i.service", "wall@%i.service");
	report("2", "mail@%i.service", NULL);
	report("3", "wall@%i.service", NULL);
	expect("mail@a.service=1 wall@a.service=1 ");
	answer(0);
	answer(1);
	end(0);
	expect("");
	end(1);
	expect("mail@a.service=2 ");
	answer(2);
	end(2);
	expect("wall@a.service=3 ");
	answer(3);
	end(3);
	expect("");
	assert_null(d.queues);
}

TEST(test_refused)
{
	begin();
	report("1", "a.service", "b.service");
	report("2", "a.service", NULL);
	said[0] = '\0';
	refuse_it(0);
	refuse_it(1);
	expect("a.service=2 ");
}

/* A unit that two file systems share is started for the one, then the other. */
TEST(test_shared)
{
	begin();
	report("1", "a.service", NULL);
	report_at("/b", "2", "a.service", "b.service");
	expect("a.service=1 b.service=1 ");
	answer(0);
	end(0);
	expect("a.service=1 ");
	assert_int_equal(nr_asked, 3);
}

/* What does not fit is merged with the last report: its units hear of the newest. */
TEST(test_full)
{
	char text[16];
	size_t i;

	begin();
	for (i = 1; i <= QUEUE_MAX + 8; i++) {
		snprintf(text, sizeof(text), "%zu", i);
		report(text, i == QUEUE_MAX + 1 ? "b.service" : "a.service",
		       NULL);
	}
	for (i = 0; d.queues; i++) {
		answer(i);
		end(i);
	}
	assert_int_equal(i, QUEUE_MAX + 1);
	assert_non_null(strstr(said, "=30 a.service=31 a.service=40 b.service=40 "));
}

/* The next daemon goes on, and starts no unit twice. */
TEST(test_restart)
{
	begin();
	report("1", "a.service", "b.service");
	report("2", "a.service", NULL);
	answer(0);
	d.stopping = true;
	report("3", "c.service", NULL);
	expect("a.service=1 b.service=1 ");
	state_save(&d, true);
	begin();
	state_load(&d);
	unit_go_on(&d);
	/* The first is known to systemd, the second may not be. */
	expect("?a.service=1 b.service=1 ");
	refuse_it(0);
	answer(1);
	end(1);
	expect("a.service=2 ");
	answer(2);
	end(2);
	expect("c.service=3 ");
}

/* While there is no bus reports wait, but not for ever. */
TEST(test_no_bus)
{
	unsigned int tries;

	begin();
	no_bus = true;
	report("1", "a.service", NULL);
	report("2", "a.service", NULL);
	try_again();
	expect("");
	no_bus = false;
	try_again();
	expect("a.service=1 ");
	answer(0);
	end(0);
	expect("a.service=2 ");
	answer(1);
	no_bus = true;
	end(1);
	assert_null(d.queues);
	report("3", "a.service", NULL);
	for (tries = 0; again && tries < 100; tries++)
		try_again();
	assert_in_range(tries, 20, 99);
	assert_null(d.queues);
	no_bus = false;
	report("4", "a.service", NULL);
	expect("a.service=4 ");
}

/* systemd was away for a moment, or the connection to it. */
TEST(test_away)
{
	begin();
	report("1", "a.service", "b.service");
	expect("a.service=1 b.service=1 ");
	answer(0);
	refusal.name = SD_BUS_ERROR_NO_REPLY;
	refuse_it(1);
	refusal.name = "no.such.job";
	expect("");
	try_again();
	expect("b.service=1 ");
	answer(2);
	closed = true;
	lost(NULL, &d, NULL);
	try_again();
	expect("?a.service=1 ?b.service=1 ");
	refuse_it(3);
	refuse_it(4);
	assert_null(d.queues);
	/* Nothing waits: the next report connects. */
	lost(NULL, &d, NULL);
	assert_null(again);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/fsalertd-queue.XXXXXX");
	return !mkdtemp(folder);
}

static int tear_down(void **state)
{
	static const char * const files[] = { "a.env", "b.env", "state.json" };
	char path[128];
	size_t i;

	(void)state;
	begin();
	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	return rmdir(folder);
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_no_bus),
		cmocka_unit_test(test_away),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
