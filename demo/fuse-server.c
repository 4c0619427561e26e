// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuse-server MOUNTPOINT MS [OPCODE [OPTIONS]] - mount a FUSE file system, and serve
 * it from then on; it takes MS milliseconds to tell how much space there is, and
 * requests with the number OPCODE get no answer.
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

	if (argc < 3 || argc > 5)
		errx(2, "usage: fuse-server MOUNTPOINT MS [OPCODE [OPTIONS]]");
	control.delay_ms = atoi(argv[2]);
	if (argc > 3)
		control.fail_opcode = atoi(argv[3]);
	fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		err(1, "/dev/fuse");
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0,%s", fd,
		 argc > 4 ? argv[4] : "");
	if (mount("server", argv[1], "fuse.demo", 0, options))
		err(1, "%s", argv[1]);
	fse_fuse_serve(fd, 0, &control);
	return 0;
}
