// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors of file systems, received from the stream, from netlink and from
 * fanotify.
 *
 *	listeners [LATENCIES [ERRORS]]
 *
 * The source is the same: writing trigger_fs_error makes ext4 report an error,
 * on FILESYSTEMS file systems in turn.
 *
 * Latency: three threads listen, each in its way. An error is raised after the
 * previous one has arrived everywhere and its file system had none for REST_MS.
 * Measured from just before the write(2) that raises it to the read that
 * returns it; with two CPUs the three hinder each other a little.
 *
 * Throughput: for each way, ERRORS errors at full speed, to 1, 10 and 100
 * readers. No way sends a message for each error: fs-events sends ten a second
 * per file system and kind of error, with counts, and fanotify merges unread
 * ones. So there are two numbers: the records that arrived, and the errors that
 * they represent, which must be all.
 *
 * Context: root, fs_events loaded, fstrace mounted.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "control.h"
#include "event.h"
#include "filesystem.h"
#include "stream.h"

#define FILESYSTEMS	32
#define REST_MS		200
#define READERS_MAX	100
#define NS_PER_MS	1000000ULL
#define LATENCIES_MAX	100000

enum way {
	STREAM,
	NETLINK,
	FANOTIFY,
	WAYS,
};

static const char * const names[WAYS] = { "stream", "netlink", "fanotify" };

/* A reading thread and its results. */
struct reader {
	enum way way;
	pthread_t thread;
	int fd;				/* stream and fanotify */
	struct fse_listener l;
	atomic_ullong records;
	atomic_ullong errors;
	atomic_ullong last_ns;
};

static struct fse_fs filesystems[FILESYSTEMS];
static struct reader readers[READERS_MAX];
static atomic_bool over;

static void die(const char *what, int err)
{
	fprintf(stderr, "listeners: %s: %s\n", what, strerror(err));
	exit(1);
}

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 * NS_PER_MS + ts.tv_nsec;
}

static void sleep_until(__u64 ns)
{
	const struct timespec ts = {
		.tv_sec = ns / (1000 * NS_PER_MS),
		.tv_nsec = ns % (1000 * NS_PER_MS),
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL))
		;
}

static void raise_error(const struct fse_fs *fs)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/sys/fs/ext4/%s/trigger_fs_error",
		 fs->dev + strlen("/dev/"));
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "bench", 5) != 5)
		die(path, errno);
	close(fd);
}

static void came(struct reader *r, __u64 errors)
{
	atomic_store(&r->last_ns, now_ns());
	atomic_fetch_add(&r->errors, errors);
	atomic_fetch_add(&r->records, 1);
}

static void read_stream(struct reader *r)
{
	static __thread char buf[65536];
	ssize_t len = read(r->fd, buf, sizeof(buf) - 1);
	char *line, *count, *rest = buf;

	if (len <= 0)
		die("reading the stream", errno);
	buf[len] = '\0';
	while ((line = strsep(&rest, "\n")) && *line) {
		count = strstr(line, " count=");
		if (!count)
			die(line, EPROTO);
		came(r, strtoull(count + strlen(" count="), NULL, 10));
	}
}

static void read_netlink(struct reader *r)
{
	struct fse_event ev;
	int some = fse_next(&r->l, &ev, 0);

	if (some < 0)
		die("receiving", -some);
	if (some)
		came(r, ev.count);
}

static void read_fanotify(struct reader *r)
{
	static __thread struct fanotify_event_metadata buf[2048];
	const struct fanotify_event_metadata *m = buf;
	const struct fanotify_event_info_error *e;
	ssize_t len = read(r->fd, buf, sizeof(buf));
	size_t at;

	if (len <= 0)
		die("reading fanotify", errno);
	for (; FAN_EVENT_OK(m, len); m = FAN_EVENT_NEXT(m, len)) {
		if (m->mask & FAN_Q_OVERFLOW)
			die("fanotify", EOVERFLOW);
		for (at = m->metadata_len; at < m->event_len;
		     at += e->hdr.len) {
			e = (const void *)((const char *)m + at);
			if (e->hdr.info_type == FAN_EVENT_INFO_TYPE_ERROR)
				came(r, e->error_count);
		}
	}
}

static int reader_fd(const struct reader *r)
{
	return r->way == NETLINK ? mnl_socket_get_fd(r->l.nl) : r->fd;
}

static void *read_on(void *arg)
{
	static void (* const functions[WAYS])(struct reader *r) = {
		read_stream, read_netlink, read_fanotify,
	};
	struct reader *r = arg;
	struct pollfd pfd = { .fd = reader_fd(r), .events = POLLIN };

	while (!atomic_load(&over)) {
		if (poll(&pfd, 1, 100) > 0)
			functions[r->way](r);
	}
	return NULL;
}

static int open_fanotify(void)
{
	int fd = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID | FAN_CLOEXEC,
			       O_RDONLY);
	unsigned int i;

	for (i = 0; fd >= 0 && i < FILESYSTEMS; i++) {
		if (fanotify_mark(fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
				  FAN_FS_ERROR, AT_FDCWD, filesystems[i].mount))
			die("fanotify_mark", errno);
	}
	return fd;
}

static void start(struct reader *r, enum way way)
{
	int err = 0;

	memset(r, 0, sizeof(*r));
	r->way = way;
	if (way == STREAM)
		r->fd = open(FSE_EVENTS, O_RDONLY | O_CLOEXEC);
	else if (way == NETLINK)
		err = fse_listen(&r->l);
	else
		r->fd = open_fanotify();
	if (r->fd < 0 || err)
		die(names[way], err ? -err : errno);
	err = pthread_create(&r->thread, NULL, read_on, r);
	if (err)
		die("thread", err);
}

static void stop(unsigned int nr)
{
	unsigned int i;

	atomic_store(&over, true);
	for (i = 0; i < nr; i++)
		pthread_join(readers[i].thread, NULL);
	for (i = 0; i < nr; i++) {
		if (readers[i].way == NETLINK)
			fse_unlisten(&readers[i].l);
		else
			close(readers[i].fd);
	}
	atomic_store(&over, false);
}

/* Waits until every reader has received that many errors. */
static void wait_for(unsigned int nr, __u64 errors)
{
	__u64 deadline = now_ns() + FSE_SOON * NS_PER_MS;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		while (atomic_load(&readers[i].errors) < errors) {
			if (now_ns() > deadline)
				die(names[readers[i].way], ETIMEDOUT);
			sched_yield();
		}
	}
}

static int compare(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return x < y ? -1 : x > y;
}

static void measure_latency(unsigned int nr)
{
	static __u64 took[WAYS][LATENCIES_MAX];
	__u64 begin, next = now_ns();
	unsigned int i, way;

	for (way = 0; way < WAYS; way++)
		start(&readers[way], way);
	for (i = 0; i < nr; i++) {
		sleep_until(next);
		next = now_ns() + REST_MS * NS_PER_MS / FILESYSTEMS;
		begin = now_ns();
		raise_error(&filesystems[i % FILESYSTEMS]);
		wait_for(WAYS, i + 1);
		for (way = 0; way < WAYS; way++)
			took[way][i] = atomic_load(&readers[way].last_ns) - begin;
	}
	stop(WAYS);
	printf("raised to received, us, of %u errors\n\n", nr);
	printf("%-10s %9s %9s\n", "", "median", "99 %");
	for (way = 0; way < WAYS; way++) {
		qsort(took[way], nr, sizeof(took[way][0]), compare);
		printf("%-10s %9.1f %9.1f\n", names[way],
		       took[way][nr / 2] / 1e3,
		       took[way][(nr * 99 + 99) / 100 - 1] / 1e3);
	}
	fflush(stdout);
}

static void measure_throughput(enum way way, unsigned int nr,
			       unsigned int errors)
{
	__u64 begin, raised, last = 0, records = 0;
	unsigned int i;

	for (i = 0; i < nr; i++)
		start(&readers[i], way);
	begin = now_ns();
	for (i = 0; i < errors; i++)
		raise_error(&filesystems[i % FILESYSTEMS]);
	raised = now_ns();
	wait_for(nr, errors);
	stop(nr);
	for (i = 0; i < nr; i++) {
		records += atomic_load(&readers[i].records);
		if (atomic_load(&readers[i].last_ns) > last)
			last = atomic_load(&readers[i].last_ns);
	}
	printf("%-10s %8u %10.0f %12.0f %14.0f\n", names[way], nr,
	       errors * 1e9 / (raised - begin), (double)records / nr,
	       records * 1e9 / (last - begin));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static const unsigned int numbers[] = { 1, 10, READERS_MAX };
	unsigned int latencies = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
	unsigned int errors = argc > 2 ? strtoul(argv[2], NULL, 10) : 10000;
	unsigned int i, way;
	char name[16];

	if (argc > 3 || !latencies || latencies > LATENCIES_MAX || !errors) {
		fprintf(stderr, "usage: listeners [LATENCIES [ERRORS]]\n");
		return 2;
	}
	if (fse_config("\n"))
		die(FSE_DIR "/config", ENOENT);
	for (i = 0; i < FILESYSTEMS; i++) {
		snprintf(name, sizeof(name), "bench%u", i);
		if (fse_fs_make(&filesystems[i], "ext4", name, 8, "") ||
		    fse_config("%s G:corrupted", filesystems[i].mount))
			die(name, EIO);
	}
	measure_latency(latencies);
	printf("\n%u errors on %u file systems\n\n", errors, FILESYSTEMS);
	printf("%-10s %8s %10s %12s %14s\n", "", "readers", "raised/s",
	       "records each", "records/s, all");
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		for (way = 0; way < WAYS; way++)
			measure_throughput(way, numbers[i], errors);
	}
	for (i = 0; i < FILESYSTEMS; i++)
		fse_fs_remove(&filesystems[i]);
	return 0;
}
