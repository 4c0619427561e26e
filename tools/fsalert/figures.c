// SPDX-License-Identifier: GPL-2.0-only
/*
 * Questions about a file system, above all its figures, also of one whose server
 * may not answer: that one is asked by a thread of its own, which is left alone
 * when it takes too long.
 *
 * Nothing ends a thread that waits for a server, so the number of questions is
 * limited. While too many servers are silent, other file systems behind a server are
 * not asked; local ones need no thread.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "figures.h"

/* How long to wait for the first one; for each further one half as long. */
#define PATIENCE_MS	2000
#define PATIENCE_MIN_MS	20
#define NSEC_PER_SEC	1000000000L
#define NSEC_PER_MSEC	1000000L
#define MSEC_PER_SEC	1000

/* While so many threads wait, no more figures are asked for. */
#define WAITING_MAX	256
/* The same for a file system that never answered: some are left for the others. */
#define WAITING_NEW_MAX	192

static atomic_uint nr_waiting;

/**
 * struct question - a question that may stay without an answer
 * @done: the answer is there
 * @lock: protects @users
 * @users: the thread and its starter; the last one frees this
 * @ask: asks it
 * @path: of the file system
 * @answer: the answer
 * @error: negative errno, or 0
 */
struct question {
	sem_t done;
	pthread_mutex_t lock;
	int users;
	figures_fn ask;
	char *path;
	void *answer;
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
	free(q->answer);
	free(q);
}

static void *ask(void *data)
{
	struct question *q = data;

	q->error = q->ask(q->path, q->answer);
	nr_waiting--;
	sem_post(&q->done);
	put(q);
	return NULL;
}

/* Return: NULL: there is no memory, or no thread. */
static struct question *start(figures_fn fn, const char *path, size_t size)
{
	struct question *q = calloc(1, sizeof(*q));
	pthread_t thread;

	if (!q)
		return NULL;
	sem_init(&q->done, 0, 0);
	pthread_mutex_init(&q->lock, NULL);
	q->users = 2;
	q->ask = fn;
	q->path = strdup(path);
	q->answer = calloc(1, size);
	nr_waiting++;
	if (q->path && q->answer && !pthread_create(&thread, NULL, ask, q)) {
		pthread_detach(thread);
		return q;
	}
	nr_waiting--;
	q->users = 1;
	put(q);
	return NULL;
}

static struct timespec deadline(unsigned int ms)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += ms / MSEC_PER_SEC;
	end.tv_nsec += ms % MSEC_PER_SEC * NSEC_PER_MSEC;
	end.tv_sec += end.tv_nsec / NSEC_PER_SEC;
	end.tv_nsec %= NSEC_PER_SEC;
	return end;
}

/* Return: it is answered within that time. */
static bool answered(struct question *q, unsigned int ms)
{
	struct timespec end = deadline(ms);
	int result;

	do {
		result = sem_clockwait(&q->done, CLOCK_MONOTONIC, &end);
	} while (result && errno == EINTR);
	return !result;
}

/**
 * figures_ask - ask a question whose answer may not come
 * @fn: asks it, in another thread; it may run on when this has returned
 * @path: its first argument
 * @answer: what it has put to its second argument, if it returned 0
 * @size: size of that
 * @ms: how long to wait
 *
 * Return: what @fn returned; -ETIMEDOUT; -ENOMEM.
 */
int figures_ask(figures_fn fn, const char *path, void *answer, size_t size,
		unsigned int ms)
{
	struct question *q = start(fn, path, size);
	int error;

	if (!q)
		return -ENOMEM;
	error = answered(q, ms) ? q->error : -ETIMEDOUT;
	if (!error)
		memcpy(answer, q->answer, size);
	put(q);
	return error;
}

static int ask_statvfs(const char *path, void *st)
{
	return statvfs(path, st) ? -errno : 0;
}

/**
 * figures_keep_asking - ask a file system whose server may not answer
 * @asked: the question that is open; a pointer to NULL: there is none
 * @path: of the file system
 * @answered_before: it has been asked, and answered
 * @st: the figures
 *
 * While the question is open nothing else is asked, and this does not wait.
 * Return: 0 or a negative errno: -ETIMEDOUT: there is no answer yet: within two
 * seconds, or less when others did not answer before: any number of mounts may
 * hang. -EAGAIN: it was not asked: too many others don't answer, or no thread can
 * be started.
 */
int figures_keep_asking(struct question **asked, const char *path,
			bool answered_before, struct statvfs *st)
{
	static unsigned int patience_ms = PATIENCE_MS;
	bool is_new = !*asked;
	int error;

	if (is_new && nr_waiting < (answered_before ? WAITING_MAX :
				    WAITING_NEW_MAX))
		*asked = start(ask_statvfs, path, sizeof(*st));
	if (!*asked)
		return -EAGAIN;
	if (!answered(*asked, is_new ? patience_ms : 0)) {
		if (is_new && patience_ms > PATIENCE_MIN_MS)
			patience_ms /= 2;
		return -ETIMEDOUT;
	}
	if (is_new)
		patience_ms = PATIENCE_MS;
	error = (*asked)->error;
	if (!error)
		memcpy(st, (*asked)->answer, sizeof(*st));
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
 * Return: 0 or a negative errno, as figures_keep_asking().
 */
int figures_get(const char *path, bool may_hang, struct statvfs *st)
{
	struct question *asked = NULL;
	int error;

	if (!may_hang)
		return ask_statvfs(path, st);
	error = figures_keep_asking(&asked, path, false, st);
	figures_forget(&asked);
	return error;
}
