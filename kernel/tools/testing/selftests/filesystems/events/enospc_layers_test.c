// SPDX-License-Identifier: GPL-2.0-only
/*
 * No space in stacked file systems, or with a device in between: each of the
 * two reports it once. Also, ENOSPC of objects other than file systems.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "async_io.h"
#include "blame.h"
#include "control.h"
#include "disk.h"
#include "harness.h"
#include "module.h"
#include "process.h"

#define BLOCK		4096

static alignas(BLOCK) char data[16 * BLOCK];

/* Appends blocks until a write fails. */
static int append_to(void *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	if (fd < 0)
		return errno;
	while (write(fd, data, BLOCK) > 0)
		;
	return errno;
}

/* The same through the internal pipe of sendfile(2). */
static int send_to(void *path)
{
	int to = open(path, O_WRONLY | O_CLOEXEC);
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	off_t at = 0;

	if (to < 0 || from < 0)
		return errno;
	lseek(to, 0, SEEK_END);
	while (sendfile(to, from, &at, BLOCK) > 0)
		at = 0;
	return errno;
}

static int write_char(void *path)
{
	return write(open(path, O_WRONLY), data, 1) < 0 ? errno : 0;
}

FIXTURE(layers)
{
	struct fse_watched w;
	char path[160];
};

FIXTURE_SETUP(layers)
{
	if (!built_in())
		SKIP(return, "a module does not see calls fail");
	ASSERT_EQ(0, fse_begin(&self->w, "tmpfs", 32, "", ""));
}

FIXTURE_TEARDOWN(layers)
{
	umount2(FSE_MNT "/upper", MNT_DETACH);
	rmdir(FSE_MNT "/upper");
	fse_end(&self->w);
}

/* Regression: /dev/full was reported as the file system of /dev being full. */
TEST_F(layers, a_device_that_is_full_is_no_file_system)
{
	snprintf(self->path, sizeof(self->path), "%s/full", self->w.fs.mount);
	ASSERT_EQ(0, mknod(self->path, S_IFCHR | 0600, makedev(1, 7)));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	EXPECT_STREQ("", fse_unblamed(&self->w, ENOSPC, write_char,
				      self->path));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Number of ENOSPC events of both; their order is undefined. */
struct both {
	unsigned int lower;
	unsigned int upper;
};

static struct both hear_both(struct fse_watched *w, pid_t pid)
{
	struct both b = {};

	/* Removing a watch delivers all its pending events. */
	if (fse_config("!%s;!" FSE_MNT "/upper", w->fs.mount) ||
	    fse_config("%s;" FSE_MNT "/upper G", w->request))
		return b;
	while (fse_next_of(&w->l, NULL, &w->ev, 0) == FS_WARN_ENOSPC &&
	       w->ev.error == ENOSPC && w->ev.pid == (__u32)pid) {
		if (!strcmp(w->ev.mount, FSE_MNT "/upper"))
			b.upper += w->ev.count;
		else
			b.lower += w->ev.count;
	}
	return b;
}

#define OVERLAY								\
	"cd %s && mkdir lower upper work " FSE_MNT "/upper && "		\
	"touch upper/file && mount -t overlay -o "			\
	"lowerdir=lower,upperdir=upper,workdir=work none " FSE_MNT "/upper"

TEST_F(layers, overlay_and_its_upper_file_system_report_once_each)
{
	struct both b;
	pid_t pid;

	ASSERT_EQ(0, fse_sh(OVERLAY, self->w.fs.mount));
	ASSERT_EQ(0, fse_brim(&self->w.fs));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ASSERT_EQ(0, fse_config(FSE_MNT "/upper G"));

	pid = fse_start(append_to, FSE_MNT "/upper/file");
	EXPECT_EQ(ENOSPC, fse_wait(pid));
	b = hear_both(&self->w, pid);
	EXPECT_EQ(1, b.upper);
	EXPECT_EQ(1, b.lower);
	pid = fse_start(send_to, FSE_MNT "/upper/file");
	EXPECT_EQ(ENOSPC, fse_wait(pid));
	b = hear_both(&self->w, pid);
	EXPECT_EQ(1, b.upper);
	EXPECT_EQ(1, b.lower);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Writes one block in one request. */
static int write_device(void *dev)
{
	int fd = open(dev, O_WRONLY | O_DIRECT | O_CLOEXEC);

	return fd < 0 || pwrite(fd, data, BLOCK, 0) < 0 ? errno : 0;
}

/* Fills the image through a kernel thread. */
static void fill_image(struct __test_metadata *_metadata,
		       struct fse_watched *w, const char *option)
{
	char dev[32] = "";
	FILE *p;

	ASSERT_EQ(0, fse_sh("truncate -s 1M %s/image", w->fs.mount));
	ASSERT_EQ(0, fse_brim(&w->fs));
	ASSERT_EQ(0, fse_sh("losetup -f --show %s %s/image >/tmp/dev", option,
			    w->fs.mount));
	p = fopen("/tmp/dev", "r");
	ASSERT_EQ(1, fscanf(p, "%31s", dev));
	fclose(p);
	EXPECT_EQ(0, fse_watch(w, "G"));
	EXPECT_STREQ("", fse_unexplained(w, FS_WARN_ENOSPC, write_device,
					 dev));
	EXPECT_EQ(0, fse_left(&w->l));
	EXPECT_EQ(0, fse_sh("losetup -d %s", dev));
}

TEST_F(layers, an_image_that_can_not_grow)
{
	fill_image(_metadata, &self->w, "");
}

TEST_F(layers, an_image_that_can_not_grow_past_the_page_cache)
{
	fill_image(_metadata, &self->w, "--direct-io=on");
}

#define CONFIGFS	"/sys/kernel/config"

/* An image of 1 MiB that a SCSI target serves to this machine. */
#define SCSI_BEGIN							\
	"cd " CONFIGFS "/target && mkdir -p core/fileio_0/fse && "	\
	"echo fd_dev_name=%s/image,fd_dev_size=1048576,fd_async_io=1 "	\
	">core/fileio_0/fse/control && "				\
	"echo 1 >core/fileio_0/fse/enable && "				\
	"mkdir -p loopback/naa.6001405000000001/tpgt_1/lun/lun_0 && "	\
	"cd loopback/naa.6001405000000001/tpgt_1 && "			\
	"echo naa.6001405000000002 >nexus && "				\
	"ln -s " CONFIGFS "/target/core/fileio_0/fse lun/lun_0/fse"
#define SCSI_DISK							\
	"grep -l LIO-ORG /sys/block/sd*/device/vendor 2>/dev/null | "	\
	"sed 's|/sys/block/\\(.*\\)/device/vendor|/dev/\\1|'"
#define SCSI_END							\
	"cd " CONFIGFS "/target && "					\
	"rm -f loopback/naa.6001405000000001/tpgt_1/lun/lun_0/fse && "	\
	"rmdir loopback/naa.6001405000000001/tpgt_1/lun/lun_0 "		\
	"loopback/naa.6001405000000001/tpgt_1 "				\
	"loopback/naa.6001405000000001 core/fileio_0/fse"

/* The same with NVMe. */
#define NVME_BEGIN							\
	"cd " CONFIGFS "/nvmet && mkdir -p subsystems/fse/namespaces/1 ports/1 && " \
	"cd subsystems/fse && echo 1 >attr_allow_any_host && "		\
	"echo -n %s/image >namespaces/1/device_path && "		\
	"echo 1 >namespaces/1/enable && cd ../../ports/1 && "		\
	"echo loop >addr_trtype && "					\
	"ln -s " CONFIGFS "/nvmet/subsystems/fse subsystems/fse && "	\
	"echo transport=loop,nqn=fse >/dev/nvme-fabrics"
#define NVME_DISK							\
	"ls -d /dev/nvme*n1 2>/dev/null"
#define NVME_END							\
	"for c in /sys/class/nvme/nvme*/delete_controller; do "		\
	"echo 1 >$c; done; cd " CONFIGFS "/nvmet && "			\
	"rm -f ports/1/subsystems/fse && rmdir ports/1 && "		\
	"rmdir subsystems/fse/namespaces/1 subsystems/fse"

static bool disk_is_there(void *command)
{
	return !fse_sh("%s >/tmp/dev; [ -s /tmp/dev ]", (char *)command);
}

/* Fills the image through a target that this machine is the initiator of. */
static void fill_target(struct __test_metadata *_metadata,
			struct fse_watched *w, const char *begin, char *disk,
			const char *end)
{
	char dev[32] = "";
	FILE *p;

	ASSERT_EQ(0, fse_sh("truncate -s 1M %s/image", w->fs.mount));
	ASSERT_EQ(0, fse_brim(&w->fs));
	ASSERT_EQ(0, fse_sh(begin, w->fs.mount));
	EXPECT_TRUE(fse_until(disk_is_there, disk));
	p = fopen("/tmp/dev", "r");
	EXPECT_EQ(1, fscanf(p, "%31s", dev));
	fclose(p);
	EXPECT_EQ(0, fse_watch(w, "G"));
	EXPECT_NE(0, fse_child(write_device, dev));
	EXPECT_EQ(FS_WARN_ENOSPC, fse_event(w));
	EXPECT_EQ(0, w->ev.pid);
	EXPECT_EQ(0, fse_left(&w->l));
	EXPECT_EQ(0, fse_sh("%s", end));
}

static bool has_targets(const char *name)
{
	fse_sh("mountpoint -q " CONFIGFS " || mount -t configfs none " CONFIGFS);
	return !fse_sh("[ -d " CONFIGFS "/%s ]", name);
}

TEST_F(layers, a_scsi_target_that_can_not_grow)
{
	if (!has_targets("target") ||
	    fse_sh("mkdir -p " CONFIGFS "/target/loopback"))
		SKIP(return, "no SCSI target in this kernel");
	fill_target(_metadata, &self->w, SCSI_BEGIN, SCSI_DISK, SCSI_END);
}

TEST_F(layers, an_nvme_target_that_can_not_grow)
{
	if (!has_targets("nvmet") || access("/dev/nvme-fabrics", W_OK))
		SKIP(return, "no NVMe target in this kernel");
	fill_target(_metadata, &self->w, NVME_BEGIN, NVME_DISK, NVME_END);
}

/*
 * A file of one block, in a file system in an image. Its block in the image is
 * punched out.
 */
#define ON_IMAGE							\
	"cd %s && mkdir " FSE_MNT "/upper && truncate -s 16M image && "	\
	"mkfs.ext4 -q -b 4096 image && mount -o loop image " FSE_MNT "/upper && " \
	"head -c 4096 /dev/zero >" FSE_MNT "/upper/file && sync && "	\
	"b=$(debugfs -R 'blocks /file' image 2>/dev/null) && "		\
	"fallocate -p -o $((b * 4096)) -l 4096 image"

static int overwrite(void *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (pwrite(fd, data, BLOCK, 0) != BLOCK)
		return 1;
	return fdatasync(fd) ? errno : 0;
}

/*
 * Data that finds no space in writeback: the write(2) succeeded, so no call
 * failed, and fsync(2) adds no event.
 */
TEST_F(layers, writeback_failures_are_reported_of_each)
{
	struct both b;

	ASSERT_EQ(0, fse_sh(ON_IMAGE, self->w.fs.mount));
	ASSERT_EQ(0, fse_brim(&self->w.fs));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
	ASSERT_EQ(0, fse_config(FSE_MNT "/upper G"));

	EXPECT_EQ(ENOSPC, fse_child(overwrite, FSE_MNT "/upper/file"));
	b = hear_both(&self->w, 0);
	EXPECT_EQ(1, b.lower);
	/* ext4 counts it for the request and for the page. */
	EXPECT_EQ(2, b.upper);
	EXPECT_EQ(0, fse_left(&self->w.l));
}

/* Half of the range has blocks, the other half finds none. */
static int half_by_aio(void *path)
{
	int fd = open(path, O_WRONLY | O_DIRECT | O_CLOEXEC);
	ssize_t n = fse_aio_write(fd, data, sizeof(data), 0);

	return n < 0 ? -n : 0;
}

static int half_by_uring(void *path)
{
	struct io_uring_sqe request = {
		.opcode = IORING_OP_WRITE,
		.fd = open(path, O_WRONLY | O_DIRECT | O_CLOEXEC),
		.addr = (unsigned long)data,
		.len = sizeof(data),
	};
	int n = fse_uring(&request);

	return n < 0 ? -n : 0;
}

/* A short write is no failure. */
static int half_is_written(void *path)
{
	struct io_uring_sqe request = {
		.opcode = IORING_OP_WRITE,
		.fd = open(path, O_WRONLY | O_CLOEXEC),
		.addr = (unsigned long)data,
		.len = sizeof(data),
	};
	int n = fse_uring(&request);

	return n == sizeof(data) / 2 ? 0 : n < 0 ? -n : EIO;
}

FIXTURE(slow_disk)
{
	struct fse_disk d;
	struct fse_watched w;
	char path[160];
};

FIXTURE_SETUP(slow_disk)
{
	memset(self, 0, sizeof(*self));
	if (!built_in())
		SKIP(return, "a module does not see calls fail");
	ASSERT_EQ(0, fse_config("\n"));
	ASSERT_EQ(0, fse_disk_make(&self->d, "xfs", "mkfs.xfs -q -f -K", 300,
				   ""));
	ASSERT_EQ(0, fse_listen(&self->w.l));
	self->w.fs = self->d.fs;
	snprintf(self->path, sizeof(self->path), "%s/half",
		 self->w.fs.mount);
	ASSERT_EQ(0, fse_fill(&self->w.fs, "half", 8));
	ASSERT_EQ(0, truncate(self->path, sizeof(data)));
	ASSERT_EQ(0, fse_brim(&self->w.fs));
	/* Keep a request pending while the next one fails. */
	ASSERT_EQ(0, fse_disk_target(&self->d, "delay", "0 100"));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
}

FIXTURE_TEARDOWN(slow_disk)
{
	fse_config("\n");
	if (self->w.l.nl)
		fse_unlisten(&self->w.l);
	fse_disk_remove(&self->d);
}

TEST_F(slow_disk, a_write_that_fails_later_is_reported_once)
{
	EXPECT_STREQ("", fse_unexplained(&self->w, FS_WARN_ENOSPC,
					 half_by_aio, self->path));
	EXPECT_STREQ("", fse_unexplained(&self->w, FS_WARN_ENOSPC,
					 half_by_uring, self->path));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_F(slow_disk, a_short_write_is_not_reported)
{
	EXPECT_STREQ("", fse_unblamed(&self->w, 0, half_is_written,
				      self->path));
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_HARNESS_MAIN
