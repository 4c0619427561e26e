// SPDX-License-Identifier: GPL-2.0-only
/*
 * NFS with a responsive server.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "control.h"
#include "event.h"
#include "filesystem.h"
#include "harness.h"
#include "lifetime.h"
#include "nfs.h"

/* Poll interval of an idle server in seconds, and an allowance. */
#define REST_MIN	30
#define REST_SLACK	15

FIXTURE(nfs)
{
	struct fse_nfs nfs;
	struct fse_listener l;
	struct fse_event ev;
};

FIXTURE_SETUP(nfs)
{
	int err;

	ASSERT_EQ(0, fse_config("\n"));
	err = fse_nfs_make(&self->nfs, "nfs", 16);
	if (err == -ENODEV)
		SKIP(return, "no NFS");
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, fse_listen(&self->l));
}

FIXTURE_TEARDOWN(nfs)
{
	fse_config("\n");
	fse_nfs_remove(&self->nfs);
	fse_unlisten(&self->l);
}

static __u64 avail_bytes(const struct fse_nfs *n)
{
	return fse_avail(&n->export) * fse_frsize(&n->export);
}

TEST_F(nfs, levels_both_ways)
{
	const char *mount = self->nfs.mount;
	char request[256];

	snprintf(request, sizeof(request), "%s T 8M:12M 4M", mount);
	ASSERT_EQ(0, fse_config("%s", request));
	EXPECT_EQ(0, fse_fill_to(&self->nfs.export, "file", 512));
	ASSERT_TRUE(fse_sampled("%s", request));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->l, mount, &self->ev, 0));
	EXPECT_EQ(avail_bytes(&self->nfs), self->ev.data * self->ev.frsize);
	EXPECT_EQ(16 << 20, self->ev.total * self->ev.frsize);
	EXPECT_EQ(8 << 20, self->ev.level * self->ev.frsize);
	EXPECT_STREQ("nfs4", self->ev.fstype);
	EXPECT_STREQ(FSE_NFS_SOURCE, self->ev.source);
	EXPECT_EQ(FS_THR_URBELOW, fse_next_of(&self->l, mount, &self->ev, 0));
	ASSERT_EQ(0, fse_free(&self->nfs.export, "file"));
	ASSERT_TRUE(fse_sampled("%s", request));
	EXPECT_EQ(FS_THR_URABOVE, fse_next_of(&self->l, mount, &self->ev, 0));
	EXPECT_EQ(FS_THR_LRABOVE, fse_next_of(&self->l, mount, &self->ev, 0));
	EXPECT_EQ(avail_bytes(&self->nfs), self->ev.data * self->ev.frsize);
	EXPECT_EQ(0, fse_left(&self->l));
}

TEST_F(nfs, shows_server_and_path_and_the_device_of_stat)
{
	char line[256];
	struct stat st;

	ASSERT_EQ(0, fse_config("%s T 50%%", self->nfs.mount));
	snprintf(line, sizeof(line), "%s nfs4 " FSE_NFS_SOURCE " (T 50%%)",
		 self->nfs.mount);
	EXPECT_STREQ(line, fse_listed(self->nfs.mount));
	ASSERT_EQ(0, stat(self->nfs.mount, &st));
	ASSERT_EQ(0, umount2(self->nfs.mount, 0));
	EXPECT_EQ(FS_INFO_UNMOUNT, fse_next_of(&self->l, self->nfs.mount,
					       &self->ev, 0));
	EXPECT_EQ(0, self->ev.error);
	EXPECT_EQ(major(st.st_dev), self->ev.major);
	EXPECT_EQ(minor(st.st_dev), self->ev.minor);
	EXPECT_STREQ(FSE_NFS_SOURCE, self->ev.source);
}

/*
 * The server's own changes give no hint: the next regular sample finds them,
 * late, so that the server is not called often.
 */
TEST_F(nfs, asked_every_half_minute_at_rest)
{
	const char *mount = self->nfs.mount;
	__u64 filled;
	long asked;

	ASSERT_TRUE(fse_sampled("%s T 8M", mount));
	asked = fse_nfs_asked(&self->nfs);
	ASSERT_LT(0, asked);
	filled = fse_now();
	ASSERT_EQ(0, fse_fill_to(&self->nfs.export, "file", 512));
	EXPECT_EQ(FS_THR_LRBELOW,
		  fse_next_of(&self->l, mount, &self->ev,
			      (REST_MIN + REST_SLACK) * 1000));
	EXPECT_LE((REST_MIN - REST_SLACK) * 1000, fse_now() - filled);
	EXPECT_EQ(asked + 1, fse_nfs_asked(&self->nfs));
}

/* The server is full, which the client notices at writeback. */
TEST_F(nfs, enospc_of_the_server)
{
	static char block[1 << 16];
	char path[160];
	int fd, i;

	ASSERT_EQ(0, fse_config("%s G", self->nfs.mount));
	snprintf(path, sizeof(path), "%s/file", self->nfs.mount);
	/* Blocks until the grace period is over. */
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ASSERT_LE(0, fd);
	for (i = 0; i < 400; i++) {
		if (write(fd, block, sizeof(block)) != sizeof(block))
			break;
	}
	EXPECT_NE(0, fsync(fd) | close(fd) | (i < 400));
	EXPECT_EQ(FS_WARN_ENOSPC, fse_next_of(&self->l, self->nfs.mount,
					      &self->ev, FSE_SOON));
	EXPECT_EQ(ENOSPC, self->ev.error);
	unlink(path);
}

static bool not_alive(void *nfs)
{
	return !fse_nfs_alive(nfs);
}

/*
 * Unmounts. Returns 0 when the super block went, now or after a delay that the
 * server's slowness explains: umount(2) waits only briefly for a call.
 */
static int umount_now(struct fse_nfs *n)
{
	__u64 start = fse_now();

	if (umount2(n->mount, 0))
		return -errno;
	if (!fse_nfs_alive(n))
		return 0;
	if (fse_now() - start < 200)
		return -EBUSY;
	return fse_until(not_alive, n) ? 0 : -ETIME;
}

/* The call that starts a new watch may or may not be pending. */
TEST_F(nfs, umount_is_synchronous)
{
	unsigned int i;

	for (i = 0; i < fse_rounds(10); i++) {
		ASSERT_TRUE(fse_nfs_alive(&self->nfs));
		ASSERT_EQ(0, fse_config("%s G T 1M", self->nfs.mount));
		usleep(i % 5 * 1000);
		ASSERT_EQ(0, umount_now(&self->nfs));
		ASSERT_EQ(FS_INFO_UNMOUNT,
			  fse_next_of(&self->l, self->nfs.mount, &self->ev, 0));
		ASSERT_EQ(0, self->ev.error);
		ASSERT_EQ(0, fse_nfs_mount(&self->nfs, self->nfs.mount));
	}
}

/* Mounts of the same export share the super block and so the watch. */
TEST_F(nfs, second_mount_of_the_export)
{
	const char *second = FSE_MNT "/second";

	mkdir(second, 0755);
	ASSERT_EQ(0, fse_nfs_mount(&self->nfs, second));
	ASSERT_EQ(0, fse_config("%s G", self->nfs.mount));
	ASSERT_EQ(0, fse_config("%s T 1M", second));
	EXPECT_EQ(1, fse_watches());
	EXPECT_NE(NULL, fse_listed(self->nfs.mount));
	ASSERT_EQ(0, umount2(second, 0));
	EXPECT_EQ(EXDEV, fse_next_unmount(&self->l, second));
	EXPECT_TRUE(fse_nfs_alive(&self->nfs));
	/* The watch stays with the first mount. */
	EXPECT_EQ(1, fse_watches());
	rmdir(second);
}

TEST_HARNESS_MAIN
