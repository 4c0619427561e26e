// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Paths: the mount that one is on, and how one is written in a request.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "handle.h"

/* A C library that has no statx(2) */
#ifndef STATX_MNT_ID
#include <linux/stat.h>
#endif

#define ESCAPE_LEN	4

char *fsalert_escape(const char *path)
{
	char *escaped = malloc(ESCAPE_LEN * strlen(path) + 1);
	char *to = escaped;

	for (; escaped && *path; path++) {
		if (strchr(" \t\n\\;", *path))
			to += sprintf(to, "\\%03o", (unsigned char)*path);
		else
			*to++ = *path;
	}
	if (escaped)
		*to = '\0';
	return escaped;
}

static int mount_id(const char *path, uint64_t *id)
{
	struct statx st;

	if (syscall(SYS_statx, AT_FDCWD, path, AT_NO_AUTOMOUNT |
		    AT_STATX_DONT_SYNC | AT_SYMLINK_NOFOLLOW, STATX_MNT_ID,
		    &st) < 0)
		return -errno;
	/* Before Linux 5.8. */
	if (!(st.stx_mask & STATX_MNT_ID))
		return -EOPNOTSUPP;
	*id = st.stx_mnt_id;
	return 0;
}

/* Shortens a path to its parent. Return: false: it is the root. */
static bool to_parent(char *path)
{
	char *slash = strrchr(path, '/');

	if (!path[1])
		return false;
	slash[slash == path] = '\0';
	return true;
}

int fsalert_mount_of(const char *path, char **mount)
{
	char *real = realpath(path, NULL), *parent = NULL;
	uint64_t id, other;
	int err;

	*mount = NULL;
	if (!real)
		return -errno;
	err = mount_id(real, &id);
	if (!err)
		parent = strdup(real);
	if (!err && !parent)
		err = -ENOMEM;
	while (!err && to_parent(parent)) {
		/* A directory above may be closed to us; then ours is here. */
		if (mount_id(parent, &other) || other != id)
			break;
		real[strlen(parent)] = '\0';
	}
	free(parent);
	if (err)
		free(real);
	else
		*mount = real;
	return err;
}

/* A member that the caller's header does not have yet is NULL. */
static const char *member(const struct fsalert_spec *spec, size_t offset)
{
	if (spec->size < offset + sizeof(const char *))
		return NULL;
	return *(const char * const *)((const char *)spec + offset);
}

static int compose(char **request, const char *mount,
		   const struct fsalert_spec *spec)
{
	const char *events = member(spec, offsetof(struct fsalert_spec, events));
	const char *space = member(spec, offsetof(struct fsalert_spec, space));
	const char *inodes = member(spec, offsetof(struct fsalert_spec, inodes));
	char *path = fsalert_escape(mount);
	int len;

	if (!path)
		return -ENOMEM;
	len = asprintf(request, "%s%s%s%s%s%s%s%s", path, events ? " G" : "",
		       events && *events ? ":" : "", events ?: "",
		       space ? " T " : "", space ?: "",
		       inodes ? " I " : "", inodes ?: "");
	free(path);
	return len < 0 ? -ENOMEM : 0;
}

int fsalert_watch(struct fsalert *h, const char *path,
		  const struct fsalert_spec *spec)
{
	char *mount, *request;
	int err = fsalert_mount_of(path, &mount);

	if (err)
		return fsa_refuse(h, -err, 0, strerror(-err));
	err = compose(&request, mount, spec);
	free(mount);
	if (err)
		return fsa_refuse(h, -err, 0, strerror(-err));
	/* One file system, one request. */
	if (strpbrk(request, ";\n"))
		err = fsa_refuse(h, EINVAL, strcspn(request, ";\n"),
				 "a ';' or a newline would start another request");
	else
		err = fsalert_request(h, request);
	free(request);
	return err;
}
