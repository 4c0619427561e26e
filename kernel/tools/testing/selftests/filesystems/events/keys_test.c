// SPDX-License-Identifier: GPL-2.0-only
/*
 * Static keys of the hooks: which watches enable them. Watches of a user without
 * privilege enable none, so such a user slows no other process down.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "control.h"
#include "harness.h"
#include "joined.h"
#include "process.h"
#include "stream.h"

/* Bits of enabled(). */
#define ACTIVE		1
#define ACCOUNTING	2

/**
 * struct tested - what the children need of a fixture
 * @w: a file system that accounts
 * @control: its file of that name
 * @fd: `watch`, opened by root
 * @request: of the user, after the mount
 */
struct tested {
	struct fse_watched w;
	int control;
	int fd;
	char request[64];
};

FIXTURE(keys)
{
	struct tested t;
	struct fse_fs tmpfs;
};

/* The keys that are enabled, or -1. */
static int enabled(const struct tested *t)
{
	int active, accounting;
	char line[160] = "";

	if (pread(t->control, line, sizeof(line) - 1, 0) <= 0 ||
	    sscanf(line, "avail %*u statfs %*u query %*u active %d accounting %d",
		   &active, &accounting) != 2)
		return -1;
	return active * ACTIVE + accounting * ACCOUNTING;
}

static bool none_enabled(void *t)
{
	return !enabled(t);
}

FIXTURE_SETUP(keys)
{
	char path[160];

	memset(self, 0, sizeof(*self));
	self->t.control = -1;
	self->t.fd = -1;
	if (!fse_joined_there())
		SKIP(return, "no module " FSE_TESTFS);
	ASSERT_EQ(0, fse_joined_begin(&self->t.w, FSE_CAP_SPACE, FSE_LOCAL));
	ASSERT_EQ(0, fse_fs_make(&self->tmpfs, "tmpfs", "keys", 8, ""));
	snprintf(path, sizeof(path), "%s/control", self->t.w.fs.mount);
	self->t.control = open(path, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->t.control);
	self->t.fd = fse_private_open(0);
	ASSERT_LE(0, self->t.fd);
	/* They stay enabled for some seconds after other tests. */
	ASSERT_TRUE(fse_until(none_enabled, &self->t));
}

FIXTURE_TEARDOWN(keys)
{
	close(self->t.fd);
	close(self->t.control);
	fse_fs_remove(&self->tmpfs);
	fse_joined_end(&self->t.w);
}

/* 0, ACTIVE and so on: the keys; more: an error */
static int user_watches(void *arg)
{
	struct tested *t = arg;
	int fd;

	if (fse_become_user())
		return 10;
	fd = fse_private_open(O_NONBLOCK);
	if (fd < 0 || fse_ask(fd, "%s T 1", t->w.fs.mount) ||
	    fse_ask(fd, "%s T 1 I 1", FSE_MNT "/keys"))
		return 11;
	return enabled(t);
}

/* Regression: each request enabled the only key, even a refused one. */
TEST_F(keys, a_user_enables_none)
{
	EXPECT_EQ(0, fse_child(user_watches, &self->t));
	EXPECT_EQ(0, enabled(&self->t));
}

static int user_is_refused(void *arg)
{
	struct tested *t = arg;
	int fd;

	if (fse_become_user())
		return 10;
	fd = fse_private_open(O_NONBLOCK);
	if (fd < 0 || !fse_ask(fd, "%s G", t->w.fs.mount) ||
	    !fse_ask(fd, "%s G T 1", FSE_MNT "/keys"))
		return 11;
	return enabled(t);
}

TEST_F(keys, a_refused_request_enables_none)
{
	EXPECT_EQ(0, fse_child(user_is_refused, &self->t));
}

/* Writes a request to the file that root has opened: the watch stays. */
static int user_asks(void *arg)
{
	struct tested *t = arg;

	return fse_become_user() ? 10 :
	       fse_ask(t->fd, "%s", t->request) ? 11 : enabled(t);
}

static bool user_watches_far(struct tested *t)
{
	snprintf(t->request, sizeof(t->request), "%s T %llu", t->w.fs.mount,
		 fse_avail(&t->w.fs) - FSE_FAR);
	return !fse_child(user_asks, t);
}

TEST_F(keys, levels_of_a_user_are_sampled)
{
	__u64 kicks = fse_stat("kicks");
	struct tested *t = &self->t;
	const char *line;

	snprintf(t->request, sizeof(t->request), "%s T %llu", t->w.fs.mount,
		 fse_avail(&t->w.fs) - 1000);
	ASSERT_EQ(0, fse_child(user_asks, t));
	ASSERT_EQ(0, fse_tell(&t->w.fs, "alloc 1000"));
	line = fse_stream_line(t->fd);
	EXPECT_STREQ("thr_lrbelow", fse_field(line, "event"));
	EXPECT_EQ(kicks, fse_stat("kicks"));
	EXPECT_EQ(0, enabled(t));
}

TEST_F(keys, an_administrator_enables_what_a_watch_needs)
{
	struct tested *t = &self->t;

	ASSERT_EQ(0, fse_watch(&t->w, "T 1"));
	EXPECT_EQ(ACCOUNTING, enabled(t));
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_TRUE(fse_until(none_enabled, t));
	ASSERT_EQ(0, fse_watch(&t->w, "G:io_error"));
	EXPECT_EQ(ACTIVE, enabled(t));
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_TRUE(fse_until(none_enabled, t));
	/* Counters tell soon that there is space again. */
	ASSERT_EQ(0, fse_watch(&t->w, "G"));
	EXPECT_EQ(ACTIVE | ACCOUNTING, enabled(t));
	ASSERT_EQ(0, fse_config("\n"));
	EXPECT_TRUE(fse_until(none_enabled, t));
	/* Levels of inodes, and of a file system that does not account. */
	ASSERT_EQ(0, fse_config("%s I 1", self->tmpfs.mount));
	EXPECT_EQ(0, enabled(t));
}

/* The space budget begins when the first administrator comes. */
TEST_F(keys, an_administrator_joins_a_user)
{
	struct tested *t = &self->t;
	__u64 kicks;

	ASSERT_TRUE(user_watches_far(t));
	ASSERT_NE(0, fse_watch_far(&t->w));
	EXPECT_EQ(ACCOUNTING, enabled(t));
	kicks = fse_stat("kicks");
	ASSERT_EQ(0, fse_tell(&t->w.fs, "alloc %u", FSE_FAR));
	EXPECT_LT(kicks, fse_stat("kicks"));
	EXPECT_EQ(FS_THR_LRBELOW, fse_event(&t->w));
	EXPECT_STREQ("thr_lrbelow",
		     fse_field(fse_stream_line(t->fd), "event"));
	/* It ends with the last watch of the file system. */
	ASSERT_EQ(0, fse_config("\n"));
	close(t->fd);
	t->fd = -1;
	EXPECT_TRUE(fse_until(none_enabled, t));
}

/* A watch with generic events, which take privilege, is not slow any more. */
TEST_F(keys, an_administrator_changes_the_watch_of_a_user)
{
	struct tested *t = &self->t;
	__u64 kicks;

	ASSERT_TRUE(user_watches_far(t));
	ASSERT_EQ(0, fse_ask(t->fd, "%s G:io_error", t->w.fs.mount));
	EXPECT_EQ(ACTIVE | ACCOUNTING, enabled(t));
	/* Wait for the sample that sets the shares. */
	sleep(1);
	kicks = fse_stat("kicks");
	ASSERT_EQ(0, fse_tell(&t->w.fs, "alloc %u", FSE_FAR));
	EXPECT_LT(kicks, fse_stat("kicks"));
	EXPECT_STREQ("thr_lrbelow",
		     fse_field(fse_stream_line(t->fd), "event"));
}

/* Without any key, umount(2) still ends watches. */
TEST_F(keys, umount_ends_the_watch_of_a_user)
{
	struct tested *t = &self->t;

	snprintf(t->request, sizeof(t->request), "%s T 1", self->tmpfs.mount);
	ASSERT_EQ(0, fse_child(user_asks, t));
	ASSERT_EQ(0, umount(self->tmpfs.mount));
	EXPECT_STREQ("unmount", fse_field(fse_stream_line(t->fd), "event"));
	EXPECT_EQ(0, enabled(t));
	EXPECT_EQ(0, fse_stat("watches"));
}

TEST_HARNESS_MAIN
