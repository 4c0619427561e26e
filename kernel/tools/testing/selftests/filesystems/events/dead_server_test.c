// SPDX-License-Identifier: GPL-2.0-only
/*
 * Servers that do not answer: an NFS server that ended or whose link is down,
 * and a FUSE daemon that sleeps. No other task waits for them.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include "children.h"
#include "control.h"
#include "event.h"
#include "filesystem.h"
#include "fuse.h"
#include "harness.h"
#include "lifetime.h"
#include "module.h"
#include "nfs.h"
#include "sleepers.h"

/* Upper bound, in ms, of calls that don't wait for the server. */
#define AT_ONCE		8000
/* A client retries at growing intervals. */
#define BACK_AGAIN	60000
/* A forced umount tries to reach the server for some seconds. */
#define FAREWELL	30000

FIXTURE(dead_nfs)
{
	struct fse_fs fence;
	struct fse_nfs nfs;
	struct fse_listener l;
};

FIXTURE_VARIANT(dead_nfs)
{
	int (*kill)(const struct fse_nfs *n);
	int (*revive)(const struct fse_nfs *n);
};

FIXTURE_VARIANT_ADD(dead_nfs, link_down)
{
	.kill = fse_nfs_cut,
	.revive = fse_nfs_join,
};

FIXTURE_VARIANT_ADD(dead_nfs, server_ended)
{
	.kill = fse_nfs_stop,
	.revive = fse_nfs_start,
};

static bool not_alive(void *nfs)
{
	return !fse_nfs_alive(nfs);
}

static bool stuck_counted(void *before)
{
	return fse_stat("stuck") > *(__u64 *)before;
}

/*
 * Makes the sampler call a dead server. A write that names the mount would call
 * it first, so this moves space close to a level: the sampler then polls for
 * some seconds.
 */
static int hang(struct fse_nfs *n, int (*kill)(const struct fse_nfs *n))
{
	__u64 stuck = fse_stat("stuck");
	__u64 near = (5 << 20) / fse_frsize(&n->export);
	int i, err;

	if (!fse_sampled("%s G T 4M", n->mount) ||
	    fse_fill_to(&n->export, "file", near) ||
	    !fse_sampled("%s G T 4M", n->mount))
		return -EIO;
	err = kill(n);
	if (err)
		return err;
	/* When that took long, the sampler rests meanwhile: 30 s. */
	for (i = 0; i < 3; i++)
		if (fse_until(stuck_counted, &stuck))
			return 0;
	return -ETIME;
}

FIXTURE_SETUP(dead_nfs)
{
	int err;

	ASSERT_EQ(0, fse_config("\n"));
	err = fse_nfs_make(&self->nfs, "nfs", 16);
	if (err == -ENODEV)
		SKIP(return, "no NFS");
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, fse_fence_make(&self->fence));
	ASSERT_EQ(0, fse_listen(&self->l));
	ASSERT_EQ(0, hang(&self->nfs, variant->kill));
}

FIXTURE_TEARDOWN(dead_nfs)
{
	fse_config("\n");
	fse_nfs_remove(&self->nfs);
	fse_fs_remove(&self->fence);
	fse_unlisten(&self->l);
}

static void sync_all(void *done)
{
	sync();
	atomic_store((atomic_bool *)done, true);
	pause();
}

static bool is_set(void *flag)
{
	return atomic_load((atomic_bool *)flag);
}

/* Does sync(2) return? */
static bool syncs(void)
{
	atomic_bool *done = mmap(NULL, sizeof(*done), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool came;
	pid_t pid;

	if (done == MAP_FAILED)
		return false;
	pid = fse_repeat(sync_all, done);
	came = pid > 0 && fse_until(is_set, done);
	/* A child that hangs in sync(2) can't be reaped. */
	if (came)
		fse_kill(pid);
	munmap(done, sizeof(*done));
	return came;
}

static bool answers(void *before)
{
	return fse_stat("stuck") == *(__u64 *)before;
}

TEST_F(dead_nfs, no_task_waits_and_it_recovers)
{
	__u64 start = fse_now(), none = 0;
	struct fse_event ev;

	EXPECT_EQ(1, fse_stat("stuck"));
	EXPECT_NE(NULL, fse_listed(self->nfs.mount));
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	EXPECT_LT(fse_now() - start, AT_ONCE);
	EXPECT_TRUE(syncs());
	EXPECT_EQ(0, fse_sleepers());
	EXPECT_EQ(1, fse_stat("stuck"));

	/* A crossing that happened meanwhile is reported without a request. */
	ASSERT_EQ(0, fse_fill_to(&self->nfs.export, "file", 100));
	ASSERT_EQ(0, variant->revive(&self->nfs));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->l, self->nfs.mount, &ev,
					      BACK_AGAIN));
	EXPECT_TRUE(fse_until(answers, &none));
}

/*
 * The only case in which umount(2) returns before the super block is shut down:
 * the pending call holds it until the server answers.
 */
static int umount_beside_the_call(const struct fse_nfs *n, int flags)
{
	__u64 start = fse_now();

	if (umount2(n->mount, flags) || fse_now() - start >= AT_ONCE)
		return -ETIME;
	return fse_nfs_alive(n) ? 0 : -EIO;
}

/* fse_next_unmount(), with the time that a client needs to reconnect. */
static int late_unmount(struct fse_listener *l, const char *mount)
{
	struct fse_event ev;

	if (fse_next_of(l, NULL, &ev, BACK_AGAIN) != FS_INFO_UNMOUNT ||
	    strcmp(ev.mount, mount))
		return -1;
	return ev.error;
}

TEST_F(dead_nfs, umount)
{
	ASSERT_EQ(0, umount_beside_the_call(&self->nfs, 0));
	EXPECT_EQ(0, fse_watches());
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	EXPECT_TRUE(syncs());
	EXPECT_EQ(0, fse_sleepers());
	ASSERT_EQ(0, variant->revive(&self->nfs));
	EXPECT_EQ(0, late_unmount(&self->l, self->nfs.mount));
	EXPECT_TRUE(fse_until(not_alive, &self->nfs));
	EXPECT_EQ(0, fse_stat("stuck"));
}

TEST_F(dead_nfs, lazy_umount)
{
	ASSERT_EQ(0, umount_beside_the_call(&self->nfs, MNT_DETACH));
	EXPECT_EQ(0, fse_watches());
	EXPECT_EQ(0, fse_fence(&self->l, &self->fence, NULL));
	EXPECT_EQ(0, fse_sleepers());
	ASSERT_EQ(0, variant->revive(&self->nfs));
	EXPECT_EQ(0, late_unmount(&self->l, self->nfs.mount));
	EXPECT_TRUE(fse_until(not_alive, &self->nfs));
}

TEST_F(dead_nfs, forced_umount_ends_the_call)
{
	__u64 start = fse_now();

	ASSERT_EQ(0, umount2(self->nfs.mount, MNT_FORCE));
	EXPECT_LT(fse_now() - start, FAREWELL);
	EXPECT_FALSE(fse_nfs_alive(&self->nfs));
	EXPECT_EQ(0, fse_next_unmount(&self->l, self->nfs.mount));
	EXPECT_EQ(0, fse_stat("stuck"));
	EXPECT_EQ(0, fse_sleepers());
}

TEST_F(dead_nfs, module_goes_once_the_server_is_back)
{
	__u64 end = fse_now() + BACK_AGAIN;
	int err;

	if (!fse_module_loaded())
		SKIP(return, "fs_events is not a module");
	ASSERT_EQ(0, fse_config("\n"));
	fse_unlisten(&self->l);
	ASSERT_EQ(0, fse_fstrace_umount());
	err = fse_module_unload();
	EXPECT_TRUE(err == -EBUSY || err == -EAGAIN);
	EXPECT_EQ(0, fse_sleepers());
	ASSERT_EQ(0, variant->revive(&self->nfs));
	do {
		usleep(10000);
		err = fse_module_unload();
	} while ((err == -EBUSY || err == -EAGAIN) && fse_now() < end);
	EXPECT_EQ(0, err);
	EXPECT_EQ(0, fse_module_load());
	EXPECT_EQ(0, fse_fstrace_mount());
}

#define HEALTHY	20

/* Reads until each file system has sent @id; returns how many did. */
static int count_senders(struct fse_listener *l, const struct fse_fs *fs, int id)
{
	__u64 deadline = fse_now() + AT_ONCE;
	bool reported[HEALTHY] = {};
	struct fse_event ev;
	int i, n = 0;

	while (n < HEALTHY && fse_now() < deadline) {
		if (fse_next(l, &ev, 100) <= 0 || ev.id != id)
			continue;
		for (i = 0; i < HEALTHY; i++) {
			if (reported[i] || strcmp(ev.mount, fs[i].mount))
				continue;
			reported[i] = true;
			n++;
		}
	}
	return n;
}

TEST_F(dead_nfs, with_healthy_file_systems_and_a_sleeping_fuse_daemon)
{
	struct fse_fs fs[HEALTHY];
	struct fse_fuse fuse;
	char name[16];
	int i;

	ASSERT_EQ(0, fse_fuse_make(&fuse, "fuse"));
	fuse.control->hang = true;
	ASSERT_EQ(0, fse_config("%s G T 1", fuse.mount));
	ASSERT_TRUE(fse_fuse_wait_hanging(&fuse));
	for (i = 0; i < HEALTHY; i++) {
		snprintf(name, sizeof(name), "healthy%d", i);
		ASSERT_EQ(0, fse_fs_make(&fs[i], i % 5 ? "tmpfs" : "ext4", name,
					 8, ""));
		ASSERT_EQ(0, fse_config("%s G T 50%%", fs[i].mount));
	}
	for (i = 0; i < HEALTHY; i++)
		ASSERT_EQ(0, fse_fill_to(&fs[i], "file", 800 * 4096 /
						fse_frsize(&fs[i])));
	EXPECT_EQ(HEALTHY, count_senders(&self->l, fs, FS_THR_LRBELOW));
	for (i = 0; i < HEALTHY; i++)
		ASSERT_EQ(0, fse_free(&fs[i], "file"));
	EXPECT_EQ(HEALTHY, count_senders(&self->l, fs, FS_THR_LRABOVE));
	EXPECT_EQ(0, fse_sleepers());
	for (i = 0; i < HEALTHY; i++)
		ASSERT_EQ(0, umount2(fs[i].mount, 0));
	EXPECT_EQ(HEALTHY, count_senders(&self->l, fs, FS_INFO_UNMOUNT));
	EXPECT_EQ(2, fse_stat("stuck"));
	EXPECT_EQ(1, fuse.control->hanging);
	fse_fuse_remove(&fuse);
	for (i = 0; i < HEALTHY; i++)
		fse_fs_remove(&fs[i]);
}

TEST_HARNESS_MAIN
