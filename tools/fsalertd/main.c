// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsalertd: start, and the loop.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include <libmount/libmount.h>
#include <systemd/sd-daemon.h>

#include "../standard_files.h"
#include "check.h"
#include "daemon.h"
#include "message_id.h"

#define BEAT_US			15000000
#define BEATS_OF_A_ROUND	4
#define USEC_PER_MSEC		1000

/* --- what wakes the daemon ------------------------------------------------- */

static int on_table(sd_event_source *timer, uint64_t usec, void *data)
{
	struct daemon *d = data;

	(void)timer;
	(void)usec;
	source_upgrade(d);
	if (watches_update(d))
		watches_later(d, BEAT_US);
	return 0;
}

static int on_alarm(sd_event_source *timer, uint64_t usec, void *data)
{
	/* What is due is done after each event: see on_done(). */
	(void)timer;
	(void)usec;
	(void)data;
	return 0;
}

static int on_beat(sd_event_source *timer, uint64_t usec, void *data)
{
	static unsigned int beats;
	struct daemon *d = data;

	(void)usec;
	if (++beats % BEATS_OF_A_ROUND == 0) {
		watches_verify(d);
		watches_later(d, 0);
	}
	metrics_write(d);
	sd_event_source_set_time_relative(timer, BEAT_US);
	return sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

static int on_mounts(sd_event_source *io, int fd, uint32_t revents,
		     void *data)
{
	struct daemon *d = data;

	(void)io;
	(void)fd;
	(void)revents;
	mnt_monitor_event_cleanup(d->monitor);
	watches_later(d, TABLE_DELAY_US);
	return 0;
}

/* Each line of the errors is a message. */
static void say_errors(char *errors)
{
	char *line;

	while ((line = strsep(&errors, "\n"))) {
		if (*line)
			journal_say(LOG_ERR, MESSAGE_ID_CONFIG, "%s", line);
	}
}

static struct config *read_config(const struct daemon *d)
{
	struct config *c = NULL;
	char *errors = NULL;
	size_t len;
	FILE *out = open_memstream(&errors, &len);

	if (!out)
		return NULL;
	c = config_read(d->folder, out);
	if (!fclose(out))
		say_errors(errors);
	free(errors);
	return c;
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *si,
		     void *data)
{
	struct daemon *d = data;
	struct config *c;

	(void)source;
	(void)si;
	sd_notify(false, "RELOADING=1");
	c = read_config(d);
	if (c) {
		config_free(d->config);
		d->config = c;
		pool_configure(d);
		d->outdated = true;
		/* Another source means that the last events of this one are read. */
		watches_match(d);
		source_upgrade(d);
		if (watches_update(d))
			watches_later(d, BEAT_US);
		journal_say(LOG_INFO, MESSAGE_ID_CONFIG,
			    "the configuration was read again");
	} else {
		journal_say(LOG_ERR, MESSAGE_ID_CONFIG,
			    "the configuration stays as it was");
	}
	sd_notify(false, "READY=1");
	return 0;
}

static int on_done(sd_event_source *source, void *data)
{
	uint64_t now = now_ms(), due, next = ALARM_NEVER;
	struct daemon *d = data;
	struct pool *p;

	(void)source;
	for (p = d->pools; p; p = p->next) {
		due = alarm_tick(&p->alarms, now);
		next = due < next ? due : next;
	}
	if (next != ALARM_NEVER) {
		sd_event_source_set_time_relative(d->alarm_timer,
						  (next - now) * USEC_PER_MSEC);
		sd_event_source_set_enabled(d->alarm_timer, SD_EVENT_ONESHOT);
	}
	outbox_send(d);
	if (d->units_due)
		unit_go_on(d);
	if (d->outdated)
		metrics_write(d);
	if (d->changed)
		state_save(d, false);
	return 0;
}

/* --- start ----------------------------------------------------------------- */

static int add_signals(struct daemon *d)
{
	sigset_t set;
	int err;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	err = sd_event_add_signal(d->event, NULL, SIGHUP, on_hangup, d);
	if (err >= 0)
		err = sd_event_add_signal(d->event, NULL, SIGTERM, NULL, NULL);
	if (err >= 0)
		err = sd_event_add_signal(d->event, NULL, SIGINT, NULL, NULL);
	return err;
}

static int add_monitor(struct daemon *d)
{
	int err;

	d->monitor = mnt_new_monitor();
	if (!d->monitor)
		return -ENOMEM;
	err = mnt_monitor_enable_kernel(d->monitor, true);
	if (!err)
		err = mnt_monitor_get_fd(d->monitor);
	if (err >= 0)
		err = sd_event_add_io(d->event, NULL, err, EPOLLIN, on_mounts,
				      d);
	return err;
}

static int add_timer(struct daemon *d, sd_event_source **timer,
		     uint64_t usec, sd_event_time_handler_t fn, bool on)
{
	int err = sd_event_add_time_relative(d->event, timer, CLOCK_BOOTTIME,
					     usec, 0, fn, d);

	if (err >= 0 && !on)
		err = sd_event_source_set_enabled(*timer, SD_EVENT_OFF);
	return err;
}

static int add_sources(struct daemon *d)
{
	sd_event_source *beat;
	int err = add_signals(d);

	if (err >= 0)
		err = add_monitor(d);
	if (err >= 0)
		err = add_timer(d, &d->table_timer, 0, on_table, false);
	if (err >= 0)
		err = add_timer(d, &d->alarm_timer, 0, on_alarm, false);
	if (err >= 0)
		err = add_timer(d, &beat, 0, on_beat, true);
	if (err >= 0)
		err = sd_event_add_post(d->event, NULL, on_done, d);
	if (err >= 0)
		err = sd_event_set_watchdog(d->event, true);
	return err;
}

/*
 * The watches of the daemon before this one, if systemd kept them, have told
 * what happened meanwhile. If that one ended in the middle of something, its last
 * events may be lost, and the watches are set again.
 */
static void go_on(struct daemon *d)
{
	struct pool *p;

	if (d->local.adopted)
		source_read(&d->local);
	if (d->local.adopted && !d->clean)
		fsalert_request(d->local.h, "");
	for (p = d->pools; p; p = p->next) {
		if (d->local.adopted && d->clean && p->class != MOUNT_REMOTE)
			continue;
		pool_set_text(&p->asked, NULL);
		pool_set_text(&p->request, NULL);
	}
	/* What they reported until they were removed is not about the next ones. */
	if (d->local.adopted && !d->clean)
		source_read(&d->local);
}

static int run(struct daemon *d)
{
	int err;

	/* The unit is not started again then: an administrator has to mend it. */
	d->config = read_config(d);
	if (!d->config)
		return EX_CONFIG;
	err = sd_event_default(&d->event);
	if (err >= 0)
		err = add_sources(d);
	if (err < 0) {
		journal_say(LOG_ERR, MESSAGE_ID_CONFIG, "can't start: %s",
			    strerror(-err));
		return EXIT_FAILURE;
	}
	state_load(d);
	err = watches_match(d);
	if (err)
		journal_say(LOG_ERR, MESSAGE_ID_CONFIG, "mount table: %s",
			    strerror(-err));
	source_open(d);
	go_on(d);
	if (watches_update(d))
		watches_later(d, BEAT_US);
	outbox_send(d);
	state_save(d, false);
	unit_go_on(d);
	sd_notify(false, "READY=1");
	err = sd_event_loop(d->event);
	sd_notify(false, "STOPPING=1");
	d->stopping = true;
	source_read(&d->local);
	outbox_send(d);
	state_save(d, true);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void finish(struct daemon *d)
{
	unit_free(d);
	outbox_free(d);
	source_close(d);
	pool_free_all(d);
	config_free(d->config);
	free(d->metrics);
	mnt_unref_monitor(d->monitor);
	sd_event_source_unref(d->table_timer);
	sd_event_source_unref(d->alarm_timer);
	sd_event_unref(d->event);
}

static void usage(FILE *out)
{
	fputs("Usage: fsalertd [--check] [--config FOLDER] [--run FOLDER]\n"
	      "\n"
	      "  --check          check the configuration, show what is watched\n"
	      "  --config FOLDER  of fsalert.conf and conf.d: " CONFIG_FOLDER "\n"
	      "  --run FOLDER     for the daemon's files: " RUN_FOLDER "\n",
	      out);
}

/* Return: an exit status, or -1: run the daemon. */
static int options(struct daemon *d, int argc, char **argv)
{
	static const struct option known[] = {
		{ "check", no_argument, NULL, 'k' },
		{ "config", required_argument, NULL, 'c' },
		{ "run", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ .name = NULL },
	};
	bool only_check = false;
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 'k':
			only_check = true;
			break;
		case 'c':
			d->folder = optarg;
			break;
		case 'r':
			d->run = optarg;
			break;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts("fsalertd " VERSION);
			return EXIT_SUCCESS;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "fsalertd: '%s': no argument is taken\n",
			argv[optind]);
		usage(stderr);
		return 2;
	}
	return only_check ? check(d->folder) : -1;
}

int main(int argc, char **argv)
{
	struct daemon d = { .folder = CONFIG_FOLDER, .run = RUN_FOLDER };
	int status;

	open_standard_files();
	umask(022);
	status = options(&d, argc, argv);
	if (status >= 0)
		return status;
	if (mkdir(d.run, 0755) && errno != EEXIST) {
		journal_say(LOG_ERR, MESSAGE_ID_CONFIG, "%s: %s", d.run,
			    strerror(errno));
		return EXIT_FAILURE;
	}
	status = run(&d);
	finish(&d);
	return status;
}
