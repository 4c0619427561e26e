// SPDX-License-Identifier: GPL-2.0-only
/*
 * Permission to change watches: CAP_SYS_ADMIN over the file system, of both the
 * opener of the file and the writer.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control.h"
#include "filesystem.h"
#include "harness.h"
#include "process.h"

#define U "/mnt/u"
/* An fstrace instance whose files belong to a user without privilege. */
#define THEIRS "/mnt/theirs"
#define WATCHED U FSE_TMPFS "(G)\n"

FIXTURE(permissions)
{
	struct fse_fs fs;
};

FIXTURE_SETUP(permissions)
{
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_put(FSE_DIR "/error_log", "\n"));
	ASSERT_EQ(0, fse_fs_make(&self->fs, "tmpfs", "u", 8, ""));
	ASSERT_EQ(0, mkdir(THEIRS, 0755));
	ASSERT_EQ(0, mount("none", THEIRS, "fstrace", 0,
			   "uid=65534,gid=65534"));
	ASSERT_EQ(0, fse_config(U " G"));
}

FIXTURE_TEARDOWN(permissions)
{
	fse_config("\n");
	umount(THEIRS);
	rmdir(THEIRS);
	fse_fs_remove(&self->fs);
}

static bool becomes_nobody(void)
{
	return !setresgid(FSE_NOBODY, FSE_NOBODY, FSE_NOBODY) &&
	       !setresuid(FSE_NOBODY, FSE_NOBODY, FSE_NOBODY);
}

static int only_reads(void *arg)
{
	(void)arg;
	if (!becomes_nobody())
		return 1;
	if (strcmp(fse_read("config"), WATCHED) || fse_stat("watches") != 1)
		return 2;
	if (open(FSE_DIR "/error_log", O_RDONLY) >= 0 || errno != EACCES)
		return 3;
	if (open(FSE_DIR "/stats", O_WRONLY) >= 0 || errno != EACCES)
		return 4;
	if (open(FSE_DIR "/events", O_RDONLY) >= 0 || errno != EACCES)
		return 6;
	return fse_put(FSE_DIR "/config", U " T 5") == -EACCES ? 0 : 5;
}

TEST_F(permissions, any_user_reads_what_is_watched)
{
	EXPECT_EQ(0, fse_child(only_reads, NULL));
	EXPECT_STREQ(WATCHED, fse_read("config"));
}

static int writes_unprivileged(void *arg)
{
	static const char * const writes[] = {
		U " G", U " T 5", "!" U, "!" U " G", "\n", "  ",
	};
	unsigned int i;

	(void)arg;
	if (!becomes_nobody())
		return 255;
	for (i = 0; i < ARRAY_SIZE(writes); i++)
		if (fse_put(THEIRS "/config", writes[i]) != -EPERM)
			return i + 1;
	/* Syntax is checked first, and an empty request changes nothing. */
	if (fse_put(THEIRS "/config", U " X") != -EINVAL ||
	    fse_put(THEIRS "/config", ";"))
		return 100;
	return 0;
}

/* Not even with files of its own. */
TEST_F(permissions, an_unprivileged_writer_changes_nothing)
{
	EXPECT_EQ(0, fse_child(writes_unprivileged, NULL));
	EXPECT_STREQ(WATCHED, fse_read("config"));
	EXPECT_NE(NULL, strstr(fse_read("error_log"),
			       "EPERM: needs CAP_SYS_ADMIN to stop all"));
	EXPECT_NE(NULL, strstr(fse_read("error_log"),
			       "EPERM: needs CAP_SYS_ADMIN over the file"));
	EXPECT_NE(NULL, strstr(fse_read("error_log"), "  !" U "\n   ^\n"));
}

/* Opens as @opener, writes as @writer: 0 or a negative errno. */
static int opened_and_written(uid_t opener, uid_t writer, const char *text)
{
	int fd, err;

	if (seteuid(opener))
		return -ESRCH;
	fd = open(THEIRS "/config", O_WRONLY | O_CLOEXEC);
	if (seteuid(0) || seteuid(writer))
		return -ESRCH;
	err = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return seteuid(0) ? -ESRCH : err;
}

/*
 * A privileged program must not write requests to a file that an unprivileged
 * task opened as its standard output, nor may a file opened by a privileged
 * program give its rights to other tasks.
 */
TEST_F(permissions, of_opener_and_writer_both)
{
	static const char * const writes[] = { U " T 5", "!" U, "\n" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(writes); i++) {
		EXPECT_EQ(-EPERM, opened_and_written(FSE_NOBODY, 0,
						     writes[i]));
		EXPECT_EQ(-EPERM, opened_and_written(0, FSE_NOBODY,
						     writes[i]));
		EXPECT_EQ(-EPERM, opened_and_written(FSE_NOBODY, FSE_NOBODY,
						     writes[i]));
		EXPECT_STREQ(WATCHED, fse_read("config"));
	}
	EXPECT_EQ(0, opened_and_written(0, 0, U " T 5"));
	EXPECT_STREQ(U FSE_TMPFS "(G,T 5)\n", fse_read("config"));
}

/* Root of a user namespace, as in a container. */
static int container_meets_host(void *arg)
{
	(void)arg;
	if (mount("none", THEIRS, "fstrace", 0, NULL))
		return 1;
	/* The host's mounts belong to the host. */
	if (fse_put(THEIRS "/config", U " G") != -EPERM ||
	    fse_put(THEIRS "/config", "!" U) != -EPERM ||
	    fse_put(THEIRS "/config", "/ T 5") != -EPERM)
		return 2;
	if (!strstr(fse_read(THEIRS "/error_log"),
		    "EPERM: needs CAP_SYS_ADMIN over the file system"))
		return 3;
	/* Clears its own watches, of which there are none. */
	if (fse_put(THEIRS "/config", "\n"))
		return 4;
	return 0;
}

TEST_F(permissions, a_container_cannot_watch_the_hosts_file_systems)
{
	EXPECT_EQ(0, fse_container(FSE_NOBODY, container_meets_host, NULL));
	EXPECT_EQ(0, fse_container(0, container_meets_host, NULL));
	EXPECT_STREQ(WATCHED, fse_read("config"));
	EXPECT_EQ(1, fse_stat("watches"));
}

static int container_uses_hosts_files(void *arg)
{
	int fd = *(int *)arg;

	/* The file mode allows root to open them; that is not enough. */
	if (fse_put(FSE_DIR "/config", U " T 5") != -EPERM ||
	    fse_put(FSE_DIR "/config", "!" U) != -EPERM ||
	    fse_put(FSE_DIR "/config", "\n") != -EPERM)
		return 1;
	/* The host's having opened the file is not enough either. */
	if (write(fd, "\n", 1) >= 0 || errno != EPERM)
		return 2;
	return write(fd, "!" U, strlen("!" U)) < 0 && errno == EPERM ? 0 : 3;
}

TEST_F(permissions, a_container_cannot_use_the_hosts_files)
{
	int fd = open(FSE_DIR "/config", O_WRONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, fse_container(0, container_uses_hosts_files, &fd));
	EXPECT_STREQ(WATCHED, fse_read("config"));
	close(fd);
}

TEST_HARNESS_MAIN
