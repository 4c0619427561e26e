/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs that are started without standard files.
 */
#ifndef _STANDARD_FILES_H
#define _STANDARD_FILES_H

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * Opens those that are closed: a file that is opened later would get the number
 * of one of them, and messages for the user would be written to it.
 */
static inline void open_standard_files(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			exit(EXIT_FAILURE);
}

#endif /* _STANDARD_FILES_H */
