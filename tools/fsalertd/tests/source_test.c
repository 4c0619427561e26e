// SPDX-License-Identifier: GPL-2.0-only
/* Watches that systemd kept while the daemon was restarted, and failures to read. */
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <linux/fs_event.h>

#include "daemon.h"
#include "test.h"

/* Later than anything that a test waits for. */
#define SOON_US	20000000

/* In place of the C library's: a pipe is the kernel's file. */
int fstatfs(int fd, struct statfs *st)
{
	*st = (struct statfs){ .f_type = FSTRACE_MAGIC };
	return fcntl(fd, F_GETFD) < 0 ? -1 : 0;
}

/* The mount namespace that the name of the kept file has. */
int statx(int dir, const char *path, int flags, unsigned int mask,
	  struct statx *st)
{
	(void)dir;
	(void)path;
	(void)flags;
	*st = (struct statx){ .stx_mask = mask, .stx_mnt_id = 7 };
	return 0;
}

static unsigned int nr_said;

int access(const char *path, int mode)
{
	(void)path;
	(void)mode;
	return 0;
}

/* In place of the journal. */
int sd_journal_sendv(const struct iovec *iov, int n)
{
	assert_int_not_equal(n, 0);
	nr_said += !!strstr(iov[0].iov_base, "events can't be read: ");
	return 0;
}

static bool no_memory;
static unsigned int nr_failed;

/* The linker has the library call this; __real_realloc() is realloc(3). */
void *__real_realloc(void *p, size_t size);

void *__wrap_realloc(void *p, size_t size)
{
	nr_failed += no_memory;
	return no_memory ? NULL : __real_realloc(p, size);
}

/* A pipe in the place of a descriptor that systemd kept. Return: its other end. */
static int keep(int fd)
{
	int ends[2], other;

	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	other = fcntl(ends[1], F_DUPFD_CLOEXEC, 10);
	close(ends[1]);
	assert_int_equal(dup2(ends[0], fd), fd);
	if (ends[0] != fd)
		close(ends[0]);
	return other;
}

static void set_names(const char *nr, const char *names)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", nr, 1);
	setenv("LISTEN_FDNAMES", names, 1);
}

/* The handle has the descriptor itself: closing it would hit another file. */
TEST(test_kept)
{
	const int kept = SD_LISTEN_FDS_START, other = kept + 1;
	struct config config = { .from = FSALERT_KERNEL };
	struct daemon d = { .config = &config };
	struct pollfd end = { .fd = -1 };

	keep(kept);
	end.fd = keep(other);
	set_names("2", "watch-7:other");
	assert_true(sd_event_new(&d.event) >= 0);

	source_open(&d);
	assert_non_null(d.local.h);
	assert_true(d.local.adopted);
	assert_int_equal(fsalert_watch_fd(d.local.h), kept);
	assert_int_equal(fcntl(kept, F_GETFD), FD_CLOEXEC);
	/* What no handle has is closed. */
	assert_int_equal(poll(&end, 1, 0), 1);
	assert_true(end.revents & POLLERR);
	close(end.fd);
	source_close(&d);
	assert_int_equal(fcntl(kept, F_GETFD), -1);
	sd_event_unref(d.event);
}

/* While events can't be read the loop does not spin, and no event is lost. */
TEST(test_no_memory)
{
	struct config config = { .from = FSALERT_KERNEL };
	struct daemon d = { .config = &config, .run = "/nowhere" };
	uint64_t begin_ms;
	int end = keep(SD_LISTEN_FDS_START);

	set_names("1", "watch-7");
	assert_true(sd_event_new(&d.event) >= 0);
	source_open(&d);
	assert_non_null(d.local.h);
	d.local.first = false;
	dprintf(end, "seq=7 event=mystery\n");

	nr_failed = 0;
	no_memory = true;
	begin_ms = now_ms();
	while (nr_failed < 3)
		assert_true(sd_event_run(d.event, SOON_US) > 0);
	no_memory = false;
	/* Pauses of 100 ms and 200 ms. */
	assert_true(now_ms() - begin_ms >= 300);
	assert_int_equal(nr_said, 1);
	dprintf(end, "seq=8 event=mystery\n");
	while (d.local.seq < 8)
		assert_true(sd_event_run(d.event, SOON_US) > 0);

	/* After that events are read at once. */
	dprintf(end, "seq=9 event=mystery\n");
	assert_true(sd_event_run(d.event, 0) > 0);
	assert_int_equal(d.local.seq, 9);
	/* Another failure is said, and its first pause is short. */
	assert_int_equal(d.local.pause_us, 0);
	source_close(&d);
	close(end);
	sd_event_unref(d.event);
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
