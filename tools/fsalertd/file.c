// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files that are replaced as a whole: a reader sees the old text or the new one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon.h"

static int write_all(int fd, const char *text, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, text, len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			len -= n;
		}
	}
	return 0;
}

/**
 * file_replace - replace a file
 * @path: the file
 * @text: what is to be in it
 * @len: how long that is
 *
 * Return: 0, or a negative errno: the file stays as it was.
 */
int file_replace(const char *path, const char *text, size_t len)
{
	char *other;
	int fd, err;

	if (asprintf(&other, "%s.new", path) < 0)
		return -ENOMEM;
	fd = open(other, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		  0644);
	err = fd < 0 ? -errno : 0;
	if (!err) {
		err = write_all(fd, text, len);
		if (close(fd) && !err)
			err = -errno;
		if (!err && rename(other, path))
			err = -errno;
		if (err)
			unlink(other);
	}
	free(other);
	return err;
}
