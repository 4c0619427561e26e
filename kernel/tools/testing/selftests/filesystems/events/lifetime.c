// SPDX-License-Identifier: GPL-2.0-only
/*
 * Common helpers of tests of a watch's lifetime.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "control.h"
#include "lifetime.h"
#include "slow.h"

int fse_fence_make(struct fse_fs *fence)
{
	return fse_fs_make(fence, "tmpfs", "fence", 4, "");
}

int fse_fence(struct fse_listener *l, const struct fse_fs *fence,
	      const char *mount)
{
	struct fse_event ev;
	int n = 0, err;

	/* A level that is crossed when set is reported at once. */
	if (fse_config("%s T 100%%", fence->mount))
		return -1;
	while ((err = fse_next(l, &ev, FSE_SOON)) > 0) {
		if (!strcmp(ev.mount, fence->mount))
			break;
		if (!mount || !strcmp(ev.mount, mount)) {
			printf("# event %u of %s, errno %u\n", ev.id, ev.mount,
			       ev.error);
			n++;
		}
	}
	if (err <= 0 || fse_config("!%s", fence->mount))
		return -1;
	return n;
}

int fse_next_unmount(struct fse_listener *l, const char *mount)
{
	struct fse_event ev;
	int err = fse_next_of(l, NULL, &ev, FSE_SOON);

	if (err <= 0) {
		printf("# no event: %d\n", err);
		return -1;
	}
	if (ev.id == FS_INFO_UNMOUNT && !strcmp(ev.mount, mount) &&
	    fse_has(&ev, FS_NL_A_ERRNO))
		return ev.error;
	printf("# event %u of %s\n", ev.id, ev.mount);
	return -1;
}

static bool watches_are(void *arg)
{
	return fse_stat("watches") == *(unsigned int *)arg;
}

bool fse_wait_watches(unsigned int nr)
{
	return fse_until(watches_are, &nr);
}

int fse_exclusive(const char *dev)
{
	int fd = open(dev, O_RDWR | O_EXCL | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int fse_umount(const char *mount)
{
	__u64 deadline = fse_now() + FSE_SOON;

	do {
		if (!umount2(mount, 0))
			return 0;
		if (errno != EBUSY)
			return -errno;
		usleep(1000);
	} while (fse_now() < deadline);
	return -EBUSY;
}

unsigned int fse_rounds(unsigned int nr)
{
	nr *= fse_factor("FSE_ROUNDS");
	return fse_slow() ? (nr + 2) / 3 : nr;
}
