// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mounts of fstrace: files and options; mounting and unmounting change no
 * watch.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "control.h"
#include "event.h"
#include "filesystem.h"
#include "harness.h"
#include "process.h"

#define F "/mnt/f"
/* A second instance. */
#define I "/mnt/i"
#define WATCHED F FSE_TMPFS "(G)\n"

FIXTURE(instances)
{
	struct fse_fs fs;
};

FIXTURE_SETUP(instances)
{
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fs_make(&self->fs, "tmpfs", "f", 8, ""));
	ASSERT_EQ(0, mkdir(I, 0755));
	ASSERT_EQ(0, fse_config(F " G"));
}

FIXTURE_TEARDOWN(instances)
{
	/* A failed test may have left it unmounted. */
	if (access(FSE_DIR "/config", F_OK))
		mount("none", FSE_DIR, "fstrace", 0, NULL);
	fse_config("\n");
	umount2(I, MNT_DETACH);
	rmdir(I);
	fse_fs_remove(&self->fs);
}

/* Type and permissions of a file, its owner and group. */
static void has(struct __test_metadata *_metadata, const char *path,
		mode_t mode, uid_t uid, gid_t gid)
{
	struct stat st;

	ASSERT_EQ(0, stat(path, &st)) {
		TH_LOG("%s", path);
	}
	EXPECT_EQ(mode, st.st_mode) {
		TH_LOG("%s", path);
	}
	EXPECT_EQ(uid, st.st_uid);
	EXPECT_EQ(gid, st.st_gid);
}

static void all_have(struct __test_metadata *_metadata, mode_t dir, uid_t uid,
		     gid_t gid)
{
	has(_metadata, I, S_IFDIR | dir, uid, gid);
	has(_metadata, I "/config", S_IFREG | 0644, uid, gid);
	has(_metadata, I "/error_log", S_IFREG | 0640, uid, gid);
	has(_metadata, I "/stats", S_IFREG | 0444, uid, gid);
	has(_metadata, I "/events", S_IFREG | 0440, uid, gid);
	has(_metadata, I "/watch", S_IFREG | 0666, uid, gid);
}

static bool says(const char *option)
{
	return !fse_sh("grep '^none " I " fstrace .*%s' /proc/mounts >/dev/null",
		       option);
}

TEST_F(instances, are_what_they_say)
{
	struct statfs st;

	ASSERT_EQ(0, statfs(FSE_DIR, &st));
	EXPECT_EQ(FSTRACE_MAGIC, st.f_type);
	ASSERT_EQ(0, mount("none", I, "fstrace", 0, NULL));
	ASSERT_EQ(0, statfs(I "/config", &st));
	EXPECT_EQ(FSTRACE_MAGIC, st.f_type);
	all_have(_metadata, 0755, 0, 0);
	EXPECT_FALSE(says("uid="));
	EXPECT_FALSE(says("mode="));
}

TEST_F(instances, options)
{
	ASSERT_EQ(0, mount("none", I, "fstrace", 0, "uid=7,gid=8,mode=0750"));
	all_have(_metadata, 0750, 7, 8);
	EXPECT_TRUE(says("uid=7,gid=8,mode=750"));
	/* The other instance keeps its options. */
	has(_metadata, FSE_DIR "/config", S_IFREG | 0644, 0, 0);
	has(_metadata, FSE_DIR, S_IFDIR | 0755, 0, 0);
}

TEST_F(instances, options_on_remount)
{
	ASSERT_EQ(0, mount("none", I, "fstrace", 0, "gid=8"));
	all_have(_metadata, 0755, 0, 8);
	ASSERT_EQ(0, mount(NULL, I, NULL, MS_REMOUNT, "uid=9,mode=1700"));
	all_have(_metadata, 01700, 9, 8);
	EXPECT_TRUE(says("uid=9,gid=8,mode=1700"));
	/* Options that are not named stay. */
	ASSERT_EQ(0, mount(NULL, I, NULL, MS_REMOUNT, NULL));
	all_have(_metadata, 01700, 9, 8);
	ASSERT_EQ(0, mount(NULL, I, NULL, MS_REMOUNT, "gid=0"));
	all_have(_metadata, 01700, 9, 0);
}

/* Regression: any remount, even a read-only one, reset all options. */
TEST_F(instances, remount_keeps_what_it_does_not_change)
{
	ASSERT_EQ(0, mount("none", I, "fstrace", 0, "uid=7,gid=8"));
	ASSERT_EQ(0, chown(I "/events", 5, 6));
	ASSERT_EQ(0, chmod(I "/events", 0460));
	ASSERT_EQ(0, chmod(I, 0711));
	ASSERT_EQ(0, mount(NULL, I, NULL, MS_REMOUNT | MS_RDONLY, NULL));
	has(_metadata, I "/events", S_IFREG | 0460, 5, 6);
	has(_metadata, I, S_IFDIR | 0711, 7, 8);
	/* mount(8) passes the previous options. */
	ASSERT_EQ(0, fse_sh("mount -o remount,rw " I));
	has(_metadata, I "/events", S_IFREG | 0460, 5, 6);
	ASSERT_EQ(0, mount(NULL, I, NULL, MS_REMOUNT, "gid=9"));
	has(_metadata, I "/events", S_IFREG | 0460, 5, 9);
	has(_metadata, I "/config", S_IFREG | 0644, 7, 9);
	has(_metadata, I, S_IFDIR | 0711, 7, 9);
}

/* Regression: a value that the option had already was not applied. */
TEST_F(instances, remount_applies_what_it_names)
{
	unsigned int i;

	ASSERT_EQ(0, mount("none", I, "fstrace", 0, NULL));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, fse_sh("chown 7:8 " I "/* && chmod 711 " I));
		/* These name another option. */
		ASSERT_EQ(0, fse_sh("mount -o remount,rw " I));
		has(_metadata, I "/events", S_IFREG | 0440, 7, 8);
		ASSERT_EQ(0, fse_sh("mount -o remount,gid=0 " I));
		has(_metadata, I "/events", S_IFREG | 0440, 7, 0);
		has(_metadata, I, S_IFDIR | 0711, 0, 0);
		EXPECT_TRUE(says("gid=0"));
		EXPECT_FALSE(says("uid="));
		ASSERT_EQ(0, fse_sh("mount -o remount,uid=0,mode=755 " I));
		all_have(_metadata, 0755, 0, 0);
		EXPECT_TRUE(says("uid=0,gid=0,mode=755"));
	}
}

/* An option is shown for as long as it holds for all files. */
TEST_F(instances, options_that_do_not_hold_are_not_shown)
{
	ASSERT_EQ(0, mount("none", I, "fstrace", 0, "uid=7,gid=8,mode=0750"));
	ASSERT_EQ(0, chmod(I "/events", 0460));
	ASSERT_EQ(0, chown(I "/events", 7, 8));
	EXPECT_TRUE(says("uid=7,gid=8,mode=750"));
	ASSERT_EQ(0, chown(I "/events", -1, 6));
	EXPECT_TRUE(says("uid=7,mode=750"));
	ASSERT_EQ(0, chmod(I, 0700));
	EXPECT_TRUE(says("uid=7"));
	EXPECT_FALSE(says("mode="));
	ASSERT_EQ(0, chown(I "/stats", 5, -1));
	EXPECT_FALSE(says("uid="));
}

/* The group of gid= may read events; others may not. */
static int in_group(void *group)
{
	int fd;

	if (setgroups(0, NULL) || setgid(*(gid_t *)group) || setuid(1000))
		return 100;
	fd = open(I "/events", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? errno : 0;
}

TEST_F(instances, a_group_may_read_events)
{
	gid_t monitoring = 8, foreign = 4711;

	ASSERT_EQ(0, mount("none", I, "fstrace", 0, "gid=8"));
	EXPECT_EQ(0, fse_child(in_group, &monitoring));
	EXPECT_EQ(EACCES, fse_child(in_group, &foreign));
}

TEST_F(instances, wrong_options_are_refused)
{
	static const char * const wrong[] = {
		"uid=x", "uid=-1", "uid=", "uid", "gid=4294967295",
		"gid=1.5", "mode=9", "mode=rwx", "mode=10000", "mode=-1",
		"mode=", "size=1M", "nonsense",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(-1, mount("none", I, "fstrace", 0, wrong[i])) {
			TH_LOG("%s", wrong[i]);
			umount(I);
		}
		EXPECT_EQ(EINVAL, errno);
	}
	ASSERT_EQ(0, mount("none", I, "fstrace", 0, "uid=7,mode=711"));
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		char options[64];

		/* Also after a valid option. */
		snprintf(options, sizeof(options), "gid=5,%s", wrong[i]);
		EXPECT_EQ(-1, mount(NULL, I, NULL, MS_REMOUNT, options)) {
			TH_LOG("remount: %s", wrong[i]);
		}
		EXPECT_EQ(EINVAL, errno);
	}
	all_have(_metadata, 0711, 7, 0);
}

/* Each mount shows the watches of its user namespace. */
TEST_F(instances, show_the_same_watches)
{
	char log[4096];

	ASSERT_EQ(0, mount("none", I, "fstrace", 0, NULL));
	EXPECT_STREQ(WATCHED, fse_read(I "/config"));
	EXPECT_EQ(0, fse_put(I "/config", F " T 5;!" F " G"));
	EXPECT_STREQ(F FSE_TMPFS "(T 5)\n", fse_read("config"));
	EXPECT_EQ(-EINVAL, fse_put(I "/config", F " X"));
	snprintf(log, sizeof(log), "%s", fse_read("error_log"));
	EXPECT_NE(NULL, strstr(log, F " X"));
	EXPECT_STREQ(log, fse_read(I "/error_log"));
	EXPECT_EQ(0, fse_put(I "/error_log", "\n"));
	EXPECT_STREQ("", fse_read("error_log"));
	EXPECT_NE(NULL, strstr(fse_read(I "/stats"), "watches 1\n"));
	EXPECT_EQ(0, fse_put(I "/config", "\n"));
	EXPECT_EQ(0, fse_watches());
}

/* Regression: unmounting dropped all watches and could hang. */
TEST_F(instances, unmounting_changes_no_watch)
{
	struct fse_listener l;
	struct fse_event ev;
	__u64 all = fse_total(&self->fs);

	ASSERT_EQ(0, fse_listen(&l));
	ASSERT_EQ(0, fse_config(F " T %llu", all / 2));
	ASSERT_EQ(0, umount(FSE_DIR));
	EXPECT_EQ(0, fse_fill_to(&self->fs, "file", all / 2));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&l, F, &ev, FSE_SOON));
	ASSERT_EQ(0, mount("none", FSE_DIR, "fstrace", 0, NULL));
	EXPECT_EQ(1, fse_watches());
	EXPECT_EQ(0, fse_free(&self->fs, "file"));
	EXPECT_EQ(FS_THR_LRABOVE, fse_next_of(&l, F, &ev, FSE_SOON));
	fse_unlisten(&l);
}

/* Like any file system: busy, and usable after MNT_DETACH. */
TEST_F(instances, an_open_file_outlives_its_lazy_unmount)
{
	char buf[256] = "";
	int fd;

	ASSERT_EQ(0, mount("none", I, "fstrace", 0, NULL));
	fd = open(I "/config", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, umount(I));
	EXPECT_EQ(EBUSY, errno);
	EXPECT_EQ(0, umount2(I, MNT_DETACH));
	EXPECT_EQ(strlen(F " T 5"), write(fd, F " T 5", strlen(F " T 5")));
	EXPECT_LT(0, read(fd, buf, sizeof(buf) - 1));
	EXPECT_STREQ(F FSE_TMPFS "(G,T 5)\n", buf);
	close(fd);
	EXPECT_EQ(1, fse_watches());
}

TEST_F(instances, files_are_neither_made_nor_removed)
{
	ASSERT_EQ(0, mount("none", I, "fstrace", 0, "mode=0777"));
	EXPECT_GT(0, open(I "/new", O_CREAT | O_RDWR, 0644));
	EXPECT_GT(0, mkdir(I "/new", 0755));
	EXPECT_GT(0, symlink("config", I "/new"));
	EXPECT_GT(0, mknod(I "/new", S_IFIFO | 0644, 0));
	EXPECT_GT(0, link(I "/config", I "/new"));
	EXPECT_GT(0, rename(I "/config", I "/new"));
	EXPECT_GT(0, rename(I "/config", I "/stats"));
	EXPECT_GT(0, unlink(I "/config"));
	EXPECT_GT(0, rmdir(I "/config"));
	EXPECT_EQ(0, fse_sh("[ \"$(echo $(ls -A %s))\" = '%s' ]", I,
			    "config error_log events stats watch"));
	EXPECT_STREQ(WATCHED, fse_read(I "/config"));
}

TEST_F(instances, stats_are_numbers_in_a_fixed_order)
{
	static const char * const keys[] = {
		"watches", "notified", "coalesced", "sent", "no_listener",
		"send_failed", "lost", "samples", "sample_failed", "kicks",
		"stuck", "refused",
	};
	const char *s = fse_read("stats");
	unsigned int i;
	char *end;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		size_t len = strlen(keys[i]);

		ASSERT_EQ(0, strncmp(s, keys[i], len)) {
			TH_LOG("expected %s: %s", keys[i], s);
		}
		ASSERT_EQ(' ', s[len]);
		EXPECT_LE(0, strtoll(s + len + 1, &end, 10));
		ASSERT_EQ('\n', *end);
		s = end + 1;
	}
	/* Writing fails even for root. */
	EXPECT_EQ(-EINVAL, fse_put(FSE_DIR "/stats", "0"));
}

TEST_HARNESS_MAIN
