// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VFS and errors of a file system, for each call; a FUSE server supplies
 * them. ENOSPC is reported once, with the calling process, as data or as
 * metadata. No other errno is reported.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <linux/capability.h>
#include <linux/fuse.h>

#include "blame.h"
#include "control.h"
#include "fuse.h"
#include "harness.h"
#include "module.h"

/* Each runs in the root directory and returns 0, or -1 with errno. */

static int by_write(void)
{
	return write(open("file", O_WRONLY), "x", 1) < 0 ? -1 : 0;
}

/*
 * The write clears the program's set-user-ID bit, which changes attributes,
 * even for a user without permission to change them.
 */
static int by_write_to_program(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct caps[2];

	if (syscall(SYS_capget, &header, caps))
		return -1;
	caps[0].effective &= ~(1U << CAP_FSETID);
	if (syscall(SYS_capset, &header, caps))
		return -1;
	return write(open("program", O_WRONLY), "x", 1) < 0 ? -1 : 0;
}

static int by_truncate(void)
{
	return truncate("file", 10);
}

static int by_ftruncate(void)
{
	return ftruncate(open("file", O_WRONLY), 10);
}

static int by_open_trunc(void)
{
	return open("file", O_WRONLY | O_TRUNC) < 0 ? -1 : 0;
}

static int by_fallocate(void)
{
	return fallocate(open("file", O_WRONLY), 0, 0, 10);
}

static int by_punch(void)
{
	return fallocate(open("file", O_WRONLY),
			 FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 10);
}

static int by_open_creat(void)
{
	return open("new", O_WRONLY | O_CREAT, 0600) < 0 ? -1 : 0;
}

static int by_mkdir(void)
{
	return mkdir("new", 0700);
}

static int by_mknod(void)
{
	return mknod("new", S_IFREG | 0600, 0);
}

static int by_bind(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX, .sun_path = "new" };

	return bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&sun,
		    sizeof(sun));
}

static int by_symlink(void)
{
	return symlink("target", "new");
}

static int by_link(void)
{
	return link("file", "new");
}

static int by_rename(void)
{
	return rename("file", "new");
}

static int by_rename_away(void)
{
	return rename("file", "dir/new");
}

static int by_unlink(void)
{
	return unlink("file");
}

static int by_rmdir(void)
{
	return rmdir("dir");
}

static int by_setxattr(void)
{
	return setxattr("file", "user.x", "1", 1, 0);
}

static int by_fsetxattr(void)
{
	return fsetxattr(open("dir", O_RDONLY), "user.x", "1", 1, 0);
}

static int by_removexattr(void)
{
	return removexattr("file", "user.x");
}

static int by_chmod(void)
{
	return chmod("file", 0600);
}

static int by_fchmod(void)
{
	return fchmod(open("dir", O_RDONLY), 0700);
}

static int by_chown(void)
{
	return chown("file", 1, 1);
}

static int by_utimes(void)
{
	return utimensat(AT_FDCWD, "file", NULL, 0);
}

struct call {
	const char *name;
	int (*fn)(void);
	unsigned int opcode;
	unsigned int event;
};

#define DATA(_name, _opcode)						\
	{ #_name, by_##_name, FUSE_##_opcode, FS_WARN_ENOSPC }
#define META(_name, _opcode)						\
	{ #_name, by_##_name, FUSE_##_opcode, FS_WARN_ENOSPC_META }

static const struct call calls[] = {
	DATA(write, WRITE), DATA(write_to_program, SETATTR),
	DATA(truncate, SETATTR), DATA(ftruncate, SETATTR),
	DATA(open_trunc, SETATTR), DATA(fallocate, FALLOCATE),
	DATA(punch, FALLOCATE),
	META(open_creat, CREATE), META(mkdir, MKDIR), META(mknod, MKNOD),
	META(bind, MKNOD), META(symlink, SYMLINK), META(link, LINK),
	META(rename, RENAME), META(rename_away, RENAME),
	META(unlink, UNLINK), META(rmdir, RMDIR),
	META(setxattr, SETXATTR), META(fsetxattr, SETXATTR),
	META(removexattr, REMOVEXATTR), META(chmod, SETATTR),
	META(fchmod, SETATTR), META(chown, SETATTR), META(utimes, SETATTR),
};

static int in_root(void *arg)
{
	const struct call *c = arg;

	return chdir(FSE_MNT "/answers") || c->fn() ? errno : 0;
}

FIXTURE(answers)
{
	struct fse_watched w;
	struct fse_fuse f;
};

FIXTURE_SETUP(answers)
{
	memset(self, 0, sizeof(*self));
	if (!built_in())
		SKIP(return, "a module does not see calls fail");
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_fuse_make(&self->f, "answers"));
	ASSERT_EQ(0, fse_listen(&self->w.l));
	snprintf(self->w.fs.mount, sizeof(self->w.fs.mount), "%s",
		 self->f.mount);
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
}

FIXTURE_TEARDOWN(answers)
{
	fse_config("\n");
	fse_unlisten(&self->w.l);
	fse_fuse_remove(&self->f);
}

TEST_F(answers, enospc_is_reported_once)
{
	unsigned int i;

	self->f.control->fail_error = ENOSPC;
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		self->f.control->fail_opcode = calls[i].opcode;
		EXPECT_STREQ("", fse_blamed(&self->w, calls[i].event, in_root,
					    (void *)&calls[i]))
			TH_LOG("%s", calls[i].name);
	}
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(answers, no_other_errno_is_reported)
{
	static const int errors[] = { EDQUOT, EIO, EROFS, ENOMEM, EFBIG };
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		self->f.control->fail_opcode = calls[i].opcode;
		for (k = 0; k < ARRAY_SIZE(errors); k++) {
			self->f.control->fail_error = errors[k];
			EXPECT_STREQ("", fse_unblamed(&self->w, errors[k],
						      in_root,
						      (void *)&calls[i]))
				TH_LOG("%s", calls[i].name);
		}
	}
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_HARNESS_MAIN
