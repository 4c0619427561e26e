// SPDX-License-Identifier: GPL-2.0-only
/*
 * Directories with their own figures: behind a bind mount statfs(2) reports the
 * limit of a project quota, not of the whole file system. Levels use what
 * statfs(2) reports at the named mount.
 */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "control.h"
#include "event.h"
#include "filesystem.h"
#include "harness.h"
#include "process.h"
#include "stream.h"

/* The container's directory, limited by its project quota. */
#define CT	FSE_MNT "/ct"
#define LIMIT	(100 << 20)

FIXTURE(directories)
{
	struct fse_fs fs;
	int fd;
};

static __u64 figures(const char *path, __u64 *total)
{
	struct statfs st;

	if (statfs(path, &st))
		return 0;
	*total = st.f_blocks;
	return st.f_bavail;
}

FIXTURE_SETUP(directories)
{
	self->fd = -1;
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fs_make(&self->fs, "xfs", "host", 400,
				 "-o prjquota"));
	/* Deny ordinary users the host's directory. */
	ASSERT_EQ(0, chmod(self->fs.mount, 0700));
	ASSERT_EQ(0, fse_sh("mkdir -m 0777 %s/ct " CT, self->fs.mount));
	ASSERT_EQ(0, fse_sh("xfs_io -c 'chproj 42' -c 'chattr +P' %s/ct",
			    self->fs.mount));
	ASSERT_EQ(0, fse_sh("xfs_quota -x -c 'limit -p bhard=%u 42' %s",
			    LIMIT, self->fs.mount));
	ASSERT_EQ(0, fse_sh("mount --bind %s/ct " CT, self->fs.mount));
	self->fd = fse_private_open(0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(directories)
{
	close(self->fd);
	fse_config("\n");
	umount2(CT, MNT_DETACH);
	rmdir(CT);
	fse_fs_remove(&self->fs);
}

/*
 * Regression: levels were checked against one set of figures and run on
 * another.
 */
TEST_F(directories, global_levels_are_refused)
{
	EXPECT_EQ(-EOPNOTSUPP, fse_config(CT " G T 50%% 100M"));
	EXPECT_NE(NULL, strstr(fse_last_error(), "use watch"));
	EXPECT_STREQ("T", fse_last_word());
	EXPECT_EQ(-EOPNOTSUPP, fse_config(CT " I 50%%"));
	EXPECT_EQ(0, fse_watches());
	/* Other events are per file system. */
	EXPECT_EQ(0, fse_config(CT " G"));
	EXPECT_EQ(0, fse_config("%s T 50%%", self->fs.mount));
}

TEST_F(directories, private_levels_are_about_the_directory)
{
	__u64 total, avail = figures(CT, &total);
	const char *line;

	ASSERT_LT(0, avail);
	ASSERT_EQ(LIMIT / fse_frsize(&self->fs), total);
	ASSERT_EQ(0, fse_ask(self->fd, CT " T 50%%"));
	ASSERT_EQ(0, fse_sh("fallocate -l 60M " CT "/file && sync -f " CT));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("thr_lrbelow", fse_field(line, "event"));
	EXPECT_EQ(total, fse_number(line, "total"));
	EXPECT_EQ(total / 2, fse_number(line, "level"));
	EXPECT_GE(total / 2, fse_number(line, "avail"));
	ASSERT_EQ(0, unlink(CT "/file"));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("thr_lrabove", fse_field(line, "event"));
	EXPECT_EQ(total, fse_number(line, "total"));
}

/* Next to a watch of the whole file system with its own figures. */
TEST_F(directories, each_has_its_own_figures)
{
	__u64 total, whole = fse_total(&self->fs);
	const char *line;
	int other = fse_private_open(0);

	ASSERT_LE(0, other);
	ASSERT_LT(0, figures(CT, &total));
	ASSERT_EQ(0, fse_ask(other, "%s T 100%%", self->fs.mount));
	ASSERT_EQ(0, fse_ask(self->fd, CT " T 100%%"));
	line = fse_stream_line(other);
	EXPECT_EQ(whole, fse_number(line, "total"));
	line = fse_stream_line(self->fd);
	EXPECT_EQ(total, fse_number(line, "total"));
	close(other);
}

/* Regression: a user learned the figures of a directory closed to them. */
static int learns(void *arg)
{
	__u64 total;
	const char *line;
	int fd;

	(void)arg;
	if (fse_become_user())
		return 1;
	fd = fse_private_open(0);
	if (fd < 0 || !figures(CT, &total))
		return 1;
	if (fse_ask(fd, CT " T 100%%"))
		return 2;
	line = fse_stream_line(fd);
	if (strcmp(fse_field(line, "event"), "thr_lrbelow"))
		return 3;
	return fse_number(line, "total") == total ? 0 : 4;
}

TEST_F(directories, a_user_learns_no_more_than_from_statfs)
{
	EXPECT_EQ(0, fse_child(learns, NULL));
}

/* Samples continue when the mount goes, and the directory with it. */
TEST_F(directories, the_mount_may_go_at_any_time)
{
	int other = fse_private_open(0);
	unsigned int i;

	ASSERT_LE(0, other);
	ASSERT_EQ(0, fse_ask(other, "%s T 1", self->fs.mount));
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, fse_ask(self->fd, CT " T 1"));
		ASSERT_EQ(0, umount2(CT, MNT_DETACH));
		EXPECT_STREQ("unmount", fse_field(fse_stream_line(self->fd),
						  "event"));
		ASSERT_EQ(0, fse_sh("mount --bind %s/ct " CT, self->fs.mount));
	}
	close(other);
}

/*
 * Regression: when one of two watches of a directory ended, no sample was taken for
 * the other one any more.
 */
TEST_F(directories, one_watch_ends_and_another_goes_on)
{
	int other = fse_private_open(0);

	ASSERT_LE(0, other);
	ASSERT_EQ(0, fse_sh("mkdir " FSE_MNT "/ct2"));
	ASSERT_EQ(0, fse_sh("mount --bind %s/ct " FSE_MNT "/ct2", self->fs.mount));
	ASSERT_EQ(0, fse_ask(self->fd, CT " T 50%%"));
	ASSERT_EQ(0, fse_ask(other, FSE_MNT "/ct2 T 50%%"));
	ASSERT_EQ(0, umount2(FSE_MNT "/ct2", 0));
	EXPECT_STREQ("unmount", fse_field(fse_stream_line(other), "event"));
	ASSERT_EQ(0, fse_sh("fallocate -l 60M " CT "/file && sync -f " CT));
	EXPECT_STREQ("thr_lrbelow",
		     fse_field(fse_stream_line(self->fd), "event"));
	close(other);
	rmdir(FSE_MNT "/ct2");
}

/*
 * Regression: where only a directory was asked for, nothing saw that the whole file
 * system had room again.
 */
TEST_F(directories, the_whole_file_system_is_full_and_has_room_again)
{
	const char *line;

	ASSERT_EQ(0, fse_ask(self->fd, CT " G:enospc T 1"));
	fse_sh("fallocate -l 1G %s/file; dd if=/dev/zero of=%s/file bs=1M",
	       self->fs.mount, self->fs.mount);
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("enospc", fse_field(line, "event"));
	ASSERT_EQ(0, fse_sh("rm %s/file && sync -f %s", self->fs.mount,
			    self->fs.mount));
	line = fse_stream_line(self->fd);
	EXPECT_STREQ("cleared", fse_field(line, "event"));
	EXPECT_STREQ("enospc", fse_field(line, "of"));
}

TEST_HARNESS_MAIN
