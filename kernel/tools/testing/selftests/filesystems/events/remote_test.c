// SPDX-License-Identifier: GPL-2.0-only
/*
 * File systems that depend on another task: FUSE, as an example with a server,
 * and overlayfs. A responsive server makes no difference to umount(2); a server
 * that hangs delays no other task.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "control.h"
#include "event.h"
#include "filesystem.h"
#include "fuse.h"
#include "harness.h"
#include "lifetime.h"
#include "module.h"
#include "process.h"
#include "stream.h"

/* Upper bound, in ms, of calls that don't wait for the server. */
#define AT_ONCE		8000

FIXTURE(remote)
{
	struct fse_fs fence;
	struct fse_fuse fuse;
	struct fse_listener l;
	struct fse_event ev;
};

FIXTURE_SETUP(remote)
{
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fence_make(&self->fence));
	if (access("/dev/fuse", F_OK))
		SKIP(return, "no FUSE");
	ASSERT_EQ(0, fse_fuse_make(&self->fuse, "fuse"));
	ASSERT_EQ(0, fse_listen(&self->l));
}

FIXTURE_TEARDOWN(remote)
{
	fse_config("\n");
	fse_fuse_remove(&self->fuse);
	fse_fs_remove(&self->fence);
	fse_unlisten(&self->l);
}

static void remount(void *fuse)
{
	struct fse_fuse *f = fuse;

	/* The flag is in the same page, behind the control structure. */
	if (!mount(NULL, f->mount, NULL, MS_REMOUNT | MS_NOATIME, NULL))
		atomic_store((atomic_bool *)&f->control[1], true);
	pause();
}

static bool remounted(void *fuse)
{
	return atomic_load((atomic_bool *)&((struct fse_fuse *)fuse)->control[1]);
}

static bool dead(void *fuse)
{
	return !fse_fuse_alive(fuse);
}

static bool stuck_counted(void *before)
{
	return fse_stat("stuck") > *(__u64 *)before;
}

TEST_F(remote, levels)
{
	ASSERT_EQ(0, fse_config("%s T 500", self->fuse.mount));
	EXPECT_NE(NULL, strstr(fse_listed(self->fuse.mount) ?: "",
			       " fuse.test "));
	self->fuse.control->avail = 400;
	/* An unchanged request causes a sample and keeps the state. */
	ASSERT_EQ(0, fse_config("%s T 500", self->fuse.mount));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->l, self->fuse.mount,
					      &self->ev, FSE_SOON));
	EXPECT_EQ(400, self->ev.data);
	EXPECT_EQ(1000, self->ev.total);
	EXPECT_STREQ("fuse.test", self->ev.fstype);
	self->fuse.control->avail = 600;
	ASSERT_EQ(0, fse_config("%s T 500", self->fuse.mount));
	EXPECT_EQ(FS_THR_LRABOVE, fse_next_of(&self->l, self->fuse.mount,
					      &self->ev, FSE_SOON));
	ASSERT_EQ(0, umount2(self->fuse.mount, 0));
	EXPECT_FALSE(fse_fuse_alive(&self->fuse));
	EXPECT_EQ(0, fse_next_unmount(&self->l, self->fuse.mount));
}

/*
 * Unmounts. Returns 1 when the super block went, 0 when it stayed although
 * umount(2) waited its full time for the call, which began after @start, as on a slow
 * machine, -1 otherwise.
 */
static int umount_now(struct fse_fuse *f, __u64 start)
{
	if (umount2(f->mount, 0))
		return -1;
	if (!fse_fuse_alive(f))
		return 1;
	return fse_now() - start >= 200 ? 0 : -1;
}

static bool asked(void *control)
{
	return ((struct fse_fuse_control *)control)->asked;
}

static int make_again(struct fse_fuse *f)
{
	fse_fuse_remove(f);
	return fse_fuse_make(f, "fuse");
}

/* The call that starts a new watch may or may not be pending. */
TEST_F(remote, umount_is_synchronous_when_the_server_answers)
{
	unsigned int i;
	__u64 start;
	int gone;

	for (i = 0; i < fse_rounds(15); i++) {
		self->fuse.control->delay_ms = i % 4 * 10;
		start = fse_now();
		ASSERT_EQ(0, fse_config("%s T 100%%", self->fuse.mount));
		if (i % 2)
			ASSERT_TRUE(fse_until(asked, self->fuse.control));
		gone = umount_now(&self->fuse, start);
		ASSERT_LE(0, gone);
		/* All events have been sent by then. */
		do {
			ASSERT_EQ(1, fse_next(&self->l, &self->ev,
					      gone ? 0 : FSE_SOON));
		} while (self->ev.id != FS_INFO_UNMOUNT);
		ASSERT_EQ(0, self->ev.error);
		ASSERT_EQ(0, make_again(&self->fuse));
	}
}

/* Regression: umount(2) didn't wait for the call of a private watch. */
TEST_F(remote, umount_is_synchronous_beside_a_private_watch)
{
	const char *line;
	unsigned int i;
	int fd, gone;
	__u64 start;

	for (i = 0; i < fse_rounds(6); i++) {
		self->fuse.control->delay_ms = 100;
		fd = fse_private_open(0);
		ASSERT_LE(0, fd);
		start = fse_now();
		ASSERT_EQ(0, fse_ask(fd, "%s T 1", self->fuse.mount));
		ASSERT_TRUE(fse_until(asked, self->fuse.control));
		gone = umount_now(&self->fuse, start);
		ASSERT_LE(0, gone);
		ASSERT_LT(0, fse_stream_poll(fd, gone ? 0 : FSE_SOON));
		line = fse_stream_line(fd);
		ASSERT_STREQ("unmount", fse_field(line, "event"));
		ASSERT_EQ(0, fse_number(line, "errno"));
		close(fd);
		ASSERT_EQ(0, make_again(&self->fuse));
	}
}

TEST_F(remote, umount_is_synchronous_after_removal)
{
	unsigned int i;
	__u64 start;

	for (i = 0; i < fse_rounds(5); i++) {
		self->fuse.control->delay_ms = 50;
		start = fse_now();
		ASSERT_EQ(0, fse_config("%s T 100%%", self->fuse.mount));
		ASSERT_TRUE(fse_until(asked, self->fuse.control));
		ASSERT_EQ(0, fse_config("%s%s", i % 2 ? "!" : "\n",
					i % 2 ? self->fuse.mount : ""));
		ASSERT_LE(0, umount_now(&self->fuse, start));
		ASSERT_EQ(0, make_again(&self->fuse));
	}
}

static void sync_all(void *done)
{
	sync();
	atomic_store((atomic_bool *)done, true);
	pause();
}

TEST_F(remote, hanging_server_delays_no_other_task)
{
	__u64 stuck = fse_stat("stuck"), start;
	struct fse_fs other;

	ASSERT_EQ(0, fse_fuse_hang(&self->fuse));
	EXPECT_TRUE(fse_until(stuck_counted, &stuck));
	EXPECT_EQ(stuck + 1, fse_stat("stuck"));

	start = fse_now();
	EXPECT_NE(NULL, fse_listed(self->fuse.mount));
	EXPECT_EQ(0, fse_config("%s G", self->fuse.mount));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	ASSERT_EQ(0, fse_fs_make(&other, "tmpfs", "other", 4, ""));
	EXPECT_EQ(0, fse_config("%s G T 1", other.mount));
	EXPECT_EQ(0, umount2(other.mount, 0));
	EXPECT_EQ(0, fse_next_unmount(&self->l, other.mount));
	fse_fs_remove(&other);
	EXPECT_LT(fse_now() - start, AT_ONCE);

	/* It is still the same call. */
	EXPECT_EQ(stuck + 1, fse_stat("stuck"));
	EXPECT_EQ(1, self->fuse.control->hanging);
}

#define WATCHES		50

/* Regression: umount(2) waited 200 ms for each watch. */
TEST_F(remote, umount_does_not_wait_for_each_watch)
{
	int fd[WATCHES];
	unsigned int i;
	__u64 start;

	for (i = 0; i < WATCHES; i++) {
		fd[i] = fse_private_open(0);
		ASSERT_LE(0, fd[i]);
		ASSERT_EQ(0, fse_ask(fd[i], "%s T 1", self->fuse.mount));
	}
	ASSERT_EQ(0, fse_fuse_hang(&self->fuse));
	start = fse_now();
	ASSERT_EQ(0, umount2(self->fuse.mount, 0));
	EXPECT_LT(fse_now() - start, WATCHES * 200 / 2);
	self->fuse.control->hang = false;
	EXPECT_TRUE(fse_until(dead, &self->fuse));
	for (i = 0; i < WATCHES; i++)
		close(fd[i]);
}

/* For the private watches of a user without privilege. */
static int guest_open(uid_t uid)
{
	int fd;

	if (setegid(FSE_FOREIGN) || seteuid(uid))
		return -errno;
	fd = fse_private_open(0);
	return seteuid(0) || setegid(0) ? -errno : fd;
}

/* Regression: the requests of any user made for calls, 50 a second. */
TEST_F(remote, is_asked_at_most_twice_a_second_for_guests)
{
	unsigned int before, requests = 0;
	__u64 start, took;
	int fd;

	fse_fuse_remove(&self->fuse);
	ASSERT_EQ(0, fse_fuse_make_for_all(&self->fuse, "fuse"));
	/* Samples of an administrator's watch are not those of a slow one. */
	ASSERT_EQ(0, fse_config("%s G T 500", self->fuse.mount));
	fd = guest_open(FSE_USER);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fse_ask(fd, "%s T 1", self->fuse.mount));
	ASSERT_TRUE(fse_until(asked, self->fuse.control));
	before = self->fuse.control->asked;
	start = fse_now();
	do {
		ASSERT_EQ(0, fse_ask(fd, "%s T %u", self->fuse.mount,
				     1 + requests++ % 2));
		took = fse_now() - start;
	} while (took < 3000);
	TH_LOG("%u requests, %u calls", requests,
	       self->fuse.control->asked - before);
	EXPECT_LE(self->fuse.control->asked - before, took / 500 + 1);
	close(fd);
}

#define SERVERS		40
/* Calls of servers that may be under way for a user. */
#define CALLS		32

static unsigned int hanging(const struct fse_fuse *fuse)
{
	unsigned int i, nr = 0;

	for (i = 0; i < SERVERS; i++)
		nr += fuse[i].control->hanging;
	return nr;
}

static bool calls_hang(void *fuse)
{
	return hanging(fuse) >= CALLS;
}

static bool all_asked(void *fuse)
{
	const struct fse_fuse *f = fuse;
	unsigned int i, nr = 0;

	for (i = 0; i < SERVERS; i++)
		nr += !!f[i].control->asked;
	return nr == SERVERS;
}

/* Regression: a user whose servers hang had all calls that others need. */
TEST_F(remote, servers_of_a_user_that_hang_delay_no_other_user)
{
	struct fse_fuse fuse[SERVERS] = {};
	char name[16];
	unsigned int i;
	__u64 start;
	int fd[2];

	fse_fuse_remove(&self->fuse);
	ASSERT_EQ(0, fse_fuse_make_for_all(&self->fuse, "fuse"));
	fd[0] = guest_open(FSE_USER);
	fd[1] = guest_open(FSE_USER + 1);
	ASSERT_LE(0, fd[0]);
	ASSERT_LE(0, fd[1]);
	for (i = 0; i < SERVERS; i++) {
		snprintf(name, sizeof(name), "hangs%u", i);
		ASSERT_EQ(0, fse_fuse_make_for_all(&fuse[i], name));
		fuse[i].control->hang = true;
		ASSERT_EQ(0, fse_ask(fd[0], "%s T 1", fuse[i].mount));
	}
	EXPECT_TRUE(fse_until(calls_hang, fuse));

	start = fse_now();
	ASSERT_EQ(0, fse_ask(fd[1], "%s T 1", self->fuse.mount));
	EXPECT_TRUE(fse_until(asked, self->fuse.control));
	ASSERT_EQ(0, umount2(self->fuse.mount, 0));
	EXPECT_FALSE(fse_fuse_alive(&self->fuse));
	EXPECT_LT(fse_now() - start, AT_ONCE);
	EXPECT_EQ(CALLS, hanging(fuse));

	/* Those that waited have their turn. */
	for (i = 0; i < SERVERS; i++)
		fuse[i].control->hang = false;
	EXPECT_TRUE(fse_until(all_asked, fuse));
	for (i = 0; i < SERVERS; i++)
		fse_fuse_remove(&fuse[i]);
	close(fd[0]);
	close(fd[1]);
}

static bool stuck_is(void *count)
{
	return fse_stat("stuck") == *(__u64 *)count;
}

TEST_F(remote, stuck_counts_those_that_do_not_answer_now)
{
	__u64 before = fse_stat("stuck"), one = before + 1;

	ASSERT_EQ(0, fse_fuse_hang(&self->fuse));
	EXPECT_TRUE(fse_until(stuck_is, &one));
	self->fuse.control->hang = false;
	EXPECT_TRUE(fse_until(stuck_is, &before));
}

static bool is_set(void *flag)
{
	return atomic_load((atomic_bool *)flag);
}

TEST_F(remote, hanging_server_does_not_hang_sync)
{
	/* The flag is in the same page, behind the control structure. */
	atomic_bool *done = (atomic_bool *)&self->fuse.control[1];
	pid_t pid;

	ASSERT_EQ(0, fse_fuse_hang(&self->fuse));
	pid = fse_repeat(sync_all, done);
	EXPECT_TRUE(fse_until(is_set, done));
	/* End the hang, if any. */
	self->fuse.control->hang = false;
	fse_kill(pid);
}

/* A remount that waits holds s_umount, and then sync(2) waits as well. */
TEST_F(remote, hanging_server_does_not_hang_remount)
{
	pid_t pid;

	ASSERT_EQ(0, fse_fuse_hang(&self->fuse));
	pid = fse_repeat(remount, &self->fuse);
	EXPECT_TRUE(fse_until(remounted, &self->fuse));
	/* End the hang, if any. */
	self->fuse.control->hang = false;
	fse_kill(pid);
}

TEST_F(remote, hanging_server_does_not_hang_lazy_umount)
{
	__u64 start;

	ASSERT_EQ(0, fse_fuse_hang(&self->fuse));
	start = fse_now();
	ASSERT_EQ(0, umount2(self->fuse.mount, MNT_DETACH));
	EXPECT_LT(fse_now() - start, AT_ONCE);
	EXPECT_TRUE(fse_fuse_alive(&self->fuse));
	EXPECT_EQ(0, fse_watches());
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));

	self->fuse.control->hang = false;
	EXPECT_TRUE(fse_until(dead, &self->fuse));
	EXPECT_EQ(0, fse_next_unmount(&self->l, self->fuse.mount));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	EXPECT_EQ(0, fse_stat("watches"));
}

TEST_F(remote, forced_umount_ends_a_hanging_call)
{
	ASSERT_EQ(0, fse_fuse_hang(&self->fuse));
	ASSERT_EQ(0, umount2(self->fuse.mount, MNT_FORCE));
	EXPECT_FALSE(fse_fuse_alive(&self->fuse));
	EXPECT_EQ(0, fse_next_unmount(&self->l, self->fuse.mount));
}

TEST_F(remote, server_that_dies_ends_a_hanging_call)
{
	__u64 failed = fse_stat("sample_failed"), start;

	ASSERT_EQ(0, fse_fuse_hang(&self->fuse));
	fse_fuse_kill(&self->fuse);
	start = fse_now();
	while (fse_stat("sample_failed") == failed &&
	       fse_now() - start < FSE_SOON)
		usleep(1000);
	EXPECT_LT(failed, fse_stat("sample_failed"));
	/* A missing answer is no event. */
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	EXPECT_NE(NULL, fse_listed(self->fuse.mount));
	ASSERT_EQ(0, umount2(self->fuse.mount, 0));
	EXPECT_EQ(0, fse_next_unmount(&self->l, self->fuse.mount));
}

static bool call_held(void *fs)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/control",
		 ((struct fse_fs *)fs)->mount);
	return strstr(fse_read(path), "held 1");
}

static void remount_cluster(void *done)
{
	if (!mount(NULL, FSE_MNT "/cluster", NULL, MS_REMOUNT | MS_NOATIME,
		   NULL))
		atomic_store((atomic_bool *)done, true);
	pause();
}

/*
 * ->statfs of a cluster file system waits for other machines, so it is not called
 * with s_umount held, which remounting takes.
 */
TEST_F(remote, cluster_lock_does_not_hang_remount)
{
	struct fse_fs fs;
	atomic_bool *done = (atomic_bool *)&self->fuse.control[1];
	pid_t pid;

	if (fse_sh("modprobe -q " FSE_TESTFS))
		SKIP(return, "no module " FSE_TESTFS);
	ASSERT_EQ(0, fse_fs_make(&fs, FSE_CLUSTER, "cluster", 1, ""));
	ASSERT_EQ(0, fse_tell(&fs, "hold"));
	ASSERT_EQ(0, fse_config("%s T 10", fs.mount));
	EXPECT_TRUE(fse_until(call_held, &fs));
	pid = fse_repeat(remount_cluster, done);
	EXPECT_TRUE(fse_until(is_set, done));
	ASSERT_EQ(0, fse_tell(&fs, "release"));
	fse_kill(pid);
	fse_fs_remove(&fs);
	fse_sh("modprobe -qr " FSE_TESTFS);
}

/*
 * One call at a time, whichever task started it; the call does not make the
 * file system look mounted elsewhere.
 */
TEST_F(remote, watching_again_does_not_ask_again_while_a_call_hangs)
{
	__u64 start = fse_now();
	unsigned int i;

	ASSERT_EQ(0, fse_fuse_hang(&self->fuse));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, fse_config("!%s", self->fuse.mount));
		ASSERT_EQ(0, fse_config("%s T 1", self->fuse.mount));
	}
	EXPECT_LT(fse_now() - start, AT_ONCE);
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	EXPECT_EQ(1, self->fuse.control->asked);

	ASSERT_EQ(0, umount2(self->fuse.mount, MNT_DETACH));
	self->fuse.control->hang = false;
	EXPECT_TRUE(fse_until(dead, &self->fuse));
	EXPECT_EQ(0, fse_next_unmount(&self->l, self->fuse.mount));
}

TEST_F(remote, hanging_call_keeps_the_module_and_nothing_else_does)
{
	int err;

	if (!fse_module_loaded())
		SKIP(return, "fs_events is not a module");
	ASSERT_EQ(0, fse_fuse_hang(&self->fuse));
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fstrace_umount());
	err = fse_module_unload();
	EXPECT_TRUE(err == -EBUSY || err == -EAGAIN);

	self->fuse.control->hang = false;
	do {
		err = fse_module_unload();
		usleep(1000);
	} while (err == -EBUSY || err == -EAGAIN);
	EXPECT_EQ(0, err);
	EXPECT_EQ(0, fse_module_load());
	EXPECT_EQ(0, fse_fstrace_mount());
}

TEST_F(remote, overlay)
{
	struct fse_fs ext4;
	const char *dir = FSE_MNT "/over";
	char options[512];
	unsigned int i;

	ASSERT_EQ(0, fse_fs_make(&ext4, "ext4", "upper", 16, ""));
	ASSERT_EQ(0, fse_sh("mkdir -p %s %s/l %s/u %s/w", dir, ext4.mount,
			    ext4.mount, ext4.mount));
	snprintf(options, sizeof(options),
		 "lowerdir=%s/l,upperdir=%s/u,workdir=%s/w", ext4.mount,
		 ext4.mount, ext4.mount);
	for (i = 0; i < fse_rounds(5); i++) {
		ASSERT_EQ(0, mount("over", dir, "overlay", 0, options));
		ASSERT_EQ(0, fse_config("%s T 100%%;%s G", dir, ext4.mount));
		EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->l, dir,
						      &self->ev, FSE_SOON));
		ASSERT_EQ(0, umount2(dir, 0));
		EXPECT_EQ(0, fse_next_unmount(&self->l, dir));
		ASSERT_EQ(0, umount2(ext4.mount, 0));
		EXPECT_EQ(0, fse_next_unmount(&self->l, ext4.mount));
		EXPECT_EQ(0, fse_exclusive(ext4.dev));
		ASSERT_EQ(0, mount(ext4.dev, ext4.mount, "ext4", 0, NULL));
	}
	fse_fs_remove(&ext4);
	rmdir(dir);
}

TEST_HARNESS_MAIN
