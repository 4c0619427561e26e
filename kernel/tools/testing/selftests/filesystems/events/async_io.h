/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asynchronous I/O with raw system calls, one request at a time.
 */
#ifndef ASYNC_IO_H
#define ASYNC_IO_H

#include <sys/types.h>
#include <linux/io_uring.h>

/*
 * Submits a request to an io_uring and returns its result or a negative errno.
 */
int fse_uring(const struct io_uring_sqe *request);
/*
 * The same, with the credentials of an ordinary user (fse_user_enter()); those of
 * the calling process, which is root, stay.
 */
int fse_uring_as_user(const struct io_uring_sqe *request);

/* Writes through io_submit(2). Returns bytes or a negative errno. */
ssize_t fse_aio_write(int fd, const void *buf, size_t len, off_t at);

#endif /* ASYNC_IO_H */
