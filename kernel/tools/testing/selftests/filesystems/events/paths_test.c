// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths of requests: which are mount roots, and their syntax.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control.h"
#include "filesystem.h"
#include "harness.h"
#include "process.h"
#include "refusal.h"

#define P "/mnt/p"

FIXTURE(paths)
{
	struct fse_fs fs;
	struct fse_fs other;
};

FIXTURE_SETUP(paths)
{
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fs_make(&self->fs, "tmpfs", "p", 8, ""));
	ASSERT_EQ(0, fse_fs_make(&self->other, "tmpfs", "unwatched", 8, ""));
	ASSERT_EQ(0, mkdir(P "/dir", 0755));
	ASSERT_EQ(0, fse_sh(": > " P "/file"));
	ASSERT_EQ(0, symlink("round", P "/round"));
	ASSERT_EQ(0, symlink("nowhere", P "/dangling"));
	ASSERT_EQ(0, symlink("..//p/.", P "/link"));
	ASSERT_EQ(0, fse_config(P " G"));
}

FIXTURE_TEARDOWN(paths)
{
	fse_config("\n");
	fse_fs_remove(&self->fs);
	fse_fs_remove(&self->other);
}

TEST_F(paths, refused)
{
	static const struct fse_bad bad[] = {
		{ "G", EINVAL, "G", "expected a path that starts with /" },
		{ "T 10 G", EINVAL, "T 10 G", "expected a path" },
		{ "mnt/p G", EINVAL, "mnt/p G", "expected a path" },
		{ "./p G", EINVAL, "./p G", "expected a path" },
		{ "'/mnt/p' G", EINVAL, "'/mnt/p' G", "expected a path" },
		{ "(", EINVAL, "(", "expected a path that starts with /" },
		{ "\\040/mnt/p G", EINVAL, "\\040/mnt/p G", "expected a path" },
		{ "!", EINVAL, "!", "expected a path right after !" },
		{ "! " P, EINVAL, "! " P, "expected a path right after !" },
		{ "!\t" P " G", EINVAL, "!\\011" P " G", "right after !" },
		{ "!p X", EINVAL, "p X", "expected a path that starts" },
		{ "!!" P, EINVAL, "!" P, "expected a path that starts" },
		{ P "\\0 G", EINVAL, "\\0 G", "unknown escape" },
		{ P "\\000 G", EINVAL, "\\000 G", "unknown escape" },
		{ P "\\999 G", EINVAL, "\\999 G", "unknown escape" },
		{ P "\\04 G", EINVAL, "\\04 G", "unknown escape" },
		{ P "\\ G", EINVAL, "\\ G", "unknown escape" },
		{ P "\\", EINVAL, "\\", "unknown escape" },
		{ P "\\\\ G", EINVAL, "\\\\ G", "unknown escape" },
		{ P "\\n G", EINVAL, "\\n G", "unknown escape" },
		{ "/mnt/\\160 G", EINVAL, "\\160 G", "unknown escape" },
		{ "!" P "\\1", EINVAL, "\\1", "unknown escape" },
		{ "/mnt/nowhere G", ENOENT, "/mnt/nowhere G", "no such path" },
		{ "/mnt/\\040p G", ENOENT, "/mnt/\\040p G", "no such path" },
		{ "!/mnt/nowhere", ENOENT, "/mnt/nowhere", "no such path" },
		{ P "/dangling G", ENOENT, P "/dangling G", "no such path" },
		{ P "/round G", ELOOP, P "/round G", "symbolic links" },
		{ P "/file/x G", ENOTDIR, P "/file/x G", "not a directory" },
		{ P "/file/ G", ENOTDIR, P "/file/ G", "not a directory" },
		{ P "/file G", EINVAL, P "/file G", "not a mount point" },
		{ P "/dir G", EINVAL, P "/dir G", "not a mount point" },
		{ P "/dir/.. T", EINVAL, "T", "expected levels" },
		{ "!/mnt/unwatched", ENOENT, "/mnt/unwatched", "not watched" },
		{ "!/mnt/unwatched G", ENOENT, "/mnt/unwatched G",
		  "not watched" },
	};

	EXPECT_STREQ("", fse_refused_all(bad, ARRAY_SIZE(bad)));
}

/* Regression: it removed the watch of the file system containing the path. */
TEST_F(paths, removal_below_a_mount_point_is_refused)
{
	static const struct fse_bad bad[] = {
		{ "!" P "/dir", EINVAL, P "/dir", "not a mount point" },
		{ "!" P "/dir G", EINVAL, P "/dir G", "not a mount point" },
		{ "!" P "/file", EINVAL, P "/file", "not a mount point" },
	};

	EXPECT_STREQ("", fse_refused_all(bad, ARRAY_SIZE(bad)));
	EXPECT_NE(NULL, fse_listed(P));
}

TEST_F(paths, too_long)
{
	char text[PATH_MAX + 16], name[NAME_MAX + 16];
	struct fse_bad bad = {
		text, ENAMETOOLONG, NULL, "path too long"
	};
	char rest[160];

	/* PATH_MAX includes the NUL. */
	memset(text, '/', PATH_MAX);
	memcpy(text + PATH_MAX, " G", sizeof(" G"));
	snprintf(rest, sizeof(rest), "%.128s...", text);
	bad.rest = rest;
	EXPECT_STREQ("", fse_refused(&bad, strlen(text)));
	EXPECT_EQ(0, fse_config_raw(text + 1, strlen(text + 1)));

	memset(name, 'n', NAME_MAX + 1);
	name[NAME_MAX + 1] = '\0';
	snprintf(text, sizeof(text), P "/%s G", name);
	snprintf(rest, sizeof(rest), "%.128s...", text);
	EXPECT_STREQ("", fse_refused(&bad, strlen(text)));
}

TEST_F(paths, written_otherwise)
{
	static const char * const same[] = {
		"/mnt/p/", "//mnt///p", "/mnt/./p/.", "/mnt/p/dir/..",
		P "/link", P "/link/", P "/dir/../link/.",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(same); i++) {
		EXPECT_EQ(0, fse_config("\n"));
		EXPECT_EQ(0, fse_config("%s G", same[i]));
		EXPECT_STREQ(P FSE_TMPFS "(G)\n", fse_read("config"));
		EXPECT_EQ(0, fse_config("!%s G", same[i]));
		EXPECT_STREQ("", fse_read("config"));
	}
}

/* Regression: paths with blanks were impossible and broke the listing. */
TEST_F(paths, escaped)
{
	static const struct {
		const char *path;
		const char *written;
		const char *listed;
	} odd[] = {
		{ P "/a blank", P "/a\\040blank", P "/a\\040blank" },
		{ P "/a\ttab", P "/a\\011tab", P "/a\\011tab" },
		{ P "/new\nline", P "/new\\012line", P "/new\\012line" },
		{ P "/back\\slash", P "/back\\134slash", P "/back\\134slash" },
		{ P "/semi;colon", P "/semi\\073colon", P "/semi\\073colon" },
		{ P "/ \t\n\\; ", P "/\\040\\011\\012\\134\\073\\040",
		  P "/\\040\\011\\012\\134\\073\\040" },
		{ P "/\\040", P "/\\134040", P "/\\134040" },
		{ P "/!(#\"'G", P "/!(#\"'G", P "/!(#\"'G" },
		{ P "/\xc3\xbc", P "/\xc3\xbc", P "/\xc3\xbc" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(odd); i++) {
		char line[256];

		snprintf(line, sizeof(line), "%s" FSE_TMPFS "(G,T 5)\n",
			 odd[i].listed);
		ASSERT_EQ(0, mkdir(odd[i].path, 0755));
		ASSERT_EQ(0, mount("tmpfs", odd[i].path, "tmpfs", 0, "size=1M"));
		EXPECT_EQ(0, fse_config("\n"));
		EXPECT_EQ(0, fse_config("%s G T 5", odd[i].written));
		EXPECT_STREQ(line, fse_read("config"));
		/* Listed names can be written back. */
		EXPECT_EQ(0, fse_config("!%s", odd[i].listed));
		EXPECT_STREQ("", fse_read("config"));
		EXPECT_EQ(0, umount(odd[i].path));
	}
}

TEST_F(paths, a_bind_mount_of_a_file_or_a_directory_is_a_mount_point)
{
	struct fse_fs *other = &self->other;

	ASSERT_EQ(0, fse_sh(": > %s/file; mkdir %s/dir", other->mount,
			    other->mount));
	ASSERT_EQ(0, mount(P "/file", "/mnt/unwatched/file", NULL, MS_BIND,
			   NULL));
	ASSERT_EQ(0, mount(P "/dir", "/mnt/unwatched/dir", NULL, MS_BIND,
			   NULL));
	/*
	 * They belong to a file system that is already watched and listed by
	 * its first mount.
	 */
	EXPECT_EQ(0, fse_config("/mnt/unwatched/file T 5"));
	EXPECT_STREQ(P FSE_TMPFS "(G,T 5)\n", fse_read("config"));
	EXPECT_EQ(0, fse_config("/mnt/unwatched/dir T 7"));
	EXPECT_STREQ(P FSE_TMPFS "(G,T 7)\n", fse_read("config"));

	/* A mount stays when the file or directory it shows is removed. */
	EXPECT_EQ(0, fse_config("!" P "; /mnt/unwatched/dir T 7"));
	ASSERT_EQ(0, rmdir(P "/dir"));
	EXPECT_STREQ("/mnt/unwatched/dir" FSE_TMPFS "(T 7)\n",
		     fse_read("config"));
	EXPECT_EQ(0, fse_config("/mnt/unwatched/dir T 8"));
	EXPECT_STREQ("/mnt/unwatched/dir" FSE_TMPFS "(T 8)\n",
		     fse_read("config"));
	EXPECT_EQ(0, umount("/mnt/unwatched/dir"));
	EXPECT_EQ(0, umount("/mnt/unwatched/file"));
}

TEST_F(paths, the_root_directory)
{
	EXPECT_EQ(0, fse_config("!" P "; / G:shutdown"));
	EXPECT_NE(NULL, fse_listed("/"));
	EXPECT_EQ(1, fse_watches());
	EXPECT_EQ(0, fse_config("!/"));
	EXPECT_EQ(0, fse_watches());
}

/* With stacked mounts, the path leads to the topmost. */
TEST_F(paths, stacked_mounts)
{
	ASSERT_EQ(0, mount("upper", P, "ramfs", 0, NULL));
	EXPECT_EQ(0, fse_config(P " G:io_error"));
	EXPECT_EQ(2, fse_watches());
	EXPECT_NE(NULL, strstr(fse_read("config"), P " ramfs "));
	EXPECT_EQ(0, umount(P));
	EXPECT_STREQ(P FSE_TMPFS "(G)\n", fse_read("config"));
}

static int in_jail(void *arg)
{
	int dir = *(int *)arg;

	if (chroot(P) || chdir("/") || fchdir(dir))
		return 1;
	/* The writer's root applies, whichever task opened the directory. */
	if (fse_put("config", P " T 3") != -ENOENT)
		return 2;
	return fse_put("config", "/ T 3\n/dir G") ? 3 : 0;
}

TEST_F(paths, are_those_of_the_writers_root)
{
	int dir = open(FSE_DIR, O_DIRECTORY | O_CLOEXEC);

	ASSERT_LE(0, dir);
	ASSERT_EQ(0, mount("tmpfs", P "/dir", "tmpfs", 0, "size=1M"));
	EXPECT_EQ(0, fse_child(in_jail, &dir));
	EXPECT_STREQ(P FSE_TMPFS "(G,T 3)\n"
		     P "/dir" FSE_TMPFS "(G)\n", fse_read("config"));
	EXPECT_EQ(0, umount(P "/dir"));
	close(dir);
}

#define AUTOMOUNT "/sys/kernel/debug/tracing"

/* Like stat(2); debugfs has this automount point since 2015. */
TEST_F(paths, an_automount_point_is_not_triggered)
{
	static const struct fse_bad bad = {
		AUTOMOUNT " G", EINVAL, AUTOMOUNT " G", "not a mount point"
	};
	struct stat st;

	if (stat(AUTOMOUNT, &st) || !fse_sh("grep -q '" AUTOMOUNT
					    " ' /proc/mounts"))
		SKIP(return, "no automount point at " AUTOMOUNT);
	EXPECT_STREQ("", fse_refused(&bad, strlen(bad.text)));
	EXPECT_NE(0, fse_sh("grep -q '" AUTOMOUNT " ' /proc/mounts"));
}

TEST_HARNESS_MAIN
