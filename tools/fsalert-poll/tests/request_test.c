// SPDX-License-Identifier: GPL-2.0-only
/* Requests while servers don't answer. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sample.h"

/* A server that does not answer until @silent has an end. */
static int silent[2];

static void wait_for_server(struct job *job)
{
	struct pollfd p = { .fd = silent[0] };

	(void)job;
	poll(&p, 1, -1);
}

static unsigned int nr_done;

static void count_done(struct job *job)
{
	nr_done++;
	free(job);
}

static int question_start(void)
{
	struct job *job = calloc(1, sizeof(*job));
	int err;

	assert_non_null(job);
	job->work = wait_for_server;
	job->done = count_done;
	err = job_start(job);
	if (err)
		free(job);
	return err;
}

static void request(const char *line)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], line, strlen(line)), strlen(line));
	close(fds[1]);
	assert_int_equal(request_read(fds[0]), 1);
	close(fds[0]);
	assert_true(request_next());
}

/* As many as are waited for: a request has a thread of its own. */
TEST(dead_servers)
{
	unsigned int i;

	assert_int_equal(pipe(silent), 0);
	assert_int_equal(jobs_init(), 0);
	for (i = 0; i < JOBS_MAX; i++)
		assert_int_equal(question_start(), 0);
	assert_int_not_equal(question_start(), 0);
	request("/nowhere/at/all T 1\n");
	while (!output.reply.len)
		jobs_finish(true);
	assert_line("refused errno=2 at=0 ");
	assert_int_equal(nr_done, 0);
	close(silent[1]);
	while (nr_done < JOBS_MAX)
		jobs_finish(true);
	close(silent[0]);
}

/* While the mount table can't be read, requests wait, and questions don't. */
TEST(old_table)
{
	assert_int_equal(pipe(silent), 0);
	nr_done = 0;
	request("/nowhere/at/all T 1\n");
	/* It was looked up. */
	assert_int_equal(poll(&(struct pollfd){ jobs_fd, POLLIN, 0 }, 1, 10000),
			 1);
	assert_int_equal(question_start(), 0);
	close(silent[1]);
	while (!nr_done)
		jobs_finish(false);
	assert_no_line();
	while (!output.reply.len)
		jobs_finish(true);
	assert_line("refused errno=2 ");
	close(silent[0]);
}

/* A request about a file system that failed ends nothing. */
TEST(failed)
{
	struct watch *w;

	privileged = true;
	mounts_refresh(now_ns());
	request("/ G:shutdown\n");
	while (!output.reply.len)
		jobs_finish(true);
	/* Below chroot(1) it may be no mount. */
	if (strstr(sample_line(), "refused"))
		skip();
	w = watches;
	assert_non_null(w);
	watch_fails(w, FS_ERR_SHUTDOWN, ESHUTDOWN);
	watch_deliver(w, now_ns());
	assert_line("event=shutdown");
	request("/ G:shutdown T 1\n");
	while (!output.reply.len)
		jobs_finish(true);
	assert_line("accepted");
	watch_deliver(w, now_ns() + NS_PER_S);
	assert_no_line();
	sample_end();
}

/* A new watch of a mount, which waits for its marks. */
static struct watch *unmarked(const struct place *place)
{
	const struct mount *m = mount_find(place->mount_id);
	struct watch *w;

	assert_non_null(m);
	w = watch_alloc(place, m);
	assert_non_null(w);
	watch_publish(w);
	w->mark_wanted = true;
	marks_begin();
	return w;
}

static void wait_for_mark(const struct watch *w)
{
	while (w->wd < 0) {
		assert_int_equal(poll(&(struct pollfd){ jobs_fd, POLLIN, 0 }, 1,
				      10000), 1);
		jobs_finish(true);
	}
}

/*
 * A mount has one thread for its marks, whichever watch waits for them. Half of the
 * questions are left for figures.
 */
TEST(marks)
{
	struct place place = {};
	struct watch *w;
	const char *why;
	unsigned int i;
	int fd;

	fd = place_look_up(&place, "/", &why);
	/* Below chroot(1) it may be no mount. */
	if (fd < 0)
		skip();
	close(fd);
	notices_init();
	mounts_refresh(now_ns());
	assert_int_equal(pipe(silent), 0);
	nr_done = 0;
	for (i = 0; i < JOBS_MAX / 2 - 1; i++)
		assert_int_equal(question_start(), 0);

	watch_remove(unmarked(&place));
	w = unmarked(&place);
	assert_false(w->mark_wanted);
	wait_for_mark(w);

	assert_int_equal(question_start(), 0);
	watch_remove(w);
	w = unmarked(&place);
	assert_true(w->mark_wanted);
	close(silent[1]);
	while (nr_done < JOBS_MAX / 2)
		jobs_finish(true);
	close(silent[0]);
	marks_begin();
	assert_false(w->mark_wanted);
	wait_for_mark(w);
	sample_end();
}

int main(void)
{
	const struct cm_unit_test tests[] = {
		cmocka_unit_test(dead_servers),
		cmocka_unit_test(old_table),
		cmocka_unit_test(failed),
		cmocka_unit_test(marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
