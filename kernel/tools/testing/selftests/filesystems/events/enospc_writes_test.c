// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that write data to a full file system: each failure is reported once,
 * with the process; success and short writes are not.
 *
 * Each call finds some space left. So some calls succeed, most then write a
 * part, and one fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include "async_io.h"
#include "blame.h"
#include "control.h"
#include "harness.h"
#include "module.h"

/* Per call: more than a pipe holds, less than the total space. */
#define CHUNK		(128 << 10)
/* Left before each call; not a multiple of CHUNK. */
#define ROOM		(200 << 10)
/* Block and page size, for O_DIRECT. */
#define ALIGN		4096

static alignas(ALIGN) char data[CHUNK];

/* A file on the full file system, and a source to copy from. */
struct files {
	int to;
	int from;
};

/* Each writes up to CHUNK bytes at @at; returns the number, or -1. */

static ssize_t by_write(const struct files *f, off_t at)
{
	lseek(f->to, at, SEEK_SET);
	return write(f->to, data, CHUNK);
}

static ssize_t by_pwrite(const struct files *f, off_t at)
{
	return pwrite(f->to, data, CHUNK, at);
}

static struct iovec halves[2] = {
	{ .iov_base = data, .iov_len = CHUNK / 2 },
	{ .iov_base = data, .iov_len = CHUNK / 2 },
};

static ssize_t by_writev(const struct files *f, off_t at)
{
	lseek(f->to, at, SEEK_SET);
	return writev(f->to, halves, 2);
}

static ssize_t by_pwritev2(const struct files *f, off_t at)
{
	return pwritev2(f->to, halves, 2, at, RWF_DSYNC);
}

static ssize_t by_direct_write(const struct files *f, off_t at)
{
	ssize_t n;

	fcntl(f->to, F_SETFL, O_DIRECT);
	n = pwrite(f->to, data, CHUNK, at);
	fcntl(f->to, F_SETFL, 0);
	return n;
}

static ssize_t by_aio(const struct files *f, off_t at)
{
	ssize_t n = fse_aio_write(f->to, data, CHUNK, at);

	errno = n < 0 ? -n : 0;
	return n;
}

static ssize_t by_direct_aio(const struct files *f, off_t at)
{
	ssize_t n;

	fcntl(f->to, F_SETFL, O_DIRECT);
	n = by_aio(f, at);
	fcntl(f->to, F_SETFL, 0);
	return n;
}

static ssize_t uring_write(int fd, off_t at, unsigned int flags)
{
	struct io_uring_sqe request = {
		.opcode = IORING_OP_WRITE,
		.flags = flags,
		.fd = fd,
		.off = at,
		.addr = (unsigned long)data,
		.len = CHUNK,
	};
	int n = fse_uring(&request);

	errno = n < 0 ? -n : 0;
	return n;
}

static ssize_t by_uring(const struct files *f, off_t at)
{
	return uring_write(f->to, at, 0);
}

/* Through an io-wq worker (IOSQE_ASYNC). */
static ssize_t by_uring_worker(const struct files *f, off_t at)
{
	return uring_write(f->to, at, IOSQE_ASYNC);
}

static ssize_t by_direct_uring(const struct files *f, off_t at)
{
	ssize_t n;

	fcntl(f->to, F_SETFL, O_DIRECT);
	n = uring_write(f->to, at, 0);
	fcntl(f->to, F_SETFL, 0);
	return n;
}

static ssize_t by_uring_fallocate(const struct files *f, off_t at)
{
	struct io_uring_sqe request = {
		.opcode = IORING_OP_FALLOCATE,
		.fd = f->to,
		.off = at,
		.addr = CHUNK,
	};
	int err = fse_uring(&request);

	errno = -err;
	return err ? -1 : CHUNK;
}

static ssize_t by_splice(const struct files *f, off_t at)
{
	loff_t off = at;
	int p[2], err;
	ssize_t n;

	if (pipe2(p, O_CLOEXEC))
		return -1;
	n = write(p[1], data, 1 << 16);
	if (n > 0)
		n = splice(p[0], NULL, f->to, &off, n, 0);
	err = errno;
	close(p[0]);
	close(p[1]);
	errno = err;
	return n;
}

static ssize_t by_sendfile(const struct files *f, off_t at)
{
	off_t from = 0;

	lseek(f->to, at, SEEK_SET);
	return sendfile(f->to, f->from, &from, CHUNK);
}

/* Unaligned: file systems that share blocks have to copy. */
static ssize_t by_copy(const struct files *f, off_t at)
{
	loff_t from = 1, to = at + 1;

	return copy_file_range(f->from, &from, f->to, &to, CHUNK - 1, 0);
}

static ssize_t by_fallocate(const struct files *f, off_t at)
{
	return fallocate(f->to, FALLOC_FL_KEEP_SIZE, at, CHUNK) ? -1 : CHUNK;
}

/* The allocation ioctls of XFS; no installed header has them. */
struct space {
	__s16 type, whence;
	__s64 start, len;
	__s32 sysid;
	__u32 pid;
	__s32 pad[4];
};

#define FS_IOC_RESVSP	_IOW('X', 40, struct space)

static ssize_t by_old_fallocate(const struct files *f, off_t at)
{
	struct space space = { .start = at, .len = CHUNK };

	return ioctl(f->to, FS_IOC_RESVSP, &space) ? -1 : CHUNK;
}

struct call {
	const char *name;
	ssize_t (*fn)(const struct files *f, off_t at);
};

#define CALL(_name)	{ .name = #_name, .fn = by_##_name }

static const struct call calls[] = {
	CALL(write), CALL(pwrite), CALL(writev), CALL(pwritev2),
	CALL(direct_write), CALL(aio), CALL(direct_aio), CALL(uring),
	CALL(uring_worker), CALL(direct_uring), CALL(uring_fallocate),
	CALL(splice), CALL(sendfile), CALL(copy), CALL(fallocate),
	CALL(old_fallocate),
};

struct attempt {
	const struct call *call;
	const char *mount;
};

/* Far more than the free space. */
#define ENOUGH		(16 << 20)

/* Each call opens its files: io_uring closes them late. */
static int until_it_fails(void *arg)
{
	const struct attempt *a = arg;
	char to[160], from[160];
	struct files f;
	ssize_t n = 0;
	off_t at = 0;

	snprintf(to, sizeof(to), "%s/%s", a->mount, a->call->name);
	snprintf(from, sizeof(from), "%s/from", a->mount);
	f.to = open(to, O_RDWR);
	f.from = open(from, O_RDONLY);
	if (f.to < 0 || f.from < 0)
		return errno;
	while (at < ENOUGH && n >= 0) {
		n = a->call->fn(&f, at);
		at += n > 0 ? n : 0;
		/* The next call starts at a block boundary. */
		at = (at + ALIGN - 1) / ALIGN * ALIGN;
	}
	return n < 0 ? errno : 0;
}

FIXTURE(enospc_writes)
{
	struct fse_watched w;
};

FIXTURE_VARIANT(enospc_writes)
{
	const char *type;
	unsigned int mib;
	const char *mkfs;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(enospc_writes, tmpfs) { "tmpfs", 8, "" };
FIXTURE_VARIANT_ADD(enospc_writes, ext4) { "ext4", 16, "-m 0" };
FIXTURE_VARIANT_ADD(enospc_writes, xfs) { "xfs", 300, "" };
FIXTURE_VARIANT_ADD(enospc_writes, btrfs) { "btrfs", 128, "" };
FIXTURE_VARIANT_ADD(enospc_writes, f2fs) { "f2fs", 64, "" };
/* clang-format on */

FIXTURE_SETUP(enospc_writes)
{
	char path[160];
	unsigned int i;

	if (!built_in())
		SKIP(return, "a module does not see calls fail");
	ASSERT_EQ(0, fse_begin(&self->w, variant->type, variant->mib,
			       variant->mkfs, ""));
	/* Create the files while there is space for names. */
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		snprintf(path, sizeof(path), "%s/%s", self->w.fs.mount,
			 calls[i].name);
		ASSERT_EQ(0, mknod(path, S_IFREG | 0600, 0));
	}
	ASSERT_EQ(0, fse_fill(&self->w.fs, "from",
			      CHUNK / fse_frsize(&self->w.fs)));
	ASSERT_EQ(0, fse_brim(&self->w.fs));
	ASSERT_EQ(0, fse_watch(&self->w, "G"));
}

FIXTURE_TEARDOWN(enospc_writes)
{
	fse_end(&self->w);
}

TEST_F(enospc_writes, each_failed_call_is_reported_once)
{
	struct attempt a = { .mount = self->w.fs.mount };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		a.call = &calls[i];
		ASSERT_EQ(0, fse_room(&self->w.fs,
				      ROOM / fse_frsize(&self->w.fs)));
		EXPECT_STREQ("", fse_blamed(&self->w, FS_WARN_ENOSPC,
					    until_it_fails, &a))
			TH_LOG("%s", calls[i].name);
	}
	EXPECT_EQ(0, fse_left(&self->w.l));
}

TEST_HARNESS_MAIN
