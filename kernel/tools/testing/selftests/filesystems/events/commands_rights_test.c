// SPDX-License-Identifier: GPL-2.0-only
/*
 * Permissions of netlink commands. Any user may read watches of mounts within
 * reach. Setting and removing takes CAP_SYS_ADMIN over the file system, of both
 * the opener of the socket and the sender; joining a group takes it over the
 * network namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "async_io.h"
#include "children.h"
#include "command.h"
#include "control.h"
#include "harness.h"
#include "lifetime.h"
#include "process.h"
#include "stream.h"
#include "watched.h"

#define INNER FSE_MNT "/inner"
#define HOST FSE_MNT "/watched"
#define GUEST (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET)

FIXTURE(rights)
{
	struct fse_watched w;
	struct fse_listener c;
	struct fse_facts facts;
	pid_t space;
};

FIXTURE_SETUP(rights)
{
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 8, "", ""));
	ASSERT_STREQ(HOST, self->w.fs.mount);
	ASSERT_EQ(0, fse_listen_to(&self->c, NULL));
	mkdir(INNER, 0755);
	ASSERT_EQ(0, fse_config(HOST " G T 5%%"));
}

FIXTURE_TEARDOWN(rights)
{
	fse_kill(self->space);
	fse_unlisten(&self->c);
	rmdir(INNER);
	fse_end(&self->w);
}

static bool becomes_nobody(void)
{
	return !setresgid(FSE_NOBODY, FSE_NOBODY, FSE_NOBODY) &&
	       !setresuid(FSE_NOBODY, FSE_NOBODY, FSE_NOBODY);
}

/* Reads the host's watch by all commands; returns the failed step or 0. */
static int looks(struct fse_listener *c, struct fse_facts *facts)
{
	__u64 number[FS_NL_STATS_A_MAX + 1];
	__u32 has;

	if (fse_get(c, HOST, facts) || facts->nr_level != 1)
		return 11;
	if (fse_get_id(c, facts->id, facts))
		return 12;
	if (fse_dump_find(c, HOST, facts, NULL) != 1)
		return 13;
	if (fse_run_numbers(c, fse_command(c, FS_NL_C_STATS_GET), NULL, number,
			    &has) || number[FS_NL_STATS_A_WATCHES] != 1)
		return 14;
	return 0;
}

/* Tries to change the host's watch by all commands. */
static int changes(struct fse_listener *c, __u32 id)
{
	if (fse_set_generic(c, HOST, NULL) != -EPERM)
		return 21;
	if (fse_del(c, HOST) != -EPERM)
		return 22;
	return fse_del_id(c, id) == -EPERM ? 0 : 23;
}

static int joins(void)
{
	struct fse_listener l;

	if (fse_listen_to(&l, FS_EVENT_MCGRP_EVENT) != -EPERM)
		return 31;
	return fse_listen_to(&l, FS_EVENT_MCGRP_CONFIG) == -EPERM ? 0 : 32;
}

static int without_privilege(void *arg)
{
	static struct fse_facts facts;
	struct fse_listener c;

	(void)arg;
	if (!becomes_nobody() || fse_listen_to(&c, NULL))
		return 1;
	return looks(&c, &facts) ?: changes(&c, facts.id) ?: joins();
}

TEST_F(rights, any_user_reads_and_only_root_changes)
{
	EXPECT_EQ(0, fse_child(without_privilege, NULL));
	EXPECT_EQ(0, looks(&self->c, &self->facts));
	EXPECT_STREQ(HOST FSE_TMPFS "(G,T 5%)\n", fse_read("config"));
}

/* @opener opens the socket, @sender sends from it. */
static int opened_and_sent(uid_t opener, uid_t sender, __u32 id)
{
	struct fse_listener c;
	int err;

	if (seteuid(opener) || fse_listen_to(&c, NULL) || seteuid(0) ||
	    seteuid(sender))
		return 41;
	err = changes(&c, id);
	fse_unlisten(&c);
	return seteuid(0) ? 42 : err;
}

TEST_F(rights, of_the_opener_and_the_sender)
{
	struct fse_listener c;

	ASSERT_EQ(0, fse_get(&self->c, HOST, &self->facts));
	EXPECT_EQ(0, opened_and_sent(FSE_NOBODY, 0, self->facts.id));
	EXPECT_EQ(0, opened_and_sent(0, FSE_NOBODY, self->facts.id));
	EXPECT_EQ(0, opened_and_sent(FSE_NOBODY, FSE_NOBODY, self->facts.id));
	EXPECT_STREQ(HOST FSE_TMPFS "(G,T 5%)\n", fse_read("config"));
	ASSERT_EQ(0, fse_listen_to(&c, NULL));
	EXPECT_EQ(0, fse_del_id(&c, self->facts.id));
	EXPECT_EQ(0, fse_watches());
	fse_unlisten(&c);
}

/* Watches all generic events; @uring submits the send to an io_uring. */
static int set_by(int (*uring)(const struct io_uring_sqe *request),
		  struct fse_listener *c, struct fse_answer *a)
{
	struct nlmsghdr *nlh = fse_command(c, FS_NL_C_ENTRY_SET);
	struct io_uring_sqe request = {
		.opcode = IORING_OP_SEND,
		.fd = mnl_socket_get_fd(c->nl),
		.addr = (unsigned long)nlh,
	};
	int res;

	mnl_attr_put_strz(nlh, FS_NL_ENTRY_A_MOUNT, HOST);
	mnl_attr_put_u32(nlh, FS_NL_ENTRY_A_EVENTS, FSE_GENERIC);
	request.len = nlh->nlmsg_len;
	res = uring(&request);
	if (res != (int)nlh->nlmsg_len)
		return res < 0 ? res : -EIO;
	return fse_answered(c, a);
}

/*
 * Regression: commands ran with the credentials of the task, which may be root
 * and send with those of a user.
 */
TEST_F(rights, of_the_credentials_that_it_was_sent_with)
{
	const struct io_uring_sqe nop = { .opcode = IORING_OP_NOP };
	struct fse_answer a = {};
	int err = fse_uring(&nop);

	if (err)
		SKIP(return, "no io_uring: %s", strerror(-err));
	ASSERT_EQ(0, fse_config("\n"));
	EXPECT_EQ(-EPERM, set_by(fse_uring_as_user, &self->c, &a));
	/* The command's own refusal, not that of the send. */
	EXPECT_EQ(-EPERM, a.err);
	EXPECT_STREQ("", fse_read("config"));
	EXPECT_EQ(0, set_by(fse_uring, &self->c, &a));
	EXPECT_STREQ(HOST FSE_TMPFS "(G)\n", fse_read("config"));
}

/* Without search permission the path lookup fails, like stat(2). */
static int searches(void *arg)
{
	struct fse_listener c;

	(void)arg;
	if (!becomes_nobody() || fse_listen_to(&c, NULL))
		return 1;
	return fse_get(&c, INNER "/secret", NULL) == -EACCES ? 0 : 2;
}

TEST_F(rights, paths_are_the_senders)
{
	ASSERT_EQ(0, mkdir(INNER "/secret", 0755));
	ASSERT_EQ(0, chmod(INNER, 0700));
	EXPECT_EQ(0, fse_child(searches, NULL));
	rmdir(INNER "/secret");
}

static int in_chroot(void *arg)
{
	static struct fse_facts facts;
	struct fse_listener c;
	unsigned int nr;

	(void)arg;
	if (chroot(INNER) || chdir("/") || fse_listen_to(&c, NULL))
		return 1;
	/* Shows only watches below the root, with paths from there. */
	if (fse_dump_find(&c, "/", &facts, &nr) != 1 || nr != 1)
		return 2;
	if (fse_get(&c, "/", &facts) || strcmp(facts.mount, "/"))
		return 3;
	return fse_get_id(&c, *(__u32 *)arg, NULL) == -ENOENT ? 0 : 4;
}

TEST_F(rights, in_a_chroot)
{
	ASSERT_EQ(0, fse_get(&self->c, HOST, &self->facts));
	ASSERT_EQ(0, mount("inner", INNER, "tmpfs", 0, "size=1m"));
	ASSERT_EQ(0, fse_config(INNER " G"));
	EXPECT_EQ(0, fse_child(in_chroot, &self->facts.id));
	EXPECT_EQ(0, umount2(INNER, 0));
}

/* Root of new user, mount and network namespaces. */
static int guest_watches(void *arg)
{
	static struct fse_facts facts;
	struct fse_listener c, l;
	struct fse_event ev;
	unsigned int nr;
	__u32 id = *(__u32 *)arg;

	if (fse_listen_to(&c, NULL) || fse_listen(&l))
		return 1;
	/* Sees no watch of the host. */
	if (fse_dump_find(&c, NULL, NULL, &nr) || nr ||
	    fse_get_id(&c, id, NULL) != -ENOENT ||
	    fse_get(&c, HOST, NULL) != -ENOENT ||
	    fse_del_id(&c, id) != -ENOENT ||
	    fse_set_generic(&c, HOST, NULL) != -EPERM)
		return 2;
	if (mount("inner", INNER, "tmpfs", 0, "size=1m") ||
	    fse_set_generic(&c, INNER, &facts))
		return 3;
	if (fse_dump_find(&c, INNER, &facts, &nr) != 1 || nr != 1 ||
	    fse_has_fact(&facts, FS_NL_ENTRY_A_ELSEWHERE))
		return 4;
	/* The files of its own fstrace instance show the same. */
	if (mount("none", FSE_DIR, "fstrace", 0, NULL) ||
	    fse_config(INNER " T 100%%") ||
	    fse_next(&l, &ev, FSE_SOON) != 1 || ev.id != FS_THR_LRBELOW ||
	    ev.entry != facts.id)
		return 5;
	if (fse_get(&c, INNER, &facts) || facts.seq != ev.seq ||
	    facts.level[0].state != FS_NL_STATE_BELOW)
		return 6;
	return 0;
}

static int guest_stats(void *arg)
{
	__u64 number[FS_NL_STATS_A_MAX + 1];
	struct fse_listener c;
	__u32 has;

	(void)arg;
	if (fse_listen_to(&c, NULL) ||
	    fse_run_numbers(&c, fse_command(&c, FS_NL_C_STATS_GET), NULL,
			    number, &has))
		return 100;
	return number[FS_NL_STATS_A_WATCHES];
}

/* Root of the host, in the guest's mount namespace, with a host socket. */
static int host_visits(void *arg)
{
	static struct fse_facts facts;
	struct fse_listener *c = arg;

	if (fse_dump_find(c, INNER, &facts, NULL) != 1)
		return 1;
	if (!fse_has_fact(&facts, FS_NL_ENTRY_A_ELSEWHERE))
		return 2;
	if (fse_get_id(c, facts.id, &facts) ||
	    !fse_has_fact(&facts, FS_NL_ENTRY_A_ELSEWHERE))
		return 3;
	return 0;
}

TEST_F(rights, a_guest_sees_its_own_and_the_host_sees_all)
{
	char inner[128];
	unsigned int nr;

	ASSERT_EQ(0, fse_get(&self->c, HOST, &self->facts));
	self->space = fse_space(GUEST);
	ASSERT_GT(self->space, 0);
	ASSERT_EQ(0, fse_within(self->space, GUEST, guest_watches,
				&self->facts.id));
	EXPECT_EQ(1, fse_within(self->space, GUEST, guest_stats, NULL));
	EXPECT_EQ(2, fse_stat("watches"));
	/* The guest's mount is not below our root. */
	EXPECT_EQ(1, fse_dump_find(&self->c, HOST, &self->facts, &nr));
	EXPECT_EQ(1, nr);
	EXPECT_EQ(0, fse_within(self->space, CLONE_NEWNS, host_visits,
				&self->c));

	/* Adds a watch of ours on the same mount. */
	snprintf(inner, sizeof(inner), "/proc/%d/root" INNER, self->space);
	ASSERT_EQ(0, fse_set_generic(&self->c, inner, &self->facts));
	EXPECT_EQ(3, fse_stat("watches"));
	EXPECT_EQ(1, fse_within(self->space, GUEST, guest_stats, NULL));

	fse_kill(self->space);
	self->space = 0;
	ASSERT_TRUE(fse_wait_watches(1));
	EXPECT_EQ(0, fse_get(&self->c, HOST, &self->facts));
}

static int watches_for_itself(void *arg)
{
	struct fse_listener c;

	(void)arg;
	return fse_listen_to(&c, NULL) || fse_set_generic(&c, HOST, NULL);
}

/* The socket's network namespace counts. */
TEST_F(rights, a_watch_of_another_network_namespace_is_elsewhere)
{
	ASSERT_EQ(0, fse_config("\n"));
	self->space = fse_space(CLONE_NEWNET);
	ASSERT_GT(self->space, 0);
	ASSERT_EQ(0, fse_within(self->space, CLONE_NEWNET, watches_for_itself,
				NULL));
	ASSERT_EQ(1, fse_dump_find(&self->c, HOST, &self->facts, NULL));
	EXPECT_TRUE(fse_has_fact(&self->facts, FS_NL_ENTRY_A_ELSEWHERE));
	EXPECT_EQ(1, self->facts.generation);
	/* The watch outlives that namespace and may be changed from here. */
	fse_kill(self->space);
	self->space = 0;
	ASSERT_EQ(0, fse_set_generic(&self->c, HOST, NULL));
	ASSERT_EQ(0, fse_get(&self->c, HOST, &self->facts));
	EXPECT_TRUE(fse_has_fact(&self->facts, FS_NL_ENTRY_A_ELSEWHERE));
}

/* A socket keeps the network namespace that it was created in. */
static int brings_a_socket(void *arg)
{
	struct fse_listener c;

	(void)arg;
	if (unshare(CLONE_NEWNET) || fse_listen_to(&c, NULL) ||
	    setns(*(int *)arg, CLONE_NEWNET))
		return 1;
	if (fse_set_generic(&c, HOST, NULL))
		return 2;
	return 0;
}

TEST_F(rights, the_sockets_network_namespace_gets_the_events)
{
	int ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	ASSERT_LE(0, ns);
	ASSERT_EQ(0, fse_config("\n"));
	EXPECT_EQ(0, fse_child(brings_a_socket, &ns));
	ASSERT_EQ(0, fse_get(&self->c, HOST, &self->facts));
	EXPECT_TRUE(fse_has_fact(&self->facts, FS_NL_ENTRY_A_ELSEWHERE));
	close(ns);
}

/* The host's fstrace files, used by root of a guest. */
static int guest_and_files(void *arg)
{
	(void)arg;
	if (fse_put(FSE_DIR "/config", HOST " G") != -EACCES ||
	    fse_put(FSE_DIR "/error_log", "\n") != -EACCES ||
	    open(FSE_DIR "/error_log", O_RDONLY) >= 0 || errno != EACCES ||
	    fse_stream_open(0) != -EACCES)
		return 1;
	/* World-readable files. */
	if (fse_stat("watches") != 1 || !*fse_read("stats"))
		return 2;
	/* Files of the guest's own instance. */
	if (mount("none", FSE_DIR, "fstrace", 0, NULL))
		return 3;
	if (fse_stat("watches") || *fse_read("config") ||
	    fse_put(FSE_DIR "/config", HOST " G") != -EPERM ||
	    fse_put(FSE_DIR "/error_log", "\n") ||
	    fse_stream_open(0) < 0)
		return 4;
	return 0;
}

TEST_F(rights, files_of_the_host_and_of_a_guest)
{
	EXPECT_EQ(0, fse_container(FSE_NOBODY, guest_and_files, NULL));
	EXPECT_STREQ(HOST FSE_TMPFS "(G,T 5%)\n", fse_read("config"));
}

TEST_HARNESS_MAIN
