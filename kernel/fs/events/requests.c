// SPDX-License-Identifier: GPL-2.0-only
/*
 * File system events: watch requests, as they are written to a file.
 *
 * Context: process context of the writer; may sleep.
 */
#include <linux/slab.h>
#include <linux/uio.h>

#include "internal.h"

static int fse_too_long(struct fse_error *error)
{
	error->err = -E2BIG;
	error->word.off = FSE_MAX_WRITE;
	error->word.len = 1;
	error->why = "more than 64 KiB in one write";
	return -E2BIG;
}

/**
 * fse_requests_write - a write of watch requests
 * @iocb: to which file
 * @from: the requests, in however many pieces; they are one transaction
 * @stream: whose private watches it is about; NULL: global ones
 *
 * Return: all of it, or a negative errno; then nothing has changed.
 */
ssize_t fse_requests_write(struct kiocb *iocb, struct iov_iter *from,
			   struct fse_stream *stream)
{
	const struct file *file = iocb->ki_filp;
	struct fse_owner *owner = fse_instance_owner(file_inode(file));
	size_t len = iov_iter_count(from);
	struct fse_error error = {};
	size_t have = min_t(size_t, len, FSE_MAX_WRITE + 1);
	char *text;
	int err;

	if (!len)
		return 0;
	text = kvmalloc(have, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	err = -EFAULT;
	if (!copy_from_iter_full(text, have, from))
		goto out;
	if (len > FSE_MAX_WRITE)
		err = fse_too_long(&error);
	else
		err = fse_config_apply(text, len, owner, file, stream, &error);
	if (err)
		fse_log_refusal(owner, text, have, &error);
out:
	kvfree(text);
	return err ?: len;
}
