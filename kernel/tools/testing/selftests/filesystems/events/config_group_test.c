// SPDX-License-Identifier: GPL-2.0-only
/*
 * The config group reports each addition, change and removal of a watch, in
 * order and with gapless numbers.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "children.h"
#include "command.h"
#include "control.h"
#include "harness.h"
#include "lifetime.h"
#include "module.h"
#include "watched.h"

FIXTURE(config_group)
{
	struct fse_watched w;
	struct fse_listener c;
	struct fse_listener n;
	struct fse_facts facts;
	struct fse_facts got;
	__u64 generation;
	pid_t space;
};

FIXTURE_SETUP(config_group)
{
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 8, "", ""));
	ASSERT_EQ(0, fse_listen_to(&self->c, NULL));
	ASSERT_EQ(0, fse_listen_to(&self->n, FS_EVENT_MCGRP_CONFIG));
}

FIXTURE_TEARDOWN(config_group)
{
	fse_kill(self->space);
	fse_unlisten(&self->n);
	fse_unlisten(&self->c);
	fse_end(&self->w);
}

/* The next message must be this change, with the next number. */
#define NEXT(_change, _mount) do {					\
	ASSERT_EQ(1, fse_change(&self->n, &self->facts, FSE_SOON));	\
	EXPECT_EQ(_change, self->facts.change);				\
	EXPECT_STREQ(_mount, self->facts.mount);				\
	if (self->generation)						\
		EXPECT_EQ(self->generation + 1, self->facts.generation);	\
	self->generation = self->facts.generation;			\
} while (0)
#define ADDED(_mount) NEXT(FS_NL_CHANGE_ADDED, _mount)
#define CHANGED(_mount) NEXT(FS_NL_CHANGE_CHANGED, _mount)
#define REMOVED(_mount) NEXT(FS_NL_CHANGE_REMOVED, _mount)
/* Changes are sent before the system call that makes them returns. */
#define NOTHING() EXPECT_EQ(0, fse_change(&self->n, &self->facts, 0))

TEST_F(config_group, what_is_written)
{
	const char *mount = self->w.fs.mount;
	__u32 id;

	ASSERT_EQ(0, fse_watch(&self->w, "G:enospc T 5%%"));
	ADDED(mount);
	id = self->facts.id;
	EXPECT_EQ(FS_NL_TYPES_GENERIC | FS_NL_TYPES_SPACE, self->facts.types);
	EXPECT_EQ(1U << FS_WARN_ENOSPC, self->facts.events);
	ASSERT_EQ(1, self->facts.nr_level);
	EXPECT_EQ(5, self->facts.level[0].trigger);
	EXPECT_STREQ("tmpfs", self->facts.fstype);
	ASSERT_EQ(0, fse_watch(&self->w, "T 6%% 4%%"));
	CHANGED(mount);
	EXPECT_EQ(id, self->facts.id);
	EXPECT_EQ(2, self->facts.nr_level);
	ASSERT_EQ(0, fse_config("!%s G", mount));
	CHANGED(mount);
	EXPECT_EQ(FS_NL_TYPES_SPACE, self->facts.types);
	EXPECT_FALSE(fse_has_fact(&self->facts, FS_NL_ENTRY_A_EVENTS));
	ASSERT_EQ(0, fse_config("!%s", mount));
	REMOVED(mount);
	EXPECT_EQ(id, self->facts.id);
	/* In one write, a watch is removed and another added. */
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ADDED(mount);
	id = self->facts.id;
	ASSERT_EQ(0, fse_config("!%s;%s T 1", mount, mount));
	REMOVED(mount);
	EXPECT_EQ(id, self->facts.id);
	ADDED(mount);
	EXPECT_NE(id, self->facts.id);
	ASSERT_EQ(0, fse_config("\n"));
	REMOVED(mount);
	/* Refused requests and private watches are no changes. */
	EXPECT_EQ(-ENOENT, fse_config("%s G;/no/such/path G", mount));
	EXPECT_EQ(0, fse_sh("echo '%s T 1' 1<>" FSE_DIR "/watch", mount));
	NOTHING();
}

TEST_F(config_group, what_is_asked_by_netlink)
{
	const char *mount = self->w.fs.mount;

	ASSERT_EQ(0, fse_set_generic(&self->c, mount, &self->got));
	ADDED(mount);
	EXPECT_EQ(self->got.id, self->facts.id);
	EXPECT_EQ(self->got.generation, self->facts.generation);
	EXPECT_EQ(self->got.seq, self->facts.seq);
	ASSERT_EQ(0, fse_set_generic(&self->c, mount, &self->got));
	CHANGED(mount);
	EXPECT_EQ(self->got.generation, self->facts.generation);
	ASSERT_EQ(0, fse_get(&self->c, mount, &self->got));
	EXPECT_EQ(self->got.generation, self->facts.generation);
	ASSERT_EQ(0, fse_del_id(&self->c, self->facts.id));
	REMOVED(mount);
	NOTHING();
}

TEST_F(config_group, umount)
{
	const char *mount = self->w.fs.mount;

	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ADDED(mount);
	ASSERT_EQ(0, umount2(mount, 0));
	REMOVED(mount);
	EXPECT_EQ(0, fse_next_unmount(&self->w.l, mount));
	NOTHING();
}

/* The change comes with the last user of the mount, not before. */
TEST_F(config_group, lazy_umount_of_a_busy_mount)
{
	char mount[128];
	int fd;

	snprintf(mount, sizeof(mount), "%s", self->w.fs.mount);
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ADDED(mount);
	fd = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, umount2(mount, MNT_DETACH));
	NOTHING();
	close(fd);
	REMOVED(mount);
	EXPECT_EQ(0, fse_next_unmount(&self->w.l, mount));
}

/* The watch is tied to a second mount, and listed by the first. */
TEST_F(config_group, another_mount)
{
	const char *here = self->w.fs.mount;
	const char *other = FSE_MNT "/other";

	ASSERT_EQ(0, mkdir(other, 0755));
	ASSERT_EQ(0, mount(here, other, NULL, MS_BIND, NULL));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ADDED(here);
	ASSERT_EQ(0, fse_config("%s T 1", other));
	CHANGED(here);
	ASSERT_EQ(0, umount2(other, 0));
	EXPECT_EQ(EXDEV, fse_next_unmount(&self->w.l, other));
	CHANGED(here);
	rmdir(other);
}

static int request(void *text)
{
	return -fse_config("%s", (const char *)text);
}

/* The group of the maker's network namespace gets the changes. */
TEST_F(config_group, network_namespace)
{
	char text[256];

	self->space = fse_space(CLONE_NEWNET);
	ASSERT_GT(self->space, 0);
	snprintf(text, sizeof(text), "%s G", self->w.fs.mount);
	ASSERT_EQ(0, fse_within(self->space, CLONE_NEWNET, request, text));
	NOTHING();
	ASSERT_EQ(0, fse_get(&self->c, self->w.fs.mount, &self->got));
	EXPECT_TRUE(fse_has_fact(&self->got, FS_NL_ENTRY_A_ELSEWHERE));
	/* The generation starts at 1. */
	EXPECT_EQ(1, self->got.generation);
	fse_kill(self->space);
	self->space = 0;
	ASSERT_EQ(0, fse_config("!%s", self->w.fs.mount));
	NOTHING();
}

static bool noticed(void *notified)
{
	return fse_stat("notified") > *(__u64 *)notified;
}

/*
 * Pending events of replaced levels are sent before the change, and their
 * numbers are lower. A level has one pending when it turns twice within 100 ms.
 */
TEST_F(config_group, events_of_old_levels_come_before)
{
	const char *mount = self->w.fs.mount;
	unsigned int i;
	__u64 notified;

	ASSERT_EQ(0, fse_leave(&self->w, 1000));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ADDED(mount);
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, fse_watch(&self->w, "T %u", 1500 - i));
		CHANGED(mount);
		ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
		notified = fse_stat("notified");
		ASSERT_EQ(0, fse_leave(&self->w, 1800));
		if (!built_in()) {
			/* The module needs a sample to notice. */
			ASSERT_EQ(0, fse_config("%s", self->w.request));
			CHANGED(mount);
		}
		ASSERT_TRUE(fse_until(noticed, &notified));
		ASSERT_EQ(0, fse_watch(&self->w, "T 500"));
		CHANGED(mount);
		ASSERT_EQ(1, self->facts.nr_level);
		EXPECT_EQ(500, self->facts.level[0].trigger);
		EXPECT_EQ(FS_NL_STATE_ABOVE, self->facts.level[0].state);
		/*
		 * The event has been sent by now, by the worker or by the
		 * write.
		 */
		ASSERT_EQ(FS_THR_LRABOVE,
			  fse_next_of(&self->w.l, mount, &self->w.ev, 0));
		EXPECT_EQ(1500 - i, self->w.ev.level);
		EXPECT_EQ(self->w.ev.seq, self->facts.seq);
		EXPECT_EQ(0, fse_next(&self->w.l, &self->w.ev, 0));
		ASSERT_EQ(0, fse_leave(&self->w, 1000));
	}
}

TEST_HARNESS_MAIN
