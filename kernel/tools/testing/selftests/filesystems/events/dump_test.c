// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dumps of watches are complete even if watches come and go meanwhile, and
 * however long an entry is. Also, commands that hang.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "command.h"
#include "control.h"
#include "fuse.h"
#include "harness.h"
#include "process.h"
#include "watched.h"

/* More than fit into the first part of a dump. */
#define NR 160

FIXTURE(dump)
{
	struct fse_watched w;
	struct fse_listener c;
	struct fse_answer a;
	struct fse_facts facts;
};

/* Number of mounts that more() made in this test's process. */
static unsigned int mounts;

FIXTURE_SETUP(dump)
{
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 8, "", ""));
	ASSERT_EQ(0, fse_listen_to(&self->c, NULL));
}

static const char *name(unsigned int i)
{
	static char path[64];

	snprintf(path, sizeof(path), FSE_MNT "/%u", i);
	return path;
}

/* Adds watched file systems: 0 or a negative errno. */
static int more(unsigned int nr)
{
	for (; nr; nr--) {
		const char *path = name(mounts);
		int err;

		if (mkdir(path, 0755) ||
		    mount("tmpfs", path, "tmpfs", 0, "size=1m"))
			return -errno;
		mounts++;
		err = fse_config("%s G", path);
		if (err)
			return err;
	}
	return 0;
}

FIXTURE_TEARDOWN(dump)
{
	while (mounts) {
		umount2(name(--mounts), MNT_DETACH);
		rmdir(name(mounts));
	}
	fse_unlisten(&self->c);
	fse_end(&self->w);
}

TEST_F(dump, nothing)
{
	unsigned int nr;

	EXPECT_EQ(0, fse_dump_find(&self->c, NULL, NULL, &nr));
	EXPECT_EQ(0, nr);
}

TEST_F(dump, of_many)
{
	unsigned int nr;

	ASSERT_EQ(0, more(NR));
	EXPECT_EQ(1, fse_dump_find(&self->c, name(0), NULL, &nr));
	EXPECT_EQ(NR, nr);
	EXPECT_EQ(1, fse_dump_find(&self->c, name(NR - 1), NULL, NULL));
}

/* Reads the rest: number of watches, each seen once; -1: a duplicate. */
static int read_on(struct fse_listener *c, struct fse_answer *a, bool *seen)
{
	static struct fse_facts facts;
	int n = 0, i, err;

	memset(seen, 0, (NR + 1) * sizeof(*seen));
	memset(a, 0, sizeof(*a));
	while ((err = fse_dump_next(c, a, &facts)) > 0) {
		if (sscanf(facts.mount, FSE_MNT "/%d", &i) != 1 ||
		    i > NR || seen[i])
			return -1;
		seen[i] = true;
		n++;
	}
	return err ?: n;
}

TEST_F(dump, one_is_made_meanwhile)
{
	bool seen[NR + 1];

	ASSERT_EQ(0, more(NR));
	ASSERT_EQ(0, fse_dump_start(&self->c));
	ASSERT_EQ(0, more(1));
	EXPECT_EQ(NR + 1, read_on(&self->c, &self->a, seen));
	EXPECT_TRUE(self->a.interrupted);
	/* A dump without concurrent changes. */
	ASSERT_EQ(0, fse_dump_start(&self->c));
	EXPECT_EQ(NR + 1, read_on(&self->c, &self->a, seen));
	EXPECT_FALSE(self->a.interrupted);
}

/* Removals must not make a dump skip other watches. */
TEST_F(dump, some_are_removed_meanwhile)
{
	bool seen[NR + 1];
	unsigned int i;
	int n;

	ASSERT_EQ(0, more(NR));
	ASSERT_EQ(0, fse_dump_start(&self->c));
	for (i = 0; i < NR; i += 2)
		ASSERT_EQ(0, fse_config("!%s", name(i)));
	n = read_on(&self->c, &self->a, seen);
	EXPECT_TRUE(self->a.interrupted);
	EXPECT_LE(NR / 2, n);
	EXPECT_GT(NR, n);
	for (i = 1; i < NR; i += 2)
		EXPECT_TRUE(seen[i]);
}

TEST_F(dump, one_is_changed_meanwhile)
{
	bool seen[NR + 1];

	ASSERT_EQ(0, more(NR));
	ASSERT_EQ(0, fse_dump_start(&self->c));
	ASSERT_EQ(0, fse_config("%s T 1", name(0)));
	EXPECT_EQ(NR, read_on(&self->c, &self->a, seen));
	EXPECT_TRUE(self->a.interrupted);
}

/* A dump doesn't contain private watches, so they don't interrupt it. */
TEST_F(dump, a_private_watch_is_no_interruption)
{
	bool seen[NR + 1];

	ASSERT_EQ(0, more(NR));
	ASSERT_EQ(0, fse_dump_start(&self->c));
	ASSERT_EQ(0, fse_sh("echo '%s T 1' 1<>" FSE_DIR "/watch", name(0)));
	EXPECT_EQ(NR, read_on(&self->c, &self->a, seen));
	EXPECT_FALSE(self->a.interrupted);
}

static int reads_on_in_chroot(void *arg)
{
	struct fse_listener *c = arg;
	bool seen[NR + 1];
	struct fse_answer a;

	if (chroot("/proc/self") || chdir("/"))
		return 255;
	return read_on(c, &a, seen);
}

/* The view is that of the task that requested the dump, not the reader's. */
TEST_F(dump, read_by_another_process)
{
	ASSERT_EQ(0, more(NR));
	ASSERT_EQ(0, fse_dump_start(&self->c));
	EXPECT_EQ(NR, fse_child(reads_on_in_chroot, &self->c));
}

/* A dump left unread pins only the module. */
TEST_F(dump, left_half_way)
{
	unsigned int i;

	ASSERT_EQ(0, more(NR));
	ASSERT_EQ(0, fse_dump_start(&self->c));
	for (i = 0; i < NR; i++)
		ASSERT_EQ(0, umount2(name(i), 0));
	EXPECT_EQ(0, fse_watches());
}

/* Creates directories down to a path of almost PATH_MAX. */
static int make_deep(char *path, const char *top)
{
	char part[200];
	size_t len;

	memset(part, 'd', sizeof(part) - 1);
	part[sizeof(part) - 1] = '\0';
	len = sprintf(path, "%s", top);
	while (len + sizeof(part) + 16 < PATH_MAX) {
		len += sprintf(path + len, "/%s", part);
		if (mkdir(path, 0755))
			return -errno;
	}
	return 0;
}

/* A request with the maximum number of levels; returns its length. */
static size_t put_all_levels(char *text, const char *path)
{
	size_t len = sprintf(text, "%s G T", path);
	unsigned int i;

	for (i = 0; i < 64; i++)
		len += sprintf(text + len, " %uT:16777215T", 16000000 - i);
	len += sprintf(text + len, " I");
	for (i = 0; i < 64; i++)
		len += sprintf(text + len, " 1%u:99999999999", 99999999 - i);
	return len;
}

/* Maximum size of an entry, in a reply, a change, and a dump. */
TEST_F(dump, longest_path_and_all_levels)
{
	char path[PATH_MAX];
	static char text[3 * PATH_MAX];
	struct fse_listener n;
	unsigned int nr;
	size_t len;

	ASSERT_EQ(0, make_deep(path, self->w.fs.mount));
	ASSERT_LT(PATH_MAX - 300, strlen(path));
	ASSERT_EQ(0, mount("tmpfs", path, "tmpfs", 0, "size=1m"));
	len = put_all_levels(text, path);
	ASSERT_EQ(0, fse_listen_to(&n, FS_EVENT_MCGRP_CONFIG));
	ASSERT_EQ(0, more(2));
	ASSERT_EQ(0, fse_config_raw(text, len));
	ASSERT_EQ(0, more(2));
	ASSERT_EQ(0, fse_get(&self->c, path, &self->facts));
	EXPECT_STREQ(path, self->facts.mount);
	EXPECT_EQ(128, self->facts.nr_level);
	EXPECT_EQ(FS_NL_UNIT_TIB, self->facts.level[63].rearm_unit);
	EXPECT_EQ(16000000 - 63, self->facts.level[63].trigger);
	EXPECT_EQ(199999999 - 63, self->facts.level[127].trigger);

	EXPECT_EQ(1, fse_dump_find(&self->c, path, &self->facts, &nr));
	EXPECT_EQ(5, nr);
	EXPECT_EQ(128, self->facts.nr_level);
	do {
		ASSERT_EQ(1, fse_change(&n, &self->facts, FSE_SOON));
	} while (strcmp(self->facts.mount, path));
	EXPECT_EQ(128, self->facts.nr_level);
	fse_unlisten(&n);
	EXPECT_EQ(0, umount2(path, 0));
}

/*
 * The first part of a dump is built before the reader's buffer size is known.
 */
TEST_F(dump, longest_path_first)
{
	static char text[3 * PATH_MAX];
	char path[PATH_MAX];
	size_t len;

	ASSERT_EQ(0, make_deep(path, self->w.fs.mount));
	ASSERT_EQ(0, mount("tmpfs", path, "tmpfs", 0, "size=1m"));
	len = put_all_levels(text, path);
	ASSERT_EQ(0, fse_config_raw(text, len));
	EXPECT_EQ(1, fse_dump_find(&self->c, path, &self->facts, NULL));
	EXPECT_EQ(0, umount2(path, 0));
}

static int set_hangs(void *mount)
{
	struct fse_listener c;

	if (fse_listen_to(&c, NULL))
		return 1;
	fse_set_generic(&c, mount, NULL);
	return 0;
}

/*
 * A server that does not answer blocks only tasks that call it, and not the
 * registration of another family, which waits for running commands.
 */
TEST_F(dump, a_command_that_hangs)
{
	struct fse_fuse f;
	__u64 begin;
	pid_t pid;

	/* Another family, to be registered and removed. */
	if (fse_sh("modprobe -qn ksmbd"))
		SKIP(return, "no module ksmbd");
	ASSERT_EQ(0, fse_fuse_make(&f, "fuse"));
	ASSERT_EQ(0, kill(f.pid, SIGSTOP));
	ASSERT_EQ(f.pid, waitpid(f.pid, NULL, WUNTRACED));
	pid = fse_start(set_hangs, f.mount);
	ASSERT_LT(0, pid);
	/*
	 * Its wchan shows that it sleeps in the kernel until the server
	 * answers.
	 */
	begin = fse_now();
	while (fse_sh("grep -qs fuse /proc/%d/wchan /proc/%d/stack", pid, pid))
		ASSERT_GT(begin + FSE_SOON, fse_now());
	ASSERT_EQ(0, fse_sh("timeout 20 modprobe ksmbd"));
	EXPECT_EQ(0, fse_set_generic(&self->c, self->w.fs.mount, NULL));
	EXPECT_EQ(0, waitpid(pid, NULL, WNOHANG));
	EXPECT_EQ(0, fse_sh("timeout 20 rmmod ksmbd"));
	kill(f.pid, SIGCONT);
	EXPECT_EQ(0, fse_wait(pid));
	EXPECT_NE(NULL, fse_listed(f.mount));
	fse_fuse_remove(&f);
}

TEST_HARNESS_MAIN
