// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that create names or set attributes without free space: each failure is
 * reported once, as metadata, with the process.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "blame.h"
#include "control.h"
#include "harness.h"
#include "module.h"

/* The new name in the working directory of the calls below. */
static char name[NAME_MAX];

/* Each returns 0, or -1 with errno. "there" is an existing file. */

static int by_create(void)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static int by_tmpfile(void)
{
	/* Stays open until the process ends. */
	return open(".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600) < 0 ? -1 : 0;
}

static int by_mkdir(void)
{
	return mkdir(name, 0700);
}

static int by_mknod(void)
{
	return mknod(name, S_IFIFO | 0600, 0);
}

static int by_symlink(void)
{
	return symlink("target", name);
}

static int by_link(void)
{
	return link("../there", name);
}

/* From another directory, so that this one gains a name. */
static int by_rename(void)
{
	/* The source directory has room for that name. */
	link("../there", "../other");
	return rename("../other", name);
}

/* The old name stays, for a new inode. */
static int by_whiteout(void)
{
	return renameat2(AT_FDCWD, "../there", AT_FDCWD, name,
			 RENAME_WHITEOUT);
}

static int by_bind(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	memcpy(sun.sun_path, name, sizeof(sun.sun_path) - 1);
	err = bind(fd, (struct sockaddr *)&sun, sizeof(sun));
	close(fd);
	return err;
}

struct call {
	const char *name;
	int (*fn)(void);
};

#define CALL(_name)	{ .name = #_name, .fn = by_##_name }

/* Calls that need an inode. */
static const struct call makers[] = {
	CALL(create), CALL(tmpfile), CALL(mkdir), CALL(mknod), CALL(symlink),
	CALL(whiteout), CALL(bind),
};

/* Calls that need room in a directory. */
static const struct call namers[] = {
	CALL(create), CALL(mkdir), CALL(mknod), CALL(symlink), CALL(link),
	CALL(rename), CALL(bind),
};

struct attempt {
	const struct call *call;
	const char *mount;
};

/* More names than fit into any of these file systems. */
#define ENOUGH		20000

/* Long names fill blocks quickly. */
static int until_it_fails(void *arg)
{
	const struct attempt *a = arg;
	char dir[160];
	int i, err = 0;

	snprintf(dir, sizeof(dir), "%s/dir", a->mount);
	if (chdir(dir))
		return errno;
	memset(name, 'x', sizeof(name) - 1);
	for (i = 0; i < ENOUGH && !err; i++) {
		/* bind(2) uses the first 107 bytes. */
		name[snprintf(name, 16, "%s-%05d", a->call->name, i)] = '-';
		err = a->call->fn();
	}
	return err ? errno : 0;
}

static int make_there(const struct fse_fs *fs)
{
	return fse_sh("mkdir %s/dir && touch %s/there", fs->mount, fs->mount);
}

FIXTURE(no_inodes)
{
	struct fse_watched w;
};

FIXTURE_VARIANT(no_inodes)
{
	const char *type;
	const char *mkfs;
	const char *options;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(no_inodes, tmpfs) { "tmpfs", "", "-o nr_inodes=20" };
FIXTURE_VARIANT_ADD(no_inodes, ext4) { "ext4", "-N 512", "" };
/* clang-format on */

FIXTURE_SETUP(no_inodes)
{
	if (!built_in())
		SKIP(return, "a module does not see calls fail");
	ASSERT_EQ(0, fse_begin(&self->w, variant->type, 16,
			       variant->mkfs, variant->options));
	ASSERT_EQ(0, make_there(&self->w.fs));
	ASSERT_EQ(-ENOSPC, fse_files(&self->w.fs, 0, ENOUGH));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
}

FIXTURE_TEARDOWN(no_inodes)
{
	fse_end(&self->w);
}

TEST_F(no_inodes, each_failed_call_is_reported_once)
{
	struct attempt a = { .mount = self->w.fs.mount };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(makers); i++) {
		a.call = &makers[i];
		EXPECT_STREQ("", fse_blamed(&self->w, FS_WARN_ENOSPC_META,
					    until_it_fails, &a))
			TH_LOG("%s", makers[i].name);
	}
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* On tmpfs a link counts as an inode. */
static const struct call link_call = CALL(link);

TEST(link_on_tmpfs)
{
	struct attempt a = { .call = &link_call };
	struct fse_watched w;

	if (!built_in())
		SKIP(return, "a module does not see calls fail");
	ASSERT_EQ(0, fse_begin(&w, "tmpfs", 1, "", "-o nr_inodes=20"));
	ASSERT_EQ(0, make_there(&w.fs));
	ASSERT_EQ(0, fse_watch(&w, "G"));
	a.mount = w.fs.mount;
	EXPECT_STREQ("", fse_blamed(&w, FS_WARN_ENOSPC_META, until_it_fails,
				    &a));
	EXPECT_EQ(0, fse_left(&w.l));
	fse_end(&w);
}

FIXTURE(no_room)
{
	struct fse_watched w;
};

FIXTURE_VARIANT(no_room)
{
	const char *type;
	unsigned int mib;
	const char *mkfs;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(no_room, ext4) { "ext4", 16, "-m 0" };
FIXTURE_VARIANT_ADD(no_room, xfs) { "xfs", 300, "" };
FIXTURE_VARIANT_ADD(no_room, f2fs) { "f2fs", 64, "" };
/* clang-format on */

FIXTURE_SETUP(no_room)
{
	if (!built_in())
		SKIP(return, "a module does not see calls fail");
	ASSERT_EQ(0, fse_begin(&self->w, variant->type, variant->mib,
			       variant->mkfs, ""));
	ASSERT_EQ(0, make_there(&self->w.fs));
	ASSERT_EQ(0, fse_brim(&self->w.fs));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
}

FIXTURE_TEARDOWN(no_room)
{
	fse_end(&self->w);
}

TEST_F(no_room, each_failed_call_is_reported_once)
{
	struct attempt a = { .mount = self->w.fs.mount };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(namers); i++) {
		a.call = &namers[i];
		EXPECT_STREQ("", fse_blamed(&self->w, FS_WARN_ENOSPC_META,
					    until_it_fails, &a))
			TH_LOG("%s", namers[i].name);
	}
	EXPECT_EQ(0, fse_left(&self->w.l));
}

static int set_attributes(void *mount)
{
	static char value[500];
	char attr[32];
	int i, err = 0;

	if (chdir(mount))
		return errno;
	for (i = 0; i < ENOUGH && !err; i++) {
		snprintf(attr, sizeof(attr), "user.%d", i);
		err = setxattr("there", attr, value, sizeof(value), 0);
	}
	return err ? errno : 0;
}

static int remove_attribute(void *mount)
{
	return chdir(mount) || removexattr("there", "user.0") ? errno : 0;
}

/* An inode counts as a kilobyte, attributes by size. */
TEST(attributes_on_tmpfs)
{
	struct fse_watched w;

	if (!built_in())
		SKIP(return, "a module does not see calls fail");
	ASSERT_EQ(0, fse_begin(&w, "tmpfs", 1, "", "-o nr_inodes=20"));
	ASSERT_EQ(0, make_there(&w.fs));
	ASSERT_EQ(0, fse_watch(&w, "G"));
	EXPECT_STREQ("", fse_blamed(&w, FS_WARN_ENOSPC_META, set_attributes,
				    w.fs.mount));
	EXPECT_STREQ("", fse_unblamed(&w, 0, remove_attribute, w.fs.mount));
	EXPECT_EQ(0, fse_left(&w.l));
	fse_end(&w);
}

/* rw for a user other than the owner. */
struct acl {
	__u32 version;
	struct {
		__u16 tag, perm;
		__u32 id;
	} entry[5];
};

static struct acl acl_for(__u32 user)
{
	return (struct acl) {
		.version = 2,
		.entry = {
			{ 0x01, 6, -1 }, { 0x02, 6, user }, { 0x04, 4, -1 },
			{ 0x10, 6, -1 }, { 0x20, 4, -1 },
		},
	};
}

#define ACL		"system.posix_acl_access"

/* A new ACL each time: ext4 shares blocks of equal ones. */
static int set_acl(void *mount)
{
	const struct acl acl = acl_for(1001);

	return chdir(mount) ||
	       setxattr("there", ACL, &acl, sizeof(acl), 0) ? errno : 0;
}

/* The ACL to be changed is in a block shared with another file. */
static int change_mode(void *mount)
{
	return chdir(mount) || chmod("shared", 0600) ? errno : 0;
}

/* Small inodes hold no attribute, so it takes a block. */
TEST(attributes_on_ext4)
{
	const struct acl acl = acl_for(1000);
	struct fse_watched w;

	if (!built_in())
		SKIP(return, "a module does not see calls fail");
	ASSERT_EQ(0, fse_begin(&w, "ext4", 16, "-m 0 -I 128", ""));
	ASSERT_EQ(0, make_there(&w.fs));
	ASSERT_EQ(0, fse_sh("touch %s/shared %s/shares", w.fs.mount,
			    w.fs.mount));
	ASSERT_EQ(0, chdir(w.fs.mount));
	EXPECT_EQ(0, setxattr("shared", ACL, &acl, sizeof(acl), 0));
	EXPECT_EQ(0, setxattr("shares", ACL, &acl, sizeof(acl), 0));
	ASSERT_EQ(0, chdir("/"));
	ASSERT_EQ(0, fse_brim(&w.fs));
	ASSERT_EQ(0, fse_watch(&w, "G"));
	EXPECT_STREQ("", fse_blamed(&w, FS_WARN_ENOSPC_META, set_attributes,
				    w.fs.mount));
	EXPECT_STREQ("", fse_blamed(&w, FS_WARN_ENOSPC_META, set_acl,
				    w.fs.mount));
	EXPECT_STREQ("", fse_blamed(&w, FS_WARN_ENOSPC_META, change_mode,
				    w.fs.mount));
	EXPECT_EQ(0, fse_left(&w.l));
	fse_end(&w);
}

TEST_HARNESS_MAIN
