// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsalert-poll: start, and the loop.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../standard_files.h"
#include "internal.h"

/* A number that the kernel gives to no other user namespace. */
#define INITIAL_USER_NS		0xeffffffdU
#define CAP_SYS_ADMIN_BIT	21

/* How long a request may take after its sender has closed its end. */
#define LINGER_NS	NS_PER_S

enum { IN, OUT, MOUNTS, JOBS, FANOTIFY, INOTIFY, NR_FDS };

/* CAP_SYS_ADMIN in the initial user namespace. */
static bool is_privileged(void)
{
	unsigned long long effective = 0;
	FILE *file = fopen("/proc/self/status", "re");
	struct stat ns;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "CapEff: %llx", &effective);
	if (file)
		fclose(file);
	return effective & (1ULL << CAP_SYS_ADMIN_BIT) &&
	       !stat("/proc/self/ns/user", &ns) &&
	       (unsigned int)ns.st_ino == INITIAL_USER_NS;
}

static void die(const char *what, int err)
{
	fprintf(stderr, "fsalert-poll: %s: %s\n", what, strerror(-err));
	exit(EXIT_FAILURE);
}

/*
 * The program never waits for its reader. A terminal is left as it is: other
 * programs share it.
 */
static void unblock_output(void)
{
	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	if (flags >= 0 && !isatty(STDOUT_FILENO))
		fcntl(STDOUT_FILENO, F_SETFL, flags | O_NONBLOCK);
	signal(SIGPIPE, SIG_IGN);
}

static void options(int argc, char **argv)
{
	static const struct option known[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{}
	};
	int c = getopt_long(argc, argv, "hV", known, NULL);

	if (c == 'V') {
		puts("fsalert-poll " VERSION);
		exit(EXIT_SUCCESS);
	}
	if (c == 'h') {
		puts("usage: fsalert-poll\n"
		     "Reads watch requests from standard input and writes file system events to\n"
		     "standard output. See fsalert-poll(8).");
		exit(EXIT_SUCCESS);
	}
	if (c == -1 && optind < argc)
		fprintf(stderr, "fsalert-poll: unexpected argument '%s'\n",
			argv[optind]);
	if (c != -1 || optind < argc)
		exit(2);
}

static void init(void)
{
	struct statx sx;
	int err;

	if (statx(AT_FDCWD, "/", 0, STATX_MNT_ID, &sx) ||
	    !(sx.stx_mask & STATX_MNT_ID))
		die("mount IDs need Linux 5.8", -EOPNOTSUPP);
	privileged = is_privileged();
	notices_init();
	err = jobs_init();
	if (err)
		die("eventfd", err);
	err = mounts_init();
	if (err)
		die("/proc/self/mountinfo", err);
	capabilities_add(&output.reply);
}

/* --- the loop ------------------------------------------------------------- */

/**
 * struct input - standard input
 * @closed: the sender closed its end; there may be something left to read
 * @ended: everything was read
 * @end_ns: when to stop in any case, monotonic
 */
struct input {
	bool closed;
	bool ended;
	u64 end_ns;
};

static u64 earlier(u64 a, u64 b)
{
	return a < b ? a : b;
}

static u64 next_due(void)
{
	u64 due = request_ready() ? 0 : mounts_due();
	const struct watch *w;

	for (w = watches; w; w = w->next) {
		due = earlier(due, w->deliver_ns);
		if (ask_may(w))
			due = earlier(due, w->due_ns);
	}
	return due;
}

static void wait_for(struct pollfd *fds, u64 due)
{
	u64 now = now_ns(), wait = due > now ? due - now : 0;
	const struct timespec ts = {
		.tv_sec = wait / NS_PER_S,
		.tv_nsec = wait % NS_PER_S,
	};

	if (ppoll(fds, NR_FDS, due == NEVER ? NULL : &ts, NULL) < 0) {
		if (errno != EINTR)
			die("poll", -errno);
		memset(fds, 0, NR_FDS * sizeof(*fds));
	}
}

/*
 * An answer counts most while the table is fresh, which it is again within half a
 * second. But where it can't be read, that may take for ever.
 */
static bool may_finish(void)
{
	return mounts_fresh() || mounts_failed();
}

static void prepare_fds(struct pollfd *fds, const struct input *in)
{
	bool wanted = request_wants_input();
	const struct pollfd all[NR_FDS] = {
		[IN] = { in->ended || (in->closed && !wanted) ? -1 :
			 STDIN_FILENO, wanted ? POLLIN : 0, 0 },
		[OUT] = { STDOUT_FILENO, output_pending(&output) ? POLLOUT : 0,
			  0 },
		[MOUNTS] = { mounts_fresh() ? mounts_fd : -1, POLLPRI, 0 },
		[JOBS] = { may_finish() ? jobs_fd : -1, POLLIN, 0 },
		[FANOTIFY] = { fanotify_fd, POLLIN, 0 },
		[INOTIFY] = { inotify_fd, POLLIN, 0 },
	};

	memcpy(fds, all, sizeof(all));
}

static void work(const struct pollfd *fds)
{
	struct watch *w;
	u64 now;

	/* poll(2) reports each change once. */
	if (fds[MOUNTS].revents)
		mounts_distrust();
	if (fds[INOTIFY].revents)
		notices_read_inotify();
	mounts_refresh(now_ns());
	if (fds[FANOTIFY].revents)
		notices_read_fanotify();
	/* Whatever a job has looked up, the table was read after that. */
	if (may_finish())
		jobs_finish(mounts_fresh());
	marks_begin();
	ask_due(now_ns());
	now = now_ns();
	for (w = watches; w; w = w->next) {
		if (w->deliver_ns <= now)
			watch_deliver(w, now);
	}
}

static void take_input(struct input *in, const struct pollfd *fd)
{
	if (fd->revents & POLLIN)
		in->ended = request_read(STDIN_FILENO) <= 0;
	else if (fd->revents && fd->events)
		in->ended = true;
	if (!in->closed && (in->ended || fd->revents & ~POLLIN)) {
		in->closed = true;
		in->end_ns = now_ns() + LINGER_NS;
	}
}

/* Was everything done that was requested before the sender closed its end? */
static bool finished(const struct input *in)
{
	return now_ns() >= in->end_ns ||
	       (in->ended && request_idle() && !output.reply.len);
}

/* Return: 0, also when nothing reads the output any more; a negative errno. */
static int loop(void)
{
	struct input in = { .end_ns = NEVER };
	struct pollfd fds[NR_FDS];
	int err = 0;

	while (!err && !finished(&in)) {
		prepare_fds(fds, &in);
		wait_for(fds, earlier(next_due(), in.end_ns));
		if (fds[OUT].revents & (POLLERR | POLLNVAL))
			return 0;
		work(fds);
		take_input(&in, &fds[IN]);
		if (request_next() && in.closed)
			in.end_ns = now_ns() + LINGER_NS;
		if (output_pending(&output))
			err = output_write(&output);
	}
	return err == -EPIPE || err == -ECONNRESET ? 0 : err;
}

int main(int argc, char **argv)
{
	int err;

	open_standard_files();
	options(argc, argv);
	/* The directory of the caller must not stay busy. Requests name full paths. */
	if (chdir("/"))
		die("/", -errno);
	unblock_output();
	init();
	err = loop();
	if (err)
		fprintf(stderr, "fsalert-poll: standard output: %s\n",
			strerror(-err));
	while (watches)
		watch_remove(watches);
	output_drop(&output);
	/* A thread that waits for a server may keep the process for a while. */
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
