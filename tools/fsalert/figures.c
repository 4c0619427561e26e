// SPDX-License-Identifier: GPL-2.0-only
/*
 * Figures of a file system, also of one whose server may not answer: that one
 * is asked by a thread of its own, which is left alone when it takes too long.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "figures.h"

/* How long to wait for the first one; for each further one half as long. */
#define PATIENCE_NS	2000000000L
#define PATIENCE_MIN_NS	20000000L
#define NSEC_PER_SEC	1000000000L

static long patience_ns = PATIENCE_NS;

/**
 * struct question - a question that may stay without an answer
 * @done: the answer is there
 * @lock: protects @users
 * @users: the thread and its starter; the last one frees this
 * @path: of the file system
 * @st: the answer
 * @error: negative errno, or 0
 */
struct question {
	sem_t done;
	pthread_mutex_t lock;
	int users;
	char *path;
	struct statvfs st;
	int error;
};

static void put(struct question *q)
{
	bool last;

	pthread_mutex_lock(&q->lock);
	last = !--q->users;
	pthread_mutex_unlock(&q->lock);
	if (!last)
		return;
	sem_destroy(&q->done);
	pthread_mutex_destroy(&q->lock);
	free(q->path);
	free(q);
}

static void *ask(void *data)
{
	struct question *q = data;

	q->error = statvfs(q->path, &q->st) ? -errno : 0;
	sem_post(&q->done);
	put(q);
	return NULL;
}

static struct question *start(const char *path)
{
	struct question *q = calloc(1, sizeof(*q));
	pthread_t thread;

	if (!q)
		return NULL;
	sem_init(&q->done, 0, 0);
	pthread_mutex_init(&q->lock, NULL);
	q->users = 2;
	q->path = strdup(path);
	if (q->path && !pthread_create(&thread, NULL, ask, q)) {
		pthread_detach(thread);
		return q;
	}
	q->users = 1;
	put(q);
	return NULL;
}

static struct timespec deadline(void)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += patience_ns;
	end.tv_sec += end.tv_nsec / NSEC_PER_SEC;
	end.tv_nsec %= NSEC_PER_SEC;
	return end;
}

/* Return: it is answered. */
static bool await(struct question *q)
{
	struct timespec end = deadline();
	int result;

	do {
		result = sem_clockwait(&q->done, CLOCK_MONOTONIC, &end);
	} while (result && errno == EINTR);
	if (result && patience_ns > PATIENCE_MIN_NS)
		patience_ns /= 2;
	return !result;
}

/**
 * figures_ask - ask a file system whose server may not answer for its figures
 * @asked: the question that is open; a pointer to NULL: there is none
 * @path: of the file system
 * @st: the figures
 *
 * While the question is open nothing else is asked, and this does not wait.
 * Return: 0 or a negative errno: -ETIMEDOUT: there is no answer yet: within two
 * seconds, or less when others did not answer before: any number of mounts may
 * hang. -EAGAIN: it can't be asked.
 */
int figures_ask(struct question **asked, const char *path, struct statvfs *st)
{
	bool answered;
	int error;

	if (*asked) {
		answered = !sem_trywait(&(*asked)->done);
	} else {
		*asked = start(path);
		if (!*asked)
			return -EAGAIN;
		answered = await(*asked);
	}
	if (!answered)
		return -ETIMEDOUT;
	error = (*asked)->error;
	if (!error)
		*st = (*asked)->st;
	figures_forget(asked);
	return error;
}

/**
 * figures_forget - the answer is not wanted any more
 * @asked: the question that is open; a pointer to NULL: there is none
 */
void figures_forget(struct question **asked)
{
	if (*asked)
		put(*asked);
	*asked = NULL;
}

/**
 * figures_get - ask a file system for its figures
 * @path: of it
 * @may_hang: its server may not answer
 * @st: the figures
 *
 * Return: 0 or a negative errno, as figures_ask().
 */
int figures_get(const char *path, bool may_hang, struct statvfs *st)
{
	struct question *asked = NULL;
	int error;

	if (!may_hang)
		return statvfs(path, st) ? -errno : 0;
	error = figures_ask(&asked, path, st);
	figures_forget(&asked);
	return error;
}
