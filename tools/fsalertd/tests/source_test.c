// SPDX-License-Identifier: GPL-2.0-only
/* Watches that systemd kept while the daemon was restarted. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <linux/fs_event.h>

#include "daemon.h"
#include "test.h"

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

/* A pipe in the place of a descriptor that systemd kept. Return: its other end. */
static int keep(int fd)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	ends[1] = fcntl(ends[1], F_DUPFD_CLOEXEC, 10);
	assert_int_equal(dup2(ends[0], fd), fd);
	return ends[1];
}

/* The handle has the descriptor itself: closing it would hit another file. */
TEST(test_kept)
{
	const int kept = SD_LISTEN_FDS_START, other = kept + 1;
	struct config config = { .from = FSALERT_KERNEL };
	struct daemon d = { .config = &config };
	char pid[16];

	keep(kept);
	keep(other);
	snprintf(pid, sizeof(pid), "%d", getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "2", 1);
	setenv("LISTEN_FDNAMES", "watch-7:other", 1);
	assert_true(sd_event_new(&d.event) >= 0);

	source_open(&d);
	assert_non_null(d.local.h);
	assert_true(d.local.adopted);
	assert_int_equal(fsalert_watch_fd(d.local.h), kept);
	assert_int_equal(fcntl(kept, F_GETFD), FD_CLOEXEC);
	/* What no handle has is closed. */
	assert_int_equal(fcntl(other, F_GETFD), -1);
	source_close(&d);
	assert_int_equal(fcntl(kept, F_GETFD), -1);
	sd_event_unref(d.event);
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
