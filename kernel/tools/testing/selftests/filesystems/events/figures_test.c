// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose figures: a file system may give each user others. Levels are run over
 * those that the watch's maker gets, and no watch reports what another user gets.
 */
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "control.h"
#include "event.h"
#include "fuse.h"
#include "harness.h"
#include "process.h"
#include "stream.h"

#define LEVEL	500
#define ROUNDS	3

FIXTURE(figures)
{
	struct fse_fuse fuse;
	struct fse_listener l;
	struct fse_event ev;
};

FIXTURE_SETUP(figures)
{
	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, fse_config("\n"));
	if (access("/dev/fuse", F_OK))
		SKIP(return, "no FUSE");
	ASSERT_EQ(0, fse_fuse_make_for_all(&self->fuse, "figures"));
	ASSERT_EQ(0, fse_listen(&self->l));
}

FIXTURE_TEARDOWN(figures)
{
	fse_config("\n");
	fse_fuse_remove(&self->fuse);
	fse_unlisten(&self->l);
}

/* The next event of a private watch; it is asked for until it comes. */
static const char *next_event(int fd, const char *mount)
{
	__u64 deadline = fse_now() + FSE_SOON;

	while (!fse_stream_poll(fd, 200) && fse_now() < deadline) {
		if (fse_ask(fd, "%s T %u", mount, LEVEL))
			return "";
	}
	return fse_stream_line(fd);
}

/* Does the next event say this, of the figures that the user gets? */
static bool comes(int fd, const char *mount, const char *event, __u64 avail)
{
	const char *line = next_event(fd, mount);

	if (!strcmp(fse_field(line, "event"), event) &&
	    fse_number(line, "avail") == avail)
		return true;
	fprintf(stderr, "# %d: %s %llu expected: %s\n", getuid(), event, avail,
		line);
	return false;
}

/* User number @who has figures of its own, on both sides of the level. */
static int has_its_own(unsigned int who, void *fuse)
{
	struct fse_fuse *f = fuse;
	atomic_uint *avail = &f->control->user_avail[who];
	unsigned int i, above = LEVEL + 100 + who, below = LEVEL - 100 - who;
	int fd;

	*avail = above;
	if (setgroups(0, NULL) || setresgid(FSE_FOREIGN, FSE_FOREIGN, FSE_FOREIGN) ||
	    setresuid(FSE_FUSE_USER + who, FSE_FUSE_USER + who,
		      FSE_FUSE_USER + who))
		return 1;
	fd = fse_private_open(O_NONBLOCK);
	if (fd < 0 || fse_ask(fd, "%s T %u", f->mount, LEVEL))
		return 2;
	for (i = 0; i < ROUNDS; i++) {
		*avail = below;
		if (!comes(fd, f->mount, "thr_lrbelow", below))
			return 3;
		*avail = above;
		if (!comes(fd, f->mount, "thr_lrabove", above))
			return 4;
	}
	/* Nothing is left: no event was about others. */
	return fse_stream_poll(fd, 0) ? 5 : 0;
}

TEST_F(figures, are_those_that_the_maker_gets)
{
	self->fuse.control->avail = LEVEL + 50;
	ASSERT_EQ(0, fse_config("%s T %u", self->fuse.mount, LEVEL));
	EXPECT_EQ(0, fse_race(FSE_FUSE_USERS, has_its_own, &self->fuse));
	/* Root has yet others, which did not change. */
	ASSERT_TRUE(fse_sampled("%s T %u", self->fuse.mount, LEVEL));
	EXPECT_EQ(0, fse_next(&self->l, &self->ev, 0));
	self->fuse.control->avail = LEVEL;
	ASSERT_TRUE(fse_sampled("%s T %u", self->fuse.mount, LEVEL));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->l, self->fuse.mount,
					      &self->ev, FSE_SOON));
	EXPECT_EQ(LEVEL, self->ev.data);
}

/* Does a dump show figures? 1: yes, 0: no, otherwise an error. */
static int shown(void *mount)
{
	static struct fse_facts facts;
	struct fse_listener c;
	int nr;

	if (fse_listen_to(&c, NULL))
		return 2;
	nr = fse_dump_find(&c, mount, &facts, NULL);
	fse_unlisten(&c);
	return nr != 1 ? 3 : fse_has_fact(&facts, FS_NL_ENTRY_A_AVAIL);
}

static int shown_to_a_user(void *mount)
{
	return fse_become_user() ? 4 : shown(mount);
}

/* Regression: every user got the figures that the server gives to root. */
TEST_F(figures, are_shown_to_the_maker_only)
{
	self->fuse.control->avail = LEVEL + 50;
	ASSERT_EQ(0, fse_config("%s T %u", self->fuse.mount, LEVEL));
	ASSERT_TRUE(fse_sampled("%s T %u", self->fuse.mount, LEVEL));
	EXPECT_EQ(1, shown(self->fuse.mount));
	EXPECT_EQ(0, fse_child(shown_to_a_user, self->fuse.mount));
}

/*
 * A server rests for 100 times as long as it took to answer: when it takes longer
 * than this, nothing is said about what comes within FSE_SOON.
 */
#define HOLD_MAX	100

static int open_as_user(void)
{
	int fd, err = fse_user_enter();

	if (err)
		return err;
	fd = fse_private_open(O_NONBLOCK);
	return fse_user_leave() ?: fd;
}

/* Regression: such levels waited for the maker's next call, half a minute or more. */
TEST_F(figures, levels_set_during_a_call_for_another_maker_are_run_soon)
{
	struct fse_fuse_control *control = self->fuse.control;
	int fd = open_as_user();
	__u64 took;

	ASSERT_LE(0, fd);
	control->avail = LEVEL + 50;
	ASSERT_EQ(0, fse_config("%s T %u", self->fuse.mount, LEVEL));
	ASSERT_TRUE(fse_sampled("%s T %u", self->fuse.mount, LEVEL));
	/* The next call for root is due in half a minute; hold that for the user. */
	control->spare_root = true;
	control->hang = true;
	ASSERT_EQ(0, fse_ask(fd, "%s T 1", self->fuse.mount));
	ASSERT_TRUE(fse_fuse_wait_hanging(&self->fuse));
	took = fse_now();
	ASSERT_EQ(0, fse_config("%s T %u", self->fuse.mount, LEVEL + 100));
	control->hang = false;
	took = fse_now() - took;
	if (took > HOLD_MAX)
		SKIP(return, "too slow: %llu ms", took);
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->l, self->fuse.mount,
					      &self->ev, FSE_SOON));
	EXPECT_EQ(LEVEL + 50, self->ev.data);
	close(fd);
}

#define CLOSED "/mnt/closed"

/* Regression: a user got figures that statfs(2) refuses. */
TEST(are_shown_to_those_that_may_search)
{
	static char mount_point[] = CLOSED "/fs";

	ASSERT_EQ(0, fse_sh("mkdir -p %s && mount -t tmpfs -o size=1m none %s",
			    mount_point, mount_point));
	ASSERT_EQ(0, fse_config("%s T 1", mount_point));
	ASSERT_EQ(0, chmod(CLOSED, 0700));
	EXPECT_EQ(1, shown(mount_point));
	EXPECT_EQ(0, fse_child(shown_to_a_user, mount_point));
	ASSERT_EQ(0, chmod(CLOSED, 0711));
	EXPECT_EQ(1, fse_child(shown_to_a_user, mount_point));
	/* What is mounted over it hides it, and is searchable. */
	ASSERT_EQ(0, chmod(CLOSED, 0700));
	ASSERT_EQ(0, fse_sh("mount -t tmpfs -o size=1m none " CLOSED
			    " && mkdir " CLOSED "/fs"));
	EXPECT_EQ(0, fse_child(shown_to_a_user, mount_point));
	EXPECT_EQ(0, fse_config("\n"));
	EXPECT_EQ(0, fse_sh("umount " CLOSED " && umount %s && rm -r " CLOSED,
			    mount_point));
}

TEST_HARNESS_MAIN
