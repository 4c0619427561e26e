// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsalert-poll: what may wait for a server runs in a thread of its own.
 *
 * Each job has a thread, which ends with it. There is at most one job for requests,
 * and two per mount: for figures and for marks; they are rare. A server that never
 * answers keeps its threads waiting, and nothing else: the limit is one of questions,
 * so that requests can still be made when that many servers don't answer.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "internal.h"

#define STACK_SIZE	(64 * 1024)

int jobs_fd = -1;

static unsigned int nr_questions;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct job *finished;

/* Return: 0 or a negative errno. */
int jobs_init(void)
{
	jobs_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return jobs_fd < 0 ? -errno : 0;
}

static void *job_thread(void *arg)
{
	const u64 one = 1;
	struct job *job = arg;

	job->work(job);
	pthread_mutex_lock(&lock);
	job->next = finished;
	finished = job;
	pthread_mutex_unlock(&lock);
	/* It can't fail: that would take 2^64 jobs. */
	return write(jobs_fd, &one, sizeof(one)) < 0 ? job : NULL;
}

/**
 * job_start - begin a job
 * @job: its @work and @done are set
 *
 * Return: 0, or -EAGAIN: there are too many, try again later.
 */
int job_start(struct job *job)
{
	unsigned int max = job->optional ? JOBS_MAX / 2 : JOBS_MAX;
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	if (!job->is_request && nr_questions >= max)
		return -EAGAIN;
	if (pthread_attr_init(&attr))
		return -EAGAIN;
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	err = pthread_create(&thread, &attr, job_thread, job);
	pthread_attr_destroy(&attr);
	if (err)
		return -EAGAIN;
	nr_questions += !job->is_request;
	return 0;
}

/* Take a list of those that finished, of all or of questions only. */
static struct job *take_finished(bool requests)
{
	struct job *taken = NULL, **at = &finished, *job;

	pthread_mutex_lock(&lock);
	while ((job = *at)) {
		if (job->is_request && !requests) {
			at = &job->next;
			continue;
		}
		*at = job->next;
		job->next = taken;
		taken = job;
	}
	pthread_mutex_unlock(&lock);
	return taken;
}

/**
 * jobs_finish - call @done of the finished jobs
 * @requests: of the transaction as well; otherwise that waits for the next call
 */
void jobs_finish(bool requests)
{
	struct job *job, *next;
	u64 nr;

	/* Nothing to read: a job may have been left by the last call. */
	if (read(jobs_fd, &nr, sizeof(nr)) < 0 && errno != EAGAIN)
		return;
	for (job = take_finished(requests); job; job = next) {
		next = job->next;
		nr_questions -= !job->is_request;
		job->done(job);
	}
}

/* Is a question unanswered? */
bool jobs_wait(void)
{
	return nr_questions;
}
