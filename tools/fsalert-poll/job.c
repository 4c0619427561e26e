// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsalert-poll: what may wait for a server runs in a thread of its own.
 *
 * Each job has a thread, which ends with it. There is at most one job per watch,
 * and one for requests; they are rare. A server that never answers keeps its
 * thread waiting, and nothing else.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "internal.h"

#define STACK_SIZE	(64 * 1024)

int jobs_fd = -1;

static unsigned int nr_jobs;
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
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	if (nr_jobs >= JOBS_MAX || pthread_attr_init(&attr))
		return -EAGAIN;
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	err = pthread_create(&thread, &attr, job_thread, job);
	pthread_attr_destroy(&attr);
	if (err)
		return -EAGAIN;
	nr_jobs++;
	return 0;
}

/* Call @done of the finished jobs. */
void jobs_finish(void)
{
	struct job *job, *next;
	u64 nr;

	if (read(jobs_fd, &nr, sizeof(nr)) < 0)
		return;
	pthread_mutex_lock(&lock);
	job = finished;
	finished = NULL;
	pthread_mutex_unlock(&lock);
	for (; job; job = next) {
		next = job->next;
		nr_jobs--;
		job->done(job);
	}
}
