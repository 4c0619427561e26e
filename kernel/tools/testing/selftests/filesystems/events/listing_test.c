// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading config: which reader sees which watches, by which path; in pieces,
 * repeatedly, and during writes.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "control.h"
#include "disk.h"
#include "filesystem.h"
#include "harness.h"
#include "module.h"
#include "process.h"

/* Outside and inside of the chroot of some readers. */
#define X "/mnt/x"
#define Y "/mnt/y"
#define IN Y "/in"
#define DEEP Y "/in/deep"

#define LINE_X X FSE_TMPFS "(G)\n"
#define LINE_IN IN FSE_TMPFS "(T 5)\n"
#define LINE_DEEP DEEP FSE_TMPFS "(I 7)\n"
#define LISTED (LINE_X LINE_IN LINE_DEEP)

FIXTURE(listing)
{
	struct fse_fs x;
	struct fse_fs y;
};

FIXTURE_SETUP(listing)
{
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fs_make(&self->x, "tmpfs", "x", 8, ""));
	ASSERT_EQ(0, fse_fs_make(&self->y, "tmpfs", "y", 8, ""));
	ASSERT_EQ(0, mkdir(IN, 0755));
	ASSERT_EQ(0, mount("tmpfs", IN, "tmpfs", 0, "size=1M"));
	ASSERT_EQ(0, mkdir(DEEP, 0755));
	ASSERT_EQ(0, mount("tmpfs", DEEP, "tmpfs", 0, "size=1M"));
	ASSERT_EQ(0, fse_config(X " G;" IN " T 5;" DEEP " I 7"));
}

FIXTURE_TEARDOWN(listing)
{
	fse_config("\n");
	fse_fs_remove(&self->x);
	fse_fs_remove(&self->y);
}

/* Reads a file to its end in pieces of @piece bytes. */
static const char *read_pieces(int fd, size_t piece)
{
	static char buf[1 << 16];
	size_t len = 0;
	ssize_t n;

	do {
		n = read(fd, buf + len, piece);
		len += n > 0 ? n : 0;
	} while (n > 0 && len + piece < sizeof(buf));
	buf[len] = '\0';
	return buf;
}

static int reads_locked_in(void *arg)
{
	int fd, dir = open(FSE_DIR, O_DIRECTORY | O_CLOEXEC);

	if (dir < 0 || chroot(arg) || chdir("/"))
		return 1;
	fd = openat(dir, "config", O_RDONLY);
	if (fd < 0)
		return 2;
	/* Paths are relative to the chroot; watches outside are missing. */
	return strcmp(read_pieces(fd, 4096), strcmp(arg, IN) ?
		      "/in" FSE_TMPFS "(T 5)\n/in/deep" FSE_TMPFS "(I 7)\n" :
		      "/" FSE_TMPFS "(T 5)\n/deep" FSE_TMPFS "(I 7)\n") ? 3 : 0;
}

TEST_F(listing, leaves_out_what_is_outside_the_readers_root)
{
	EXPECT_EQ(0, fse_child(reads_locked_in, Y));
	EXPECT_EQ(0, fse_child(reads_locked_in, IN));
	EXPECT_STREQ(LISTED, fse_read("config"));
}

/* A mount namespace has the mounts that were made or copied there. */
static int reads_elsewhere(void *arg)
{
	(void)arg;
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return 1;
	if (strcmp(fse_read("config"), ""))
		return 2;
	if (mount("tmpfs", X, "tmpfs", 0, "size=1M") || fse_config(X " I 3"))
		return 3;
	if (strcmp(fse_read("config"), X FSE_TMPFS "(I 3)\n"))
		return 4;
	/*
	 * Through /proc/1/root, its mount can be changed but is not listed
	 * here.
	 */
	if (fse_config("/proc/1/root" IN " T 6") ||
	    strcmp(fse_read("config"), X FSE_TMPFS "(I 3)\n"))
		return 5;
	return fse_stat("watches") == 4 ? 0 : 6;
}

TEST_F(listing, leaves_out_what_is_in_another_mount_namespace)
{
	EXPECT_EQ(0, fse_child(reads_elsewhere, NULL));
	EXPECT_STREQ(LINE_X IN FSE_TMPFS "(T 6)\n" LINE_DEEP,
		     fse_read("config"));
}

TEST_F(listing, shows_where_a_mount_was_moved_to)
{
	/* A mount below a shared one can't be moved. */
	ASSERT_EQ(0, mount(NULL, Y, NULL, MS_REC | MS_PRIVATE, NULL));
	ASSERT_EQ(0, mkdir(Y "/moved", 0755));
	ASSERT_EQ(0, mount(IN, Y "/moved", NULL, MS_MOVE, NULL));
	EXPECT_STREQ(LINE_X Y "/moved" FSE_TMPFS "(T 5)\n"
		     Y "/moved/deep" FSE_TMPFS "(I 7)\n", fse_read("config"));
	EXPECT_EQ(0, fse_config(Y "/moved I 4"));
	EXPECT_NE(NULL, fse_listed(Y "/moved"));
}

TEST_F(listing, may_be_read_in_pieces_and_again)
{
	static const size_t pieces[] = { 1, 2, 7, 30, 31, 4096, 60000 };
	int fd = open(FSE_DIR "/config", O_RDWR | O_CLOEXEC);
	char buf[8] = "";
	unsigned int i;

	ASSERT_LE(0, fd);
	for (i = 0; i < ARRAY_SIZE(pieces); i++) {
		EXPECT_STREQ(LISTED, read_pieces(fd, pieces[i]));
		EXPECT_EQ(0, lseek(fd, 0, SEEK_SET));
	}
	EXPECT_EQ(strlen(LINE_X), lseek(fd, strlen(LINE_X), SEEK_SET));
	EXPECT_STREQ(LINE_IN LINE_DEEP, read_pieces(fd, 5));
	EXPECT_EQ(4, pread(fd, buf, 4, 1));
	EXPECT_STREQ("mnt/", buf);
	EXPECT_EQ(0, pread(fd, buf, 4, 100000));

	/* Reading again shows later writes. */
	EXPECT_EQ(strlen("!" X), write(fd, "!" X, strlen("!" X)));
	EXPECT_EQ(0, lseek(fd, 0, SEEK_SET));
	EXPECT_STREQ(LINE_IN LINE_DEEP, read_pieces(fd, 4096));
	close(fd);
}

/* A reader in pieces misses no watch because another one ended. */
TEST_F(listing, a_watch_that_ends_hides_no_other)
{
	int fd = open(FSE_DIR "/config", O_RDONLY | O_CLOEXEC);
	char line[256] = "";

	ASSERT_LE(0, fd);
	ASSERT_EQ(strlen(LINE_X), read(fd, line, strlen(LINE_X)));
	EXPECT_STREQ(LINE_X, line);
	ASSERT_EQ(0, fse_config("!" X));
	EXPECT_STREQ(LINE_IN LINE_DEEP, read_pieces(fd, strlen(LINE_IN)));
	/* A new watch is added at the end, so it is still read. */
	ASSERT_EQ(0, fse_config(X " G"));
	EXPECT_STREQ(LINE_X, read_pieces(fd, 4096));
	close(fd);
}

/* Lines can be longer than a page: escaped paths, many levels. */
TEST_F(listing, has_lines_longer_than_a_page)
{
	char name[201], path[2048] = X, text[16384], want[16384] = X;
	unsigned int i;
	int fd;

	memset(name, ' ', 200);
	name[200] = '\0';
	for (i = 0; i < 9; i++) {
		strcat(strcat(path, "/"), name);
		ASSERT_EQ(0, mkdir(path, 0755));
	}
	ASSERT_EQ(0, mount("tmpfs", path, "tmpfs", 0, "size=1M"));
	for (i = 0; i < 9 * 200; i++)
		strcat(strcat(want, i % 200 ? "" : "/"), "\\040");
	snprintf(text, sizeof(text), "%s T", want);
	strcat(want, FSE_TMPFS "(T");
	for (i = 64; i; i--) {
		char level[32];

		snprintf(level, sizeof(level), " %u:18014398509481983K", i);
		strcat(text, level);
		strcat(want, level);
	}
	strcat(want, ")\n");
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_config("%s", text));
	fd = open(FSE_DIR "/config", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_STREQ(want, read_pieces(fd, 100));
	EXPECT_EQ(0, lseek(fd, 0, SEEK_SET));
	EXPECT_STREQ(want, read_pieces(fd, 60000));
	close(fd);
}

/* Odd children add and remove watches; the others read. */
static int churn_or_read(unsigned int who, void *arg)
{
	unsigned int i, rounds = *(unsigned int *)arg;

	for (i = 0; i < rounds; i++) {
		const char *s;
		int fd;

		if (who & 1) {
			if (fse_config("!" X) ||
			    fse_config(X " G T %u:1G", i + 1))
				return 1;
			continue;
		}
		fd = open(FSE_DIR "/config", O_RDONLY | O_CLOEXEC);
		s = read_pieces(fd, who ? 10 : 4096);
		close(fd);
		/* These two always exist. */
		if (!strstr(s, LINE_IN LINE_DEEP))
			return 2;
		/* The third is listed completely or not at all. */
		for (; *s; s = strchr(s, '\n') + 1)
			if (!strchr(s, '\n') ||
			    (strncmp(s, LINE_IN, strlen(LINE_IN)) &&
			     strncmp(s, LINE_DEEP, strlen(LINE_DEEP)) &&
			     strncmp(s, X FSE_TMPFS "(G,T ",
				     strlen(X FSE_TMPFS "(G,T "))))
				return 3;
	}
	return 0;
}

TEST_F_TIMEOUT(listing, is_whole_while_others_write, 120)
{
	unsigned int rounds = 100;

	ASSERT_EQ(0, fse_config(X " G T 1"));
	EXPECT_EQ(0, fse_race(3, churn_or_read, &rounds));
	EXPECT_EQ(3, fse_watches());
}

/*
 * A module can't see the source of a mount: it lists the type, or the kernel's
 * name of the device.
 */
TEST_F(listing, source_is_that_of_the_mount_table)
{
	ASSERT_EQ(0, umount2(DEEP, MNT_DETACH));
	ASSERT_EQ(0, fse_config("!" X ";!" IN));
	ASSERT_EQ(0, mount("//my disk=1", X, "tmpfs", 0, "size=1M"));
	ASSERT_EQ(0, fse_config(X " G"));
	EXPECT_STREQ(built_in() ? X " tmpfs //my\\040disk=1 (G)\n" :
		     X FSE_TMPFS "(G)\n", fse_read("config"));
	ASSERT_EQ(0, umount(X));
}

TEST_F(listing, source_of_a_mapped_device)
{
	char line[128] = FSE_DISK_MOUNT " ext4 " FSE_DISK " (G)\n";
	struct fse_disk d;
	struct stat st;

	ASSERT_EQ(0, fse_disk_make(&d, "ext4", "mke2fs -qF", 16, ""));
	ASSERT_EQ(0, stat(FSE_DISK, &st));
	if (!built_in())
		snprintf(line, sizeof(line),
			 FSE_DISK_MOUNT " ext4 /dev/dm-%u (G)\n",
			 minor(st.st_rdev));
	ASSERT_EQ(0, fse_config("\n" FSE_DISK_MOUNT " G"));
	EXPECT_NE(NULL, strstr(fse_read("config"), line))
		TH_LOG("%s", fse_read("config"));
	fse_disk_remove(&d);
}

/* Printing the list must not control a terminal. */
TEST_F(listing, names_that_are_no_text)
{
	static const char dir[] =
		X "/\033[2J\302\233\342\200\256\377M\303\274ller";
	static const char shown[] =
		X "/\\033[2J\\302\\233\\342\\200\\256\\377M\303\274ller";

	ASSERT_EQ(0, mkdir(dir, 0755));
	ASSERT_EQ(0, mount("tmpfs", dir, "tmpfs", 0, "size=1M"));
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_config("%s G", dir));
	EXPECT_EQ(0, strncmp(shown, fse_read("config"), strlen(shown)));
	EXPECT_STREQ(FSE_TMPFS "(G)\n", fse_read("config") + strlen(shown));
	/* Listed names can be written back. */
	EXPECT_EQ(0, fse_config("!%s", shown));
	EXPECT_EQ(0, fse_watches());
	EXPECT_EQ(0, umount(dir));
}

TEST_HARNESS_MAIN
