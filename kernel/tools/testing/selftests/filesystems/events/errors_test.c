// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors reported to fsnotify (FS_ERROR), here by ext4.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "harness.h"
#include "process.h"
#include "stream.h"
#include "watched.h"

#define PROBES	"/sys/kernel/debug/kprobes/enabled"

FIXTURE(errors)
{
	struct fse_watched w;
};

FIXTURE_SETUP(errors)
{
	ASSERT_EQ(0, fse_begin(&self->w, "ext4", 16, "", ""));
}

FIXTURE_TEARDOWN(errors)
{
	fse_put(PROBES, "1");
	fse_end(&self->w);
}

static __u64 real_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

TEST_F(errors, are_reported_with_errno_and_pid)
{
	__u64 before = real_ns();

	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ASSERT_EQ(0, fse_raise(&self->w));
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	EXPECT_EQ(EUCLEAN, self->w.ev.error);
	EXPECT_EQ(getpid(), self->w.ev.pid);
	EXPECT_EQ(1, self->w.ev.count);
	EXPECT_FALSE(fse_has(&self->w.ev, FS_NL_A_INO));
	EXPECT_LE(before, self->w.ev.time);
	EXPECT_GE(real_ns(), self->w.ev.time);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

struct level {
	struct fse_watched *w;
	int fd;
};

static int asks_for_a_level(void *arg)
{
	struct level *l = arg;

	if (fse_become_user())
		return 1;
	return fse_ask(l->fd, "%s T 1", l->w->fs.mount) ? 2 : 0;
}

/*
 * Regression: a watch that a writer without privilege had made, through a file of
 * root, got no generic events later.
 */
TEST_F(errors, come_to_a_watch_of_levels)
{
	struct level l = { .w = &self->w, .fd = fse_private_open(0) };

	ASSERT_LE(0, l.fd);
	ASSERT_EQ(0, fse_child(asks_for_a_level, &l));
	ASSERT_EQ(0, fse_ask(l.fd, "%s G:corrupted", self->w.fs.mount));
	ASSERT_EQ(0, fse_raise(&self->w));
	EXPECT_STREQ("corrupted", fse_field(fse_stream_line(l.fd), "event"));
	close(l.fd);
}

TEST_F(errors, names_choose)
{
	ASSERT_EQ(0, fse_watch(&self->w, "G:enospc,io_error,shutdown"));
	ASSERT_EQ(0, fse_raise(&self->w));
	/*
	 * Errors from before the event was enabled are neither sent nor
	 * counted.
	 */
	ASSERT_EQ(0, fse_watch(&self->w, "G:corrupted"));
	ASSERT_EQ(0, fse_raise(&self->w));
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	EXPECT_EQ(1, self->w.ev.count);
	ASSERT_EQ(0, fse_watch(&self->w, "T 1"));
	ASSERT_EQ(0, fse_config("!%s G", self->w.fs.mount));
	ASSERT_EQ(0, fse_raise(&self->w));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Overwrites the first block of a file or directory. */
#define DAMAGE								\
	"b=$(debugfs -R 'blocks /%s' %s 2>/dev/null) && "		\
	"yes | dd of=%s bs=%u seek=$b count=1 conv=notrunc 2>/dev/null"

/*
 * Creates directory @name with a file "f", overwrites its block and remounts
 * the file system. Returns its inode number, or 0.
 */
static __u64 damage(struct fse_watched *w, const char *name)
{
	struct stat st;
	char dir[160];

	snprintf(dir, sizeof(dir), "%s/%s", w->fs.mount, name);
	if (mkdir(dir, 0700) || fse_sh("echo x > %s/f", dir) ||
	    stat(dir, &st) || umount(w->fs.mount) ||
	    fse_sh(DAMAGE, name, w->fs.dev, w->fs.dev,
		   (unsigned int)st.st_blksize) ||
	    fse_sh("mount -t ext4 %s %s", w->fs.dev, w->fs.mount))
		return 0;
	return st.st_ino;
}

/* A wrong checksum: EBADMSG. */
TEST_F(errors, corruption_is_reported_with_its_inode)
{
	__u64 ino = damage(&self->w, "damaged");
	struct stat st;
	char path[160];

	ASSERT_NE(0, ino);
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	snprintf(path, sizeof(path), "%s/damaged/f", self->w.fs.mount);
	EXPECT_EQ(-1, stat(path, &st));
	EXPECT_EQ(EBADMSG, errno);
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	EXPECT_EQ(EBADMSG, self->w.ev.error);
	EXPECT_TRUE(fse_has(&self->w.ev, FS_NL_A_INO));
	EXPECT_EQ(ino, self->w.ev.ino);
	EXPECT_EQ(getpid(), self->w.ev.pid);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Damage without checksums: EUCLEAN. */
TEST(nonsense_is_reported_with_its_inode)
{
	struct fse_watched w;
	char path[160];
	__u64 ino;
	DIR *d;

	ASSERT_EQ(0, fse_begin(&w, "ext4", 16, "-O ^metadata_csum", ""));
	ino = damage(&w, "damaged");
	ASSERT_NE(0, ino);
	ASSERT_EQ(0, fse_watch(&w, "G:corrupted"));
	snprintf(path, sizeof(path), "%s/damaged", w.fs.mount);
	d = opendir(path);
	ASSERT_NE(NULL, d);
	readdir(d);
	closedir(d);
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&w));
	EXPECT_EQ(EUCLEAN, w.ev.error);
	EXPECT_EQ(ino, w.ev.ino);
	EXPECT_EQ(getpid(), w.ev.pid);
	fse_end(&w);
}

/* Inserts a device mapper device that can fail, and mounts again. */
#define INTERPOSE							\
	"n=$(blockdev --getsz %s) && umount %s && "			\
	"dmsetup create fse --table \"0 $n linear %s 0\" && "		\
	"d=$(dmsetup info -c --noheadings -o blkdevname fse) && "	\
	"mount -t ext4 /dev/$d %s"

/* The device fails below the file system: an inode can't be read. */
TEST_F(errors, a_failed_read_is_an_io_error)
{
	struct fse_watched *w = &self->w;
	struct stat st;
	char path[160];
	DIR *d;

	ASSERT_EQ(0, fse_files(&w->fs, 0, 200));
	snprintf(path, sizeof(path), "%s/199", w->fs.mount);
	ASSERT_EQ(0, stat(path, &st));
	ASSERT_EQ(0, fse_sh(INTERPOSE, w->fs.dev, w->fs.mount, w->fs.dev,
			    w->fs.mount));
	ASSERT_EQ(0, fse_watch(w, "G"));
	/* The names are cached, the inodes are not. */
	d = opendir(w->fs.mount);
	ASSERT_NE(NULL, d);
	while (readdir(d))
		;
	closedir(d);
	ASSERT_EQ(0, fse_sh("dmsetup wipe_table --nolockfs fse"));

	EXPECT_EQ(-1, stat(path, &st));
	EXPECT_EQ(EIO, errno);
	EXPECT_EQ(FS_ERR_IO, fse_event(w));
	EXPECT_EQ(EIO, w->ev.error);
	EXPECT_EQ(st.st_ino, w->ev.ino);
	EXPECT_EQ(getpid(), w->ev.pid);

	ASSERT_EQ(0, fse_config("\n"));
	EXPECT_EQ(0, umount(w->fs.mount));
	EXPECT_EQ(0, fse_sh("dmsetup remove fse"));
}

/*
 * Since v7.0 direct I/O that fails is reported whatever the errno, and any task
 * may pass a bad address: that says nothing about the file system.
 */
TEST(a_bad_address_is_no_io_error)
{
	struct fse_watched w;
	char path[160];
	int fd;

	ASSERT_EQ(0, fse_begin(&w, "xfs", 300, "", ""));
	ASSERT_EQ(0, fse_fill(&w.fs, "file", 64));
	ASSERT_EQ(0, fse_watch(&w, "G"));
	snprintf(path, sizeof(path), "%s/file", w.fs.mount);
	fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, pwrite(fd, (void *)4096, 4096, 0));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, pread(fd, (void *)4096, 4096, 0));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, fse_left(&w.l));
	fse_end(&w);
}

/* Raises three, and returns how many are reported in the next half second. */
static unsigned int raise_and_count(struct fse_watched *w)
{
	unsigned int i, n = 0;

	for (i = 0; i < 3; i++) {
		if (fse_raise(w))
			return 0;
	}
	while (fse_next_of(&w->l, w->fs.mount, &w->ev, 500) == FS_ERR_CORRUPTED)
		n += w->ev.count;
	return n;
}

/* Newer kernels report them once more, from a work item. */
TEST_F(errors, are_reported_once)
{
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	EXPECT_EQ(3, raise_and_count(&self->w));
}

TEST_F(errors, are_reported_without_kprobes)
{
	if (access(PROBES, W_OK))
		SKIP(return, "no kprobes to switch off");
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ASSERT_EQ(0, fse_put(PROBES, "0"));
	EXPECT_EQ(3, raise_and_count(&self->w));
	ASSERT_EQ(0, fse_put(PROBES, "1"));
	EXPECT_EQ(3, raise_and_count(&self->w));
}

static void *raise_in_thread(void *arg)
{
	return fse_raise(arg) ? arg : NULL;
}

/* Regression: events carried the thread's ID. */
TEST_F(errors, the_pid_is_that_of_the_process)
{
	pthread_t thread;
	void *failed;

	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ASSERT_EQ(0, pthread_create(&thread, NULL, raise_in_thread, &self->w));
	ASSERT_EQ(0, pthread_join(thread, &failed));
	ASSERT_EQ(NULL, failed);
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	EXPECT_EQ(getpid(), self->w.ev.pid);
}

/* The first process of a new pid namespace. */
static int raise_as_init(void *w)
{
	return getpid() != 1 || fse_raise(w);
}

static int watch_as_init(void *w)
{
	return fse_watch(w, "G") || raise_as_init(w);
}

/* Regression: events carried the pid of the container's pid namespace. */
TEST_F(errors, the_pid_is_as_the_maker_of_the_watch_sees_it)
{
	pid_t pid;

	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ASSERT_EQ(0, unshare(CLONE_NEWPID));
	pid = fse_start(raise_as_init, &self->w);
	ASSERT_EQ(0, fse_wait(pid));
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	EXPECT_EQ(pid, self->w.ev.pid);
}

/* Also after the process and its namespace have ended. */
TEST_F(errors, a_process_invisible_to_the_maker_has_no_pid)
{
	ASSERT_EQ(0, unshare(CLONE_NEWPID));
	ASSERT_EQ(0, fse_child(watch_as_init, &self->w));
	ASSERT_EQ(0, fse_raise(&self->w));
	EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
	EXPECT_EQ(1, self->w.ev.pid);
	if (self->w.ev.count == 1) {
		EXPECT_EQ(FS_ERR_CORRUPTED, fse_event(&self->w));
		EXPECT_EQ(0, self->w.ev.pid);
	}
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_HARNESS_MAIN
