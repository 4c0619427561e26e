// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuse-server MOUNTPOINT MS - mount a FUSE file system, and serve it from then
 * on; it takes MS milliseconds to tell how much space there is.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "fuse_server.h"

int main(int argc, char **argv)
{
	struct fse_fuse_control control = {
		.avail = FSE_FUSE_BLOCKS,
		.uncached = true,
	};
	char options[128];
	int fd;

	if (argc != 3)
		errx(2, "usage: fuse-server MOUNTPOINT MS");
	control.delay_ms = atoi(argv[2]);
	fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		err(1, "/dev/fuse");
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (mount("server", argv[1], "fuse.demo", 0, options))
		err(1, "%s", argv[1]);
	fse_fuse_serve(fd, 0, &control);
	return 0;
}
