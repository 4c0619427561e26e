// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the VM: a view that is not read while many writers cross levels, and
 * watches come and go. Once read, it must agree with statfs(2) and config. In
 * some rounds it is read during the activity, in others only after its end,
 * when no further message can show that some were lost. Prints TAP.
 *
 * Levels have no re-arm: each is below exactly when at most its trigger is
 * available.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fsevents.h>

#include "control.h"
#include "event.h"

#define MOUNTS		40
#define WRITERS		4
#define ROUNDS		4
#define MESSAGES	100	/* many times what the queue holds */
#define QUEUE_BYTES	4096
#define BLOCKS		1024
#define INODES		64

static const unsigned int space_levels[] = { 768, 512, 256 };
static const unsigned int inode_levels[] = { 40, 20 };

/* News of the view since the last read. */
struct told {
	unsigned int overruns;
	unsigned int resyncs;
	unsigned long long lost;
};

static unsigned int tests, failures;

static void check(bool ok, const char *what, unsigned int round)
{
	printf("%s %u - %s, round %u\n", ok ? "ok" : "not ok", ++tests, what,
	       round);
	fflush(stdout);
	failures += !ok;
}

static void die(const char *what, int err)
{
	printf("Bail out! %s: %s\n", what, strerror(err));
	exit(1);
}

static const char *mount_path(unsigned int nr)
{
	static char path[64];

	snprintf(path, sizeof(path), "/mnt/resync%u", nr);
	return path;
}

static int watch(unsigned int nr)
{
	return fse_config("%s T %u %u %u I %u %u", mount_path(nr),
			  space_levels[0], space_levels[1], space_levels[2],
			  inode_levels[0], inode_levels[1]);
}

static void mount_all(void)
{
	char options[64];
	unsigned int i;
	int err;

	snprintf(options, sizeof(options), "size=%uk,nr_inodes=%u", 4 * BLOCKS,
		 INODES);
	for (i = 0; i < MOUNTS; i++) {
		mkdir(mount_path(i), 0755);
		if (mount("tmpfs", mount_path(i), "tmpfs", 0, options))
			die("mount", errno);
		err = watch(i);
		if (err)
			die("config", -err);
	}
}

/* Uses that many blocks and inodes. */
static void fill(unsigned int nr, unsigned int blocks, unsigned int inodes)
{
	char path[96];
	unsigned int i;
	int fd;

	snprintf(path, sizeof(path), "%s/file", mount_path(nr));
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, 0) ||
	    (blocks && fallocate(fd, 0, 0, 4096ULL * blocks)))
		_exit(1);
	close(fd);
	for (i = 0; i < INODES - 8; i++) {
		snprintf(path, sizeof(path), "%s/%u", mount_path(nr), i);
		if (i >= inodes)
			unlink(path);
		else if (mknod(path, S_IFREG | 0600, 0) && errno != EEXIST)
			_exit(1);
	}
}

/* Fills and frees its part of the file systems until it is killed. */
static pid_t start_writer(unsigned int nr)
{
	pid_t pid = fork();
	unsigned int i;

	if (pid < 0)
		die("fork", errno);
	if (pid)
		return pid;
	srand(getpid());
	for (;;) {
		i = rand() % (MOUNTS / WRITERS) * WRITERS + nr;
		fill(i, rand() % BLOCKS, rand() % (INODES - 8));
	}
}

static void stop_writer(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, WNOHANG))
		die("a writer ended by itself", EIO);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

/* Removes a watch, adds it again, or repeats its request. */
static void change_watches(void)
{
	unsigned int nr = rand() % MOUNTS;
	int err;

	if (fse_listed(mount_path(nr)) && !(rand() % 3))
		err = fse_config("!%s", mount_path(nr));
	else
		err = watch(nr);
	if (err)
		die("config", -err);
}

static int on_news(const struct fsevents_news *news, void *data)
{
	struct told *told = data;

	if (news->type == FSEVENTS_RESYNCED)
		told->resyncs++;
	else if (news->type == FSEVENTS_LOST && news->lost)
		told->lost += news->lost;
	else if (news->type == FSEVENTS_LOST)
		told->overruns++;
	return 0;
}

static bool levels_are(const struct fsevents_entry *entry, uint64_t kind,
		       const unsigned int *triggers, unsigned int nr,
		       uint64_t avail)
{
	const struct fsevents_level *level;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		level = fsevents_entry_level(entry, kind, i + 1);
		if (!level || level->trigger != triggers[i] ||
		    level->state != (avail <= triggers[i] ?
				     FS_NL_STATE_BELOW : FS_NL_STATE_ABOVE))
			return false;
	}
	return true;
}

/* Does an entry match the file system? */
static bool is_true(const struct fsevents_entry *entry)
{
	struct statfs st;

	return entry->mount && !statfs(entry->mount, &st) &&
	       fse_listed(entry->mount) &&
	       levels_are(entry, FS_NL_KIND_SPACE, space_levels,
			  ARRAY_SIZE(space_levels), st.f_bavail) &&
	       levels_are(entry, FS_NL_KIND_INODES, inode_levels,
			  ARRAY_SIZE(inode_levels), st.f_ffree);
}

static void show(const char *whose, const struct fsevents_entry *entry)
{
	size_t i;

	printf("# %s: %s, event %llu, %llu blocks, %llu inodes:", whose,
	       entry->mount, (unsigned long long)entry->seq,
	       (unsigned long long)entry->avail,
	       (unsigned long long)entry->inodes_free);
	for (i = 0; i < entry->nr_levels; i++)
		printf(" %llu%s", (unsigned long long)entry->levels[i].trigger,
		       entry->levels[i].state == FS_NL_STATE_BELOW ?
		       " below" : "");
	printf("\n");
}

/* Prints each wrong entry, and the same entry of a new view. */
static void show_wrong(const struct fsevents_view *view)
{
	const struct fsevents_entry *entry = NULL, *now;
	struct fsevents_view *other;
	struct statfs st;

	if (fsevents_view_open(&other, 0, NULL, NULL))
		return;
	while ((entry = fsevents_view_next(view, entry))) {
		if (is_true(entry) || !entry->mount ||
		    statfs(entry->mount, &st))
			continue;
		show("shown", entry);
		now = fsevents_view_find(other, entry->id);
		if (now)
			show("now", now);
		printf("# there are %llu blocks, %llu inodes\n",
		       (unsigned long long)st.f_bavail,
		       (unsigned long long)st.f_ffree);
	}
	fsevents_view_close(other);
}

static unsigned int wrong(const struct fsevents_view *view)
{
	const struct fsevents_entry *entry = NULL;
	unsigned int listed = fse_watches(), nr = 0, bad = 0;

	while ((entry = fsevents_view_next(view, entry))) {
		nr++;
		bad += !is_true(entry);
	}
	return bad + (nr > listed ? nr - listed : listed - nr);
}

/* Reads all available messages. */
static void read_all(struct fsevents_view *view)
{
	int err;

	do {
		err = fsevents_view_read(view, 0);
	} while (!err || err == -EINTR);
	if (err != -ETIMEDOUT)
		die("reading the view", -err);
}

/* The last crossings are reported within a second or so. */
static unsigned int wrong_at_last(struct fsevents_view *view)
{
	__u64 deadline = fse_now() + FSE_SOON;
	unsigned int bad;
	int err;

	do {
		err = fsevents_view_read(view, 100);
		if (err && err != -ETIMEDOUT && err != -EINTR)
			die("reading the view", -err);
		read_all(view);
		bad = wrong(view);
	} while (bad && fse_now() < deadline);
	return bad;
}

/* Is a new view correct, and is nothing pending? */
static bool all_over(void *unused)
{
	struct fsevents_view *view;
	int err = fsevents_view_open(&view, 0, on_news, unused);
	bool over;

	if (err)
		die("opening a view", -err);
	over = !wrong(view) && fse_at_rest();
	fsevents_view_close(view);
	return over;
}

static void round_of(struct fsevents_view *view, struct told *told,
		     unsigned int round)
{
	__u64 until = fse_stat("sent") + MESSAGES;
	__u64 deadline = fse_now() + 4 * FSE_SOON;
	pid_t writers[WRITERS];
	unsigned int i, bad;
	struct told unused;

	memset(told, 0, sizeof(*told));
	for (i = 0; i < WRITERS; i++)
		writers[i] = start_writer(i);
	/* The view is not read here. */
	for (i = 0; fse_stat("sent") < until && fse_now() < deadline; i++) {
		if (i % 4 == 0)
			change_watches();
		usleep(20000);
	}
	check(fse_stat("sent") >= until, "messages were sent", round);
	for (i = 0; round % 2 && i < 20; i++) {
		read_all(view);
		change_watches();
	}
	for (i = 0; i < WRITERS; i++)
		stop_writer(writers[i]);

	if (round % 2) {
		bad = wrong_at_last(view);
	} else {
		check(fse_until(all_over, &unused), "all is over", round);
		read_all(view);
		bad = wrong(view);
	}
	printf("# overran %u times, lost %llu, resynced %u times, %u watches\n",
	       told->overruns, told->lost, told->resyncs, fse_watches());
	check(told->overruns && told->resyncs, "the queue overran", round);
	check(!bad, "the view shows what is", round);
	if (!bad)
		return;
	printf("# %u watches are not as they are shown\n", bad);
	show_wrong(view);
}

int main(void)
{
	struct fsevents_view *view;
	struct told told;
	unsigned int i;
	int err;

	fse_config("\n");
	mount_all();
	err = fsevents_view_open(&view, QUEUE_BYTES, on_news, &told);
	if (err)
		die("opening the view", -err);
	for (i = 1; i <= ROUNDS; i++)
		round_of(view, &told, i);
	fsevents_view_close(view);
	for (i = 0; i < MOUNTS; i++) {
		umount(mount_path(i));
		rmdir(mount_path(i));
	}
	printf("1..%u\n", tests);
	return failures ? 1 : 0;
}
