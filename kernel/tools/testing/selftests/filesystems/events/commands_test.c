// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink commands have the same effect as writes to `config`, and each reply
 * carries the sequence number of the last event before it.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <linux/genetlink.h>

#include "command.h"
#include "control.h"
#include "harness.h"
#include "watched.h"

FIXTURE(commands)
{
	struct fse_watched w;
	struct fse_listener c;
	struct fse_facts facts;
	struct fse_answer a;
	char mount[128];
};

FIXTURE_SETUP(commands)
{
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 8, "", ""));
	ASSERT_EQ(0, fse_listen_to(&self->c, NULL));
	memcpy(self->mount, self->w.fs.mount, sizeof(self->mount));
}

FIXTURE_TEARDOWN(commands)
{
	fse_unlisten(&self->c);
	fse_end(&self->w);
}

static struct nlmsghdr *set(struct fse_listener *c, const char *mount)
{
	struct nlmsghdr *nlh = fse_command(c, FS_NL_C_ENTRY_SET);

	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, mount);
	return nlh;
}

static void put_level(struct nlmsghdr *nlh, __u32 kind, __u64 trigger,
		      __u32 unit)
{
	fse_end_level(nlh, fse_put_level(nlh, kind, trigger, unit));
}

/* A negative @rearm_unit is omitted. */
static void put_rearm(struct nlmsghdr *nlh, __u32 kind, __u64 trigger,
		      __u32 unit, __u64 rearm, int rearm_unit)
{
	struct nlattr *nest = fse_put_level(nlh, kind, trigger, unit);

	mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_REARM, rearm);
	if (rearm_unit >= 0)
		mnl_attr_put_u32(nlh, FS_NL_LEVEL_A_REARM_UNIT, rearm_unit);
	fse_end_level(nlh, nest);
}

static const char *watched(const char *mount)
{
	const char *line = fse_listed(mount), *what;

	what = line ? strchr(line, '(') : NULL;
	return what ?: "";
}

TEST_F(commands, events_that_are_named)
{
	struct nlmsghdr *nlh = set(&self->c, self->mount);
	__u64 generation;

	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_EVENTS,
			 1U << FS_WARN_ENOSPC | 1U << FS_ERR_CORRUPTED);
	ASSERT_EQ(0, fse_run(&self->c, nlh, NULL, &self->facts));
	EXPECT_EQ(1U << FS_NL_ENTRY_A_ID | 1U << FS_NL_ENTRY_A_GENERATION |
		  1U << FS_NL_ENTRY_A_SEQ, self->facts.has);
	EXPECT_NE(0, self->facts.id);
	generation = self->facts.generation;
	EXPECT_STREQ("(G:enospc,corrupted)", watched(self->mount));

	/* Events that are not named stay. */
	nlh = set(&self->c, self->mount);
	put_level(nlh, FS_NL_KIND_SPACE, 5, FS_NL_UNIT_PERCENT);
	ASSERT_EQ(0, fse_run(&self->c, nlh, NULL, &self->facts));
	EXPECT_EQ(generation + 1, self->facts.generation);
	EXPECT_STREQ("(G:enospc,corrupted,T 5%)", watched(self->mount));

	ASSERT_EQ(0, fse_set_generic(&self->c, self->mount, &self->facts));
	EXPECT_STREQ("(G,T 5%)", watched(self->mount));
}

#define ALL_UNITS "T 1T:2T 1G:3000M 4096K:50%% 3%% 7:9 I 90%%:95%% 100:110 10"

TEST_F(commands, units_there_and_back)
{
	struct nlmsghdr *nlh;
	char line[256];

	ASSERT_EQ(0, fse_config("%s " ALL_UNITS, self->mount));
	snprintf(line, sizeof(line), "%s", watched(self->mount));
	ASSERT_EQ(0, fse_get(&self->c, self->mount, &self->facts));
	ASSERT_EQ(8, self->facts.nr_level);
	ASSERT_EQ(0, fse_config("!%s", self->mount));

	nlh = set(&self->c, self->mount);
	for (unsigned int i = 0; i < self->facts.nr_level; i++) {
		struct fse_level_facts *l = &self->facts.level[i];

		EXPECT_EQ(i < 5 ? i + 1 : i - 4, l->nr);
		if (l->has & (1U << FS_NL_LEVEL_A_REARM))
			put_rearm(nlh, l->kind, l->trigger, l->unit, l->rearm,
				  l->rearm_unit);
		else
			put_level(nlh, l->kind, l->trigger, l->unit);
	}
	ASSERT_EQ(0, fse_run(&self->c, nlh, NULL, NULL));
	EXPECT_STREQ(line, watched(self->mount));
}

/* The re-arm defaults to the trigger's unit; 32-bit numbers are accepted. */
TEST_F(commands, unit_of_a_rearm)
{
	struct nlmsghdr *nlh = set(&self->c, self->mount);

	put_rearm(nlh, FS_NL_KIND_SPACE, 2, FS_NL_UNIT_MIB, 3, -1);
	put_rearm(nlh, FS_NL_KIND_INODES, 1, FS_NL_UNIT_PERCENT, 4000000,
		  FS_NL_UNIT_BLOCKS);
	ASSERT_EQ(0, fse_run(&self->c, nlh, &self->a, NULL))
		TH_LOG("%s at %u", self->a.why, self->a.offset);
	EXPECT_STREQ("(T 2M:3M,I 1%:4000000)", watched(self->mount));
}

TEST_F(commands, all_attributes_of_a_watch)
{
	const __u32 never = 1U << FS_NL_ENTRY_A_CHANGE |
			    1U << FS_NL_ENTRY_A_ELSEWHERE;
	struct statvfs st;
	struct stat dir;

	ASSERT_EQ(0, fse_watch(&self->w, "G:enospc T 10%%:12%% I 5"));
	ASSERT_TRUE(fse_sampled("%s", self->w.request));
	ASSERT_EQ(0, fse_get(&self->c, self->mount, &self->facts));
	ASSERT_EQ(0, statvfs(self->mount, &st));
	ASSERT_EQ(0, stat(self->mount, &dir));
	EXPECT_STREQ(self->mount, self->facts.mount);
	EXPECT_STREQ("tmpfs", self->facts.fstype);
	EXPECT_STREQ(FSE_TMPFS_NAME, self->facts.source);
	EXPECT_EQ(1U << FS_WARN_ENOSPC, self->facts.events);
	EXPECT_EQ(FS_NL_TYPES_GENERIC | FS_NL_TYPES_SPACE |
		  FS_NL_TYPES_INODES, self->facts.types);
	EXPECT_EQ(makedev(self->facts.major, self->facts.minor), dir.st_dev);
	EXPECT_EQ(st.f_fsid, self->facts.fsid);
	EXPECT_EQ(0, self->facts.lasting);
	EXPECT_EQ(st.f_bavail, self->facts.avail);
	EXPECT_EQ(st.f_blocks, self->facts.total);
	EXPECT_EQ(st.f_frsize, self->facts.frsize);
	EXPECT_EQ(st.f_ffree, self->facts.inodes_free);
	EXPECT_EQ(st.f_files, self->facts.inodes);
	EXPECT_EQ(0, self->facts.has & never);
	ASSERT_EQ(2, self->facts.nr_level);
	EXPECT_EQ(10, self->facts.level[0].trigger);
	EXPECT_EQ(12, self->facts.level[0].rearm);
	EXPECT_EQ(FS_NL_UNIT_PERCENT, self->facts.level[0].unit);
	EXPECT_EQ(FS_NL_UNIT_PERCENT, self->facts.level[0].rearm_unit);
	EXPECT_EQ(FS_NL_KIND_INODES, self->facts.level[1].kind);
	EXPECT_EQ(FS_NL_UNIT_BLOCKS, self->facts.level[1].unit);
	EXPECT_EQ(0, self->facts.level[1].has & (1U << FS_NL_LEVEL_A_REARM));
}

/* On tmpfs, with a random UUID: events carry the same one. */
TEST_F(commands, what_a_watch_and_its_events_say_agrees)
{
	ASSERT_EQ(0, fse_watch(&self->w, "T 100%%"));
	ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	ASSERT_EQ(0, fse_get_id(&self->c, self->w.ev.entry, &self->facts));
	EXPECT_EQ(self->w.ev.entry, self->facts.id);
	EXPECT_EQ(self->w.ev.fsid, self->facts.fsid);
	EXPECT_EQ(self->w.ev.major, self->facts.major);
	EXPECT_EQ(self->w.ev.minor, self->facts.minor);
	EXPECT_EQ(fse_has(&self->w.ev, FS_NL_A_UUID),
		  fse_has_fact(&self->facts, FS_NL_ENTRY_A_UUID));
	EXPECT_EQ(0, memcmp(self->w.ev.uuid, self->facts.uuid,
			    sizeof(self->facts.uuid)));
}

TEST_F(commands, state_and_number_of_the_last_event)
{
	__u64 total = fse_total(&self->w.fs);

	ASSERT_EQ(0, fse_watch(&self->w, "T %llu %llu", total / 2, total / 4));
	ASSERT_EQ(0, fse_event_now(&self->w));
	ASSERT_EQ(0, fse_get(&self->c, self->mount, &self->facts));
	ASSERT_EQ(2, self->facts.nr_level);
	EXPECT_EQ(FS_NL_STATE_ABOVE, self->facts.level[0].state);
	EXPECT_EQ(FS_NL_STATE_ABOVE, self->facts.level[1].state);

	ASSERT_EQ(0, fse_leave(&self->w, total / 3));
	ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	ASSERT_EQ(0, fse_get(&self->c, self->mount, &self->facts));
	EXPECT_EQ(FS_NL_STATE_BELOW, self->facts.level[0].state);
	EXPECT_EQ(FS_NL_STATE_ABOVE, self->facts.level[1].state);
	EXPECT_EQ(self->w.ev.seq, self->facts.seq);

	ASSERT_EQ(0, fse_leave(&self->w, total / 5));
	ASSERT_EQ(FS_THR_URBELOW, fse_event(&self->w));
	ASSERT_EQ(0, fse_get(&self->c, self->mount, &self->facts));
	EXPECT_EQ(FS_NL_STATE_BELOW, self->facts.level[1].state);
	EXPECT_EQ(self->w.ev.seq, self->facts.seq);

	ASSERT_EQ(0, fse_leave(&self->w, total - total / 5));
	ASSERT_EQ(FS_THR_URABOVE, fse_event(&self->w));
	ASSERT_EQ(FS_THR_LRABOVE, fse_event(&self->w));
	ASSERT_EQ(0, fse_get(&self->c, self->mount, &self->facts));
	EXPECT_EQ(FS_NL_STATE_ABOVE, self->facts.level[0].state);
	EXPECT_EQ(FS_NL_STATE_ABOVE, self->facts.level[1].state);
	EXPECT_EQ(self->w.ev.seq, self->facts.seq);
}

TEST_F(commands, stop_by_mount_by_id_and_by_type)
{
	struct nlmsghdr *nlh;

	ASSERT_EQ(0, fse_watch(&self->w, "G T 1 I 1"));
	nlh = fse_command(&self->c, FS_NL_C_ENTRY_DEL);
	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, self->mount);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_TYPES, FS_NL_TYPES_SPACE);
	EXPECT_EQ(0, fse_run(&self->c, nlh, NULL, NULL));
	EXPECT_STREQ("(G,I 1)", watched(self->mount));

	ASSERT_EQ(0, fse_get(&self->c, self->mount, &self->facts));
	nlh = fse_command(&self->c, FS_NL_C_ENTRY_DEL);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_ID, self->facts.id);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_TYPES, FS_NL_TYPES_GENERIC);
	EXPECT_EQ(0, fse_run(&self->c, nlh, NULL, NULL));
	EXPECT_STREQ("(I 1)", watched(self->mount));
	EXPECT_EQ(0, fse_del_id(&self->c, self->facts.id));
	EXPECT_EQ(0, fse_watches());
	EXPECT_EQ(-ENOENT, fse_del_id(&self->c, self->facts.id));
	EXPECT_EQ(-ENOENT, fse_get_id(&self->c, self->facts.id, NULL));
	EXPECT_EQ(-ENOENT, fse_get(&self->c, self->mount, NULL));

	/* The watch ends with its last type; a new request starts another. */
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	EXPECT_EQ(0, fse_del(&self->c, self->mount));
	EXPECT_EQ(-ENOENT, fse_del(&self->c, self->mount));
	EXPECT_EQ(0, fse_stat("watches"));
}

/* Netlink doesn't show private watches. */
TEST_F(commands, private_watches_are_not_shown)
{
	unsigned int nr;
	__u32 id;

	ASSERT_EQ(0, fse_watch(&self->w, "T 100%%"));
	ASSERT_EQ(0, fse_get(&self->c, self->mount, &self->facts));
	id = self->facts.id;
	ASSERT_EQ(0, fse_sh("exec 3<>" FSE_DIR "/watch; echo '%s T 1' >&3; "
			    "sleep 60 & echo $! >/tmp/holder", self->mount));
	EXPECT_EQ(2, fse_stat("watches"));
	EXPECT_EQ(1, fse_dump_find(&self->c, self->mount, NULL, &nr));
	EXPECT_EQ(1, nr);
	EXPECT_EQ(-ENOENT, fse_get_id(&self->c, id + 1, NULL));
	EXPECT_EQ(-ENOENT, fse_del_id(&self->c, id + 1));
	EXPECT_EQ(0, fse_sh("kill $(cat /tmp/holder); rm /tmp/holder"));
}

/* The kernel follows a symbolic link and reports its target. */
TEST_F(commands, paths_are_looked_up)
{
	ASSERT_EQ(0, symlink(self->mount, "/tmp/link"));
	EXPECT_EQ(0, fse_set_generic(&self->c, "/tmp/link", NULL));
	EXPECT_EQ(0, fse_get(&self->c, "/tmp/link", &self->facts));
	EXPECT_STREQ(self->mount, self->facts.mount);
	EXPECT_EQ(0, fse_del(&self->c, "/tmp/link"));
	unlink("/tmp/link");
	EXPECT_EQ(0, fse_watches());
}

/* Of several commands in one send(2) only the first is carried out. */
TEST_F(commands, one_at_a_time)
{
	static const unsigned int cmds[] = {
		FS_NL_C_ENTRY_SET, FS_NL_C_ENTRY_GET, FS_NL_C_STATS_GET,
	};
	static const int expected[] = { -EBUSY, -EBUSY, 0 };
	static const unsigned int order[] = { 1, 2, 0 };
	static char all[FSE_MESSAGE];
	const unsigned int nr = ARRAY_SIZE(cmds);
	struct nlmsghdr *nlh = (void *)all;
	unsigned int i, len = 0;

	for (i = 0; i < nr; i++) {
		nlh = fse_command(&self->c, cmds[i]);
		nlh->nlmsg_seq = i;
		if (cmds[i] != FS_NL_C_STATS_GET)
			mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT,
					  self->mount);
		if (cmds[i] == FS_NL_C_ENTRY_SET)
			mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_EVENTS,
					 FSE_GENERIC);
		memcpy(all + len, nlh, nlh->nlmsg_len);
		len += NLMSG_ALIGN(nlh->nlmsg_len);
	}
	ASSERT_EQ(len, mnl_socket_sendto(self->c.nl, all, len));
	for (i = 0; i < nr; i++) {
		EXPECT_EQ(expected[i], fse_answered(&self->c, &self->a));
		EXPECT_EQ(order[i], self->a.seq);
	}
	EXPECT_EQ(0, fse_readable(&self->c, 0));
	EXPECT_STREQ("(G)", watched(self->mount));
}

TEST_F(commands, statistics)
{
	static const char * const names[] = {
		[FS_NL_STATS_A_WATCHES]		= "watches",
		[FS_NL_STATS_A_NOTIFIED]	= "notified",
		[FS_NL_STATS_A_COALESCED]	= "coalesced",
		[FS_NL_STATS_A_SENT]		= "sent",
		[FS_NL_STATS_A_NO_LISTENER]	= "no_listener",
		[FS_NL_STATS_A_SEND_FAILED]	= "send_failed",
		[FS_NL_STATS_A_LOST]		= "lost",
		[FS_NL_STATS_A_SAMPLE_FAILED]	= "sample_failed",
		[FS_NL_STATS_A_KICKS]		= "kicks",
		[FS_NL_STATS_A_STUCK]		= "stuck",
		[FS_NL_STATS_A_REFUSED]		= "refused",
	};
	__u64 number[FS_NL_STATS_A_MAX + 1];
	__u64 samples = fse_stat("samples");
	__u64 refused = fse_stat("refused");
	unsigned int i;
	__u32 has;

	/* Errors by cause and by requested field. */
	EXPECT_EQ(-EINVAL, fse_run(&self->c,
				   fse_command(&self->c, FS_NL_C_ENTRY_DEL),
				   NULL, NULL));
	EXPECT_EQ(-ENOENT, fse_del(&self->c, self->w.fs.mount));
	EXPECT_EQ(refused + 2, fse_stat("refused"));
	ASSERT_EQ(0, fse_watch(&self->w, "T 100%%"));
	ASSERT_EQ(FS_THR_LRBELOW, fse_event(&self->w));
	ASSERT_TRUE(fse_rest());
	ASSERT_EQ(0, fse_run_numbers(&self->c,
				     fse_command(&self->c, FS_NL_C_STATS_GET),
				     NULL, number, &has));
	EXPECT_EQ((1U << (FS_NL_STATS_A_MAX + 1)) - 2, has);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i])
			EXPECT_EQ(fse_stat(names[i]), number[i])
				TH_LOG("%s", names[i]);
	EXPECT_EQ(1, number[FS_NL_STATS_A_WATCHES]);
	EXPECT_LT(samples, number[FS_NL_STATS_A_SAMPLES]);
	EXPECT_GE(fse_stat("samples"), number[FS_NL_STATS_A_SAMPLES]);
	EXPECT_EQ(self->w.ev.seq, number[FS_NL_STATS_A_SEQ]);
}

TEST_HARNESS_MAIN
