// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asynchronous I/O with raw system calls, one request at a time.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/aio_abi.h>
#include <linux/types.h>

#include "async_io.h"
#include "process.h"

struct ring {
	int fd;
	struct io_uring_params p;
	/* maps both rings, the completions and the requests */
	char *map;
	size_t len;
	struct io_uring_sqe *sqe;
};

static int ring_open(struct ring *r)
{
	memset(r, 0, sizeof(*r));
	r->fd = syscall(SYS_io_uring_setup, 1, &r->p);
	if (r->fd < 0)
		return -errno;
	r->len = r->p.cq_off.cqes +
		 r->p.cq_entries * sizeof(struct io_uring_cqe) +
		 r->p.sq_off.array + r->p.sq_entries * sizeof(__u32);
	r->map = mmap(NULL, r->len, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_SQ_RING);
	r->sqe = mmap(NULL, sizeof(*r->sqe), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_SQES);
	if (r->map == MAP_FAILED || r->sqe == MAP_FAILED ||
	    !(r->p.features & IORING_FEAT_SINGLE_MMAP))
		return -errno ?: -EPROTO;
	return 0;
}

static void ring_close(struct ring *r)
{
	if (r->map && r->map != MAP_FAILED)
		munmap(r->map, r->len);
	if (r->sqe && r->sqe != MAP_FAILED)
		munmap(r->sqe, sizeof(*r->sqe));
	if (r->fd >= 0)
		close(r->fd);
}

/* Registers the credentials of an ordinary user. Their number or -errno. */
static int ring_user(const struct ring *r)
{
	int err = fse_user_enter(), id;

	if (err)
		return err;
	id = syscall(SYS_io_uring_register, r->fd, IORING_REGISTER_PERSONALITY,
		     NULL, 0);
	if (id < 0)
		id = -errno;
	return fse_user_leave() ?: id;
}

/* @personality: number of registered credentials; 0: those of the process */
static int ring_submit(const struct ring *r, const struct io_uring_sqe *request,
		       __u16 personality)
{
	const struct io_uring_cqe *cqe;
	__u32 *tail;

	*r->sqe = *request;
	r->sqe->personality = personality;
	((__u32 *)(r->map + r->p.sq_off.array))[0] = 0;
	tail = (__u32 *)(r->map + r->p.sq_off.tail);
	__atomic_store_n(tail, 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, r->fd, 1, 1, IORING_ENTER_GETEVENTS,
		    NULL, 0) != 1)
		return -errno;
	tail = (__u32 *)(r->map + r->p.cq_off.tail);
	cqe = (struct io_uring_cqe *)(r->map + r->p.cq_off.cqes);
	return __atomic_load_n(tail, __ATOMIC_ACQUIRE) == 1 ? cqe->res : -EPROTO;
}

int fse_uring(const struct io_uring_sqe *request)
{
	struct ring r;
	int res;

	res = ring_open(&r) ?: ring_submit(&r, request, 0);
	ring_close(&r);
	return res;
}

int fse_uring_as_user(const struct io_uring_sqe *request)
{
	int res, user = 0;
	struct ring r;

	res = ring_open(&r);
	if (!res)
		user = ring_user(&r);
	if (user < 0)
		res = user;
	if (!res)
		res = ring_submit(&r, request, user);
	ring_close(&r);
	return res;
}

ssize_t fse_aio_write(int fd, const void *buf, size_t len, off_t at)
{
	struct iocb cb = {
		.aio_fildes = fd,
		.aio_lio_opcode = IOCB_CMD_PWRITE,
		.aio_buf = (unsigned long)buf,
		.aio_nbytes = len,
		.aio_offset = at,
	};
	struct iocb *list[] = { &cb };
	struct io_event event = {};
	aio_context_t ctx = 0;
	ssize_t res;

	if (syscall(SYS_io_setup, 1, &ctx))
		return -errno;
	if (syscall(SYS_io_submit, ctx, 1, list) != 1 ||
	    syscall(SYS_io_getevents, ctx, 1, 1, &event, NULL) != 1)
		res = -errno;
	else
		res = event.res;
	syscall(SYS_io_destroy, ctx);
	return res;
}
