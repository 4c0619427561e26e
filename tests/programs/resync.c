// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the VM: a handle for all watches that is not read while many writers cross
 * levels, and watches come and go. Once read, its states must agree with
 * statfs(2) and config, and so must the events alone. In some rounds it is read
 * during the activity, in others only after its end, when no further message can
 * show that some were lost. Prints TAP.
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

#include <fsalert.h>

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

/* What the events say of a file system. */
struct known {
	bool watched;
	bool space[ARRAY_SIZE(space_levels) + 1];
	bool inodes[ARRAY_SIZE(inode_levels) + 1];
};

/* What the handle gave since it was last asked. */
struct seen {
	unsigned int overruns;
	unsigned int resyncs;
	unsigned long long lost;
	struct known known[MOUNTS];
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

static uint64_t number(const struct fsalert_event *ev, enum fsalert_key key)
{
	uint64_t value = 0;

	fsalert_u64(ev, key, &value);
	return value;
}

static struct known *known_of(struct seen *seen, const char *mount)
{
	unsigned int nr;

	if (!mount || sscanf(mount, "/mnt/resync%u", &nr) != 1 || nr >= MOUNTS)
		return NULL;
	return &seen->known[nr];
}

static void know_level(struct known *k, enum fsalert_type type, uint64_t nr,
		       bool below)
{
	if (type == FSALERT_BELOW && nr < ARRAY_SIZE(k->space))
		k->space[nr] = below;
	if (type == FSALERT_INO_BELOW && nr < ARRAY_SIZE(k->inodes))
		k->inodes[nr] = below;
}

/* As a program would that only follows the events. */
static void know(struct seen *seen, const struct fsalert_event *ev)
{
	struct known *k = known_of(seen, fsalert_str(ev, FSALERT_KEY_MOUNT));
	uint64_t nr = number(ev, FSALERT_KEY_LEVEL_NR);

	if (!k)
		return;
	switch (fsalert_type(ev)) {
	case FSALERT_ADDED:
		*k = (struct known){ .watched = true };
		break;
	case FSALERT_REMOVED:
		*k = (struct known){};
		break;
	case FSALERT_BELOW:
	case FSALERT_INO_BELOW:
		know_level(k, fsalert_type(ev), nr, true);
		break;
	case FSALERT_ABOVE:
		know_level(k, FSALERT_BELOW, nr, false);
		break;
	case FSALERT_INO_ABOVE:
		know_level(k, FSALERT_INO_BELOW, nr, false);
		break;
	case FSALERT_CLEARED:
		know_level(k, number(ev, FSALERT_KEY_OF), nr, false);
		break;
	default:
		break;
	}
}

static void on_event(struct seen *seen, const struct fsalert_event *ev)
{
	uint64_t lost = number(ev, FSALERT_KEY_COUNT);

	seen->resyncs += number(ev, FSALERT_KEY_RESYNC);
	if (fsalert_type(ev) != FSALERT_LOST)
		know(seen, ev);
	else if (lost)
		seen->lost += lost;
	else
		seen->overruns++;
}

static bool is_right(bool below, uint64_t avail, uint64_t level)
{
	return below ? avail <= level : avail > level;
}

static bool levels_are(const struct fsalert_entry *entry,
		       enum fsalert_type kind, const unsigned int *triggers,
		       unsigned int nr, uint64_t avail)
{
	uint64_t value[3] = {}, level_nr;
	unsigned int i, found = 0;

	for (i = 0; !fsalert_level_u64(entry, i, FSALERT_KEY_KIND, value); i++) {
		fsalert_level_u64(entry, i, FSALERT_KEY_LEVEL_NR, &level_nr);
		fsalert_level_u64(entry, i, FSALERT_KEY_LEVEL, value + 1);
		fsalert_level_u64(entry, i, FSALERT_KEY_IS_BELOW, value + 2);
		if (value[0] != kind)
			continue;
		found++;
		if (level_nr > nr || value[1] != triggers[level_nr - 1])
			return false;
		if (!is_right(value[2], avail, value[1]))
			return false;
	}
	return found == nr;
}

static bool is_known(const struct known *k, const struct statfs *st)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(space_levels); i++) {
		if (!is_right(k->space[i + 1], st->f_bavail, space_levels[i]))
			return false;
	}
	for (i = 0; i < ARRAY_SIZE(inode_levels); i++) {
		if (!is_right(k->inodes[i + 1], st->f_ffree, inode_levels[i]))
			return false;
	}
	return k->watched;
}

/* What is compared: the states, and how many are wrong. */
struct comparison {
	struct seen *seen;
	unsigned int nr;
	unsigned int bad;
	bool verbose;
};

/* Does an entry match the file system? */
static int compare(const struct fsalert_entry *entry, void *data)
{
	const char *mount = fsalert_entry_str(entry, FSALERT_KEY_MOUNT);
	struct comparison *c = data;
	struct known *k = c->seen ? known_of(c->seen, mount) : NULL;
	struct statfs st;
	bool shown, known;

	c->nr++;
	shown = mount && !statfs(mount, &st) && fse_listed(mount) &&
		levels_are(entry, FSALERT_BELOW, space_levels,
			   ARRAY_SIZE(space_levels), st.f_bavail) &&
		levels_are(entry, FSALERT_INO_BELOW, inode_levels,
			   ARRAY_SIZE(inode_levels), st.f_ffree);
	known = !c->seen || (mount && k && is_known(k, &st));
	c->bad += !shown || !known;
	if (c->verbose && !(shown && known))
		printf("# %s: %s%s, %llu blocks, %llu inodes\n", mount,
		       shown ? "" : "not as shown", known ? "" :
		       " not as the events say", (unsigned long long)st.f_bavail,
		       (unsigned long long)st.f_ffree);
	return 0;
}

static unsigned int wrong(struct fsalert *h, struct seen *seen, bool verbose)
{
	struct comparison c = { .seen = seen, .verbose = verbose };
	unsigned int listed = fse_watches();

	if (h)
		fsalert_each(h, compare, &c);
	else
		fsalert_list(compare, &c);
	return c.bad + (c.nr > listed ? c.nr - listed : listed - c.nr);
}

/* Reads all available events. */
static void read_all(struct fsalert *h, struct seen *seen)
{
	const struct fsalert_event *ev;
	int result;

	while ((result = fsalert_next(h, &ev)) > 0)
		on_event(seen, ev);
	if (result)
		die("reading", -result);
}

/* The last crossings are reported within a second or so. */
static unsigned int wrong_at_last(struct fsalert *h, struct seen *seen)
{
	__u64 deadline = fse_now() + FSE_SOON;
	const struct fsalert_event *ev;
	unsigned int bad;
	int result;

	do {
		result = fsalert_wait(h, 100, &ev);
		if (result < 0 && result != -EINTR)
			die("reading", -result);
		if (result > 0)
			on_event(seen, ev);
		read_all(h, seen);
		bad = wrong(h, seen, false);
	} while (bad && fse_now() < deadline);
	return bad;
}

/* Is a new list correct, and is nothing pending? */
static bool all_over(void *unused)
{
	return !wrong(NULL, NULL, unused) && fse_at_rest();
}

static void round_of(struct fsalert *h, struct seen *seen, unsigned int round)
{
	__u64 until = fse_stat("sent") + MESSAGES;
	__u64 deadline = fse_now() + 4 * FSE_SOON;
	pid_t writers[WRITERS];
	unsigned int i, bad;

	seen->overruns = 0;
	seen->resyncs = 0;
	seen->lost = 0;
	for (i = 0; i < WRITERS; i++)
		writers[i] = start_writer(i);
	/* The handle is not read here. */
	for (i = 0; fse_stat("sent") < until && fse_now() < deadline; i++) {
		if (i % 4 == 0)
			change_watches();
		usleep(20000);
	}
	check(fse_stat("sent") >= until, "messages were sent", round);
	for (i = 0; round % 2 && i < 20; i++) {
		read_all(h, seen);
		change_watches();
	}
	for (i = 0; i < WRITERS; i++)
		stop_writer(writers[i]);

	if (round % 2) {
		bad = wrong_at_last(h, seen);
	} else {
		check(fse_until(all_over, NULL), "all is over", round);
		read_all(h, seen);
		bad = wrong(h, seen, false);
	}
	printf("# overran %u times, lost %llu, found %u, %u watches\n",
	       seen->overruns, seen->lost, seen->resyncs, fse_watches());
	check(seen->overruns && seen->resyncs, "the queue overran", round);
	check(!bad, "states and events show what is", round);
	if (bad)
		wrong(h, seen, true);
}

int main(void)
{
	struct seen seen = {};
	struct fsalert *h;
	unsigned int i;
	int err;

	fse_config("\n");
	mount_all();
	for (i = 0; i < MOUNTS; i++)
		seen.known[i].watched = true;
	err = fsalert_open_all(&h, NULL, QUEUE_BYTES);
	if (err)
		die("opening the handle", -err);
	for (i = 1; i <= ROUNDS; i++)
		round_of(h, &seen, i);
	fsalert_unref(h);
	for (i = 0; i < MOUNTS; i++) {
		umount(mount_path(i));
		rmdir(mount_path(i));
	}
	printf("1..%u\n", tests);
	return failures ? 1 : 0;
}
