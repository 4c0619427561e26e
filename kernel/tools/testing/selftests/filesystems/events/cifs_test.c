// SPDX-License-Identifier: GPL-2.0-only
/*
 * CIFS against the kernel's server (ksmbd).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control.h"
#include "event.h"
#include "filesystem.h"
#include "harness.h"
#include "lifetime.h"
#include "process.h"
#include "refusal.h"

#define MOUNT	FSE_MNT "/cifs"
#define SOURCE	"//127.0.0.1/data"
/* Not the default port, which another server may use. */
#define PORT	"4450"
#define CONF	"/tmp/ksmbd.conf"
#define USERS	"/tmp/ksmbd.users"

FIXTURE(cifs)
{
	struct fse_fs export;
	struct fse_listener l;
	struct fse_event ev;
};

static int write_files(const char *path)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "[global]\nbind interfaces only = yes\ninterfaces = lo\n"
		 "map to guest = bad user\nguest account = nobody\n"
		 "[data]\npath = %s\nguest ok = yes\n", path);
	return fse_sh(": > %s; : > %s", CONF, USERS) ? -EIO :
	       fse_put(CONF, text);
}

/* Version 3.5 renamed the daemon's options. */
static int start_daemon(void)
{
	return fse_sh("ksmbd.mountd -p " PORT " -C %s -P %s 2>/dev/null", CONF,
		      USERS) &&
	       fse_sh("ksmbd.mountd -p " PORT " -c %s -u %s", CONF, USERS);
}

static int mount_client(void)
{
	return mount(SOURCE, MOUNT, "cifs", 0,
		     "ip=127.0.0.1,port=" PORT
		     ",unc=\\\\127.0.0.1\\data,sec=none,vers=3.1.1") ? -errno :
								       0;
}

/* The daemon configures the server shortly after it daemonizes. */
static bool mounted(void *err)
{
	*(int *)err = mount_client();
	return *(int *)err != -ECONNREFUSED && *(int *)err != -ENOENT;
}

FIXTURE_SETUP(cifs)
{
	int err;

	ASSERT_EQ(0, fse_config("\n"));
	if (fse_sh("command -v ksmbd.mountd >/dev/null"))
		SKIP(return, "no ksmbd.mountd");
	if (!access("/sys/module/ksmbd", F_OK))
		SKIP(return, "ksmbd is in use");
	if (fse_sh("modprobe -q ksmbd && modprobe -q cifs"))
		SKIP(return, "no ksmbd, or no cifs");
	ASSERT_EQ(0, fse_fs_make(&self->export, "tmpfs", "cifs-export", 16,
				 ""));
	ASSERT_EQ(0, write_files(self->export.mount));
	ASSERT_EQ(0, start_daemon());
	mkdir(MOUNT, 0755);
	EXPECT_TRUE(fse_until(mounted, &err));
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, fse_listen(&self->l));
}

static bool ksmbd_gone(void *unused)
{
	(void)unused;
	fse_sh("rmmod ksmbd 2>/dev/null");
	return access("/sys/module/ksmbd", F_OK);
}

FIXTURE_TEARDOWN(cifs)
{
	fse_config("\n");
	while (!umount2(MOUNT, MNT_DETACH))
		;
	rmdir(MOUNT);
	fse_sh("ksmbd.control -s >/dev/null");
	EXPECT_TRUE(fse_until(ksmbd_gone, NULL));
	fse_sh("rm -f %s %s", CONF, USERS);
	fse_fs_remove(&self->export);
	fse_unlisten(&self->l);
}

TEST_F(cifs, levels_both_ways)
{
	ASSERT_EQ(0, fse_config(MOUNT " T 8M:12M"));
	EXPECT_STREQ(MOUNT " cifs " SOURCE " (T 8M:12M)",
		     fse_listed(MOUNT) ?: "");
	ASSERT_EQ(0, fse_fill_to(&self->export, "file", 512));
	ASSERT_TRUE(fse_sampled(MOUNT " T 8M:12M"));
	EXPECT_EQ(FS_THR_LRBELOW, fse_next_of(&self->l, MOUNT, &self->ev, 0));
	EXPECT_EQ(512 * 4096, self->ev.data * self->ev.frsize);
	EXPECT_EQ(16 << 20, self->ev.total * self->ev.frsize);
	EXPECT_STREQ("cifs", self->ev.fstype);
	EXPECT_STREQ(SOURCE, self->ev.source);
	ASSERT_EQ(0, fse_free(&self->export, "file"));
	ASSERT_TRUE(fse_sampled(MOUNT " T 8M:12M"));
	EXPECT_EQ(FS_THR_LRABOVE, fse_next_of(&self->l, MOUNT, &self->ev, 0));
	EXPECT_EQ(0, fse_left(&self->l));
}

TEST_F(cifs, has_no_number_of_inodes)
{
	const struct fse_bad bad[] = {
		{ MOUNT " I 10", EOPNOTSUPP, "I 10", "does not count inodes" },
	};

	EXPECT_STREQ("", fse_refused_all(bad, ARRAY_SIZE(bad)));
}

/* The call that starts a new watch may or may not be pending. */
TEST_F(cifs, umount_is_synchronous)
{
	unsigned int i;
	__u64 start;
	bool slow;

	for (i = 0; i < fse_rounds(20); i++) {
		ASSERT_EQ(0, fse_config(MOUNT " G T 1M"));
		usleep(i % 5 * 500);
		start = fse_now();
		ASSERT_EQ(0, umount2(MOUNT, 0));
		/* A slow server may exceed the time that umount(2) waits. */
		slow = fse_now() - start >= 200;
		ASSERT_EQ(1, fse_next(&self->l, &self->ev, slow ? FSE_SOON : 0));
		ASSERT_EQ(FS_INFO_UNMOUNT, self->ev.id);
		ASSERT_EQ(0, self->ev.error);
		ASSERT_EQ(0, mount_client());
	}
}

TEST_HARNESS_MAIN
