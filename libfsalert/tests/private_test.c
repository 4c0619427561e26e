// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Private watches, with a script in place of fsalert-poll.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/fs_event.h>

#include "event.h"
#include "test.h"

#define SOON_MS	20000

/* The buffer for lines grows by at least as much; requests are shorter. */
#define LARGE	(64 << 10)

static bool no_memory;

/* The linker has the library call this; __real_realloc() is realloc(3). */
void *__real_realloc(void *p, size_t size);

void *__wrap_realloc(void *p, size_t size)
{
	return no_memory && size >= LARGE ? NULL : __real_realloc(p, size);
}

static bool of_fstrace;

/* In place of the C library's: a pipe may be the kernel's file. */
int fstatfs(int fd, struct statfs *st)
{
	*st = (struct statfs){ .f_type = of_fstrace ? FSTRACE_MAGIC : 0 };
	return fcntl(fd, F_GETFD) < 0 ? -1 : 0;
}

static struct fsalert *open_it(void)
{
	struct fsalert *h = NULL;

	assert_int_equal(fsalert_open(&h, FSALERT_POLL), 0);
	assert_int_equal(fsalert_source(h), FSALERT_POLL);
	return h;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static bool readable(struct fsalert *h, int timeout_ms)
{
	struct pollfd pfd = { .fd = fsalert_fd(h), .events = POLLIN };

	return poll(&pfd, 1, timeout_ms) == 1;
}

/* The next event comes, and the descriptor says so. */
static const struct fsalert_event *expect(struct fsalert *h,
					  enum fsalert_type type)
{
	const struct fsalert_event *ev = NULL;
	int result;

	do {
		assert_true(readable(h, SOON_MS));
		result = fsalert_next(h, &ev);
	} while (!result);
	assert_int_equal(result, 1);
	assert_int_equal(fsalert_type(ev), type);
	return ev;
}

static void expect_nothing(struct fsalert *h)
{
	const struct fsalert_event *ev;

	assert_int_equal(fsalert_next(h, &ev), 0);
	assert_false(readable(h, 0));
}

static uint64_t seq(const struct fsalert_event *ev)
{
	uint64_t value = 0;

	fsalert_u64(ev, FSALERT_KEY_SEQ, &value);
	return value;
}

TEST(test_capabilities)
{
	struct fsalert *h = open_it();
	uint64_t can = fsalert_can(h);

	assert_true(can & BIT64(FSALERT_BELOW));
	assert_true(can & BIT64(FSALERT_CORRUPTED));
	assert_false(can & BIT64(FSALERT_SHUTDOWN));
	assert_false(can & BIT64(FSALERT_UNKNOWN));
	assert_string_equal(fsalert_cannot(h), "ext4 alone; no way");
	expect_nothing(h);
	assert_null(fsalert_unref(h));
}

TEST(test_requests)
{
	struct fsalert *h = open_it();
	size_t at = 99;

	assert_int_equal(fsalert_request(h, "/srv T 10%"), 0);
	assert_string_equal(fsalert_why(h, &at), "");
	assert_int_equal(at, 0);
	assert_int_equal(fsalert_request(h, "/refuse T 1 2"), -ERANGE);
	assert_string_equal(fsalert_why(h, &at), "not smaller");
	assert_int_equal(at, 8);
	assert_int_equal(fsalert_request(h, ""), 0);
	assert_int_equal(fsalert_request(h, "/a T 1\n/b T 1"), 0);
	assert_int_equal(fsalert_watch(h, "/nonexistent/x",
				       FSALERT_SPEC(.space = "5%")), -ENOENT);
	assert_string_equal(fsalert_why(h, NULL), strerror(ENOENT));
	assert_int_equal(fsalert_watch(h, "/proc/self/status",
				       FSALERT_SPEC(.space = "5%; !/")), -EINVAL);
	assert_int_equal(fsalert_watch(h, "/proc/self/status",
				       FSALERT_SPEC(.space = "5%")), 0);
	expect_nothing(h);
	fsalert_unref(h);
}

/* An answer that comes too late is not taken for that of the next request. */
TEST(test_late_answer)
{
	struct fsalert *h = open_it();
	size_t at = 99;

	assert_int_equal(fsalert_request(h, "/slow T 1"), -ETIMEDOUT);
	assert_string_equal(fsalert_why(h, NULL), strerror(ETIMEDOUT));
	assert_int_equal(fsalert_request(h, "/srv T 1"), 0);
	assert_string_equal(fsalert_why(h, &at), "");
	assert_int_equal(at, 0);
	expect_nothing(h);
	fsalert_unref(h);
}

/* The same after an answer that the library had no memory to read. */
TEST(test_answer_without_memory)
{
	struct fsalert *h = open_it();
	uint64_t i;

	no_memory = true;
	assert_int_equal(fsalert_request(h, "/many T 1"), -ENOMEM);
	no_memory = false;
	assert_string_equal(fsalert_why(h, NULL), strerror(ENOMEM));
	assert_int_equal(fsalert_request(h, "/refuse T 1 2"), -ERANGE);
	assert_string_equal(fsalert_why(h, NULL), "not smaller");
	assert_int_equal(fsalert_request(h, "/srv T 1"), 0);
	for (i = 1; i <= 2000; i++)
		assert_int_equal(seq(expect(h, FSALERT_BELOW)), i);
	expect_nothing(h);
	fsalert_unref(h);
}

/* Events that come before the answer wait, and are not lost. */
TEST(test_events_beside_answers)
{
	struct fsalert *h = open_it();

	assert_int_equal(fsalert_request(h, "/early T 1"), 0);
	assert_int_equal(seq(expect(h, FSALERT_BELOW)), 1);
	assert_int_equal(seq(expect(h, FSALERT_BELOW)), 2);
	expect_nothing(h);
	fsalert_unref(h);
}

TEST(test_many_events)
{
	struct fsalert *h = open_it();
	uint64_t i;

	assert_int_equal(fsalert_request(h, "/many T 1"), 0);
	for (i = 1; i <= 2000; i++)
		assert_int_equal(seq(expect(h, FSALERT_BELOW)), i);
	expect_nothing(h);
	fsalert_unref(h);
}

TEST(test_wait)
{
	const struct fsalert_event *ev;
	struct fsalert *h = open_it();

	assert_int_equal(fsalert_wait(h, 0, &ev), 0);
	assert_int_equal(fsalert_wait(h, 10, &ev), 0);
	assert_int_equal(fsalert_request(h, "/later T 1"), 0);
	assert_int_equal(fsalert_wait(h, SOON_MS, &ev), 1);
	assert_int_equal(seq(ev), 1);
	fsalert_unref(h);
}

/* How many lines begin so? NULL: any. */
static size_t count_lines(const char *path, const char *text)
{
	FILE *file = fopen(path, "r");
	size_t size = 0, nr = 0;
	char *line = NULL;

	while (file && getline(&line, &size, file) > 0)
		nr += !text || !strncmp(line, text, strlen(text));
	free(line);
	if (file)
		fclose(file);
	return nr;
}

/* @log: a template for mkstemp(3); the requests are written to that file. */
static struct fsalert *open_logged(char *log)
{
	int fd = mkstemp(log);

	assert_true(fd >= 0);
	close(fd);
	setenv("HELPER_LOG", log, 1);
	return open_it();
}

static void close_logged(struct fsalert *h, const char *log)
{
	fsalert_unref(h);
	unsetenv("HELPER_LOG");
	unlink(log);
}

/* It is started again, and gets what it had accepted. */
TEST(test_death)
{
	char log[] = "/tmp/fsalert-test.XXXXXX";
	struct fsalert *h;

	h = open_logged(log);
	assert_int_equal(fsalert_request(h, "/srv T 10%"), 0);
	assert_int_equal(fsalert_request(h, "/accept-die T 1"), 0);
	expect(h, FSALERT_GONE);
	assert_int_equal(fsalert_request(h, "/srv T 10%"), -ENODEV);
	assert_string_equal(fsalert_why(h, NULL), "fsalert-poll is gone");
	expect(h, FSALERT_BACK);
	/* And dies again: of the same. */
	expect(h, FSALERT_GONE);
	assert_int_equal(count_lines(log, "/srv T 10%\n"), 2);
	close_logged(h, log);
}

static void expect_removed(struct fsalert *h, const char *request)
{
	const struct fsalert_event *ev = expect(h, FSALERT_REMOVED);
	uint64_t error = 0;

	fsalert_u64(ev, FSALERT_KEY_ERRNO, &error);
	assert_int_equal(error, ENOENT);
	assert_string_equal(fsalert_str(ev, FSALERT_KEY_REQUEST), request);
}

static void make_it_die(struct fsalert *h)
{
	assert_int_equal(fsalert_request(h, "/die T 1"), -ENODEV);
	expect(h, FSALERT_GONE);
	expect(h, FSALERT_BACK);
}

/*
 * What is refused when it is repeated is removed, and a request meanwhile gets its
 * own answer.
 */
static void try_repeated(bool meanwhile)
{
	char log[] = "/tmp/fsalert-test.XXXXXX";
	struct fsalert *h;
	size_t at = 99;

	h = open_logged(log);
	assert_int_equal(fsalert_request(h, "/once/a T 10%"), 0);
	assert_int_equal(fsalert_request(h, "/srv T 10%"), 0);
	assert_int_equal(fsalert_request(h, "/once/b T 10%"), 0);
	assert_int_equal(fsalert_request(h, "/other T 10%"), 0);
	make_it_die(h);
	if (meanwhile) {
		assert_int_equal(fsalert_request(h, "/refuse T 1 2"), -ERANGE);
		assert_string_equal(fsalert_why(h, NULL), "not smaller");
		assert_int_equal(fsalert_request(h, "/srv T 5%"), 0);
		assert_string_equal(fsalert_why(h, &at), "");
		assert_int_equal(at, 0);
	}
	expect_removed(h, "/once/a T 10%");
	expect_removed(h, "/once/b T 10%");
	assert_int_equal(fsalert_request(h, "/late T 10%"), 0);
	expect_nothing(h);
	make_it_die(h);
	assert_int_equal(fsalert_request(h, "/late I 1"), 0);
	expect_nothing(h);
	assert_int_equal(count_lines(log, "/once/a T 10%\n"), 2);
	assert_int_equal(count_lines(log, "/once/b T 10%\n"), 2);
	assert_int_equal(count_lines(log, "/srv T 10%\n"), meanwhile ? 2 : 3);
	assert_int_equal(count_lines(log, "/srv T 5%\n"), meanwhile ? 2 : 0);
	assert_int_equal(count_lines(log, "/other T 10%\n"), 3);
	assert_int_equal(count_lines(log, "/late T 10%\n"), 2);
	close_logged(h, log);
}

/* A watch that ended with its mount is not made again; one made after that is. */
TEST(test_ended)
{
	char log[] = "/tmp/fsalert-test.XXXXXX";
	struct fsalert *h;

	h = open_logged(log);
	assert_int_equal(fsalert_request(h, "/end\\0401 T 10% I 1; /end T 1"), 0);
	expect(h, FSALERT_UNMOUNT);
	make_it_die(h);
	assert_int_equal(fsalert_request(h, "/srv T 1"), 0);
	assert_int_equal(count_lines(log, "/end\\0401"), 1);
	assert_int_equal(count_lines(log, "/end T 1\n"), 1);
	close_logged(h, log);
}

TEST(test_repeated)
{
	try_repeated(false);
}

TEST(test_request_while_repeated)
{
	try_repeated(true);
}

/* The library has no memory to read the answer, and stops waiting for it. */
static void give_up(struct fsalert *h, const char *request)
{
	no_memory = true;
	assert_int_equal(fsalert_request(h, request), -ENOMEM);
	no_memory = false;
}

static void expect_many(struct fsalert *h)
{
	uint64_t i;

	for (i = 1; i <= 2000; i++)
		assert_int_equal(seq(expect(h, FSALERT_BELOW)), i);
}

/* A late answer counts: what was accepted is repeated, what was refused is not. */
static void try_late(const char *request, bool meanwhile, bool accepted)
{
	char log[] = "/tmp/fsalert-test.XXXXXX";
	struct fsalert *h;

	h = open_logged(log);
	give_up(h, request);
	/* Either this request finds the late answer, or fsalert_next() does. */
	if (meanwhile)
		assert_int_equal(fsalert_request(h, "/srv T 10%"), 0);
	expect_many(h);
	expect_nothing(h);
	make_it_die(h);
	if (accepted)
		expect_many(h);
	assert_int_equal(fsalert_request(h, "/last T 1"), 0);
	expect_nothing(h);
	assert_int_equal(count_lines(log, "/many"), accepted ? 2 : 1);
	assert_int_equal(count_lines(log, "/srv T 10%\n"), meanwhile ? 2 : 0);
	close_logged(h, log);
}

TEST(test_late_answer_repeated)
{
	try_late("/many T 1", false, true);
	try_late("/many T 1", true, true);
	try_late("/many-refuse T 1", false, false);
	try_late("/many-refuse T 1", true, false);
}

/*
 * fsalert-poll ended before its late answer: the next fsalert-poll gets the request
 * whole, after all that was accepted before.
 */
static void try_no_answer(const char *request, bool accepted)
{
	char log[] = "/tmp/fsalert-test.XXXXXX";
	struct fsalert *h;

	h = open_logged(log);
	assert_int_equal(fsalert_request(h, "/b T 10%"), 0);
	give_up(h, request);
	expect_many(h);
	expect(h, FSALERT_GONE);
	expect(h, FSALERT_BACK);
	assert_int_equal(fsalert_request(h, "/last T 1"), 0);
	expect_nothing(h);
	assert_int_equal(count_lines(log, request), 2);
	assert_int_equal(count_lines(log, "/b"), 2);
	make_it_die(h);
	assert_int_equal(fsalert_request(h, "/last T 1"), 0);
	expect_nothing(h);
	assert_int_equal(count_lines(log, request), 2);
	assert_int_equal(count_lines(log, "/many-die T 1\n"), accepted);
	assert_int_equal(count_lines(log, "/b T 5%\n"), accepted);
	assert_int_equal(count_lines(log, "/b T 10%\n"), accepted ? 2 : 3);
	close_logged(h, log);
}

TEST(test_no_answer_repeated)
{
	try_no_answer("/many-die T 1;/b T 5%", true);
	try_no_answer("/many-none T 1;/b T 5%", false);
}

#define MANY	2000

/* A request of @len bytes. */
static void make_request(char *request, int len, unsigned int nr)
{
	sprintf(request, "/srv/%0*u T 10%%", len - 11, nr);
	assert_int_equal(strlen(request), len);
}

/* Calls fsalert_next() when the descriptor says so, but not for ever. */
static void expect_back(struct fsalert *h)
{
	const struct fsalert_event *ev = NULL;
	int64_t end_ms = now_ms() + SOON_MS, begin_ms;
	int result = 0;

	while (!result && now_ms() < end_ms && readable(h, SOON_MS)) {
		begin_ms = now_ms();
		result = fsalert_next(h, &ev);
		assert_true(now_ms() - begin_ms < 900);
	}
	assert_int_equal(result, 1);
	assert_int_equal(fsalert_type(ev), FSALERT_BACK);
}

/*
 * More requests than the socket takes, with replies that have to be read meanwhile.
 * All are repeated, and before the request that comes @meanwhile.
 */
static void try_many(int len, bool meanwhile)
{
	char log[] = "/tmp/fsalert-test.XXXXXX", request[300];
	const struct fsalert_event *ev;
	struct fsalert *h;
	unsigned int i;

	h = open_logged(log);
	for (i = 0; i < MANY; i++) {
		make_request(request, len, i);
		assert_int_equal(fsalert_request(h, request), 0);
	}
	assert_int_equal(fsalert_request(h, "/early T 1"), 0);
	assert_int_equal(fsalert_request(h, "/die T 1"), -ENODEV);
	expect(h, FSALERT_BELOW);
	expect(h, FSALERT_BELOW);
	expect(h, FSALERT_GONE);
	assert_int_equal(truncate(log, 0), 0);
	expect_nothing(h);
	if (meanwhile) {
		/* The new one has a part of them. */
		assert_true(readable(h, SOON_MS));
		assert_int_equal(fsalert_next(h, &ev), 0);
		assert_int_equal(fsalert_request(h, "/refuse T 1 2"), -ERANGE);
		assert_string_equal(fsalert_why(h, NULL), "not smaller");
		assert_int_equal(count_lines(log, request), 1);
	}
	expect_back(h);
	assert_int_equal(fsalert_request(h, "/last T 1"), 0);
	/* What the new one reports comes after FSALERT_BACK. */
	assert_int_equal(seq(expect(h, FSALERT_BELOW)), 1);
	assert_int_equal(seq(expect(h, FSALERT_BELOW)), 2);
	expect_nothing(h);
	for (i = 0; i < MANY; i += 333) {
		make_request(request, len, i);
		assert_int_equal(count_lines(log, request), 1);
	}
	assert_int_equal(count_lines(log, NULL), MANY + 2 + meanwhile);
	close_logged(h, log);
}

TEST(test_many_requests)
{
	try_many(60, false);
}

TEST(test_many_long_requests)
{
	try_many(250, false);
}

TEST(test_request_while_many_repeated)
{
	try_many(250, true);
}

/* Half a line is no event. */
TEST(test_half_a_line)
{
	struct fsalert *h = open_it();

	assert_int_equal(fsalert_request(h, "/half T 1"), -ENODEV);
	expect(h, FSALERT_GONE);
	expect(h, FSALERT_BACK);
	expect_nothing(h);
	fsalert_unref(h);
}

/* The program notices nothing of the other process. */
TEST(test_no_child)
{
	sigset_t ours, before, after, pending;
	struct fsalert *h;
	int nr;

	sigemptyset(&ours);
	sigaddset(&ours, SIGCHLD);
	sigaddset(&ours, SIGPIPE);
	sigprocmask(SIG_BLOCK, &ours, NULL);
	sigprocmask(SIG_BLOCK, NULL, &before);
	h = open_it();
	assert_int_equal(fsalert_request(h, "/die T 1"), -ENODEV);
	assert_int_equal(fsalert_request(h, "/srv T 1"), -ENODEV);
	expect(h, FSALERT_GONE);
	expect(h, FSALERT_BACK);
	fsalert_unref(h);
	sigprocmask(SIG_BLOCK, NULL, &after);
	for (nr = 1; nr < NSIG; nr++)
		assert_int_equal(sigismember(&before, nr),
				 sigismember(&after, nr));
	assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
	assert_int_equal(errno, ECHILD);
	sigpending(&pending);
	assert_false(sigismember(&pending, SIGCHLD));
	assert_false(sigismember(&pending, SIGPIPE));
	sigprocmask(SIG_UNBLOCK, &ours, NULL);
}

/* A program without standard files: ours don't take their places. */
TEST(test_standard_files)
{
	int saved[3], fd;
	struct fsalert *h = NULL;
	bool clear = true;
	int err;

	for (fd = 0; fd < 3; fd++) {
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
		close(fd);
	}
	err = fsalert_open(&h, FSALERT_POLL);
	if (!err)
		err = fsalert_request(h, "/srv T 10%");
	for (fd = 0; fd < 3; fd++)
		clear = clear && fcntl(fd, F_GETFD) < 0;
	for (fd = 0; fd < 3; fd++)
		dup2(saved[fd], fd);
	assert_int_equal(err, 0);
	assert_true(clear);
	fsalert_unref(h);
	for (fd = 0; fd < 3; fd++)
		close(saved[fd]);
}

/* No descriptor is left, whatever failed. */
TEST(test_no_helper)
{
	const char *path = getenv("FSALERT_POLL");
	struct fsalert *h = (struct fsalert *)1;
	int before = dup(0), after;

	path = strdup(path);
	setenv("FSALERT_POLL", "/nonexistent", 1);
	assert_int_equal(fsalert_open(&h, FSALERT_POLL), -ENOENT);
	assert_null(h);
	/* That is there, and ends at once. */
	setenv("FSALERT_POLL", "/bin/true", 1);
	assert_int_equal(fsalert_open(&h, FSALERT_POLL), -EPIPE);
	setenv("FSALERT_POLL", path, 1);
	after = dup(0);
	assert_int_equal(after, before + 1);
	close(before);
	close(after);
	free((char *)path);
}

/* A lack of descriptors is no lack of a source, and leaves none open. */
TEST(test_no_descriptors)
{
	struct rlimit before, limit;
	struct fsalert *h;
	int next, extra;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	next = dup(0);
	close(next);
	limit = before;
	for (extra = 0; extra < 5; extra++) {
		limit.rlim_cur = next + extra;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
		assert_int_equal(fsalert_open(&h, FSALERT_POLL), -EMFILE);
		assert_null(h);
		assert_int_equal(fsalert_open_all(&h, NULL, 0), -EMFILE);
		assert_null(h);
	}
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(dup(0), next);
	close(next);
}

/* A descriptor from fsalert_watch_fd() belongs to the handle from success on. */
TEST(test_open_fd)
{
	const struct fsalert_event *ev;
	struct fsalert *h = NULL;
	int ends[2], closed;

	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	closed = dup(0);
	close(closed);
	assert_int_equal(fsalert_open_fd(&h, closed), -EBADF);
	assert_null(h);
	/* On failure it stays the caller's. */
	assert_int_equal(fsalert_open_fd(&h, ends[0]), -ENOENT);
	assert_null(h);
	assert_int_equal(fcntl(ends[0], F_GETFD), 0);

	of_fstrace = true;
	assert_int_equal(fsalert_open_fd(&h, ends[0]), 0);
	of_fstrace = false;
	assert_int_equal(fsalert_source(h), FSALERT_KERNEL);
	assert_int_equal(fsalert_watch_fd(h), ends[0]);
	assert_int_equal(fcntl(ends[0], F_GETFD), FD_CLOEXEC);
	expect_nothing(h);
	dprintf(ends[1], "seq=7 event=thr_lrbelow dev=7:0 mount=/below\n");
	assert_int_equal(seq(expect(h, FSALERT_BELOW)), 7);
	assert_int_equal(fsalert_next(h, &ev), 0);
	fsalert_unref(h);
	assert_int_equal(fcntl(ends[0], F_GETFD), -1);
	close(ends[1]);

	h = open_it();
	assert_int_equal(fsalert_watch_fd(h), -EOPNOTSUPP);
	fsalert_unref(h);
}

TEST(test_open_fd_no_descriptors)
{
	struct rlimit before, limit;
	struct fsalert *h;
	int ends[2], next, extra;

	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	next = dup(0);
	close(next);
	limit = before;
	of_fstrace = true;
	for (extra = 0; extra < 3; extra++) {
		limit.rlim_cur = next + extra;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
		assert_int_equal(fsalert_open_fd(&h, ends[0]), -EMFILE);
		assert_null(h);
		assert_int_equal(fcntl(ends[0], F_GETFD), 0);
	}
	of_fstrace = false;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(dup(0), next);
	close(next);
	close(ends[0]);
	close(ends[1]);
}

TEST(test_kinds)
{
	const struct fsalert_event *ev;
	struct fsalert *h = open_it();

	assert_int_equal(fsalert_each(h, NULL, NULL), -EOPNOTSUPP);
	assert_int_equal(fsalert_queue_bytes(h), 0);
	assert_ptr_equal(fsalert_ref(h), h);
	assert_null(fsalert_unref(h));
	assert_int_equal(fsalert_next(h, &ev), 0);
	assert_null(fsalert_unref(h));
	assert_null(fsalert_unref(NULL));
	assert_int_equal(fsalert_open_all(&h, NULL, (size_t)1 << 31), -EINVAL);
	assert_null(h);
#if SIZE_MAX > UINT32_MAX
	assert_int_equal(fsalert_open_all(&h, NULL, (size_t)1 << 32 | 4096),
			 -EINVAL);
#endif
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_late_answer),
		cmocka_unit_test(test_answer_without_memory),
		cmocka_unit_test(test_events_beside_answers),
		cmocka_unit_test(test_many_events),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_death),
		cmocka_unit_test(test_ended),
		cmocka_unit_test(test_repeated),
		cmocka_unit_test(test_request_while_repeated),
		cmocka_unit_test(test_late_answer_repeated),
		cmocka_unit_test(test_no_answer_repeated),
		cmocka_unit_test(test_many_requests),
		cmocka_unit_test(test_many_long_requests),
		cmocka_unit_test(test_request_while_many_repeated),
		cmocka_unit_test(test_half_a_line),
		cmocka_unit_test(test_no_child),
		cmocka_unit_test(test_standard_files),
		cmocka_unit_test(test_no_helper),
		cmocka_unit_test(test_no_descriptors),
		cmocka_unit_test(test_open_fd),
		cmocka_unit_test(test_open_fd_no_descriptors),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
